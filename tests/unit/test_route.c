/* Promises about routes: which one fits, and how numbers are shared out. */
#include <check.h>
#include <stdlib.h>

#include "outbound/route.h"
#include "store/store.h"

#define NUMBERS 100000
#define ANN     UINT64_C(12065550123)

/* 23 November 2026, 18:00 UTC: 13:00 in New York. */
#define NOW_MS INT64_C(1795456800000)
#define HOUR_MS INT64_C(3600000)

static struct config_list list_of(char **at, size_t count)
{
    return (struct config_list){.at = at, .count = count};
}

static size_t share_of(const struct config_choice *choices, size_t count, size_t which, size_t numbers)
{
    size_t won = 0;
    for (uint64_t number = ANN; number < ANN + numbers; number++) {
        size_t best = 0;
        for (size_t i = 1; i < count; i++)
            if (route_draw(&choices[i], number) > route_draw(&choices[best], number))
                best = i;
        won += best == which;
    }
    return won;
}

START_TEST(each_carrier_of_a_tier_gets_its_weight_of_the_numbers)
{
    char east[] = "east", west[] = "west", north[] = "north";
    const struct config_choice choices[] = {{east, 70, 0}, {west, 20, 0}, {north, 10, 0}};
    size_t shares[] = {share_of(choices, 3, 0, NUMBERS), share_of(choices, 3, 1, NUMBERS),
                       share_of(choices, 3, 2, NUMBERS)};
    ck_assert_uint_eq(shares[0] + shares[1] + shares[2], NUMBERS);
    ck_assert_uint_gt(shares[0], 69 * NUMBERS / 100);
    ck_assert_uint_lt(shares[0], 71 * NUMBERS / 100);
    ck_assert_uint_gt(shares[1], 19 * NUMBERS / 100);
    ck_assert_uint_lt(shares[1], 21 * NUMBERS / 100);
}
END_TEST

START_TEST(whose_carrier_stays_stays_with_it_when_another_goes)
{
    char east[] = "east", west[] = "west", north[] = "north";
    const struct config_choice choices[] = {{east, 1, 0}, {west, 1, 0}, {north, 1, 0}};
    for (uint64_t number = ANN; number < ANN + 1000; number++) {
        double draws[] = {route_draw(&choices[0], number), route_draw(&choices[1], number),
                          route_draw(&choices[2], number)};
        ck_assert(draws[0] != draws[1] && draws[1] != draws[2]);
        ck_assert(draws[0] > 0 && draws[1] > 0 && draws[2] > 0);
        ck_assert(draws[0] == route_draw(&choices[0], number)); /* it draws alone, and always the same */
    }
}
END_TEST

/* ---- which route fits */

static const char *found(const struct config *config, const char *program, const char *sender,
                         const char *account, uint64_t number, int64_t now_ms)
{
    struct routes *routes = routes_open(config);
    const struct message message = {.sender = sender, .account = account, .number = number};
    const struct config_route *route = routes_find(routes, program, &message, now_ms);
    const char *name = route == NULL ? "none" : route->name;
    routes_close(routes);
    return name;
}

START_TEST(the_longest_prefix_decides_and_then_the_first_of_the_file)
{
    char *plan[] = {(char[]){"+1"}}, *seattle[] = {(char[]){"+1206"}, (char[]){"+12"}};
    struct config_route rows[] = {
        {.name = (char[]){"any"}},
        {.name = (char[]){"any too"}},
        {.name = (char[]){"plan"}, .prefixes = list_of(plan, 1)},
        {.name = (char[]){"seattle"}, .prefixes = list_of(seattle, 2)},
        {.name = (char[]){"seattle again"}, .prefixes = list_of(seattle, 2)},
    };
    struct config config = {.routes = rows, .route_count = 5};
    ck_assert_str_eq(found(&config, "p", "s", "a", ANN, NOW_MS), "seattle");
    ck_assert_str_eq(found(&config, "p", "s", "a", UINT64_C(14155550123), NOW_MS), "plan");
    ck_assert_str_eq(found(&config, "p", "s", "a", UINT64_C(447700900123), NOW_MS), "any");
    config.route_count = 0;
    ck_assert_str_eq(found(&config, "p", "s", "a", ANN, NOW_MS), "none");
}
END_TEST

START_TEST(all_that_a_route_names_must_fit)
{
    char *programs[] = {(char[]){"p"}}, *senders[] = {(char[]){"s"}}, *accounts[] = {(char[]){"a"}};
    struct config_route row = {.name = (char[]){"r"},
                               .programs = list_of(programs, 1),
                               .senders = list_of(senders, 1),
                               .accounts = list_of(accounts, 1)};
    struct config config = {.routes = &row, .route_count = 1};
    ck_assert_str_eq(found(&config, "p", "s", "a", ANN, NOW_MS), "r");
    ck_assert_str_eq(found(&config, "q", "s", "a", ANN, NOW_MS), "none");
    ck_assert_str_eq(found(&config, "p", "t", "a", ANN, NOW_MS), "none");
    ck_assert_str_eq(found(&config, "p", "s", "", ANN, NOW_MS), "none");
}
END_TEST

START_TEST(hours_are_those_of_the_routes_zone)
{
    struct config_route row = {.name = (char[]){"r"},
                               .timezone = (char[]){"America/New_York"},
                               .hours = {CONFIG_HOURS_OWN, 13 * 60, 14 * 60}};
    struct config config = {.routes = &row, .route_count = 1};
    ck_assert_str_eq(found(&config, "p", "s", "a", ANN, NOW_MS - 1), "none");
    ck_assert_str_eq(found(&config, "p", "s", "a", ANN, NOW_MS), "r");
    ck_assert_str_eq(found(&config, "p", "s", "a", ANN, NOW_MS + HOUR_MS - 1), "r");
    ck_assert_str_eq(found(&config, "p", "s", "a", ANN, NOW_MS + HOUR_MS), "none");
}
END_TEST

static bool may_take(const struct config *config, const struct config_program *program, uint64_t number,
                     const char *carrier)
{
    struct routes *routes = routes_open(config);
    const struct message message = {.sender = "s", .account = "a", .number = number};
    bool may = routes_may_take(routes, program, &message, carrier);
    routes_close(routes);
    return may;
}

START_TEST(a_message_may_leave_by_whatever_route_has_hours_and_by_the_one_that_has_none)
{
    char east[] = "east", west[] = "west", north[] = "north", south[] = "south";
    char *plan[] = {(char[]){"+1"}}, *seattle[] = {(char[]){"+1206"}};
    struct config_choice own = {south, 1, 0}, choices[] = {{east, 1, 0}, {west, 1, 0}, {north, 1, 0}};
    struct config_program program = {.name = (char[]){"p"}, .carriers = {&own, 1}};
    struct config_route rows[] = {
        {.name = (char[]){"always"}, .prefixes = list_of(plan, 1), .carriers = {&choices[0], 1}},
        {.name = (char[]){"by day"}, .prefixes = list_of(seattle, 1), .carriers = {&choices[1], 1},
         .timezone = (char[]){"UTC"}, .hours = {CONFIG_HOURS_OWN, 60, 120}},
        {.name = (char[]){"any"}, .carriers = {&choices[2], 1},
         .timezone = (char[]){"UTC"}, .hours = {CONFIG_HOURS_OWN, 60, 120}},
    };
    struct config config = {.routes = rows, .route_count = 3};
    ck_assert(may_take(&config, &program, ANN, east) && may_take(&config, &program, ANN, west));
    ck_assert(!may_take(&config, &program, ANN, north) && !may_take(&config, &program, ANN, south));
    ck_assert(!may_take(&config, &program, UINT64_C(14155550123), west));
    const uint64_t london = UINT64_C(447700900123);
    ck_assert(may_take(&config, &program, london, north) && may_take(&config, &program, london, south));
    ck_assert(!may_take(&config, &program, london, east));
    config.route_count = 0;
    ck_assert(may_take(&config, &program, ANN, south) && !may_take(&config, &program, ANN, east));
}
END_TEST

START_TEST(that_hours_have_turned_is_told_once)
{
    struct config_route row = {.name = (char[]){"r"},
                               .timezone = (char[]){"UTC"},
                               .hours = {CONFIG_HOURS_OWN, 18 * 60, 19 * 60}};
    struct config config = {.routes = &row, .route_count = 1};
    struct routes *routes = routes_open(&config);
    ck_assert(!routes_have_turned(routes, NOW_MS - 1));
    ck_assert(routes_have_turned(routes, NOW_MS));
    ck_assert(!routes_have_turned(routes, NOW_MS + 1));
    ck_assert(routes_have_turned(routes, NOW_MS + HOUR_MS));
    routes_close(routes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("route");
    TCase *cases = tcase_create("promises");
    tcase_add_test(cases, each_carrier_of_a_tier_gets_its_weight_of_the_numbers);
    tcase_add_test(cases, whose_carrier_stays_stays_with_it_when_another_goes);
    tcase_add_test(cases, the_longest_prefix_decides_and_then_the_first_of_the_file);
    tcase_add_test(cases, all_that_a_route_names_must_fit);
    tcase_add_test(cases, hours_are_those_of_the_routes_zone);
    tcase_add_test(cases, a_message_may_leave_by_whatever_route_has_hours_and_by_the_one_that_has_none);
    tcase_add_test(cases, that_hours_have_turned_is_told_once);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
