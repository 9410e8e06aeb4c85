#include "notify/backoff.h"

#include <stddef.h>

#define MOST_MS          INT64_C(14400000)
#define RECEIVER_MOST_MS INT64_C(60000)

static int64_t around(int64_t wait_ms, unsigned chance)
{
    return wait_ms * 9 / 10 + wait_ms * (int64_t)chance / (5 * BACKOFF_PERMILLE);
}

int64_t backoff_ms(int tries, int64_t retry_after_s, unsigned chance)
{
    static const int64_t waits_s[] = {5, 30, 120, 600, 1800, 3600, 7200, 14400};
    size_t last = sizeof waits_s / sizeof *waits_s - 1;
    size_t at = tries < 1 ? 0 : (size_t)tries - 1;
    int64_t wait_ms = around(waits_s[at < last ? at : last] * 1000, chance);
    int64_t asked_ms = retry_after_s > MOST_MS / 1000 ? MOST_MS : retry_after_s * 1000;
    return asked_ms > wait_ms ? asked_ms : wait_ms;
}

int64_t backoff_receiver_ms(unsigned failures, unsigned chance)
{
    int64_t wait_ms = 1000;
    if (failures < BACKOFF_DOUBTED)
        return 0;
    for (unsigned i = BACKOFF_DOUBTED; i < failures && wait_ms < RECEIVER_MOST_MS; i++)
        wait_ms *= 2;
    return around(wait_ms < RECEIVER_MOST_MS ? wait_ms : RECEIVER_MOST_MS, chance);
}
