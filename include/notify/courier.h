/* courier: takes what waits in the outbox to its receivers, again and again until they have taken it or its time is over.
 * It makes no events: notify does.
 *
 * A receiver is an account's own, or a place that messages of an account name. Each has a few events under way at most, and
 * so has each account, and the house. Where there isn't room for all, who has least under way goes first, and a few of each
 * account always go: so a receiver that is slow, or never answers, keeps nobody else waiting. One that fails again and again
 * gets one event at a time, and then seldom, until it takes one. */
#ifndef NOTIFY_COURIER_H
#define NOTIFY_COURIER_H

#include <stdint.h>

struct accounts;
struct config;
struct courier;
struct loop;
struct store;

#define COURIER_TERM_MS INT64_C(86400000) /* of all tries of one event */

/* Borrows the config. NULL: what waits can't be read. */
struct courier *courier_open(struct loop *loop, struct store *store, const struct accounts *accounts,
                             const struct config *config);
void courier_close(struct courier *courier);  /* NULL is allowed */
void courier_stop(struct courier *courier);   /* nothing new is begun */
/* Where receivers are, and what may be reached, may be another: whoever was left alone is tried at once. */
void courier_configure(struct courier *courier, const struct config *config);

/* Something new waits for a receiver of the account: origin as in struct webhook. */
void courier_waits(struct courier *courier, const char *account, const char *origin);

/* The same, and somebody waits to see what becomes of it: due_at COURIER_FIRST goes before all others. */
void courier_hurry(struct courier *courier, const char *account, const char *origin);
#define COURIER_FIRST 1

/* The turn: behind all that make events. */
void courier_turn(struct courier *courier);
void courier_committed(struct courier *courier);
void courier_rolled_back(struct courier *courier);

struct courier_counts { /* since the start */
    uint64_t delivered, failed, dead; /* failed: tries that were */
    uint64_t under_way;               /* now */
};
const struct courier_counts *courier_counts(const struct courier *courier);

#endif
