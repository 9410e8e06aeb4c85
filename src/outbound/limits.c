#include "outbound/limits.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/zone.h"
#include "outbound/bucket.h"
#include "store/store.h"

#define DAYS_KEPT 60 /* of each brand, for whoever looks into the database */
#define KEPT_FOR_REPLIES(per_day) (((per_day) + 49) / 50)

struct brand_limit {
    char *name;
    const struct config_brand *config; /* NULL: it has none any more */
    const struct zone *zone; /* NULL: it can't be read any more; then by UTC */
    int64_t day, used; /* day: that `used` is of */
    bool is_read, is_dirty;
    bool is_swept; /* what is older than DAYS_KEPT is gone: once a day is enough */
};

struct campaign_limit {
    char *name;
    bool is_limited;
    struct bucket bucket;
    size_t brand; /* its place; NONE */
};

struct sender_limit {
    char *name;
    bool is_limited;
    struct bucket bucket;
    size_t campaign; /* its place; NONE */
};

#define NONE SIZE_MAX

struct limits {
    struct loop *loop;
    struct store *store;
    struct zones *zones;
    struct brand_limit *brands;
    struct campaign_limit *campaigns;
    struct sender_limit *senders; /* by name */
    size_t brand_count, campaign_count, sender_count;
    struct timer due;
};

/* ---- which there are ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sender_limit *)a)->name, ((const struct sender_limit *)b)->name);
}

static struct sender_limit *sender_of(const struct limits *limits, const char *sender)
{
    size_t low = 0, high = limits->sender_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(sender, limits->senders[middle].name);
        if (order == 0)
            return &limits->senders[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static size_t campaign_place(const struct limits *limits, const char *name)
{
    size_t i = 0;
    while (i < limits->campaign_count && strcmp(limits->campaigns[i].name, name) != 0)
        i++;
    return i < limits->campaign_count ? i : NONE;
}

static size_t brand_place(const struct limits *limits, const char *name)
{
    size_t i = 0;
    while (i < limits->brand_count && strcmp(limits->brands[i].name, name) != 0)
        i++;
    return i < limits->brand_count ? i : NONE;
}

/* As it was under the old config, at its new rate. */
static struct bucket bucket_anew(const struct bucket *old, double rate, int64_t now_ms)
{
    struct bucket bucket;
    if (old == NULL || old->rate <= 0) {
        bucket_init(&bucket, rate, now_ms);
        return bucket;
    }
    bucket = *old;
    bucket_set_rate(&bucket, rate, now_ms);
    return bucket;
}

static void brands_take(struct limits *limits, const struct config *config)
{
    struct brand_limit *old = limits->brands;
    size_t old_count = limits->brand_count;
    limits->brands = mem_new((config->brand_count + 1) * sizeof *limits->brands);
    limits->brand_count = 0;
    for (size_t i = 0; i < config->brand_count; i++) {
        const struct config_brand *row = &config->brands[i];
        struct brand_limit *brand = &limits->brands[limits->brand_count++];
        brand->name = mem_text(row->name);
        brand->config = row;
        brand->zone = zones_find(limits->zones, row->timezone);
        for (size_t k = 0; k < old_count; k++)
            if (strcmp(old[k].name, row->name) == 0 && old[k].is_dirty) {
                brand->day = old[k].day; /* this turn's, that no row says yet */
                brand->used = old[k].used;
                brand->is_read = brand->is_dirty = true;
            }
    }
    for (size_t i = 0; i < old_count; i++)
        free(old[i].name);
    free(old);
}

static void campaigns_take(struct limits *limits, const struct config *config, int64_t now_ms)
{
    struct limits old = *limits;
    limits->campaigns = mem_new((config->campaign_count + 1) * sizeof *limits->campaigns);
    limits->campaign_count = 0;
    for (size_t i = 0; i < config->campaign_count; i++) {
        const struct config_campaign *row = &config->campaigns[i];
        size_t place = campaign_place(&old, row->name);
        struct campaign_limit *campaign = &limits->campaigns[limits->campaign_count++];
        campaign->name = mem_text(row->name);
        campaign->is_limited = row->per_minute > 0;
        campaign->brand = brand_place(limits, row->brand);
        campaign->bucket = bucket_anew(place == NONE ? NULL : &old.campaigns[place].bucket,
                                       row->per_minute / 60, now_ms);
    }
    for (size_t i = 0; i < old.campaign_count; i++)
        free(old.campaigns[i].name);
    free(old.campaigns);
}

static void senders_take(struct limits *limits, const struct config *config, int64_t now_ms)
{
    struct limits old = *limits;
    limits->senders = mem_new((config->sender_count + 1) * sizeof *limits->senders);
    limits->sender_count = 0;
    for (size_t i = 0; i < config->sender_count; i++) {
        const struct config_sender *row = &config->senders[i];
        const struct sender_limit *was = sender_of(&old, row->name);
        struct sender_limit *sender = &limits->senders[limits->sender_count++];
        sender->name = mem_text(row->name);
        sender->is_limited = row->throughput > 0;
        sender->campaign = campaign_place(limits, row->campaign);
        sender->bucket = bucket_anew(was == NULL ? NULL : &was->bucket, row->throughput, now_ms);
    }
    qsort(limits->senders, limits->sender_count, sizeof *limits->senders, by_name);
    for (size_t i = 0; i < old.sender_count; i++)
        free(old.senders[i].name);
    free(old.senders);
}

void limits_configure(struct limits *limits, const struct config *config)
{
    int64_t now_ms = clock_mono_ms();
    brands_take(limits, config);
    campaigns_take(limits, config, now_ms);
    senders_take(limits, config, now_ms);
}

struct limits *limits_open(struct loop *loop, struct store *store, const struct config *config)
{
    struct limits *limits = mem_new(sizeof *limits);
    limits->loop = loop;
    limits->store = store;
    limits->zones = zones_open();
    limits_configure(limits, config);
    return limits;
}

void limits_close(struct limits *limits)
{
    static const struct config nothing;
    timer_clear(limits->loop, &limits->due);
    limits_configure(limits, &nothing);
    zones_close(limits->zones);
    free(limits->brands);
    free(limits->campaigns);
    free(limits->senders);
    free(limits);
}

/* ---- a brand's day ---- */

/* False: what was used of the day can't be read. */
static bool brand_read(struct limits *limits, struct brand_limit *brand, int64_t now_ms)
{
    int64_t day = zone_day(brand->zone, now_ms);
    if (brand->is_read && brand->day == day)
        return true;
    if (brand->is_dirty)
        store_brand_day_put(limits->store, brand->name, brand->day, brand->used);
    brand->is_dirty = brand->is_swept = false;
    brand->day = day;
    brand->is_read = store_brand_day(limits->store, brand->name, day, &brand->used) == STORE_OK;
    return brand->is_read;
}

/* The first message of a day goes, however long it is: else a small limit would hold it for ever. */
static bool brand_has_room(const struct brand_limit *brand, unsigned parts)
{
    int64_t most = brand->config->per_day - KEPT_FOR_REPLIES(brand->config->per_day);
    return brand->used == 0 || brand->used + parts <= most;
}

static struct hold brand_hold(struct limits *limits, struct brand_limit *brand, unsigned parts)
{
    int64_t now_ms = clock_wall_ms();
    if (brand->config->per_day > 0 &&
        (!brand_read(limits, brand, now_ms) || !brand_has_room(brand, parts)))
        return (struct hold){.kind = HOLD_BRAND,
                             .limit = brand->name,
                             .wait_ms = zone_day_end_ms(brand->zone, now_ms) - now_ms};
    return (struct hold){.kind = HOLD_NONE};
}

/* ---- all that a sender belongs to ---- */

static struct campaign_limit *campaign_of(const struct limits *limits, const struct sender_limit *sender)
{
    return sender->campaign == NONE ? NULL : &limits->campaigns[sender->campaign];
}

static struct brand_limit *brand_of(const struct limits *limits, const struct sender_limit *sender)
{
    const struct campaign_limit *campaign = campaign_of(limits, sender);
    return campaign == NULL || campaign->brand == NONE ? NULL : &limits->brands[campaign->brand];
}

/* As at carriers: replies take tokens ahead, up to one second's worth. */
static int64_t wait_of(const struct bucket *bucket, unsigned parts, bool is_reply)
{
    int64_t now_ms = clock_mono_ms();
    return is_reply ? bucket_wait_ahead_ms(bucket, now_ms) : bucket_wait_ms(bucket, parts, now_ms);
}

struct hold limits_hold(struct limits *limits, const char *name, unsigned parts, bool is_reply)
{
    int64_t wait_ms = 0;
    struct hold free_to_go = {.kind = HOLD_NONE};
    const struct sender_limit *sender = sender_of(limits, name);
    if (sender == NULL)
        return free_to_go;
    struct brand_limit *brand = brand_of(limits, sender);
    const struct campaign_limit *campaign = campaign_of(limits, sender);
    if (brand != NULL && !is_reply) {
        struct hold hold = brand_hold(limits, brand, parts);
        if (hold.kind != HOLD_NONE)
            return hold;
    }
    if (campaign != NULL && campaign->is_limited)
        wait_ms = wait_of(&campaign->bucket, parts, is_reply);
    if (wait_ms > 0)
        return (struct hold){.kind = HOLD_CAMPAIGN, .limit = campaign->name, .wait_ms = wait_ms};
    if (sender->is_limited)
        wait_ms = wait_of(&sender->bucket, parts, is_reply);
    if (wait_ms > 0)
        return (struct hold){.kind = HOLD_SENDER, .limit = sender->name, .wait_ms = wait_ms};
    return free_to_go;
}

static void due_rings(void *owner)
{
    (void)owner; /* a turn is all that was wanted */
}

void limits_ask(struct limits *limits, const char *name, unsigned parts, bool is_reply,
                const struct hold *hold)
{
    struct sender_limit *sender = sender_of(limits, name);
    int64_t now_ms = clock_mono_ms();
    if (hold->kind == HOLD_CAMPAIGN && !is_reply)
        bucket_ask(&campaign_of(limits, sender)->bucket, parts, now_ms);
    if (hold->kind == HOLD_SENDER && !is_reply)
        bucket_ask(&sender->bucket, parts, now_ms);
    if (!timer_is_set(&limits->due) || limits->due.due_ms > now_ms + hold->wait_ms)
        timer_set(limits->loop, &limits->due, hold->wait_ms, due_rings, limits);
}

static void brand_use(struct limits *limits, struct brand_limit *brand, int64_t parts)
{
    if (!brand_read(limits, brand, clock_wall_ms()))
        return;
    brand->used = brand->used + parts < 0 ? 0 : brand->used + parts;
    brand->is_dirty = true;
}

void limits_spend(struct limits *limits, const char *name, unsigned parts)
{
    int64_t now_ms = clock_mono_ms();
    struct sender_limit *sender = sender_of(limits, name);
    if (sender == NULL)
        return;
    struct campaign_limit *campaign = campaign_of(limits, sender);
    struct brand_limit *brand = brand_of(limits, sender);
    bucket_spend(&sender->bucket, parts, now_ms);
    if (campaign != NULL)
        bucket_spend(&campaign->bucket, parts, now_ms);
    if (brand != NULL)
        brand_use(limits, brand, parts);
}

void limits_give_back(struct limits *limits, const char *name, unsigned parts)
{
    const struct sender_limit *sender = sender_of(limits, name);
    struct brand_limit *brand = sender == NULL ? NULL : brand_of(limits, sender);
    if (brand != NULL)
        brand_use(limits, brand, -(int64_t)parts);
}

/* ---- the turn's end ---- */

void limits_put(struct limits *limits)
{
    for (size_t i = 0; i < limits->brand_count; i++) {
        struct brand_limit *brand = &limits->brands[i];
        if (!brand->is_dirty)
            continue;
        store_brand_day_put(limits->store, brand->name, brand->day, brand->used);
        if (!brand->is_swept)
            store_brand_days_forget(limits->store, brand->name, brand->day - DAYS_KEPT);
        brand->is_dirty = false;
        brand->is_swept = true;
    }
}

void limits_rolled_back(struct limits *limits)
{
    for (size_t i = 0; i < limits->brand_count; i++)
        limits->brands[i].is_read = limits->brands[i].is_dirty = limits->brands[i].is_swept = false;
}

const char *limits_brand(struct limits *limits, size_t n, int64_t *used, int64_t *most)
{
    if (n >= limits->brand_count)
        return NULL;
    struct brand_limit *brand = &limits->brands[n];
    if (!brand_read(limits, brand, clock_wall_ms()))
        return NULL;
    *used = brand->used;
    *most = brand->config->per_day;
    return brand->name;
}
