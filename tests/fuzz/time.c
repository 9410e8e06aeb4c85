/* One time, as SMPP and as people write them: what is read and can be written reads the same again.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "smpp/smpp_time.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS 1773480600000

static void read_smpp(struct octets field)
{
    int64_t at_ms = NOW_MS, again_ms = 0;
    char text[SMPP_TIME_SIZE];
    enum smpp_time_kind kind = smpp_time_read(field, NOW_MS, &at_ms);
    if (kind == SMPP_TIME_RELATIVE)
        must(at_ms >= NOW_MS);
    if (kind != SMPP_TIME_ABSOLUTE || !smpp_time_write(at_ms, text))
        return;
    must(smpp_time_read(octets_text(text), NOW_MS, &again_ms) == SMPP_TIME_ABSOLUTE);
    must(again_ms == at_ms);
}

static void read_rfc3339(struct octets field)
{
    int64_t at_ms, again_ms;
    char text[TIME_TEXT_SIZE];
    if (!time_read(field, &at_ms))
        return;
    time_write(at_ms, text);
    must(time_read(octets_text(text), &again_ms) && again_ms == at_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct octets field = octets_of(at, length);
    int64_t ms;
    read_smpp(field);
    read_rfc3339(field);
    time_read_duration(field, &ms);
    return 0;
}
