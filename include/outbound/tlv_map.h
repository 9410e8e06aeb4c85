/* tlv_map: from what a message says about TLVs to what its carrier gets. The carrier's config names them (config/tlv.h);
 * a message keeps values by name (smpp/cargo.h), so it may leave by any carrier of its program. */
#ifndef OUTBOUND_TLV_MAP_H
#define OUTBOUND_TLV_MAP_H

#include "config/tlv.h"
#include "consent/program.h"
#include "consent/verdict.h"
#include "outbound/carrier.h"
#include "smpp/cargo.h"
#include "smpp/pdu.h"

struct dispatch;

struct tlv_offer {
    const struct cargo_tlv *named; /* as HTTP says them */
    size_t named_count;
    const struct tlv *tags; /* as SMPP does: those in no map of the carriers are left out (F386) */
    size_t tag_count;
};

struct tlv_place { /* of the message in question; its program, purpose, sender, number and account count */
    struct dispatch *dispatch;
    const struct programs *programs;
    const struct program *program;
    const struct message *message;
    struct region *region;
};

/* Puts what the program gives to such a message, and in its place what the message says, into the cargo. Of one that is
 * offered (`offer` is not NULL) each name must be known to one of the carriers that its program uses, fit at all that know
 * it, and none may be missing that a carrier requires by which it may leave. ALLOWED, or the fault with `why`. */
enum verdict tlv_map_gather(const struct tlv_place *place, const struct tlv_offer *offer,
                            struct cargo *cargo, char why[TLV_WHY_SIZE]);

/* The TLVs of a submit by the carrier's lines, in the region; gives how many. What the lines of a newer config make unfit
 * is left out. */
size_t tlv_map_fill(const struct config_list *lines, const struct cargo *cargo,
                    struct region *region, const struct tlv **out);

#endif
