/* event: what happened, as the JSON that receivers get: docs/webhooks.md has all of them. */
#ifndef NOTIFY_EVENT_H
#define NOTIFY_EVENT_H

#include <stdint.h>

struct region;
struct told;

/* "message.sent" and so on; NULL: nobody is told of it. */
const char *event_of_told(const struct told *told);

/* The body: {"type", "timestamp", "data"}. program: its name; "" for one that left the config. */
const char *event_message(const struct told *told, const char *program, struct region *region);

#endif
