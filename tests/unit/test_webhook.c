/* Events to receivers: where they may go, how they are signed, and when they are tried again. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/web_address.h"
#include "config/config.h"
#include "notify/backoff.h"
#include "notify/reach.h"
#include "notify/webhook_signature.h"

START_TEST(an_address_is_a_scheme_and_a_host)
{
    static const struct {
        const char *text, *origin;
    } good[] = {{"https://crm.example.com/sms", "https://crm.example.com:443"},
                {"HTTPS://CRM.Example.com", "https://crm.example.com:443"},
                {"http://10.0.0.1:8080?a=b@c:d", "http://10.0.0.1:8080"},
                {"https://[2001:DB8::1]:8443/x?y=%0A", "https://[2001:db8::1]:8443"},
                {"http://localhost/", "http://localhost:80"}};
    struct web_address address;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(web_address_read(good[i].text, &address) == NULL, "%s", good[i].text);
        ck_assert_str_eq(address.origin, good[i].origin);
        ck_assert(address.is_encrypted == (good[i].origin[4] == 's'));
    }
}
END_TEST

START_TEST(what_is_none_is_refused_with_a_reason)
{
    static const char *const bad[] = {
        "", "crm.example.com", "ftp://crm.example.com", "file:///etc/passwd", "gopher://x", "https://", "https:///x",
        "https://:443/", "https://a:0/", "https://a:65536/", "https://a:999999999999/", "https://a:/", "https://a:b/",
        "https://user@a/", "https://user:pass@a/", "https://a b/", "https://a/b c", "https://a/\r\nHost: b",
        "https://a/#b", "https://a\\b/", "https://-a/", "https://.a/", "https://[::1/", "https://[::1]x/",
        "https://[zz]/", "https://a,b/", "https://m\xc3\xbcnchen.example/", "https://a/\x7f", "https://a/<b>"};
    struct web_address address;
    char longest[WEB_ADDRESS_MOST + 2];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(web_address_read(bad[i], &address) != NULL, "%s", bad[i]);
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "https://a/", 10);
    longest[WEB_ADDRESS_MOST] = '\0';
    ck_assert_ptr_null(web_address_read(longest, &address));
    longest[WEB_ADDRESS_MOST] = 'a';
    longest[WEB_ADDRESS_MOST + 1] = '\0';
    ck_assert_ptr_nonnull(web_address_read(longest, &address));
    memset(longest, 'a', 300);
    memcpy(longest, "https://", 8);
    longest[300] = '\0';
    ck_assert_ptr_nonnull(web_address_read(longest, &address));
}
END_TEST

static bool may(const struct config_list *allow, const char *text)
{
    char shown[REACH_TEXT_SIZE];
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return reach_may(allow, (struct sockaddr *)&v4, shown);
    ck_assert_msg(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1, "%s", text);
    return reach_may(allow, (struct sockaddr *)&v6, shown);
}

START_TEST(nothing_private_is_reached_unless_it_is_allowed)
{
    static const char *const closed[] = {
        "127.0.0.1", "127.255.255.255", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::",
        "fe80::1", "fc00::1", "fdff::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "fec0::1", "::ffff:0:7f00:1",
        "::ffff:0:808:808", "::8.8.8.8", "64:ff9b:1::1", "100::1", "5f00::1", "3fff::1", "3fff:fff::1", "2001:db8::1", "1fff::1",
        "4000::1", "8000::1"};
    static const char *const open[] = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1", "2606:4700::1111",
                                       "::ffff:8.8.8.8", "2001:4860::8888", "2003::1", "3ffe:ffff::1", "3fff:1000::1"};
    char loopback[] = "127.0.0.0/8", host[] = "10.1.2.3";
    char *allowed[] = {loopback, host};
    const struct config_list none = {0}, some = {.at = allowed, .count = 2};
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        ck_assert_msg(!may(&none, closed[i]), "%s", closed[i]);
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        ck_assert_msg(may(&none, open[i]), "%s", open[i]);
    ck_assert(may(&some, "127.0.0.1"));
    ck_assert(may(&some, "10.1.2.3"));
    ck_assert(!may(&some, "10.1.2.4"));
    ck_assert(!may(&some, "192.168.0.1"));
    struct sockaddr local = {.sa_family = AF_UNIX};
    char shown[REACH_TEXT_SIZE];
    ck_assert(!reach_may(&some, &local, shown));
}
END_TEST

/* RFC 4231, test case 2. */
START_TEST(the_mac_is_that_of_the_rfc)
{
    uint8_t mac[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE];
    digest_hmac_sha256(octets_text("Jefe"), octets_text("what do ya want for nothing?"), mac);
    octets_to_hex(octets_of(mac, sizeof mac), hex);
    ck_assert_str_eq(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
END_TEST

/* The example that the libraries of Standard Webhooks are tested with. */
START_TEST(a_signature_is_that_of_standard_webhooks)
{
    char out[WEBHOOK_SIGNATURES_SIZE];
    const char *const secrets[2] = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""};
    webhook_sign(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, octets_text("{\"test\": 2432232314}"), out);
    ck_assert_str_eq(out, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}
END_TEST

START_TEST(two_secrets_give_two_signatures_and_none_gives_none)
{
    char out[WEBHOOK_SIGNATURES_SIZE], first[WEBHOOK_SIGNATURES_SIZE], second[WEBHOOK_SIGNATURES_SIZE];
    const char *const both[2] = {"new", "old"}, *const one[2] = {"new", ""}, *const other[2] = {"", "old"};
    const char *const none[2] = {"", ""};
    webhook_sign(both, "id", 1, octets_text("{}"), out);
    webhook_sign(one, "id", 1, octets_text("{}"), first);
    webhook_sign(other, "id", 1, octets_text("{}"), second);
    ck_assert_uint_eq(strlen(out), strlen(first) + 1 + strlen(second));
    ck_assert(strncmp(out, first, strlen(first)) == 0);
    ck_assert_str_eq(out + strlen(first) + 1, second);
    webhook_sign(none, "id", 1, octets_text("{}"), out);
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(waits_grow_from_seconds_to_hours)
{
    int64_t before = 0, sum = 0;
    int tries = 1;
    for (; sum < INT64_C(86400000); tries++) {
        int64_t least = backoff_ms(tries, 0, 0), most = backoff_ms(tries, 0, BACKOFF_PERMILLE - 1);
        ck_assert_int_le(least, most);
        ck_assert_int_ge(least, before);
        ck_assert_int_le(most, INT64_C(4) * 3600 * 1100);
        before = least;
        sum += (least + most) / 2;
    }
    ck_assert_int_eq(backoff_ms(1, 0, BACKOFF_PERMILLE / 2), 5000);
    ck_assert_int_ge(tries, 10);
    ck_assert_int_le(tries, 20);
    ck_assert_int_eq(backoff_ms(1, 600, 0), 600000);          /* it asks for more */
    ck_assert_int_ge(backoff_ms(5, 1, 0), 1600000);           /* or for less */
    ck_assert_int_eq(backoff_ms(1, INT64_MAX, 0), 14400000); /* or for too much */
}
END_TEST

START_TEST(a_receiver_that_fails_is_left_alone_ever_longer)
{
    ck_assert_int_eq(backoff_receiver_ms(BACKOFF_DOUBTED - 1, 0), 0);
    ck_assert_int_eq(backoff_receiver_ms(BACKOFF_DOUBTED, BACKOFF_PERMILLE / 2), 1000);
    ck_assert_int_eq(backoff_receiver_ms(BACKOFF_DOUBTED + 1, BACKOFF_PERMILLE / 2), 2000);
    ck_assert_int_eq(backoff_receiver_ms(1000000, BACKOFF_PERMILLE / 2), 60000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("webhook");
    TCase *all = tcase_create("all");
    tcase_add_test(all, an_address_is_a_scheme_and_a_host);
    tcase_add_test(all, what_is_none_is_refused_with_a_reason);
    tcase_add_test(all, nothing_private_is_reached_unless_it_is_allowed);
    tcase_add_test(all, the_mac_is_that_of_the_rfc);
    tcase_add_test(all, a_signature_is_that_of_standard_webhooks);
    tcase_add_test(all, two_secrets_give_two_signatures_and_none_gives_none);
    tcase_add_test(all, waits_grow_from_seconds_to_hours);
    tcase_add_test(all, a_receiver_that_fails_is_left_alone_ever_longer);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
