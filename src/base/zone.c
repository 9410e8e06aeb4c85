#include "base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/must.h"

#define DIRECTORY   "/usr/share/zoneinfo"
#define NAME_MOST   63
#define FILE_MOST   65536 /* the largest of tz 2025 has 3.7 KB */
#define COUNT_MOST  4000  /* transitions that a file may have */
#define YEAR_END    2200  /* its rule is written out up to there */
#define HEADER_SIZE 44    /* RFC 8536 3.1 */
#define DAY_S       86400

struct transition {
    int64_t at_s;     /* from here on … */
    int32_t offset_s; /* … the clock is so far ahead */
};

struct zone {
    char name[NAME_MOST + 1];
    int32_t first_s; /* before the first transition */
    size_t count;
    struct transition at[];
};

struct zones {
    struct zone **at; /* by name */
    size_t count;
};

/* ---- a rule for the years to come: POSIX's TZ, as the footer has it ---- */

struct change { /* Mm.w.d, Jn or n, and the time of day */
    char kind;  /* 'M', 'J' or 'n' */
    int month, week, day;
    int32_t time_s;
};

struct rule {
    int32_t standard_s, summer_s;
    bool has_summer;
    struct change starts, ends;
};

static bool read_char(const char **text, char wanted)
{
    if (**text != wanted)
        return false;
    (*text)++;
    return true;
}

static bool read_whole(const char **text, int most, int *out)
{
    const char *start = *text;
    *out = 0;
    while (**text >= '0' && **text <= '9' && *text - start < 3)
        *out = *out * 10 + (*(*text)++ - '0');
    return *text > start && *out <= most;
}

/* "EST", or "<+0530>". */
static bool read_name(const char **text)
{
    const char *start = *text;
    if (read_char(text, '<')) {
        *text += strcspn(*text, ">");
        return read_char(text, '>');
    }
    while ((**text | 0x20) >= 'a' && (**text | 0x20) <= 'z')
        (*text)++;
    return *text - start >= 3;
}

#define OFFSET_HOURS 24  /* POSIX */
#define CHANGE_HOURS 167 /* a change may be up to a week away (RFC 8536 3.3.1) */

/* [+-]hh[:mm[:ss]] */
static bool read_time(const char **text, int most, int32_t *out)
{
    int hours, minutes = 0, seconds = 0;
    bool is_negative = **text == '-';
    if (**text == '-' || **text == '+')
        (*text)++;
    if (!read_whole(text, most, &hours) ||
        (read_char(text, ':') &&
         (!read_whole(text, 59, &minutes) || (read_char(text, ':') && !read_whole(text, 59, &seconds)))))
        return false;
    *out = (hours * 3600 + minutes * 60 + seconds) * (is_negative ? -1 : 1);
    return true;
}

static bool read_change(const char **text, struct change *out)
{
    *out = (struct change){.kind = **text, .time_s = 2 * 3600};
    if (!read_char(text, ','))
        return false;
    out->kind = **text;
    if (read_char(text, 'M')) {
        if (!read_whole(text, 12, &out->month) || !read_char(text, '.') ||
            !read_whole(text, 5, &out->week) || !read_char(text, '.') ||
            !read_whole(text, 6, &out->day) || out->month == 0 || out->week == 0)
            return false;
    } else {
        out->kind = read_char(text, 'J') ? 'J' : 'n';
        if (!read_whole(text, 365, &out->day))
            return false;
    }
    return !read_char(text, '/') || read_time(text, CHANGE_HOURS, &out->time_s);
}

static bool rule_read(const char *text, struct rule *out)
{
    *out = (struct rule){0};
    if (!read_name(&text) || !read_time(&text, OFFSET_HOURS, &out->standard_s))
        return false;
    out->standard_s = -out->standard_s; /* POSIX counts westward */
    out->has_summer = *text != '\0';
    if (!out->has_summer)
        return true;
    out->summer_s = out->standard_s + 3600;
    if (!read_name(&text))
        return false;
    if (*text != ',') {
        if (!read_time(&text, OFFSET_HOURS, &out->summer_s))
            return false;
        out->summer_s = -out->summer_s;
    }
    return read_change(&text, &out->starts) && read_change(&text, &out->ends) && *text == '\0';
}

/* The day of a change in a year, since 1970. */
static int64_t change_day(const struct change *change, int64_t year)
{
    int64_t first = time_days(year, 1, 1);
    if (change->kind == 'n')
        return first + change->day;
    if (change->kind == 'J') /* 1 to 365: the leap day isn't counted */
        return first + change->day - 1 + (change->day > 59 && time_is_date(year, 2, 29));
    first = time_days(year, change->month, 1);
    int64_t weekday = (first + 4) % 7; /* 1 January 1970 was a Thursday */
    int64_t day = first + (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
    while (!time_is_date(year, change->month, (int)(day - first + 1)))
        day -= 7; /* the fifth is the last one */
    return day;
}

static void transition_put(struct zone *zone, int64_t at_s, int32_t offset_s)
{
    if (zone->count == 0 || at_s > zone->at[zone->count - 1].at_s)
        zone->at[zone->count++] = (struct transition){at_s, offset_s};
}

static void rule_write_out(const struct rule *rule, struct zone *zone, int64_t year)
{
    int64_t starts = change_day(&rule->starts, year) * DAY_S + rule->starts.time_s - rule->standard_s;
    int64_t ends = change_day(&rule->ends, year) * DAY_S + rule->ends.time_s - rule->summer_s;
    if (starts < ends)
        transition_put(zone, starts, rule->summer_s);
    transition_put(zone, ends, rule->standard_s);
    if (starts >= ends)
        transition_put(zone, starts, rule->summer_s);
}

/* ---- a file ---- */

struct counts {
    size_t utc, standard, leaps, times, types, chars;
};

static uint64_t read_big(const uint8_t *at, size_t octets)
{
    uint64_t value = 0;
    for (size_t i = 0; i < octets; i++)
        value = value << 8 | at[i];
    return value;
}

static bool header_read(struct octets file, struct counts *out)
{
    if (file.length < HEADER_SIZE || memcmp(file.at, "TZif", 4) != 0 || file.at[4] < '2')
        return false; /* version 1 ends in 2038 */
    size_t *const fields[] = {&out->utc, &out->standard, &out->leaps, &out->times, &out->types, &out->chars};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        *fields[i] = (size_t)read_big(file.at + 20 + 4 * i, 4);
        if (*fields[i] > COUNT_MOST)
            return false;
    }
    return out->types > 0 && out->types <= 256;
}

static size_t block_size(const struct counts *counts, size_t time_size)
{
    return counts->times * (time_size + 1) + counts->types * 6 + counts->chars +
           counts->leaps * (time_size + 4) + counts->standard + counts->utc;
}

static struct octets behind(struct octets file, size_t count)
{
    return octets_of(file.at + count, file.length - count);
}

/* RFC 8536 3.2: at most 26 hours from UTC. */
static bool offsets_are_sound(const uint8_t *offsets, size_t types)
{
    for (size_t i = 0; i < types; i++) {
        int32_t offset_s = (int32_t)(uint32_t)read_big(offsets + i * 6, 4);
        if (offset_s < -26 * 3600 || offset_s > 26 * 3600)
            return false;
    }
    return true;
}

/* The block of 64-bit times: first the times, then a type for each, then the types. False: none that is sound. */
static bool transitions_read(struct octets block, const struct counts *counts, struct zone *zone)
{
    const uint8_t *types = block.at + counts->times * 8;
    const uint8_t *offsets = types + counts->times;
    if (!offsets_are_sound(offsets, counts->types))
        return false;
    zone->first_s = (int32_t)(uint32_t)read_big(offsets, 4);
    for (size_t i = 0; i < counts->times; i++) {
        int64_t at_s = (int64_t)read_big(block.at + i * 8, 8);
        if (types[i] >= counts->types || (i > 0 && at_s <= zone->at[i - 1].at_s))
            return false;
        transition_put(zone, at_s, (int32_t)(uint32_t)read_big(offsets + types[i] * 6, 4));
    }
    return true;
}

/* Between two line feeds, at the file's end. */
static bool footer_read(struct octets footer, struct rule *rule)
{
    char text[128];
    if (footer.length < 3 || footer.length > sizeof text || footer.at[0] != '\n' ||
        footer.at[footer.length - 1] != '\n')
        return false;
    octets_copy_text(octets_of(footer.at + 1, footer.length - 2), text, sizeof text);
    return rule_read(text, rule);
}

struct zone *zone_read(struct octets file, const char *name)
{
    struct counts counts;
    struct rule rule;
    if (!header_read(file, &counts) || file.length < HEADER_SIZE + block_size(&counts, 4))
        return NULL;
    file = behind(file, HEADER_SIZE + block_size(&counts, 4));
    if (!header_read(file, &counts) || file.length < HEADER_SIZE + block_size(&counts, 8) ||
        !footer_read(behind(file, HEADER_SIZE + block_size(&counts, 8)), &rule))
        return NULL;
    size_t room = counts.times + 2 * (YEAR_END - 1970) + 1;
    struct zone *zone = mem_new(sizeof *zone + room * sizeof *zone->at);
    snprintf(zone->name, sizeof zone->name, "%s", name);
    if (!transitions_read(behind(file, HEADER_SIZE), &counts, zone)) {
        free(zone);
        return NULL;
    }
    if (zone->count == 0)
        zone->first_s = rule.standard_s;
    for (int64_t year = 1970; rule.has_summer && year < YEAR_END; year++)
        rule_write_out(&rule, zone, year); /* those that the file has already are passed over */
    return zone;
}

/* ---- by name ---- */

/* A name of the database and no way out of its directory. */
static bool name_is_sound(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= NAME_MOST && name[0] != '/' && strstr(name, "..") == NULL &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+-") == length;
}

/* How many octets were read; 0: none that are a zone's. */
static size_t file_read(const char *name, uint8_t out[FILE_MOST])
{
    const char *directory = getenv("TZDIR");
    char path[4096];
    snprintf(path, sizeof path, "%.4000s/%.63s",
             directory != NULL && directory[0] != '\0' ? directory : DIRECTORY, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    size_t count = 0;
    ssize_t more;
    while (count < FILE_MOST && ((more = read(file, out + count, FILE_MOST - count)) > 0 ||
                                 (more < 0 && errno == EINTR)))
        count += more > 0 ? (size_t)more : 0;
    close(file);
    return count < FILE_MOST ? count : 0;
}

struct zones *zones_open(void)
{
    return mem_new(sizeof(struct zones));
}

void zones_close(struct zones *zones)
{
    if (zones == NULL)
        return;
    for (size_t i = 0; i < zones->count; i++)
        free(zones->at[i]);
    free(zones->at);
    free(zones);
}

/* Where the name stands, or would. */
static size_t slot_of(const struct zones *zones, const char *name)
{
    size_t low = 0, high = zones->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(zones->at[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct zone *zones_find(struct zones *zones, const char *name)
{
    static uint8_t octets[FILE_MOST];
    size_t slot = slot_of(zones, name);
    if (slot < zones->count && strcmp(zones->at[slot]->name, name) == 0)
        return zones->at[slot];
    if (!name_is_sound(name))
        return NULL;
    struct zone *zone = zone_read(octets_of(octets, file_read(name, octets)), name);
    if (zone == NULL)
        return NULL;
    zones->at = mem_grow(zones->at, (zones->count + 1) * sizeof(struct zone *));
    memmove(zones->at + slot + 1, zones->at + slot, (zones->count - slot) * sizeof(struct zone *));
    zones->count++;
    zones->at[slot] = zone;
    return zone;
}

int32_t zone_offset_s(const struct zone *zone, int64_t at_s)
{
    size_t low = 0, high = zone->count; /* the first transition after it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->at[middle].at_s <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? zone->first_s : zone->at[low - 1].offset_s;
}

int64_t zone_instant_s(const struct zone *zone, int64_t local_s, int64_t least_s)
{
    int64_t before = local_s - zone_offset_s(zone, local_s - DAY_S);
    int64_t after = local_s - zone_offset_s(zone, local_s + DAY_S);
    int64_t first = before < after ? before : after, second = before < after ? after : before;
    if (first >= least_s && first + zone_offset_s(zone, first) == local_s)
        return first;
    return second >= least_s ? second : ZONE_PAST;
}

/* ---- days ---- */

int64_t zone_day(const struct zone *zone, int64_t at_ms)
{
    int64_t at_s = at_ms / 1000;
    return (at_s + (zone == NULL ? 0 : zone_offset_s(zone, at_s))) / 86400;
}

int64_t zone_day_end_ms(const struct zone *zone, int64_t at_ms)
{
    int64_t minute = at_ms / 60000, today = zone_day(zone, minute * 60000);
    int64_t low = 0, high = INT64_C(26) * 60; /* today; tomorrow */
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (zone_day(zone, (minute + middle) * 60000) == today)
            low = middle;
        else
            high = middle;
    }
    return (minute + high) * 60000;
}
