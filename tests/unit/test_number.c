/* Phone numbers: what is read, what is refused, and whose country a number is. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "consent/number.h"

struct reading {
    const char *text, *country;
    uint64_t number; /* 0: refused, for this fault */
    enum number_fault fault;
};

static void readings_check(const struct reading *readings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number = 1;
        enum number_fault fault =
            number_read(octets_text(readings[i].text), readings[i].country, &number);
        ck_assert_msg(number == readings[i].number && fault == readings[i].fault,
                      "\"%s\" in %s: %llu, %s", readings[i].text,
                      readings[i].country == NULL ? "no country" : readings[i].country,
                      (unsigned long long)number, number_fault_text(fault));
    }
}

#define CHECK(readings) readings_check(readings, sizeof(readings) / sizeof *(readings))

START_TEST(what_people_type_for_american_numbers_is_read)
{
    static const struct reading readings[] = {
        {"(415) 555-0123", "US", 14155550123, NUMBER_OK},
        {"415.555.0123", "US", 14155550123, NUMBER_OK},
        {"415/555-0123", "CA", 14155550123, NUMBER_OK},
        {"4155550123", "US", 14155550123, NUMBER_OK},
        {"1-415-555-0123", "US", 14155550123, NUMBER_OK},
        {"1 312 555 0127", "US", 13125550127, NUMBER_OK},
        {"+1 415 555 0123", "US", 14155550123, NUMBER_OK},
        {"(+1) 415 555 0123", "US", 14155550123, NUMBER_OK},
        {"tel:+1-415-555-0123", "US", 14155550123, NUMBER_OK},
        {"TEL:4155550123", "US", 14155550123, NUMBER_OK},
        {" +1 (702) 555-0147 ", "US", 17025550147, NUMBER_OK},
        {"\t514\u00a0555\u20110169\r\n", "US", 15145550169, NUMBER_OK},
        {"\u202a+1 415\u2013555\u20130123\u202c", "US", 14155550123, NUMBER_OK},
        {"\uff0b\uff11\u3000415 555 0123", "US", 14155550123, NUMBER_OK},
        {"+14155550123", NULL, 14155550123, NUMBER_OK},
        {"14155550123", NULL, 14155550123, NUMBER_OK},
        {"14155550123", "", 14155550123, NUMBER_OK},
        {"1-800-555-0199", "US", 18005550199, NUMBER_OK},
    };
    CHECK(readings);
}
END_TEST

START_TEST(what_is_no_american_number_is_refused_with_its_reason)
{
    static const struct reading readings[] = {
        {"", "US", 0, NUMBER_EMPTY},
        {" - ", "US", 0, NUMBER_EMPTY},
        {"+", "US", 0, NUMBER_EMPTY},
        {"206 555 0100 x12", "US", 0, NUMBER_EXTENSION},
        {"206 555 0100 ext. 12", "US", 0, NUMBER_EXTENSION},
        {"206 555 0100#12", "US", 0, NUMBER_EXTENSION},
        {"tel:+1-206-555-0100;ext=12", "US", 0, NUMBER_EXTENSION},
        {"206.555.0100 12", "US", 0, NUMBER_TOO_LONG},
        {"call me", "US", 0, NUMBER_LETTERS},
        {"n/a", "US", 0, NUMBER_LETTERS},
        {"206555010O", "US", 0, NUMBER_LETTERS},
        {"1-800-FLOWERS", "US", 0, NUMBER_LETTERS},
        {"\u0430155550123", "US", 0, NUMBER_LETTERS},
        {"*67 415 555 0123", "US", 0, NUMBER_CHARACTERS},
        {"415 555 0123+", "US", 0, NUMBER_CHARACTERS},
        {"++14155550123", "US", 0, NUMBER_CHARACTERS},
        {"415\xff"
         "5550123",
         "US", 0, NUMBER_CHARACTERS},
        {"555-0123", "US", 0, NUMBER_NO_AREA_CODE},
        {"(206) 555-01", "US", 0, NUMBER_TOO_SHORT},
        {"415555012", "US", 0, NUMBER_TOO_SHORT},
        {"20655501001", "US", 0, NUMBER_TOO_LONG},
        {"+1415555012", "US", 0, NUMBER_TOO_SHORT},
        {"+141555501234", "US", 0, NUMBER_TOO_LONG},
        {"+1234567890123456789012345678", "US", 0, NUMBER_TOO_LONG},
        {"0000000000", "US", 0, NUMBER_AREA_CODE},
        {"115-555-0123", "US", 0, NUMBER_AREA_CODE},
        {"911-555-0123", "US", 0, NUMBER_AREA_CODE},
        {"+1 290 555 0123", "US", 0, NUMBER_AREA_CODE},
        {"415-155-0123", "US", 0, NUMBER_EXCHANGE},
        {"415-055-0123", "US", 0, NUMBER_EXCHANGE},
        {"415-911-0123", "US", 0, NUMBER_EXCHANGE},
        {"001 415 555 0123", "US", 0, NUMBER_TOO_LONG},
        {"442079460958", "US", 0, NUMBER_TOO_LONG},
        {"4155550123", NULL, 0, NUMBER_NO_COUNTRY},
        {"(415) 555-0123", "", 0, NUMBER_NO_COUNTRY},
        {"4155550123", "JM", 0, NUMBER_NOT_NATIONAL},
    };
    CHECK(readings);
}
END_TEST

START_TEST(a_number_elsewhere_is_read_in_full_and_only_if_its_country_exists)
{
    static const struct reading readings[] = {
        {"+44 20 7946 0958", "US", 442079460958, NUMBER_OK},
        {"011 44 20 7946 0958", "US", 442079460958, NUMBER_OK},
        {"442079460958", NULL, 442079460958, NUMBER_OK},
        {"+49 1512 3456789", "US", 4915123456789, NUMBER_OK},
        {"+45 20 12 34 56", NULL, 4520123456, NUMBER_OK},
        {"+44", "US", 0, NUMBER_TOO_SHORT},
        {"+4", "US", 0, NUMBER_TOO_SHORT},
        {"+44 (0)20 7946 0958", "US", 0, NUMBER_TRUNK},
        {"+0 415 555 0123", "US", 0, NUMBER_UNKNOWN_COUNTRY},
        {"+210 123 4567", "US", 0, NUMBER_UNKNOWN_COUNTRY},
        {"+999 123 4567", "US", 0, NUMBER_UNKNOWN_COUNTRY},
        {"+870 772 001 234", "US", 0, NUMBER_UNKNOWN_COUNTRY},
    };
    CHECK(readings);
}
END_TEST

START_TEST(a_national_number_elsewhere_goes_by_the_rules_of_the_default_country)
{
    static const struct reading readings[] = {
        {"020 7946 0958", "GB", 442079460958, NUMBER_OK},
        {"07700 900123", "GB", 447700900123, NUMBER_OK},
        {"447700900123", "GB", 447700900123, NUMBER_OK},
        {"00 1 415 555 0123", "GB", 14155550123, NUMBER_OK},
        {"7700 900123", "GB", 0, NUMBER_NOT_NATIONAL},
        {"612 34 56 78", "ES", 34612345678, NUMBER_OK},
        {"0612 34 56 78", "ES", 0, NUMBER_TRUNK},
        {"06 12 34 56 78", "FR", 33612345678, NUMBER_OK},
        {"0011 1 415 555 0123", "AU", 14155550123, NUMBER_OK},
        {"0412 345 678", "AU", 61412345678, NUMBER_OK},
        {"312 345 6789", "IT", 0, NUMBER_NOT_NATIONAL},
    };
    CHECK(readings);
}
END_TEST

START_TEST(a_number_is_written_with_its_plus)
{
    char text[NUMBER_TEXT_SIZE];
    number_write(14155550123, text);
    ck_assert_str_eq(text, "+14155550123");
    number_write(UINT64_C(999999999999999), text);
    ck_assert_str_eq(text, "+999999999999999");
}
END_TEST

START_TEST(a_number_knows_its_country_and_what_has_none_belongs_to_none)
{
    static const struct {
        uint64_t number;
        const char *country;
    } cases[] = {
        {14155550123, "US"},  {12125550123, "US"},
        {16045550123, "CA"},  {14165550123, "CA"},
        {19425550123, "CA"},  {12575550123, "CA"},
        {18675550123, "CA"},  {17875550123, "US"},
        {13405550123, "US"},  {16715550123, "US"},
        {18765550123, "JM"},  {16585550123, "JM"},
        {18095550123, "DO"},  {12425550123, "BS"},
        {14415550123, "BM"},  {18005550123, ""},
        {18335550123, ""},    {19005550123, ""},
        {15005550123, ""},    {442079460958, "GB"},
        {77011234567, "KZ"},  {79161234567, "RU"},
        {36301234567, "HU"},  {3581234567, "FI"},
        {526641234567, "MX"}, {0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(strcmp(number_country(cases[i].number), cases[i].country) == 0, "%llu: %s",
                      (unsigned long long)cases[i].number, number_country(cases[i].number));
}
END_TEST

START_TEST(a_toll_free_number_is_known_as_one)
{
    ck_assert(number_is_toll_free(18005550123));
    ck_assert(number_is_toll_free(18885550123));
    ck_assert(!number_is_toll_free(18085550123));
    ck_assert(!number_is_toll_free(8005550123));
    ck_assert(!number_is_toll_free(448005550123));
}
END_TEST

START_TEST(an_smpp_address_is_one_number_whatever_its_type_says)
{
    static const struct {
        const char *digits, *country;
        uint64_t number;
        enum number_fault fault;
        uint8_t ton;
    } cases[] = {
        {"14155550123", "US", 14155550123, NUMBER_OK, 1},
        {"+14155550123", "US", 14155550123, NUMBER_OK, 1},
        {"+14155550123", "US", 14155550123, NUMBER_OK, 2},
        {"0014155550123", "US", 14155550123, NUMBER_OK, 1},
        {"4155550123", "US", 14155550123, NUMBER_OK, 2},
        {"4155550123", "US", 14155550123, NUMBER_OK, 0},
        {"4155550123", "US", 14155550123, NUMBER_OK, 1}, /* no Swiss number is that short */
        {"14155550123", "US", 14155550123, NUMBER_OK, 2},
        {"14155550123", NULL, 14155550123, NUMBER_OK, 0},
        {"447700900123", "US", 447700900123, NUMBER_OK, 2},
        {"447700900123", "US", 447700900123, NUMBER_OK, 1},
        {"4792345678", "US", 0, NUMBER_UNCLEAR, 1}, /* Arkansas or Norway */
        {"4792345678", "US", 14792345678, NUMBER_OK, 2},
        {"07700900123", "GB", 447700900123, NUMBER_OK, 2},
        {"4155550123", NULL, 0, NUMBER_NO_COUNTRY, 2},
        {"5550123", "US", 0, NUMBER_NO_AREA_CODE, 2},
        {"78787", "US", 0, NUMBER_TOO_SHORT, 3},
        {"MarketLead", "US", 0, NUMBER_LETTERS, 5},
        {"1415 5550123", "US", 0, NUMBER_CHARACTERS, 1},
        {"", "US", 0, NUMBER_EMPTY, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t number = 1;
        enum number_fault fault =
            number_of_smpp(cases[i].ton, octets_text(cases[i].digits), cases[i].country, &number);
        ck_assert_msg(number == cases[i].number && fault == cases[i].fault,
                      "%s with TON %d: %llu, %s", cases[i].digits, cases[i].ton,
                      (unsigned long long)number, number_fault_text(fault));
    }
}
END_TEST

START_TEST(every_fault_has_a_sentence)
{
    for (int fault = 0; fault < NUMBER_FAULTS; fault++)
        ck_assert_ptr_nonnull(number_fault_text((enum number_fault)fault));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *all = tcase_create("number");
    tcase_add_test(all, what_people_type_for_american_numbers_is_read);
    tcase_add_test(all, what_is_no_american_number_is_refused_with_its_reason);
    tcase_add_test(all, a_number_elsewhere_is_read_in_full_and_only_if_its_country_exists);
    tcase_add_test(all, a_national_number_elsewhere_goes_by_the_rules_of_the_default_country);
    tcase_add_test(all, a_number_is_written_with_its_plus);
    tcase_add_test(all, a_number_knows_its_country_and_what_has_none_belongs_to_none);
    tcase_add_test(all, a_toll_free_number_is_known_as_one);
    tcase_add_test(all, an_smpp_address_is_one_number_whatever_its_type_says);
    tcase_add_test(all, every_fault_has_a_sentence);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
