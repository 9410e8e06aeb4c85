/* place: where somebody may be: the time zones that their clock may keep, and the states whose law may count. It
 * knows candidates, never the one truth: what is asked of a place must hold at all of them. Its tables are
 * proto/area.def and proto/postal.def. */
#ifndef CONSENT_PLACE_H
#define CONSENT_PLACE_H

#include <stdbool.h>
#include <stdint.h>

struct places;
struct zone;

struct place {
    uint64_t zones;           /* a bit for each candidate: see places_zone */
    const struct zone *clock; /* one more: the zone that came with the consent; NULL: none did */
    uint64_t laws;            /* see consent/law.h */
};
#define PLACE_ZONES 64 /* bits of `zones` */

/* With the system's time zones. */
struct places *places_open(void);
void places_close(struct places *places);
/* Reads the time zones anew, since they change by acts of parliament. Every struct place dies. */
void places_refresh(struct places *places);

/* Where the owner of a number may be, who gave these with the consent ("" for left out; one that isn't known
 * counts as left out).
 *
 * The clock: a time zone beats the area code; a postal code joins whichever it is. The law: the states of the area code and
 * of the postal code, all of them (R97). An area code that no row has may be anywhere in the USA and Canada; a number
 * of another plan, and a postal code of no place, is nowhere that is known. */
struct place places_find(struct places *places, uint64_t number, const char *timezone,
                         const char *postal_code);

/* The zone of a bit. NULL: it isn't known, and so never within any hours. */
const struct zone *places_zone(const struct places *places, unsigned bit);

const char *places_zone_name(const struct places *places, unsigned bit); /* of one that isn't NULL */

bool places_know_timezone(struct places *places, const char *timezone);
/* A ZIP code of five digits, or with four more; a Canadian code: of a kind that the table has. */
bool places_know_postal_code(const struct places *places, const char *postal_code);

#endif
