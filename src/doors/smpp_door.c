/* Connections: who may come in, which request goes where, and the answers of a turn. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/link.h"
#include "base/log.h"
#include "base/must.h"
#include "base/tls.h"
#include "consent/account.h"
#include "consent/verdict.h"
#include "notify/notify.h"
#include "guard.h"
#include "smpp_door_parts.h"

#define OUR_NAME      "Assent"
#define CLIENTS_MOST  2000
#define REFUSED_MS    1000 /* F158: what guesses passwords has to wait */
#define LEAVE_WAIT_MS 1000 /* for answers to what we have delivered */

/* ---- answers ---- */

/* To a 5.0 client whose account has a rate: how near it is to it (F66, F135). Gives the answer with room for one TLV
 * more. */
static struct pdu with_congestion(const struct client *client, const struct pdu *answer,
                                  struct tlv tlvs[2], uint8_t room[4])
{
    struct pdu out = *answer;
    const struct gateway *gateway = client->door->gateway;
    const struct account *account = client->account == NULL || session_version(client->session) < 0x50
                                        ? NULL
                                        : accounts_find(gateway->accounts, client->account);
    int load = account == NULL ? -1 : accept_congestion(gateway->accept, account);
    if (load < 0)
        return out;
    must(answer->tlv_count <= 1);
    if (answer->tlv_count > 0)
        tlvs[0] = answer->tlvs[0];
    tlvs[out.tlv_count++] = tlv_number(TLV_congestion_state, (uint32_t)load, room);
    out.tlvs = tlvs;
    return out;
}

void client_answer(struct client *client, const struct pdu *request, const struct pdu *answer)
{
    uint8_t room[4];
    struct tlv tlvs[2];
    struct smpp_door *door = client->door;
    struct pdu full = with_congestion(client, answer, tlvs, room);
    if (door->answered_count == door->answered_room) {
        door->answered_room = 2 * door->answered_room + 64;
        door->answered = mem_grow(door->answered, door->answered_room * sizeof *door->answered);
    }
    door->answered[door->answered_count++] =
        (struct answered){.client = client,
                          .command_id = request->command_id,
                          .sequence_number = request->sequence_number};
    session_answer(client->session, request, &full, 0);
}

void client_refuse(struct client *client, const struct pdu *request, uint32_t status,
                   const char *text)
{
    struct tlv tlv = tlv_text(TLV_additional_status_info_text, text);
    client_answer(client, request,
                  &(struct pdu){.command_status = status, .tlvs = &tlv, .tlv_count = 1});
}

/* ---- binds ---- */

static void refused_rings(void *owner)
{
    struct client *client = owner;
    session_close(client->session, SESSION_NOT_ALLOWED);
}

/* The address without its port and its brackets. */
static void peer_address(const struct client *client, char out[INET6_ADDRSTRLEN])
{
    const char *peer = session_peer(client->session), *colon = strrchr(peer, ':');
    size_t length = colon == NULL ? strlen(peer) : (size_t)(colon - peer);
    bool is_v6 = peer[0] == '[' && length >= 2;
    snprintf(out, INET6_ADDRSTRLEN, "%.*s", (int)(is_v6 ? length - 2 : length), peer + is_v6);
}

/* by: the command that they were bound with; 0: any. */
static long binds_of(const struct smpp_door *door, const char *account, uint32_t by)
{
    long count = 0;
    const struct client *client;
    TAILQ_FOREACH(client, &door->clients, line)
    count += client->account != NULL && (by == 0 || client->bound_by == by) &&
             strcmp(client->account, account) == 0;
    return count;
}

static bool may_bind_more(const struct smpp_door *door, const struct account *account, uint32_t by)
{
    const struct config_account *config = account->config;
    long most = config->max_binds, most_so = by == SMPP_bind_transmitter ? config->max_transmitters
                                            : by == SMPP_bind_receiver   ? config->max_receivers
                                                                       : config->max_transceivers;
    return (most == 0 || binds_of(door, account->name, 0) < most) &&
           (most_so == 0 || binds_of(door, account->name, by) < most_so);
}

static void bind_refuse(struct client *client, const struct pdu *bind, uint32_t status,
                        const char *why)
{
    char system_id[LOG_OCTETS_SIZE];
    log_info("sender refused peer=%s system_id=%s as=%s why=\"%s\"", session_peer(client->session),
             log_octets(bind->system_id, system_id), pdu_command_name(bind->command_id), why);
    session_want_read(client->session, false);
    session_answer(client->session, bind, &(struct pdu){.command_status = status}, 0);
    timer_set(client->door->gateway->loop, &client->end, REFUSED_MS, refused_rings, client);
}

/* Whoever logs in from an address that is shut hears what a wrong password hears, and the password is not looked at
 * (F158). NULL: refused. */
static const struct account *login(struct client *client, const struct pdu *bind)
{
    struct smpp_door *door = client->door;
    char address[INET6_ADDRSTRLEN];
    int64_t now_ms = clock_mono_ms();
    peer_address(client, address);
    struct guest_mark mark = guard_mark(address, bind->system_id, bind->password);
    if (guard_wait_ms(door->guard, &mark, now_ms) > 0) {
        bind_refuse(client, bind, ESME_RBINDFAIL, "too many wrong passwords from this address");
        return NULL;
    }
    const struct account *account =
        accounts_find_login(door->gateway->accounts, bind->system_id, bind->password);
    bool submits = bind->command_id != SMPP_bind_receiver;
    if (account != NULL)
        guard_passed(door->guard, &mark);
    else if (guard_failed(door->guard, &mark, now_ms))
        log_warn("address shut out for a while address=%s why=\"too many wrong passwords\"", address);
    if (account == NULL || (submits && !account_has_role(account, CONFIG_ROLE_SENDER))) {
        bind_refuse(client, bind, ESME_RBINDFAIL,
                    account == NULL ? "unknown system_id or wrong password" : "it lacks the role sender");
        return NULL;
    }
    if (client->called != NULL &&
        (strcmp(client->called, account->name) != 0 || bind->command_id == SMPP_bind_transmitter)) {
        bind_refuse(client, bind, ESME_RBINDFAIL, "it was called to be a receiver of another account");
        return NULL;
    }
    if (client->called == NULL && !account_may_come_from(account, address)) {
        bind_refuse(client, bind, ESME_RBINDFAIL, "the account may not come from this address");
        return NULL;
    }
    if (!may_bind_more(door, account, bind->command_id)) {
        bind_refuse(client, bind, ESME_RALYBND, "the account has as many sessions as it may have");
        return NULL;
    }
    return account;
}

static void bind_heard(struct client *client, const struct pdu *bind)
{
    struct smpp_door *door = client->door;
    const struct account *account = login(client, bind);
    if (account == NULL)
        return;
    char name[128];
    snprintf(name, sizeof name, "%.100s/%llu", account->name,
             (unsigned long long)++door->next_name);
    log_info("sender bound name=%s peer=%s as=%s version=%02X", name, session_peer(client->session),
             pdu_command_name(bind->command_id), session_version(client->session));
    client->account = mem_text(account->name);
    client->bound_by = bind->command_id;
    client->system_id = mem_text(account->config->system_id);
    client->password = config_digest_of(bind->password);
    door->bound_count++;
    session_set_name(client->session, name);
    session_set_answers_most(client->session, (unsigned)account->config->window);
    session_accept_bind(client->session, bind, OUR_NAME);
    if (session_may_hear(client->session))
        handover_join(client);
    outbind_bound(client);
}

/* ---- what a session tells ---- */

/* Each time: a receiver may be bound without the role, and a reload may take it away. */
static bool is_sender(const struct client *client)
{
    const struct account *account =
        client->account == NULL ? NULL
                                : accounts_find(client->door->gateway->accounts, client->account);
    return account != NULL && account_has_role(account, CONFIG_ROLE_SENDER);
}

static void session_heard(void *owner, struct session *session, const struct pdu *pdu)
{
    struct client *client = owner;
    (void)session;
    bool is_bind = pdu->command_id == SMPP_bind_transmitter ||
                   pdu->command_id == SMPP_bind_receiver || pdu->command_id == SMPP_bind_transceiver;
    if (!is_bind && !is_sender(client)) {
        client_refuse(client, pdu, verdict_row(VERDICT_ROLE_REQUIRED)->smpp_status, "role_required");
        return;
    }
    switch (pdu->command_id) {
    case SMPP_bind_transmitter:
    case SMPP_bind_receiver:
    case SMPP_bind_transceiver:
        bind_heard(client, pdu);
        break;
    case SMPP_submit_sm:
    case SMPP_data_sm:
        submit_heard(client, pdu);
        break;
    case SMPP_submit_multi:
        multi_heard(client, pdu);
        break;
    case SMPP_replace_sm:
        replace_heard(client, pdu);
        break;
    case SMPP_query_sm:
        query_heard(client, pdu);
        break;
    case SMPP_cancel_sm:
        cancel_heard(client, pdu);
        break;
    default: /* known, and not offered (F121) */
        client_refuse(client, pdu, ESME_RINVCMDID, "not_built");
    }
}

static void session_answered(void *owner, struct session *session, uint64_t tag, unsigned part,
                             enum session_fate fate, const struct pdu *response)
{
    (void)session;
    (void)part;
    handover_answered(owner, tag, fate, response);
}

static void client_free(void *dead)
{
    struct client *client = dead;
    free(client->account);
    free(client->called);
    free(client->system_id);
    free(client);
}

static void session_closed(void *owner, struct session *session, enum session_reason reason,
                           uint32_t status)
{
    struct client *client = owner;
    struct smpp_door *door = client->door;
    (void)reason;
    (void)status;
    (void)session;
    deviants_keep(client);
    client->session = NULL;
    handover_leave(client);
    outbind_closed(client);
    timer_clear(door->gateway->loop, &client->end);
    TAILQ_REMOVE(&door->clients, client, line);
    door->client_count--;
    if (client->account != NULL)
        door->bound_count--;
    loop_bury(door->gateway->loop, client_free, client);
}

const struct session_events client_events = {
    .request = session_heard, .answered = session_answered, .closed = session_closed};

bool door_is_full(const struct smpp_door *door)
{
    return door->client_count >= CLIENTS_MOST;
}

struct client *client_new(struct smpp_door *door)
{
    struct client *client = mem_new(sizeof *client);
    client->door = door;
    TAILQ_INSERT_TAIL(&door->clients, client, line);
    door->client_count++;
    return client;
}

static void accepted(void *owner, int fd)
{
    struct smpp_door *door = owner;
    if (door_is_full(door)) {
        log_warn("sender turned away: %d connections are open", CLIENTS_MOST);
        close(fd);
        return;
    }
    struct client *client = client_new(door);
    struct session_settings settings = session_settings_default;
    settings.tls = door->tls;
    client->session = session_adopt(door->gateway->loop, fd, &settings, &client_events, client);
}

/* ---- the turn ---- */

void smpp_door_turn(void *owner)
{
    struct smpp_door *door = owner;
    if (door->has_work)
        handover_turn(door);
}

static void read_on(const struct answered *was)
{
    if (was->command_id == SMPP_submit_multi && was->client->session != NULL)
        session_want_read(was->client->session, true);
}

void smpp_door_committed(struct smpp_door *door)
{
    for (size_t i = 0; i < door->answered_count; i++)
        read_on(&door->answered[i]);
    door->answered_count = 0;
    handover_committed(door);
}

void smpp_door_rolled_back(struct smpp_door *door)
{
    struct client *client;
    TAILQ_FOREACH(client, &door->clients, line)
    session_rollback(client->session);
    for (size_t i = 0; i < door->answered_count; i++) {
        const struct answered *was = &door->answered[i];
        struct pdu request = {.command_id = was->command_id,
                              .sequence_number = was->sequence_number};
        if (was->client->session != NULL)
            session_answer(was->client->session, &request,
                           &(struct pdu){.command_status = ESME_RSYSERR}, 0);
        read_on(was);
    }
    door->answered_count = 0;
    handover_rolled_back(door);
}

/* ---- opening and closing ---- */

struct smpp_door *smpp_door_open(struct gateway *gateway, struct tls *tls, char *error)
{
    char wanted[300];
    const struct config_address *listen = &gateway->config->smpp.listen;
    bool is_v6 = strchr(listen->host, ':') != NULL;
    snprintf(wanted, sizeof wanted, is_v6 ? "[%s]:%u" : "%s:%u", listen->host,
             (unsigned)listen->port);
    struct smpp_door *door = mem_new(sizeof *door);
    door->gateway = gateway;
    door->guard = guard_open();
    TAILQ_INIT(&door->clients);
    TAILQ_INIT(&door->trays);
    TAILQ_INIT(&door->callers);
    door->listener = listener_open(gateway->loop, wanted, accepted, door, error);
    if (door->listener == NULL) {
        guard_close(door->guard);
        free(door);
        return NULL;
    }
    smpp_door_secure(door, tls);
    door->address = mem_text(listener_address(door->listener));
    notify_listen(gateway->notify, handover_waits, door);
    outbind_configure(door);
    return door;
}

void smpp_door_secure(struct smpp_door *door, struct tls *tls)
{
    tls_close(door->tls);
    door->tls = tls_share(tls);
}

const char *smpp_door_address(const struct smpp_door *door)
{
    return door->address;
}

uint64_t smpp_door_shut_out(const struct smpp_door *door)
{
    return guard_shut_count(door->guard);
}

size_t smpp_door_sessions(const struct smpp_door *door)
{
    return door->bound_count;
}

/* Whether it would be let in as it was, by the config that is in force now. */
static bool may_stay(const struct client *client)
{
    char address[INET6_ADDRSTRLEN];
    const struct account *account = accounts_find(client->door->gateway->accounts, client->account);
    if (account == NULL || !account_login_stands(account, client->system_id, client->password))
        return false;
    peer_address(client, address);
    return client->called != NULL || account_may_come_from(account, address);
}

static void show_out_strangers(struct smpp_door *door)
{
    struct client *next;
    for (struct client *client = TAILQ_FIRST(&door->clients); client != NULL; client = next) {
        next = TAILQ_NEXT(client, line);
        if (client->account == NULL || client->session == NULL || may_stay(client))
            continue;
        log_info("sender is to leave account=%s peer=%s why=\"the config would not let it in any more\"",
                 client->account, session_peer(client->session));
        session_leave(client->session, LEAVE_WAIT_MS);
    }
}

void smpp_door_configured(struct smpp_door *door)
{
    show_out_strangers(door);
    outbind_configure(door);
}

void smpp_door_stop(struct smpp_door *door)
{
    outbind_stop(door);
    listener_close(door->listener);
    door->listener = NULL;
    struct client *next;
    for (struct client *client = TAILQ_FIRST(&door->clients); client != NULL; client = next) {
        next = TAILQ_NEXT(client, line);
        session_leave(client->session, LEAVE_WAIT_MS);
    }
}

void smpp_door_close(struct smpp_door *door)
{
    if (door == NULL)
        return;
    notify_listen(door->gateway->notify, NULL, NULL);
    outbind_stop(door);
    listener_close(door->listener);
    struct client *client;
    while ((client = TAILQ_FIRST(&door->clients)) != NULL)
        session_close(client->session, SESSION_STOPPING);
    handover_close(door);
    tls_close(door->tls);
    guard_close(door->guard);
    deviants_wipe(door);
    free(door->answered);
    free(door->address);
    free(door);
}
