/* pdu: one SMPP PDU as a flat structure, and its way from and to octets. Two ordinary loops over
 * the rows of proto/smpp.def. It judges shape, not sense: an unknown TLV, TON or status is
 * well-formed. It knows no session: framing, states and answers are session.h's.
 *
 * Nothing here allocates, but for the JSON. A decoded pdu borrows its views from the frame, a pdu
 * to encode from its caller. A zeroed struct pdu is one with all fields 0 or empty.
 */
#ifndef SMPP_PDU_H
#define SMPP_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"
#include "smpp/pdu_table.h"

#define PDU_HEADER_SIZE 16

/* One entry of dest_address, unsuccess_sme or message_ids. */
struct pdu_entry {
    uint8_t dest_flag; /* dest_address: 1 an address, 2 a distribution list; else 0 */
    uint8_t ton, npi;
    struct octets text;         /* the address, the list's name, the message id */
    uint32_t error_status_code; /* unsuccess_sme */
};

struct pdu_list {
    const struct pdu_entry *entries; /* to encode: `count` of them; after decoding NULL */
    size_t count;
    struct octets octets; /* after decoding: read them with pdu_entry_next */
    enum pdu_field_kind kind;
};

struct tlv {
    uint16_t tag;
    struct octets value; /* a string without its NUL: encoding puts it there (F389) */
};

enum pdu_result {
    PDU_OK,
    PDU_BAD_LENGTH,      /* not one whole PDU */
    PDU_UNKNOWN_COMMAND, /* only the header was read */
    PDU_CUT_SHORT,       /* the body ends inside a mandatory field */
    PDU_FIELD_TOO_LONG,
    PDU_BAD_LIST, /* no destination, or a dest_flag that isn't one */
    PDU_BAD_TLVS
};

struct pdu {
    uint32_t command_length; /* decoded; encoding computes it */
    uint32_t command_id;
    uint32_t command_status;
    uint32_t sequence_number;
#define PDU_TYPE_U8             uint8_t
#define PDU_TYPE_TEXT           struct octets
#define PDU_TYPE_OCTETS         struct octets
#define PDU_TYPE_LIST           struct pdu_list
#define SMPP_MEMBER(type, name) PDU_TYPE_##type name;
#include "proto/smpp.def"

    const struct tlv *tlvs; /* to encode: `tlv_count` of them */
    size_t tlv_count;
    struct octets tlv_octets; /* after decoding: well-formed, read them with pdu_tlv */

    /* After decoding only. */
    bool has_body;       /* the mandatory fields were there and count */
    uint32_t deviations; /* bits of enum pdu_deviation */
    struct {             /* where PDU_OK isn't the result: */
        uint32_t status; /* what answers it */
        const char *field;
        size_t offset; /* in the frame */
    } fault;
};

/* Reads one PDU; its length is that of the frame, never that of a field. The header is filled in
 * whenever 16 octets are there. Lenient: what it forgives is in `deviations`. Any result but PDU_OK
 * leaves the fields empty and `fault` filled. An error response has no body (F113): its fields stay
 * empty whatever came, its TLVs are kept. */
enum pdu_result pdu_decode(struct octets frame, struct pdu *pdu);

/* What can be read of a deliver_sm or data_sm that pdu_decode refused: fields of any length, an sm_length that is
 * too large cut to what is there, and whatever follows, well-formed or not, in tlv_octets. For the search for a
 * STOP, and for nothing else. False: not one of these, or it ends before its short_message. */
bool pdu_salvage(struct octets frame, struct pdu *pdu);

/* "submit_sm ends inside source_addr at octet 20". */
void pdu_explain(const struct pdu *pdu, enum pdu_result result, char *out, size_t size);

/* Writes one PDU. Strict: false, with nothing promised about `out`, when a field is longer than we
 * send, a string holds a NUL, a time hasn't 16 characters, a known TLV has a length it can't have,
 * the command is unknown, or `size` is too small. Counts and lengths come from what they count, not
 * from their members. An error response has a body only to carry TLVs (F113, F114). */
bool pdu_encode(const struct pdu *pdu, uint8_t *out, size_t size, size_t *length);

/* How many octets pdu_encode would write; 0 for what it refuses. */
size_t pdu_size(const struct pdu *pdu);

/* The first TLV of a tag (F388), as it came. */
bool pdu_tlv(const struct pdu *pdu, uint16_t tag, struct octets *value);
/* The next TLV from `*at`, which begins with 0. False at the end. */
bool pdu_tlv_next(const struct pdu *pdu, size_t *at, struct tlv *tlv);
/* The same for tags of the table, by their kind; of a wrong length is absent. */
bool pdu_tlv_number(const struct pdu *pdu, uint16_t tag, uint32_t *number);
bool pdu_tlv_text(const struct pdu *pdu, uint16_t tag, struct octets *text); /* without its NUL */

/* A TLV to encode: an integer of the table, written into `room` in the width of its kind. */
struct tlv tlv_number(uint16_t tag, uint32_t number, uint8_t room[4]);
struct tlv tlv_text(uint16_t tag, const char *text);

/* The next entry of a decoded list from `*at`, which begins with 0. False at the end. */
bool pdu_entry_next(const struct pdu_list *list, size_t *at, struct pdu_entry *entry);

/* Four octets as SMPP writes integers, such as the command_length at the head of a frame. */
static inline uint32_t pdu_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline bool pdu_is_response(uint32_t command_id)
{
    return (command_id & (uint32_t)SMPP_RESPONSE) != 0;
}

static inline bool pdu_deviates(const struct pdu *pdu, enum pdu_deviation deviation)
{
    return (pdu->deviations >> deviation & 1) != 0;
}

/* Who reads it: the operator who pasted the octets sees all but passwords, a log what the table
 * allows. */
enum pdu_reader { PDU_FOR_OPERATOR, PDU_FOR_LOG };

/* A decoded PDU as one line of JSON, without a line end; the caller frees it. */
char *pdu_to_json(const struct pdu *pdu, enum pdu_reader reader);

#endif
