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

/* What was read of a number in a program: accept asks and dispatch asks again, mostly in the same turn. Good for
 * that turn, until anything of anybody's consent is written or the programs change. */
#define MEMORY_SIZE 256
struct remembered {
    uint64_t turn, writes;
    uint64_t number;
    int64_t program;
    struct consent row;
    struct optout optout;
};

struct consents {
    struct loop *loop;
    struct store *store;
    struct ledger *ledger;
    const struct programs *programs;
    struct places *places;
    void (*went_out)(void *owner, uint64_t number);
    void *owner;
    struct bar *bars;
    uint64_t writes; /* counted, so that what was remembered before one is forgotten */
    struct remembered memory[MEMORY_SIZE];
};

/* The only two ways to write them: they make everything remembered be read anew. */
void consent_row_put(struct consents *consents, const struct consent *row);
void consent_optout_put(struct consents *consents, const struct optout *optout);

/* Both of the below, from memory where it is good. False: unreadable. */
bool consent_read(struct consents *consents, const struct program *program, uint64_t number,
                  struct consent *row, struct optout *optout);

/* The newest opt-out of the number that covers the program, with the latest time of all that do. out->seq is
 * 0: none. False: unreadable. */
bool consent_optout_of(struct consents *consents, const struct program *program, uint64_t number,
                       struct optout *out);

/* The consent row; zeroed but for its key where there is none. False: unreadable. */
bool consent_row_of(struct consents *consents, const struct program *program, uint64_t number,
                    struct consent *out);

#endif
