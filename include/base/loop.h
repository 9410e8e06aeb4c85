/* loop: one thread, one turn after the other. A turn hears before it speaks:
 *
 *   hear       everything that is ready is read; rows gather in one open transaction, answers in outboxes
 *   dispatch   what may go now is cleared and put into outboxes
 *   commit     once
 *   release    outboxes are handed to sockets
 *   bury       what died in this turn is freed, and the turn's region is emptied
 *
 * Nothing blocks in it: no name look-up, no file but the database, no long query.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loop;
struct region;

enum loop_stage { LOOP_DISPATCH, LOOP_COMMIT, LOOP_RELEASE, LOOP_STAGES };

struct loop *loop_open(void);
void loop_close(struct loop *loop); /* runs no stage any more; buries what is still to bury */

/* Runs turns until loop_stop; the turn in which it was called is finished first. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Has `run` called in that stage of each turn, in the order of these calls. */
void loop_at(struct loop *loop, enum loop_stage stage, void (*run)(void *owner), void *owner);

/* Another turn follows at once, though nothing may be ready: there is more to do than one turn took. */
void loop_again(struct loop *loop);

/* This turn hears once more before it goes on, though not for ever: where a read was full, there is more to be read. */
void loop_look_again(struct loop *loop);

/* `free_it(dead)` is called when this turn ends. Nothing is freed in its own callback. */
void loop_bury(struct loop *loop, void (*free_it)(void *dead), void *dead);

/* Around what waits for the disk by its nature, so that it isn't taken for a hang: the commit, and no more. */
void loop_disk_begins(struct loop *loop);
void loop_disk_ends(struct loop *loop);
/* For another thread: how many turns there were, and whether this one is between those two. */
uint64_t loop_beat(const struct loop *loop, bool *is_at_disk);

uint64_t loop_turn(const struct loop *loop);     /* counts from 1 */
struct region *loop_region(struct loop *loop);   /* memory of this turn */
struct event_base *loop_events(struct loop *loop); /* for evhttp and the resolver */

/* A timer is part of its owner, zeroed before its first use, and must be cleared before it dies. It
 * rings once, in the hearing part of a turn, never from inside timer_set. Monotonic clock, but for the
 * time in which a commit stalled: all timers that are set then ring as much later. */
struct timer {
    int64_t due_ms;
    uint64_t place; /* in the loop's heap, counted from 1; 0: not set */
    void (*ring)(void *owner);
    void *owner;
};

void timer_set(struct loop *loop, struct timer *timer, int64_t wait_ms, void (*ring)(void *owner),
               void *owner); /* a timer that is set already is set anew */
void timer_clear(struct loop *loop, struct timer *timer);
static inline bool timer_is_set(const struct timer *timer)
{
    return timer->place != 0;
}

#endif
