/* turnstile: how many forms come from an address (of IPv6, its /64): so many at once, and one more each so often. Memory is
 * bounded: of addresses those heard of last are remembered, so many that a crowd can't push one out before it may go on
 * anyway, unless it is larger than what the limit is against. Times are of the monotonic clock. Private to the doors. */
#ifndef DOORS_TURNSTILE_H
#define DOORS_TURNSTILE_H

#include <stdint.h>

#define TURNSTILE_AT_ONCE   20
#define TURNSTILE_EACH_MS   30000
#define TURNSTILE_ADDRESSES 1024

struct turnstile;

struct turnstile *turnstile_open(void);
void turnstile_close(struct turnstile *turnstile); /* NULL is allowed */

/* One more wants through. 0: it is, and counts; else in how many milliseconds it may come again. */
int64_t turnstile_pass(struct turnstile *turnstile, const char *address, int64_t now_ms);

#endif
