/* Octets to struct pdu. Everything that is read is first measured against what is left. */
#include "pdu_parts.h"

#include <stdio.h>

enum {
#define SMPP_TLV(tag, name, ...) PLACE_OF_##name,
#include "proto/smpp.def"
    TLV_PLACES
};

static void deviate(struct pdu *pdu, enum pdu_deviation deviation)
{
    pdu->deviations |= UINT32_C(1) << deviation;
}

static enum pdu_result refuse(struct reader *in, enum pdu_result result, uint32_t status)
{
    in->status = status;
    return result;
}

static enum pdu_result read_octet(struct reader *in, uint8_t *octet)
{
    if (in->at == in->from.length)
        return refuse(in, PDU_CUT_SHORT, ESME_RINVCMDLEN);
    *octet = in->from.at[in->at++];
    return PDU_OK;
}

/* The NUL is looked for inside the PDU and inside the field's maximum only (F9). */
static enum pdu_result read_text(struct reader *in, size_t most, uint32_t status,
                                 struct octets *text)
{
    struct octets rest = reader_rest(in);
    size_t within = rest.length < most ? rest.length : most;
    const uint8_t *nul = within == 0 ? NULL : memchr(rest.at, 0, within);
    if (nul == NULL && within == most)
        return refuse(in, PDU_FIELD_TOO_LONG, status);
    if (nul == NULL)
        return refuse(in, PDU_CUT_SHORT, ESME_RINVCMDLEN);
    *text = octets_of(rest.at, (size_t)(nul - rest.at));
    in->at += text->length + 1;
    return PDU_OK;
}

static enum pdu_result read_counted(struct reader *in, size_t count, uint32_t status,
                                    struct octets *octets)
{
    struct octets rest = reader_rest(in);
    if (count > rest.length)
        return refuse(in, PDU_CUT_SHORT, status);
    *octets = octets_of(rest.at, count);
    in->at += count;
    return PDU_OK;
}

static enum pdu_result read_address(struct reader *in, struct pdu_entry *entry)
{
    enum pdu_result result = read_octet(in, &entry->ton);
    if (result == PDU_OK)
        result = read_octet(in, &entry->npi);
    if (result == PDU_OK)
        result = read_text(in, LIST_ADDRESS_MOST, ESME_RINVDSTADR, &entry->text);
    return result;
}

static enum pdu_result read_dest(struct reader *in, struct pdu_entry *entry)
{
    enum pdu_result result = read_octet(in, &entry->dest_flag);
    if (result != PDU_OK)
        return result;
    if (entry->dest_flag == DEST_FLAG_ADDRESS)
        return read_address(in, entry);
    if (entry->dest_flag == DEST_FLAG_LIST)
        return read_text(in, LIST_ADDRESS_MOST, ESME_RINVDLNAME, &entry->text);
    in->at--;
    return refuse(in, PDU_BAD_LIST, ESME_RINVDESTFLAG);
}

static enum pdu_result read_failure(struct reader *in, struct pdu_entry *entry)
{
    enum pdu_result result = read_address(in, entry);
    if (result != PDU_OK)
        return result;
    struct octets code;
    result = read_counted(in, 4, ESME_RINVCMDLEN, &code);
    if (result == PDU_OK)
        entry->error_status_code = pdu_u32(code.at);
    return result;
}

static enum pdu_result read_entry(struct reader *in, enum pdu_field_kind kind,
                                  struct pdu_entry *entry)
{
    *entry = (struct pdu_entry){0};
    if (kind == FIELD_DESTS)
        return read_dest(in, entry);
    if (kind == FIELD_FAILURES)
        return read_failure(in, entry);
    return read_text(in, LIST_ID_MOST, ESME_RINVMSGID, &entry->text);
}

static enum pdu_result read_list(struct reader *in, const struct pdu_field *field, size_t count,
                                 struct pdu_list *list)
{
    if (field->kind == FIELD_DESTS && count == 0)
        return refuse(in, PDU_BAD_LIST, field->status); /* F345 */
    size_t begin = in->at;
    for (size_t i = 0; i < count; i++) {
        struct pdu_entry entry;
        enum pdu_result result = read_entry(in, field->kind, &entry);
        if (result != PDU_OK)
            return result;
    }
    list->octets = octets_of(in->from.at + begin, in->at - begin);
    list->count = count;
    list->kind = field->kind;
    return PDU_OK;
}

bool pdu_entry_next(const struct pdu_list *list, size_t *at, struct pdu_entry *entry)
{
    struct reader in = {.from = list->octets, .at = *at};
    if (in.at == in.from.length || read_entry(&in, list->kind, entry) != PDU_OK)
        return false;
    *at = in.at;
    return true;
}

/* `count` is what the row before counted. */
static enum pdu_result read_field(struct reader *in, const struct pdu_field *field, uint8_t *count,
                                  void *member)
{
    enum pdu_result result = PDU_OK;
    switch (field->kind) {
    case FIELD_U8:
        return read_octet(in, member);
    case FIELD_COUNT:
        result = read_octet(in, member);
        *count = *(uint8_t *)member;
        return result;
    case FIELD_TEXT:
    case FIELD_TIME:
        return read_text(in, field->read, field->status, member);
    case FIELD_OCTETS:
        return read_counted(in, *count, field->status, member);
    case FIELD_DESTS:
    case FIELD_FAILURES:
    case FIELD_IDS:
        return read_list(in, field, *count, member);
    case FIELD_END:
        break;
    }
    return result;
}

static bool is_longer_than_text(const struct pdu_field *field, const void *member)
{
    if (field->kind == FIELD_TEXT || field->kind == FIELD_TIME)
        return ((const struct octets *)member)->length + 1 > field->write;
    if (field->kind == FIELD_OCTETS)
        return ((const struct octets *)member)->length > field->write;
    if (field->kind >= FIELD_DESTS)
        return ((const struct pdu_list *)member)->count > field->write;
    return false;
}

static enum pdu_result read_body(struct reader *in, const struct pdu_field *body, struct pdu *pdu)
{
    uint8_t count = 0;
    for (const struct pdu_field *field = body; field->kind != FIELD_END; field++) {
        void *member = (uint8_t *)pdu + field->offset;
        enum pdu_result result = read_field(in, field, &count, member);
        if (result != PDU_OK) {
            pdu->fault.field = field->name;
            return result;
        }
        if (is_longer_than_text(field, member))
            deviate(pdu, PDU_DEVIATION_long_field);
    }
    pdu->has_body = true;
    return PDU_OK;
}

static bool are_whole_tlvs(struct octets octets)
{
    struct tlv tlv;
    size_t at = 0;
    while (tlv_read(octets, &at, &tlv))
        continue;
    return at == octets.length;
}

static void take_tlvs(struct pdu *pdu, struct octets octets)
{
    bool was_seen[TLV_PLACES] = {false};
    size_t rows;
    const struct tlv_row *first = pdu_tags(&rows);
    struct tlv tlv;
    pdu->tlv_octets = octets;
    for (size_t at = 0; tlv_read(octets, &at, &tlv);) {
        if (tlv.tag == 0 && tlv.value.length == 0)
            deviate(pdu, PDU_DEVIATION_tlv_padding);
        const struct tlv_row *row = pdu_tag_find(tlv.tag);
        if (row == NULL)
            continue;
        if (!tlv_fits(row, tlv.value))
            deviate(pdu, PDU_DEVIATION_tlv_wrong_length);
        else if (row->kind == TLV_KIND_TEXT &&
                 (tlv.value.length == 0 || memchr(tlv.value.at, 0, tlv.value.length) == NULL))
            deviate(pdu, PDU_DEVIATION_tlv_without_nul);
        if (was_seen[row - first] && row->times == TLV_TIMES_ONCE)
            deviate(pdu, PDU_DEVIATION_tlv_repeated);
        was_seen[row - first] = true;
    }
}

/* What stands behind the fields. Octets that make no TLVs are forgiven behind a bare header, and
 * one NUL behind short_message. */
static enum pdu_result read_tlvs(struct reader *in, const struct pdu_row *row, struct pdu *pdu)
{
    struct octets rest = reader_rest(in);
    if (are_whole_tlvs(rest)) {
        take_tlvs(pdu, rest);
        return PDU_OK;
    }
    if (row->body->kind == FIELD_END) {
        deviate(pdu, PDU_DEVIATION_octets_after_header);
        return PDU_OK;
    }
    struct octets after = octets_of(rest.at + 1, rest.length - 1);
    const struct pdu_field *last = row->body;
    while (last[1].kind != FIELD_END)
        last++;
    if (last->kind == FIELD_OCTETS && rest.at[0] == 0 && are_whole_tlvs(after)) {
        deviate(pdu, PDU_DEVIATION_stray_nul);
        take_tlvs(pdu, after);
        return PDU_OK;
    }
    pdu->fault.field = "the TLVs";
    return refuse(in, PDU_BAD_TLVS, ESME_RINVTLVSTREAM);
}

static bool are_zero(struct octets octets)
{
    size_t i = 0;
    while (i < octets.length && octets.at[i] == 0)
        i++;
    return i == octets.length;
}

/* Leaves the header and what was found out about the PDU. */
static void forget_body(struct pdu *pdu)
{
    struct pdu kept = {
        .command_length = pdu->command_length,
        .command_id = pdu->command_id,
        .command_status = pdu->command_status,
        .sequence_number = pdu->sequence_number,
        .fault = pdu->fault,
    };
    *pdu = kept;
}

/* Only the TLVs of an error response count: behind empty fields, as 5.0 has it (F114), behind
 * fields that should not be there (F113), or without any. */
static void read_error_response(struct reader *in, const struct pdu_row *row, struct pdu *pdu)
{
    struct octets body = reader_rest(in), rest = body;
    if (read_body(in, row->body, pdu) == PDU_OK && are_whole_tlvs(reader_rest(in)))
        rest = reader_rest(in);
    else if (!are_whole_tlvs(body))
        rest.length = 0;
    forget_body(pdu);
    pdu->fault.field = NULL;
    if (rest.length > 0)
        take_tlvs(pdu, rest);
    size_t fields = body.length - rest.length;
    pdu->has_body = rest.length > 0 && fields > 0 && are_zero(octets_of(body.at, fields));
    bool is_bare = body.length == 0;
    bool has_no_fields = row->body->kind == FIELD_END && fields == 0;
    if (!pdu->has_body && !is_bare && !has_no_fields)
        deviate(pdu, PDU_DEVIATION_body_in_error);
}

static enum pdu_result read_header(struct octets frame, struct pdu *pdu)
{
    pdu->fault.field = "command_length";
    pdu->fault.status = ESME_RINVCMDLEN;
    if (frame.length < PDU_HEADER_SIZE)
        return PDU_BAD_LENGTH;
    pdu->command_length = pdu_u32(frame.at);
    pdu->command_id = pdu_u32(frame.at + 4);
    pdu->command_status = pdu_u32(frame.at + 8);
    pdu->sequence_number = pdu_u32(frame.at + 12);
    if (pdu->command_length != frame.length)
        return PDU_BAD_LENGTH;
    pdu->fault.field = NULL;
    pdu->fault.status = 0;
    return PDU_OK;
}

static enum pdu_result read_rest(struct reader *in, const struct pdu_row *row, struct pdu *pdu)
{
    bool is_response = row->kind == PDU_RESPONSE;
    if (is_response && pdu->command_status != ESME_ROK) {
        read_error_response(in, row, pdu);
        return PDU_OK;
    }
    if (is_response && reader_rest(in).length == 0 && row->body->kind != FIELD_END) {
        deviate(pdu, PDU_DEVIATION_missing_body); /* F115 */
        return PDU_OK;
    }
    enum pdu_result result = read_body(in, row->body, pdu);
    return result == PDU_OK ? read_tlvs(in, row, pdu) : result;
}

enum pdu_result pdu_decode(struct octets frame, struct pdu *pdu)
{
    *pdu = (struct pdu){0};
    enum pdu_result result = read_header(frame, pdu);
    if (result != PDU_OK)
        return result;
    const struct pdu_row *row = pdu_command_find(pdu->command_id);
    if (row == NULL) {
        pdu->fault.field = "command_id";
        pdu->fault.offset = 4;
        pdu->fault.status = ESME_RINVCMDID;
        return PDU_UNKNOWN_COMMAND;
    }
    struct reader in = {.from = frame, .at = PDU_HEADER_SIZE};
    result = read_rest(&in, row, pdu);
    if (result != PDU_OK) {
        pdu->fault.status = in.status;
        pdu->fault.offset = in.at;
        forget_body(pdu);
    }
    return result;
}

void pdu_explain(const struct pdu *pdu, enum pdu_result result, char *out, size_t size)
{
    static const char *const words[] = {
        [PDU_OK] = "is well-formed in",
        [PDU_BAD_LENGTH] = "is not as long as its",
        [PDU_UNKNOWN_COMMAND] = "has an unknown",
        [PDU_CUT_SHORT] = "ends inside",
        [PDU_FIELD_TOO_LONG] = "has too much in",
        [PDU_BAD_LIST] = "has a bad entry or count in",
        [PDU_BAD_TLVS] = "has octets that make no TLV in",
    };
    const struct pdu_row *row = pdu_command_find(pdu->command_id);
    snprintf(out, size, "%s (0x%08X) %s %s at octet %zu", row == NULL ? "PDU" : row->name,
             (unsigned)pdu->command_id, words[result],
             pdu->fault.field == NULL ? "all" : pdu->fault.field, pdu->fault.offset);
}
