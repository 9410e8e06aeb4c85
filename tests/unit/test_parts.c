/* Parts and headers. Counts are the worked examples of the arithmetic in 23.040 9.2.3.24. */
#include <check.h>
#include <stdlib.h>

#include "base/region.h"
#include "smpp/parts.h"

#define RAW(text) octets_of(text, sizeof(text) - 1)

static const struct octets nothing = {.at = NULL, .length = 0};
static struct region *region;

static void region_begin(void)
{
    region = region_new();
}

static void region_end(void)
{
    region_free(region);
}

struct text {
    uint8_t octets[40000];
    size_t length;
};

static struct text *text_add(struct text *text, struct octets piece, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        ck_assert_uint_le(text->length + piece.length, sizeof text->octets);
        memcpy(text->octets + text->length, piece.at, piece.length);
        text->length += piece.length;
    }
    return text;
}

static struct text *text_new(struct octets piece, size_t times)
{
    return text_add(region_get(region, sizeof(struct text)), piece, times);
}

static struct octets octets_in(const struct text *text)
{
    return octets_of(text->octets, text->length);
}

static const struct octets letter = {(const uint8_t *)"a", 1};
static const struct octets euro = {(const uint8_t *)"\x1b\x65", 2};
static const struct octets unit = {(const uint8_t *)"\x04\x10", 2};
static const struct octets emoji = {(const uint8_t *)"\xd8\x3d\xdc\x4d", 4};

/* Cuts the text and checks what each part must be: its header, and how many octets of text. */
static void check_parts(const struct text *text, enum text_alphabet alphabet, unsigned total,
                        const size_t *lengths)
{
    struct part_plan plan;
    struct part part;
    struct octets rest = octets_in(text);
    ck_assert_uint_eq(parts_count(rest, alphabet, nothing), total);
    ck_assert(parts_plan(&plan, rest, alphabet, nothing, PARTS_MOST, 0xA7));
    for (unsigned i = 1; i <= total; i++) {
        uint8_t header[] = {5, 0, 3, 0xA7, (uint8_t)total, (uint8_t)i};
        size_t header_length = total == 1 ? 0 : sizeof header;
        ck_assert(parts_next(&plan, &part));
        ck_assert_uint_eq(part.number, i);
        ck_assert(part.has_header == (total > 1));
        ck_assert_uint_eq(part.header_length, header_length);
        ck_assert_uint_eq(part.length, header_length + lengths[i - 1]);
        ck_assert_mem_eq(part.octets, header, header_length);
        if (lengths[i - 1] > 0)
            ck_assert_mem_eq(part.octets + header_length, rest.at, lengths[i - 1]);
        rest = octets_of(rest.at + lengths[i - 1], rest.length - lengths[i - 1]);
    }
    ck_assert_uint_eq(rest.length, 0);
    ck_assert(!parts_next(&plan, &part));
}

#define CHECK_PARTS(text, alphabet, total, ...)                                                    \
    check_parts(text, alphabet, total, (const size_t[]){__VA_ARGS__})

START_TEST(gsm_takes_160_septets_alone_and_153_together)
{
    CHECK_PARTS(text_new(letter, 0), TEXT_GSM7, 1, 0);
    CHECK_PARTS(text_new(letter, 160), TEXT_GSM7, 1, 160);
    CHECK_PARTS(text_new(letter, 161), TEXT_GSM7, 2, 153, 8);
    CHECK_PARTS(text_new(letter, 306), TEXT_GSM7, 2, 153, 153);
    CHECK_PARTS(text_new(letter, 307), TEXT_GSM7, 3, 153, 153, 1);
    CHECK_PARTS(text_new(letter, 459), TEXT_GSM7, 3, 153, 153, 153);
}
END_TEST

START_TEST(an_escape_stays_with_its_code)
{
    CHECK_PARTS(text_add(text_new(letter, 158), euro, 1), TEXT_GSM7, 1, 160);
    CHECK_PARTS(text_add(text_new(letter, 159), euro, 1), TEXT_GSM7, 2, 153, 8);
    struct text *text = text_add(text_add(text_new(letter, 152), euro, 1), letter, 151);
    CHECK_PARTS(text, TEXT_GSM7, 2, 152, 153);
    CHECK_PARTS(text_add(text, letter, 1), TEXT_GSM7, 3, 152, 153, 1);
    CHECK_PARTS(text_new(euro, 153), TEXT_GSM7, 3, 152, 152, 2);
    CHECK_PARTS(text_add(text_new(letter, 1), euro, 152), TEXT_GSM7, 2, 153, 152);
}
END_TEST

START_TEST(ucs2_takes_70_units_alone_and_67_together)
{
    CHECK_PARTS(text_new(unit, 70), TEXT_UCS2, 1, 140);
    CHECK_PARTS(text_new(unit, 71), TEXT_UCS2, 2, 134, 8);
    CHECK_PARTS(text_new(unit, 134), TEXT_UCS2, 2, 134, 134);
    CHECK_PARTS(text_new(unit, 135), TEXT_UCS2, 3, 134, 134, 2);
}
END_TEST

START_TEST(a_surrogate_pair_stays_together)
{
    CHECK_PARTS(text_add(text_new(unit, 69), emoji, 1), TEXT_UCS2, 2, 134, 8);
    CHECK_PARTS(text_add(text_add(text_new(unit, 66), emoji, 1), unit, 66), TEXT_UCS2, 3, 132, 134,
                2);
    CHECK_PARTS(text_new(emoji, 35), TEXT_UCS2, 1, 140);
    CHECK_PARTS(text_new(emoji, 36), TEXT_UCS2, 2, 132, 12);
}
END_TEST

START_TEST(eight_bit_data_takes_140_octets_alone_and_134_together)
{
    static const enum text_alphabet alphabets[] = {TEXT_BINARY, TEXT_LATIN1, TEXT_ASCII};
    for (size_t i = 0; i < 3; i++) {
        CHECK_PARTS(text_new(letter, 140), alphabets[i], 1, 140);
        CHECK_PARTS(text_new(letter, 141), alphabets[i], 2, 134, 7);
    }
}
END_TEST

START_TEST(above_the_limit_a_text_is_refused_and_never_cut)
{
    struct part_plan plan;
    struct octets ten = octets_in(text_new(letter, 1530)),
                  eleven = octets_in(text_new(letter, 1531));
    ck_assert(parts_plan(&plan, ten, TEXT_GSM7, nothing, PARTS_LIMIT, 1));
    ck_assert(!parts_plan(&plan, eleven, TEXT_GSM7, nothing, PARTS_LIMIT, 1));
    ck_assert_uint_eq(parts_count(eleven, TEXT_GSM7, nothing), 11);
    ck_assert_uint_eq(parts_count(octets_in(text_new(letter, 39015)), TEXT_GSM7, nothing), 255);
    ck_assert_uint_eq(parts_count(octets_in(text_new(letter, 39016)), TEXT_GSM7, nothing), 0);
    ck_assert_uint_eq(parts_count(octets_in(text_new(unit, 17085)), TEXT_UCS2, nothing), 255);
    ck_assert_uint_eq(parts_count(octets_in(text_new(unit, 17086)), TEXT_UCS2, nothing), 0);
}
END_TEST

START_TEST(a_header_of_the_caller_s_leaves_less_room_and_is_in_every_part)
{
    static const struct octets ports = {(const uint8_t *)"\x06\x05\x04\x0b\x84\x23\xf0", 7};
    struct part_plan plan;
    struct part part;
    ck_assert_uint_eq(parts_count(octets_in(text_new(letter, 133)), TEXT_BINARY, ports), 1);
    ck_assert_uint_eq(parts_count(octets_in(text_new(letter, 152)), TEXT_GSM7, ports), 1);
    struct octets two = octets_in(text_new(letter, 134));
    ck_assert(parts_plan(&plan, two, TEXT_BINARY, ports, PARTS_LIMIT, 0x2A));
    ck_assert(parts_next(&plan, &part) && part.length == 140 && part.header_length == 12);
    ck_assert_mem_eq(part.octets, "\x0b\x05\x04\x0b\x84\x23\xf0\x00\x03\x2a\x02\x01", 12);
    ck_assert(parts_next(&plan, &part) && part.length == 12 + 6);
    ck_assert_mem_eq(part.octets, "\x0b\x05\x04\x0b\x84\x23\xf0\x00\x03\x2a\x02\x02", 12);
    ck_assert(!parts_next(&plan, &part));
    ck_assert(parts_plan(&plan, octets_in(text_new(letter, 133)), TEXT_BINARY, ports, 1, 0));
    ck_assert(parts_next(&plan, &part) && part.has_header && part.length == 140);
    ck_assert_mem_eq(part.octets, ports.at, 7);
}
END_TEST

START_TEST(a_header_with_a_shift_leaves_the_room_that_23_040_gives)
{
    struct octets one = RAW("\x03\x24\x01\x01"), both = RAW("\x06\x24\x01\x01\x25\x01\x01");
    ck_assert_uint_eq(parts_count(octets_in(text_new(letter, 155)), TEXT_GSM7, one), 1);
    ck_assert_uint_eq(parts_count(octets_in(text_new(letter, 298)), TEXT_GSM7, one), 2);
    ck_assert_uint_eq(parts_count(octets_in(text_new(letter, 299)), TEXT_GSM7, one), 3);
    ck_assert_uint_eq(parts_count(octets_in(text_new(letter, 292)), TEXT_GSM7, both), 2);
    ck_assert_uint_eq(parts_count(octets_in(text_new(letter, 293)), TEXT_GSM7, both), 3);
}
END_TEST

START_TEST(a_header_that_is_none_is_refused)
{
    struct part_plan plan;
    struct octets short_text = RAW("a"), long_text = octets_in(text_new(letter, 141));
    struct octets part_header = RAW("\x05\x00\x03\x01\x02\x01");
    ck_assert(!parts_plan(&plan, short_text, TEXT_BINARY, RAW("\x05\x00\x03\x01"), 10, 0));
    ck_assert(!parts_plan(&plan, short_text, TEXT_BINARY, RAW("\x02\x70\x00z"), 10, 0));
    ck_assert(!parts_plan(&plan, short_text, TEXT_BINARY, RAW("\x02\x70\x05"), 10, 0));
    ck_assert(parts_plan(&plan, short_text, TEXT_BINARY, part_header, 10, 0));
    ck_assert(!parts_plan(&plan, long_text, TEXT_BINARY, part_header, 10, 0));
    uint8_t full[150] = {139, 0x70, 137};
    ck_assert(parts_plan(&plan, nothing, TEXT_BINARY, octets_of(full, 140), 10, 0));
    ck_assert(!parts_plan(&plan, short_text, TEXT_BINARY, octets_of(full, 140), 10, 0));
    full[0] = 140;
    full[2] = 138;
    ck_assert(!parts_plan(&plan, nothing, TEXT_BINARY, octets_of(full, 141), 10, 0));
}
END_TEST

static struct udh read_header(struct octets user_data, const char *wanted_text)
{
    struct udh udh;
    struct octets text;
    ck_assert(udh_read(user_data, &udh, &text));
    ck_assert(octets_equal(text, octets_text(wanted_text)));
    return udh;
}

START_TEST(a_part_is_read_by_8_bit_and_by_16_bit_reference)
{
    struct udh udh = read_header(RAW("\x05\x00\x03\xa7\x03\x02Hi"), "Hi");
    ck_assert(udh.is_part && !udh.is_wide && !udh.is_broken && !udh.has_ports && !udh.is_binary);
    ck_assert(udh.reference == 0xA7 && udh.total == 3 && udh.number == 2);
    udh = read_header(RAW("\x06\x08\x04\xa7\x01\x03\x02Hi"), "Hi");
    ck_assert(udh.is_part && udh.is_wide);
    ck_assert(udh.reference == 0xA701 && udh.total == 3 && udh.number == 2);
}
END_TEST

START_TEST(a_part_is_found_behind_other_elements)
{
    struct udh udh = read_header(RAW("\x0b\x05\x04\x0b\x84\x23\xf0\x00\x03\x2a\x02\x01x"), "x");
    ck_assert(udh.is_part && udh.reference == 0x2A && udh.total == 2 && udh.number == 1);
    ck_assert(udh.has_ports && udh.destination_port == 2948 && udh.source_port == 9200);
    udh = read_header(RAW("\x08\x00\x03\x01\x02\x02\x24\x01\x03x"), "x");
    ck_assert(udh.is_part && udh.single_shift == 3 && udh.locking_shift == 0);
    udh = read_header(RAW("\x0a\x25\x01\x01\x0a\x00\x00\x03\x01\x02\x02x"), "x");
    ck_assert(udh.is_part && udh.number == 2 && udh.locking_shift == 1);
}
END_TEST

START_TEST(a_broken_header_is_ignored_but_is_no_text)
{
    static const struct octets broken[] = {
        {(const uint8_t *)"\x06\x00\x03\x01\x02\x01\x05x", 8}, /* an id without a length */
        {(const uint8_t *)"\x05\x00\x04\x01\x02\x01x", 7},     /* too few octets at the end */
        {(const uint8_t *)"\x08\x00\x03\x01\x02\x01\x05\x04\x00x", 10},
    };
    for (size_t i = 0; i < 3; i++) {
        struct udh udh = read_header(broken[i], "x");
        ck_assert(udh.is_broken && !udh.is_part && !udh.has_ports);
    }
}
END_TEST

START_TEST(of_elements_that_exclude_each_other_the_last_counts)
{
    struct udh udh = read_header(RAW("\x0a\x00\x03\x01\x02\x01\x00\x03\x09\x03\x02"), "");
    ck_assert(udh.reference == 9 && udh.total == 3 && udh.number == 2);
    udh = read_header(RAW("\x0b\x00\x03\x01\x02\x01\x08\x04\x01\x00\x03\x02"), "");
    ck_assert(udh.is_wide && udh.reference == 0x100 && udh.total == 3);
    udh = read_header(RAW("\x0b\x08\x04\x01\x00\x03\x02\x00\x03\x01\x02\x01"), "");
    ck_assert(!udh.is_wide && udh.reference == 1 && udh.total == 2);
    udh = read_header(RAW("\x0a\x05\x04\x0b\x84\x23\xf0\x04\x02\xf5\xf6"), "");
    ck_assert(udh.has_ports && udh.destination_port == 0xF5 && udh.source_port == 0xF6);
}
END_TEST

START_TEST(a_part_that_makes_no_sense_stands_alone)
{
    static const struct octets senseless[] = {
        {(const uint8_t *)"\x05\x00\x03\x01\x00\x00x", 7},     /* total 0 */
        {(const uint8_t *)"\x05\x00\x03\x01\x02\x00x", 7},     /* part 0 */
        {(const uint8_t *)"\x05\x00\x03\x01\x02\x03x", 7},     /* part above total */
        {(const uint8_t *)"\x06\x00\x04\x01\x02\x01\x01x", 8}, /* 00 with four octets */
        {(const uint8_t *)"\x05\x08\x03\x01\x02\x01x", 7},     /* 08 with three */
    };
    for (size_t i = 0; i < sizeof senseless / sizeof senseless[0]; i++) {
        struct udh udh = read_header(senseless[i], "x");
        ck_assert_msg(!udh.is_part && !udh.is_broken, "%zu", i);
    }
    ck_assert(read_header(RAW("\x05\x00\x03\x01\x01\x01x"), "x").is_part);
}
END_TEST

START_TEST(reserved_ports_are_no_ports)
{
    ck_assert(read_header(RAW("\x06\x05\x04\xbf\xff\xbf\xff"), "").has_ports);
    ck_assert(!read_header(RAW("\x06\x05\x04\xc0\x00\x23\xf0"), "").has_ports);
    ck_assert(!read_header(RAW("\x04\x04\x02\xef\xf0"), "").has_ports);
    ck_assert(read_header(RAW("\x04\x04\x02\xf0\xf0"), "").has_ports);
}
END_TEST

START_TEST(data_for_the_sim_and_private_elements_are_binary)
{
    ck_assert(read_header(RAW("\x02\x70\x00x"), "x").is_binary);
    ck_assert(read_header(RAW("\x02\x7f\x00x"), "x").is_binary);
    ck_assert(read_header(RAW("\x02\x80\x00x"), "x").is_binary);
    ck_assert(read_header(RAW("\x02\xdf\x00x"), "x").is_binary);
    ck_assert(!read_header(RAW("\x02\x6f\x00x"), "x").is_binary);
    ck_assert(!read_header(RAW("\x02\xe0\x00x"), "x").is_binary);
}
END_TEST

START_TEST(a_header_longer_than_the_data_is_no_header)
{
    struct udh udh;
    struct octets text;
    ck_assert(!udh_read(RAW("\x06\x00\x03\x01\x02\x01"), &udh, &text));
    ck_assert(octets_equal(text, RAW("\x06\x00\x03\x01\x02\x01")) && !udh.is_part);
    ck_assert(!udh_read(RAW("id:1"), &udh, &text));
    ck_assert(!udh_read(nothing, &udh, &text) && text.length == 0);
}
END_TEST

START_TEST(an_empty_header_is_one_octet)
{
    struct udh udh = read_header(RAW("\0STOP"), "STOP");
    ck_assert(!udh.is_broken && !udh.is_part);
}
END_TEST

static uint32_t next_random(uint32_t *seed)
{
    return *seed = *seed * 1664525 + 1013904223;
}

START_TEST(no_octets_whatever_break_the_header_reader)
{
    uint32_t seed = 23040;
    for (int round = 0; round < 50000; round++) {
        size_t length = (next_random(&seed) >> 16) % 24;
        uint8_t *data = malloc(length + 1);
        for (size_t i = 0; i < length; i++)
            data[i] = (uint8_t)(next_random(&seed) >> (round % 3 == 0 ? 24 : 28));
        struct udh udh;
        struct octets text;
        bool is_whole = udh_read(octets_of(data, length), &udh, &text);
        ck_assert_uint_eq(text.length, is_whole ? length - 1 - data[0] : length);
        ck_assert(!udh.is_part || (udh.number >= 1 && udh.number <= udh.total));
        free(data);
    }
}
END_TEST

START_TEST(any_octets_come_together_again_from_their_parts)
{
    static const uint8_t alphabet_of_noise[] = {0x1b, 'a', 0xd8, 0xdc, 0x00, 0x65};
    uint32_t seed = 245;
    for (int round = 0; round < 3000; round++) {
        size_t length = (next_random(&seed) >> 16) % 1000, joined = 0;
        uint8_t *data = malloc(length + 1);
        for (size_t i = 0; i < length; i++)
            data[i] = alphabet_of_noise[(next_random(&seed) >> 16) % 6];
        struct octets encoded = octets_of(data, length);
        enum text_alphabet alphabet = (enum text_alphabet)((next_random(&seed) >> 16) % 5);
        struct part_plan plan;
        struct part part;
        ck_assert(parts_plan(&plan, encoded, alphabet, nothing, PARTS_LIMIT, 7));
        while (parts_next(&plan, &part)) {
            size_t text_length = part.length - part.header_length;
            ck_assert_mem_eq(part.octets + part.header_length, data + joined, text_length);
            joined += text_length;
        }
        ck_assert_uint_eq(joined, length);
        free(data);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parts");
    TCase *promises = tcase_create("promises");
    tcase_add_checked_fixture(promises, region_begin, region_end);
    tcase_add_test(promises, gsm_takes_160_septets_alone_and_153_together);
    tcase_add_test(promises, an_escape_stays_with_its_code);
    tcase_add_test(promises, ucs2_takes_70_units_alone_and_67_together);
    tcase_add_test(promises, a_surrogate_pair_stays_together);
    tcase_add_test(promises, eight_bit_data_takes_140_octets_alone_and_134_together);
    tcase_add_test(promises, above_the_limit_a_text_is_refused_and_never_cut);
    tcase_add_test(promises, a_header_of_the_caller_s_leaves_less_room_and_is_in_every_part);
    tcase_add_test(promises, a_header_with_a_shift_leaves_the_room_that_23_040_gives);
    tcase_add_test(promises, a_header_that_is_none_is_refused);
    tcase_add_test(promises, a_part_is_read_by_8_bit_and_by_16_bit_reference);
    tcase_add_test(promises, a_part_is_found_behind_other_elements);
    tcase_add_test(promises, a_broken_header_is_ignored_but_is_no_text);
    tcase_add_test(promises, of_elements_that_exclude_each_other_the_last_counts);
    tcase_add_test(promises, a_part_that_makes_no_sense_stands_alone);
    tcase_add_test(promises, reserved_ports_are_no_ports);
    tcase_add_test(promises, data_for_the_sim_and_private_elements_are_binary);
    tcase_add_test(promises, a_header_longer_than_the_data_is_no_header);
    tcase_add_test(promises, an_empty_header_is_one_octet);
    tcase_add_test(promises, no_octets_whatever_break_the_header_reader);
    tcase_add_test(promises, any_octets_come_together_again_from_their_parts);
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
