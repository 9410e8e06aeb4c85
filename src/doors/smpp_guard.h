/* smpp_guard: who guesses passwords has to wait ever longer, by the address that it comes from (of IPv6, its /64): others
 * with the same system_id are not kept out by it. A right login forgives nothing: it may be the guesser's own. Times are of the monotonic clock. Private to the door. */
#ifndef DOORS_SMPP_GUARD_H
#define DOORS_SMPP_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#define GUARD_TRIES     5      /* wrong ones within GUARD_TERM_MS are a mistake, the next one is not */
#define GUARD_TERM_MS   600000
#define GUARD_LEAST_MS  60000 /* shut for so long, and twice as long after each wrong one that follows … */
#define GUARD_MOST_MS   3600000
#define GUARD_ADDRESSES 256 /* remembered; of more, those that were heard of last */

struct guard;

struct guard *guard_open(void);
void guard_close(struct guard *guard);

bool guard_is_shut(const struct guard *guard, const char *address, int64_t now_ms);
/* A wrong login from there. True: from now on it is shut. */
bool guard_failed(struct guard *guard, const char *address, int64_t now_ms);
uint64_t guard_shut_count(const struct guard *guard); /* how often it was shut */

#endif
