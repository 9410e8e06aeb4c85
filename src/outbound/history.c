#include "outbound/history.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/must.h"
#include "outbound/carrier.h"
#include "outbound/dispatch.h"

struct history {
    struct loop *loop;
    struct carriers *carriers;
    struct dispatch *dispatch;
    struct bins *bins;
    uint64_t minutes;              /* since the start */
    int64_t fine_ms, coarse_ms;    /* monotonic: when the newest ended */
    uint64_t handed_in, blocked;   /* by then */
    struct timer timer;
};

static uint64_t passed(uint64_t now, uint64_t *then)
{
    uint64_t more = now - *then;
    *then = now;
    return more;
}

static void close_minute(struct history *history)
{
    uint64_t all[BINS_FIGURES] = {0};
    const struct dispatch_counts *counts = dispatch_counts(history->dispatch);
    bool ends_coarse = ++history->minutes % (BINS_COARSE_MS / BINS_FINE_MS) == 0;
    for (size_t i = 0; i < carriers_count(history->carriers); i++)
        carrier_close_bin(carriers_at(history->carriers, i), history->bins, all, ends_coarse);
    all[BINS_HANDED_IN] = passed(counts->taken, &history->handed_in);
    all[BINS_BLOCKED] = passed(dispatch_blocked(history->dispatch), &history->blocked);
    bins_close(history->bins, all, ends_coarse);
    history->fine_ms += BINS_FINE_MS;
    history->coarse_ms = ends_coarse ? history->fine_ms : history->coarse_ms;
}

/* One that rings late, since the machine stood still, makes up for it: where a minute is, tells when it was. */
static void minute_is_over(void *owner)
{
    struct history *history = owner;
    int64_t now_ms = clock_mono_ms(), oldest_ms = now_ms - (int64_t)BINS_COARSE * BINS_COARSE_MS;
    if (history->fine_ms < oldest_ms)
        history->fine_ms = oldest_ms;
    while (history->fine_ms + BINS_FINE_MS <= now_ms)
        close_minute(history);
    timer_set(history->loop, &history->timer, history->fine_ms + BINS_FINE_MS - now_ms, minute_is_over, history);
}

struct history *history_open(struct loop *loop, struct carriers *carriers, struct dispatch *dispatch)
{
    struct history *history = mem_new(sizeof *history);
    history->loop = loop;
    history->carriers = carriers;
    history->dispatch = dispatch;
    history->bins = bins_new();
    history->fine_ms = history->coarse_ms = clock_mono_ms();
    timer_set(loop, &history->timer, BINS_FINE_MS, minute_is_over, history);
    return history;
}

void history_close(struct history *history)
{
    if (history == NULL)
        return;
    timer_clear(history->loop, &history->timer);
    bins_free(history->bins);
    free(history);
}

const struct bins *history_bins(const struct history *history)
{
    return history->bins;
}

int64_t history_end(const struct history *history, bool is_coarse, int64_t now_ms)
{
    return now_ms - (clock_mono_ms() - (is_coarse ? history->coarse_ms : history->fine_ms));
}
