/* ledger_watch: the gateway verifies its own chain: from the start on when it begins and once a day, and then whatever comes.
 * In slices of a millisecond or so, over a connection of its own that sees what is on disk. It changes nothing; what it finds is
 * an error in the log, in the metrics and in GET /v1/ledger/head.
 *
 * `assent ledger verify` is more: it holds the messages and the standing of people against the chain, too. */
#ifndef CONSENT_LEDGER_WATCH_H
#define CONSENT_LEDGER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "consent/ledger_verify.h"

struct ledger;
struct ledger_watch;
struct loop;

/* path: the database. public_key: of the key that signs; NULL: none does. Both are copied. */
struct ledger_watch *ledger_watch_open(struct loop *loop, const struct ledger *ledger, const char *path,
                                       const uint8_t *public_key);
void ledger_watch_close(struct ledger_watch *watch); /* NULL is allowed */

void ledger_watch_committed(struct ledger_watch *watch); /* something may have come */

struct ledger_watched {
    int64_t verified_at;  /* wall clock, when the newest record of then was reached, or a fault; 0: not yet */
    int64_t verified_seq; /* up to which it is whole */
    bool is_whole;
    int64_t bad_seq;      /* the first broken one */
    const char *why;      /* one part of a sentence; "" */
    int64_t reached_seq;  /* of the pass from the start that is under way; 0: none is */
    int64_t signed_seq;   /* the newest record whose signature was found to be the key's; 0: none */
    const char *signed_at;
};
void ledger_watch_look(const struct ledger_watch *watch, struct ledger_watched *out);

#endif
