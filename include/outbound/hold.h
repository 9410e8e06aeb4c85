/* hold: what keeps messages where they are: the one answer that dispatch acts on and that `assent queue why` shows. It
 * changes nothing. */
#ifndef OUTBOUND_HOLD_H
#define OUTBOUND_HOLD_H

#include "outbound/carrier.h"

struct config_tiers;

enum hold_kind {
    HOLD_NONE,
    HOLD_PROGRAM_PAUSED, /* by an operator; replies go on */
    HOLD_RESTORED,       /* the database is a copy, and nobody has vouched for the opt-outs since; replies go on */
    HOLD_CARRIER_KEPT,   /* an operator paused, drains or stopped every carrier that it may take */
    HOLD_OUTAGE,         /* none is bound */
    HOLD_THROTTLED,      /* the carrier said ESME_RTHROTTLED */
    HOLD_WINDOW,         /* as many submits as the window holds are unanswered */
    HOLD_THROUGHPUT,     /* the carrier's parts a second are used up */
    HOLD_SENDER,         /* the sender's parts a second are used up */
    HOLD_CAMPAIGN,       /* those a minute of its 10DLC campaign */
    HOLD_BRAND,          /* those a day of its brand */
    HOLD_QUIET_HOURS,    /* what waits waits for its recipients' hours: only dispatch_hold says it */
    HOLD_NOT_DUE         /* what waits is to be tried later: only dispatch_hold says it */
};

struct hold {
    enum hold_kind kind;
    struct carrier *carrier; /* that it goes to, or waits for; NULL: none */
    const char *limit;       /* the sender, campaign or brand whose limit it is; NULL: none is. Lives as long as the config */
    unsigned room;           /* HOLD_NONE: parts that one bind has room for */
    int64_t wait_ms;         /* until it may end; 0: nobody knows */
};

/* Of the carriers, for a message to the number with so many parts still to go; is_reply: a mandated one. The first in the
 * number's order that has room takes it; where none has, the one that may have it soonest is what holds it. */
struct hold hold_find(struct carriers *carriers, const struct config_tiers *tiers, uint64_t number,
                      bool is_reply, unsigned parts);
const char *hold_word(enum hold_kind kind); /* "none", "program_paused", … */

#endif
