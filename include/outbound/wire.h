/* wire: a message as the submit_sm that carry it to one carrier: its parts cut, and their octets as that carrier reads
 * them. It fills in what the text needs and nothing else of a PDU. */
#ifndef OUTBOUND_WIRE_H
#define OUTBOUND_WIRE_H

#include "smpp/parts.h"
#include "smpp/pdu.h"
#include "store/store.h"

struct cargo;

#define WIRE_TLVS_MOST 3

struct wire {
    struct part_plan plan;
    enum text_zero zero;
    bool is_payload; /* all of it in one */
    bool is_done;    /* that one was taken */
    struct part_mark mark;
    struct part part;
    uint8_t header[PARTS_HEADER_MOST];
    uint8_t octets[PART_OCTETS];
    uint8_t *payload; /* in the region: what all of it takes */
    uint8_t numbers[WIRE_TLVS_MOST][4];
};

/* The message must have a form that fits the carrier (outbound/fit.h). cargo: what it carries, read; octets go as they are. */
void wire_open(struct wire *wire, const struct message *message, const struct cargo *cargo,
               enum text_zero zero, struct region *region);
/* The next one: its number, and in the PDU esm_class, short_message and, behind its other TLVs, for which `tlvs` has room,
 * those that it needs. What they point at lives until the next call. False: there is none any more. */
bool wire_next(struct wire *wire, struct pdu *pdu, struct tlv *tlvs, unsigned *number);

#endif
