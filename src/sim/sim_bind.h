/* sim_bind: one connection of a client, from its accept to its end: framing, states, answers. What
 * its submits mean is told to sim_store, sim_post and sim_say; deliveries come from sim_post. */
#ifndef SIM_BIND_H
#define SIM_BIND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "src/sim/sim_world.h"

struct sim_bind;
struct sim_delivery;

void sim_bind_accept(void *sim, int fd); /* for listener_open */

/* The receiver with room that was used longest ago; NULL: there is none. `system_id` NULL: of any
 * client. */
struct sim_bind *sim_bind_pick(struct sim *sim, const char *system_id, bool takes_tlvs);

/* Takes the delivery and gives it back by sim_post_settle. */
void sim_bind_deliver(struct sim_bind *bind, struct sim_delivery *delivery);

uint64_t sim_bind_number(const struct sim_bind *bind);
void sim_bind_adapt(struct sim_bind *bind); /* a knob has been turned */
void sim_bind_leave(struct sim_bind *bind); /* unbinds it in good order, if it is bound */
void sim_bind_close(struct sim_bind *bind, const char *why);

/* Hands to their sockets what gathered in this turn. */
void sim_bind_release_all(struct sim *sim);
struct sim_bind *sim_bind_next(struct sim *sim, const struct sim_bind *bind); /* NULL: the first */
json_t *sim_bind_status(const struct sim_bind *bind);

#endif
