/* Promises about the throughput of a carrier. Times are handed in; nothing here sleeps. */
#include <check.h>
#include <stdlib.h>

#include "outbound/bucket.h"

#define START INT64_C(1000000)
#define DAY   INT64_C(86400000)

/* A sender in a hurry: asks each `step_ms` and sends whatever it may, in messages of `parts`. Gives
 * when each message went. */
static size_t hurry(struct bucket *bucket, unsigned parts, int64_t from_ms, int64_t until_ms,
                    int64_t step_ms, int64_t *sent_at, size_t most)
{
    size_t count = 0;
    for (int64_t now_ms = from_ms; now_ms <= until_ms; now_ms += step_ms) {
        while (count < most && bucket_wait_ms(bucket, parts, now_ms) == 0) {
            bucket_spend(bucket, parts, now_ms);
            sent_at[count++] = now_ms;
        }
        bucket_ask(bucket, parts, now_ms);
    }
    return count;
}

/* The most messages in any span that begins with one of them. */
static size_t most_within(const int64_t *sent_at, size_t count, int64_t span_ms)
{
    size_t most = 0;
    for (size_t i = 0, k = 0; i < count; i++) {
        while (k < count && sent_at[k] < sent_at[i] + span_ms)
            k++;
        most = k - i > most ? k - i : most;
    }
    return most;
}

START_TEST(a_reply_ahead_makes_who_waits_for_more_wait_no_longer_than_its_own_token)
{
    struct bucket bucket;
    bucket_init(&bucket, 0.1, START);
    bucket_spend(&bucket, 1, START);
    bucket_ask(&bucket, 2, START);
    ck_assert_int_eq(bucket_wait_ahead_ms(&bucket, START), 0);
    bucket_spend(&bucket, 1, START); /* the reply */
    for (int64_t now_ms = START; now_ms < START + 30000; now_ms += 1000) {
        ck_assert_int_eq(bucket_wait_ms(&bucket, 2, now_ms), START + 30000 - now_ms);
        bucket_ask(&bucket, 2, now_ms);
    }
    ck_assert_int_eq(bucket_wait_ms(&bucket, 2, START + 30000), 0);
}
END_TEST

START_TEST(a_bucket_without_a_rate_never_waits)
{
    struct bucket bucket;
    bucket_init(&bucket, 0, START);
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(bucket_wait_ms(&bucket, 255, START), 0);
        ck_assert_int_eq(bucket_wait_ahead_ms(&bucket, START), 0);
        bucket_ask(&bucket, 255, START);
        bucket_spend(&bucket, 255, START);
    }
}
END_TEST

START_TEST(no_second_has_more_parts_than_the_rate)
{
    static int64_t sent_at[20000];
    static const double rates[] = {0.5, 1, 2, 3, 7, 10, 99.5, 100, 333, 1000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct bucket bucket;
        bucket_init(&bucket, rates[i], START);
        size_t count = hurry(&bucket, 1, START + DAY, START + DAY + 10000, 1, sent_at, 20000);
        size_t whole = (size_t)rates[i] + (rates[i] > (double)(size_t)rates[i]);
        ck_assert_uint_le(most_within(sent_at, count, 1000), whole);
        ck_assert_msg((double)count >= rates[i] * 10 && (double)count <= rates[i] * 10 + 1,
                      "rate %g: %zu in ten seconds", rates[i], count);
    }
}
END_TEST

START_TEST(sends_are_spread_evenly_over_the_second)
{
    int64_t sent_at[200];
    struct bucket bucket;
    bucket_init(&bucket, 100, START);
    size_t count = hurry(&bucket, 1, START, START + 999, 1, sent_at, 200);
    ck_assert_uint_eq(count, 100);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(sent_at[i], START + (int64_t)i * 10);
}
END_TEST

START_TEST(an_idle_day_saves_up_one_part)
{
    struct bucket bucket;
    bucket_init(&bucket, 10, START);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START + DAY), 0);
    bucket_spend(&bucket, 1, START + DAY);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START + DAY), 100);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START + DAY + 99), 1);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START + DAY + 100), 0);
}
END_TEST

START_TEST(a_turn_that_comes_late_loses_no_token)
{
    static int64_t sent_at[20000];
    struct bucket bucket;
    bucket_init(&bucket, 1000, START);
    size_t count = hurry(&bucket, 1, START, START + 10000, 25, sent_at, 20000);
    ck_assert_uint_ge(count, 10000);
    ck_assert_uint_le(count, 10001);
    ck_assert_uint_le(most_within(sent_at, count, 1000), 1025);
}
END_TEST

START_TEST(a_turn_that_comes_very_late_makes_no_burst)
{
    struct bucket bucket;
    bucket_init(&bucket, 100, START);
    bucket_spend(&bucket, 1, START);
    bucket_ask(&bucket, 1, START);
    unsigned count = 0;
    for (; bucket_wait_ms(&bucket, 1, START + 900) == 0; count++)
        bucket_spend(&bucket, 1, START + 900);
    ck_assert_uint_le(count, 11);
}
END_TEST

START_TEST(a_long_message_waits_for_all_of_its_tokens)
{
    struct bucket bucket;
    bucket_init(&bucket, 2, START);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 3, START), 1000);
    bucket_ask(&bucket, 3, START);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 3, START + 999), 1);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 3, START + 1000), 0);
    bucket_spend(&bucket, 3, START + 1000);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START + 1000), 500);
}
END_TEST

START_TEST(a_short_message_does_not_take_what_a_long_one_waits_for)
{
    struct bucket bucket;
    bucket_init(&bucket, 2, START);
    bucket_ask(&bucket, 3, START);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START), 1000);
    bucket_ask(&bucket, 1, START); /* says nothing new */
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START + 500), 500);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 3, START + 1000), 0);
}
END_TEST

START_TEST(a_long_message_that_went_away_is_forgotten)
{
    struct bucket bucket;
    bucket_init(&bucket, 2, START);
    bucket_ask(&bucket, 3, START);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START + 2001), 0);
    bucket_spend(&bucket, 1, START + 2001);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START + 2001), 500);
}
END_TEST

START_TEST(replies_take_one_second_ahead_and_the_others_wait_for_it)
{
    struct bucket bucket;
    unsigned count = 0;
    bucket_init(&bucket, 4, START);
    for (; bucket_wait_ahead_ms(&bucket, START) == 0; count++)
        bucket_spend(&bucket, 1, START);
    ck_assert_uint_eq(count, 6); /* what was there, a second's worth, and the one that crosses it */
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START), 1500);
    ck_assert_int_eq(bucket_wait_ahead_ms(&bucket, START), 250);
    ck_assert_int_eq(bucket_wait_ahead_ms(&bucket, START + 250), 0);
    ck_assert_uint_eq(bucket_load(&bucket, START), 100);
    ck_assert_uint_eq(bucket_load(&bucket, START + 750), 50);
    ck_assert_uint_eq(bucket_load(&bucket, START + 1250), 0);
}
END_TEST

START_TEST(the_smallest_rate_is_slow_and_no_more)
{
    struct bucket bucket;
    bucket_init(&bucket, 1e-300, START);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START), 0);
    bucket_spend(&bucket, 255, START);
    ck_assert_int_gt(bucket_wait_ms(&bucket, 255, START), 365 * DAY);
}
END_TEST

START_TEST(another_rate_counts_at_once_and_a_debt_stays_as_many_tokens)
{
    struct bucket bucket;
    bucket_init(&bucket, 0.01, START);
    bucket_spend(&bucket, 2, START); /* one of them ahead */
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START), 200000);
    bucket_set_rate(&bucket, 10, START);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START), 200);
    bucket_set_rate(&bucket, 1, START + DAY); /* nothing was saved up meanwhile */
    bucket_spend(&bucket, 1, START + DAY);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START + DAY), 1000);
    bucket_set_rate(&bucket, 0, START + DAY);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 9, START + DAY), 0);
    bucket_set_rate(&bucket, 2, START + DAY);
    ck_assert_int_eq(bucket_wait_ms(&bucket, 1, START + DAY), 500);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("bucket");
    TCase *promises = tcase_create("promises");
    tcase_add_test(promises, a_reply_ahead_makes_who_waits_for_more_wait_no_longer_than_its_own_token);
    tcase_add_test(promises, a_bucket_without_a_rate_never_waits);
    tcase_add_test(promises, no_second_has_more_parts_than_the_rate);
    tcase_add_test(promises, sends_are_spread_evenly_over_the_second);
    tcase_add_test(promises, an_idle_day_saves_up_one_part);
    tcase_add_test(promises, a_turn_that_comes_late_loses_no_token);
    tcase_add_test(promises, a_turn_that_comes_very_late_makes_no_burst);
    tcase_add_test(promises, a_long_message_waits_for_all_of_its_tokens);
    tcase_add_test(promises, a_short_message_does_not_take_what_a_long_one_waits_for);
    tcase_add_test(promises, a_long_message_that_went_away_is_forgotten);
    tcase_add_test(promises, replies_take_one_second_ahead_and_the_others_wait_for_it);
    tcase_add_test(promises, the_smallest_rate_is_slow_and_no_more);
    tcase_add_test(promises, another_rate_counts_at_once_and_a_debt_stays_as_many_tokens);
    suite_add_tcase(suite, promises);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
