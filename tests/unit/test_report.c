/* What dlr-urls are told: Kannel's escapes and Jasmin's fields, of what happened and of nothing else. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/region.h"
#include "notify/notify.h"
#include "notify/report.h"

static struct region *region;
static struct message message;
static struct message_part receipt;
static struct callback callback;
static struct report report;

static void begin(void)
{
    region = region_new();
    message = (struct message){.id = 1795867200000 << 16,
                               .state = MESSAGE_SENT,
                               .account = "u",
                               .sender = "+12065550100",
                               .number = 14155550123,
                               .carrier = "sim",
                               .client_ref = "ref",
                               .reason = "",
                               .sent_at = 1795867200000};
    receipt = (struct message_part){.carrier = "other", .carrier_id = "ab12", .err = "005"};
    callback = (struct callback){.form = CALLBACK_KANNEL, .mask = 63, .method = "GET", .extra = ""};
}

static void end(void)
{
    region_free(region);
}

static bool make(enum message_state from, enum message_state to, const char *reason, const struct message_part *news)
{
    message.state = from;
    const struct told told = {
        .message = &message, .state = to, .reason = reason, .news = news, .now_ms = 1795867325000};
    return report_make(&callback, &told, "ab12", region, &report);
}

static void asks(const char *url, const char *wanted)
{
    callback.url = url;
    ck_assert(make(MESSAGE_SENT, MESSAGE_FAILED, "receipt", &receipt));
    ck_assert_str_eq(report.method, "GET");
    ck_assert_str_eq(report.url, wanted);
    ck_assert_str_eq(report.body, "");
}

static void kind_is(unsigned kind, enum message_state from, enum message_state to, const char *reason,
                    const struct message_part *news)
{
    char wanted[20];
    callback.url = "https://h/%d";
    ck_assert(make(from, to, reason, news));
    snprintf(wanted, sizeof wanted, "https://h/%u", kind);
    ck_assert_str_eq(report.url, wanted);
    callback.mask = 63 & ~kind;
    ck_assert(!make(from, to, reason, news));
    callback.mask = 63;
}

START_TEST(each_end_has_its_bit_and_is_told_for_that_alone)
{
    kind_is(8, MESSAGE_SENDING, MESSAGE_SENT, "", &receipt);
    kind_is(1, MESSAGE_SENT, MESSAGE_DELIVERED, "receipt", &receipt);
    kind_is(1, MESSAGE_UNKNOWN, MESSAGE_DELIVERED, "receipt", &receipt);
    kind_is(2, MESSAGE_SENT, MESSAGE_FAILED, "receipt", &receipt);
    kind_is(2, MESSAGE_SENT, MESSAGE_CANCELLED, "receipt", &receipt);
    kind_is(34, MESSAGE_SENT, MESSAGE_EXPIRED, "receipt", &receipt);
    kind_is(16, MESSAGE_QUEUED, MESSAGE_EXPIRED, "", NULL);
    kind_is(16, MESSAGE_SENDING, MESSAGE_FAILED, "carrier: no", NULL);
    kind_is(16, MESSAGE_UNKNOWN, MESSAGE_FAILED, "carrier: no", NULL);
    kind_is(16, MESSAGE_QUEUED, MESSAGE_BLOCKED, "opted_out", NULL);
}
END_TEST

START_TEST(a_refusal_says_our_status_and_why)
{
    callback.url = "%A";
    ck_assert(make(MESSAGE_QUEUED, MESSAGE_BLOCKED, "opted_out", NULL));
    ck_assert_str_eq(report.url, "NACK%2F0x00000403%2Fopted_out");
    ck_assert(make(MESSAGE_SENDING, MESSAGE_FAILED, "carrier: ESME_RINVDSTADR", NULL));
    ck_assert_str_eq(report.url, "NACK%2F0x00000045%2FESME_RINVDSTADR");
}
END_TEST

START_TEST(escapes_stand_for_what_happened)
{
    asks("https://h/?%p&%P&%q&%i&%n&%o&%F&%T&%t", "https://h/?%2B14155550123&%2B12065550100&%2B14155550123&other&u&ref&ab12&"
                                                  "1795867325&2026-11-28+12%3A02%3A05");
    asks("%c%m%M%C%O%u%f%B%D", "-1-1-1UTF-800");
    asks("%k|%s|%r", "id%3Aab12|sub%3A001|sub%3A001+dlvrd%3A000+submit+date%3A2611281200+done+date%3A2611281202+"
                     "stat%3AUNDELIV+err%3A005+text%3A");
}
END_TEST

START_TEST(what_is_no_escape_stays)
{
    asks("https://h/%g%%d%20%", "https://h/%g%d%20%");
    asks("", "");
    asks("%", "%");
    asks("%%", "%");
}
END_TEST

START_TEST(what_the_request_said_goes_before_what_we_know)
{
    callback.extra = "p1415%20a\nP\nBb%26\nDd";
    asks("%p|%P|%B|%D|%n", "1415%20a||b%26|d|u");
    callback.extra = "p";
    asks("[%p]", "[]");
    callback.extra = "\n\np7";
    asks("%p", "7");
}
END_TEST

/* More than a url may grow to is left out, not written behind its end. */
START_TEST(a_url_of_nothing_but_escapes_has_an_end)
{
    char url[2001] = "";
    for (size_t i = 0; i < sizeof url - 1; i += 2)
        memcpy(url + i, "%e", 3);
    callback.url = url;
    ck_assert(make(MESSAGE_SENT, MESSAGE_FAILED, "receipt", &receipt));
    ck_assert_uint_lt(strlen(report.url), 20000);
    ck_assert_uint_gt(strlen(report.url), 10000);
}
END_TEST

START_TEST(jasmins_levels_are_told_by_either_method)
{
    callback = (struct callback){.form = CALLBACK_JASMIN, .mask = 2, .method = "POST", .url = "https://h/", .extra = ""};
    ck_assert(!make(MESSAGE_SENDING, MESSAGE_SENT, "", &receipt));
    ck_assert(make(MESSAGE_SENT, MESSAGE_FAILED, "receipt", &receipt));
    ck_assert_str_eq(report.url, "https://h/");
    ck_assert_str_eq(report.headers, "content-type: application/x-www-form-urlencoded");
    ck_assert_ptr_nonnull(strstr(report.body, "&id_smsc=ab12&message_status=UNDELIV&level=2&connector=other&subdate=2611281200&"
                                              "donedate=2611281202&sub=001&dlvrd=000&err=005&text="));
    ck_assert(make(MESSAGE_QUEUED, MESSAGE_BLOCKED, "opted_out", NULL));
    ck_assert_ptr_nonnull(strstr(report.body, "message_status=ESME_RSUBMITFAIL&level=1&connector=sim&reason=opted_out"));
    callback.mask = 1;
    callback.method = "GET";
    ck_assert(!make(MESSAGE_SENT, MESSAGE_DELIVERED, "receipt", &receipt));
    ck_assert(make(MESSAGE_SENDING, MESSAGE_SENT, "", &receipt));
    ck_assert_ptr_nonnull(strstr(report.url, "https://h/?id="));
    ck_assert_str_eq(report.body, "");
}
END_TEST

START_TEST(octets_are_encoded_as_in_a_query)
{
    ck_assert_str_eq(report_escape("a b&c=d/\xc3\xb6\n-_.", region), "a+b%26c%3Dd%2F%C3%B6%0A-_.");
    ck_assert_str_eq(report_escape("", region), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, each_end_has_its_bit_and_is_told_for_that_alone);
    tcase_add_test(all, a_refusal_says_our_status_and_why);
    tcase_add_test(all, escapes_stand_for_what_happened);
    tcase_add_test(all, what_is_no_escape_stays);
    tcase_add_test(all, what_the_request_said_goes_before_what_we_know);
    tcase_add_test(all, a_url_of_nothing_but_escapes_has_an_end);
    tcase_add_test(all, jasmins_levels_are_told_by_either_method);
    tcase_add_test(all, octets_are_encoded_as_in_a_query);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
