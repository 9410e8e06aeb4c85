/* sim_say: what the carrier tells on stdout, one line an event, as words or as JSON. */
#ifndef SIM_SAY_H
#define SIM_SAY_H

#include <jansson.h>

#include "src/sim/sim_world.h"

void sim_say_ready(const struct sim *sim, const char *control); /* always said */
void sim_say_bound(const struct sim *sim, const char *system_id, const char *kind, uint64_t bind,
                   const char *version, const char *peer);
/* `system_id` is NULL for a connection that wasn't bound when it ended. */
void sim_say_unbound(const struct sim *sim, const char *system_id, uint64_t bind, const char *why);
/* A request of the client that got an error. */
void sim_say_refused(const struct sim *sim, const char *what, uint64_t bind, uint32_t status);
void sim_say_heard(const struct sim *sim, const struct sim_message *message);
void sim_say_whole(const struct sim *sim, const struct sim_message *last, struct sim_words whole);
void sim_say_answered(const struct sim *sim, const char *id, uint64_t bind);
/* `status` is NULL for a request that got no answer. */
void sim_say_receipt(const struct sim *sim, const char *stat, const char *id, uint64_t bind,
                     const uint32_t *status);
void sim_say_mo(const struct sim *sim, uint64_t mo, uint64_t bind, const uint32_t *status,
                int64_t took_ms);

/* One message as JSON, for the command `messages`; the caller owns it. */
json_t *sim_say_message(const struct sim *sim, const struct sim_message *message);

#endif
