/* lanes: the queue as dispatch sees it. In a lane messages wait behind one another, since what holds the first holds all:
 * those of a program, replies or the rest, from one sender, by one route. So a sender that has used up its second, or a
 * carrier that is gone, holds nobody else's messages.
 *
 * Where there is room for one at a time, each program gets its turn, and within it each lane, whoever else sends through other
 * carriers meanwhile: replies have turns of their own.
 * It holds no messages: those are the store's. */
#ifndef OUTBOUND_LANES_H
#define OUTBOUND_LANES_H

#include "base/loop.h"
#include "outbound/route.h"
#include "outbound/watch.h"

struct lanes;
struct program;
struct programs;
struct store;

struct lane {
    int64_t id;            /* of the store; 0: to be made anew */
    int64_t program_id;
    bool is_reply;
    const char *sender, *route; /* its own; route: "" is its program's own carriers */
    char *names;           /* where both are */
    const struct program *program;     /* NULL: the config has it no longer, and nothing of it is sent */
    const struct config_tiers *tiers;  /* NULL: the config has the route no longer */
    bool may_wait;         /* something may be queued that is due */
    int64_t due_at;        /* the earliest of what waits for its time; 0: none */
    struct timer due;
    bool is_doubtful;      /* some that wait here may belong elsewhere: what is behind that place isn't looked at yet */
    int64_t looked_due_at, looked_id;
    bool is_of_turn;       /* its row was made in this turn */
    bool has_sent;         /* in this turn */
    struct watched watched;
};

struct lanes *lanes_open(struct loop *loop, struct store *store, const struct programs *programs,
                         const struct routes *routes);
void lanes_close(struct lanes *lanes);
void lanes_configure(struct lanes *lanes); /* the programs or routes are others; where rows wait is doubtful then */
void lanes_doubt(struct lanes *lanes);     /* a route's hours have turned */
void lanes_committed(struct lanes *lanes);
void lanes_rolled_back(struct lanes *lanes);

/* The lane of such messages, made where there is none. NULL: the program is none of the config's, or the store failed. route:
 * NULL is the program's own carriers. */
struct lane *lanes_get(struct lanes *lanes, int64_t program, bool is_reply, const char *sender,
                       const struct config_route *route);
void lanes_wake(struct lanes *lanes, int64_t program); /* something may be queued in any of them */
void lanes_wake_all(struct lanes *lanes);
void lanes_wake_due(struct lanes *lanes, int64_t now_ms); /* timers don't know of a wall clock that was put forward */
/* Nothing is due in it now. */
void lane_is_empty(struct lanes *lanes, struct lane *lane, int64_t now_ms);

/* Every lane of the config's programs, in the order of this turn: until NULL. Start from all zero. */
struct lane_walk {
    size_t kind, program, lane;
};
struct lane *lanes_next(const struct lanes *lanes, struct lane_walk *walk);
void lanes_sent(struct lanes *lanes, struct lane *lane); /* so the others come first in the next turn */
void lanes_turn_over(struct lanes *lanes);

/* The lanes of a program in an order that stays: replies first. The n-th; NULL: there are no more. */
struct lane *lanes_of(const struct lanes *lanes, int64_t program, size_t n);

#endif
