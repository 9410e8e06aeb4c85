/* The inside of consent/consent.h: its files share this and nothing else does. */
#ifndef SRC_CONSENT_PARTS_H
#define SRC_CONSENT_PARTS_H

#include <jansson.h>

#include "consent/change.h"
#include "consent/consent.h"
#include "consent/suppression.h"

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
    struct optout optout, suppression;
};

struct consents {
    struct loop *loop;
    struct store *store;
    struct ledger *ledger;
    const struct programs *programs;
    struct places *places;
    const struct consents_events *events;
    void *owner;
    struct {
        const struct consents_watch *watch;
        void *owner;
    } watches[CONSENTS_WATCHES];
    size_t watch_count;
    unsigned change_depth;
    struct bar *bars;
    bool sees_no_bars; /* what is on disk is asked for */
    uint64_t writes; /* counted, so that what was remembered before one is forgotten */
    uint64_t suppressed[SUPPRESSION_KINDS];
    struct remembered memory[MEMORY_SIZE];
};

/* The only two ways to write them: they make everything remembered be read anew. */
void consent_row_put(struct consents *consents, const struct consent *row);
void consent_optout_put(struct consents *consents, const struct optout *optout);

/* All of the below, from memory where it is good. False: unreadable. */
bool consent_read(struct consents *consents, const struct program *program, uint64_t number,
                  struct consent *row, struct optout *optout, struct optout *suppression);

/* The newest opt-out of the number that covers the program, with the latest time of all that do. out->seq is
 * 0: none. False: unreadable. */
bool consent_optout_of(struct consents *consents, const struct program *program, uint64_t number,
                       struct optout *out);

/* Whether the suppression that reaches furthest, which is what consent_read gives, leaves no opt-in: none was given
 * after it. */
bool consent_is_void(const struct optout *suppression, const struct consent *row);

#define AHEAD_LIMIT_MS (5 * 60 * 1000) /* INTERFACE: collected_at may be so far ahead of our clock */

/* Appends to the ledger. Takes the payload. */
int64_t consent_append(struct consents *consents, int64_t now_ms, const char *kind,
                       const char *program, uint64_t number, json_t *payload);

/* ---- change.c ---- */

/* Around each act: what it changed is told when the outermost ends. */
struct view;
struct change {
    uint64_t number;
    int64_t now_ms, next_seq;
    struct view *views; /* of the programs that are watched, before it */
    size_t count;
    bool is_inner, is_unread;
};
/* only: the one program that it can change; NULL: any. */
void change_begin(struct consents *consents, uint64_t number, const struct program *only, int64_t now_ms,
                  struct change *out);
void change_end(struct consents *consents, struct change *change, const char *source);

/* ---- revocation.c ---- */

struct ended { /* a scope that a revocation ends */
    enum optout_scope scope;
    const char *name;
};
bool ended_covers(const struct program *program, const struct ended *list, size_t count);

/* ---- review.c ---- */

/* A clear word after a doubtful one: the reviews that it settles are closed. */
void reviews_after_opt_out(struct consents *consents, uint64_t number, const struct ended *ended,
                           size_t ended_count, const char *how, int64_t now_ms);
/* row: as it stands now. */
void reviews_after_opt_in(struct consents *consents, const struct program *program,
                          const struct consent *row, int64_t now_ms);

/* The consent row; zeroed but for its key where there is none. False: unreadable. */
bool consent_row_of(struct consents *consents, const struct program *program, uint64_t number,
                    struct consent *out);

#endif
