/* notify: what a sender's account is owed: receipts of its messages, and the texts that people wrote to it.
 * They are kept until its receiver has answered them. */
#ifndef OUTBOUND_NOTIFY_H
#define OUTBOUND_NOTIFY_H

#include "store/store.h"

struct accounts;
struct notify;

struct notify *notify_open(struct store *store, const struct accounts *accounts);
void notify_close(struct notify *notify);
/* Called when something new waits for an account. */
void notify_listen(struct notify *notify, void (*waits)(void *owner, const char *account),
                   void *owner);

/* The message_state of SMPP that a sender is told of it (5.0 4.7.15). */
int notify_state(enum message_state state);

/* reason: of that state; a code of verdict.def shows in the receipt's err. */
void notify_receipt(struct notify *notify, const struct message *message, enum message_state state,
                    const char *reason);
/* program: its name, or NULL where no program owns the address. */
void notify_inbound(struct notify *notify, const struct inbound *inbound, const char *program);

#endif
