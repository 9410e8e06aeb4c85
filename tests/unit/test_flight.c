/* Flights: what is on the wire, and what became of its parts. */
#include <check.h>
#include <stdlib.h>

#include "outbound/flight.h"

static struct flights *flights;

static void setup(void)
{
    flights = flights_open();
}

static void teardown(void)
{
    flights_close(flights);
}

static struct flight *put(int64_t id, unsigned first, unsigned count, uint64_t turn)
{
    struct message message = {.id = id,
                              .program = 3,
                              .number = UINT64_C(14155550123),
                              .purpose = PURPOSE_HELP_REPLY,
                              .account = "campaigns",
                              .carrier = "north",
                              .sender = "+12065550100",
                              .client_ref = "lead-1",
                              .tries = 17,
                              .parts = 4};
    return flights_put(flights, &message, first, count, turn);
}

START_TEST(a_flight_knows_its_message_and_which_parts_of_it_fly)
{
    struct flight *flight = put(42, 2, 3, 7);
    ck_assert_str_eq(flight->message.client_ref, "lead-1");
    ck_assert_ptr_eq(flights_find(flights, 42), flight);
    ck_assert_int_eq(flight->message.program, 3);
    ck_assert_uint_eq(flight->message.number, UINT64_C(14155550123));
    ck_assert_int_eq(flight->message.purpose, PURPOSE_HELP_REPLY);
    ck_assert_int_eq(flight->message.parts, 4);
    ck_assert_str_eq(flight->message.account, "campaigns");
    ck_assert_str_eq(flight->message.carrier, "north");
    ck_assert_str_eq(flight->message.sender, "+12065550100"); /* whose limits it may be given back to */
    ck_assert_uint_eq(flight->attempt, 1); /* of 17, what a tag has room for */
    ck_assert_uint_eq(flight->first, 2);
    ck_assert_uint_eq(flight->count, 3);
    ck_assert_uint_eq(flight->turn, 7);
    ck_assert(!flight->is_over);
    ck_assert_ptr_null(flights_find(flights, 43));
}
END_TEST

START_TEST(a_flight_is_answered_when_each_of_its_parts_is_and_other_parts_dont_count)
{
    struct flight *flight = put(42, 2, 2, 1);
    ck_assert(!flight_is_answered(flight));
    flight->fates[1] = flight->fates[4] = PART_ACCEPTED;
    ck_assert(!flight_is_answered(flight));
    flight->fates[3] = PART_UNANSWERED;
    ck_assert(!flight_is_answered(flight));
    flight->fates[2] = PART_REFUSED;
    ck_assert(flight_is_answered(flight));
}
END_TEST

START_TEST(the_longest_message_has_room_for_all_of_its_parts)
{
    struct flight *flight = put(1, 1, PARTS_LIMIT, 1);
    for (unsigned part = 1; part <= PARTS_LIMIT; part++) {
        ck_assert(!flight_is_answered(flight));
        flight->fates[part] = PART_UNSENT;
    }
    ck_assert(flight_is_answered(flight));
}
END_TEST

START_TEST(a_flight_that_is_over_is_not_found_and_its_message_may_fly_again)
{
    put(42, 1, 1, 1)->is_over = true;
    ck_assert_ptr_null(flights_find(flights, 42));
    struct flight *again = put(42, 1, 1, 2);
    ck_assert_ptr_eq(flights_find(flights, 42), again);
    ck_assert_uint_eq(flights_count(flights), 2);
}
END_TEST

static bool is_even(void *who, const struct flight *flight)
{
    (void)who;
    return flight->message.id % 2 == 0;
}

static void count_one(void *who, struct flight *flight)
{
    (void)flight;
    ++*(size_t *)who;
}

START_TEST(of_very_many_flights_each_is_found_and_only_those_meant_are_dropped)
{
    size_t count = 0;
    for (int64_t id = 1; id <= 20000; id++)
        put(id << 12, 1, 1, 1); /* ids of as many milliseconds */
    for (int64_t id = 1; id <= 20000; id++)
        put(INT64_C(1) << 50 | id, 1, 1, 1); /* ids of a few */
    ck_assert_uint_eq(flights_count(flights), 40000);
    flights_drop(flights, is_even, NULL);
    ck_assert_uint_eq(flights_count(flights), 10000);
    flights_each(flights, count_one, &count);
    ck_assert_uint_eq(count, 10000);
    ck_assert_ptr_null(flights_find(flights, INT64_C(17) << 12));
    ck_assert_ptr_null(flights_find(flights, INT64_C(1) << 50 | 18));
    ck_assert_ptr_nonnull(flights_find(flights, INT64_C(1) << 50 | 17));
}
END_TEST

static bool is_of_turn(void *who, const struct flight *flight)
{
    return flight->turn == *(uint64_t *)who;
}

START_TEST(of_two_flights_of_one_message_the_one_of_a_failed_turn_can_go_alone)
{
    uint64_t failed = 2;
    struct flight *first = put(42, 1, 1, 1);
    first->is_over = true;
    put(42, 1, 1, failed);
    flights_drop(flights, is_of_turn, &failed);
    first->is_over = false;
    ck_assert_ptr_eq(flights_find(flights, 42), first);
    ck_assert_uint_eq(flights_count(flights), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flight");
    TCase *all = tcase_create("flight");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, a_flight_knows_its_message_and_which_parts_of_it_fly);
    tcase_add_test(all, a_flight_is_answered_when_each_of_its_parts_is_and_other_parts_dont_count);
    tcase_add_test(all, the_longest_message_has_room_for_all_of_its_parts);
    tcase_add_test(all, a_flight_that_is_over_is_not_found_and_its_message_may_fly_again);
    tcase_add_test(all, of_very_many_flights_each_is_found_and_only_those_meant_are_dropped);
    tcase_add_test(all, of_two_flights_of_one_message_the_one_of_a_failed_turn_can_go_alone);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
