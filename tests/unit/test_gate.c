/* The gate: what may leave, and for which reason what may not. On a real database. */
#include <check.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/loop.h"
#include "consent/gate.h"
#include "consent/ledger.h"
#include "tests/unit/place.h"

#define NUMBER   UINT64_C(14155550123)
#define SOMEBODY UINT64_C(14155550124)
#define NOW      INT64_C(1795426200000) /* 2026-11-23T09:30:00Z */
#define MINUTE   INT64_C(60000)

#define LONG_CODE "+12065550100"
#define TOLL_FREE "+18005550100"

static const char config_text[] =
    "carrier \"sim\" { host = \"127.0.0.1\" system_id = \"a\" password = \"b\" }\n"
    "program \"nurture\" { brand = \"Market Leader\" support = \"support.example.com\"\n"
    "  carriers = { \"sim\" } senders = { \"" LONG_CODE "\", \"" TOLL_FREE "\" } quiet_hours = \"off\" }\n"
    "program \"evening\" { brand = \"Market Leader\" support = \"support.example.com\"\n"
    "  carriers = { \"sim\" } senders = { \"+12065550102\" } }\n"
    "program \"other\" { brand = \"Somebody Else\" support = \"support.example.com\"\n"
    "  carriers = { \"sim\" } senders = { \"+12065550101\" } consent_expires = \"30d\" quiet_hours = \"off\" }\n"
    "keyword \"hours\" { programs = { \"nurture\" } words = { \"HOURS\" } reply = \"{brand}: 9 to 5. STOP ends.\"\n"
    "  strangers = true }\n"
    "keyword \"prices\" { programs = { \"nurture\" } words = { \"PRICES\" } reply = \"{brand}: Call us.\" }\n";

static struct config *config;
static struct loop *loop;
static struct store *store;
static struct ledger *ledger;
static struct programs *programs;
static struct consents *consents;
static struct gate *gate;
static const struct program *nurture, *other, *evening;
static struct finding finding;

static void stop_turn(void *owner)
{
    loop_stop(owner);
}

static void setup(void)
{
    char error[STORE_ERROR_SIZE];
    place_open();
    config = place_config(config_text);
    loop = loop_open();
    loop_at(loop, LOOP_DISPATCH, stop_turn, loop);
    store = store_open(place_path, error);
    ck_assert_msg(store != NULL, "%s", error);
    programs = programs_open(config, store);
    ledger = ledger_open(store);
    consents = consents_open(loop, store, ledger, programs);
    gate = gate_open(loop, store, consents, programs);
    nurture = programs_find(programs, "nurture");
    other = programs_find(programs, "other");
    evening = programs_find(programs, "evening");
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
}

static void teardown(void)
{
    gate_close(gate);
    consents_close(consents);
    ledger_close(ledger);
    programs_close(programs);
    store_close(store);
    loop_close(loop);
    config_free(config);
    place_remove();
}

static void turn_keeps(void)
{
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    consents_committed(consents);
    loop_again(loop);
    loop_run(loop);
}

/* ---- people ---- */

static int64_t head(void)
{
    char hash[DIGEST_HEX_SIZE];
    return ledger_head(ledger, hash);
}

static const char *home_timezone = "", *home_postal_code = ""; /* that the form brings */

static int64_t opt_in(const struct program *program, bool has_opted_in)
{
    struct registered out;
    struct registration it = {.program = program,
                              .number = NUMBER,
                              .has_opted_in = has_opted_in,
                              .source = "web_form",
                              .product = "",
                              .form_url = "https://example.com/form",
                              .disclosure = "By checking this box I agree to texts",
                              .ip = "",
                              .user_agent = "",
                              .contact_ref = "",
                              .document = "",
                              .recording = "",
                              .timezone = home_timezone,
                              .postal_code = home_postal_code,
                              .collected_at = "2026-11-23T09:00:00Z",
                              .account = "campaigns"};
    consent_register(consents, &it, NOW, &out);
    ck_assert_msg(out.fault == VERDICT_ALLOWED, "%s", out.detail);
    return out.seq;
}

static void confirmed(const struct program *program)
{
    ck_assert(consent_confirmation_made(consents, program, NUMBER, NOW));
    ck_assert_int_eq(consent_confirmation_settled(consents, program, NUMBER, CONFIRMED, NOW),
                     CONFIRMATION_RELEASE);
}

static int64_t leave(const struct program *program)
{
    struct revoked out;
    struct revocation it = {.number = NUMBER,
                            .programs = &program,
                            .program_count = 1,
                            .written_to = program->config->name,
                            .how = "texted STOP",
                            .channel = "sms"};
    consent_revoke(consents, &it, NOW, &out);
    return out.seq;
}

/* A text of the person, heard now. Gives its id. */
static int64_t wrote_words(const char *words, const char *verdict, const char *sender, int64_t ledger_seq)
{
    struct inbound text = {.id = store_next_id(store, NOW),
                           .at = NOW,
                           .carrier = "sim",
                           .source = "14155550123",
                           .number = NUMBER,
                           .sender = sender,
                           .program = nurture->id,
                           .text = words,
                           .verdict = verdict,
                           .rule = "",
                           .effect = "",
                           .ledger_seq = ledger_seq,
                           .heard_seq = head()};
    store_inbound_put(store, &text);
    return text.id;
}

static int64_t wrote(const char *verdict, const char *sender, int64_t ledger_seq)
{
    return wrote_words("", verdict, sender, ledger_seq);
}

/* ---- messages ---- */

static struct message message_of(enum message_purpose purpose, int64_t answers)
{
    return (struct message){.id = 1,
                            .program = nurture->id,
                            .account = "campaigns",
                            .sender = LONG_CODE,
                            .number = NUMBER,
                            .purpose = purpose,
                            .state = MESSAGE_QUEUED,
                            .reason = "",
                            .text = "Hi",
                            .parts = 1,
                            .answers = answers,
                            .carrier = "",
                            .client_ref = "lead-881"};
}

static void expect_at(int64_t now_ms, const struct message *message, enum verdict verdict,
                      enum finding_wait wait)
{
    gate_ask(gate, message, now_ms, &finding);
    ck_assert_msg(finding.verdict == verdict, "%d instead of %d: %s", (int)finding.verdict,
                  (int)verdict, finding.why);
    if (verdict == VERDICT_ALLOWED)
        ck_assert_int_eq(finding.wait, wait);
    struct finding second;
    struct cleared *cleared = gate_clear(gate, message, now_ms, &second);
    ck_assert_int_eq(second.verdict, verdict);
    ck_assert_int_eq(second.consent_seq, finding.consent_seq);
    ck_assert(verdict == VERDICT_ALLOWED || finding.why[0] != '\0');
    ck_assert((cleared != NULL) == (verdict == VERDICT_ALLOWED && wait == FINDING_GO));
}

static void expect(struct message message, enum verdict verdict)
{
    expect_at(NOW, &message, verdict, FINDING_GO);
}

/* ---- campaigns ---- */

START_TEST(nothing_leaves_for_somebody_without_an_opt_in)
{
    expect(message_of(PURPOSE_CAMPAIGN, 0), VERDICT_NO_CONSENT);
    opt_in(nurture, false);
    expect(message_of(PURPOSE_CAMPAIGN, 0), VERDICT_NO_CONSENT);
    opt_in(other, true);
    confirmed(other);
    expect(message_of(PURPOSE_CAMPAIGN, 0), VERDICT_NO_CONSENT); /* that was another program */
}
END_TEST

START_TEST(a_campaign_is_allowed_by_the_opt_in_and_names_its_record_once_the_confirmation_was_taken)
{
    struct message message = message_of(PURPOSE_CAMPAIGN, 0);
    int64_t seq = opt_in(nurture, true);
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_HOLD);
    confirmed(nurture);
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_GO);
    ck_assert_int_eq(finding.consent_seq, seq);
    message.number = SOMEBODY;
    expect(message, VERDICT_NO_CONSENT);
}
END_TEST

START_TEST(a_campaign_fails_where_the_confirmation_did)
{
    struct message message = message_of(PURPOSE_CAMPAIGN, 0);
    opt_in(nurture, true);
    consent_confirmation_settled(consents, nurture, NUMBER, CONFIRMATION_REFUSED, NOW);
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_FAILED);
}
END_TEST

START_TEST(a_stop_ends_a_campaign_in_the_turn_in_which_it_is_heard_and_after_it)
{
    opt_in(nurture, true);
    confirmed(nurture);
    int64_t seq = leave(nurture);
    expect(message_of(PURPOSE_CAMPAIGN, 0), VERDICT_OPTED_OUT);
    turn_keeps();
    expect(message_of(PURPOSE_CAMPAIGN, 0), VERDICT_OPTED_OUT);
    ck_assert_int_eq(finding.consent_seq, seq);
}
END_TEST

START_TEST(an_expired_consent_allows_nothing)
{
    struct message message = message_of(PURPOSE_CAMPAIGN, 0);
    message.program = other->id;
    message.sender = "+12065550101";
    opt_in(other, true);
    confirmed(other);
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_GO);
    expect_at(NOW + INT64_C(30) * 86400000, &message, VERDICT_CONSENT_EXPIRED, FINDING_GO);
}
END_TEST

START_TEST(a_sender_that_is_not_the_programs_and_a_program_that_nobody_knows_are_refused)
{
    static const enum message_purpose purposes[] = {PURPOSE_CAMPAIGN, PURPOSE_CONFIRMATION,
                                                    PURPOSE_STOP_REPLY, PURPOSE_HELP_REPLY,
                                                    PURPOSE_START_REPLY};
    opt_in(nurture, true);
    confirmed(nurture);
    for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++) {
        struct message message = message_of(purposes[i], wrote("opt_out", LONG_CODE, 1));
        message.sender = "+12065550101";
        expect(message, VERDICT_SENDER_NOT_ALLOWED);
        message.sender = "";
        expect(message, VERDICT_SENDER_NOT_ALLOWED);
        message.sender = LONG_CODE;
        message.program = 4711;
        expect(message, VERDICT_SENDER_NOT_ALLOWED);
    }
}
END_TEST

START_TEST(a_purpose_that_nobody_knows_is_a_no)
{
    opt_in(nurture, true);
    confirmed(nurture);
    expect(message_of((enum message_purpose)0, 0), VERDICT_NO_CONSENT);
    expect(message_of((enum message_purpose)7, 0), VERDICT_NO_CONSENT);
}
END_TEST

/* ---- hours ---- */

/* NOW is half past one in the night in San Francisco. */
static struct message message_of_evening(int64_t due_at, int64_t expires_at)
{
    struct message message = message_of(PURPOSE_CAMPAIGN, 0);
    message.program = evening->id;
    message.sender = "+12065550102";
    message.due_at = due_at;
    message.expires_at = expires_at;
    return message;
}

START_TEST(a_campaign_waits_for_the_recipients_hours_or_is_refused)
{
    int64_t opens_at = NOW + 390 * MINUTE; /* 8:00 */
    struct message tomorrow = message_of_evening(NOW, NOW + 1440 * MINUTE);
    struct message too_short = message_of_evening(NOW, opens_at);
    struct message at_noon = message_of_evening(NOW + 630 * MINUTE, NOW + 640 * MINUTE);
    opt_in(evening, true);
    expect_at(NOW, &tomorrow, VERDICT_ALLOWED, FINDING_HOLD); /* the confirmation comes first */
    ck_assert(consent_confirmation_made(consents, evening, NUMBER, NOW));
    consent_confirmation_settled(consents, evening, NUMBER, CONFIRMED, NOW);
    expect_at(NOW, &tomorrow, VERDICT_ALLOWED, FINDING_SHUT);
    ck_assert_int_eq(finding.open_at, opens_at);
    expect_at(NOW, &too_short, VERDICT_QUIET_HOURS, FINDING_GO);
    ck_assert_str_eq(finding.why, "it would expire before the recipient's hours open at 2026-11-23T16:00:00.000Z");
    too_short.expires_at++;
    expect_at(NOW, &too_short, VERDICT_ALLOWED, FINDING_SHUT);
    expect_at(opens_at - 1, &tomorrow, VERDICT_ALLOWED, FINDING_SHUT);
    expect_at(opens_at, &tomorrow, VERDICT_ALLOWED, FINDING_GO);
    gate_ask(gate, &at_noon, NOW, &finding); /* of one that is due later: as of then */
    ck_assert_int_eq(finding.verdict, VERDICT_ALLOWED);
    ck_assert_int_eq(finding.wait, FINDING_GO);
}
END_TEST

START_TEST(a_confirmation_comes_at_any_hour)
{
    struct message message = message_of_evening(NOW, NOW + 10 * MINUTE);
    message.purpose = PURPOSE_CONFIRMATION;
    message.consent_seq = opt_in(evening, true);
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_GO);
}
END_TEST

START_TEST(what_came_with_the_consent_decides_on_the_hours_after_a_restart_too)
{
    struct message message = message_of_evening(NOW, NOW + 1440 * MINUTE);
    home_timezone = "Europe/Berlin"; /* half past ten in the morning */
    opt_in(evening, true);
    ck_assert(consent_confirmation_made(consents, evening, NUMBER, NOW));
    consent_confirmation_settled(consents, evening, NUMBER, CONFIRMED, NOW);
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_GO);
    turn_keeps();
    consents_reloaded(consents);
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_GO);
    place_run_sql("UPDATE consent SET timezone = 'Mars/Olympus'"); /* as if tz data had lost it */
    turn_keeps();
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_SHUT);
}
END_TEST

/* ---- what can't be read ---- */

static void table_drop(const char *table)
{
    char sql[60];
    turn_keeps();
    snprintf(sql, sizeof sql, "DROP TABLE %s", table);
    place_run_sql(sql);
}

START_TEST(consent_that_cant_be_read_is_a_no)
{
    opt_in(nurture, true);
    confirmed(nurture);
    table_drop("consent");
    expect(message_of(PURPOSE_CAMPAIGN, 0), VERDICT_UNAVAILABLE);
    struct message confirmation = message_of(PURPOSE_CONFIRMATION, 0);
    confirmation.consent_seq = 1;
    expect(confirmation, VERDICT_UNAVAILABLE);
}
END_TEST

START_TEST(opt_outs_that_cant_be_read_are_a_no)
{
    opt_in(nurture, true);
    confirmed(nurture);
    int64_t help = wrote("help", LONG_CODE, 0);
    table_drop("optout");
    expect(message_of(PURPOSE_CAMPAIGN, 0), VERDICT_UNAVAILABLE);
    expect(message_of(PURPOSE_HELP_REPLY, help), VERDICT_OPTED_OUT);
}
END_TEST

START_TEST(a_question_that_cant_be_read_gets_no_answer)
{
    int64_t help = wrote("help", LONG_CODE, 0);
    table_drop("inbound");
    expect(message_of(PURPOSE_HELP_REPLY, help), VERDICT_UNAVAILABLE);
    expect(message_of(PURPOSE_STOP_REPLY, help), VERDICT_UNAVAILABLE);
}
END_TEST

/* ---- confirmations ---- */

START_TEST(a_confirmation_leaves_for_an_opt_in_that_waits_for_it_and_names_its_record)
{
    struct message message = message_of(PURPOSE_CONFIRMATION, 0);
    message.consent_seq = 1;
    expect(message, VERDICT_NO_CONSENT); /* nobody opted in */
    opt_in(nurture, false);
    expect(message, VERDICT_NO_CONSENT);
    message.consent_seq = opt_in(nurture, true);
    expect(message, VERDICT_ALLOWED);
    ck_assert_int_eq(finding.consent_seq, message.consent_seq);
    message.consent_seq = 0;
    expect(message, VERDICT_NO_CONSENT); /* it must name one */
}
END_TEST

START_TEST(a_confirmation_that_was_taken_or_has_failed_is_not_sent_again)
{
    struct message message = message_of(PURPOSE_CONFIRMATION, 0);
    message.consent_seq = opt_in(nurture, true);
    confirmed(nurture);
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_NEEDLESS);
    message.program = other->id;
    message.sender = "+12065550101";
    message.consent_seq = opt_in(other, true);
    consent_confirmation_settled(consents, other, NUMBER, CONFIRMATION_REFUSED, NOW);
    expect(message, VERDICT_NO_CONSENT);
}
END_TEST

START_TEST(a_confirmation_does_not_leave_after_a_stop)
{
    struct message message = message_of(PURPOSE_CONFIRMATION, 0);
    message.consent_seq = opt_in(nurture, true);
    turn_keeps();
    leave(nurture);
    expect(message, VERDICT_OPTED_OUT);
    turn_keeps();
    expect(message, VERDICT_OPTED_OUT);
}
END_TEST

/* ---- answers ---- */

START_TEST(a_stop_is_confirmed_for_five_minutes_and_not_later)
{
    int64_t seq = leave(nurture);
    struct message message = message_of(PURPOSE_STOP_REPLY, wrote("opt_out", LONG_CODE, seq));
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_GO);
    ck_assert_int_eq(finding.consent_seq, seq);
    turn_keeps();
    expect_at(NOW + 5 * MINUTE, &message, VERDICT_ALLOWED, FINDING_GO);
    expect_at(NOW + 5 * MINUTE + 1, &message, VERDICT_OPTED_OUT, FINDING_GO);
}
END_TEST

START_TEST(an_answer_needs_a_question_of_its_own_kind_from_that_very_person)
{
    static const struct {
        enum message_purpose purpose;
        const char *verdict;
    } kinds[] = {{PURPOSE_STOP_REPLY, "opt_out"},
                 {PURPOSE_HELP_REPLY, "help"},
                 {PURPOSE_START_REPLY, "opt_in"}};
    for (int i = 0; i < 3; i++) {
        expect(message_of(kinds[i].purpose, 0), VERDICT_NO_CONSENT);
        expect(message_of(kinds[i].purpose, 4711), VERDICT_NO_CONSENT);
        for (int k = 0; k < 3; k++)
            expect(message_of(kinds[i].purpose, wrote(kinds[k].verdict, LONG_CODE, 0)),
                   i == k ? VERDICT_ALLOWED : VERDICT_NO_CONSENT);
        expect(message_of(kinds[i].purpose, wrote("none", LONG_CODE, 0)), VERDICT_NO_CONSENT);
        expect(message_of(kinds[i].purpose, wrote("review", LONG_CODE, 0)), VERDICT_NO_CONSENT);
        struct message message =
            message_of(kinds[i].purpose, wrote(kinds[i].verdict, LONG_CODE, 0));
        message.number = SOMEBODY;
        expect(message, VERDICT_NO_CONSENT);
    }
}
END_TEST

START_TEST(an_answer_comes_from_the_program_that_was_asked)
{
    static const struct {
        enum message_purpose purpose;
        const char *verdict;
    } kinds[] = {{PURPOSE_STOP_REPLY, "opt_out"},
                 {PURPOSE_HELP_REPLY, "help"},
                 {PURPOSE_START_REPLY, "opt_in"}};
    for (int i = 0; i < 3; i++) {
        struct message message =
            message_of(kinds[i].purpose, wrote(kinds[i].verdict, LONG_CODE, 0));
        message.program = other->id;
        message.sender = "+12065550101";
        expect(message, VERDICT_NO_CONSENT);
    }
}
END_TEST

START_TEST(a_campaign_that_says_it_answers_something_is_a_campaign_all_the_same)
{
    expect(message_of(PURPOSE_CAMPAIGN, wrote("help", LONG_CODE, 0)), VERDICT_NO_CONSENT);
}
END_TEST

START_TEST(help_is_answered_for_strangers_and_for_those_who_are_out_before_they_ask)
{
    expect(message_of(PURPOSE_HELP_REPLY, wrote("help", LONG_CODE, 0)), VERDICT_ALLOWED);
    leave(nurture);
    turn_keeps();
    expect(message_of(PURPOSE_HELP_REPLY, wrote("help", LONG_CODE, 0)), VERDICT_ALLOWED);
    ck_assert_int_eq(finding.consent_seq, head());
}
END_TEST

START_TEST(help_that_was_asked_before_a_stop_is_not_answered_after_it)
{
    int64_t help = wrote("help", LONG_CODE, 0), start = wrote("opt_in", LONG_CODE, 0);
    leave(nurture);
    expect(message_of(PURPOSE_HELP_REPLY, help), VERDICT_OPTED_OUT);
    turn_keeps();
    expect(message_of(PURPOSE_HELP_REPLY, help), VERDICT_OPTED_OUT);
    expect(message_of(PURPOSE_START_REPLY, start), VERDICT_OPTED_OUT);
}
END_TEST

START_TEST(help_that_was_asked_after_a_stop_of_the_same_turn_is_answered)
{
    leave(nurture);
    expect(message_of(PURPOSE_HELP_REPLY, wrote("help", LONG_CODE, 0)), VERDICT_ALLOWED);
}
END_TEST

START_TEST(on_toll_free_somebody_who_is_out_gets_no_help_and_everybody_else_does)
{
    struct message message = message_of(PURPOSE_HELP_REPLY, wrote("help", TOLL_FREE, 0));
    message.sender = TOLL_FREE;
    expect(message, VERDICT_ALLOWED);
    leave(nurture);
    turn_keeps();
    message.answers = wrote("help", TOLL_FREE, 0);
    expect(message, VERDICT_OPTED_OUT);
}
END_TEST

/* ---- a keyword of the program's own ---- */

static struct message answer_of(const char *words, const char *text)
{
    struct message message = message_of(PURPOSE_KEYWORD_REPLY, wrote_words(words, "keyword", LONG_CODE, 0));
    message.text = text;
    return message;
}

#define HOURS  answer_of("hours!", "Market Leader: 9 to 5. STOP ends.")
#define PRICES answer_of("Prices", "Market Leader: Call us.")

START_TEST(the_answer_of_a_keyword_carries_the_programs_words_and_no_others)
{
    opt_in(nurture, true);
    confirmed(nurture);
    expect(HOURS, VERDICT_ALLOWED);
    expect(answer_of("hours", "Market Leader: 9 to 5. STOP ends. And buy now"), VERDICT_NO_CONSENT);
    expect(answer_of("hours", "Market Leader: Call us."), VERDICT_NO_CONSENT);
    expect(answer_of("hours and more", "Market Leader: 9 to 5. STOP ends."), VERDICT_NO_CONSENT);
    struct message message = HOURS;
    message.answers = 0;
    expect(message, VERDICT_NO_CONSENT);
    message.answers = wrote_words("hours", "none", LONG_CODE, 0);
    expect(message, VERDICT_NO_CONSENT);
    message = HOURS;
    message.number++;
    expect(message, VERDICT_NO_CONSENT);
    message = HOURS;
    message.sender = TOLL_FREE;
    expect(message, VERDICT_NO_CONSENT);
}
END_TEST

START_TEST(a_keyword_of_a_stranger_is_answered_only_where_it_says_so_and_names_where_the_ledger_stood)
{
    expect(PRICES, VERDICT_NO_CONSENT);
    opt_in(nurture, false);
    expect(PRICES, VERDICT_NO_CONSENT);
    int64_t stood = head();
    expect(HOURS, VERDICT_ALLOWED);
    ck_assert_int_eq(finding.consent_seq, stood);
}
END_TEST

START_TEST(a_keyword_of_one_who_opted_in_is_answered_once_the_confirmation_was_taken_and_names_the_consent)
{
    int64_t seq = opt_in(nurture, true);
    ck_assert(consent_confirmation_made(consents, nurture, NUMBER, NOW));
    struct message message = PRICES;
    expect_at(NOW, &message, VERDICT_ALLOWED, FINDING_HOLD);
    consent_confirmation_settled(consents, nurture, NUMBER, CONFIRMED, NOW);
    opt_in(other, true); /* so that the head is another */
    expect(PRICES, VERDICT_ALLOWED);
    ck_assert_int_eq(finding.consent_seq, seq);
}
END_TEST

START_TEST(a_keyword_of_one_who_is_out_is_not_answered_whenever_it_was_asked)
{
    opt_in(nurture, true);
    confirmed(nurture);
    struct message before = HOURS;
    leave(nurture);
    expect(before, VERDICT_OPTED_OUT);
    expect(HOURS, VERDICT_OPTED_OUT);
    turn_keeps();
    expect(before, VERDICT_OPTED_OUT);
    expect(HOURS, VERDICT_OPTED_OUT);
}
END_TEST

/* ---- the clearance ---- */

START_TEST(a_clearance_holds_a_copy_that_nothing_changes_afterwards)
{
    char account[] = "campaigns", sender[] = LONG_CODE, text[] = "Hi";
    struct message message = message_of(PURPOSE_CAMPAIGN, 0);
    message.account = account;
    message.sender = sender;
    message.text = text;
    int64_t seq = opt_in(nurture, true);
    confirmed(nurture);
    struct cleared *cleared = gate_clear(gate, &message, NOW, &finding);
    ck_assert_ptr_nonnull(cleared);
    message.number = SOMEBODY;
    message.text = "Buy!";
    message.purpose = PURPOSE_STOP_REPLY;
    memset(account, 'x', sizeof account - 1);
    memset(sender, 'x', sizeof sender - 1);
    memset(text, 'x', sizeof text - 1);
    const struct message *copy = cleared_message(cleared);
    ck_assert_uint_eq(copy->number, NUMBER);
    ck_assert_str_eq(copy->text, "Hi");
    ck_assert_str_eq(copy->sender, LONG_CODE);
    ck_assert_str_eq(copy->account, "campaigns");
    ck_assert_int_eq(copy->purpose, PURPOSE_CAMPAIGN);
    ck_assert_int_eq(cleared_consent_seq(cleared), seq);
}
END_TEST

START_TEST(asking_clears_nothing_and_writes_nothing)
{
    opt_in(nurture, true);
    confirmed(nurture);
    turn_keeps();
    struct message message = message_of(PURPOSE_CAMPAIGN, 0);
    gate_ask(gate, &message, NOW, &finding);
    message.number = SOMEBODY;
    gate_ask(gate, &message, NOW, &finding);
    ck_assert(!store_is_writing(store));
}
END_TEST

/* A clearance and a later turn. The files go first: the process won't. */
static struct cleared *kept_too_long(void)
{
    opt_in(nurture, true);
    confirmed(nurture);
    turn_keeps();
    struct message message = message_of(PURPOSE_CAMPAIGN, 0);
    struct cleared *cleared = gate_clear(gate, &message, NOW, &finding);
    turn_keeps();
    place_remove();
    return cleared; /* the octets are still there, and mean nothing any more */
}

START_TEST(a_clearance_of_an_earlier_turn_shows_no_message)
{
    cleared_message(kept_too_long());
}
END_TEST

START_TEST(a_clearance_of_an_earlier_turn_names_no_consent)
{
    cleared_consent_seq(kept_too_long());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gate");
    TCase *all = tcase_create("gate");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, a_campaign_waits_for_the_recipients_hours_or_is_refused);
    tcase_add_test(all, a_confirmation_comes_at_any_hour);
    tcase_add_test(all, what_came_with_the_consent_decides_on_the_hours_after_a_restart_too);
    tcase_add_test(all, nothing_leaves_for_somebody_without_an_opt_in);
    tcase_add_test(
        all,
        a_campaign_is_allowed_by_the_opt_in_and_names_its_record_once_the_confirmation_was_taken);
    tcase_add_test(all, a_campaign_fails_where_the_confirmation_did);
    tcase_add_test(all, a_stop_ends_a_campaign_in_the_turn_in_which_it_is_heard_and_after_it);
    tcase_add_test(all, an_expired_consent_allows_nothing);
    tcase_add_test(all,
                   a_sender_that_is_not_the_programs_and_a_program_that_nobody_knows_are_refused);
    tcase_add_test(all, a_purpose_that_nobody_knows_is_a_no);
    tcase_add_test(all, consent_that_cant_be_read_is_a_no);
    tcase_add_test(all, opt_outs_that_cant_be_read_are_a_no);
    tcase_add_test(all, a_question_that_cant_be_read_gets_no_answer);
    tcase_add_test(all, a_confirmation_leaves_for_an_opt_in_that_waits_for_it_and_names_its_record);
    tcase_add_test(all, a_confirmation_that_was_taken_or_has_failed_is_not_sent_again);
    tcase_add_test(all, a_confirmation_does_not_leave_after_a_stop);
    tcase_add_test(all, a_stop_is_confirmed_for_five_minutes_and_not_later);
    tcase_add_test(all, an_answer_needs_a_question_of_its_own_kind_from_that_very_person);
    tcase_add_test(all, an_answer_comes_from_the_program_that_was_asked);
    tcase_add_test(all, a_campaign_that_says_it_answers_something_is_a_campaign_all_the_same);
    tcase_add_test(all, help_is_answered_for_strangers_and_for_those_who_are_out_before_they_ask);
    tcase_add_test(all, help_that_was_asked_before_a_stop_is_not_answered_after_it);
    tcase_add_test(all, help_that_was_asked_after_a_stop_of_the_same_turn_is_answered);
    tcase_add_test(all, on_toll_free_somebody_who_is_out_gets_no_help_and_everybody_else_does);
    tcase_add_test(all, a_clearance_holds_a_copy_that_nothing_changes_afterwards);
    tcase_add_test(all, the_answer_of_a_keyword_carries_the_programs_words_and_no_others);
    tcase_add_test(all, a_keyword_of_a_stranger_is_answered_only_where_it_says_so_and_names_where_the_ledger_stood);
    tcase_add_test(all,
                   a_keyword_of_one_who_opted_in_is_answered_once_the_confirmation_was_taken_and_names_the_consent);
    tcase_add_test(all, a_keyword_of_one_who_is_out_is_not_answered_whenever_it_was_asked);
    tcase_add_test(all, asking_clears_nothing_and_writes_nothing);
    tcase_add_test_raise_signal(all, a_clearance_of_an_earlier_turn_shows_no_message, SIGABRT);
    tcase_add_test_raise_signal(all, a_clearance_of_an_earlier_turn_names_no_consent, SIGABRT);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
