#include "smpp/smpp_time.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/must.h"

#define PIVOT           38 /* two-digit years from here on are 19xx (3.4 appendix C, F193) */
#define SECOND_MS       INT64_C(1000)
#define QUARTER_MS      (900 * SECOND_MS)
#define DAY_MS          (86400 * SECOND_MS)
#define LONGEST_WAIT_MS (31 * DAY_MS)

enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PAIRS };

int smpp_time_year(int digits)
{
    return digits + (digits < PIVOT ? 2000 : 1900);
}

static bool is_digits(struct octets text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return true;
}

static int digit_at(struct octets text, size_t at)
{
    return text.at[at] - '0';
}

/* Two digits each, as many as there are; the others are 0. */
static void read_pairs(struct octets text, int pairs[PAIRS])
{
    for (size_t i = 0; i < PAIRS; i++)
        pairs[i] =
            2 * i + 1 < text.length ? 10 * digit_at(text, 2 * i) + digit_at(text, 2 * i + 1) : 0;
}

static int64_t clock_part_ms(const int pairs[PAIRS])
{
    return (pairs[HOUR] * 3600 + pairs[MINUTE] * 60 + pairs[SECOND]) * SECOND_MS;
}

static bool read_date(const int pairs[PAIRS], int64_t *at_ms)
{
    int year = smpp_time_year(pairs[YEAR]);
    if (!time_is_date(year, pairs[MONTH], pairs[DAY]) || pairs[HOUR] > 23 || pairs[MINUTE] > 59 ||
        pairs[SECOND] > 59)
        return false;
    *at_ms = time_days(year, pairs[MONTH], pairs[DAY]) * DAY_MS + clock_part_ms(pairs);
    return true;
}

/* Splits so that the rest is never negative, before 1970 too. */
static void calendar_of(int64_t at_ms, struct tm *calendar, int *rest_ms)
{
    int64_t rest = at_ms % SECOND_MS;
    if (rest < 0)
        rest += SECOND_MS;
    time_t seconds = (at_ms - rest) / SECOND_MS;
    must(gmtime_r(&seconds, calendar) != NULL);
    *rest_ms = (int)rest;
}

/* F192: years and months by the calendar, a day that the month lacks becomes its last; then the
 * rest. */
static int64_t add_to_now(const int pairs[PAIRS], int64_t now_ms)
{
    struct tm now;
    int rest_ms;
    calendar_of(now_ms, &now, &rest_ms);
    int months = (now.tm_year + 1900 + pairs[YEAR]) * 12 + now.tm_mon + pairs[MONTH];
    int year = months / 12, month = months % 12 + 1, day = now.tm_mday;
    while (day > 28 && !time_is_date(year, month, day))
        day--;
    int64_t moved_days =
        time_days(year, month, day) - time_days(now.tm_year + 1900, now.tm_mon + 1, now.tm_mday);
    return now_ms + (moved_days + pairs[DAY]) * DAY_MS + clock_part_ms(pairs);
}

static enum smpp_time_kind read_absolute(const int pairs[PAIRS], struct octets tail, int64_t *at_ms)
{
    int quarters = 10 * digit_at(tail, 1) + digit_at(tail, 2);
    int64_t written_ms;
    if (quarters > 48 || !read_date(pairs, &written_ms))
        return SMPP_TIME_WRONG;
    int64_t ahead_ms = quarters * QUARTER_MS * (tail.at[3] == '-' ? -1 : 1);
    *at_ms = written_ms + digit_at(tail, 0) * 100 - ahead_ms;
    return SMPP_TIME_ABSOLUTE;
}

enum smpp_time_kind smpp_time_read(struct octets field, int64_t now_ms, int64_t *at_ms)
{
    int pairs[PAIRS];
    if (field.length == 0)
        return SMPP_TIME_NONE;
    if (field.length == 10 || field.length == 12) {
        if (!is_digits(field))
            return SMPP_TIME_WRONG;
        read_pairs(field, pairs);
        return read_date(pairs, at_ms) ? SMPP_TIME_LOCAL : SMPP_TIME_WRONG;
    }
    if (field.length != 16 || !is_digits(octets_of(field.at, 15)))
        return SMPP_TIME_WRONG;
    read_pairs(field, pairs);
    switch (field.at[15]) {
    case 'R':
        *at_ms = add_to_now(pairs, now_ms);
        return SMPP_TIME_RELATIVE;
    case '+':
    case '-':
        return read_absolute(pairs, octets_of(field.at + 12, 4), at_ms);
    default:
        return SMPP_TIME_WRONG;
    }
}

bool smpp_time_write(int64_t at_ms, char out[SMPP_TIME_SIZE])
{
    out[0] = '\0';
    if (at_ms < time_days(1900 + PIVOT, 1, 1) * DAY_MS ||
        at_ms >= time_days(2000 + PIVOT, 1, 1) * DAY_MS)
        return false;
    struct tm at;
    int rest_ms;
    calendar_of(at_ms, &at, &rest_ms);
    int length =
        snprintf(out, SMPP_TIME_SIZE, "%02d%02d%02d%02d%02d%02d%d00+", at.tm_year % 100,
                 at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec, rest_ms / 100);
    must(length == SMPP_TIME_SIZE - 1);
    return true;
}

bool smpp_time_write_wait(int64_t wait_ms, char out[SMPP_TIME_SIZE])
{
    out[0] = '\0';
    if (wait_ms < 0 || wait_ms > LONGEST_WAIT_MS)
        return false;
    int seconds = (int)(wait_ms % DAY_MS / SECOND_MS);
    int length = snprintf(out, SMPP_TIME_SIZE, "0000%02d%02d%02d%02d000R", (int)(wait_ms / DAY_MS),
                          seconds / 3600, seconds / 60 % 60, seconds % 60);
    must(length == SMPP_TIME_SIZE - 1);
    return true;
}
