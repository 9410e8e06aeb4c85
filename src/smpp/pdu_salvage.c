/* What can still be read of a deliver_sm or data_sm that is no proper PDU. Only for finding a person's STOP in
 * it: a lost STOP is worse than an odd octet (F118). Nothing else may be built on what comes out. */
#include "pdu_parts.h"

static bool salvage_field(struct reader *in, const struct pdu_field *field, uint8_t *count,
                          void *member)
{
    struct octets rest = reader_rest(in);
    if (rest.length == 0)
        return field->kind == FIELD_OCTETS;
    if (field->kind == FIELD_U8 || field->kind == FIELD_COUNT) {
        *count = *(uint8_t *)member = rest.at[0];
        in->at++;
        return true;
    }
    struct octets *value = member;
    const uint8_t *nul = memchr(rest.at, 0, rest.length);
    if (field->kind == FIELD_OCTETS)
        *value = octets_of(rest.at, *count < rest.length ? *count : rest.length);
    else if (nul != NULL)
        *value = octets_of(rest.at, (size_t)(nul - rest.at));
    in->at += value->length + (field->kind == FIELD_OCTETS ? 0 : 1);
    return field->kind == FIELD_OCTETS || nul != NULL;
}

bool pdu_salvage(struct octets frame, struct pdu *pdu)
{
    struct reader in = {.from = frame, .at = PDU_HEADER_SIZE};
    uint8_t count = 0;
    if (frame.length < PDU_HEADER_SIZE)
        return false;
    *pdu = (struct pdu){.command_length = pdu_u32(frame.at),
                        .command_id = pdu_u32(frame.at + 4),
                        .sequence_number = pdu_u32(frame.at + 12)};
    if (pdu->command_id != SMPP_deliver_sm && pdu->command_id != SMPP_data_sm)
        return false;
    for (const struct pdu_field *field = pdu_command_find(pdu->command_id)->body;
         field->kind != FIELD_END; field++)
        if (!salvage_field(&in, field, &count, (uint8_t *)pdu + field->offset))
            return false;
    pdu->tlv_octets = reader_rest(&in);
    return true;
}
