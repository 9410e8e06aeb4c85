/* sim_post: what the carrier has to say to its clients: receipts, and texts that phones wrote (MO).
 * It decides what is sent when and over which connection, and what becomes of it; sim_bind sends.
 *
 * A receipt goes to a receiver of the client that submitted the message, is kept until there is
 * one, and comes again when it isn't answered (F411). An MO goes to any receiver, once. */
#ifndef SIM_POST_H
#define SIM_POST_H

#include <stdint.h>
#include <sys/queue.h>

#include "src/sim/sim_pdu.h"
#include "src/sim/sim_world.h"

#define SIM_RECEIPTS_MOST 100000 /* that wait for their time, for a receiver or for an answer */

/* One deliver_sm. Its owner is the queue that it is in, here or in a connection. */
struct sim_delivery {
    TAILQ_ENTRY(sim_delivery) queue;
    uint64_t mo; /* its number; 0: it is a receipt */
    int64_t due_ms;
    int64_t sent_at_ms;
    uint32_t sequence; /* once it is sent */
    const char *stat;
    char system_id[SIM_NAME_SIZE];
    char id[SIM_ID_SIZE];
    char told_id[SIM_ID_SIZE];  /* as the receipt says it */
    struct sim_deliver deliver; /* its text is in octets */
    uint8_t octets[];
};

struct sim_post *sim_post_open(struct sim *sim);
void sim_post_close(struct sim_post *post);

/* The states that a message can end in, by the words of receipts; NULL: there is none so called. */
const struct sim_state *sim_state_find(const char *stat);

/* If the message asked for one, its receipt will come in its time, as the knobs want it. */
void sim_post_promise(struct sim_post *post, const struct sim_message *message,
                      const struct sim_state *state);

/* NULL: sent, with its number and that of the connection; else why it can't be. */
const char *sim_post_mo(struct sim_post *post, const struct sim_deliver *deliver, uint64_t *mo,
                        uint64_t *bind);

/* A receiver of this client has room. */
void sim_post_pump(struct sim_post *post, const char *system_id);

/* The connection gives the delivery back. `status` is NULL if no answer came. */
void sim_post_settle(struct sim_post *post, struct sim_delivery *delivery, uint64_t bind,
                     const uint32_t *status);

uint64_t sim_post_waiting(const struct sim_post *post);

#endif
