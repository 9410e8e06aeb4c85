/* watch: whether what waits moves. A lane (outbound/lanes.h) that could go and doesn't, for a minute, is an alarm: in the
 * log once, in the metrics and the status for as long as it is so. What rightly holds it (outbound/hold.h) is none.
 *
 * It looks every few seconds, changes nothing but what it knows of each lane, and sends nothing. */
#ifndef OUTBOUND_WATCH_H
#define OUTBOUND_WATCH_H

#include "outbound/hold.h"

struct dispatch;
struct loop;
struct store;
struct watch;

struct watch *watch_open(struct loop *loop, struct store *store, struct dispatch *dispatch);
void watch_close(struct watch *watch); /* NULL is allowed */

/* What is known of a lane from the last look. Zeroed: nothing. */
struct watched {
    int64_t head;     /* the first message, 0: nothing waited or it could not go, */
    int tries;        /* and how often it had been given to a carrier */
    uint64_t answers; /* that the carriers had given, that it may take */
    enum hold_kind hold;
    int64_t still_ms; /* for how long it has not moved and could have */
    bool is_stuck;
};

struct sight { /* what is seen of it */
    bool is_due;  /* a message waits whose time has come */
    int64_t head; /* that one, */
    int tries;    /* and how often it was given to a carrier */
    enum hold_kind hold;
    uint64_t answers;
    int64_t passed_ms, limit_ms; /* since the last look; and after how much it is an alarm */
};

/* A window that is full is right for as long as a carrier answers at all; where there is room, the first message must become
 * another, or have been tried. While no carrier is bound nothing is counted, and nothing is forgotten either: one that takes all
 * and answers none is left and bound anew. */
void watched_look(struct watched *watched, const struct sight *sight);

#endif
