/* Whose request it is that proxies hand on: what a client writes itself is never believed. */
#include <check.h>
#include <stdlib.h>

#include "base/region.h"
#include "config/config.h"
#include "src/doors/http_proxy.h"

static struct region *region;
static char *networks[] = {(char[]){"10.0.0.0/8"}, (char[]){"2001:db8::/64"}};
static struct config_listener config;

static void begin(void)
{
    region = region_new();
    config = (struct config_listener){.trusted_proxies = {networks, 2}};
}

static void end(void)
{
    region_free(region);
}

static void expect(const char *wanted, const char *peer, const char *first, const char *second)
{
    const char *lines[] = {first, second};
    size_t count = second != NULL ? 2 : first != NULL ? 1 : 0;
    ck_assert_str_eq(proxy_client(&config, peer, lines, count, region), wanted);
}

START_TEST(whoever_is_no_trusted_proxy_asks_for_itself)
{
    expect("192.0.2.7", "192.0.2.7", "203.0.113.9", NULL);
    expect("192.0.2.7", "192.0.2.7", NULL, NULL);
    config.trusted_proxies.count = 0;
    expect("10.0.0.1", "10.0.0.1", "203.0.113.9", NULL);
}
END_TEST

START_TEST(a_proxy_names_its_client_last_and_what_the_client_wrote_stands_before)
{
    expect("203.0.113.9", "10.0.0.1", "203.0.113.9", NULL);
    expect("203.0.113.9", "10.0.0.1", "1.2.3.4, 203.0.113.9", NULL);
    expect("203.0.113.9", "10.0.0.1", "1.2.3.4,10.9.9.9,\t203.0.113.9 ", NULL);
    expect("203.0.113.9", "10.0.0.1", "1.2.3.4", "203.0.113.9"); /* one that adds a line of its own */
}
END_TEST

START_TEST(several_trusted_proxies_stand_behind_each_other)
{
    expect("203.0.113.9", "10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2, 2001:db8::5", NULL);
    expect("203.0.113.9", "10.0.0.1", "203.0.113.9, 10.0.0.3", "10.0.0.2");
    expect("10.0.0.3", "10.0.0.1", "10.0.0.3, 10.0.0.2", NULL); /* all of them ours: the first one asks */
}
END_TEST

START_TEST(what_is_no_address_is_the_proxys_own_request)
{
    const char *const none[] = {"unknown", "", ",", "203.0.113.9, ", "203.0.113.9, x", "203.0.113", "_hidden", "::zz",
                                "203.0.113.9:1:2", "[203.0.113.9"};
    for (size_t i = 0; i < sizeof none / sizeof *none - 1; i++)
        expect("10.0.0.1", "10.0.0.1", none[i], NULL);
    expect("10.0.0.1", "10.0.0.1", NULL, NULL);
    expect("10.0.0.2", "10.0.0.1", "203.0.113.9, unknown, 10.0.0.2", NULL);
}
END_TEST

START_TEST(an_address_may_have_a_port_and_brackets)
{
    expect("203.0.113.9", "10.0.0.1", "203.0.113.9:4711", NULL);
    expect("2001:db9::1", "10.0.0.1", "2001:db9::1", NULL);
    expect("2001:db9::1", "10.0.0.1", "[2001:db9::1]:4711", NULL);
    expect("2001:db9::1", "::ffff:10.0.0.1", "[2001:db9::1]", NULL); /* a socket of both kinds */
}
END_TEST

START_TEST(forwarded_is_read_where_the_config_says_so_and_no_open_quote_hides_its_end)
{
    config.proxy_header = CONFIG_PROXY_FORWARDED;
    ck_assert_str_eq(proxy_header(&config), "Forwarded");
    expect("203.0.113.9", "10.0.0.1", "for=1.2.3.4, for=203.0.113.9;proto=https;by=10.0.0.1", NULL);
    expect("203.0.113.9", "10.0.0.1", "proto=https; FOR=\"203.0.113.9:4711\"", NULL);
    expect("2001:db9::1", "10.0.0.1", "for=\"[2001:db9::1]:4711\"", NULL);
    expect("203.0.113.9", "10.0.0.1", "for=\"1.2.3.4, for=203.0.113.9", NULL);
    expect("10.0.0.1", "10.0.0.1", "for=_hidden", NULL);
    expect("10.0.0.1", "10.0.0.1", "for=1.2.3.4, proto=https", NULL);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("proxy");
    TCase *promises = tcase_create("promises");
    tcase_add_checked_fixture(promises, begin, end);
    tcase_add_test(promises, whoever_is_no_trusted_proxy_asks_for_itself);
    tcase_add_test(promises, a_proxy_names_its_client_last_and_what_the_client_wrote_stands_before);
    tcase_add_test(promises, several_trusted_proxies_stand_behind_each_other);
    tcase_add_test(promises, what_is_no_address_is_the_proxys_own_request);
    tcase_add_test(promises, an_address_may_have_a_port_and_brackets);
    tcase_add_test(promises, forwarded_is_read_where_the_config_says_so_and_no_open_quote_hides_its_end);
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
