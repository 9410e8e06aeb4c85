/* TLVs of a carrier's own: what a line of the config says, and values as octets. */
#include <check.h>
#include <stdlib.h>

#include "config/tlv.h"

#define RAW(text) octets_of(text, sizeof(text) - 1)

static struct tlv_rule rule_of(const char *line)
{
    struct tlv_rule rule;
    char why[TLV_WHY_SIZE] = "";
    ck_assert_msg(tlv_rule_read(line, &rule, why), "%s: %s", line, why);
    return rule;
}

START_TEST(a_line_names_tag_type_and_length)
{
    struct tlv_rule rule = rule_of("entity_id 0x1400 c_octet_string 30 required");
    ck_assert_str_eq(rule.name, "entity_id");
    ck_assert_uint_eq(rule.tag, 0x1400);
    ck_assert_int_eq(rule.type, TLV_C_OCTET_STRING);
    ck_assert_uint_eq(rule.most, 30);
    ck_assert(rule.is_required && rule.fallback == NULL);
    rule = rule_of("  class 0x3004  int1 = 2");
    ck_assert_int_eq(rule.type, TLV_INT1);
    ck_assert(!rule.is_required);
    ck_assert_str_eq(rule.fallback, "2");
    rule = rule_of("note 0xFFFF octet_string 1024=a = b");
    ck_assert_str_eq(rule.fallback, "a = b");
    ck_assert_uint_eq(rule.tag, 0xFFFF);
}
END_TEST

START_TEST(the_specifications_own_go_by_their_names)
{
    struct tlv_rule rule = rule_of("user_message_reference");
    ck_assert_uint_eq(rule.tag, 0x0204);
    ck_assert_int_eq(rule.type, TLV_INT2);
    ck_assert_uint_eq(rule.least, 2);
    rule = rule_of("language_indicator = 1");
    ck_assert_int_eq(rule.type, TLV_INT1);
    rule = rule_of("callback_num required");
    ck_assert_uint_eq(rule.least, 4);
    ck_assert_uint_eq(rule.most, 19);
    ck_assert(rule.is_required);
}
END_TEST

START_TEST(a_line_that_says_no_rule_is_refused)
{
    static const char *const lines[] = {
        "", "=1", "Entity 0x1400 int1", "9a 0x1400 int1", "a-b 0x1400 int1", "entity_id", "entity_id 0x1400",
        "entity_id 1400 int1", "entity_id 0x int1", "entity_id 0x14000 int1", "entity_id 0x13FF int1",
        "entity_id 0x0424 octet_string 10", "entity_id 0x1400 text 10", "entity_id 0x1400 octet_string",
        "entity_id 0x1400 octet_string 0", "entity_id 0x1400 octet_string 1025", "entity_id 0x1400 octet_string required",
        "entity_id 0x1400 int1 2", "entity_id 0x1400 int1 needed", "entity_id 0x1400 int1 required = 1",
        "entity_id 0x1400 int1 = 256", "entity_id 0x1400 int1 =", "entity_id 0x1400 octet_string 2 = abc",
        "entity_id 0x1400 octet_string 2 required more words",
        "a_name_that_is_longer_than_thirty_two_octets 0x1400 int1",
        /* ours, or about whom it reaches */
        "message_payload", "dest_subaddress", "dest_port", "sar_msg_ref_num", "number_of_messages", "ussd_service_op",
        "its_session_info", "dest_addr_np_country", "more_messages_to_send", "sc_interface_version", "set_dpf",
        "message_payload 0x1400 octet_string 10", "user_response_code 0x1400 int1"};
    struct tlv_rule rule;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char why[TLV_WHY_SIZE] = "";
        ck_assert_msg(!tlv_rule_read(lines[i], &rule, why), "%s", lines[i]);
        ck_assert_uint_gt(strlen(why), 0);
    }
}
END_TEST

static void value_is(const char *line, const char *text, struct octets octets)
{
    uint8_t out[TLV_VALUE_MOST + 1];
    size_t length;
    char why[TLV_WHY_SIZE] = "", again[TLV_TEXT_SIZE];
    struct tlv_rule rule = rule_of(line);
    ck_assert_msg(tlv_value_write(&rule, text, out, &length, why), "%s: %s", text, why);
    ck_assert(octets_equal(octets_of(out, length), octets));
    ck_assert(tlv_value_read(&rule, octets, again));
    ck_assert_msg(tlv_value_write(&rule, again, out, &length, why), "%s: %s", again, why);
    ck_assert(octets_equal(octets_of(out, length), octets));
}

START_TEST(a_value_becomes_octets_and_a_value_again)
{
    value_is("a 0x1400 int1", "7", RAW("\x07"));
    value_is("a 0x1400 int1", "0xff", RAW("\xff"));
    value_is("a 0x1400 int2", "258", RAW("\x01\x02"));
    value_is("a 0x1400 int4", "4294967295", RAW("\xff\xff\xff\xff"));
    value_is("a 0x1400 c_octet_string 4", "1201", RAW("1201\0"));
    value_is("a 0x1400 c_octet_string 4", "", RAW("\0"));
    value_is("a 0x1400 c_octet_string 4", "0xzz", RAW("0xzz\0"));
    value_is("a 0x1400 octet_string 4", "1201", RAW("1201"));
    value_is("a 0x1400 octet_string 4", "0x00ff", RAW("\0\xff"));
    value_is("a 0x1400 octet_string 4", "0x307841", RAW("0xA"));
    value_is("alert_on_message_delivery", "", RAW(""));
    value_is("ms_validity", "0x03", RAW("\x03"));
}
END_TEST

START_TEST(a_value_that_does_not_fit_is_refused)
{
    static const char *const rows[][2] = {
        {"a 0x1400 int1", "256"}, {"a 0x1400 int1", ""}, {"a 0x1400 int1", "-1"}, {"a 0x1400 int1", "1 "},
        {"a 0x1400 int1", "0x"}, {"a 0x1400 int4", "4294967296"}, {"a 0x1400 int4", "99999999999999999999"},
        {"a 0x1400 c_octet_string 4", "12011"}, {"a 0x1400 c_octet_string 4", "\u00eb"},
        {"a 0x1400 octet_string 4", "a\tb"}, {"a 0x1400 octet_string 4", "0x0"}, {"a 0x1400 octet_string 4", "0xzz"},
        {"a 0x1400 octet_string 4", "0x0102030405"}, {"callback_num", "0x0101"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t out[TLV_VALUE_MOST + 1];
        size_t length;
        char why[TLV_WHY_SIZE] = "";
        struct tlv_rule rule = rule_of(rows[i][0]);
        ck_assert_msg(!tlv_value_write(&rule, rows[i][1], out, &length, why), "%s: %s", rows[i][0], rows[i][1]);
        ck_assert_uint_gt(strlen(why), 0);
    }
}
END_TEST

START_TEST(octets_of_a_peer_that_do_not_fit_are_refused)
{
    char text[TLV_TEXT_SIZE];
    struct tlv_rule number = rule_of("a 0x1400 int2"), words = rule_of("a 0x1400 c_octet_string 4");
    ck_assert(!tlv_value_read(&number, RAW("\x01"), text));
    ck_assert(!tlv_value_read(&number, RAW("\x01\x02\x03"), text));
    ck_assert(tlv_value_read(&words, RAW("1201"), text)); /* without its NUL (F389) */
    ck_assert_str_eq(text, "1201");
    ck_assert(!tlv_value_read(&words, RAW("12011"), text));
    ck_assert(!tlv_value_read(&words, RAW("1\0\0"), text));
    ck_assert(!tlv_value_read(&words, RAW("\xff"), text));
}
END_TEST

START_TEST(a_program_gives_a_name_and_a_value)
{
    static const char *const wrong[] = {"entity_id", "=1", "Entity=1", "", ".a=1", "stop.entity_id=1", "stop_reply.=1",
                                        "stop_reply.entity_id", "a_name_that_is_longer_than_thirty_two_octets=1"};
    struct tlv_setting setting;
    ck_assert(tlv_setting_read("entity_id=12.=01", &setting));
    ck_assert_str_eq(setting.name, "entity_id");
    ck_assert_str_eq(setting.value, "12.=01");
    ck_assert(tlv_setting_is_for(&setting, "campaign") && tlv_setting_is_for(&setting, "stop_reply"));
    ck_assert(tlv_setting_read("stop_reply.entity_id=", &setting));
    ck_assert_str_eq(setting.name, "entity_id");
    ck_assert_str_eq(setting.value, "");
    ck_assert(!tlv_setting_is_for(&setting, "campaign") && tlv_setting_is_for(&setting, "stop_reply"));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!tlv_setting_read(wrong[i], &setting), "%s", wrong[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tlv");
    TCase *promises = tcase_create("promises");
    tcase_add_test(promises, a_line_names_tag_type_and_length);
    tcase_add_test(promises, the_specifications_own_go_by_their_names);
    tcase_add_test(promises, a_line_that_says_no_rule_is_refused);
    tcase_add_test(promises, a_value_becomes_octets_and_a_value_again);
    tcase_add_test(promises, a_value_that_does_not_fit_is_refused);
    tcase_add_test(promises, octets_of_a_peer_that_do_not_fit_are_refused);
    tcase_add_test(promises, a_program_gives_a_name_and_a_value);
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
