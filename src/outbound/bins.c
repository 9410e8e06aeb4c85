#include "outbound/bins.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

struct grain {
    size_t room, count, next; /* a ring */
    uint32_t figures[BINS_FIGURES];    /* of the bin that runs */
    struct spread spreads[BINS_TIMES];
    struct bin *at;
};

struct bins {
    struct grain fine, coarse;
    struct histogram totals[BINS_TIMES];
    struct bin fine_bins[BINS_FINE], coarse_bins[BINS_COARSE];
};

struct bins *bins_new(void)
{
    struct bins *bins = mem_new(sizeof *bins);
    bins->fine.room = BINS_FINE;
    bins->fine.at = bins->fine_bins;
    bins->coarse.room = BINS_COARSE;
    bins->coarse.at = bins->coarse_bins;
    return bins;
}

void bins_free(struct bins *bins)
{
    free(bins);
}

void bins_took(struct bins *bins, enum bins_time time, int64_t ms)
{
    spread_put(&bins->fine.spreads[time], ms);
    histogram_put(&bins->totals[time], ms);
}

const struct histogram *bins_total(const struct bins *bins, enum bins_time time)
{
    return &bins->totals[time];
}

void bins_gather(struct bins *bins, const struct bins *other)
{
    for (size_t i = 0; i < BINS_TIMES; i++)
        spread_add(&bins->fine.spreads[i], &other->fine.spreads[i]);
}

static void grain_close(struct grain *grain)
{
    struct bin *bin = &grain->at[grain->next];
    memcpy(bin->figures, grain->figures, sizeof bin->figures);
    for (size_t i = 0; i < BINS_TIMES; i++) {
        bin->p50_ms[i] = spread_percentile(&grain->spreads[i], 50);
        bin->p95_ms[i] = spread_percentile(&grain->spreads[i], 95);
    }
    memset(grain->figures, 0, sizeof grain->figures);
    memset(grain->spreads, 0, sizeof grain->spreads);
    grain->next = (grain->next + 1) % grain->room;
    grain->count += grain->count < grain->room ? 1 : 0;
}

void bins_close(struct bins *bins, const uint64_t figures[BINS_FIGURES], bool ends_coarse)
{
    for (size_t i = 0; i < BINS_FIGURES; i++) {
        bins->fine.figures[i] = (uint32_t)figures[i];
        bins->coarse.figures[i] += (uint32_t)figures[i];
    }
    for (size_t i = 0; i < BINS_TIMES; i++)
        spread_add(&bins->coarse.spreads[i], &bins->fine.spreads[i]);
    grain_close(&bins->fine);
    if (ends_coarse)
        grain_close(&bins->coarse);
}

static const struct grain *grain_of(const struct bins *bins, bool is_coarse)
{
    return is_coarse ? &bins->coarse : &bins->fine;
}

size_t bins_count(const struct bins *bins, bool is_coarse)
{
    return grain_of(bins, is_coarse)->count;
}

const struct bin *bins_at(const struct bins *bins, bool is_coarse, size_t n)
{
    const struct grain *grain = grain_of(bins, is_coarse);
    return n < grain->count ? &grain->at[(grain->next + grain->room - 1 - n) % grain->room] : NULL;
}
