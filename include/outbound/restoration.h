/* restoration: a gateway that goes on from a copy of its database (`assent backup`). What was done between the copy and now
 * is not in it: texts that were sent, and people who wrote STOP. So
 *
 *   what had not left when the copy was made is set aside: failed, for the reason `restored`; campaigns that ran are paused;
 *   nothing but mandated replies leaves from then on, until somebody vouches for the opt-outs of that time.
 *
 * Both are records of the ledger, of kind `restoration`. docs/decisions/0030 says why. */
#ifndef OUTBOUND_RESTORATION_H
#define OUTBOUND_RESTORATION_H

#include <stdbool.h>
#include <stdint.h>

struct campaigns;
struct dispatch;
struct ledger;
struct loop;
struct settle;
struct store;

/* Who takes part; all of them are the gateway's. */
struct restorer {
    struct loop *loop;
    struct store *store;
    struct ledger *ledger;
    struct settle *settle;
    struct dispatch *dispatch;
    struct campaigns *campaigns;
};

enum restored { RESTORED_MORE, RESTORED_DONE, RESTORED_FAILED };

/* At the start, before anything else is looked at: some of what is to be set aside, in the open transaction, which is to be
 * committed before the next call. DONE as well where the database is no copy. */
enum restored restoration_slice(const struct restorer *restorer, int64_t now_ms);

/* Somebody, by name, says that the opt-outs of the lost time are brought in; note: how. False: nothing is held back for a
 * restoration. */
bool restoration_confirm(const struct restorer *restorer, const char *by, const char *note, int64_t now_ms);

#endif
