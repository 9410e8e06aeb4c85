/* bins: what passed by one carrier, or by all of the gateway: in bins of a minute for three hours, and of ten minutes for two
 * days. In memory, since the start, and always as large.
 *
 * What is counted is counted elsewhere, and looked at when a minute is over (outbound/history.h); how long things took is put in
 * as it happens, which is two additions. */
#ifndef OUTBOUND_BINS_H
#define OUTBOUND_BINS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/histogram.h"
#include "base/spread.h"

#define BINS_FINE_MS   60000
#define BINS_COARSE_MS (10 * BINS_FINE_MS)
#define BINS_FINE      180
#define BINS_COARSE    288

enum bins_figure { BINS_SUBMITTED, BINS_ACCEPTED, BINS_REFUSED, BINS_HEARD, BINS_HANDED_IN, BINS_BLOCKED, BINS_FIGURES };
enum bins_time { BINS_ANSWER, BINS_WAIT, BINS_TIMES }; /* from submit to answer; from when it was due to its submit */

struct bin {
    uint32_t figures[BINS_FIGURES];
    uint32_t p50_ms[BINS_TIMES], p95_ms[BINS_TIMES]; /* SPREAD_NONE: nothing took any time */
};

struct bins;

struct bins *bins_new(void);
void bins_free(struct bins *bins); /* NULL is allowed */
void bins_took(struct bins *bins, enum bins_time time, int64_t ms);
/* The minute is over. ends_coarse: ten of them are. */
void bins_close(struct bins *bins, const uint64_t figures[BINS_FIGURES], bool ends_coarse);
/* What took time in the minute that runs took it here too. */
void bins_gather(struct bins *bins, const struct bins *other);
/* The n-th before the one that runs, from 0. NULL: it is before the beginning. */
const struct bin *bins_at(const struct bins *bins, bool is_coarse, size_t n);
/* Since the start, beside the bins. */
const struct histogram *bins_total(const struct bins *bins, enum bins_time time);
size_t bins_count(const struct bins *bins, bool is_coarse);

#endif
