#include "src/sim/sim_pdu.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/must.h"

#define ADDRESS_MOST 21 /* of all but data_sm, with its NUL */

enum {
    TLV_RECEIPTED_MESSAGE_ID = 0x001E,
    TLV_SAR_REFERENCE = 0x020C,
    TLV_SAR_TOTAL = 0x020E,
    TLV_SAR_PART = 0x020F,
    TLV_SC_INTERFACE_VERSION = 0x0210,
    TLV_MESSAGE_PAYLOAD = 0x0424,
    TLV_MESSAGE_STATE = 0x0427,
};

enum { ESM_MODE = 0x03, ESM_MODE_TRANSACTION = 0x02, ESM_UDHI = 0x40 };

/* ---- buffer ---- */

void sim_buffer_add(struct sim_buffer *buffer, const void *from, size_t length)
{
    if (length == 0)
        return;
    if (buffer->length + length > buffer->room) {
        buffer->room = (buffer->length + length) * 2;
        buffer->at = mem_grow(buffer->at, buffer->room);
    }
    memcpy(buffer->at + buffer->length, from, length);
    buffer->length += length;
}

void sim_buffer_drop(struct sim_buffer *buffer, size_t count)
{
    must(count <= buffer->length);
    buffer->length -= count;
    if (buffer->length > 0)
        memmove(buffer->at, buffer->at + count, buffer->length);
}

void sim_buffer_wipe(struct sim_buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct sim_buffer){0};
}

/* ---- reading: the first fault sticks, and what is taken after it is zero ---- */

struct reader {
    struct octets left;
    enum sim_status status;
};

static void fail(struct reader *reader, enum sim_status status)
{
    if (reader->status == SIM_OK)
        reader->status = status;
    reader->left.length = 0;
}

static struct octets take(struct reader *reader, size_t count)
{
    if (count > reader->left.length) {
        fail(reader, SIM_BAD_COMMAND_LENGTH);
        return octets_of(NULL, 0);
    }
    struct octets taken = octets_of(reader->left.at, count);
    reader->left.at += count;
    reader->left.length -= count;
    return taken;
}

static uint8_t take_u8(struct reader *reader)
{
    struct octets taken = take(reader, 1);
    return taken.length == 0 ? 0 : taken.at[0];
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7E)
            return false;
    return true;
}

/* A string of at most `most` octets with its NUL. `bad` is the status of this field: it answers one
 * that is too long or no printable ASCII; one that the body cuts is 0x02 (F8, F9). */
static void take_text(struct reader *reader, char *out, size_t most, enum sim_status bad)
{
    out[0] = '\0';
    if (reader->status != SIM_OK)
        return;
    size_t within = reader->left.length < most ? reader->left.length : most;
    const uint8_t *end = within == 0 ? NULL : memchr(reader->left.at, 0, within);
    if (end == NULL) {
        fail(reader, within < most ? SIM_BAD_COMMAND_LENGTH : bad);
        return;
    }
    struct octets taken = take(reader, (size_t)(end - reader->left.at) + 1);
    memcpy(out, taken.at, taken.length);
    if (!is_printable(out))
        fail(reader, bad);
}

static void take_address(struct reader *reader, struct sim_address *address, size_t most,
                         enum sim_status bad)
{
    address->ton = take_u8(reader);
    address->npi = take_u8(reader);
    take_text(reader, address->digits, most, bad);
}

static uint16_t get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

struct sim_header sim_header_read(const uint8_t at[SIM_HEADER_SIZE])
{
    return (struct sim_header){.length = get_u32(at),
                               .command = get_u32(at + 4),
                               .status = get_u32(at + 8),
                               .sequence = get_u32(at + 12)};
}

bool sim_command_is_known(uint32_t command)
{
    static const uint32_t known[] = {
        SIM_BIND_RECEIVER,
        SIM_BIND_TRANSMITTER,
        SIM_QUERY_SM,
        SIM_SUBMIT_SM,
        SIM_DELIVER_SM,
        SIM_UNBIND,
        SIM_REPLACE_SM,
        SIM_CANCEL_SM,
        SIM_BIND_TRANSCEIVER,
        SIM_OUTBIND,
        SIM_ENQUIRE_LINK,
        SIM_SUBMIT_MULTI,
        SIM_DATA_SM,
        SIM_ALERT_NOTIFICATION,
        SIM_BROADCAST_SM,
        SIM_QUERY_BROADCAST_SM,
        SIM_CANCEL_BROADCAST_SM,
    };
    if (command == SIM_GENERIC_NACK)
        return true;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if ((command & ~SIM_RESPONSE) == known[i])
            return true;
    return false;
}

enum sim_status sim_login_read(struct octets body, struct sim_login *login)
{
    struct reader reader = {.left = body};
    char system_type[SIM_NAME_SIZE], address_range[SIM_NAME_SIZE];
    *login = (struct sim_login){0};
    take_text(&reader, login->system_id, SIM_NAME_SIZE, SIM_BAD_SYSTEM_ID);
    take_text(&reader, login->password, SIM_NAME_SIZE, SIM_BAD_PASSWORD);
    take_text(&reader, system_type, 13, SIM_BAD_SYSTEM_TYPE);
    login->version = take_u8(&reader);
    take(&reader, 2); /* addr_ton, addr_npi: any will do (F159) */
    take_text(&reader, address_range, 41, SIM_BAD_MESSAGE_LENGTH);
    return reader.status;
}

/* ---- the TLVs of a submit ---- */

struct tlvs {
    struct octets payload;
    bool has_payload;
    bool has_reference, has_total, has_part;
    uint16_t reference;
    uint8_t total, part;
};

/* Of a tag that comes twice the first counts (F388); one of a wrong length is as if absent (F387).
 */
static void keep_tlv(struct tlvs *tlvs, uint16_t tag, struct octets value)
{
    if (tag == TLV_MESSAGE_PAYLOAD && !tlvs->has_payload) {
        tlvs->has_payload = true;
        tlvs->payload = value;
    } else if (tag == TLV_SAR_REFERENCE && !tlvs->has_reference && value.length == 2) {
        tlvs->has_reference = true;
        tlvs->reference = get_u16(value.at);
    } else if (tag == TLV_SAR_TOTAL && !tlvs->has_total && value.length == 1) {
        tlvs->has_total = true;
        tlvs->total = value.at[0];
    } else if (tag == TLV_SAR_PART && !tlvs->has_part && value.length == 1) {
        tlvs->has_part = true;
        tlvs->part = value.at[0];
    }
}

static struct tlvs take_tlvs(struct reader *reader)
{
    struct tlvs tlvs = {0};
    while (reader->left.length >= 4) {
        uint16_t tag = get_u16(reader->left.at), length = get_u16(reader->left.at + 2);
        if (length > reader->left.length - 4) {
            fail(reader, SIM_BAD_TLV_STREAM);
            return tlvs;
        }
        take(reader, 4);
        keep_tlv(&tlvs, tag, take(reader, length));
    }
    if (reader->left.length > 0)
        fail(reader, SIM_BAD_TLV_STREAM);
    return tlvs;
}

static bool has_any_sar(const struct tlvs *tlvs)
{
    return tlvs->has_reference || tlvs->has_total || tlvs->has_part;
}

static void join_by(struct sim_submit *submit, enum sim_join join, unsigned reference,
                    uint8_t parts, uint8_t part)
{
    if (parts == 0 || part == 0 || part > parts)
        return; /* it stands alone (F274) */
    submit->join = join;
    submit->reference = (uint16_t)reference;
    submit->parts = parts;
    submit->part = part;
}

/* ---- the user data header ---- */

static void read_element(struct sim_submit *submit, uint8_t id, struct octets data)
{
    if (id == 0x00 && data.length == 3)
        join_by(submit, SIM_JOIN_UDH8, data.at[0], data.at[1], data.at[2]);
    else if (id == 0x08 && data.length == 4)
        join_by(submit, SIM_JOIN_UDH16, get_u16(data.at), data.at[2], data.at[3]);
}

/* Whether the elements fill the header exactly; if not it means nothing at all (F272). */
static bool elements_fit(struct octets elements)
{
    size_t at = 0;
    while (at + 2 <= elements.length)
        at += 2u + elements.at[at + 1];
    return at == elements.length;
}

/* Cuts the header off the text. */
static enum sim_status read_user_header(struct sim_submit *submit)
{
    if (submit->text.length == 0 || submit->text.at[0] >= submit->text.length)
        return SIM_BAD_ESM_CLASS;
    size_t length = 1u + submit->text.at[0];
    submit->header = octets_of(submit->text.at, length);
    submit->text = octets_of(submit->text.at + length, submit->text.length - length);
    struct octets elements = octets_of(submit->header.at + 1, length - 1);
    if (!elements_fit(elements))
        return SIM_OK;
    for (size_t at = 0; at < elements.length; at += 2u + elements.at[at + 1])
        read_element(submit, elements.at[at], octets_of(elements.at + at + 2, elements.at[at + 1]));
    return SIM_OK;
}

/* ---- submit_sm, data_sm ---- */

struct rest {
    uint8_t priority, replace, default_message;
    struct octets short_message;
};

static struct rest take_submit(struct reader *reader, struct sim_submit *submit)
{
    struct rest rest = {0};
    char time[17];
    take_address(reader, &submit->from, ADDRESS_MOST, SIM_BAD_SOURCE);
    take_address(reader, &submit->to, ADDRESS_MOST, SIM_BAD_DESTINATION);
    submit->esm_class = take_u8(reader);
    take_u8(reader); /* protocol_id */
    rest.priority = take_u8(reader);
    take_text(reader, time, sizeof time, SIM_BAD_SCHEDULE);
    take_text(reader, time, sizeof time, SIM_BAD_EXPIRY);
    submit->registered_delivery = take_u8(reader);
    rest.replace = take_u8(reader);
    submit->data_coding = take_u8(reader);
    rest.default_message = take_u8(reader);
    uint8_t length = take_u8(reader);
    if (length > reader->left.length)
        fail(reader, SIM_BAD_MESSAGE_LENGTH);
    rest.short_message = take(reader, reader->status == SIM_OK ? length : 0);
    return rest;
}

static void take_data(struct reader *reader, struct sim_submit *submit)
{
    take_address(reader, &submit->from, SIM_ADDRESS_SIZE, SIM_BAD_SOURCE);
    take_address(reader, &submit->to, SIM_ADDRESS_SIZE, SIM_BAD_DESTINATION);
    submit->esm_class = take_u8(reader);
    submit->registered_delivery = take_u8(reader);
    submit->data_coding = take_u8(reader);
}

/* F210 to F212, F356: the text is in one place, and there is one. */
static enum sim_status choose_text(struct sim_submit *submit, uint32_t command,
                                   const struct rest *rest, const struct tlvs *tlvs)
{
    if (command == SIM_DATA_SM && !tlvs->has_payload)
        return SIM_TLV_MISSING;
    if (tlvs->has_payload && rest->short_message.length > 0)
        return SIM_TLV_NOT_ALLOWED;
    submit->is_payload = tlvs->has_payload;
    submit->text = tlvs->has_payload ? tlvs->payload : rest->short_message;
    if (submit->text.length == 0 && rest->default_message == 0)
        return SIM_BAD_MESSAGE_LENGTH;
    return SIM_OK;
}

static enum sim_status judge_submit(const struct sim_submit *submit, const struct rest *rest,
                                    const struct tlvs *tlvs, uint8_t version)
{
    if (submit->to.digits[0] == '\0')
        return SIM_BAD_DESTINATION;
    if ((submit->esm_class & ESM_MODE) == ESM_MODE_TRANSACTION)
        return SIM_BAD_ESM_CLASS; /* F357 */
    if (rest->priority > (version >= SIM_VERSION_50 ? 4 : 3))
        return SIM_BAD_PRIORITY;
    if (rest->replace > 1)
        return SIM_BAD_REPLACE_FLAG;
    if (rest->short_message.length > SIM_SHORT_MESSAGE_MOST && version < SIM_VERSION_50)
        return SIM_BAD_MESSAGE_LENGTH; /* F211 */
    if ((submit->esm_class & ESM_UDHI) != 0 && has_any_sar(tlvs))
        return SIM_BAD_TLV_VALUE; /* F286 */
    return SIM_OK;
}

enum sim_status sim_submit_read(struct octets body, uint32_t command, uint8_t version,
                                struct sim_submit *submit)
{
    struct reader reader = {.left = body};
    struct rest rest = {0};
    char service_type[6];
    *submit = (struct sim_submit){.part = 1, .parts = 1};
    take_text(&reader, service_type, sizeof service_type, SIM_BAD_SERVICE_TYPE);
    if (command == SIM_DATA_SM)
        take_data(&reader, submit);
    else
        rest = take_submit(&reader, submit);
    submit->tlvs = reader.left;
    struct tlvs tlvs = take_tlvs(&reader);
    if (reader.status != SIM_OK)
        return reader.status;
    enum sim_status status = judge_submit(submit, &rest, &tlvs, version);
    if (status == SIM_OK)
        status = choose_text(submit, command, &rest, &tlvs);
    if (status != SIM_OK)
        return status;
    if ((submit->esm_class & ESM_UDHI) != 0)
        return read_user_header(submit);
    if (tlvs.has_reference && tlvs.has_total && tlvs.has_part) /* F285 */
        join_by(submit, SIM_JOIN_SAR, tlvs.reference, tlvs.total, tlvs.part);
    return SIM_OK;
}

bool sim_tlv_next(struct octets tlvs, size_t *at, uint16_t *tag, struct octets *value)
{
    if (tlvs.length - *at < 4)
        return false;
    const uint8_t *here = tlvs.at + *at;
    *tag = get_u16(here);
    *value = octets_of(here + 4, get_u16(here + 2));
    *at += 4 + value->length;
    return true;
}

enum sim_status sim_query_read(struct octets body, struct sim_query *query)
{
    struct reader reader = {.left = body};
    take_text(&reader, query->message_id, sizeof query->message_id, SIM_BAD_MESSAGE_ID);
    take_address(&reader, &query->from, ADDRESS_MOST, SIM_BAD_SOURCE);
    return reader.status;
}

/* ---- writing ---- */

static void put_u8(struct sim_buffer *out, unsigned value)
{
    uint8_t octet = (uint8_t)value;
    sim_buffer_add(out, &octet, 1);
}

static void put_u16(struct sim_buffer *out, unsigned value)
{
    put_u8(out, value >> 8 & 0xFF);
    put_u8(out, value & 0xFF);
}

static void put_u32(struct sim_buffer *out, uint32_t value)
{
    put_u16(out, value >> 16);
    put_u16(out, value & 0xFFFF);
}

static void put_text(struct sim_buffer *out, const char *text)
{
    sim_buffer_add(out, text, strlen(text) + 1);
}

static void put_tlv(struct sim_buffer *out, unsigned tag, struct octets value)
{
    put_u16(out, tag);
    put_u16(out, (unsigned)value.length);
    sim_buffer_add(out, value.at, value.length);
}

static void put_tlv_u8(struct sim_buffer *out, unsigned tag, uint8_t value)
{
    put_tlv(out, tag, octets_of(&value, 1));
}

/* Gives where the PDU began, for end_pdu, which knows its length. */
static size_t begin_pdu(struct sim_buffer *out, uint32_t command, uint32_t status,
                        uint32_t sequence)
{
    size_t start = out->length;
    put_u32(out, 0);
    put_u32(out, command);
    put_u32(out, status);
    put_u32(out, sequence);
    return start;
}

static void end_pdu(struct sim_buffer *out, size_t start)
{
    size_t length = out->length - start;
    for (size_t i = 0; i < 4; i++)
        out->at[start + i] = (uint8_t)(length >> (24 - 8 * i) & 0xFF);
}

void sim_write_plain(struct sim_buffer *out, uint32_t command, uint32_t status, uint32_t sequence)
{
    end_pdu(out, begin_pdu(out, command, status, sequence));
}

void sim_write_bound(struct sim_buffer *out, uint32_t command, uint32_t sequence, uint8_t version)
{
    size_t start = begin_pdu(out, command, SIM_OK, sequence);
    put_text(out, "assentsim");
    if (version >= SIM_VERSION_34)
        put_tlv_u8(out, TLV_SC_INTERFACE_VERSION,
                   version >= SIM_VERSION_50 ? SIM_VERSION_50 : SIM_VERSION_34);
    end_pdu(out, start);
}

void sim_write_id(struct sim_buffer *out, uint32_t command, uint32_t sequence, const char *id)
{
    size_t start = begin_pdu(out, command, SIM_OK, sequence);
    put_text(out, id);
    end_pdu(out, start);
}

void sim_write_queried(struct sim_buffer *out, uint32_t sequence, const char *id,
                       const char *final_date, uint8_t message_state)
{
    size_t start = begin_pdu(out, SIM_RESPONSE | SIM_QUERY_SM, SIM_OK, sequence);
    put_text(out, id);
    put_text(out, final_date);
    put_u8(out, message_state);
    put_u8(out, 0); /* error_code */
    end_pdu(out, start);
}

static void put_address(struct sim_buffer *out, const struct sim_address *address)
{
    put_u8(out, address->ton);
    put_u8(out, address->npi);
    put_text(out, address->digits);
}

/* Behind the addresses deliver_sm has more fields than data_sm (3.4 4.6.1, 4.7.1). */
static void put_deliver_fields(struct sim_buffer *out, const struct sim_deliver *deliver)
{
    put_u8(out, deliver->esm_class);
    put_u16(out, 0); /* protocol_id, priority_flag */
    put_u16(out, 0); /* schedule_delivery_time and validity_period, both empty */
    put_u16(out, 0); /* registered_delivery, replace_if_present_flag */
    put_u8(out, deliver->data_coding);
    put_u8(out, 0); /* sm_default_msg_id */
    put_u8(out, deliver->is_payload ? 0 : (unsigned)deliver->text.length);
    if (!deliver->is_payload)
        sim_buffer_add(out, deliver->text.at, deliver->text.length);
}

static void put_data_fields(struct sim_buffer *out, const struct sim_deliver *deliver)
{
    put_u8(out, deliver->esm_class);
    put_u8(out, 0); /* registered_delivery */
    put_u8(out, deliver->data_coding);
}

void sim_write_deliver(struct sim_buffer *out, uint32_t sequence, uint8_t version,
                       const struct sim_deliver *deliver)
{
    bool takes_tlvs = version >= SIM_VERSION_34;
    bool is_data_sm = deliver->is_data_sm && takes_tlvs;
    must(deliver->is_payload ? takes_tlvs : deliver->text.length <= SIM_SHORT_MESSAGE_MOST);
    size_t start = begin_pdu(out, is_data_sm ? SIM_DATA_SM : SIM_DELIVER_SM, 0, sequence);
    put_text(out, ""); /* service_type */
    put_address(out, &deliver->from);
    put_address(out, &deliver->to);
    if (is_data_sm)
        put_data_fields(out, deliver);
    else
        put_deliver_fields(out, deliver);
    if (is_data_sm || deliver->is_payload)
        put_tlv(out, TLV_MESSAGE_PAYLOAD, deliver->text);
    if (deliver->sar_total > 0 && takes_tlvs) {
        const uint8_t reference[] = {(uint8_t)(deliver->reference >> 8),
                                     (uint8_t)deliver->reference};
        put_tlv(out, TLV_SAR_REFERENCE, octets_of(reference, sizeof reference));
        put_tlv_u8(out, TLV_SAR_TOTAL, deliver->sar_total);
        put_tlv_u8(out, TLV_SAR_PART, deliver->sar_part);
    }
    if (deliver->receipted_id != NULL && takes_tlvs) {
        put_tlv(out, TLV_RECEIPTED_MESSAGE_ID,
                octets_of(deliver->receipted_id, strlen(deliver->receipted_id) + 1));
        put_tlv_u8(out, TLV_MESSAGE_STATE, deliver->message_state);
    }
    end_pdu(out, start);
}

void sim_write_date(int64_t wall_ms, char out[SIM_DATE_SIZE])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    must(gmtime_r(&seconds, &utc) != NULL);
    const int fields[] = {utc.tm_year, utc.tm_mon + 1, utc.tm_mday,
                          utc.tm_hour, utc.tm_min,     utc.tm_sec};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        snprintf(out + 2 * i, 3, "%02u", (unsigned)fields[i] % 100);
}
