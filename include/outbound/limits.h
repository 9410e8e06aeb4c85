/* limits: how many message parts may leave from a sender (a second), of its registered 10DLC campaign (a minute, spread
 * evenly: F134, F431) and of the campaign's brand (a day, until midnight of a named zone: F432). All that a sender belongs
 * to must have room. Carriers have limits of their own: outbound/carrier.h.
 *
 * Replies are never held by a brand's day, and a fiftieth of it is kept for them; they count all the same. What waits
 * for a sender or a campaign goes in its turn, replies first.
 *
 * A brand's day is on disk, so that a restart doesn't begin it anew; it counts what this gateway sends, so what other providers
 * send for the brand must be taken off `per_day`. */
#ifndef OUTBOUND_LIMITS_H
#define OUTBOUND_LIMITS_H

#include "outbound/hold.h"

struct config;
struct limits;
struct loop;
struct store;

struct limits *limits_open(struct loop *loop, struct store *store, const struct config *config);
void limits_close(struct limits *limits);
/* The config is another: borrowed until the next one. What was used of what is still there stays used. */
void limits_configure(struct limits *limits, const struct config *config);

/* The limit that holds so many parts from the sender now, as a HOLD_; HOLD_NONE: none does. */
struct hold limits_hold(struct limits *limits, const char *sender, unsigned parts, bool is_reply);
/* They wait for that: nothing shorter goes before them, and the loop turns when there may be room. */
void limits_ask(struct limits *limits, const char *sender, unsigned parts, bool is_reply,
                const struct hold *hold);
/* They are on their way. Tokens that are spent don't come back when a turn fails. */
void limits_spend(struct limits *limits, const char *sender, unsigned parts);
/* Those that didn't leave, or were refused, don't count for the brand's day. */
void limits_give_back(struct limits *limits, const char *sender, unsigned parts);

void limits_put(struct limits *limits); /* writes what the turn has used */
void limits_rolled_back(struct limits *limits);

/* For metrics: the n-th brand with a limit, and how much of its day is used; NULL: there are no more. */
const char *limits_brand(struct limits *limits, size_t n, int64_t *used, int64_t *most);

#endif
