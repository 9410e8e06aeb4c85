/* ledger_verify: is the chain whole? Needs a database file or an export, no gateway and no network. Of a database
 * it also holds against the chain what is derived from it, and the messages against their seals. */
#ifndef CONSENT_LEDGER_VERIFY_H
#define CONSENT_LEDGER_VERIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/digest.h"

struct store;

struct ledger_check {
    bool is_whole;
    int64_t records; /* how many were read */
    int64_t bad_seq; /* the first broken one */
    char why[200];   /* one sentence part: "its payload was changed" */
    int64_t signed_seq; /* the newest record that is signed by the key; 0: none */
    char signed_at[TIME_TEXT_SIZE];
    int64_t sealed;  /* how many messages were held against their seals; of a database only */
    char head_hash[DIGEST_HEX_SIZE];
};

/* What is known from elsewhere; with it a chain that was written anew is found too. */
struct ledger_known {
    const char *head;          /* "SEQ:HASH", or NULL; finds a tail that was cut off as well */
    const uint8_t *public_key; /* SIGN_PUBLIC_SIZE octets, or NULL: one must have signed, and rightly each time */
};

/* False: it can't be read (why says so), or the head is not of that form. */
bool ledger_verify_store(struct store *store, const struct ledger_known *known,
                         struct ledger_check *out);
bool ledger_verify_export(FILE *ndjson, const struct ledger_known *known, struct ledger_check *out);

/* Writes the ledger as NDJSON: an object a record, with the columns as its keys. False: reading or
 * writing failed. */
bool ledger_export(struct store *store, FILE *out);

#endif
