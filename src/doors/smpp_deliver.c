/* A receipt, or what a person wrote, becomes a deliver_sm. */
#include <stdio.h>

#include "base/must.h"
#include "base/region.h"
#include "consent/number.h"
#include "consent/sender.h"
#include "smpp/esm_class.h"
#include "smpp/gsm7.h"
#include "smpp/receipt.h"
#include "smpp_door_parts.h"

#define TEXT_MOST    254   /* octets of short_message (F211) */
#define PAYLOAD_MOST 65534 /* octets of message_payload; even, for whole characters */

/* ---- addresses ---- */

/* E.164 without its plus is 1/1 (F170, F171). Of somebody who was erased meanwhile it is empty. */
static struct delivery_address address_of_number(uint64_t number)
{
    struct delivery_address address = {.ton = 1, .npi = 1};
    char text[NUMBER_TEXT_SIZE];
    if (!number_is_sound(number))
        return (struct delivery_address){.ton = 0};
    number_write(number, text);
    snprintf(address.text, sizeof address.text, "%s", text + 1);
    return address;
}

static struct delivery_address address_as_it_came(const char *text)
{
    struct delivery_address address = {.ton = 0};
    snprintf(address.text, sizeof address.text, "%s", text);
    return address;
}

static struct delivery_address address_of_sender(const char *sender)
{
    struct delivery_address address;
    char text[SENDER_TEXT_SIZE];
    if (sender[0] == '\0' || strlen(sender) >= sizeof text)
        return address_as_it_came(sender);
    sender_to_smpp(sender, &address.ton, &address.npi, text);
    snprintf(address.text, sizeof address.text, "%s", text);
    return address;
}

/* ---- what is delivered ---- */

/* Source and destination of the submit change places (F178). */
void delivery_of_receipt(const struct handover *row, const struct message *message,
                         uint32_t short_id, int64_t now_ms, struct region *region,
                         struct delivery *out)
{
    char id[MESSAGE_ID_SIZE];
    bool is_state = row->state >= 0 && row->state <= RECEIPT_STATE_SKIPPED;
    enum receipt_state state = is_state ? (enum receipt_state)row->state : RECEIPT_STATE_UNKNOWN;
    message_id_write_plain(message->id, message->tail, id);
    if (short_id != 0)
        snprintf(id, sizeof id, "%08x", (unsigned)short_id);
    struct receipt_draft draft = {.id = id,
                                  .submitted = 1,
                                  .delivered = state == RECEIPT_STATE_DELIVERED ? 1 : 0,
                                  .submitted_at = message->created_at,
                                  .done_at = message->done_at == 0 ? now_ms : message->done_at,
                                  .state = state,
                                  .err = row->err};
    *out = (struct delivery){.source = address_of_number(message->number),
                             .destination = address_of_sender(message->sender),
                             .alphabet = TEXT_GSM7,
                             .text = octets_text(receipt_write(&draft, region)),
                             .receipted_id = region_text(region, octets_text(id)),
                             .state = (uint8_t)state};
}

void delivery_of_text(const struct inbound *inbound, struct region *region, struct delivery *out)
{
    struct octets text = octets_text(inbound->text);
    *out = (struct delivery){.source = inbound->number != 0 ? address_of_number(inbound->number)
                                                            : address_as_it_came(inbound->source),
                             .destination = address_of_sender(inbound->sender),
                             .alphabet = text_choose(text),
                             .reference = (uint8_t)inbound->tail, /* which is of chance */
                             .has_ports = inbound->has_ports,
                             .destination_port = inbound->destination_port,
                             .source_port = inbound->source_port};
    if (!text_encode(text, out->alphabet, region, &out->text))
        out->text = octets_of(NULL, 0); /* not UTF-8: the row was changed from outside */
}

void delivery_of_data(const struct inbound *inbound, const struct inbound_data *data,
                      struct region *region, struct delivery *out)
{
    delivery_of_text(inbound, region, out);
    out->alphabet = TEXT_BINARY;
    out->text = data->octets;
}

/* ---- for one receiver ---- */

/* Cuts between characters: never behind an escape, nor inside a pair of surrogates. */
static struct octets cut(struct octets text, enum text_alphabet alphabet, size_t most)
{
    if (text.length <= most)
        return text;
    text.length = most;
    if (alphabet == TEXT_GSM7 && text.at[most - 1] == GSM7_ESCAPE)
        text.length--;
    if (alphabet == TEXT_UCS2 && (text.at[most - 2] & 0xFC) == 0xD8)
        text.length -= 2;
    return text;
}

/* ENROUTE and SCHEDULED are on their way to another state (F313). */
static uint8_t receipt_class(const struct delivery *delivery)
{
    if (delivery->receipted_id == NULL)
        return 0;
    return delivery->state <= RECEIPT_STATE_ENROUTE ? ESM_TYPE_INTERMEDIATE : ESM_TYPE_RECEIPT;
}

static void put_payload(const struct delivery *delivery, struct delivery_frame *out)
{
    struct octets text = cut(delivery->text, delivery->alphabet, PAYLOAD_MOST);
    out->is_cut = text.length < delivery->text.length;
    out->tlvs[out->pdu.tlv_count++] = (struct tlv){.tag = TLV_message_payload, .value = text};
}

/* Where there are no TLVs a header says what they would, and a long text comes in parts. */
static void put_part(const struct delivery *delivery, unsigned part, struct delivery_frame *out)
{
    const uint8_t ports[] = {6,
                             5,
                             4,
                             (uint8_t)(delivery->destination_port >> 8),
                             (uint8_t)delivery->destination_port,
                             (uint8_t)(delivery->source_port >> 8),
                             (uint8_t)delivery->source_port};
    struct part_plan plan;
    struct octets header = octets_of(ports, delivery->has_ports ? sizeof ports : 0);
    bool fits = parts_plan(&plan, delivery->text, delivery->alphabet, header, PARTS_MOST,
                           delivery->reference);
    out->is_cut = !fits;
    if (!fits)
        fits = parts_plan(&plan, cut(delivery->text, delivery->alphabet, TEXT_MOST),
                          delivery->alphabet, header, PARTS_MOST, delivery->reference);
    must(fits);
    out->parts = plan.total;
    while (out->part.number < part && parts_next(&plan, &out->part))
        continue;
    out->pdu.esm_class = out->part.has_header ? ESM_UDHI : 0;
    out->pdu.short_message = octets_of(out->part.octets, out->part.length);
}

static void put_text(const struct delivery *delivery, bool takes_tlvs, unsigned part,
                     struct delivery_frame *out)
{
    bool is_long = delivery->text.length > TEXT_MOST;
    if (!takes_tlvs && (is_long || delivery->has_ports))
        put_part(delivery, part, out);
    else if (is_long)
        put_payload(delivery, out);
    else
        out->pdu.short_message = delivery->text;
    if (!takes_tlvs || !delivery->has_ports)
        return;
    out->tlvs[out->pdu.tlv_count++] =
        tlv_number(TLV_dest_port, delivery->destination_port, out->room[0]);
    out->tlvs[out->pdu.tlv_count++] =
        tlv_number(TLV_source_port, delivery->source_port, out->room[1]);
}

/* Text alone towards 3.3 (F62, F320); a long one goes as a payload where there can be one (F318). */
void delivery_frame(const struct delivery *delivery, bool takes_tlvs, unsigned part,
                    struct delivery_frame *out)
{
    bool is_receipt = delivery->receipted_id != NULL;
    *out = (struct delivery_frame){.parts = 1};
    struct pdu *pdu = &out->pdu;
    *pdu = (struct pdu){.command_id = SMPP_deliver_sm,
                        .source_addr_ton = delivery->source.ton,
                        .source_addr_npi = delivery->source.npi,
                        .source_addr = octets_text(delivery->source.text),
                        .dest_addr_ton = delivery->destination.ton,
                        .dest_addr_npi = delivery->destination.npi,
                        .destination_addr = octets_text(delivery->destination.text),
                        .esm_class = receipt_class(delivery),
                        .data_coding = text_data_coding(delivery->alphabet),
                        .tlvs = out->tlvs};
    put_text(delivery, takes_tlvs, part, out);
    if (!is_receipt || !takes_tlvs)
        return;
    must(pdu->tlv_count == 0);
    out->tlvs[pdu->tlv_count++] = tlv_text(TLV_receipted_message_id, delivery->receipted_id);
    out->tlvs[pdu->tlv_count++] = tlv_number(TLV_message_state, delivery->state, out->room[0]);
}
