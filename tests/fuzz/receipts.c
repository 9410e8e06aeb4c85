/* One deliver_sm: a receipt is read from anything, twice the same, and what it says of itself
 * holds. */
#include "base/region.h"
#include "smpp/receipt.h"
#include "tests/fuzz/fuzz.h"

static struct octets take_short(struct octets *from)
{
    return fuzz_take(from, fuzz_u8(from));
}

static void same(const struct receipt *one, const struct receipt *other)
{
    must(one->kind == other->kind && one->id_count == other->id_count);
    must(one->kind == RECEIPT_NOT ||
         (one->state == other->state && one->done_at == other->done_at));
}

static void check(const struct receipt *receipt)
{
    must(receipt->id_count <= RECEIPT_IDS);
    for (unsigned i = 0; i < receipt->id_count; i++) {
        must(receipt->ids[i].length > 0 && receipt->ids[i].length <= RECEIPT_ID_MOST);
        must(receipt_id_match(receipt->ids[i], receipt->ids[i]) == RECEIPT_MATCH_EXACT);
        receipt_id_match(receipt->ids[0], receipt->ids[i]);
        receipt_id_match(receipt->ids[i], receipt->ids[0]);
    }
    must(receipt->stat.length <= RECEIPT_VALUE_MOST && receipt->err.length <= RECEIPT_VALUE_MOST);
    must(receipt_state_text(receipt->state) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct octets input = octets_of(at, length);
    struct region *region = region_new();
    uint8_t flags = fuzz_u8(&input);
    struct receipt_profile profile = {.by_text = (flags & 1) != 0,
                                      .text_first = (flags & 2) != 0,
                                      .accepted_is_final = (flags & 4) != 0};
    struct receipt_source source = {.heard_at = 1773480600000};
    source.esm_class = fuzz_u8(&input);
    source.data_coding = fuzz_u8(&input);
    source.id = take_short(&input);
    source.state = take_short(&input);
    source.error = take_short(&input);
    source.text = input;
    struct receipt first = {0}, second = {0};
    receipt_read(&source, &profile, region, &first);
    receipt_read(&source, &profile, region, &second);
    same(&first, &second);
    if (first.kind != RECEIPT_NOT)
        check(&first);
    region_free(region);
    return 0;
}
