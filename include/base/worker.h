/* worker: one thread beside the loop, for what would hold a turn up and needs nothing of the gateway: a sum, not a decision. It
 * gets its input whole, and what it makes is taken up by a turn of the loop; in between nobody else touches either. It begins
 * with the first job. */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct worker;

struct worker *worker_open(struct loop *loop, size_t most);
/* Awaits the job that is under way, and does no other: their owners are the caller's again. NULL is allowed. */
void worker_close(struct worker *worker);

/* `run(owner)` in the thread, one job after the other; then `done(owner)` in the hearing part of a turn. False: as many wait as
 * may, or there can be no thread. */
bool worker_take(struct worker *worker, void (*run)(void *owner), void (*done)(void *owner), void *owner);

#endif
