/* Times as text: the calendar half of base/clock.h. Pure. */
#include "base/clock.h"

#include <stdio.h>

#include "base/must.h"

#define DAY_MS INT64_C(86400000)

bool time_is_date(int64_t year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* Counts from 1 March, so that the leap day is the last of its year. */
int64_t time_days(int64_t year, int month, int day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t of_era = shifted - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void time_date(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * shifted_month + 2) / 5 + 1);
    *month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

void time_write(int64_t wall_ms, char out[TIME_TEXT_SIZE])
{
    int64_t days = wall_ms / DAY_MS;
    int64_t rest = wall_ms % DAY_MS;
    if (rest < 0) {
        days--;
        rest += DAY_MS;
    }
    int64_t year;
    int month, day;
    time_date(days, &year, &month, &day);
    int length = snprintf(out, TIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                          (int)(year % 10000), month % 100, day % 100, (int)(rest / 3600000) % 100,
                          (int)(rest / 60000 % 60), (int)(rest / 1000 % 60), (int)(rest % 1000));
    must(length == TIME_TEXT_SIZE - 1);
}

static bool read_digits(struct octets *text, int count, int64_t *value)
{
    if (text->length < (size_t)count)
        return false;
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        *value = *value * 10 + (text->at[i] - '0');
    }
    *text = octets_of(text->at + count, text->length - (size_t)count);
    return true;
}

static bool read_one_of(struct octets *text, const char *letters, char *found)
{
    if (text->length == 0 || text->at[0] == 0 || strchr(letters, text->at[0]) == NULL)
        return false;
    *found = (char)text->at[0];
    *text = octets_of(text->at + 1, text->length - 1);
    return true;
}

static bool read_fraction(struct octets *text, int64_t *ms)
{
    char dot;
    *ms = 0;
    if (!read_one_of(text, ".", &dot))
        return true;
    int64_t digit;
    int64_t weight = 100;
    if (!read_digits(text, 1, &digit))
        return false;
    do {
        *ms += digit * weight;
        weight /= 10;
    } while (read_digits(text, 1, &digit));
    return true;
}

static bool read_offset(struct octets *text, int64_t *ms)
{
    char sign, colon;
    int64_t hours, minutes;
    if (!read_one_of(text, "Zz+-", &sign))
        return false;
    *ms = 0;
    if (sign == 'Z' || sign == 'z')
        return true;
    if (!read_digits(text, 2, &hours) || !read_one_of(text, ":", &colon) ||
        !read_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ms = (hours * 60 + minutes) * 60000 * (sign == '-' ? -1 : 1);
    return true;
}

/* "2026-11-29T10:00", and leaves what is behind it. */
static bool read_minute(struct octets *text, int64_t *ms)
{
    int64_t year, month, day, hour, minute;
    char mark;
    if (!read_digits(text, 4, &year) || !read_one_of(text, "-", &mark) ||
        !read_digits(text, 2, &month) || !read_one_of(text, "-", &mark) ||
        !read_digits(text, 2, &day) || !read_one_of(text, "Tt ", &mark) ||
        !read_digits(text, 2, &hour) || !read_one_of(text, ":", &mark) ||
        !read_digits(text, 2, &minute))
        return false;
    if (!time_is_date(year, (int)month, (int)day) || hour > 23 || minute > 59)
        return false;
    *ms = time_days(year, (int)month, (int)day) * DAY_MS + hour * 3600000 + minute * 60000;
    return true;
}

bool time_read(struct octets text, int64_t *wall_ms)
{
    int64_t minute_ms, second, fraction, offset;
    char mark;
    if (!read_minute(&text, &minute_ms) || !read_one_of(&text, ":", &mark) ||
        !read_digits(&text, 2, &second) || second > 60 || !read_fraction(&text, &fraction) ||
        !read_offset(&text, &offset) || text.length != 0)
        return false;
    *wall_ms = minute_ms + second * 1000 + fraction - offset;
    /* The offset may lead out of the years that have four digits: that time could not be written. */
    return *wall_ms >= time_days(0, 1, 1) * DAY_MS && *wall_ms < time_days(10000, 1, 1) * DAY_MS;
}

bool time_read_local(struct octets text, int64_t *local_s)
{
    int64_t minute_ms, second = 0;
    char mark;
    if (!read_minute(&text, &minute_ms))
        return false;
    if (text.length > 0 && (!read_one_of(&text, ":", &mark) || !read_digits(&text, 2, &second) || second > 59))
        return false;
    *local_s = minute_ms / 1000 + second;
    return text.length == 0;
}

bool time_read_duration(struct octets text, int64_t *ms)
{
    int64_t count = 0, digit;
    char unit;
    if (!read_digits(&text, 1, &count))
        return false;
    while (read_digits(&text, 1, &digit)) {
        count = count * 10 + digit;
        if (count > 100000)
            return false;
    }
    if (!read_one_of(&text, "smhd", &unit) || text.length != 0)
        return false;
    *ms = count * (unit == 's' ? 1000 : unit == 'm' ? 60000 : unit == 'h' ? 3600000 : DAY_MS);
    return true;
}
