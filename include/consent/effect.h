/* effect: what a record of the ledger did to the tables of consents and opt-outs, said in its payload, so that
 * the tables can be held against the ledger. Pure. */
#ifndef CONSENT_EFFECT_H
#define CONSENT_EFFECT_H

#include <jansson.h>

#include "store/store.h"

/* Of a registration and a START: a list of words under "effect". */
#define EFFECT_OPTS_IN "opts_in" /* it is now the opt-in on record */
#define EFFECT_NOTED   "noted"   /* it is on record, and is none */
#define EFFECT_LIFTS   "lifts"   /* opt-outs up to it are lifted in its program */
#define EFFECT_ASKS    "asks"    /* it counts once a later one completes it: double opt-in */

/* The words for a row that record `seq` has changed. */
void effect_put(json_t *payload, const struct consent *row, int64_t seq);
bool effect_is_told(const json_t *payload); /* false: a record of an older version */
bool effect_has(const json_t *payload, const char *word);

/* What it is counted as, of what happened when: ACTIVITY_OPT_IN or ACTIVITY_OPT_OUT; NULL: nothing of the kind. The tables of an
 * older database are filled by the same rule (store/schema.c). */
const char *effect_counts_as(const char *kind, const json_t *payload);

/* Of an opt-out: under "covers" all that it ends, each as {"scope":…,"name":…}. */
#define EFFECT_COVERS "covers"
json_t *effect_scope(enum optout_scope scope, const char *name);
bool effect_is_scope(const json_t *json, enum optout_scope scope, const char *name);

#endif
