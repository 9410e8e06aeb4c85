#include "smpp/parts.h"

#include "base/must.h"
#include "smpp/gsm7.h"
#include "smpp/pdu.h"

#define USER_DATA_BITS      1120 /* of one short message, its header included (F240) */
#define PART_ELEMENT_LENGTH 5    /* 00 03 rr tt nn; with 16 bits one more */

enum element {
    ELEMENT_PART = 0x00,
    ELEMENT_PORTS = 0x04,
    ELEMENT_PART_WIDE = 0x08,
    ELEMENT_PORTS_WIDE = 0x05,
    ELEMENT_SINGLE_SHIFT = 0x24,
    ELEMENT_LOCKING_SHIFT = 0x25
};

static struct octets octets_after(struct octets from, size_t count)
{
    return count == 0 ? from : octets_of(from.at + count, from.length - count);
}

/* How many octets of text fit behind a header. GSM has an octet for each septet (F241). */
static size_t room_behind(size_t header_length, enum text_alphabet alphabet)
{
    if (8 * header_length >= USER_DATA_BITS)
        return 0;
    size_t bits = USER_DATA_BITS - 8 * header_length;
    if (alphabet == TEXT_GSM7)
        return bits / 7;
    return alphabet == TEXT_UCS2 ? bits / 16 * 2 : bits / 8;
}

/* A pair of escape and code stays together. Only from the start can one tell which 1B is which. */
static size_t cut_gsm7(struct octets text, size_t room)
{
    size_t at = 0;
    while (at < room) {
        size_t step = text.at[at] == GSM7_ESCAPE ? 2 : 1;
        if (at + step > room)
            break;
        at += step;
    }
    return at;
}

static size_t cut_ucs2(struct octets text, size_t room)
{
    bool splits = room >= 2 && room + 2 <= text.length && (text.at[room - 2] & 0xFC) == 0xD8 &&
                  (text.at[room] & 0xFC) == 0xDC;
    return splits ? room - 2 : room;
}

/* How many octets of the text go into a part with so much room; 0: not one character fits. */
static size_t cut(struct octets text, enum text_alphabet alphabet, size_t room)
{
    if (text.length <= room)
        return text.length;
    if (alphabet == TEXT_GSM7)
        return cut_gsm7(text, room);
    return alphabet == TEXT_UCS2 ? cut_ucs2(text, room) : room;
}

static size_t header_length_of(struct octets own, bool is_alone, enum parts_style style)
{
    if (is_alone)
        return own.length;
    return (own.length == 0 ? 1 : own.length) + PART_ELEMENT_LENGTH + (style == PARTS_UDH16 ? 1 : 0);
}

unsigned parts_count_by(struct octets encoded, enum text_alphabet alphabet, struct octets header,
                        enum parts_style style)
{
    if (encoded.length <= room_behind(header_length_of(header, true, style), alphabet))
        return 1;
    size_t room = room_behind(header_length_of(header, false, style), alphabet);
    for (unsigned count = 1; count <= PARTS_MOST; count++) {
        size_t taken = cut(encoded, alphabet, room);
        if (taken == 0)
            return 0;
        encoded = octets_after(encoded, taken);
        if (encoded.length == 0)
            return count;
    }
    return 0;
}

unsigned parts_count(struct octets encoded, enum text_alphabet alphabet, struct octets header)
{
    return parts_count_by(encoded, alphabet, header, PARTS_UDH);
}

unsigned parts_least(size_t characters, enum text_alphabet alphabet, struct octets header,
                     enum parts_style style)
{
    size_t length = alphabet == TEXT_UCS2 ? 2 * characters : characters;
    size_t room = room_behind(header_length_of(header, false, style), alphabet);
    if (length <= room_behind(header_length_of(header, true, style), alphabet))
        return 1;
    size_t count = room == 0 ? PARTS_MOST + 1 : (length + room - 1) / room;
    return count > PARTS_MOST ? PARTS_MOST + 1 : (unsigned)count;
}

/* A header of the caller's is one header, whole, and nothing behind it. */
static bool header_is_sound(struct octets header, bool is_alone)
{
    struct udh udh;
    struct octets behind;
    if (header.length == 0)
        return true;
    return udh_read(header, &udh, &behind) && !udh.is_broken && behind.length == 0 &&
           (is_alone || !udh.is_part);
}

bool parts_plan_by(struct part_plan *plan, struct octets encoded, enum text_alphabet alphabet,
                   struct octets header, unsigned limit, enum parts_style style, uint16_t reference)
{
    unsigned total = parts_count_by(encoded, alphabet, header, style);
    if (total == 0 || total > limit || !header_is_sound(header, total == 1) ||
        header.length > USER_DATA_BITS / 8)
        return false;
    *plan = (struct part_plan){.rest = encoded,
                               .header = header,
                               .alphabet = alphabet,
                               .total = total,
                               .next = 1,
                               .style = style,
                               .reference = reference};
    return true;
}

bool parts_plan(struct part_plan *plan, struct octets encoded, enum text_alphabet alphabet,
                struct octets header, unsigned limit, uint16_t reference)
{
    return parts_plan_by(plan, encoded, alphabet, header, limit, PARTS_UDH, reference);
}

static void part_append(struct part *part, struct octets from)
{
    must(part->length + from.length <= sizeof part->octets);
    if (from.length > 0)
        memcpy(part->octets + part->length, from.at, from.length);
    part->length += from.length;
}

static void part_put_element(struct part *part, enum parts_style style, uint16_t reference,
                             uint8_t total, uint8_t number)
{
    uint8_t high = (uint8_t)(reference >> 8), low = (uint8_t)reference;
    const uint8_t narrow[] = {ELEMENT_PART, 3, low, total, number};
    const uint8_t wide[] = {ELEMENT_PART_WIDE, 4, high, low, total, number};
    part_append(part, style == PARTS_UDH16 ? octets_of(wide, sizeof wide)
                                           : octets_of(narrow, sizeof narrow));
}

/* The caller's elements first, then ours, and a length octet that counts both. */
static void part_put_header(const struct part_plan *plan, struct part *part)
{
    bool is_alone = plan->total == 1;
    if (!is_alone && plan->style == PARTS_SAR)
        return;
    part->header_length = header_length_of(plan->header, is_alone, plan->style);
    part->has_header = part->header_length > 0;
    part_append(part, plan->header);
    if (is_alone)
        return;
    if (plan->header.length == 0)
        part_append(part, octets_of("", 1));
    part_put_element(part, plan->style, plan->reference, (uint8_t)plan->total, (uint8_t)plan->next);
    part->octets[0] = (uint8_t)(part->header_length - 1);
}

bool parts_next(struct part_plan *plan, struct part *part)
{
    if (plan->next > plan->total)
        return false;
    must(plan->total == 1 || plan->style != PARTS_PAYLOAD);
    must(plan->total == 1 || plan->style != PARTS_SAR || plan->header.length == 0); /* F286 */
    *part = (struct part){.number = plan->next};
    part_put_header(plan, part);
    size_t room = header_length_of(plan->header, plan->total == 1, plan->style);
    size_t taken = cut(plan->rest, plan->alphabet, room_behind(room, plan->alphabet));
    part_append(part, octets_of(plan->rest.at, taken));
    plan->rest = octets_after(plan->rest, taken);
    plan->next++;
    return true;
}

static uint16_t pair_at(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* 00 and 08. One that makes no sense doesn't count; of several that do the last counts (F273,
 * F274). */
static void read_part(struct octets data, bool is_wide, struct udh *udh)
{
    size_t width = is_wide ? 2 : 1;
    uint8_t total = data.length == width + 2 ? data.at[width] : 0;
    uint8_t number = total > 0 ? data.at[width + 1] : 0;
    if (number == 0 || number > total) {
        udh->has_bad_part = true;
        return;
    }
    udh->is_part = true;
    udh->is_wide = is_wide;
    udh->reference = is_wide ? pair_at(data.at) : data.at[0];
    udh->total = total;
    udh->number = number;
}

/* 04 and 05. Reserved ports don't count: above 49151, and of 8 bits below 240 (23.040 9.2.3.24.3,
 * F276). */
static void read_ports(struct octets data, bool is_wide, struct udh *udh)
{
    if (data.length != (is_wide ? 4 : 2))
        return;
    uint16_t destination = is_wide ? pair_at(data.at) : data.at[0];
    uint16_t source = is_wide ? pair_at(data.at + 2) : data.at[1];
    bool is_reserved =
        is_wide ? destination > 49151 || source > 49151 : destination < 240 || source < 240;
    if (is_reserved)
        return;
    udh->has_ports = true;
    udh->destination_port = destination;
    udh->source_port = source;
}

static void read_element(uint8_t id, struct octets data, struct udh *udh)
{
    if (id == ELEMENT_PART || id == ELEMENT_PART_WIDE)
        read_part(data, id == ELEMENT_PART_WIDE, udh);
    else if (id == ELEMENT_PORTS || id == ELEMENT_PORTS_WIDE)
        read_ports(data, id == ELEMENT_PORTS_WIDE, udh);
    else if (id == ELEMENT_SINGLE_SHIFT && data.length == 1)
        udh->single_shift = data.at[0];
    else if (id == ELEMENT_LOCKING_SHIFT && data.length == 1)
        udh->locking_shift = data.at[0];
    else if ((id >= 0x70 && id <= 0x7F) || (id >= 0x80 && id <= 0xDF))
        udh->is_binary = true;
}

/* False: the last element has too few or too many octets. */
static bool read_elements(struct octets elements, struct udh *udh)
{
    while (elements.length > 0) {
        if (elements.length < 2 || elements.length - 2 < elements.at[1])
            return false;
        size_t length = elements.at[1];
        read_element(elements.at[0], octets_of(elements.at + 2, length), udh);
        elements = octets_after(elements, 2 + length);
    }
    return true;
}

bool udh_read(struct octets user_data, struct udh *udh, struct octets *text)
{
    *udh = (struct udh){0};
    *text = user_data;
    if (user_data.length == 0 || user_data.at[0] > user_data.length - 1)
        return false;
    size_t length = user_data.at[0];
    *text = octets_after(user_data, 1 + length);
    if (!read_elements(octets_of(user_data.at + 1, length), udh))
        *udh = (struct udh){.is_broken = true};
    return true;
}

bool part_mark_of_sar(const struct pdu *pdu, struct part_mark *out)
{
    uint32_t reference, total, number;
    if (!pdu_tlv_number(pdu, TLV_sar_msg_ref_num, &reference) ||
        !pdu_tlv_number(pdu, TLV_sar_total_segments, &total) ||
        !pdu_tlv_number(pdu, TLV_sar_segment_seqnum, &number))
        return false;
    *out = (struct part_mark){
        .reference = (uint16_t)reference, .total = (uint8_t)total, .number = (uint8_t)number};
    return true;
}

int64_t part_mark_pack(struct part_mark mark)
{
    return (int64_t)mark.number << 24 | (int64_t)mark.total << 16 | mark.reference;
}

struct part_mark part_mark_unpack(int64_t packed)
{
    return (struct part_mark){.reference = (uint16_t)packed,
                              .total = (uint8_t)(packed >> 16),
                              .number = (uint8_t)(packed >> 24)};
}

static size_t put_shift(uint8_t *out, enum element element, uint8_t language)
{
    const uint8_t octets[] = {(uint8_t)element, 1, language};
    if (language == 0)
        return 0;
    memcpy(out, octets, sizeof octets);
    return sizeof octets;
}

/* An 8-bit reference where it fits, whatever its sender wrote: all parts of a text have the same. */
static size_t put_mark(uint8_t *out, struct part_mark mark)
{
    uint8_t high = (uint8_t)(mark.reference >> 8), low = (uint8_t)mark.reference;
    const uint8_t narrow[] = {ELEMENT_PART, 3, low, mark.total, mark.number};
    const uint8_t wide[] = {ELEMENT_PART_WIDE, 4, high, low, mark.total, mark.number};
    if (mark.total == 0)
        return 0;
    memcpy(out, high == 0 ? narrow : wide, high == 0 ? sizeof narrow : sizeof wide);
    return high == 0 ? sizeof narrow : sizeof wide;
}

struct octets parts_header(struct gsm7_tables tables, int64_t packed,
                           uint8_t out[PARTS_HEADER_MOST])
{
    size_t length = 1;
    length += put_shift(out + length, ELEMENT_SINGLE_SHIFT, tables.single);
    length += put_shift(out + length, ELEMENT_LOCKING_SHIFT, tables.locking);
    length += put_mark(out + length, part_mark_unpack(packed));
    out[0] = (uint8_t)(length - 1);
    return octets_of(out, length == 1 ? 0 : length);
}

struct octets part_mark_header(int64_t packed, uint8_t out[PART_MARK_HEADER_MOST])
{
    uint8_t all[PARTS_HEADER_MOST];
    struct octets header = parts_header((struct gsm7_tables){0, 0}, packed, all);
    memcpy(out, all, header.length);
    return octets_of(out, header.length);
}
