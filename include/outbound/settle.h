/* settle: what follows when a message comes to a state: its row, the receipt that its sender asked for, and,
 * where it was the confirmation of an opt-in, what was waiting for that. */
#ifndef OUTBOUND_SETTLE_H
#define OUTBOUND_SETTLE_H

#include "store/store.h"

struct consents;
struct loop;
struct notify;
struct program;
struct programs;
struct settle;

struct settle *settle_open(struct loop *loop, struct store *store, struct consents *consents,
                           const struct programs *programs, struct notify *notify);
void settle_close(struct settle *settle);

struct settle_events {
    /* Another confirmation is due, after so long. */
    void (*confirmation_due)(void *owner, const struct program *program, uint64_t number,
                             int64_t wait_ms);
    /* Messages of the program to the number came (back) into the queue. */
    void (*queued)(void *owner, int64_t program, uint64_t number);
};
void settle_listen(struct settle *settle, const struct settle_events *events, void *owner,
                   void *queue_owner);

/* Moves a message whose row exists. `message` is as it was before; is_passing: a FAILED that another time
 * might not be; news: see store_message_move. */
void settle_move(struct settle *settle, const struct message *message, enum message_state to,
                 const char *reason, bool is_passing, const struct message_part *news,
                 int64_t now_ms);
/* Writes a message whose row doesn't exist yet, in that state. */
void settle_new(struct settle *settle, const struct message *message, enum message_state state,
                const char *reason, int64_t now_ms);

/* The carrier refused it because the person opted out there, or with the network (R84): that becomes an opt-out here.
 * Nobody is told: whoever it was that the person said it to has confirmed it. by: what said so, for the ledger. */
void settle_opted_out(struct settle *settle, const struct message *message, const char *carrier,
                      const char *by, int64_t now_ms);
uint64_t settle_opt_outs(const struct settle *settle); /* how many */

/* The term of confirmations that nobody took is over (INTERFACE: 24 hours). */
void settle_overdue_confirmations(struct settle *settle, int64_t now_ms);

#endif
