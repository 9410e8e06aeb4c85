/* review: texts that may have meant STOP and may not (R42). Marketing to the person is held until somebody has
 * read one, or until its time is over: then it counts as a STOP, well within the ten business days of R45.
 * A plain STOP needs no review, and what the person does later (STOP, START, a form) settles one.
 *
 * What is held is what a STOP would have ended; it is derived from the open reviews, and stands in each
 * consent, where the gate reads it. */
#ifndef CONSENT_REVIEW_H
#define CONSENT_REVIEW_H

#include "consent/consent.h"

enum review_opening {
    REVIEW_OPENED,
    REVIEW_JOINED,  /* one of the same person and program is open: its time counts */
    REVIEW_NEEDLESS /* the person is out of all that it could end */
};

/* `as` is the revocation that the text would be, `program` the one written to; NULL: none owns the address.
 * seq and due_at are set where it is OPENED. */
enum review_opening review_open(struct consents *consents, const struct revocation *as,
                                const struct program *program, int64_t now_ms, int64_t *seq,
                                int64_t *due_at);

/* Somebody has read it. `to` is OPT_OUT or NONE; it must be open. */
void review_decide(struct consents *consents, const struct review *review, enum review_state to,
                   const char *by, const char *note, int64_t now_ms);

/* Those whose time is over count as opt-outs. */
void reviews_overdue(struct consents *consents, int64_t now_ms);

/* Whether a text that may have meant STOP waits to be read, and would have ended the program; unreadable counts as yes. */
bool review_is_open(struct consents *consents, const struct program *program, uint64_t number);

const char *review_state_word(enum review_state state);      /* "open", "opt_out", "none", "overdue" */
enum review_state review_state_find(const char *word);       /* 0: there is none */

#endif
