/* sim_world: what the files of the simulated carrier share: its knobs, its counters, and who owns
 * what. One of them exists, in sim.c; everybody else borrows it. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/link.h"
#include "base/loop.h"
#include "src/sim/sim.h"
#include "src/sim/sim_knobs.h"
#include "src/sim/sim_store.h"

#define SIM_CONNECTIONS_MOST 1000
#define SIM_REFUSE_FOR_EVER  UINT64_MAX

struct sim_control;
struct sim_post;

/* A final state of a message, as receipts and query_sm tell it (3.4 5.2.28, appendix B). */
struct sim_state {
    const char *stat;
    uint8_t message_state;
};

struct sim_counters {
    uint64_t refused; /* submits answered with an error */
    uint64_t answered;
    uint64_t receipts_sent, receipts_taken, receipts_dropped;
    uint64_t mo_sent, mo_taken;
};

TAILQ_HEAD(sim_binds, sim_bind);

struct sim {
    struct sim_settings settings;
    struct loop *loop;
    struct sim_store *store;
    struct sim_post *post;
    struct sim_control *control;
    struct listener *listener;
    struct sim_binds binds;
    uint64_t bind_count;  /* open connections */
    uint64_t bind_serial; /* the number of the latest one */
    uint64_t picks;       /* of a receiver, for their round */
    struct sim_counters counters;
    bool is_leaving;

    /* what the commands turn */
    bool holds_answers; /* submits are heard and left unanswered */
    bool reads_nothing;
    bool writes_nothing; /* to a client that has the answer to its bind */
    bool sends_receipts;
    const struct sim_state *state; /* that messages end in */
    uint32_t refuse_status;
    uint64_t refuse_left;
    struct sim_knobs knobs;
    struct sim_dice dice; /* seeded by them */
    struct sim_bucket bucket;
    struct sim_once once;
};

void sim_leave(struct sim *sim, const char *why); /* the second call ends it without waiting */
void sim_has_closed(struct sim *sim);             /* a connection has gone */

#endif
