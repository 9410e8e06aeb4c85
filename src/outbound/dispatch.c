#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/block.h"
#include "consent/gate.h"
#include "consent/seal.h"
#include "dispatch_parts.h"
#include "outbound/fit.h"
#include "outbound/receipts.h"
#include "outbound/route.h"
#include "outbound/settle.h"

#define BATCH       64   /* rows read from the queue at a time */
#define TURN_BUDGET 1000 /* messages dispatched in one turn: then others are heard again */
#define SLICE       200
#define TICK_MS     1000 /* scheduled and overdue ones are looked for so often */
#define LOST_LOOK_MS (60 * 1000) /* what a restored copy keeps back is looked at so often */
#define BEHIND      "behind an earlier message to the same person"
#define LOST_MS     4000 /* who writes STOP within two seconds of it waits two seconds for it (DESIGN, promise 3) */

struct dispatch *dispatch_open(struct loop *loop, struct store *store, struct ledger *ledger,
                               struct consents *consents, const struct programs *programs,
                               struct carriers *carriers, struct settle *settle,
                               struct receipts *receipts, const struct config *config)
{
    struct dispatch *dispatch = mem_new(sizeof *dispatch);
    *dispatch = (struct dispatch){.loop = loop,
                                  .store = store,
                                  .ledger = ledger,
                                  .gate = gate_open(loop, store, consents, programs),
                                  .seal = seal_open(ledger),
                                  .programs = programs,
                                  .carriers = carriers,
                                  .settle = settle,
                                  .receipts = receipts,
                                  .flights = flights_open(),
                                  .pauses = pauses_open(store),
                                  .limits = limits_open(loop, store, config),
                                  .routes = routes_open(config),
                                  .order = order_open()};
    return dispatch;
}

void dispatch_close(struct dispatch *dispatch)
{
    if (dispatch == NULL)
        return;
    timer_clear(dispatch->loop, &dispatch->tick);
    lanes_close(dispatch->lanes);
    routes_close(dispatch->routes);
    limits_close(dispatch->limits);
    flights_close(dispatch->flights);
    pauses_close(dispatch->pauses);
    order_close(dispatch->order);
    gate_close(dispatch->gate);
    seal_close(dispatch->seal);
    free(dispatch->offers);
    free(dispatch->outcomes);
    free(dispatch);
}

void dispatch_reload(struct dispatch *dispatch, const struct config *config)
{
    limits_configure(dispatch->limits, config);
    routes_configure(dispatch->routes, config);
    lanes_configure(dispatch->lanes);
}

struct gate *dispatch_gate(const struct dispatch *dispatch)
{
    return dispatch->gate;
}

struct carriers *dispatch_carriers(const struct dispatch *dispatch)
{
    return dispatch->carriers;
}

size_t dispatch_in_flight(const struct dispatch *dispatch)
{
    return flights_count(dispatch->flights);
}

/* The carrier may not have read it yet, though nobody will answer it. */
void dispatch_lose(struct dispatch *dispatch, uint64_t number)
{
    flights_lose(dispatch->flights, number, clock_mono_ms() + LOST_MS);
}

/* ---- what comes in ---- */

void dispatch_offer(struct dispatch *dispatch, const struct message *message)
{
    struct region *region = loop_region(dispatch->loop);
    if (dispatch->offer_count == dispatch->offer_room) {
        dispatch->offer_room = dispatch->offer_room * 2 + 64;
        dispatch->offers =
            mem_grow(dispatch->offers, dispatch->offer_room * sizeof *dispatch->offers);
    }
    struct message *copy = &dispatch->offers[dispatch->offer_count++];
    *copy = *message;
    copy->account = region_text(region, octets_text(message->account));
    copy->sender = region_text(region, octets_text(message->sender));
    copy->reason = region_text(region, octets_text(message->reason));
    copy->text = region_text(region, octets_text(message->text));
    copy->cargo = region_text(region, octets_text(message->cargo));
    copy->client_ref = region_text(region, octets_text(message->client_ref));
    copy->carrier = "";
}

void dispatch_wake(void *owner, int64_t program)
{
    struct dispatch *dispatch = owner;
    lanes_wake(dispatch->lanes, program);
    loop_again(dispatch->loop);
}

/* ---- where it waits ---- */

/* Where a message waits, or would. NULL: nobody sends it now. */
static struct lane *lane_of(struct dispatch *dispatch, const struct message *message, int64_t now_ms)
{
    const struct program *program = programs_find_id(dispatch->programs, message->program);
    if (program == NULL)
        return NULL;
    return lanes_get(dispatch->lanes, message->program, message_is_reply(message->purpose),
                     message->sender,
                     routes_find(dispatch->routes, program->config->name, message, now_ms));
}

/* It comes (back) into the queue: since its lane was chosen, the routes or the hour may have become others. */
void dispatch_choose_lane(struct dispatch *dispatch, const struct message *message, int64_t now_ms)
{
    const struct lane *right =
        routes_are_any(dispatch->routes) ? lane_of(dispatch, message, now_ms) : NULL;
    if (right != NULL && right->id != message->lane)
        store_message_lane(dispatch->store, message->id, right->id);
}

void dispatch_queued(void *owner, int64_t program, uint64_t number)
{
    struct dispatch *dispatch = owner;
    struct region *region = loop_region(dispatch->loop);
    struct message *open = NULL;
    size_t count = 0;
    if (routes_are_any(dispatch->routes)) {
        open = region_get(region, SLICE * sizeof *open);
        store_message_open_of(dispatch->store, number, region, open, SLICE, &count);
    }
    for (size_t i = 0; i < count; i++)
        if (open[i].program == program && open[i].state == MESSAGE_QUEUED)
            dispatch_choose_lane(dispatch, &open[i], clock_wall_ms());
    dispatch_wake(dispatch, program);
}

/* What is scheduled and due. A region of its own: there may be many of a time. */
static void choose_lanes_of_due(struct dispatch *dispatch, int64_t now_ms)
{
    int64_t due_at = 0, id = 0;
    size_t count = routes_are_any(dispatch->routes) ? SLICE : 0;
    struct region *region = count > 0 ? region_new() : NULL;
    while (count == SLICE && !store_is_broken(dispatch->store)) {
        region_clear(region);
        struct message *due = region_get(region, SLICE * sizeof *due);
        if (store_message_scheduled(dispatch->store, now_ms, due_at, id, region, due, SLICE, &count) != STORE_OK)
            break;
        for (size_t i = 0; i < count; i++) {
            dispatch_choose_lane(dispatch, &due[i], now_ms);
            due_at = due[i].due_at;
            id = due[i].id;
        }
    }
    region_free(region);
}

/* ---- sending ---- */

static void put_or_move(struct dispatch *dispatch, const struct message *message, bool is_new,
                        enum message_state to, const char *reason, int64_t now_ms)
{
    if (is_new)
        settle_new(dispatch->settle, message, to, reason, now_ms);
    else
        settle_move(dispatch->settle, message, to, reason, false, NULL, now_ms);
}

static void block(struct dispatch *dispatch, const struct message *message, bool is_new,
                  const struct finding *finding, int64_t now_ms)
{
    dispatch_count_block(dispatch, finding->verdict);
    block_record(dispatch->ledger, now_ms, programs_find_id(dispatch->programs, message->program),
                 message, finding->verdict, "dispatch", finding->why);
    put_or_move(dispatch, message, is_new, MESSAGE_BLOCKED, verdict_row(finding->verdict)->code,
                now_ms);
}

/* Back into the queue until then: it is cleared anew. */
static void wait_until(struct dispatch *dispatch, const struct message *message, bool is_new,
                       int64_t due_at, const char *reason, int64_t now_ms)
{
    struct message row = *message;
    row.due_at = due_at;
    if (is_new)
        settle_new(dispatch->settle, &row, MESSAGE_QUEUED, reason, now_ms);
    else
        store_message_wait(dispatch->store, row.id, due_at, reason);
    dispatch_wake(dispatch, row.program);
}

/* A START or a YES that came since then: whoever wrote it wants to hear, whenever their form was filled in. False: a form, or it
 * can't be read. */
static bool follows_keyword(struct dispatch *dispatch, const struct message *message, int64_t lost_until)
{
    struct ledger_row record;
    int64_t at = 0;
    return store_ledger_get(dispatch->store, message->consent_seq, loop_region(dispatch->loop), &record) == STORE_OK &&
           strcmp(record.kind, "opt_in") == 0 && time_read(octets_text(record.at), &at) && at > lost_until;
}

/* It confirms what was given in the time that a restored copy doesn't know: a STOP that nobody has brought in yet may have
 * followed. So it is looked at now and then, while what comes now is confirmed beside it. */
static bool is_of_lost_time(struct dispatch *dispatch, const struct message *message, int64_t now_ms)
{
    struct finding finding;
    int64_t lost_until = dispatch_all_held_since(dispatch);
    if (lost_until == 0 || message->purpose != PURPOSE_CONFIRMATION)
        return false;
    gate_ask(dispatch->gate, message, now_ms, &finding);
    return finding.verdict == VERDICT_ALLOWED && finding.wait == FINDING_GO &&
           (lost_until == PAUSES_UNREAD || finding.given_at <= lost_until) &&
           !follows_keyword(dispatch, message, lost_until);
}

/* The gate didn't clear it. False: it can't be judged now, and stays where it is. */
static bool not_cleared(struct dispatch *dispatch, const struct message *message, bool is_new,
                        const struct finding *finding, int64_t now_ms)
{
    if (finding->verdict != VERDICT_ALLOWED && !verdict_row(finding->verdict)->is_block)
        return false;
    if (finding->verdict != VERDICT_ALLOWED)
        block(dispatch, message, is_new, finding, now_ms);
    else if (finding->wait == FINDING_SHUT)
        wait_until(dispatch, message, is_new, finding->open_at, MESSAGE_QUIET, now_ms);
    else
        put_or_move(dispatch, message, is_new, finding_wait_state(finding->wait),
                    finding_wait_reason(finding->wait), now_ms);
    return true;
}

static void log_sending(const struct message *message, const struct carrier *carrier, bool is_new)
{
    char id[MESSAGE_ID_SIZE], number[LOG_NUMBER_SIZE];
    if (!log_is_on(LOG_LEVEL_INFO))
        return;
    message_id_write(message->id, message->tail, id);
    log_info("message msg=%s %s -> sending carrier=%s purpose=%s to=%s", id,
             is_new ? "new" : message_state_word(message->state), carrier_name(carrier),
             message_purpose_word(message->purpose), log_number(message->number, number));
}

/* Its row is that of a message on the wire from now on, and its turn's seal covers it. */
static void given(struct dispatch *dispatch, const struct message *row, bool is_new, enum fit fit)
{
    seal_add(dispatch->seal, row,
             programs_find_id(dispatch->programs, row->program)->config->name);
    if (is_new) {
        store_message_put(dispatch->store, row);
        return;
    }
    if (row->tries > 1)
        store_try_keep(dispatch->store, row->id);
    if (fit != FIT_AS_IS)
        store_message_written(dispatch->store, row);
    if (fit == FIT_ANEW)
        store_event_put(dispatch->store, row->id, clock_wall_ms(),
                        "begun anew: this carrier takes long texts in another way");
    store_message_sending(dispatch->store, row->id, row->carrier, row->consent_seq, row->seal);
}

/* ---- what holds it ---- */

/* number: 0 for any, since the carriers of a tier differ in it. */
struct hold dispatch_hold_of(struct dispatch *dispatch, const struct lane *lane, uint64_t number,
                             unsigned parts)
{
    if (!lane->is_reply && dispatch_all_held_since(dispatch) != 0)
        return (struct hold){.kind = HOLD_RESTORED};
    if (!lane->is_reply && pauses_since(dispatch->pauses, lane->program_id) != 0)
        return (struct hold){.kind = HOLD_PROGRAM_PAUSED};
    struct hold hold = limits_hold(dispatch->limits, lane->sender, parts, lane->is_reply);
    return hold.kind != HOLD_NONE
               ? hold
               : hold_find(dispatch->carriers, lane->tiers, number, lane->is_reply, parts);
}

/* Whoever waits for tokens says so, to be woken when they are there. */
static bool is_free(struct dispatch *dispatch, const struct lane *lane, const struct hold *hold,
                    unsigned parts)
{
    if (hold->kind == HOLD_THROUGHPUT)
        carrier_admits(hold->carrier, parts, lane->is_reply);
    else if (hold->limit != NULL)
        limits_ask(dispatch->limits, lane->sender, parts, lane->is_reply, hold);
    return hold->kind == HOLD_NONE;
}

/* ---- one message ---- */

/* What was ahead has gone. Others that it kept waiting, or that were refused beside it, may be ahead as well. */
static bool find_next_ahead(struct dispatch *dispatch, const struct message *message, struct message *ahead)
{
    enum store_result found =
        store_message_kept(dispatch->store, message, BEHIND, loop_region(dispatch->loop), ahead);
    if (found == STORE_NONE)
        order_drop(dispatch->order, message);
    return found == STORE_OK && ahead->id < message->id;
}

/* Until when, since an earlier message to the same person was refused and is still to be tried, or waits behind such a one;
 * 0: it isn't so. */
static int64_t behind_until(struct dispatch *dispatch, const struct message *message, int64_t now_ms)
{
    struct message ahead;
    int64_t id = message_is_reply(message->purpose) ? 0 : order_ahead(dispatch->order, message);
    if (id == 0)
        return 0;
    enum store_result found =
        store_message_get(dispatch->store, id, loop_region(dispatch->loop), &ahead);
    bool is_ahead = found == STORE_OK && ahead.state <= MESSAGE_SENDING;
    if (!is_ahead && !find_next_ahead(dispatch, message, &ahead))
        return 0;
    return ahead.due_at > now_ms ? ahead.due_at : now_ms + TICK_MS;
}

/* The form in which that carrier can be given it. False: there is none, and it has failed. */
static bool fit_to(struct dispatch *dispatch, struct message *message, struct carrier *carrier,
                   bool is_new, enum fit *fit, int64_t now_ms)
{
    struct message_part parts[PARTS_LIMIT];
    bool is_begun = dispatch_taken_parts(dispatch, message, is_new, parts) > 0;
    *fit = fit_make(message, is_begun, programs_find_id(dispatch->programs, message->program),
                    carrier, loop_region(dispatch->loop));
    if (*fit == FIT_NOT)
        put_or_move(dispatch, message, is_new, MESSAGE_FAILED, "its carrier can't be given this text",
                    now_ms);
    return *fit != FIT_NOT;
}

/* It may have more parts now than it was let go with. */
static bool is_free_anew(struct dispatch *dispatch, const struct message *message,
                         const struct lane *lane, struct carrier *carrier)
{
    unsigned parts = (unsigned)message->parts;
    struct hold hold = limits_hold(dispatch->limits, lane->sender, parts, lane->is_reply);
    if (hold.kind != HOLD_NONE)
        return is_free(dispatch, lane, &hold, parts);
    return carrier_admits(carrier, parts, lane->is_reply);
}

/* A carrier that is told how long it may try is told whole seconds: it has to be one, within the message's time. */
static bool has_too_little_left(struct dispatch *dispatch, const struct message *message,
                                const struct carrier *carrier, int64_t now_ms)
{
    const struct config_carrier *config = carriers_config(dispatch->carriers, carrier_name(carrier));
    return config->validity != CONFIG_VALIDITY_NONE && message->expires_at - now_ms < 1000;
}

/* False: the message stays in the queue, and so does what is behind it. */
static bool dispatch_one(struct dispatch *dispatch, const struct message *waiting,
                         const struct lane *lane, bool is_new, int64_t now_ms)
{
    struct finding finding;
    struct message fitted = *waiting, *message = &fitted;
    enum fit fit;
    dispatch->budget--;
    if (store_is_broken(dispatch->store))
        return false; /* nothing of this turn will be kept */
    if (dispatch_follows_campaign(dispatch, message, is_new, now_ms))
        return true;
    if (message->expires_at <= now_ms) {
        put_or_move(dispatch, message, is_new, MESSAGE_EXPIRED, "its time was over", now_ms);
        return true;
    }
    int64_t behind_ms = behind_until(dispatch, message, now_ms);
    if (behind_ms > 0) {
        wait_until(dispatch, message, is_new, behind_ms, BEHIND, now_ms);
        return true;
    }
    if (is_of_lost_time(dispatch, message, now_ms)) {
        wait_until(dispatch, message, is_new, now_ms + LOST_LOOK_MS, MESSAGE_RESTORED, now_ms);
        return true;
    }
    unsigned last, first = dispatch_first_part(dispatch, message, is_new, &last);
    if (first > (unsigned)message_submits(message)) {
        dispatch_taken(dispatch, message, "", NULL, now_ms); /* it would be given to nobody, and hold what is behind it */
        return true;
    }
    unsigned parts = dispatch_billed(message, last - first + 1);
    struct hold hold = dispatch_hold_of(dispatch, lane, message->number, parts);
    if (!is_free(dispatch, lane, &hold, parts))
        return false;
    if (has_too_little_left(dispatch, message, hold.carrier, now_ms)) {
        put_or_move(dispatch, message, is_new, MESSAGE_EXPIRED, "its time was over", now_ms);
        return true;
    }
    if (!fit_to(dispatch, message, hold.carrier, is_new, &fit, now_ms))
        return true;
    if (fit != FIT_AS_IS && !is_free_anew(dispatch, message, lane, hold.carrier))
        return false;
    struct cleared *cleared = gate_clear(dispatch->gate, message, now_ms, &finding);
    if (cleared == NULL)
        return not_cleared(dispatch, message, is_new, &finding, now_ms);
    if (fit != FIT_AS_IS) {
        first = 1;
        last = (unsigned)message_submits(message);
    }
    unsigned given_count = carrier_submit(hold.carrier, &cleared, first, last);
    if (given_count == 0)
        return false;
    limits_spend(dispatch->limits, message->sender, dispatch_billed(message, given_count));
    if (message->tries == 0)
        carrier_note_wait(hold.carrier, now_ms - (message->due_at > message->created_at ? message->due_at : message->created_at));
    log_sending(message, hold.carrier, is_new);
    struct message row = *message;
    row.state = MESSAGE_SENDING;
    row.carrier = carrier_name(hold.carrier);
    row.consent_seq = finding.consent_seq;
    row.tries++;
    row.seal = seal_place(dispatch->seal);
    flights_put(dispatch->flights, &row, first, given_count, loop_turn(dispatch->loop));
    given(dispatch, &row, is_new, fit);
    if (finding.is_counted)
        store_send_put(dispatch->store, &row, now_ms, now_ms - CAP_TERM_MOST_MS);
    return true;
}

/* ---- the queue ---- */

/* False: it is in the lane where it belongs. The routes were others when it came, or it was another hour. */
static bool moves_over(struct dispatch *dispatch, const struct message *message,
                       const struct lane *lane, int64_t now_ms)
{
    struct lane *right = lane_of(dispatch, message, now_ms);
    if (right == lane || right == NULL)
        return false;
    store_message_lane(dispatch->store, message->id, right->id);
    right->may_wait = true;
    loop_again(dispatch->loop);
    return true;
}

/* Sends what waits in a lane while there is room. */
static void drain(struct dispatch *dispatch, struct lane *lane, int64_t now_ms)
{
    struct region *region = loop_region(dispatch->loop);
    struct message *due = region_get(region, BATCH * sizeof *due);
    while (lane->may_wait && !store_is_broken(dispatch->store)) {
        size_t count = 0;
        struct hold hold = {.room = BATCH};
        if (lane->tiers != NULL)
            hold = dispatch_hold_of(dispatch, lane, 0, 1);
        if (!is_free(dispatch, lane, &hold, 1))
            return;
        if (dispatch->budget <= 0) {
            loop_again(dispatch->loop);
            return;
        }
        size_t limit = hold.room < BATCH ? hold.room : BATCH;
        if (store_lane_due(dispatch->store, lane->id, now_ms, region, due, limit, &count) ==
            STORE_FAILED)
            return;
        for (size_t i = 0; i < count; i++) {
            if (moves_over(dispatch, &due[i], lane, now_ms))
                continue;
            if (lane->tiers == NULL || !dispatch_one(dispatch, &due[i], lane, false, now_ms))
                return;
            lanes_sent(dispatch->lanes, lane);
        }
        if (count < limit)
            lane_is_empty(dispatch->lanes, lane, now_ms);
    }
}

static void drain_all(struct dispatch *dispatch, bool is_reply, int64_t now_ms)
{
    struct lane *lane;
    for (struct lane_walk walk = {0}; (lane = lanes_next(dispatch->lanes, &walk)) != NULL;)
        if (lane->is_reply == is_reply && lane->may_wait && lane->id != 0)
            drain(dispatch, lane, now_ms);
}

/* Behind a first that is held there may be some that belong to another lane by now. A slice a turn. */
static void look_through(struct dispatch *dispatch, struct lane *lane, int64_t now_ms)
{
    size_t count = 0;
    struct region *region = loop_region(dispatch->loop);
    struct message *queued = region_get(region, SLICE * sizeof *queued);
    if (lane->id == 0 || store_lane_after(dispatch->store, lane->id, lane->looked_due_at, lane->looked_id,
                                          region, queued, SLICE, &count) != STORE_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        moves_over(dispatch, &queued[i], lane, now_ms);
        lane->looked_due_at = queued[i].due_at;
        lane->looked_id = queued[i].id;
    }
    lane->is_doubtful = count == SLICE;
    if (lane->is_doubtful)
        loop_again(dispatch->loop);
}

static void look_through_all(struct dispatch *dispatch, int64_t now_ms)
{
    struct lane *lane;
    for (struct lane_walk walk = {0}; (lane = lanes_next(dispatch->lanes, &walk)) != NULL;)
        if (lane->is_doubtful && !store_is_broken(dispatch->store))
            look_through(dispatch, lane, now_ms);
}

/* It was to be held when it was accepted; in the same turn the confirmation may have been taken, or failed, or the
 * person may have left. True: it is settled. */
static bool place_held(struct dispatch *dispatch, struct message *offer, int64_t now_ms)
{
    struct finding finding;
    if (offer->state != MESSAGE_HELD)
        return false;
    gate_ask(dispatch->gate, offer, now_ms, &finding);
    if (finding.verdict != VERDICT_ALLOWED || finding.wait != FINDING_GO)
        return not_cleared(dispatch, offer, true, &finding, now_ms);
    offer->state = MESSAGE_QUEUED;
    offer->reason = "";
    return false;
}

static struct lane *choose_lane(struct dispatch *dispatch, struct message *offer, int64_t now_ms)
{
    struct lane *lane = lane_of(dispatch, offer, now_ms);
    offer->lane = lane == NULL ? 0 : lane->id;
    return lane;
}

static void queue_offer(struct dispatch *dispatch, const struct message *offer, struct lane *lane,
                        int64_t now_ms)
{
    settle_new(dispatch->settle, offer, offer->state, offer->reason, now_ms);
    if (offer->state == MESSAGE_QUEUED && lane != NULL)
        lane->may_wait = true;
}

void dispatch_put_offers(struct dispatch *dispatch)
{
    int64_t now_ms = clock_wall_ms();
    for (size_t i = 0; i < dispatch->offer_count; i++) {
        struct message *offer = &dispatch->offers[i];
        struct lane *lane = choose_lane(dispatch, offer, now_ms);
        if (!place_held(dispatch, offer, now_ms))
            queue_offer(dispatch, offer, lane, now_ms);
    }
    dispatch->offer_count = 0;
}

/* An offer goes at once if nothing waits before it and there is room; else into the queue. */
static void place_offer(struct dispatch *dispatch, struct message *offer, int64_t now_ms)
{
    bool is_reply = message_is_reply(offer->purpose);
    struct lane *lane = choose_lane(dispatch, offer, now_ms);
    if (place_held(dispatch, offer, now_ms))
        return;
    bool is_due = offer->state == MESSAGE_QUEUED && (is_reply || offer->due_at <= now_ms);
    if (is_due && lane != NULL && !lane->may_wait) {
        if (dispatch_one(dispatch, offer, lane, true, now_ms)) {
            lanes_sent(dispatch->lanes, lane);
            return;
        }
    }
    queue_offer(dispatch, offer, lane, now_ms);
}

static void place_offers(struct dispatch *dispatch, bool is_reply, int64_t now_ms)
{
    for (size_t i = 0; i < dispatch->offer_count; i++)
        if (message_is_reply(dispatch->offers[i].purpose) == is_reply)
            place_offer(dispatch, &dispatch->offers[i], now_ms);
}

/* What was done to one row of a list may have moved another of it. */
static bool is_still(struct dispatch *dispatch, const struct message *message)
{
    struct message now;
    return store_message_get(dispatch->store, message->id, loop_region(dispatch->loop), &now) ==
               STORE_OK &&
           now.state == message->state;
}

static void expire_overdue(struct dispatch *dispatch, int64_t now_ms)
{
    size_t count = 0;
    struct region *region = loop_region(dispatch->loop);
    struct message *overdue = region_get(region, SLICE * sizeof *overdue);
    if (store_message_overdue(dispatch->store, now_ms, region, overdue, SLICE, &count) != STORE_OK)
        return;
    for (size_t i = 0; i < count; i++)
        if (is_still(dispatch, &overdue[i]))
            settle_move(dispatch->settle, &overdue[i], MESSAGE_EXPIRED,
                        overdue[i].purpose == PURPOSE_STOP_REPLY
                            ? "not sent within five minutes of the STOP (R47)"
                            : "its time was over",
                        false, NULL, now_ms);
    if (count == SLICE)
        loop_again(dispatch->loop);
}

/* What waited so and so long still does, and not by how much the clock was set. */
static void follow_clock(struct dispatch *dispatch)
{
    dispatch->clock_set_by_ms += clock_set_by_ms();
    if (dispatch->clock_set_by_ms == 0)
        return;
    log_warn("the machine's clock was set by_ms=%lld", (long long)dispatch->clock_set_by_ms);
    store_message_clock_set(dispatch->store, dispatch->clock_set_by_ms);
    store_sets_clock_set(dispatch->store, dispatch->clock_set_by_ms);
    store_webhook_clock_set(dispatch->store, dispatch->clock_set_by_ms);
    store_enrolment_clock_set(dispatch->store, dispatch->clock_set_by_ms);
    dispatch->is_clock_followed = true;
    lanes_wake_all(dispatch->lanes);
}

static void tick_rings(void *owner)
{
    struct dispatch *dispatch = owner;
    int64_t now_ms = clock_wall_ms();
    follow_clock(dispatch);
    timer_set(dispatch->loop, &dispatch->tick, TICK_MS, tick_rings, dispatch);
    flights_forget_lost(dispatch->flights, clock_mono_ms());
    choose_lanes_of_due(dispatch, now_ms);
    if (store_message_wake(dispatch->store, now_ms) > 0)
        lanes_wake_all(dispatch->lanes);
    lanes_wake_due(dispatch->lanes, now_ms);
    if (routes_have_turned(dispatch->routes, now_ms))
        lanes_doubt(dispatch->lanes);
    expire_overdue(dispatch, now_ms);
    settle_overdue_confirmations(dispatch->settle, now_ms);
    receipts_overdue(dispatch->receipts, now_ms);
}

void dispatch_turn(void *owner)
{
    struct dispatch *dispatch = owner;
    int64_t now_ms = clock_wall_ms();
    if (!timer_is_set(&dispatch->tick))
        timer_set(dispatch->loop, &dispatch->tick, TICK_MS, tick_rings, dispatch);
    for (; dispatch->applied_count < dispatch->outcome_count; dispatch->applied_count++) {
        const struct outcome outcome = dispatch->outcomes[dispatch->applied_count];
        dispatch_apply(dispatch, &outcome, now_ms); /* which may withdraw others: the list grows */
    }
    dispatch->budget = TURN_BUDGET;
    look_through_all(dispatch, now_ms);
    drain_all(dispatch, true, now_ms);
    place_offers(dispatch, true, now_ms);
    drain_all(dispatch, false, now_ms);
    place_offers(dispatch, false, now_ms);
    seal_put(dispatch->seal, now_ms);
    limits_put(dispatch->limits);
    lanes_turn_over(dispatch->lanes);
}

/* ---- somebody left ---- */

struct person {
    struct dispatch *dispatch;
    uint64_t number;
};

static bool is_for(void *who, uint64_t tag, unsigned part)
{
    const struct person *person = who;
    (void)part;
    const struct flight *flight = flights_find(person->dispatch->flights, flight_tag_id(tag));
    return flight != NULL && flight->message.number == person->number;
}

void dispatch_went_out(void *owner, uint64_t number)
{
    struct dispatch *dispatch = owner;
    struct person person = {.dispatch = dispatch, .number = number};
    struct region *region = loop_region(dispatch->loop);
    struct message *open = region_get(region, SLICE * sizeof *open);
    struct finding finding;
    int64_t now_ms = clock_wall_ms();
    size_t count = SLICE;
    bool is_any = true;
    /* What is taken back returns to the queue, where the gate sees it again in this very turn. */
    carriers_withdraw(dispatch->carriers, is_for, &person);
    while (is_any && count == SLICE && !store_is_broken(dispatch->store) &&
           store_message_open_of(dispatch->store, number, region, open, SLICE, &count) == STORE_OK) {
        is_any = false;
        for (size_t i = 0; i < count; i++) {
            gate_ask(dispatch->gate, &open[i], now_ms, &finding);
            if (finding.verdict == VERDICT_ALLOWED || !verdict_row(finding.verdict)->is_block ||
                finding.verdict == VERDICT_QUIET_HOURS || finding.verdict == VERDICT_FREQUENCY_CAP)
                /* those are no word of the person's */
                continue;
            block(dispatch, &open[i], false, &finding, now_ms);
            is_any = true;
        }
    }
}

void dispatch_came_free(void *owner, uint64_t number, int64_t program)
{
    struct dispatch *dispatch = owner;
    if (store_message_release(dispatch->store, number, program, MESSAGE_QUEUED, "",
                              clock_wall_ms()) > 0)
        dispatch_queued(dispatch, program, number);
}

unsigned dispatch_unanswered(struct dispatch *dispatch, uint64_t number,
                             const struct session *except)
{
    struct person person = {.dispatch = dispatch, .number = number};
    return carriers_unanswered(dispatch->carriers, except, is_for, &person) +
           flights_lost_of(dispatch->flights, number, clock_mono_ms());
}

/* What was ever given to a carrier is not ours to take back (F369): it may have arrived, in part or whole. */
bool dispatch_is_untouched(const struct message *message)
{
    return message->state < MESSAGE_OPEN_BELOW && message->tries == 0 &&
           !message_is_reply(message->purpose);
}

bool dispatch_cancel(struct dispatch *dispatch, const struct message *message, int64_t now_ms)
{
    if (!dispatch_is_untouched(message))
        return false;
    settle_move(dispatch->settle, message, MESSAGE_CANCELLED, "its sender took it back", false, NULL,
                now_ms);
    return true;
}

void dispatch_replace(struct dispatch *dispatch, const struct message *message,
                      const struct message *old, int64_t now_ms)
{
    char id[MESSAGE_ID_SIZE];
    must(dispatch_is_untouched(old) && message->id == old->id);
    struct message row = *message;
    row.lane = old->lane;
    store_message_replace(dispatch->store, message, old->state);
    if (row.state == MESSAGE_QUEUED)
        dispatch_choose_lane(dispatch, &row, now_ms);
    store_event_put(dispatch->store, old->id, now_ms, "its sender replaced it");
    message_id_write(old->id, old->tail, id);
    log_info("message msg=%s %s -> %s why=\"its sender replaced it\"", id,
             message_state_word(old->state), message_state_word(message->state));
    dispatch_wake(dispatch, old->program);
}

/* ---- the emergency stop ---- */

struct stop {
    struct dispatch *dispatch;
    int64_t program;
};

static bool is_stopped(void *who, uint64_t tag, unsigned part)
{
    const struct stop *stop = who;
    (void)part;
    const struct flight *flight = flights_find(stop->dispatch->flights, flight_tag_id(tag));
    return flight != NULL && flight->message.program == stop->program &&
           !message_is_reply(flight->message.purpose);
}

void dispatch_pause(struct dispatch *dispatch, int64_t program, int64_t now_ms)
{
    struct stop stop = {.dispatch = dispatch, .program = program};
    pauses_put(dispatch->pauses, program, now_ms);
    carriers_withdraw(dispatch->carriers, is_stopped, &stop);
}

void dispatch_resume(struct dispatch *dispatch, int64_t program)
{
    pauses_drop(dispatch->pauses, program);
    dispatch_wake(dispatch, program);
}

int64_t dispatch_paused_since(struct dispatch *dispatch, int64_t program)
{
    return pauses_since(dispatch->pauses, program);
}

void dispatch_hold_all(struct dispatch *dispatch, int64_t now_ms)
{
    pauses_drop(dispatch->pauses, PAUSES_ALL); /* of a copy of a copy: that one's time was another */
    pauses_put(dispatch->pauses, PAUSES_ALL, now_ms);
}

void dispatch_release_all(struct dispatch *dispatch)
{
    pauses_drop(dispatch->pauses, PAUSES_ALL);
    for (size_t i = 0; i < programs_count(dispatch->programs); i++)
        dispatch_wake(dispatch, programs_at(dispatch->programs, i)->id);
}

int64_t dispatch_all_held_since(struct dispatch *dispatch)
{
    return pauses_since(dispatch->pauses, PAUSES_ALL);
}

/* ---- the start ---- */

/* Those that were refused and are still to be tried. */
static bool recover_order(struct dispatch *dispatch, struct region *region, struct message *rows)
{
    size_t count = SLICE;
    int64_t after = 0;
    while (count == SLICE) {
        region_clear(region);
        if (store_message_refused_list(dispatch->store, after, region, rows, SLICE, &count) != STORE_OK)
            return false;
        for (size_t i = 0; i < count; i++) {
            after = rows[i].id;
            if (!message_is_reply(rows[i].purpose))
                order_put(dispatch->order, &rows[i]);
        }
    }
    return true;
}

bool dispatch_recover(struct dispatch *dispatch)
{
    size_t count = SLICE;
    dispatch->lanes =
        lanes_open(dispatch->loop, dispatch->store, dispatch->programs, dispatch->routes);
    if (dispatch->lanes == NULL)
        return false;
    struct region *region = region_new();
    struct message *stranded = mem_new(SLICE * sizeof *stranded);
    int64_t now_ms = clock_wall_ms(), total = 0;
    enum store_result result = STORE_OK;
    while (count == SLICE && result == STORE_OK && !store_is_broken(dispatch->store)) {
        region_clear(region);
        result = store_message_stranded(dispatch->store, region, stranded, SLICE, &count);
        for (size_t i = 0; result == STORE_OK && i < count; i++) {
            dispatch_lose(dispatch, stranded[i].number);
            settle_move(dispatch->settle, &stranded[i], MESSAGE_UNKNOWN,
                        "the gateway ended before the answer", false, NULL, now_ms);
        }
        total += (int64_t)count;
    }
    bool is_read = recover_order(dispatch, region, stranded);
    free(stranded);
    region_free(region);
    if (total > 0)
        log_warn("messages in doubt after a crash count=%lld", (long long)total);
    return result != STORE_FAILED && is_read;
}

/* ---- what must not leave any more ---- */

struct deadline {
    struct dispatch *dispatch;
    int64_t now_ms;
};

static bool is_too_late(void *who, uint64_t tag, unsigned part)
{
    const struct deadline *deadline = who;
    (void)part;
    const struct flight *flight = flights_find(deadline->dispatch->flights, flight_tag_id(tag));
    return flight != NULL && flight->message.expires_at <= deadline->now_ms;
}

/* Frames leave after the commit, which may have taken its time, and where a carrier doesn't read they wait for longer. What is
 * taken back returns to the queue, and expires there. */
static void take_back_late(struct dispatch *dispatch)
{
    struct deadline deadline = {.dispatch = dispatch, .now_ms = clock_wall_ms()};
    if (flights_count(dispatch->flights) > 0)
        carriers_withdraw(dispatch->carriers, is_too_late, &deadline);
}

/* ---- commit and rollback ---- */

static bool is_over(void *who, const struct flight *flight)
{
    (void)who;
    return flight->is_over;
}

static bool is_of_turn(void *who, const struct flight *flight)
{
    const struct dispatch *dispatch = who;
    return flight->turn == loop_turn(dispatch->loop);
}

static void not_over(void *who, struct flight *flight)
{
    (void)who;
    flight->is_over = false;
}

void dispatch_committed(struct dispatch *dispatch)
{
    if (dispatch->applied_count > 0) {
        flights_drop(dispatch->flights, is_over, NULL);
        memmove(dispatch->outcomes, dispatch->outcomes + dispatch->applied_count,
                (dispatch->outcome_count - dispatch->applied_count) * sizeof *dispatch->outcomes);
        dispatch->outcome_count -= dispatch->applied_count;
        dispatch->applied_count = 0;
    }
    dispatch->offer_count = 0;
    if (dispatch->is_clock_followed)
        dispatch->clock_set_by_ms = 0;
    dispatch->is_clock_followed = false;
    dispatch->written = dispatch->counts;
    lanes_committed(dispatch->lanes);
    take_back_late(dispatch);
}

void dispatch_rolling_back(struct dispatch *dispatch)
{
    dispatch->is_rolling_back = true;
}

/* The outcomes are applied anew until they can be written: only what the carrier said is kept. */
void dispatch_rolled_back(struct dispatch *dispatch)
{
    dispatch->is_rolling_back = false;
    dispatch->is_clock_followed = false; /* the next tick does it again */
    dispatch->offer_count = 0;
    dispatch->applied_count = 0;
    dispatch->counts = dispatch->written;
    flights_drop(dispatch->flights, is_of_turn, dispatch);
    flights_each(dispatch->flights, not_over, NULL);
    pauses_rolled_back(dispatch->pauses);
    limits_rolled_back(dispatch->limits);
    lanes_rolled_back(dispatch->lanes);
    take_back_late(dispatch);
}
