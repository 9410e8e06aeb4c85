/* text: what people write, as octets of an SMPP message and back. Inside it is always UTF-8.
 *
 * It knows alphabets, not messages: headers and parts are smpp/parts.h's. It judges nothing:
 * keyword rules and consent are elsewhere. Pure; what it makes lives in the caller's region. */
#ifndef SMPP_TEXT_H
#define SMPP_TEXT_H

#include "base/octets.h"
#include "smpp/gsm7.h"

struct region;

enum text_alphabet {
    TEXT_GSM7,   /* GSM 03.38, one septet in an octet (F214) */
    TEXT_UCS2,   /* UTF-16 in fact, big-endian (F218) */
    TEXT_LATIN1, /* ISO 8859-1 */
    TEXT_ASCII,
    TEXT_BINARY,   /* no text, or none that we read: 8-bit data, compressed, JIS ... */
    TEXT_CYRILLIC, /* ISO 8859-5: read, never written, like the next */
    TEXT_HEBREW    /* ISO 8859-8 */
};

/* An alphabet, and in GSM which tables of it. */
struct text_form {
    enum text_alphabet alphabet;
    struct gsm7_tables tables;
};

/* What data_coding 0 means to a carrier (F215), in the order of its setting. Behind packed, all of
 * its GSM text is packed; the others are the meaning of 0 alone. */
enum text_zero { TEXT_ZERO_GSM7, TEXT_ZERO_PACKED, TEXT_ZERO_LATIN1, TEXT_ZERO_ASCII };

/* What a received text says of itself, and whose it is. */
struct text_source {
    uint8_t data_coding;
    enum text_zero zero;
    struct gsm7_tables tables; /* those that its user data header names */
    size_t header_length;      /* of that header: where packed text begins */
};

/* What the sender of an MO got wrong, for its carrier's counters. */
enum text_oddity {
    TEXT_ODD_OCTET = 1,      /* UCS-2 of an odd length; the last octet was dropped (F218) */
    TEXT_BYTE_ORDER = 2,     /* a byte order mark was dropped (F218) */
    TEXT_LONE_SURROGATE = 4, /* shown as U+FFFD (F218) */
    TEXT_HIGH_OCTET = 8,     /* above 7F in GSM or ASCII: read as UTF-8, else as Latin-1 (F221) */
    TEXT_FINAL_NUL = 16,     /* one was dropped (F213) */
    TEXT_IS_BINARY = 32 /* the text is a guess, for whoever must look at it: trust the octets */
};

/* Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(struct octets text);
/* Takes one character off `rest`, which holds something. False: no UTF-8 (RFC 3629). */
bool text_take(struct octets *rest, uint32_t *character);

/* GSM if it has every character, else UCS-2 for the whole text (F222). */
enum text_alphabet text_choose(struct octets utf8);

/* False: not UTF-8, a character that the alphabet lacks, or TEXT_BINARY. */
bool text_encode(struct octets utf8, enum text_alphabet alphabet, struct region *region,
                 struct octets *out);

bool text_encode_form(struct octets utf8, struct text_form form, struct region *region,
                      struct octets *out);

/* Always gives UTF-8, with U+FFFD for what nobody can read. `oddities` gets enum text_oddity bits,
 * and may be NULL. data_coding 0 is taken for GSM; text_read knows what a carrier means by it. */
struct octets text_decode(struct octets raw, uint8_t data_coding, struct region *region,
                          unsigned *oddities);
struct octets text_decode_as(struct octets raw, enum text_alphabet alphabet, struct region *region,
                             unsigned *oddities);

struct octets text_read(struct octets raw, const struct text_source *source, struct region *region,
                        unsigned *oddities);
/* The octets as they can be joined with those of other parts: packed septets get an octet each. */
struct octets text_septets(struct octets raw, const struct text_source *source,
                           struct region *region);

/* Whether 0 means GSM 03.38, packed or not: the others know nothing of its tables. */
static inline bool text_zero_is_gsm7(enum text_zero zero)
{
    return zero == TEXT_ZERO_GSM7 || zero == TEXT_ZERO_PACKED;
}

/* Whether a carrier can be told, under 0, all that these GSM septets say; and how: the octets in the
 * place of those of one part. `out` has room for as many. */
bool text_zero_holds(enum text_zero zero, struct octets septets, struct gsm7_tables tables);
size_t text_zero_write(enum text_zero zero, struct octets septets, size_t header_length,
                       uint8_t *out);

/* Without the NUL at its end, if there is one. Only for carriers marked so: in GSM text it may be
 * an @ (F213). Other alphabets lose theirs in text_decode. */
struct octets text_without_nul(struct octets raw);

/* By 23.038, also where SMPP calls the value reserved (F220); and the plain value of each alphabet,
 * without a class or a mark of waiting messages. */
enum text_alphabet text_alphabet_of(uint8_t data_coding);
uint8_t text_data_coding(enum text_alphabet alphabet);

#endif
