/* struct pdu to octets. The first refusal makes the whole PDU fail. */
#include "pdu_parts.h"

struct writer {
    uint8_t *out; /* NULL: only counts */
    size_t size;
    size_t used;
    bool has_failed;
};

static void write_octets(struct writer *to, struct octets octets)
{
    bool fits = octets.length <= to->size - to->used;
    if (!fits) {
        to->has_failed = true;
        return;
    }
    if (to->out != NULL && octets.length > 0)
        memcpy(to->out + to->used, octets.at, octets.length);
    to->used += octets.length;
}

static void write_number(struct writer *to, uint32_t number, size_t width)
{
    uint8_t octets[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                         (uint8_t)number};
    write_octets(to, octets_of(octets + 4 - width, width));
}

/* `most` counts the NUL. */
static void write_text(struct writer *to, struct octets text, size_t most)
{
    bool has_nul = text.length > 0 && memchr(text.at, 0, text.length) != NULL;
    if (text.length + 1 > most || has_nul)
        to->has_failed = true;
    write_octets(to, text);
    write_number(to, 0, 1);
}

static void write_address(struct writer *to, const struct pdu_entry *entry)
{
    write_number(to, entry->ton, 1);
    write_number(to, entry->npi, 1);
    write_text(to, entry->text, LIST_ADDRESS_MOST);
}

static void write_dest(struct writer *to, const struct pdu_entry *entry)
{
    write_number(to, entry->dest_flag, 1);
    if (entry->dest_flag == DEST_FLAG_ADDRESS)
        write_address(to, entry);
    else if (entry->dest_flag == DEST_FLAG_LIST)
        write_text(to, entry->text, LIST_ADDRESS_MOST);
    else
        to->has_failed = true;
}

static void write_list(struct writer *to, enum pdu_field_kind kind, const struct pdu_list *list)
{
    if (kind == FIELD_DESTS && list->count == 0)
        to->has_failed = true;
    for (size_t i = 0; i < list->count; i++) {
        const struct pdu_entry *entry = &list->entries[i];
        if (kind == FIELD_DESTS) {
            write_dest(to, entry);
        } else if (kind == FIELD_FAILURES) {
            write_address(to, entry);
            write_number(to, entry->error_status_code, 4);
        } else {
            write_text(to, entry->text, LIST_ID_MOST);
        }
    }
}

/* How many octets or entries the member of this row holds. */
static size_t amount(const struct pdu_field *field, const void *member)
{
    return field->kind == FIELD_OCTETS ? ((const struct octets *)member)->length
                                       : ((const struct pdu_list *)member)->count;
}

static void write_field(struct writer *to, const struct pdu_field *field, const struct pdu *pdu)
{
    const void *member = (const uint8_t *)pdu + field->offset;
    const struct octets *octets = member;
    size_t counted;
    switch (field->kind) {
    case FIELD_U8:
        write_number(to, *(const uint8_t *)member, 1);
        break;
    case FIELD_TIME:
        if (octets->length != 0 && octets->length + 1 != field->write)
            to->has_failed = true;
        write_text(to, *octets, field->write);
        break;
    case FIELD_TEXT:
        write_text(to, *octets, field->write);
        break;
    case FIELD_COUNT:
        counted = amount(field + 1, (const uint8_t *)pdu + field[1].offset);
        if (counted > field[1].write)
            to->has_failed = true;
        write_number(to, (uint32_t)counted, 1);
        break;
    case FIELD_OCTETS:
        write_octets(to, *octets);
        break;
    case FIELD_DESTS:
    case FIELD_FAILURES:
    case FIELD_IDS:
        write_list(to, field->kind, member);
        break;
    case FIELD_END:
        break;
    }
}

static bool is_of_width(const struct tlv_row *row, size_t length)
{
    return (row->kind == TLV_KIND_U8 && length == 1) ||
           (row->kind == TLV_KIND_U16 && length == 2) ||
           (row->kind == TLV_KIND_U32 && length == 4) || row->kind > TLV_KIND_U32;
}

static void write_tlv(struct writer *to, const struct tlv *tlv)
{
    const struct tlv_row *row = pdu_tag_find(tlv->tag);
    bool is_text = row != NULL && row->kind == TLV_KIND_TEXT;
    size_t length = tlv->value.length + (is_text ? 1 : 0);
    size_t most = row == NULL ? UINT16_MAX : row->most;
    bool is_short = row != NULL && length < row->least;
    bool has_width = row == NULL || is_of_width(row, length);
    if (tlv->tag == 0 || length > most || is_short || !has_width) {
        to->has_failed = true;
        return;
    }
    write_number(to, tlv->tag, 2);
    write_number(to, (uint32_t)length, 2);
    if (is_text)
        write_text(to, tlv->value, most);
    else
        write_octets(to, tlv->value);
}

static void write_body(struct writer *to, const struct pdu_row *row, const struct pdu *pdu)
{
    for (const struct pdu_field *field = row->body; field->kind != FIELD_END; field++)
        write_field(to, field, pdu);
    for (size_t i = 0; i < pdu->tlv_count; i++)
        write_tlv(to, &pdu->tlvs[i]);
}

bool pdu_encode(const struct pdu *pdu, uint8_t *out, size_t size, size_t *length)
{
    const struct pdu_row *row = pdu_command_find(pdu->command_id);
    if (row == NULL)
        return false;
    struct writer to = {.out = out, .size = size};
    uint32_t status = row->kind == PDU_RESPONSE ? pdu->command_status : ESME_ROK; /* F116 */
    write_number(&to, 0, 4);
    write_number(&to, pdu->command_id, 4);
    write_number(&to, status, 4);
    write_number(&to, pdu->sequence_number, 4);
    if (status == ESME_ROK || pdu->tlv_count > 0)
        write_body(&to, row, pdu);
    if (to.has_failed)
        return false;
    *length = to.used;
    struct writer front = {.out = out, .size = size};
    write_number(&front, (uint32_t)to.used, 4);
    return true;
}

size_t pdu_size(const struct pdu *pdu)
{
    size_t length;
    return pdu_encode(pdu, NULL, SIZE_MAX, &length) ? length : 0;
}
