/* Calls an account whose receiver is away while something waits for it: we connect, say outbind, and whoever is there
 * binds as a receiver (F47). One call at a time for each account, ever more rarely while none of them leads to a bind. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/log.h"
#include "base/must.h"
#include "consent/account.h"
#include "smpp_door_parts.h"

#define AGAIN_FIRST_MS 10000 /* after a call, and after the end of a bind that came of one; then doubled */
#define AGAIN_MOST_MS  600000

struct caller {
    TAILQ_ENTRY(caller) line;
    struct smpp_door *door;
    char *account;
    bool is_calling; /* there is a connection that came of it */
    int64_t wait_ms; /* before the next */
    struct timer timer;
};

static struct caller *caller_find(const struct smpp_door *door, const char *account)
{
    struct caller *caller;
    TAILQ_FOREACH(caller, &door->callers, line)
    {
        if (strcmp(caller->account, account) == 0)
            return caller;
    }
    return NULL;
}

static const struct config_account *config_of(const struct caller *caller)
{
    const struct account *account = accounts_find(caller->door->gateway->accounts, caller->account);
    return account == NULL ? NULL : account->config;
}

/* What can't be read is looked for again later. */
static bool has_something(const struct caller *caller)
{
    size_t count = 0;
    struct handover row;
    struct gateway *gateway = caller->door->gateway;
    return store_handover_next(gateway->store, caller->account, 0, loop_region(gateway->loop), &row,
                               1, &count) == STORE_FAILED ||
           count > 0;
}

/* ---- calling ---- */

static void call(struct caller *caller, const struct config_account *config)
{
    struct session_settings settings = session_settings_default;
    struct session_bind outbind = {.system_id = config->outbind_system_id,
                                   .password = config->outbind_password,
                                   .system_type = ""};
    struct client *client = client_new(caller->door);
    caller->is_calling = true;
    client->called = mem_text(caller->account);
    log_info("calling account=%s host=%s port=%ld", caller->account, config->outbind_host,
             config->outbind_port);
    client->session =
        session_call(caller->door->gateway->loop, config->outbind_host,
                     (uint16_t)config->outbind_port, &outbind, &settings, &client_events, client);
}

static void caller_rings(void *owner);

static void ring_in(struct caller *caller, int64_t wait_ms)
{
    timer_set(caller->door->gateway->loop, &caller->timer, wait_ms, caller_rings, caller);
}

static void caller_rings(void *owner)
{
    struct caller *caller = owner;
    const struct config_account *config = config_of(caller);
    if (config == NULL || handover_has_receiver(caller->door, caller->account) ||
        !has_something(caller))
        return;
    if (door_is_full(caller->door) || descriptors_are_short())
        ring_in(caller, AGAIN_FIRST_MS);
    else
        call(caller, config);
}

/* ---- what happens ---- */

void outbind_wants(struct smpp_door *door, const char *account)
{
    struct caller *caller = caller_find(door, account);
    if (caller != NULL && !caller->is_calling && !timer_is_set(&caller->timer))
        ring_in(caller, 0);
}

void outbind_bound(struct client *client)
{
    struct caller *caller = client->called == NULL ? NULL : caller_find(client->door, client->called);
    if (caller != NULL)
        caller->wait_ms = AGAIN_FIRST_MS;
}

void outbind_closed(struct client *client)
{
    struct caller *caller = client->called == NULL ? NULL : caller_find(client->door, client->called);
    if (caller == NULL)
        return;
    caller->is_calling = false;
    ring_in(caller, caller->wait_ms);
    caller->wait_ms = caller->wait_ms < AGAIN_MOST_MS / 2 ? 2 * caller->wait_ms : AGAIN_MOST_MS;
}

/* ---- who may be called ---- */

static void caller_free(struct caller *caller)
{
    TAILQ_REMOVE(&caller->door->callers, caller, line);
    timer_clear(caller->door->gateway->loop, &caller->timer);
    free(caller->account);
    free(caller);
}

static void caller_add(struct smpp_door *door, const char *account)
{
    struct caller *caller = mem_new(sizeof *caller);
    *caller = (struct caller){
        .door = door, .account = mem_text(account), .wait_ms = AGAIN_FIRST_MS};
    TAILQ_INSERT_TAIL(&door->callers, caller, line);
    ring_in(caller, 0);
}

/* The host may be another: the next call goes there, and at once where none is under way. */
static void caller_keep(struct caller *caller)
{
    caller->wait_ms = AGAIN_FIRST_MS;
    if (!caller->is_calling)
        ring_in(caller, 0);
}

static bool is_callable(const struct config_account *config)
{
    return config != NULL && config->outbind_host[0] != '\0';
}

void outbind_configure(struct smpp_door *door)
{
    const struct accounts *accounts = door->gateway->accounts;
    struct caller *next;
    for (struct caller *caller = TAILQ_FIRST(&door->callers); caller != NULL; caller = next) {
        next = TAILQ_NEXT(caller, line);
        if (is_callable(config_of(caller)))
            caller_keep(caller);
        else
            caller_free(caller);
    }
    for (size_t i = 0; i < accounts_count(accounts); i++) {
        const struct account *account = accounts_at(accounts, i);
        if (is_callable(account->config) && caller_find(door, account->name) == NULL)
            caller_add(door, account->name);
    }
}

void outbind_stop(struct smpp_door *door)
{
    struct caller *caller;
    while ((caller = TAILQ_FIRST(&door->callers)) != NULL)
        caller_free(caller);
}
