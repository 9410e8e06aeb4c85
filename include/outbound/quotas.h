/* quotas: how many message parts of a day each account may hand in. Counted is what is taken; what the gate or a fault
 * refuses is not, and what is cancelled or blocked later stays counted. A day is the calendar's of the account's zone. The
 * counts are on disk with the messages that they are of. */
#ifndef OUTBOUND_QUOTAS_H
#define OUTBOUND_QUOTAS_H

#include "consent/account.h"
#include "store/store.h"

struct quotas;

struct quotas *quotas_open(struct store *store);
void quotas_close(struct quotas *quotas);

/* OK: the account has room for so many more today. NONE: it has not; a new day begins in wait_ms. FAILED: what it has used can't
 * be read. now_ms: of the wall. */
enum store_result quotas_room(struct quotas *quotas, const struct account *account, int64_t parts,
                              int64_t now_ms, int64_t *wait_ms);
/* They were taken. Does nothing where the account has no quota. */
void quotas_use(struct quotas *quotas, const struct account *account, int64_t parts, int64_t now_ms);
/* What it has used today; -1: that can't be read. */
int64_t quotas_used(struct quotas *quotas, const struct account *account, int64_t now_ms);

void quotas_put(struct quotas *quotas); /* writes what the turn has used */
void quotas_rolled_back(struct quotas *quotas);

#endif
