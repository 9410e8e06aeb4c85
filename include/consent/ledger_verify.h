/* ledger_verify: is the chain whole? Needs a database file or an export, no gateway and no network. Of a database
 * it also holds against the chain what is derived from it, and the messages against their seals. */
#ifndef CONSENT_LEDGER_VERIFY_H
#define CONSENT_LEDGER_VERIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/digest.h"

struct store;

struct ledger_check {
    bool is_whole;
    int64_t records; /* how many were read */
    int64_t bad_seq; /* the first broken one */
    char why[200];   /* one sentence part: "its payload was changed" */
    int64_t sealed;  /* how many messages were held against their seals; of a database only */
    char head_hash[DIGEST_HEX_SIZE];
};

/* head: "SEQ:HASH" kept elsewhere, or NULL; with it a tail that was cut off and a chain that was written
 * anew are found too. False: it can't be read (why says so), or the head is not of that form. */
bool ledger_verify_store(struct store *store, const char *head, struct ledger_check *out);
bool ledger_verify_export(FILE *ndjson, const char *head, struct ledger_check *out);

/* Writes the ledger as NDJSON: an object a record, with the columns as its keys. False: reading or
 * writing failed. */
bool ledger_export(struct store *store, FILE *out);

#endif
