/* password: what a person logs in to the console with, and what is kept of it. Not the passwords of SMPP, which programs use. */
#ifndef CONSENT_PASSWORD_H
#define CONSENT_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"
#include "base/scrypt.h"

struct region;

#define PASSWORD_LEAST 12   /* characters */
#define PASSWORD_MOST  1024 /* octets */
#define PASSWORD_SALT_SIZE 16

struct password {
    uint8_t salt[PASSWORD_SALT_SIZE];
    uint8_t hash[SCRYPT_SIZE];
    struct scrypt_cost cost;
    int64_t set_at; /* 0: there is none */
};

/* Why it can't be one; NULL. */
const char *password_fault(struct octets text);
/* As it is compared: the same letters however a keyboard composes them (NFKC). Longer than any can be: its beginning. */
struct octets password_fold(struct octets text, struct region *region);

/* A salt and the usual cost; the hash is still to come. */
void password_begin(struct password *password, int64_t now_ms);
/* What becomes of a folded text by its salt and cost; takes long, and may be called in any thread. False: no memory. */
bool password_make(const struct password *password, struct octets folded, uint8_t out[SCRYPT_SIZE]);

#endif
