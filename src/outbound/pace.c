#include "outbound/pace.h"

#include <math.h>

#define SECOND_MS   1000
#define STEPS       20   /* from nothing to the agreed rate: so half of it is back in ten seconds */
#define RATE_LEAST  0.1  /* a long code at some providers: no carrier is slower (F435) */
#define MEASURE_LEAST 20 /* what one second held tells nothing of a carrier that was hardly used */
#define FREE_AT     10   /* times what was measured: then nobody knows of a limit any more */

void pace_init(struct pace *pace, double agreed)
{
    *pace = (struct pace){.agreed = agreed, .rate = agreed};
}

static void meter_turn(struct pace *pace, int64_t now_ms)
{
    int64_t second = now_ms / SECOND_MS;
    if (second == pace->second)
        return;
    pace->taken_before = second == pace->second + 1 ? pace->taken : 0;
    pace->taken = 0;
    pace->second = second;
}

/* Over the last second: what is left of the one before counts by its share. */
static double measured(struct pace *pace, int64_t now_ms)
{
    meter_turn(pace, now_ms);
    double left = (double)(SECOND_MS - now_ms % SECOND_MS) / SECOND_MS;
    return pace->taken + pace->taken_before * left;
}

void pace_answered(struct pace *pace, bool is_taken, int64_t now_ms)
{
    if (pace->outstanding > 0)
        pace->outstanding--;
    meter_turn(pace, now_ms);
    pace->taken += is_taken;
}

/* From where the rate is halved for the first time, and how it comes back. */
static void begin(struct pace *pace, int64_t now_ms)
{
    double base = pace->agreed > 0 ? pace->agreed : fmax(measured(pace, now_ms), MEASURE_LEAST);
    if (pace_is_slowed(pace))
        return;
    pace->rate = base;
    pace->step = base / STEPS;
    pace->most = pace->agreed > 0 ? base : base * FREE_AT;
}

bool pace_throttled(struct pace *pace, unsigned unanswered, int64_t now_ms)
{
    if (pace->outstanding > 0)
        return false; /* it left before we slowed down */
    begin(pace, now_ms);
    pace->rate = fmax(pace->rate / 2, fmin(RATE_LEAST, pace->rate));
    pace->outstanding = unanswered + 1; /* this answer is counted next */
    return true;
}

bool pace_grow(struct pace *pace)
{
    if (!pace_is_slowed(pace))
        return false;
    pace->rate += pace->step;
    if (pace->rate < pace->most)
        return true;
    pace->rate = pace->agreed;
    pace->most = 0;
    return true;
}

bool pace_is_slowed(const struct pace *pace)
{
    return pace->most > 0;
}
