/* cargo: what a message carries in the place of its text, or beside it: octets as they are, a user data header, a
 * data_coding of its own, TLVs by name. It judges nothing.
 *
 * Written down it is one line of JSON, the same for the same cargo; a text and nothing more has an empty one. So rows keep
 * it, seals cover it (docs/ledger.md), and what reads it finds what was put there. Pure. */
#ifndef SMPP_CARGO_H
#define SMPP_CARGO_H

#include "base/octets.h"

struct region;

#define CARGO_TLVS_MOST 64

struct cargo_tlv { /* which tag that is, and how it is written, is the carrier's to say */
    const char *name, *value;
};

struct cargo {
    bool has_data; /* then these octets are sent, and no text is encoded */
    struct octets data;
    struct octets header; /* user data header, length octet first; empty: none of its own */
    bool has_coding;
    uint8_t data_coding; /* else that of its alphabet */
    const struct cargo_tlv *tlvs;
    size_t tlv_count;
    const char *wap_url, *wap_title; /* what the octets are, for people; NULL: no WAP push */
};

/* In the region; "" where there is nothing but a text. */
const char *cargo_write(const struct cargo *cargo, struct region *region);
/* False: it is none of ours. NULL is an empty one. */
bool cargo_read(const char *text, struct region *region, struct cargo *out);

/* The message class of its data_coding (23.038 4); -1: it says none. */
int cargo_class(const struct cargo *cargo);

/* NULL: it has none of that name. */
const char *cargo_tlv_find(const struct cargo *cargo, const char *name);

#endif
