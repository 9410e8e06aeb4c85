/* What an answer means: the usual, and a carrier's own table and names. */
#include <check.h>
#include <stdlib.h>

#include "config/habit.h"
#include "outbound/fate.h"

static char rows[][32] = {"0x00000014 retry 5 180s", "0x58 give_up", "0x0000000B retry once",
                          "0x401 slow_down", "0x402 rebind", "0x403 retry 2"};
static char *retries[] = {rows[0], rows[1], rows[2], rows[3], rows[4], rows[5]};
static char name[] = "0x00000401 no credit left";
static char *names[] = {name};
static struct config_carrier own = {.retry = {.at = retries, .count = 6},
                                    .statuses = {.at = names, .count = 1}};

START_TEST(a_retry_is_a_status_and_what_is_done)
{
    static const char *const wrong[] = {
        "", "0x14", "0x14 ", "14 retry 5", "0x14 retry", "0x14 retry ", "0x14 retry 0", "0x14 retry 101",
        "0x14 retry 5 180", "0x14 retry 5 0s", "0x14 retry 5 25h", "0x14 retry 5 180s ", "0x14  retry 5",
        "0x14 retry twice", "0x14 give_up 5", "0x14 retry 5x", "0x0 give_up", "0x14 retry 5 s",
        "0x14 retry 5 1d", "0x123456789 give_up", "0x14 Retry 5", "0x14 retry -1", "0x14 retry 5 180s 1s"};
    struct habit_retry retry;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!habit_retry_read(wrong[i], &retry), "%s", wrong[i]);
    ck_assert(habit_retry_read("0x14 retry 20 30s", &retry));
    ck_assert_uint_eq(retry.status, 0x14);
    ck_assert_uint_eq(retry.again, 20);
    ck_assert_int_eq(retry.wait_ms, 30000);
    ck_assert(habit_retry_read("0x14 retry once 2h", &retry));
    ck_assert_uint_eq(retry.again, 1);
    ck_assert_int_eq(retry.wait_ms, 7200000);
}
END_TEST

START_TEST(a_carriers_own_table_goes_over_the_usual_one)
{
    ck_assert_int_eq(fate_of(NULL, 0x58).what, FATE_SLOW_DOWN);
    ck_assert_int_eq(fate_of(&own, 0x58).what, FATE_GIVE_UP);
    ck_assert_int_eq(fate_of(NULL, 0x0B).what, FATE_GIVE_UP);
    ck_assert_int_eq(fate_of(&own, 0x0B).what, FATE_RETRY);
    ck_assert_uint_eq(fate_of(&own, 0x0B).again, 1);
    ck_assert_int_eq(fate_of(&own, 0x401).what, FATE_SLOW_DOWN);
    ck_assert_int_eq(fate_of(&own, 0x402).what, FATE_REBIND);
    ck_assert_int_eq(fate_of(&own, 0x404).what, FATE_GIVE_UP);
    ck_assert_int_eq(fate_of(&own, 0x08).what, FATE_RETRY);
    ck_assert_uint_eq(fate_of(&own, 0x08).again, 5);
    ck_assert_int_eq(fate_of(NULL, 0x500).what, FATE_RETRY); /* reserved: once (F117) */
    ck_assert_uint_eq(fate_of(NULL, 0x500).again, 1);
}
END_TEST

START_TEST(waits_are_the_tables_or_grow)
{
    struct fate fixed = fate_of(&own, 0x14), usual = fate_of(&own, 0x403);
    ck_assert_int_eq(fate_wait_ms(&fixed, 1), 180000);
    ck_assert_int_eq(fate_wait_ms(&fixed, 5), 180000);
    ck_assert_int_eq(fate_wait_ms(&usual, 1), 15000);
    ck_assert_int_eq(fate_wait_ms(&usual, 2), 30000);
    ck_assert_int_eq(fate_wait_ms(&usual, 50), 600000);
}
END_TEST

START_TEST(the_worst_refusal_of_a_message_decides)
{
    ck_assert_uint_eq(fate_worse(NULL, 0, 0x58), 0x58);
    ck_assert_uint_eq(fate_worse(NULL, 0x0B, 0x08), 0x0B);
    ck_assert_uint_eq(fate_worse(NULL, 0x08, 0x0B), 0x0B);
    ck_assert_uint_eq(fate_worse(NULL, 0x58, 0x14), 0x14);
    ck_assert_uint_eq(fate_worse(&own, 0x58, 0x0B), 0x58);
}
END_TEST

START_TEST(what_opts_out_is_the_carriers_to_say)
{
    static char status[] = "0x00000433", one[] = "9", other[] = "04A";
    static char *statuses[] = {status}, *errors[] = {one, other};
    struct config_carrier carrier = {.opt_out_statuses = {.at = statuses, .count = 1},
                                     .opt_out_errors = {.at = errors, .count = 2}};
    ck_assert(fate_opts_out(&carrier, 0x433));
    ck_assert(!fate_opts_out(&carrier, 0x434));
    ck_assert(!fate_opts_out(&carrier, 0));
    ck_assert(!fate_opts_out(NULL, 0x433));
    ck_assert(fate_err_opts_out(&carrier, "009"));
    ck_assert(fate_err_opts_out(&carrier, "4a"));
    ck_assert(!fate_err_opts_out(&carrier, "000"));
    ck_assert(!fate_err_opts_out(&carrier, ""));
    ck_assert(!fate_err_opts_out(NULL, "9"));
}
END_TEST

START_TEST(a_status_has_the_carriers_own_name)
{
    char text[FATE_TEXT_SIZE];
    fate_text(&own, 0x401, text);
    ck_assert_str_eq(text, "no credit left (0x00000401)");
    fate_text(&own, 0x402, text);
    ck_assert_str_eq(text, "(vendor) (0x00000402)");
    fate_text(NULL, 0x58, text);
    ck_assert_str_eq(text, "ESME_RTHROTTLED (0x00000058)");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fate");
    TCase *cases = tcase_create("fate");
    tcase_add_test(cases, a_retry_is_a_status_and_what_is_done);
    tcase_add_test(cases, a_carriers_own_table_goes_over_the_usual_one);
    tcase_add_test(cases, waits_are_the_tables_or_grow);
    tcase_add_test(cases, the_worst_refusal_of_a_message_decides);
    tcase_add_test(cases, what_opts_out_is_the_carriers_to_say);
    tcase_add_test(cases, a_status_has_the_carriers_own_name);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
