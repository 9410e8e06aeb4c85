/* Profiles: what a carrier takes over, what it says itself, and those that are shipped. */
#include <check.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

static char path[] = "/tmp/assent-profile-XXXXXX";
static struct config_problems problems;
static struct config *config;

static void setup(void)
{
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    close(mkstemp(path));
}

static void teardown(void)
{
    config_free(config);
    config = NULL;
    config_problems_wipe(&problems);
    unlink(path);
}

static void load(const char *text)
{
    config_free(config);
    config_problems_wipe(&problems);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
    config = config_load(path, &problems);
}

static void accepted(const char *text)
{
    load(text);
    ck_assert_msg(config != NULL, "%s", problems.count == 0 ? "no problem" : problems.at[0].text);
    ck_assert_uint_eq(problems.count, 0);
}

/* With that problem, at that line, and with no other. */
static void refused(const char *text, int line, const char *what)
{
    load(text);
    ck_assert_ptr_null(config);
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_int_eq(problems.at[0].line, line);
    ck_assert_msg(strstr(problems.at[0].text, what) != NULL, "%s", problems.at[0].text);
}

#define CARRIER(name, more) "carrier \"" name "\" { host = \"h\" system_id = \"i\" " more " }\n"

START_TEST(a_carrier_takes_over_what_it_does_not_say)
{
    accepted(CARRIER("a", "profile = \"p\"") CARRIER("b", "profile = \"p\" window = 7 opt_out_errors = { \"1\" }")
             CARRIER("c", "profile = \"p\" opt_out_errors = { }") CARRIER("d", "profile = \"\"")
             "profile \"p\" { window = 5 throughput = 0.5 bind = \"receiver\"\n opt_out_errors = { \"8\", \"9\" } }\n");
    const struct config_carrier *a = &config->carriers[0], *b = a + 1, *c = a + 2, *d = a + 3;
    ck_assert_int_eq(a->window, 5);
    ck_assert(a->throughput > 0.4 && a->throughput < 0.6);
    ck_assert_int_eq(a->bind, CONFIG_RECEIVER);
    ck_assert_uint_eq(a->opt_out_errors.count, 2);
    ck_assert_int_eq(b->window, 7);
    ck_assert_uint_eq(b->opt_out_errors.count, 1);
    ck_assert_str_eq(b->opt_out_errors.at[0], "1");
    ck_assert_int_eq(c->window, 5);
    ck_assert_uint_eq(c->opt_out_errors.count, 0);
    ck_assert_int_eq(d->window, 100);
}
END_TEST

START_TEST(a_profile_says_no_more_than_habits)
{
    static const char *const keys[] = {"host", "port", "system_id", "password", "profile", "verify",
                                       "ca_file", "certificate", "private_key"};
    char text[80];
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        snprintf(text, sizeof text, "profile \"p\" {\n %s = \"1\" }\n", keys[i]);
        refused(text, 2, keys[i]);
    }
}
END_TEST

START_TEST(what_is_wrong_in_a_profile_is_told_once_and_there)
{
    refused(CARRIER("a", "profile = \"p\"") CARRIER("b", "profile = \"p\"") "profile \"p\" {\n window = 0 }\n",
            4, "profile p: window");
    refused("profile \"p\" {\n window = 0 }\n", 2, "profile p: window");
    refused("profile \"p\" { }\nprofile \"p\" { }\n", 2, "profile p is given twice");
    refused(CARRIER("a", "\nprofile = \"q\"") "profile \"p\" { }\n", 2, "there is no profile \"q\"");
}
END_TEST

START_TEST(what_is_said_of_a_status_is_judged)
{
    refused(CARRIER("a", "\nretry = { \"0x14 later\" }"), 2, "as in 0x00000014 retry 5 180s");
    refused(CARRIER("a", "\nretry = { \"0x14 give_up\", \"0x00000014 retry 5\" }"), 2, "0x00000014 twice");
    refused(CARRIER("a", "opt_out_statuses = { \"0xB\" }\nretry = { \"0x0B retry 5\" }"), 2, "never tried");
    refused(CARRIER("a", "\nstatuses = { \"0x401\" }"), 2, "as in 0x00000401 bad_carrier");
    refused(CARRIER("a", "\nstatuses = { \"0x401 a\", \"0x401 b\" }"), 2, "0x00000401 twice");
    refused(CARRIER("a", "\nopt_out_statuses = { \"0xb\", \"0x0B\" }"), 2, "0x0000000B twice");
}
END_TEST

START_TEST(what_a_submit_says_is_judged)
{
    refused(CARRIER("a", "\nsource_ton = { \"short_codes 0\" }"), 2, "as in short_code 0");
    refused(CARRIER("a", "\nsource_ton = { \"short_code\" }"), 2, "as in short_code 0");
    refused(CARRIER("a", "\nsource_ton = { \"short_code 7\" }"), 2, "none of 0|1");
    refused(CARRIER("a", "\nsource_npi = { \"short_code 2\" }"), 2, "none of 0|1|3");
    refused(CARRIER("a", "\nsource_npi = { \"short_code 1\", \"short_code 3\" }"), 2, "short_code twice");
    refused(CARRIER("a", "\ndest_ton = 7"), 2, "between 0 and 6");
    refused(CARRIER("a", "\nvalidity = \"1d\""), 2, "none of none|relative|absolute");
    refused(CARRIER("a", "\nvalidity_limit = \"32d\""), 2, "too long");
    refused(CARRIER("a", "\nregistered_delivery = 4"), 2, "between 0 and 3");
    refused(CARRIER("a", "\nlater_status = \"20\""), 2, "in hexadecimal");
    refused(CARRIER("a", "\nlater_status = \"0x65\""), 2, "F331");
    refused(CARRIER("a", "\nthrottle = \"never\""), 2, "none of pause|adaptive");
    refused(CARRIER("a", "\nservice_type = \"sixsix\""), 2, "service_type");
}
END_TEST

START_TEST(a_carrier_may_follow_its_profile_while_it_is_bound)
{
    accepted(CARRIER("a", "window = 5"));
    struct config *before = config;
    config = NULL;
    accepted(CARRIER("a", "profile = \"p\"") "profile \"p\" { window = 6 }\n");
    ck_assert(config_carrier_binds_alike(&before->carriers[0], &config->carriers[0]));
    accepted(CARRIER("a", "profile = \"p\"") "profile \"p\" { system_type = \"x\" }\n");
    ck_assert(!config_carrier_binds_alike(&before->carriers[0], &config->carriers[0]));
    config_free(before);
}
END_TEST

START_TEST(each_profile_that_is_shipped_is_accepted)
{
    glob_t found = {0};
    char text[400];
    ck_assert_int_eq(glob("conf/profiles/*.conf", 0, NULL, &found), 0);
    char *here = getcwd(NULL, 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *name = strdup(basename(found.gl_pathv[i]));
        name[strlen(name) - strlen(".conf")] = '\0';
        snprintf(text, sizeof text, "include(\"%s/%s\")\n" CARRIER("a", "profile = \"%s\""), here,
                 found.gl_pathv[i], name);
        accepted(text);
        ck_assert_uint_eq(config->profile_count, 1);
        free(name);
    }
    free(here);
    globfree(&found);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("profile");
    TCase *cases = tcase_create("profile");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_carrier_takes_over_what_it_does_not_say);
    tcase_add_test(cases, a_profile_says_no_more_than_habits);
    tcase_add_test(cases, what_is_wrong_in_a_profile_is_told_once_and_there);
    tcase_add_test(cases, what_is_said_of_a_status_is_judged);
    tcase_add_test(cases, what_a_submit_says_is_judged);
    tcase_add_test(cases, a_carrier_may_follow_its_profile_while_it_is_bound);
    tcase_add_test(cases, each_profile_that_is_shipped_is_accepted);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
