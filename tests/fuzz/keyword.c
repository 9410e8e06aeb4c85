/* One text of a person: decoded it is UTF-8 in every alphabet, and classified the same each time.
 */
#include "base/region.h"
#include "consent/keyword.h"
#include "smpp/writing.h"
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

/* What a carrier delivers, by any of its settings and any tables; the header's length may be anything. */
static void read_all(struct octets raw, uint8_t data_coding, struct region *region)
{
    unsigned oddities;
    uint8_t flags = raw.length > 0 ? raw.at[raw.length - 1] : 0;
    for (enum text_zero zero = TEXT_ZERO_GSM7; zero <= TEXT_ZERO_ASCII; zero++) {
        const struct text_source source = {.data_coding = data_coding,
                                           .zero = zero,
                                           .tables = gsm7_tables_of(flags & 15, flags >> 4),
                                           .header_length = flags};
        struct octets text = text_read(raw, &source, region, &oddities);
        must(text_is_utf8(text));
        classify(text);
    }
}

/* In whichever form a text is written, the octets fit and it reads the same. */
static void write_form(struct octets text, uint8_t flags, struct region *region)
{
    const struct writing_rules rules = {.zero = (enum text_zero)(flags & 3),
                                        .style = (enum parts_style)(flags >> 2 & 3),
                                        .languages = flags & 0x10 ? 0x000E : 0,
                                        .substitutes = (flags & 0x20) != 0};
    struct writing writing;
    struct octets encoded;
    must(writing_choose(text, WRITING_AUTO, &rules, (struct part_mark){0}, (struct gsm7_tables){0},
                        region, &writing) == WRITING_OK);
    must(text_encode_form(writing.text, writing.form, region, &encoded));
    const struct text_source source = {.data_coding = text_data_coding(writing.form.alphabet),
                                       .tables = writing.form.tables};
    unsigned oddities;
    struct octets again = text_read(encoded, &source, region, &oddities);
    must(oddities != 0 || octets_equal(again, writing.text));
    must(writing.parts >= 1);
    if (writing.form.alphabet != TEXT_GSM7)
        return;
    must(text_zero_holds(rules.zero, encoded, writing.form.tables));
    uint8_t *said = region_get(region, encoded.length + 1);
    must(text_zero_write(rules.zero, encoded, 0, said) <= encoded.length);
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
    read_all(input, data_coding, region);
    if (text_is_utf8(input)) {
        there_and_back(input, region);
        write_form(input, data_coding, region);
    }
    region_free(region);
    return 0;
}
