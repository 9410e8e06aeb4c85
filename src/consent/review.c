#include "consent/review.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent_parts.h"

#define OPEN_MOST     32  /* of one number: one for each program that it wrote to */
#define PROGRAMS_MOST 256 /* consents of one number */
#define SLICE         100
#define DAY_MS        INT64_C(86400000)

static const char *const words[] = {[REVIEW_OPEN] = "open",
                                    [REVIEW_OPT_OUT] = "opt_out",
                                    [REVIEW_NONE] = "none",
                                    [REVIEW_OVERDUE] = "overdue"};

const char *review_state_word(enum review_state state)
{
    return state >= REVIEW_OPEN && state <= REVIEW_OVERDUE ? words[state] : "invalid";
}

enum review_state review_state_find(const char *word)
{
    for (int state = REVIEW_OPEN; state <= REVIEW_OVERDUE; state++)
        if (strcmp(words[state], word) == 0)
            return (enum review_state)state;
    return 0;
}

/* So many business days later. Federal holidays count as business days here, which R45 doesn't ask: that is
 * early, never late. */
static int64_t business_days_after(int64_t at_ms, int64_t days)
{
    while (days > 0) {
        at_ms += DAY_MS;
        int64_t weekday = (at_ms / DAY_MS + 4) % 7; /* 0 is Sunday: 1 January 1970 was a Thursday */
        days -= weekday >= 1 && weekday <= 5;
    }
    return at_ms;
}

/* ---- what is held ---- */

/* A STOP to the program that it was written to would have ended that one too. Where that program is unknown, or
 * gone from the config, everything is held. */
static bool covers(const struct consents *consents, const struct review *review,
                   const struct program *program)
{
    const char *name;
    const struct program *to = programs_find_id(consents->programs, review->program);
    if (to == NULL)
        return true;
    enum optout_scope scope = program_scope(to, &name);
    return program_is_in_scope(program, scope, name);
}

/* What the person did in the program after writing it is clearer than the text. A form is the person's own only with the
 * YES, where the program asks for one. */
static bool is_outdated(const struct review *review, const struct consent *row, int64_t now_ms)
{
    if (row->awaits_yes)
        return false;
    bool has_new_form = row->has_opted_in && row->seq > review->seq &&
                        row->collected_at > review->opened_at && row->collected_at <= now_ms;
    return row->lifted_seq > review->seq || has_new_form;
}

static int64_t holding(const struct consents *consents, const struct review *open, size_t count,
                       const struct consent *row, int64_t now_ms)
{
    const struct program *program = programs_find_id(consents->programs, row->program);
    for (size_t i = 0; program != NULL && i < count; i++)
        if (covers(consents, &open[i], program) && !is_outdated(&open[i], row, now_ms))
            return open[i].id;
    return 0;
}

static bool open_reviews(struct consents *consents, uint64_t number, struct review **open,
                         size_t *count)
{
    struct region *region = loop_region(consents->loop);
    *open = region_get(region, OPEN_MOST * sizeof **open);
    if (store_review_open_of(consents->store, number, region, *open, OPEN_MOST, count) == STORE_OK)
        return true;
    store_abandon(consents->store); /* what can't be read is not taken for none */
    return false;
}

bool review_is_open(struct consents *consents, const struct program *program, uint64_t number)
{
    struct review *open;
    size_t count;
    if (!open_reviews(consents, number, &open, &count))
        return true;
    for (size_t i = 0; i < count; i++)
        if (covers(consents, &open[i], program))
            return true;
    return false;
}

/* Each consent of the number gets the review that holds it, or none; what comes free may go. */
static void hold(struct consents *consents, uint64_t number, int64_t now_ms)
{
    struct review *open;
    size_t open_count, count;
    struct region *region = loop_region(consents->loop);
    struct consent *rows = region_get(region, PROGRAMS_MOST * sizeof *rows);
    if (!open_reviews(consents, number, &open, &open_count))
        return;
    if (store_consents_of(consents->store, number, region, rows, PROGRAMS_MOST, &count) != STORE_OK) {
        store_abandon(consents->store);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t was = rows[i].review;
        rows[i].review = holding(consents, open, open_count, &rows[i], now_ms);
        if (rows[i].review == was)
            continue;
        consent_row_put(consents, &rows[i]);
        if (rows[i].review == 0 && consents->events != NULL)
            consents->events->came_free(consents->owner, number, rows[i].program);
    }
}

/* ---- opening and closing ---- */

static const char *name_of(const struct consents *consents, int64_t program)
{
    const struct program *found = programs_find_id(consents->programs, program);
    return found == NULL ? "" : found->config->name;
}

static int64_t due_of(const struct revocation *as, int64_t now_ms)
{
    int64_t days = INT64_MAX;
    for (size_t i = 0; i < as->program_count; i++)
        if (as->programs[i]->config->review_days < days)
            days = as->programs[i]->config->review_days;
    return business_days_after(now_ms, as->program_count == 0 ? 0 : days);
}

static int64_t record_opening(struct consents *consents, const struct revocation *as,
                              int64_t now_ms, int64_t due_at)
{
    char due[TIME_TEXT_SIZE];
    time_write(due_at, due);
    json_t *payload = json_pack("{s:s,s:s,s:s,s:s}", "state", "open", "rule", as->rule, "carrier",
                                as->carrier, "due_at", due);
    return consent_append(consents, now_ms, "review", as->written_to, as->number, payload);
}

enum review_opening review_open(struct consents *consents, const struct revocation *as,
                                const struct program *program, int64_t now_ms, int64_t *seq,
                                int64_t *due_at)
{
    struct review *open;
    size_t count;
    struct review review = {.id = as->inbound,
                            .number = as->number,
                            .program = program == NULL ? 0 : program->id,
                            .opened_at = now_ms,
                            .due_at = due_of(as, now_ms),
                            .state = REVIEW_OPEN,
                            .closed_by = "",
                            .note = ""};
    if (consent_is_out_of_all(consents, as))
        return REVIEW_NEEDLESS;
    if (!open_reviews(consents, as->number, &open, &count))
        return REVIEW_JOINED;
    for (size_t i = 0; i < count; i++)
        if (open[i].program == review.program)
            return REVIEW_JOINED;
    struct change change;
    change_begin(consents, as->number, NULL, now_ms, &change);
    review.seq = record_opening(consents, as, now_ms, review.due_at);
    store_review_put(consents->store, &review);
    hold(consents, as->number, now_ms);
    if (consents->events != NULL)
        consents->events->went_out(consents->owner, as->number);
    change_end(consents, &change, "review");
    *seq = review.seq;
    *due_at = review.due_at;
    return REVIEW_OPENED;
}

static void close_row(struct consents *consents, const struct review *review,
                      enum review_state state, const char *by, const char *note, int64_t now_ms)
{
    struct review closed = *review;
    closed.state = state;
    closed.closed_at = now_ms;
    closed.closed_by = by;
    closed.note = note;
    store_review_put(consents->store, &closed);
}

/* It was none: that is a decision to be proved as well. */
static void record_none(struct consents *consents, const struct review *review, const char *by,
                        const char *note, int64_t now_ms)
{
    json_t *payload = json_pack("{s:s,s:I,s:s,s:s}", "state", "none", "opened",
                                (json_int_t)review->seq, "by", by, "note", note);
    consent_append(consents, now_ms, "review", name_of(consents, review->program), review->number,
                   payload);
}

/* It was a STOP: the revocation is that of the text. Where the text can't be read, every program ends. */
static void revoke(struct consents *consents, const struct review *review, const char *how,
                   const char *account, const char *note, int64_t now_ms)
{
    struct inbound text = {.text = ""};
    struct revoked revoked;
    char id[MESSAGE_ID_SIZE] = "";
    bool is_read = store_inbound_get(consents->store, review->id, loop_region(consents->loop),
                                     &text) == STORE_OK;
    if (is_read)
        message_id_write(text.id, text.tail, id);
    struct revocation it = {.number = review->number,
                            .written_to = name_of(consents, review->program),
                            .how = how,
                            .channel = "sms",
                            .note = note,
                            .account = account,
                            .carrier = is_read ? text.carrier : "",
                            .rule = is_read ? text.rule : "",
                            .inbound = review->id,
                            .inbound_id = id,
                            .text = is_read ? text.text : ""};
    revocation_aim(consents, &it, programs_find_id(consents->programs, review->program));
    consent_revoke(consents, &it, now_ms, &revoked);
}

void review_decide(struct consents *consents, const struct review *review, enum review_state to,
                   const char *by, const char *note, int64_t now_ms)
{
    struct change change;
    must(review->state == REVIEW_OPEN && (to == REVIEW_OPT_OUT || to == REVIEW_NONE));
    change_begin(consents, review->number, NULL, now_ms, &change);
    close_row(consents, review, to, by, note, now_ms);
    if (to == REVIEW_OPT_OUT)
        revoke(consents, review, "a text was read as a STOP", by, note, now_ms);
    else
        record_none(consents, review, by, note, now_ms);
    hold(consents, review->number, now_ms);
    change_end(consents, &change, "review");
}

static void review_end(struct consents *consents, const struct review *review, int64_t now_ms)
{
    struct change change;
    change_begin(consents, review->number, NULL, now_ms, &change);
    close_row(consents, review, REVIEW_OVERDUE, "the term", "nobody read it in time", now_ms);
    revoke(consents, review, "wrote what may have meant STOP, and nobody read it in time", "", "", now_ms);
    hold(consents, review->number, now_ms);
    change_end(consents, &change, "review");
}

void reviews_overdue(struct consents *consents, int64_t now_ms)
{
    size_t count = 0;
    struct region *region = loop_region(consents->loop);
    struct review *due = region_get(region, SLICE * sizeof *due);
    if (store_review_overdue(consents->store, now_ms, region, due, SLICE, &count) != STORE_OK)
        return;
    for (size_t i = 0; i < count; i++)
        review_end(consents, &due[i], now_ms);
    if (count == SLICE)
        loop_again(consents->loop);
}

/* ---- what the person did later ---- */

void reviews_after_opt_out(struct consents *consents, uint64_t number, const struct ended *ended,
                           size_t ended_count, const char *how, int64_t now_ms)
{
    struct review *open;
    size_t count;
    if (!open_reviews(consents, number, &open, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        const struct program *to = programs_find_id(consents->programs, open[i].program);
        if (to != NULL && ended_covers(to, ended, ended_count))
            close_row(consents, &open[i], REVIEW_OPT_OUT, how, "", now_ms);
    }
    if (count > 0)
        hold(consents, number, now_ms);
}

void reviews_after_opt_in(struct consents *consents, const struct program *program,
                          const struct consent *row, int64_t now_ms)
{
    struct review *open;
    size_t count;
    if (!open_reviews(consents, row->number, &open, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        if (open[i].program != program->id || !is_outdated(&open[i], row, now_ms))
            continue;
        close_row(consents, &open[i], REVIEW_NONE, "the person", "opted in after it", now_ms);
        record_none(consents, &open[i], "the person", "opted in after it", now_ms);
    }
    if (count > 0)
        hold(consents, row->number, now_ms);
}
