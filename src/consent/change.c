#include "consent/change.h"

#include <jansson.h>

#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/ledger.h"
#include "consent/number.h"
#include "consent_parts.h"

struct view {
    const struct program *program;
    struct standing standing;
    struct reachable reachable;
    const char *contact_ref;
    bool is_on_record; /* in the program itself */
};

void consents_watch(struct consents *consents, const struct consents_watch *watch, void *owner)
{
    must(consents->watch_count < CONSENTS_WATCHES);
    consents->watches[consents->watch_count].watch = watch;
    consents->watches[consents->watch_count++].owner = owner;
}

/* ---- what is so ---- */

static bool may_text(const struct program *program, const struct standing *standing)
{
    bool is_held = standing->review != 0 && !program_is_informational(program);
    return standing->state == STANDING_OPTED_IN && standing->confirmation == CONFIRMATION_TAKEN && !is_held;
}

static const char *text_of(json_t *payload, const char *name, struct region *region)
{
    const char *text = json_string_value(json_object_get(payload, name));
    return text == NULL ? "" : region_text(region, octets_text(text));
}

static bool is_own_act(const char *source)
{
    static const char *const acts[] = {"web_form", "paper", "voice", "keyword"};
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(acts[i], source) == 0)
            return true;
    return false;
}

/* A STOP came by text, and names the text; so does a review. */
static bool is_revoked_otherwise(const struct consent *row, const struct optout *optout)
{
    return optout->seq > row->lifted_seq && optout->inbound == 0;
}

/* Where the record is gone, or erased, it says nothing. */
static bool read_record(struct consents *consents, const struct consent *row, const struct optout *optout,
                        struct view *view)
{
    struct ledger_row record;
    struct region *region = loop_region(consents->loop);
    view->contact_ref = "";
    view->is_on_record = row->seq != 0;
    if (row->seq == 0)
        return true;
    enum store_result found = store_ledger_get(consents->store, row->seq, region, &record);
    json_t *payload = found == STORE_OK && record.payload != NULL ? json_loads(record.payload, 0, NULL) : NULL;
    view->contact_ref = text_of(payload, "contact_ref", region);
    view->reachable.email = is_own_act(text_of(payload, "source", region)) &&
                            !is_revoked_otherwise(row, optout) &&
                            strcmp(number_country(row->number), "US") == 0;
    json_decref(payload);
    return found != STORE_FAILED;
}

/* False: it can't be read. */
static bool look(struct consents *consents, uint64_t number, int64_t now_ms, struct view *view)
{
    struct consent row;
    struct optout optout, suppression;
    view->reachable = (struct reachable){false, false};
    if (!consent_standing(consents, view->program, number, now_ms, &view->standing) ||
        !consent_read(consents, view->program, number, &row, &optout, &suppression) ||
        !read_record(consents, &row, &optout, view))
        return false;
    view->reachable.text = may_text(view->program, &view->standing);
    return true;
}

/* ---- what becomes of it ---- */

static bool is_watched(struct consents *consents, const struct program *program)
{
    for (size_t i = 0; i < consents->watch_count; i++)
        if (consents->watches[i].watch->is_watched(consents->watches[i].owner, program))
            return true;
    return false;
}

void change_begin(struct consents *consents, uint64_t number, const struct program *only, int64_t now_ms,
                  struct change *out)
{
    const struct programs *programs = consents->programs;
    *out = (struct change){.number = number, .now_ms = now_ms, .is_inner = consents->change_depth++ > 0};
    if (out->is_inner || consents->watch_count == 0 || number == 0)
        return;
    out->next_seq = ledger_next(consents->ledger);
    consents->sees_no_bars = true; /* a STOP that could not be written comes again: until then nobody was told */
    for (size_t i = 0; i < programs_count(programs); i++) {
        const struct program *program = programs_at(programs, i);
        if ((only != NULL && program != only) || !is_watched(consents, program))
            continue;
        if (out->views == NULL)
            out->views = region_get(loop_region(consents->loop),
                                    (programs_count(programs) - i) * sizeof *out->views);
        out->views[out->count].program = program;
        out->is_unread = !look(consents, number, now_ms, &out->views[out->count++]) || out->is_unread;
    }
    consents->sees_no_bars = false;
}

/* A number that the program knows nothing of and that is suppressed is no news to whoever keeps in step with the program. */
static bool is_news(const struct view *before, const struct view *after)
{
    if (after->standing.state == STANDING_SUPPRESSED && !after->is_on_record)
        return false;
    return before->standing.state != after->standing.state ||
           before->reachable.text != after->reachable.text ||
           before->reachable.email != after->reachable.email;
}

/* Nor is how far its confirmation or a review is news to a CRM, but a sequence waits for them. */
static bool is_change(const struct view *before, const struct view *after)
{
    return is_news(before, after) || before->standing.confirmation != after->standing.confirmation ||
           before->standing.review != after->standing.review;
}

static void tell(struct consents *consents, const struct change *change, const struct view *before,
                 const struct view *after, const char *source)
{
    bool has_record = ledger_next(consents->ledger) > change->next_seq;
    const struct consent_change told = {.number = change->number,
                                        .program = after->program,
                                        .before = before->standing,
                                        .after = after->standing,
                                        .reachable = after->reachable,
                                        .is_news = is_news(before, after),
                                        .source = source,
                                        .contact_ref = after->contact_ref,
                                        .seq = has_record ? change->next_seq : after->standing.seq,
                                        .ledger_at = ledger_next(consents->ledger) - 1,
                                        .now_ms = change->now_ms};
    for (size_t i = 0; i < consents->watch_count; i++)
        if (consents->watches[i].watch->is_watched(consents->watches[i].owner, after->program))
            consents->watches[i].watch->changed(consents->watches[i].owner, &told);
}

void change_end(struct consents *consents, struct change *change, const char *source)
{
    consents->change_depth--;
    for (size_t i = 0; i < change->count; i++) {
        struct view after = {.program = change->views[i].program};
        change->is_unread = !look(consents, change->number, change->now_ms, &after) || change->is_unread;
        if (!change->is_unread && is_change(&change->views[i], &after))
            tell(consents, change, &change->views[i], &after, source);
    }
    if (change->is_unread && store_is_writing(consents->store))
        store_abandon(consents->store); /* somebody would not be told */
}
