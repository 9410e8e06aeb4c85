/* text: what people write, as octets of an SMPP message and back. Inside it is always UTF-8.
 *
 * It knows alphabets, not messages: headers and parts are smpp/parts.h's. It judges nothing:
 * keyword rules and consent are elsewhere. Pure; what it makes lives in the caller's region. */
#ifndef SMPP_TEXT_H
#define SMPP_TEXT_H

#include "base/octets.h"

struct region;

enum text_alphabet {
    TEXT_GSM7,   /* GSM 03.38, one septet in an octet (F214) */
    TEXT_UCS2,   /* UTF-16 in fact, big-endian (F218) */
    TEXT_LATIN1, /* ISO 8859-1 */
    TEXT_ASCII,
    TEXT_BINARY /* no text, or none that we read: 8-bit data, compressed, JIS, Cyrillic ... */
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

/* GSM if it has every character, else UCS-2 for the whole text (F222). */
enum text_alphabet text_choose(struct octets utf8);

/* False: not UTF-8, a character that the alphabet lacks, or TEXT_BINARY. */
bool text_encode(struct octets utf8, enum text_alphabet alphabet, struct region *region,
                 struct octets *out);

/* Always gives UTF-8, with U+FFFD for what nobody can read. `oddities` gets enum text_oddity bits,
 * and may be NULL. data_coding 0 is taken for GSM; for a carrier that means something else by it
 * (F215) call text_decode_as. */
struct octets text_decode(struct octets raw, uint8_t data_coding, struct region *region,
                          unsigned *oddities);
struct octets text_decode_as(struct octets raw, enum text_alphabet alphabet, struct region *region,
                             unsigned *oddities);

/* Without the NUL at its end, if there is one. Only for carriers marked so: in GSM text it may be
 * an @ (F213). Other alphabets lose theirs in text_decode. */
struct octets text_without_nul(struct octets raw);

/* By 23.038, also where SMPP calls the value reserved (F220); and the plain value of each alphabet,
 * without a class or a mark of waiting messages. */
enum text_alphabet text_alphabet_of(uint8_t data_coding);
uint8_t text_data_coding(enum text_alphabet alphabet);

#endif
