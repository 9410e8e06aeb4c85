#include "outbound/rates.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "outbound/bucket.h"

/* Of an account that has, or had, a rate: there are few. */
struct rate {
    char *account;
    struct bucket bucket;
};

struct rates {
    struct rate *at;
    size_t count;
};

struct rates *rates_open(void)
{
    return mem_new(sizeof(struct rates));
}

void rates_close(struct rates *rates)
{
    for (size_t i = 0; i < rates->count; i++)
        free(rates->at[i].account);
    free(rates->at);
    free(rates);
}

static struct bucket *bucket_of(struct rates *rates, const char *account, double rate,
                                int64_t now_ms)
{
    for (size_t i = 0; i < rates->count; i++)
        if (strcmp(rates->at[i].account, account) == 0)
            return &rates->at[i].bucket;
    rates->at = mem_grow(rates->at, (rates->count + 1) * sizeof *rates->at);
    struct rate *added = &rates->at[rates->count++];
    added->account = mem_text(account);
    bucket_init(&added->bucket, rate, now_ms);
    return &added->bucket;
}

int64_t rates_take(struct rates *rates, const char *account, double rate, unsigned parts,
                   int64_t now_ms)
{
    if (rate <= 0)
        return 0;
    struct bucket *bucket = bucket_of(rates, account, rate, now_ms);
    if (bucket->rate != rate)
        bucket_set_rate(bucket, rate, now_ms);
    int64_t wait_ms = bucket_wait_ahead_ms(bucket, now_ms);
    if (wait_ms == 0)
        bucket_spend(bucket, parts, now_ms);
    return wait_ms;
}

unsigned rates_load(struct rates *rates, const char *account, double rate, int64_t now_ms)
{
    return rate <= 0 ? 0 : bucket_load(bucket_of(rates, account, rate, now_ms), now_ms);
}
