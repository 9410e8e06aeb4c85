/* Records: the block log, the ledger, and what people wrote. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/csv.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/ledger.h"
#include "consent/ledger_watch.h"
#include "consent/number.h"
#include "consent/program.h"
#include "consent/signature.h"
#include "http_parts.h"

bool ask_uses_every_program(const struct ask *ask)
{
    for (size_t i = 0; i < programs_count(ask->gateway->programs); i++)
        if (!account_may_use(ask->account, programs_at(ask->gateway->programs, i)->config->name))
            return false;
    return true;
}

/* NULL: erased, or no JSON object after somebody's change. */
static json_t *payload_read(const struct ledger_row *row)
{
    return row->payload == NULL ? NULL : json_loads(row->payload, 0, NULL);
}

bool ask_sees_record(struct ask *ask, const struct ledger_row *row)
{
    if (row->program[0] != '\0')
        return account_may_use(ask->account, row->program);
    if (strcmp(row->kind, "block") != 0 || ask_uses_every_program(ask))
        return true;
    json_t *payload = payload_read(row); /* a block in no program is whose message it was */
    const char *account = json_string_value(json_object_get(payload, "account"));
    bool is_own = account != NULL && strcmp(account, ask->account->name) == 0;
    json_decref(payload);
    return is_own;
}

/* A page of the records that the filter names and the account may see. False: it was answered with a fault. */
static bool page_fill(struct ask *ask, struct page *page, struct ledger_filter *filter,
                      json_t *(*write)(struct ask *ask, const struct ledger_row *row))
{
    filter->limit = page->limit;
    struct ledger_row *rows = region_get(ask->region, page->limit * sizeof *rows);
    while (page_wants(page)) {
        size_t count = 0;
        filter->after = page->after;
        if (store_ledger_list(ask->gateway->store, filter, ask->region, rows, &count) ==
            STORE_FAILED) {
            page_fail(ask, page);
            return false;
        }
        for (size_t i = 0; i < count && page_takes(page, rows[i].seq); i++)
            if (ask_sees_record(ask, &rows[i]))
                json_array_append_new(page->items, write(ask, &rows[i]));
        page_fetched(page, count);
    }
    return true;
}

/* ---- GET /v1/ledger/head, /v1/ledger and /v1/ledger/{seq} ---- */

/* What the gateway found when it verified its own chain. */
static void add_verified(struct ask *ask, json_t *json)
{
    struct ledger_watched watched;
    ledger_watch_look(ask->gateway->ledger_watch, &watched);
    json_t *verified = json_null(), *last_signed = json_null();
    if (watched.verified_at != 0)
        verified = json_pack("{s:I,s:o,s:b,s:o,s:o}", "seq", (json_int_t)watched.verified_seq, "at",
                             json_time(watched.verified_at), "whole", (int)watched.is_whole, "bad_seq",
                             json_seq(watched.bad_seq), "why", json_words_or_null(ask, watched.why));
    if (watched.signed_seq != 0)
        last_signed = json_pack("{s:I,s:o}", "seq", (json_int_t)watched.signed_seq, "at", json_words(ask, watched.signed_at));
    json_object_set_new(json, "verified", verified);
    json_object_set_new(json, "verifying", json_seq(watched.reached_seq));
    json_object_set_new(json, "signed", last_signed);
}

void ledger_head_get(struct ask *ask)
{
    char hash[DIGEST_HEX_SIZE], signature[SIGNATURE_HEX_SIZE], key[SIGN_PUBLIC_HEX_SIZE];
    int64_t seq = ledger_head(ask->gateway->ledger, hash);
    json_t *json = json_pack("{s:I,s:s}", "seq", (json_int_t)seq, "hash", hash);
    if (ask->gateway->sign_key != NULL) {
        signature_make(ask->gateway->sign_key, seq, hash, signature);
        signature_key_hex(ask->gateway->sign_key, key);
        json_object_set_new(json, "signature", json_string(signature));
        json_object_set_new(json, "key", json_string(key));
    }
    add_verified(ask, json);
    answer_json(ask, 200, json);
}

static json_t *text_or_null(struct ask *ask, const char *text)
{
    return text == NULL ? json_null() : json_words(ask, text);
}

/* As it stands in the table: the payload is the text that its digest covers. */
static json_t *row_json(struct ask *ask, const struct ledger_row *row)
{
    json_t *json =
        json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "seq", (json_int_t)row->seq,
                  "at", text_or_null(ask, row->at), "kind", text_or_null(ask, row->kind), "program",
                  text_or_null(ask, row->program), "number", text_or_null(ask, row->number),
                  "number_salt", text_or_null(ask, row->number_salt), "number_digest",
                  text_or_null(ask, row->number_digest), "payload", text_or_null(ask, row->payload),
                  "payload_salt", text_or_null(ask, row->payload_salt), "payload_digest",
                  text_or_null(ask, row->payload_digest), "prev_hash",
                  text_or_null(ask, row->prev_hash), "hash", text_or_null(ask, row->hash));
    must(json != NULL);
    return json;
}

void ledger_list(struct ask *ask)
{
    struct page page;
    struct ledger_filter filter = {0};
    if (ask_truth(ask, "newest", &filter.newest_first) && page_begin(ask, &page) && page_fill(ask, &page, &filter, row_json))
        page_answer(ask, &page);
}

/* One that the account may not see is none. */
static void answer_record(struct ask *ask, const struct ledger_row *row)
{
    uint64_t number;
    if (row->number != NULL && number_read(octets_text(row->number), "", &number) == NUMBER_OK)
        ask->person = number;
    answer_json(ask, 200, row_json(ask, row));
}

void ledger_get(struct ask *ask)
{
    int64_t seq = 0;
    size_t count = 0;
    struct ledger_row row;
    struct ledger_filter filter = {.limit = 1};
    bool is_place = cursor_read(ask->segment, &seq);
    filter.after = seq - 1;
    if (is_place &&
        store_ledger_list(ask->gateway->store, &filter, ask->region, &row, &count) == STORE_FAILED)
        answer_unavailable(ask);
    else if (count == 0 || row.seq != seq || !ask_sees_record(ask, &row))
        answer_problem(ask, VERDICT_NOT_FOUND, "the ledger has no record %.40s", ask->segment);
    else
        answer_record(ask, &row);
}

/* ---- GET /v1/inbound ---- */

/* What was written to nobody's address ended programs of everybody: compliance sees it. */
static bool may_see(const struct ask *ask, const struct inbound *inbound)
{
    const char *program = ask_program_name(ask, inbound->program);
    if (account_has_role(ask->account, CONFIG_ROLE_COMPLIANCE) &&
        (inbound->program == 0 || account_may_use(ask->account, program)))
        return true;
    return account_has_role(ask->account, CONFIG_ROLE_SENDER) &&
           accounts_hears(ask->gateway->accounts, ask->account, inbound, program[0] == '\0' ? NULL : program);
}

/* Of one that came as one: null. */
static json_t *parts_json(const struct inbound *inbound)
{
    static const char *const states[] = {[INBOUND_WHOLE] = "whole",
                                         [INBOUND_WAITING] = "waiting",
                                         [INBOUND_INCOMPLETE] = "incomplete",
                                         [INBOUND_LATE_PART] = "late_part"};
    if (inbound->parts == 0 || (size_t)inbound->state >= sizeof states / sizeof *states)
        return json_null();
    return json_pack("{s:s,s:i,s:i}", "state", states[inbound->state], "total", inbound->parts,
                     "came", inbound->parts_came);
}

static json_t *ports_json(const struct inbound *inbound)
{
    if (!inbound->has_ports)
        return json_null();
    return json_pack("{s:i,s:i}", "to", inbound->destination_port, "from", inbound->source_port);
}

/* What is no text: its octets, and what they were said to be. */
static void add_data(struct ask *ask, json_t *json, const struct inbound *inbound)
{
    struct inbound_data data;
    if (store_inbound_data(ask->gateway->store, inbound->id, ask->region, &data) != STORE_OK)
        return;
    char *text = region_get(ask->region, BASE64_SIZE(data.octets.length));
    base64_write(data.octets, text);
    json_object_set_new(json, "encoding", json_string("binary"));
    json_object_set_new(json, "data_coding", json_integer(data.data_coding));
    json_object_set_new(json, "data", json_string(text));
}

static json_t *inbound_json(struct ask *ask, const struct inbound *inbound)
{
    json_t *json = json_pack(
        "{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id", json_id(inbound->id, inbound->tail),
        "at", json_time(inbound->at), "from",
        inbound->number == 0 ? json_words(ask, inbound->source) : json_phone(inbound->number), "to",
        json_words(ask, inbound->sender), "program",
        json_words_or_null(ask, ask_program_name(ask, inbound->program)), "text",
        json_words(ask, inbound->text), "verdict", json_words(ask, inbound->verdict), "rule",
        json_words(ask, inbound->rule), "effect", json_words(ask, inbound->effect), "ledger_seq",
        json_seq(inbound->ledger_seq), "carrier", json_words(ask, inbound->carrier), "parts",
        parts_json(inbound), "ports", ports_json(inbound));
    must(json != NULL);
    add_data(ask, json, inbound);
    return json;
}

void inbound_list(struct ask *ask)
{
    struct page page;
    uint64_t number;
    const struct program *program;
    if (!ask_number(ask, "number", ask_parameter(ask, "number"), &number) ||
        !ask_program(ask, ask_parameter(ask, "program"), &program) || !page_begin(ask, &page))
        return;
    struct inbound *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        if (store_inbound_list(ask->gateway->store, number, program == NULL ? 0 : program->id,
                               page.after, ask->region, rows, page.limit, &count) == STORE_FAILED) {
            page_fail(ask, &page);
            return;
        }
        for (size_t i = 0; i < count && page_takes(&page, rows[i].id); i++)
            if (may_see(ask, &rows[i]))
                json_array_append_new(page.items, inbound_json(ask, &rows[i]));
        page_fetched(&page, count);
    }
    page_answer(ask, &page);
}
