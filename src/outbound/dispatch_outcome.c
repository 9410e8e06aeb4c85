/* What became of what was sent: what carriers said of its parts, until it is on disk. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "dispatch_parts.h"
#include "outbound/fate.h"
#include "outbound/receipts.h"
#include "outbound/settle.h"

#define REFUSED     "carrier: " /* what the reason of a refused message begins with */

static void again(struct dispatch *dispatch, const struct message *message, int64_t due_at,
                  const char *reason, int64_t now_ms)
{
    store_message_again(dispatch->store, message->id, message->state, due_at, reason, now_ms);
    dispatch_choose_lane(dispatch, message, now_ms);
    dispatch_wake(dispatch, message->program);
}

/* Whether that carrier's refusal means that the person opted out there. */
static bool is_opt_out(struct dispatch *dispatch, const char *carrier, uint32_t status)
{
    return fate_opts_out(carriers_config(dispatch->carriers, carrier), status);
}

static void settle_opt_out(struct dispatch *dispatch, const struct message *message,
                           const char *carrier, uint32_t status, int64_t now_ms)
{
    char by[24], text[FATE_TEXT_SIZE];
    snprintf(by, sizeof by, "status:0x%08X", (unsigned)status);
    fate_text(carriers_config(dispatch->carriers, carrier), status, text);
    const char *reason =
        region_format(loop_region(dispatch->loop), "opted out at the carrier: %s", text);
    settle_opted_out(dispatch->settle, message, carrier, by, now_ms);
    settle_move(dispatch->settle, message, MESSAGE_FAILED, reason, false, NULL, now_ms);
}

/* It passes, by what is said of it: later, or not any more. A confirmation is sent again as a message of its own. */
static void settle_passing(struct dispatch *dispatch, const struct message *message,
                           const struct fate *fate, const char *reason, int64_t now_ms)
{
    struct region *region = loop_region(dispatch->loop);
    unsigned refusals = 0;
    if (message->purpose == PURPOSE_CONFIRMATION) {
        settle_move(dispatch->settle, message, MESSAGE_FAILED, reason, true, NULL, now_ms);
        return;
    }
    if (store_message_refusals(dispatch->store, message->id, &refusals) != STORE_OK)
        return; /* the turn fails, and this answer is applied anew */
    int64_t wait_ms = fate_wait_ms(fate, ++refusals);
    if (refusals > fate->again) {
        reason = region_format(region, "%s, given up after %u %s", reason, refusals,
                               refusals == 1 ? "try" : "tries");
        settle_move(dispatch->settle, message, MESSAGE_FAILED, reason, true, NULL, now_ms);
        return;
    }
    store_message_refused(dispatch->store, message->id);
    if (!message_is_reply(message->purpose))
        order_put(dispatch->order, message);
    store_event_put(dispatch->store, message->id, now_ms,
                    region_format(region, "refused by %s: %s, tried again in %lld s",
                                  message->carrier, reason + strlen(REFUSED), (long long)wait_ms / 1000));
    again(dispatch, message, now_ms + wait_ms, reason, now_ms);
}

/* A refusal, by what the carrier's table says of its status (outbound/fate.h). */
static void settle_refused(struct dispatch *dispatch, const struct message *message,
                           uint32_t status, int64_t now_ms)
{
    const struct config_carrier *config = carriers_config(dispatch->carriers, message->carrier);
    struct fate fate = fate_of(config, status);
    char text[FATE_TEXT_SIZE];
    fate_text(config, status, text);
    const char *reason = region_format(loop_region(dispatch->loop), REFUSED "%s", text);
    if (fate.what == FATE_SLOW_DOWN) /* F132: it goes first, and that was no try */
        again(dispatch, message, message->due_at, reason, now_ms);
    else if (fate.what == FATE_RETRY || fate.what == FATE_REBIND)
        settle_passing(dispatch, message, &fate, reason, now_ms);
    else
        settle_move(dispatch->settle, message, MESSAGE_FAILED, reason, false, NULL, now_ms);
}

static enum status_fate fate_at(struct dispatch *dispatch, const char *carrier, uint32_t status)
{
    return fate_of(carriers_config(dispatch->carriers, carrier), status).what;
}

static uint32_t worse_refusal(struct dispatch *dispatch, const char *carrier, uint32_t one,
                              uint32_t other)
{
    return is_opt_out(dispatch, carrier, other)
               ? other
               : fate_worse(carriers_config(dispatch->carriers, carrier), one, other);
}

/* Those that carriers have taken: a message of several may be half sent. */
size_t dispatch_taken_parts(struct dispatch *dispatch, const struct message *message, bool is_new,
                            struct message_part parts[PARTS_LIMIT])
{
    size_t count = 0;
    if (is_new || message_submits(message) == 1)
        return 0;
    if (store_parts_of(dispatch->store, message, loop_region(dispatch->loop), parts, PARTS_LIMIT,
                       &count) == STORE_FAILED)
        store_abandon(dispatch->store); /* what isn't known to be taken must not go again */
    return count;
}

/* The first part that no carrier has taken yet, and in `last` the last that goes with it: behind that may be one that was
 * taken. Beyond the message's submits: all of them were. */
unsigned dispatch_first_part(struct dispatch *dispatch, const struct message *message, bool is_new,
                             unsigned *last)
{
    struct message_part parts[PARTS_LIMIT];
    size_t count = dispatch_taken_parts(dispatch, message, is_new, parts);
    unsigned first = 1;
    *last = (unsigned)message_submits(message);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].part > (int)first) {
            *last = (unsigned)parts[i].part - 1;
            break;
        }
        first++;
    }
    return first;
}

static bool is_taken_whole(struct dispatch *dispatch, const struct message *message)
{
    unsigned last;
    return dispatch_first_part(dispatch, message, false, &last) > (unsigned)message_submits(message);
}

/* From now on its receipt is waited for, if its carrier has a deadline for it. */
void dispatch_taken(struct dispatch *dispatch, const struct message *message, const char *reason,
                    const struct message_part *news, int64_t now_ms)
{
    const struct config_carrier *config = carriers_config(dispatch->carriers, message->carrier);
    settle_move(dispatch->settle, message, MESSAGE_SENT, reason, false, news, now_ms);
    if (config != NULL && config->receipt_deadline_ms > 0 && config->registered_delivery == 1)
        store_message_await(dispatch->store, message->id, now_ms + config->receipt_deadline_ms);
}

/* The worst of the flight's parts decides. */
static void settle_flight(struct dispatch *dispatch, struct flight *flight,
                          const struct message_part *news, int64_t now_ms)
{
    const struct message *message = &flight->message;
    bool is_unanswered = false, is_unsent = false;
    uint32_t refusal = ESME_ROK;
    flight->is_over = true;
    for (unsigned part = flight->first; part < flight->first + flight->count; part++) {
        is_unanswered = is_unanswered || flight->fates[part] == PART_UNANSWERED;
        is_unsent = is_unsent || flight->fates[part] == PART_UNSENT;
        if (flight->fates[part] == PART_REFUSED && !is_opt_out(dispatch, message->carrier, refusal))
            refusal = worse_refusal(dispatch, message->carrier, refusal, flight->statuses[part]);
    }
    if (is_opt_out(dispatch, message->carrier, refusal))
        settle_opt_out(dispatch, message, message->carrier, refusal, now_ms);
    else if (refusal != ESME_ROK && fate_at(dispatch, message->carrier, refusal) == FATE_GIVE_UP)
        settle_refused(dispatch, message, refusal, now_ms);
    else if (is_unanswered)
        settle_move(dispatch->settle, message, MESSAGE_UNKNOWN, MESSAGE_UNANSWERED, false, NULL, now_ms);
    else if (refusal != ESME_ROK)
        settle_refused(dispatch, message, refusal, now_ms);
    else if (is_unsent || (message_submits(message) > 1 && !is_taken_whole(dispatch, message)))
        again(dispatch, message, message->due_at, is_unsent ? "it did not leave" : "", now_ms);
    else
        dispatch_taken(dispatch, message, "", news, now_ms);
}

static struct message_part part_of(const struct outcome *outcome, int parts, int64_t now_ms)
{
    return (struct message_part){.message = outcome->message,
                                 .part = (int)outcome->part,
                                 .of = parts,
                                 .carrier = outcome->carrier,
                                 .carrier_id = outcome->carrier_id,
                                 .err = "",
                                 .at = now_ms};
}

/* A try before the message got the form that it has had other parts. */
static bool is_of_this_form(const struct outcome *outcome, const struct message *message)
{
    bool is_older = message->first_try != 0 && ((outcome->attempt - message->first_try) & 15) > 7;
    return !is_older && outcome->part <= (unsigned)message_submits(message);
}

/* The answer came after its time, or after a restart took the message for lost (F25, F96). What an informational
 * program was about to send again is not sent again then. */
static void apply_late(struct dispatch *dispatch, const struct outcome *outcome, int64_t now_ms)
{
    struct message message;
    if (store_message_get(dispatch->store, outcome->message, loop_region(dispatch->loop), &message) !=
        STORE_OK)
        return;
    struct message_part part = part_of(outcome, message_submits(&message), now_ms);
    const struct message_part *only = part.of == 1 ? &part : NULL;
    bool is_taken = outcome->fate == PART_ACCEPTED && is_of_this_form(outcome, &message);
    bool is_unknown = message.state == MESSAGE_UNKNOWN;
    bool is_in_doubt = is_unknown || message.state == MESSAGE_QUEUED;
    bool is_refused = outcome->fate == PART_REFUSED;
    if (is_taken && strcmp(message.carrier, outcome->carrier) != 0)
        store_try_keep(dispatch->store, message.id); /* its row will name the earlier carrier */
    if (is_taken && (only == NULL || !is_in_doubt))
        store_part_put(dispatch->store, &part);
    if (is_taken && is_in_doubt &&
        (only != NULL || is_taken_whole(dispatch, &message)))
        dispatch_taken(dispatch, &message, "answered late", only, now_ms);
    else if (is_refused && is_unknown && is_opt_out(dispatch, outcome->carrier, outcome->status))
        settle_opt_out(dispatch, &message, outcome->carrier, outcome->status, now_ms);
    else if (is_refused && is_unknown)
        settle_move(dispatch->settle, &message, MESSAGE_FAILED, "refused late",
                    fate_at(dispatch, outcome->carrier, outcome->status) != FATE_GIVE_UP, NULL, now_ms);
    if (is_taken)
        receipts_catch_up(dispatch->receipts, &part, message.number, now_ms);
}

/* The carrier's own id of a part, for whoever follows a message into the carrier's records. */
static void log_part(const struct message *message, const struct outcome *outcome)
{
    char id[MESSAGE_ID_SIZE], carrier_id[LOG_OCTETS_SIZE];
    if (!log_is_on(LOG_LEVEL_INFO))
        return;
    message_id_write(message->id, message->tail, id);
    log_info("part taken msg=%s carrier=%s part=%u of=%d carrier_id=%s", id, outcome->carrier,
             outcome->part, message_submits(message),
             log_octets(octets_text(outcome->carrier_id), carrier_id));
}

/* A payload is one submit of several parts. */
unsigned dispatch_billed(const struct message *message, unsigned submits)
{
    return message_submits(message) == 1 ? submits * (unsigned)message->parts : submits;
}

static bool is_of_flight(const struct outcome *outcome, const struct flight *flight)
{
    return flight != NULL && outcome->attempt == flight->attempt && outcome->part >= flight->first &&
           outcome->part < flight->first + flight->count;
}

void dispatch_apply(struct dispatch *dispatch, const struct outcome *outcome, int64_t now_ms)
{
    struct flight *flight = flights_find(dispatch->flights, outcome->message);
    if (!is_of_flight(outcome, flight)) {
        apply_late(dispatch, outcome, now_ms);
        return;
    }
    bool is_taken = outcome->fate == PART_ACCEPTED;
    struct message_part part = part_of(outcome, message_submits(&flight->message), now_ms);
    if (is_taken)
        log_part(&flight->message, outcome);
    if (is_taken && part.of > 1)
        store_part_put(dispatch->store, &part); /* others may have to be waited for */
    if (outcome->fate == PART_REFUSED || outcome->fate == PART_UNSENT)
        limits_give_back(dispatch->limits, flight->message.sender, dispatch_billed(&flight->message, 1));
    flight->fates[outcome->part] = outcome->fate;
    flight->statuses[outcome->part] = outcome->status;
    if (flight_is_answered(flight))
        settle_flight(dispatch, flight, part.of == 1 ? &part : NULL, now_ms);
    if (is_taken)
        receipts_catch_up(dispatch->receipts, &part, flight->message.number, now_ms);
}

void dispatch_answered(void *owner, struct carrier *carrier, uint64_t tag, unsigned part,
                       enum session_fate fate, uint32_t status, struct octets carrier_id)
{
    struct dispatch *dispatch = owner;
    if (dispatch->is_rolling_back)
        return; /* this turn never was: the row and the flight go back by themselves */
    const struct flight *flight = flights_find(dispatch->flights, flight_tag_id(tag));
    if (fate == SESSION_UNANSWERED && flight != NULL)
        dispatch_lose(dispatch, flight->message.number);
    if (dispatch->outcome_count == dispatch->outcome_room) {
        dispatch->outcome_room = dispatch->outcome_room * 2 + 64;
        dispatch->outcomes =
            mem_grow(dispatch->outcomes, dispatch->outcome_room * sizeof *dispatch->outcomes);
    }
    struct outcome *outcome = &dispatch->outcomes[dispatch->outcome_count++];
    *outcome = (struct outcome){.message = flight_tag_id(tag),
                                .attempt = flight_tag_attempt(tag),
                                .part = part,
                                .status = status,
                                .fate = fate == SESSION_UNSENT       ? PART_UNSENT
                                        : fate == SESSION_UNANSWERED ? PART_UNANSWERED
                                        : status == ESME_ROK         ? PART_ACCEPTED
                                                                     : PART_REFUSED};
    snprintf(outcome->carrier, sizeof outcome->carrier, "%s", carrier_name(carrier));
    octets_copy_text(carrier_id, outcome->carrier_id, sizeof outcome->carrier_id);
    loop_again(dispatch->loop);
}
