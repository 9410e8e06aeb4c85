/* Suppressions: numbers that changed hands. On a real database. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "consent/ledger.h"
#include "consent/suppression.h"
#include "tests/unit/place.h"

#define NUMBER UINT64_C(14155550123)
#define NOW    INT64_C(1795426200000) /* 2026-11-23T09:30:00Z */
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define PROGRAM(name, owner, more, sender)                                                         \
    "program \"" name "\" { support = \"support.example.com\" carriers = { \"sim\" } owner = \""    \
    owner "\" brand = \"" owner "\" " more " senders = { \"" sender "\" } }\n"

static struct config *config;
static struct loop *loop;
static struct store *store;
static struct ledger *ledger;
static struct programs *programs;
static struct consents *consents;
static const struct program *nurture, *other, *invited;

static void stop_turn(void *owner)
{
    loop_stop(owner);
}

static void setup(void)
{
    char error[STORE_ERROR_SIZE];
    place_open();
    config = place_config(
        "carrier \"sim\" { host = \"127.0.0.1\" system_id = \"a\" password = \"b\" }\n" PROGRAM(
            "nurture", "Market Leader", "", "+12065550100")
            PROGRAM("other", "Somebody Else", "", "+12065550101") PROGRAM(
                "invited", "Third", "keyword_opt_in = true call_to_action = \"Text JOIN\"",
                "+12065550102"));
    loop = loop_open();
    loop_at(loop, LOOP_DISPATCH, stop_turn, loop);
    store = store_open(place_path, error);
    ck_assert_msg(store != NULL, "%s", error);
    programs = programs_open(config, store);
    ledger = ledger_open(store);
    consents = consents_open(loop, store, ledger, programs);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    nurture = programs_find(programs, "nurture");
    other = programs_find(programs, "other");
    invited = programs_find(programs, "invited");
}

static void teardown(void)
{
    consents_close(consents);
    ledger_close(ledger);
    programs_close(programs);
    store_close(store);
    loop_close(loop);
    config_free(config);
    place_remove();
}

/* ---- acts ---- */

static struct registered form(const struct program *program, int64_t collected_at, int64_t now_ms)
{
    char at[TIME_TEXT_SIZE];
    struct registered out;
    time_write(collected_at, at);
    struct registration it = {.program = program,
                              .number = NUMBER,
                              .has_opted_in = true,
                              .source = "web_form",
                              .product = "",
                              .form_url = "https://example.com/form",
                              .disclosure = "By checking this box I agree to texts",
                              .ip = "",
                              .user_agent = "",
                              .contact_ref = "",
                              .document = "",
                              .recording = "",
                              .timezone = "",
                              .postal_code = "",
                              .collected_at = at,
                              .account = "campaigns"};
    consent_register(consents, &it, now_ms, &out);
    ck_assert_msg(out.fault == VERDICT_ALLOWED, "%s", out.detail);
    return out;
}

static struct suppressed suppress_as(struct suppression it, int64_t now_ms)
{
    struct suppressed out;
    it.number = NUMBER;
    it.note = it.carrier = it.rule = "";
    it.account = "compliance";
    it.date = it.date == NULL ? "" : it.date;
    it.answer = it.answer == NULL ? "" : it.answer;
    it.queried_at = it.queried_at == NULL ? "" : it.queried_at;
    consent_suppress(consents, &it, now_ms, &out);
    return out;
}

static enum suppression_outcome suppress(enum suppression_kind kind, const char *date, int64_t now_ms)
{
    struct suppressed out = suppress_as(
        (struct suppression){
            .kind = kind, .date = date, .programs = &nurture, .program_count = 1},
        now_ms);
    ck_assert_msg(out.fault == VERDICT_ALLOWED, "%s", out.detail);
    return out.outcome;
}

static void leave(const struct program *program, int64_t now_ms)
{
    struct revoked out;
    struct revocation it = {.number = NUMBER,
                            .programs = &program,
                            .program_count = 1,
                            .written_to = program->config->name,
                            .how = "texted STOP",
                            .channel = "sms"};
    consent_revoke(consents, &it, now_ms, &out);
}

static struct restarted come_back(const struct program *program, int64_t now_ms)
{
    struct restarted out;
    struct restart it = {.number = NUMBER, .program = program, .carrier = "sim", .rule = "keyword:START"};
    consent_restart(consents, &it, now_ms, &out);
    return out;
}

static struct standing standing_at(const struct program *program, int64_t now_ms)
{
    struct standing standing;
    ck_assert(consent_standing(consents, program, NUMBER, now_ms, &standing));
    return standing;
}

static const char *state_at(const struct program *program, int64_t now_ms)
{
    return standing_word(standing_at(program, now_ms).state);
}

static const char *state(const struct program *program)
{
    return state_at(program, NOW);
}

static int64_t records(void)
{
    char hash[DIGEST_HEX_SIZE];
    return ledger_head(ledger, hash);
}

/* ---- what is void ---- */

START_TEST(a_deactivation_makes_void_what_was_consented_before_it_in_every_program)
{
    char why[STANDING_WHY_SIZE];
    form(nurture, NOW - DAY, NOW);
    form(other, NOW - 3 * DAY, NOW);
    ck_assert_int_eq(suppress(SUPPRESSION_DEACTIVATED, "2026-11-22", NOW), SUPPRESSION_MADE);
    ck_assert_str_eq(state(nurture), "suppressed");
    ck_assert_str_eq(state(other), "suppressed");
    ck_assert_str_eq(state(invited), "suppressed");
    struct standing standing = standing_at(nurture, NOW);
    ck_assert_str_eq(standing_why(&standing, why), "the number was deactivated on 22 Nov 2026");
    ck_assert_int_eq(standing.seq, records());
    ck_assert_int_eq(standing_verdict(standing.state), VERDICT_SUPPRESSED);
}
END_TEST

START_TEST(a_form_of_after_it_counts_and_one_of_before_does_not)
{
    suppress(SUPPRESSION_DEACTIVATED, NULL, NOW);
    ck_assert(!form(nurture, NOW - MINUTE, NOW + MINUTE).wants_confirmation);
    ck_assert_str_eq(state(nurture), "suppressed");
    ck_assert(!form(nurture, NOW, NOW + 2 * MINUTE).wants_confirmation); /* at the same instant */
    ck_assert_str_eq(state(nurture), "suppressed");
    struct registered fresh = form(nurture, NOW + MINUTE, NOW + 2 * MINUTE);
    ck_assert_int_eq(fresh.standing.state, STANDING_OPTED_IN);
    ck_assert(fresh.wants_confirmation);
    ck_assert_str_eq(state(other), "suppressed"); /* a form is of its program */
}
END_TEST

START_TEST(a_consent_of_after_its_date_is_left_alone_though_it_was_recorded_before)
{
    form(nurture, NOW - DAY, NOW - DAY);
    suppress(SUPPRESSION_DEACTIVATED, "2026-11-20", NOW);
    ck_assert_str_eq(state(nurture), "opted_in");
    ck_assert_str_eq(state(other), "suppressed");
    ck_assert_int_eq(form(other, NOW - 4 * DAY, NOW).standing.state, STANDING_SUPPRESSED);
}
END_TEST

/* 22 Nov is over everywhere on 23 Nov at noon UTC. */
START_TEST(a_day_counts_until_it_is_over_everywhere_but_not_longer_than_it_is_known)
{
    form(nurture, NOW - HOUR, NOW);
    form(other, NOW - 22 * DAY, NOW);
    suppress(SUPPRESSION_DEACTIVATED, "2026-11-22", NOW);
    ck_assert_str_eq(state(nurture), "suppressed");
    ck_assert_int_eq(form(nurture, NOW + MINUTE, NOW + MINUTE).standing.state, STANDING_OPTED_IN);
}
END_TEST

START_TEST(what_is_on_record_when_we_are_told_was_given_before_whatever_its_clock_says)
{
    form(nurture, NOW + 4 * MINUTE, NOW);
    suppress(SUPPRESSION_DEACTIVATED, NULL, NOW);
    ck_assert_str_eq(state(nurture), "suppressed");
    form(nurture, NOW + 4 * MINUTE + 1, NOW + MINUTE); /* ahead of our clock: it may be older */
    ck_assert_str_eq(state(nurture), "suppressed");
    form(nurture, NOW + 6 * MINUTE, NOW + 7 * MINUTE);
    ck_assert_str_eq(state(nurture), "opted_in");
}
END_TEST

START_TEST(it_lifts_no_opt_out_and_no_start_lifts_it)
{
    form(nurture, NOW - DAY, NOW - DAY);
    leave(nurture, NOW - HOUR);
    suppress(SUPPRESSION_REASSIGNED, "2026-11-22", NOW);
    ck_assert_str_eq(state(nurture), "opted_out");
    struct restarted restarted = come_back(nurture, NOW + MINUTE);
    ck_assert(!restarted.wants_confirmation);
    ck_assert_int_eq(restarted.standing.state, STANDING_SUPPRESSED);
    ck_assert_int_eq(come_back(nurture, NOW + 2 * MINUTE).seq, 0);
    ck_assert_int_eq(form(nurture, NOW + HOUR, NOW + HOUR).standing.state, STANDING_OPTED_IN);
}
END_TEST

START_TEST(whoever_has_the_number_now_may_join_where_that_was_invited)
{
    form(invited, NOW - DAY, NOW - DAY);
    suppress(SUPPRESSION_DEACTIVATED, NULL, NOW);
    struct restarted restarted = come_back(invited, NOW + MINUTE);
    ck_assert_int_eq(restarted.standing.state, STANDING_OPTED_IN);
    ck_assert(restarted.wants_confirmation);
}
END_TEST

/* ---- again, and later ---- */

START_TEST(the_same_again_changes_nothing)
{
    form(nurture, NOW - DAY, NOW);
    suppress(SUPPRESSION_DEACTIVATED, "2026-11-22", NOW);
    suppress(SUPPRESSION_LISTED, NULL, NOW);
    suppress(SUPPRESSION_REASSIGNED, NULL, NOW);
    int64_t before = records();
    ck_assert_int_eq(suppress(SUPPRESSION_DEACTIVATED, "2026-11-22", NOW + HOUR), SUPPRESSION_ON_RECORD);
    ck_assert_int_eq(suppress(SUPPRESSION_DEACTIVATED, "2026-10-01", NOW + HOUR), SUPPRESSION_ON_RECORD);
    ck_assert_int_eq(suppress(SUPPRESSION_LISTED, NULL, NOW + HOUR), SUPPRESSION_ON_RECORD);
    ck_assert_int_eq(suppress(SUPPRESSION_REASSIGNED, NULL, NOW + HOUR), SUPPRESSION_ON_RECORD);
    ck_assert_int_eq(records(), before);
}
END_TEST

START_TEST(the_same_file_again_does_not_end_a_newer_consent)
{
    suppress(SUPPRESSION_DEACTIVATED, "2026-11-22", NOW);
    form(nurture, NOW + HOUR, NOW + HOUR);
    ck_assert_int_eq(suppress(SUPPRESSION_DEACTIVATED, "2026-11-22", NOW + DAY), SUPPRESSION_ON_RECORD);
    ck_assert_str_eq(state(nurture), "opted_in");
    ck_assert_int_eq(suppress(SUPPRESSION_DEACTIVATED, "2026-11-24", NOW + 2 * DAY), SUPPRESSION_MADE);
    ck_assert_str_eq(state(nurture), "suppressed");
}
END_TEST

START_TEST(told_without_a_date_it_is_news_where_somebody_has_opted_in_since)
{
    suppress(SUPPRESSION_DEACTIVATED, NULL, NOW);
    form(nurture, NOW + HOUR, NOW + HOUR);
    ck_assert_int_eq(suppress(SUPPRESSION_DEACTIVATED, NULL, NOW + DAY), SUPPRESSION_MADE);
    ck_assert_str_eq(state(nurture), "suppressed");
}
END_TEST

START_TEST(of_a_stranger_nothing_is_kept_where_that_is_wished)
{
    struct suppression it = {.kind = SUPPRESSION_DEACTIVATED, .only_known = true};
    ck_assert_int_eq(suppress_as(it, NOW).outcome, SUPPRESSION_NOT_KNOWN);
    ck_assert_int_eq(records(), 0);
    ck_assert_str_eq(state(nurture), "unknown");
    form(nurture, NOW - DAY, NOW);
    ck_assert_int_eq(suppress_as(it, NOW).outcome, SUPPRESSION_MADE);
}
END_TEST

/* ---- the Reassigned Numbers Database ---- */

START_TEST(a_no_is_recorded_with_its_day_and_ends_nothing)
{
    static const char *const answers[] = {"no", "no_data"};
    form(nurture, NOW - 40 * DAY, NOW);
    for (size_t i = 0; i < 2; i++) {
        struct suppression it = {
            .kind = SUPPRESSION_REASSIGNED, .date = "2026-10-14", .answer = answers[i]};
        int64_t before = records();
        ck_assert_int_eq(suppress_as(it, NOW).outcome, SUPPRESSION_CHECKED);
        ck_assert_int_eq(records(), before + 1);
        ck_assert_int_eq(suppress_as(it, NOW + HOUR).outcome, SUPPRESSION_ON_RECORD);
        ck_assert_int_eq(records(), before + 1);
        ck_assert_int_eq(suppress_as(it, NOW + 30 * DAY).outcome, SUPPRESSION_CHECKED); /* asked anew */
    }
    ck_assert_str_eq(state(nurture), "opted_in");
}
END_TEST

START_TEST(a_yes_is_about_the_consent_that_was_asked_about)
{
    form(nurture, NOW - 40 * DAY, NOW); /* 14 Oct */
    form(other, NOW - 10 * DAY, NOW);
    struct suppression it = {
        .kind = SUPPRESSION_REASSIGNED, .date = "2026-10-14", .answer = "yes"};
    ck_assert_int_eq(suppress_as(it, NOW).outcome, SUPPRESSION_MADE);
    ck_assert_str_eq(state(nurture), "suppressed");
    ck_assert_str_eq(state(other), "opted_in");
}
END_TEST

/* ---- one's own list ---- */

START_TEST(no_form_lifts_the_list_but_who_takes_the_number_off)
{
    int64_t seq = 0;
    suppress(SUPPRESSION_LISTED, NULL, NOW);
    ck_assert(!form(nurture, NOW + HOUR, NOW + HOUR).wants_confirmation);
    ck_assert_str_eq(state_at(nurture, NOW + HOUR), "suppressed");
    ck_assert(!consent_is_to_confirm(consents, nurture, NUMBER, NOW + HOUR));
    ck_assert_int_eq(consent_unlist(consents, NUMBER, "compliance", "", NOW + DAY, &seq), STORE_OK);
    ck_assert_int_eq(seq, records());
    ck_assert_str_eq(state_at(nurture, NOW + DAY), "opted_in");
    ck_assert(consent_is_to_confirm(consents, nurture, NUMBER, NOW + DAY));
    ck_assert_int_eq(standing_at(nurture, NOW + DAY).confirmation, CONFIRMATION_PENDING);
    ck_assert_int_eq(consent_unlist(consents, NUMBER, "compliance", "", NOW + DAY, &seq), STORE_NONE);
}
END_TEST

START_TEST(the_list_lets_a_stop_and_a_deactivation_stand)
{
    int64_t seq = 0;
    form(nurture, NOW - DAY, NOW - DAY);
    suppress(SUPPRESSION_DEACTIVATED, NULL, NOW);
    suppress(SUPPRESSION_LISTED, NULL, NOW);
    leave(nurture, NOW);
    consent_unlist(consents, NUMBER, "compliance", "", NOW + DAY, &seq);
    ck_assert_str_eq(state(nurture), "opted_out");
    ck_assert_str_eq(state(other), "suppressed");
}
END_TEST

/* ---- opt-outs ---- */

START_TEST(an_opt_out_brought_from_elsewhere_is_an_opt_out)
{
    form(nurture, NOW - DAY, NOW - DAY);
    form(other, NOW - DAY, NOW - DAY);
    ck_assert_int_eq(suppress(SUPPRESSION_OPT_OUT, "2025-01-07", NOW), SUPPRESSION_OPTED_OUT);
    ck_assert_str_eq(state(nurture), "opted_out");
    ck_assert_str_eq(state(other), "opted_in");
    ck_assert_int_eq(suppress(SUPPRESSION_OPT_OUT, "2025-01-07", NOW), SUPPRESSION_ON_RECORD);
    ck_assert_int_eq(suppress(SUPPRESSION_OPT_OUT, NULL, NOW), SUPPRESSION_ON_RECORD);
    ck_assert(come_back(nurture, NOW + HOUR).wants_confirmation);
    ck_assert_int_eq(suppress(SUPPRESSION_OPT_OUT, "2025-01-07", NOW + DAY), SUPPRESSION_ON_RECORD);
    ck_assert_str_eq(state(nurture), "opted_in");
    ck_assert_int_eq(suppress(SUPPRESSION_OPT_OUT, NULL, NOW + DAY), SUPPRESSION_OPTED_OUT);
}
END_TEST

START_TEST(a_wrong_number_is_an_opt_out_and_more)
{
    form(nurture, NOW - DAY, NOW - DAY);
    form(other, NOW - DAY, NOW - DAY);
    ck_assert_int_eq(suppress(SUPPRESSION_WRONG_NUMBER, NULL, NOW), SUPPRESSION_MADE);
    ck_assert_str_eq(state(nurture), "opted_out");
    ck_assert_str_eq(state(other), "suppressed");
    come_back(nurture, NOW + HOUR);
    ck_assert_str_eq(state(nurture), "suppressed");
}
END_TEST

/* ---- what is refused ---- */

START_TEST(what_can_not_be_is_refused_and_leaves_no_record)
{
    static const struct suppression wrong[] = {
        {.kind = SUPPRESSION_DEACTIVATED, .date = "11/03/2026"},
        {.kind = SUPPRESSION_DEACTIVATED, .date = "2026-11-31"},
        {.kind = SUPPRESSION_DEACTIVATED, .date = "2026-11-25"},
        {.kind = SUPPRESSION_DEACTIVATED, .date = "1970-01-01"},
        {.kind = SUPPRESSION_DEACTIVATED, .answer = "no"},
        {.kind = SUPPRESSION_REASSIGNED, .answer = "maybe"},
        {.kind = SUPPRESSION_REASSIGNED, .queried_at = "yesterday"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_int_ne(suppress_as(wrong[i], NOW).fault, VERDICT_ALLOWED);
        ck_assert_int_eq(records(), 0);
    }
    ck_assert_int_eq(suppress(SUPPRESSION_DEACTIVATED, "20261103", NOW), SUPPRESSION_MADE);
}
END_TEST

START_TEST(what_can_not_be_read_is_not_taken_for_nothing)
{
    form(nurture, NOW - DAY, NOW - DAY);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    place_run_sql("ALTER TABLE optout RENAME TO gone");
    ck_assert_int_eq(suppress_as((struct suppression){.kind = SUPPRESSION_DEACTIVATED}, NOW).fault,
                     VERDICT_UNAVAILABLE);
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("suppression");
    TCase *promises = tcase_create("promises");
    tcase_add_checked_fixture(promises, setup, teardown);
    tcase_add_test(promises, a_deactivation_makes_void_what_was_consented_before_it_in_every_program);
    tcase_add_test(promises, a_form_of_after_it_counts_and_one_of_before_does_not);
    tcase_add_test(promises, a_consent_of_after_its_date_is_left_alone_though_it_was_recorded_before);
    tcase_add_test(promises, a_day_counts_until_it_is_over_everywhere_but_not_longer_than_it_is_known);
    tcase_add_test(promises, what_is_on_record_when_we_are_told_was_given_before_whatever_its_clock_says);
    tcase_add_test(promises, it_lifts_no_opt_out_and_no_start_lifts_it);
    tcase_add_test(promises, whoever_has_the_number_now_may_join_where_that_was_invited);
    tcase_add_test(promises, the_same_again_changes_nothing);
    tcase_add_test(promises, the_same_file_again_does_not_end_a_newer_consent);
    tcase_add_test(promises, told_without_a_date_it_is_news_where_somebody_has_opted_in_since);
    tcase_add_test(promises, of_a_stranger_nothing_is_kept_where_that_is_wished);
    tcase_add_test(promises, a_no_is_recorded_with_its_day_and_ends_nothing);
    tcase_add_test(promises, a_yes_is_about_the_consent_that_was_asked_about);
    tcase_add_test(promises, no_form_lifts_the_list_but_who_takes_the_number_off);
    tcase_add_test(promises, the_list_lets_a_stop_and_a_deactivation_stand);
    tcase_add_test(promises, an_opt_out_brought_from_elsewhere_is_an_opt_out);
    tcase_add_test(promises, a_wrong_number_is_an_opt_out_and_more);
    tcase_add_test(promises, what_can_not_be_is_refused_and_leaves_no_record);
    tcase_add_test(promises, what_can_not_be_read_is_not_taken_for_nothing);
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
