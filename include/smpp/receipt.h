/* receipt: what a delivery receipt says, as text and as TLVs (F310 to F322; 3.4 appendix B).
 *
 * It reads one deliver_sm or data_sm and says what is in it; it looks nothing up. Which message a
 * receipt belongs to, what becomes of one that fits nothing, and a message of several parts are the
 * outbound room's. A receipt is never rejected: what can't be read is absent. Linear in its octets.
 */
#ifndef SMPP_RECEIPT_H
#define SMPP_RECEIPT_H

#include "base/octets.h"
#include "smpp/text.h"

struct region;

enum receipt_state {
#define RECEIPT_STATE(number, name, text, word, is_final) RECEIPT_STATE_##name = number,
#include "proto/receipt.def"
};

/* A receipt as it came. */
struct receipt_source {
    uint8_t esm_class, data_coding;
    enum text_zero zero; /* what data_coding 0 means to its carrier */
    struct octets text;  /* of short_message or message_payload, header and all */
    struct octets id;    /* receipted_message_id, its NUL too; empty: absent */
    struct octets state; /* message_state */
    struct octets error; /* network_error_code */
    int64_t heard_at;    /* wall clock; of several readings of a date the nearest to it counts */
};

/* What the configuration knows of a carrier. All false is right for most. */
struct receipt_profile {
    bool by_text;           /* receipts may come as ordinary texts */
    bool text_first;        /* where text and TLV differ, believe the text */
    bool accepted_is_final; /* ACCEPTED is as much as we will ever hear (F313) */
};

enum receipt_kind {
    RECEIPT_NOT,     /* an MO, whatever it says */
    RECEIPT_PERHAPS, /* by its text alone (by_text): one only if an open message has that id and
                        went to that number; else an MO */
    RECEIPT_SURE     /* by esm_class, or by both TLVs */
};

#define RECEIPT_ID_MOST    64 /* octets (3.4 5.3.2.12); a longer id is never looked up */
#define RECEIPT_VALUE_MOST 64 /* octets kept of stat and err */
#define RECEIPT_IDS        8

/* All views are of the source's octets or the region's. With RECEIPT_NOT the rest says nothing. */
struct receipt {
    enum receipt_kind kind;
    struct octets ids[RECEIPT_IDS]; /* as they came: look them up in this order until one fits */
    unsigned id_count;
    bool id_is_tlv;            /* ids[0] is receipted_message_id */
    struct octets overlong_id; /* for the log: the beginning of one of more than 64 octets */
    enum receipt_state state;
    bool is_final;    /* closes the message, if the receipt fits one */
    bool contradicts; /* itself: stat against message_state, or a key that came twice */
    bool has_facts;   /* a TLV or a key was there; if not, opt-out rules look at the text as well */
    struct octets stat;          /* the word of the text, to count those that nobody knows */
    struct octets err;           /* of the text as received, else that of the TLV */
    struct octets network_error; /* the TLV as type:code, in decimal */
    bool has_done_date;
    bool zone_is_told; /* if not, done_at takes the date for UTC: show it, don't compute with it
                          (F319) */
    int64_t done_at;
};

void receipt_read(const struct receipt_source *source, const struct receipt_profile *profile,
                  struct region *region, struct receipt *receipt);

/* How an id of a submit_sm_resp and one of a receipt are the same; the first rule that fits. */
enum receipt_match {
#define RECEIPT_MATCH(name, text) RECEIPT_MATCH_##name,
#include "proto/receipt.def"
};

/* EXACT, CASE and STRIP_ZEROS can be trusted. The others need a rule of the carrier's, or that
 * exactly one open message to that number fits. HEX_TO_DEC: hexadecimal in the response, decimal in
 * the receipt; DEC_TO_HEX the reverse. */
enum receipt_match receipt_id_match(struct octets submitted, struct octets received);

const char *receipt_state_text(enum receipt_state state); /* "delivered" */
const char *receipt_match_text(enum receipt_match match); /* "hex_to_dec" */
bool receipt_state_is_final(enum receipt_state state);

/* A receipt of our own, for a sender (F320). */
struct receipt_draft {
    const char *id;                /* as in the submit_sm_resp (F322) */
    unsigned submitted, delivered; /* 0 to 999; mostly 1, and 1 or 0 */
    int64_t submitted_at, done_at; /* written in UTC, to the minute */
    enum receipt_state state;
    const char *err; /* its first word counts, its last three letters and digits; NULL: 000 */
};

/* The text of appendix B, label by label (F321). Nothing of the message's own text is in it. */
char *receipt_write(const struct receipt_draft *draft, struct region *region);

#endif
