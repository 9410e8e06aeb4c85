/* Sequences: who opts in to a program enters its sequences when the confirmation has been taken, and gets their steps one
 * after the other. Who goes out is taken out in the transaction of what they did; whom a review holds waits. A step's hand-in
 * and the person's place are one transaction: so a crash at any instant repeats no step and forgets nobody. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/merge.h"
#include "base/must.h"
#include "base/region.h"
#include "campaigns_parts.h"
#include "consent/change.h"
#include "consent/hours.h"

#define LOOK_AGAIN_MS 60000 /* at most, where the step before has not left yet */

/* What a sequence does in a turn. */
struct sequence {
    struct slice *slice;
    const struct campaign_step *steps;
    int step_count;
};

static bool sequence_open(struct slice *slice, struct sequence *out)
{
    size_t count = 0;
    struct region *region = loop_region(slice->campaigns->loop);
    struct campaign_step *steps = region_get(region, CAMPAIGN_STEPS_MOST * sizeof *steps);
    if (store_campaign_steps(slice->campaigns->store, slice->campaign->serial, region, steps,
                             CAMPAIGN_STEPS_MOST, &count) != STORE_OK)
        return false;
    must(count > 0);
    *out = (struct sequence){slice, steps, (int)count};
    return true;
}

/* ---- who enters, and who is taken out ---- */

static bool is_watched(void *owner, const struct program *program)
{
    const struct campaigns *campaigns = owner;
    for (size_t i = 0; i < campaigns->run_count; i++)
        if (campaigns->runs[i].is_sequence && campaigns->runs[i].program == program->id)
            return true;
    return false;
}

static bool is_in(const struct standing *standing)
{
    return standing->state == STANDING_OPTED_IN && standing->confirmation == CONFIRMATION_TAKEN;
}

/* What is lifted from somebody by others, as a suppression is, is no act of theirs. */
static bool enters(const struct consent_change *change)
{
    return is_in(&change->after) && !is_in(&change->before) && change->before.state != STANDING_SUPPRESSED;
}

static void end(struct store *store, struct enrolment *it, const char *reason)
{
    it->status = ENROLMENT_ENDED;
    it->reason = reason;
    store_enrolment_save(store, it);
}

/* At the first step; anew, where somebody was in it before. */
static void enrol(struct campaigns *campaigns, struct run *run, const struct consent_change *change,
                  struct enrolment *before)
{
    size_t count = 0;
    struct campaign_step first;
    if (store_campaign_steps(campaigns->store, run->serial, loop_region(campaigns->loop), &first, 1, &count) !=
            STORE_OK ||
        count == 0) {
        store_abandon(campaigns->store); /* somebody would be forgotten */
        return;
    }
    struct enrolment it = {.id = before == NULL ? 0 : before->id,
                           .campaign = run->serial,
                           .number = change->number,
                           .status = ENROLMENT_WAITING,
                           .reason = "",
                           .seq = change->ledger_at,
                           .entered_at = change->now_ms,
                           .due_at = change->now_ms + first.after_ms};
    if (before == NULL)
        store_enrolment_put(campaigns->store, &it);
    else
        store_enrolment_save(campaigns->store, &it);
    run->is_awake = true;
}

static bool may_enter(const struct run *run, const struct consent_change *change)
{
    return run->state == CAMPAIGN_RUNNING && (run->ends_at == 0 || run->ends_at > change->now_ms);
}

static void follow(struct campaigns *campaigns, struct run *run, const struct consent_change *change)
{
    struct enrolment it;
    enum store_result found = store_enrolment_get(campaigns->store, run->serial, change->number,
                                                  loop_region(campaigns->loop), &it);
    bool is_there = found == STORE_OK, is_going = is_there && it.status < ENROLMENT_FINISHED;
    if (found == STORE_FAILED)
        store_abandon(campaigns->store);
    else if (is_going && change->after.state != STANDING_OPTED_IN)
        end(campaigns->store, &it, verdict_row(standing_verdict(change->after.state))->code);
    else if (is_going && it.status == ENROLMENT_HELD && change->after.review == 0) {
        it.status = ENROLMENT_WAITING;
        store_enrolment_save(campaigns->store, &it);
        run->is_awake = true;
    } else if (!is_going && enters(change) && may_enter(run, change) && (!is_there || run->restarts))
        enrol(campaigns, run, change, is_there ? &it : NULL);
}

static void changed(void *owner, const struct consent_change *change)
{
    struct campaigns *campaigns = owner;
    for (size_t i = 0; i < campaigns->run_count; i++)
        if (campaigns->runs[i].is_sequence && campaigns->runs[i].program == change->program->id &&
            !store_is_broken(campaigns->store))
            follow(campaigns, &campaigns->runs[i], change);
    loop_again(campaigns->loop);
}

const struct consents_watch sequence_consents = {.is_watched = is_watched, .changed = changed};

/* ---- a step's text ---- */

/* What the registration gave for the field; NULL: nothing. */
static const char *field_value(const json_t *record, const char *name)
{
    const char *value = json_string_value(json_object_get(record, name));
    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* The caller frees it. NULL: the registration lacks a field of it. */
static char *fill(const struct merge *merge, const json_t *record)
{
    const char *values[MERGE_FIELDS_MOST];
    for (size_t i = 0; i < merge_field_count(merge); i++) {
        values[i] = field_value(record, merge_field(merge, i));
        if (values[i] == NULL)
            return NULL;
    }
    return merge_fill(merge, values);
}

/* False: it can't be read now. */
static bool step_text(const struct slice *slice, const struct campaign_step *step, int64_t seq, char **text)
{
    struct ledger_row row;
    char error[MERGE_ERROR_SIZE];
    struct merge *merge = merge_read(step->text, error);
    must(merge != NULL);
    enum store_result found = STORE_NONE;
    if (merge_field_count(merge) > 0)
        found = store_ledger_get(slice->campaigns->store, seq, loop_region(slice->campaigns->loop), &row);
    json_t *record = found == STORE_OK && row.payload != NULL ? json_loads(row.payload, 0, NULL) : NULL;
    *text = fill(merge, record);
    json_decref(record);
    merge_free(merge);
    return found != STORE_FAILED;
}

/* ---- a step that is due ---- */

static void advance(const struct sequence *sequence, struct enrolment *it)
{
    struct slice *slice = sequence->slice;
    slice->campaign->handed_in++;
    slice_count(slice, COUNT_STEPS, region_format(loop_region(slice->campaigns->loop), "%d", it->step), 1);
    it->step++;
    if (it->step < sequence->step_count)
        it->due_at = slice->now_ms + sequence->steps[it->step].after_ms;
    else
        it->status = ENROLMENT_FINISHED;
    store_enrolment_save(slice->campaigns->store, it);
}

/* It is passed over: the person goes on to the next one. */
static void pass_over(const struct sequence *sequence, struct enrolment *it, enum campaign_counted kind,
                      const char *code)
{
    slice_count(sequence->slice, kind, code, 1);
    advance(sequence, it);
}

/* False: it can't be judged now. */
static bool hand_in(const struct sequence *sequence, struct enrolment *it, int64_t seq)
{
    char *text;
    struct acceptance result;
    struct slice *slice = sequence->slice;
    if (!step_text(slice, &sequence->steps[it->step], seq, &text))
        return false;
    if (text == NULL) {
        pass_over(sequence, it, COUNT_REFUSED, "missing_field");
        return true;
    }
    slice_offer(slice, it->number, text, false, &result);
    free(text);
    if (result.verdict == VERDICT_UNAVAILABLE || slice_waits_for_quota(slice, &result))
        return false;
    if (result.verdict != VERDICT_ALLOWED) {
        const struct verdict_row *verdict = verdict_row(result.verdict);
        pass_over(sequence, it, verdict->is_block ? COUNT_BLOCKED : COUNT_REFUSED, verdict->code);
        return true;
    }
    it->message = result.id;
    slice_took(slice, &result);
    advance(sequence, it);
    return true;
}

static void put_off(const struct sequence *sequence, struct enrolment *it, int64_t until_ms)
{
    it->due_at = until_ms;
    store_enrolment_save(sequence->slice->campaigns->store, it);
}

/* The longer it has waited, the rarer it is looked at. */
static int64_t look_again_ms(const struct message *before, int64_t now_ms)
{
    int64_t waited_ms = now_ms - before->created_at;
    if (waited_ms < 1000)
        return 1000;
    return waited_ms < LOOK_AGAIN_MS ? waited_ms : LOOK_AGAIN_MS;
}

/* So much later than its hand-in a text may leave without moving the step behind it. */
static int64_t slack_of(int64_t after_ms)
{
    return after_ms / 60 < LOOK_AGAIN_MS ? after_ms / 60 : LOOK_AGAIN_MS;
}

/* The delay counts from when the step before left, where that had to wait: nobody gets two at once. Never longer than from
 * now, whatever the clock said then. False: unreadable. */
static bool due_after(const struct sequence *sequence, const struct enrolment *it, int64_t *due_at)
{
    struct message before;
    const struct slice *slice = sequence->slice;
    int64_t now_ms = slice->now_ms, after_ms = sequence->steps[it->step].after_ms;
    *due_at = now_ms;
    if (it->message == 0)
        return true;
    enum store_result found = store_message_get(slice->campaigns->store, it->message,
                                                loop_region(slice->campaigns->loop), &before);
    if (found == STORE_OK && before.state <= MESSAGE_SENDING)
        *due_at = now_ms + look_again_ms(&before, now_ms);
    else if (found == STORE_OK && before.sent_at != 0 && before.sent_at > now_ms - after_ms + slack_of(after_ms))
        *due_at = (before.sent_at < now_ms ? before.sent_at : now_ms) + after_ms;
    return found != STORE_FAILED;
}

/* By the person's clock: the step's window, or the campaign's, and the program's hours. Where only those never open, the gate
 * says so. */
static bool open_at(const struct sequence *sequence, const struct enrolment *it, int64_t *at_ms)
{
    const struct slice *slice = sequence->slice;
    struct campaign campaign = *slice->campaign;
    if (sequence->steps[it->step].hours[0] != '\0')
        campaign.hours = sequence->steps[it->step].hours;
    bool is_read = campaign_open_at(slice->campaigns, &campaign, slice->program, it->number, slice->now_ms, at_ms);
    if (is_read && *at_ms == HOURS_NEVER && campaign.hours[0] == '\0')
        *at_ms = slice->now_ms;
    return is_read;
}

static bool is_held(const struct sequence *sequence, const struct standing *standing)
{
    return standing->review != 0 && !program_is_informational(sequence->slice->program);
}

/* Whoever is out by what nobody did (a consent that has grown old), or while the program was out of the config. */
static const char *way_out(const struct sequence *sequence, const struct enrolment *it,
                           const struct standing *standing)
{
    const struct slice *slice = sequence->slice;
    if (standing->state != STANDING_OPTED_IN)
        return verdict_row(standing_verdict(standing->state))->code;
    bool went_out =
        consent_went_out_since(slice->campaigns->consents, slice->program, it->number, it->seq);
    return went_out ? verdict_row(VERDICT_OPTED_OUT)->code : NULL;
}

/* True: it is not for now, and the person stands where that is remembered. */
static bool is_for_later(const struct sequence *sequence, struct enrolment *it, int64_t due_at)
{
    if (due_at <= sequence->slice->now_ms)
        return false;
    put_off(sequence, it, due_at);
    return true;
}

/* False: it can't be read, or the next one has to wait. */
static bool take(const struct sequence *sequence, struct enrolment *it, size_t *room)
{
    int64_t due_at, hours_at;
    struct standing standing;
    struct slice *slice = sequence->slice;
    struct store *store = slice->campaigns->store;
    if (!consent_standing(slice->campaigns->consents, slice->program, it->number, slice->now_ms, &standing) ||
        !due_after(sequence, it, &due_at) || !open_at(sequence, it, &hours_at))
        return false;
    const char *reason = way_out(sequence, it, &standing);
    if (reason != NULL) {
        end(store, it, reason);
        return true;
    }
    if (is_held(sequence, &standing)) {
        it->status = ENROLMENT_HELD;
        store_enrolment_save(store, it);
        return true;
    }
    if (is_for_later(sequence, it, due_at))
        return true;
    if (hours_at == HOURS_NEVER) {
        pass_over(sequence, it, COUNT_REFUSED, "no_local_time");
        return true;
    }
    if (is_for_later(sequence, it, hours_at))
        return true;
    if (*room == 0 || !slice_is_within_rate(slice) || !hand_in(sequence, it, standing.seq))
        return false;
    --*room;
    return true;
}

static bool take_due(const struct sequence *sequence, size_t *budget)
{
    const struct slice *slice = sequence->slice;
    struct store *store = slice->campaigns->store;
    struct region *region = loop_region(slice->campaigns->loop);
    size_t count = READ_ROWS, wanted = READ_ROWS, room = slice_is_within_rate(slice) ? slice_room(slice) : 0;
    struct enrolment *rows = region_get(region, READ_ROWS * sizeof *rows);
    while (count == wanted && *budget > 0) {
        wanted = budget_take(budget);
        if (room == 0 || store_enrolments_due(store, slice->campaign->serial, slice->now_ms, region, rows,
                                              wanted, &count) != STORE_OK)
            return false;
        for (size_t i = 0; i < count; i++)
            if (store_is_broken(store) || !take(sequence, &rows[i], &room))
                return false;
    }
    return count == wanted;
}

bool sequence_step(struct slice *slice, size_t *budget)
{
    struct sequence sequence;
    int64_t handed_in = slice->campaign->handed_in;
    if (!sequence_open(slice, &sequence))
        return false;
    bool has_more = take_due(&sequence, budget);
    slice_flush(slice);
    if (slice->campaign->handed_in != handed_in)
        store_campaign_save(slice->campaigns->store, slice->campaign);
    return has_more;
}

/* ---- a dry run ---- */

/* A step as it would be now. False: it can't be judged. */
static bool judge(const struct slice *slice, const struct campaign_step *step, uint64_t number, int64_t seq,
                  bool *is_whole, struct acceptance *out)
{
    char *text;
    if (!step_text(slice, step, seq, &text))
        return false;
    *is_whole = text != NULL;
    if (!*is_whole)
        return true;
    slice_offer(slice, number, text, true, out);
    free(text);
    return out->verdict != VERDICT_UNAVAILABLE;
}

/* Each step, as of now, where the person is in. It counts when all have been judged. */
static bool check(const struct sequence *sequence, uint64_t number)
{
    struct standing standing;
    bool is_whole[CAMPAIGN_STEPS_MOST];
    struct slice *slice = sequence->slice;
    struct acceptance *results = region_get(loop_region(slice->campaigns->loop),
                                            (size_t)sequence->step_count * sizeof *results);
    if (!consent_standing(slice->campaigns->consents, slice->program, number, slice->now_ms, &standing))
        return false;
    if (standing.state != STANDING_OPTED_IN)
        return true;
    for (int i = 0; i < sequence->step_count; i++)
        if (!judge(slice, &sequence->steps[i], number, standing.seq, &is_whole[i], &results[i]))
            return false;
    for (int i = 0; i < sequence->step_count; i++)
        if (is_whole[i])
            slice_checked(slice, &results[i]);
        else
            slice_count(slice, COUNT_CHECK_REFUSED, "missing_field", 1);
    return true;
}

/* Whoever can't be judged now is the first of the next slice. False: there is somebody like that. */
static bool check_each(const struct sequence *sequence, const struct consent *rows, size_t count)
{
    struct campaign *campaign = sequence->slice->campaign;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].program == campaign->program && !check(sequence, rows[i].number))
            return false;
        campaign->place = store_consent_place(rows[i].number, rows[i].program);
    }
    return true;
}

bool sequence_check(struct slice *slice, size_t *budget)
{
    size_t count = 0, wanted;
    struct sequence sequence;
    struct campaign *campaign = slice->campaign;
    struct store *store = slice->campaigns->store;
    struct region *region = loop_region(slice->campaigns->loop);
    if (!sequence_open(slice, &sequence))
        return false;
    wanted = *budget / (size_t)sequence.step_count + 1;
    struct consent *rows = region_get(region, wanted * sizeof *rows);
    if (store_consent_list(store, campaign->place, region, rows, wanted, &count) != STORE_OK)
        return false;
    bool is_judged = check_each(&sequence, rows, count);
    *budget = 0;
    slice_flush(slice);
    if (is_judged && count < wanted)
        slice_finish_check(slice);
    else
        store_campaign_save(store, campaign);
    return is_judged && count == wanted;
}
