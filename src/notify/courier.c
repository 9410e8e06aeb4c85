#include "notify/courier.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "config/config.h"
#include "consent/account.h"
#include "courier_parts.h"

#define TURN_MOST    64 /* receivers that are looked at, and that go, in one turn: each is a read or two */
#define TIDY_MS      600000
#define TIDY_NEXT_MS 10
#define TIDY_SLICE   200
#define KEPT_MS      INT64_C(86400000) /* what was delivered, for people … */
#define KEPT_DEAD_MS (30 * INT64_C(86400000)) /* … and what was not */

void courier_wake(struct courier *courier)
{
    if (!courier->has_work)
        loop_again(courier->loop);
    courier->has_work = true;
}

void courier_waits(struct courier *courier, const char *account, const char *origin)
{
    receiver_wake(receiver_find(courier, account, origin));
}

void courier_hurry(struct courier *courier, const char *account, const char *origin)
{
    receiver_hurry(receiver_find(courier, account, origin));
}

const struct config_account *courier_config_of(const struct courier *courier, const char *account)
{
    const struct account *found = accounts_find(courier->accounts, account);
    return found == NULL ? NULL : found->config;
}

static void parcel_answered(void *owner, void *whose, const struct post_answer *answer)
{
    struct parcel *parcel = whose;
    parcel->state = PARCEL_ANSWERED;
    parcel->answer = *answer;
    receiver_judge(parcel->receiver, answer);
    courier_wake(owner);
}

/* ---- the turn ---- */

static void write_answers(struct courier *courier)
{
    struct parcel *parcel;
    int64_t now_ms = clock_mono_ms();
    TAILQ_FOREACH(parcel, &courier->parcels, line)
    {
        if (parcel->state == PARCEL_ANSWERED && parcel->rest_until_ms <= now_ms)
            parcel_write(parcel);
    }
}

/* Who has just landed something stands in line with those who wait for its place. */
void courier_turn(struct courier *courier)
{
    struct receiver *receiver;
    if (!courier->has_work)
        return;
    courier->has_work = false;
    write_answers(courier);
    for (int i = 0; i < TURN_MOST && (receiver = TAILQ_FIRST(&courier->receivers[RECEIVER_AWAKE])) != NULL; i++)
        receiver_turn(receiver);
    for (int i = 0; i < TURN_MOST && (receiver = share_next(courier)) != NULL; i++)
        receiver_go(receiver);
    if (!TAILQ_EMPTY(&courier->receivers[RECEIVER_AWAKE]) || share_next(courier) != NULL)
        courier_wake(courier);
}

void courier_committed(struct courier *courier)
{
    struct parcel *parcel = TAILQ_FIRST(&courier->parcels);
    while (parcel != NULL) {
        struct parcel *next = TAILQ_NEXT(parcel, line);
        if (parcel->state == PARCEL_PICKED)
            parcel_begin(parcel);
        else if (parcel->state == PARCEL_WRITTEN)
            parcel_drop(parcel);
        parcel = next;
    }
    while (!TAILQ_EMPTY(&courier->receivers[RECEIVER_DONE]))
        receiver_drop(TAILQ_FIRST(&courier->receivers[RECEIVER_DONE]));
    courier->counts.dead += courier->swept;
    courier->swept = 0;
}

static void written_again(void *owner)
{
    courier_wake(owner);
}

/* What was answered is not posted again, but written once more; what was picked may never have been, and what a receiver was
 * done with may wait again. */
void courier_rolled_back(struct courier *courier)
{
    struct receiver *receiver;
    struct parcel *parcel = TAILQ_FIRST(&courier->parcels);
    int64_t again_ms = clock_mono_ms() + COURIER_DISK_REST_MS;
    while (parcel != NULL) {
        struct parcel *next = TAILQ_NEXT(parcel, line);
        if (parcel->state == PARCEL_WRITTEN) {
            parcel->state = PARCEL_ANSWERED;
            parcel->rest_until_ms = again_ms;
        } else if (parcel->state == PARCEL_PICKED) {
            parcel->receiver->rest_until_ms = again_ms;
            parcel_drop(parcel);
        }
        parcel = next;
    }
    while ((receiver = TAILQ_FIRST(&courier->receivers[RECEIVER_DONE])) != NULL) {
        receiver->rest_until_ms = again_ms;
        receiver_wake(receiver);
    }
    courier->swept = 0;
    courier->sweep_at_ms = again_ms;
    timer_set(courier->loop, &courier->disk_timer, COURIER_DISK_REST_MS, written_again, courier);
}

const struct courier_counts *courier_counts(const struct courier *courier)
{
    return &courier->counts;
}

/* ---- life ---- */

static void tidy(void *owner)
{
    struct courier *courier = owner;
    int64_t now_ms = clock_wall_ms(), texts_ms = courier->config->retention.texts_ms;
    int64_t dead_ms = texts_ms > 0 && texts_ms < KEPT_DEAD_MS ? texts_ms : KEPT_DEAD_MS;
    int64_t gone = store_webhook_forget(courier->store, WEBHOOK_DELIVERED, now_ms - KEPT_MS, TIDY_SLICE);
    gone += store_webhook_forget(courier->store, WEBHOOK_DEAD, now_ms - dead_ms, TIDY_SLICE);
    timer_set(courier->loop, &courier->tidy_timer, gone >= TIDY_SLICE ? TIDY_NEXT_MS : TIDY_MS, tidy, courier);
}

static bool find_receivers(struct courier *courier)
{
    enum store_result found;
    struct region *region = loop_region(courier->loop);
    struct webhook_receiver at = {.account = "", .origin = ""};
    while ((found = store_webhook_receiver(courier->store, &at, region, &at)) == STORE_OK)
        courier_waits(courier, at.account, at.origin);
    return found == STORE_NONE;
}

struct courier *courier_open(struct loop *loop, struct store *store, const struct accounts *accounts,
                             const struct config *config)
{
    struct courier *courier = mem_new(sizeof *courier);
    *courier = (struct courier){.loop = loop, .store = store, .accounts = accounts, .config = config};
    for (size_t i = 0; i < RECEIVER_PLACES; i++)
        TAILQ_INIT(&courier->receivers[i]);
    TAILQ_INIT(&courier->shares);
    TAILQ_INIT(&courier->parcels);
    courier->posts = posts_open(loop, &config->callbacks, parcel_answered, courier);
    if (!find_receivers(courier)) {
        courier_close(courier);
        return NULL;
    }
    timer_set(loop, &courier->tidy_timer, TIDY_NEXT_MS, tidy, courier);
    return courier;
}

void courier_stop(struct courier *courier)
{
    courier->is_stopping = true;
}

void courier_configure(struct courier *courier, const struct config *config)
{
    courier->config = config;
    posts_configure(courier->posts, &config->callbacks);
    for (size_t i = 0; i < COURIER_BUCKETS; i++)
        for (struct receiver *receiver = courier->buckets[i]; receiver != NULL; receiver = receiver->next)
            receiver_trust(receiver);
}

void courier_close(struct courier *courier)
{
    if (courier == NULL)
        return;
    posts_close(courier->posts);
    while (!TAILQ_EMPTY(&courier->parcels))
        parcel_drop(TAILQ_FIRST(&courier->parcels));
    for (size_t i = 0; i < COURIER_BUCKETS; i++)
        while (courier->buckets[i] != NULL)
            receiver_drop(courier->buckets[i]);
    timer_clear(courier->loop, &courier->disk_timer);
    timer_clear(courier->loop, &courier->tidy_timer);
    free(courier);
}
