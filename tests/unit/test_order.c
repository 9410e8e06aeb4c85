/* Which message to a person waits behind which. */
#include <check.h>
#include <stdlib.h>

#include "outbound/order.h"

static struct message message(uint64_t number, int64_t program, int64_t id)
{
    return (struct message){.number = number, .program = program, .id = id};
}

START_TEST(later_ones_to_the_same_person_are_behind_a_refused_one)
{
    struct order *order = order_open();
    struct message first = message(14155550123, 1, 10), later = message(14155550123, 1, 11),
                   earlier = message(14155550123, 1, 9), other = message(14155550124, 1, 12),
                   elsewhere = message(14155550123, 2, 13);
    ck_assert_int_eq(order_ahead(order, &later), 0);
    order_put(order, &first);
    ck_assert_int_eq(order_ahead(order, &later), 10);
    ck_assert_int_eq(order_ahead(order, &first), 0);
    ck_assert_int_eq(order_ahead(order, &earlier), 0);
    ck_assert_int_eq(order_ahead(order, &other), 0);
    ck_assert_int_eq(order_ahead(order, &elsewhere), 0);
    order_put(order, &later); /* the oldest stays ahead */
    struct message last = message(14155550123, 1, 20);
    ck_assert_int_eq(order_ahead(order, &last), 10);
    order_drop(order, &last);
    ck_assert_int_eq(order_ahead(order, &last), 0);
    order_close(order);
}
END_TEST

START_TEST(however_many_there_are_no_stranger_is_ahead)
{
    struct order *order = order_open();
    for (uint64_t i = 0; i < 50000; i++) {
        struct message refused = message(14150000000 + i, 1, 1);
        order_put(order, &refused);
    }
    unsigned kept = 0;
    for (uint64_t i = 0; i < 50000; i++) {
        struct message later = message(14150000000 + i, 1, 2), stranger = message(16150000000 + i, 1, 2);
        kept += order_ahead(order, &later) == 1;
        ck_assert_int_eq(order_ahead(order, &stranger), 0);
        order_drop(order, &stranger);
        order_drop(order, &later);
        ck_assert_int_eq(order_ahead(order, &later), 0);
    }
    ck_assert_uint_gt(kept, 1000);
    order_close(order);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order");
    TCase *cases = tcase_create("order");
    tcase_add_test(cases, later_ones_to_the_same_person_are_behind_a_refused_one);
    tcase_add_test(cases, however_many_there_are_no_stranger_is_ahead);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
