/* Hours: where a number may be, what the law says of that, and when a text may arrive there. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/zone.h"
#include "consent/hours.h"
#include "consent/law.h"
#include "consent/local_time.h"
#include "consent/number.h"

static struct places *places;
static const struct config_hours us = {.kind = CONFIG_HOURS_US};

static void setup(void)
{
    places = places_open();
}

static void teardown(void)
{
    places_close(places);
}

static int64_t at_of(const char *text)
{
    int64_t at;
    ck_assert_msg(time_read(octets_text(text), &at), "%s", text);
    return at;
}

static uint64_t number_of(const char *text)
{
    uint64_t number;
    ck_assert_msg(number_read(octets_text(text), NULL, &number) == NUMBER_OK, "%s", text);
    return number;
}

/* When a text to this person may arrive, from `at` on: as text, without milliseconds; "never". */
static const char *opens(const struct config_hours *hours, const char *number, const char *timezone,
                         const char *postal_code, const char *at)
{
    static char text[TIME_TEXT_SIZE];
    struct place place = places_find(places, number_of(number), timezone, postal_code);
    int64_t open_at = hours_open_at(places, &place, hours, at_of(at));
    if (open_at == HOURS_NEVER)
        return "never";
    time_write(open_at, text);
    strcpy(text + strlen("2026-11-23T16:00:00"), "Z");
    return text;
}

struct asked {
    const char *number, *timezone, *postal_code, *at, *opens; /* NULL: at once */
};

static void ask_all(const struct config_hours *hours, const struct asked *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *wanted = rows[i].opens == NULL ? rows[i].at : rows[i].opens;
        const char *is = opens(hours, rows[i].number, rows[i].timezone, rows[i].postal_code, rows[i].at);
        ck_assert_msg(strcmp(is, wanted) == 0, "%s %s %s at %s opens at %s, not at %s", rows[i].number,
                      rows[i].timezone, rows[i].postal_code, rows[i].at, wanted, is);
    }
}
#define ASK_ALL(hours, rows) ask_all(hours, rows, sizeof(rows) / sizeof *(rows))

/* R90: not before 8:00 nor after 21:00 at the recipient's place. 23 November 2026 is a Monday. */
START_TEST(the_federal_hours_are_those_of_the_area_code)
{
    static const struct asked rows[] = {
        {"+14155550123", "", "", "2026-11-23T15:59:59Z", "2026-11-23T16:00:00Z"},
        {"+14155550123", "", "", "2026-11-23T16:00:00Z", NULL},
        {"+14155550123", "", "", "2026-11-24T04:59:59Z", NULL},
        {"+14155550123", "", "", "2026-11-24T05:00:00Z", "2026-11-24T16:00:00Z"},
        {"+12125550123", "", "", "2026-11-23T12:59:00Z", "2026-11-23T13:00:00Z"},
        {"+13035550123", "", "", "2026-11-23T14:59:00Z", "2026-11-23T15:00:00Z"},
        {"+18085550123", "", "", "2026-11-23T16:00:00Z", "2026-11-23T18:00:00Z"},
        {"+17875550123", "", "", "2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"},
        {"+18765550123", "", "", "2026-11-23T12:30:00Z", "2026-11-23T13:00:00Z"}, /* Jamaica */
        {"+16715550123", "", "", "2026-11-23T12:00:00Z", "2026-11-23T22:00:00Z"}, /* Guam */
    };
    ASK_ALL(&us, rows);
}
END_TEST

/* R91 to R95, and the dates of their rows. */
START_TEST(a_states_own_hours_narrow_them)
{
    static const struct asked rows[] = {
        {"+13055550123", "", "", "2026-11-24T00:59:00Z", NULL}, /* Florida until 20:00 */
        {"+13055550123", "", "", "2026-11-24T01:00:00Z", "2026-11-24T13:00:00Z"},
        {"+14055550123", "", "", "2026-11-24T02:00:00Z", "2026-11-24T14:00:00Z"}, /* Oklahoma */
        {"+12065550123", "", "", "2026-11-24T04:00:00Z", "2026-11-24T16:00:00Z"}, /* Washington */
        {"+18605550123", "", "", "2026-11-23T13:00:00Z", "2026-11-23T14:00:00Z"}, /* Connecticut, 9:00 */
        {"+15025550123", "", "", "2026-11-23T13:00:00Z", "2026-11-23T15:00:00Z"}, /* Kentucky, 10:00 */
        {"+12145550123", "", "", "2026-11-28T14:00:00Z", "2026-11-28T15:00:00Z"}, /* Texas on a Saturday … */
        {"+12145550123", "", "", "2026-11-29T14:00:00Z", "2026-11-29T18:00:00Z"}, /* … and a Sunday … */
        {"+12145550123", "", "", "2025-08-31T12:00:00Z", "2025-08-31T13:00:00Z"}, /* … before its law … */
        {"+12145550123", "", "", "2025-09-01T12:00:00Z", "2025-09-01T14:00:00Z"}, /* … and on its first day */
        {"+15035550123", "", "", "2025-12-31T04:30:00Z", NULL},                   /* Oregon, from 2026 on */
        {"+15035550123", "", "", "2026-01-02T04:30:00Z", "2026-01-02T16:00:00Z"},
    };
    ASK_ALL(&us, rows);
}
END_TEST

START_TEST(sundays_and_holidays_are_closed_where_the_law_says_so)
{
    static const struct asked rows[] = {
        {"+12055550123", "", "", "2026-11-29T18:00:00Z", "2026-11-30T14:00:00Z"}, /* Alabama, a Sunday */
        {"+12055550123", "", "", "2026-11-26T18:00:00Z", "2026-11-27T14:00:00Z"}, /* Thanksgiving */
        {"+14015550123", "", "", "2026-11-28T22:00:00Z", "2026-11-30T14:00:00Z"}, /* Rhode Island, Saturday 17:00 */
        {"+14015550123", "", "", "2026-12-24T23:30:00Z", "2026-12-26T15:00:00Z"}, /* before Christmas */
        {"+18015550123", "", "", "2027-07-03T20:00:00Z", NULL},                   /* Utah: the 4th is a Sunday … */
        {"+18015550123", "", "", "2027-07-04T20:00:00Z", "2027-07-06T14:00:00Z"}, /* … and kept on Monday */
        {"+12125550123", "", "", "2026-11-26T18:00:00Z", NULL},                   /* New York has no such law */
    };
    ASK_ALL(&us, rows);
}
END_TEST

START_TEST(an_area_code_of_several_zones_is_open_where_all_of_them_are)
{
    static const struct asked rows[] = {
        {"+18505550123", "", "", "2026-11-23T13:30:00Z", "2026-11-23T14:00:00Z"}, /* the panhandle: Central opens … */
        {"+18505550123", "", "", "2026-11-24T01:30:00Z", "2026-11-24T14:00:00Z"}, /* … and Eastern closes */
        {"+14805550123", "", "", "2026-07-01T14:59:00Z", "2026-07-01T15:00:00Z"}, /* Arizona has no summer time … */
        {"+14805550123", "", "", "2026-07-02T03:30:00Z", NULL},
        {"+19285550123", "", "", "2026-07-02T03:30:00Z", "2026-07-02T15:00:00Z"}, /* … the Navajo Nation does */
        {"+19285550123", "", "", "2026-12-02T03:30:00Z", NULL},
        {"+13175550123", "", "", "2026-07-01T12:00:00Z", NULL},                   /* Indianapolis */
        {"+18125550123", "", "", "2026-07-01T12:00:00Z", "2026-07-01T13:00:00Z"}, /* Evansville may be Central */
        {"+12085550123", "", "", "2026-11-24T04:30:00Z", "2026-11-24T16:00:00Z"}, /* Idaho */
        {"+17095550123", "", "", "2026-11-23T12:30:00Z", "2026-11-23T13:00:00Z"}, /* Newfoundland and Labrador */
        {"+17095550123", "", "", "2026-11-24T00:30:00Z", "2026-11-24T13:00:00Z"},
        {"+19075550123", "", "", "2026-11-23T17:30:00Z", "2026-11-23T18:00:00Z"}, /* the Aleutians */
    };
    ASK_ALL(&us, rows);
}
END_TEST

START_TEST(canada_has_hours_of_its_own)
{
    static const struct asked rows[] = {
        {"+14165550123", "", "", "2026-11-23T13:30:00Z", "2026-11-23T14:00:00Z"},
        {"+14165550123", "", "", "2026-11-24T02:00:00Z", "2026-11-24T14:00:00Z"}, /* 21:00: R90 is stricter */
        {"+14165550123", "", "", "2026-11-28T14:30:00Z", "2026-11-28T15:00:00Z"}, /* Saturday, from 10:00 … */
        {"+14165550123", "", "", "2026-11-29T23:00:00Z", "2026-11-30T14:00:00Z"}, /* … Sunday, until 18:00 */
        {"+13065550123", "", "", "2026-07-01T15:00:00Z", NULL},                   /* Saskatchewan, without summer time … */
        {"+13065550123", "", "", "2026-07-02T02:30:00Z", NULL},
        {"+13065550123", "", "", "2026-07-02T03:00:00Z", "2026-07-02T15:00:00Z"},
        {"+12505550123", "", "", "2026-11-23T16:30:00Z", "2026-11-23T17:00:00Z"}, /* … and British Columbia */
    };
    ASK_ALL(&us, rows);
}
END_TEST

START_TEST(an_area_code_of_no_table_may_be_anywhere)
{
    static const struct asked rows[] = {
        {"+12385550123", "", "", "2026-11-23T14:00:00Z", "2026-11-23T20:00:00Z"}, /* 10:00 in Honolulu … */
        {"+12385550123", "", "", "2026-11-23T21:29:00Z", NULL},
        {"+12385550123", "", "", "2026-11-23T21:30:00Z", "2026-11-24T20:00:00Z"}, /* … to 18:00 in St John's */
        {"+12385550123", "", "", "2026-11-28T20:31:00Z", "2026-11-30T20:00:00Z"}, /* never on a Sunday */
        {"+12385550123", "", "", "2026-07-06T20:00:00Z", NULL},
        {"+18005550123", "", "", "2026-11-23T14:00:00Z", "2026-11-23T20:00:00Z"}, /* of no place */
        {"+12385550123", "America/New_York", "", "2026-11-23T14:00:00Z", "2026-11-23T15:00:00Z"},
    };
    ASK_ALL(&us, rows);
}
END_TEST

/* R97: the states of the area code and of the address both count. */
START_TEST(what_came_with_the_consent_counts)
{
    static const struct asked rows[] = {
        {"+14155550123", "America/New_York", "", "2026-11-23T13:00:00Z", NULL},
        {"+14155550123", "America/New_York", "", "2026-11-24T02:00:00Z", "2026-11-24T13:00:00Z"},
        {"+14055550123", "America/Los_Angeles", "", "2026-11-24T03:59:00Z", NULL}, /* Oklahoma's law, there */
        {"+14055550123", "America/Los_Angeles", "", "2026-11-24T04:00:00Z", "2026-11-24T16:00:00Z"},
        {"+14155550123", "Europe/London", "", "2026-11-23T08:00:00Z", NULL},
        {"+14155550123", "Mars/Olympus", "", "2026-11-23T13:00:00Z", "2026-11-23T16:00:00Z"}, /* as left out */
        {"+14155550123", "", "10001", "2026-11-23T13:00:00Z", "2026-11-23T16:00:00Z"}, /* both clocks … */
        {"+14155550123", "", "10001", "2026-11-24T02:00:00Z", "2026-11-24T16:00:00Z"},
        {"+14155550123", "", "75201-1234", "2026-11-29T17:00:00Z", "2026-11-29T20:00:00Z"}, /* … Texas's law */
        {"+14155550123", "America/Chicago", "75201", "2026-11-29T17:00:00Z", "2026-11-29T18:00:00Z"},
        {"+14155550123", "America/New_York", "94103", "2026-11-23T13:00:00Z", "2026-11-23T16:00:00Z"},
        {"+14155550123", "", "k1a 0b6", "2026-11-28T22:59:00Z", NULL}, /* Ottawa, on a Saturday */
        {"+14155550123", "", "K1A0B6", "2026-11-28T23:00:00Z", "2026-11-29T18:00:00Z"},
        {"+14155550123", "", "00000", "2026-11-23T13:00:00Z", "2026-11-23T16:00:00Z"}, /* as left out */
        {"+14155550123", "", "SW1A 1AA", "2026-11-23T13:00:00Z", "2026-11-23T16:00:00Z"},
        {"+14155550123", "", "09012", "2026-11-23T18:00:00Z", "never"}, /* the army's post, of no place … */
        {"+14155550123", "Europe/Berlin", "09012", "2026-11-23T06:30:00Z", "2026-11-23T07:00:00Z"},
        {"+442079460958", "", "", "2026-11-23T12:00:00Z", "never"}, /* another plan */
        {"+442079460958", "Europe/London", "", "2026-11-23T07:30:00Z", "2026-11-23T08:00:00Z"},
    };
    ASK_ALL(&us, rows);
}
END_TEST

START_TEST(summer_time_comes_and_goes_in_the_night)
{
    static const struct asked rows[] = {
        {"+12125550123", "", "", "2027-03-13T10:00:00Z", "2027-03-13T13:00:00Z"},
        {"+12125550123", "", "", "2027-03-14T06:59:59Z", "2027-03-14T12:00:00Z"},
        {"+12125550123", "", "", "2026-10-31T10:00:00Z", "2026-10-31T12:00:00Z"},
        {"+12125550123", "", "", "2026-11-01T04:00:00Z", "2026-11-01T13:00:00Z"},
        {"+12125550123", "America/Phoenix", "", "2026-11-01T04:00:00Z", "2026-11-01T15:00:00Z"},
    };
    ASK_ALL(&us, rows);
}
END_TEST

/* A program's own hours may begin in an hour that a day lacks, or has twice. */
START_TEST(own_hours_stand_in_the_place_of_the_laws)
{
    static const struct config_hours early = {CONFIG_HOURS_OWN, 150, 1200}; /* 02:30-20:00 */
    static const struct config_hours twice = {CONFIG_HOURS_OWN, 90, 1200};  /* 01:30-20:00 */
    static const struct config_hours day = {CONFIG_HOURS_OWN, 0, 1440};
    static const struct asked lacking[] = {
        {"+12125550123", "", "", "2027-03-14T06:00:00Z", "2027-03-14T07:30:00Z"},
        {"+12125550123", "", "", "2027-03-14T07:00:00Z", NULL}, /* 03:00, a second after 01:59:59 */
        {"+12125550123", "", "", "2027-03-15T00:00:00Z", "2027-03-15T06:30:00Z"},
    };
    static const struct asked double_hour[] = {
        {"+12125550123", "", "", "2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z"},
        {"+12125550123", "", "", "2026-11-01T05:59:59Z", NULL},
        {"+12125550123", "", "", "2026-11-01T06:10:00Z", "2026-11-01T06:30:00Z"}, /* 01:10 once more */
    };
    static const struct asked always[] = {{"+12145550123", "", "", "2026-11-29T06:00:00Z", NULL}};
    ASK_ALL(&early, lacking);
    ASK_ALL(&twice, double_hour);
    ASK_ALL(&day, always);
    ck_assert_str_eq(opens(&(struct config_hours){.kind = CONFIG_HOURS_OFF}, "+442079460958", "", "",
                           "2026-11-23T03:00:00Z"), "2026-11-23T03:00:00Z");
}
END_TEST

/* Whatever the area: it opens within five days, and is shut in every minute before. */
START_TEST(every_area_code_opens_and_not_a_minute_late)
{
    static const char *const starts[] = {"2026-11-25T23:10:00Z", "2027-03-14T01:40:00Z",
                                         "2026-10-31T22:20:00Z", "2026-07-03T21:00:00Z"};
    for (unsigned area = 200; area < 1000; area++) {
        struct place place = places_find(places, UINT64_C(10005550123) + area * UINT64_C(10000000), "", "");
        ck_assert(place.zones != 0);
        for (unsigned bit = 0; bit < PLACE_ZONES; bit++)
            ck_assert_msg((place.zones >> bit & 1) == 0 || places_zone(places, bit) != NULL, "%u", area);
        int64_t at = at_of(starts[area % 4]);
        int64_t open_at = hours_open_at(places, &place, &us, at);
        ck_assert_msg(open_at < at + INT64_C(5) * 86400000, "%u", area);
        for (; at < open_at; at += 60000)
            ck_assert_msg(hours_open_at(places, &place, &us, at) == open_at, "%u at %lld", area, (long long)at);
        ck_assert_int_eq(hours_open_at(places, &place, &us, open_at), open_at);
    }
}
END_TEST

/* What the zone's clock shows at an instant. */
static int64_t shown(const struct zone *zone, int64_t at_ms)
{
    return at_ms / 1000 + zone_offset_s(zone, at_ms / 1000);
}

/* Whatever the area, and also on the nights in which clocks are changed: in none of its zones before the time, and in one of them at
 * it, or, where a clock lacks it, at most an hour behind it. */
START_TEST(a_local_time_comes_in_no_zone_before_its_hour)
{
    static const char *const wanted[] = {"2026-11-29T10:00", "2027-03-14T02:30", "2026-11-01T01:30", "2026-12-31T23:59:59"};
    for (unsigned area = 200; area < 1000; area++) {
        int64_t local_s, least_late = INT64_MAX;
        struct local_time local;
        struct place place = places_find(places, UINT64_C(10005550123) + area * UINT64_C(10000000), "", "");
        ck_assert(time_read_local(octets_text(wanted[area % 4]), &local_s));
        ck_assert(local_time_find(places, &place, "", local_s, &local));
        for (unsigned bit = 0; bit < PLACE_ZONES; bit++) {
            if ((place.zones >> bit & 1) == 0)
                continue;
            int64_t late = shown(places_zone(places, bit), local.at_ms) - local_s;
            ck_assert_msg(late >= 0 || area % 4 == 2, "%u by %lld", area, (long long)late);
            least_late = late < least_late ? late : least_late;
        }
        ck_assert_msg(least_late <= 3600, "%u by %lld", area, (long long)least_late);
    }
}
END_TEST

START_TEST(a_local_time_is_of_the_consents_zone_and_of_no_place_that_nobody_knows)
{
    int64_t local_s;
    struct local_time local;
    ck_assert(time_read_local(octets_text("2026-11-29T10:00"), &local_s));
    struct place place = places_find(places, number_of("+442079460958"), "Europe/London", "");
    ck_assert(local_time_find(places, &place, "Europe/London", local_s, &local));
    ck_assert_int_eq(local.at_ms, at_of("2026-11-29T10:00:00Z"));
    ck_assert_uint_eq(local.zones, 1);
    ck_assert_str_eq(local.last, "Europe/London");
    place = places_find(places, number_of("+442079460958"), "", "");
    ck_assert(!local_time_find(places, &place, "", local_s, &local));
    place = places_find(places, number_of("+18505550123"), "", "");
    ck_assert(local_time_find(places, &place, "", local_s, &local));
    ck_assert_uint_eq(local.zones, 2);
    ck_assert_str_eq(local.first, "America/New_York");
    ck_assert_str_eq(local.last, "America/Chicago");
}
END_TEST

START_TEST(a_local_time_is_a_date_and_a_time_of_day_without_an_offset)
{
    static const char *const wrong[] = {"", "2026-11-29", "10:00", "2026-11-29T10", "2026-11-29T10:0", "2026-11-29T10:00Z",
                                        "2026-11-29T10:00+01:00", "2026-11-29T24:00", "2026-11-29T10:60", "2026-02-29T10:00",
                                        "2026-11-29T10:00:60", "2026-11-29T10:00:00.5", "2026-11-29T10:00 ", " 2026-11-29T10:00",
                                        "26-11-29T10:00", "2026-11-29T10:00:"};
    int64_t local_s;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!time_read_local(octets_text(wrong[i]), &local_s), "%s", wrong[i]);
    ck_assert(time_read_local(octets_text("1970-01-02T00:01:05"), &local_s));
    ck_assert_int_eq(local_s, 86400 + 65);
    ck_assert(time_read_local(octets_text("1970-01-01 00:00"), &local_s));
    ck_assert_int_eq(local_s, 0);
}
END_TEST

START_TEST(what_a_consent_may_bring_is_known_or_not)
{
    static const char *const good[] = {"10001", "10001-0001", "K1A 0B6", "k1a0b6", "V6B-1A1", "09012", "96799"};
    static const char *const bad[] = {"", "1000", "100012", "10001-", "10001-00011", "00000", "K1A", "K1A 0B66",
                                      "D1A 0B6", "SW1A 1AA", "N/A", " 10001", "\xc3\x89"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(places_know_postal_code(places, good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!places_know_postal_code(places, bad[i]), "%s", bad[i]);
    ck_assert(places_know_timezone(places, "America/Indiana/Knox"));
    ck_assert(!places_know_timezone(places, "EST/EDT"));
    places_refresh(places);
    ck_assert(places_know_timezone(places, "America/New_York"));
}
END_TEST

/* After a refresh the clocks are those of the files that are there now; a zone whose file is gone is never open. */
START_TEST(a_refresh_takes_over_what_the_system_says_now)
{
    char directory[] = "/tmp/assent-hours-XXXXXX", command[200];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(command, sizeof command,
             "mkdir %s/America && cp /usr/share/zoneinfo/America/New_York %s/America/Los_Angeles", directory,
             directory);
    ck_assert_int_eq(system(command), 0);
    setenv("TZDIR", directory, 1);
    ck_assert_str_eq(opens(&us, "+14155550123", "", "", "2026-11-23T12:00:00Z"), "2026-11-23T16:00:00Z");
    places_refresh(places);
    ck_assert_str_eq(opens(&us, "+14155550123", "", "", "2026-11-23T12:00:00Z"), "2026-11-23T13:00:00Z");
    ck_assert_str_eq(opens(&us, "+13035550123", "", "", "2026-11-23T18:00:00Z"), "never");
    unsetenv("TZDIR");
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(the_least_cap_of_all_states_counts)
{
    int64_t day = time_days(2026, 11, 23);
    ck_assert_int_eq(law_cap(law_of("FL"), day), 3);
    ck_assert_int_eq(law_cap(law_of("CA"), day), 0);
    ck_assert_int_eq(law_cap(law_of("CA OK"), day), 3);
    ck_assert_int_eq(law_cap(law_of(LAW_ANYWHERE), day), 3);
    ck_assert_int_eq(law_cap(law_of("OR"), time_days(2025, 12, 31)), 0);
    ck_assert_int_eq(law_cap(law_of("OR"), time_days(2026, 1, 1)), 3);
    struct window window = law_window(law_of(""), day);
    ck_assert_int_eq(window.from, 480);
    ck_assert_int_eq(window.to, 1260);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hours");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, the_federal_hours_are_those_of_the_area_code);
    tcase_add_test(all, a_states_own_hours_narrow_them);
    tcase_add_test(all, sundays_and_holidays_are_closed_where_the_law_says_so);
    tcase_add_test(all, an_area_code_of_several_zones_is_open_where_all_of_them_are);
    tcase_add_test(all, canada_has_hours_of_its_own);
    tcase_add_test(all, an_area_code_of_no_table_may_be_anywhere);
    tcase_add_test(all, what_came_with_the_consent_counts);
    tcase_add_test(all, summer_time_comes_and_goes_in_the_night);
    tcase_add_test(all, own_hours_stand_in_the_place_of_the_laws);
    tcase_add_test(all, every_area_code_opens_and_not_a_minute_late);
    tcase_add_test(all, a_local_time_comes_in_no_zone_before_its_hour);
    tcase_add_test(all, a_local_time_is_of_the_consents_zone_and_of_no_place_that_nobody_knows);
    tcase_add_test(all, a_local_time_is_a_date_and_a_time_of_day_without_an_offset);
    tcase_add_test(all, what_a_consent_may_bring_is_known_or_not);
    tcase_add_test(all, a_refresh_takes_over_what_the_system_says_now);
    tcase_add_test(all, the_least_cap_of_all_states_counts);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
