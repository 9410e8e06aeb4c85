/* pace: how fast a carrier that says ESME_RTHROTTLED is given messages afterwards (F132): half as fast, once for all that
 * was out when it said so, then a step faster each second, up to what it may have at most. Where no throughput was
 * agreed on, what it took in the last second is the measure, and the limit falls away once it is ten times that. It
 * knows no carrier and no clock: times are handed in, of the monotonic clock. */
#ifndef OUTBOUND_PACE_H
#define OUTBOUND_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    double agreed; /* parts a second; 0: nothing was agreed on */
    double rate;   /* in force; 0: no limit */
    double step, most;
    unsigned outstanding;          /* answers to come that say nothing new */
    int64_t second;                /* which one `taken` counts */
    unsigned taken, taken_before;  /* parts, in that second and in the one before it */
};

void pace_init(struct pace *pace, double agreed);
/* A part was answered, whatever the answer says; is_taken: with yes. */
void pace_answered(struct pace *pace, bool is_taken, int64_t now_ms);
/* The carrier said that it is too fast, while so many parts are unanswered. Called before pace_answered for that very
 * answer. True: it is slowed down for anew. */
bool pace_throttled(struct pace *pace, unsigned unanswered, int64_t now_ms);
/* A second is over in which it didn't. True: the rate is another; is there more to come: pace_is_slowed. */
bool pace_grow(struct pace *pace);
bool pace_is_slowed(const struct pace *pace);

#endif
