/* A submit_sm becomes an offer, and what comes of it its answer. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/number.h"
#include "consent/sender.h"
#include "consent/verdict.h"
#include "smpp/smpp_time.h"
#include "smpp_door_parts.h"

#define MODE_BITS        0x03 /* of esm_class (3.4 5.2.12) */
#define MODE_TRANSACTION 0x02
#define TYPE_BITS        0x3C
#define HEADER_BIT       0x40 /* the text begins with a user data header */

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

/* One of several by its TLVs, which count only when all three are there (F285). */
static bool sar_read(const struct pdu *pdu, struct part_mark *mark)
{
    uint32_t reference, total, number;
    if (!pdu_tlv_number(pdu, TLV_sar_msg_ref_num, &reference) ||
        !pdu_tlv_number(pdu, TLV_sar_total_segments, &total) ||
        !pdu_tlv_number(pdu, TLV_sar_segment_seqnum, &number) || total <= 1)
        return false;
    *mark = (struct part_mark){.reference = (uint16_t)reference,
                               .total = (uint8_t)total,
                               .number = (uint8_t)number};
    return true;
}

/* Modes and headers that would be lost on the way are refused, not dropped. A datagram is stored
 * like every other message. */
static bool read_class(const struct pdu *pdu, struct offer *offer, struct refusal *refusal)
{
    if ((pdu->esm_class & MODE_BITS) == MODE_TRANSACTION) /* F357 */
        return refuse(refusal, ESME_RINVESMCLASS, "transaction mode is not offered");
    if ((pdu->esm_class & TYPE_BITS) != 0)
        return refuse(refusal, ESME_RINVESMCLASS, "this message type is not offered");
    const struct part_mark *mark = &offer->part;
    bool has_header = (pdu->esm_class & HEADER_BIT) != 0, is_sar = sar_read(pdu, &offer->part);
    if (has_header && is_sar) /* F286 */
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

/* What its sender cut goes on as it was cut: each part is judged by itself, since each reaches the handset by itself. Ports
 * and national tables would be lost on the way. */
static bool read_part(const struct pdu *pdu, struct octets *raw, struct offer *offer,
                      struct refusal *refusal)
{
    struct udh udh;
    if ((pdu->esm_class & HEADER_BIT) == 0)
        return true; /* whole, or a part by its TLVs, which are read */
    bool is_read = udh_read(*raw, &udh, raw) && !udh.is_broken;
    if (!is_read || !udh.is_part || udh.has_ports || udh.is_binary || udh.single_shift != 0 ||
        udh.locking_shift != 0)
        return refuse(refusal, ESME_RINVESMCLASS,
                      "a user data header may say which part of a text it is, and nothing else");
    if (udh.total > 1)
        offer->part = (struct part_mark){udh.reference, udh.total, udh.number};
    return true;
}

bool submit_read_text(const struct pdu *pdu, const struct submit_place *place, struct offer *offer,
                      struct refusal *refusal)
{
    unsigned oddities = 0;
    struct octets payload = {NULL, 0}, raw = pdu->short_message;
    bool has_payload = pdu_tlv(pdu, TLV_message_payload, &payload) && payload.length > 0;
    if (has_payload && raw.length > 0) /* F210 */
        return refuse(refusal, ESME_RTLVNOTALLWD,
                      "short_message and message_payload are both filled");
    if (has_payload)
        raw = payload;
    if (raw.length == 0 && pdu->sm_default_msg_id != 0)
        return refuse(refusal, ESME_RINVDFTMSGID, "there are no predefined messages");
    if (!read_part(pdu, &raw, offer, refusal))
        return false;
    if (raw.length == 0) /* F212 */
        return refuse_by(refusal, VERDICT_INVALID_TEXT);
    if (text_alphabet_of(pdu->data_coding) == TEXT_BINARY)
        return refuse(refusal, place->version >= 0x50 ? ESME_RINVDCS : ESME_RSUBMITFAIL,
                      "data_coding is not one of a text");
    /* The handset puts octets together, not characters: one alphabet for all parts, the sender's. */
    if (offer->part.total > 0)
        offer->encoding =
            text_alphabet_of(pdu->data_coding) == TEXT_UCS2 ? OFFER_UCS2 : OFFER_GSM7;
    offer->text = text_decode(raw, pdu->data_coding, place->region, &oddities);
    if ((oddities & (TEXT_ODD_OCTET | TEXT_LONE_SURROGATE)) != 0)
        return refuse_by(refusal, VERDICT_INVALID_TEXT); /* it would not arrive as it was meant */
    return true;
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
                    pdu->data_coding == text_data_coding(taken->alphabet);
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
