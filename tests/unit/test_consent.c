/* Consent: what people did, and what it makes of them. On a real database. */
#include <check.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/region.h"
#include "consent/consent.h"
#include "consent/keyword.h"
#include "consent/ledger.h"
#include "consent/ledger_verify.h"
#include "tests/unit/place.h"

#define NUMBER UINT64_C(14155550123)
#define NOW    INT64_C(1795426200000) /* 2026-11-23T09:30:00Z */
#define MINUTE INT64_C(60000)
#define DAY    INT64_C(86400000)

#define PROGRAM(name, more, sender)                                                                \
    "program \"" name "\" { support = \"support.example.com\" carriers = { \"sim\" } " more        \
    " senders = { \"" sender "\" } }\n"
#define START_OF_CONFIG                                                                            \
    "carrier \"sim\" { host = \"127.0.0.1\" system_id = \"a\" password = \"b\" }\n" PROGRAM(       \
        "nurture", "owner = \"Market Leader\" brand = \"Market Leader\"",                          \
        "+12065550100") PROGRAM("news", "owner = \"Market Leader\" brand = \"Leader News\"",       \
                                "+12065550101")                                                    \
        PROGRAM("alerts",                                                                          \
                "owner = \"Market Leader\" brand = \"Alerts\" opt_out_scope = \"brand\"",          \
                "+12065550102")                                                                    \
            PROGRAM("alarms",                                                                      \
                    "owner = \"Market Leader\" brand = \"Alerts\" opt_out_scope = \"program\"",    \
                    "+12065550103") PROGRAM("other", "brand = \"Somebody Else\"", "+12065550104")  \
                PROGRAM("dated", "brand = \"Dated\" consent_expires = \"730d\"", "+12065550105")  \
                    PROGRAM("aged", "brand = \"Aged\" minimum_age = 21", "+12065550106")

static struct config *config;
static struct loop *loop;
static struct store *store;
static struct ledger *ledger;
static struct programs *programs;
static struct consents *consents;
static const struct program *nurture, *news, *alerts, *alarms, *other, *dated, *aged;

static void stop_turn(void *owner)
{
    loop_stop(owner);
}

static void open_all(const char *text)
{
    char error[STORE_ERROR_SIZE];
    config = place_config(text);
    loop = loop_open();
    loop_at(loop, LOOP_DISPATCH, stop_turn, loop);
    store = store_open(place_path, error);
    ck_assert_msg(store != NULL, "%s", error);
    programs = programs_open(config, store);
    ledger = ledger_open(store);
    consents = consents_open(loop, store, ledger, programs);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    nurture = programs_find(programs, "nurture");
    news = programs_find(programs, "news");
    alerts = programs_find(programs, "alerts");
    alarms = programs_find(programs, "alarms");
    other = programs_find(programs, "other");
    dated = programs_find(programs, "dated");
    aged = programs_find(programs, "aged");
}

static void close_all(void)
{
    consents_close(consents);
    ledger_close(ledger);
    programs_close(programs);
    store_close(store);
    loop_close(loop);
    config_free(config);
}

static void setup(void)
{
    place_open();
    open_all(START_OF_CONFIG);
}

static void teardown(void)
{
    close_all();
    place_remove();
}

/* ---- turns ---- */

static void next_turn(void)
{
    loop_again(loop);
    loop_run(loop);
}

static void turn_keeps(void)
{
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    consents_committed(consents);
    next_turn();
}

/* As the gateway does it when its commit fails. */
static void turn_fails(void)
{
    struct inbound text = {.id = 1, .verdict = "none"};
    store_inbound_put(store, &text);
    store_inbound_put(store, &text); /* the same id twice */
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    consents_rolled_back(consents);
    ck_assert(ledger_reload(ledger));
    next_turn();
}

/* ---- acts ---- */

static struct registration form(const struct program *program, const char *collected_at)
{
    return (struct registration){.program = program,
                                 .number = NUMBER,
                                 .has_opted_in = true,
                                 .source = "web_form",
                                 .product = "Leads Direct",
                                 .form_url = "https://example.com/form",
                                 .disclosure = "By checking this box I agree to texts",
                                 .ip = "203.0.113.9",
                                 .user_agent = "Browser/1.0",
                                 .contact_ref = "lead-881",
                                 .document = "",
                                 .recording = "",
                                 .timezone = "",
                                 .postal_code = "",
                                 .collected_at = collected_at,
                                 .account = "campaigns"};
}

static struct registered post(const struct registration *registration, int64_t now_ms)
{
    struct registered out;
    consent_register(consents, registration, now_ms, &out);
    return out;
}

static struct registered opt_in(const struct program *program, const char *collected_at,
                                int64_t now_ms)
{
    struct registration it = form(program, collected_at);
    struct registered out = post(&it, now_ms);
    ck_assert_msg(out.fault == VERDICT_ALLOWED, "%s", out.detail);
    return out;
}

static struct revoked leave(const struct program *program, bool is_all, int64_t now_ms)
{
    struct revoked out;
    struct revocation it = {.number = NUMBER,
                            .programs = &program,
                            .program_count = 1,
                            .is_all = is_all,
                            .written_to = program->config->name,
                            .how = "texted STOP",
                            .channel = "sms",
                            .carrier = "sim",
                            .rule = "keyword:STOP",
                            .inbound = 7};
    consent_revoke(consents, &it, now_ms, &out);
    return out;
}

static struct restarted come_back(const struct program *program, int64_t now_ms)
{
    struct restarted out;
    struct restart it = {.number = NUMBER,
                         .program = program,
                         .carrier = "sim",
                         .rule = "keyword:START"};
    consent_restart(consents, &it, now_ms, &out);
    return out;
}

static struct standing standing_at(const struct program *program, int64_t now_ms)
{
    struct standing standing;
    ck_assert(consent_standing(consents, program, NUMBER, now_ms, &standing));
    return standing;
}

static const char *state(const struct program *program)
{
    return standing_word(standing_at(program, NOW).state);
}

static int64_t records(void)
{
    char hash[DIGEST_HEX_SIZE];
    return ledger_head(ledger, hash);
}

#define BEFORE "2026-11-23T09:00:00Z" /* half an hour before NOW */
#define AT_NOW "2026-11-23T09:30:00Z"
#define AFTER  "2026-11-23T09:31:00Z"

/* ---- the default ---- */

START_TEST(who_never_said_yes_is_unknown_and_that_is_a_no)
{
    struct standing standing = standing_at(nurture, NOW);
    ck_assert_int_eq(standing.state, STANDING_UNKNOWN);
    ck_assert_int_eq(standing.seq, 0);
    ck_assert_int_eq(standing_verdict(standing.state), VERDICT_NO_CONSENT);
}
END_TEST

START_TEST(only_one_state_of_seven_is_a_yes)
{
    ck_assert_int_eq(standing_verdict(STANDING_OPTED_IN), VERDICT_ALLOWED);
    ck_assert_int_eq(standing_verdict(STANDING_UNKNOWN), VERDICT_NO_CONSENT);
    ck_assert_int_eq(standing_verdict(STANDING_NOT_ELIGIBLE), VERDICT_NO_CONSENT);
    ck_assert_int_eq(standing_verdict(STANDING_AWAITING_CONFIRMATION),
                     VERDICT_AWAITING_CONFIRMATION);
    ck_assert_int_eq(standing_verdict(STANDING_OPTED_OUT), VERDICT_OPTED_OUT);
    ck_assert_int_eq(standing_verdict(STANDING_EXPIRED), VERDICT_CONSENT_EXPIRED);
    ck_assert_int_eq(standing_verdict(STANDING_SUPPRESSED), VERDICT_SUPPRESSED);
    ck_assert_int_eq(standing_verdict((enum standing_state)99), VERDICT_NO_CONSENT);
}
END_TEST

START_TEST(consent_that_cant_be_read_is_neither_a_yes_nor_a_no_consent)
{
    static const char *const tables[] = {"DROP TABLE consent", "DROP TABLE optout"};
    for (size_t i = 0; i < 2; i++) {
        struct standing standing;
        opt_in(nurture, BEFORE, NOW);
        turn_keeps();
        place_run_sql(tables[i]);
        ck_assert(!consent_standing(consents, nurture, NUMBER, NOW, &standing));
        ck_assert_int_ne(standing.state, STANDING_OPTED_IN);
        if (i == 1)
            ck_assert(consent_went_out_since(consents, nurture, NUMBER, INT64_MAX - 1));
        struct registration it = form(nurture, AFTER);
        ck_assert_int_eq(post(&it, NOW).fault, VERDICT_UNAVAILABLE);
        teardown();
        setup();
    }
}
END_TEST

START_TEST(a_form_is_not_taken_while_nobody_can_tell_whether_it_was_posted_before)
{
    struct registration it = form(nurture, BEFORE);
    place_run_sql("DROP TABLE act");
    ck_assert_int_eq(post(&it, NOW).fault, VERDICT_UNAVAILABLE);
    ck_assert_int_eq(records(), 0);
    ck_assert_str_eq(state(nurture), "unknown");
}
END_TEST

/* ---- evidence ---- */

START_TEST(each_source_opens_the_gate_with_all_of_its_evidence)
{
    struct registration paper = form(nurture, BEFORE), voice = form(news, BEFORE);
    ck_assert_str_eq(standing_word(opt_in(other, BEFORE, NOW).standing.state), "opted_in");
    paper.source = "paper";
    paper.form_url = "";
    paper.document = "scans/4711.pdf";
    ck_assert_int_eq(post(&paper, NOW).standing.state, STANDING_OPTED_IN);
    voice.source = "voice";
    voice.form_url = "";
    voice.recording = "calls/17.ogg";
    struct registered out = post(&voice, NOW);
    ck_assert_int_eq(out.standing.state, STANDING_OPTED_IN);
    ck_assert(out.wants_confirmation);
    ck_assert_int_eq(out.standing.confirmation, CONFIRMATION_PENDING);
    ck_assert_int_eq(out.standing.seq, out.seq);
}
END_TEST

static void expect_missing(struct registration it, const char *what)
{
    int64_t before = records();
    struct registered out = post(&it, NOW);
    ck_assert_msg(out.fault == VERDICT_MISSING_EVIDENCE && strstr(out.detail, what) != NULL,
                  "%s: %s", what, out.detail);
    ck_assert_int_eq(records(), before);
    ck_assert_str_eq(state(nurture), "unknown");
}

START_TEST(an_opt_in_that_lacks_a_piece_of_its_evidence_is_refused_and_not_recorded)
{
    static const char *const sources[] = {"web_form", "paper", "voice"};
    for (size_t i = 0; i < 3; i++) {
        struct registration it = form(nurture, BEFORE);
        it.source = sources[i];
        it.document = "scan";
        it.recording = "call";
        struct registration lacks = it;
        lacks.collected_at = "";
        expect_missing(lacks, "collected_at");
        lacks = it;
        lacks.disclosure = "";
        expect_missing(lacks, "disclosure");
        lacks = it;
        lacks.form_url = lacks.document = lacks.recording = "";
        expect_missing(lacks, i == 0 ? "form_url" : i == 1 ? "document" : "recording");
    }
}
END_TEST

START_TEST(an_import_or_a_manual_entry_never_opens_the_gate_whatever_the_box_says)
{
    static const char *const sources[] = {"import", "manual"};
    for (size_t i = 0; i < 2; i++) {
        struct registration it = form(i == 0 ? nurture : other, BEFORE);
        it.source = sources[i];
        struct registered out = post(&it, NOW);
        ck_assert_int_eq(out.fault, VERDICT_ALLOWED);
        ck_assert_int_eq(out.standing.state, STANDING_NOT_ELIGIBLE);
        ck_assert(!out.wants_confirmation);
    }
}
END_TEST

/* R3, R11 */
START_TEST(a_box_that_came_ticked_opens_nothing)
{
    struct registration it = form(nurture, BEFORE);
    it.box_default = "ticked";
    struct registered out = post(&it, NOW);
    ck_assert_int_eq(out.fault, VERDICT_ALLOWED);
    ck_assert_str_eq(state(nurture), "not_eligible");
    ck_assert_str_eq(out.standing.how, "left a box ticked that came ticked");
    it.box_default = "unticked";
    post(&it, NOW);
    ck_assert_str_eq(state(nurture), "opted_in");
    it.box_default = "checked";
    ck_assert_int_eq(post(&it, NOW).fault, VERDICT_INVALID_FIELD);
}
END_TEST

/* R12: two years after a purchase, six months after an inquiry, and the last day of a shorter month. */
START_TEST(what_the_law_calls_implied_is_kept_with_its_end_and_opens_nothing)
{
    static const struct {
        const char *basis, *at, *until;
    } cases[] = {
        {"purchase", "2026-11-23T09:00:00Z", "2028-11-23T09:00:00.000Z"},
        {"purchase", "2024-02-29T00:00:00Z", "2026-02-28T00:00:00.000Z"},
        {"inquiry", "2026-08-31T12:00:00Z", "2027-02-28T12:00:00.000Z"},
        {"inquiry", "2026-05-31T12:00:00Z", "2026-11-30T12:00:00.000Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char until[TIME_TEXT_SIZE];
        struct consent row;
        struct registration it = form(nurture, cases[i].at);
        it.number = NUMBER + 100 + i;
        it.basis = cases[i].basis;
        struct registered out = post(&it, NOW);
        ck_assert_msg(out.fault == VERDICT_ALLOWED, "%s", out.detail);
        ck_assert_int_eq(out.standing.state, STANDING_NOT_ELIGIBLE);
        ck_assert(!out.wants_confirmation);
        ck_assert_int_eq(store_consent_get(store, it.number, nurture->id, loop_region(loop), &row),
                         STORE_OK);
        time_write(row.implied_until, until);
        ck_assert_str_eq(until, cases[i].until);
    }
    struct registration it = form(nurture, "");
    it.basis = "purchase";
    ck_assert_int_eq(post(&it, NOW).fault, VERDICT_MISSING_EVIDENCE);
    it.basis = "implied";
    ck_assert_int_eq(post(&it, NOW).fault, VERDICT_INVALID_FIELD);
}
END_TEST

START_TEST(an_implied_consent_takes_none_away_that_was_given)
{
    opt_in(nurture, BEFORE, NOW);
    struct registration it = form(nurture, BEFORE);
    it.basis = "inquiry";
    ck_assert_int_eq(post(&it, NOW).standing.state, STANDING_OPTED_IN);
}
END_TEST

/* R14 */
START_TEST(a_program_with_an_age_opens_to_those_who_have_it_by_their_date_of_birth)
{
    struct registration it = form(aged, BEFORE);
    ck_assert_int_eq(post(&it, NOW).fault, VERDICT_MISSING_EVIDENCE);
    static const struct {
        const char *born, *state;
    } cases[] = {
        {"2005-11-23", "not_eligible"}, /* 21 somewhere, and not everywhere */
        {"2005-11-22", "opted_in"},
        {"1950-01-01", "opted_in"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        it = form(aged, BEFORE);
        it.number = NUMBER + 200 + i;
        it.birth_date = cases[i].born;
        ck_assert_str_eq(standing_word(post(&it, NOW).standing.state), cases[i].state);
    }
    static const char *const wrong[] = {"2005-02-30", "yes", "23/11/2005", "2031-01-01",
                                        "1850-01-01", "2005-11-23T00"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        it = form(aged, BEFORE);
        it.birth_date = wrong[i];
        ck_assert_int_eq(post(&it, NOW).fault, VERDICT_INVALID_FIELD);
    }
}
END_TEST

/* It is 21:30 of the day before, on the last ship that writes 22 November. */
START_TEST(a_birthday_counts_once_it_has_come_everywhere)
{
    ck_assert_int_eq(birth_age("2005-11-22", NOW), 21);
    ck_assert_int_eq(birth_age("2005-11-23", NOW), 20);
    ck_assert_int_eq(birth_age("2005-11-23", NOW + 149 * MINUTE), 20);
    ck_assert_int_eq(birth_age("2005-11-23", NOW + 150 * MINUTE), 21);
    ck_assert_int_eq(birth_age("2004-02-29", INT64_C(1740744000000)), 20); /* 2025-02-28T12:00Z: 28 February has begun there */
    ck_assert_int_eq(birth_age("2004-02-29", INT64_C(1740830400000)), 21);
    ck_assert_int_eq(birth_age("2026-11-23", NOW), 0);
    ck_assert_int_eq(birth_age("2026-11-24", NOW), -1);
}
END_TEST

START_TEST(the_wording_is_recorded_with_its_hash_and_every_field_as_it_came)
{
    struct ledger_row row;
    char hash[DIGEST_HEX_SIZE];
    struct registration it = form(nurture, BEFORE);
    it.form_version = "7";
    it.session = "visit-12";
    it.certificate_url = "https://cert.example.com/1234";
    it.certificate = "what the certificate said";
    struct registered out = post(&it, NOW);
    ck_assert_int_eq(store_ledger_get(store, out.seq, loop_region(loop), &row), STORE_OK);
    digest_sha256_hex(octets_text(it.disclosure), hash);
    const char *const pieces[] = {hash, "\"disclosure_sha256\":", "\"form_version\":\"7\"",
                                  "\"session\":\"visit-12\"", "https://cert.example.com/1234",
                                  "what the certificate said"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        ck_assert_msg(strstr(row.payload, pieces[i]) != NULL, "%s: %s", pieces[i], row.payload);
    ck_assert(post(&it, NOW + 1).is_repeat);
}
END_TEST

START_TEST(a_keyword_cant_be_posted_nor_a_source_that_nobody_knows)
{
    static const char *const sources[] = {"keyword", "Keyword", "WEB_FORM", "implied", ""};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        for (int k = 0; k < 2; k++) {
            struct registration it = form(nurture, BEFORE);
            it.source = sources[i];
            it.has_opted_in = k == 0;
            ck_assert_int_eq(post(&it, NOW).fault, VERDICT_INVALID_FIELD);
        }
    ck_assert_int_eq(records(), 0);
}
END_TEST

START_TEST(collected_at_may_be_five_minutes_ahead_of_our_clock_and_no_more)
{
    struct registration it = form(nurture, "2026-11-23T09:35:00.001Z");
    ck_assert_int_eq(post(&it, NOW).fault, VERDICT_INVALID_TIME);
    it.has_opted_in = false; /* not even then */
    ck_assert_int_eq(post(&it, NOW).fault, VERDICT_INVALID_TIME);
    it.has_opted_in = true;
    it.collected_at = "23 Nov 2026";
    ck_assert_int_eq(post(&it, NOW).fault, VERDICT_INVALID_TIME);
    ck_assert_int_eq(records(), 0);
    it.collected_at = "2026-11-23T03:35:00-06:00"; /* five minutes to the instant */
    ck_assert_int_eq(post(&it, NOW).standing.state, STANDING_OPTED_IN);
}
END_TEST

/* The same rule may read more in later lists. */
START_TEST(the_ledger_record_of_a_stop_names_its_rule_and_the_lists_that_this_is_of)
{
    struct ledger_row row;
    struct revoked out = leave(nurture, false, NOW);
    ck_assert_int_eq(store_ledger_get(store, out.seq, loop_region(loop), &row), STORE_OK);
    json_t *payload = json_loads(row.payload, 0, NULL);
    ck_assert_ptr_nonnull(payload);
    ck_assert_str_eq(json_string_value(json_object_get(payload, "rule")), "keyword:STOP");
    ck_assert_str_eq(json_string_value(json_object_get(payload, "lists")), KEYWORD_LISTS_VERSION);
    json_decref(payload);
}
END_TEST

START_TEST(the_ledger_record_of_a_registration_holds_its_evidence_and_nothing_that_was_left_out)
{
    struct ledger_row row;
    struct registered out = opt_in(nurture, BEFORE, NOW);
    ck_assert_int_eq(store_ledger_get(store, out.seq, loop_region(loop), &row), STORE_OK);
    ck_assert_str_eq(row.kind, "registration");
    ck_assert_str_eq(row.program, "nurture");
    ck_assert_str_eq(row.number, "+14155550123");
    json_t *payload = json_loads(row.payload, 0, NULL);
    ck_assert_ptr_nonnull(payload);
    ck_assert_str_eq(json_string_value(json_object_get(payload, "source")), "web_form");
    ck_assert_str_eq(json_string_value(json_object_get(payload, "product")), "Leads Direct");
    ck_assert_str_eq(json_string_value(json_object_get(payload, "collected_at")), BEFORE);
    ck_assert_str_eq(json_string_value(json_object_get(payload, "ip")), "203.0.113.9");
    ck_assert_str_eq(json_string_value(json_object_get(payload, "account")), "campaigns");
    ck_assert(json_is_true(json_object_get(payload, "opted_in")));
    ck_assert_ptr_null(json_object_get(payload, "recording"));
    json_decref(payload);
}
END_TEST

/* ---- the box ---- */

START_TEST(an_unticked_box_adds_no_consent)
{
    char why[STANDING_WHY_SIZE];
    struct registration it = form(nurture, BEFORE);
    it.has_opted_in = false;
    it.disclosure = it.form_url = it.collected_at = ""; /* and needs no evidence */
    struct registered out = post(&it, NOW);
    ck_assert_int_eq(out.fault, VERDICT_ALLOWED);
    ck_assert_int_eq(out.standing.state, STANDING_NOT_ELIGIBLE);
    ck_assert(!out.wants_confirmation);
    ck_assert(strstr(standing_why(&out.standing, why), "unticked on 23 Nov 2026") != NULL);
}
END_TEST

START_TEST(an_unticked_box_an_import_or_a_manual_entry_takes_no_consent_away)
{
    static const char *const sources[] = {"web_form", "import", "manual"};
    int64_t seq = opt_in(nurture, BEFORE, NOW).seq;
    for (size_t i = 0; i < 3; i++) {
        struct registration it = form(nurture, AFTER);
        it.has_opted_in = false;
        it.source = sources[i];
        struct registered out = post(&it, NOW + MINUTE);
        ck_assert_int_eq(out.standing.state, STANDING_OPTED_IN);
        ck_assert_int_eq(out.standing.seq, seq);
        ck_assert_int_gt(out.seq, seq); /* but it is recorded */
        ck_assert(!out.wants_confirmation);
    }
}
END_TEST

START_TEST(a_yes_after_an_unticked_box_is_a_yes_of_that_program_alone)
{
    struct registration it = form(nurture, BEFORE);
    it.has_opted_in = false;
    post(&it, NOW);
    ck_assert(opt_in(nurture, AT_NOW, NOW).wants_confirmation);
    ck_assert_str_eq(state(nurture), "opted_in");
    ck_assert_str_eq(state(news), "unknown");
}
END_TEST

START_TEST(the_same_act_posted_again_is_a_repeat_and_changes_nothing)
{
    struct registered first = opt_in(nurture, BEFORE, NOW);
    turn_keeps();
    struct registered again = opt_in(nurture, BEFORE, NOW + MINUTE);
    ck_assert(!first.is_repeat && again.is_repeat);
    ck_assert_int_eq(again.seq, first.seq);
    ck_assert_int_eq(records(), 1);
    ck_assert(!again.wants_confirmation);
    ck_assert_int_eq(again.standing.state, STANDING_OPTED_IN);
    leave(nurture, false, NOW + MINUTE);
    again = opt_in(nurture, BEFORE, NOW + 2 * MINUTE);
    ck_assert(again.is_repeat);
    ck_assert_int_eq(again.standing.state, STANDING_OPTED_OUT);
}
END_TEST

START_TEST(an_act_whose_commit_failed_is_no_repeat_when_it_is_posted_again)
{
    opt_in(nurture, BEFORE, NOW);
    turn_fails();
    ck_assert_str_eq(state(nurture), "unknown");
    struct registered again = opt_in(nurture, BEFORE, NOW);
    ck_assert(!again.is_repeat && again.wants_confirmation);
    ck_assert_int_eq(again.seq, 1);
}
END_TEST

START_TEST(another_form_of_somebody_who_is_in_confirms_nothing_twice)
{
    opt_in(nurture, BEFORE, NOW);
    struct registered newer = opt_in(nurture, AT_NOW, NOW);
    ck_assert(!newer.is_repeat && !newer.wants_confirmation);
    ck_assert_int_eq(newer.standing.seq, newer.seq);
    ck_assert_int_eq(newer.standing.since, NOW);
}
END_TEST

/* ---- leaving ---- */

START_TEST(a_stop_ends_the_opt_in_and_says_since_when_and_how)
{
    char why[STANDING_WHY_SIZE];
    opt_in(nurture, BEFORE, NOW - MINUTE);
    struct revoked out = leave(nurture, false, NOW);
    struct standing standing = standing_at(nurture, NOW + DAY);
    ck_assert(!out.was_out);
    ck_assert_int_eq(standing.state, STANDING_OPTED_OUT);
    ck_assert_int_eq(standing.seq, out.seq);
    ck_assert_int_eq(standing.since, NOW);
    ck_assert_str_eq(standing_why(&standing, why), "texted STOP on 23 Nov 2026");
}
END_TEST

START_TEST(a_strangers_stop_is_a_first_stop_and_only_the_second_finds_them_out)
{
    ck_assert(!leave(nurture, false, NOW).was_out);
    ck_assert_str_eq(state(nurture), "opted_out");
    ck_assert(leave(nurture, false, NOW + MINUTE).was_out);
    ck_assert(leave(news, false, NOW + MINUTE).was_out); /* of the same owner */
    ck_assert(!leave(other, false, NOW + MINUTE).was_out);
}
END_TEST

START_TEST(an_opt_out_ends_its_owner_its_brand_or_its_program_as_the_program_says)
{
    static const char *const ends[][5] = {
        /* nurture      news         alerts       alarms       other */
        {"opted_out", "opted_out", "opted_out", "opted_out", "unknown"}, /* owner */
        {"unknown", "unknown", "opted_out", "opted_out", "unknown"},     /* brand */
        {"unknown", "unknown", "unknown", "opted_out", "unknown"},       /* program */
        {"opted_out", "opted_out", "opted_out", "opted_out", "unknown"}, /* STOPALL */
    };
    for (int i = 0; i < 4; i++) {
        const struct program *const all[] = {nurture, news, alerts, alarms, other};
        leave(i == 0 ? nurture : i == 1 ? alerts : alarms, i == 3, NOW);
        turn_keeps();
        for (int k = 0; k < 5; k++)
            ck_assert_msg(strcmp(state(all[k]), ends[i][k]) == 0, "%d %d: %s", i, k, state(all[k]));
        teardown();
        setup();
    }
}
END_TEST

START_TEST(who_is_out_of_a_brand_is_not_yet_out_of_the_owners_whole)
{
    leave(alerts, false, NOW);
    ck_assert(leave(alarms, false, NOW).was_out);
    ck_assert(!leave(alarms, true, NOW).was_out);
    ck_assert(!leave(other, false, NOW).was_out);
}
END_TEST

START_TEST(a_program_that_is_added_later_is_covered_by_its_owners_opt_out)
{
    leave(nurture, false, NOW);
    turn_keeps();
    close_all();
    open_all(START_OF_CONFIG PROGRAM("brand-new", "owner = \"Market Leader\" brand = \"New\"",
                                     "+12065550109"));
    const struct program *added = programs_find(programs, "brand-new");
    ck_assert_str_eq(state(added), "opted_out");
    opt_in(added, BEFORE, NOW + MINUTE);
    ck_assert_str_eq(state(added), "opted_out");
}
END_TEST

START_TEST(a_stop_is_not_lifted_by_a_new_name_of_the_owner)
{
    opt_in(nurture, BEFORE, NOW);
    leave(nurture, false, NOW);
    turn_keeps();
    close_all();
    open_all(
        "carrier \"sim\" { host = \"127.0.0.1\" system_id = \"a\" password = \"b\" }\n" PROGRAM(
            "nurture", "owner = \"Market Leader, LLC\" brand = \"Market Leader\"", "+12065550100"));
    ck_assert_str_eq(state(nurture), "opted_out");
}
END_TEST

START_TEST(a_stop_outlives_every_name_that_the_sender_goes_by)
{
    opt_in(nurture, BEFORE, NOW);
    leave(nurture, false, NOW);
    turn_keeps();
    close_all();
    open_all("carrier \"sim\" { host = \"127.0.0.1\" system_id = \"a\" password = \"b\" }\n" PROGRAM(
        "renamed", "owner = \"Somebody New\" brand = \"A New Brand\"", "+12065550100"));
    ck_assert_str_eq(state(programs_find(programs, "renamed")), "opted_out");
}
END_TEST

START_TEST(an_opt_out_survives_a_restart)
{
    opt_in(nurture, BEFORE, NOW);
    leave(nurture, false, NOW);
    turn_keeps();
    close_all();
    open_all(START_OF_CONFIG);
    ck_assert_str_eq(state(nurture), "opted_out");
}
END_TEST

static void count_one(void *owner, uint64_t number)
{
    ck_assert_uint_eq(number, NUMBER);
    ++*(int *)owner;
}

START_TEST(whoever_listens_hears_of_each_opt_out_at_once)
{
    int count = 0;
    static const struct consents_events events = {.went_out = count_one};
    consents_listen(consents, &events, &count);
    opt_in(nurture, BEFORE, NOW);
    ck_assert_int_eq(count, 0);
    leave(nurture, false, NOW);
    ck_assert_int_eq(count, 1);
}
END_TEST

/* ---- coming back ---- */

START_TEST(an_old_form_that_arrives_after_a_stop_does_not_lift_it)
{
    leave(nurture, false, NOW);
    turn_keeps();
    struct registered out = opt_in(nurture, BEFORE, NOW + MINUTE);
    ck_assert_int_eq(out.standing.state, STANDING_OPTED_OUT);
    ck_assert(!out.wants_confirmation);
}
END_TEST

START_TEST(a_form_of_the_same_instant_as_the_stop_leaves_the_person_out)
{
    leave(nurture, false, NOW);
    turn_keeps();
    ck_assert_int_eq(opt_in(nurture, AT_NOW, NOW + MINUTE).standing.state, STANDING_OPTED_OUT);
}
END_TEST

START_TEST(a_form_that_was_filled_in_after_the_stop_lifts_it_for_its_program_only)
{
    opt_in(nurture, BEFORE, NOW - MINUTE);
    opt_in(news, BEFORE, NOW - MINUTE);
    leave(nurture, false, NOW);
    turn_keeps();
    struct registered out = opt_in(nurture, AFTER, NOW + 2 * MINUTE);
    ck_assert_int_eq(out.standing.state, STANDING_OPTED_IN);
    ck_assert_int_eq(out.standing.seq, out.seq);
    ck_assert_int_eq(out.standing.since, NOW + 2 * MINUTE);
    ck_assert(out.wants_confirmation);
    ck_assert_str_eq(state(news), "opted_out");
    leave(nurture, false, NOW + 3 * MINUTE);
    turn_keeps();
    ck_assert_str_eq(state(nurture), "opted_out");
}
END_TEST

START_TEST(a_form_known_before_the_stop_lifts_nothing_though_its_clock_ran_ahead)
{
    /* Its clock is two minutes ahead: AFTER, though the STOP came a moment later than the form. */
    opt_in(nurture, AFTER, NOW - MINUTE);
    leave(nurture, false, NOW);
    turn_keeps();
    struct registration it = form(nurture, AFTER);
    it.contact_ref = "lead-882"; /* the same form from the sender's other list */
    ck_assert_int_eq(post(&it, NOW + 2 * MINUTE).standing.state, STANDING_OPTED_OUT);
}
END_TEST

START_TEST(no_import_unticked_box_or_staff_edit_lifts_a_stop)
{
    static const char *const sources[] = {"web_form", "import", "manual"};
    opt_in(nurture, BEFORE, NOW);
    leave(nurture, false, NOW);
    turn_keeps();
    for (size_t i = 0; i < 3; i++) {
        struct registration it = form(nurture, AFTER);
        it.source = sources[i];
        it.has_opted_in = i > 0;
        ck_assert_int_eq(post(&it, NOW + 2 * MINUTE).standing.state, STANDING_OPTED_OUT);
    }
}
END_TEST

START_TEST(an_earlier_opt_out_is_not_lifted_by_a_form_that_is_newer_than_the_last_record_only)
{
    /* The second was heard first, but could be written only later: a retry. */
    leave(nurture, false, NOW);
    turn_keeps();
    leave(alarms, false, NOW - 2 * MINUTE);
    turn_keeps();
    opt_in(alarms, "2026-11-23T09:29:00Z", NOW + MINUTE);
    ck_assert_str_eq(state(alarms), "opted_out");
}
END_TEST

START_TEST(start_restores_the_opt_in_that_was_before_it)
{
    int64_t seq = opt_in(nurture, BEFORE, NOW).seq;
    leave(nurture, false, NOW);
    turn_keeps();
    struct restarted out = come_back(nurture, NOW + MINUTE);
    ck_assert_int_eq(out.standing.state, STANDING_OPTED_IN);
    ck_assert_int_eq(out.standing.seq, seq);
    ck_assert_int_gt(out.seq, seq);
    ck_assert(out.wants_confirmation);
    ck_assert_int_eq(out.standing.confirmation, CONFIRMATION_PENDING);
}
END_TEST

START_TEST(start_is_for_the_program_written_to_and_no_other)
{
    opt_in(nurture, BEFORE, NOW);
    opt_in(news, BEFORE, NOW);
    leave(nurture, false, NOW);
    turn_keeps();
    come_back(nurture, NOW + MINUTE);
    ck_assert_str_eq(state(nurture), "opted_in");
    ck_assert_str_eq(state(news), "opted_out");
}
END_TEST

START_TEST(start_without_an_earlier_opt_in_makes_nobody_eligible)
{
    struct restarted stranger = come_back(nurture, NOW);
    ck_assert_int_eq(stranger.standing.state, STANDING_NOT_ELIGIBLE);
    ck_assert(!stranger.wants_confirmation);
    ck_assert_int_eq(stranger.seq, 1);
    ck_assert_int_eq(come_back(nurture, NOW).seq, 0); /* again: nothing changes */
    struct registration it = form(other, BEFORE);
    it.has_opted_in = false;
    post(&it, NOW);
    ck_assert_int_eq(come_back(other, NOW).standing.state, STANDING_NOT_ELIGIBLE);
    leave(other, false, NOW);
    turn_keeps();
    struct restarted out = come_back(other, NOW + MINUTE);
    ck_assert_int_eq(out.standing.state, STANDING_NOT_ELIGIBLE);
    ck_assert(!out.wants_confirmation);
}
END_TEST

START_TEST(start_of_somebody_who_is_in_changes_nothing)
{
    opt_in(nurture, BEFORE, NOW);
    int64_t before = records();
    struct restarted out = come_back(nurture, NOW + MINUTE);
    ck_assert_int_eq(out.seq, 0);
    ck_assert(!out.wants_confirmation);
    ck_assert_int_eq(out.standing.state, STANDING_OPTED_IN);
    ck_assert_int_eq(records(), before);
}
END_TEST

START_TEST(stop_and_start_of_one_turn_leave_the_person_in_and_confirmed)
{
    opt_in(nurture, BEFORE, NOW - MINUTE);
    turn_keeps();
    leave(nurture, false, NOW);
    struct restarted out = come_back(nurture, NOW);
    ck_assert_int_eq(out.standing.state, STANDING_OPTED_IN);
    ck_assert(out.wants_confirmation);
}
END_TEST

START_TEST(start_and_stop_of_one_turn_leave_the_person_out)
{
    opt_in(nurture, BEFORE, NOW - MINUTE);
    leave(nurture, false, NOW - MINUTE);
    turn_keeps();
    come_back(nurture, NOW);
    leave(nurture, false, NOW);
    turn_keeps();
    ck_assert_str_eq(state(nurture), "opted_out");
}
END_TEST

/* ---- time ---- */

START_TEST(consent_ends_when_the_program_says_so_to_the_millisecond)
{
    opt_in(dated, AT_NOW, NOW);
    ck_assert_int_eq(standing_at(dated, NOW + 730 * DAY - 1).state, STANDING_OPTED_IN);
    struct standing over = standing_at(dated, NOW + 730 * DAY);
    ck_assert_int_eq(over.state, STANDING_EXPIRED);
    ck_assert_int_eq(over.since, NOW + 730 * DAY);
    opt_in(nurture, AT_NOW, NOW);
    ck_assert_int_eq(standing_at(nurture, NOW + 7300 * DAY).state, STANDING_OPTED_IN);
}
END_TEST

START_TEST(a_form_that_is_too_old_already_is_expired_and_confirms_nothing)
{
    struct registered out = opt_in(dated, "2020-01-01T00:00:00Z", NOW);
    ck_assert_int_eq(out.standing.state, STANDING_EXPIRED);
    ck_assert(!out.wants_confirmation);
}
END_TEST

START_TEST(a_new_form_after_the_term_opts_in_anew_with_a_confirmation)
{
    opt_in(dated, "2020-01-01T00:00:00Z", NOW);
    struct registered out = opt_in(dated, AT_NOW, NOW);
    ck_assert_int_eq(out.standing.state, STANDING_OPTED_IN);
    ck_assert(out.wants_confirmation);
}
END_TEST

START_TEST(a_stop_outlives_the_consent_that_it_ended)
{
    opt_in(dated, AT_NOW, NOW);
    leave(dated, false, NOW);
    ck_assert_int_eq(standing_at(dated, NOW + 7300 * DAY).state, STANDING_OPTED_OUT);
}
END_TEST

/* ---- the confirmation ---- */

static enum consent_confirmation confirmation(void)
{
    return standing_at(nurture, NOW).confirmation;
}

static enum confirmation_next settled(enum confirmation_fate fate, int64_t now_ms)
{
    return consent_confirmation_settled(consents, nurture, NUMBER, fate, now_ms);
}

START_TEST(a_confirmation_that_the_carrier_took_releases_what_waited)
{
    ck_assert(!consent_confirmation_made(consents, nurture, NUMBER, NOW)); /* nobody opted in */
    opt_in(nurture, BEFORE, NOW);
    ck_assert(consent_confirmation_made(consents, nurture, NUMBER, NOW));
    ck_assert_int_eq(settled(CONFIRMED, NOW + 1), CONFIRMATION_RELEASE);
    ck_assert_int_eq(confirmation(), CONFIRMATION_TAKEN);
    ck_assert(!consent_confirmation_made(consents, nurture, NUMBER, NOW + 2));
    ck_assert_int_eq(settled(CONFIRMATION_REFUSED, NOW + 3), CONFIRMATION_WAIT);
    ck_assert_int_eq(confirmation(), CONFIRMATION_TAKEN);
}
END_TEST

START_TEST(a_confirmation_in_doubt_is_made_three_times_and_not_a_fourth)
{
    opt_in(nurture, BEFORE, NOW);
    for (int i = 1; i <= 3; i++) {
        ck_assert(consent_confirmation_made(consents, nurture, NUMBER, NOW + i));
        ck_assert_int_eq(settled(CONFIRMATION_IN_DOUBT, NOW + i),
                         i < 3 ? CONFIRMATION_RESEND : CONFIRMATION_WAIT);
    }
    ck_assert(!consent_confirmation_made(consents, nurture, NUMBER, NOW + 4));
    ck_assert_int_eq(confirmation(), CONFIRMATION_PENDING); /* a receipt may still come */
    ck_assert_int_eq(settled(CONFIRMED, NOW + 5), CONFIRMATION_RELEASE);
}
END_TEST

START_TEST(a_confirmation_refused_for_good_fails_at_once_and_one_in_doubt_after_a_day)
{
    opt_in(nurture, BEFORE, NOW);
    ck_assert(consent_confirmation_made(consents, nurture, NUMBER, NOW));
    ck_assert_int_eq(settled(CONFIRMATION_IN_DOUBT, NOW + DAY - 1), CONFIRMATION_RESEND);
    ck_assert(!consent_confirmation_made(consents, nurture, NUMBER, NOW + DAY));
    ck_assert_int_eq(settled(CONFIRMATION_IN_DOUBT, NOW + DAY), CONFIRMATION_GIVE_UP);
    ck_assert_int_eq(confirmation(), CONFIRMATION_FAILED);
    ck_assert_int_eq(settled(CONFIRMED, NOW + DAY + 1), CONFIRMATION_RELEASE); /* a late receipt */
    ck_assert_int_eq(confirmation(), CONFIRMATION_TAKEN);
    opt_in(news, BEFORE, NOW);
    ck_assert_int_eq(
        consent_confirmation_settled(consents, news, NUMBER, CONFIRMATION_REFUSED, NOW),
        CONFIRMATION_GIVE_UP);
}
END_TEST

START_TEST(a_new_form_after_a_failed_confirmation_gets_a_new_one)
{
    opt_in(nurture, BEFORE, NOW);
    consent_confirmation_made(consents, nurture, NUMBER, NOW);
    settled(CONFIRMATION_REFUSED, NOW);
    ck_assert(opt_in(nurture, AT_NOW, NOW + MINUTE).wants_confirmation);
    ck_assert_int_eq(confirmation(), CONFIRMATION_PENDING);
    ck_assert(consent_confirmation_made(consents, nurture, NUMBER, NOW + MINUTE));
}
END_TEST

START_TEST(a_number_that_was_never_in_has_no_confirmation_to_take)
{
    ck_assert_int_eq(settled(CONFIRMED, NOW), CONFIRMATION_WAIT);
    ck_assert_str_eq(state(nurture), "unknown");
}
END_TEST

/* ---- bars: when the commit fails ---- */

START_TEST(a_stop_whose_commit_failed_still_bars)
{
    opt_in(nurture, BEFORE, NOW);
    turn_keeps();
    leave(nurture, false, NOW);
    turn_fails();
    ck_assert_str_eq(state(nurture), "opted_out");
    ck_assert_str_eq(state(news), "opted_out"); /* its whole scope */
    ck_assert_str_eq(state(other), "unknown");
    ck_assert(consent_went_out_since(consents, nurture, NUMBER, records()));
    ck_assert(!consent_went_out_since(consents, other, NUMBER, records()));
    turn_keeps(); /* a turn about something else ends no bar */
    ck_assert_str_eq(state(nurture), "opted_out");
}
END_TEST

START_TEST(a_bar_ends_with_the_commit_that_wrote_the_stop)
{
    opt_in(nurture, BEFORE, NOW);
    turn_keeps();
    leave(nurture, false, NOW);
    turn_fails();
    leave(nurture, false, NOW);
    turn_keeps();
    ck_assert_str_eq(state(nurture), "opted_out");
    come_back(nurture, NOW + MINUTE);
    ck_assert_str_eq(state(nurture), "opted_in");
}
END_TEST

START_TEST(a_stop_that_could_only_be_written_later_is_a_first_stop_and_gets_its_answer)
{
    opt_in(nurture, BEFORE, NOW);
    turn_keeps();
    ck_assert(!leave(nurture, false, NOW).was_out);
    turn_fails();
    ck_assert(!leave(nurture, false, NOW).was_out);
}
END_TEST

START_TEST(what_was_asked_after_a_stop_of_the_same_turn_is_not_older_than_it)
{
    struct revoked out = leave(nurture, false, NOW);
    ck_assert(consent_went_out_since(consents, nurture, NUMBER, out.seq - 1));
    ck_assert(!consent_went_out_since(consents, nurture, NUMBER, out.seq));
}
END_TEST

START_TEST(all_of_it_is_a_chain_that_verifies)
{
    struct ledger_check check;
    opt_in(nurture, BEFORE, NOW);
    leave(alerts, true, NOW);
    turn_keeps();
    come_back(nurture, NOW + MINUTE);
    turn_fails();
    opt_in(nurture, AFTER, NOW + 2 * MINUTE);
    turn_keeps();
    ck_assert(ledger_verify_store(store, &(struct ledger_known){0}, &check));
    ck_assert_msg(check.is_whole, "%s", check.why);
    ck_assert_int_eq(check.records, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("consent");
    TCase *all = tcase_create("consent");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, who_never_said_yes_is_unknown_and_that_is_a_no);
    tcase_add_test(all, only_one_state_of_seven_is_a_yes);
    tcase_add_test(all, consent_that_cant_be_read_is_neither_a_yes_nor_a_no_consent);
    tcase_add_test(all, a_form_is_not_taken_while_nobody_can_tell_whether_it_was_posted_before);
    tcase_add_test(all, each_source_opens_the_gate_with_all_of_its_evidence);
    tcase_add_test(all, an_opt_in_that_lacks_a_piece_of_its_evidence_is_refused_and_not_recorded);
    tcase_add_test(all, an_import_or_a_manual_entry_never_opens_the_gate_whatever_the_box_says);
    tcase_add_test(all, a_box_that_came_ticked_opens_nothing);
    tcase_add_test(all, what_the_law_calls_implied_is_kept_with_its_end_and_opens_nothing);
    tcase_add_test(all, an_implied_consent_takes_none_away_that_was_given);
    tcase_add_test(all, a_program_with_an_age_opens_to_those_who_have_it_by_their_date_of_birth);
    tcase_add_test(all, a_birthday_counts_once_it_has_come_everywhere);
    tcase_add_test(all, the_wording_is_recorded_with_its_hash_and_every_field_as_it_came);
    tcase_add_test(all, a_keyword_cant_be_posted_nor_a_source_that_nobody_knows);
    tcase_add_test(all, collected_at_may_be_five_minutes_ahead_of_our_clock_and_no_more);
    tcase_add_test(
        all, the_ledger_record_of_a_registration_holds_its_evidence_and_nothing_that_was_left_out);
    tcase_add_test(all, an_unticked_box_adds_no_consent);
    tcase_add_test(all, an_unticked_box_an_import_or_a_manual_entry_takes_no_consent_away);
    tcase_add_test(all, a_yes_after_an_unticked_box_is_a_yes_of_that_program_alone);
    tcase_add_test(all, the_same_act_posted_again_is_a_repeat_and_changes_nothing);
    tcase_add_test(all, an_act_whose_commit_failed_is_no_repeat_when_it_is_posted_again);
    tcase_add_test(all, another_form_of_somebody_who_is_in_confirms_nothing_twice);
    tcase_add_test(all, a_stop_ends_the_opt_in_and_says_since_when_and_how);
    tcase_add_test(all, a_strangers_stop_is_a_first_stop_and_only_the_second_finds_them_out);
    tcase_add_test(all, an_opt_out_ends_its_owner_its_brand_or_its_program_as_the_program_says);
    tcase_add_test(all, who_is_out_of_a_brand_is_not_yet_out_of_the_owners_whole);
    tcase_add_test(all, a_program_that_is_added_later_is_covered_by_its_owners_opt_out);
    tcase_add_test(all, a_stop_is_not_lifted_by_a_new_name_of_the_owner);
    tcase_add_test(all, a_stop_outlives_every_name_that_the_sender_goes_by);
    tcase_add_test(all, an_opt_out_survives_a_restart);
    tcase_add_test(all, whoever_listens_hears_of_each_opt_out_at_once);
    tcase_add_test(all, an_old_form_that_arrives_after_a_stop_does_not_lift_it);
    tcase_add_test(all, a_form_of_the_same_instant_as_the_stop_leaves_the_person_out);
    tcase_add_test(all, a_form_that_was_filled_in_after_the_stop_lifts_it_for_its_program_only);
    tcase_add_test(all, a_form_known_before_the_stop_lifts_nothing_though_its_clock_ran_ahead);
    tcase_add_test(all, no_import_unticked_box_or_staff_edit_lifts_a_stop);
    tcase_add_test(
        all, an_earlier_opt_out_is_not_lifted_by_a_form_that_is_newer_than_the_last_record_only);
    tcase_add_test(all, start_restores_the_opt_in_that_was_before_it);
    tcase_add_test(all, start_is_for_the_program_written_to_and_no_other);
    tcase_add_test(all, start_without_an_earlier_opt_in_makes_nobody_eligible);
    tcase_add_test(all, start_of_somebody_who_is_in_changes_nothing);
    tcase_add_test(all, stop_and_start_of_one_turn_leave_the_person_in_and_confirmed);
    tcase_add_test(all, start_and_stop_of_one_turn_leave_the_person_out);
    tcase_add_test(all, consent_ends_when_the_program_says_so_to_the_millisecond);
    tcase_add_test(all, a_form_that_is_too_old_already_is_expired_and_confirms_nothing);
    tcase_add_test(all, a_new_form_after_the_term_opts_in_anew_with_a_confirmation);
    tcase_add_test(all, a_stop_outlives_the_consent_that_it_ended);
    tcase_add_test(all, a_confirmation_that_the_carrier_took_releases_what_waited);
    tcase_add_test(all, a_confirmation_in_doubt_is_made_three_times_and_not_a_fourth);
    tcase_add_test(all, a_confirmation_refused_for_good_fails_at_once_and_one_in_doubt_after_a_day);
    tcase_add_test(all, a_new_form_after_a_failed_confirmation_gets_a_new_one);
    tcase_add_test(all, a_number_that_was_never_in_has_no_confirmation_to_take);
    tcase_add_test(all, a_stop_whose_commit_failed_still_bars);
    tcase_add_test(all, a_bar_ends_with_the_commit_that_wrote_the_stop);
    tcase_add_test(all,
                   a_stop_that_could_only_be_written_later_is_a_first_stop_and_gets_its_answer);
    tcase_add_test(all, what_was_asked_after_a_stop_of_the_same_turn_is_not_older_than_it);
    tcase_add_test(all, the_ledger_record_of_a_stop_names_its_rule_and_the_lists_that_this_is_of);
    tcase_add_test(all, all_of_it_is_a_chain_that_verifies);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
