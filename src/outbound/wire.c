#include "outbound/wire.h"

#include "base/must.h"
#include "base/region.h"
#include "smpp/cargo.h"
#include "smpp/esm_class.h"

/* accept measured this text, or fit did: what they found can't have changed. */
static struct octets encoded_of(const struct message *message, const struct cargo *cargo,
                                struct text_form form, struct region *region)
{
    struct octets encoded = cargo->data;
    if (!cargo->has_data)
        must(text_encode_form(octets_text(message->text), form, region, &encoded));
    return encoded;
}

/* What data_coding 0 means says nothing of a text that has a coding of its own, but that septets are packed. */
static enum text_zero zero_for(const struct cargo *cargo, enum text_zero zero)
{
    bool says_itself = cargo->has_coding || cargo->has_data || cargo->header.length > 0;
    return says_itself && zero != TEXT_ZERO_PACKED ? TEXT_ZERO_GSM7 : zero;
}

void wire_open(struct wire *wire, const struct message *message, const struct cargo *cargo,
               enum text_zero zero, struct region *region)
{
    struct text_form form = {.alphabet = (enum text_alphabet)message->alphabet,
                             .tables = {.locking = message->locking, .single = message->single}};
    enum parts_style style = (enum parts_style)message->style;
    struct octets encoded = encoded_of(message, cargo, form, region);
    *wire = (struct wire){.zero = zero_for(cargo, zero), .mark = part_mark_unpack(message->reference)};
    bool is_part_by_tlvs = style == PARTS_SAR && wire->mark.total > 0;
    struct octets header = cargo->header;
    if (header.length == 0)
        header = parts_header(form.tables, is_part_by_tlvs ? 0 : message->reference, wire->header);
    must(parts_plan_by(&wire->plan, encoded, form.alphabet, header, PARTS_MOST, style,
                       (uint16_t)message->reference));
    wire->is_payload = style == PARTS_PAYLOAD && wire->plan.total > 1;
    wire->payload = wire->is_payload ? region_get(region, encoded.length) : NULL;
}

/* Only GSM text means something else at one carrier than at another. */
static struct octets octets_for(struct wire *wire, struct octets text, size_t header_length,
                                uint8_t *out)
{
    if (wire->plan.alphabet != TEXT_GSM7)
        return text;
    return octets_of(out, text_zero_write(wire->zero, text, header_length, out));
}

static void say_part(struct wire *wire, struct part_mark mark, struct pdu *pdu, struct tlv *tlvs)
{
    tlvs[pdu->tlv_count++] = tlv_number(TLV_sar_msg_ref_num, mark.reference, wire->numbers[0]);
    tlvs[pdu->tlv_count++] = tlv_number(TLV_sar_total_segments, mark.total, wire->numbers[1]);
    tlvs[pdu->tlv_count++] = tlv_number(TLV_sar_segment_seqnum, mark.number, wire->numbers[2]);
}

static bool payload_next(struct wire *wire, struct pdu *pdu, struct tlv *tlvs, unsigned *number)
{
    if (wire->is_done)
        return false;
    wire->is_done = true;
    *number = 1;
    pdu->esm_class = 0;
    pdu->short_message = octets_of(NULL, 0);
    struct octets all = octets_for(wire, wire->plan.rest, 0, wire->payload);
    tlvs[pdu->tlv_count++] = (struct tlv){.tag = TLV_message_payload, .value = all};
    return true;
}

/* A reference that fits an octet: with more the carrier would need the longer header, behind which our parts don't fit. */
static struct part_mark mark_of(const struct wire *wire)
{
    if (wire->mark.total > 0)
        return wire->mark;
    return (struct part_mark){.reference = wire->plan.reference & 0xFF,
                              .total = (uint8_t)wire->plan.total,
                              .number = (uint8_t)wire->part.number};
}

bool wire_next(struct wire *wire, struct pdu *pdu, struct tlv *tlvs, unsigned *number)
{
    struct part *part = &wire->part;
    if (wire->is_payload)
        return payload_next(wire, pdu, tlvs, number);
    if (!parts_next(&wire->plan, part))
        return false;
    *number = part->number;
    size_t header_length = part->header_length;
    struct octets text = octets_of(part->octets + header_length, part->length - header_length);
    uint8_t *at = wire->octets + header_length;
    struct octets said = octets_for(wire, text, header_length, at);
    if (said.at != at && said.length > 0)
        memcpy(at, said.at, said.length);
    memcpy(wire->octets, part->octets, header_length);
    pdu->esm_class = part->has_header ? ESM_UDHI : 0;
    pdu->short_message = octets_of(wire->octets, header_length + said.length);
    if (wire->plan.style == PARTS_SAR && (wire->plan.total > 1 || wire->mark.total > 0))
        say_part(wire, mark_of(wire), pdu, tlvs);
    return true;
}
