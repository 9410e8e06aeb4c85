/* What a message carries that is no text: base64, the line that keeps it, WAP pushes. Octets of pushes are written by hand
 * from WAP-167 and WAP-192; the example of WAP-167 is among them. */
#include <check.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/region.h"
#include "smpp/cargo.h"
#include "smpp/wap_push.h"

#define RAW(text) octets_of(text, sizeof(text) - 1)

static struct region *region;

static void region_begin(void)
{
    region = region_new();
}

static void region_end(void)
{
    region_free(region);
}

/* ---- base64 ---- */

START_TEST(base64_is_that_of_the_rfc)
{
    static const char *const texts[][2] = {{"", ""},         {"f", "Zg=="},     {"fo", "Zm8="},
                                           {"foo", "Zm9v"},  {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "//79"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[BASE64_SIZE(6)];
        uint8_t octets[6];
        size_t length;
        base64_write(octets_text(texts[i][0]), text);
        ck_assert_str_eq(text, texts[i][1]);
        ck_assert(base64_read(octets_text(text), octets, &length));
        ck_assert(octets_equal(octets_of(octets, length), octets_text(texts[i][0])));
    }
}
END_TEST

START_TEST(base64_has_one_text_for_the_same_octets)
{
    static const char *const texts[] = {"Zg",   "Zg=",   "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====",
                                        "Zm9v\n", "Zm 9v", "Zm-v", "Zm_v", "=m9v", "Zm9v="};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint8_t octets[12];
        size_t length;
        ck_assert_msg(!base64_read(octets_text(texts[i]), octets, &length), "%s", texts[i]);
    }
}
END_TEST

/* ---- the line ---- */

START_TEST(a_text_and_nothing_more_has_an_empty_line)
{
    struct cargo cargo = {0};
    ck_assert_str_eq(cargo_write(&cargo, region), "");
    ck_assert(cargo_read("", region, &cargo));
    ck_assert(cargo_read(NULL, region, &cargo));
    ck_assert(!cargo.has_data && !cargo.has_coding && cargo.header.length == 0);
}
END_TEST

START_TEST(what_was_written_is_read_again)
{
    static const struct cargo_tlv tlvs[] = {{"template_id", "1207"}, {"entity_id", "12 \"01"}};
    const struct cargo cargo = {.has_data = true,
                                .data = RAW("\0\xff"),
                                .header = RAW("\6\5\4\x0b\x84\x23\xf0"),
                                .has_coding = true,
                                .data_coding = 0xF5,
                                .tlvs = tlvs,
                                .tlv_count = 2,
                                .wap_url = "https://a/",
                                .wap_title = "Zo\u00eb"};
    const char *line = "{\"data\":\"AP8=\",\"data_coding\":245,\"tlvs\":{\"entity_id\":\"12 \\\"01\",\"template_id\":"
                       "\"1207\"},\"udh\":\"0605040b8423f0\",\"wap_push\":{\"title\":\"Zo\u00eb\",\"url\":\"https://a/\"}}";
    struct cargo again;
    ck_assert_str_eq(cargo_write(&cargo, region), line);
    ck_assert(cargo_read(line, region, &again));
    ck_assert(again.has_data && octets_equal(again.data, cargo.data));
    ck_assert(octets_equal(again.header, cargo.header));
    ck_assert_int_eq(again.data_coding, 0xF5);
    ck_assert_uint_eq(again.tlv_count, 2);
    ck_assert_str_eq(cargo_tlv_find(&again, "entity_id"), "12 \"01");
    ck_assert_ptr_null(cargo_tlv_find(&again, "entity"));
    ck_assert_str_eq(again.wap_title, "Zo\u00eb");
    ck_assert_str_eq(cargo_write(&again, region), line);
}
END_TEST

START_TEST(no_data_is_not_the_same_as_empty_data)
{
    struct cargo cargo = {.has_data = true, .header = RAW("\4\1\2\x80\1")}, again;
    const char *line = cargo_write(&cargo, region);
    ck_assert_str_eq(line, "{\"data\":\"\",\"udh\":\"0401028001\"}");
    ck_assert(cargo_read(line, region, &again));
    ck_assert(again.has_data && again.data.length == 0);
}
END_TEST

START_TEST(a_line_that_is_none_is_not_read)
{
    static const char *const lines[] = {"{", "[]", "1", "{\"data\":1}", "{\"data\":\"A\"}", "{\"udh\":\"0\"}",
                                        "{\"udh\":[]}", "{\"data_coding\":256}", "{\"data_coding\":\"4\"}",
                                        "{\"tlvs\":[]}", "{\"tlvs\":{\"a\":1}}", "{\"wap_push\":{\"url\":\"x\"}}"};
    struct cargo cargo;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_msg(!cargo_read(lines[i], region, &cargo), "%s", lines[i]);
}
END_TEST

START_TEST(a_class_is_found_where_23_038_has_it)
{
    static const struct {
        uint8_t coding;
        int message_class;
    } rows[] = {{0x00, -1}, {0x04, -1}, {0x08, -1}, {0x10, 0}, {0x11, 1}, {0x18, 0}, {0x1B, 3},
                {0x04, -1}, {0x50, 0},  {0xC8, -1}, {0xE0, -1}, {0xF0, 0}, {0xF5, 1}, {0xF6, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cargo cargo = {.has_coding = true, .data_coding = rows[i].coding};
        ck_assert_int_eq(cargo_class(&cargo), rows[i].message_class);
    }
    ck_assert_int_eq(cargo_class(&(struct cargo){0}), -1);
}
END_TEST

/* ---- WAP push ---- */

static void body_is(const char *url, const char *title, struct octets octets)
{
    static const char head[] = "\x01\x06\x01\xAE\x02\x05\x6A\x00\x45\xC6";
    ck_assert_ptr_null(wap_push_fault(url, title));
    struct octets body = wap_push_body(url, title, region);
    ck_assert(octets_equal(octets_of(body.at, 10), octets_of(head, 10)));
    ck_assert(octets_equal(octets_of(body.at + 10, body.length - 10), octets));
}

START_TEST(a_service_indication_is_that_of_the_specification)
{
    body_is("http://www.xyz.com/email/123/abc.wml", "You have 4 new emails",
            RAW("\x0D\x03xyz\0\x85\x03"
                "email/123/abc.wml\0\x01\x03You have 4 new emails\0\x01\x01"));
    body_is("http://wap.smsc.ru/", "x", RAW("\x0C\x03wap.smsc.ru/\0\x01\x03x\0\x01\x01"));
    body_is("https://www.a.org/", "x", RAW("\x0F\x03"
                                           "a\0\x88\x01\x03x\0\x01\x01"));
    body_is("HTTPS://a.net/B.com/", "x", RAW("\x0E\x03"
                                             "a.net/B\0\x85\x01\x03x\0\x01\x01"));
    body_is("https://\x7E", "Zo\u00eb", RAW("\x0E\x03~\0\x01\x03Zo\u00eb\0\x01\x01"));
    ck_assert(octets_equal(wap_push_header(), RAW("\x06\x05\x04\x0B\x84\x23\xF0")));
}
END_TEST

START_TEST(an_address_that_no_phone_opens_is_refused)
{
    static const char *const urls[] = {"", "a", "http://", "https://", "https:///a", "ftp://a/", "javascript:x",
                                       "https://a b", "https://a\n", "https://\u00eb/", " https://a"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        ck_assert_msg(wap_push_fault(urls[i], "x") != NULL, "%s", urls[i]);
    ck_assert_ptr_nonnull(wap_push_fault("https://a/", ""));
    ck_assert_ptr_nonnull(wap_push_fault("https://a/", "a\nb"));
    ck_assert_ptr_nonnull(wap_push_fault("https://a/", "\xff"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cargo");
    TCase *promises = tcase_create("promises");
    tcase_add_checked_fixture(promises, region_begin, region_end);
    tcase_add_test(promises, base64_is_that_of_the_rfc);
    tcase_add_test(promises, base64_has_one_text_for_the_same_octets);
    tcase_add_test(promises, a_text_and_nothing_more_has_an_empty_line);
    tcase_add_test(promises, what_was_written_is_read_again);
    tcase_add_test(promises, no_data_is_not_the_same_as_empty_data);
    tcase_add_test(promises, a_line_that_is_none_is_not_read);
    tcase_add_test(promises, a_class_is_found_where_23_038_has_it);
    tcase_add_test(promises, a_service_indication_is_that_of_the_specification);
    tcase_add_test(promises, an_address_that_no_phone_opens_is_refused);
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
