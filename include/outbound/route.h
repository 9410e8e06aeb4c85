/* route: which carriers a message may take, and in what order: those of the config's route that fits it best, else its
 * program's own. It decides nothing about room: that is outbound/hold.h's.
 *
 * Within a tier each number has an order of its own, drawn by weight (rendezvous hashing): one person's texts keep to one
 * carrier, and so keep their order, and when a carrier goes only its own people move to others. */
#ifndef OUTBOUND_ROUTE_H
#define OUTBOUND_ROUTE_H

#include "outbound/carrier.h"

struct message;
struct routes;

#define ROUTE_CARRIERS_MOST 64

/* Borrows the config, until the next one. */
struct routes *routes_open(const struct config *config);
void routes_close(struct routes *routes);
void routes_configure(struct routes *routes, const struct config *config);
bool routes_are_any(const struct routes *routes); /* else every message goes by its program's carriers */
/* Whether the hours of some route began or ended since this was asked last. */
bool routes_have_turned(struct routes *routes, int64_t now_ms);

/* The route of a message of that program: the one with the longest prefix, of those the first of the file. NULL: it goes by
 * its program's own carriers. */
const struct config_route *routes_find(const struct routes *routes, const char *program,
                                       const struct message *message, int64_t now_ms);
/* Whether such a message may leave by that carrier, at whatever hour. */
bool routes_may_take(const struct routes *routes, const struct config_program *program,
                     const struct message *message, const char *carrier);
/* By its name; NULL: the config has it no longer. */
const struct config_route *routes_named(const struct routes *routes, const char *name);
bool route_is_open(const struct routes *routes, const struct config_route *route, int64_t now_ms); /* its hours */

/* The longest of its prefixes that the number (E.164, with its plus) begins with, borrowed of the config. "": it names none;
 * NULL: none of those that it names fits. */
const char *route_prefix(const struct config_route *route, const char *number);

/* The carriers that take a message to the number now, the best first: those that are up of the first tier that has one.
 * Gives how many; 0: none is up. */
size_t route_order(const struct config_tiers *tiers, struct carriers *carriers, uint64_t number,
                   struct carrier *out[ROUTE_CARRIERS_MOST]);

/* What a number draws for a carrier of a tier: the largest takes it. Each is the largest as often as its weight says. */
double route_draw(const struct config_choice *choice, uint64_t number);

#endif
