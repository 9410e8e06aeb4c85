/* The TLVs behind the mandatory fields: any order, any tag, first one counts. */
#include "base/must.h"
#include "pdu_parts.h"

#define TLV_HEADER_SIZE 4

bool tlv_read(struct octets from, size_t *at, struct tlv *tlv)
{
    size_t left = from.length - *at;
    if (left < TLV_HEADER_SIZE)
        return false;
    const uint8_t *here = from.at + *at;
    size_t length = read_u16(here + 2);
    if (length > left - TLV_HEADER_SIZE)
        return false;
    tlv->tag = read_u16(here);
    tlv->value = octets_of(here + TLV_HEADER_SIZE, length);
    *at += TLV_HEADER_SIZE + length;
    return true;
}

bool tlv_fits(const struct tlv_row *row, struct octets value)
{
    if (value.length > row->most)
        return false;
    if (row->kind != TLV_KIND_TEXT)
        return value.length >= row->least;
    bool has_nul = value.length > 0 && memchr(value.at, 0, value.length) != NULL;
    return value.length + (has_nul ? 0 : 1) >= row->least;
}

bool pdu_tlv_next(const struct pdu *pdu, size_t *at, struct tlv *tlv)
{
    while (tlv_read(pdu->tlv_octets, at, tlv)) {
        bool is_padding = tlv->tag == 0 && tlv->value.length == 0; /* F391 */
        if (!is_padding)
            return true;
    }
    return false;
}

bool pdu_tlv(const struct pdu *pdu, uint16_t tag, struct octets *value)
{
    struct tlv tlv;
    for (size_t at = 0; pdu_tlv_next(pdu, &at, &tlv);) {
        if (tlv.tag == tag) {
            *value = tlv.value;
            return true;
        }
    }
    return false;
}

bool pdu_tlv_number(const struct pdu *pdu, uint16_t tag, uint32_t *number)
{
    const struct tlv_row *row = pdu_tag_find(tag);
    must(row != NULL && row->kind <= TLV_KIND_U32);
    struct octets value;
    if (!pdu_tlv(pdu, tag, &value) || !tlv_fits(row, value))
        return false;
    *number = 0;
    for (size_t i = 0; i < value.length; i++)
        *number = *number << 8 | value.at[i];
    return true;
}

bool pdu_tlv_text(const struct pdu *pdu, uint16_t tag, struct octets *text)
{
    const struct tlv_row *row = pdu_tag_find(tag);
    must(row != NULL && row->kind == TLV_KIND_TEXT);
    struct octets value;
    if (!pdu_tlv(pdu, tag, &value) || !tlv_fits(row, value))
        return false;
    const uint8_t *nul = value.length == 0 ? NULL : memchr(value.at, 0, value.length);
    *text = octets_of(value.at, nul == NULL ? value.length : (size_t)(nul - value.at));
    return true;
}

struct tlv tlv_number(uint16_t tag, uint32_t number, uint8_t room[4])
{
    static const size_t widths[] = {
        [TLV_KIND_U8] = 1,
        [TLV_KIND_U16] = 2,
        [TLV_KIND_U32] = 4,
    };
    const struct tlv_row *row = pdu_tag_find(tag);
    must(row != NULL && row->kind <= TLV_KIND_U32);
    size_t width = widths[row->kind];
    must(width == 4 || number >> (8 * width) == 0);
    for (size_t i = 0; i < width; i++)
        room[i] = (uint8_t)(number >> (8 * (width - 1 - i)));
    return (struct tlv){.tag = tag, .value = octets_of(room, width)};
}

struct tlv tlv_text(uint16_t tag, const char *text)
{
    return (struct tlv){.tag = tag, .value = octets_text(text)};
}
