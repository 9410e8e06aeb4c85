/* histogram: how long things took since the start, as Prometheus wants it: counted in classes whose bounds never change. Pure. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BOUNDS 16

struct histogram { /* zeroed: nothing was put */
    uint64_t at[HISTOGRAM_BOUNDS + 1]; /* up to each bound; beyond the last */
    uint64_t sum_ms;
};

extern const int64_t histogram_bounds_ms[HISTOGRAM_BOUNDS];

void histogram_put(struct histogram *histogram, int64_t ms); /* below 0 is 0 */

#endif
