/* The ground that all stands on: digests, octets, regions, times, and the order of a turn. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/draft.h"
#include "base/histogram.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/octets.h"
#include "base/process.h"
#include "base/region.h"

/* The clocks, turned by hand: they take the place of base/clock.c. */
static int64_t mono_ms = 1000;

int64_t clock_mono_ms(void)
{
    return mono_ms;
}

int64_t clock_wall_ms(void)
{
    return mono_ms;
}

/* ---- digests ---- */

START_TEST(sha_256_gives_what_the_standard_says)
{
    char hex[DIGEST_HEX_SIZE]; /* FIPS 180-4, examples */
    digest_sha256_hex(octets_text("abc"), hex);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256_hex(octets_of(NULL, 0), hex);
    ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha256_hex(octets_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hex);
    ck_assert_str_eq(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
END_TEST

START_TEST(digests_are_equal_when_every_octet_is)
{
    uint8_t a[DIGEST_SIZE] = {0}, b[DIGEST_SIZE] = {0};
    ck_assert(digest_equal(a, b));
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        b[i] = 1;
        ck_assert(!digest_equal(a, b));
        b[i] = 0;
    }
}
END_TEST

START_TEST(random_bits_stay_within_their_number_and_use_all_of_it)
{
    int64_t seen = 0;
    for (int i = 0; i < 200; i++) {
        ck_assert(random_bits(63) >= 0);
        int64_t few = random_bits(3);
        ck_assert(few >= 0 && few < 8);
        seen |= INT64_C(1) << few;
    }
    ck_assert_int_eq(seen, 255);
}
END_TEST

/* ---- octets ---- */

START_TEST(hexadecimal_is_written_small_and_read_of_either_case)
{
    char hex[9];
    uint8_t octets[4];
    octets_to_hex(octets_of("\x00\x0f\xf0\xff", 4), hex);
    ck_assert_str_eq(hex, "000ff0ff");
    ck_assert(octets_from_hex(octets_text("000FF0ff"), octets));
    ck_assert_mem_eq(octets, "\x00\x0f\xf0\xff", 4);
    ck_assert(octets_from_hex(octets_of(NULL, 0), octets));
    static const char *const bad[] = {"0", "000", "0g", "g0", " 0", "0x", "-1", "00 "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!octets_from_hex(octets_text(bad[i]), octets), "%s", bad[i]);
}
END_TEST

START_TEST(octets_become_text_only_if_they_fit_and_hold_no_nul)
{
    char out[4] = "xyz";
    ck_assert(octets_copy_text(octets_text("abc"), out, sizeof out));
    ck_assert_str_eq(out, "abc");
    ck_assert(!octets_copy_text(octets_text("abcd"), out, sizeof out));
    ck_assert_str_eq(out, "");
    ck_assert(!octets_copy_text(octets_of("a\0b", 3), out, sizeof out));
    ck_assert_str_eq(out, "");
    ck_assert(octets_copy_text(octets_of(NULL, 0), out, sizeof out));
    ck_assert(octets_equal(octets_of(NULL, 0), octets_text("")));
    ck_assert(octets_equal(octets_text(NULL), octets_text("")));
    ck_assert(!octets_equal(octets_text("ab"), octets_text("abc")));
    ck_assert(!octets_equal(octets_of("a\0b", 3), octets_of("a\0c", 3)));
}
END_TEST

/* ---- regions ---- */

START_TEST(memory_of_a_region_is_zeroed_aligned_and_nobody_elses)
{
    static const uint8_t zeros[3000];
    struct region *region = region_new();
    for (int round = 0; round < 3; round++) {
        uint8_t *last = NULL;
        for (size_t size = 1; size < 3000; size += 7) {
            uint8_t *at = region_get(region, size);
            ck_assert_uint_eq((uintptr_t)at % _Alignof(max_align_t), 0);
            ck_assert_mem_eq(at, zeros, size);
            memset(at, 0xee, size);
            ck_assert(at != last);
            last = at;
        }
        uint8_t *large = region_get(region, 1000000);
        ck_assert(large[0] == 0 && large[999999] == 0);
        region_clear(region);
    }
    region_free(region);
    region_free(NULL);
}
END_TEST

START_TEST(texts_in_a_region_are_copies_with_a_nul_behind)
{
    char text[] = "abc";
    struct region *region = region_new();
    char *copy = region_text(region, octets_text(text));
    struct octets octets = region_copy(region, octets_of("a\0b", 3));
    text[0] = 'x';
    ck_assert_str_eq(copy, "abc");
    ck_assert_mem_eq(octets.at, "a\0b\0", 4);
    ck_assert_str_eq(region_text(region, octets_of(NULL, 0)), "");
    ck_assert_str_eq(region_format(region, "%s-%d", "a", 7), "a-7");
    region_free(region);
}
END_TEST

/* ---- times ---- */

/* What they are was computed elsewhere. */
static const struct {
    const char *text;
    int64_t wall_ms;
} times[] = {
    {"1970-01-01T00:00:00.000Z", 0},
    {"1969-12-31T23:59:59.999Z", -1},
    {"2026-11-23T09:30:00.000Z", INT64_C(1795426200000)},
    {"2000-02-29T12:00:00.001Z", INT64_C(951825600001)},
    {"1900-02-28T00:00:00.000Z", INT64_C(-2203977600000)},
    {"1900-03-01T00:00:00.000Z", INT64_C(-2203891200000)},
    {"2100-02-28T23:59:59.999Z", INT64_C(4107542399999)},
    {"0001-01-01T00:00:00.000Z", INT64_C(-62135596800000)},
    {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
};

START_TEST(a_time_is_written_and_read_as_one_and_the_same)
{
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char text[TIME_TEXT_SIZE];
        int64_t wall_ms;
        time_write(times[i].wall_ms, text);
        ck_assert_str_eq(text, times[i].text);
        ck_assert_msg(time_read(octets_text(times[i].text), &wall_ms), "%s", times[i].text);
        ck_assert_int_eq(wall_ms, times[i].wall_ms);
    }
}
END_TEST

START_TEST(every_form_that_the_rfc_allows_is_read)
{
    static const char *const same[] = {
        "2026-11-23T09:30:00Z",         "2026-11-23t09:30:00z",      "2026-11-23 09:30:00Z",
        "2026-11-23T03:30:00-06:00",    "2026-11-23T15:00:00+05:30", "2026-11-24T08:30:00+23:00",
        "2026-11-23T09:30:00.0000009Z", "2026-11-23T09:29:60Z",      "2026-11-23T09:30:00-00:00"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        int64_t wall_ms = 0;
        ck_assert_msg(time_read(octets_text(same[i]), &wall_ms), "%s", same[i]);
        ck_assert_msg(wall_ms == INT64_C(1795426200000), "%s: %lld", same[i], (long long)wall_ms);
    }
    int64_t wall_ms;
    ck_assert(time_read(octets_text("2026-11-23T09:30:00.9999Z"), &wall_ms));
    ck_assert_int_eq(wall_ms, INT64_C(1795426200999)); /* cut, not rounded */
    ck_assert(time_read(octets_text("2026-11-23T09:30:00.5Z"), &wall_ms));
    ck_assert_int_eq(wall_ms, INT64_C(1795426200500));
}
END_TEST

START_TEST(what_is_no_time_or_a_day_of_no_calendar_is_refused)
{
    static const char *const bad[] = {
        "",
        "2026-11-23",
        "2026-11-23T09:30:00",
        "2026-11-23T09:30Z",
        "2026-11-23T09:30:00.Z",
        "2026-11-23T09:30:00,5Z",
        "2026-11-23T09:30:00Z ",
        " 2026-11-23T09:30:00Z",
        "2026-11-23T09:30:00ZZ",
        "2026-11-23T09:30:00+0600",
        "2026-11-23T09:30:00+24:00",
        "2026-11-23T09:30:00+05:60",
        "2026-11-23T09:30:00+5:00",
        "2026-11-23T24:00:00Z",
        "2026-11-23T09:60:00Z",
        "2026-11-23T09:30:61Z",
        "2026-11-31T09:30:00Z",
        "2026-02-29T09:30:00Z",
        "2100-02-29T09:30:00Z",
        "2026-00-10T09:30:00Z",
        "2026-13-10T09:30:00Z",
        "2026-10-00T09:30:00Z",
        "26-11-23T09:30:00Z",
        "+2026-11-23T09:30:00Z",
        "2026-1-23T09:30:00Z",
        "11/23/2026 09:30:00Z",
        "0000-01-01T00:30:00+01:00", /* of the year before the first that has four digits */
        "9999-12-31T23:30:00-01:00",
        "1795426200000",
    };
    int64_t wall_ms;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!time_read(octets_text(bad[i]), &wall_ms), "%s", bad[i]);
    ck_assert(!time_read(octets_of("2026-11-23T09:30:00Z\0", 21), &wall_ms));
    ck_assert(!time_read(octets_of("2026-11-23\0"
                                   "09:30:00Z",
                                   20),
                         &wall_ms));
}
END_TEST

START_TEST(every_day_of_four_hundred_years_follows_the_one_before_it)
{
    int64_t expected = time_days(1800, 1, 1), gaps = 0;
    for (int year = 1800; year < 2200; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; time_is_date(year, month, day); day++)
                gaps += time_days(year, month, day) != expected++;
    ck_assert_int_eq(gaps, 0);
    ck_assert_int_eq(expected - time_days(1800, 1, 1), 146097);
    ck_assert(time_is_date(2000, 2, 29) && !time_is_date(1900, 2, 29) &&
              !time_is_date(2026, 4, 31));
    ck_assert(!time_is_date(2026, 1, 32) && !time_is_date(2026, 0, 1) &&
              !time_is_date(2026, 13, 1));
}
END_TEST

START_TEST(a_duration_is_a_count_and_one_unit)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"30s", 30000},
                {"5m", 300000},
                {"12h", 43200000},
                {"730d", INT64_C(63072000000)},
                {"0s", 0}};
    static const char *const bad[] = {"",      "s",   "30",      "30 s",
                                      "-1s",   "+1s", "1.5h",    "1w",
                                      "1h30m", "30S", "100001d", "99999999999999999999d"};
    int64_t ms;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert(time_read_duration(octets_text(good[i].text), &ms));
        ck_assert_int_eq(ms, good[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!time_read_duration(octets_text(bad[i]), &ms), "%s", bad[i]);
}
END_TEST

/* ---- turns ---- */

static struct loop *loop;
static char story[200];

static void loop_setup(void)
{
    loop = loop_open();
    story[0] = '\0';
}

static void loop_teardown(void)
{
    loop_close(loop);
}

static void say(void *word)
{
    strcat(story, word);
}

static void stop(void *owner)
{
    (void)owner;
    loop_stop(loop);
}

static void one_turn(void)
{
    loop_again(loop);
    loop_run(loop);
}

static char a[] = "a ", b[] = "b ", c[] = "c ", d[] = "d ", e[] = "e ";

START_TEST(a_turn_hears_dispatches_commits_releases_and_buries)
{
    struct timer timer = {0};
    loop_at(loop, LOOP_RELEASE, say, d);
    loop_at(loop, LOOP_COMMIT, say, c);
    loop_at(loop, LOOP_DISPATCH, say, b);
    loop_at(loop, LOOP_DISPATCH, stop, NULL); /* the turn is finished all the same */
    loop_bury(loop, say, e);
    timer_set(loop, &timer, 0, say, a);
    uint64_t turn = loop_turn(loop);
    one_turn();
    ck_assert_str_eq(story, "a b c d e ");
    ck_assert_uint_eq(loop_turn(loop), turn + 1);
    one_turn();
    ck_assert_str_eq(story, "a b c d e b c d ");
}
END_TEST

START_TEST(steps_of_a_stage_run_in_the_order_in_which_they_were_named)
{
    loop_at(loop, LOOP_DISPATCH, say, b);
    loop_at(loop, LOOP_DISPATCH, say, a);
    loop_at(loop, LOOP_DISPATCH, stop, NULL);
    loop_at(loop, LOOP_DISPATCH, say, c);
    one_turn();
    ck_assert_str_eq(story, "b a c ");
}
END_TEST

static void bury_again(void *owner)
{
    say(owner);
    loop_bury(loop, say, e);
}

START_TEST(what_a_burial_hands_in_is_buried_too_and_nothing_twice)
{
    loop_at(loop, LOOP_DISPATCH, stop, NULL);
    loop_bury(loop, bury_again, a);
    for (int i = 0; i < 40; i++)
        loop_bury(loop, say, b);
    one_turn();
    ck_assert_uint_eq(strlen(story), 2 * 42);
    ck_assert_str_eq(story + 2 * 41, "e ");
    one_turn();
    ck_assert_uint_eq(strlen(story), 2 * 42);
}
END_TEST

START_TEST(what_is_to_be_buried_when_the_loop_closes_is_buried)
{
    loop_bury(loop, say, a);
    loop_close(loop);
    ck_assert_str_eq(story, "a ");
    loop = NULL;
}
END_TEST

START_TEST(the_memory_of_a_turn_ends_with_it)
{
    loop_at(loop, LOOP_DISPATCH, stop, NULL);
    char *first = region_text(loop_region(loop), octets_text("of this turn"));
    ck_assert_str_eq(first, "of this turn");
    one_turn();
    ck_assert_ptr_eq(region_get(loop_region(loop), 8), first); /* and is used anew */
}
END_TEST

/* ---- timers ---- */

START_TEST(timers_ring_in_the_order_of_their_times_and_once)
{
    struct timer timers[5] = {{0}};
    static const int64_t waits[5] = {8, 2, 4, 0, 6};
    static char *const words[5] = {e, b, c, a, d};
    loop_at(loop, LOOP_DISPATCH, stop, NULL);
    for (size_t i = 0; i < 5; i++)
        timer_set(loop, &timers[i], waits[i], say, words[i]);
    ck_assert_str_eq(story, ""); /* never from inside timer_set */
    mono_ms += 3;
    one_turn();
    ck_assert_str_eq(story, "a b ");
    mono_ms += 5;
    one_turn();
    ck_assert_str_eq(story, "a b c d e ");
    for (size_t i = 0; i < 5; i++)
        ck_assert(!timer_is_set(&timers[i]));
    one_turn();
    ck_assert_str_eq(story, "a b c d e ");
}
END_TEST

START_TEST(a_timer_that_was_cleared_is_silent_and_one_set_anew_rings_at_its_new_time)
{
    struct timer one = {0}, two = {0}, three = {0};
    loop_at(loop, LOOP_DISPATCH, stop, NULL);
    timer_set(loop, &one, 0, say, a);
    timer_set(loop, &two, 0, say, b);
    timer_set(loop, &three, -5, say, c); /* the past is now */
    timer_clear(loop, &two);
    timer_clear(loop, &two); /* a second time does nothing */
    ck_assert(!timer_is_set(&two));
    timer_set(loop, &one, 3, say, d);
    one_turn();
    ck_assert_str_eq(story, "c ");
    mono_ms += 3;
    one_turn();
    ck_assert_str_eq(story, "c d ");
}
END_TEST

static int64_t commit_ms;

static void commit_slowly(void *owner)
{
    (void)owner;
    mono_ms += commit_ms;
    commit_ms = 0;
}

START_TEST(a_commit_that_stalls_counts_against_no_timer)
{
    struct timer one = {0}, two = {0};
    loop_at(loop, LOOP_DISPATCH, stop, NULL);
    loop_at(loop, LOOP_COMMIT, commit_slowly, NULL);
    timer_set(loop, &one, 1000, say, a);
    timer_set(loop, &two, 500, say, b);
    commit_ms = 40000;
    one_turn();
    one_turn();
    ck_assert_str_eq(story, "");
    mono_ms += 500;
    one_turn();
    ck_assert_str_eq(story, "b ");
    commit_ms = 499; /* a slow disk is none that stalls */
    one_turn();
    mono_ms += 1;
    one_turn();
    ck_assert_str_eq(story, "b a ");
}
END_TEST

static struct timer again;
static int rings;

static void ring_again(void *owner)
{
    rings++;
    timer_set(loop, &again, 0, ring_again, owner);
}

START_TEST(a_timer_that_sets_itself_with_no_wait_lets_the_turn_end)
{
    loop_at(loop, LOOP_DISPATCH, stop, NULL);
    timer_set(loop, &again, 0, ring_again, NULL);
    one_turn();
    ck_assert_int_eq(rings, 1);
    one_turn();
    ck_assert_int_eq(rings, 2);
    timer_clear(loop, &again);
}
END_TEST

START_TEST(a_heap_of_many_timers_stays_in_order_whatever_is_taken_out_of_it)
{
    static struct timer timers[1000];
    for (size_t i = 0; i < 1000; i++)
        timer_set(loop, &timers[i], (int64_t)(i * 7919 % 1000) + 100000, say, a);
    for (size_t i = 0; i < 1000; i += 3)
        timer_clear(loop, &timers[i]);
    for (size_t i = 0; i < 1000; i += 5)
        timer_set(loop, &timers[i], (int64_t)(i * 31 % 1000) + 50000, say, a);
    size_t count = 0;
    for (size_t i = 0; i < 1000; i++) {
        bool is_set = i % 3 != 0 || i % 5 == 0;
        ck_assert(timer_is_set(&timers[i]) == is_set);
        count += is_set;
        for (size_t k = 0; is_set && k < 1000; k++) /* children are never due before their parent */
            if (timer_is_set(&timers[k]) && timers[k].place / 2 == timers[i].place)
                ck_assert(timers[k].due_ms >= timers[i].due_ms);
        ck_assert(timers[i].place <= 1000);
    }
    ck_assert_uint_eq(count, 733);
    for (size_t i = 0; i < 1000; i++)
        timer_clear(loop, &timers[i]);
}
END_TEST

/* ---- must ---- */

START_TEST(a_histogram_counts_up_to_each_bound_and_beyond_the_last)
{
    struct histogram histogram = {0};
    static const int64_t took[] = {-5, 0, 1, 2, 3, 5, 300000, 300001, INT64_C(1) << 40};
    for (size_t i = 0; i < sizeof took / sizeof *took; i++)
        histogram_put(&histogram, took[i]);
    ck_assert_uint_eq(histogram.at[0], 3);
    ck_assert_uint_eq(histogram.at[1], 1);
    ck_assert_uint_eq(histogram.at[2], 2);
    ck_assert_uint_eq(histogram.at[HISTOGRAM_BOUNDS - 1], 1);
    ck_assert_uint_eq(histogram.at[HISTOGRAM_BOUNDS], 2);
    ck_assert_uint_eq(histogram.sum_ms, 600012 + (UINT64_C(1) << 40));
    for (size_t i = 1; i < HISTOGRAM_BOUNDS; i++)
        ck_assert_int_gt(histogram_bounds_ms[i], histogram_bounds_ms[i - 1]);
}
END_TEST

START_TEST(a_process_knows_its_memory_and_its_descriptors)
{
    struct process before, after;
    ck_assert(process_look(&before));
    int file = dup(STDERR_FILENO);
    ck_assert(process_look(&after));
    close(file);
    ck_assert_uint_eq(after.descriptors, before.descriptors + 1);
    ck_assert_uint_gt(after.resident_octets, 100000);
    ck_assert_uint_ge(after.descriptors_most, after.descriptors);
    ck_assert_int_ge(after.cpu_ms, before.cpu_ms);
}
END_TEST

static bool directories_fail;

/* In the place of the C library's. */
int fsync(int file)
{
    struct stat about;
    if (!directories_fail || fstat(file, &about) != 0 || !S_ISDIR(about.st_mode))
        return (int)syscall(SYS_fsync, file);
    errno = EIO;
    return -1;
}

START_TEST(a_draft_that_has_its_name_is_not_called_missing)
{
    char directory[] = "/tmp/assent-unit-XXXXXX", path[60], why[DRAFT_WHY_SIZE];
    struct draft draft;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    ck_assert_msg(draft_open(&draft, path, false, why), "%s", why);
    directories_fail = true;
    ck_assert(!draft_keep(&draft, why));
    draft_wipe(&draft);
    ck_assert_int_eq(access(path, F_OK), 0);
    ck_assert_ptr_nonnull(strstr(why, "file stands there, whole; but its directory can't be synced"));
    unlink(path);
    ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

START_TEST(a_draft_has_its_name_only_once_it_is_kept)
{
    char directory[] = "/tmp/assent-unit-XXXXXX", path[60], partial[80], why[DRAFT_WHY_SIZE];
    struct draft draft, other;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    snprintf(partial, sizeof partial, "%s.partial", path);
    ck_assert_msg(draft_open(&draft, path, false, why), "%s", why);
    ck_assert(!draft_open(&other, path, false, why)); /* and leaves the first one's alone */
    ck_assert_ptr_nonnull(strstr(why, "is being written by another process"));
    ck_assert_int_eq(access(path, F_OK), -1);
    ck_assert_int_eq(access(partial, F_OK), 0);
    ck_assert_msg(draft_keep(&draft, why), "%s", why);
    draft_wipe(&draft);
    ck_assert_int_eq(access(path, F_OK), 0);
    ck_assert_int_eq(access(partial, F_OK), -1);
    ck_assert(!draft_open(&draft, path, false, why));
    ck_assert_ptr_nonnull(strstr(why, "is there already"));
    ck_assert_msg(draft_open(&draft, path, true, why), "%s", why);
    draft_wipe(&draft);
    ck_assert_int_eq(access(partial, F_OK), -1);
    unlink(path);
    ck_assert_msg(draft_open(&draft, path, false, why), "%s", why);
    fclose(fopen(path, "w")); /* somebody else's, of the last instant */
    ck_assert(!draft_keep(&draft, why));
    ck_assert_ptr_nonnull(strstr(why, "has come meanwhile"));
    draft_wipe(&draft);
    unlink(path);
    ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

START_TEST(a_false_claim_ends_the_process)
{
    int one = 1;
    must(one == 1);
    must(one == 2);
}
END_TEST

START_TEST(memory_is_zeroed_and_a_copy_of_no_text_is_none)
{
    uint8_t *memory = mem_new(100);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(memory[i], 0);
    free(memory);
    ck_assert_ptr_null(mem_text(NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base");
    TCase *plain = tcase_create("plain"), *turns = tcase_create("turns");
    tcase_add_checked_fixture(turns, loop_setup, loop_teardown);
    tcase_add_test(plain, sha_256_gives_what_the_standard_says);
    tcase_add_test(plain, digests_are_equal_when_every_octet_is);
    tcase_add_test(plain, random_bits_stay_within_their_number_and_use_all_of_it);
    tcase_add_test(plain, hexadecimal_is_written_small_and_read_of_either_case);
    tcase_add_test(plain, octets_become_text_only_if_they_fit_and_hold_no_nul);
    tcase_add_test(plain, memory_of_a_region_is_zeroed_aligned_and_nobody_elses);
    tcase_add_test(plain, texts_in_a_region_are_copies_with_a_nul_behind);
    tcase_add_test(plain, a_time_is_written_and_read_as_one_and_the_same);
    tcase_add_test(plain, every_form_that_the_rfc_allows_is_read);
    tcase_add_test(plain, what_is_no_time_or_a_day_of_no_calendar_is_refused);
    tcase_add_test(plain, every_day_of_four_hundred_years_follows_the_one_before_it);
    tcase_add_test(plain, a_duration_is_a_count_and_one_unit);
    tcase_add_test(turns, a_turn_hears_dispatches_commits_releases_and_buries);
    tcase_add_test(turns, steps_of_a_stage_run_in_the_order_in_which_they_were_named);
    tcase_add_test(turns, what_a_burial_hands_in_is_buried_too_and_nothing_twice);
    tcase_add_test(turns, what_is_to_be_buried_when_the_loop_closes_is_buried);
    tcase_add_test(turns, the_memory_of_a_turn_ends_with_it);
    tcase_add_test(turns, timers_ring_in_the_order_of_their_times_and_once);
    tcase_add_test(turns,
                   a_timer_that_was_cleared_is_silent_and_one_set_anew_rings_at_its_new_time);
    tcase_add_test(turns, a_commit_that_stalls_counts_against_no_timer);
    tcase_add_test(turns, a_timer_that_sets_itself_with_no_wait_lets_the_turn_end);
    tcase_add_test(turns, a_heap_of_many_timers_stays_in_order_whatever_is_taken_out_of_it);
    tcase_add_test(plain, a_histogram_counts_up_to_each_bound_and_beyond_the_last);
    tcase_add_test(plain, a_process_knows_its_memory_and_its_descriptors);
    tcase_add_test(plain, a_draft_has_its_name_only_once_it_is_kept);
    tcase_add_test(plain, a_draft_that_has_its_name_is_not_called_missing);
    tcase_add_test_raise_signal(plain, a_false_claim_ends_the_process, SIGABRT);
    tcase_add_test(plain, memory_is_zeroed_and_a_copy_of_no_text_is_none);
    suite_add_tcase(suite, plain);
    suite_add_tcase(suite, turns);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
