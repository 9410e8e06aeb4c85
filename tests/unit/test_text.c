/* Text: the bytes are written by hand from 23.038 and RFC 3629. */
#include <check.h>
#include <stdlib.h>

#include "base/region.h"
#include "smpp/text.h"

static struct region *region;

static void region_begin(void)
{
    region = region_new();
}

static void region_end(void)
{
    region_free(region);
}

/* A literal with its NULs. */
#define RAW(text) octets_of(text, sizeof(text) - 1)

#define CHECK_OCTETS(got, wanted)                                                                  \
    do {                                                                                           \
        struct octets got_ = (got), wanted_ = (wanted);                                            \
        char got_hex_[2 * 400 + 1], wanted_hex_[2 * 400 + 1];                                      \
        ck_assert_uint_le(got_.length, 400);                                                       \
        octets_to_hex(got_, got_hex_);                                                             \
        octets_to_hex(wanted_, wanted_hex_);                                                       \
        ck_assert_str_eq(got_hex_, wanted_hex_);                                                   \
    } while (0)

static struct octets encode(struct octets utf8, enum text_alphabet alphabet)
{
    struct octets out;
    ck_assert(text_encode(utf8, alphabet, region, &out));
    return out;
}

static struct octets decode(struct octets raw, uint8_t data_coding, unsigned wanted_oddities)
{
    unsigned oddities;
    struct octets text = text_decode(raw, data_coding, region, &oddities);
    ck_assert_uint_eq(oddities, wanted_oddities);
    ck_assert(text_is_utf8(text));
    return text;
}

START_TEST(utf8_is_strict)
{
    static const char *const good[] = {"",
                                       "a",
                                       "\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xbf",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2\x41",
                                      "\xe0\x9f\xbf",
                                      "\xe2\x82",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xfe",
                                      "n\xe9n"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(text_is_utf8(octets_text(good[i])), "good %zu", i);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!text_is_utf8(octets_text(bad[i])), "bad %zu", i);
    ck_assert(text_is_utf8(RAW("a\0b")));
}
END_TEST

/* The default alphabet in the order of its codes, as 23.038 6.2.1 prints it; 1B is left out. */
#define DEFAULT_BEFORE_ESCAPE "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ"
#define DEFAULT_BEHIND_ESCAPE                                                                                  \
    "ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuv" \
    "wxyzäöñüà"

START_TEST(the_default_alphabet_goes_both_ways)
{
    uint8_t codes[128];
    for (size_t i = 0; i < 128; i++)
        codes[i] = (uint8_t)i;
    struct octets before = octets_of(codes, 0x1B), behind = octets_of(codes + 0x1C, 128 - 0x1C);
    CHECK_OCTETS(encode(RAW(DEFAULT_BEFORE_ESCAPE), TEXT_GSM7), before);
    CHECK_OCTETS(encode(RAW(DEFAULT_BEHIND_ESCAPE), TEXT_GSM7), behind);
    CHECK_OCTETS(decode(before, 0, 0), RAW(DEFAULT_BEFORE_ESCAPE));
    CHECK_OCTETS(decode(behind, 0, 0), RAW(DEFAULT_BEHIND_ESCAPE));
}
END_TEST

START_TEST(the_extension_table_goes_both_ways)
{
    struct octets codes =
        RAW("\x1b\x0a\x1b\x14\x1b\x28\x1b\x29\x1b\x2f\x1b\x3c\x1b\x3d\x1b\x3e\x1b\x40"
            "\x1b\x65");
    struct octets text = RAW("\f^{}\\[~]|€");
    CHECK_OCTETS(encode(text, TEXT_GSM7), codes);
    CHECK_OCTETS(decode(codes, 0, 0), text);
}
END_TEST

/* Worked example of F216: what shows which alphabet a carrier means by 0. */
START_TEST(a_probe_text_has_these_octets)
{
    CHECK_OCTETS(encode(RAW("@$_{é"), TEXT_GSM7), RAW("\x00\x02\x11\x1b\x28\x05"));
    CHECK_OCTETS(encode(RAW("@$_{é"), TEXT_LATIN1), RAW("\x40\x24\x5f\x7b\xe9"));
    CHECK_OCTETS(encode(RAW("@$_{é"), TEXT_UCS2), RAW("\0@\0$\0_\0{\0\xe9"));
    CHECK_OCTETS(decode(RAW("@$_[\\]^`{|}~"), 0, 0), RAW("¡¤§ÄÖÑÜ¿äöñü"));
}
END_TEST

START_TEST(an_escape_before_nothing_known_shows_the_character_of_its_code)
{
    CHECK_OCTETS(decode(RAW("a\x1b"), 0, 0), RAW("a "));
    CHECK_OCTETS(decode(RAW("\x1b\x1b"), 0, 0), RAW(" "));
    CHECK_OCTETS(decode(RAW("\x1b"
                            "A\x1b\x00!"),
                        0, 0),
                 RAW("A@!"));
    CHECK_OCTETS(decode(RAW("\x1b\x0d"), 0, 0), RAW("\r"));
    struct octets none;
    ck_assert(!text_encode(RAW("\x1b"), TEXT_GSM7, region, &none));
}
END_TEST

START_TEST(gsm_is_chosen_only_if_it_has_every_character)
{
    static const char *const gsm[] = {"",           "STOP",      "{€}", "éèùìòàäöüñåøæ",
                                      "ÄÖÜÑÉÅØÆÇß", "ΔΦΓΛΩΠΨΣΘΞ"};
    static const char *const ucs2[] = {"ç",        "á", "í",  "ó", "ú", "â", "ê", "î",
                                       "ô",        "û", "ë",  "ï", "’", "“", "–", "…",
                                       "\xc2\xa0", "А", "\t", "`", "👍", "Α"};
    for (size_t i = 0; i < sizeof gsm / sizeof gsm[0]; i++)
        ck_assert_msg(text_choose(octets_text(gsm[i])) == TEXT_GSM7, "%s", gsm[i]);
    for (size_t i = 0; i < sizeof ucs2 / sizeof ucs2[0]; i++)
        ck_assert_msg(text_choose(octets_text(ucs2[i])) == TEXT_UCS2, "%s", ucs2[i]);
    ck_assert(text_choose(RAW("a\0")) == TEXT_UCS2);
}
END_TEST

START_TEST(ucs2_is_utf16_big_endian_in_fact)
{
    /* U+1F44D is D83D DC4D, U+10FFFF is DBFF DFFF. */
    struct octets raw = RAW("\x00\x41\x20\xac\xd8\x3d\xdc\x4d\xff\xff\xdb\xff\xdf\xff");
    struct octets text = RAW("A€👍\xef\xbf\xbf\xf4\x8f\xbf\xbf");
    CHECK_OCTETS(encode(text, TEXT_UCS2), raw);
    CHECK_OCTETS(decode(raw, 8, 0), text);
}
END_TEST

START_TEST(a_byte_order_mark_is_dropped_and_obeyed)
{
    CHECK_OCTETS(decode(RAW("\xfe\xff\x00H\x00i"), 8, TEXT_BYTE_ORDER), RAW("Hi"));
    CHECK_OCTETS(decode(RAW("\xff\xfeH\x00i\x00\x3d\xd8\x4d\xdc"), 8, TEXT_BYTE_ORDER), RAW("Hi👍"));
    CHECK_OCTETS(decode(RAW("\xfe\xff"), 8, TEXT_BYTE_ORDER), RAW(""));
}
END_TEST

START_TEST(an_odd_octet_of_ucs2_is_dropped)
{
    CHECK_OCTETS(decode(RAW("\x00H\x00i\x00"), 8, TEXT_ODD_OCTET), RAW("Hi"));
    CHECK_OCTETS(decode(RAW("H"), 8, TEXT_ODD_OCTET), RAW(""));
}
END_TEST

START_TEST(a_lone_surrogate_becomes_the_replacement_character)
{
    CHECK_OCTETS(decode(RAW("\xd8\x3d\x00H"), 8, TEXT_LONE_SURROGATE), RAW("\xef\xbf\xbdH"));
    CHECK_OCTETS(decode(RAW("\x00H\xd8\x3d"), 8, TEXT_LONE_SURROGATE), RAW("H\xef\xbf\xbd"));
    CHECK_OCTETS(decode(RAW("\xdc\x4d\xd8\x3d\xd8\x3d\xdc\x4d"), 8, TEXT_LONE_SURROGATE),
                 RAW("\xef\xbf\xbd\xef\xbf\xbd👍"));
}
END_TEST

START_TEST(one_nul_at_the_end_is_dropped_but_not_from_gsm_where_it_is_an_at)
{
    CHECK_OCTETS(decode(RAW("STOP\0"), 1, TEXT_FINAL_NUL), RAW("STOP"));
    CHECK_OCTETS(decode(RAW("STOP\0\0"), 3, TEXT_FINAL_NUL), RAW("STOP\0"));
    CHECK_OCTETS(decode(RAW("\0S\0\0"), 8, TEXT_FINAL_NUL), RAW("S"));
    CHECK_OCTETS(decode(RAW("STOP\0"), 0, 0), RAW("STOP@"));
    CHECK_OCTETS(decode(text_without_nul(RAW("STOP\0")), 0, 0), RAW("STOP"));
    CHECK_OCTETS(text_without_nul(RAW("")), RAW(""));
}
END_TEST

START_TEST(high_octets_under_0_are_utf8_or_else_latin_1)
{
    CHECK_OCTETS(decode(RAW("caf\xc3\xa9 @"), 0, TEXT_HIGH_OCTET), RAW("café @"));
    CHECK_OCTETS(decode(RAW("caf\xe9 @"), 0, TEXT_HIGH_OCTET), RAW("café @"));
    CHECK_OCTETS(decode(RAW("caf\xe9\0"), 1, TEXT_HIGH_OCTET | TEXT_FINAL_NUL), RAW("café"));
}
END_TEST

START_TEST(latin_1_is_latin_1_even_where_it_looks_like_utf8)
{
    CHECK_OCTETS(decode(RAW("\xc3\xa9\xff"), 3, 0), RAW("Ã©ÿ"));
    CHECK_OCTETS(encode(RAW("Ã©ÿ"), TEXT_LATIN1), RAW("\xc3\xa9\xff"));
}
END_TEST

START_TEST(binary_is_said_to_be_binary_and_shown_all_the_same)
{
    CHECK_OCTETS(decode(RAW("STOP"), 4, TEXT_IS_BINARY), RAW("STOP"));
    CHECK_OCTETS(decode(RAW("\xff\x01"), 0xF5, TEXT_IS_BINARY), RAW("ÿ\x01"));
}
END_TEST

START_TEST(what_an_alphabet_lacks_is_not_encoded)
{
    struct octets out;
    ck_assert(!text_encode(RAW("ç"), TEXT_GSM7, region, &out));
    ck_assert(!text_encode(RAW("€"), TEXT_LATIN1, region, &out));
    ck_assert(!text_encode(RAW("é"), TEXT_ASCII, region, &out));
    ck_assert(!text_encode(RAW("a"), TEXT_BINARY, region, &out));
    ck_assert(!text_encode(RAW("a\xff"), TEXT_UCS2, region, &out));
    ck_assert(!text_encode(RAW("\xed\xa0\xbd"), TEXT_UCS2, region, &out));
}
END_TEST

START_TEST(each_data_coding_names_its_alphabet)
{
    static const struct {
        uint8_t first, last;
        enum text_alphabet alphabet;
    } groups[] = {
        {0x00, 0x00, TEXT_GSM7},   {0x01, 0x01, TEXT_ASCII},  {0x02, 0x02, TEXT_BINARY},
        {0x03, 0x03, TEXT_LATIN1}, {0x04, 0x05, TEXT_BINARY}, {0x06, 0x06, TEXT_CYRILLIC},
        {0x07, 0x07, TEXT_HEBREW}, {0x08, 0x08, TEXT_UCS2},
        {0x09, 0x0A, TEXT_BINARY}, {0x0B, 0x0B, TEXT_UCS2},   {0x0C, 0x0C, TEXT_GSM7},
        {0x0D, 0x0E, TEXT_BINARY}, {0x0F, 0x0F, TEXT_GSM7},   {0x10, 0x13, TEXT_GSM7},
        {0x14, 0x17, TEXT_BINARY}, {0x18, 0x1B, TEXT_UCS2},   {0x1C, 0x1F, TEXT_GSM7},
        {0x20, 0x3F, TEXT_BINARY}, {0x40, 0x43, TEXT_GSM7},   {0x44, 0x47, TEXT_BINARY},
        {0x48, 0x4B, TEXT_UCS2},   {0x60, 0x7F, TEXT_BINARY}, {0x80, 0xBF, TEXT_GSM7},
        {0xC0, 0xDF, TEXT_GSM7},   {0xE0, 0xEF, TEXT_UCS2},   {0xF0, 0xF3, TEXT_GSM7},
        {0xF4, 0xF7, TEXT_BINARY}, {0xF8, 0xFB, TEXT_GSM7},   {0xFC, 0xFF, TEXT_BINARY},
    };
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        for (unsigned coding = groups[i].first; coding <= groups[i].last; coding++)
            ck_assert_msg(text_alphabet_of((uint8_t)coding) == groups[i].alphabet, "%02x", coding);
}
END_TEST

START_TEST(each_alphabet_has_a_data_coding_that_names_it)
{
    ck_assert_uint_eq(text_data_coding(TEXT_GSM7), 0x00);
    ck_assert_uint_eq(text_data_coding(TEXT_UCS2), 0x08);
    ck_assert_uint_eq(text_data_coding(TEXT_LATIN1), 0x03);
    ck_assert_uint_eq(text_data_coding(TEXT_ASCII), 0x01);
    ck_assert_uint_eq(text_data_coding(TEXT_BINARY), 0x04);
}
END_TEST

START_TEST(cyrillic_and_hebrew_are_read)
{
    CHECK_OCTETS(decode(RAW("\xc1\xc2\xbe\xbf \xf1\xa1\xf0\xfd\xff"), 0x06, 0), RAW("СТОП ёЁ№§џ"));
    CHECK_OCTETS(decode(RAW("\xe0\xfa 1\xaa\xba\xa4"), 0x07, 0), RAW("את 1×÷¤"));
    CHECK_OCTETS(decode(RAW("\xa1\xbf"), 0x07, 0), RAW("\xef\xbf\xbd\xef\xbf\xbd"));
    CHECK_OCTETS(decode(RAW("\xc1\0"), 0x06, TEXT_FINAL_NUL), RAW("С"));
}
END_TEST

/* The rows are checked cell by cell where they come from; here is one of each kind, by hand from 23.038 annex A. */
START_TEST(a_header_names_other_tables)
{
    static const struct {
        uint8_t locking, single;
        const char *raw, *text;
    } rows[] = {{0, 1, "\x1bS\x1bs\x1b\x65\x1b(", "Şş€{"},
                {1, 0, "\x04\x1c\x1d\x40\x1b(", "€Şşİ{"},
                {0, 2, "\x1b" "a\x1b" "A\x1bo", "áÁó"},
                {3, 3, "\x04\x05\x1b\x05 \x1b\x41", "êéê À"},
                {6, 6, "\x01\x1b\x24", "ं८"},
                {1, 1, "a\x1b", "a "},
                {0, 1, "\x1b" "A", "A"}, /* no entry: the code's own character */
                {1, 0, "\x1b\x04", "€"}, /* of the table in use, too */
                {99, 99, "\x1b\x65", "€"},
                {2, 0, "\x04", "è"}}; /* there is no Spanish locking table */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct text_source source = {.tables = gsm7_tables_of(rows[i].locking, rows[i].single)};
        CHECK_OCTETS(text_read(octets_text(rows[i].raw), &source, region, NULL), octets_text(rows[i].text));
    }
    for (uint8_t id = 1; id <= GSM7_LANGUAGES; id++)
        ck_assert_uint_eq(gsm7_language_find(gsm7_language_word(id)), id);
    ck_assert_uint_eq(gsm7_language_find("french"), 0);
}
END_TEST

START_TEST(what_0_means_is_the_carriers_to_say)
{
    const struct text_source latin1 = {.zero = TEXT_ZERO_LATIN1}, ascii = {.zero = TEXT_ZERO_ASCII},
                             packed = {.zero = TEXT_ZERO_PACKED},
                             ucs2 = {.zero = TEXT_ZERO_PACKED, .data_coding = 0x08},
                             flash = {.zero = TEXT_ZERO_PACKED, .data_coding = 0xF0};
    unsigned oddities;
    CHECK_OCTETS(text_read(RAW("@$_{\xe9"), &latin1, region, NULL), RAW("@$_{é"));
    CHECK_OCTETS(text_read(RAW("@$_{"), &ascii, region, NULL), RAW("@$_{"));
    CHECK_OCTETS(text_read(RAW("\xe9"), &ascii, region, &oddities), RAW("é"));
    ck_assert_uint_eq(oddities, TEXT_HIGH_OCTET);
    CHECK_OCTETS(text_read(RAW("\xe8\x32\x9b\xfd\x46\x97\xd9\xec\x37"), &packed, region, NULL),
                 RAW("hellohello"));
    CHECK_OCTETS(text_read(RAW("\xe8\x32\x9b\xfd\x06"), &flash, region, NULL), RAW("hello"));
    CHECK_OCTETS(text_read(RAW("\0a"), &ucs2, region, NULL), RAW("a"));
}
END_TEST

START_TEST(nothing_is_a_text_too)
{
    for (unsigned coding = 0; coding < 256; coding++)
        ck_assert_uint_eq(text_decode(octets_of(NULL, 0), (uint8_t)coding, region, NULL).length, 0);
    ck_assert_uint_eq(encode(octets_of(NULL, 0), TEXT_UCS2).length, 0);
}
END_TEST

static uint32_t next_random(uint32_t *seed)
{
    return *seed = *seed * 1664525 + 1013904223;
}

START_TEST(any_octets_under_any_data_coding_become_utf8_that_can_be_sent_again)
{
    uint32_t seed = 338;
    for (int round = 0; round < 20000; round++) {
        size_t length = (next_random(&seed) >> 16) % 60;
        uint8_t *raw = malloc(length + 1);
        for (size_t i = 0; i < length; i++)
            raw[i] = (uint8_t)(next_random(&seed) >> (round % 2 == 0 ? 24 : 25));
        uint8_t data_coding = (uint8_t)(next_random(&seed) >> 20);
        struct octets text = text_decode(octets_of(raw, length), data_coding, region, NULL);
        struct octets out;
        ck_assert(text_is_utf8(text));
        ck_assert(text_encode(text, text_choose(text), region, &out));
        text_choose(octets_of(raw, length));
        for (enum text_alphabet alphabet = TEXT_GSM7; alphabet <= TEXT_BINARY; alphabet++)
            text_encode(octets_of(raw, length), alphabet, region, &out);
        free(raw);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *promises = tcase_create("promises");
    tcase_add_checked_fixture(promises, region_begin, region_end);
    tcase_add_test(promises, utf8_is_strict);
    tcase_add_test(promises, the_default_alphabet_goes_both_ways);
    tcase_add_test(promises, the_extension_table_goes_both_ways);
    tcase_add_test(promises, a_probe_text_has_these_octets);
    tcase_add_test(promises, an_escape_before_nothing_known_shows_the_character_of_its_code);
    tcase_add_test(promises, gsm_is_chosen_only_if_it_has_every_character);
    tcase_add_test(promises, ucs2_is_utf16_big_endian_in_fact);
    tcase_add_test(promises, a_byte_order_mark_is_dropped_and_obeyed);
    tcase_add_test(promises, an_odd_octet_of_ucs2_is_dropped);
    tcase_add_test(promises, a_lone_surrogate_becomes_the_replacement_character);
    tcase_add_test(promises, one_nul_at_the_end_is_dropped_but_not_from_gsm_where_it_is_an_at);
    tcase_add_test(promises, high_octets_under_0_are_utf8_or_else_latin_1);
    tcase_add_test(promises, latin_1_is_latin_1_even_where_it_looks_like_utf8);
    tcase_add_test(promises, binary_is_said_to_be_binary_and_shown_all_the_same);
    tcase_add_test(promises, what_an_alphabet_lacks_is_not_encoded);
    tcase_add_test(promises, each_data_coding_names_its_alphabet);
    tcase_add_test(promises, each_alphabet_has_a_data_coding_that_names_it);
    tcase_add_test(promises, cyrillic_and_hebrew_are_read);
    tcase_add_test(promises, a_header_names_other_tables);
    tcase_add_test(promises, what_0_means_is_the_carriers_to_say);
    tcase_add_test(promises, nothing_is_a_text_too);
    tcase_add_test(promises, any_octets_under_any_data_coding_become_utf8_that_can_be_sent_again);
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
