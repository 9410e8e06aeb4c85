/* Suppressions: numbers that changed hands, one's own list, and the opt-outs that are brought from another
 * provider. */
#include "consent/suppression.h"

#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/number.h"
#include "http_batch.h"
#include "http_parts.h"
#include "inbound/reply.h"

/* ---- POST /v1/suppressions, and many of them ---- */

static bool kind_check(struct ask *ask, const char *word, enum suppression_kind *kind)
{
    *kind = suppression_find(word);
    if (*kind == 0)
        answer_problem(ask, VERDICT_INVALID_FIELD,
                       "kind: must be deactivated, reassigned, wrong_number, listed or opt_out");
    return *kind != 0;
}

static bool suppression_read(struct ask *ask, struct suppression *it)
{
    const char *phone = "", *kind = "", *program = NULL;
    const struct into places[] = {
        {"phone", &phone},
        {"kind", &kind},
        {"date", &it->date},
        {"answer", &it->answer},
        {"queried_at", &it->queried_at},
        {"program", &program},
        {"note", &it->note},
        {"only_known", &it->only_known},
    };
    if (!ask_fields(ask, API_SUPPRESSION, places, sizeof places / sizeof *places) ||
        !ask_number(ask, "phone", phone, &it->number) || !kind_check(ask, kind, &it->kind))
        return false;
    if (suppression_opts_out(it->kind))
        return ask_programs(ask, program, &it->programs, &it->program_count);
    if (program != NULL)
        answer_problem(ask, VERDICT_INVALID_FIELD, "program: kind %s is of the number, in every program",
                       kind);
    return program == NULL;
}

void suppression_post(struct ask *ask)
{
    struct suppressed result;
    struct suppression it = {.date = "",
                             .answer = "",
                             .queried_at = "",
                             .note = "",
                             .account = ask->account->name,
                             .carrier = "",
                             .rule = ""};
    if (!suppression_read(ask, &it))
        return;
    consent_suppress(ask->gateway->consents, &it, ask->now_ms, &result);
    if (result.fault != VERDICT_ALLOWED) {
        answer_problem(ask, result.fault, "%s", result.detail);
        return;
    }
    answer_json(ask, result.outcome >= SUPPRESSION_ON_RECORD ? 200 : 201,
                json_pack("{s:o,s:s,s:s,s:o}", "phone", json_phone(it.number), "kind",
                          suppression_word(it.kind), "status",
                          suppression_outcome_word(result.outcome), "ledger_seq",
                          json_seq(result.seq)));
}

void suppression_batch_post(struct ask *ask)
{
    batch_begin(ask, suppression_post, NULL);
}

/* ---- POST /v1/suppressions/{phone}/remove ---- */

/* Opt-ins that came while the number was listed are confirmed now. */
static void confirm(struct ask *ask, uint64_t number, int64_t seq)
{
    for (size_t i = 0; i < programs_count(ask->gateway->programs); i++) {
        const struct program *program = programs_at(ask->gateway->programs, i);
        if (consent_is_to_confirm(ask->gateway->consents, program, number, ask->now_ms))
            reply_confirmation(ask->gateway->replies, program, number, NULL, seq, 0, ask->now_ms,
                               NULL);
    }
}

static void answer_not_listed(struct ask *ask, uint64_t number)
{
    size_t count = 0;
    struct suppression_row row;
    struct suppression_filter filter = {.number = number};
    if (store_suppression_list(ask->gateway->store, &filter, ask->region, &row, 1, &count) !=
        STORE_OK)
        answer_unavailable(ask);
    else if (count == 0)
        answer_problem(ask, VERDICT_NOT_FOUND, "the number is not on the suppression list");
    else
        answer_problem(ask, VERDICT_CONFLICT,
                       "the number is not on the list, it is %s: only a form filled in after that lifts it",
                       row.optout.name);
}

void suppression_remove_post(struct ask *ask)
{
    uint64_t number;
    int64_t seq = 0;
    const char *note = "";
    const struct into places[] = {{"note", &note}};
    if (!ask_number(ask, "phone", ask->segment, &number) ||
        (ask->json != NULL && !ask_fields(ask, API_UNLISTING, places, 1)))
        return;
    switch (consent_unlist(ask->gateway->consents, number, ask->account->name, note, ask->now_ms,
                           &seq)) {
    case STORE_FAILED:
        answer_unavailable(ask);
        return;
    case STORE_NONE:
        answer_not_listed(ask, number);
        return;
    case STORE_OK:
        break;
    }
    confirm(ask, number, seq);
    answer_json(ask, 200, json_pack("{s:o,s:s,s:s,s:I}", "phone", json_phone(number), "kind",
                                    suppression_word(SUPPRESSION_LISTED), "status", "removed",
                                    "ledger_seq", (json_int_t)seq));
}

/* ---- GET /v1/suppressions ---- */

static json_t *suppression_json(struct ask *ask, const struct suppression_row *row)
{
    static const char *const told[] = {"date", "answer", "queried_at", "note", "account"};
    const struct optout *it = &row->optout;
    json_t *payload = json_loads(row->payload, 0, NULL); /* NULL: erased */
    json_t *json = json_pack("{s:o,s:s,s:o,s:o,s:o,s:I}", "phone", json_phone(it->number), "kind",
                             it->name, "why", json_words(ask, it->how), "since", json_time(it->at),
                             "recorded_at", json_words_or_null(ask, row->recorded_at),
                             "ledger_seq", (json_int_t)it->seq);
    must(json != NULL);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        json_t *value = json_object_get(payload, told[i]);
        json_object_set_new(json, told[i], json_is_string(value) ? json_incref(value) : json_null());
    }
    json_decref(payload);
    return json;
}

void suppression_list(struct ask *ask)
{
    struct page page;
    enum suppression_kind kind;
    struct suppression_filter filter = {.kind = ask_parameter(ask, "kind")};
    if (!ask_number(ask, "number", ask_parameter(ask, "number"), &filter.number) ||
        (filter.kind != NULL && !kind_check(ask, filter.kind, &kind)) || !page_begin(ask, &page))
        return;
    struct suppression_row *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        filter.after = page.after;
        if (store_suppression_list(ask->gateway->store, &filter, ask->region, rows, page.limit,
                                   &count) != STORE_OK) {
            page_fail(ask, &page);
            return;
        }
        for (size_t i = 0; i < count && page_takes(&page, rows[i].optout.seq); i++)
            json_array_append_new(page.items, suppression_json(ask, &rows[i]));
        page_fetched(&page, count);
    }
    page_answer(ask, &page);
}

/* ---- GET /v1/suppressions/rnd-query ---- */

/* The Reassigned Numbers Database knows numbers of the US, which stand among those of the North American plan. */
#define PLAN_FIRST UINT64_C(10000000000)
#define PLAN_LAST  UINT64_C(19999999999)

/* Whoever is opted in, with the day of the consent; NULL where it isn't one to ask about. */
static json_t *question_json(struct ask *ask, const struct program *program,
                             const struct consent *consent)
{
    char at[TIME_TEXT_SIZE];
    struct standing standing;
    if (consent->program != program->id || strcmp(number_country(consent->number), "US") != 0 ||
        !consent_standing(ask->gateway->consents, program, consent->number, ask->now_ms, &standing) ||
        (standing.state != STANDING_OPTED_IN && standing.state != STANDING_AWAITING_CONFIRMATION))
        return NULL;
    time_write(consent->collected_at, at);
    return json_pack("{s:o,s:o}", "phone", json_phone(consent->number), "date",
                     json_stringn(at, sizeof "2026-11-03" - 1));
}

void suppression_rnd_list(struct ask *ask)
{
    struct page page;
    const struct program *program;
    const char *name = ask_parameter(ask, "program");
    if (!ask_program(ask, name == NULL ? "" : name, &program) || !page_begin(ask, &page))
        return;
    struct consent *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        int64_t after = page.after != 0 ? page.after : store_consent_place(PLAN_FIRST, 0) - 1;
        if (store_consent_list(ask->gateway->store, after, ask->region, rows, page.limit, &count) !=
            STORE_OK) {
            page_fail(ask, &page);
            return;
        }
        for (size_t i = 0;
             i < count && page_takes(&page, store_consent_place(rows[i].number, rows[i].program)); i++) {
            json_t *json =
                rows[i].number > PLAN_LAST ? NULL : question_json(ask, program, &rows[i]);
            if (json != NULL)
                json_array_append_new(page.items, json);
        }
        page_fetched(&page, count);
    }
    page_answer(ask, &page);
}
