/* CSV that comes in pieces: the same rows wherever it was cut. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/csv_cut.h"
#include "base/must.h"

static struct csv_cutter *cutter;

static void begin(void)
{
    cutter = csv_cutter_open();
}

static void end(void)
{
    csv_cutter_close(cutter);
    cutter = NULL;
}

static void write_row(FILE *out)
{
    for (size_t i = 0; i < csv_cut_count(cutter); i++) {
        struct octets value = csv_cut_value(cutter, i);
        fprintf(out, "%s[%.*s]", i == 0 ? "" : " ", (int)value.length, (const char *)value.at);
    }
    fputc('\n', out);
}

/* Takes what is whole of the text, and gives how many octets that is. */
static size_t take(FILE *out, struct octets text, bool is_last)
{
    size_t taken = 0;
    for (;;) {
        size_t used;
        enum csv_cut cut =
            csv_cut(cutter, octets_of(text.at + taken, text.length - taken), is_last, &used);
        taken += used;
        ck_assert_uint_le(taken, text.length);
        if (cut == CSV_CUT_ROW)
            write_row(out);
        else if (cut == CSV_CUT_BAD)
            fputs("bad\n", out);
        else
            return taken;
    }
}

/* In pieces that end at `first` and then every `step` octets, each beginning where the one before was taken to. */
static char *rows_in_pieces(struct octets text, size_t first, size_t step)
{
    char *rows;
    size_t size, taken = 0;
    FILE *out = open_memstream(&rows, &size);
    must(out != NULL);
    for (size_t to = first; taken < text.length; to += step) {
        bool is_last = to >= text.length;
        size_t length = (is_last ? text.length : to) - taken;
        taken += take(out, octets_of(text.at + taken, length), is_last);
        if (is_last)
            break;
    }
    must(fclose(out) == 0);
    return rows;
}

static void expect(const char *text, const char *rows)
{
    size_t length = strlen(text);
    for (size_t first = 1; first <= length; first++)
        for (size_t step = 1; step <= 7; step += 3) {
            char *got = rows_in_pieces(octets_of(text, length), first, step);
            ck_assert_msg(strcmp(got, rows) == 0, "cut at %zu, %zu:\n%s", first, step, got);
            free(got);
        }
}

START_TEST(rows_are_the_same_wherever_the_text_was_cut)
{
    expect("phone,name\n1,Ann\n2,Bob\n", "[phone] [name]\n[1] [Ann]\n[2] [Bob]\n");
    expect("1,\"a, \"\"b\"\"\nc\"\r\n2,x\r3,\n\n4", "[1] [a, \"b\"\nc]\n[2] [x]\n[3] []\n[4]\n");
    expect("\r\n\n1\r\n\r\n", "[1]\n");
}
END_TEST

START_TEST(a_broken_row_costs_its_own_line_wherever_the_text_was_cut)
{
    expect("1,\"a\"b\n2,c\n", "bad\n[2] [c]\n");
    expect("1,a\"b\r\n2,c", "bad\n[2] [c]\n");
    expect("1,\"never closed\n2,c\n3,d\n", "bad\n[2] [c]\n[3] [d]\n");
}
END_TEST

START_TEST(a_row_past_its_limit_costs_its_own_line)
{
    size_t used, length = CSV_ROW_LIMIT + 100;
    char *text = mem_new(length + 1);
    memset(text, 'a', length);
    memcpy(text + CSV_FIELD_LIMIT + 10, "\n1,b\n", 5);
    ck_assert_int_eq(csv_cut(cutter, octets_of(text, length), false, &used), CSV_CUT_BAD);
    ck_assert_uint_eq(used, CSV_FIELD_LIMIT + 11);
    ck_assert_int_eq(csv_cut(cutter, octets_of(text + used, length - used), false, &used), CSV_CUT_ROW);
    text[0] = '"'; /* which opens a value that has no end */
    ck_assert_int_eq(csv_cut(cutter, octets_of(text, CSV_ROW_LIMIT - 1), false, &used), CSV_CUT_MORE);
    ck_assert_int_eq(csv_cut(cutter, octets_of(text, length), false, &used), CSV_CUT_BAD);
    ck_assert_uint_eq(used, CSV_FIELD_LIMIT + 11);
    free(text);
}
END_TEST

/* An end is looked for in steps: wherever it stands in one, it is found, and both its octets belong together. */
START_TEST(a_line_of_any_length_ends_where_it_ends)
{
    static const char *const ends[] = {"\n", "\r", "\r\n"};
    char text[3000];
    for (size_t length = 1; length < 2100; length += 7)
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            size_t used;
            memset(text, 'a', length);
            int more = snprintf(text + length, sizeof text - length, "%sb,c%s", ends[i], ends[i]);
            ck_assert_int_eq(csv_cut(cutter, octets_of(text, length + (size_t)more), true, &used), CSV_CUT_ROW);
            ck_assert_uint_eq(csv_cut_count(cutter), 1);
            ck_assert_uint_eq(used, length + strlen(ends[i]));
        }
}
END_TEST

START_TEST(a_row_of_too_many_columns_is_bad)
{
    size_t used;
    char text[CSV_COLUMN_LIMIT + 3];
    memset(text, ',', sizeof text);
    text[CSV_COLUMN_LIMIT] = '\n';
    ck_assert_int_eq(csv_cut(cutter, octets_of(text, CSV_COLUMN_LIMIT + 1), true, &used), CSV_CUT_BAD);
    text[CSV_COLUMN_LIMIT - 1] = '\n';
    ck_assert_int_eq(csv_cut(cutter, octets_of(text, CSV_COLUMN_LIMIT), true, &used), CSV_CUT_ROW);
    ck_assert_uint_eq(csv_cut_count(cutter), CSV_COLUMN_LIMIT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv_cut");
    TCase *all = tcase_create("csv_cut");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, rows_are_the_same_wherever_the_text_was_cut);
    tcase_add_test(all, a_broken_row_costs_its_own_line_wherever_the_text_was_cut);
    tcase_add_test(all, a_row_past_its_limit_costs_its_own_line);
    tcase_add_test(all, a_line_of_any_length_ends_where_it_ends);
    tcase_add_test(all, a_row_of_too_many_columns_is_bad);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
