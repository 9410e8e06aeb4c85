/* ledger_format: the octets that a ledger record's hash covers. docs/ledger.md writes them down for those
 * who build a verifier of their own; they can't change any more. Pure. */
#ifndef CONSENT_LEDGER_FORMAT_H
#define CONSENT_LEDGER_FORMAT_H

#include "base/digest.h"
#include "store/store.h"

#define LEDGER_SALT_SIZE 33 /* 16 random octets as hexadecimal, and the NUL */
#define LEDGER_FIRST_PREV                                                                            \
    "0000000000000000000000000000000000000000000000000000000000000000"

/* The salted digest that stands in the chain for a number or a payload: SHA-256 over three netstrings:
 * `field` ("number" or "payload"), the salt's hexadecimal text, the value. */
void ledger_format_digest(const char *field, struct octets salt, struct octets value,
                          char out[DIGEST_HEX_SIZE]);

/* The hash of a record: SHA-256 over the netstrings of "assent-ledger-1", prev_hash, seq in decimal, at,
 * kind, program, number_digest, payload_digest; a NULL digest is "-,". */
void ledger_format_hash(const struct ledger_row *row, char out[DIGEST_HEX_SIZE]);

#endif
