/* ledger: the append-only, hash-chained record of every consent change and every block. It appends;
 * consent/ledger_verify.h checks; the bytes are consent/ledger_format.h's. */
#ifndef CONSENT_LEDGER_H
#define CONSENT_LEDGER_H

#include <stdint.h>

#include "base/digest.h"
#include "consent/verdict.h"

struct ledger;
struct store;

/* NULL: the newest record can't be read. */
struct ledger *ledger_open(struct store *store);
void ledger_close(struct ledger *ledger);

/* Appends a record to the turn's transaction and gives its sequence. kind: a word; program: a name, or
 * "" where none is meant; number: 0 for none; payload: JSON text. */
int64_t ledger_append(struct ledger *ledger, int64_t now_ms, const char *kind, const char *program,
                      uint64_t number, const char *payload);

/* The same of a block, which is found by the others. */
int64_t ledger_append_block(struct ledger *ledger, int64_t now_ms, const char *program, uint64_t number, const char *payload,
                            const char *account, const char *code);

/* What was appended is counted as that in its hour and day: of ACTIVITY_… */
void ledger_note_activity(struct ledger *ledger, int64_t now_ms, const char *program, const char *what);

/* How many blocks with that code were appended since the start; those of a turn that failed are counted as well. */
uint64_t ledger_blocks(const struct ledger *ledger, enum verdict verdict);

/* The same of a seal, with what it seals beside it. */
int64_t ledger_append_seal(struct ledger *ledger, int64_t now_ms, const char *payload,
                           struct octets leaves);

/* The sequence that the next record will have. */
int64_t ledger_next(const struct ledger *ledger);

/* The newest record: its sequence (0: the ledger is empty) and hash. */
int64_t ledger_head(const struct ledger *ledger, char hash[DIGEST_HEX_SIZE]);

/* The same of what is on disk. */
int64_t ledger_kept_head(const struct ledger *ledger, char hash[DIGEST_HEX_SIZE]);
void ledger_committed(struct ledger *ledger);

/* Its newest record is a signature. */
bool ledger_is_signed(const struct ledger *ledger);

/* After a commit that failed: the head is the disk's again. False: it can't be read. */
bool ledger_reload(struct ledger *ledger);

#endif
