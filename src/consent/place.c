#include "consent/place.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/zone.h"
#include "consent/law.h"
#include "consent/number.h"

/* An area code that no row has is most likely a new one of the USA or Canada: from its first zone to its last, and under
 * every law. */
#define ANYWHERE_ZONES "America/St_Johns Pacific/Honolulu"

#define NOWHERE   (PLACE_ZONES - 1) /* the bit of no zone */
#define AREAS     1000
#define ZIPS      1000
#define LETTERS   26
#define NAME_SIZE 64

struct candidates {
    uint64_t zones, laws;
    bool is_known;
};

struct places {
    struct zones *zones;
    char names[NOWHERE][NAME_SIZE];
    const struct zone *at[PLACE_ZONES];
    unsigned count;
    struct candidates anywhere, nowhere;
    struct candidates areas[AREAS];
    struct candidates zips[ZIPS]; /* by the first three digits … */
    struct candidates letters[LETTERS]; /* … and Canada's by the first letter */
};

struct area_row {
    unsigned area;
    const char *states, *zones;
};
static const struct area_row area_rows[] = {
#define AREA(area, iso, kind, states, zones) {area, states, zones},
#include "proto/area.def"
};

struct postal_row {
    const char *first, *last, *states, *zones;
};
static const struct postal_row postal_rows[] = {
#define POSTAL(first, last, states, zones) {first, last, states, zones},
#include "proto/postal.def"
};

/* ---- the tables, made into bits ---- */

static uint64_t bit_of(struct places *places, const char *name, size_t length)
{
    unsigned i = 0;
    while (i < places->count && (strncmp(places->names[i], name, length) != 0 ||
                                 places->names[i][length] != '\0'))
        i++;
    if (i == places->count) {
        must(i < NOWHERE && length < NAME_SIZE);
        memcpy(places->names[places->count++], name, length);
    }
    return UINT64_C(1) << i;
}

static struct candidates candidates_of(struct places *places, const char *states, const char *zones)
{
    struct candidates it = {.laws = law_of(states), .is_known = true};
    for (const char *at = zones; *at != '\0'; at += strspn(at, " ")) {
        size_t span = strcspn(at, " ");
        it.zones |= bit_of(places, at, span);
        at += span;
    }
    return it;
}

static void areas_fill(struct places *places)
{
    for (size_t i = 0; i < AREAS; i++)
        places->areas[i] = places->anywhere;
    for (size_t i = 0; i < sizeof area_rows / sizeof *area_rows; i++)
        if (area_rows[i].zones[0] != '\0')
            places->areas[area_rows[i].area] =
                candidates_of(places, area_rows[i].states, area_rows[i].zones);
}

static struct candidates *slot_of(struct places *places, const char *code)
{
    if (isupper((unsigned char)code[0]))
        return &places->letters[code[0] - 'A'];
    return &places->zips[strtoul(code, NULL, 10)];
}

static void postal_codes_fill(struct places *places)
{
    for (size_t i = 0; i < sizeof postal_rows / sizeof *postal_rows; i++) {
        const struct postal_row *row = &postal_rows[i];
        struct candidates it = row->zones[0] == '\0'
                                   ? places->nowhere
                                   : candidates_of(places, row->states, row->zones);
        struct candidates *last = slot_of(places, row->last);
        for (struct candidates *slot = slot_of(places, row->first); slot <= last; slot++)
            *slot = it;
    }
}

static void zones_fill(struct places *places)
{
    places->zones = zones_open();
    for (unsigned i = 0; i < places->count; i++)
        places->at[i] = zones_find(places->zones, places->names[i]);
}

struct places *places_open(void)
{
    struct places *places = mem_new(sizeof *places);
    places->anywhere = candidates_of(places, LAW_ANYWHERE, ANYWHERE_ZONES);
    places->nowhere = (struct candidates){UINT64_C(1) << NOWHERE, law_of(""), true};
    areas_fill(places);
    postal_codes_fill(places);
    zones_fill(places);
    return places;
}

void places_close(struct places *places)
{
    if (places == NULL)
        return;
    zones_close(places->zones);
    free(places);
}

void places_refresh(struct places *places)
{
    zones_close(places->zones);
    zones_fill(places);
}

/* ---- asking ---- */

/* NULL: the table doesn't have it. "94103", "94103-1234", "K1A 0B6" in either case. */
static const struct candidates *postal_code_find(const struct places *places, const char *code)
{
    size_t digits = strspn(code, "0123456789");
    if (digits == 5 && (code[5] == '\0' || (code[5] == '-' && strlen(code) == 10 &&
                                            strspn(code + 6, "0123456789") == 4))) {
        size_t zip = (size_t)(code[0] - '0') * 100 + (size_t)(code[1] - '0') * 10 + (size_t)(code[2] - '0');
        return places->zips[zip].is_known ? &places->zips[zip] : NULL;
    }
    static const char shape[] = "a0a0a0";
    char letter = (char)toupper((unsigned char)code[0]);
    for (size_t i = 0; i < sizeof shape - 1; i++, code++) {
        code += i == 3 && (*code == ' ' || *code == '-');
        if (shape[i] == '0' ? !isdigit((unsigned char)*code) : !isalpha((unsigned char)*code))
            return NULL;
    }
    return *code == '\0' && places->letters[letter - 'A'].is_known ? &places->letters[letter - 'A'] : NULL;
}

static const struct candidates *number_candidates(const struct places *places, uint64_t number)
{
    unsigned area = number_area(number);
    return area == 0 ? &places->nowhere : &places->areas[area];
}

struct place places_find(struct places *places, uint64_t number, const char *timezone,
                         const char *postal_code)
{
    const struct candidates *from_number = number_candidates(places, number);
    const struct candidates *from_post =
        postal_code[0] == '\0' ? NULL : postal_code_find(places, postal_code);
    struct place place = {.zones = from_number->zones, .laws = from_number->laws};
    place.clock = timezone[0] == '\0' ? NULL : zones_find(places->zones, timezone);
    if (place.clock != NULL)
        place.zones = 0;
    if (from_post == NULL)
        return place;
    place.laws |= from_post->laws;
    if (from_post->zones != places->nowhere.zones || place.clock == NULL)
        place.zones |= from_post->zones; /* an army's post box doesn't contradict a time zone */
    return place;
}

const struct zone *places_zone(const struct places *places, unsigned bit)
{
    must(bit < PLACE_ZONES);
    return places->at[bit];
}

const char *places_zone_name(const struct places *places, unsigned bit)
{
    must(bit < NOWHERE);
    return places->names[bit];
}

bool places_know_timezone(struct places *places, const char *timezone)
{
    return zones_find(places->zones, timezone) != NULL;
}

bool places_know_postal_code(const struct places *places, const char *postal_code)
{
    return postal_code_find(places, postal_code) != NULL;
}
