#include "base/histogram.h"

#include <stddef.h>

const int64_t histogram_bounds_ms[HISTOGRAM_BOUNDS] = {1,    2,    5,    10,   25,    50,    100,   250,
                                                       500,  1000, 2500, 5000, 10000, 30000, 60000, 300000};

void histogram_put(struct histogram *histogram, int64_t ms)
{
    size_t place = 0;
    while (place < HISTOGRAM_BOUNDS && ms > histogram_bounds_ms[place])
        place++;
    histogram->at[place]++;
    histogram->sum_ms += ms > 0 ? (uint64_t)ms : 0;
}
