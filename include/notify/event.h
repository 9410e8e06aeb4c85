/* event: what happened, as the JSON that receivers get: docs/webhooks.md has all of them. */
#ifndef NOTIFY_EVENT_H
#define NOTIFY_EVENT_H

#include <stdint.h>

struct campaign;
struct consent_change;
struct inbound;
struct inbound_data;
struct region;
struct told;

/* "message.sent" and so on; NULL: nobody is told of it. */
const char *event_of_told(const struct told *told);

/* The body: {"type", "timestamp", "data"}. program: its name; "" for one that left the config. campaign: NULL for none. */
const char *event_message(const struct told *told, const char *program, const struct campaign *campaign,
                          struct region *region);

/* data: NULL where it is a text. */
const char *event_inbound(const struct inbound *inbound, const struct inbound_data *data, const char *program,
                          struct region *region);
const char *event_consent(const struct consent_change *change, struct region *region);
/* For whoever wants to see whether a receiver hears: nothing happened. */
const char *event_test(const char *account, int64_t now_ms, struct region *region);

#endif
