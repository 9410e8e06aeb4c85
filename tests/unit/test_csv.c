/* CSV: rows, their lines, and that one broken row costs no other. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/csv.h"
#include "base/must.h"

static FILE *file;
static struct csv_reader *reader;
static struct csv_row row;
static char why[CSV_WHY_SIZE];

static bool open_octets(const char *text, size_t length)
{
    file = fmemopen(NULL, length + 1, "w+");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, length, file), length);
    rewind(file);
    reader = csv_open(file, why);
    return reader != NULL;
}

static bool open_text(const char *text)
{
    return open_octets(text, strlen(text));
}

static void shut(void)
{
    csv_close(reader);
    reader = NULL;
    if (file != NULL)
        fclose(file);
    file = NULL;
}

/* The next row is good, begins in that line, and has that value in that column. */
static void expect(size_t line, const char *column, const char *value)
{
    enum csv_result result = csv_next(reader, &row);
    ck_assert_msg(result == CSV_ROW, "%d: line %zu: %s", result, row.line, row.why);
    ck_assert_uint_eq(row.line, line);
    struct octets got = csv_field(&row, column);
    ck_assert_msg(octets_equal(got, octets_text(value)), "\"%.*s\"", (int)got.length,
                  (const char *)got.at);
}

static void expect_bad(size_t line, const char *part)
{
    ck_assert_int_eq(csv_next(reader, &row), CSV_BAD);
    ck_assert_uint_eq(row.line, line);
    ck_assert_msg(strstr(row.why, part) != NULL, "%s", row.why);
}

static void expect_end(void)
{
    ck_assert_int_eq(csv_next(reader, &row), CSV_END);
    ck_assert_int_eq(csv_next(reader, &row), CSV_END);
}

START_TEST(fields_are_found_by_name_in_any_case)
{
    ck_assert(open_text("Phone, Name \n4155550123,Priya\n"));
    expect(2, "PHONE", "4155550123");
    ck_assert(octets_equal(csv_field(&row, "name"), octets_text("Priya")));
    ck_assert_uint_eq(csv_field(&row, "age").length, 0);
    ck_assert(csv_has_column(reader, "name"));
    ck_assert(!csv_has_column(reader, "age"));
    ck_assert_uint_eq(csv_columns(reader), 2);
    ck_assert_str_eq(csv_name(reader, 1), "Name");
    ck_assert(octets_equal(csv_value(&row, 1), octets_text("Priya")));
    expect_end();
}
END_TEST

START_TEST(quotes_hold_commas_quotes_and_line_ends)
{
    ck_assert(open_text("a,b\n\"x, \"\"y\"\"\",\"one\r\ntwo\"\n3,\n"));
    expect(2, "a", "x, \"y\"");
    ck_assert(octets_equal(csv_field(&row, "b"), octets_text("one\r\ntwo")));
    expect(4, "a", "3");
    ck_assert_uint_eq(csv_field(&row, "b").length, 0);
    expect_end();
}
END_TEST

START_TEST(any_line_end_will_do_and_the_last_may_be_missing)
{
    ck_assert(open_text("a,b\r\n1,2\r\n\r\n3,4\r\n5,6"));
    expect(2, "a", "1");
    expect(4, "a", "3");
    expect(5, "a", "5");
    expect_end();
    shut();
    ck_assert(open_text("a,b\r1,2\r\r3,4\r"));
    expect(2, "a", "1");
    expect(4, "a", "3");
    expect_end();
}
END_TEST

START_TEST(a_byte_order_mark_is_no_part_of_the_first_name)
{
    ck_assert(open_text("\xef\xbb\xbfphone\n4155550123\n"));
    expect(2, "phone", "4155550123");
    shut();
    ck_assert(open_text("a\n1"));
    expect(2, "a", "1");
    expect_end();
}
END_TEST

START_TEST(blanks_around_a_value_stay)
{
    ck_assert(open_text("phone,n\n +1 702 ,x\n"));
    expect(2, "phone", " +1 702 ");
}
END_TEST

START_TEST(a_row_of_another_width_is_reported_and_the_rest_goes_on)
{
    ck_assert(open_text("a,b\n1\n1,2,3\n4,5\n"));
    expect_bad(2, "1 columns, the header 2");
    expect_bad(3, "3 columns, the header 2");
    expect(4, "a", "4");
    expect_end();
}
END_TEST

START_TEST(a_quote_that_never_closes_costs_its_own_line_only)
{
    ck_assert(open_text("a,b\n1,\"open\n2,good\n3,\"fine\"\n4,last\n"));
    expect_bad(2, "quote");
    expect(3, "a", "2");
    expect(4, "a", "3");
    expect(5, "a", "4");
    expect_end();
    shut();
    ck_assert(open_text("a,b\r\n1,\"open\r\n2,good\r\n3,last"));
    expect_bad(2, "quote was never closed");
    expect(3, "a", "2");
    expect(4, "a", "3");
    expect_end();
}
END_TEST

START_TEST(a_quote_where_none_may_stand_costs_its_own_line_only)
{
    ck_assert(open_text("a,b\n1,x\"y\n2,\"x\"y,\"\n3,good\n"));
    expect_bad(2, "quote");
    expect_bad(3, "quote");
    expect(4, "a", "3");
    expect_end();
    shut();
    ck_assert(open_text("a,b\n1,x\"y"));
    expect_bad(2, "quote");
    expect_end();
}
END_TEST

static char *long_text(const char *before, size_t length, const char *after)
{
    size_t head = strlen(before), tail = strlen(after);
    char *text = mem_new(head + length + tail + 1);
    memcpy(text, before, head);
    memset(text + head, 'x', length);
    memcpy(text + head + length, after, tail);
    return text;
}

START_TEST(a_value_or_row_past_its_limit_costs_its_own_line_only)
{
    char *text = long_text("a,b\n1,", CSV_FIELD_LIMIT, "\n2,good\n");
    ck_assert(open_text(text));
    free(text);
    ck_assert_int_eq(csv_next(reader, &row), CSV_ROW);
    ck_assert_uint_eq(csv_field(&row, "b").length, CSV_FIELD_LIMIT);
    expect(3, "b", "good");
    shut();
    text = long_text("a,b\n1,", 3 * CSV_ROW_LIMIT, "\n2,good\n");
    ck_assert(open_text(text));
    free(text);
    expect_bad(2, "too long");
    expect(3, "b", "good");
    expect_end();
}
END_TEST

START_TEST(a_row_of_too_many_columns_is_reported)
{
    char *text = long_text("a,b\n1,", 2 * CSV_COLUMN_LIMIT, "\n2,good\n");
    for (char *x = strchr(text, 'x'); x != NULL; x = strchr(x, 'x'))
        *x = ',';
    ck_assert(open_text(text));
    free(text);
    expect_bad(2, "columns, the header 2");
    expect(3, "b", "good");
}
END_TEST

static void expect_refused(const char *text, size_t length, const char *part)
{
    ck_assert(!open_octets(text, length));
    ck_assert_msg(strstr(why, part) != NULL, "%s", why);
    shut();
}

START_TEST(a_header_must_name_every_column_once)
{
    expect_refused("", 0, "empty");
    expect_refused("\xef\xbb\xbf", 3, "empty");
    expect_refused("\n\n", 2, "empty");
    expect_refused("a,,b\n1,2,3\n", 11, "column 2");
    expect_refused("a, \n1,2\n", 8, "column 2");
    expect_refused("phone,name,Phone\n", 17, "\"Phone\" twice");
    expect_refused("a,\"b\n1,2\n", 9, "line 1, the header");
    expect_refused("\xff\xfe\x61\0", 4, "UTF-16");
}
END_TEST

START_TEST(a_nul_is_an_octet_like_others)
{
    ck_assert(open_octets("a,b\nx\0y,2\n", 10));
    ck_assert_int_eq(csv_next(reader, &row), CSV_ROW);
    ck_assert(octets_equal(csv_field(&row, "a"), octets_of("x\0y", 3)));
    expect_end();
}
END_TEST

static bool begins_with_digit(struct octets value)
{
    return value.length > 0 && value.at[0] >= '0' && value.at[0] <= '9';
}

static bool open_list(const char *text)
{
    static const char *const names[] = {"phone", "date"};
    static const struct csv_plain plain = {names, 2, begins_with_digit};
    file = fmemopen(NULL, strlen(text) + 1, "w+");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    rewind(file);
    reader = csv_open_plain(file, &plain, why);
    return reader != NULL;
}

START_TEST(a_list_needs_no_header_where_its_first_line_is_a_row)
{
    ck_assert(open_list("\xef\xbb\xbf" "4155550123\r\n\r\n\"4155550124\"\n4155550125,x\n4155550126"));
    expect(1, "phone", "4155550123");
    expect(3, "phone", "4155550124");
    expect_bad(4, "it has 2 columns");
    expect(5, "phone", "4155550126");
    expect_end();
    shut();
    ck_assert(open_list("\n4155550123,2026-11-03\n"));
    expect(2, "date", "2026-11-03");
    expect_end();
    shut();
    ck_assert(open_list("number,on\n4155550123,2026-11-03\n"));
    expect(2, "on", "2026-11-03");
    shut();
    ck_assert(!open_list("1,2,3\n"));
}
END_TEST

START_TEST(a_file_that_cannot_be_read_says_so)
{
    file = fopen("/", "r");
    ck_assert_ptr_nonnull(file);
    reader = csv_open(file, why);
    ck_assert_ptr_null(reader);
    ck_assert_msg(strstr(why, "can't be read") != NULL, "%s", why);
}
END_TEST

/* web/csv.js is held to the same. */
START_TEST(no_field_that_is_written_runs_in_a_spreadsheet)
{
    json_t *cells = json_load_file("tests/vectors/csv-cells.json", 0, NULL), *cell;
    size_t i;
    ck_assert_uint_gt(json_array_size(cells), 40);
    json_array_foreach(cells, i, cell) {
        char written[200] = "";
        const char *text = json_string_value(json_array_get(cell, 0));
        FILE *out = fmemopen(written, sizeof written, "w");
        ck_assert_ptr_nonnull(out);
        csv_put_field(out, text);
        fclose(out);
        ck_assert_msg(strcmp(written, json_string_value(json_array_get(cell, 1))) == 0, "%s: %s", text, written);
    }
    json_decref(cells);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *all = tcase_create("csv");
    tcase_add_checked_fixture(all, NULL, shut);
    tcase_add_test(all, fields_are_found_by_name_in_any_case);
    tcase_add_test(all, quotes_hold_commas_quotes_and_line_ends);
    tcase_add_test(all, any_line_end_will_do_and_the_last_may_be_missing);
    tcase_add_test(all, a_byte_order_mark_is_no_part_of_the_first_name);
    tcase_add_test(all, blanks_around_a_value_stay);
    tcase_add_test(all, a_row_of_another_width_is_reported_and_the_rest_goes_on);
    tcase_add_test(all, a_quote_that_never_closes_costs_its_own_line_only);
    tcase_add_test(all, a_quote_where_none_may_stand_costs_its_own_line_only);
    tcase_add_test(all, a_value_or_row_past_its_limit_costs_its_own_line_only);
    tcase_add_test(all, a_row_of_too_many_columns_is_reported);
    tcase_add_test(all, a_header_must_name_every_column_once);
    tcase_add_test(all, a_nul_is_an_octet_like_others);
    tcase_add_test(all, a_list_needs_no_header_where_its_first_line_is_a_row);
    tcase_add_test(all, a_file_that_cannot_be_read_says_so);
    tcase_add_test(all, no_field_that_is_written_runs_in_a_spreadsheet);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
