/* The inside of consent/ledger_verify.h: what a database holds beside the chain, held against it. Nothing
 * else includes this. */
#ifndef SRC_CONSENT_VERIFY_PARTS_H
#define SRC_CONSENT_VERIFY_PARTS_H

#include <jansson.h>

#include "base/region.h"
#include "consent/ledger_verify.h"
#include "store/store.h"

/* Names the first broken record; false, so that a check can end with it. */
bool verify_fault(struct ledger_check *check, int64_t seq, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A record of a chain that is whole so far, with its payload read (NULL: erased, or no JSON). */
struct verified {
    int64_t seq;
    const char *at, *kind, *program, *number; /* number: NULL for none, or erased */
    const char *prev_hash;
    const json_t *payload;
};

/* ---- seal_verify.c: every message that was given to a carrier, as its seal says ---- */

struct seals;
struct seals *seals_new(struct store *store, struct ledger_check *check);
void seals_free(struct seals *seals);
bool seals_meet(struct seals *seals, const struct verified *record); /* in the order of the chain */
bool seals_finish(struct seals *seals);                              /* after the last */

/* ---- derived_verify.c: who is in and who is out, as the records say ---- */

struct derived;
struct derived *derived_new(struct store *store, struct ledger_check *check);
void derived_free(struct derived *derived);
bool derived_meet(struct derived *derived, const struct verified *record);
bool derived_finish(struct derived *derived);

#endif
