#include "consent/gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/hours.h"
#include "consent/keyword.h"
#include "consent/law.h"
#include "consent/place.h"
#include "consent/review.h"

#define DAY_MS INT64_C(86400000)

struct gate {
    struct loop *loop;
    struct store *store;
    struct consents *consents;
    const struct programs *programs;
};

struct cleared {
    struct message message;
    int64_t consent_seq;
    struct loop *loop;
    uint64_t turn;
};

struct gate *gate_open(struct loop *loop, struct store *store, struct consents *consents,
                       const struct programs *programs)
{
    struct gate *gate = mem_new(sizeof *gate);
    *gate = (struct gate){
        .loop = loop, .store = store, .consents = consents, .programs = programs};
    return gate;
}

void gate_close(struct gate *gate)
{
    free(gate);
}

static void refuse(struct finding *out, enum verdict verdict, const char *why)
{
    out->verdict = verdict;
    snprintf(out->why, sizeof out->why, "%s", why);
}

static void refuse_standing(struct finding *out, const struct standing *standing)
{
    char why[STANDING_WHY_SIZE];
    refuse(out, standing_verdict(standing->state), standing_why(standing, why));
}

static const struct {
    enum message_state state;
    const char *reason;
} waits[] = {
    [FINDING_GO] = {MESSAGE_QUEUED, ""},
    [FINDING_HOLD] = {MESSAGE_HELD, "awaiting_confirmation_text"},
    [FINDING_FAILED] = {MESSAGE_FAILED, "confirmation_failed"},
    [FINDING_NEEDLESS] = {MESSAGE_CANCELLED, "an earlier one was taken"},
    [FINDING_REVIEW] = {MESSAGE_HELD, "under_review"},
    [FINDING_SHUT] = {MESSAGE_QUEUED, MESSAGE_QUIET},
};

enum message_state finding_wait_state(enum finding_wait wait)
{
    return waits[wait].state;
}

const char *finding_wait_reason(enum finding_wait wait)
{
    return waits[wait].reason;
}

/* ---- by purpose ---- */

/* What an opt-in waits for: its confirmation comes before anything else (R31), and a doubt holds what is marketing. */
static void judge_waits(const struct program *program, const struct standing *standing,
                        struct finding *out)
{
    if (standing->confirmation == CONFIRMATION_FAILED)
        out->wait = FINDING_FAILED;
    else if (standing->confirmation != CONFIRMATION_TAKEN)
        out->wait = FINDING_HOLD;
    else if (standing->review != 0 && !program_is_informational(program))
        out->wait = FINDING_REVIEW;
}

/* The person's opt-in, and nothing newer against it. */
static void judge_opt_in(struct gate *gate, const struct program *program,
                         const struct message *message, int64_t now_ms, struct standing *standing,
                         struct finding *out)
{
    if (!consent_standing(gate->consents, program, message->number, now_ms, standing)) {
        refuse(out, VERDICT_UNAVAILABLE, "the consent can't be read");
        return;
    }
    if (standing->state != STANDING_OPTED_IN)
        refuse_standing(out, standing);
    out->consent_seq = standing->seq;
    judge_waits(program, standing, out);
}

/* The recipient's hours. */
static void judge_hours(struct gate *gate, const struct program *program,
                        const struct message *message, const struct place *place, int64_t wanted_at,
                        struct finding *out)
{
    char text[TIME_TEXT_SIZE] = "";
    out->open_at = hours_open_at(consents_places(gate->consents), place,
                                 &program->config->quiet_hours, wanted_at);
    if (out->open_at == wanted_at)
        return;
    if (out->open_at < message->expires_at) {
        out->wait = out->wait == FINDING_GO ? FINDING_SHUT : out->wait;
        return;
    }
    if (out->open_at != HOURS_NEVER)
        time_write(out->open_at, text);
    out->verdict = VERDICT_QUIET_HOURS;
    snprintf(out->why, sizeof out->why, "%s%s",
             text[0] == '\0' ? "no hour of the next month is known to be right where the person is"
                             : "it would expire before the recipient's hours open at ", text);
}

/* Up to so many in so long, of the program or of all that its owner sends. */
struct cap {
    int64_t count, term_ms;
    bool is_owners;
    const char *of; /* for people */
};

static int64_t sends_counted(struct gate *gate, const struct program *program, const struct cap *cap,
                             const struct send_count *sends, size_t count)
{
    int64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        const struct program *other = programs_find_id(gate->programs, sends[i].program);
        if (other == program ||
            (cap->is_owners && other != NULL && strcmp(other->config->owner, program->config->owner) == 0))
            total += sends[i].count;
    }
    return total;
}

static void judge_cap(struct gate *gate, const struct program *program, const struct message *message,
                      const struct cap *cap, struct finding *out)
{
    size_t count = 0;
    struct send_count *sends;
    if (cap->count == 0 || out->verdict != VERDICT_ALLOWED)
        return;
    out->is_counted = true;
    if (store_sends_since(gate->store, message->number, out->open_at - cap->term_ms, message->id,
                          loop_region(gate->loop), &sends, &count) == STORE_FAILED) {
        refuse(out, VERDICT_UNAVAILABLE, "what was sent lately can't be read");
        return;
    }
    int64_t sent = sends_counted(gate, program, cap, sends, count);
    if (sent < cap->count)
        return;
    out->verdict = VERDICT_FREQUENCY_CAP;
    snprintf(out->why, sizeof out->why, "%lld sent in %lld day%s, and %s allows %lld", (long long)sent,
             (long long)(cap->term_ms / DAY_MS), cap->term_ms == DAY_MS ? "" : "s", cap->of,
             (long long)cap->count);
}

/* The program's own, and the states' (R92): of 24 hours, on one subject, which is here all that an owner sells. Who
 * lifts the hours lifts these as well. */
static void judge_caps(struct gate *gate, const struct program *program, const struct message *message,
                       const struct place *place, struct finding *out)
{
    const struct cap own = {program->cap_count, program->cap_term_ms, false, program->config->frequency};
    struct cap law = {0, DAY_MS, true, "a state's law"};
    bool has_law = program->config->quiet_hours.kind != CONFIG_HOURS_OFF;
    if (has_law && !program_is_informational(program))
        law.count = law_cap(place->laws, out->open_at / DAY_MS);
    judge_cap(gate, program, message, &own, out);
    judge_cap(gate, program, message, &law, out);
}

/* What a program sends of its own: as of when it is due. */
static void judge_campaign(struct gate *gate, const struct program *program,
                           const struct message *message, int64_t now_ms, struct finding *out)
{
    struct standing standing;
    int64_t wanted_at = message->due_at > now_ms ? message->due_at : now_ms;
    bool is_free = program->config->quiet_hours.kind == CONFIG_HOURS_OFF && program->cap_count == 0;
    judge_opt_in(gate, program, message, now_ms, &standing, out);
    if (out->verdict != VERDICT_ALLOWED || is_free)
        return;
    struct place place = places_find(consents_places(gate->consents), message->number,
                                     standing.timezone, standing.postal_code);
    judge_hours(gate, program, message, &place, wanted_at, out);
    judge_caps(gate, program, message, &place, out);
}

/* The confirmation of an opt-in that holds and is waiting for it, or the question that completes it; at any hour (R98). One
 * that was to be sent again since the first was in doubt is needless when its answer came late. */
static void judge_confirmation(struct gate *gate, const struct program *program,
                               const struct message *message, int64_t now_ms, struct finding *out)
{
    struct standing standing;
    if (!consent_standing(gate->consents, program, message->number, now_ms, &standing)) {
        refuse(out, VERDICT_UNAVAILABLE, "the consent can't be read");
        return;
    }
    out->consent_seq = message->consent_seq;
    out->given_at = standing.collected_at;
    if (standing.state != STANDING_OPTED_IN && standing.state != STANDING_AWAITING_CONFIRMATION)
        refuse_standing(out, &standing);
    else if (standing.confirmation == CONFIRMATION_FAILED || message->consent_seq == 0)
        refuse(out, VERDICT_NO_CONSENT, "no confirmation is due");
    else if (standing.confirmation != CONFIRMATION_PENDING)
        out->wait = FINDING_NEEDLESS;
}

/* The inbound text that a reply answers, from that person; false with a refusal where there is none. */
static bool find_question(struct gate *gate, const struct message *message, const char *verdict,
                          struct inbound *out, struct finding *finding)
{
    enum store_result result =
        message->answers == 0
            ? STORE_NONE
            : store_inbound_get(gate->store, message->answers, loop_region(gate->loop), out);
    if (result == STORE_FAILED)
        refuse(finding, VERDICT_UNAVAILABLE, "the text that it answers can't be read");
    else if (result == STORE_NONE || out->number != message->number ||
             strcmp(out->sender, message->sender) != 0 || strcmp(out->verdict, verdict) != 0)
        refuse(finding, VERDICT_NO_CONSENT, "it answers nothing that the person wrote to that address");
    else
        return true;
    return false;
}

static void judge_stop_reply(struct gate *gate, const struct message *message, int64_t now_ms,
                             struct finding *out)
{
    struct inbound question;
    if (!find_question(gate, message, "opt_out", &question, out))
        return;
    out->consent_seq = question.ledger_seq;
    if (now_ms - question.at > STOP_REPLY_TERM_MS)
        refuse(out, VERDICT_OPTED_OUT, "later than five minutes after the STOP");
}

/* HELP, and what answers a START that opted nobody in: for everybody, but nothing that was asked before a
 * STOP, and on toll-free nothing to somebody who is out (R82). */
static void judge_answer(struct gate *gate, const struct program *program,
                         const struct message *message, const char *verdict, int64_t now_ms,
                         struct finding *out)
{
    struct inbound question;
    struct standing standing;
    if (!find_question(gate, message, verdict, &question, out))
        return;
    out->consent_seq = question.heard_seq;
    if (consent_went_out_since(gate->consents, program, message->number, question.heard_seq))
        refuse(out, VERDICT_OPTED_OUT, "the person left after asking");
    else if (!programs_network_confirms(gate->programs, message->sender))
        return;
    else if (!consent_standing(gate->consents, program, message->number, now_ms, &standing))
        refuse(out, VERDICT_UNAVAILABLE, "the consent can't be read");
    else if (standing.state == STANDING_OPTED_OUT)
        refuse_standing(out, &standing);
}

/* To whom the answer of a keyword goes: never to who is out. Who never opted in may have asked for one text all the same,
 * which the program has to allow; no confirmation is due to them, and a doubt holds it like any marketing. */
static void judge_asker(struct gate *gate, const struct program *program,
                        const struct message *message, const struct own_keyword *keyword,
                        const struct standing *standing, struct finding *out)
{
    if (!standing_is_answered(standing->state, keyword)) {
        refuse_standing(out, standing);
        return;
    }
    if (standing->state == STANDING_OPTED_IN) {
        out->consent_seq = standing->seq;
        judge_waits(program, standing, out);
    } else if (!program_is_informational(program) &&
               review_is_open(gate->consents, program, message->number)) {
        out->wait = FINDING_REVIEW;
    }
}

/* The answer of the program's own keyword that the person wrote, in its very words; at any hour, as it is what was asked
 * for a moment ago (R98 says so of HELP), and counted by no cap. */
static void judge_keyword_reply(struct gate *gate, const struct program *program,
                                const struct message *message, int64_t now_ms, struct finding *out)
{
    struct inbound question;
    struct standing standing;
    if (!find_question(gate, message, KEYWORD_OWN_WORD, &question, out))
        return;
    out->consent_seq = question.heard_seq;
    const struct own_keyword *keyword =
        own_keyword_find(&program->own_keywords, octets_text(question.text));
    if (keyword == NULL || strcmp(keyword->reply, message->text) != 0)
        refuse(out, VERDICT_NO_CONSENT, "the program doesn't answer so to what the person wrote");
    else if (consent_went_out_since(gate->consents, program, message->number, question.heard_seq))
        refuse(out, VERDICT_OPTED_OUT, "the person left after asking");
    else if (!consent_standing(gate->consents, program, message->number, now_ms, &standing))
        refuse(out, VERDICT_UNAVAILABLE, "the consent can't be read");
    else
        judge_asker(gate, program, message, keyword, &standing, out);
}

static void judge(struct gate *gate, const struct message *message, int64_t now_ms,
                  struct finding *out)
{
    *out = (struct finding){.verdict = VERDICT_ALLOWED};
    const struct program *program = programs_find_id(gate->programs, message->program);
    if (program == NULL || !program_has_sender(program, message->sender)) {
        refuse(out, VERDICT_SENDER_NOT_ALLOWED, "the sender is not one of the program's");
        return;
    }
    switch (message->purpose) {
    case PURPOSE_CAMPAIGN:
        judge_campaign(gate, program, message, now_ms, out);
        return;
    case PURPOSE_CONFIRMATION:
        judge_confirmation(gate, program, message, now_ms, out);
        return;
    case PURPOSE_STOP_REPLY:
        judge_stop_reply(gate, message, now_ms, out);
        return;
    case PURPOSE_HELP_REPLY:
        judge_answer(gate, program, message, "help", now_ms, out);
        return;
    case PURPOSE_START_REPLY:
        judge_answer(gate, program, message, "opt_in", now_ms, out);
        return;
    case PURPOSE_KEYWORD_REPLY:
        judge_keyword_reply(gate, program, message, now_ms, out);
        return;
    }
    refuse(out, VERDICT_NO_CONSENT, "it has no purpose that is known");
}

/* ---- the door ---- */

void gate_ask(struct gate *gate, const struct message *message, int64_t now_ms,
              struct finding *out)
{
    judge(gate, message, now_ms, out);
}

struct cleared *gate_clear(struct gate *gate, const struct message *message, int64_t now_ms,
                           struct finding *out)
{
    judge(gate, message, now_ms, out);
    if (out->verdict != VERDICT_ALLOWED || out->wait != FINDING_GO)
        return NULL;
    struct region *region = loop_region(gate->loop);
    struct cleared *cleared = region_get(region, sizeof *cleared);
    cleared->message = *message;
    cleared->message.account = region_text(region, octets_text(message->account));
    cleared->message.sender = region_text(region, octets_text(message->sender));
    cleared->message.text = region_text(region, octets_text(message->text));
    cleared->message.cargo = region_text(region, octets_text(message->cargo));
    cleared->message.carrier = cleared->message.reason = cleared->message.client_ref = "";
    cleared->consent_seq = out->consent_seq;
    cleared->loop = gate->loop;
    cleared->turn = loop_turn(gate->loop);
    return cleared;
}

const struct message *cleared_message(const struct cleared *cleared)
{
    must(cleared->turn == loop_turn(cleared->loop));
    return &cleared->message;
}

int64_t cleared_consent_seq(const struct cleared *cleared)
{
    must(cleared->turn == loop_turn(cleared->loop));
    return cleared->consent_seq;
}
