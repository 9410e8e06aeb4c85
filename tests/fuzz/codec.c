/* One frame: what decodes and can be encoded decodes to the same again, in the same octets. */
#include <stdlib.h>
#include <string.h>

#include "smpp/pdu.h"
#include "tests/fuzz/fuzz.h"

#define FRAME_MOST 70000

/* What a decoded pdu borrows in octets, as pdu_encode wants to have it. */
struct unpacked {
    struct pdu pdu;
    struct tlv *tlvs;
    struct pdu_entry *entries;
};

static struct octets value_of(const struct tlv *tlv)
{
    const struct tlv_row *row = pdu_tag_find(tlv->tag);
    bool is_text = row != NULL && row->kind == TLV_KIND_TEXT && tlv->value.length > 0;
    const uint8_t *nul = is_text ? memchr(tlv->value.at, 0, tlv->value.length) : NULL;
    return nul == NULL ? tlv->value : octets_of(tlv->value.at, (size_t)(nul - tlv->value.at));
}

static void unpack_tlvs(const struct pdu *from, struct unpacked *to)
{
    struct tlv tlv;
    to->tlvs = mem_new((from->tlv_octets.length / 4 + 1) * sizeof *to->tlvs);
    for (size_t at = 0; pdu_tlv_next(from, &at, &tlv);)
        to->tlvs[to->pdu.tlv_count++] = (struct tlv){.tag = tlv.tag, .value = value_of(&tlv)};
    to->pdu.tlvs = to->tlvs;
}

static void unpack_list(struct pdu_list *list, struct unpacked *to)
{
    size_t count = 0, at = 0;
    struct pdu_entry *entries = mem_new((list->octets.length + 1) * sizeof *entries);
    while (pdu_entry_next(list, &at, &entries[count]))
        count++;
    must(count == list->count);
    list->entries = to->entries = entries;
}

static void unpack(const struct pdu *from, struct unpacked *to)
{
    *to = (struct unpacked){.pdu = *from};
    unpack_tlvs(from, to);
    const struct pdu_row *row = pdu_command_find(from->command_id);
    for (const struct pdu_field *field = row->body; field->kind != FIELD_END; field++)
        if (from->has_body && (field->kind == FIELD_DESTS || field->kind == FIELD_FAILURES ||
                               field->kind == FIELD_IDS))
            unpack_list((struct pdu_list *)(void *)((char *)&to->pdu + field->offset), to);
}

static void unpacked_wipe(struct unpacked *unpacked)
{
    free(unpacked->tlvs);
    free(unpacked->entries);
}

static void same_json(const struct pdu *one, const struct pdu *other)
{
    char *a = pdu_to_json(one, PDU_FOR_OPERATOR), *b = pdu_to_json(other, PDU_FOR_OPERATOR);
    must(strcmp(a, b) == 0);
    free(a);
    free(b);
}

static size_t encode(const struct pdu *from, uint8_t *out)
{
    struct unpacked unpacked;
    size_t length = 0;
    unpack(from, &unpacked);
    if (!pdu_encode(&unpacked.pdu, out, FRAME_MOST, &length))
        length = 0;
    must(length == 0 || length == pdu_size(&unpacked.pdu));
    unpacked_wipe(&unpacked);
    return length;
}

static void there_and_back(const struct pdu *first)
{
    static uint8_t once[FRAME_MOST], twice[FRAME_MOST];
    struct pdu second;
    size_t length = encode(first, once);
    if (length == 0)
        return; /* what is forgiven to others, and not sent */
    must(pdu_decode(octets_of(once, length), &second) == PDU_OK);
    if (!pdu_is_response(first->command_id))
        second.command_status = first->command_status; /* is sent as 0 (F116) */
    if (first->deviations == 0)
        same_json(first, &second);
    must(encode(&second, twice) == length);
    must(memcmp(once, twice, length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct pdu pdu;
    char words[200];
    if (length > FRAME_MOST)
        return 0;
    enum pdu_result result = pdu_decode(octets_of(at, length), &pdu);
    pdu_explain(&pdu, result, words, sizeof words);
    if (result != PDU_OK)
        return 0;
    free(pdu_to_json(&pdu, PDU_FOR_LOG));
    there_and_back(&pdu);
    return 0;
}
