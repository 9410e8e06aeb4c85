/* Kannel's sendsms for its clients: what they say becomes an offer for each receiver, and they are answered as they would
 * be there, but that nobody is texted who didn't say yes. docs/from-kannel.md says what each parameter does. */
#include <stdio.h>
#include <string.h>

#include "base/charset.h"
#include "base/must.h"
#include "base/region.h"
#include "base/web_address.h"
#include "http_form.h"
#include "http_parts.h"
#include "notify/report.h"
#include "outbound/accept.h"
#include "smpp/esm_class.h"
#include "smpp_door_parts.h"

#define RECEIVERS_MOST 1000
#define TEXT_MOST      20000 /* octets; accept says what is too long for SMS */
#define MINUTE_MS      60000
#define MINUTES_MOST   527040 /* 366 days */
#define ADDRESS_MOST   80 /* of a number with all its punctuation */
#define ACCOUNT_MOST   64
#define BINFO_MOST     255
#define META_MOST      1024
#define TLVS_MOST      64
#define DLR_URL_MOST   1024
#define SHOWN_MOST     32 /* octets of a receiver that was denied … */
#define DENIED_MOST    80 /* … and those with all that is said of it */
#define ESCAPES_MOST   64

enum coding { CODING_7BIT, CODING_8BIT, CODING_UCS2, CODING_UNSAID = -1 };

struct sendsms {
    struct ask *ask;
    const struct form *form;
    struct octets to;
    long coding, mwi;
    struct octets udh;
    const char *binfo, *meta;
    struct callback callback; /* url NULL: nobody is told */
    const char *told;         /* what some escapes of its url stand for, whoever the receiver is */
    struct offer offer; /* but for its receiver */
};

/* ---- answers ---- */

static void answer(struct ask *ask, int status, const char *text)
{
    answer_text(ask, status, "text/plain; charset=utf-8", octets_text(text));
}

/* There 503 is what may be tried again, and every 4xx what may not. */
void kannel_refuse(struct ask *ask, enum verdict verdict, const char *detail)
{
    const struct verdict_row *row = verdict_row(verdict);
    bool is_said = row->is_block || verdict == VERDICT_NOT_FOUND;
    bool is_passing = row->http_status == 429 || row->http_status == 503;
    if (verdict == VERDICT_UNAUTHORIZED)
        answer(ask, 403, "Authorization failed for sendsms");
    else if (verdict == VERDICT_ROLE_REQUIRED)
        answer(ask, 403, region_format(ask->region, "Authorization failed for sendsms: %s", detail));
    else if (is_passing)
        answer(ask, 503, region_format(ask->region, "Temporal failure, try again later. %s: %s", row->code, detail));
    else if (is_said)
        answer(ask, row->http_status, region_format(ask->region, "%s: %s", row->code, detail));
    else
        answer(ask, row->http_status == 422 || row->http_status == 501 ? 400 : row->http_status,
               region_format(ask->region, "%s, rejected", detail));
    if (is_passing) {
        ask->answer.header = "Retry-After";
        ask->answer.value = "1";
    }
}

static bool refuse(struct ask *ask, const char *sentence)
{
    answer(ask, 400, sentence);
    return false;
}

/* ---- what they say ---- */

static bool read_whole(struct sendsms *it, const char *name, long least, long most, long fallback, const char *words, long *out)
{
    return form_whole(it->form, name, least, most, fallback, out) ||
           refuse(it->ask, region_format(it->ask->region, "%s field misformed, rejected", words));
}

/* What a message keeps is bounded: a request is one for a thousand receivers. "": it is left out. */
static bool read_short(struct sendsms *it, const char *name, size_t most, const char *words, const char **out)
{
    const struct octets *value = form_find(it->form, name);
    bool is_long = value != NULL && value->length > most;
    *out = is_long ? NULL : form_text(it->form, name, it->ask->region);
    return *out != NULL || refuse(it->ask, region_format(it->ask->region, "%s field misformed or too long, rejected", words));
}

static bool read_from(struct sendsms *it)
{
    const struct config_list *programs = &it->ask->account->programs;
    it->offer.program = "";
    if (!read_short(it, "from", ADDRESS_MOST, "Sender", &it->offer.from))
        return false;
    if (it->offer.from[0] != '\0')
        return true;
    if (programs->count != 1)
        return refuse(it->ask, "Sender missing and no global set, rejected");
    it->offer.program = programs->at[0];
    return true;
}

static bool is_blank(uint8_t octet)
{
    return octet == ' ' || (octet >= '\t' && octet <= '\r');
}

static size_t count_receivers(struct octets to)
{
    size_t count = 0;
    for (size_t i = 0; i < to.length; i++)
        count += !is_blank(to.at[i]) && (i == 0 || is_blank(to.at[i - 1]));
    return count;
}

static bool read_receivers(struct sendsms *it)
{
    const struct octets *to = form_find(it->form, "to");
    if (to == NULL)
        return refuse(it->ask, "Missing receiver number, rejected");
    it->to = *to;
    if (count_receivers(*to) == 0)
        return refuse(it->ask, "Empty receiver number not allowed, rejected");
    return true;
}

static bool read_times(struct sendsms *it)
{
    long validity, deferred;
    if (!read_whole(it, "validity", 0, MINUTES_MOST, 0, "Validity", &validity) ||
        !read_whole(it, "deferred", 0, MINUTES_MOST, 0, "Deferred", &deferred))
        return false;
    it->offer.send_at = deferred == 0 ? 0 : it->ask->now_ms + deferred * MINUTE_MS;
    it->offer.expires_at = validity == 0 ? 0 : it->ask->now_ms + validity * MINUTE_MS;
    return true;
}

/* What is checked as there, and changes nothing here; docs/from-kannel.md says why. */
static bool read_idle(struct sendsms *it)
{
    long priority, alt_dcs, rpi, pid, compress;
    if (!read_whole(it, "priority", 0, 3, 0, "Priority", &priority) ||
        !read_whole(it, "alt-dcs", 0, 1, 0, "Alt-DCS", &alt_dcs) || !read_whole(it, "rpi", 0, 2, 0, "RPI", &rpi) ||
        !read_whole(it, "pid", 0, 255, 0, "PID", &pid) || !read_whole(it, "compress", 0, 1, 0, "Compress", &compress))
        return false;
    if (pid != 0)
        return refuse(it->ask, "PID field: messages have no protocol id but 0 here, rejected");
    return compress == 0 || refuse(it->ask, "Compress field: nothing is compressed here, rejected");
}

/* "?smpp?NAME=VALUE&NAME=VALUE?other?…": those of smpp are TLVs, by the names that the config gives them. */
static void read_tlvs(struct sendsms *it)
{
    struct region *region = it->ask->region;
    const char *at = strstr(it->meta, "?smpp?");
    if (at == NULL)
        return;
    struct form *pairs = region_get(region, sizeof *pairs);
    struct cargo_tlv *named = region_get(region, TLVS_MOST * sizeof *named);
    at += strlen("?smpp?");
    form_read(pairs, octets_of(at, strcspn(at, "?")), region);
    for (size_t i = 0; i < pairs->count && i < TLVS_MOST; i++)
        named[it->offer.tlvs.named_count++] = (struct cargo_tlv){region_text(region, pairs->at[i].name),
                                                                 region_text(region, pairs->at[i].value)};
    it->offer.tlvs.named = named;
}

/* What comes back to them in reports, and in GET /v1/messages. */
static bool read_notes(struct sendsms *it)
{
    return read_short(it, "account", ACCOUNT_MOST, "Account", &it->offer.client_ref) &&
           read_short(it, "binfo", BINFO_MOST, "BInfo", &it->binfo) &&
           read_short(it, "meta-data", META_MOST, "Meta-Data", &it->meta);
}

static bool refuse_url(struct sendsms *it, const char *why)
{
    return refuse(it->ask, region_format(it->ask->region, "DLR-URL field misformed, rejected: it %s", why));
}

/* Its escapes are filled when there is something to tell (notify/report.h). */
static bool read_url(struct sendsms *it)
{
    struct web_address address;
    const char *url = form_text(it->form, "dlr-url", it->ask->region);
    size_t escapes = 0;
    if (url == NULL || strlen(url) > DLR_URL_MOST)
        return refuse_url(it, "has more than 1024 octets, or is no text");
    for (const char *at = url; *at != '\0'; at++)
        escapes += *at == '%' ? 1 : 0;
    const char *fault = web_address_read(url, &address);
    if (fault == NULL && escapes > ESCAPES_MOST)
        fault = "has more than 64 escapes";
    if (fault == NULL && !address.is_encrypted && !it->ask->gateway->config->callbacks.plain_http)
        fault = "is http://, which this gateway doesn't allow: use https://";
    if (fault != NULL)
        return refuse_url(it, fault);
    it->callback.url = url;
    return true;
}

/* As it was said, so that it is known there. */
static const char *told_of(struct sendsms *it)
{
    struct region *region = it->ask->region;
    return region_format(region, "P%s\nB%s\nD%s\no%s", report_escape(it->offer.from, region),
                         report_escape(it->binfo, region), report_escape(it->meta, region),
                         report_escape(it->offer.client_ref, region));
}

static bool read_reports(struct sendsms *it)
{
    long mask;
    const struct octets *url = form_find(it->form, "dlr-url");
    if (!read_whole(it, "dlr-mask", 0, 63, 0, "DLR-Mask", &mask))
        return false;
    if (mask == 0 || url == NULL || url->length == 0)
        return true;
    it->callback = (struct callback){.form = CALLBACK_KANNEL, .mask = (unsigned)mask, .method = "GET"};
    it->told = told_of(it);
    return read_url(it);
}

/* ---- what is to arrive ---- */

static bool read_kind(struct sendsms *it)
{
    long message_class;
    const struct octets *udh = form_find(it->form, "udh");
    it->udh = udh == NULL ? octets_of(NULL, 0) : *udh;
    if (it->udh.length > 0 && it->udh.at[0] + (size_t)1 != it->udh.length)
        return refuse(it->ask, "UDH field misformed, rejected");
    if (!read_whole(it, "coding", 0, 2, CODING_UNSAID, "Coding", &it->coding) ||
        !read_whole(it, "mclass", 0, 3, -1, "MClass", &message_class) || !read_whole(it, "mwi", 0, 7, -1, "MWI", &it->mwi))
        return false;
    if (it->coding == CODING_UNSAID)
        it->coding = it->udh.length > 0 ? CODING_8BIT : CODING_7BIT;
    it->offer.has_class = message_class >= 0;
    it->offer.message_class = (uint8_t)message_class;
    return true;
}

/* A message waits (23.038 4): 0 to 3 tell of a kind, 4 to 7 that it waits no more. */
static uint8_t waiting_coding(const struct sendsms *it)
{
    uint8_t group = it->coding == CODING_UCS2 ? 0xE0 : 0xD0;
    return (uint8_t)(group | (it->mwi < 4 ? 0x08 : 0) | (it->mwi & 3));
}

static bool read_words(struct sendsms *it, struct octets text, struct octets *utf8)
{
    const struct octets *charset = form_find(it->form, "charset");
    const char *usual = it->coding == CODING_UCS2 ? "UTF-16BE" : "UTF-8";
    bool is_said = charset != NULL && charset->length > 0;
    return charset_read(is_said ? *charset : octets_text(usual), text, it->ask->region, utf8) == CHARSET_OK ||
           refuse(it->ask, "Charset or body misformed, rejected");
}

/* A header or a waiting message goes as a submit_sm would bring it, whose rules are known. */
static bool read_octets(struct sendsms *it, struct octets octets)
{
    struct ask *ask = it->ask;
    struct refusal refusal = {0};
    const struct submit_place place = {ask->gateway->config->default_country, 0x34, ask->now_ms, ask->region};
    size_t length = it->udh.length + octets.length;
    uint8_t *whole = region_get(ask->region, length + 1);
    memcpy(whole, it->udh.at == NULL ? whole : it->udh.at, it->udh.length);
    memcpy(whole + it->udh.length, octets.at == NULL ? whole : octets.at, octets.length);
    static const uint8_t codings[] = {[CODING_7BIT] = 0x00, [CODING_8BIT] = 0x04, [CODING_UCS2] = 0x08};
    struct pdu pdu = {.esm_class = it->udh.length > 0 ? ESM_UDHI : 0,
                      .data_coding = it->mwi >= 0 ? waiting_coding(it) : codings[it->coding],
                      .short_message = octets_of(whole, length)};
    return submit_read_text(&pdu, &place, &it->offer, &refusal) ||
           refuse(ask, region_format(ask->region, "Charset or body misformed (%s), rejected", refusal.text));
}

/* A plain text is left to the gateway, that writes it so that all of it arrives. */
static bool read_text(struct sendsms *it)
{
    const struct octets *said = form_find(it->form, "text");
    struct octets text = said == NULL ? octets_of(NULL, 0) : *said, words, octets;
    if (text.length > TEXT_MOST)
        return refuse(it->ask, "Charset or body misformed, rejected: the text is too long");
    if (it->coding == CODING_8BIT && it->mwi >= 0)
        return refuse(it->ask, "MWI field: a waiting message has a text, rejected");
    if (it->coding == CODING_8BIT)
        return read_octets(it, text);
    if (!read_words(it, text, &words))
        return false;
    if (it->udh.length == 0 && it->mwi < 0) {
        it->offer.text = words;
        it->offer.encoding = it->coding == CODING_UCS2 ? OFFER_UCS2 : OFFER_AUTO;
        return true;
    }
    enum text_alphabet alphabet = it->coding == CODING_UCS2 ? TEXT_UCS2 : TEXT_GSM7;
    if (!text_encode(words, alphabet, it->ask->region, &octets))
        return refuse(it->ask, "Charset or body misformed: the text has characters that GSM 03.38 lacks, rejected");
    return read_octets(it, octets);
}

/* ---- to each of them ---- */

struct outcome {
    size_t taken, waiting, denied;
    enum verdict first; /* of those that were denied */
    const char *why;
    char *list; /* room for all of them */
    size_t length;
};

static void note_denied(struct sendsms *it, struct outcome *outcome, const char *to, const struct acceptance *result)
{
    if (outcome->denied++ == 0) {
        outcome->first = result->verdict;
        outcome->why = region_text(it->ask->region, octets_text(result->detail));
    }
    int length = snprintf(outcome->list + outcome->length, DENIED_MOST, " %.*s%s (%s)", SHOWN_MOST, to,
                          strlen(to) > SHOWN_MOST ? "..." : "", verdict_row(result->verdict)->code);
    must(length > 0 && length < DENIED_MOST);
    outcome->length += (size_t)length;
}

/* `to` begins with the blank that parted it, which may have been a plus that nobody encoded. */
static void offer_to(struct sendsms *it, const char *to, struct outcome *outcome)
{
    struct acceptance result = {.verdict = VERDICT_INVALID_NUMBER};
    struct offer offer = it->offer;
    enum number_fault fault =
        strlen(to) > ADDRESS_MOST ? NUMBER_TOO_LONG : number_read_either(it->ask, to, &offer.number);
    if (fault == NUMBER_OK && it->callback.url != NULL) {
        it->callback.extra = region_format(it->ask->region, "p%s\n%s", report_escape(to + 1, it->ask->region), it->told);
        offer.callback = &it->callback;
    }
    if (fault == NUMBER_OK)
        accept_message(it->ask->gateway->accept, &offer, it->ask->now_ms, &result);
    else
        snprintf(result.detail, sizeof result.detail, "to: %s", number_fault_text(fault));
    if (result.verdict != VERDICT_ALLOWED) {
        note_denied(it, outcome, to + 1, &result);
        return;
    }
    outcome->taken++;
    outcome->waiting += result.state == MESSAGE_QUEUED ? 0 : 1;
}

/* The next of the receivers, behind a blank; NULL: there is none. */
static const char *next_receiver(struct octets *rest, struct region *region)
{
    size_t length = 0;
    while (rest->length > 0 && is_blank(rest->at[0]))
        *rest = octets_of(rest->at + 1, rest->length - 1);
    while (length < rest->length && !is_blank(rest->at[length]))
        length++;
    if (length == 0)
        return NULL;
    const char *receiver = region_format(region, " %s", region_text(region, octets_of(rest->at, length)));
    *rest = octets_of(rest->at + length, rest->length - length);
    return receiver;
}

static void answer_outcome(struct sendsms *it, const struct outcome *outcome)
{
    struct ask *ask = it->ask;
    const char *words = outcome->waiting == 0 ? "0: Accepted for delivery" : "3: Queued for later delivery";
    if (outcome->taken == 0)
        kannel_refuse(ask, outcome->first, outcome->why);
    else if (outcome->denied == 0)
        answer(ask, 202, words);
    else
        answer(ask, 202, region_format(ask->region, "%s Denied receivers are:%s", words, outcome->list));
}

static void offer_to_all(struct sendsms *it, size_t count)
{
    struct outcome outcome = {.list = region_get(it->ask->region, count * DENIED_MOST)};
    struct octets rest = it->to;
    for (const char *to; (to = next_receiver(&rest, it->ask->region)) != NULL;)
        offer_to(it, to, &outcome);
    answer_outcome(it, &outcome);
}

/* ---- where they say it ---- */

static const struct {
    const char *header, *name;
} headers[] = {
    {"X-Kannel-Username", "username"},   {"X-Kannel-Password", "password"}, {"X-Kannel-From", "from"},
    {"X-Kannel-To", "to"},               {"X-Kannel-Coding", "coding"},     {"X-Kannel-MClass", "mclass"},
    {"X-Kannel-MWI", "mwi"},             {"X-Kannel-Compress", "compress"}, {"X-Kannel-Validity", "validity"},
    {"X-Kannel-Deferred", "deferred"},   {"X-Kannel-DLR-Mask", "dlr-mask"}, {"X-Kannel-DLR-Url", "dlr-url"},
    {"X-Kannel-Account", "account"},     {"X-Kannel-PID", "pid"},           {"X-Kannel-Alt-DCS", "alt-dcs"},
    {"X-Kannel-RPI", "rpi"},             {"X-Kannel-Priority", "priority"}, {"X-Kannel-Meta-Data", "meta-data"},
    {"X-Kannel-BInfo", "binfo"},
};

/* In hexadecimal there. */
static bool read_udh_header(struct ask *ask, struct form *form)
{
    const char *said = ask_header(ask, "X-Kannel-UDH");
    size_t length = strlen(said);
    uint8_t *octets = region_get(ask->region, length + 1);
    if (length > 0 && !octets_from_hex(octets_text(said), octets))
        return refuse(ask, "UDH field misformed, rejected");
    if (length > 0)
        form_add(form, "udh", octets_of(octets, length / 2));
    return true;
}

/* "text/plain; charset=utf-8"; left out it is what HTTP once said. */
static const char *charset_of(struct ask *ask)
{
    const char *type = strcasestr(ask_header(ask, "Content-Type"), "charset=");
    if (type == NULL)
        return "ISO-8859-1";
    type += strlen("charset=");
    type += *type == '"';
    return region_text(ask->region, octets_of(type, strcspn(type, "\"; ")));
}

/* The body is the text, and headers say the rest. */
static bool read_posted(struct ask *ask, struct form *form, bool is_text)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (ask_header(ask, headers[i].header)[0] != '\0')
            form_add(form, headers[i].name, octets_text(ask_header(ask, headers[i].header)));
    form_add(form, "text", ask->body);
    if (is_text)
        form_add(form, "charset", octets_text(charset_of(ask)));
    else if (form_find(form, "coding") == NULL)
        form_add(form, "coding", octets_text("1"));
    return read_udh_header(ask, form);
}

static bool read_form(struct ask *ask, struct form *form)
{
    const char *type = ask_header(ask, "Content-Type");
    bool is_text = media_is(type, "text/plain"), is_octets = media_is(type, "application/octet-stream");
    bool is_form = media_is(type, "application/x-www-form-urlencoded");
    if (ask->body.length > 0 && !is_text && !is_octets && !is_form)
        return refuse(ask, "Invalid content-type");
    if (is_text || is_octets) {
        if (!read_posted(ask, form, is_text))
            return false;
    } else {
        form_read(form, ask->body, ask->region);
    }
    form_read(form, ask_query(ask), ask->region);
    return true;
}

/* ---- all of it ---- */

static struct octets either(const struct form *form, const char *name, const char *other)
{
    const struct octets *value = form_find(form, name);
    value = value == NULL ? form_find(form, other) : value;
    return value == NULL ? octets_of(NULL, 0) : *value;
}

static bool read_all(struct sendsms *it)
{
    return read_from(it) && read_receivers(it) && read_kind(it) && read_times(it) && read_idle(it) && read_notes(it) &&
           read_reports(it) && read_text(it);
}

void kannel_send(struct ask *ask)
{
    struct form *form = region_get(ask->region, sizeof *form);
    if (!ask->gateway->config->http.kannel) {
        answer_problem(ask, VERDICT_NOT_FOUND, "Kannel's clients are not answered here (http.kannel is false)");
        return;
    }
    if (!read_form(ask, form) ||
        !ask_log_in(ask, either(form, "username", "user"), either(form, "password", "pass"), CONFIG_ROLE_SENDER))
        return;
    struct sendsms it = {.ask = ask, .form = form, .offer = {.account = ask->account, .client_ref = ""}};
    if (!read_all(&it))
        return;
    read_tlvs(&it);
    size_t count = count_receivers(it.to);
    if (count > RECEIVERS_MOST)
        refuse(ask, region_format(ask->region, "More than %d receivers, rejected", RECEIVERS_MOST));
    else if (!http_takes_receivers(ask->http, count))
        kannel_refuse(ask, VERDICT_UNAVAILABLE, "too much is asked for at once");
    else
        offer_to_all(&it, count);
}
