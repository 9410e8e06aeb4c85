#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "campaigns_parts.h"
#include "outbound/dispatch.h"

#define SLICE   100
#define TERM_MS INT64_C(86400000) /* as accept gives it to what has no other */
#define TICK_MS 1000 /* times of day are looked at so often */

static enum campaign_order order_of(void *owner, int64_t campaign)
{
    const struct run *run = run_find(owner, campaign);
    if (run != NULL && run->state == CAMPAIGN_PAUSED)
        return CAMPAIGN_WAIT;
    return run != NULL && run->state == CAMPAIGN_CANCELLED ? CAMPAIGN_DROP : CAMPAIGN_GO;
}

struct campaigns *campaigns_open(struct loop *loop, struct store *store, struct accept *accept,
                                 struct dispatch *dispatch, struct consents *consents,
                                 const struct programs *programs, const struct accounts *accounts)
{
    struct campaigns *campaigns = mem_new(sizeof *campaigns);
    *campaigns = (struct campaigns){.loop = loop,
                                    .store = store,
                                    .accept = accept,
                                    .dispatch = dispatch,
                                    .consents = consents,
                                    .programs = programs,
                                    .accounts = accounts};
    dispatch_ask_campaigns(dispatch, order_of, campaigns);
    if (campaigns_rolled_back(campaigns)) {
        campaigns->is_kept = false;
        return campaigns;
    }
    campaigns_close(campaigns);
    return NULL;
}

void campaigns_close(struct campaigns *campaigns)
{
    if (campaigns == NULL)
        return;
    timer_clear(campaigns->loop, &campaigns->timer);
    free(campaigns->runs);
    free(campaigns);
}

/* ---- those that aren't over ---- */

struct run *run_find(struct campaigns *campaigns, int64_t serial)
{
    for (size_t i = 0; i < campaigns->run_count; i++)
        if (campaigns->runs[i].serial == serial)
            return &campaigns->runs[i];
    return NULL;
}

static bool is_over(const struct campaign *campaign)
{
    return campaign->state == CAMPAIGN_DONE ||
           (campaign->state == CAMPAIGN_CANCELLED && !campaign->is_withdrawing);
}

/* What is known of it is what it says. */
static void run_follow(struct campaigns *campaigns, const struct campaign *campaign)
{
    struct run *run = run_find(campaigns, campaign->serial);
    if (run == NULL && is_over(campaign))
        return;
    if (run == NULL) {
        if (campaigns->run_count == campaigns->run_room) {
            campaigns->run_room = campaigns->run_room * 2 + 8;
            campaigns->runs = mem_grow(campaigns->runs, campaigns->run_room * sizeof *campaigns->runs);
        }
        run = &campaigns->runs[campaigns->run_count++];
        *run = (struct run){.serial = campaign->serial};
        bucket_init(&run->bucket, (double)campaign->rate_milli / 1000, clock_mono_ms());
        run->kept = run->bucket;
    }
    run->state = campaign->state;
    run->program = campaign->program;
    run->ends_at = campaign->ends_at;
    run->is_sequence = campaign->step_count > 0;
    run->restarts = campaign->restarts;
    run->is_awake = true;
    if (is_over(campaign))
        *run = campaigns->runs[--campaigns->run_count];
}

/* As the disk says. What was handed in ahead in earlier turns is owed all the same. */
bool campaigns_rolled_back(struct campaigns *campaigns)
{
    int64_t after = 0;
    size_t count = SLICE;
    struct region *region = region_new();
    struct run *runs = campaigns->runs;
    size_t run_count = campaigns->run_count;
    bool is_read = true;
    campaigns->runs = NULL;
    campaigns->run_count = campaigns->run_room = campaigns->next = 0;
    while (is_read && count == SLICE) {
        region_clear(region);
        struct campaign *rows = region_get(region, SLICE * sizeof *rows);
        is_read = store_campaigns_active(campaigns->store, after, region, rows, SLICE, &count) == STORE_OK;
        for (size_t i = 0; is_read && i < count; i++) {
            run_follow(campaigns, &rows[i]);
            after = rows[i].serial;
        }
    }
    for (size_t i = 0; i < run_count; i++) {
        struct run *run = run_find(campaigns, runs[i].serial);
        if (run != NULL)
            run->bucket = run->kept = runs[i].kept;
    }
    free(runs);
    region_free(region);
    campaigns->is_kept = true;
    campaigns_wake_in(campaigns, TICK_MS);
    return is_read;
}

/* ---- the turn ---- */

static void wake_all(struct campaigns *campaigns)
{
    for (size_t i = 0; i < campaigns->run_count; i++)
        campaigns->runs[i].is_awake = true;
}

static void timer_rings(void *owner)
{
    struct campaigns *campaigns = owner;
    campaigns->is_kept = false;
    wake_all(campaigns);
}

/* Sooner than it would be woken anyway. */
void campaigns_wake_in(struct campaigns *campaigns, int64_t wait_ms)
{
    int64_t due_ms = clock_mono_ms() + wait_ms;
    if (!timer_is_set(&campaigns->timer) || campaigns->timer.due_ms > due_ms)
        timer_set(campaigns->loop, &campaigns->timer, wait_ms, timer_rings, campaigns);
}

static bool has_to_do(enum campaign_state state)
{
    return state != CAMPAIGN_LOADING && state != CAMPAIGN_PAUSED;
}

/* What it leaves awake is looked at in the next turn. */
static void step_one(struct campaigns *campaigns, struct run *run, size_t *budget)
{
    int64_t serial = run->serial;
    *budget -= STEP_ROWS;
    run->is_awake = false;
    bool has_more = run_step(campaigns, run, budget);
    run = run_find(campaigns, serial);
    if (has_more && run != NULL)
        run->is_awake = true;
}

void campaigns_turn(void *owner)
{
    struct campaigns *campaigns = owner;
    size_t budget = RUN_ROWS, count = campaigns->run_count;
    bool has_work = false, is_left = false;
    if (campaigns->is_kept || campaigns->is_stopped)
        return;
    if (campaigns->has_moved || store_is_writing(campaigns->store))
        wake_all(campaigns);
    campaigns->has_moved = false;
    for (size_t i = 0; i < count && campaigns->run_count > 0 && budget > STEP_ROWS; i++) {
        struct run *run = &campaigns->runs[campaigns->next++ % campaigns->run_count];
        if (run->is_awake && has_to_do(run->state) && !store_is_broken(campaigns->store))
            step_one(campaigns, run, &budget);
    }
    for (size_t i = 0; i < campaigns->run_count; i++) {
        bool is_wanted = has_to_do(campaigns->runs[i].state);
        has_work = has_work || is_wanted;
        is_left = is_left || (is_wanted && campaigns->runs[i].is_awake);
    }
    if (is_left)
        loop_again(campaigns->loop);
    if (has_work)
        campaigns_wake_in(campaigns, TICK_MS);
}

void campaigns_moved(struct campaigns *campaigns)
{
    campaigns->has_moved = true;
    for (size_t i = 0; i < campaigns->run_count; i++)
        campaigns->runs[i].kept = campaigns->runs[i].bucket;
}

void campaigns_stop(struct campaigns *campaigns)
{
    campaigns->is_stopped = true;
}

/* ---- its life ---- */

void campaigns_save(struct campaigns *campaigns, const struct campaign *campaign)
{
    store_campaign_save(campaigns->store, campaign);
    run_follow(campaigns, campaign);
}

void campaign_move(struct campaigns *campaigns, struct campaign *campaign, enum campaign_state to,
                   const char *why, int64_t now_ms)
{
    char id[MESSAGE_ID_SIZE];
    must(campaign_may_move(campaign->state, to));
    message_id_write(campaign->id, campaign->tail, id);
    log_info("campaign id=%s %s -> %s why=\"%s\"", id, campaign_state_word(campaign->state),
             campaign_state_word(to), why);
    campaign->state = to;
    if (to == CAMPAIGN_DONE || to == CAMPAIGN_CANCELLED)
        campaign->done_at = now_ms;
    campaigns_save(campaigns, campaign);
    loop_again(campaigns->loop);
}

void campaigns_make(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms)
{
    char id[MESSAGE_ID_SIZE];
    campaign->id = store_next_id(campaigns->store, now_ms);
    campaign->tail = random_bits(62);
    campaign->created_at = now_ms;
    campaign->state = campaign->paused_from = CAMPAIGN_LOADING;
    campaign->why = campaign->header = "";
    store_campaign_put(campaigns->store, campaign);
    message_id_write(campaign->id, campaign->tail, id);
    log_info("campaign id=%s new -> loading account=%s", id, campaign->account);
    run_follow(campaigns, campaign);
}

bool campaigns_start(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms)
{
    if (campaign->state == CAMPAIGN_SCHEDULED || campaign->state == CAMPAIGN_RUNNING)
        return true;
    if (campaign->state != CAMPAIGN_LOADING || campaign->is_dry_run)
        return false;
    bool is_later = campaign->start_at > now_ms;
    campaign->place = 0;
    campaign->started_at = is_later ? 0 : now_ms;
    campaign_move(campaigns, campaign, is_later ? CAMPAIGN_SCHEDULED : CAMPAIGN_RUNNING,
                  "its sender started it", now_ms);
    return true;
}

bool campaigns_check(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms)
{
    if (campaign->state == CAMPAIGN_CHECKING)
        return true;
    if (campaign->state != CAMPAIGN_LOADING)
        return false;
    for (int kind = COUNT_CHECKED; kind <= COUNT_CHECK_REFUSED; kind++)
        store_campaign_counts_drop(campaigns->store, campaign->serial, (enum campaign_counted)kind);
    campaign->place = 0;
    campaign_move(campaigns, campaign, CAMPAIGN_CHECKING, "a dry run was asked for", now_ms);
    return true;
}

void campaign_pause(struct campaigns *campaigns, struct campaign *campaign, const char *why, int64_t now_ms)
{
    campaign->paused_from = campaign->state;
    campaign->why = why;
    campaign_move(campaigns, campaign, CAMPAIGN_PAUSED, why[0] == '\0' ? "its sender paused it" : why, now_ms);
    dispatch_withdraw_campaign(campaigns->dispatch, campaign->serial);
}

bool campaigns_pause(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms)
{
    if (campaign->state == CAMPAIGN_PAUSED)
        return true;
    if (campaign->state != CAMPAIGN_SCHEDULED && campaign->state != CAMPAIGN_RUNNING)
        return false;
    campaign_pause(campaigns, campaign, "", now_ms);
    return true;
}

/* What was put aside is due now, and has a new term: its old one may be over. */
bool campaigns_resume(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms)
{
    if (campaign->state == CAMPAIGN_SCHEDULED || campaign->state == CAMPAIGN_RUNNING)
        return true;
    if (campaign->state != CAMPAIGN_PAUSED)
        return false;
    bool is_later = campaign->paused_from == CAMPAIGN_SCHEDULED && campaign->start_at > now_ms;
    if (!is_later && campaign->started_at == 0)
        campaign->started_at = now_ms;
    campaign->why = "";
    store_campaign_release(campaigns->store, campaign->serial, now_ms,
                           campaign->ends_at != 0 ? campaign->ends_at : now_ms + TERM_MS);
    if (campaign->step_count > 0)
        store_enrolments_release(campaigns->store, campaign->serial); /* a decision may have been missed meanwhile */
    campaign_move(campaigns, campaign, is_later ? CAMPAIGN_SCHEDULED : CAMPAIGN_RUNNING, "it was resumed", now_ms);
    dispatch_wake(campaigns->dispatch, campaign->program);
    return true;
}

bool campaigns_cancel(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms)
{
    if (campaign->state == CAMPAIGN_CANCELLED)
        return true;
    if (!campaign_may_move(campaign->state, CAMPAIGN_CANCELLED))
        return false;
    campaign->is_withdrawing = campaign->accepted > 0;
    campaign->why = "";
    campaign_move(campaigns, campaign, CAMPAIGN_CANCELLED, "its sender cancelled it", now_ms);
    dispatch_withdraw_campaign(campaigns->dispatch, campaign->serial);
    store_campaign_release(campaigns->store, campaign->serial, now_ms, now_ms + TERM_MS);
    dispatch_wake(campaigns->dispatch, campaign->program);
    return true;
}

int64_t campaign_waiting(const struct campaign *campaign)
{
    return campaign->step_count > 0 ? 0 : campaign->recipients - campaign->handed_in;
}
