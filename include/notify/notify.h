/* notify: what an account is owed of what happens: receipts of its messages and the texts that people wrote to it, for its
 * SMPP receiver (handovers) and for its HTTP receiver (webhooks). Both are rows of the transaction of the change itself, and
 * stay until the receiver has answered them. */
#ifndef NOTIFY_NOTIFY_H
#define NOTIFY_NOTIFY_H

#include "store/store.h"

struct accounts;
struct courier;
struct loop;
struct notify;
struct programs;

struct notify *notify_open(struct loop *loop, struct store *store, const struct accounts *accounts,
                           const struct programs *programs, struct courier *courier);
void notify_close(struct notify *notify);
/* Called when something new waits for an account's SMPP receiver. */
void notify_listen(struct notify *notify, void (*waits)(void *owner, const char *account),
                   void *owner);

/* The message_state of SMPP that a sender is told of it (5.0 4.7.15). */
int notify_state(enum message_state state);

struct told { /* what became of a message */
    const struct message *message; /* as it was before, its row written already */
    bool is_new;                   /* it came to its state at once */
    enum message_state state;      /* it is now */
    const char *reason; /* of that state; a code of verdict.def shows in the receipt's err */
    const struct message_part *news; /* what the carrier said, where that is what changed it; or NULL */
    int64_t now_ms;
};
void notify_message(struct notify *notify, const struct told *told);
/* program: its name, or NULL where no program owns the address. */
void notify_inbound(struct notify *notify, const struct inbound *inbound, const char *program);

/* Nothing happened: to see whether the account's receiver hears. It must have one. Gives the event's id. */
int64_t notify_test(struct notify *notify, const char *account, int64_t now_ms);

/* What became of people's consents, with the notify as its owner. */
struct consents_watch;
extern const struct consents_watch notify_consents;

#endif
