/* How times spread, and what becomes of a minute's figures: base/spread.h, outbound/bins.h. */
#include <check.h>
#include <stdlib.h>

#include "outbound/bins.h"

START_TEST(a_percentile_is_right_within_7_percent)
{
    for (int64_t ms = 1; ms < 4000000000; ms += 1 + ms / 97) {
        struct spread spread = {0};
        spread_put(&spread, ms);
        double told = spread_percentile(&spread, 50);
        ck_assert_msg(told >= (double)ms * 0.93 - 1 && told <= (double)ms * 1.07 + 1, "%lld was told as %.0f",
                      (long long)ms, told);
    }
}
END_TEST

START_TEST(half_took_no_longer_than_the_median_and_95_of_100_no_longer_than_that)
{
    struct spread spread = {0};
    for (int i = 0; i < 90; i++)
        spread_put(&spread, 10);
    for (int i = 0; i < 4; i++)
        spread_put(&spread, 12);
    for (int i = 0; i < 6; i++)
        spread_put(&spread, 1000);
    ck_assert_uint_eq(spread_percentile(&spread, 50), 10);
    ck_assert_uint_eq(spread_percentile(&spread, 94), 12);
    ck_assert_uint_gt(spread_percentile(&spread, 95), 900);
    ck_assert_uint_eq(spread_percentile(&(struct spread){0}, 50), SPREAD_NONE);
}
END_TEST

START_TEST(a_time_below_0_or_beyond_all_is_counted_at_the_end)
{
    struct spread spread = {0};
    spread_put(&spread, -5);
    ck_assert_uint_eq(spread_percentile(&spread, 50), 0);
    spread_put(&spread, INT64_MAX);
    ck_assert_uint_gt(spread_percentile(&spread, 100), UINT32_C(4000000000));
}
END_TEST

static void minute(struct bins *bins, uint64_t submitted, int64_t answer_ms, bool ends_coarse)
{
    const uint64_t figures[BINS_FIGURES] = {[BINS_SUBMITTED] = submitted};
    bins_took(bins, BINS_ANSWER, answer_ms);
    bins_close(bins, figures, ends_coarse);
}

START_TEST(the_newest_minute_comes_first_and_the_oldest_is_forgotten)
{
    struct bins *bins = bins_new();
    ck_assert_ptr_null(bins_at(bins, false, 0));
    for (uint64_t i = 1; i <= BINS_FINE + 5; i++)
        minute(bins, i, 3, false);
    ck_assert_uint_eq(bins_at(bins, false, 0)->figures[BINS_SUBMITTED], BINS_FINE + 5);
    ck_assert_uint_eq(bins_at(bins, false, BINS_FINE - 1)->figures[BINS_SUBMITTED], 6);
    ck_assert_ptr_null(bins_at(bins, false, BINS_FINE));
    bins_free(bins);
}
END_TEST

START_TEST(ten_minutes_hold_the_sum_and_the_times_of_all_of_them)
{
    struct bins *bins = bins_new();
    for (int i = 1; i <= 10; i++)
        minute(bins, 100, i == 10 ? 15 : 2, i == 10);
    const struct bin *bin = bins_at(bins, true, 0);
    ck_assert_uint_eq(bins_count(bins, true), 1);
    ck_assert_uint_eq(bin->figures[BINS_SUBMITTED], 1000);
    ck_assert_uint_eq(bin->p50_ms[BINS_ANSWER], 2);
    ck_assert_uint_eq(bin->p95_ms[BINS_ANSWER], 15);
    ck_assert_uint_eq(bin->p50_ms[BINS_WAIT], SPREAD_NONE);
    bins_free(bins);
}
END_TEST

START_TEST(what_took_time_at_each_took_it_at_all_of_them)
{
    struct bins *all = bins_new(), *one = bins_new(), *other = bins_new();
    const uint64_t none[BINS_FIGURES] = {0};
    bins_took(one, BINS_WAIT, 1);
    bins_took(other, BINS_WAIT, 9);
    bins_took(other, BINS_WAIT, 9);
    bins_gather(all, one);
    bins_gather(all, other);
    bins_close(all, none, false);
    ck_assert_uint_eq(bins_at(all, false, 0)->p50_ms[BINS_WAIT], 9);
    bins_close(all, none, false);
    ck_assert_uint_eq(bins_at(all, false, 0)->p50_ms[BINS_WAIT], SPREAD_NONE);
    bins_free(all);
    bins_free(one);
    bins_free(other);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("spread");
    tcase_add_test(tests, a_percentile_is_right_within_7_percent);
    tcase_add_test(tests, half_took_no_longer_than_the_median_and_95_of_100_no_longer_than_that);
    tcase_add_test(tests, a_time_below_0_or_beyond_all_is_counted_at_the_end);
    tcase_add_test(tests, the_newest_minute_comes_first_and_the_oldest_is_forgotten);
    tcase_add_test(tests, ten_minutes_hold_the_sum_and_the_times_of_all_of_them);
    tcase_add_test(tests, what_took_time_at_each_took_it_at_all_of_them);
    Suite *suite = suite_create("spread");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
