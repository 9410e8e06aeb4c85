/* One user data header, read; and one text behind a header, cut into parts and put together again.
 */
#include <string.h>

#include "base/region.h"
#include "smpp/parts.h"
#include "tests/fuzz/fuzz.h"

static void read_header(struct octets user_data)
{
    struct udh udh;
    struct octets text;
    bool is_whole = udh_read(user_data, &udh, &text);
    must(text.length <= user_data.length);
    must(is_whole || octets_equal(text, user_data));
    must(!udh.is_part || (udh.number >= 1 && udh.number <= udh.total));
    must(is_whole || !udh.is_part);
}

static void join(struct part_plan *plan, struct octets encoded)
{
    if (plan->style == PARTS_SAR && plan->total > 1 && plan->header.length > 0)
        return; /* a header excludes SAR: nobody may ask for it */
    struct part part;
    size_t at = 0;
    unsigned count = 0;
    while (parts_next(plan, &part)) {
        must(part.number == ++count && part.length <= PART_OCTETS);
        must(part.header_length <= part.length);
        size_t length = part.length - part.header_length;
        must(length <= encoded.length - at);
        must(length == 0 || memcmp(part.octets + part.header_length, encoded.at + at, length) == 0);
        if (part.has_header)
            read_header(octets_of(part.octets, part.length));
        at += length;
    }
    must(count == plan->total && at == encoded.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct octets input = octets_of(at, length);
    read_header(input);
    uint8_t flags = fuzz_u8(&input);
    struct octets header = fuzz_take(&input, flags >> 2 & 31);
    enum text_alphabet alphabet = (flags & 3) == 3 ? TEXT_BINARY : (enum text_alphabet)(flags & 3);
    struct part_plan plan;
    if (alphabet == TEXT_UCS2)
        input.length -= input.length % 2;
    enum parts_style style = (enum parts_style)(flags % 3);
    unsigned count = parts_count_by(input, alphabet, header, style);
    if (!parts_plan_by(&plan, input, alphabet, header, PARTS_MOST, style, (uint16_t)(flags * 257)))
        return 0;
    must(plan.total == count);
    join(&plan, input);
    return 0;
}
