/* gate: the only door to a carrier. It is asked twice: when a message is offered (an opinion, which clears
 * nothing) and when it may leave, in the same turn as the submit, since the person may have left while
 * it waited.
 *
 * Only src/outbound/accept.c, dispatch.c and carrier.c may include this header (tools/layers.txt), and only
 * dispatch.c may call gate_clear (tools/symbols.txt). */
#ifndef CONSENT_GATE_H
#define CONSENT_GATE_H

#include "consent/consent.h"

struct gate;

/* A message that may leave, now. It has a body only in gate.c and holds a copy of what was judged: nobody
 * can clear one text and send another. It dies with the turn in which it was made. */
struct cleared;

struct gate *gate_open(struct loop *loop, struct store *store, struct consents *consents,
                       const struct programs *programs);
void gate_close(struct gate *gate);

enum finding_wait {
    FINDING_GO,
    FINDING_HOLD,     /* allowed, but the confirmation of the opt-in has not been taken yet */
    FINDING_FAILED,   /* allowed, but that confirmation has failed */
    FINDING_NEEDLESS, /* a confirmation, but an earlier one has been taken */
    FINDING_REVIEW,   /* allowed, but the person wrote what may have meant STOP, and nobody has read it yet */
    FINDING_SHUT      /* allowed, but not within the recipient's hours (R90): at open_at */
};
/* What becomes of a message in that wait (QUEUED for GO), and its reason. */
enum message_state finding_wait_state(enum finding_wait wait);
const char *finding_wait_reason(enum finding_wait wait);

struct finding {
    enum verdict verdict;   /* ALLOWED, a block, or UNAVAILABLE: consent can't be read, which is a no */
    enum finding_wait wait; /* where the verdict is ALLOWED */
    int64_t open_at;        /* when it may arrive by the recipient's hours; FINDING_SHUT */
    bool is_counted;        /* against a cap: what leaves is to be kept with store_send_put */
    int64_t given_at;       /* when the opt-in was given that a confirmation confirms; 0: it is none */
    int64_t consent_seq;    /* the ledger record that allows it, or that ended it */
    char why[220];          /* for the block log and for people */
};

/* An opinion; of one that is due later: as of then. */
void gate_ask(struct gate *gate, const struct message *message, int64_t now_ms,
              struct finding *out);

/* NULL unless the finding is ALLOWED and GO. */
struct cleared *gate_clear(struct gate *gate, const struct message *message, int64_t now_ms,
                           struct finding *out);

/* What was cleared, to be read only. It must still be the turn of the clearance. */
const struct message *cleared_message(const struct cleared *cleared);
int64_t cleared_consent_seq(const struct cleared *cleared);

#endif
