/* Writing: which form a text gets, and that every form gives the text back, part by part. Counts are the arithmetic of 23.040
 * 9.2.3.24 (F240 to F244). */
#include <check.h>
#include <stdlib.h>

#include "base/region.h"
#include "smpp/writing.h"

static struct region *region;
static struct writing got;

static const struct part_mark whole = {.total = 0};
static const struct gsm7_tables defaults = {0, 0};
static const struct writing_rules plain = {.zero = TEXT_ZERO_GSM7};

enum { TURKISH = 1, SPANISH = 2, PORTUGUESE = 3, HINDI = 6 };

static void begin(void)
{
    region = region_new();
}

static void end(void)
{
    region_free(region);
}

static struct octets repeat(const char *piece, size_t times)
{
    size_t length = strlen(piece);
    char *text = region_get(region, length * times + 1);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * length, piece, length);
    return octets_of(text, length * times);
}

static struct octets join(struct octets a, struct octets b)
{
    char *text = region_get(region, a.length + b.length + 1);
    memcpy(text, a.at, a.length);
    memcpy(text + a.length, b.at, b.length);
    return octets_of(text, a.length + b.length);
}

static enum writing_fault choose(struct octets text, enum writing_want want,
                                 const struct writing_rules *rules)
{
    return writing_choose(text, want, rules, whole, defaults, region, &got);
}

static void is_written(struct octets text, const struct writing_rules *rules,
                       enum text_alphabet alphabet, unsigned parts)
{
    ck_assert_int_eq(choose(text, WRITING_AUTO, rules), WRITING_OK);
    ck_assert_int_eq(got.form.alphabet, alphabet);
    ck_assert_uint_eq(got.parts, parts);
}

static void has_tables(unsigned locking, unsigned single)
{
    ck_assert_uint_eq(got.form.tables.locking, locking);
    ck_assert_uint_eq(got.form.tables.single, single);
}

/* ---- what is counted ---- */

START_TEST(what_is_counted_is_what_is_billed)
{
    is_written(repeat("a", 160), &plain, TEXT_GSM7, 1);
    is_written(repeat("a", 161), &plain, TEXT_GSM7, 2);
    is_written(repeat("a", 306), &plain, TEXT_GSM7, 2);
    is_written(repeat("a", 307), &plain, TEXT_GSM7, 3);
    is_written(repeat("€", 80), &plain, TEXT_GSM7, 1);
    is_written(join(repeat("a", 159), repeat("€", 1)), &plain, TEXT_GSM7, 2);
    is_written(join(join(repeat("a", 152), repeat("€", 1)), repeat("a", 152)), &plain, TEXT_GSM7, 3);
    is_written(repeat("я", 70), &plain, TEXT_UCS2, 1);
    is_written(repeat("я", 71), &plain, TEXT_UCS2, 2);
    is_written(repeat("я", 134), &plain, TEXT_UCS2, 2);
    is_written(repeat("🏡", 35), &plain, TEXT_UCS2, 1);
    is_written(repeat("🏡", 67), &plain, TEXT_UCS2, 3); /* 66 units of 67: no pair is cut */
}
END_TEST

START_TEST(a_reference_of_16_bits_costs_a_septet_of_each_part)
{
    const struct writing_rules wide = {.style = PARTS_UDH16}, sar = {.style = PARTS_SAR},
                               payload = {.style = PARTS_PAYLOAD};
    is_written(repeat("a", 160), &wide, TEXT_GSM7, 1);
    ck_assert_int_eq(got.style, PARTS_UDH); /* alone it is written as everywhere */
    is_written(repeat("a", 304), &wide, TEXT_GSM7, 2);
    ck_assert_int_eq(got.style, PARTS_UDH16);
    is_written(repeat("a", 305), &wide, TEXT_GSM7, 3);
    is_written(repeat("я", 132), &wide, TEXT_UCS2, 2);
    is_written(repeat("я", 133), &wide, TEXT_UCS2, 3);
    is_written(repeat("a", 306), &sar, TEXT_GSM7, 2); /* F287 */
    is_written(repeat("a", 307), &payload, TEXT_GSM7, 3);
}
END_TEST

/* ---- what data_coding 0 means ---- */

START_TEST(what_the_carriers_0_lacks_goes_as_ucs2)
{
    const struct writing_rules latin1 = {.zero = TEXT_ZERO_LATIN1}, ascii = {.zero = TEXT_ZERO_ASCII},
                               packed = {.zero = TEXT_ZERO_PACKED};
    is_written(octets_text("@$_{é"), &latin1, TEXT_GSM7, 1);
    is_written(octets_text("5 €"), &latin1, TEXT_UCS2, 1);
    is_written(octets_text("Ω"), &latin1, TEXT_UCS2, 1);
    is_written(octets_text("ú"), &latin1, TEXT_UCS2, 1); /* it would be billed so, or become a ? (F217) */
    is_written(octets_text("@$_{"), &ascii, TEXT_GSM7, 1);
    is_written(octets_text("é"), &ascii, TEXT_UCS2, 1);
    is_written(octets_text("é€"), &packed, TEXT_GSM7, 1);
    is_written(repeat("{", 81), &latin1, TEXT_GSM7, 2); /* one octet there, and two septets on the bill */
    ck_assert_int_eq(choose(octets_text("é"), WRITING_GSM7, &ascii), WRITING_NOT_GSM7);
    ck_assert_int_eq(choose(octets_text("a\xff"), WRITING_AUTO, &plain), WRITING_NOT_UTF8);
}
END_TEST

static void says(enum text_zero zero, const char *text, struct octets wanted)
{
    struct octets septets;
    uint8_t out[400];
    ck_assert(text_encode(octets_text(text), TEXT_GSM7, region, &septets));
    size_t length = text_zero_write(zero, septets, 0, out);
    ck_assert_uint_eq(length, wanted.length);
    ck_assert_mem_eq(out, wanted.at, length);
}

START_TEST(each_0_has_its_octets)
{
    says(TEXT_ZERO_GSM7, "@$_{é", octets_of("\x00\x02\x11\x1b\x28\x05", 6));
    says(TEXT_ZERO_LATIN1, "@$_{é", octets_of("@$_{\xe9", 5));
    says(TEXT_ZERO_ASCII, "@$_{", octets_of("@$_{", 4));
    says(TEXT_ZERO_PACKED, "hellohello", octets_of("\xe8\x32\x9b\xfd\x46\x97\xd9\xec\x37", 9));
}
END_TEST

/* ---- national tables ---- */

START_TEST(national_tables_are_used_only_where_they_are_allowed)
{
    const struct writing_rules turkish = {.languages = 1 << TURKISH};
    const struct writing_rules latin1 = {.languages = 1 << TURKISH, .zero = TEXT_ZERO_LATIN1};
    const struct writing_rules sar = {.languages = 1 << TURKISH, .style = PARTS_SAR};
    struct octets text = repeat("ağ", 75);
    is_written(text, &plain, TEXT_UCS2, 3);
    is_written(text, &turkish, TEXT_GSM7, 1);
    has_tables(TURKISH, 0);
    is_written(text, &latin1, TEXT_UCS2, 3);
    is_written(text, &sar, TEXT_UCS2, 3);
    is_written(octets_text("plain"), &turkish, TEXT_GSM7, 1);
    has_tables(0, 0);
    ck_assert_int_eq(choose(text, WRITING_UCS2, &turkish), WRITING_OK);
    ck_assert_int_eq(got.form.alphabet, TEXT_UCS2);
    ck_assert_int_eq(choose(text, WRITING_GSM7, &turkish), WRITING_OK);
    has_tables(TURKISH, 0);
}
END_TEST

/* A header of one table leaves 155 septets, and 149 in each of several; of two 152 and 146. */
START_TEST(the_tables_are_those_of_the_fewest_parts)
{
    const struct writing_rules turkish = {.languages = 1 << TURKISH},
                               both = {.languages = 1 << TURKISH | 1 << PORTUGUESE},
                               spanish = {.languages = 1 << SPANISH};
    is_written(octets_text("ğ"), &turkish, TEXT_GSM7, 1);
    has_tables(0, TURKISH);
    is_written(join(repeat("a", 153), octets_text("ğ")), &turkish, TEXT_GSM7, 1);
    has_tables(0, TURKISH);
    is_written(join(repeat("a", 154), octets_text("ğ")), &turkish, TEXT_GSM7, 1);
    has_tables(TURKISH, 0); /* one septet for the letter, two by the single shift */
    is_written(join(repeat("a", 155), octets_text("ğ")), &turkish, TEXT_GSM7, 2);
    has_tables(0, TURKISH);
    is_written(join(repeat("a", 296), octets_text("ğ")), &turkish, TEXT_GSM7, 2); /* 298 = 2 * 149 */
    is_written(join(repeat("a", 297), octets_text("ğ")), &turkish, TEXT_GSM7, 2);
    has_tables(TURKISH, 0);
    is_written(join(repeat("a", 298), octets_text("ğ")), &turkish, TEXT_GSM7, 3);
    is_written(repeat("€", 81), &turkish, TEXT_GSM7, 1); /* one septet in the Turkish locking table */
    has_tables(TURKISH, 0);
    is_written(octets_text("ñáíóú ¿qué?"), &spanish, TEXT_GSM7, 1);
    has_tables(0, SPANISH);
    is_written(octets_text("ğã"), &both, TEXT_GSM7, 1);
    is_written(octets_text("ğя"), &both, TEXT_UCS2, 1);
}
END_TEST

/* 200,000 octets, and all tables allowed: what is refused anyway costs no more than reading it. */
START_TEST(a_text_without_end_is_not_tried_in_every_table)
{
    const struct writing_rules all = {.languages = 0x3FFE};
    is_written(join(repeat("a{", 100000), repeat("я", 1)), &all, TEXT_UCS2, PARTS_MOST + 1);
    is_written(join(repeat("a{", 500), repeat("я", 1)), &all, TEXT_UCS2, 15);
    is_written(repeat("a€", 500), &all, TEXT_GSM7, 7); /* one septet in the Turkish locking table: 149 a part */
    has_tables(TURKISH, 0);
}
END_TEST

START_TEST(a_part_keeps_the_tables_of_its_sender)
{
    const struct writing_rules turkish = {.languages = 1 << TURKISH}, sar = {.style = PARTS_SAR};
    const struct part_mark mark = {.reference = 7, .total = 2, .number = 1};
    const struct gsm7_tables tables = {.single = TURKISH};
    ck_assert(writing_allows(&turkish, tables));
    ck_assert(!writing_allows(&plain, tables));
    ck_assert_int_eq(writing_choose(octets_text("ğ"), WRITING_GSM7, &turkish, mark, tables, region, &got),
                     WRITING_OK);
    has_tables(0, TURKISH);
    ck_assert_int_eq(writing_choose(octets_text("ğ"), WRITING_GSM7, &turkish, mark, defaults, region, &got),
                     WRITING_NOT_GSM7);
    ck_assert_int_eq(writing_choose(octets_text("a"), WRITING_GSM7, &sar, mark, defaults, region, &got),
                     WRITING_OK);
    ck_assert_int_eq(got.style, PARTS_SAR);
    ck_assert_uint_eq(got.parts, 1);
}
END_TEST

/* ---- substitutes ---- */

START_TEST(what_is_typed_for_show_becomes_plain_where_that_makes_the_text_gsm)
{
    const struct writing_rules rules = {.substitutes = true};
    is_written(octets_text("“It’s…” – new\xc2\xa0home"), &rules, TEXT_GSM7, 1);
    ck_assert(octets_equal(got.text, octets_text("\"It's...\" - new home")));
    ck_assert_str_eq(got.replaced, "“’…”–\xc2\xa0");
    is_written(octets_text("It’s 🏡"), &rules, TEXT_UCS2, 1);
    ck_assert(octets_equal(got.text, octets_text("It’s 🏡")));
    ck_assert_str_eq(got.replaced, "");
    is_written(octets_text("\xe2\x80\x8b"), &rules, TEXT_UCS2, 1); /* nothing would be left */
    is_written(octets_text("It’s"), &plain, TEXT_UCS2, 1);
    ck_assert_int_eq(choose(octets_text("It’s"), WRITING_UCS2, &rules), WRITING_OK);
    ck_assert_str_eq(got.replaced, "");
    is_written(repeat("…", 54), &rules, TEXT_GSM7, 2); /* 162 full stops */
    const struct writing_rules turkish = {.substitutes = true, .languages = 1 << TURKISH};
    is_written(octets_text("“ğ”"), &turkish, TEXT_GSM7, 1);
    ck_assert(octets_equal(got.text, octets_text("\"ğ\"")));
    has_tables(0, TURKISH);
}
END_TEST

START_TEST(each_substitute_is_of_the_default_alphabet)
{
    static const char *const texts[] = {
#define SUBSTITUTE(character, text) text,
#include "proto/substitute.def"
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_int_eq(text_choose(octets_text(texts[i])), TEXT_GSM7);
}
END_TEST

/* ---- there and back ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* A text of characters that the tables have, each with its code drawn. */
static struct octets random_text(struct gsm7_tables tables, size_t length, uint32_t *seed)
{
    uint8_t *text = region_get(region, 3 * length + 1), *at = text;
    for (size_t i = 0; i < length; i++) {
        uint8_t septets[2] = {GSM7_ESCAPE, next_random(seed) & 0x7F}, again[2];
        bool is_single = next_random(seed) % 3 == 0;
        struct octets rest = octets_of(septets + (is_single ? 0 : 1), is_single ? 2 : 1);
        struct octets utf8;
        if (septets[1] == GSM7_ESCAPE)
            continue;
        uint32_t character = gsm7_take(tables, &rest);
        if (gsm7_put(tables, character, again) == 0)
            continue;
        const struct text_source source = {.tables = tables};
        utf8 = text_read(octets_of(septets + (is_single ? 0 : 1), is_single ? 2 : 1), &source, region,
                         NULL);
        memcpy(at, utf8.at, utf8.length);
        at += utf8.length;
    }
    return octets_of(text, (size_t)(at - text));
}

/* Reads each part by its own header, as a handset does, and puts the words together. */
static struct octets read_parts(struct octets utf8, struct text_form form, enum parts_style style,
                                enum text_zero zero)
{
    struct octets encoded, all = octets_of("", 0);
    struct part_plan plan;
    struct part part;
    uint8_t room[PARTS_HEADER_MOST], said[PART_OCTETS];
    unsigned count = 0;
    ck_assert(text_encode_form(utf8, form, region, &encoded));
    struct octets header = parts_header(form.tables, 0, room);
    ck_assert(parts_plan_by(&plan, encoded, form.alphabet, header, PARTS_MOST, style, 0xA1B2));
    while (parts_next(&plan, &part)) {
        struct octets raw, behind;
        struct udh udh = {0};
        raw = octets_of(part.octets + part.header_length, part.length - part.header_length);
        if (form.alphabet == TEXT_GSM7)
            raw = octets_of(said, text_zero_write(zero, raw, part.header_length, said));
        if (part.has_header)
            ck_assert(udh_read(octets_of(part.octets, part.header_length), &udh, &behind));
        ck_assert(part.header_length * 8 + 7 * raw.length <= 1120 || form.alphabet != TEXT_GSM7 ||
                  zero == TEXT_ZERO_PACKED);
        ck_assert_uint_eq(udh.is_part, plan.total > 1 && style != PARTS_SAR);
        ck_assert_uint_eq(udh.reference, !udh.is_part ? 0 : style == PARTS_UDH16 ? 0xA1B2 : 0xB2);
        const struct text_source source = {
            .data_coding = text_data_coding(form.alphabet),
            .zero = zero,
            .tables = gsm7_tables_of(udh.locking_shift, udh.single_shift),
            .header_length = part.header_length};
        all = join(all, text_read(raw, &source, region, NULL));
        count++;
    }
    ck_assert_uint_eq(count, parts_count_by(encoded, form.alphabet, header, style));
    return all;
}

/* At the end of what is packed a CR or an @ may be what fills the last octet: see gsm7_unpack. */
static bool is_clear(struct octets text)
{
    return memchr(text.at, '@', text.length) == NULL && memchr(text.at, '\r', text.length) == NULL;
}

START_TEST(every_table_gives_every_text_back)
{
    uint32_t seed = (uint32_t)_i * 7919 + 3;
    struct text_form form = {.tables = gsm7_tables_of((uint8_t)(_i / 14), (uint8_t)(_i % 14))};
    static const enum parts_style styles[] = {PARTS_UDH, PARTS_UDH16};
    for (int round = 0; round < 12; round++) {
        region_clear(region);
        struct octets text = random_text(form.tables, next_random(&seed) % 700, &seed);
        for (size_t style = 0; style < 2; style++) {
            ck_assert(octets_equal(read_parts(text, form, styles[style], TEXT_ZERO_GSM7), text));
            if (is_clear(text))
                ck_assert(octets_equal(read_parts(text, form, styles[style], TEXT_ZERO_PACKED), text));
        }
    }
}
END_TEST

START_TEST(packed_text_comes_back_from_behind_every_header)
{
    uint8_t septets[200], packed[200], again[GSM7_UNPACKED(200)];
    uint32_t seed = 23040;
    for (size_t header = 0; header < 20; header++)
        for (size_t length = 0; length < 170; length++) {
            for (size_t i = 0; i < length; i++)
                septets[i] = (uint8_t)(0x20 + next_random(&seed) % 0x60);
            size_t octets = gsm7_pack(octets_of(septets, length), header, packed);
            ck_assert_uint_eq(octets, length == 0 ? 0 : (7 * length + (7 - header * 8 % 7) % 7 + 7) / 8);
            ck_assert_uint_eq(gsm7_unpack(octets_of(packed, octets), header, again), length);
            ck_assert_mem_eq(again, septets, length);
        }
}
END_TEST

START_TEST(every_choice_gives_the_text_back)
{
    static const char *const pieces[] = {"a", "€", "ğ", "ã", "é", "{", "я", "🏡", "@", "ç", "\n", "“"};
    uint32_t seed = 251;
    for (int round = 0; round < 4000; round++) {
        region_clear(region);
        size_t kinds = 1 + next_random(&seed) % 12;
        struct octets text = octets_of("", 0);
        for (size_t i = 0; i < 1 + (size_t)round % 40; i++)
            text = join(text, repeat(pieces[next_random(&seed) % kinds], next_random(&seed) % 9));
        struct writing_rules rules = {.zero = (enum text_zero)(next_random(&seed) % 4),
                                      .style = (enum parts_style)(next_random(&seed) % 3),
                                      .languages = (uint16_t)(next_random(&seed) % 16 & 0xE),
                                      .substitutes = false};
        ck_assert_int_eq(choose(text, WRITING_AUTO, &rules), WRITING_OK);
        if (rules.zero == TEXT_ZERO_PACKED && !is_clear(text))
            continue;
        ck_assert(octets_equal(read_parts(text, got.form, rules.style, rules.zero), text));
    }
}
END_TEST

START_TEST(a_group_of_254_long_texts_of_braces_stops_nobody)
{
    struct octets text = repeat("{", 760);
    const struct writing_rules all = {.zero = TEXT_ZERO_GSM7, .languages = 0x3FFE};
    for (int i = 0; i < 4 * 254; i++) {
        struct region *own = region_new();
        ck_assert_int_eq(writing_choose(text, WRITING_AUTO, &all, whole, defaults, own, &got), WRITING_OK);
        ck_assert_uint_eq(got.parts, 10);
        region_free(own);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("writing");
    TCase *promises = tcase_create("promises");
    tcase_set_timeout(promises, 60);
    tcase_add_checked_fixture(promises, begin, end);
    tcase_add_test(promises, what_is_counted_is_what_is_billed);
    tcase_add_test(promises, a_reference_of_16_bits_costs_a_septet_of_each_part);
    tcase_add_test(promises, what_the_carriers_0_lacks_goes_as_ucs2);
    tcase_add_test(promises, each_0_has_its_octets);
    tcase_add_test(promises, national_tables_are_used_only_where_they_are_allowed);
    tcase_add_test(promises, the_tables_are_those_of_the_fewest_parts);
    tcase_add_test(promises, a_text_without_end_is_not_tried_in_every_table);
    tcase_add_test(promises, a_part_keeps_the_tables_of_its_sender);
    tcase_add_test(promises, what_is_typed_for_show_becomes_plain_where_that_makes_the_text_gsm);
    tcase_add_test(promises, each_substitute_is_of_the_default_alphabet);
    tcase_add_loop_test(promises, every_table_gives_every_text_back, 0, 14 * 14);
    tcase_add_test(promises, packed_text_comes_back_from_behind_every_header);
    tcase_add_test(promises, every_choice_gives_the_text_back);
    suite_add_tcase(suite, promises);
    TCase *work = tcase_create("work"); /* one look at each pair of tables took 40 s here */
    tcase_set_timeout(work, 10);
    tcase_add_checked_fixture(work, begin, end);
    tcase_add_test(work, a_group_of_254_long_texts_of_braces_stops_nobody);
    suite_add_tcase(suite, work);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
