/* deviations: what peers did against the protocol, by name (F10), of sessions that are over and of those that live. */
#ifndef OUTBOUND_DEVIATIONS_H
#define OUTBOUND_DEVIATIONS_H

#include <stddef.h>
#include <stdint.h>

#define DEVIATIONS_MOST 64 /* there are fewer names: proto/smpp.def and proto/session.def */

struct deviations {
    struct {
        const char *name; /* lives forever */
        uint64_t count;
    } at[DEVIATIONS_MOST];
    size_t count;
};

struct session;

void deviations_add(struct deviations *deviations, const struct session *session);

#endif
