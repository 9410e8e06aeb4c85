/* pulse: tells the service manager, as long as the loop goes on, that it does (WATCHDOG=1 of sd_notify's protocol): one that
 * hangs is ended by it and started anew. It is a thread of its own, which decides nothing and touches nothing but the loop's
 * beat, since the loop itself can't speak while a commit waits for the disk: that is no hang, and to end the process then
 * would mend no disk (docs/decisions/0032). */
#ifndef BASE_PULSE_H
#define BASE_PULSE_H

#include <stdint.h>

struct loop;
struct pulse;

/* For how long a watchdog that waits for this process is patient, as WATCHDOG_USEC says; 0: there is none. */
int64_t pulse_patience_ms(void);
/* NULL: there is no watchdog, or no thread can be had. The loop must make a turn in each third of its patience. */
struct pulse *pulse_open(const struct loop *loop);
void pulse_close(struct pulse *pulse); /* before the loop is; NULL is allowed */

#endif
