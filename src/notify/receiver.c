/* A receiver of events: how much is under way to it, whether it answers, and what goes next. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/account.h"
#include "courier_parts.h"
#include "notify/backoff.h"

#define MOST_OTHER    8   /* under way to a receiver that no account's settings are about */
#define DEAD_MS       INT64_C(3600000) /* a receiver that failed so long takes what is over with it */
#define SWEEP_MS      60000 /* between looks for that … */
#define SWEEP_SLICE   100   /* … of so many in a turn, whoever's they are … */
#define SWEEP_NEXT_MS 10    /* … until more of one goes … */
#define SWEEP_LATE_MS 500   /* … or another's */

static struct receiver_list *queue_of(const struct receiver *receiver, enum receiver_place place)
{
    if (place == RECEIVER_IN_LINE)
        return &receiver->share->in_line;
    return place == RECEIVER_BEHIND ? &receiver->share->behind : &receiver->courier->receivers[place];
}

static void receiver_put(struct receiver *receiver, enum receiver_place place)
{
    TAILQ_REMOVE(queue_of(receiver, receiver->place), receiver, line);
    if (receiver->is_hurried)
        TAILQ_INSERT_HEAD(queue_of(receiver, place), receiver, line);
    else
        TAILQ_INSERT_TAIL(queue_of(receiver, place), receiver, line);
    receiver->place = place;
}

static bool is_doubtful(const struct receiver *receiver)
{
    return receiver->failures > 0 && !receiver->is_hurried;
}

static void receiver_stand(struct receiver *receiver)
{
    receiver_put(receiver, is_doubtful(receiver) ? RECEIVER_BEHIND : RECEIVER_IN_LINE);
}

void receiver_wake(struct receiver *receiver)
{
    if (receiver->place == RECEIVER_ASLEEP || receiver->place == RECEIVER_DONE)
        receiver_put(receiver, RECEIVER_AWAKE);
    courier_wake(receiver->courier);
}

static void receiver_rings(void *owner)
{
    receiver_wake(owner);
}

/* So long at most: it may have other reasons to wake. */
static void receiver_sleep(struct receiver *receiver, int64_t wait_ms)
{
    if (!timer_is_set(&receiver->timer) || clock_mono_ms() + wait_ms < receiver->timer.due_ms)
        timer_set(receiver->courier->loop, &receiver->timer, wait_ms, receiver_rings, receiver);
}

/* FNV-1a. */
static struct receiver **bucket_of(struct courier *courier, const char *account, const char *origin)
{
    uint32_t hash = 2166136261u;
    for (; *account != '\0'; account++)
        hash = (hash ^ (uint8_t)*account) * 16777619u;
    for (; *origin != '\0'; origin++)
        hash = (hash ^ (uint8_t)*origin) * 16777619u;
    return &courier->buckets[hash % COURIER_BUCKETS];
}

struct receiver *receiver_find(struct courier *courier, const char *account, const char *origin)
{
    struct receiver **bucket = bucket_of(courier, account, origin), *receiver;
    for (receiver = *bucket; receiver != NULL; receiver = receiver->next)
        if (strcmp(receiver->account, account) == 0 && strcmp(receiver->origin, origin) == 0)
            return receiver;
    struct share *share = share_find(courier, account);
    receiver = mem_new(sizeof *receiver);
    *receiver = (struct receiver){
        .courier = courier, .share = share, .account = share->account, .origin = mem_text(origin), .next = *bucket};
    *bucket = receiver;
    share->receivers++;
    TAILQ_INSERT_TAIL(&courier->receivers[RECEIVER_ASLEEP], receiver, line);
    return receiver;
}

void receiver_drop(struct receiver *receiver)
{
    struct courier *courier = receiver->courier;
    struct receiver **at = bucket_of(courier, receiver->account, receiver->origin);
    must(receiver->parcels == 0);
    while (*at != receiver)
        at = &(*at)->next;
    *at = receiver->next;
    TAILQ_REMOVE(queue_of(receiver, receiver->place), receiver, line);
    timer_clear(courier->loop, &receiver->timer);
    share_leave(receiver->share);
    free(receiver->origin);
    free(receiver);
}

static bool is_nowhere(const struct receiver *receiver)
{
    const struct config_account *config = courier_config_of(receiver->courier, receiver->account);
    return receiver->origin[0] == '\0' && (config == NULL || config->callback_url[0] == '\0');
}

/* How many more it may have, where its share has room. */
static unsigned receiver_room(const struct receiver *receiver)
{
    const struct config_account *config = courier_config_of(receiver->courier, receiver->account);
    unsigned most = receiver->origin[0] == '\0' && config != NULL ? (unsigned)config->callback_parallel : MOST_OTHER;
    if (receiver->failures >= BACKOFF_DOUBTED)
        most = 1;
    if (receiver->is_hurried && most <= receiver->parcels)
        most = receiver->parcels + 1;
    return most > receiver->parcels ? most - receiver->parcels : 0;
}

/* ---- whether it answers ---- */

/* A receiver that says Retry-After means all that it gets. */
void receiver_judge(struct receiver *receiver, const struct post_answer *answer)
{
    if (parcel_is_taken(answer) || answer->status == 410) {
        if (receiver->failures >= BACKOFF_DOUBTED)
            log_info("webhooks account=%s: the receiver answers again", receiver->account);
        receiver->failures = 0;
        return;
    }
    if (receiver->failures++ == 0)
        receiver->failing_since = clock_wall_ms();
    if (receiver->failures == BACKOFF_DOUBTED)
        log_warn("webhooks account=%s: %u in a row failed, one at a time is tried from now on status=%d why=\"%s\"",
                 receiver->account, receiver->failures, answer->status, answer->why);
    int64_t wait_ms = backoff_receiver_ms(receiver->failures, (unsigned)random_bits(20) % BACKOFF_PERMILLE);
    if (answer->retry_after_s > 0 && (answer->status == 429 || answer->status == 503))
        wait_ms = backoff_ms(0, answer->retry_after_s, 0);
    receiver->rest_until_ms = clock_mono_ms() + wait_ms;
}

void receiver_hurry(struct receiver *receiver)
{
    receiver->is_hurried = true;
    receiver->rest_until_ms = 0;
    receiver_put(receiver, receiver->place >= RECEIVER_IN_LINE ? RECEIVER_IN_LINE : RECEIVER_AWAKE);
    courier_wake(receiver->courier);
}

void receiver_trust(struct receiver *receiver)
{
    receiver->failures = 0;
    receiver->rest_until_ms = 0;
    receiver_wake(receiver);
}

/* ---- its turn ---- */

static bool is_dead(const struct receiver *receiver)
{
    return receiver->failures >= BACKOFF_DOUBTED && clock_wall_ms() - receiver->failing_since >= DEAD_MS;
}

/* NULL: what waits for it is tried. */
static const char *why_swept(const struct receiver *receiver)
{
    if (is_nowhere(receiver))
        return "the account has no callback_url";
    return is_dead(receiver) ? "the receiver has not answered for hours" : NULL;
}

/* True: there may be more, also of what waited behind these. */
static bool drop_overdue(struct receiver *receiver, const char *why)
{
    struct courier *courier = receiver->courier;
    struct region *region = loop_region(courier->loop);
    struct post_answer answer = {0};
    size_t count = 0, limit = SWEEP_SLICE - courier->swept;
    int64_t now_ms = clock_wall_ms();
    struct webhook *rows = region_get(region, limit * sizeof *rows);
    snprintf(answer.why, sizeof answer.why, "%s", why);
    if (store_webhook_overdue(courier->store, receiver->account, receiver->origin, now_ms, region, rows, limit, &count) ==
        STORE_FAILED)
        return false;
    size_t dropped = 0;
    for (size_t i = 0; i < count; i++)
        if (parcel_find(courier, rows[i].id) == NULL) {
            parcel_give_up(courier, &rows[i], 0, &answer, now_ms);
            dropped++;
        }
    courier->swept += (unsigned)dropped;
    return dropped > 0;
}

/* Gives when it is to be done again. */
static int64_t sweep(struct receiver *receiver, const char *why, int64_t now_ms)
{
    const struct courier *courier = receiver->courier;
    if (courier->sweep_at_ms > now_ms)
        return courier->sweep_at_ms;
    if (courier->swept >= SWEEP_SLICE)
        return now_ms + SWEEP_LATE_MS;
    return now_ms + (drop_overdue(receiver, why) ? SWEEP_NEXT_MS : SWEEP_MS);
}

/* Of a receiver that is dead, or nowhere, not each is tried a last time. */
static void receiver_sweep(struct receiver *receiver)
{
    const char *why = why_swept(receiver);
    int64_t now_ms = clock_mono_ms();
    if (why == NULL)
        return;
    if (receiver->sweep_at_ms <= now_ms)
        receiver->sweep_at_ms = sweep(receiver, why, now_ms);
    receiver_sleep(receiver, receiver->sweep_at_ms - now_ms);
}

/* When more is due; nothing is: it may be forgotten. */
static void receiver_rest(struct receiver *receiver, int64_t now_ms)
{
    int64_t due_at = 0;
    const struct courier *courier = receiver->courier;
    enum store_result found =
        store_webhook_next_due(courier->store, receiver->account, receiver->origin, now_ms, &due_at);
    if (found == STORE_OK)
        receiver_sleep(receiver, due_at - now_ms);
    else if (found == STORE_FAILED)
        receiver_sleep(receiver, COURIER_DISK_REST_MS);
    else if (receiver->parcels == 0)
        receiver_put(receiver, RECEIVER_DONE);
}

static void receiver_pick(struct receiver *receiver, unsigned room, bool is_cut)
{
    size_t count = 0;
    struct courier *courier = receiver->courier;
    size_t limit = room + receiver->parcels; /* what is under way is ready as well, to the store */
    int64_t now_ms = clock_wall_ms();
    struct region *region = loop_region(courier->loop);
    struct webhook *rows = region_get(region, limit * sizeof *rows);
    receiver->is_hurried = false;
    if (store_webhook_ready(courier->store, receiver->account, receiver->origin, now_ms, region, rows, limit, &count) ==
        STORE_FAILED) {
        receiver_sleep(receiver, COURIER_DISK_REST_MS);
        return;
    }
    for (size_t i = 0; i < count && room > 0; i++)
        if (parcel_find(courier, rows[i].id) == NULL) {
            parcel_new(receiver, &rows[i]);
            room--;
        }
    if (count < limit)
        receiver_rest(receiver, now_ms);
    else if (is_cut)
        receiver_stand(receiver);
}

/* False: something wakes it when it may. */
static bool receiver_may(struct receiver *receiver)
{
    int64_t wait_ms = receiver->rest_until_ms - clock_mono_ms();
    if (receiver_room(receiver) == 0 || receiver->courier->is_stopping || is_nowhere(receiver))
        return false;
    if (wait_ms > 0)
        receiver_sleep(receiver, wait_ms);
    return wait_ms <= 0;
}

void receiver_turn(struct receiver *receiver)
{
    receiver_put(receiver, RECEIVER_ASLEEP);
    timer_clear(receiver->courier->loop, &receiver->timer);
    receiver_sweep(receiver);
    if (receiver_may(receiver))
        receiver_stand(receiver);
}

void receiver_go(struct receiver *receiver)
{
    unsigned own = receiver_room(receiver), room = share_room(receiver->share, is_doubtful(receiver));
    receiver_put(receiver, RECEIVER_ASLEEP);
    if (!receiver_may(receiver))
        return;
    if (descriptors_are_short())
        receiver_sleep(receiver, DESCRIPTORS_PAUSE_MS);
    else
        receiver_pick(receiver, own < room ? own : room, room < own);
}
