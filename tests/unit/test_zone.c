/* Time zones, held against the C library's reading of the same files. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/octets.h"
#include "base/zone.h"

#define YEAR_S INT64_C(31556952)

static struct zones *zones;

static void setup(void)
{
    zones = zones_open();
}

static void teardown(void)
{
    zones_close(zones);
    unsetenv("TZDIR");
}

static const char *const names[] = {
    "America/New_York",  "America/Chicago",    "America/Denver",       "America/Phoenix",
    "America/Boise",     "America/Los_Angeles", "America/Anchorage",   "America/Adak",
    "Pacific/Honolulu",  "America/Detroit",    "America/Indiana/Indianapolis",
    "America/Indiana/Knox", "America/Kentucky/Louisville", "America/North_Dakota/Center",
    "America/St_Johns",  "America/Goose_Bay",  "America/Halifax",      "America/Moncton",
    "America/Toronto",   "America/Atikokan",   "America/Blanc-Sablon", "America/Winnipeg",
    "America/Regina",    "America/Edmonton",   "America/Vancouver",    "America/Fort_Nelson",
    "America/Whitehorse", "America/Rankin_Inlet", "America/Puerto_Rico", "America/Jamaica",
    "America/Grand_Turk", "America/Havana",    "Pacific/Guam",         "Pacific/Pago_Pago",
    "Pacific/Majuro",    "Atlantic/Bermuda",   "Europe/Dublin",        "Europe/London",
    "Africa/Casablanca", "Asia/Kathmandu",     "Asia/Jerusalem",       "America/Asuncion",
    "Australia/Lord_Howe", "Pacific/Chatham",  "Pacific/Apia",         "Etc/GMT+5",
    "EST5EDT",           "UTC",                "Antarctica/Troll",     "America/Nuuk",
};

static int32_t library_offset(int64_t at_s)
{
    struct tm local;
    time_t at = (time_t)at_s;
    ck_assert_ptr_nonnull(localtime_r(&at, &local));
    return (int32_t)local.tm_gmtoff;
}

START_TEST(offsets_are_those_of_the_c_library)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct zone *zone = zones_find(zones, names[i]);
        ck_assert_msg(zone != NULL, "%s", names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        for (int64_t at_s = 0; at_s < 229 * YEAR_S; at_s += 5 * 86400 + 3671)
            ck_assert_msg(zone_offset_s(zone, at_s) == library_offset(at_s),
                          "%s at %lld: %d, %d", names[i], (long long)at_s, zone_offset_s(zone, at_s),
                          library_offset(at_s));
    }
}
END_TEST

START_TEST(every_second_around_a_change_is_right)
{
    static const struct {
        const char *zone, *at; /* the first instant of the new offset */
        int before_min, after_min;
    } rows[] = {
        {"America/New_York", "2027-03-14T07:00:00Z", -300, -240},
        {"America/New_York", "2026-11-01T06:00:00Z", -240, -300},
        {"America/Los_Angeles", "2060-03-14T10:00:00Z", -480, -420}, /* beyond what the file lists */
        {"America/St_Johns", "2027-03-14T05:30:00Z", -210, -150},
        {"America/Havana", "2027-03-14T05:00:00Z", -300, -240}, /* at midnight */
        {"Australia/Lord_Howe", "2026-10-03T15:30:00Z", 630, 660}, /* by half an hour */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t at_ms;
        const struct zone *zone = zones_find(zones, rows[i].zone);
        ck_assert(time_read(octets_text(rows[i].at), &at_ms));
        ck_assert_int_eq(zone_offset_s(zone, at_ms / 1000 - 1), rows[i].before_min * 60);
        ck_assert_int_eq(zone_offset_s(zone, at_ms / 1000), rows[i].after_min * 60);
    }
}
END_TEST

START_TEST(a_name_that_is_none_finds_nothing)
{
    static const char *const none[] = {
        "",         "America",        "America/Nowhere", "america/new_york", "../zoneinfo/UTC",
        "/etc/passwd", "/usr/share/zoneinfo/UTC", "America/New York", "tzdata.zi", "zone.tab",
        "America/New_York/", "A/very/long/name/that/goes/on/and/on/and/on/until/it/is/too/long/for/one",
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_msg(zones_find(zones, none[i]) == NULL, "%s", none[i]);
    ck_assert_ptr_eq(zones_find(zones, "UTC"), zones_find(zones, "UTC"));
}
END_TEST

/* A zone's file, cut and bent: it is read as a zone or not at all. */
START_TEST(a_damaged_file_is_no_zone)
{
    uint8_t good[8192];
    char directory[] = "/tmp/assent-zone-XXXXXX", path[80];
    FILE *file = fopen("/usr/share/zoneinfo/America/New_York", "rb");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(good, 1, sizeof good, file);
    fclose(file);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/Zone", directory);
    setenv("TZDIR", directory, 1);
    for (size_t cut = 0; cut < size; cut += cut < 200 || cut + 40 > size ? 1 : 97) {
        file = fopen(path, "wb");
        fwrite(good, 1, cut, file);
        fclose(file);
        ck_assert_msg(zones_find(zones, "Zone") == NULL, "%zu octets of %zu", cut, size);
    }
    for (size_t at = 0; at < size; at += at < 100 ? 1 : 13) { /* no more than: it doesn't crash */
        uint8_t was = good[at];
        good[at] ^= 0xff;
        file = fopen(path, "wb");
        fwrite(good, 1, size, file);
        fclose(file);
        struct zones *other = zones_open();
        const struct zone *zone = zones_find(other, "Zone");
        if (zone != NULL)
            zone_offset_s(zone, 1795426200);
        zones_close(other);
        good[at] = was;
    }
    unlink(path);
    ck_assert_ptr_null(zones_find(zones, "America/New_York")); /* it isn't there */
    rmdir(directory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("zone");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, offsets_are_those_of_the_c_library);
    tcase_add_test(all, every_second_around_a_change_is_right);
    tcase_add_test(all, a_name_that_is_none_finds_nothing);
    tcase_add_test(all, a_damaged_file_is_no_zone);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
