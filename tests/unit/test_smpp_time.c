/* SMPP's times, against instants worked out by hand. */
#include <check.h>
#include <stdlib.h>

#include "base/clock.h"
#include "smpp/smpp_time.h"

static int64_t instant(const char *text)
{
    int64_t at_ms;
    ck_assert_msg(time_read(octets_text(text), &at_ms), "%s", text);
    return at_ms;
}

static void check_time(const char *field, enum smpp_time_kind kind, const char *now,
                       const char *wanted)
{
    int64_t at_ms = 42;
    ck_assert_msg(smpp_time_read(octets_text(field), instant(now), &at_ms) == kind, "%s", field);
    if (wanted == NULL)
        ck_assert_int_eq(at_ms, 42);
    else
        ck_assert_msg(at_ms == instant(wanted), "%s: %lld", field, (long long)at_ms);
}

#define NOW "2026-11-23T09:30:00.250Z"

START_TEST(absolute_times_are_moved_by_their_quarter_hours)
{
    check_time("261123100000032-", SMPP_TIME_ABSOLUTE, NOW, "2026-11-23T18:00:00Z");
    check_time("261123100000022+", SMPP_TIME_ABSOLUTE, NOW, "2026-11-23T04:30:00Z");
    check_time("261123180000000+", SMPP_TIME_ABSOLUTE, NOW, "2026-11-23T18:00:00Z");
    check_time("261123180000000-", SMPP_TIME_ABSOLUTE, NOW, "2026-11-23T18:00:00Z");
    check_time("261231233000948-", SMPP_TIME_ABSOLUTE, NOW, "2027-01-01T11:30:00.9Z");
    check_time("280229120000048+", SMPP_TIME_ABSOLUTE, NOW, "2028-02-29T00:00:00Z");
}
END_TEST

START_TEST(relative_times_are_counted_from_now)
{
    check_time("000000003000000R", SMPP_TIME_RELATIVE, NOW, "2026-11-23T10:00:00.250Z");
    check_time("000001000000000R", SMPP_TIME_RELATIVE, NOW, "2026-11-24T09:30:00.250Z");
    check_time("000000000000000R", SMPP_TIME_RELATIVE, NOW, NOW);
    check_time("000000480000948R", SMPP_TIME_RELATIVE, NOW, "2026-11-25T09:30:00.250Z");
    check_time("020610233429000R", SMPP_TIME_RELATIVE, "2026-01-01T00:00:00Z",
               "2028-07-11T23:34:29Z");
    check_time("000000000001000R", SMPP_TIME_RELATIVE, "2026-12-31T23:59:59Z",
               "2027-01-01T00:00:00Z");
}
END_TEST

START_TEST(a_month_more_ends_where_the_month_ends)
{
    check_time("000100000000000R", SMPP_TIME_RELATIVE, "2026-01-31T12:00:00Z",
               "2026-02-28T12:00:00Z");
    check_time("000100000000000R", SMPP_TIME_RELATIVE, "2028-01-31T12:00:00Z",
               "2028-02-29T12:00:00Z");
    check_time("010000000000000R", SMPP_TIME_RELATIVE, "2028-02-29T12:00:00Z",
               "2029-02-28T12:00:00Z");
    check_time("000101000000000R", SMPP_TIME_RELATIVE, "2026-01-31T12:00:00Z",
               "2026-03-01T12:00:00Z");
    check_time("001300000000000R", SMPP_TIME_RELATIVE, "2026-12-15T12:00:00Z",
               "2028-01-15T12:00:00Z");
    check_time("999999999999000R", SMPP_TIME_RELATIVE, "2026-01-01T00:00:00Z",
               "2133-07-13T04:40:39Z");
}
END_TEST

START_TEST(the_short_forms_of_lax_carriers_have_no_zone)
{
    check_time("261123100000", SMPP_TIME_LOCAL, NOW, "2026-11-23T10:00:00Z");
    check_time("2611231000", SMPP_TIME_LOCAL, NOW, "2026-11-23T10:00:00Z");
}
END_TEST

START_TEST(an_empty_field_is_no_time)
{
    check_time("", SMPP_TIME_NONE, NOW, NULL);
}
END_TEST

START_TEST(what_is_no_time_is_wrong_and_never_rolled_over)
{
    static const char *const wrong[] = {"2611231000000000+", "261323100000000+",
                                        "260023100000000+",  "261100100000000+",
                                        "261123100000049+",  "26112310000000",
                                        "260230000000000+",  "270229000000000+",
                                        "261123240000000+",  "261123106000000+",
                                        "261123100060000+",  "261123100000000r",
                                        "261123100000000 ",  "26112310000000a+",
                                        " 61123100000000+",  "-61123100000000+",
                                        "000000003000000",   "00000000300000xR",
                                        "2613231000",        "261123250000",
                                        "26112310000",       "0",
                                        "261123100000000Z",  "26112310000z"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        check_time(wrong[i], SMPP_TIME_WRONG, NOW, NULL);
}
END_TEST

START_TEST(two_digits_tell_the_years_1938_to_2037)
{
    ck_assert_int_eq(smpp_time_year(0), 2000);
    ck_assert_int_eq(smpp_time_year(37), 2037);
    ck_assert_int_eq(smpp_time_year(38), 1938);
    ck_assert_int_eq(smpp_time_year(99), 1999);
    check_time("370101000000000+", SMPP_TIME_ABSOLUTE, NOW, "2037-01-01T00:00:00Z");
    check_time("380101000000000+", SMPP_TIME_ABSOLUTE, NOW, "1938-01-01T00:00:00Z");
}
END_TEST

static void check_written(const char *at, const char *wanted)
{
    char out[SMPP_TIME_SIZE];
    ck_assert(smpp_time_write(instant(at), out) == (wanted[0] != '\0'));
    ck_assert_str_eq(out, wanted);
}

START_TEST(a_time_is_written_in_utc_and_cut_to_tenths)
{
    check_written("2026-11-23T10:00:00-08:00", "261123180000000+");
    check_written("2026-11-23T18:00:00.950Z", "261123180000900+");
    check_written("2026-11-23T18:00:00.999Z", "261123180000900+");
    check_written("1969-12-31T23:59:59.900Z", "691231235959900+");
    check_written("2037-12-31T23:59:59.999Z", "371231235959900+");
    check_written("1938-01-01T00:00:00Z", "380101000000000+");
}
END_TEST

START_TEST(a_year_that_two_digits_cannot_tell_is_not_written)
{
    check_written("2038-01-01T00:00:00Z", "");
    check_written("1937-12-31T23:59:59Z", "");
}
END_TEST

START_TEST(a_wait_is_written_in_days_hours_minutes_and_seconds)
{
    static const struct {
        int64_t wait_ms;
        const char *written;
    } waits[] = {{0, "000000000000000R"},
                 {999, "000000000000000R"},
                 {30 * 60000, "000000003000000R"},
                 {86400000, "000001000000000R"},
                 {INT64_C(31) * 86400000, "000031000000000R"},
                 {INT64_C(2) * 86400000 + 86399000, "000002235959000R"},
                 {INT64_C(31) * 86400000 + 1, ""},
                 {-1, ""}};
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        char out[SMPP_TIME_SIZE];
        ck_assert(smpp_time_write_wait(waits[i].wait_ms, out) == (waits[i].written[0] != '\0'));
        ck_assert_str_eq(out, waits[i].written);
    }
}
END_TEST

START_TEST(what_is_written_is_read_back_and_no_octets_break_the_reader)
{
    uint32_t seed = 190;
    for (int round = 0; round < 50000; round++) {
        char out[SMPP_TIME_SIZE];
        int64_t at_ms, read_ms;
        seed = seed * 1664525 + 1013904223;
        at_ms = (int64_t)(seed >> 1) * 950 / 100 * 100;
        ck_assert(smpp_time_write(at_ms, out));
        ck_assert(smpp_time_read(octets_text(out), 0, &read_ms) == SMPP_TIME_ABSOLUTE);
        ck_assert_int_eq(read_ms, at_ms);
        out[seed >> 8 & 15] = (char)(seed >> 16);
        smpp_time_read(octets_of(out, seed >> 4 & 15), at_ms, &read_ms);
        smpp_time_read(octets_of(out, 16), at_ms, &read_ms);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("smpp_time");
    TCase *promises = tcase_create("promises");
    tcase_add_test(promises, absolute_times_are_moved_by_their_quarter_hours);
    tcase_add_test(promises, relative_times_are_counted_from_now);
    tcase_add_test(promises, a_month_more_ends_where_the_month_ends);
    tcase_add_test(promises, the_short_forms_of_lax_carriers_have_no_zone);
    tcase_add_test(promises, an_empty_field_is_no_time);
    tcase_add_test(promises, what_is_no_time_is_wrong_and_never_rolled_over);
    tcase_add_test(promises, two_digits_tell_the_years_1938_to_2037);
    tcase_add_test(promises, a_time_is_written_in_utc_and_cut_to_tenths);
    tcase_add_test(promises, a_year_that_two_digits_cannot_tell_is_not_written);
    tcase_add_test(promises, a_wait_is_written_in_days_hours_minutes_and_seconds);
    tcase_add_test(promises, what_is_written_is_read_back_and_no_octets_break_the_reader);
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
