/* bench_meter: what a run took: the time from each request to its answer, and what the processes
 * under test spent meanwhile, as /proc says it. */
#ifndef BENCH_METER_H
#define BENCH_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench.h"

struct bench_meter {
    int64_t rate; /* messages a second that are due; 0: all at once */
    int64_t begun_us;
    int64_t answered_us; /* when the last answer came */
    int64_t begun_cpu_us;
    const int64_t *processes; /* borrowed */
    uint32_t *latency_us;     /* owned */
    size_t count, room;
};

int64_t bench_now_us(void); /* monotonic */

/* False: a process can't be looked at; `fault` says which. The processes must outlive the meter. */
bool meter_begin(struct bench_meter *meter, const int64_t processes[BENCH_PROCESSES],
                 int64_t messages, int64_t rate, char fault[BENCH_FAULT_SIZE]);

/* When the i-th message is due: at once, or as the rate says. */
int64_t meter_due_us(const struct bench_meter *meter, int64_t i);
/* An answer came to what was asked (or due) at `asked_us`. */
void meter_answer(struct bench_meter *meter, int64_t asked_us);

/* Waits until the processes have nothing more to do (a minute at most), and fills in the figures.
 * The meter is over. */
void meter_end(struct bench_meter *meter, struct bench_figures *out);

#endif
