/* local_time: when it is a time of day where somebody is. Who may be in several zones is reached by it in the last of them: not
 * before it in any (docs/decisions/0012). */
#ifndef CONSENT_LOCAL_TIME_H
#define CONSENT_LOCAL_TIME_H

#include "consent/place.h"

struct local_time {
    int64_t at_ms;           /* where it comes last */
    const char *first, *last; /* the zones where it comes first and last, by their names; borrowed */
    unsigned zones;          /* that the person may be in */
};

/* local_s: seconds since 1970 as a clock on the wall shows them (time_read_local). timezone: what the place was found by. What
 * a clock shows twice counts the first time; what it lacks, as if it had not been put forward (RFC 5545 3.3.5). False:
 * nothing is known of where the person is. */
bool local_time_find(const struct places *places, const struct place *place, const char *timezone,
                     int64_t local_s, struct local_time *out);

#endif
