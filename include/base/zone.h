/* zone: time zones, as the system's tz data has them (Debian's package tzdata): how far a place's clock is ahead
 * of UTC at an instant. The process's own TZ is neither used nor changed.
 *
 * A zone is read from its TZif file (RFC 8536) when it is first asked for, and then kept: an answer costs a
 * search among a few hundred numbers. Beyond the file's last transition its footer's rule holds, to the year 2200. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdint.h>

#include "base/octets.h"

struct zone;
struct zones;

/* Of the directory TZDIR, where the environment names one, else of /usr/share/zoneinfo. */
struct zones *zones_open(void);
void zones_close(struct zones *zones); /* and every zone of it */

/* By its IANA name, "America/New_York". NULL: there is none of that name, or it can't be read. It lives as long as
 * `zones`. */
const struct zone *zones_find(struct zones *zones, const char *name);

/* One zone, from the octets of its file. NULL: they aren't TZif of version 2 or later, whole and sound. The caller gives it to
 * free(). */
struct zone *zone_read(struct octets file, const char *name);

/* Seconds that its clock is ahead of UTC; at_s: since 1970, UTC. */
int32_t zone_offset_s(const struct zone *zone, int64_t at_s);

/* The first instant, not before `least_s`, at which the zone's clock shows this; ZONE_PAST: it has shown it for the last time.
 * Where the clock is put back it shows it twice; where it is put forward over it, the time counts as if it had not been. */
#define ZONE_PAST INT64_MIN
int64_t zone_instant_s(const struct zone *zone, int64_t local_s, int64_t least_s);

/* Days since 1970 by its calendar, and the minute in which the next one begins: a day has 23 to 25 hours. Without a zone: of
 * UTC. */
int64_t zone_day(const struct zone *zone, int64_t at_ms);
int64_t zone_day_end_ms(const struct zone *zone, int64_t at_ms);

#endif
