#include "outbound/settle.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/consent.h"
#include "notify/notify.h"

#define SLICE        200
#define RESEND_MS    60000 /* before a confirmation is sent a second time; five times that before a third */
#define AGAIN_TRIES  3     /* an informational message in doubt is given to a carrier so often at most */
#define AGAIN_MS     30000

struct settle {
    struct loop *loop;
    struct store *store;
    struct consents *consents;
    const struct programs *programs;
    struct notify *notify;
    const struct settle_events *events;
    void *owner, *queue_owner;
    uint64_t opt_outs;
};

struct settle *settle_open(struct loop *loop, struct store *store, struct consents *consents,
                           const struct programs *programs, struct notify *notify)
{
    struct settle *settle = mem_new(sizeof *settle);
    settle->loop = loop;
    settle->store = store;
    settle->consents = consents;
    settle->programs = programs;
    settle->notify = notify;
    return settle;
}

void settle_close(struct settle *settle)
{
    free(settle);
}

void settle_listen(struct settle *settle, const struct settle_events *events, void *owner,
                   void *queue_owner)
{
    settle->events = events;
    settle->owner = owner;
    settle->queue_owner = queue_owner;
}

/* ---- what waited for a confirmation ---- */

/* The held messages of the number in the program fail one by one, so that each sender hears of it. */
static void fail_held(struct settle *settle, const struct program *program, uint64_t number,
                      int64_t now_ms)
{
    size_t count = 0;
    struct region *region = loop_region(settle->loop);
    struct message *open = region_get(region, SLICE * sizeof *open);
    bool is_any = true;
    while (is_any && store_message_open_of(settle->store, number, region, open, SLICE, &count) ==
                         STORE_OK) {
        is_any = false;
        for (size_t i = 0; i < count; i++) {
            if (open[i].program != program->id || message_is_reply(open[i].purpose))
                continue;
            settle_move(settle, &open[i], MESSAGE_FAILED, "confirmation_failed", false, NULL, now_ms);
            is_any = true;
        }
        is_any = is_any && count == SLICE && !store_is_broken(settle->store);
    }
}

static void confirmation_next(struct settle *settle, const struct program *program, uint64_t number,
                              enum confirmation_fate fate, int tries, int64_t now_ms)
{
    switch (consent_confirmation_settled(settle->consents, program, number, fate, now_ms)) {
    case CONFIRMATION_RELEASE:
        if (store_message_release(settle->store, number, program->id, MESSAGE_QUEUED, "", now_ms) > 0)
            settle->events->queued(settle->queue_owner, program->id, number);
        return;
    case CONFIRMATION_RESEND:
        settle->events->confirmation_due(settle->owner, program, number,
                                         tries <= 1 ? RESEND_MS : 5 * RESEND_MS);
        return;
    case CONFIRMATION_GIVE_UP:
        log_warn("confirmation given up program=%s", program->config->name);
        fail_held(settle, program, number, now_ms);
        return;
    case CONFIRMATION_WAIT:
        return;
    }
}

static void follow_confirmation(struct settle *settle, const struct program *program,
                                const struct message *message, enum message_state to,
                                bool is_passing, int64_t now_ms)
{
    struct consent row;
    if (store_consent_get(settle->store, message->number, program->id, loop_region(settle->loop),
                          &row) != STORE_OK ||
        message->created_at < row.confirmation_since)
        return; /* it confirmed an earlier opt-in: nobody waits for it any more */
    int tries = row.confirmation_tries;
    if (to == MESSAGE_SENT || to == MESSAGE_DELIVERED)
        confirmation_next(settle, program, message->number, CONFIRMED, tries, now_ms);
    else if (to == MESSAGE_UNKNOWN || (to == MESSAGE_FAILED && is_passing))
        confirmation_next(settle, program, message->number, CONFIRMATION_IN_DOUBT, tries, now_ms);
    else if ((to == MESSAGE_FAILED || to == MESSAGE_EXPIRED) && message->state != MESSAGE_SENT)
        confirmation_next(settle, program, message->number, CONFIRMATION_REFUSED, tries, now_ms);
}

void settle_overdue_confirmations(struct settle *settle, int64_t now_ms)
{
    size_t count = 0;
    struct region *region = loop_region(settle->loop);
    struct consent *rows = region_get(region, SLICE * sizeof *rows);
    if (store_consent_unconfirmed(settle->store, now_ms - CONFIRMATION_TERM_MS, region, rows, SLICE,
                                  &count) != STORE_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct program *program = programs_find_id(settle->programs, rows[i].program);
        if (program != NULL) {
            confirmation_next(settle, program, rows[i].number, CONFIRMATION_IN_DOUBT,
                              rows[i].confirmation_tries, now_ms);
            continue;
        }
        rows[i].confirmation = CONFIRMATION_FAILED; /* its program left the config */
        store_consent_put(settle->store, &rows[i]);
    }
}

/* ---- any message ---- */

/* An informational program sends what is in doubt again, and says so in the message's events (F98). */
static void follow_doubt(struct settle *settle, const struct program *program,
                         const struct message *message, int64_t now_ms)
{
    if (message->purpose != PURPOSE_CAMPAIGN || !program_is_informational(program) ||
        message->tries >= AGAIN_TRIES || now_ms + AGAIN_MS >= message->expires_at)
        return;
    store_event_put(settle->store, message->id, now_ms,
                    "unanswered: sent again, since the program is informational; it may arrive twice");
    store_message_again(settle->store, message->id, MESSAGE_UNKNOWN, now_ms + AGAIN_MS,
                        MESSAGE_UNANSWERED, now_ms);
    settle->events->queued(settle->queue_owner, program->id, message->number);
}

static void follow(struct settle *settle, const struct told *told, bool is_passing)
{
    const struct message *message = told->message;
    enum message_state to = told->state;
    int64_t now_ms = told->now_ms;
    const struct program *program = programs_find_id(settle->programs, message->program);
    notify_message(settle->notify, told);
    if (program == NULL)
        return;
    if (message->purpose == PURPOSE_CONFIRMATION)
        follow_confirmation(settle, program, message, to, is_passing, now_ms);
    else if (to == MESSAGE_UNKNOWN)
        follow_doubt(settle, program, message, now_ms);
}

static void log_move(const struct message *message, const char *from, enum message_state to,
                     const char *reason)
{
    char id[MESSAGE_ID_SIZE], number[LOG_NUMBER_SIZE];
    if (!log_is_on(LOG_LEVEL_INFO))
        return;
    message_id_write(message->id, message->tail, id);
    log_info("message msg=%s %s -> %s why=\"%s\" purpose=%s to=%s", id, from,
             message_state_word(to), reason, message_purpose_word(message->purpose),
             log_number(message->number, number));
}

void settle_move(struct settle *settle, const struct message *message, enum message_state to,
                 const char *reason, bool is_passing, const struct message_part *news,
                 int64_t now_ms)
{
    store_message_move(settle->store, message->id, message->state, to, reason, news, now_ms);
    if (to == MESSAGE_UNKNOWN)
        store_event_put(settle->store, message->id, now_ms,
                        region_format(loop_region(settle->loop), "given to %s, in doubt: %s",
                                      message->carrier, reason));
    log_move(message, message_state_word(message->state), to, reason);
    const struct told told = {
        .message = message, .state = to, .reason = reason, .news = news, .now_ms = now_ms};
    follow(settle, &told, is_passing);
}

/* A reply to STOP that is refused says nothing new, and may come back after a START. */
void settle_opted_out(struct settle *settle, const struct message *message, const char *carrier,
                      const char *by, int64_t now_ms)
{
    struct revoked revoked;
    struct standing standing;
    const struct program *program = programs_find_id(settle->programs, message->program);
    if (program == NULL || message->purpose == PURPOSE_STOP_REPLY)
        return;
    if (consent_standing(settle->consents, program, message->number, now_ms, &standing) &&
        standing.state == STANDING_OPTED_OUT && standing.seq != 0)
        return; /* on record: the message before it was refused as well */
    struct revocation it = {.number = message->number,
                            .programs = &program,
                            .program_count = 1,
                            .written_to = program->config->name,
                            .how = "opted out at the carrier",
                            .channel = "carrier",
                            .carrier = carrier,
                            .rule = by};
    consent_revoke(settle->consents, &it, now_ms, &revoked);
    settle->opt_outs++;
    log_info("opted out at the carrier carrier=%s by=%s", carrier, by);
}

uint64_t settle_opt_outs(const struct settle *settle)
{
    return settle->opt_outs;
}

void settle_new(struct settle *settle, const struct message *message, enum message_state state,
                const char *reason, int64_t now_ms)
{
    struct message row = *message;
    row.state = state;
    row.reason = reason;
    if (message_is_final(state))
        row.done_at = now_ms;
    store_message_put(settle->store, &row);
    log_move(message, "new", state, reason);
    const struct told told = {
        .message = message, .is_new = true, .state = state, .reason = reason, .now_ms = now_ms};
    follow(settle, &told, false);
}
