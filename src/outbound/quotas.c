#include "outbound/quotas.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/zone.h"

#define DAYS_KEPT 60 /* of each account, for whoever looks into the database */

/* Of an account that has, or had, a quota: there are few. */
struct quota {
    char *account;
    int64_t day, used; /* day: that `used` is of */
    bool is_read, is_dirty;
    bool is_swept; /* what is older than DAYS_KEPT is gone: once a day is enough */
};

struct quotas {
    struct store *store;
    struct zones *zones;
    struct quota *at;
    size_t count;
    bool is_dirty; /* one of them is */
};

struct quotas *quotas_open(struct store *store)
{
    struct quotas *quotas = mem_new(sizeof *quotas);
    quotas->store = store;
    quotas->zones = zones_open();
    return quotas;
}

void quotas_close(struct quotas *quotas)
{
    for (size_t i = 0; i < quotas->count; i++)
        free(quotas->at[i].account);
    free(quotas->at);
    zones_close(quotas->zones);
    free(quotas);
}

static struct quota *quota_of(struct quotas *quotas, const char *account)
{
    for (size_t i = 0; i < quotas->count; i++)
        if (strcmp(quotas->at[i].account, account) == 0)
            return &quotas->at[i];
    quotas->at = mem_grow(quotas->at, (quotas->count + 1) * sizeof *quotas->at);
    struct quota *added = &quotas->at[quotas->count++];
    *added = (struct quota){.account = mem_text(account)};
    return added;
}

static void quota_put(struct quotas *quotas, struct quota *quota)
{
    store_account_day_put(quotas->store, quota->account, quota->day, quota->used);
    if (!quota->is_swept)
        store_account_days_forget(quotas->store, quota->account, quota->day - DAYS_KEPT);
    quota->is_dirty = false;
    quota->is_swept = true;
}

/* A zone that can't be read any more: by UTC. */
static const struct zone *zone_of(struct quotas *quotas, const struct account *account)
{
    return zones_find(quotas->zones, account->quota_timezone);
}

/* NULL: what was used of the day can't be read. */
static struct quota *quota_read(struct quotas *quotas, const struct account *account, int64_t now_ms)
{
    struct quota *quota = quota_of(quotas, account->name);
    int64_t day = zone_day(zone_of(quotas, account), now_ms);
    if (quota->is_read && quota->day == day)
        return quota;
    if (quota->is_dirty)
        quota_put(quotas, quota);
    quota->is_swept = false;
    quota->day = day;
    quota->is_read = store_account_day(quotas->store, quota->account, day, &quota->used) == STORE_OK;
    return quota->is_read ? quota : NULL;
}

enum store_result quotas_room(struct quotas *quotas, const struct account *account, int64_t parts,
                              int64_t now_ms, int64_t *wait_ms)
{
    *wait_ms = 0;
    if (account->quota == 0)
        return STORE_OK;
    const struct quota *quota = quota_read(quotas, account, now_ms);
    if (quota == NULL)
        return STORE_FAILED;
    if (quota->used + parts <= account->quota)
        return STORE_OK;
    *wait_ms = zone_day_end_ms(zone_of(quotas, account), now_ms) - now_ms;
    return STORE_NONE;
}

void quotas_use(struct quotas *quotas, const struct account *account, int64_t parts, int64_t now_ms)
{
    struct quota *quota = account->quota == 0 || parts <= 0 ? NULL : quota_read(quotas, account, now_ms);
    if (quota == NULL)
        return;
    quota->used += parts;
    quota->is_dirty = quotas->is_dirty = true;
}

int64_t quotas_used(struct quotas *quotas, const struct account *account, int64_t now_ms)
{
    const struct quota *quota = quota_read(quotas, account, now_ms);
    return quota == NULL ? -1 : quota->used;
}

void quotas_put(struct quotas *quotas)
{
    for (size_t i = 0; quotas->is_dirty && i < quotas->count; i++)
        if (quotas->at[i].is_dirty)
            quota_put(quotas, &quotas->at[i]);
    quotas->is_dirty = false;
}

void quotas_rolled_back(struct quotas *quotas)
{
    for (size_t i = 0; i < quotas->count; i++)
        quotas->at[i].is_read = quotas->at[i].is_dirty = quotas->at[i].is_swept = false;
    quotas->is_dirty = false;
}
