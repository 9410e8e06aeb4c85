/* The inside of consent/consent.h: its files share this and nothing else does. */
#ifndef SRC_CONSENT_PARTS_H
#define SRC_CONSENT_PARTS_H

#include "consent/consent.h"

/* An opt-out that holds already though it is not on disk yet. */
struct bar {
    struct bar *next;
    uint64_t number;
    enum optout_scope scope;
    char *name;
    int64_t seq;   /* its ledger record, if its turn is committed; INT64_MAX once it was not */
    uint64_t turn; /* the turn whose commit makes it superfluous */
};

struct consents {
    struct loop *loop;
    struct store *store;
    struct ledger *ledger;
    const struct programs *programs;
    void (*went_out)(void *owner, uint64_t number);
    void *owner;
    struct bar *bars;
};

/* The newest opt-out of the number that covers the program, with the latest time of all that do. out->seq is
 * 0: none. False: unreadable. */
bool consent_optout_of(struct consents *consents, const struct program *program, uint64_t number,
                       struct optout *out);

/* The consent row; zeroed but for its key where there is none. False: unreadable. */
bool consent_row_of(struct consents *consents, const struct program *program, uint64_t number,
                    struct consent *out);

#endif
