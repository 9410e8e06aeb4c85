/* law: when the states let marketing texts arrive, and how many, by the dated rows of proto/hours.def. It knows states and
 * local days, neither people nor clocks: where somebody is is consent/place.h's. Pure. */
#ifndef CONSENT_LAW_H
#define CONSENT_LAW_H

#include <stdint.h>

/* Minutes of a local day: from `from` on, and no more at `to`. from >= to: not at all on that day. */
struct window {
    int from, to;
};

#define LAW_ANYWHERE "*" /* every state's */

/* The rows that count for any of the states ("NS PE", as in proto/area.def), a bit each; those that count everywhere are
 * always among them. */
uint64_t law_of(const char *states);

/* The window of a day that satisfies all of these rows. day: since 1970, as the recipient's calendar has it. */
struct window law_window(uint64_t laws, int64_t day);

/* How many marketing texts of one owner a number may get in 24 hours; 0: as many as there are. */
int law_cap(uint64_t laws, int64_t day);

#endif
