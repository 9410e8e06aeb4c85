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

/* ---- chain_verify.c: the chain itself ---- */

/* The columns in the order of struct ledger_raw. */
enum column {
    SEQ, AT, KIND, PROGRAM, NUMBER, NUMBER_SALT, NUMBER_DIGEST, PAYLOAD, PAYLOAD_SALT, PAYLOAD_DIGEST,
    PREV_HASH, HASH, COLUMNS
};
extern const char *const ledger_columns[COLUMNS];

struct seals;
struct derived;
struct chain { /* as far as it was read */
    struct ledger_check *check;
    char prev_hash[DIGEST_HEX_SIZE];
    int64_t head_seq; /* 0: none was given */
    char head_hash[DIGEST_HEX_SIZE];
    bool has_met_head;
    const uint8_t *public_key; /* NULL: none was given */
    uint8_t *erased; /* a bit a record: its values are gone, and their erasure was not met yet */
    size_t erased_count, erased_room;
    struct seals *seals;     /* what a database is held against beside; NULL: the chain alone */
    struct derived *derived;
};

/* False: what is known from elsewhere is not of its form. */
bool chain_begin(struct chain *chain, const struct ledger_known *known, struct ledger_check *out);
bool chain_meet(void *chain, const struct ledger_raw *raw); /* the next record; false: it is broken there */
void chain_end(struct chain *chain);                        /* there is none after it */
void chain_wipe(struct chain *chain);

/* A record of a chain that is whole so far, with its payload read (NULL: erased, or no JSON). */
struct verified {
    int64_t seq;
    const char *at, *kind, *program, *number; /* number: NULL for none, or erased */
    const char *prev_hash;
    const json_t *payload;
};

/* ---- seal_verify.c: every message that was given to a carrier, as its seal says ---- */

struct seals *seals_new(struct store *store, struct ledger_check *check);
void seals_free(struct seals *seals);
bool seals_meet(struct seals *seals, const struct verified *record); /* in the order of the chain */
bool seals_finish(struct seals *seals);                              /* after the last */

/* ---- block_verify.c: the block log ---- */

bool blocks_meet(struct store *store, struct ledger_check *check, const struct verified *record);
bool blocks_finish(struct store *store, struct ledger_check *check, int64_t blocks); /* so many were met */

/* ---- activity_verify.c: what happened when ---- */

struct tallies;
struct tallies *tallies_new(struct store *store, struct ledger_check *check);
void tallies_free(struct tallies *tallies); /* NULL is allowed */
void tallies_meet(struct tallies *tallies, const struct verified *record);
bool tallies_finish(struct tallies *tallies);

/* ---- derived_verify.c: who is in and who is out, as the records say ---- */

struct derived *derived_new(struct store *store, struct ledger_check *check);
void derived_free(struct derived *derived);
bool derived_meet(struct derived *derived, const struct verified *record);
bool derived_finish(struct derived *derived);

#endif
