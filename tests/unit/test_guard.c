/* Promises about who may come in: ranges of addresses, and how long a guesser of passwords is kept out. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/network.h"
#include "src/doors/guard.h"

#define START  INT64_C(1000000)
#define MINUTE INT64_C(60000)

static bool has(const char *network, const char *address)
{
    struct network read;
    ck_assert_msg(network_read(network, &read), "%s", network);
    return network_has(&read, address);
}

START_TEST(an_address_is_in_its_range_and_in_no_other)
{
    ck_assert(has("192.0.2.0/24", "192.0.2.0"));
    ck_assert(has("192.0.2.0/24", "192.0.2.255"));
    ck_assert(!has("192.0.2.0/24", "192.0.3.0"));
    ck_assert(has("192.0.2.128/25", "192.0.2.200"));
    ck_assert(!has("192.0.2.128/25", "192.0.2.127"));
    ck_assert(has("192.0.2.7", "192.0.2.7"));
    ck_assert(!has("192.0.2.7", "192.0.2.8"));
    ck_assert(has("0.0.0.0/0", "203.0.113.9"));
    ck_assert(!has("0.0.0.0/0", "2001:db8::1"));
    ck_assert(has("2001:db8::/32", "2001:db8:ffff::1"));
    ck_assert(!has("2001:db8::/32", "2001:db9::"));
    ck_assert(has("::/0", "2001:db8::1"));
    ck_assert(has("192.0.2.0/24", "::ffff:192.0.2.9")); /* how a socket of both kinds names it */
    ck_assert(!has("::/0", "somewhere"));
    ck_assert(!has("::/0", ""));
}
END_TEST

START_TEST(what_is_no_range_is_refused)
{
    static const char *const wrong[] = {"", "x", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/x",
                                        "192.0.2.0/2 ", "192.0.2.0/-1", "192.0.2", "192.0.2.1/24",
                                        "2001:db8::/129", "2001:db8::1/32", "192.0.2.0/024x",
                                        "1111:2222:3333:4444:5555:6666:7777:8888:9999/64"};
    struct network network;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!network_read(wrong[i], &network), "%s", wrong[i]);
}
END_TEST

static unsigned guesses; /* so that no two are the same */

static struct guest_mark mark_of(const char *address, const char *secret)
{
    return guard_mark(address, octets_text("campaigns"), octets_text(secret));
}

static bool fails(struct guard *guard, const char *address, int64_t now_ms)
{
    char secret[20];
    snprintf(secret, sizeof secret, "guess %u", guesses++);
    struct guest_mark mark = mark_of(address, secret);
    return guard_failed(guard, &mark, now_ms);
}

static bool is_shut_to(const struct guard *guard, const char *address, const char *secret, int64_t now_ms)
{
    struct guest_mark mark = mark_of(address, secret);
    return guard_wait_ms(guard, &mark, now_ms) > 0;
}

static bool is_shut(const struct guard *guard, const char *address, int64_t now_ms)
{
    return is_shut_to(guard, address, "the right one", now_ms);
}

START_TEST(five_wrong_ones_are_a_mistake_and_the_sixth_shuts_the_address)
{
    struct guard *guard = guard_open();
    for (int i = 0; i < GUARD_TRIES; i++) {
        ck_assert(!fails(guard, "192.0.2.1", START + i));
        ck_assert(!is_shut(guard, "192.0.2.1", START + i));
    }
    ck_assert(fails(guard, "192.0.2.1", START + 10));
    ck_assert(is_shut(guard, "192.0.2.1", START + 10));
    ck_assert(is_shut(guard, "192.0.2.1", START + 9 + MINUTE));
    ck_assert(!is_shut(guard, "192.0.2.1", START + 10 + MINUTE));
    ck_assert(!is_shut(guard, "192.0.2.2", START + 10));
    ck_assert_uint_eq(guard_shut_count(guard), 1);
    guard_close(guard);
}
END_TEST

START_TEST(each_one_more_doubles_the_wait_up_to_an_hour)
{
    struct guard *guard = guard_open();
    int64_t now_ms = START, wait_ms = MINUTE;
    for (int i = 0; i < GUARD_TRIES; i++)
        fails(guard, "192.0.2.1", now_ms);
    for (int i = 0; i < 12; i++) {
        ck_assert(fails(guard, "192.0.2.1", now_ms));
        ck_assert(is_shut(guard, "192.0.2.1", now_ms + wait_ms - 1));
        ck_assert(!is_shut(guard, "192.0.2.1", now_ms + wait_ms));
        now_ms += wait_ms;
        wait_ms = 2 * wait_ms < 60 * MINUTE ? 2 * wait_ms : 60 * MINUTE;
    }
    ck_assert(!fails(guard, "192.0.2.1", now_ms + 120 * MINUTE)); /* it has rested */
    guard_close(guard);
}
END_TEST

START_TEST(a_long_time_wipes_out_the_mistakes)
{
    struct guard *guard = guard_open();
    for (int i = 0; i < 20; i++)
        ck_assert(!fails(guard, "192.0.2.2", START + i * 3 * MINUTE));
    guard_close(guard);
}
END_TEST

START_TEST(the_addresses_of_one_64_are_one)
{
    char address[40];
    struct guard *guard = guard_open();
    for (unsigned i = 0; i <= GUARD_TRIES; i++) {
        snprintf(address, sizeof address, "2001:db8:0:7::%x", i);
        ck_assert_int_eq(fails(guard, address, START), i == GUARD_TRIES);
    }
    ck_assert(is_shut(guard, "2001:db8:0:7:ffff::1", START));
    ck_assert(!is_shut(guard, "2001:db8:0:8::1", START));
    guard_close(guard);
}
END_TEST

/* Of each so many wrong ones. */
static void crowd_comes(struct guard *guard, unsigned addresses, int wrong, int64_t now_ms)
{
    char address[40];
    for (unsigned i = 0; i < addresses; i++)
        for (int k = 0; k < wrong; k++) {
            snprintf(address, sizeof address, "2001:db8:%x:%x::1", i / 1000, i % 1000);
            fails(guard, address, now_ms);
        }
}

START_TEST(nobody_is_freed_by_a_crowd_that_comes_after)
{
    struct guard *guard = guard_open();
    for (int i = 0; i <= GUARD_TRIES; i++)
        fails(guard, "192.0.2.1", START);
    for (int i = 0; i < GUARD_TRIES; i++)
        fails(guard, "192.0.2.2", START);
    crowd_comes(guard, 10 * GUARD_ADDRESSES, GUARD_TRIES + 1, START + 1);
    ck_assert(is_shut(guard, "192.0.2.1", START + MINUTE - 1));
    ck_assert(!is_shut(guard, "192.0.2.2", START + 2));
    ck_assert(fails(guard, "192.0.2.2", START + 2)); /* its five are remembered as well */
    ck_assert(fails(guard, "192.0.2.1", START + MINUTE));
    ck_assert(is_shut(guard, "192.0.2.1", START + 3 * MINUTE - 1));
    guard_close(guard);
}
END_TEST

START_TEST(newcomers_in_a_crowd_are_judged_with_their_neighbourhood)
{
    struct guard *guard = guard_open();
    struct guest_mark known = mark_of("198.51.1.1", "known");
    guard_passed(guard, &known);
    crowd_comes(guard, GUARD_ADDRESSES, 1, START);
    for (int i = 0; i < 12; i++) {
        char address[40];
        snprintf(address, sizeof address, "198.51.%d.1", i);
        ck_assert_int_eq(fails(guard, address, START), i >= GUARD_TRIES);
    }
    ck_assert(is_shut(guard, "198.51.99.1", START + MINUTE - 1));
    ck_assert(!is_shut(guard, "198.51.99.1", START + MINUTE)); /* one minute, however many there were */
    ck_assert(!is_shut_to(guard, "198.51.1.1", "known", START));
    ck_assert(!is_shut(guard, "203.0.113.1", START));
    ck_assert(!is_shut(guard, "2001:db8:0:1::1", START)); /* it has a place of its own */
    guard_close(guard);
}
END_TEST

START_TEST(what_is_forgiven_makes_room)
{
    struct guard *guard = guard_open();
    crowd_comes(guard, GUARD_ADDRESSES, 1, START);
    for (int i = 0; i <= GUARD_TRIES; i++)
        fails(guard, i % 2 == 0 ? "198.51.1.1" : "198.51.2.1", START + 10 * MINUTE);
    ck_assert(!is_shut(guard, "198.51.1.1", START + 10 * MINUTE));
    ck_assert_uint_eq(guard_shut_count(guard), 0);
    guard_close(guard);
}
END_TEST

START_TEST(what_somebody_types_counts_each_time)
{
    struct guard *guard = guard_open();
    struct guest_mark mark = mark_of("192.0.2.1", "of last year");
    for (int i = 0; i < GUARD_TRIES; i++)
        ck_assert(!guard_mistyped(guard, &mark, START));
    ck_assert(guard_mistyped(guard, &mark, START));
    ck_assert_int_eq(guard_wait_ms(guard, &mark, START), MINUTE);
    guard_close(guard);
}
END_TEST

START_TEST(what_was_wrong_before_is_no_guess_when_it_comes_again)
{
    struct guard *guard = guard_open();
    struct guest_mark mark = mark_of("192.0.2.1", "of last year");
    for (int i = 0; i < 1000; i++)
        ck_assert(!guard_failed(guard, &mark, START + i));
    for (int i = 0; i < GUARD_TRIES - 1; i++)
        ck_assert(!fails(guard, "192.0.2.1", START + 1000));
    ck_assert(!guard_failed(guard, &mark, START + 1001));
    ck_assert(fails(guard, "192.0.2.1", START + 1002));
    guard_close(guard);
}
END_TEST

START_TEST(what_was_right_from_an_address_is_looked_at_though_it_is_shut)
{
    struct guard *guard = guard_open();
    struct guest_mark near = mark_of("192.0.2.1", "right"), elsewhere = mark_of("192.0.2.9", "other");
    guard_passed(guard, &near);
    guard_passed(guard, &elsewhere);
    for (int i = 0; i <= GUARD_TRIES; i++)
        fails(guard, "192.0.2.1", START);
    ck_assert(!is_shut_to(guard, "192.0.2.1", "right", START));
    ck_assert(is_shut_to(guard, "192.0.2.1", "other", START)); /* right, but never from there */
    ck_assert(is_shut_to(guard, "192.0.2.1", "wrong", START));
    guard_close(guard);
}
END_TEST

START_TEST(an_address_of_ipv4_is_one_on_a_socket_of_both_kinds_too)
{
    struct guard *guard = guard_open();
    for (int i = 0; i <= GUARD_TRIES; i++)
        fails(guard, i % 2 == 0 ? "::ffff:192.0.2.1" : "192.0.2.1", START);
    ck_assert(is_shut(guard, "::ffff:192.0.2.1", START));
    ck_assert(is_shut(guard, "192.0.2.1", START));
    ck_assert(!is_shut(guard, "::ffff:192.0.2.2", START));
    guard_close(guard);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("guard");
    TCase *promises = tcase_create("promises");
    tcase_add_test(promises, an_address_is_in_its_range_and_in_no_other);
    tcase_add_test(promises, what_is_no_range_is_refused);
    tcase_add_test(promises, five_wrong_ones_are_a_mistake_and_the_sixth_shuts_the_address);
    tcase_add_test(promises, each_one_more_doubles_the_wait_up_to_an_hour);
    tcase_add_test(promises, a_long_time_wipes_out_the_mistakes);
    tcase_add_test(promises, the_addresses_of_one_64_are_one);
    tcase_add_test(promises, nobody_is_freed_by_a_crowd_that_comes_after);
    tcase_add_test(promises, newcomers_in_a_crowd_are_judged_with_their_neighbourhood);
    tcase_add_test(promises, what_is_forgiven_makes_room);
    tcase_add_test(promises, what_somebody_types_counts_each_time);
    tcase_add_test(promises, what_was_wrong_before_is_no_guess_when_it_comes_again);
    tcase_add_test(promises, what_was_right_from_an_address_is_looked_at_though_it_is_shut);
    tcase_add_test(promises, an_address_of_ipv4_is_one_on_a_socket_of_both_kinds_too);
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
