/* Sessions of the console: how long they last, whose they are, and what a cookie must look like. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "consent/account.h"
#include "src/doors/http_visit.h"
#include "src/doors/visit.h"

static struct visits *visits;
static struct account officer;
static char cookie[VISIT_TOKEN_SIZE];
static char name[] = "officer", other[] = "other";

static void begin(void)
{
    visits = visits_open();
    officer = (struct account){.name = name, .roles = CONFIG_ROLE_COMPLIANCE};
    officer.password.set_at = 1;
    memset(officer.password.hash, 7, sizeof officer.password.hash);
}

static void end(void)
{
    visits_close(visits);
}

static struct visit *find(int64_t now_ms)
{
    return visits_find(visits, octets_text(cookie), now_ms);
}

START_TEST(a_session_is_found_by_its_cookie_alone)
{
    char wrong[VISIT_TOKEN_SIZE];
    visits_begin(visits, &officer, 0, cookie);
    ck_assert_uint_eq(strlen(cookie), VISIT_TOKEN_SIZE - 1);
    ck_assert_str_eq(find(1)->account, "officer");
    for (size_t i = 0; i < VISIT_TOKEN_SIZE - 1; i++) {
        memcpy(wrong, cookie, sizeof wrong);
        wrong[i] = wrong[i] == '0' ? '1' : '0';
        ck_assert_ptr_null(visits_find(visits, octets_text(wrong), 1));
    }
    ck_assert_ptr_null(visits_find(visits, octets_text(""), 1));
    ck_assert_ptr_null(visits_by_number(visits, 0, 1));
}
END_TEST

START_TEST(a_session_ends_when_idle_and_at_its_end)
{
    visits_begin(visits, &officer, 1000, cookie);
    ck_assert_ptr_nonnull(find(1000 + VISIT_IDLE_MS - 1));
    ck_assert_ptr_null(find(1000 + VISIT_IDLE_MS));
    ck_assert_ptr_null(find(1001)); /* it doesn't come back */
    visits_begin(visits, &officer, 0, cookie);
    for (int64_t at = 0; at < VISIT_MOST_MS; at += 60000)
        find(at)->used_ms = at;
    ck_assert_int_eq(visit_idle_left_ms(find(VISIT_MOST_MS - 1), VISIT_MOST_MS - 1), 1);
    ck_assert_ptr_null(find(VISIT_MOST_MS));
}
END_TEST

START_TEST(an_account_has_so_many_sessions_and_its_idlest_goes_first)
{
    char kept[VISITS_OF_ACCOUNT + 1][VISIT_TOKEN_SIZE];
    for (int i = 0; i < VISITS_OF_ACCOUNT; i++)
        visits_begin(visits, &officer, i, kept[i]);
    visits_find(visits, octets_text(kept[0]), 100)->used_ms = 100;
    visits_begin(visits, &officer, 101, kept[VISITS_OF_ACCOUNT]);
    ck_assert_ptr_null(visits_find(visits, octets_text(kept[1]), 102));
    for (int i = 0; i <= VISITS_OF_ACCOUNT; i++)
        ck_assert((visits_find(visits, octets_text(kept[i]), 102) != NULL) == (i != 1));
}
END_TEST

START_TEST(there_are_so_many_sessions_in_all)
{
    char names[VISITS_MOST + 1][8], first[VISIT_TOKEN_SIZE];
    for (int i = 0; i <= VISITS_MOST; i++) {
        struct account account = officer;
        snprintf(names[i], sizeof names[i], "n%d", i);
        account.name = names[i];
        visits_begin(visits, &account, i, i == 0 ? first : cookie);
    }
    ck_assert_ptr_null(visits_find(visits, octets_text(first), VISITS_MOST));
    ck_assert_ptr_nonnull(find(VISITS_MOST));
}
END_TEST

START_TEST(the_sessions_of_an_account_end_and_no_others)
{
    char others[VISIT_TOKEN_SIZE];
    struct account another = officer;
    another.name = other;
    visits_begin(visits, &officer, 0, cookie);
    visits_begin(visits, &another, 0, others);
    visits_end_of(visits, "officer");
    ck_assert_ptr_null(find(1));
    ck_assert_ptr_nonnull(visits_find(visits, octets_text(others), 1));
}
END_TEST

START_TEST(a_session_stands_while_what_opened_it_does)
{
    const struct visit *visit = visits_begin(visits, &officer, 0, cookie);
    struct account now = officer;
    ck_assert(visit_stands(visit, &now));
    ck_assert(!visit_stands(visit, NULL));
    now.password.hash[31] ^= 1;
    ck_assert(!visit_stands(visit, &now));
    now = officer;
    now.password.set_at = 0;
    ck_assert(!visit_stands(visit, &now));
    now = officer;
    now.roles = CONFIG_ROLE_SENDER | CONFIG_ROLE_CONSENT;
    ck_assert(!visit_stands(visit, &now));
    now.roles = CONFIG_ROLE_ADMIN;
    ck_assert(visit_stands(visit, &now));
    now.name = other;
    ck_assert(!visit_stands(visit, &now));
}
END_TEST

START_TEST(a_token_is_no_cookie_and_no_beginning_of_itself)
{
    const struct visit *visit = visits_begin(visits, &officer, 0, cookie);
    ck_assert(visit_knows(visit, visit->token));
    ck_assert(!visit_knows(visit, cookie));
    ck_assert(!visit_knows(visit, ""));
    char part[VISIT_TOKEN_SIZE];
    snprintf(part, sizeof part, "%.63s", visit->token);
    ck_assert(!visit_knows(visit, part));
}
END_TEST

#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(a_cookie_is_one_of_ours_once)
{
    static const struct {
        const char *header;
        bool is_ours;
    } rows[] = {{VISIT_COOKIE "=" TOKEN, true},
                {"a=b; " VISIT_COOKIE "=" TOKEN "; c=d", true},
                {" ;; " VISIT_COOKIE " = " TOKEN " ;", true},
                {"=;;" VISIT_COOKIE "=" TOKEN, true},
                {VISIT_COOKIE "=" TOKEN "; " VISIT_COOKIE "=" TOKEN, false},
                {VISIT_COOKIE "=" TOKEN "; " VISIT_COOKIE "=", false},
                {VISIT_COOKIE "=" TOKEN "0", false},
                {VISIT_COOKIE "=" TOKEN "=", false},
                {VISIT_COOKIE "=\"" TOKEN "\"", false},
                {VISIT_COOKIE "=0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", false},
                {VISIT_COOKIE "=", false},
                {VISIT_COOKIE, false},
                {"x" VISIT_COOKIE "=" TOKEN, false},
                {VISIT_COOKIE "x=" TOKEN, false},
                {"ASSENT_SESSION=" TOKEN, false},
                {"", false},
                {";", false},
                {NULL, false}};
    struct octets value;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool is_ours = cookie_read(rows[i].header, &value);
        ck_assert_msg(is_ours == rows[i].is_ours, "%s", rows[i].header);
        ck_assert(!is_ours || octets_equal(value, octets_text(TOKEN)));
    }
}
END_TEST

static bool is_ours(const char *site, const char *origin, const char *host)
{
    const struct ask ask = {.claims = {.site = site, .origin = origin, .host = host}};
    return ask_is_ours(&ask);
}

START_TEST(what_another_site_asks_is_not_ours)
{
    ck_assert(is_ours(NULL, NULL, "here"));
    ck_assert(is_ours(NULL, NULL, NULL));
    ck_assert(is_ours("same-origin", NULL, "here"));
    ck_assert(is_ours("same-origin", "null", "here")); /* of a page that tells nobody where it is */
    ck_assert(is_ours("none", NULL, "here"));
    ck_assert(!is_ours("same-site", "http://here", "here"));
    ck_assert(!is_ours("cross-site", NULL, "here"));
    ck_assert(!is_ours("", NULL, "here"));
    ck_assert(is_ours(NULL, "http://here:8080", "here:8080"));
    ck_assert(is_ours(NULL, "https://HERE", "here"));
    ck_assert(!is_ours(NULL, "http://here:8081", "here:8080"));
    ck_assert(!is_ours(NULL, "http://here.evil", "here"));
    ck_assert(!is_ours(NULL, "http://evil/://here", "here"));
    ck_assert(!is_ours(NULL, "here", "here"));
    ck_assert(!is_ours(NULL, "null", "null"));
    ck_assert(!is_ours(NULL, "http://here", NULL));
    ck_assert(!is_ours(NULL, "", ""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("visit");
    TCase *tests = tcase_create("visit");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, a_session_is_found_by_its_cookie_alone);
    tcase_add_test(tests, a_session_ends_when_idle_and_at_its_end);
    tcase_add_test(tests, an_account_has_so_many_sessions_and_its_idlest_goes_first);
    tcase_add_test(tests, there_are_so_many_sessions_in_all);
    tcase_add_test(tests, the_sessions_of_an_account_end_and_no_others);
    tcase_add_test(tests, a_session_stands_while_what_opened_it_does);
    tcase_add_test(tests, a_token_is_no_cookie_and_no_beginning_of_itself);
    tcase_add_test(tests, a_cookie_is_one_of_ours_once);
    tcase_add_test(tests, what_another_site_asks_is_not_ours);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
