/* Jasmin's /send for its clients: what they say becomes an offer, and they are answered as they would be there, but that
 * nobody is texted who didn't say yes. docs/from-jasmin.md says what each parameter does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/region.h"
#include "base/web_address.h"
#include "config/tlv.h"
#include "http_form.h"
#include "http_parts.h"
#include "outbound/accept.h"
#include "smpp_door_parts.h"

#define TEXT_MOST    20000 /* octets; accept says what is too long for SMS */
#define MINUTE_MS    60000
#define MINUTES_MOST 527040 /* 366 days */
#define TAGS_MOST    200
#define NAME_MOST    30
#define TLVS_MOST    64

struct sending {
    struct ask *ask;
    const struct form *form;
    const json_t *tlvs; /* NULL: left out */
    long coding;
    bool is_json;
    struct callback callback;
    struct offer offer;
};

/* ---- answers ---- */

/* `Error "WORDS"`: a quote inside would end it. */
static void answer_error(struct ask *ask, int status, const char *words)
{
    char *plain = region_text(ask->region, octets_text(words));
    for (char *at = plain; *at != '\0'; at++)
        *at = *at == '"' ? '\'' : *at;
    answer_text(ask, status, "text/plain; charset=utf-8", octets_text(region_format(ask->region, "Error \"%s\"", plain)));
}

void jasmin_refuse(struct ask *ask, enum verdict verdict, const char *detail)
{
    const struct verdict_row *row = verdict_row(verdict);
    const char *coded = region_format(ask->region, "%s: %s", row->code, detail);
    switch (verdict) {
    case VERDICT_UNAUTHORIZED:
        answer_error(ask, 403, "Authentication failure");
        return;
    case VERDICT_ROLE_REQUIRED:
        answer_error(ask, 403, region_format(ask->region, "Authorization failed: %s", detail));
        return;
    case VERDICT_OVER_RATE:
        answer_error(ask, 403, region_format(ask->region, "User throughput exceeded: %s", detail));
        return;
    case VERDICT_COUNTRY_NOT_SERVED:
        answer_error(ask, 412, region_format(ask->region, "No route found: %s", detail));
        return;
    default:
        break;
    }
    bool is_other = row->http_status != 422 && row->http_status != 429 && row->http_status != 501;
    answer_error(ask, is_other ? row->http_status : row->http_status == 429 ? 403 : 400, coded);
}

static bool refuse(struct ask *ask, const char *words)
{
    answer_error(ask, 400, words);
    return false;
}

static bool refuse_value(struct sending *it, const char *name)
{
    return refuse(it->ask, region_format(it->ask->region, "Argument [%s] has an invalid value.", name));
}

/* ---- their arguments ---- */

static const struct {
    const char *name;
    bool is_needed;
} arguments[] = {{"to", true},           {"username", true},     {"password", true},  {"from", false},
                 {"coding", false},      {"priority", false},    {"sdt", false},      {"validity-period", false},
                 {"dlr", false},         {"dlr-url", false},     {"dlr-level", false}, {"dlr-method", false},
                 {"tags", false},        {"content", false},     {"hex-content", false}, {"custom_tlvs", false}};
#define ARGUMENTS (sizeof arguments / sizeof *arguments)

static bool is_known(struct octets name)
{
    for (size_t i = 0; i < ARGUMENTS; i++)
        if (octets_equal(name, octets_text(arguments[i].name)))
            return true;
    return false;
}

static bool check_arguments(struct sending *it)
{
    struct region *region = it->ask->region;
    if (it->form->count == 0)
        return refuse(it->ask, "Mandatory arguments not found, please refer to the HTTPAPI specifications.");
    for (size_t i = 0; i < it->form->count; i++)
        if (!is_known(it->form->at[i].name))
            return refuse(it->ask, region_format(region, "Argument [%.60s] is unknown.",
                                                 form_printable(it->form->at[i].name, region)));
    for (size_t i = 0; i < ARGUMENTS; i++)
        if (arguments[i].is_needed && form_find(it->form, arguments[i].name) == NULL)
            return refuse(it->ask, region_format(region, "Mandatory argument [%s] is not found.", arguments[i].name));
    return true;
}

static bool read_from(struct sending *it)
{
    const struct config_list *programs = &it->ask->account->programs;
    it->offer.from = form_text(it->form, "from", it->ask->region);
    it->offer.program = "";
    if (it->offer.from == NULL)
        return refuse_value(it, "from");
    if (it->offer.from[0] != '\0')
        return true;
    if (programs->count != 1)
        return refuse(it->ask, "Mandatory argument [from] is not found: the account has not one program alone.");
    it->offer.program = programs->at[0];
    return true;
}

static bool read_tags(struct sending *it)
{
    it->offer.client_ref = form_text(it->form, "tags", it->ask->region);
    return (it->offer.client_ref != NULL && strlen(it->offer.client_ref) <= TAGS_MOST) || refuse_value(it, "tags");
}

/* As SMPP writes it, relative or absolute. */
static bool read_start(struct sending *it, const struct submit_place *place)
{
    struct refusal refusal;
    const struct octets *sdt = form_find(it->form, "sdt");
    struct pdu pdu = {.schedule_delivery_time = sdt == NULL ? octets_of(NULL, 0) : *sdt};
    return submit_read_times(&pdu, place, &it->offer, &refusal) || refuse_value(it, "sdt");
}

static bool read_times(struct sending *it, const struct submit_place *place)
{
    long minutes, priority;
    if (!form_whole(it->form, "priority", 0, 3, 0, &priority))
        return refuse_value(it, "priority");
    if (!form_whole(it->form, "validity-period", 0, MINUTES_MOST, 0, &minutes))
        return refuse_value(it, "validity-period");
    if (!read_start(it, place))
        return false;
    it->offer.expires_at = minutes == 0 ? 0 : it->ask->now_ms + minutes * MINUTE_MS;
    return true;
}

static bool is_word(const struct octets *said, const char *word)
{
    return said->length == strlen(word) && strncasecmp((const char *)said->at, word, said->length) == 0;
}

/* POST and the first level, where nothing is said. */
static bool read_way(struct sending *it)
{
    long level;
    const struct octets *method = form_find(it->form, "dlr-method");
    it->callback = (struct callback){.form = CALLBACK_JASMIN, .method = "POST", .extra = ""};
    if (method != NULL && is_word(method, "GET"))
        it->callback.method = "GET";
    else if (method != NULL && !is_word(method, "POST"))
        return refuse_value(it, "dlr-method");
    if (!form_whole(it->form, "dlr-level", 1, 3, 1, &level))
        return refuse_value(it, "dlr-level");
    it->callback.mask = (unsigned)level; /* 3 is both of its bits */
    return true;
}

static bool read_reports(struct sending *it)
{
    struct web_address address;
    const struct octets *dlr = form_find(it->form, "dlr"), *said = form_find(it->form, "dlr-url");
    if (dlr != NULL && !is_word(dlr, "yes") && !is_word(dlr, "no"))
        return refuse_value(it, "dlr");
    if (!read_way(it))
        return false;
    if (said == NULL || said->length == 0)
        return true; /* dlr=yes alone counts as no, as there */
    const char *url = form_text(it->form, "dlr-url", it->ask->region);
    const char *fault = url == NULL ? "is no text" : web_address_read(url, &address);
    if (fault == NULL && !address.is_encrypted && !it->ask->gateway->config->callbacks.plain_http)
        fault = "is http://, which this gateway doesn't allow: use https://";
    if (fault != NULL)
        return refuse(it->ask, region_format(it->ask->region, "Argument [dlr-url] has an invalid value: it %s", fault));
    it->callback.url = url;
    it->offer.callback = &it->callback;
    return true;
}

/* ---- TLVs: their tags become the names that the carriers' lines give them ---- */

static const char *name_of_tag(struct sending *it, long tag)
{
    char why[TLV_WHY_SIZE];
    struct tlv_rule rule;
    const struct config *config = it->ask->gateway->config;
    for (size_t i = 0; i < config->carrier_count; i++)
        for (size_t j = 0; j < config->carriers[i].tlvs.count; j++)
            if (tlv_rule_read(config->carriers[i].tlvs.at[j], &rule, why) && rule.tag == tag)
                return region_text(it->ask->region, octets_text(rule.name));
    return NULL;
}

static bool add_tlv(struct sending *it, struct cargo_tlv *named, const char *tag, const json_t *value)
{
    struct region *region = it->ask->region;
    const char *name = name_of_tag(it, strtol(tag, NULL, 16));
    const char *words = json_is_integer(value)
                            ? region_format(region, "%lld", (long long)json_integer_value(value))
                            : json_string_value(value);
    if (name == NULL)
        return refuse(it->ask, region_format(region, "custom_tlvs: no carrier has a TLV of the tag %.20s.", tag));
    if (words == NULL)
        return refuse(it->ask, region_format(region, "custom_tlvs: the value of %.20s is neither a string nor a whole number.", tag));
    named[it->offer.tlvs.named_count++] = (struct cargo_tlv){name, words};
    return true;
}

/* {"0x1400": VALUE, "0x1401:Int2": VALUE}; what is behind the colon is said by the carrier's line. */
static bool read_tlv_object(struct sending *it, struct cargo_tlv *named)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)it->tlvs, key, value)
    {
        if (!add_tlv(it, named, key, value))
            return false;
    }
    return true;
}

/* [[TAG, LENGTH, TYPE, VALUE], …], as clients of older ones say it. */
static bool read_tlv_list(struct sending *it, struct cargo_tlv *named)
{
    for (size_t i = 0; i < json_array_size(it->tlvs); i++) {
        const json_t *row = json_array_get(it->tlvs, i), *tag = json_array_get(row, 0);
        const char *word = json_is_integer(tag)
                               ? region_format(it->ask->region, "0x%llx", (unsigned long long)json_integer_value(tag))
                               : json_string_value(tag);
        if (json_array_size(row) != 4 || word == NULL)
            return refuse(it->ask, "custom_tlvs: each must be [TAG, LENGTH, TYPE, VALUE].");
        if (!add_tlv(it, named, word, json_array_get(row, 3)))
            return false;
    }
    return true;
}

static bool read_tlvs(struct sending *it)
{
    size_t count = json_is_object(it->tlvs) ? json_object_size(it->tlvs) : json_array_size(it->tlvs);
    if (it->tlvs == NULL)
        return true;
    if ((!json_is_object(it->tlvs) && !json_is_array(it->tlvs)) || count > TLVS_MOST)
        return refuse_value(it, "custom_tlvs");
    struct cargo_tlv *named = region_get(it->ask->region, (count + 1) * sizeof *named);
    it->offer.tlvs.named = named;
    return json_is_object(it->tlvs) ? read_tlv_object(it, named) : read_tlv_list(it, named);
}

/* ---- what is to arrive ---- */

static bool read_coding(struct sending *it)
{
    bool is_whole = form_whole(it->form, "coding", 0, 14, 0, &it->coding);
    return (is_whole && it->coding != 11 && it->coding != 12) || refuse_value(it, "coding");
}

/* As a submit_sm would bring it, whose rules are known. */
static bool read_octets(struct sending *it, const struct submit_place *place, struct octets octets)
{
    struct refusal refusal;
    struct pdu pdu = {.data_coding = (uint8_t)it->coding, .short_message = octets};
    return submit_read_text(&pdu, place, &it->offer, &refusal) ||
           refuse(it->ask, region_format(it->ask->region, "content: %s (coding %ld)", refusal.text, it->coding));
}

static bool read_hex(struct sending *it, const struct submit_place *place, struct octets hex)
{
    uint8_t *octets = region_get(it->ask->region, hex.length / 2 + 1);
    if (hex.length > TEXT_MOST || !octets_from_hex(hex, octets))
        return refuse_value(it, "hex-content");
    return read_octets(it, place, octets_of(octets, hex.length / 2));
}

/* Of coding 0 it is characters, and so is all that JSON has, but for octets; else it is in the coding's own octets. */
static bool read_content(struct sending *it, const struct submit_place *place)
{
    const struct octets *content = form_find(it->form, "content"), *hex = form_find(it->form, "hex-content");
    if (content != NULL && hex != NULL)
        return refuse(it->ask, "content and hex-content cannot be used both in same request.");
    if (content == NULL && hex == NULL)
        return refuse(it->ask, "content or hex-content not present.");
    if (hex != NULL)
        return read_hex(it, place, *hex);
    if (content->length > TEXT_MOST)
        return refuse_value(it, "content");
    bool is_words = it->coding == 0 || (it->is_json && text_alphabet_of((uint8_t)it->coding) != TEXT_BINARY);
    if (!is_words)
        return read_octets(it, place, *content);
    bool is_wide = it->coding >= 6 && it->coding <= 8;
    it->offer.text = *content;
    it->offer.encoding = is_wide ? OFFER_UCS2 : OFFER_AUTO;
    return true;
}

/* ---- where they say it ---- */

static bool add_member(struct sending *it, struct form *form, const char *name, const json_t *value)
{
    struct region *region = it->ask->region;
    if (strcmp(name, "custom_tlvs") == 0 && !json_is_string(value))
        it->tlvs = value;
    if (json_is_string(value))
        form_add(form, name, octets_of(json_string_value(value), json_string_length(value)));
    else if (json_is_integer(value))
        form_add(form, name, octets_text(region_format(region, "%lld", (long long)json_integer_value(value))));
    else if (it->tlvs == value)
        form_add(form, name, octets_of(NULL, 0));
    else
        return refuse(it->ask, region_format(region, "Argument [%.60s] has an invalid value.", name));
    return true;
}

static bool read_json(struct sending *it, struct form *form)
{
    const char *name;
    json_t *value;
    it->is_json = true;
    if (!ask_json(it->ask))
        return false;
    json_object_foreach(it->ask->json, name, value)
    {
        if (!add_member(it, form, name, value))
            return false;
    }
    return true;
}

static bool read_form(struct sending *it, struct form *form)
{
    struct ask *ask = it->ask;
    const char *type = ask_header(ask, "Content-Type");
    bool is_form = media_is(type, "application/x-www-form-urlencoded");
    if (ask->body.length > 0 && media_is(type, "application/json"))
        return read_json(it, form);
    if (ask->body.length > 0 && !is_form)
        return refuse(ask, "Content-Type must be application/x-www-form-urlencoded or application/json");
    form_read(form, ask->body, ask->region);
    form_read(form, ask_query(ask), ask->region);
    return true;
}

/* In a query it is JSON within a value. Whoever calls takes it. */
static bool read_tlv_text(struct sending *it, json_t **tlvs)
{
    const struct octets *text = form_find(it->form, "custom_tlvs");
    *tlvs = NULL;
    if (it->tlvs != NULL || text == NULL || text->length == 0)
        return true;
    it->tlvs = *tlvs = json_loadb((const char *)text->at, text->length, JSON_REJECT_DUPLICATES, NULL);
    return it->tlvs != NULL || refuse_value(it, "custom_tlvs");
}

/* ---- all of it ---- */

static bool log_in(struct sending *it)
{
    struct ask *ask = it->ask;
    struct octets name = *form_find(it->form, "username"), secret = *form_find(it->form, "password");
    if (ask_log_in(ask, name, secret, CONFIG_ROLE_SENDER))
        return true;
    if (ask->account == NULL && name.length <= NAME_MOST)
        answer_error(ask, 403, region_format(ask->region, "Authentication failure for username:%s",
                                             form_printable(name, ask->region)));
    return false;
}

static bool read_all(struct sending *it, json_t **tlvs)
{
    const struct submit_place place = {it->ask->gateway->config->default_country, 0x34, it->ask->now_ms, it->ask->region};
    return read_tlv_text(it, tlvs) && read_from(it) && read_tags(it) && read_coding(it) && read_times(it, &place) &&
           read_reports(it) && read_tlvs(it) && read_content(it, &place);
}

static void offer(struct sending *it)
{
    char id[MESSAGE_ID_SIZE];
    struct acceptance result;
    struct ask *ask = it->ask;
    const char *to = form_text(it->form, "to", ask->region);
    enum number_fault fault = to == NULL ? NUMBER_OK : number_read_either(ask, to, &it->offer.number);
    if (to == NULL || fault != NUMBER_OK) {
        refuse(ask, region_format(ask->region, "Argument [to] has an invalid value: %s",
                                  to == NULL ? "it is no text" : number_fault_text(fault)));
        return;
    }
    accept_message(ask->gateway->accept, &it->offer, ask->now_ms, &result);
    if (result.verdict != VERDICT_ALLOWED) {
        jasmin_refuse(ask, result.verdict, region_text(ask->region, octets_text(result.detail)));
        return;
    }
    message_id_write(result.id, result.tail, id);
    answer_text(ask, 200, "text/plain; charset=utf-8", octets_text(region_format(ask->region, "Success \"%s\"", id)));
}

void jasmin_send(struct ask *ask)
{
    json_t *tlvs = NULL;
    struct form *form = region_get(ask->region, sizeof *form);
    struct sending it = {.ask = ask, .form = form};
    if (!ask->gateway->config->http.jasmin) {
        answer_problem(ask, VERDICT_NOT_FOUND, "Jasmin's clients are not answered here (http.jasmin is false)");
        return;
    }
    if (!read_form(&it, form) || !check_arguments(&it) || !log_in(&it))
        return;
    it.offer.account = ask->account;
    if (read_all(&it, &tlvs))
        offer(&it);
    json_decref(tlvs);
}
