#include "notify/event.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/change.h"
#include "consent/number.h"
#include "notify/notify.h"

/* What its sender does itself it needs not be told; what a carrier's receipt calls deleted has failed. */
static const char *of_cancelled(const struct told *told)
{
    bool has_left = !told->is_new && told->message->state > MESSAGE_SENDING;
    return has_left ? "message.failed" : NULL;
}

const char *event_of_told(const struct told *told)
{
    switch (told->state) {
    case MESSAGE_SENT:
        return "message.sent";
    case MESSAGE_DELIVERED:
        return "message.delivered";
    case MESSAGE_FAILED:
    case MESSAGE_EXPIRED:
        return "message.failed";
    case MESSAGE_BLOCKED:
        return "message.blocked";
    case MESSAGE_CANCELLED:
        return of_cancelled(told);
    case MESSAGE_SCHEDULED:
    case MESSAGE_QUEUED:
    case MESSAGE_HELD:
    case MESSAGE_SENDING:
    case MESSAGE_UNKNOWN:
        break;
    }
    return NULL;
}

/* ---- values ---- */

static json_t *of_time(int64_t at)
{
    char text[TIME_TEXT_SIZE];
    if (at == 0)
        return json_null();
    time_write(at, text);
    return json_string(text);
}

static json_t *of_id(int64_t id, int64_t tail)
{
    char text[MESSAGE_ID_SIZE];
    message_id_write(id, tail, text);
    return json_string(text);
}

static json_t *of_number(uint64_t number)
{
    char text[NUMBER_TEXT_SIZE];
    if (number == 0)
        return json_null();
    number_write(number, text);
    return json_string(text);
}

/* null for "". Carriers' octets may be no UTF-8: those are left out. */
static json_t *of_words(const char *text)
{
    json_t *json = text == NULL || text[0] == '\0' ? json_null() : json_string(text);
    return json == NULL ? json_null() : json;
}

static const char *body_of(const char *type, int64_t now_ms, json_t *data, struct region *region)
{
    json_t *json = json_pack("{s:s,s:o,s:o}", "type", type, "timestamp", of_time(now_ms), "data", data);
    must(json != NULL);
    char *text = json_dumps(json, JSON_COMPACT);
    must(text != NULL);
    const char *body = region_text(region, octets_text(text));
    free(text);
    json_decref(json);
    return body;
}

/* ---- messages ---- */

const char *event_message(const struct told *told, const char *program, const struct campaign *campaign,
                          struct region *region)
{
    const struct message *message = told->message;
    bool is_final = message_is_final(told->state);
    const char *err = told->news == NULL ? "" : told->news->err;
    const char *carrier = told->news != NULL ? told->news->carrier : message->carrier;
    json_t *data = json_pack(
        "{s:o,s:s,s:o,s:o,s:s,s:o,s:s,s:o,s:o,s:i,s:o,s:o,s:o,s:o,s:o,s:o}", "id", of_id(message->id, message->tail),
        "status", message_state_word(told->state), "reason", of_words(told->reason), "program",
        of_words(program), "account", message->account, "campaign",
        campaign == NULL ? json_null() : of_id(campaign->id, campaign->tail), "from", message->sender, "to",
        of_number(message->number), "client_ref", of_words(message->client_ref), "segments", message->parts,
        "carrier", of_words(carrier), "carrier_error", of_words(err), "created_at",
        of_time(message->created_at), "sent_at",
        of_time(told->state == MESSAGE_SENT ? told->now_ms : message->sent_at), "done_at",
        of_time(is_final ? told->now_ms : 0), "consent_seq",
        message->consent_seq == 0 ? json_null() : json_integer(message->consent_seq));
    must(data != NULL);
    return body_of(event_of_told(told), told->now_ms, data, region);
}

/* ---- what people wrote ---- */

static json_t *of_data(const struct inbound_data *data, struct region *region)
{
    if (data == NULL)
        return json_null();
    char *text = region_get(region, BASE64_SIZE(data->octets.length));
    base64_write(data->octets, text);
    return json_string(text);
}

static json_t *of_source(const struct inbound *inbound)
{
    return inbound->number != 0 ? of_number(inbound->number) : of_words(inbound->source);
}

const char *event_inbound(const struct inbound *inbound, const struct inbound_data *data, const char *program,
                          struct region *region)
{
    json_t *data_json = json_pack(
        "{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id", of_id(inbound->id, inbound->tail), "from",
        of_source(inbound), "to", of_words(inbound->sender), "program", of_words(program), "text",
        of_words(inbound->text), "data", of_data(data, region), "received_at", of_time(inbound->at), "verdict",
        of_words(inbound->verdict), "effect", of_words(inbound->effect), "carrier", of_words(inbound->carrier),
        "ledger_seq", inbound->ledger_seq == 0 ? json_null() : json_integer(inbound->ledger_seq));
    must(data_json != NULL);
    return body_of("message.inbound", inbound->at, data_json, region);
}

/* ---- consents ---- */

const char *event_consent(const struct consent_change *change, struct region *region)
{
    char why[STANDING_WHY_SIZE];
    const struct standing *after = &change->after;
    bool is_held = after->review != 0 && !program_is_informational(change->program);
    bool is_eligible = standing_verdict(after->state) == VERDICT_ALLOWED && !is_held;
    json_t *data = json_pack(
        "{s:o,s:s,s:s,s:s,s:b,s:o,s:b,s:b,s:o,s:s,s:o,s:o}", "phone", of_number(change->number), "program",
        change->program->config->name, "state", standing_word(after->state), "state_before",
        standing_word(change->before.state), "eligible", (int)is_eligible, "why",
        of_words(is_held ? "wrote what may have meant STOP; somebody must read it first" : standing_why(after, why)),
        "may_text", (int)change->reachable.text, "may_email", (int)change->reachable.email, "since",
        of_time(after->since), "source", change->source, "contact_ref", of_words(change->contact_ref),
        "ledger_seq", change->seq == 0 ? json_null() : json_integer(change->seq));
    must(data != NULL);
    return body_of("consent.changed", change->now_ms, data, region);
}

const char *event_test(const char *account, int64_t now_ms, struct region *region)
{
    json_t *data = json_pack("{s:s}", "account", account);
    must(data != NULL);
    return body_of("webhook.test", now_ms, data, region);
}
