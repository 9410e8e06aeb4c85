/* A decoded PDU as one line of JSON: for the operator with a trace, and for logs. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "pdu_parts.h"

/* Each octet is one character: what isn't ASCII reads as Latin-1. */
static json_t *text_json(struct octets text)
{
    char *utf8 = mem_new(2 * text.length + 1);
    size_t used = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t octet = text.at[i];
        if (octet >= 0x80)
            utf8[used++] = (char)(0xC0 | octet >> 6);
        utf8[used++] = (char)(octet >= 0x80 ? 0x80 | (octet & 0x3F) : octet);
    }
    json_t *json = json_stringn(utf8, used);
    free(utf8);
    return json;
}

static json_t *hex_json(struct octets octets)
{
    char *hex = mem_new(2 * octets.length + 1);
    octets_to_hex(octets, hex);
    json_t *json = json_string(hex);
    free(hex);
    return json;
}

/* The first and last characters of an address: enough to recognise, too little to call. */
static json_t *masked_json(struct octets text)
{
    char masked[16] = "***";
    if (text.length > 8)
        snprintf(masked, sizeof masked, "%.4s***%.4s", (const char *)text.at,
                 (const char *)text.at + text.length - 4);
    return text_json(octets_text(masked));
}

static json_t *shown_json(struct octets octets, bool is_text, enum pdu_show show,
                          enum pdu_reader reader)
{
    if (show == SHOW_SECRET)
        return json_string("***");
    if (reader == PDU_FOR_LOG && show == SHOW_TEXT)
        return json_sprintf("%zu octets", octets.length);
    if (reader == PDU_FOR_LOG && show == SHOW_ADDRESS)
        return masked_json(octets);
    return is_text ? text_json(octets) : hex_json(octets);
}

static json_t *entry_json(const struct pdu_field *field, const struct pdu_entry *entry,
                          enum pdu_reader reader)
{
    json_t *text = shown_json(entry->text, true, field->show, reader);
    if (field->kind == FIELD_IDS)
        return text;
    json_t *json = json_object();
    if (field->kind == FIELD_DESTS)
        json_object_set_new(json, "dest_flag", json_integer(entry->dest_flag));
    if (entry->dest_flag == DEST_FLAG_LIST) {
        json_object_set_new(json, "dl_name", text);
        return json;
    }
    json_object_set_new(json, "dest_addr_ton", json_integer(entry->ton));
    json_object_set_new(json, "dest_addr_npi", json_integer(entry->npi));
    json_object_set_new(json, "destination_addr", text);
    if (field->kind == FIELD_FAILURES)
        json_object_set_new(json, "error_status_code", json_integer(entry->error_status_code));
    return json;
}

static json_t *list_json(const struct pdu_field *field, const struct pdu_list *list,
                         enum pdu_reader reader)
{
    json_t *json = json_array();
    struct pdu_entry entry;
    for (size_t at = 0; pdu_entry_next(list, &at, &entry);)
        json_array_append_new(json, entry_json(field, &entry, reader));
    return json;
}

static json_t *field_json(const struct pdu_field *field, const void *member, enum pdu_reader reader)
{
    switch (field->kind) {
    case FIELD_U8:
    case FIELD_COUNT:
        return json_integer(*(const uint8_t *)member);
    case FIELD_TEXT:
    case FIELD_TIME:
        return shown_json(*(const struct octets *)member, true, field->show, reader);
    case FIELD_OCTETS:
        return shown_json(*(const struct octets *)member, false, field->show, reader);
    case FIELD_DESTS:
    case FIELD_FAILURES:
    case FIELD_IDS:
        return list_json(field, member, reader);
    case FIELD_END:
        break;
    }
    return NULL;
}

/* A TLV of an unknown tag or a wrong length shows its octets; in a log only how many they are. */
static json_t *value_json(const struct tlv_row *row, struct octets value, enum pdu_reader reader)
{
    if (row == NULL)
        return shown_json(value, false, SHOW_TEXT, reader);
    if (!tlv_fits(row, value) || row->kind == TLV_KIND_OCTETS)
        return shown_json(value, false, row->show, reader);
    if (row->kind == TLV_KIND_TEXT) {
        const uint8_t *nul = value.length == 0 ? NULL : memchr(value.at, 0, value.length);
        if (nul != NULL)
            value.length = (size_t)(nul - value.at);
        return shown_json(value, true, row->show, reader);
    }
    uint32_t number = 0;
    for (size_t i = 0; i < value.length; i++)
        number = number << 8 | value.at[i];
    return json_integer(number);
}

static json_t *tlvs_json(const struct pdu *pdu, enum pdu_reader reader)
{
    json_t *json = json_array();
    struct tlv tlv;
    for (size_t at = 0; pdu_tlv_next(pdu, &at, &tlv);) {
        const struct tlv_row *row = pdu_tag_find(tlv.tag);
        json_t *one = json_object();
        json_object_set_new(one, "tag", json_integer(tlv.tag));
        json_object_set_new(one, "name", row == NULL ? json_null() : json_string(row->name));
        json_object_set_new(one, "value", value_json(row, tlv.value, reader));
        json_array_append_new(json, one);
    }
    return json;
}

static json_t *deviations_json(const struct pdu *pdu)
{
    json_t *json = json_array();
    for (enum pdu_deviation i = 0; i < PDU_DEVIATIONS; i++) {
        if (pdu_deviates(pdu, i))
            json_array_append_new(json, json_string(pdu_deviation_name(i)));
    }
    return json;
}

char *pdu_to_json(const struct pdu *pdu, enum pdu_reader reader)
{
    const struct pdu_row *row = pdu_command_find(pdu->command_id);
    json_t *json = json_object();
    json_object_set_new(json, "command", json_string(pdu_command_name(pdu->command_id)));
    json_object_set_new(json, "status", json_integer(pdu->command_status));
    json_object_set_new(json, "sequence", json_integer(pdu->sequence_number));
    if (row != NULL && pdu->has_body) {
        for (const struct pdu_field *field = row->body; field->kind != FIELD_END; field++) {
            const void *member = (const uint8_t *)pdu + field->offset;
            json_object_set_new(json, field->name, field_json(field, member, reader));
        }
    }
    json_object_set_new(json, "tlvs", tlvs_json(pdu, reader));
    if (pdu->deviations != 0)
        json_object_set_new(json, "deviations", deviations_json(pdu));
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
    must(text != NULL);
    json_decref(json);
    return text;
}
