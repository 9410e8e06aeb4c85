/* How a carrier that throttles is slowed down for, and how the rate comes back. Times are handed in. */
#include <check.h>
#include <stdlib.h>

#include "outbound/pace.h"

#define START INT64_C(1000000)

static void ck_rate(const struct pace *pace, double rate)
{
    ck_assert_double_eq_tol(pace->rate, rate, 0.01);
}

START_TEST(the_agreed_rate_is_halved_and_comes_back_step_by_step)
{
    struct pace pace;
    pace_init(&pace, 40);
    ck_assert(!pace_is_slowed(&pace));
    ck_assert(!pace_grow(&pace));
    ck_assert(pace_throttled(&pace, 0, START));
    ck_rate(&pace, 20);
    for (int second = 1; second <= 9; second++) {
        ck_assert(pace_grow(&pace));
        ck_rate(&pace, 20 + 2 * second);
        ck_assert(pace_is_slowed(&pace));
    }
    ck_assert(pace_grow(&pace));
    ck_rate(&pace, 40);
    ck_assert(!pace_is_slowed(&pace));
}
END_TEST

START_TEST(what_was_out_already_slows_down_no_further)
{
    struct pace pace;
    pace_init(&pace, 40);
    ck_assert(pace_throttled(&pace, 9, START));
    pace_answered(&pace, false, START);
    for (int i = 0; i < 9; i++) {
        ck_assert(!pace_throttled(&pace, 8, START));
        pace_answered(&pace, false, START);
    }
    ck_rate(&pace, 20);
    ck_assert(pace_throttled(&pace, 0, START + 2000)); /* this one left at the new rate */
    ck_rate(&pace, 10);
}
END_TEST

START_TEST(without_an_agreed_rate_what_it_took_is_the_measure)
{
    struct pace pace;
    pace_init(&pace, 0);
    for (int i = 0; i < 100; i++)
        pace_answered(&pace, true, START + i * 10);
    ck_assert(pace_throttled(&pace, 0, START + 999));
    ck_rate(&pace, 50);
    for (int second = 0; second < 190; second++)
        ck_assert(pace_grow(&pace));
    ck_assert(!pace_is_slowed(&pace)); /* ten times what it took: no limit any more */
    ck_rate(&pace, 0);
}
END_TEST

START_TEST(a_carrier_that_was_hardly_used_is_measured_by_no_message)
{
    struct pace pace;
    pace_init(&pace, 0);
    ck_assert(pace_throttled(&pace, 0, START));
    ck_rate(&pace, 10);
}
END_TEST

START_TEST(it_never_stands_still)
{
    struct pace pace;
    pace_init(&pace, 1);
    for (int i = 0; i < 20; i++) {
        pace_throttled(&pace, 0, START + i * 2000);
        pace_answered(&pace, false, START + i * 2000);
    }
    ck_rate(&pace, 0.1);
    pace_init(&pace, 0.05); /* slower than that was agreed on */
    pace_throttled(&pace, 0, START);
    ck_rate(&pace, 0.05);
}
END_TEST

/* A carrier with a limit that nobody told us: 50 a second. */
START_TEST(it_settles_near_what_the_carrier_takes)
{
    struct pace pace;
    unsigned taken = 0, refused = 0;
    pace_init(&pace, 0);
    double tokens = 0;
    for (int64_t second = 0; second < 300; second++) {
        double rate = pace.rate > 0 ? pace.rate : 1000;
        unsigned here = 0;
        bool is_refused = false;
        for (tokens += rate; tokens >= 1 && !is_refused; tokens--) {
            int64_t now_ms = START + second * 1000 + (int64_t)(here * 1000 / rate);
            is_refused = ++here > 50;
            if (is_refused)
                pace_throttled(&pace, 0, now_ms);
            pace_answered(&pace, !is_refused, now_ms);
            taken += !is_refused;
            refused += is_refused;
        }
        if (is_refused)
            tokens = 0; /* the bind is silent for the rest of it */
        else
            pace_grow(&pace);
    }
    ck_assert_uint_gt(taken, 300 * 50 * 6 / 10);
    ck_assert_uint_lt(refused, 60);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pace");
    TCase *cases = tcase_create("pace");
    tcase_add_test(cases, the_agreed_rate_is_halved_and_comes_back_step_by_step);
    tcase_add_test(cases, what_was_out_already_slows_down_no_further);
    tcase_add_test(cases, without_an_agreed_rate_what_it_took_is_the_measure);
    tcase_add_test(cases, a_carrier_that_was_hardly_used_is_measured_by_no_message);
    tcase_add_test(cases, it_never_stands_still);
    tcase_add_test(cases, it_settles_near_what_the_carrier_takes);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
