/* A file of tz data: a zone or none, and a zone's clock is never much more than a day from UTC. */
#include <stdlib.h>

#include "base/zone.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct zone *zone = zone_read(octets_of(at, length), "Zone");
    for (int64_t year = -200; zone != NULL && year < 300; year += 7) {
        int32_t offset_s = zone_offset_s(zone, year * INT64_C(31556952));
        must(offset_s >= -26 * 3600 && offset_s <= 26 * 3600);
    }
    free(zone);
    return 0;
}
