/* The classifier. Its cases are tests/vectors/keyword-VERDICT.tsv: a text, and behind a TAB the
 * rule where it matters which one decides. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "consent/keyword.h"

static void line_check(char *line, enum keyword_verdict verdict)
{
    line[strcspn(line, "\n")] = '\0';
    char *tab = strchr(line, '\t');
    const char *rule = tab == NULL ? "" : tab + 1;
    if (tab != NULL)
        *tab = '\0';
    struct keyword keyword = keyword_classify(octets_text(line));
    ck_assert_msg(keyword.verdict == verdict, "\"%s\" is %s by %s", line,
                  keyword_verdict_name(keyword.verdict), keyword.rule);
    ck_assert_msg(*rule == '\0' || strcmp(rule, keyword.rule) == 0, "\"%s\" is by %s, not %s", line,
                  keyword.rule, rule);
}

static void vectors_check(enum keyword_verdict verdict, int least)
{
    char path[64], line[512];
    int count = 0;
    snprintf(path, sizeof path, "tests/vectors/keyword-%s.tsv", keyword_verdict_name(verdict));
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s: run this in the root of the project", path);
    for (; fgets(line, sizeof line, file) != NULL; count++)
        line_check(line, verdict);
    fclose(file);
    ck_assert_int_ge(count, least);
}

static enum keyword_verdict verdict_of(const void *text, size_t length)
{
    return keyword_classify(octets_of(text, length)).verdict;
}

static enum keyword_verdict classified(const char *text)
{
    return keyword_classify(octets_text(text)).verdict;
}

START_TEST(keywords_and_plain_requests_to_stop_opt_out)
{
    vectors_check(KEYWORD_OPT_OUT, 200);
}
END_TEST

START_TEST(help_in_any_dress_is_help)
{
    vectors_check(KEYWORD_HELP, 15);
}
END_TEST

START_TEST(start_and_its_kin_opt_in)
{
    vectors_check(KEYWORD_OPT_IN, 15);
}
END_TEST

START_TEST(what_may_mean_stop_is_for_people_to_review)
{
    vectors_check(KEYWORD_REVIEW, 15);
}
END_TEST

START_TEST(conversation_answers_and_quoted_texts_are_none_of_these)
{
    vectors_check(KEYWORD_NONE, 120);
}
END_TEST

START_TEST(only_the_word_stop_alone_is_what_a_toll_free_network_acts_on)
{
    ck_assert(keyword_classify(octets_text("STOP")).is_bare_stop);
    ck_assert(keyword_classify(octets_text(" Stop\r\n")).is_bare_stop);
    ck_assert(keyword_classify(octets_of("stop\0", 5)).is_bare_stop);
    ck_assert(!keyword_classify(octets_text("stop stop")).is_bare_stop);
    ck_assert(!keyword_classify(octets_text("STOP!")).is_bare_stop);
    ck_assert(!keyword_classify(octets_text("stop please")).is_bare_stop);
    ck_assert(!keyword_classify(octets_text("STOPALL")).is_bare_stop);
    ck_assert(!keyword_classify(octets_text("END")).is_bare_stop);
}
END_TEST

START_TEST(stopall_ends_everything_and_stop_does_not)
{
    ck_assert(keyword_classify(octets_text("STOPALL")).is_stop_all);
    ck_assert(keyword_classify(octets_text("stop all please")).is_stop_all);
    ck_assert(!keyword_classify(octets_text("STOP")).is_stop_all);
    ck_assert(!keyword_classify(octets_text("stop all help")).is_stop_all);
}
END_TEST

START_TEST(the_language_is_that_of_the_word_that_decided)
{
    ck_assert_str_eq(keyword_classify(octets_text("Arrêt, please")).language, "fr");
    ck_assert_str_eq(keyword_classify(octets_text("ayuda")).language, "es");
    ck_assert_str_eq(keyword_classify(octets_text("stop")).language, "en");
    ck_assert_str_eq(keyword_classify(octets_text("good morning")).language, "");
    ck_assert_str_eq(keyword_classify(octets_text("ARRET")).language, "fr"); /* R61 */
    ck_assert_str_eq(keyword_classify(octets_text("aide")).language, "fr");
    ck_assert_str_eq(keyword_classify(octets_text("déjeme en paz")).language, "es");
    ck_assert_str_eq(keyword_classify(octets_text("retirez-moi de la liste")).language, "fr");
    ck_assert_str_eq(keyword_classify(octets_text("停止")).language, "zh");
}
END_TEST

START_TEST(the_lists_do_not_change_without_their_version)
{
    char digest[DIGEST_HEX_SIZE];
    keyword_lists_digest(digest);
    ck_assert_str_eq(KEYWORD_LISTS_VERSION, "2026-11-28.3");
    ck_assert_msg(
        strcmp(digest, "9d423a661594df65c75b885a30eab10be97b99fb7565de89bc0b055608cbfc25") == 0,
        "rows changed: a new KEYWORD_LISTS_VERSION, and here %s", digest);
}
END_TEST

START_TEST(an_answer_is_what_stands_outside_of_the_lines_that_it_quotes)
{
    ck_assert_int_eq(classified("ok thanks\n> Reply STOP to end"), KEYWORD_NONE);
    ck_assert_int_eq(classified("> New homes! Reply STOP\n> to end\r\nsee you at 5"), KEYWORD_NONE);
    ck_assert_int_eq(classified("> Reply STOP to end\nstop"), KEYWORD_OPT_OUT);
    ck_assert_int_eq(classified("> stop"), KEYWORD_OPT_OUT);
    ck_assert_int_eq(classified("Liked “Reply STOP\nto end”"), KEYWORD_NONE);
}
END_TEST

START_TEST(lines_are_clauses)
{
    ck_assert_int_eq(classified("I'm driving\nSTOP"), KEYWORD_OPT_OUT);
    ck_assert_int_eq(classified("STOP\n\nSent from my phone"), KEYWORD_OPT_OUT);
    ck_assert_int_eq(classified("meet me at the bus\nstop by at five"), KEYWORD_NONE);
}
END_TEST

/* Each part of a long message is read alone, and later the whole. */
START_TEST(a_request_is_found_in_a_long_text_wherever_it_stands)
{
    char text[1900] = "";
    for (int i = 0; i < 40; i++)
        strcat(text, "we saw the house on the corner. ");
    ck_assert_int_eq(classified(text), KEYWORD_NONE);
    strcat(text, "please take me off your list. ");
    ck_assert_int_eq(classified(text), KEYWORD_OPT_OUT);
    for (int i = 0; i < 15; i++)
        strcat(text, "we saw the house on the corner. ");
    ck_assert_int_eq(classified(text), KEYWORD_OPT_OUT);
}
END_TEST

START_TEST(a_word_in_several_scripts_is_what_it_looks_like)
{
    ck_assert_int_eq(classified("sто\xd1\x80"), KEYWORD_OPT_OUT);
    ck_assert_int_eq(classified("СТОП"), KEYWORD_OPT_OUT);
    ck_assert_int_eq(classified("ｓｔｏｐ 請"), KEYWORD_REVIEW);
    ck_assert_int_eq(classified("停止。謝謝"), KEYWORD_OPT_OUT);
}
END_TEST

START_TEST(octets_that_are_no_text_neither_hide_a_stop_nor_make_one)
{
    ck_assert_int_eq(verdict_of("STOP\0", 5), KEYWORD_OPT_OUT); /* F213 */
    ck_assert_int_eq(verdict_of("\xff\xfeSTOP\xc3", 7), KEYWORD_OPT_OUT);
    ck_assert_int_eq(verdict_of("ST\xffOP", 5), KEYWORD_OPT_OUT); /* as "st op" is */
    ck_assert_int_eq(verdict_of("SH\xffOP", 5), KEYWORD_NONE);
    ck_assert_int_eq(verdict_of("\xed\xa0\x80", 3), KEYWORD_NONE);
    ck_assert_int_eq(verdict_of("", 0), KEYWORD_NONE);
    ck_assert_int_eq(verdict_of(NULL, 0), KEYWORD_NONE);
    ck_assert_str_eq(keyword_classify(octets_text(NULL)).rule, "-");
}
END_TEST

/* U+FDFA comes apart into 18 characters, the most there are. */
START_TEST(a_long_text_costs_no_more_than_a_short_one)
{
    static char text[100000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "\xef\xb7\xba"[i % 3];
    ck_assert_int_eq(verdict_of(text, sizeof text - 1), KEYWORD_NONE);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "STOP "[i % 5];
    ck_assert_int_eq(verdict_of(text, sizeof text), KEYWORD_OPT_OUT);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "please stop "[i % 12];
    ck_assert_int_eq(verdict_of(text, 36), KEYWORD_OPT_OUT);
    (void)verdict_of(text, sizeof text);
}
END_TEST

START_TEST(any_octets_are_classified)
{
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        uint8_t text[64];
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = (uint8_t)(seed >> 24);
        }
        struct keyword keyword = keyword_classify(octets_of(text, seed % sizeof text));
        ck_assert_ptr_nonnull(keyword.rule);
        ck_assert(*keyword.rule != '\0');
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keyword");
    TCase *all = tcase_create("keyword");
    tcase_add_test(all, keywords_and_plain_requests_to_stop_opt_out);
    tcase_add_test(all, help_in_any_dress_is_help);
    tcase_add_test(all, start_and_its_kin_opt_in);
    tcase_add_test(all, what_may_mean_stop_is_for_people_to_review);
    tcase_add_test(all, conversation_answers_and_quoted_texts_are_none_of_these);
    tcase_add_test(all, only_the_word_stop_alone_is_what_a_toll_free_network_acts_on);
    tcase_add_test(all, stopall_ends_everything_and_stop_does_not);
    tcase_add_test(all, the_language_is_that_of_the_word_that_decided);
    tcase_add_test(all, the_lists_do_not_change_without_their_version);
    tcase_add_test(all, an_answer_is_what_stands_outside_of_the_lines_that_it_quotes);
    tcase_add_test(all, lines_are_clauses);
    tcase_add_test(all, a_request_is_found_in_a_long_text_wherever_it_stands);
    tcase_add_test(all, a_word_in_several_scripts_is_what_it_looks_like);
    tcase_add_test(all, octets_that_are_no_text_neither_hide_a_stop_nor_make_one);
    tcase_add_test(all, a_long_text_costs_no_more_than_a_short_one);
    tcase_add_test(all, any_octets_are_classified);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
