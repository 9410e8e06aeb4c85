/* pdu_parts: what the files of the codec share: a place in octets that are being read, and the
 * lengths of what stands in lists. */
#ifndef SMPP_PDU_PARTS_H
#define SMPP_PDU_PARTS_H

#include "smpp/pdu.h"

#define LIST_ADDRESS_MOST 21 /* destination_addr and dl_name (3.4 4.5.1.1, 4.5.1.2) */
#define LIST_ID_MOST      9  /* message ids of 3.3 */

#define DEST_FLAG_ADDRESS 1
#define DEST_FLAG_LIST    2

struct reader {
    struct octets from;
    size_t at;
    uint32_t status; /* what answers the fault, once there is one */
};

static inline struct octets reader_rest(const struct reader *in)
{
    return octets_of(in->from.at + in->at, in->from.length - in->at);
}

static inline uint16_t read_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* Whether a value is one that the row allows; for strings with or without the NUL (F389). */
bool tlv_fits(const struct tlv_row *row, struct octets value);

/* The next TLV of the octets; false at their end or at a TLV that runs beyond it. */
bool tlv_read(struct octets from, size_t *at, struct tlv *tlv);

#endif
