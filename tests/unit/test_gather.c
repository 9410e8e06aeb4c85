/* The parts of inbound texts: where each belongs, and what they hold together. On a real database. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/region.h"
#include "inbound/gather.h"
#include "tests/unit/place.h"

#define NUMBER UINT64_C(14155550123)
#define NOW    INT64_C(1795426200000)
#define WAIT   INT64_C(600000)

static struct store *store;
static struct region *region;

static void setup(void)
{
    char error[STORE_ERROR_SIZE];
    place_open();
    store = store_open(place_path, error);
    ck_assert_msg(store != NULL, "%s", error);
    region = region_new();
}

static void teardown(void)
{
    region_free(region);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    store_close(store);
    place_remove();
}

static struct inbound_set set_of(int64_t reference, int parts)
{
    return (struct inbound_set){.id = 1,
                                .carrier = "sim",
                                .number = NUMBER,
                                .source = "",
                                .sender = "+12065550100",
                                .kind = GATHER_UDH8,
                                .reference = reference,
                                .parts = parts,
                                .is_open = true,
                                .due_at = NOW + WAIT};
}

static struct inbound_part part_of(int number, const char *octets, size_t length, uint8_t coding)
{
    struct inbound_part part = {.inbound = 1,
                                .part = number,
                                .at = NOW,
                                .data_coding = coding,
                                .octets = octets_of(octets, length)};
    digest_sha256(part.octets, part.digest);
    return part;
}

static void put(int number, const char *octets, size_t length, uint8_t coding)
{
    struct inbound_part part = part_of(number, octets, length, coding);
    store_in_part_put(store, &part);
}

static enum gather_fate fate_of(const struct inbound_set *like, int number, const char *text,
                                int64_t now_ms)
{
    struct gather_place place;
    struct inbound_part part = part_of(number, text, strlen(text), 0);
    gather_find(store, region, like, &part, WAIT, now_ms, &place);
    ck_assert(place.fate != GATHER_SEEN || place.is_late == (now_ms > NOW + WAIT));
    return place.fate;
}

START_TEST(a_part_finds_its_set_by_all_that_names_it)
{
    struct inbound_set set = set_of(7, 2);
    ck_assert_int_eq(fate_of(&set, 1, "a", NOW), GATHER_FIRST);
    store_set_put(store, &set);
    put(1, "a", 1, 0);
    ck_assert_int_eq(fate_of(&set, 1, "a", NOW), GATHER_SEEN);
    ck_assert_int_eq(fate_of(&set, 1, "b", NOW), GATHER_ANEW);
    ck_assert_int_eq(fate_of(&set, 2, "b", NOW), GATHER_JOINS);
    struct inbound_set others[] = {set, set, set, set, set, set, set};
    others[0].carrier = "other";
    others[1].number++;
    others[2].sender = "+12065550101";
    others[3].kind = GATHER_UDH16;
    others[4].reference++;
    others[5].parts++;
    others[6].source = "Name";
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_int_eq(fate_of(&others[i], 2, "b", NOW), GATHER_FIRST);
}
END_TEST

START_TEST(a_set_that_was_handed_on_takes_late_parts_for_as_long_as_it_waited)
{
    struct inbound_set set = set_of(7, 3);
    put(1, "a", 1, 0);
    gather_close(store, &set, NOW);
    ck_assert_int_eq(fate_of(&set, 1, "a", NOW + WAIT), GATHER_SEEN);
    ck_assert_int_eq(fate_of(&set, 1, "b", NOW + WAIT), GATHER_FIRST);
    ck_assert_int_eq(fate_of(&set, 2, "b", NOW + WAIT), GATHER_LATE);
    ck_assert_int_eq(fate_of(&set, 2, "b", NOW + WAIT + 1), GATHER_FIRST);
    ck_assert_int_eq(fate_of(&set, 1, "a", NOW + WAIT + 1), GATHER_SEEN);
    put(2, "b", 1, 0);
    put(3, "c", 1, 0);
    ck_assert_int_eq(fate_of(&set, 2, "d", NOW), GATHER_FIRST);
}
END_TEST

START_TEST(the_octets_of_a_set_that_was_handed_on_are_gone)
{
    size_t count;
    struct inbound_part parts[3];
    struct inbound_set set = set_of(7, 3), due;
    put(2, "b", 1, 0);
    gather_close(store, &set, NOW);
    ck_assert_int_eq(store_in_parts_of(store, 1, region, parts, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(parts[0].octets.length, 0);
    store_sets_due(store, true, INT64_MAX, region, &due, 1, &count);
    ck_assert_uint_eq(count, 0);
    store_sets_due(store, false, NOW + GATHER_KNOWN_MS, region, &due, 1, &count);
    ck_assert_uint_eq(count, 1);
    store_set_drop(store, 1);
    ck_assert_int_eq(fate_of(&set, 2, "b", NOW), GATHER_FIRST);
}
END_TEST

static struct gathered gathered_of(int parts)
{
    struct gathered out;
    struct inbound_set set = set_of(7, parts);
    ck_assert(gather_runs(store, region, &set, TEXT_ZERO_GSM7, &out));
    return out;
}

static void run_is(const struct gather_run *run, const char *octets, size_t length)
{
    ck_assert_uint_eq(run->octets.length, length);
    ck_assert_mem_eq(run->octets.at, octets, length);
}

START_TEST(parts_of_one_alphabet_are_read_as_one)
{
    put(2, "\xDE\x00\x00\x00", 4, 8); /* with the NUL that a sender put at its end */
    put(1, "\x00H\xD8\x3D", 4, 8);
    put(3, "\x00!", 2, 8);
    struct gathered out = gathered_of(3);
    ck_assert_uint_eq(out.count, 1);
    ck_assert_int_eq(out.parts_came, 3);
    ck_assert(!out.ends_in_gap && !out.runs[0].is_behind_gap);
    run_is(&out.runs[0], "\x00H\xD8\x3D\xDE\x00\x00!", 8);
}
END_TEST

START_TEST(another_alphabet_a_gap_and_a_byte_order_begin_anew)
{
    put(2, "a\x00", 2, 0); /* an @ of GSM */
    put(3, "b\x00", 2, 3);
    put(5, "\xFE\xFF\x00x", 4, 8);
    put(6, "\xFF\xFEy\x00", 4, 8);
    struct gathered out = gathered_of(7);
    ck_assert_uint_eq(out.count, 4);
    ck_assert(out.runs[0].is_behind_gap && !out.runs[1].is_behind_gap);
    ck_assert(out.runs[2].is_behind_gap && !out.runs[3].is_behind_gap && out.ends_in_gap);
    run_is(&out.runs[0], "a\x00", 2);
    run_is(&out.runs[1], "b", 1);
    run_is(&out.runs[3], "\xFF\xFEy\x00", 4);
}
END_TEST

START_TEST(only_the_header_of_the_first_part_stays)
{
    struct inbound_part first = part_of(1, "\x05\x00\x03\x07\x02\x01go", 8, 0);
    struct inbound_part second = part_of(2, "\x05\x00\x03\x07\x02\x02od", 8, 0);
    struct inbound_part shifted = part_of(3, "\x03\x24\x01\x01!", 5, 0);
    first.esm_class = second.esm_class = shifted.esm_class = 0x40;
    store_in_part_put(store, &first);
    store_in_part_put(store, &second);
    store_in_part_put(store, &shifted);
    struct gathered out = gathered_of(3);
    ck_assert_uint_eq(out.count, 2);
    ck_assert_uint_eq(out.runs[0].esm_class, 0x40);
    run_is(&out.runs[0], "\x05\x00\x03\x07\x02\x01good", 10);
    run_is(&out.runs[1], "\x03\x24\x01\x01!", 5);
}
END_TEST

START_TEST(a_source_that_is_no_number_has_sets_of_its_own)
{
    size_t count;
    struct inbound_set open[4];
    static const char *const sources[] = {"Bank", "Bank", "Shop", "Bank"};
    for (int i = 0; i < 4; i++) {
        struct inbound_set set = set_of(i, 2);
        set.id = i + 1;
        set.number = 0;
        set.source = sources[i];
        set.is_open = i < 3;
        store_set_put(store, &set);
    }
    struct inbound_set like = {.number = 0, .source = "Bank"};
    ck_assert_int_eq(store_sets_of(store, &like, region, open, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(open[0].id, 1);
    ck_assert_int_eq(open[1].id, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gather");
    TCase *all = tcase_create("parts");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, a_part_finds_its_set_by_all_that_names_it);
    tcase_add_test(all, a_set_that_was_handed_on_takes_late_parts_for_as_long_as_it_waited);
    tcase_add_test(all, the_octets_of_a_set_that_was_handed_on_are_gone);
    tcase_add_test(all, parts_of_one_alphabet_are_read_as_one);
    tcase_add_test(all, another_alphabet_a_gap_and_a_byte_order_begin_anew);
    tcase_add_test(all, a_source_that_is_no_number_has_sets_of_its_own);
    tcase_add_test(all, only_the_header_of_the_first_part_stays);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
