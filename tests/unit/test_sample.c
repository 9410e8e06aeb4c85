/* What of a receipt that found nothing may be shown, and which are kept. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outbound/sample.h"

START_TEST(a_receipt_is_shown_without_the_message_in_it)
{
    static const char *const rows[][2] = {
        {"id:7c41d09e sub:001 dlvrd:001 submit date:2603140926 done date:2603140927 stat:DELIVRD err:000 text:Secret",
         "id:7c41d09e sub:001 dlvrd:001 submit date:2603140926 done date:2603140927 stat:DELIVRD err:000"},
        {"12065550142Alerts^ id:10 stat:X err: text:Secret id:11", "id:10 stat:X err:"},
        {"id:5 stat:EXPIRED Secret words", "id:5 stat:EXPIRED"},
        {"ID:5 Stat:EXPIRED err:000 Text Secret", "ID:5 Stat:EXPIRED err:000"},
        {"id:5 done date:2026-03-14 09:27:45 Secret", "id:5 done date:2026-03-14 09:27:45"},
        {"sub:001 text: stat:DELIVRD", "sub:001"},
        {"text:Secret id:5", ""},
        {"Your code is 4471", ""},
        {"Your paid:4471", ""},
        {"", ""},
        {"id:5 \x01 stat:EXPIRED", ""},
        {"id:5 err:\xE9", ""},
    };
    char out[SAMPLE_TEXT_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sample_cut(octets_text(rows[i][0]), out);
        ck_assert_str_eq(out, rows[i][1]);
    }
    static const uint8_t wide[] = {0, 'i', 0, 'd', 0, ':', 0, '5'};
    sample_cut(octets_of(wide, sizeof wide), out);
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(one_of_any_length_is_cut)
{
    static uint8_t octets[5000];
    char out[SAMPLE_TEXT_SIZE];
    memset(octets, 'a', sizeof octets);
    memcpy(octets, "id:", 3);
    sample_cut(octets_of(octets, sizeof octets), out);
    ck_assert_uint_eq(strlen(out), SAMPLE_TEXT_SIZE - 1);
}
END_TEST

START_TEST(the_newest_are_kept_and_those_that_found_their_message_go)
{
    struct samples *samples = samples_open();
    for (int i = 0; i < SAMPLES_MOST + 5; i++) {
        struct sample sample = {.at = i, .carrier = "sim"};
        snprintf(sample.id, sizeof sample.id, "%d", i);
        samples_put(samples, &sample);
    }
    ck_assert_uint_eq(samples_count(samples), SAMPLES_MOST);
    ck_assert_int_eq(samples_at(samples, 0)->at, SAMPLES_MOST + 4);
    ck_assert_int_eq(samples_at(samples, SAMPLES_MOST - 1)->at, 5);
    samples_drop(samples, "sim", octets_text("6"));
    samples_drop(samples, "other", octets_text("7"));
    samples_drop(samples, "sim", octets_text("1"));
    ck_assert_uint_eq(samples_count(samples), SAMPLES_MOST - 1);
    ck_assert_int_eq(samples_at(samples, SAMPLES_MOST - 2)->at, 5);
    ck_assert_int_eq(samples_at(samples, SAMPLES_MOST - 3)->at, 7);
    samples_close(samples);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sample");
    TCase *cases = tcase_create("sample");
    tcase_add_test(cases, a_receipt_is_shown_without_the_message_in_it);
    tcase_add_test(cases, one_of_any_length_is_cut);
    tcase_add_test(cases, the_newest_are_kept_and_those_that_found_their_message_go);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
