/* bench_number: the recipients of a run: numbers of the exchange 555 in the areas of the USA, ten
 * thousand an area. No phone has one: the exchange is kept for enquiries and for fiction. */
#ifndef BENCH_NUMBER_H
#define BENCH_NUMBER_H

#include <stdint.h>

#define BENCH_NUMBERS_MOST 5000000

uint64_t bench_number(int64_t i); /* 0 to BENCH_NUMBERS_MOST - 1: each gives another one, rising */

/* The recipient of the i-th message of a run over `count` numbers: all of them in turn, in an order
 * that jumps about, as recipients do. */
uint64_t bench_recipient(int64_t i, int64_t count);

#endif
