/* digest: SHA-256 and random octets, from OpenSSL. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/octets.h"

#define DIGEST_SIZE     32
#define DIGEST_HEX_SIZE 65

void digest_sha256(struct octets of, uint8_t out[DIGEST_SIZE]);
void digest_sha256_hex(struct octets of, char out[DIGEST_HEX_SIZE]); /* lower case */

/* Of what comes piece by piece. Exactly one of take and drop ends it. */
struct digest;
struct digest *digest_begin(void);
void digest_add(struct digest *digest, struct octets piece);
void digest_take(struct digest *digest, uint8_t out[DIGEST_SIZE]);
void digest_drop(struct digest *digest); /* NULL is allowed */

void digest_hmac_sha256(struct octets key, struct octets of, uint8_t out[DIGEST_SIZE]);

/* From the system's generator; a system without one is no place to run on. */
void random_octets(void *out, size_t size);
int64_t random_bits(int bits); /* 1 to 63 */

/* In a time that doesn't tell where they differ. */
bool digest_equal(const uint8_t a[DIGEST_SIZE], const uint8_t b[DIGEST_SIZE]);

#endif
