/* sign: Ed25519 (RFC 8032), by OpenSSL: a private key that signs, and whether a signature is that of a public
 * key. Keys are PEM files, as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` make them. */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include <stdbool.h>

#include "base/octets.h"

#define SIGN_PUBLIC_SIZE 32
#define SIGNATURE_SIZE   64
#define SIGN_WHY_SIZE    200

struct sign_key;

/* Of a file that nobody but its owner may read. NULL: `why` says what is wrong with it. */
struct sign_key *sign_open(const char *file, char why[SIGN_WHY_SIZE]);
void sign_close(struct sign_key *key); /* NULL is allowed */
void sign_public(const struct sign_key *key, uint8_t out[SIGN_PUBLIC_SIZE]);
void sign_make(const struct sign_key *key, struct octets statement, uint8_t out[SIGNATURE_SIZE]);

/* False: `why` says what is wrong with the file. */
bool sign_public_read(const char *file, uint8_t out[SIGN_PUBLIC_SIZE], char why[SIGN_WHY_SIZE]);
bool sign_check(const uint8_t key[SIGN_PUBLIC_SIZE], struct octets statement,
                const uint8_t signature[SIGNATURE_SIZE]);

#endif
