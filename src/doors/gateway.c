#include "doors/gateway.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "config/secure.h"
#include "consent/account.h"
#include "consent/change.h"
#include "consent/consent.h"
#include "consent/erasure.h"
#include "consent/ledger.h"
#include "consent/ledger_watch.h"
#include "consent/program.h"
#include "consent/signature.h"
#include "doors/http.h"
#include "doors/manager.h"
#include "doors/smpp_door.h"
#include "inbound/inbound.h"
#include "inbound/reply.h"
#include "notify/courier.h"
#include "notify/notify.h"
#include "outbound/accept.h"
#include "outbound/campaigns.h"
#include "outbound/carrier.h"
#include "outbound/dispatch.h"
#include "outbound/receipts.h"
#include "outbound/restoration.h"
#include "outbound/settle.h"
#include "outbound/history.h"
#include "outbound/watch.h"
#include "smpp/session.h"
#include "store/store.h"

#define LEAVE_MS 5000 /* INTERFACE: how long open submits are awaited at the end; answers too */
#define END_LOOK_MS 20 /* at whether they are taken */
#define TELL_MS 5000 /* between two lines of how far a start on a copy is */
#define HEAD_MS  (60 * 60 * 1000)
#define ERASURE_MS      (10 * 60 * 1000) /* between looks for what is to be erased … */
#define ERASURE_NEXT_MS 500              /* … and between slices, so that messages pass */

/* ---- the turn ---- */

static void turn_http(void *owner)
{
    struct gateway *gateway = owner;
    http_turn(gateway->http);
}

static void turn_inbound(void *owner)
{
    struct gateway *gateway = owner;
    inbounds_turn(gateway->inbounds);
}

static void turn_campaigns(void *owner)
{
    struct gateway *gateway = owner;
    campaigns_turn(gateway->campaigns);
}

static void turn_dispatch(void *owner)
{
    struct gateway *gateway = owner;
    dispatch_turn(gateway->dispatch);
}

static void turn_door(void *owner)
{
    struct gateway *gateway = owner;
    smpp_door_turn(gateway->smpp_door);
}

/* Behind all that make events. */
static void turn_courier(void *owner)
{
    struct gateway *gateway = owner;
    courier_turn(gateway->courier);
}

static void committed(struct gateway *gateway)
{
    dispatch_committed(gateway->dispatch);
    consents_committed(gateway->consents);
    inbounds_committed(gateway->inbounds);
    smpp_door_committed(gateway->smpp_door);
    courier_committed(gateway->courier);
    ledger_committed(gateway->ledger);
    ledger_watch_committed(gateway->ledger_watch);
}

/* What is kept of programs is of those that were. */
static void forget_programs(struct gateway *gateway)
{
    consents_reloaded(gateway->consents);
    dispatch_reload(gateway->dispatch, gateway->config);
}

/* Nothing of this turn was: frames are dropped, and memory becomes what the disk says. */
static void rolled_back(struct gateway *gateway)
{
    gateway->commits_failed++;
    log_error("commit failed, nothing of this turn is kept why=\"%s\"", store_fault(gateway->store));
    dispatch_rolling_back(gateway->dispatch);
    carriers_rolled_back(gateway->carriers);
    dispatch_rolled_back(gateway->dispatch);
    smpp_door_rolled_back(gateway->smpp_door);
    accept_rolled_back(gateway->accept);
    consents_rolled_back(gateway->consents);
    inbounds_rolled_back(gateway->inbounds);
    courier_rolled_back(gateway->courier);
    bool is_read = ledger_reload(gateway->ledger) && accounts_reload(gateway->accounts) &&
                   campaigns_rolled_back(gateway->campaigns);
    if (gateway->reloaded_turn == loop_turn(gateway->loop)) {
        /* The numbers that new programs were given are not on disk: they are given anew, in the next turn. None is
         * asked for: as long as the disk is full it would fail at once, and so would the one after it. */
        is_read = is_read && programs_reload(gateway->programs, gateway->config, gateway->store);
        forget_programs(gateway);
        gateway->reloaded_turn++;
    }
    carriers_drop_unwritten(gateway->carriers);
    if (!is_read)
        gateway->is_lost = true;
}

static void turn_commit(void *owner)
{
    struct gateway *gateway = owner;
    accept_put(gateway->accept);
    bool was_writing = store_is_writing(gateway->store);
    int64_t began_ms = clock_mono_ms();
    loop_disk_begins(gateway->loop);
    enum store_commit result = store_commit(gateway->store);
    loop_disk_ends(gateway->loop);
    if (was_writing)
        histogram_put(&gateway->commits, clock_mono_ms() - began_ms);
    if (result == STORE_COMMITTED) {
        committed(gateway);
        if (was_writing)
            campaigns_moved(gateway->campaigns);
        http_release(gateway->http, true);
        return;
    }
    rolled_back(gateway);
    http_release(gateway->http, false);
    if (result == STORE_LOST)
        gateway->is_lost = true;
    if (!gateway->is_lost)
        return;
    log_error("what is on disk is not known any more: ending, to start anew from disk");
    loop_stop(gateway->loop);
}

/* ---- wiring ---- */

static void carrier_has_room(void *owner)
{
    (void)owner; /* the dispatcher looks in every turn, and this is one */
}

static void carrier_answered(void *owner, struct carrier *carrier, uint64_t tag, unsigned part,
                             enum session_fate fate, uint32_t status, struct octets carrier_id)
{
    struct gateway *gateway = owner;
    dispatch_answered(gateway->dispatch, carrier, tag, part, fate, status, carrier_id);
}

static void carrier_heard(void *owner, struct carrier *carrier, struct session *session,
                          int64_t link, const struct pdu *pdu)
{
    struct gateway *gateway = owner;
    inbounds_heard(gateway->inbounds, carrier, session, link, pdu);
}

static void carrier_unreadable(void *owner, struct carrier *carrier, struct session *session,
                               int64_t link, const struct pdu *header, struct octets frame)
{
    struct gateway *gateway = owner;
    inbounds_unreadable(gateway->inbounds, carrier, session, link, header, frame);
}

static const struct carrier_events carrier_events = {.answered = carrier_answered,
                                                     .heard = carrier_heard,
                                                     .unreadable = carrier_unreadable,
                                                     .has_room = carrier_has_room};

static void confirmation_due(void *owner, const struct program *program, uint64_t number,
                             int64_t wait_ms)
{
    struct gateway *gateway = owner;
    struct standing standing;
    int64_t now_ms = clock_wall_ms();
    if (consent_standing(gateway->consents, program, number, now_ms, &standing) &&
        (standing.state == STANDING_OPTED_IN || standing.state == STANDING_AWAITING_CONFIRMATION))
        reply_confirmation(gateway->replies, program, number, NULL, standing.seq, wait_ms, now_ms,
                           NULL);
}

static const struct settle_events settle_events = {.confirmation_due = confirmation_due,
                                                   .queued = dispatch_queued};

static const struct consents_events consents_events = {.went_out = dispatch_went_out,
                                                       .came_free = dispatch_came_free};

/* ---- opening ---- */

static void watch_ledger(struct gateway *gateway)
{
    uint8_t public_key[SIGN_PUBLIC_SIZE];
    if (gateway->sign_key != NULL)
        sign_public(gateway->sign_key, public_key);
    gateway->ledger_watch = ledger_watch_open(gateway->loop, gateway->ledger, gateway->config->database,
                                              gateway->sign_key == NULL ? NULL : public_key);
}

/* The config was judged with it; since then the file may have changed. */
static bool open_key(struct gateway *gateway, char error[GATEWAY_ERROR_SIZE])
{
    char why[SIGN_WHY_SIZE];
    const char *file = gateway->config->ledger.signing_key;
    if (file[0] == '\0')
        return true;
    gateway->sign_key = sign_open(file, why);
    if (gateway->sign_key == NULL)
        snprintf(error, GATEWAY_ERROR_SIZE, "ledger: signing_key: %.200s %s", file, why);
    return gateway->sign_key != NULL;
}

static bool open_rooms(struct gateway *g)
{
    g->programs = programs_open(g->config, g->store);
    g->ledger = ledger_open(g->store);
    g->accounts = accounts_open(g->loop, g->config, g->store);
    if (g->programs == NULL || g->ledger == NULL || g->accounts == NULL)
        return false;
    g->consents = consents_open(g->loop, g->store, g->ledger, g->programs);
    g->carriers = carriers_open(g->loop, g->store);
    g->courier = courier_open(g->loop, g->store, g->accounts, g->config);
    if (g->courier == NULL)
        return false;
    g->notify = notify_open(g->loop, g->store, g->accounts, g->programs, g->courier);
    g->settle = settle_open(g->loop, g->store, g->consents, g->programs, g->notify);
    g->receipts = receipts_open(g->loop, g->store, g->carriers, g->settle);
    g->dispatch = dispatch_open(g->loop, g->store, g->ledger, g->consents, g->programs,
                                g->carriers, g->settle, g->receipts, g->config);
    g->accept = accept_open(g->loop, g->store, g->ledger, g->consents, g->programs, g->dispatch,
                            g->config->default_country);
    g->campaigns = campaigns_open(g->loop, g->store, g->accept, g->dispatch, g->consents, g->programs,
                                  g->accounts);
    if (g->campaigns == NULL)
        return false;
    g->replies = replies_open(g->accept, g->consents);
    struct inbounds_parts parts = {.loop = g->loop,
                                   .store = g->store,
                                   .ledger = g->ledger,
                                   .programs = g->programs,
                                   .consents = g->consents,
                                   .carriers = g->carriers,
                                   .dispatch = g->dispatch,
                                   .receipts = g->receipts,
                                   .replies = g->replies,
                                   .notify = g->notify,
                                   .pool = accept_pool(g->accept)};
    g->inbounds = inbounds_open(&parts);
    carriers_listen(g->carriers, &carrier_events, g);
    settle_listen(g->settle, &settle_events, g, g->dispatch);
    consents_listen(g->consents, &consents_events, g->dispatch);
    consents_watch(g->consents, &notify_consents, g->notify);
    consents_watch(g->consents, &sequence_consents, g->campaigns);
    return true;
}

struct restorer gateway_restorer(struct gateway *gateway)
{
    return (struct restorer){.loop = gateway->loop,
                             .store = gateway->store,
                             .ledger = gateway->ledger,
                             .settle = gateway->settle,
                             .dispatch = gateway->dispatch,
                             .campaigns = gateway->campaigns};
}

/* A long queue takes minutes, and whoever waits for the ready line is told how far it is. */
static void tell_how_far(const struct gateway *gateway, int64_t *next_ms)
{
    char line[80];
    struct restoration copy;
    if (clock_mono_ms() < *next_ms || !store_restoration(gateway->store, &copy) || copy.copy_of == 0)
        return;
    *next_ms = clock_mono_ms() + TELL_MS;
    snprintf(line, sizeof line, "setting aside what waited in the copy: %lld messages so far", (long long)copy.set_aside);
    log_warn("starting on a copy: %s", line);
    manager_say_starting(line);
}

/* Before anything of a copy is taken for what is still to be done. */
static bool settle_copy(struct gateway *gateway)
{
    struct restorer restorer = gateway_restorer(gateway);
    enum restored restored;
    int64_t next_ms = 0;
    do {
        tell_how_far(gateway, &next_ms);
        restored = restoration_slice(&restorer, clock_wall_ms());
        if (store_commit(gateway->store) != STORE_COMMITTED)
            return false;
        region_clear(loop_region(gateway->loop));
    } while (restored == RESTORED_MORE);
    return restored == RESTORED_DONE;
}

static void sign_head(struct gateway *gateway)
{
    if (gateway->sign_key != NULL)
        signature_append(gateway->ledger, gateway->sign_key, clock_wall_ms());
}

/* What an earlier run left. */
static bool recover(struct gateway *gateway)
{
    if (!settle_copy(gateway))
        return false;
    store_links_end_all(gateway->store);
    inbounds_recover(gateway->inbounds);
    sign_head(gateway);
    return dispatch_recover(gateway->dispatch) && store_commit(gateway->store) == STORE_COMMITTED;
}

static bool open_doors(struct gateway *gateway, char *error)
{
    struct secured secured;
    if (!secured_open(gateway->config, &secured, error, GATEWAY_ERROR_SIZE))
        return false;
    gateway->http = http_open(gateway, secured.http, error);
    if (gateway->http != NULL)
        gateway->smpp_door = smpp_door_open(gateway, secured.smpp, error);
    if (gateway->smpp_door != NULL)
        carriers_configure(gateway->carriers, gateway->config, secured.carriers);
    secured_wipe(&secured);
    return gateway->smpp_door != NULL;
}

/* For whoever keeps heads elsewhere. */
static void log_head(const struct gateway *gateway)
{
    char hash[DIGEST_HEX_SIZE], signature[SIGNATURE_HEX_SIZE] = "none";
    int64_t seq = ledger_head(gateway->ledger, hash);
    if (gateway->sign_key != NULL)
        signature_make(gateway->sign_key, seq, hash, signature);
    log_info("ledger head seq=%lld hash=%s signature=%s", (long long)seq, hash, signature);
}

static void head_rings(void *owner)
{
    struct gateway *gateway = owner;
    sign_head(gateway);
    log_head(gateway);
    timer_set(gateway->loop, &gateway->head_timer, HEAD_MS, head_rings, gateway);
}

static void erasure_rings(void *owner)
{
    struct gateway *gateway = owner;
    bool has_more =
        erasure_slice(gateway->consents, &gateway->config->retention, clock_wall_ms());
    timer_set(gateway->loop, &gateway->erasure_timer, has_more ? ERASURE_NEXT_MS : ERASURE_MS,
              erasure_rings, gateway);
}

struct gateway *gateway_open(const struct config *config, char error[GATEWAY_ERROR_SIZE])
{
    struct gateway *gateway = mem_new(sizeof *gateway);
    gateway->config = config;
    gateway->loop = loop_open();
    session_serve(gateway->loop);
    gateway->started_at = clock_wall_ms();
    gateway->started_mono_ms = clock_mono_ms();
    gateway->store = store_open(config->database, error);
    if (gateway->store == NULL || !open_key(gateway, error)) {
        gateway_close(gateway);
        return NULL;
    }
    snprintf(error, GATEWAY_ERROR_SIZE, "the database %s can't be read", config->database);
    bool is_open = open_rooms(gateway);
    if (is_open) {
        is_open = recover(gateway);
        if (!is_open)
            snprintf(error, GATEWAY_ERROR_SIZE, "the database %s can't be written: %s",
                     config->database, store_fault(gateway->store));
    }
    if (!is_open || !open_doors(gateway, error)) {
        gateway_close(gateway);
        return NULL;
    }
    gateway->watch = watch_open(gateway->loop, gateway->store, gateway->dispatch);
    watch_ledger(gateway);
    gateway->history = history_open(gateway->loop, gateway->carriers, gateway->dispatch);
    loop_at(gateway->loop, LOOP_DISPATCH, turn_http, gateway);
    loop_at(gateway->loop, LOOP_DISPATCH, turn_inbound, gateway);
    loop_at(gateway->loop, LOOP_DISPATCH, turn_campaigns, gateway);
    loop_at(gateway->loop, LOOP_DISPATCH, turn_dispatch, gateway);
    loop_at(gateway->loop, LOOP_DISPATCH, turn_door, gateway);
    loop_at(gateway->loop, LOOP_DISPATCH, turn_courier, gateway);
    loop_at(gateway->loop, LOOP_COMMIT, turn_commit, gateway);
    head_rings(gateway);
    timer_set(gateway->loop, &gateway->erasure_timer, ERASURE_NEXT_MS, erasure_rings, gateway);
    return gateway;
}

const char *gateway_http_address(const struct gateway *gateway)
{
    return http_address(gateway->http);
}

const char *gateway_smpp_address(const struct gateway *gateway)
{
    return smpp_door_address(gateway->smpp_door);
}

/* ---- reloading ---- */

/* What can say no, before anything is another. */
static bool may_reload(struct gateway *gateway, const struct config *config,
                       struct secured *secured, char error[GATEWAY_ERROR_SIZE])
{
    const char *fixed = config_needs_restart(gateway->config, config);
    if (gateway->is_leaving)
        snprintf(error, GATEWAY_ERROR_SIZE, "the gateway is stopping");
    else if (fixed != NULL)
        snprintf(error, GATEWAY_ERROR_SIZE, "%s is another: that needs a restart", fixed);
    else if (secured_open(config, secured, error, GATEWAY_ERROR_SIZE))
        return true;
    return false;
}

static void take_over(struct gateway *gateway, const struct config *config,
                      const struct secured *secured)
{
    gateway->config = config;
    gateway->reloaded_turn = loop_turn(gateway->loop);
    http_configure(gateway->http, secured->http);
    smpp_door_secure(gateway->smpp_door, secured->smpp);
    carriers_configure(gateway->carriers, config, secured->carriers);
    accept_set_country(gateway->accept, config->default_country);
    forget_programs(gateway);
    if (!accounts_reconfigure(gateway->accounts, config))
        gateway->is_lost = true; /* half of one config and half of another serve nobody */
    smpp_door_configured(gateway->smpp_door);
    courier_configure(gateway->courier, config);
    if (gateway->is_lost)
        loop_stop(gateway->loop);
}

bool gateway_reload(struct gateway *gateway, const struct config *config,
                    char error[GATEWAY_ERROR_SIZE])
{
    struct secured secured;
    if (!may_reload(gateway, config, &secured, error))
        return false;
    bool is_written = programs_reload(gateway->programs, config, gateway->store);
    if (is_written)
        take_over(gateway, config, &secured);
    else
        snprintf(error, GATEWAY_ERROR_SIZE, "the database can't be written: %s",
                 store_fault(gateway->store));
    secured_wipe(&secured);
    return is_written;
}

/* ---- running and ending ---- */

bool gateway_run(struct gateway *gateway)
{
    loop_run(gateway->loop);
    return !gateway->is_lost;
}

/* The last answers are given time to be taken: nobody could ask for them again. */
static void end_rings(void *owner)
{
    struct gateway *gateway = owner;
    if (http_is_idle(gateway->http) || clock_mono_ms() >= gateway->end_at_ms)
        loop_stop(gateway->loop);
    else
        timer_set(gateway->loop, &gateway->end_timer, END_LOOK_MS, end_rings, gateway);
}

/* What the closing sessions still told is settled in one more turn. */
static void carriers_gone(void *owner)
{
    struct gateway *gateway = owner;
    timer_set(gateway->loop, &gateway->end_timer, 0, end_rings, gateway);
}

void gateway_stop(struct gateway *gateway)
{
    if (gateway->is_leaving) {
        loop_stop(gateway->loop);
        return;
    }
    gateway->is_leaving = true;
    gateway->end_at_ms = clock_mono_ms() + LEAVE_MS;
    log_info("stopping: no new work, open submits are awaited for %d s", LEAVE_MS / 1000);
    http_stop(gateway->http);
    smpp_door_stop(gateway->smpp_door);
    campaigns_stop(gateway->campaigns);
    courier_stop(gateway->courier);
    carriers_leave(gateway->carriers, LEAVE_MS, carriers_gone, gateway);
}

/* One that can't be written any more is not missed: the log's line is signed as well. */
static void last_head(struct gateway *gateway)
{
    accounts_write_uses(gateway->accounts);
    sign_head(gateway);
    if (store_commit(gateway->store) != STORE_COMMITTED && !ledger_reload(gateway->ledger))
        return;
    log_head(gateway);
}

void gateway_close(struct gateway *gateway)
{
    if (gateway == NULL)
        return;
    if (gateway->ledger != NULL && gateway->is_leaving)
        last_head(gateway);
    timer_clear(gateway->loop, &gateway->head_timer);
    timer_clear(gateway->loop, &gateway->erasure_timer);
    timer_clear(gateway->loop, &gateway->end_timer);
    http_close(gateway->http);
    smpp_door_close(gateway->smpp_door);
    carriers_close(gateway->carriers);
    inbounds_close(gateway->inbounds);
    replies_close(gateway->replies);
    campaigns_close(gateway->campaigns);
    accept_close(gateway->accept);
    watch_close(gateway->watch);
    history_close(gateway->history);
    ledger_watch_close(gateway->ledger_watch);
    dispatch_close(gateway->dispatch);
    receipts_close(gateway->receipts);
    settle_close(gateway->settle);
    notify_close(gateway->notify);
    courier_close(gateway->courier);
    consents_close(gateway->consents);
    accounts_close(gateway->accounts);
    ledger_close(gateway->ledger);
    sign_close(gateway->sign_key);
    programs_close(gateway->programs);
    store_close(gateway->store);
    loop_close(gateway->loop);
    free(gateway);
}
