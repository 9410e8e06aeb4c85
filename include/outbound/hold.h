/* hold: what keeps the messages of a program where they are: the one answer that dispatch acts on
 * and that `assent queue why` shows. It changes nothing. */
#ifndef OUTBOUND_HOLD_H
#define OUTBOUND_HOLD_H

#include "outbound/carrier.h"

struct pauses;
struct program;

enum hold_kind {
    HOLD_NONE,
    HOLD_PROGRAM_PAUSED, /* by an operator; replies go on */
    HOLD_CARRIER_KEPT,   /* an operator paused, drains or stopped every carrier of the program */
    HOLD_OUTAGE,         /* none is bound */
    HOLD_THROTTLED,      /* the carrier said ESME_RTHROTTLED */
    HOLD_WINDOW,         /* as many submits as the window holds are unanswered */
    HOLD_THROUGHPUT,     /* its parts a second are used up */
    HOLD_QUIET_HOURS,    /* what waits waits for its recipients' hours: only dispatch_hold says it */
    HOLD_NOT_DUE         /* what waits is to be tried later: only dispatch_hold says it */
};

struct hold {
    enum hold_kind kind;
    struct carrier *carrier; /* that it goes to, or waits for; NULL: none */
    unsigned room;           /* HOLD_NONE: parts that one bind has room for */
    int64_t wait_ms;         /* until it may end; 0: nobody knows */
};

/* For a message of the program with so many parts still to go; is_reply: a mandated one. */
struct hold hold_find(struct carriers *carriers, struct pauses *pauses,
                      const struct program *program, bool is_reply, unsigned parts);
const char *hold_word(enum hold_kind kind); /* "none", "program_paused", … */

#endif
