#include "consent/hours.h"

#include <stddef.h>

#include "base/must.h"
#include "base/zone.h"
#include "consent/law.h"

#define DAY_S     INT64_C(86400)
#define HORIZON   31  /* days that are looked through */
#define ROUNDS    500 /* more than the openings of all zones in that time that can be tried */

/* What is asked: the same for all zones of a place. */
struct question {
    const struct config_hours *hours;
    uint64_t laws;
};

static int64_t day_of(int64_t local_s)
{
    return local_s >= 0 ? local_s / DAY_S : (local_s - DAY_S + 1) / DAY_S;
}

static struct window window_of(const struct question *question, int64_t day)
{
    if (question->hours->kind == CONFIG_HOURS_OWN)
        return (struct window){question->hours->from, question->hours->to};
    return law_window(question->laws, day);
}

static int64_t zone_open_at(const struct question *question, const struct zone *zone, int64_t at_s)
{
    if (zone == NULL)
        return HOURS_NEVER;
    int64_t local_s = at_s + zone_offset_s(zone, at_s), today = day_of(local_s);
    int minute = (int)((local_s - today * DAY_S) / 60);
    for (int64_t day = today; day < today + HORIZON; day++) {
        struct window window = window_of(question, day);
        if (window.from >= window.to || (day == today && minute >= window.to))
            continue;
        if (day == today && minute >= window.from)
            return at_s;
        int64_t opens_s = zone_instant_s(zone, day * DAY_S + window.from * 60, at_s);
        if (opens_s != ZONE_PAST)
            return opens_s;
    }
    return HOURS_NEVER;
}

/* The latest of what the zones of the place answer. */
static int64_t latest_open_at(const struct question *question, const struct places *places,
                              const struct place *place, int64_t at_s)
{
    int64_t latest = at_s;
    if (place->clock != NULL)
        latest = zone_open_at(question, place->clock, at_s);
    for (uint64_t zones = place->zones; zones != 0 && latest != HOURS_NEVER; zones &= zones - 1) {
        const struct zone *zone = places_zone(places, (unsigned)__builtin_ctzll(zones));
        int64_t opens_s = zone_open_at(question, zone, at_s);
        latest = opens_s > latest ? opens_s : latest;
    }
    return latest;
}

/* Goes on from one zone's opening to the next one's until all are open at once. */
int64_t hours_open_at(const struct places *places, const struct place *place,
                      const struct config_hours *hours, int64_t at_ms)
{
    struct question question = {.hours = hours, .laws = place->laws};
    int64_t at_s = at_ms / 1000, opens_s = at_s;
    if (hours->kind == CONFIG_HOURS_OFF)
        return at_ms;
    must(at_ms > 0 && (place->zones != 0 || place->clock != NULL));
    for (int i = 0; i < ROUNDS && opens_s < at_s + HORIZON * DAY_S; i++) {
        int64_t latest = latest_open_at(&question, places, place, opens_s);
        if (latest == HOURS_NEVER)
            return HOURS_NEVER;
        if (latest == opens_s)
            return opens_s == at_s ? at_ms : opens_s * 1000;
        opens_s = latest;
    }
    return HOURS_NEVER;
}
