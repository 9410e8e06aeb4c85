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

/* The same in pieces, of a database that is written meanwhile: the chain, what its digests say and its signatures, without
 * what is held against it beside. */
struct ledger_pass;
enum ledger_progress { LEDGER_GOES_ON, LEDGER_AT_END, LEDGER_BROKEN, LEDGER_UNREADABLE };
/* Borrows both. public_key: NULL: signatures aren't checked. */
struct ledger_pass *ledger_pass_open(struct store *store, const uint8_t *public_key);
void ledger_pass_close(struct ledger_pass *pass); /* NULL is allowed */
/* Up to `most` records more. The head: a record that must be there by then, with that hash; 0: none. After LEDGER_AT_END it goes
 * on with what has come since. */
enum ledger_progress ledger_pass_step(struct ledger_pass *pass, size_t most, int64_t head_seq, const char *head_hash);
const struct ledger_check *ledger_pass_check(const struct ledger_pass *pass); /* why says what is unreadable, too */

/* Writes the ledger as NDJSON: an object a record, with the columns as its keys. False: reading or
 * writing failed. */
bool ledger_export(struct store *store, FILE *out);

#endif
