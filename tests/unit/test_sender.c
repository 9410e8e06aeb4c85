/* Senders: one canonical text an address, its kind, and how SMPP wants it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "consent/sender.h"

static const struct {
    const char *text, *canonical; /* "": refused */
    enum sender_kind kind;
    uint8_t ton, npi;
    const char *address;
} forms[] = {
    {"+12065550100", "+12065550100", SENDER_10DLC, 1, 1, "12065550100"},
    {"12065550100", "+12065550100", SENDER_10DLC, 1, 1, "12065550100"},
    {" (206) 555-0100 ", "+12065550100", SENDER_10DLC, 1, 1, "12065550100"},
    {"+1 833 555 0100", "+18335550100", SENDER_TOLL_FREE, 1, 1, "18335550100"},
    {"78787", "78787", SENDER_SHORT_CODE, 3, 0, "78787"},
    {" 787 ", "787", SENDER_SHORT_CODE, 3, 0, "787"},
    {"12345678", "12345678", SENDER_SHORT_CODE, 3, 0, "12345678"},
    {"MarketLead", "MarketLead", SENDER_ALPHANUMERIC, 5, 0, "MarketLead"},
    {"Bob & Co 24", "Bob & Co 24", SENDER_ALPHANUMERIC, 5, 0, "Bob & Co 24"},
    {"12", "", 0, 0, 0, ""},
    {"123456789", "", 0, 0, 0, ""},
    {"206555O100", "", 0, 0, 0, ""},
    {"+1206555x", "", 0, 0, 0, ""},
    {"TwelveLetter", "", 0, 0, 0, ""},
    {"a@b", "", 0, 0, 0, ""},
    {"{brand}", "", 0, 0, 0, ""},
    {"Café", "", 0, 0, 0, ""},
    {"#-#", "", 0, 0, 0, ""},
    {"   ", "", 0, 0, 0, ""},
    {"", "", 0, 0, 0, ""},
};
#define FORMS (sizeof forms / sizeof *forms)

START_TEST(every_way_to_write_a_sender_gives_one_text_or_none)
{
    for (size_t i = 0; i < FORMS; i++) {
        char out[SENDER_TEXT_SIZE];
        bool good = sender_read(octets_text(forms[i].text), "US", out);
        ck_assert_msg(good == (*forms[i].canonical != '\0'), "\"%s\": %s", forms[i].text, out);
        ck_assert_str_eq(out, forms[i].canonical);
    }
}
END_TEST

START_TEST(the_address_shows_the_kind_and_the_type_of_number)
{
    for (size_t i = 0; i < FORMS; i++) {
        if (*forms[i].canonical == '\0')
            continue;
        uint8_t ton, npi;
        char address[SENDER_TEXT_SIZE];
        ck_assert_int_eq(sender_kind_of(forms[i].canonical), forms[i].kind);
        sender_to_smpp(forms[i].canonical, &ton, &npi, address);
        ck_assert_int_eq(ton, forms[i].ton);
        ck_assert_int_eq(npi, forms[i].npi);
        ck_assert_str_eq(address, forms[i].address);
    }
}
END_TEST

START_TEST(what_a_carrier_writes_as_destination_is_the_same_sender)
{
    char out[SENDER_TEXT_SIZE];
    ck_assert(sender_of_smpp(1, octets_text("12065550100"), "US", out));
    ck_assert_str_eq(out, "+12065550100");
    ck_assert(sender_of_smpp(2, octets_text("2065550100"), "US", out));
    ck_assert_str_eq(out, "+12065550100");
    ck_assert(sender_of_smpp(2, octets_text("78787"), "US", out));
    ck_assert_str_eq(out, "78787");
    ck_assert(sender_of_smpp(5, octets_text("MarketLead"), "US", out));
    ck_assert_str_eq(out, "MarketLead");
    ck_assert(!sender_of_smpp(1, octets_text(""), "US", out));
    ck_assert(!sender_of_smpp(1, octets_of("MOB\0ILE", 7), "US", out));
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(kinds_have_the_names_of_the_config)
{
    enum sender_kind kind;
    ck_assert_str_eq(sender_kind_name(SENDER_10DLC), "10dlc");
    ck_assert(sender_kind_find("toll_free", &kind));
    ck_assert_int_eq(kind, SENDER_TOLL_FREE);
    ck_assert(sender_kind_find("short_code", &kind));
    ck_assert_int_eq(kind, SENDER_SHORT_CODE);
    ck_assert(sender_kind_find("alphanumeric", &kind));
    ck_assert_int_eq(kind, SENDER_ALPHANUMERIC);
    ck_assert(!sender_kind_find("fax", &kind));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sender");
    TCase *all = tcase_create("sender");
    tcase_add_test(all, every_way_to_write_a_sender_gives_one_text_or_none);
    tcase_add_test(all, the_address_shows_the_kind_and_the_type_of_number);
    tcase_add_test(all, what_a_carrier_writes_as_destination_is_the_same_sender);
    tcase_add_test(all, kinds_have_the_names_of_the_config);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
