/* What clients of other gateways say: pairs as octets, whatever they hold; and texts in the encodings that they name. */
#include <check.h>
#include <stdlib.h>

#include "base/charset.h"
#include "base/region.h"
#include "src/doors/http_form.h"

static struct region *region;
static struct form form;

static void begin(void)
{
    region = region_new();
    form.count = 0;
}

static void end(void)
{
    region_free(region);
}

static void read_text(const char *text)
{
    form.count = 0;
    form_read(&form, octets_text(text), region);
}

static void is_value(const char *name, const void *wanted, size_t length)
{
    const struct octets *value = form_find(&form, name);
    ck_assert_msg(value != NULL, "no %s", name);
    ck_assert_msg(octets_equal(*value, octets_of(wanted, length)), "\"%.*s\"", (int)value->length, (const char *)value->at);
}

START_TEST(pairs_are_decoded_to_octets)
{
    read_text("a=1&b=x+y%20z&c=%00%fF&d&e=&=f&&g=a%3Db=c");
    is_value("a", "1", 1);
    is_value("b", "x y z", 5);
    is_value("c", "\0\xff", 2);
    is_value("d", "", 0);
    is_value("e", "", 0);
    is_value("", "f", 1);
    is_value("g", "a=b=c", 5);
    ck_assert_uint_eq(form.count, 7);
    ck_assert_ptr_null(form_find(&form, "h"));
}
END_TEST

START_TEST(a_percent_without_digits_is_itself)
{
    read_text("a=100%&b=%4&c=%zz&d=%");
    is_value("a", "100%", 4);
    is_value("b", "%4", 2);
    is_value("c", "%zz", 3);
    is_value("d", "%", 1);
}
END_TEST

START_TEST(the_first_of_a_name_counts_and_too_many_are_not_read)
{
    read_text("a=1&a=2");
    is_value("a", "1", 1);
    form.count = 0;
    for (int i = 0; i < FORM_MOST + 50; i++)
        form_read(&form, octets_text("x=1"), region);
    ck_assert_uint_eq(form.count, FORM_MOST);
    form_add(&form, "y", octets_text("2"));
    ck_assert_ptr_null(form_find(&form, "y"));
}
END_TEST

START_TEST(a_text_holds_no_nul_and_is_utf8)
{
    read_text("a=%C3%B6&b=%00&c=%ff&d=");
    ck_assert_str_eq(form_text(&form, "a", region), "ö");
    ck_assert_ptr_null(form_text(&form, "b", region));
    ck_assert_ptr_null(form_text(&form, "c", region));
    ck_assert_str_eq(form_text(&form, "d", region), "");
    ck_assert_str_eq(form_text(&form, "e", region), "");
}
END_TEST

START_TEST(a_whole_number_keeps_its_bounds)
{
    long value = 0;
    read_text("a=5&b=-1&c=x&d=&e=5x&f=99999999999999999999&g=+7&h=%00");
    ck_assert(form_whole(&form, "a", 0, 5, -1, &value) && value == 5);
    ck_assert(!form_whole(&form, "a", 0, 4, -1, &value));
    ck_assert(!form_whole(&form, "b", 0, 4, 0, &value));
    ck_assert(form_whole(&form, "b", -1, 4, 0, &value) && value == -1);
    ck_assert(!form_whole(&form, "c", 0, 4, 0, &value));
    ck_assert(form_whole(&form, "d", 0, 4, 3, &value) && value == 3);
    ck_assert(form_whole(&form, "none", 0, 4, 3, &value) && value == 3);
    ck_assert(!form_whole(&form, "e", 0, 9, 0, &value));
    ck_assert(!form_whole(&form, "f", 0, 9, 0, &value));
    ck_assert(form_whole(&form, "g", 0, 9, 0, &value) && value == 7);
    ck_assert(!form_whole(&form, "h", 0, 9, 0, &value));
}
END_TEST

static void reads(const char *name, const void *octets, size_t length, const char *wanted)
{
    struct octets utf8;
    ck_assert_int_eq(charset_read(octets_text(name), octets_of(octets, length), region, &utf8), CHARSET_OK);
    ck_assert_msg(octets_equal(utf8, octets_text(wanted)), "%s: \"%.*s\"", name, (int)utf8.length, (const char *)utf8.at);
}

static enum charset_result outcome(const char *name, const char *octets)
{
    struct octets utf8;
    return charset_read(octets_text(name), octets_text(octets), region, &utf8);
}

START_TEST(texts_are_read_in_the_encoding_that_is_named)
{
    reads("UTF-8", "h\xc3\xb6", 3, "hö");
    reads("iso-8859-1", "\xf6", 1, "ö");
    reads("ISO_8859-15", "\xa4", 1, "€");
    reads("latin1", "\xf6", 1, "ö");
    reads("Windows-1252", "\x80", 1, "€");
    reads("cp1251", "\xcf", 1, "П");
    reads("UTF-16BE", "\0h\x01\x7b", 4, "hŻ");
    reads("UTF-16LE", "h\0", 2, "h");
    reads("utf-16be", "\xd8\x3d\xde\x00", 4, "😀");
    reads("utf-8", "", 0, "");
    reads("utf-8", "\xef\xbb\xbfh", 4, "h");
    reads("utf-16", "\xfe\xff\0h", 4, "h");
}
END_TEST

START_TEST(what_is_no_text_in_it_or_no_encoding_is_told)
{
    ck_assert_int_eq(outcome("utf-8", "\xff"), CHARSET_BROKEN);
    ck_assert_int_eq(outcome("utf-8", "a\xc3"), CHARSET_BROKEN);
    ck_assert_int_eq(outcome("utf-16be", "abc"), CHARSET_BROKEN);
    ck_assert_int_eq(outcome("us-ascii", "\xf6"), CHARSET_BROKEN);
    ck_assert_int_eq(outcome("", "a"), CHARSET_UNKNOWN);
    ck_assert_int_eq(outcome("ISO-2022-KR", "a"), CHARSET_UNKNOWN);
    ck_assert_int_eq(outcome("UTF-8//TRANSLIT", "a"), CHARSET_UNKNOWN);
    ck_assert_int_eq(outcome("../../../../tmp/x", "a"), CHARSET_UNKNOWN);
    ck_assert_int_eq(outcome("a-name-that-is-much-too-long-to-be-one", "a"), CHARSET_UNKNOWN);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("form");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, pairs_are_decoded_to_octets);
    tcase_add_test(all, a_percent_without_digits_is_itself);
    tcase_add_test(all, the_first_of_a_name_counts_and_too_many_are_not_read);
    tcase_add_test(all, a_text_holds_no_nul_and_is_utf8);
    tcase_add_test(all, a_whole_number_keeps_its_bounds);
    tcase_add_test(all, texts_are_read_in_the_encoding_that_is_named);
    tcase_add_test(all, what_is_no_text_in_it_or_no_encoding_is_told);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
