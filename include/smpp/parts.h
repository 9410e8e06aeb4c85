/* parts: a text that is too long for one short message, and the headers that hold its parts
 * together.
 *
 * Outward: cuts encoded octets into parts, never through an escape or surrogate pair (F240 to
 * F245). Inward: reads the user data header of one message (F270 to F278). It joins nothing: that
 * needs memory and time, and is the inbound room's. It writes headers; the SAR TLVs and the payload are
 * written by whoever fills the PDU. Pure. */
#ifndef SMPP_PARTS_H
#define SMPP_PARTS_H

#include "base/octets.h"
#include "smpp/text.h"

#define PARTS_MOST  255 /* 23.040: the total has one octet */
#define PARTS_LIMIT 10  /* what phones and carriers take (F245) */
#define PART_OCTETS 160 /* the longest: 160 septets without a header (F241) */

/* What holds the parts of a long message together, in the order of its setting (F289). With SAR the
 * MC makes a header of it on the radio side, and cuts a payload itself: what is counted is the same as with an
 * 8-bit reference (F287, F288). */
enum parts_style { PARTS_UDH, PARTS_UDH16, PARTS_SAR, PARTS_PAYLOAD };

/* How many parts the octets need; 0: more than 255. Empty text is one part. What is said in Latin-1
 * or ASCII counts like 8-bit data, though many MCs have room for more (F217). `header` is a user
 * data header of the caller's own, length octet first, that every part must bear; mostly empty. */
unsigned parts_count_by(struct octets encoded, enum text_alphabet alphabet, struct octets header,
                        enum parts_style style);
unsigned parts_count(struct octets encoded, enum text_alphabet alphabet,
                     struct octets header); /* PARTS_UDH */
/* How many so many characters need at least, if each takes a septet, or a unit. */
unsigned parts_least(size_t characters, enum text_alphabet alphabet, struct octets header,
                     enum parts_style style);

struct part_plan {
    struct octets rest;   /* not yet handed out; borrowed from the caller */
    struct octets header; /* as given; borrowed */
    enum text_alphabet alphabet;
    unsigned total;
    unsigned next; /* the part that comes next, from 1 */
    enum parts_style style;
    uint16_t reference; /* with PARTS_UDH its low octet counts */
};

struct part {
    unsigned number; /* from 1 */
    bool has_header; /* set ESM_UDHI */
    size_t header_length;
    size_t length; /* header included */
    uint8_t octets[PART_OCTETS];
};

/* False: more than `limit` parts (never cut, F245), a header that is none or leaves no room, or one
 * that is itself about parts though more than one is needed. `reference` must differ from those of
 * other messages to the same handset that may be under way (F247). */
bool parts_plan_by(struct part_plan *plan, struct octets encoded, enum text_alphabet alphabet,
                   struct octets header, unsigned limit, enum parts_style style, uint16_t reference);
bool parts_plan(struct part_plan *plan, struct octets encoded, enum text_alphabet alphabet,
                struct octets header, unsigned limit, uint16_t reference); /* PARTS_UDH */

/* Fills in the next part; false: there is none any more. Of PARTS_SAR it has no header; PARTS_PAYLOAD is
 * not cut: only one that is alone may be asked for. */
bool parts_next(struct part_plan *plan, struct part *part);

/* Which part of which text one message is, where its sender cut the text itself; total 0: it is whole. */
struct part_mark {
    uint16_t reference;
    uint8_t total, number; /* 1 <= number <= total */
};

struct pdu;

/* What its SAR TLVs say, as it stands there; they count only when all three are there: else false (F285). */
bool part_mark_of_sar(const struct pdu *pdu, struct part_mark *out);

/* A part has one reference for both kinds of text: our own for one that we cut, 16 bits, or a mark of the sender's.
 * Gives one integer of 32 bits; of ours it is the reference alone. */
int64_t part_mark_pack(struct part_mark mark);

struct part_mark part_mark_unpack(int64_t packed); /* of ours: total 0 */

#define PART_MARK_HEADER_MOST 7
/* The user data header that says it, into `out`: of 8 bits, or of 16 where the reference needs them. The empty one for a
 * text that is whole. */
struct octets part_mark_header(int64_t packed, uint8_t out[PART_MARK_HEADER_MOST]);

/* The header that names these tables and, of a mark, the part; the empty one where there is neither. It must be in
 * every part (F278). */
#define PARTS_HEADER_MOST 13
struct octets parts_header(struct gsm7_tables tables, int64_t packed,
                           uint8_t out[PARTS_HEADER_MOST]);

struct udh {
    bool is_broken; /* its lengths don't add up: ignored as a whole (F272) */
    bool is_part;   /* one of several; the total may be 1 (F298) */
    bool has_bad_part; /* an element says that it is one, and can't be right (F274) */
    bool is_wide; /* the reference has 16 bits; it is another reference than the same in 8 (F295) */
    uint16_t reference;
    uint8_t total, number; /* 1 <= number <= total */
    bool has_ports;        /* data for a program, not words of a person (F276) */
    uint16_t destination_port, source_port;
    bool is_binary;                      /* for the SIM, or private: no text (F278) */
    uint8_t single_shift, locking_shift; /* national languages, for this part only; 0: none */
};

/* Reads the header of user data whose esm_class has ESM_UDHI; `text` gets what follows it. False:
 * it claims more octets than there are, so `text` is all of them and `udh` empty (F275). */
bool udh_read(struct octets user_data, struct udh *udh, struct octets *text);

#endif
