#include "consent/law.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"

enum weekday { SUN, MON, TUE, WED, THU, FRI, SAT, ANY_DAY };
enum holidays { CLOSED, OPEN };

#define DAY_END 1440

/* From when until when a row is in force, as 20250901; 0: open on that side. */
struct term {
    int since, until;
};

struct hours_row {
    const char *states;
    enum weekday first, last;
    int from, to; /* as 930 */
    enum holidays holidays;
    struct term term;
};
static const struct hours_row hours_rows[] = {
#define HOURS(states, first, last, from, to, holidays, since, until, source)                       \
    {states, first, last, from, to, holidays, {since, until}},
#include "proto/hours.def"
};
#define HOURS_ROWS (sizeof hours_rows / sizeof *hours_rows)

struct cap_row {
    const char *states;
    int count;
    struct term term;
};
static const struct cap_row cap_rows[] = {
#define CAP(states, count, since, until, source) {states, count, {since, until}},
#include "proto/hours.def"
};
#define CAP_ROWS (sizeof cap_rows / sizeof *cap_rows)

struct holiday_row {
    int month, first, last;
    enum weekday weekday;
};
static const struct holiday_row holiday_rows[] = {
#define HOLIDAY(month, first, last, weekday, name) {month, first, last, weekday},
#include "proto/hours.def"
};

/* The hours' rows come first, then the caps'. */
_Static_assert(HOURS_ROWS + CAP_ROWS <= 64, "a row needs a bit");

struct date {
    int64_t year;
    int month, day;
    enum weekday weekday;
};

static struct date date_of(int64_t day)
{
    struct date date;
    time_date(day, &date.year, &date.month, &date.day);
    date.weekday = (enum weekday)((day % 7 + 11) % 7); /* 1 January 1970 was a Thursday */
    return date;
}

/* ---- states ---- */

static bool lists(const char *states, const char *state, size_t length)
{
    for (const char *at = states; *at != '\0'; at += strspn(at, " ")) {
        size_t span = strcspn(at, " ");
        if (span == length && memcmp(at, state, length) == 0)
            return true;
        at += span;
    }
    return false;
}

static bool counts_for(const char *row, const char *states)
{
    if (row[0] == '\0' || strcmp(states, LAW_ANYWHERE) == 0)
        return true;
    for (const char *at = states; *at != '\0'; at += strspn(at, " ")) {
        size_t span = strcspn(at, " ");
        if (lists(row, at, span))
            return true;
        at += span;
    }
    return false;
}

uint64_t law_of(const char *states)
{
    uint64_t laws = 0;
    for (size_t i = 0; i < HOURS_ROWS; i++)
        if (counts_for(hours_rows[i].states, states))
            laws |= UINT64_C(1) << i;
    for (size_t i = 0; i < CAP_ROWS; i++)
        if (counts_for(cap_rows[i].states, states))
            laws |= UINT64_C(1) << (HOURS_ROWS + i);
    return laws;
}

/* ---- days ---- */

static bool is_in_force(const struct term *term, const struct date *date)
{
    int64_t written = date->year * 10000 + date->month * 100 + date->day;
    return term->since <= written && (term->until == 0 || written < term->until);
}

static bool is_holiday(const struct date *date)
{
    for (size_t i = 0; i < sizeof holiday_rows / sizeof *holiday_rows; i++) {
        const struct holiday_row *row = &holiday_rows[i];
        if (row->month == date->month && date->day >= row->first && date->day <= row->last &&
            (row->weekday == ANY_DAY || row->weekday == date->weekday))
            return true;
    }
    return false;
}

/* SAT to SUN goes over the week's end. */
static bool is_for_day(const struct hours_row *row, const struct date *date)
{
    bool is_within = row->first <= row->last
                         ? date->weekday >= row->first && date->weekday <= row->last
                         : date->weekday >= row->first || date->weekday <= row->last;
    return is_within && (row->holidays == OPEN || !is_holiday(date));
}

static int minute_of(int written)
{
    return written / 100 * 60 + written % 100;
}

static void narrow(struct window *window, const struct hours_row *row)
{
    if (minute_of(row->from) > window->from)
        window->from = minute_of(row->from);
    if (minute_of(row->to) < window->to)
        window->to = minute_of(row->to);
}

struct window law_window(uint64_t laws, int64_t day)
{
    static const struct window shut = {0, 0};
    struct date date = date_of(day);
    struct window window = {0, DAY_END};
    const char *state = NULL; /* whose rows are being looked at … */
    bool has_day = true;      /* … and whether one of them was for this day */
    for (size_t i = 0; i < HOURS_ROWS; i++) {
        const struct hours_row *row = &hours_rows[i];
        if ((laws >> i & 1) == 0 || !is_in_force(&row->term, &date))
            continue;
        bool is_next = state == NULL || strcmp(state, row->states) != 0;
        if (is_next && !has_day)
            return shut;
        has_day = is_next ? false : has_day;
        state = row->states;
        if (!is_for_day(row, &date))
            continue;
        has_day = true;
        narrow(&window, row);
    }
    return has_day ? window : shut;
}

int law_cap(uint64_t laws, int64_t day)
{
    int least = 0;
    struct date date = date_of(day);
    if (laws >> HOURS_ROWS == 0)
        return 0; /* most people */
    for (size_t i = 0; i < CAP_ROWS; i++) {
        const struct cap_row *row = &cap_rows[i];
        if ((laws >> (HOURS_ROWS + i) & 1) != 0 && is_in_force(&row->term, &date) &&
            (least == 0 || row->count < least))
            least = row->count;
    }
    return least;
}
