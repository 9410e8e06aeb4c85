/* hours: when a marketing text may arrive at a place: within the law's window, or the program's own, by every clock and
 * every state that it may be (R90 to R97; docs/hours.md). Replies are outside of it (R98), which the gate knows. */
#ifndef CONSENT_HOURS_H
#define CONSENT_HOURS_H

#include "config/config.h"
#include "consent/place.h"

#define HOURS_NEVER INT64_MAX /* not within a month: as good as never */

/* The first time from at_ms on (milliseconds, UTC) at which it may arrive there: at_ms itself where that is within the
 * hours, HOURS_NEVER where none is near. */
int64_t hours_open_at(const struct places *places, const struct place *place,
                      const struct config_hours *hours, int64_t at_ms);

#endif
