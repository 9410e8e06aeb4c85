/* The wall's clock: the monotonic one and a distance to it. A clock that is set moves the distance, but
 * only when it stays so: what waits for its hour, or for the end of its term, must not go by a mistake
 * that is put right a minute later. */
#include <stdlib.h>

#include "base/clock.h"

#define FOLLOWED_MS 2000 /* steps that time services make: followed at once */

static struct {
    bool is_known;
    int64_t distance_ms; /* of the wall's clock from the monotonic one */
    bool is_doubted;     /* the machine's clock says another distance … */
    int64_t other_ms;    /* … this one … */
    int64_t since_ms;    /* … since then */
    int64_t set_by_ms;
} wall;

static bool is_near(int64_t a, int64_t b)
{
    return llabs(a - b) <= FOLLOWED_MS;
}

static void follow(int64_t distance_ms)
{
    wall.is_known = true;
    wall.is_doubted = false;
    wall.distance_ms = distance_ms;
}

static void doubt(int64_t distance_ms, int64_t now_ms)
{
    if (!wall.is_doubted || !is_near(distance_ms, wall.other_ms))
        wall.since_ms = now_ms;
    wall.is_doubted = true;
    wall.other_ms = distance_ms;
    if (now_ms - wall.since_ms < CLOCK_DOUBT_MS)
        return;
    wall.set_by_ms += distance_ms - wall.distance_ms;
    follow(distance_ms);
}

int64_t clock_wall_ms(void)
{
    int64_t now_ms = clock_mono_ms();
    int64_t distance_ms = clock_machine_ms() - now_ms;
    if (!wall.is_known || is_near(distance_ms, wall.distance_ms))
        follow(distance_ms);
    else
        doubt(distance_ms, now_ms);
    return now_ms + wall.distance_ms;
}

int64_t clock_set_by_ms(void)
{
    int64_t by_ms = wall.set_by_ms;
    wall.set_by_ms = 0;
    return by_ms;
}
