/* The pure parts of the HTTP door: paths, queries, cursors, headers, and the members of bodies. */
#include <check.h>
#include <event2/buffer.h>
#include <stdlib.h>

#include "base/region.h"
#include "src/doors/http_parts.h"
#include "src/doors/http_rows.h"

static struct region *region;

static void begin(void)
{
    region = region_new();
}

static void end(void)
{
    region_free(region);
}

/* ---- paths ---- */

START_TEST(a_path_fits_its_own_pattern_only)
{
    struct octets segment;
    ck_assert(path_match("/v1/messages", "/v1/messages", &segment));
    ck_assert(!path_match("/v1/messages", "/v1/messages/", &segment));
    ck_assert(!path_match("/v1/messages", "/v1/message", &segment));
    ck_assert(!path_match("/v1/messages", "/v1/messagesx", &segment));
    ck_assert(!path_match("/v1/messages", "", &segment));
    ck_assert(path_match("/", "/", &segment));
}
END_TEST

START_TEST(braces_stand_for_one_segment_that_is_not_empty)
{
    struct octets segment;
    ck_assert(path_match("/v1/consents/{}/revoke", "/v1/consents/+1415/revoke", &segment));
    ck_assert(octets_equal(segment, octets_text("+1415")));
    ck_assert(path_match("/v1/messages/{}", "/v1/messages/x", &segment));
    ck_assert(octets_equal(segment, octets_text("x")));
    ck_assert(!path_match("/v1/messages/{}", "/v1/messages/", &segment));
    ck_assert(!path_match("/v1/messages/{}", "/v1/messages/a/b", &segment));
    ck_assert(!path_match("/v1/consents/{}/revoke", "/v1/consents//revoke", &segment));
}
END_TEST

START_TEST(an_encoded_slash_is_part_of_its_segment)
{
    struct octets segment;
    ck_assert(path_match("/v1/messages/{}", "/v1/messages/a%2Fb", &segment));
    ck_assert_str_eq(segment_decode(segment, region), "a/b");
}
END_TEST

START_TEST(a_plus_in_a_path_is_a_plus)
{
    ck_assert_str_eq(segment_decode(octets_text("+14155550123"), region), "+14155550123");
    ck_assert_str_eq(segment_decode(octets_text("%2B14155550123"), region), "+14155550123");
    ck_assert_str_eq(segment_decode(octets_text("%28415%29%20555"), region), "(415) 555");
}
END_TEST

START_TEST(a_segment_with_a_nul_or_broken_utf8_is_refused)
{
    ck_assert_ptr_null(segment_decode(octets_text("a%00b"), region));
    ck_assert_ptr_null(segment_decode(octets_text("%ff"), region));
    ck_assert_ptr_null(segment_decode(octets_text("%c0%af"), region));
}
END_TEST

/* ---- queries ---- */

START_TEST(a_query_gives_its_parameters_decoded)
{
    size_t count;
    const struct parameter *read =
        query_read("number=%2B1415&reason=no_consent&x=a+b", region, &count);
    ck_assert_ptr_nonnull(read);
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(read[0].name, "number");
    ck_assert_str_eq(read[0].value, "+1415");
    ck_assert_str_eq(read[1].value, "no_consent");
    ck_assert_str_eq(read[2].value, "a b");
}
END_TEST

START_TEST(no_query_has_no_parameters)
{
    size_t count = 9;
    ck_assert_ptr_nonnull(query_read(NULL, region, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert_ptr_nonnull(query_read("", region, &count));
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_query_that_hides_octets_is_refused)
{
    size_t count;
    ck_assert_ptr_null(query_read("number=1%00", region, &count));
    ck_assert_ptr_null(query_read("number=%ff", region, &count));
    ck_assert_ptr_null(query_read("number", region, &count));
}
END_TEST

START_TEST(an_unknown_or_repeated_parameter_is_named)
{
    const struct parameter pair[] = {{"limit", "1"}, {"lmit", "1"}};
    const struct parameter twice[] = {{"limit", "1"}, {"after", "2"}, {"limit", "2"}};
    ck_assert_ptr_null(query_stranger(pair, 1, "after limit"));
    ck_assert_str_eq(query_stranger(pair, 2, "after limit"), "lmit");
    ck_assert_str_eq(query_stranger(twice, 3, "after limit"), "limit");
    ck_assert_str_eq(query_stranger(pair, 1, ""), "limit");
    ck_assert_str_eq(query_stranger(pair, 1, "limits"), "limit");
}
END_TEST

START_TEST(a_parameter_without_a_name_is_unknown)
{
    const struct parameter nameless[] = {{"", "1"}};
    ck_assert_str_eq(query_stranger(nameless, 1, "limit after"), "");
    ck_assert_str_eq(query_stranger(nameless, 1, ""), "");
}
END_TEST

/* ---- cursors ---- */

START_TEST(a_cursor_reads_as_it_was_written)
{
    const int64_t places[] = {1, 4711, INT64_C(1) << 59};
    for (size_t i = 0; i < 3; i++) {
        char text[CURSOR_SIZE];
        int64_t place;
        cursor_write(places[i], text);
        ck_assert(cursor_read(text, &place));
        ck_assert_int_eq(place, places[i]);
    }
}
END_TEST

START_TEST(what_is_no_cursor_is_refused)
{
    const char *const wrong[] = {"",
                                 "0",
                                 "-1",
                                 "1x",
                                 " 1",
                                 "+1",
                                 "0x10",
                                 "1.0",
                                 "9999999999999999999",
                                 "99999999999999999999999999"};
    int64_t place;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!cursor_read(wrong[i], &place), "%s", wrong[i]);
}
END_TEST

/* ---- headers ---- */

START_TEST(a_media_type_is_found_whatever_stands_around_it)
{
    ck_assert(media_is("application/json", "application/json"));
    ck_assert(media_is("Application/JSON; charset=utf-8", "application/json"));
    ck_assert(media_is("application/json ;charset=utf-8", "application/json"));
    ck_assert(media_is("text/html, text/csv;q=0.5", "text/csv"));
    ck_assert(media_is("text/csv;q=0.001", "text/csv"));
}
END_TEST

START_TEST(another_media_type_is_another)
{
    ck_assert(!media_is(NULL, "text/csv"));
    ck_assert(!media_is("", "text/csv"));
    ck_assert(!media_is("text/csvx", "text/csv"));
    ck_assert(!media_is("text/csv;q=0", "text/csv"));
    ck_assert(!media_is("text/csv; q=0.000", "text/csv"));
    ck_assert(!media_is("application/x-www-form-urlencoded", "application/json"));
    ck_assert(!media_is("application/json-seq", "application/json"));
}
END_TEST

/* ---- members of a body ---- */

struct read {
    const char *text;
    bool flag;
    int64_t at;
    const json_t *list;
};

static enum verdict check(const char *body, struct read *out, char why[HTTP_WHY_SIZE])
{
    const struct member members[] = {
        {"text", MEMBER_TEXT, true, 5, &out->text},  {"flag", MEMBER_BOOLEAN, false, 0, &out->flag},
        {"at", MEMBER_TIME, false, 0, &out->at},     {"list", MEMBER_LIST, false, 2, &out->list},
        {"later", MEMBER_NOT_BUILT, false, 0, NULL},
    };
    json_t *json = json_loads(body, 0, NULL);
    ck_assert_ptr_nonnull(json);
    why[0] = '\0';
    enum verdict verdict = members_check(json, members, sizeof members / sizeof *members, why);
    if (out->text != NULL)
        out->text = region_text(region, octets_text(out->text));
    out->list = NULL;
    json_decref(json);
    return verdict;
}

START_TEST(members_are_read_into_their_places)
{
    char why[HTTP_WHY_SIZE];
    struct read read = {0};
    enum verdict verdict =
        check("{\"text\":\"abcde\",\"flag\":true,\"at\":\"1970-01-01T00:00:01Z\","
              "\"list\":[\"a\",\"b\"]}",
              &read, why);
    ck_assert_msg(verdict == VERDICT_ALLOWED, "%s", why);
    ck_assert_str_eq(read.text, "abcde");
    ck_assert(read.flag);
    ck_assert_int_eq(read.at, 1000);
}
END_TEST

START_TEST(a_fault_names_its_member)
{
    const struct {
        const char *body, *word;
        enum verdict verdict;
    } rows[] = {
        {"{}", "text: it is missing", VERDICT_INVALID_FIELD},
        {"{\"text\":7}", "text: must be a string", VERDICT_INVALID_FIELD},
        {"{\"text\":null}", "text: must be a string", VERDICT_INVALID_FIELD},
        {"{\"text\":\"abcdef\"}", "text: it has 6 octets", VERDICT_INVALID_FIELD},
        {"{\"text\":\"a\",\"txet\":\"b\"}", "txet: there is no such field", VERDICT_INVALID_FIELD},
        {"{\"text\":\"a\",\"flag\":\"true\"}", "flag: must be true or false",
         VERDICT_INVALID_FIELD},
        {"{\"text\":\"a\",\"flag\":1}", "flag: must be true or false", VERDICT_INVALID_FIELD},
        {"{\"text\":\"a\",\"at\":\"tomorrow\"}", "at: it is not an RFC 3339", VERDICT_INVALID_TIME},
        {"{\"text\":\"a\",\"at\":5}", "at: must be a string", VERDICT_INVALID_FIELD},
        {"{\"text\":\"a\",\"list\":\"a\"}", "list: must be a list", VERDICT_INVALID_FIELD},
        {"{\"text\":\"a\",\"list\":[\"a\",\"b\",\"c\"]}", "list: must be a list",
         VERDICT_INVALID_FIELD},
        {"{\"text\":\"a\",\"list\":[\"a\",2]}", "list: item 2", VERDICT_INVALID_FIELD},
        {"{\"text\":\"a\",\"later\":1}", "later:", VERDICT_NOT_BUILT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[HTTP_WHY_SIZE];
        struct read read = {0};
        ck_assert_msg(check(rows[i].body, &read, why) == rows[i].verdict, "%s", rows[i].body);
        ck_assert_msg(strncmp(why, rows[i].word, strlen(rows[i].word)) == 0, "%s: %s", rows[i].body,
                      why);
    }
}
END_TEST

/* ---- pages ---- */

static struct page page_of(size_t limit)
{
    return (struct page){.items = json_array(), .limit = limit};
}

static void look_at(struct page *page, int64_t first, size_t count, bool are_seen)
{
    for (size_t i = 0; i < count && page_takes(page, first - (int64_t)i); i++)
        if (are_seen)
            json_array_append_new(page->items, json_null());
    page_fetched(page, count);
}

START_TEST(the_last_page_has_no_cursor)
{
    char cursor[CURSOR_SIZE];
    struct page page = page_of(3);
    look_at(&page, 10, 2, true);
    ck_assert(!page_wants(&page));
    ck_assert_ptr_null(page_cursor(&page, cursor));
    json_decref(page.items);
}
END_TEST

START_TEST(a_full_page_goes_on_behind_its_last_item)
{
    char cursor[CURSOR_SIZE];
    struct page page = page_of(3);
    look_at(&page, 10, 3, true);
    ck_assert(!page_wants(&page));
    ck_assert_str_eq(page_cursor(&page, cursor), "8");
    json_decref(page.items);
}
END_TEST

START_TEST(rows_of_others_are_passed_over_and_none_of_ones_own_is_lost)
{
    char cursor[CURSOR_SIZE];
    struct page page = page_of(3);
    look_at(&page, 10, 1, true);
    page.is_at_end = false;
    look_at(&page, 9, 3, false);
    ck_assert(page_wants(&page));
    ck_assert_int_eq(page.after, 7);
    look_at(&page, 6, 3, true); /* two fit; the third opens the next page */
    ck_assert_uint_eq(json_array_size(page.items), 3);
    ck_assert_str_eq(page_cursor(&page, cursor), "5");
    json_decref(page.items);
}
END_TEST

START_TEST(an_item_left_in_the_last_rows_keeps_the_cursor)
{
    char cursor[CURSOR_SIZE];
    struct page page = page_of(3);
    look_at(&page, 10, 2, true);
    page.is_at_end = false;
    look_at(&page, 8, 2, true); /* fewer than a page: there are no more rows than these */
    ck_assert_str_eq(page_cursor(&page, cursor), "8");
    json_decref(page.items);
}
END_TEST

START_TEST(a_search_without_end_stops)
{
    struct page page = page_of(1000);
    for (int i = 0; page_wants(&page); i++) {
        ck_assert_int_lt(i, 20);
        look_at(&page, 1000000 - 1000 * i, 1000, false);
    }
    char cursor[CURSOR_SIZE];
    ck_assert_ptr_nonnull(page_cursor(&page, cursor));
    json_decref(page.items);
}
END_TEST

/* ---- the rows of a batch ---- */

static struct evbuffer *body;

static struct batch_rows rows_of(const char *text, bool is_ndjson)
{
    body = evbuffer_new();
    evbuffer_add(body, text, strlen(text));
    return (struct batch_rows){.body = body, .is_ndjson = is_ndjson};
}

/* The next row is this object: {"at":AT}. */
static void expect_row(struct batch_rows *rows, json_int_t at)
{
    struct row_read row;
    ck_assert(batch_row_next(rows, &row));
    ck_assert_ptr_nonnull(row.json);
    ck_assert_int_eq(json_integer_value(json_object_get(row.json, "at")), at);
    json_decref(row.json);
}

static void expect_bad_row(struct batch_rows *rows, enum verdict verdict, const char *why)
{
    struct row_read row;
    ck_assert(batch_row_next(rows, &row));
    ck_assert_ptr_null(row.json);
    ck_assert_int_eq(row.verdict, verdict);
    ck_assert_msg(strstr(row.why, why) != NULL, "%s", row.why);
}

static void expect_no_more(struct batch_rows *rows, size_t count)
{
    struct row_read row;
    ck_assert(!batch_row_next(rows, &row));
    ck_assert(!batch_row_skip(rows));
    ck_assert_uint_eq(rows->count, count);
    evbuffer_free(body);
}

START_TEST(lines_are_rows_and_empty_ones_are_none)
{
    struct batch_rows rows = rows_of("\n\r\n{\"at\":1}\r\n\n{\"at\":2}\n{\"at\":3}", true);
    expect_row(&rows, 1);
    ck_assert(batch_row_skip(&rows));
    expect_row(&rows, 3);
    ck_assert_uint_eq(evbuffer_get_length(body), 0);
    expect_no_more(&rows, 3);
}
END_TEST

START_TEST(a_line_that_is_no_object_is_a_bad_row_and_the_next_is_read)
{
    struct batch_rows rows = rows_of("{\"at\":\n5\n[]\n{} x\n{\"a\":1,\"a\":2}\n \n{\"at\":6}\n", true);
    expect_bad_row(&rows, VERDICT_MALFORMED, "row 1, column ");
    expect_bad_row(&rows, VERDICT_MALFORMED, "row 2, column 1");
    expect_bad_row(&rows, VERDICT_MALFORMED, "row 3 is no JSON object");
    expect_bad_row(&rows, VERDICT_MALFORMED, "row 4, column 4");
    expect_bad_row(&rows, VERDICT_MALFORMED, "duplicate");
    expect_bad_row(&rows, VERDICT_MALFORMED, "row 6, column");
    expect_row(&rows, 6);
    expect_no_more(&rows, 7);
}
END_TEST

START_TEST(a_line_longer_than_a_body_may_be_is_a_bad_row)
{
    char *text = malloc(HTTP_BODY_LIMIT + 20);
    memset(text, ' ', HTTP_BODY_LIMIT + 1);
    strcpy(text + HTTP_BODY_LIMIT + 1, "\n{\"at\":2}");
    struct batch_rows rows = rows_of(text, true);
    expect_bad_row(&rows, VERDICT_TOO_LARGE, "row 1 has 1048577 octets");
    expect_row(&rows, 2);
    expect_no_more(&rows, 2);
    free(text);
}
END_TEST

START_TEST(an_array_is_read_item_by_item)
{
    struct row_read fault;
    struct batch_rows rows =
        rows_of(" [ {\"at\":1} , 7,null,\n\"x\",[{}],{\"at\":6},{\"at\":7}\t] \r\n", false);
    ck_assert(batch_rows_check(&rows, &fault));
    expect_row(&rows, 1);
    expect_bad_row(&rows, VERDICT_MALFORMED, "row 2 is no JSON object");
    expect_bad_row(&rows, VERDICT_MALFORMED, "row 3 is no JSON object");
    expect_bad_row(&rows, VERDICT_MALFORMED, "row 4 is no JSON object");
    expect_bad_row(&rows, VERDICT_MALFORMED, "row 5 is no JSON object");
    ck_assert(batch_row_skip(&rows));
    expect_row(&rows, 7);
    expect_no_more(&rows, 7);
    rows = rows_of("[ ]", false);
    ck_assert(batch_rows_check(&rows, &fault));
    expect_no_more(&rows, 0);
}
END_TEST

START_TEST(what_is_no_whole_array_is_refused_before_its_first_row)
{
    static const char *const bad[] = {"",      " ",          "{}",      "[",      "[{}",        "[{},",   "[{},]",
                                      "[,]",   "[{}]]",      "[{}] x",  "[{}{}]", "[{\"a\"}]",  "x[{}]",  "[1 2]",
                                      "[}",    "[{}],",      "[{}][{}]", "[nul]", "[\"\xff\"]", "[1,,2]", "[-]",
                                      "[{\"a\":1,\"a\":2}]"};
    struct row_read fault;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct batch_rows rows = rows_of(bad[i], false);
        ck_assert_msg(!batch_rows_check(&rows, &fault), "%s", bad[i]);
        ck_assert_int_eq(fault.verdict, VERDICT_MALFORMED);
        ck_assert_str_ne(fault.why, "");
        evbuffer_free(body);
    }
}
END_TEST

START_TEST(an_array_of_too_many_rows_is_too_large)
{
    struct row_read fault;
    struct batch_rows rows = rows_of("[1", false);
    for (int i = 1; i < HTTP_ROWS_LIMIT; i++)
        evbuffer_add(body, ",1", 2);
    evbuffer_add(body, "]", 1);
    ck_assert(batch_rows_check(&rows, &fault));
    evbuffer_drain(body, 1);
    evbuffer_prepend(body, "[1,", 3);
    ck_assert(!batch_rows_check(&rows, &fault));
    ck_assert_int_eq(fault.verdict, VERDICT_TOO_LARGE);
    evbuffer_free(body);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http");
    TCase *tests = tcase_create("http");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, a_path_fits_its_own_pattern_only);
    tcase_add_test(tests, braces_stand_for_one_segment_that_is_not_empty);
    tcase_add_test(tests, an_encoded_slash_is_part_of_its_segment);
    tcase_add_test(tests, a_plus_in_a_path_is_a_plus);
    tcase_add_test(tests, a_segment_with_a_nul_or_broken_utf8_is_refused);
    tcase_add_test(tests, a_query_gives_its_parameters_decoded);
    tcase_add_test(tests, no_query_has_no_parameters);
    tcase_add_test(tests, a_query_that_hides_octets_is_refused);
    tcase_add_test(tests, an_unknown_or_repeated_parameter_is_named);
    tcase_add_test(tests, a_parameter_without_a_name_is_unknown);
    tcase_add_test(tests, a_cursor_reads_as_it_was_written);
    tcase_add_test(tests, what_is_no_cursor_is_refused);
    tcase_add_test(tests, a_media_type_is_found_whatever_stands_around_it);
    tcase_add_test(tests, another_media_type_is_another);
    tcase_add_test(tests, members_are_read_into_their_places);
    tcase_add_test(tests, a_fault_names_its_member);
    tcase_add_test(tests, the_last_page_has_no_cursor);
    tcase_add_test(tests, a_full_page_goes_on_behind_its_last_item);
    tcase_add_test(tests, rows_of_others_are_passed_over_and_none_of_ones_own_is_lost);
    tcase_add_test(tests, an_item_left_in_the_last_rows_keeps_the_cursor);
    tcase_add_test(tests, a_search_without_end_stops);
    tcase_add_test(tests, lines_are_rows_and_empty_ones_are_none);
    tcase_add_test(tests, a_line_that_is_no_object_is_a_bad_row_and_the_next_is_read);
    tcase_add_test(tests, a_line_longer_than_a_body_may_be_is_a_bad_row);
    tcase_add_test(tests, an_array_is_read_item_by_item);
    tcase_add_test(tests, what_is_no_whole_array_is_refused_before_its_first_row);
    tcase_add_test(tests, an_array_of_too_many_rows_is_too_large);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
