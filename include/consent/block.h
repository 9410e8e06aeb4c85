/* block: a refusal of the gate, as a record of the ledger: the block log. */
#ifndef CONSENT_BLOCK_H
#define CONSENT_BLOCK_H

#include "consent/verdict.h"
#include "store/store.h"

struct ledger;
struct program;

/* stage: "accept" or "dispatch". program may be NULL, where none was meant. Gives the record's sequence. */
int64_t block_record(struct ledger *ledger, int64_t now_ms, const struct program *program,
                     const struct message *message, enum verdict verdict, const char *stage,
                     const char *why);

#endif
