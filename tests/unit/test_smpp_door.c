/* The door for senders: what a submit_sm asks for, and how receipts and texts look as a deliver_sm.
 * The octets are written by hand from the specification. */
#include <check.h>
#include <stdlib.h>

#include "base/must.h"
#include "base/region.h"
#include "src/doors/smpp_door_parts.h"

#define NOW INT64_C(1773480600000) /* 2026-03-14T09:30:00Z */

static struct region *region;
static char program_name[] = "leads";
static char *program_names[] = {program_name, program_name};
static struct account account;
static struct submit_place place;
static struct offer offer;
static struct refusal refusal;

static void begin(void)
{
    region = region_new();
    account = (struct account){.programs = {.at = program_names, .count = 1}};
    place =
        (struct submit_place){.country = "US", .version = 0x34, .now_ms = NOW, .region = region};
}

static void end(void)
{
    region_free(region);
}

/* "Hello" from +12065550100 to +14155550123. */
static struct pdu hello(void)
{
    return (struct pdu){.command_id = SMPP_submit_sm,
                        .source_addr_ton = 1,
                        .source_addr_npi = 1,
                        .source_addr = octets_text("12065550100"),
                        .dest_addr_ton = 1,
                        .dest_addr_npi = 1,
                        .destination_addr = octets_text("14155550123"),
                        .short_message = octets_text("Hello")};
}

static bool is_read(const struct pdu *pdu)
{
    offer = (struct offer){.account = &account};
    refusal = (struct refusal){.status = 0};
    return submit_read(pdu, &place, &offer, &refusal);
}

static void refused(const struct pdu *pdu, uint32_t status)
{
    ck_assert(!is_read(pdu));
    ck_assert_uint_eq(refusal.status, status);
    ck_assert_uint_gt(strlen(refusal.text), 0);
}

static void text_is(const char *text)
{
    ck_assert(octets_equal(offer.text, octets_text(text)));
}

START_TEST(a_submit_is_offered_as_it_was_meant)
{
    struct pdu pdu = hello();
    pdu.registered_delivery = 0x11;
    ck_assert(is_read(&pdu));
    ck_assert_str_eq(offer.from, "+12065550100");
    ck_assert_str_eq(offer.program, "");
    ck_assert_uint_eq(offer.number, 14155550123);
    text_is("Hello");
    ck_assert_uint_eq(offer.wants_receipt, RECEIPT_ALWAYS | RECEIPT_INTERMEDIATE);
    ck_assert_int_eq(offer.send_at, 0);
    ck_assert_int_eq(offer.expires_at, 0);
    pdu.registered_delivery = 0x10; /* an intermediate notification alone is no receipt */
    ck_assert(is_read(&pdu));
    ck_assert_uint_eq(offer.wants_receipt, RECEIPT_INTERMEDIATE);
    pdu.registered_delivery = 0x03; /* of success: a word of 5.0 */
    ck_assert(is_read(&pdu));
    ck_assert_uint_eq(offer.wants_receipt, RECEIPT_ALWAYS);
    place.version = 0x50;
    ck_assert(is_read(&pdu));
    ck_assert_uint_eq(offer.wants_receipt, RECEIPT_OF_SUCCESS);
}
END_TEST

START_TEST(a_source_is_read_whatever_its_type_says)
{
    struct pdu pdu = hello();
    pdu.source_addr_ton = 2;
    pdu.source_addr = octets_text("2065550100");
    ck_assert(is_read(&pdu));
    ck_assert_str_eq(offer.from, "+12065550100");
    pdu.source_addr_ton = 5;
    pdu.source_addr = octets_text("MarketLead");
    ck_assert(is_read(&pdu));
    ck_assert_str_eq(offer.from, "MarketLead");
    pdu.source_addr = octets_text("\x01\x02");
    refused(&pdu, 0x0A);
}
END_TEST

START_TEST(without_a_source_the_only_program_speaks)
{
    struct pdu pdu = hello();
    pdu.source_addr = octets_text("");
    ck_assert(is_read(&pdu));
    ck_assert_str_eq(offer.from, "");
    ck_assert_str_eq(offer.program, "leads");
    account.programs.count = 2;
    refused(&pdu, 0x0A);
}
END_TEST

START_TEST(a_destination_that_is_not_certain_is_refused)
{
    static const char *const wrong[] = {"", "555", "14155550123999999", "hello"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct pdu pdu = hello();
        pdu.destination_addr = octets_text(wrong[i]);
        refused(&pdu, 0x0B);
    }
}
END_TEST

START_TEST(a_long_text_comes_as_a_payload_or_in_the_field_but_not_in_both)
{
    static const uint8_t payload[] = {0x04, 0x24, 0x00, 0x02, 'H', 'i'};
    struct pdu pdu = hello();
    pdu.tlv_octets = octets_of(payload, sizeof payload);
    refused(&pdu, 0xC1);
    pdu.short_message = octets_of(NULL, 0);
    ck_assert(is_read(&pdu));
    text_is("Hi");
}
END_TEST

START_TEST(an_empty_submit_is_refused)
{
    struct pdu pdu = hello();
    pdu.short_message = octets_of(NULL, 0);
    refused(&pdu, 0x01);
    pdu.sm_default_msg_id = 7;
    refused(&pdu, 0x63);
}
END_TEST

START_TEST(text_is_read_in_its_own_alphabet)
{
    struct pdu pdu = hello();
    pdu.short_message = octets_of("a\x00", 2); /* GSM: the commercial at */
    ck_assert(is_read(&pdu));
    text_is("a@");
    pdu.data_coding = 8;
    pdu.short_message = octets_of("\x04\x16", 2);
    ck_assert(is_read(&pdu));
    text_is("\xD0\x96");
    pdu.data_coding = 3;
    pdu.short_message = octets_of("\xE9", 1);
    ck_assert(is_read(&pdu));
    text_is("\xC3\xA9");
}
END_TEST

START_TEST(text_that_would_arrive_otherwise_is_refused)
{
    struct pdu pdu = hello();
    pdu.data_coding = 8;
    pdu.short_message = octets_of("\x00H\x00", 3);
    refused(&pdu, 0x01);
    pdu.short_message = octets_of("\xD8\x3D", 2);
    refused(&pdu, 0x01);
}
END_TEST

START_TEST(an_alphabet_that_nobody_can_count_is_refused_with_a_status_that_the_version_knows)
{
    struct pdu pdu = hello();
    pdu.data_coding = 5;
    refused(&pdu, 0x45);
    place.version = 0x50;
    refused(&pdu, 0x104);
}
END_TEST

static void kept_is(const char *header, size_t header_length, const char *data, size_t length)
{
    ck_assert(offer.cargo.has_data);
    ck_assert(octets_equal(offer.cargo.header, octets_of(header, header_length)));
    ck_assert(octets_equal(offer.cargo.data, octets_of(data, length)));
}

START_TEST(eight_bit_data_is_kept_as_it_came)
{
    static const uint8_t codings[] = {0x02, 0x04, 0x15, 0xF4, 0xF7};
    struct pdu pdu = hello();
    pdu.short_message = octets_of("\0\xff", 2);
    for (size_t i = 0; i < sizeof codings; i++) {
        pdu.data_coding = codings[i];
        ck_assert(is_read(&pdu));
        kept_is("", 0, "\0\xff", 2);
        ck_assert_uint_eq(offer.cargo.data_coding, codings[i]);
        ck_assert_int_eq(offer.encoding, OFFER_BINARY);
        ck_assert_uint_eq(offer.text.length, 0);
    }
}
END_TEST

START_TEST(a_coding_that_says_more_than_an_alphabet_is_kept)
{
    struct pdu pdu = hello();
    pdu.data_coding = 0x10;
    ck_assert(is_read(&pdu));
    text_is("Hello");
    ck_assert(!offer.cargo.has_data && offer.cargo.has_coding);
    ck_assert_uint_eq(offer.cargo.data_coding, 0x10);
    ck_assert_int_eq(offer.encoding, OFFER_GSM7);
    pdu.data_coding = 3;
    ck_assert(is_read(&pdu));
    ck_assert(!offer.cargo.has_coding);
}
END_TEST

START_TEST(what_would_be_lost_on_the_way_is_refused)
{
    static const uint8_t sar[] = {0x02, 0x0C, 0, 2, 0, 1, 0x02, 0x0E, 0, 1, 2, 0x02, 0x0F, 0, 1, 1};
    struct pdu pdu = hello();
    pdu.esm_class = 0x40;
    refused(&pdu, 0x43);
    pdu.tlv_octets = octets_of(sar, sizeof sar);
    refused(&pdu, 0xC4);
    static const uint8_t beyond[] = {0x02, 0x0C, 0, 2, 0, 1, 0x02, 0x0E, 0, 1, 2, 0x02, 0x0F, 0, 1, 3};
    pdu.esm_class = 0;
    pdu.tlv_octets = octets_of(beyond, sizeof beyond);
    refused(&pdu, 0xC4);
    pdu = hello();
    pdu.esm_class = 0x02;
    refused(&pdu, 0x43);
    pdu.esm_class = 0x08;
    refused(&pdu, 0x43);
    pdu = hello();
    pdu.replace_if_present_flag = 1;
    refused(&pdu, 0x42);
    pdu.replace_if_present_flag = 2;
    refused(&pdu, 0x54);
}
END_TEST

static void part_is(unsigned reference, unsigned total, unsigned number)
{
    ck_assert_uint_eq(offer.part.reference, reference);
    ck_assert_uint_eq(offer.part.total, total);
    ck_assert_uint_eq(offer.part.number, number);
}

START_TEST(a_part_that_its_sender_cut_says_so)
{
    static const uint8_t sar[] = {0x02, 0x0C, 0, 2, 1, 2, 0x02, 0x0E, 0, 1, 3, 0x02, 0x0F, 0, 1, 2};
    struct pdu pdu = hello();
    pdu.esm_class = 0x40;
    pdu.short_message = octets_of("\5\0\3\x2a\2\1Hello", 11);
    ck_assert(is_read(&pdu));
    text_is("Hello");
    part_is(0x2a, 2, 1);
    ck_assert_int_eq(offer.encoding, OFFER_GSM7);
    pdu.short_message = octets_of("\6\x08\4\1\2\3\3\0H\0i", 11);
    pdu.data_coding = 8;
    ck_assert(is_read(&pdu));
    text_is("Hi");
    part_is(0x102, 3, 3);
    ck_assert_int_eq(offer.encoding, OFFER_UCS2);
    pdu = hello();
    pdu.tlv_octets = octets_of(sar, sizeof sar);
    ck_assert(is_read(&pdu));
    text_is("Hello");
    part_is(0x102, 3, 2);
}
END_TEST

START_TEST(a_header_about_anything_else_is_kept_with_what_is_behind_it)
{
    static const struct octets headers[] = {
        {(const uint8_t *)"\6\5\4\x0b\x84\0\0Hi", 9}, /* ports */
        {(const uint8_t *)"\x0b\5\4\x0b\x84\0\0\0\3\1\2\1Hi", 14},
        {(const uint8_t *)"\3\x24\1\1Hi", 6},   /* a national table */
        {(const uint8_t *)"\5\0\3\1\2\3Hi", 8}}; /* the third of two is no part (F274) */
    struct pdu pdu = hello();
    pdu.esm_class = 0x40;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        size_t length = headers[i].length - 2;
        pdu.short_message = headers[i];
        ck_assert(is_read(&pdu));
        kept_is((const char *)headers[i].at, length, "Hi", 2);
        part_is(0, 0, 0);
        ck_assert_int_eq(offer.encoding, OFFER_GSM7);
        text_is("Hi");
    }
    pdu.short_message = octets_of("\5\0\3\1\1\1Hello", 11); /* of one */
    ck_assert(is_read(&pdu));
    part_is(0, 0, 0);
    ck_assert(!offer.cargo.has_data);
}
END_TEST

START_TEST(a_header_of_a_wrong_length_is_refused)
{
    static const struct octets headers[] = {{(const uint8_t *)"\x7fHi", 3},
                                            {(const uint8_t *)"\4\5\4\1\1Hi", 7},
                                            {(const uint8_t *)"", 0}};
    struct pdu pdu = hello();
    pdu.esm_class = 0x40;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        pdu.short_message = headers[i];
        refused(&pdu, 0x43);
    }
    pdu.short_message = octets_of("\0Hello", 6); /* an empty one is none (F275) */
    ck_assert(is_read(&pdu));
    text_is("Hello");
    pdu.short_message = octets_of("\0", 1);
    refused(&pdu, 0x01);
}
END_TEST

/* "Şş" by the Turkish single shift (23.038 annex A.2.1): the octets go as they are, and people read the text. */
START_TEST(a_header_may_name_national_tables)
{
    struct pdu pdu = hello();
    pdu.esm_class = 0x40;
    pdu.short_message = octets_of("\3\x24\1\1\x1bS\x1bs", 8);
    ck_assert(is_read(&pdu));
    part_is(0, 0, 0);
    kept_is("\3\x24\1\1", 4, "\x1bS\x1bs", 4);
    ck_assert_uint_eq(offer.encoding, OFFER_GSM7);
    ck_assert(octets_equal(offer.text, octets_text("Şş")));
}
END_TEST

START_TEST(sar_of_one_or_in_pieces_is_no_part)
{
    static const uint8_t one[] = {0x02, 0x0C, 0, 2, 0, 1, 0x02, 0x0E, 0, 1, 1, 0x02, 0x0F, 0, 1, 1};
    struct pdu pdu = hello();
    pdu.tlv_octets = octets_of(one, sizeof one);
    ck_assert(is_read(&pdu));
    pdu.tlv_octets = octets_of(one, 6);
    ck_assert(is_read(&pdu));
}
END_TEST

START_TEST(times_are_absolute_or_relative)
{
    struct pdu pdu = hello();
    pdu.schedule_delivery_time = octets_text("260314093100000+");
    pdu.validity_period = octets_text("000000000200000R");
    ck_assert(is_read(&pdu));
    ck_assert_int_eq(offer.send_at, NOW + 60000);
    ck_assert_int_eq(offer.expires_at, NOW + 120000);
    pdu.schedule_delivery_time = octets_text("000000000000000R"); /* at once */
    ck_assert(is_read(&pdu));
    ck_assert_int_eq(offer.send_at, 0);
}
END_TEST

START_TEST(times_that_are_none_or_past_are_refused)
{
    static const char *const wrong[] = {"tomorrow", "2603140931", "260314092900000+"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct pdu pdu = hello();
        pdu.schedule_delivery_time = octets_text(wrong[i]);
        refused(&pdu, 0x61);
        pdu = hello();
        pdu.validity_period = octets_text(wrong[i]);
        refused(&pdu, 0x62);
    }
    struct pdu pdu = hello();
    pdu.validity_period = octets_text("000000000000000R");
    refused(&pdu, 0x62);
    pdu.schedule_delivery_time = octets_text("260314103000000+");
    pdu.validity_period = octets_text("260314103000000+");
    refused(&pdu, 0x62);
}
END_TEST

/* ---- deliver_sm ---- */

static struct octets encoded(const struct pdu *pdu)
{
    static uint8_t octets[1000];
    size_t length;
    ck_assert(pdu_encode(pdu, octets, sizeof octets, &length));
    return octets_of(octets, length);
}

static void octets_are(struct octets got, const void *wanted, size_t length)
{
    ck_assert_uint_eq(got.length, length);
    ck_assert_mem_eq(got.at, wanted, length);
}

static struct message sent(void)
{
    return (struct message){.id = INT64_C(0x019cec1e3a40) << 12 | 0x001,
                            .tail = 5,
                            .sender = "+12065550100",
                            .number = 14155550123,
                            .created_at = NOW,
                            .done_at = NOW + 90000};
}

static const struct handover delivered = {.message = 1, .state = 2, .err = ""};
static const struct handover blocked = {.message = 1, .state = 8, .err = "403"};

START_TEST(a_receipt_has_the_text_of_appendix_b_and_its_tlvs)
{
    static const char wanted[] =
        "\0\0\0\xDD\0\0\0\x05\0\0\0\0\0\0\0\0"
        "\0\x01\x01"
        "14155550123\0\x01\x01"
        "12065550100\0\x04\0\0\0\0\0\0\0\0\x7C"
        "id:019cec1e3a4070018000000000000005 sub:001 dlvrd:001 submit date:2603140930 "
        "done date:2603140931 stat:DELIVRD err:000 text:"
        "\x00\x1E\x00\x21"
        "019cec1e3a4070018000000000000005\0"
        "\x04\x27\x00\x01\x02";
    struct message message = sent();
    struct delivery delivery;
    struct delivery_frame frame;
    delivery_of_receipt(&delivered, &message, 0, NOW, region, &delivery);
    delivery_frame(&delivery, true, 1, &frame);
    octets_are(encoded(&frame.pdu), wanted, sizeof wanted - 1);
}
END_TEST

START_TEST(a_receipt_towards_3_3_is_text_alone)
{
    struct message message = sent();
    struct delivery delivery;
    struct delivery_frame frame;
    message.done_at = 0;
    delivery_of_receipt(&blocked, &message, 0xBEEF, NOW, region, &delivery);
    delivery_frame(&delivery, false, 1, &frame);
    static const char text[] = "id:0000beef sub:001 dlvrd:000 submit date:2603140930 done "
                               "date:2603140930 stat:REJECTD err:403 text:";
    octets_are(frame.pdu.short_message, text, strlen(text));
    ck_assert_uint_eq(frame.pdu.tlv_count, 0);
    ck_assert_uint_eq(frame.pdu.esm_class, 4);
}
END_TEST

static void deliver_part(const char *text, unsigned part, struct delivery_frame *frame)
{
    struct delivery delivery;
    struct inbound inbound = {.number = 14155550123, .tail = 0x1107, .sender = "78787", .text = text};
    delivery_of_text(&inbound, region, &delivery);
    delivery_frame(&delivery, false, part, frame);
}

static void deliver(const char *text, bool takes_tlvs, struct delivery_frame *frame)
{
    static struct delivery delivery;
    struct inbound inbound = {
        .number = 14155550123, .source = "4155550123", .sender = "78787", .text = text};
    delivery_of_text(&inbound, region, &delivery);
    delivery_frame(&delivery, takes_tlvs, 1, frame);
}

START_TEST(a_receipt_for_somebody_who_was_erased_comes_from_nobody)
{
    struct message message = sent();
    struct delivery delivery;
    message.number = 0;
    delivery_of_receipt(&delivered, &message, 0, NOW, region, &delivery);
    ck_assert_str_eq(delivery.source.text, "");
    ck_assert_str_eq(delivery.destination.text, "12065550100");
}
END_TEST

START_TEST(a_text_is_delivered_in_the_plainest_alphabet)
{
    static const char wanted[] = "\0\0\0\x37\0\0\0\x05\0\0\0\0\0\0\0\0"
                                 "\0\x01\x01"
                                 "14155550123\0\x03\0"
                                 "78787\0\0\0\0\0\0\0\0\0\0\x06"
                                 "STOP\0!";
    struct delivery_frame frame;
    deliver("STOP@!", true, &frame);
    octets_are(encoded(&frame.pdu), wanted, sizeof wanted - 1);
    deliver("\xD0\x96", true, &frame);
    ck_assert_uint_eq(frame.pdu.data_coding, 8);
    octets_are(frame.pdu.short_message, "\x04\x16", 2);
}
END_TEST

START_TEST(a_source_that_is_no_number_is_handed_on_as_it_came)
{
    struct inbound inbound = {.source = "MarketLead-and-much-more", .sender = "", .text = ""};
    struct delivery delivery;
    struct delivery_frame frame;
    delivery_of_text(&inbound, region, &delivery);
    delivery_frame(&delivery, true, 1, &frame);
    octets_are(frame.pdu.source_addr, "MarketLead-and-much-", 20);
    ck_assert_uint_eq(frame.pdu.source_addr_ton, 0);
    ck_assert_uint_gt(pdu_size(&frame.pdu), 0);
}
END_TEST

START_TEST(a_long_text_is_a_payload_where_there_can_be_one)
{
    char text[301] = "";
    struct delivery_frame frame;
    memset(text, 'x', 300);
    deliver(text, true, &frame);
    ck_assert_uint_eq(frame.pdu.short_message.length, 0);
    ck_assert_uint_eq(frame.tlvs[0].tag, 0x0424);
    ck_assert_uint_eq(frame.tlvs[0].value.length, 300);
    ck_assert(!frame.is_cut);
}
END_TEST

START_TEST(a_long_text_towards_3_3_comes_in_parts)
{
    char text[301] = "";
    struct delivery_frame frame;
    memset(text, 'x', 300);
    deliver_part(text, 1, &frame);
    ck_assert_uint_eq(frame.parts, 2);
    ck_assert_uint_eq(frame.pdu.esm_class, 0x40);
    ck_assert_uint_eq(frame.pdu.tlv_count, 0);
    ck_assert_uint_eq(frame.pdu.short_message.length, 6 + 153);
    octets_are(octets_of(frame.pdu.short_message.at, 7), "\x05\0\x03\x07\x02\x01x", 7);
    deliver_part(text, 2, &frame);
    ck_assert_uint_eq(frame.pdu.short_message.length, 6 + 147);
    octets_are(octets_of(frame.pdu.short_message.at, 7), "\x05\0\x03\x07\x02\x02x", 7);
    ck_assert(!frame.is_cut);
    text[254] = '\0';
    deliver_part(text, 1, &frame);
    ck_assert_uint_eq(frame.parts, 1);
    ck_assert_uint_eq(frame.pdu.esm_class, 0);
    ck_assert_uint_eq(frame.pdu.short_message.length, 254);
}
END_TEST

START_TEST(a_text_that_fits_no_parts_is_cut_between_characters)
{
    char *text = malloc(40001);
    struct delivery_frame frame;
    memset(text, 'x', 40000);
    memcpy(text + 253, "\xE2\x82\xAC", 3); /* a euro sign: an escape and a septet */
    text[40000] = '\0';
    deliver_part(text, 1, &frame);
    ck_assert(frame.is_cut);
    ck_assert_uint_eq(frame.parts, 2);
    deliver_part(text, 2, &frame);
    ck_assert_uint_eq(frame.pdu.short_message.length, 6 + 253 - 153);
    free(text);
}
END_TEST

START_TEST(the_ports_of_a_text_are_handed_on)
{
    struct delivery delivery;
    struct delivery_frame frame;
    struct inbound inbound = {.number = 14155550123,
                              .sender = "78787",
                              .text = "x",
                              .has_ports = true,
                              .destination_port = 2948,
                              .source_port = 9200};
    delivery_of_text(&inbound, region, &delivery);
    delivery_frame(&delivery, true, 1, &frame);
    ck_assert_uint_eq(frame.pdu.tlv_count, 2);
    ck_assert_uint_eq(frame.tlvs[0].tag, 0x020B);
    octets_are(frame.tlvs[0].value, "\x0B\x84", 2);
    ck_assert_uint_eq(frame.tlvs[1].tag, 0x020A);
    octets_are(frame.tlvs[1].value, "\x23\xF0", 2);
    octets_are(frame.pdu.short_message, "x", 1);
    delivery_frame(&delivery, false, 1, &frame);
    ck_assert_uint_eq(frame.pdu.tlv_count, 0);
    ck_assert_uint_eq(frame.pdu.esm_class, 0x40);
    octets_are(frame.pdu.short_message, "\x06\x05\x04\x0B\x84\x23\xF0x", 8);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("smpp_door");
    TCase *submits = tcase_create("submits"), *deliveries = tcase_create("deliveries");
    tcase_add_checked_fixture(submits, begin, end);
    tcase_add_test(submits, a_submit_is_offered_as_it_was_meant);
    tcase_add_test(submits, a_source_is_read_whatever_its_type_says);
    tcase_add_test(submits, without_a_source_the_only_program_speaks);
    tcase_add_test(submits, a_destination_that_is_not_certain_is_refused);
    tcase_add_test(submits, a_long_text_comes_as_a_payload_or_in_the_field_but_not_in_both);
    tcase_add_test(submits, an_empty_submit_is_refused);
    tcase_add_test(submits, text_is_read_in_its_own_alphabet);
    tcase_add_test(submits, text_that_would_arrive_otherwise_is_refused);
    tcase_add_test(submits, an_alphabet_that_nobody_can_count_is_refused_with_a_status_that_the_version_knows);
    tcase_add_test(submits, eight_bit_data_is_kept_as_it_came);
    tcase_add_test(submits, a_coding_that_says_more_than_an_alphabet_is_kept);
    tcase_add_test(submits, what_would_be_lost_on_the_way_is_refused);
    tcase_add_test(submits, a_part_that_its_sender_cut_says_so);
    tcase_add_test(submits, a_header_about_anything_else_is_kept_with_what_is_behind_it);
    tcase_add_test(submits, a_header_of_a_wrong_length_is_refused);
    tcase_add_test(submits, a_header_may_name_national_tables);
    tcase_add_test(submits, sar_of_one_or_in_pieces_is_no_part);
    tcase_add_test(submits, times_are_absolute_or_relative);
    tcase_add_test(submits, times_that_are_none_or_past_are_refused);
    suite_add_tcase(suite, submits);
    tcase_add_checked_fixture(deliveries, begin, end);
    tcase_add_test(deliveries, a_receipt_has_the_text_of_appendix_b_and_its_tlvs);
    tcase_add_test(deliveries, a_receipt_towards_3_3_is_text_alone);
    tcase_add_test(deliveries, a_receipt_for_somebody_who_was_erased_comes_from_nobody);
    tcase_add_test(deliveries, a_text_is_delivered_in_the_plainest_alphabet);
    tcase_add_test(deliveries, a_source_that_is_no_number_is_handed_on_as_it_came);
    tcase_add_test(deliveries, a_long_text_is_a_payload_where_there_can_be_one);
    tcase_add_test(deliveries, a_long_text_towards_3_3_comes_in_parts);
    tcase_add_test(deliveries, a_text_that_fits_no_parts_is_cut_between_characters);
    tcase_add_test(deliveries, the_ports_of_a_text_are_handed_on);
    suite_add_tcase(suite, deliveries);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
