/* Where a request of the HTTP door ends, and what its head says. That each broken one has its own answer is shown over
 * sockets, by tests/promises/http_limits.py. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/doors/http_head.h"

static struct head head;

static void begin(void)
{
    head = (struct head){0};
}

static void end(void)
{
    head_wipe(&head);
}

/* In steps of so many octets, until it is whole or broken. Gives how many were taken. */
static size_t read_in_steps(const char *text, size_t step)
{
    size_t taken = 0, length = strlen(text);
    while (head.state < HEAD_WHOLE && (taken < length || head.state == HEAD_READ))
        taken += head_add(&head, octets_of(text + taken, length - taken < step ? length - taken : step));
    return taken;
}

static void expect_whole(const char *request, const char *behind, uint64_t body)
{
    char text[2000];
    snprintf(text, sizeof text, "%s%s", request, behind);
    for (size_t step = 1; step < sizeof text; step = 2 * step + 1) {
        ck_assert_uint_eq(read_in_steps(text, step), strlen(request));
        ck_assert_msg(head.state == HEAD_WHOLE, "%s: %s", request, head.why);
        ck_assert_uint_eq(head.body, body);
        head_begin(&head);
    }
}

static void expect_broken(const char *text, enum verdict fault)
{
    for (size_t step = 1; step < 4000; step = 2 * step + 1) {
        read_in_steps(text, step);
        ck_assert_msg(head.state == HEAD_BROKEN && head.fault == fault && head.why[0] != '\0', "%s: %d %d %s", text,
                      (int)head.state, (int)head.fault, head.why);
        ck_assert_uint_eq(head_add(&head, octets_text("GET / HTTP/1.1\r\n")), 0);
        head_begin(&head);
    }
}

#define LINE "POST /v1/messages HTTP/1.1\r\nHost: x\r\n"

START_TEST(a_request_ends_where_its_length_says_and_the_next_is_not_touched)
{
    static const char next[] = "GET / HTTP/1.1\r\nHost: y\r\n\r\n";
    expect_whole("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", next, 0);
    expect_whole("GET /healthz HTTP/1.0\n\n", next, 0);
    expect_whole(LINE "\r\n", next, 0);
    expect_whole(LINE "Content-Length: 0\r\n\r\n", next, 0);
    expect_whole(LINE "content-length:5  \r\nConnection: keep-alive\r\n\r\nGET /", next, 5);
    expect_whole(LINE "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", next, 0);
    expect_whole(LINE "Transfer-Encoding: chunked\r\n\r\n2\r\n\r\n\r\n00A\n0123456789\n0\r\n\r\n", next, 12);
}
END_TEST

START_TEST(a_whole_head_can_be_looked_at_before_its_body_has_come)
{
    const char *text = LINE "X-Thing:  a b \r\nx-thing: c\r\nExpect: 100-Continue\r\nContent-Length: 9\r\n\r\n{}";
    ck_assert_uint_eq(head_add(&head, octets_text(text)), strlen(text) - 2);
    ck_assert_int_eq(head.state, HEAD_READ);
    ck_assert(head_is_begun(&head));
    ck_assert_str_eq(head_method(&head), "POST");
    ck_assert_str_eq(head_target(&head), "/v1/messages");
    ck_assert_str_eq(head_find(&head, "x-THING"), "a b");
    ck_assert_ptr_null(head_find(&head, "Thing"));
    ck_assert_uint_eq(head.body, 9);
    ck_assert_uint_eq(head_add(&head, octets_text("{}")), 2);
    ck_assert_int_eq(head.state, HEAD_BODY);
}
END_TEST

START_TEST(what_two_readers_could_read_differently_is_refused)
{
    expect_broken(LINE "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "Content-Length: 1, 1\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "Content-Length: 0x1\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "Content-Length:\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "Content-Length: 9999999999999999\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "Transfer-Encoding: identity\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "Transfer-Encoding:\tchunked\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "Content-Length : 1\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "X: 1\r\n\tContent-Length: 1\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "X: 1\rContent-Length: 1\r\n\r\n", VERDICT_MALFORMED);
    expect_broken("POST / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", VERDICT_MALFORMED);
    expect_broken("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n", VERDICT_MALFORMED);
    expect_broken(LINE "Connection: keep-alive\r\n\r\n", VERDICT_LENGTH_REQUIRED);
}
END_TEST

START_TEST(chunks_are_read_to_the_letter)
{
    static const char *const bad[] = {"\r\n",      "x\r\n",       "-1\r\n",    "+1\r\n",      " 1\r\n",  "1 \r\n",
                                      "1;a=b\r\n", "1\r\nab\r\n", "1\ra",      "100000000\r\n", "0x1\r\n",
                                      "0\r\nX: y\r\n", "0000000000000000000000"};
    char text[200];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, LINE "Transfer-Encoding: chunked\r\n\r\n%s", bad[i]);
        expect_broken(text, VERDICT_MALFORMED);
    }
}
END_TEST

START_TEST(a_chunk_counts_before_it_has_come)
{
    read_in_steps(LINE "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", 1);
    ck_assert_int_eq(head.state, HEAD_CHUNK);
    ck_assert_uint_eq(head.body, 0xffffffff);
}
END_TEST

START_TEST(a_head_has_room_for_so_much)
{
    char *text = calloc(1, HEAD_LIMIT + 100);
    strcpy(text, "GET / HTTP/1.1\r\nHost: x\r\nX: ");
    memset(text + strlen(text), 'x', HEAD_LIMIT - strlen(text) - 4);
    strcat(text, "\r\n\r\n");
    ck_assert_uint_eq(strlen(text), HEAD_LIMIT);
    read_in_steps(text, HEAD_LIMIT);
    ck_assert_int_eq(head.state, HEAD_WHOLE);
    head_begin(&head);
    strcpy(text + HEAD_LIMIT - 4, "x\r\n\r\n");
    read_in_steps(text, HEAD_LIMIT);
    ck_assert_int_eq(head.state, HEAD_BROKEN);
    ck_assert_int_eq(head.fault, VERDICT_HEADERS_TOO_LARGE);
    free(text);
}
END_TEST

START_TEST(a_head_has_room_for_so_many_fields)
{
    char text[4000] = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 1; i < HEAD_FIELDS; i++)
        strcat(text, "X: y\r\n");
    size_t length = strlen(text);
    strcat(text, "\r\n");
    read_in_steps(text, sizeof text);
    ck_assert_int_eq(head.state, HEAD_WHOLE);
    ck_assert_uint_eq(head.field_count, HEAD_FIELDS);
    head_begin(&head);
    strcpy(text + length, "X: y\r\n\r\n");
    read_in_steps(text, sizeof text);
    ck_assert_int_eq(head.fault, VERDICT_HEADERS_TOO_LARGE);
}
END_TEST

START_TEST(what_is_no_request_is_refused_at_its_first_octet)
{
    ck_assert_uint_eq(head_add(&head, octets_text("\x16\x03\x01")), 1);
    ck_assert_int_eq(head.fault, VERDICT_MALFORMED);
    ck_assert_ptr_nonnull(strstr(head.why, "TLS"));
    head_begin(&head);
    ck_assert_uint_eq(head_add(&head, octets_text("\r\nGET")), 1);
    ck_assert_int_eq(head.state, HEAD_BROKEN);
    head_begin(&head);
    expect_broken("PRI * HTTP/2.0\r\n\r\n", VERDICT_VERSION_NOT_SPOKEN);
    expect_broken("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", VERDICT_METHOD_NOT_ALLOWED);
    expect_broken("GET / HTTP/1.1\r\n\r\n", VERDICT_MALFORMED);
    expect_broken("GET / HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n", VERDICT_EXPECTATION_FAILED);
}
END_TEST

static bool last_of(const char *request)
{
    head_begin(&head);
    read_in_steps(request, 4096);
    ck_assert_msg(head.state == HEAD_WHOLE, "%s: %s", request, head.why);
    return head_is_last(&head);
}

START_TEST(a_request_says_whether_it_is_the_last_of_its_connection)
{
    ck_assert(!last_of("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    ck_assert(!last_of("GET / HTTP/1.1\r\nHost: x\r\nConnection: closed\r\nX: close\r\n\r\n"));
    ck_assert(last_of("GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n"));
    ck_assert(last_of("GET / HTTP/1.1\r\nHost: x\r\nConnection: x,close\r\n\r\n"));
    ck_assert(last_of("GET / HTTP/1.1\r\nHost: x\r\nConnection: x\r\nConnection: close\r\n\r\n"));
    ck_assert(last_of("GET / HTTP/1.0\r\n\r\n"));
    ck_assert(!last_of("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    ck_assert(last_of("GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("head");
    TCase *tests = tcase_create("head");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, a_request_ends_where_its_length_says_and_the_next_is_not_touched);
    tcase_add_test(tests, a_whole_head_can_be_looked_at_before_its_body_has_come);
    tcase_add_test(tests, what_two_readers_could_read_differently_is_refused);
    tcase_add_test(tests, chunks_are_read_to_the_letter);
    tcase_add_test(tests, a_chunk_counts_before_it_has_come);
    tcase_add_test(tests, a_head_has_room_for_so_much);
    tcase_add_test(tests, a_head_has_room_for_so_many_fields);
    tcase_add_test(tests, what_is_no_request_is_refused_at_its_first_octet);
    tcase_add_test(tests, a_request_says_whether_it_is_the_last_of_its_connection);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
