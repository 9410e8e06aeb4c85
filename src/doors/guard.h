/* guard: who guesses keys or passwords has to wait ever longer, by the address that it comes from (of IPv6, its /64). Each
 * door has one. What was wrong before is no guess when it comes again: a client that was not told of a new key shuts nobody
 * out. What was right from an address is looked at though that is shut, so that nobody behind one proxy is kept out by a
 * neighbour; a right one forgives nothing: it may be the guesser's own. Times are of the monotonic clock. Private to the doors.
 *
 * Memory is bounded, and nobody is forgotten before their time: else whoever has many addresses frees the first by the last.
 * While all places are taken, newcomers have one in common with their wider neighbourhood, which is shut for a minute at most.
 * What was right takes right ones to be pushed out. */
#ifndef DOORS_GUARD_H
#define DOORS_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"

#define GUARD_NETWORK_SIZE 46
#define GUARD_TRIES     5      /* wrong ones within GUARD_TERM_MS are a mistake, the next one is not */
#define GUARD_TERM_MS   600000
#define GUARD_LEAST_MS  60000 /* shut for so long, and twice as long after each wrong one that follows … */
#define GUARD_MOST_MS   3600000
#define GUARD_ADDRESSES 256  /* remembered each by itself */
#define GUARD_CROWDS    64   /* of the others, by what their addresses begin with */
#define GUARD_WRONG     8    /* remembered of each */
#define GUARD_RIGHT     1024 /* remembered of all */

struct guard;

/* Somebody who wants in: where from, and with what. */
struct guest_mark {
    char network[GUARD_NETWORK_SIZE];
    uint64_t what; /* of a digest of the network and the secrets */
    unsigned crowd;
};

struct guard *guard_open(void);
void guard_close(struct guard *guard); /* NULL is allowed */

/* Whose neighbours count as one: of IPv6 the /64. */
void guard_network(const char *address, char out[GUARD_NETWORK_SIZE]);
struct guest_mark guard_mark(const char *address, struct octets name, struct octets secret);

/* In so many milliseconds what it comes with is looked at; 0: now. */
int64_t guard_wait_ms(const struct guard *guard, const struct guest_mark *mark, int64_t now_ms);
/* It was wrong. True: from now on the address is shut. */
bool guard_failed(struct guard *guard, const struct guest_mark *mark, int64_t now_ms);
/* So was what somebody has typed: the same again is one more. */
bool guard_mistyped(struct guard *guard, const struct guest_mark *mark, int64_t now_ms);
void guard_passed(struct guard *guard, const struct guest_mark *mark); /* it was right */
uint64_t guard_shut_count(const struct guard *guard); /* how often an address was shut */

#endif
