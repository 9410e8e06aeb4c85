/* scrypt: a password made into what may be kept of it (RFC 7914), from OpenSSL. It takes a quarter of a second and tens of
 * megabytes, on purpose: not for the loop. May be called in any thread. */
#ifndef BASE_SCRYPT_H
#define BASE_SCRYPT_H

#include "base/octets.h"

#define SCRYPT_SIZE      32

struct scrypt_cost {
    int log_n, r, p;
};
/* As hard to guess as with N = 2^17, with a quarter of its memory: 32 MB. */
extern const struct scrypt_cost scrypt_cost_usual;

/* False: there is no memory for it, or the cost is more than SCRYPT_MEMORY. */
#define SCRYPT_MEMORY ((size_t)64 << 20)
bool scrypt_hash(struct octets secret, struct octets salt, struct scrypt_cost cost, uint8_t out[SCRYPT_SIZE]);

#endif
