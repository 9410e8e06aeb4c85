/* sim_bind_parts: a connection as the three files see it that make it up: sim_bind.c reads, writes
 * and delivers, sim_request.c hears what the client asks, sim_answer.c answers in time. Nobody else
 * includes it. */
#ifndef SIM_BIND_PARTS_H
#define SIM_BIND_PARTS_H

#include "src/sim/sim_bind.h"
#include "src/sim/sim_post.h"

/* LEAVING: we have sent unbind. LEFT: all is said, we wait for the client to close. */
enum phase { OPEN, BOUND_TX, BOUND_RX, BOUND_TRX, LEAVING, LEFT };

struct held;
TAILQ_HEAD(held_answers, held);

struct sim_bind {
    TAILQ_ENTRY(sim_bind) binds;
    struct sim *sim;
    struct link *link; /* NULL: it is closed and waits for its burial */
    uint64_t number;
    enum phase phase;
    const char *why; /* it has LEFT */
    char system_id[SIM_NAME_SIZE];
    uint8_t version;
    bool is_reading;
    bool is_to_drop; /* at the end of what is being heard */
    int early, bad;  /* requests before a bind; malformed ones in a row */
    uint32_t next_sequence;
    uint64_t last_used; /* the pick that chose it */
    uint64_t submits;   /* well-formed ones, for drop-every */
    struct sim_buffer inbox, outbox;
    size_t welcome; /* octets of the outbox, up to the answer to its bind */
    struct held_answers held;
    struct held_answers overtaken;   /* wait until a later one has been given */
    size_t held_count;               /* of both */
    TAILQ_HEAD(, sim_delivery) sent; /* and not answered, the oldest first */
    size_t sent_count;
    struct timer session, piece, answers, overtaking, unanswered, drop;
};

/* ---- sim_bind.c ---- */

/* What is in the outbox still goes; then the client is to close, or we do. */
void sim_bind_part(struct sim_bind *bind, const char *why);
void sim_bind_watch_reading(struct sim_bind *bind);
const char *sim_version_name(uint8_t version); /* "3.4" */

/* ---- sim_request.c ---- */

void sim_request_hear(struct sim_bind *bind, const struct sim_header *header, struct octets body);

/* ---- sim_answer.c ---- */

/* Answers a submit that was heard, in `manner` and when its time has come. */
void sim_answer_submit(struct sim_bind *bind, const struct sim_header *header, const char *id,
                       enum sim_manner manner);
/* Answers an unbind after all that came before it. */
void sim_answer_unbind(struct sim_bind *bind, uint32_t sequence);
void sim_answer_release(struct sim_bind *bind); /* a knob has been turned, or time has passed */
void sim_answer_drop_all(struct sim_bind *bind);

#endif
