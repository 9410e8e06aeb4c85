/* What is erased of messages by time: slice by slice, and the listing of numbers with them. */
#include <check.h>
#include <stdlib.h>

#include "base/region.h"
#include "store/store.h"
#include "tests/unit/place.h"

#define NOW    INT64_C(1795512600000)
#define MANY   20000 /* more than an era of the listing holds */
#define ERASED 17000
#define SLICE  250

static struct store *store;
static struct region *region;

static void setup(void)
{
    char error[STORE_ERROR_SIZE];
    place_open();
    region = region_new();
    store = store_open(place_path, error);
    ck_assert_msg(store != NULL, "%s", error);
}

static void teardown(void)
{
    store_close(store);
    region_free(region);
    place_remove();
}

static struct message message_get(int i)
{
    return (struct message){.id = store_next_id(store, NOW + i),
                            .account = "a",
                            .sender = "+12065550100",
                            .number = UINT64_C(14155550100) + (uint64_t)(i % 100),
                            .purpose = PURPOSE_CAMPAIGN,
                            .state = i == 5 ? MESSAGE_SCHEDULED : MESSAGE_FAILED,
                            .text = "Hi",
                            .parts = 1,
                            .salt = 1,
                            .seal = 1,
                            .client_ref = "lead"};
}

static void fill(void)
{
    for (int i = 0; i < MANY; i++) {
        struct message message = message_get(i);
        store_message_put(store, &message);
        if (i % 1000 == 999)
            ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    }
}

static int64_t count(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_open(place_path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

START_TEST(slices_erase_the_oldest_and_the_listing_forgets_them_alone)
{
    size_t found = SLICE, erased = 0;
    int64_t after = 0;
    uint8_t digest[32] = {7};
    struct message *rows = calloc(SLICE, sizeof *rows);
    fill();
    int64_t listed = count("SELECT count(*) FROM listing");
    ck_assert_int_gt(listed, MANY - 2100);
    while (found == SLICE) {
        ck_assert_int_eq(store_message_old(store, after, (NOW + ERASED) << 12, region, rows, SLICE, &found),
                         STORE_OK);
        for (size_t i = 0; i < found; i++)
            store_message_erase(store, rows[i].id, octets_of(digest, sizeof digest));
        after = found > 0 ? rows[found - 1].id : after;
        store_listing_erase_old(store, after);
        ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
        region_clear(region);
        erased += found;
    }
    free(rows);
    ck_assert_uint_eq(erased, ERASED - 1); /* one may still leave */
    ck_assert_int_eq(count("SELECT count(*) FROM message WHERE number = 0 AND text = '' AND salt = 0"
                           " AND client_ref = '' AND length(content) = 32"),
                     ERASED - 1);
    ck_assert_int_eq(count("SELECT count(*) FROM listing"), listed - (ERASED - 1));
    ck_assert_int_eq(count("SELECT count(*) FROM listing JOIN message ON id = message"
                           " WHERE message.number = 0"),
                     0);
}
END_TEST

START_TEST(one_number_is_taken_out_of_every_era)
{
    fill();
    store_listing_erase(store, UINT64_C(14155550107));
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    ck_assert_int_eq(count("SELECT count(*) FROM listing WHERE number = 14155550107"), 0);
    ck_assert_int_gt(count("SELECT count(*) FROM listing WHERE number = 14155550108"), 100);
}
END_TEST

START_TEST(marks_begin_at_nothing_and_go_where_they_are_put)
{
    ck_assert_int_eq(store_mark_get(store, "x"), 0);
    store_mark_put(store, "x", 4711);
    ck_assert_int_eq(store_mark_get(store, "x"), 4711);
    store_abandon(store);
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    ck_assert_int_eq(store_mark_get(store, "x"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("erase");
    TCase *all = tcase_create("erase");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, slices_erase_the_oldest_and_the_listing_forgets_them_alone);
    tcase_add_test(all, one_number_is_taken_out_of_every_era);
    tcase_add_test(all, marks_begin_at_nothing_and_go_where_they_are_put);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
