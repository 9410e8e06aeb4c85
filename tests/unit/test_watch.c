/* What is an alarm, look by look: outbound/watch.h. */
#include <check.h>
#include <stdlib.h>

#include "outbound/watch.h"

static struct watched watched;

static void setup(void)
{
    watched = (struct watched){0};
}

/* Looks so often, five seconds apart, at what stays the same. */
static void look(enum hold_kind hold, int64_t head, uint64_t answers, int times)
{
    for (int i = 0; i < times; i++) {
        struct sight sight = {.is_due = head != 0,
                              .head = head,
                              .hold = hold,
                              .answers = answers,
                              .passed_ms = 5000,
                              .limit_ms = 60000};
        watched_look(&watched, &sight);
    }
}

START_TEST(a_first_message_that_stays_though_there_is_room_is_an_alarm_after_a_minute)
{
    look(HOLD_NONE, 1, 0, 12);
    ck_assert(!watched.is_stuck);
    look(HOLD_NONE, 1, 7, 1); /* what the carrier answers is for others */
    ck_assert(watched.is_stuck);
    ck_assert_int_eq(watched.still_ms, 60000);
    look(HOLD_NONE, 2, 7, 1);
    ck_assert(!watched.is_stuck);
}
END_TEST

START_TEST(a_first_message_that_is_tried_and_refused_again_and_again_moves)
{
    for (int tries = 1; tries < 50; tries++) {
        struct sight sight = {
            .is_due = true, .head = 1, .tries = tries, .passed_ms = 5000, .limit_ms = 60000};
        watched_look(&watched, &sight);
        ck_assert(!watched.is_stuck);
    }
}
END_TEST

START_TEST(a_full_window_is_an_alarm_only_where_nothing_is_answered)
{
    for (uint64_t answers = 0; answers < 30; answers++)
        look(HOLD_WINDOW, 1, answers, 11);
    ck_assert(!watched.is_stuck);
    look(HOLD_WINDOW, 2, 29, 12);
    ck_assert(watched.is_stuck);
    look(HOLD_WINDOW, 3, 29, 1); /* another goes, and is not answered either */
    ck_assert(watched.is_stuck);
    look(HOLD_WINDOW, 3, 30, 1);
    ck_assert(!watched.is_stuck);
}
END_TEST

START_TEST(an_outage_neither_counts_nor_forgets)
{
    look(HOLD_WINDOW, 1, 5, 10);
    look(HOLD_OUTAGE, 1, 5, 100);
    ck_assert(!watched.is_stuck);
    look(HOLD_WINDOW, 1, 5, 3);
    ck_assert(watched.is_stuck);
    look(HOLD_OUTAGE, 1, 5, 100);
    ck_assert(watched.is_stuck);
    look(HOLD_WINDOW, 1, 6, 1);
    ck_assert(!watched.is_stuck);
}
END_TEST

START_TEST(what_rightly_holds_is_no_alarm_and_ends_one)
{
    static const enum hold_kind rightful[] = {HOLD_PROGRAM_PAUSED, HOLD_CARRIER_KEPT, HOLD_THROTTLED,
                                              HOLD_THROUGHPUT,     HOLD_SENDER,       HOLD_CAMPAIGN,
                                              HOLD_BRAND,          HOLD_QUIET_HOURS,  HOLD_NOT_DUE};
    for (size_t i = 0; i < sizeof rightful / sizeof *rightful; i++) {
        setup();
        look(HOLD_NONE, 1, 0, 20);
        ck_assert(watched.is_stuck);
        look(rightful[i], 1, 0, 1);
        ck_assert(!watched.is_stuck);
        look(rightful[i], 1, 0, 100);
        ck_assert(!watched.is_stuck);
        look(HOLD_NONE, 1, 0, 12); /* counted from the beginning */
        ck_assert(!watched.is_stuck);
    }
}
END_TEST

START_TEST(an_empty_queue_is_no_alarm_and_ends_one)
{
    look(HOLD_NONE, 0, 0, 100);
    ck_assert(!watched.is_stuck);
    look(HOLD_NONE, 1, 0, 20);
    ck_assert(watched.is_stuck);
    look(HOLD_NONE, 0, 0, 1);
    ck_assert(!watched.is_stuck);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("watch");
    TCase *all = tcase_create("watch");
    tcase_add_checked_fixture(all, setup, NULL);
    tcase_add_test(all, a_first_message_that_stays_though_there_is_room_is_an_alarm_after_a_minute);
    tcase_add_test(all, a_first_message_that_is_tried_and_refused_again_and_again_moves);
    tcase_add_test(all, a_full_window_is_an_alarm_only_where_nothing_is_answered);
    tcase_add_test(all, an_outage_neither_counts_nor_forgets);
    tcase_add_test(all, what_rightly_holds_is_no_alarm_and_ends_one);
    tcase_add_test(all, an_empty_queue_is_no_alarm_and_ends_one);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
