#include "consent/local_time.h"

#include <stddef.h>

#include "base/zone.h"

static void take(struct local_time *out, const struct zone *zone, const char *name, int64_t local_s,
                 int64_t *first_ms)
{
    int64_t at_ms = zone_instant_s(zone, local_s, INT64_MIN) * 1000;
    if (out->zones == 0 || at_ms < *first_ms) {
        *first_ms = at_ms;
        out->first = name;
    }
    if (out->zones == 0 || at_ms > out->at_ms) {
        out->at_ms = at_ms;
        out->last = name;
    }
    out->zones++;
}

bool local_time_find(const struct places *places, const struct place *place, const char *timezone,
                     int64_t local_s, struct local_time *out)
{
    int64_t first_ms = 0;
    *out = (struct local_time){.first = "", .last = ""};
    if (place->clock != NULL)
        take(out, place->clock, timezone, local_s, &first_ms);
    for (uint64_t bits = place->zones; bits != 0; bits &= bits - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(bits);
        if (places_zone(places, bit) == NULL)
            return false;
        take(out, places_zone(places, bit), places_zone_name(places, bit), local_s, &first_ms);
    }
    return out->zones > 0;
}
