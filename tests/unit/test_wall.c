/* The wall's clock follows one that is set, when it stays so. */
#include <check.h>

#include "base/clock.h"

#define MINUTE_MS INT64_C(60000)
#define YEAR_MS   (365 * 24 * 60 * MINUTE_MS)
#define BEGIN_MS  INT64_C(1795456800000)

static int64_t mono_ms = 1000, machine_ms = BEGIN_MS;

int64_t clock_mono_ms(void)
{
    return mono_ms;
}

int64_t clock_machine_ms(void)
{
    return machine_ms;
}

/* Both go on, and somebody looks now and then. */
static void go_on(int64_t ms)
{
    for (int64_t at = 0; at < ms; at += 1000) {
        mono_ms += 1000;
        machine_ms += 1000;
        clock_wall_ms();
    }
}

static void begin(void)
{
    clock_wall_ms();
}

START_TEST(it_is_the_machines_clock)
{
    ck_assert_int_eq(clock_wall_ms(), BEGIN_MS);
    go_on(10 * MINUTE_MS);
    ck_assert_int_eq(clock_wall_ms(), BEGIN_MS + 10 * MINUTE_MS);
    ck_assert_int_eq(clock_set_by_ms(), 0);
}
END_TEST

START_TEST(small_steps_are_followed_at_once)
{
    for (int i = 1; i <= 20; i++) {
        machine_ms -= 1500;
        ck_assert_int_eq(clock_wall_ms(), machine_ms);
    }
    ck_assert_int_eq(clock_set_by_ms(), 0);
}
END_TEST

START_TEST(a_jump_that_is_set_back_was_none)
{
    static const int64_t jumps[] = {YEAR_MS, -2 * YEAR_MS, 60 * MINUTE_MS, -10000};
    for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
        machine_ms += jumps[i];
        go_on(CLOCK_DOUBT_MS - 2000);
        ck_assert_int_eq(clock_wall_ms(), machine_ms - jumps[i]);
        machine_ms -= jumps[i];
        go_on(10 * MINUTE_MS);
    }
    ck_assert_int_eq(clock_wall_ms(), machine_ms);
    ck_assert_int_eq(clock_set_by_ms(), 0);
}
END_TEST

START_TEST(jumps_to_and_fro_begin_the_doubt_anew)
{
    for (int i = 0; i < 10; i++) {
        machine_ms += YEAR_MS;
        go_on(CLOCK_DOUBT_MS - 2000);
    }
    ck_assert_int_eq(clock_wall_ms(), machine_ms - 10 * YEAR_MS);
}
END_TEST

START_TEST(a_jump_that_stays_is_followed_and_told_once)
{
    machine_ms -= 120 * MINUTE_MS;
    go_on(CLOCK_DOUBT_MS + 1000);
    ck_assert_int_eq(clock_wall_ms(), machine_ms);
    ck_assert_int_eq(clock_set_by_ms(), -120 * MINUTE_MS);
    ck_assert_int_eq(clock_set_by_ms(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wall");
    TCase *promises = tcase_create("promises");
    tcase_add_checked_fixture(promises, begin, NULL);
    tcase_add_test(promises, it_is_the_machines_clock);
    tcase_add_test(promises, small_steps_are_followed_at_once);
    tcase_add_test(promises, a_jump_that_is_set_back_was_none);
    tcase_add_test(promises, jumps_to_and_fro_begin_the_doubt_anew);
    tcase_add_test(promises, a_jump_that_stays_is_followed_and_told_once);
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
