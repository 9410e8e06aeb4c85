/* Consents: what people did at forms, what it makes of them, and revocations that came another way.
 */
#include "consent/consent.h"

#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/number.h"
#include "http_batch.h"
#include "http_parts.h"
#include "inbound/reply.h"

#define HISTORY_LIMIT 1000

/* ---- POST /v1/consents ---- */

bool program_serves(const struct program *program, uint64_t number)
{
    return config_list_has(&program->config->countries, number_country(number));
}

static bool country_check(struct ask *ask, const struct registration *it)
{
    const char *country = number_country(it->number);
    if (program_serves(it->program, it->number))
        return true;
    answer_problem(ask, VERDICT_COUNTRY_NOT_SERVED, "phone: program %s doesn't send to %s",
                   it->program->config->name,
                   country[0] == '\0' ? "numbers of no country" : country);
    return false;
}

static bool registration_read(struct ask *ask, struct registration *it)
{
    const char *program = "", *phone = "";
    const struct into places[] = {
        {"program", &program},
        {"phone", &phone},
        {"opted_in", &it->has_opted_in},
#define EVIDENCE(name, most, option, sentence) {#name, &it->name},
#include "proto/evidence.def"
    };
    return ask_fields(ask, API_REGISTRATION, places, sizeof places / sizeof *places) &&
           ask_program(ask, program, &it->program) &&
           ask_number(ask, "phone", phone, &it->number) && country_check(ask, it);
}

int64_t registration_take(struct ask *ask, const struct registration *it, struct registered *result, int64_t *tail)
{
    *tail = 0;
    consent_register(ask->gateway->consents, it, ask->now_ms, result);
    if (result->fault != VERDICT_ALLOWED || result->is_repeat || !result->wants_confirmation)
        return 0;
    return reply_confirmation(ask->gateway->replies, it->program, it->number, NULL, result->seq, 0, ask->now_ms, tail);
}

void consent_post(struct ask *ask)
{
    struct registered result;
    struct registration it = {
#define EVIDENCE(name, most, option, sentence) .name = "",
#include "proto/evidence.def"
        .account = ask->account->name};
    if (!registration_read(ask, &it))
        return;
    int64_t tail, id = registration_take(ask, &it, &result, &tail);
    if (result.fault != VERDICT_ALLOWED) {
        answer_problem(ask, result.fault, "%s", result.detail);
        return;
    }
    json_t *json = json_pack(
        "{s:o,s:s,s:s,s:I}", "phone", json_phone(it.number), "program", it.program->config->name,
        "state", standing_word(result.standing.state), "ledger_seq", (json_int_t)result.seq);
    if (id != 0)
        json_object_set_new(json, "confirmation",
                            json_pack("{s:o,s:s}", "id", json_id(id, tail), "status", "queued"));
    answer_json(ask, result.is_repeat ? 200 : 201, json);
}

void consent_batch_post(struct ask *ask)
{
    batch_begin(ask, consent_post, NULL);
}

/* ---- GET /v1/consents/{phone} ---- */

/* Where the number stands in the program. NULL: it can't be read. */
static json_t *standing_json(struct ask *ask, const struct program *program, uint64_t number)
{
    struct standing standing;
    char why[STANDING_WHY_SIZE];
    if (!consent_standing(ask->gateway->consents, program, number, ask->now_ms, &standing))
        return NULL;
    bool is_held = standing.review != 0 && !program_is_informational(program);
    json_t *json = json_pack(
        "{s:s,s:s,s:b,s:b,s:o,s:o,s:o}", "program", program->config->name, "state",
        standing_word(standing.state), "eligible",
        (int)(standing_verdict(standing.state) == VERDICT_ALLOWED && !is_held), "under_review",
        (int)(standing.review != 0), "why",
        json_words(ask, is_held ? "wrote what may have meant STOP; somebody must read it first"
                                : standing_why(&standing, why)),
        "since", json_time(standing.since), "ledger_seq", json_seq(standing.seq));
    must(json != NULL);
    return json;
}

/* NULL: they can't be read. */
static json_t *standings_json(struct ask *ask, uint64_t number)
{
    json_t *list = json_array();
    for (size_t i = 0; i < programs_count(ask->gateway->programs); i++) {
        const struct program *program = programs_at(ask->gateway->programs, i);
        if (!account_may_use(ask->account, program->config->name))
            continue;
        json_t *standing = standing_json(ask, program, number);
        if (standing == NULL) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, standing);
    }
    return list;
}

json_t *record_json(struct ask *ask, const struct ledger_row *row)
{
    json_t *payload = row->payload == NULL ? json_null() : json_loads(row->payload, 0, NULL);
    return json_pack("{s:I,s:o,s:o,s:o,s:o}", "ledger_seq", (json_int_t)row->seq, "at",
                     json_words(ask, row->at), "kind", json_words(ask, row->kind), "program",
                     json_words_or_null(ask, row->program), "payload",
                     payload == NULL ? json_words(ask, row->payload) : payload);
}

/* An opt-out may have been said to another program of the same owner. */
static bool is_behind(const json_t *standings, int64_t seq)
{
    for (size_t i = 0; i < json_array_size(standings); i++)
        if (json_integer_value(json_object_get(json_array_get(standings, i), "ledger_seq")) == seq)
            return true;
    return false;
}

/* The newest records of the number, oldest first. NULL: they can't be read. */
static json_t *history_json(struct ask *ask, uint64_t number, const json_t *standings)
{
    char text[NUMBER_TEXT_SIZE];
    size_t count = 0;
    number_write(number, text);
    struct ledger_row *rows = region_get(ask->region, HISTORY_LIMIT * sizeof *rows);
    struct ledger_filter filter = {.number = text, .newest_first = true, .limit = HISTORY_LIMIT};
    if (store_ledger_list(ask->gateway->store, &filter, ask->region, rows, &count) == STORE_FAILED)
        return NULL;
    json_t *list = json_array();
    for (size_t i = count; i-- > 0;)
        if (ask_sees_record(ask, &rows[i]) || is_behind(standings, rows[i].seq))
            json_array_append_new(list, record_json(ask, &rows[i]));
    return list;
}

void consent_get(struct ask *ask)
{
    uint64_t number;
    if (!ask_number(ask, "phone", ask->segment, &number))
        return;
    json_t *programs = standings_json(ask, number);
    json_t *history = history_json(ask, number, programs);
    if (programs == NULL || history == NULL) {
        json_decref(programs);
        json_decref(history);
        answer_unavailable(ask);
        return;
    }
    answer_json(ask, 200,
                json_pack("{s:o,s:o,s:o}", "phone", json_phone(number), "programs", programs,
                          "history", history));
}

/* ---- GET /v1/consents ---- */

struct consent_filter { /* NULL or 0: any */
    const struct program *program;
    const char *state;
    int64_t since, expires_before;
};

static bool filter_time(struct ask *ask, const char *name, int64_t *out)
{
    const char *text = ask_parameter(ask, name);
    *out = 0;
    if (text == NULL || time_read(octets_text(text), out))
        return true;
    answer_problem(ask, VERDICT_INVALID_FIELD, "%s: must be a time, as in 2026-11-23T00:00:00Z", name);
    return false;
}

static bool filter_read(struct ask *ask, struct consent_filter *filter)
{
    filter->state = ask_parameter(ask, "state");
    if (filter->state != NULL && !standing_word_is_known(filter->state)) {
        answer_problem(ask, VERDICT_INVALID_FIELD, "state: there is no such state");
        return false;
    }
    return ask_program(ask, ask_parameter(ask, "program"), &filter->program) &&
           filter_time(ask, "since", &filter->since) &&
           filter_time(ask, "expires_before", &filter->expires_before);
}

/* When the consent ends by itself: the program's term of an opt-in, or what the law says of one that it calls
 * implied. 0: never. */
static int64_t expiry_of(const struct program *program, const struct consent *row)
{
    int64_t term_ms = program->config->consent_expires_ms;
    if (row->has_opted_in)
        return term_ms > 0 ? row->collected_at + term_ms : 0;
    return row->implied_until;
}

/* JSON's null: the filter passes it over. NULL: it can't be read. */
static json_t *listed_json(struct ask *ask, const struct consent_filter *filter,
                           const struct consent *row)
{
    const struct program *program = programs_find_id(ask->gateway->programs, row->program);
    if (program == NULL || !account_may_use(ask->account, program->config->name) ||
        (filter->program != NULL && filter->program != program))
        return json_null();
    int64_t expiry = expiry_of(program, row);
    if (filter->expires_before != 0 &&
        (expiry == 0 || expiry < ask->now_ms || expiry >= filter->expires_before))
        return json_null();
    json_t *json = standing_json(ask, program, row->number);
    if (json == NULL)
        return NULL;
    const char *state = json_string_value(json_object_get(json, "state"));
    if ((filter->state != NULL && strcmp(state, filter->state) != 0) || row->since < filter->since) {
        json_decref(json);
        return json_null();
    }
    json_object_set_new(json, "phone", json_phone(row->number));
    json_object_set_new(json, "collected_at", json_time(row->collected_at));
    json_object_set_new(json, "expires_at", json_time(row->has_opted_in ? expiry : 0));
    json_object_set_new(json, "implied_until", json_time(row->implied_until));
    return json;
}

/* False: it can't be read. */
static bool page_put(struct ask *ask, struct page *page, const struct consent_filter *filter,
                     const struct consent *rows, size_t count)
{
    for (size_t i = 0;
         i < count && page_takes(page, store_consent_place(rows[i].number, rows[i].program)); i++) {
        json_t *json = listed_json(ask, filter, &rows[i]);
        if (json == NULL)
            return false;
        if (!json_is_null(json))
            json_array_append_new(page->items, json);
    }
    return true;
}

void consent_list(struct ask *ask)
{
    struct page page;
    struct consent_filter filter;
    if (!filter_read(ask, &filter) || !page_begin(ask, &page))
        return;
    struct consent *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        if (store_consent_list(ask->gateway->store, page.after, ask->region, rows, page.limit,
                               &count) != STORE_OK ||
            !page_put(ask, &page, &filter, rows, count)) {
            page_fail(ask, &page);
            return;
        }
        page_fetched(&page, count);
    }
    page_answer(ask, &page);
}

/* ---- POST /v1/consents/{phone}/revoke ---- */

static const struct {
    const char *channel, *how;
} channels[] = {
    {"call", "revoked by a call"}, {"email", "revoked by e-mail"},
    {"web", "revoked on the web"}, {"letter", "revoked by letter"},
    {"sms", "revoked by a text"},  {"other", "revoked in another way"},
};

static bool channel_check(struct ask *ask, struct revocation *it)
{
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        if (strcmp(channels[i].channel, it->channel) == 0)
            it->how = channels[i].how;
    if (it->how == NULL)
        answer_problem(ask, VERDICT_INVALID_FIELD,
                       "channel: must be call, email, web, letter, sms or other");
    return it->how != NULL;
}

/* One program, or all of the account's. */
static bool programs_choose(struct ask *ask, const char *name, struct revocation *it)
{
    if (!ask_programs(ask, name, &it->programs, &it->program_count))
        return false;
    it->written_to = it->program_count == 1 ? it->programs[0]->config->name : "";
    return true;
}

void consent_revoke_post(struct ask *ask)
{
    const char *program = NULL;
    bool is_all = false; /* what leaving the program out says as well */
    struct revoked result;
    struct revocation it = {
        .channel = "", .note = "", .account = ask->account->name, .carrier = "", .rule = ""};
    const struct into places[] = {
        {"program", &program},
        {"all", &is_all},
        {"channel", &it.channel},
        {"note", &it.note},
    };
    if (!ask_number(ask, "phone", ask->segment, &it.number) ||
        !ask_fields(ask, API_REVOCATION, places, sizeof places / sizeof *places) || !channel_check(ask, &it))
        return;
    if (is_all && program != NULL) {
        answer_problem(ask, VERDICT_INVALID_FIELD, "program: either one program, or all");
        return;
    }
    if (!programs_choose(ask, program, &it))
        return;
    consent_revoke(ask->gateway->consents, &it, ask->now_ms, &result);
    answer_json(ask, 201,
                json_pack("{s:o,s:s,s:I,s:b}", "phone", json_phone(it.number), "state",
                          standing_word(STANDING_OPTED_OUT), "ledger_seq", (json_int_t)result.seq,
                          "was_out", (int)result.was_out));
}
