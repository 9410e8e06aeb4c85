/* What the form of a program is made of: its tickets, how many an address may send, its pages and their language. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/region.h"
#include "src/doors/html.h"
#include "src/doors/http_language.h"
#include "src/doors/letterbox.h"
#include "src/doors/ticket.h"
#include "src/doors/turnstile.h"

#define NOW INT64_C(1000000)

static struct region *region;
static struct tickets *tickets;
static const uint8_t shown[DIGEST_SIZE] = {1, 2, 3}, reworded[DIGEST_SIZE] = {1, 2, 4};
static const uint8_t content[DIGEST_SIZE] = {7}, other_content[DIGEST_SIZE] = {8};

static void begin(void)
{
    region = region_new();
    tickets = tickets_open();
}

static void end(void)
{
    tickets_close(tickets);
    region_free(region);
}

/* ---- tickets ---- */

static struct ticket ticket; /* that was read last */
static unsigned outcome;

static enum ticket_state state_of(const char *text, const char *place, const uint8_t *digest, const uint8_t *all, int64_t at)
{
    return ticket_read(tickets, octets_text(text), place, digest, all, at, &ticket, &outcome);
}

static const char *ticket_new(int64_t at)
{
    char *text = region_get(region, TICKET_TEXT_SIZE);
    ticket_make(tickets, "p", shown, at, text);
    ck_assert_uint_eq(strlen(text), TICKET_TEXT_SIZE - 1);
    return text;
}

static void spend(const char *text, unsigned of, int64_t at)
{
    ck_assert_int_eq(state_of(text, "p", shown, content, at), TICKET_GOOD);
    ticket_spend(tickets, &ticket, content, of, at);
}

START_TEST(a_ticket_is_good_where_it_was_made_for_an_hour)
{
    const char *text = ticket_new(NOW);
    ck_assert_int_eq(state_of(text, "p", shown, content, NOW), TICKET_GOOD);
    ck_assert_int_eq(state_of(text, "p", shown, content, NOW + TICKET_TERM_MS - 1), TICKET_GOOD);
    ck_assert_int_eq(state_of(text, "p", shown, content, NOW + TICKET_TERM_MS), TICKET_STALE);
    ck_assert_int_eq(state_of(text, "pp", shown, content, NOW), TICKET_NONE);
    ck_assert_int_eq(state_of(text, "", shown, content, NOW), TICKET_NONE);
    ck_assert_int_eq(state_of(text, "p", reworded, content, NOW), TICKET_REWORDED);
}
END_TEST

START_TEST(a_ticket_of_which_one_digit_is_another_is_none)
{
    char text[TICKET_TEXT_SIZE];
    strcpy(text, ticket_new(NOW));
    for (size_t i = 0; i < sizeof text - 1; i++) {
        char digit = text[i];
        text[i] = digit == '0' ? '1' : '0';
        ck_assert_int_eq(state_of(text, "p", shown, content, NOW), TICKET_NONE);
        text[i] = digit;
    }
    ck_assert_int_eq(state_of(text, "p", shown, content, NOW), TICKET_GOOD);
}
END_TEST

START_TEST(what_is_no_ticket_is_none)
{
    const char *const none[] = {"", "0", "zz"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_int_eq(state_of(none[i], "p", shown, content, NOW), TICKET_NONE);
    ck_assert_int_eq(state_of(region_format(region, "%s0", ticket_new(NOW)), "p", shown, content, NOW), TICKET_NONE);
    const char *text = ticket_new(NOW);
    tickets_close(tickets);
    tickets = tickets_open(); /* another run, another key */
    ck_assert_int_eq(state_of(text, "p", shown, content, NOW), TICKET_NONE);
}
END_TEST

START_TEST(a_spent_ticket_tells_what_came_of_it_and_is_good_for_nothing_else)
{
    const char *text = ticket_new(NOW);
    spend(text, 3, NOW);
    tickets_release(tickets, true);
    ck_assert_int_eq(state_of(text, "p", shown, content, NOW + 5), TICKET_SPENT);
    ck_assert_uint_eq(outcome, 3);
    ck_assert_int_eq(state_of(text, "p", reworded, content, NOW + 5), TICKET_SPENT);
    ck_assert_int_eq(state_of(text, "p", shown, other_content, NOW + 5), TICKET_REUSED);
    ck_assert_int_eq(state_of(ticket_new(NOW), "p", shown, content, NOW), TICKET_GOOD);
}
END_TEST

START_TEST(a_ticket_whose_turn_is_not_on_disk_is_good_still)
{
    const char *before = ticket_new(NOW), *lost = ticket_new(NOW);
    spend(before, 1, NOW);
    tickets_release(tickets, true);
    spend(lost, 1, NOW);
    tickets_release(tickets, false);
    tickets_release(tickets, false); /* one in which nothing was spent */
    ck_assert_int_eq(state_of(lost, "p", shown, content, NOW), TICKET_GOOD);
    ck_assert_int_eq(state_of(before, "p", shown, content, NOW), TICKET_SPENT);
}
END_TEST

/* More than are remembered: those that were forgotten must not be good again. */
START_TEST(no_ticket_is_good_again_however_many_were_spent)
{
    enum { COUNT = TICKET_SETS * TICKET_WAYS + 5000 };
    char(*texts)[TICKET_TEXT_SIZE] = malloc(COUNT * sizeof *texts);
    size_t refused = 0;
    for (int i = 0; i < COUNT; i++) {
        ticket_make(tickets, "p", shown, NOW + i / 100, texts[i]);
        enum ticket_state state = state_of(texts[i], "p", shown, content, NOW + i / 100);
        ck_assert(state == TICKET_GOOD || state == TICKET_STALE);
        if (state == TICKET_GOOD)
            ticket_spend(tickets, &ticket, content, 0, NOW + i / 100);
        else
            refused++;
    }
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_ne(state_of(texts[i], "p", shown, content, NOW + COUNT / 100), TICKET_GOOD);
    ck_assert_uint_lt(refused, COUNT / 50);
    free(texts);
}
END_TEST

/* ---- how many ---- */

START_TEST(an_address_sends_so_many_at_once_and_then_one_each_so_often)
{
    struct turnstile *turnstile = turnstile_open();
    for (int i = 0; i < TURNSTILE_AT_ONCE; i++)
        ck_assert_int_eq(turnstile_pass(turnstile, "192.0.2.1", NOW), 0);
    ck_assert_int_eq(turnstile_pass(turnstile, "192.0.2.1", NOW), TURNSTILE_EACH_MS);
    ck_assert_int_eq(turnstile_pass(turnstile, "192.0.2.2", NOW), 0);
    ck_assert_int_eq(turnstile_pass(turnstile, "192.0.2.1", NOW + TURNSTILE_EACH_MS - 1), 1);
    ck_assert_int_eq(turnstile_pass(turnstile, "192.0.2.1", NOW + TURNSTILE_EACH_MS), 0);
    ck_assert_int_gt(turnstile_pass(turnstile, "192.0.2.1", NOW + TURNSTILE_EACH_MS), 0);
    int64_t later = NOW + INT64_C(100) * TURNSTILE_EACH_MS; /* no more is saved up than that */
    for (int i = 0; i < TURNSTILE_AT_ONCE; i++)
        ck_assert_int_eq(turnstile_pass(turnstile, "192.0.2.1", later), 0);
    ck_assert_int_gt(turnstile_pass(turnstile, "192.0.2.1", later), 0);
    turnstile_close(turnstile);
}
END_TEST

START_TEST(a_crowd_pushes_out_those_who_could_send_again_first)
{
    char address[40];
    struct turnstile *turnstile = turnstile_open();
    for (int i = 0; i < TURNSTILE_AT_ONCE; i++)
        ck_assert_int_eq(turnstile_pass(turnstile, "2001:db8::1", NOW), 0);
    for (int i = 0; i < 3 * TURNSTILE_ADDRESSES; i++) {
        snprintf(address, sizeof address, "10.%d.%d.1", i / 256, i % 256);
        ck_assert_int_eq(turnstile_pass(turnstile, address, NOW), 0);
    }
    ck_assert_int_gt(turnstile_pass(turnstile, "2001:db8::2", NOW), 0); /* its neighbour */
    turnstile_close(turnstile);
}
END_TEST

START_TEST(a_program_takes_so_many_at_once_and_then_spread_over_the_minute)
{
    struct letterbox *letterbox = letterbox_open();
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(letterbox_pass(letterbox, 1, 6, NOW), 0);
    ck_assert_int_eq(letterbox_pass(letterbox, 1, 6, NOW), 10000);
    ck_assert_int_eq(letterbox_pass(letterbox, 2, 6, NOW), 0); /* another program */
    ck_assert_int_eq(letterbox_pass(letterbox, 1, 6, NOW + 9999), 1);
    ck_assert_int_eq(letterbox_pass(letterbox, 1, 6, NOW + 10000), 0);
    ck_assert_int_eq(letterbox_pass(letterbox, 1, 6, NOW + 10000), 10000);
    ck_assert_int_eq(letterbox_pass(letterbox, 1, 0, NOW + 10000), 0); /* reloaded: any number */
    ck_assert_int_eq(letterbox_pass(letterbox, 3, 1000000, NOW), 0);
    for (int i = 0; i < 6; i++) /* no more is saved up than a minute's */
        ck_assert_int_eq(letterbox_pass(letterbox, 1, 6, NOW + 3600000), 0);
    ck_assert_int_gt(letterbox_pass(letterbox, 1, 6, NOW + 3600000), 0);
    letterbox_close(letterbox);
}
END_TEST

START_TEST(forms_are_counted_as_recorded_once_they_are_on_disk)
{
    struct letterbox *letterbox = letterbox_open();
    for (int64_t program = 1; program < 20; program++)
        letterbox_count(letterbox, program, FORM_OPT_IN);
    letterbox_count(letterbox, 7, FORM_STALE);
    ck_assert_uint_eq(letterbox_counted(letterbox, 7, FORM_STALE), 1);
    ck_assert_uint_eq(letterbox_counted(letterbox, 7, FORM_OPT_IN), 0);
    letterbox_release(letterbox, true);
    ck_assert_uint_eq(letterbox_counted(letterbox, 7, FORM_OPT_IN), 1);
    letterbox_count(letterbox, 7, FORM_NO_OPT_IN);
    letterbox_release(letterbox, false);
    letterbox_release(letterbox, true);
    ck_assert_uint_eq(letterbox_counted(letterbox, 7, FORM_NO_OPT_IN), 0);
    ck_assert_uint_eq(letterbox_counted(letterbox, 7, FORM_UNSTORED), 1);
    ck_assert_uint_eq(letterbox_counted(letterbox, 7, FORM_OPT_IN), 1);
    ck_assert_uint_eq(letterbox_counted(letterbox, 99, FORM_OPT_IN), 0);
    for (enum form_fate fate = 0; fate < FORM_FATES; fate++)
        ck_assert_ptr_nonnull(form_fate_word(fate));
    letterbox_close(letterbox);
}
END_TEST

/* ---- pages ---- */

#define PARTS "what stands before is nothing\n<!-- part a -->\n<p class=\"{name}\">{name}{ {Name} {raw}</p>\n<!-- part bb -->\nbb\n<!-- part b -->\nb"

START_TEST(every_value_of_a_page_is_escaped)
{
    struct html html;
    const struct html_value values[] = {{"name", "\"><b>'&\n\xC3\xA9", false}, {"raw", "<i>", true}};
    html_begin(&html, region, octets_text(PARTS));
    html_put(&html, "a", values, 2);
    html_put(&html, "b", NULL, 0);
    ck_assert_str_eq(html.text, "<p class=\"&quot;&gt;&lt;b&gt;&#39;&amp;\n\xC3\xA9\">&quot;&gt;&lt;b&gt;&#39;&amp;\n\xC3\xA9{ {Name} <i></p>\nb");
    ck_assert_uint_eq(html.length, strlen(html.text));
    html_begin(&html, region, octets_text(PARTS));
    html_put_text(&html, octets_of("a\0<", 3));
    ck_assert_str_eq(html.text, "a\xEF\xBF\xBD&lt;");
}
END_TEST

START_TEST(what_was_filled_in_is_not_filled_in_again)
{
    struct html html;
    const struct html_value values[] = {{"name", "{raw}{name}<!-- part b -->", false}, {"raw", "x", true}};
    html_begin(&html, region, octets_text(PARTS));
    html_put(&html, "a", values, 2);
    ck_assert_ptr_nonnull(strstr(html.text, "\">{raw}{name}&lt;!-- part b --&gt;{ {Name} x</p>"));
    ck_assert_str_eq(html_words(region, "{name}: {raw}, {", values, 2), "{raw}{name}<!-- part b -->: x, {");
}
END_TEST

START_TEST(an_address_holds_nothing_that_ends_it)
{
    ck_assert_str_eq(html_address(region, "a-b_c.~ d/?#%&\"<\n\xC3\xA9"), "a-b_c.~%20d%2F%3F%23%25%26%22%3C%0A%C3%A9");
    ck_assert_str_eq(html_address(region, ""), "");
}
END_TEST

/* ---- languages ---- */

START_TEST(the_language_that_is_wanted_most_is_shown)
{
    static const struct {
        const char *accept;
        enum config_language language;
    } rows[] = {{"", CONFIG_ENGLISH},
                {"de", CONFIG_ENGLISH},
                {"es", CONFIG_SPANISH},
                {"ES-mx", CONFIG_SPANISH},
                {"fr-CA,fr;q=0.9,en;q=0.8", CONFIG_FRENCH},
                {"en;q=0.5, es;q=0.7 ,fr;q=0.6", CONFIG_SPANISH},
                {"de;q=1, fr;q=0.1", CONFIG_FRENCH},
                {"es;q=0.5,fr;q=0.5", CONFIG_SPANISH},
                {"es;q=0,fr;q=0.001", CONFIG_FRENCH},
                {"es; q=0.2, fr ;\tQ=0.3", CONFIG_FRENCH},
                {"es;q=x,fr;q=,en", CONFIG_ENGLISH},
                {"est,fra,*", CONFIG_ENGLISH},
                {",,;,fr", CONFIG_FRENCH},
                {"fr;level=1", CONFIG_ENGLISH}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(language_wanted(rows[i].accept) == rows[i].language, "%s", rows[i].accept);
    enum config_language language = CONFIG_FRENCH;
    ck_assert(language_find("es", &language) && language == CONFIG_SPANISH);
    ck_assert(!language_find("es-MX", &language) && !language_find("", &language));
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("optin");
    TCase *promises = tcase_create("promises");
    tcase_add_checked_fixture(promises, begin, end);
    tcase_set_timeout(promises, 60);
    tcase_add_test(promises, a_ticket_is_good_where_it_was_made_for_an_hour);
    tcase_add_test(promises, a_ticket_of_which_one_digit_is_another_is_none);
    tcase_add_test(promises, what_is_no_ticket_is_none);
    tcase_add_test(promises, a_spent_ticket_tells_what_came_of_it_and_is_good_for_nothing_else);
    tcase_add_test(promises, a_ticket_whose_turn_is_not_on_disk_is_good_still);
    tcase_add_test(promises, no_ticket_is_good_again_however_many_were_spent);
    tcase_add_test(promises, an_address_sends_so_many_at_once_and_then_one_each_so_often);
    tcase_add_test(promises, a_program_takes_so_many_at_once_and_then_spread_over_the_minute);
    tcase_add_test(promises, forms_are_counted_as_recorded_once_they_are_on_disk);
    tcase_add_test(promises, a_crowd_pushes_out_those_who_could_send_again_first);
    tcase_add_test(promises, every_value_of_a_page_is_escaped);
    tcase_add_test(promises, what_was_filled_in_is_not_filled_in_again);
    tcase_add_test(promises, an_address_holds_nothing_that_ends_it);
    tcase_add_test(promises, the_language_that_is_wanted_most_is_shown);
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
