/* proof: the consent packet of a number: what the person saw and did, every text that was sent with the consent that
 * allowed it, every reply, every block, and the digests that tie them to the ledger. As JSON, as one HTML page that
 * needs nothing else, and back: whether a packet's digests fit what it says. */
#ifndef CONSENT_PROOF_H
#define CONSENT_PROOF_H

#include <jansson.h>
#include <stdio.h>

#include "consent/ledger_verify.h"
#include "store/store.h"

#define PROOF_FORMAT "assent-proof-1"

struct proof_order {
    uint64_t number;
    size_t most;    /* of records, messages and replies each: the newest; what is left out is said */
    int64_t now_ms;
    /* Whether the reader may see what is of a program ("" for none). NULL: all of it. */
    bool (*may_see)(void *who, const char *program);
    void *who;
    const char *signature, *key; /* of the head, in hexadecimal; NULL: it is not signed */
    int64_t head_seq;            /* 0: the newest record that is there */
    const char *head_hash;
};

/* NULL: the store can't be read. The caller owns it. */
json_t *proof_make(struct store *store, const struct proof_order *order);

/* A page that prints well and runs no script. Whatever strangers wrote is text in it. */
void proof_write_html(const json_t *packet, FILE *out);

/* Every record's digests and hash, every text's way to its seal, and with a key the signature of the head. False: it
 * is no packet (why says so). */
bool proof_verify(const json_t *packet, const struct ledger_known *known, struct ledger_check *out);

#endif
