/* A submit_sm becomes an offer, and what comes of it its answer. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/number.h"
#include "consent/sender.h"
#include "consent/verdict.h"
#include "smpp/esm_class.h"
#include "smpp/smpp_time.h"
#include "smpp_door_parts.h"

#define CODING_GROUPS 0x10 /* of data_coding, from here on: the groups of 23.038 */

static bool refuse(struct refusal *refusal, uint32_t status, const char *text)
{
    *refusal = (struct refusal){.status = status, .text = text};
    return false;
}

static bool refuse_by(struct refusal *refusal, enum verdict verdict)
{
    const struct verdict_row *row = verdict_row(verdict);
    return refuse(refusal, row->smpp_status, row->code);
}

/* ---- what it asks for ---- */

/* One of several by its TLVs. */
static bool is_by_sar(const struct pdu *pdu, struct part_mark *mark)
{
    struct part_mark said;
    if (!part_mark_of_sar(pdu, &said) || said.total <= 1)
        return false;
    *mark = said;
    return true;
}

/* Modes that would be lost on the way are refused, not dropped. A datagram is stored
 * like every other message. */
static bool read_class(const struct pdu *pdu, struct offer *offer, struct refusal *refusal)
{
    if ((pdu->esm_class & ESM_MODE) == ESM_MODE_TRANSACTION) /* F357 */
        return refuse(refusal, ESME_RINVESMCLASS, "transaction mode is not offered");
    if ((pdu->esm_class & ESM_TYPE) != 0)
        return refuse(refusal, ESME_RINVESMCLASS, "this message type is not offered");
    const struct part_mark *mark = &offer->part;
    bool has_header = (pdu->esm_class & ESM_UDHI) != 0, is_sar = is_by_sar(pdu, &offer->part);
    uint32_t port;
    if (has_header && pdu_tlv_number(pdu, TLV_dest_port, &port)) /* F286 */
        return refuse(refusal, ESME_RINVTLVVAL, "a user data header and ports exclude each other");
    if (has_header && is_sar)
        return refuse(refusal, ESME_RINVTLVVAL, "a user data header and SAR exclude each other");
    if (is_sar && (mark->number == 0 || mark->number > mark->total))
        return refuse(refusal, ESME_RINVTLVVAL, "sar_segment_seqnum is not one of its segments");
    if (pdu->replace_if_present_flag > 1)
        return refuse(refusal, ESME_RINVREPFLAG, "replace_if_present_flag is neither 0 nor 1");
    if (pdu->replace_if_present_flag == 1)
        return refuse(refusal, ESME_RINVSUBREP, "replacing on submit is not offered");
    return true;
}

/* Without a source the account's only program speaks from its first sender (F176). */
static bool read_source(const struct pdu *pdu, const struct submit_place *place,
                        struct offer *offer, struct refusal *refusal)
{
    char sender[SENDER_TEXT_SIZE];
    const struct config_list *programs = &offer->account->programs;
    if (pdu->source_addr.length == 0) {
        if (programs->count != 1)
            return refuse_by(refusal, VERDICT_INVALID_SENDER);
        offer->program = programs->at[0];
        return true;
    }
    if (!sender_of_smpp(pdu->source_addr_ton, pdu->source_addr, place->country, sender))
        return refuse_by(refusal, VERDICT_INVALID_SENDER);
    offer->from = region_text(place->region, octets_text(sender));
    return true;
}

/* Ports by TLVs become the header that the carrier would make of them (F276), and so does the part, beside them. */
static void read_ports(const struct pdu *pdu, struct region *region, struct offer *offer)
{
    uint32_t to = 0, from = 0;
    if (!pdu_tlv_number(pdu, TLV_dest_port, &to))
        return;
    pdu_tlv_number(pdu, TLV_source_port, &from);
    const struct part_mark *mark = &offer->part;
    const uint8_t elements[] = {0x05, 4, (uint8_t)(to >> 8), (uint8_t)to, (uint8_t)(from >> 8), (uint8_t)from,
                                0x08, 4, (uint8_t)(mark->reference >> 8), (uint8_t)mark->reference,
                                mark->total, mark->number};
    size_t length = mark->total > 0 ? sizeof elements : 6;
    uint8_t *header = region_get(region, 1 + length);
    header[0] = (uint8_t)length;
    memcpy(header + 1, elements, length);
    offer->cargo.header = octets_of(header, 1 + length);
}

/* A header that says which part of a text it is, and nothing else. */
static bool is_mark(const struct udh *udh, struct octets header)
{
    return udh->is_part && header.length == (udh->is_wide ? 7 : 6);
}

/* What its sender cut goes on as it was cut: each part is judged by itself, since each reaches the handset by itself. A header
 * that says more than that (ports, a national table, the SIM: F271, F276, F278) goes on as it is, and so do the octets
 * behind it. */
static bool read_part(const struct pdu *pdu, struct octets *raw, struct offer *offer,
                      struct udh *udh, struct refusal *refusal)
{
    struct octets whole = *raw;
    *udh = (struct udh){0};
    if ((pdu->esm_class & ESM_UDHI) == 0)
        return true; /* whole, or a part by its TLVs, which are read */
    if (!udh_read(whole, udh, raw) || udh->is_broken)
        return refuse(refusal, ESME_RINVESMCLASS, "the user data header has a wrong length");
    struct octets header = octets_of(whole.at, whole.length - raw->length);
    if (is_mark(udh, header) && udh->total > 1)
        offer->part = (struct part_mark){udh->reference, udh->total, udh->number};
    else if (!is_mark(udh, header) && header.length > 1)
        offer->cargo.header = header;
    return true;
}

/* 8-bit data, by SMPP and by 23.038; other codings without a text of ours are alphabets that nobody here can count (F220). */
static bool is_data(uint8_t data_coding)
{
    return data_coding == 0x02 || data_coding == 0x04 || (data_coding & 0xFC) == 0x14 ||
           (data_coding & 0xFC) == 0xF4;
}

/* The alphabet of phones that it comes to. */
static enum offer_encoding encoding_of(uint8_t data_coding)
{
    switch (text_alphabet_of(data_coding)) {
    case TEXT_GSM7:
    case TEXT_ASCII:
    case TEXT_LATIN1:
        return OFFER_GSM7;
    case TEXT_UCS2:
    case TEXT_CYRILLIC:
    case TEXT_HEBREW:
        return OFFER_UCS2;
    case TEXT_BINARY:
        break;
    }
    return OFFER_BINARY;
}

/* The same of octets that go as they are: those of ISO 8859-5 and -8 are no units of UTF-16. */
static enum offer_encoding encoding_of_octets(uint8_t data_coding)
{
    enum text_alphabet alphabet = text_alphabet_of(data_coding);
    bool is_single = alphabet == TEXT_CYRILLIC || alphabet == TEXT_HEBREW;
    return is_single ? OFFER_BINARY : encoding_of(data_coding);
}

/* The class by its TLV, 1 to 4 for 0 to 3 (3.4 5.3.2.1, F219), where the data_coding says none. */
static void read_subunit(const struct pdu *pdu, struct offer *offer)
{
    uint32_t subunit = 0;
    if (pdu->data_coding >= CODING_GROUPS ||
        !pdu_tlv_number(pdu, TLV_dest_addr_subunit, &subunit) || subunit < 1 || subunit > 4)
        return;
    offer->has_class = true;
    offer->message_class = (uint8_t)(subunit - 1);
}

/* Octets that go on as they are. What they say, where that is a text, is for people; what an odd octet makes of it is not
 * guessed. */
static void keep_octets(const struct pdu *pdu, const struct submit_place *place, struct octets raw,
                        const struct udh *udh, struct offer *offer)
{
    unsigned oddities = 0;
    offer->cargo.has_data = offer->cargo.has_coding = true;
    offer->cargo.data = raw;
    offer->cargo.data_coding = pdu->data_coding;
    offer->encoding = encoding_of_octets(pdu->data_coding);
    if (is_data(pdu->data_coding) || udh->is_binary)
        return;
    const struct text_source source = {.data_coding = pdu->data_coding,
                                       .tables = gsm7_tables_of(udh->locking_shift, udh->single_shift)};
    offer->text = text_read(raw, &source, place->region, &oddities);
    if (oddities != 0 || memchr(offer->text.at, 0, offer->text.length) != NULL)
        offer->text = octets_of(NULL, 0);
}

/* A data_coding that says more than an alphabet (a class, a waiting message: 23.038 4) goes on as it is, and with it the
 * alphabet. The handset puts octets together, not characters: so does that of parts. */
static bool read_words(const struct pdu *pdu, const struct submit_place *place, struct octets raw,
                       struct offer *offer, struct refusal *refusal)
{
    unsigned oddities = 0;
    offer->cargo.has_coding = pdu->data_coding >= CODING_GROUPS;
    offer->cargo.data_coding = pdu->data_coding;
    if (offer->part.total > 0 || offer->cargo.has_coding)
        offer->encoding = encoding_of(pdu->data_coding);
    offer->text = text_decode(raw, pdu->data_coding, place->region, &oddities);
    if ((oddities & (TEXT_ODD_OCTET | TEXT_LONE_SURROGATE)) != 0)
        return refuse_by(refusal, VERDICT_INVALID_TEXT); /* it would not arrive as it was meant */
    return true;
}

static bool find_octets(const struct pdu *pdu, struct octets *raw, struct refusal *refusal)
{
    struct octets payload = {NULL, 0};
    bool has_payload = pdu_tlv(pdu, TLV_message_payload, &payload) && payload.length > 0;
    *raw = has_payload ? payload : pdu->short_message;
    if (has_payload && pdu->short_message.length > 0) /* F210 */
        return refuse(refusal, ESME_RTLVNOTALLWD,
                      "short_message and message_payload are both filled");
    if (raw->length == 0 && pdu->sm_default_msg_id != 0)
        return refuse(refusal, ESME_RINVDFTMSGID, "there are no predefined messages");
    return true;
}

bool submit_read_text(const struct pdu *pdu, const struct submit_place *place, struct offer *offer,
                      struct refusal *refusal)
{
    struct octets raw;
    struct udh udh;
    if (!find_octets(pdu, &raw, refusal) || !read_part(pdu, &raw, offer, &udh, refusal))
        return false;
    read_ports(pdu, place->region, offer);
    read_subunit(pdu, offer);
    bool has_header = offer->cargo.header.length > 0;
    if (raw.length == 0 && !has_header) /* F212 */
        return refuse_by(refusal, VERDICT_INVALID_TEXT);
    if (text_alphabet_of(pdu->data_coding) == TEXT_BINARY && !is_data(pdu->data_coding))
        return refuse(refusal, place->version >= 0x50 ? ESME_RINVDCS : ESME_RSUBMITFAIL,
                      "data_coding is neither one of a text nor of 8-bit data");
    if (!has_header && !is_data(pdu->data_coding))
        return read_words(pdu, place, raw, offer, refusal);
    keep_octets(pdu, place, raw, &udh, offer);
    return true;
}

/* All of them: which are a carrier's own is known where its map is. */
static void read_tlvs(const struct pdu *pdu, struct region *region, struct offer *offer)
{
    struct tlv tlv;
    size_t count = 0;
    for (size_t at = 0; pdu_tlv_next(pdu, &at, &tlv);)
        count++;
    struct tlv *tags = region_get(region, (count + 1) * sizeof *tags);
    count = 0;
    for (size_t at = 0; pdu_tlv_next(pdu, &at, &tlv);)
        tags[count++] = tlv;
    offer->tlvs.tags = tags;
    offer->tlvs.tag_count = count;
}

bool submit_read_times(const struct pdu *pdu, const struct submit_place *place,
                       struct offer *offer, struct refusal *refusal)
{
    int64_t now_ms = place->now_ms, send_at = now_ms, expires_at = 0;
    enum smpp_time_kind kind = smpp_time_read(pdu->schedule_delivery_time, now_ms, &send_at);
    bool is_now = kind == SMPP_TIME_NONE || (kind == SMPP_TIME_RELATIVE && send_at == now_ms);
    if (kind == SMPP_TIME_WRONG || kind == SMPP_TIME_LOCAL)
        return refuse(refusal, ESME_RINVSCHED, "schedule_delivery_time is not a time");
    if (!is_now && send_at <= now_ms)
        return refuse(refusal, ESME_RINVSCHED, "schedule_delivery_time is past");
    offer->send_at = is_now ? 0 : send_at;
    kind = smpp_time_read(pdu->validity_period, now_ms, &expires_at);
    if (kind == SMPP_TIME_NONE)
        return true;
    if (kind == SMPP_TIME_WRONG || kind == SMPP_TIME_LOCAL)
        return refuse(refusal, ESME_RINVEXPIRY, "validity_period is not a time");
    if (expires_at <= send_at)
        return refuse(refusal, ESME_RINVEXPIRY,
                      "validity_period is over before the message leaves");
    offer->expires_at = expires_at;
    return true;
}

/* "Of success" is a word of 5.0; to others it is reserved, and they get them all (F66). */
unsigned submit_receipts(const struct pdu *pdu, uint8_t version)
{
    unsigned final = pdu->registered_delivery & RECEIPT_FINAL;
    if (final == RECEIPT_OF_SUCCESS && version < 0x50)
        final = RECEIPT_ALWAYS;
    return final | (pdu->registered_delivery & RECEIPT_INTERMEDIATE);
}

bool submit_read_number(uint8_t ton, struct octets address, const struct submit_place *place,
                        struct offer *offer, struct refusal *refusal)
{
    return number_of_smpp(ton, address, place->country, &offer->number) == NUMBER_OK ||
           refuse_by(refusal, VERDICT_INVALID_NUMBER);
}

bool submit_read_rest(const struct pdu *pdu, const struct submit_place *place, struct offer *offer,
                      struct refusal *refusal)
{
    offer->program = offer->from = offer->client_ref = "";
    offer->encoding = OFFER_AUTO;
    offer->wants_receipt = submit_receipts(pdu, place->version);
    read_tlvs(pdu, place->region, offer);
    return read_class(pdu, offer, refusal) && read_source(pdu, place, offer, refusal) &&
           submit_read_text(pdu, place, offer, refusal) &&
           submit_read_times(pdu, place, offer, refusal);
}

bool submit_read(const struct pdu *pdu, const struct submit_place *place, struct offer *offer,
                 struct refusal *refusal)
{
    return submit_read_number(pdu->dest_addr_ton, pdu->destination_addr, place, offer, refusal) &&
           submit_read_rest(pdu, place, offer, refusal);
}

/* ---- its answer ---- */

void submit_write_id(struct client *client, const struct acceptance *taken, int64_t now_ms,
                     char id[MESSAGE_ID_SIZE])
{
    message_id_write_plain(taken->id, taken->tail, id);
    if (session_version(client->session) >= 0x34)
        return;
    uint32_t short_id = store_short_id(client->door->gateway->store, taken->id, now_ms);
    if (short_id == 0)
        log_warn("message msg=%s taken without an id for its sender", id);
    id[0] = '\0';
    if (short_id != 0)
        snprintf(id, MESSAGE_ID_SIZE, "%08x", (unsigned)short_id);
}

void submit_keep(struct client *client, const struct pdu *pdu, const struct acceptance *taken,
                 int64_t multi)
{
    struct gateway *gateway = client->door->gateway;
    bool is_plain = pdu->service_type.length == 0 &&
                    pdu->data_coding == text_data_coding(taken->writing.form.alphabet);
    if (multi == 0 && is_plain)
        return;
    struct submit submit = {
        .message = taken->id,
        .multi = multi,
        .data_coding = pdu->data_coding,
        .service_type = region_text(loop_region(gateway->loop), pdu->service_type)};
    store_submit_put(gateway->store, &submit);
}

static void answer_taken(struct client *client, const struct pdu *pdu,
                         const struct acceptance *taken, int64_t now_ms)
{
    char id[MESSAGE_ID_SIZE];
    submit_write_id(client, taken, now_ms, id);
    client_answer(client, pdu, &(struct pdu){.message_id = octets_text(id)});
}

void submit_log_refused(const struct client *client, uint64_t number, uint32_t status,
                        const char *why, const char *detail)
{
    char to[LOG_NUMBER_SIZE] = "";
    log_info("submit refused account=%s to=%s status=%03X why=\"%s\" detail=\"%s\"",
             client->account, number == 0 ? "" : log_number(number, to), (unsigned)status, why,
             detail);
}

static void answer_refused(struct client *client, const struct pdu *pdu, uint64_t number,
                           const struct refusal *refusal, const char *detail)
{
    submit_log_refused(client, number, refusal->status, refusal->text, detail);
    client_refuse(client, pdu, refusal->status, refusal->text);
}

bool submit_begin(const struct client *client, struct submit_place *place, struct offer *offer,
                  struct refusal *refusal)
{
    struct gateway *gateway = client->door->gateway;
    *place = (struct submit_place){.country = gateway->config->default_country,
                                   .version = session_version(client->session),
                                   .now_ms = clock_wall_ms(),
                                   .region = loop_region(gateway->loop)};
    *offer = (struct offer){.account = accounts_find(gateway->accounts, client->account)};
    if (gateway->is_leaving)
        return refuse_by(refusal, VERDICT_UNAVAILABLE);
    return offer->account != NULL || refuse_by(refusal, VERDICT_ROLE_REQUIRED);
}

void submit_heard(struct client *client, const struct pdu *pdu)
{
    struct submit_place place;
    struct offer offer;
    struct acceptance acceptance;
    struct refusal refusal;
    if (!submit_begin(client, &place, &offer, &refusal) ||
        !submit_read(pdu, &place, &offer, &refusal)) {
        answer_refused(client, pdu, offer.number, &refusal, "");
        return;
    }
    accept_message(client->door->gateway->accept, &offer, place.now_ms, &acceptance);
    if (acceptance.verdict != VERDICT_ALLOWED) {
        refuse_by(&refusal, acceptance.verdict);
        answer_refused(client, pdu, acceptance.number, &refusal, acceptance.detail);
        return;
    }
    submit_keep(client, pdu, &acceptance, 0);
    answer_taken(client, pdu, &acceptance, place.now_ms);
}
