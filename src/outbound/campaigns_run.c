/* What a campaign does in a turn: its next recipients are handed in, or looked at. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/merge.h"
#include "base/must.h"
#include "base/netstring.h"
#include "base/region.h"
#include "campaigns_parts.h"
#include "consent/hours.h"
#include "outbound/accept.h"
#include "outbound/dispatch.h"

#define QUEUED_MOST 1000   /* of a campaign, that wait for a carrier: some seconds of what one takes */
#define COUNTS_READ 160
#define SOON_MS     600000 /* what waits no longer than that counts as queued: it was refused, or its hours are about to open */

void slice_flush(struct slice *slice)
{
    for (size_t i = 0; i < slice->count; i++)
        store_campaign_count_add(slice->campaigns->store, slice->campaign->serial, slice->counts[i].kind,
                                 slice->counts[i].code, slice->counts[i].count);
    slice->count = 0;
}

void slice_count(struct slice *slice, enum campaign_counted kind, const char *code, int64_t more)
{
    size_t i = 0;
    while (i < slice->count &&
           (slice->counts[i].kind != kind || strcmp(slice->counts[i].code, code) != 0))
        i++;
    if (i == SLICE_COUNTS) {
        slice_flush(slice);
        i = 0;
    }
    if (i == slice->count) {
        slice->counts[i].kind = kind;
        slice->counts[i].count = 0;
        must(octets_copy_text(octets_text(code), slice->counts[i].code, SLICE_CODE_SIZE));
        slice->count++;
    }
    slice->counts[i].count += more;
}

/* ---- one recipient ---- */

/* The text with its fields filled in. The caller frees it. */
static char *text_fill(const struct slice *slice, const struct recipient *recipient)
{
    const char *values[MERGE_FIELDS_MOST];
    struct octets list = octets_text(recipient->fields), value;
    struct region *region = loop_region(slice->campaigns->loop);
    for (size_t i = 0; i < merge_field_count(slice->merge); i++)
        values[i] = netstring_next(&list, &value) ? region_text(region, value) : "";
    return merge_fill(slice->merge, values);
}

void slice_offer(const struct slice *slice, uint64_t number, const char *text, bool is_dry_run,
                 struct acceptance *out)
{
    const struct campaign *campaign = slice->campaign;
    struct offer offer = {.account = slice->account,
                          .program = slice->program->config->name,
                          .from = campaign->sender,
                          .number = number,
                          .text = octets_text(text),
                          .encoding = (enum offer_encoding)campaign->encoding,
                          .expires_at = campaign->ends_at,
                          .client_ref = "",
                          .campaign = campaign->serial,
                          .is_rated = true, /* it paces them itself */
                          .is_dry_run = is_dry_run};
    accept_message(slice->campaigns->accept, &offer, slice->now_ms, out);
}

static void judge(const struct slice *slice, const struct recipient *recipient, bool is_dry_run,
                  struct acceptance *out)
{
    char *text = text_fill(slice, recipient);
    slice_offer(slice, recipient->number, text, is_dry_run, out);
    free(text);
}

void slice_took(struct slice *slice, const struct acceptance *result)
{
    slice->campaign->accepted++;
    slice->campaign->parts += result->parts;
    bucket_spend(&slice->run->bucket, (unsigned)result->parts, clock_mono_ms());
}

static void take(struct slice *slice, struct recipient *recipient, const struct acceptance *result)
{
    recipient->status = RECIPIENT_TAKEN;
    recipient->message = result->id;
    slice_took(slice, result);
}

static void refuse(struct slice *slice, struct recipient *recipient, const struct acceptance *result)
{
    const struct verdict_row *verdict = verdict_row(result->verdict);
    recipient->status = verdict->is_block ? RECIPIENT_BLOCKED : RECIPIENT_REFUSED;
    recipient->code = verdict->code;
    recipient->detail = result->detail;
    slice_count(slice, verdict->is_block ? COUNT_BLOCKED : COUNT_REFUSED, verdict->code, 1);
}

/* The account's day is used up, and another will have room: the campaign goes on then. */
bool slice_waits_for_quota(const struct slice *slice, const struct acceptance *result)
{
    if (result->verdict != VERDICT_OVER_QUOTA || result->parts > slice->account->quota)
        return false;
    campaigns_wake_in(slice->campaigns, result->wait_ms);
    return true;
}

/* It waits for its hour from now on, or no longer. */
static void count_later(struct slice *slice, const struct recipient *recipient, bool is_later)
{
    bool was_later = recipient->status == RECIPIENT_LATER;
    if (is_later != was_later)
        slice_count(slice, COUNT_LATER, "later", is_later ? 1 : -1);
}

/* False: it can't be judged now, and stays where it is. */
static bool hand_in(struct slice *slice, struct recipient *recipient)
{
    struct acceptance result;
    struct campaign *campaign = slice->campaign;
    judge(slice, recipient, false, &result);
    if (result.verdict == VERDICT_UNAVAILABLE || slice_waits_for_quota(slice, &result))
        return false;
    count_later(slice, recipient, false);
    campaign->handed_in++;
    recipient->due_at = 0;
    if (result.verdict == VERDICT_ALLOWED)
        take(slice, recipient, &result);
    else
        refuse(slice, recipient, &result);
    store_recipient_settle(slice->campaigns->store, campaign->serial, recipient);
    return true;
}

/* How many may still be queued: what only waits for later doesn't count. */
size_t slice_room(const struct slice *slice)
{
    int64_t queued = store_campaign_queued(slice->campaigns->store, slice->campaign->serial,
                                           slice->now_ms + SOON_MS, QUEUED_MOST);
    return queued < 0 ? 0 : (size_t)(QUEUED_MOST - queued);
}

/* Its own rate. False: the next one has to wait. */
bool slice_is_within_rate(const struct slice *slice)
{
    struct bucket *bucket = &slice->run->bucket;
    int64_t wait_ms = bucket_wait_ms(bucket, 1, clock_mono_ms());
    if (wait_ms == 0)
        return true;
    bucket_ask(bucket, 1, clock_mono_ms());
    campaigns_wake_in(slice->campaigns, wait_ms);
    return false;
}

/* Accept isn't asked. */
static void give_up(struct slice *slice, struct recipient *recipient, const char *code, const char *detail)
{
    count_later(slice, recipient, false);
    recipient->status = RECIPIENT_REFUSED;
    recipient->due_at = 0;
    recipient->code = code;
    recipient->detail = detail;
    slice->campaign->handed_in++;
    slice_count(slice, COUNT_REFUSED, code, 1);
    store_recipient_settle(slice->campaigns->store, slice->campaign->serial, recipient);
}

/* Not now, by their clock, or never. */
static void put_off(struct slice *slice, struct recipient *recipient, int64_t open_at)
{
    if (open_at == HOURS_NEVER) {
        give_up(slice, recipient, "no_local_time",
                "where the person is, and so what their clock shows, is not known");
        return;
    }
    count_later(slice, recipient, true);
    recipient->status = RECIPIENT_LATER;
    recipient->due_at = open_at;
    store_recipient_settle(slice->campaigns->store, slice->campaign->serial, recipient);
}

static bool has_own_hours(const struct campaign *campaign)
{
    return campaign->hours[0] != '\0' || campaign->start_local != 0;
}

/* False: it can't be read, or the next one has to wait. */
static bool take_turn(struct slice *slice, struct recipient *recipient, size_t *room)
{
    int64_t open_at;
    if (!campaign_open_at(slice->campaigns, slice->campaign, slice->program, recipient->number, slice->now_ms,
                          &open_at))
        return false;
    bool is_never = open_at == HOURS_NEVER;
    if (open_at > slice->now_ms && (!is_never || has_own_hours(slice->campaign))) {
        put_off(slice, recipient, open_at);
        return true;
    }
    if (*room == 0 || !slice_is_within_rate(slice) || !hand_in(slice, recipient))
        return false;
    --*room;
    return true;
}

/* One that was made for nothing else says of each recipient what would be; in others they still wait. */
static void keep_refusal(struct slice *slice, struct recipient *recipient, const struct acceptance *result)
{
    const struct verdict_row *verdict = verdict_row(result->verdict);
    recipient->status = verdict->is_block ? RECIPIENT_BLOCKED : RECIPIENT_REFUSED;
    recipient->code = verdict->code;
    recipient->detail = result->detail;
    store_recipient_settle(slice->campaigns->store, slice->campaign->serial, recipient);
}

void slice_checked(struct slice *slice, const struct acceptance *result)
{
    if (result->verdict != VERDICT_ALLOWED) {
        const struct verdict_row *verdict = verdict_row(result->verdict);
        slice_count(slice, verdict->is_block ? COUNT_CHECK_BLOCKED : COUNT_CHECK_REFUSED, verdict->code, 1);
        return;
    }
    slice_count(slice, COUNT_CHECKED, "allowed", 1);
    slice_count(slice, COUNT_CHECKED, "parts", result->parts);
    slice_count(slice, COUNT_CHECKED, result->writing.form.alphabet == TEXT_GSM7 ? "gsm7" : "ucs2", 1);
    if (result->state == MESSAGE_HELD)
        slice_count(slice, COUNT_CHECKED, "held", 1);
}

static bool check(struct slice *slice, struct recipient *recipient)
{
    struct acceptance result;
    judge(slice, recipient, true, &result);
    if (result.verdict == VERDICT_UNAVAILABLE)
        return false;
    slice_checked(slice, &result);
    if (result.verdict != VERDICT_ALLOWED && slice->campaign->is_dry_run)
        keep_refusal(slice, recipient, &result);
    return true;
}

/* ---- a slice of them ---- */

/* The person asked for it while the campaign was not through. */
static bool take_erased(struct slice *slice, struct recipient *row)
{
    if (slice->campaign->state == CAMPAIGN_RUNNING)
        give_up(slice, row, "erased", "its number was erased");
    else
        slice_count(slice, COUNT_CHECK_REFUSED, "erased", 1);
    return true;
}

static bool take_row(struct slice *slice, struct recipient *row, size_t *room)
{
    if (row->status > RECIPIENT_LATER)
        return true;
    if (row->number == 0)
        return take_erased(slice, row);
    if (slice->campaign->state == CAMPAIGN_CHECKING)
        return check(slice, row);
    return take_turn(slice, row, room);
}

size_t budget_take(size_t *budget)
{
    size_t rows = *budget < READ_ROWS ? *budget : READ_ROWS;
    *budget -= rows;
    return rows;
}

/* Those whose hour has come go before others. */
static bool take_due(struct slice *slice, size_t *budget, size_t *room)
{
    size_t count = READ_ROWS;
    struct region *region = loop_region(slice->campaigns->loop);
    struct recipient *rows = region_get(region, READ_ROWS * sizeof *rows);
    while (count == READ_ROWS && *room > 0 && *budget > 0) {
        size_t wanted = budget_take(budget);
        if (store_recipients_due(slice->campaigns->store, slice->campaign->serial, slice->now_ms, region, rows,
                                 wanted, &count) != STORE_OK)
            return false;
        for (size_t i = 0; i < count; i++)
            if (store_is_broken(slice->campaigns->store) || !take_row(slice, &rows[i], room))
                return false;
    }
    return true;
}

/* True: there may be more at once. */
static bool take_next(struct slice *slice, size_t *budget, size_t *room, bool *is_at_end)
{
    struct campaign *campaign = slice->campaign;
    struct region *region = loop_region(slice->campaigns->loop);
    struct recipient *rows = region_get(region, READ_ROWS * sizeof *rows);
    while (*budget > 0 && !*is_at_end) {
        size_t count = 0, wanted = budget_take(budget);
        if (store_recipients_after(slice->campaigns->store, campaign->serial, campaign->place, region, rows,
                                   wanted, &count) != STORE_OK)
            return false;
        for (size_t i = 0; i < count; i++) {
            if (store_is_broken(slice->campaigns->store) || !take_row(slice, &rows[i], room))
                return false;
            campaign->place = rows[i].row;
        }
        *is_at_end = count < wanted;
    }
    return !*is_at_end;
}

/* True: there may be more at once. */
static bool take_rows(struct slice *slice, size_t *budget, bool *is_at_end)
{
    size_t room = 0;
    if (slice->campaign->state == CAMPAIGN_RUNNING) {
        room = slice_is_within_rate(slice) ? slice_room(slice) : 0;
        if (room == 0 || !take_due(slice, budget, &room))
            return false;
    }
    return take_next(slice, budget, &room, is_at_end);
}

/* ---- its state ---- */

static int64_t count_open(struct slice *slice)
{
    size_t count = 0;
    int64_t open = 0;
    struct region *region = loop_region(slice->campaigns->loop);
    struct campaign_count *counts = region_get(region, COUNTS_READ * sizeof *counts);
    if (store_campaign_counts(slice->campaigns->store, slice->campaign->serial, region, counts,
                              COUNTS_READ, &count) != STORE_OK)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (counts[i].kind == COUNT_MESSAGES && atoi(counts[i].code) <= MESSAGE_SENDING)
            open += counts[i].count;
    return open;
}

void slice_finish_check(struct slice *slice)
{
    struct campaign *campaign = slice->campaign;
    campaign->checked_at = slice->now_ms;
    campaign->place = 0;
    campaign_move(slice->campaigns, campaign, campaign->is_dry_run ? CAMPAIGN_DONE : CAMPAIGN_LOADING,
                  "the dry run is over", slice->now_ms);
}

static bool is_ended(const struct slice *slice)
{
    return slice->campaign->ends_at != 0 && slice->campaign->ends_at <= slice->now_ms;
}

static void finish_run(struct slice *slice)
{
    if ((campaign_waiting(slice->campaign) == 0 || is_ended(slice)) && count_open(slice) == 0)
        campaign_move(slice->campaigns, slice->campaign, CAMPAIGN_DONE, "nothing of it waits any more",
                      slice->now_ms);
}

/* What is cancelled is taken out of the queue; what may have arrived already goes its way there. True: there is more. */
static bool step_withdrawing(struct slice *slice, size_t *budget)
{
    size_t count = 0, dropped = 0, wanted = *budget;
    struct campaigns *campaigns = slice->campaigns;
    struct region *region = loop_region(campaigns->loop);
    struct message *open = region_get(region, (wanted + 1) * sizeof *open);
    if (wanted == 0)
        return true;
    if (store_campaign_open(campaigns->store, slice->campaign->serial, region, open, wanted, &count) != STORE_OK)
        return false;
    *budget -= count;
    for (size_t i = 0; i < count && !store_is_broken(campaigns->store); i++)
        dropped += dispatch_cancel(campaigns->dispatch, &open[i], slice->now_ms) ? 1 : 0;
    if (count == 0 && count_open(slice) == 0) {
        slice->campaign->is_withdrawing = false;
        campaigns_save(campaigns, slice->campaign);
    }
    return dropped > 0;
}

static bool step_rows(struct slice *slice, size_t *budget)
{
    char error[MERGE_ERROR_SIZE];
    bool is_at_end = false;
    int64_t place = slice->campaign->place, handed_in = slice->campaign->handed_in;
    enum campaign_state state = slice->campaign->state;
    slice->merge = merge_read(slice->campaign->text, error);
    must(slice->merge != NULL);
    bool has_more = take_rows(slice, budget, &is_at_end);
    merge_free(slice->merge);
    slice_flush(slice);
    if (is_at_end && state == CAMPAIGN_CHECKING)
        slice_finish_check(slice);
    else if (slice->campaign->place != place || slice->campaign->handed_in != handed_in)
        store_campaign_save(slice->campaigns->store, slice->campaign);
    return has_more;
}

/* Whether its account may still send in its program. */
static bool may_send(struct slice *slice)
{
    const struct campaigns *campaigns = slice->campaigns;
    slice->account = accounts_find(campaigns->accounts, slice->campaign->account);
    slice->program = programs_find_id(campaigns->programs, slice->campaign->program);
    return slice->account != NULL && slice->program != NULL &&
           account_has_role(slice->account, CONFIG_ROLE_SENDER) &&
           account_may_use(slice->account, slice->program->config->name);
}

/* It goes on for as long as people may opt in. */
static bool step_sequence(struct slice *slice, size_t *budget)
{
    if (!is_ended(slice))
        return sequence_step(slice, budget);
    finish_run(slice);
    return false;
}

static bool step_running(struct slice *slice, size_t *budget)
{
    int64_t handed_in = slice->campaign->handed_in;
    bool has_more = campaign_waiting(slice->campaign) > 0 && !is_ended(slice) && step_rows(slice, budget);
    if (slice->campaign->handed_in != handed_in)
        return true; /* those are in the queue once this turn is over */
    if (!has_more)
        finish_run(slice);
    return has_more;
}

/* It was its account's, or its program's, that the config has no more. */
static void stop_sending(struct slice *slice)
{
    const char *why = slice->program == NULL   ? "its program is not in the config any more"
                      : slice->account == NULL ? "its account is no more"
                                               : "its account may not send in its program any more";
    if (slice->campaign->state == CAMPAIGN_CHECKING)
        campaign_move(slice->campaigns, slice->campaign, CAMPAIGN_LOADING, why, slice->now_ms);
    else
        campaign_pause(slice->campaigns, slice->campaign, why, slice->now_ms);
}

bool run_step(struct campaigns *campaigns, struct run *run, size_t *budget)
{
    struct campaign campaign;
    struct slice slice = {
        .campaigns = campaigns, .run = run, .campaign = &campaign, .now_ms = clock_wall_ms()};
    if (store_campaign_get(campaigns->store, run->serial, loop_region(campaigns->loop), &campaign) != STORE_OK)
        return false;
    if (campaign.state == CAMPAIGN_CANCELLED)
        return step_withdrawing(&slice, budget);
    if (!may_send(&slice)) {
        stop_sending(&slice);
        return false;
    }
    if (campaign.state == CAMPAIGN_SCHEDULED && campaign.start_at <= slice.now_ms) {
        campaign.started_at = slice.now_ms;
        campaign_move(campaigns, &campaign, CAMPAIGN_RUNNING, "its time has come", slice.now_ms);
    }
    if (campaign.state == CAMPAIGN_CHECKING)
        return campaign.step_count > 0 ? sequence_check(&slice, budget) : step_rows(&slice, budget);
    if (campaign.state == CAMPAIGN_RUNNING && campaign.step_count > 0)
        return step_sequence(&slice, budget);
    return campaign.state == CAMPAIGN_RUNNING && step_running(&slice, budget);
}
