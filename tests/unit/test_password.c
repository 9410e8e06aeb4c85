/* What becomes of a password, and the thread that works it out. */
#include <check.h>
#include <stdlib.h>

#include "base/loop.h"
#include "base/region.h"
#include "base/worker.h"
#include "consent/password.h"

/* ---- scrypt ---- */

START_TEST(scrypt_is_as_rfc_7914_has_it)
{
    uint8_t out[SCRYPT_SIZE];
    char hex[2 * SCRYPT_SIZE + 1];
    ck_assert(scrypt_hash(octets_text("password"), octets_text("NaCl"), (struct scrypt_cost){10, 8, 16}, out));
    octets_to_hex(octets_of(out, sizeof out), hex);
    ck_assert_str_eq(hex, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162");
    ck_assert(scrypt_hash(octets_of(NULL, 0), octets_of(NULL, 0), (struct scrypt_cost){4, 1, 1}, out));
    octets_to_hex(octets_of(out, sizeof out), hex);
    ck_assert_str_eq(hex, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442");
}
END_TEST

START_TEST(a_cost_that_can_not_be_is_refused)
{
    uint8_t out[SCRYPT_SIZE];
    ck_assert(!scrypt_hash(octets_text("a"), octets_text("b"), (struct scrypt_cost){20, 8, 1}, out)); /* a gigabyte */
    ck_assert(!scrypt_hash(octets_text("a"), octets_text("b"), (struct scrypt_cost){63, 8, 1}, out));
    ck_assert(!scrypt_hash(octets_text("a"), octets_text("b"), (struct scrypt_cost){-1, 8, 1}, out));
    ck_assert(!scrypt_hash(octets_text("a"), octets_text("b"), (struct scrypt_cost){0, 0, 0}, out));
}
END_TEST

/* ---- passwords ---- */

START_TEST(a_password_has_characters_enough)
{
    ck_assert_ptr_nonnull(password_fault(octets_text("")));
    ck_assert_ptr_nonnull(password_fault(octets_text("eleven char")));
    ck_assert_ptr_null(password_fault(octets_text("twelve chars")));
    ck_assert_ptr_nonnull(password_fault(octets_text("éééééé"))); /* six, in twelve octets */
    char *text = calloc(1, PASSWORD_MOST + 2);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', PASSWORD_MOST);
    ck_assert_ptr_null(password_fault(octets_text(text)));
    text[PASSWORD_MOST] = 'x';
    ck_assert_ptr_nonnull(password_fault(octets_text(text)));
    free(text);
}
END_TEST

START_TEST(a_password_is_the_same_however_a_keyboard_composes_it)
{
    struct region *region = region_new();
    struct octets composed = password_fold(octets_text("caf\xc3\xa9 \xef\xac\x81n"), region);
    struct octets apart = password_fold(octets_text("cafe\xcc\x81 fin"), region);
    ck_assert(octets_equal(composed, apart));
    ck_assert(!octets_equal(composed, password_fold(octets_text("CAFE\xcc\x81 fin"), region)));
    ck_assert(octets_equal(password_fold(octets_text("\xff\xfe"), region), octets_text("\xff\xfe")));
    ck_assert_uint_eq(password_fold(octets_of(NULL, 0), region).length, 0);
    region_free(region);
}
END_TEST

START_TEST(the_same_password_twice_is_kept_as_two)
{
    struct password one, two;
    uint8_t a[SCRYPT_SIZE], b[SCRYPT_SIZE];
    password_begin(&one, 1);
    password_begin(&two, 1);
    one.cost.log_n = two.cost.log_n = 4;
    ck_assert(password_make(&one, octets_text("four words of one"), a));
    ck_assert(password_make(&two, octets_text("four words of one"), b));
    ck_assert(memcmp(a, b, sizeof a) != 0);
    ck_assert(password_make(&one, octets_text("four words of one"), b));
    ck_assert(memcmp(a, b, sizeof a) == 0);
}
END_TEST

/* ---- the thread ---- */

#define JOBS 8

static struct loop *loop;
static struct worker *worker;
static int done[JOBS + 1];
static size_t done_count;

static void begin(void)
{
    loop = loop_open();
    worker = worker_open(loop, JOBS);
    done_count = 0;
}

static void end(void)
{
    worker_close(worker);
    loop_close(loop);
}

static void job_run(void *owner)
{
    int *number = owner;
    *number = -*number;
}

static void job_done(void *owner)
{
    const int *number = owner;
    done[done_count++] = *number;
    if (done_count == JOBS)
        loop_stop(loop);
}

START_TEST(jobs_are_done_in_their_order_and_taken_up_by_the_loop)
{
    int numbers[JOBS];
    for (int i = 0; i < JOBS; i++) {
        numbers[i] = i + 1;
        ck_assert(worker_take(worker, job_run, job_done, &numbers[i]));
    }
    ck_assert_uint_eq(done_count, 0);
    loop_run(loop);
    ck_assert_uint_eq(done_count, JOBS);
    for (int i = 0; i < JOBS; i++)
        ck_assert_int_eq(done[i], -(i + 1));
}
END_TEST

START_TEST(no_more_jobs_wait_than_may)
{
    int numbers[JOBS + 1] = {0};
    for (int i = 0; i < JOBS; i++)
        ck_assert(worker_take(worker, job_run, job_done, &numbers[i]));
    ck_assert(!worker_take(worker, job_run, job_done, &numbers[JOBS])); /* though some may be done: none is taken up */
    loop_run(loop);
    ck_assert(worker_take(worker, job_run, job_done, &numbers[JOBS]));
}
END_TEST

START_TEST(who_closes_it_has_the_jobs_back)
{
    int numbers[JOBS];
    for (int i = 0; i < JOBS; i++) {
        numbers[i] = i + 1;
        ck_assert(worker_take(worker, job_run, job_done, &numbers[i]));
    }
    worker_close(worker);
    worker = NULL;
    ck_assert_uint_eq(done_count, 0);
    for (int i = 0; i < JOBS; i++) /* none was half done */
        ck_assert(numbers[i] == i + 1 || numbers[i] == -(i + 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("password");
    TCase *sums = tcase_create("passwords"), *thread = tcase_create("thread");
    tcase_add_test(sums, scrypt_is_as_rfc_7914_has_it);
    tcase_add_test(sums, a_cost_that_can_not_be_is_refused);
    tcase_add_test(sums, a_password_has_characters_enough);
    tcase_add_test(sums, a_password_is_the_same_however_a_keyboard_composes_it);
    tcase_add_test(sums, the_same_password_twice_is_kept_as_two);
    tcase_add_checked_fixture(thread, begin, end);
    tcase_add_test(thread, jobs_are_done_in_their_order_and_taken_up_by_the_loop);
    tcase_add_test(thread, no_more_jobs_wait_than_may);
    tcase_add_test(thread, who_closes_it_has_the_jobs_back);
    suite_add_tcase(suite, sums);
    suite_add_tcase(suite, thread);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
