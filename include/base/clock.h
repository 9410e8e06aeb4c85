/* clock: what time it is, and how times are written. All times are milliseconds in int64_t.
 *
 * Two clocks that are never mixed: the wall's (since 1970, UTC) for what people read, and the monotonic
 * one for how long to wait, which counts while the machine sleeps. The machine's own clock may be set, back and
 * forth: the wall's follows it when it has stood for CLOCK_DOUBT_MS (docs/decisions/0013). Stories replace
 * clock.c by one that they turn by hand.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"

#define CLOCK_DOUBT_MS (5 * 60 * 1000)

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_machine_ms(void); /* since 1970, as it is set; only for wall.c */

/* By how much the wall's clock has followed a clock that was set, since this was asked last; else 0. */
int64_t clock_set_by_ms(void);

#define TIME_TEXT_SIZE 25 /* "2026-11-23T09:30:00.000Z" and its NUL */

/* RFC 3339, UTC, milliseconds. */
void time_write(int64_t wall_ms, char out[TIME_TEXT_SIZE]);

/* Reads RFC 3339 with any offset and any number of decimals (cut to milliseconds, not rounded).
 * False: not such a time, or a day that no calendar has. A leap second counts as the next minute. */
bool time_read(struct octets text, int64_t *wall_ms);

/* A date and a time of day without an offset, "2026-11-29T10:00", seconds or none: seconds since 1970 as if it were UTC. */
bool time_read_local(struct octets text, int64_t *local_s);

/* A duration as people write it in a config: 30s, 5m, 12h, 730d. False: anything else. */
bool time_read_duration(struct octets text, int64_t *ms);

/* Days since 1970 of a date of the proleptic Gregorian calendar, and whether it has such a day. */
int64_t time_days(int64_t year, int month, int day);
bool time_is_date(int64_t year, int month, int day);
/* And the other way round. */
void time_date(int64_t days, int64_t *year, int *month, int *day);

#endif
