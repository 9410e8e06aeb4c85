/* Messages: sending one, and what became of it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "base/web_address.h"
#include "consent/program.h"
#include "http_batch.h"
#include "http_once.h"
#include "http_parts.h"
#include "outbound/accept.h"
#include "outbound/dispatch.h"
#include "smpp/parts.h"

#define EVENTS_LIMIT 500

static const char *alphabet_word(int alphabet)
{
    return alphabet == TEXT_GSM7 ? "gsm7" : alphabet == TEXT_UCS2 ? "ucs2" : "binary";
}

/* What waits in the queue of a paused program, or for its recipient's hours, is shown as held, though its row
 * says queued: so resuming it, or the morning, has nothing to move. `reason` is set with it. */
const char *message_status(struct ask *ask, int64_t program, enum message_state state,
                           enum message_purpose purpose, int64_t due_at, const char **reason)
{
    bool is_quiet = due_at > ask->now_ms && (strcmp(*reason, MESSAGE_QUIET) == 0 ||
                                             strcmp(*reason, MESSAGE_RESTORED) == 0 ||
                                             strcmp(*reason, MESSAGE_CAMPAIGN_PAUSED) == 0);
    if (state != MESSAGE_QUEUED || (message_is_reply(purpose) && !is_quiet))
        return message_state_word(state);
    if (message_is_reply(purpose))
        return message_state_word(MESSAGE_HELD);
    if (dispatch_all_held_since(ask->gateway->dispatch) != 0)
        *reason = "restored";
    else if (dispatch_paused_since(ask->gateway->dispatch, program) != 0)
        *reason = "paused";
    else if (!is_quiet)
        return message_state_word(state);
    return message_state_word(MESSAGE_HELD);
}

/* ---- POST /v1/messages ---- */

static bool local_read(struct ask *ask, const char *local, struct offer *offer)
{
    int64_t instant;
    offer->has_local = time_read_local(octets_text(local), &offer->send_at_local_s);
    if (json_object_get(ask->json, "send_at") != NULL)
        answer_problem(ask, VERDICT_INVALID_FIELD, "send_at and send_at_local exclude each other");
    else if (time_read(octets_text(local), &instant))
        answer_problem(ask, VERDICT_INVALID_FIELD,
                       "send_at_local: it has an offset, and so is a send_at; by the recipient's clock it has none");
    else if (!offer->has_local)
        answer_problem(ask, VERDICT_INVALID_FIELD,
                       "send_at_local: must be a date and a time of day such as 2026-11-29T10:00");
    else
        return true;
    return false;
}

/* Whoever is told by it in the place of the account's receiver. False: answered. */
static bool callback_read(struct ask *ask, const char *url, struct callback *callback, struct offer *offer)
{
    struct web_address address;
    if (url == NULL)
        return true;
    const char *fault = web_address_read(url, &address);
    if (fault == NULL && !address.is_encrypted && !ask->gateway->config->callbacks.plain_http)
        fault = "is http://, which this gateway doesn't allow: use https://";
    if (fault != NULL) {
        answer_problem(ask, VERDICT_INVALID_FIELD, "callback_url: it %s", fault);
        return false;
    }
    *callback = (struct callback){.form = CALLBACK_STANDARD, .method = "POST", .url = url, .extra = ""};
    offer->callback = callback;
    return true;
}

static bool offer_read(struct ask *ask, struct callback *callback, struct offer *offer)
{
    const char *to = "", *local = NULL, *callback_url = NULL;
    struct kind kind = {.encoding = "auto", .message_class = -1};
    const struct into places[] = {
        {"program", &offer->program},
        {"to", &to},
        {"from", &offer->from},
        {"text", &kind.text},
        {"client_ref", &offer->client_ref},
        {"send_at", &offer->send_at},
        {"send_at_local", &local},
        {"expires_at", &offer->expires_at},
        {"encoding", &kind.encoding},
        {"data", &kind.data},
        {"udh", &kind.udh},
        {"class", &kind.message_class},
        {"wap_push", &kind.wap_push},
        {"tlvs", &kind.tlvs},
        {"dry_run", &offer->is_dry_run},
        {"callback_url", &callback_url},
    };
    if (!ask_fields(ask, API_OFFER, places, sizeof places / sizeof *places) ||
        !kind_read(ask, &kind, offer) || !callback_read(ask, callback_url, callback, offer))
        return false;
    offer->to = octets_text(to);
    if (local != NULL && !local_read(ask, local, offer))
        return false;
    if (offer->send_at < ask->now_ms)
        offer->send_at = 0; /* what is past is now */
    if (offer->expires_at < 0 ||
        (offer->expires_at == 0 && json_object_get(ask->json, "expires_at")))
        offer->expires_at = 1; /* 0 would mean: left out */
    return true;
}

/* Where the text is not written as it was given, and in the default tables: how it is. */
static void add_tables(json_t *json, uint8_t locking, uint8_t single)
{
    if (locking != 0)
        json_object_set_new(json, "locking_shift", json_string(gsm7_language_word(locking)));
    if (single != 0)
        json_object_set_new(json, "single_shift", json_string(gsm7_language_word(single)));
}

static void add_writing(struct ask *ask, json_t *json, const struct writing *writing)
{
    add_tables(json, writing->form.tables.locking, writing->form.tables.single);
    if (writing->replaced[0] != '\0')
        json_object_set_new(json, "substituted", json_words(ask, writing->replaced));
}

static void answer_dry_run(struct ask *ask, const struct acceptance *result)
{
    bool is_allowed = result->verdict == VERDICT_ALLOWED;
    bool is_measured = result->parts > 0;
    const char *reason = result->reason;
    const char *status = is_allowed ? message_status(ask, result->program->id, result->state,
                                                  PURPOSE_CAMPAIGN, result->due_at, &reason)
                                    : NULL;
    json_t *json =
        json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "verdict",
                  is_allowed ? "allowed" : verdict_row(result->verdict)->code, "detail",
                  json_words(ask, result->detail), "to", json_phone(result->number), "encoding",
                  is_measured ? json_string(alphabet_word((int)result->writing.form.alphabet)) : json_null(),
                  "segments", json_seq(result->parts), "route",
                  json_words_or_null(ask, result->carrier), "status",
                  is_allowed ? json_string(status) : json_null(), "reason",
                  json_words_or_null(ask, is_allowed ? reason : ""), "send_at",
                  json_time(is_allowed ? result->due_at : 0));
    must(json != NULL);
    add_writing(ask, json, &result->writing);
    answer_json(ask, 200, json);
}

static void answer_refusal(struct ask *ask, const struct acceptance *result)
{
    json_t *more = json_object();
    if (result->number != 0)
        json_object_set_new(more, "to", json_phone(result->number));
    if (result->ledger_seq != 0)
        json_object_set_new(more, "ledger_seq", json_integer(result->ledger_seq));
    answer_problem_with(ask, result->verdict, result->detail, more);
    if (result->wait_ms > 0)
        answer_retry_after(ask, result->wait_ms);
    ask->answer.is_lasting = verdict_row(result->verdict)->is_block;
}

static void answer_acceptance(struct ask *ask, const struct acceptance *result)
{
    const char *reason = result->reason;
    const char *status =
        message_status(ask, result->program->id, result->state, PURPOSE_CAMPAIGN, result->due_at, &reason);
    json_t *json =
        json_pack("{s:o,s:s,s:o,s:s,s:i}", "id", json_id(result->id, result->tail), "status",
                  status, "to", json_phone(result->number), "encoding",
                  alphabet_word((int)result->writing.form.alphabet), "segments", result->parts);
    must(json != NULL);
    add_writing(ask, json, &result->writing);
    if (reason[0] != '\0')
        json_object_set_new(json, "reason", json_words(ask, reason));
    if (result->due_at > ask->now_ms)
        json_object_set_new(json, "send_at", json_time(result->due_at));
    answer_json(ask, 202, json);
    ask->answer.is_lasting = true;
}

static void offer_post(struct ask *ask)
{
    struct acceptance result;
    struct callback callback;
    struct offer offer = {.account = ask->account, .program = "", .from = "", .client_ref = ""};
    if (!offer_read(ask, &callback, &offer))
        return;
    accept_message(ask->gateway->accept, &offer, ask->now_ms, &result);
    bool is_no = result.verdict == VERDICT_OVER_QUOTA ||
                 (result.verdict != VERDICT_ALLOWED && verdict_row(result.verdict)->is_block);
    if (offer.is_dry_run && (result.verdict == VERDICT_ALLOWED || is_no))
        answer_dry_run(ask, &result);
    else if (result.verdict == VERDICT_ALLOWED)
        answer_acceptance(ask, &result);
    else
        answer_refusal(ask, &result);
}

void message_post(struct ask *ask)
{
    if (json_is_true(json_object_get(ask->json, "dry_run")))
        ask->idempotency_key = NULL;
    once_post(ask, offer_post);
}

/* Its rows, whatever became of them, are answered as they were. */
void message_batch_post(struct ask *ask)
{
    if (ask->idempotency_key == NULL || once_check(ask))
        batch_begin(ask, offer_post, ask->idempotency_key);
}

/* ---- GET /v1/messages and /v1/messages/{id} ---- */

static bool may_see(const struct ask *ask, const struct message *message)
{
    if (account_has_role(ask->account, CONFIG_ROLE_SENDER) &&
        strcmp(message->account, ask->account->name) == 0)
        return true;
    return account_has_role(ask->account, CONFIG_ROLE_COMPLIANCE) &&
           account_may_use(ask->account, ask_program_name(ask, message->program));
}

/* What goes before others in the queue is due since before it was there. */
static int64_t send_at_of(const struct message *message)
{
    return message->due_at > message->created_at ? message->due_at : message->created_at;
}

/* What the row itself says; parts and events come from elsewhere. */
static json_t *message_json(struct ask *ask, const struct message *message)
{
    const char *reason = message->reason;
    const char *status =
        message_status(ask, message->program, message->state, message->purpose, message->due_at, &reason);
    json_t *json = json_pack(
        "{s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:s,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:s}", "id",
        json_id(message->id, message->tail), "status", status, "reason", json_words_or_null(ask, reason), "program",
        json_words_or_null(ask, ask_program_name(ask, message->program)), "from",
        json_words(ask, message->sender), "to", json_phone(message->number), "text",
        message->number == 0 ? json_null() : json_words(ask, message->text), "encoding", alphabet_word(message->alphabet), "segments",
        message->parts, "client_ref", json_words_or_null(ask, message->client_ref), "created_at",
        json_time(message->created_at), "send_at", json_time(send_at_of(message)), "expires_at",
        json_time(message->expires_at), "sent_at", json_time(message->sent_at), "done_at",
        json_time(message->done_at), "carrier", json_words_or_null(ask, message->carrier),
        "consent_seq", json_seq(message->consent_seq), "purpose",
        message_purpose_word(message->purpose));
    must(json != NULL);
    if (message->campaign != 0)
        json_object_set_new(json, "campaign", json_campaign_id(ask, message->campaign));
    cargo_show(ask, message, json);
    add_tables(json, message->locking, message->single);
    return json;
}

static const char *part_state_word(int state)
{
    static const char *const words[] = {
#define RECEIPT_STATE(number, name, text, word, is_final) [number] = text,
#include "proto/receipt.def"
    };
    return state > 0 && (size_t)state < sizeof words / sizeof *words ? words[state] : "";
}

static json_t *parts_json(struct ask *ask, const struct message *message)
{
    size_t count = 0;
    struct message_part *parts = region_get(ask->region, (PARTS_LIMIT + 1) * sizeof *parts);
    if (store_parts_of(ask->gateway->store, message, ask->region, parts, PARTS_LIMIT, &count) ==
        STORE_FAILED)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list, json_pack("{s:i,s:o,s:o,s:o,s:o}", "part", parts[i].part, "carrier_id",
                            json_words_or_null(ask, parts[i].carrier_id), "state",
                            json_words_or_null(ask, part_state_word(parts[i].state)), "err",
                            json_words_or_null(ask, parts[i].err), "at", json_time(parts[i].at)));
    return list;
}

static int by_time(const void *a, const void *b)
{
    const struct message_event *first = a, *second = b;
    return (first->at > second->at) - (first->at < second->at);
}

static json_t *events_json(struct ask *ask, const struct message *message)
{
    size_t count = 0;
    struct message_event *events = region_get(ask->region, (EVENTS_LIMIT + 3) * sizeof *events);
    if (store_events_of(ask->gateway->store, message->id, ask->region, events, EVENTS_LIMIT,
                        &count) == STORE_FAILED)
        return NULL;
    events[count++] = (struct message_event){message->created_at, "accepted"};
    if (message->sent_at != 0)
        events[count++] = (struct message_event){message->sent_at, "sent"};
    if (message->done_at != 0)
        events[count++] =
            (struct message_event){message->done_at, message_state_word(message->state)};
    qsort(events, count, sizeof *events, by_time);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:o,s:o}", "at", json_time(events[i].at), "what",
                                              json_words(ask, events[i].what)));
    return list;
}

/* The id of the inbound text that a reply answers. NULL: it can't be read. */
static json_t *answers_json(struct ask *ask, const struct message *message)
{
    struct inbound inbound;
    if (message->answers == 0)
        return json_null();
    enum store_result found =
        store_inbound_get(ask->gateway->store, message->answers, ask->region, &inbound);
    if (found == STORE_FAILED)
        return NULL;
    return found == STORE_NONE ? json_null() : json_id(inbound.id, inbound.tail);
}

/* The record that allowed it; what the person said then is for who may read consents. NULL: it can't be read. */
static json_t *consent_json(struct ask *ask, const struct message *message)
{
    struct ledger_row row;
    if (message->consent_seq == 0)
        return json_null();
    enum store_result found =
        store_ledger_get(ask->gateway->store, message->consent_seq, ask->region, &row);
    if (found != STORE_OK)
        return found == STORE_FAILED ? NULL : json_null();
    json_t *record = record_json(ask, &row);
    if (!account_has_role(ask->account, CONFIG_ROLE_CONSENT) &&
        !account_has_role(ask->account, CONFIG_ROLE_COMPLIANCE))
        json_object_del(record, "payload");
    return record;
}

/* The message that the path names, where the account may see it. False: answered. */
static bool message_find(struct ask *ask, struct message *message)
{
    int64_t id, tail;
    enum store_result found = STORE_NONE;
    if (message_id_read(octets_text(ask->segment), &id, &tail))
        found = store_message_get(ask->gateway->store, id, ask->region, message);
    if (found == STORE_FAILED)
        answer_unavailable(ask);
    else if (found == STORE_NONE || message->tail != tail || !may_see(ask, message))
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no such message");
    else
        return true;
    return false;
}

void message_get(struct ask *ask)
{
    struct message message;
    if (!message_find(ask, &message))
        return;
    ask->person = message.number;
    json_t *json = json_object();
    json_t *parts = parts_json(ask, &message), *events = events_json(ask, &message);
    json_t *answers = answers_json(ask, &message), *consent = consent_json(ask, &message);
    bool is_read = parts != NULL && events != NULL && answers != NULL && consent != NULL;
    json_object_update_new(json, message_json(ask, &message));
    json_object_set_new(json, "consent", consent);
    json_object_set_new(json, "answers", answers);
    json_object_set_new(json, "parts", parts);
    json_object_set_new(json, "events", events);
    if (is_read) {
        answer_json(ask, 200, json);
        return;
    }
    json_decref(json);
    answer_unavailable(ask);
}

/* ---- DELETE /v1/messages/{id} ---- */

void message_cancel(struct ask *ask)
{
    struct message message;
    if (!message_find(ask, &message))
        return;
    if (strcmp(message.account, ask->account->name) != 0) {
        answer_problem(ask, VERDICT_NOT_FOUND, "the account has no such message");
        return;
    }
    bool was_cancelled = message.state == MESSAGE_CANCELLED;
    if (!was_cancelled && !dispatch_cancel(ask->gateway->dispatch, &message, ask->now_ms)) {
        answer_problem(ask, VERDICT_HAS_LEFT, "it is %s: what has left can't be taken back",
                       message_state_word(message.state));
        return;
    }
    answer_json(ask, 200,
                json_pack("{s:o,s:s,s:o}", "id", json_id(message.id, message.tail), "status",
                          message_state_word(MESSAGE_CANCELLED), "to", json_phone(message.number)));
}

static bool state_read(struct ask *ask, enum message_state *state)
{
    static const enum message_state states[] = {
#define MESSAGE_STATE(name, number, word) MESSAGE_##name,
#include "proto/message.def"
    };
    const char *word = ask_parameter(ask, "status");
    *state = 0;
    if (word == NULL)
        return true;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(message_state_word(states[i]), word) == 0)
            *state = states[i];
    if (*state == 0)
        answer_problem(ask, VERDICT_INVALID_FIELD, "status: \"%.40s\" is none of a message", word);
    return *state != 0;
}

/* The serial of the campaign that is asked for; 0: left out. */
static bool campaign_read(struct ask *ask, int64_t *serial)
{
    int64_t id, tail;
    struct campaign campaign;
    enum store_result found = STORE_NONE;
    const char *text = ask_parameter(ask, "campaign");
    *serial = 0;
    if (text == NULL)
        return true;
    if (message_id_read(octets_text(text), &id, &tail))
        found = store_campaign_find(ask->gateway->store, id, ask->region, &campaign);
    if (found == STORE_FAILED)
        answer_unavailable(ask);
    else if (found == STORE_NONE || campaign.tail != tail)
        answer_problem(ask, VERDICT_INVALID_FIELD, "campaign: there is no such campaign");
    else
        *serial = campaign.serial;
    return *serial != 0;
}

/* Sets what the database can pick by; may_see decides. */
static bool filter_read(struct ask *ask, struct message_filter *filter)
{
    const struct program *only = ask_only_program(ask);
    *filter = (struct message_filter){.client_ref = ask_parameter(ask, "client_ref"),
                                      .now_ms = ask->now_ms};
    if (!account_has_role(ask->account, CONFIG_ROLE_COMPLIANCE))
        filter->account = ask->account->name;
    else if (!account_has_role(ask->account, CONFIG_ROLE_SENDER) && only != NULL)
        filter->program = only->id;
    return state_read(ask, &filter->state) && campaign_read(ask, &filter->campaign) &&
           ask_number(ask, "to", ask_parameter(ask, "to"), &filter->number);
}

void message_list(struct ask *ask)
{
    struct page page;
    struct message_filter filter;
    uint64_t person = 0; /* of all that are shown; 0: of some, others */
    if (!filter_read(ask, &filter) || !page_begin(ask, &page))
        return;
    struct message *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        filter.after = page.after;
        if (store_message_search(ask->gateway->store, &filter, ask->region, rows, page.limit,
                                 &count) == STORE_FAILED) {
            page_fail(ask, &page);
            return;
        }
        for (size_t i = 0; i < count && page_takes(&page, rows[i].id); i++)
            if (may_see(ask, &rows[i])) {
                person = json_array_size(page.items) == 0 || person == rows[i].number ? rows[i].number : 0;
                json_array_append_new(page.items, message_json(ask, &rows[i]));
            }
        page_fetched(&page, count);
    }
    if (filter.client_ref != NULL && ask->person == 0)
        ask->person = person; /* a sender's own name for somebody */
    page_answer(ask, &page);
}
