/* order: which message of a program a person gets first. One that was refused and waits for its next try is remembered
 * here, so that no later one to the same person overtakes it, nor one that waits behind it. What is on the wire already isn't
 * called back.
 *
 * Bounded: of more than can be kept the newest are, and for the others order is luck. In memory only, and never the
 * truth: whoever finds one looks whether its row still waits. */
#ifndef OUTBOUND_ORDER_H
#define OUTBOUND_ORDER_H

#include <stdint.h>

#include "store/store.h"

struct order;

struct order *order_open(void);
void order_close(struct order *order);
void order_put(struct order *order, const struct message *refused);
/* The one that the message is behind, an id; 0: none. */
int64_t order_ahead(const struct order *order, const struct message *message);
void order_drop(struct order *order, const struct message *message); /* what is ahead of it has gone */

#endif
