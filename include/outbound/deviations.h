/* deviations: what peers did against the protocol, by name (F10), of sessions that are over and of those that live. */
#ifndef OUTBOUND_DEVIATIONS_H
#define OUTBOUND_DEVIATIONS_H

#include <stddef.h>
#include <stdint.h>

#include "smpp/session.h"

#define DEVIATIONS_MOST 64 /* there are fewer names: proto/smpp.def and proto/session.def */

struct deviations {
    struct session_deviated at[DEVIATIONS_MOST];
    size_t count;
};

void deviations_join(struct deviations *deviations, const struct deviations *others);
void deviations_add(struct deviations *deviations, const struct session *session);

#endif
