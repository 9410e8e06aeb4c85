/* signature: a head of the ledger, signed: who has the public key can tell that a chain is the one that the gateway
 * wrote, up to there. docs/ledger.md says what is signed. */
#ifndef CONSENT_SIGNATURE_H
#define CONSENT_SIGNATURE_H

#include "base/sign.h"
#include "consent/ledger.h"

#define SIGNATURE_HEX_SIZE   (2 * SIGNATURE_SIZE + 1)
#define SIGN_PUBLIC_HEX_SIZE (2 * SIGN_PUBLIC_SIZE + 1)

/* Over the record `seq`, whose hash that is, in hexadecimal. */
void signature_make(const struct sign_key *key, int64_t seq, const char *hash,
                    char out[SIGNATURE_HEX_SIZE]);
/* hex: anybody's text, NULL too. */
bool signature_check(const uint8_t key[SIGN_PUBLIC_SIZE], int64_t seq, const char *hash, const char *hex);
void signature_key_hex(const struct sign_key *key, char out[SIGN_PUBLIC_HEX_SIZE]);

/* Appends a record of kind `signature` over the ledger's head, unless that is one already. */
void signature_append(struct ledger *ledger, const struct sign_key *key, int64_t now_ms);

#endif
