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

#define MOST_ACCOUNT    64     /* under way of one account, whomever its messages name */
#define MOST_OTHER      8      /* to a receiver that no account's settings are about */
#define NOWHERE_MS      600000 /* an account has no receiver now: until what waits is looked through again */
#define DEAD_MS         INT64_C(3600000) /* a receiver that failed so long takes what is over with it */
#define OVERDUE_SLICE   100
#define WOKEN_MOST      16 /* of those who were crowded out, when something lands */
#define OVERDUE_NEXT_MS 500

static void receiver_put(struct receiver *receiver, enum receiver_place place)
{
    struct courier *courier = receiver->courier;
    TAILQ_REMOVE(&courier->receivers[receiver->place], receiver, line);
    TAILQ_INSERT_TAIL(&courier->receivers[place], receiver, line);
    receiver->place = place;
}

void receiver_wake(struct receiver *receiver)
{
    if (receiver->place != RECEIVER_AWAKE)
        receiver_put(receiver, RECEIVER_AWAKE);
    courier_wake(receiver->courier);
}

/* Not all: an account may name thousands of places, and one has landed. */
void receiver_make_room(struct courier *courier)
{
    struct receiver *receiver;
    for (int i = 0; i < WOKEN_MOST && (receiver = TAILQ_FIRST(&courier->receivers[RECEIVER_CROWDED])) != NULL; i++)
        receiver_wake(receiver);
}

static void receiver_rings(void *owner)
{
    receiver_wake(owner);
}

static void receiver_sleep(struct receiver *receiver, int64_t wait_ms)
{
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
    receiver = mem_new(sizeof *receiver);
    *receiver = (struct receiver){
        .courier = courier, .account = mem_text(account), .origin = mem_text(origin), .next = *bucket};
    *bucket = receiver;
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
    TAILQ_REMOVE(&courier->receivers[receiver->place], receiver, line);
    timer_clear(courier->loop, &receiver->timer);
    free(receiver->account);
    free(receiver->origin);
    free(receiver);
}

static bool is_nowhere(const struct receiver *receiver)
{
    const struct config_account *config = courier_config_of(receiver->courier, receiver->account);
    return receiver->origin[0] == '\0' && (config == NULL || config->callback_url[0] == '\0');
}

static unsigned parcels_of_account(const struct courier *courier, const char *account)
{
    unsigned count = 0;
    const struct parcel *parcel;
    TAILQ_FOREACH(parcel, &courier->parcels, line)
    {
        count += strcmp(parcel->receiver->account, account) == 0;
    }
    return count;
}

/* How many more may be under way to it. */
static unsigned receiver_room(const struct receiver *receiver, bool *is_crowded)
{
    const struct courier *courier = receiver->courier;
    const struct config_account *config = courier_config_of(courier, receiver->account);
    unsigned most = receiver->origin[0] == '\0' && config != NULL ? (unsigned)config->callback_parallel : MOST_OTHER;
    if (receiver->failures >= BACKOFF_DOUBTED)
        most = 1;
    if (receiver->is_hurried && most <= receiver->parcels)
        most = receiver->parcels + 1;
    unsigned own = most > receiver->parcels ? most - receiver->parcels : 0;
    unsigned of_account = parcels_of_account(courier, receiver->account), all = (unsigned)courier->counts.under_way;
    unsigned rest = MOST_ACCOUNT > of_account ? MOST_ACCOUNT - of_account : 0;
    rest = COURIER_MOST - all < rest ? COURIER_MOST - all : rest;
    *is_crowded = rest < own;
    return own < rest ? own : rest;
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
    receiver_wake(receiver);
}

void receiver_trust(struct receiver *receiver)
{
    receiver->failures = 0;
    receiver->rest_until_ms = 0;
    receiver_wake(receiver);
}

/* ---- its turn ---- */

/* Of a receiver that is dead, or nowhere, not each is tried a last time. */
static void drop_overdue(struct receiver *receiver, const char *why)
{
    size_t count = 0;
    struct courier *courier = receiver->courier;
    struct region *region = loop_region(courier->loop);
    struct post_answer answer = {0};
    int64_t now_ms = clock_wall_ms();
    struct webhook *rows = region_get(region, OVERDUE_SLICE * sizeof *rows);
    snprintf(answer.why, sizeof answer.why, "%s", why);
    if (store_webhook_overdue(courier->store, receiver->account, receiver->origin, now_ms, region, rows,
                              OVERDUE_SLICE, &count) == STORE_FAILED)
        return;
    for (size_t i = 0; i < count; i++)
        if (parcel_find(courier, rows[i].id) == NULL) {
            parcel_give_up(courier, &rows[i], 0, &answer, now_ms);
            courier->counts.dead++;
        }
    if (count == OVERDUE_SLICE)
        receiver_sleep(receiver, OVERDUE_NEXT_MS);
}

static bool is_dead(const struct receiver *receiver)
{
    return receiver->failures >= BACKOFF_DOUBTED && clock_wall_ms() - receiver->failing_since >= DEAD_MS;
}

/* When more is due; nothing is: it is forgotten. */
static void receiver_rest(struct receiver *receiver)
{
    struct courier *courier = receiver->courier;
    int64_t now_ms = clock_wall_ms();
    int64_t due_at = store_webhook_next_due(courier->store, receiver->account, receiver->origin, now_ms);
    if (due_at > 0)
        receiver_sleep(receiver, due_at - now_ms);
    else if (receiver->parcels == 0)
        receiver_drop(receiver);
}

static void receiver_pick(struct receiver *receiver, unsigned room)
{
    receiver->is_hurried = false;
    size_t count = 0;
    struct courier *courier = receiver->courier;
    size_t limit = room + receiver->parcels; /* what is under way is ready as well, to the store */
    struct region *region = loop_region(courier->loop);
    struct webhook *rows = region_get(region, limit * sizeof *rows);
    if (store_webhook_ready(courier->store, receiver->account, receiver->origin, clock_wall_ms(), region, rows,
                            limit, &count) == STORE_FAILED) {
        receiver_sleep(receiver, COURIER_DISK_REST_MS);
        return;
    }
    for (size_t i = 0; i < count && room > 0; i++)
        if (parcel_find(courier, rows[i].id) == NULL) {
            parcel_new(receiver, &rows[i]);
            room--;
        }
    if (count < limit)
        receiver_rest(receiver);
}

void receiver_turn(struct receiver *receiver)
{
    struct courier *courier = receiver->courier;
    int64_t wait_ms = receiver->rest_until_ms - clock_mono_ms();
    bool is_crowded;
    unsigned room = receiver_room(receiver, &is_crowded);
    receiver_put(receiver, is_crowded ? RECEIVER_CROWDED : RECEIVER_ASLEEP);
    timer_clear(courier->loop, &receiver->timer);
    if (is_nowhere(receiver)) {
        receiver_sleep(receiver, NOWHERE_MS);
        drop_overdue(receiver, "the account has no callback_url");
        return;
    }
    if (is_dead(receiver))
        drop_overdue(receiver, "the receiver has not answered for hours");
    if (room == 0 || courier->is_stopping)
        return; /* whoever lands wakes it */
    if (wait_ms > 0)
        receiver_sleep(receiver, wait_ms);
    else if (descriptors_are_short())
        receiver_sleep(receiver, DESCRIPTORS_PAUSE_MS);
    else
        receiver_pick(receiver, room);
}
