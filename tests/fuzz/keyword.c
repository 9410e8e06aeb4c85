/* One text of a person: decoded it is UTF-8 in every alphabet, and classified the same each time.
 */
#include "base/region.h"
#include "consent/keyword.h"
#include "smpp/text.h"
#include "tests/fuzz/fuzz.h"

static void classify(struct octets text)
{
    struct keyword first = keyword_classify(text), second = keyword_classify(text);
    must(first.verdict == second.verdict && first.rule == second.rule);
    must(first.rule != NULL && first.language != NULL);
    must(!first.is_bare_stop || first.verdict == KEYWORD_OPT_OUT);
    must(!first.is_stop_all || first.verdict == KEYWORD_OPT_OUT);
    must(keyword_verdict_name(first.verdict) != NULL);
}

/* What is encoded reads the same again, but for a final NUL (F213) and UCS-2's byte order mark. */
static void there_and_back(struct octets text, struct region *region)
{
    enum text_alphabet alphabet = text_choose(text);
    struct octets encoded;
    if (!text_encode(text, alphabet, region, &encoded))
        return;
    unsigned oddities;
    struct octets again = text_decode_as(encoded, alphabet, region, &oddities);
    must(oddities != 0 || octets_equal(again, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct octets input = octets_of(at, length);
    struct region *region = region_new();
    uint8_t data_coding = fuzz_u8(&input);
    unsigned oddities;
    struct octets text = text_decode(input, data_coding, region, &oddities);
    must(text_is_utf8(text));
    classify(text);
    classify(input);
    if (text_is_utf8(input))
        there_and_back(input, region);
    region_free(region);
    return 0;
}
