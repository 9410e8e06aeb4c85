/* The simulated carrier's own SMPP and alphabets. The octets are written by hand from SMPP 3.4 and
 * 3GPP 23.038 / 23.040; none was made by the code under test. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/region.h"
#include "src/sim/sim_pdu.h"
#include "src/sim/sim_store.h"
#include "src/sim/sim_text.h"

/* A submit_sm without service_type from number 1 to number 2 ... */
#define TWO "000101310001013200"
/* ... and its fields from esm_class to sm_default_msg_id: class; protocol, priority; two times;
 * receipt, replace, coding, canned message: an octet each. */
#define REST(class) class "0000000000000000"

static uint8_t scratch[2048];

static struct octets hex(const char *digits)
{
    struct octets text = octets_text(digits);
    ck_assert(text.length / 2 <= sizeof scratch);
    ck_assert(octets_from_hex(text, scratch));
    return octets_of(scratch, text.length / 2);
}

static enum sim_status read_submit(const char *body, uint8_t version, struct sim_submit *submit)
{
    return sim_submit_read(hex(body), SIM_SUBMIT_SM, version, submit);
}

static void assert_wrote(struct sim_buffer *out, const char *digits)
{
    char text[1024];
    ck_assert(out->length * 2 < sizeof text);
    octets_to_hex(octets_of(out->at, out->length), text);
    ck_assert_str_eq(text, digits);
    sim_buffer_wipe(out);
}

START_TEST(a_header_is_four_big_endian_numbers)
{
    struct sim_header header = sim_header_read(hex("00000023000000090000005880000001").at);
    ck_assert_uint_eq(header.length, 35);
    ck_assert_uint_eq(header.command, SIM_BIND_TRANSCEIVER);
    ck_assert_uint_eq(header.status, 0x58);
    ck_assert_uint_eq(header.sequence, 0x80000001u);
}
END_TEST

START_TEST(a_bind_tells_who_and_which_version)
{
    struct sim_login login;
    ck_assert_int_eq(sim_login_read(hex("617373656E7400736563726574000034000000"), &login), 0);
    ck_assert_str_eq(login.system_id, "assent");
    ck_assert_str_eq(login.password, "secret");
    ck_assert_uint_eq(login.version, 0x34);
}
END_TEST

START_TEST(a_bind_cut_short_is_answered_with_command_length)
{
    struct sim_login login;
    ck_assert_int_eq(sim_login_read(hex("617373656E740073656372657400"), &login), 0x02);
    ck_assert_int_eq(sim_login_read(hex("6173"), &login), 0x02);
    ck_assert_int_eq(sim_login_read(hex(""), &login), 0x02);
}
END_TEST

START_TEST(a_submit_is_read_whole)
{
    struct sim_submit submit;
    ck_assert_int_eq(
        read_submit("000101313230363535353031303000010131343135353535303132330000000000"
                    "30303030303130303030303030303052000100000008351B65200020426F",
                    0x34, &submit),
        0);
    ck_assert_str_eq(submit.from.digits, "12065550100");
    ck_assert_str_eq(submit.to.digits, "14155550123");
    ck_assert_uint_eq(submit.to.ton, 1);
    ck_assert_uint_eq(submit.registered_delivery, 1);
    ck_assert_uint_eq(submit.text.length, 8);
    ck_assert_uint_eq(submit.header.length, 0);
    ck_assert_int_eq(submit.join, SIM_JOIN_NONE);
}
END_TEST

START_TEST(a_part_shows_its_place_and_its_header_is_no_text)
{
    struct sim_submit submit;
    ck_assert_int_eq(
        read_submit("000101313230363535353031303000010131343135353535303132330040000000"
                    "000100080018"
                    "0500032A0201041F044004380432043504420020D83DDE00",
                    0x34, &submit),
        0);
    ck_assert_int_eq(submit.join, SIM_JOIN_UDH8);
    ck_assert_uint_eq(submit.reference, 0x2A);
    ck_assert_uint_eq(submit.parts, 2);
    ck_assert_uint_eq(submit.part, 1);
    ck_assert_uint_eq(submit.text.length, 18);
}
END_TEST

START_TEST(a_part_is_found_behind_other_header_elements)
{
    struct sim_submit submit; /* ports first, then a 16-bit reference */
    ck_assert_int_eq(
        read_submit(TWO REST("40") "110C05040B8423F00804ABCD030241424344", 0x34, &submit), 0);
    ck_assert_int_eq(submit.join, SIM_JOIN_UDH16);
    ck_assert_uint_eq(submit.reference, 0xABCD);
    ck_assert_uint_eq(submit.parts, 3);
    ck_assert_uint_eq(submit.part, 2);
    ck_assert_uint_eq(submit.text.length, 4);
}
END_TEST

START_TEST(a_header_that_lies_about_its_elements_joins_nothing)
{
    struct sim_submit submit; /* the element claims four octets of three: 23.040 9.2.3.24 */
    ck_assert_int_eq(read_submit(TWO REST("40") "070500042A020141", 0x34, &submit), 0);
    ck_assert_int_eq(submit.join, SIM_JOIN_NONE);
    ck_assert_uint_eq(submit.parts, 1);
    ck_assert_uint_eq(submit.text.length, 1);
}
END_TEST

START_TEST(part_three_of_two_stands_alone)
{
    struct sim_submit submit;
    ck_assert_int_eq(read_submit(TWO REST("40") "070500032A020341", 0x34, &submit), 0);
    ck_assert_int_eq(submit.join, SIM_JOIN_NONE);
}
END_TEST

START_TEST(sar_joins_only_if_all_three_are_there)
{
    struct sim_submit submit;
    const char *all = TWO REST("00") "0141"
                                     "020C00020007"
                                     "020E000102"
                                     "020F000102";
    const char *two = TWO REST("00") "0141"
                                     "020C00020007"
                                     "020E000102";
    ck_assert_int_eq(read_submit(all, 0x34, &submit), 0);
    ck_assert_int_eq(submit.join, SIM_JOIN_SAR);
    ck_assert_uint_eq(submit.reference, 7);
    ck_assert_uint_eq(submit.part, 2);
    ck_assert_int_eq(read_submit(two, 0x34, &submit), 0);
    ck_assert_int_eq(submit.join, SIM_JOIN_NONE);
}
END_TEST

START_TEST(data_sm_has_its_text_in_the_payload)
{
    struct sim_submit submit;
    struct octets body = hex("0001013132303635353530313030000101313431353535353031323300000100"
                             "0424000548656C6C6F");
    ck_assert_int_eq(sim_submit_read(body, SIM_DATA_SM, 0x34, &submit), 0);
    ck_assert(octets_equal(submit.text, octets_text("Hello")));
    ck_assert(submit.is_payload);
}
END_TEST

static const struct {
    const char *body;
    enum sim_status status;
} wrong[] = {
    {"00010131", 0x02},                                                   /* ends in an address */
    {TWO REST("00") "0553544F50", 0x01},                                  /* sm_length beyond */
    {TWO REST("00") "00", 0x01},                                          /* no text at all */
    {"0001013100010100" REST("00") "0141", 0x0B},                         /* nobody to go to */
    {"0001013100010131313131313131313131313131313131313131313100", 0x0B}, /* 21 digits */
    {"000101800001013200" REST("00") "0141", 0x0A},                       /* no ASCII */
    {"3131313131313100", 0x15},                                           /* service_type of 7 */
    {TWO REST("02") "0141", 0x43},                                        /* transaction mode */
    {TWO "000004000000000000"
         "0141",
     0x06}, /* priority 4 */
    {TWO "000000000000020000"
         "0141",
     0x54},                                                /* replace 2 */
    {TWO REST("40") "030500FF", 0x43},                     /* header beyond */
    {TWO REST("40") "070500032A020141020C00020007", 0xC4}, /* header and SAR */
    {TWO REST("00") "01410424000142", 0xC1},               /* text twice */
    {TWO REST("00") "01410424000942", 0xC0},               /* TLV beyond */
    {TWO REST("00") "0141042400", 0xC0},                   /* half a TLV */
};

START_TEST(a_wrong_submit_is_told_what_is_wrong)
{
    struct sim_submit submit;
    ck_assert_int_eq(read_submit(wrong[_i].body, 0x34, &submit), wrong[_i].status);
}
END_TEST

START_TEST(no_piece_of_a_submit_is_taken_for_a_whole_one)
{
    struct sim_submit submit;
    struct octets whole = hex(TWO REST("00") "0141");
    ck_assert_int_eq(sim_submit_read(whole, SIM_SUBMIT_SM, 0x34, &submit), 0);
    for (size_t length = 0; length < whole.length; length++) {
        uint8_t *exact = malloc(length + 1); /* so that a sanitizer sees a read beyond */
        memcpy(exact, whole.at, length);
        ck_assert_int_ne(sim_submit_read(octets_of(exact, length), SIM_SUBMIT_SM, 0x34, &submit),
                         0);
        free(exact);
    }
}
END_TEST

START_TEST(a_bind_answer_names_our_version_but_not_to_old_clients)
{
    struct sim_buffer out = {0};
    sim_write_bound(&out, SIM_RESPONSE | SIM_BIND_TRANSCEIVER, 1, 0x34);
    assert_wrote(&out, "0000001f800000090000000000000001"
                       "617373656e7473696d00"
                       "0210000134");
    sim_write_bound(&out, SIM_RESPONSE | SIM_BIND_RECEIVER, 2, 0x33);
    assert_wrote(&out, "0000001a800000010000000000000002"
                       "617373656e7473696d00");
}
END_TEST

START_TEST(answers_are_written_as_the_specification_shows_them)
{
    struct sim_buffer out = {0};
    sim_write_id(&out, SIM_RESPONSE | SIM_SUBMIT_SM, 2, "7f3a-0001");
    assert_wrote(&out, "0000001a800000040000000000000002376633612d3030303100");
    sim_write_plain(&out, SIM_RESPONSE | SIM_SUBMIT_SM, 0x58, 3);
    assert_wrote(&out, "00000010800000040000005800000003");
    sim_write_queried(&out, 7, "7f3a-0001", "261123150100032-", 2);
    assert_wrote(&out, "0000002d800000030000000000000007376633612d3030303100"
                       "3236313132333135303130303033322d000200");
}
END_TEST

static struct sim_deliver mo_stop(void)
{
    return (struct sim_deliver){.from = {.ton = 1, .npi = 1, .digits = "14155550123"},
                                .to = {.ton = 1, .npi = 1, .digits = "12065550100"},
                                .text = octets_text("STOP")};
}

START_TEST(a_text_from_a_phone_is_a_plain_deliver_sm)
{
    struct sim_buffer out = {0};
    struct sim_deliver deliver = mo_stop();
    sim_write_deliver(&out, 1, 0x34, &deliver);
    assert_wrote(&out, "0000003b00000005000000000000000100"
                       "0101313431353535353031323300"
                       "0101313230363535353031303000"
                       "000000000000000000"
                       "0453544f50");
}
END_TEST

START_TEST(a_receipt_has_its_tlvs_but_not_for_old_clients)
{
    struct sim_buffer out = {0};
    struct sim_deliver deliver = mo_stop();
    deliver.esm_class = 0x04;
    deliver.receipted_id = "7f3a-0001";
    deliver.message_state = 2;
    sim_write_deliver(&out, 2, 0x34, &deliver);
    assert_wrote(&out, "0000004e00000005000000000000000200"
                       "0101313431353535353031323300"
                       "0101313230363535353031303000"
                       "040000000000000000"
                       "0453544f50"
                       "001e000a376633612d3030303100"
                       "0427000102");
    sim_write_deliver(&out, 2, 0x33, &deliver);
    ck_assert_uint_eq(out.length, 0x3B);
    sim_buffer_wipe(&out);
}
END_TEST

START_TEST(a_payload_leaves_the_short_message_empty)
{
    struct sim_buffer out = {0};
    struct sim_deliver deliver = mo_stop();
    deliver.is_payload = true;
    sim_write_deliver(&out, 1, 0x34, &deliver);
    assert_wrote(&out, "0000003f00000005000000000000000100"
                       "0101313431353535353031323300"
                       "0101313230363535353031303000"
                       "00000000000000000000"
                       "0424000453544f50");
}
END_TEST

START_TEST(dates_are_utc_and_two_digits_each)
{
    char date[SIM_DATE_SIZE];
    sim_write_date(1795446062999, date); /* 2026-11-23T15:01:02.999Z */
    ck_assert_str_eq(date, "261123150102");
}
END_TEST

/* ---- alphabets ---- */

static struct region *region;

static void region_up(void)
{
    region = region_new();
}

static void region_down(void)
{
    region_free(region);
}

static const struct {
    enum sim_coding coding;
    const char *octets, *text;
    bool is_flawed;
} texts[] = {
    {SIM_GSM7, "351B65200020426F", "5€ @ Bo", false},
    {SIM_GSM7, "1B281B291B3C1B3E1B3D1B2F1B401B14", "{}[]~\\|^", false},
    {SIM_GSM7, "0102030405060708090B0C0E0F", "£$¥èéùìòÇØøÅå", false},
    {SIM_GSM7, "101112131415161718191A1C1D1E1F24405B5C5D5E5F607B7C7D7E7F",
     "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà", false},
    {SIM_GSM7, "1B41", "A", true},
    {SIM_GSM7, "411B", "A ", true},
    {SIM_GSM7, "41E9", "A\xEF\xBF\xBD", true},
    {SIM_LATIN1, "636166E9", "café", false},
    {SIM_ASCII, "4180", "A\xEF\xBF\xBD", true},
    {SIM_UCS2, "041F0440D83DDE00", "Пр😀", false},
    {SIM_UCS2, "D83D0041",
     "\xEF\xBF\xBD"
     "A",
     true},
    {SIM_UCS2, "0041DE00", "A\xEF\xBF\xBD", true},
    {SIM_UCS2, "004100", "A", true},
    {SIM_BINARY, "FF00", "ff00", false},
};

START_TEST(octets_become_the_text_that_a_phone_shows)
{
    struct sim_words words = sim_text_decode(region, texts[_i].coding, hex(texts[_i].octets));
    ck_assert_str_eq(words.text, texts[_i].text);
    ck_assert_uint_eq(words.length, strlen(texts[_i].text));
    ck_assert_int_eq(words.flaw != NULL, texts[_i].is_flawed);
}
END_TEST

START_TEST(a_text_without_flaw_is_written_back_as_it_was)
{
    struct sim_buffer out = {0};
    if (texts[_i].is_flawed || texts[_i].coding == SIM_BINARY)
        return;
    ck_assert(sim_text_encode(texts[_i].coding, texts[_i].text, &out));
    ck_assert(octets_equal(octets_of(out.at, out.length), hex(texts[_i].octets)));
    sim_buffer_wipe(&out);
}
END_TEST

START_TEST(what_an_alphabet_lacks_is_refused_whole)
{
    struct sim_buffer out = {0};
    ck_assert(!sim_text_encode(SIM_GSM7, "abcç", &out));
    ck_assert(!sim_text_encode(SIM_GSM7, "ab\x1B", &out));
    ck_assert(!sim_text_encode(SIM_LATIN1, "a€", &out));
    ck_assert(!sim_text_encode(SIM_UCS2, "a\xFF", &out));
    ck_assert_uint_eq(out.length, 0);
    sim_buffer_wipe(&out);
}
END_TEST

START_TEST(data_coding_names_the_alphabet)
{
    ck_assert_int_eq(sim_coding_of(0x00), SIM_GSM7);
    ck_assert_int_eq(sim_coding_of(0x11), SIM_GSM7);
    ck_assert_int_eq(sim_coding_of(0x15), SIM_BINARY);
    ck_assert_int_eq(sim_coding_of(0x19), SIM_UCS2);
    ck_assert_int_eq(sim_coding_of(0xF1), SIM_GSM7);
    ck_assert_int_eq(sim_coding_of(0xF5), SIM_BINARY);
    ck_assert_int_eq(sim_coding_of(0xE8), SIM_UCS2);
    ck_assert_int_eq(sim_coding_of(0x20), SIM_BINARY);
}
END_TEST

/* ---- what was heard ---- */

static struct sim_store *store;

static void store_up(void)
{
    region_up();
    store = sim_store_open();
}

static void store_down(void)
{
    sim_store_close(store);
    region_down();
}

static struct sim_message *hear(const char *to, struct octets text)
{
    struct sim_submit submit = {.text = text, .part = 1, .parts = 1};
    strcpy(submit.to.digits, to);
    return sim_store_add(store, &submit, 0x34, 0);
}

static bool hear_part(uint8_t part, uint8_t parts, uint8_t coding, const char *octets,
                      struct sim_words *whole)
{
    struct sim_submit submit = {.text = hex(octets),
                                .data_coding = coding,
                                .join = SIM_JOIN_UDH8,
                                .reference = 42,
                                .part = part,
                                .parts = parts};
    return sim_store_join(store, sim_store_add(store, &submit, 0x34, 0), region, whole);
}

START_TEST(parts_make_a_whole_in_any_order)
{
    struct sim_words whole;
    ck_assert(!hear_part(3, 3, 0, "43", &whole));
    ck_assert(!hear_part(1, 3, 0, "41", &whole));
    ck_assert(hear_part(2, 3, 0, "42", &whole));
    ck_assert_str_eq(whole.text, "ABC");
}
END_TEST

START_TEST(a_character_cut_by_the_parts_heals)
{
    struct sim_words whole;
    ck_assert(!hear_part(1, 2, 8, "0041D83D", &whole));
    ck_assert(hear_part(2, 2, 8, "DE00", &whole));
    ck_assert_str_eq(whole.text, "A😀");
    ck_assert_ptr_null(whole.flaw);
}
END_TEST

START_TEST(the_same_part_with_other_words_begins_a_new_message)
{
    struct sim_words whole;
    ck_assert(!hear_part(1, 2, 0, "41", &whole));
    ck_assert(!hear_part(1, 2, 0, "41", &whole));
    ck_assert(!hear_part(1, 2, 0, "42", &whole));
    ck_assert(hear_part(2, 2, 0, "43", &whole));
    ck_assert_str_eq(whole.text, "BC");
}
END_TEST

START_TEST(a_number_finds_its_messages_with_plus_or_without)
{
    uint64_t count;
    hear("14155550123", octets_text("one"));
    hear("14155550124", octets_text("other"));
    hear("14155550123", octets_text("two"));
    ck_assert(sim_store_count(store, "+14155550123", &count));
    ck_assert_uint_eq(count, 2);
    const struct sim_message *message = sim_store_next(store, 2, "14155550123");
    ck_assert(octets_equal(message->submit.text, octets_text("two")));
    ck_assert_ptr_null(sim_store_next(store, message->serial + 1, "14155550123"));
    ck_assert(sim_store_count(store, "1", &count));
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_message_is_found_by_its_id_and_by_no_other)
{
    struct sim_message *message = hear("1", octets_text("x"));
    char id[SIM_ID_SIZE];
    strcpy(id, message->id);
    ck_assert_ptr_eq(sim_store_find(store, id), message);
    id[0] = id[0] == '0' ? '1' : '0';
    ck_assert_ptr_null(sim_store_find(store, id));
    ck_assert_ptr_null(sim_store_find(store, ""));
    ck_assert_ptr_null(sim_store_find(store, "ffffffffffffffffffffff"));
}
END_TEST

START_TEST(the_oldest_go_when_their_texts_are_too_many_but_stay_counted)
{
    static uint8_t text[65535];
    uint64_t count;
    unsigned heard = 0;
    for (; heard * sizeof text <= SIM_OCTETS_MOST + sizeof text; heard++)
        hear("7", octets_of(text, sizeof text));
    ck_assert_ptr_eq(sim_store_next(store, 1, NULL), sim_store_next(store, 3, NULL));
    ck_assert(sim_store_count(store, "7", &count));
    ck_assert_uint_eq(count, heard);
}
END_TEST

static Suite *sim_suite(void)
{
    Suite *suite = suite_create("sim_pdu");
    TCase *pdu = tcase_create("pdu");
    tcase_add_test(pdu, a_header_is_four_big_endian_numbers);
    tcase_add_test(pdu, a_bind_tells_who_and_which_version);
    tcase_add_test(pdu, a_bind_cut_short_is_answered_with_command_length);
    tcase_add_test(pdu, a_submit_is_read_whole);
    tcase_add_test(pdu, a_part_shows_its_place_and_its_header_is_no_text);
    tcase_add_test(pdu, a_part_is_found_behind_other_header_elements);
    tcase_add_test(pdu, a_header_that_lies_about_its_elements_joins_nothing);
    tcase_add_test(pdu, part_three_of_two_stands_alone);
    tcase_add_test(pdu, sar_joins_only_if_all_three_are_there);
    tcase_add_test(pdu, data_sm_has_its_text_in_the_payload);
    tcase_add_loop_test(pdu, a_wrong_submit_is_told_what_is_wrong, 0,
                        sizeof wrong / sizeof wrong[0]);
    tcase_add_test(pdu, no_piece_of_a_submit_is_taken_for_a_whole_one);
    tcase_add_test(pdu, a_bind_answer_names_our_version_but_not_to_old_clients);
    tcase_add_test(pdu, answers_are_written_as_the_specification_shows_them);
    tcase_add_test(pdu, a_text_from_a_phone_is_a_plain_deliver_sm);
    tcase_add_test(pdu, a_receipt_has_its_tlvs_but_not_for_old_clients);
    tcase_add_test(pdu, a_payload_leaves_the_short_message_empty);
    tcase_add_test(pdu, dates_are_utc_and_two_digits_each);
    suite_add_tcase(suite, pdu);

    TCase *text = tcase_create("text");
    tcase_add_checked_fixture(text, region_up, region_down);
    tcase_add_loop_test(text, octets_become_the_text_that_a_phone_shows, 0,
                        sizeof texts / sizeof texts[0]);
    tcase_add_loop_test(text, a_text_without_flaw_is_written_back_as_it_was, 0,
                        sizeof texts / sizeof texts[0]);
    tcase_add_test(text, what_an_alphabet_lacks_is_refused_whole);
    tcase_add_test(text, data_coding_names_the_alphabet);
    suite_add_tcase(suite, text);

    TCase *heard = tcase_create("heard");
    tcase_add_checked_fixture(heard, store_up, store_down);
    tcase_add_test(heard, parts_make_a_whole_in_any_order);
    tcase_add_test(heard, a_character_cut_by_the_parts_heals);
    tcase_add_test(heard, the_same_part_with_other_words_begins_a_new_message);
    tcase_add_test(heard, a_number_finds_its_messages_with_plus_or_without);
    tcase_add_test(heard, a_message_is_found_by_its_id_and_by_no_other);
    tcase_add_test(heard, the_oldest_go_when_their_texts_are_too_many_but_stay_counted);
    suite_add_tcase(suite, heard);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(sim_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
