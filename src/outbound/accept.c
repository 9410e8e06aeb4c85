#include "outbound/accept.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/block.h"
#include "consent/gate.h"
#include "consent/local_time.h"
#include "consent/number.h"
#include "consent/sender.h"
#include "outbound/dispatch.h"
#include "outbound/fit.h"
#include "outbound/pool.h"
#include "outbound/quotas.h"
#include "outbound/rates.h"

#define DEFAULT_TERM_MS INT64_C(86400000)            /* INTERFACE: expires_at, where left out */
#define HEADER_MOST     140 /* a short message has no more room (F240) */
#define LONGEST_WAIT_MS (INT64_C(366) * 86400000)    /* a send_at beyond that is a mistake */

struct accept {
    struct loop *loop;
    struct store *store;
    struct ledger *ledger;
    struct gate *gate;
    struct consents *consents;
    const struct programs *programs;
    struct dispatch *dispatch;
    struct rates *rates;
    struct quotas *quotas;
    struct pool *pool;
    const char *default_country;
    uint16_t next_reference; /* F247 */
};

struct accept *accept_open(struct loop *loop, struct store *store, struct ledger *ledger,
                           struct consents *consents, const struct programs *programs,
                           struct dispatch *dispatch, const char *default_country)
{
    struct accept *accept = mem_new(sizeof *accept);
    *accept = (struct accept){.loop = loop,
                              .store = store,
                              .ledger = ledger,
                              .gate = dispatch_gate(dispatch),
                              .consents = consents,
                              .programs = programs,
                              .dispatch = dispatch,
                              .rates = rates_open(),
                              .quotas = quotas_open(store),
                              .pool = pool_open(loop, store),
                              .default_country = default_country,
                              .next_reference = (uint16_t)random_bits(16)};
    return accept;
}

void accept_set_country(struct accept *accept, const char *default_country)
{
    accept->default_country = default_country;
}

void accept_close(struct accept *accept)
{
    if (accept == NULL)
        return;
    rates_close(accept->rates);
    quotas_close(accept->quotas);
    pool_close(accept->pool);
    free(accept);
}

struct pool *accept_pool(const struct accept *accept)
{
    return accept->pool;
}

static bool refuse(struct acceptance *out, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(struct acceptance *out, enum verdict verdict, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(out->detail, sizeof out->detail, format, values);
    va_end(values);
    out->verdict = verdict;
    return false;
}

/* ---- what an offer names ---- */

static bool read_number(const struct accept *accept, const struct offer *offer,
                        struct acceptance *out)
{
    out->number = offer->number;
    if (out->number != 0)
        return true;
    enum number_fault fault = number_read(offer->to, accept->default_country, &out->number);
    if (fault == NUMBER_OK)
        return true;
    out->number = 0;
    return refuse(out, VERDICT_INVALID_NUMBER, "to: %s", number_fault_text(fault));
}

/* The program and the sender, each from the other where only one is named. */
static bool find_program(const struct accept *accept, const struct offer *offer,
                         char sender[SENDER_TEXT_SIZE], struct acceptance *out)
{
    sender[0] = '\0';
    if (offer->program[0] == '\0' && offer->from[0] == '\0')
        return refuse(out, VERDICT_INVALID_FIELD, "program or from is needed");
    if (offer->from[0] != '\0' &&
        !sender_read(octets_text(offer->from), accept->default_country, sender))
        return refuse(out, VERDICT_INVALID_SENDER,
                      "from: neither a number, a short code nor an alphanumeric id");
    if (offer->program[0] == '\0') {
        out->program = programs_find_sender(accept->programs, sender);
        return out->program != NULL || refuse(out, VERDICT_SENDER_NOT_ALLOWED,
                                              "no program has the sender %s", sender);
    }
    out->program = programs_find(accept->programs, offer->program);
    if (out->program == NULL)
        return refuse(out, VERDICT_UNKNOWN_PROGRAM, "program: there is none named \"%.60s\"",
                      offer->program);
    if (sender[0] == '\0')
        snprintf(sender, SENDER_TEXT_SIZE, "%s",
                 pool_choose(accept->pool, out->program, out->number, false));
    return program_has_sender(out->program, sender) ||
           refuse(out, VERDICT_SENDER_NOT_ALLOWED, "%s is not a sender of program %s", sender,
                  out->program->config->name);
}

static bool is_served(const struct program *program, uint64_t number, struct acceptance *out)
{
    const char *country = number_country(number);
    return config_list_has(&program->config->countries, country) ||
           refuse(out, VERDICT_COUNTRY_NOT_SERVED, "to: program %s doesn't send to %s",
                  program->config->name, country[0] == '\0' ? "numbers of no country" : country);
}

/* The carrier that it would take now, or would prefer. Where another one takes it in the end that has other ways, dispatch
 * measures it again. */
static const struct carrier *likely_carrier(struct accept *accept, const struct program *program,
                                            const struct message *message, int64_t now_ms)
{
    struct carriers *carriers = dispatch_carriers(accept->dispatch);
    const char *name = dispatch_route(accept->dispatch, program, message, now_ms);
    return carriers_find(carriers, name[0] != '\0' ? name : program->config->carriers.at[0].carrier);
}

static bool write_text(struct accept *accept, const struct offer *offer,
                       const struct message *message, int64_t now_ms, struct acceptance *out)
{
    static const enum writing_want wants[] = {[OFFER_AUTO] = WRITING_AUTO,
                                              [OFFER_GSM7] = WRITING_GSM7,
                                              [OFFER_UCS2] = WRITING_UCS2};
    struct cargo cargo = offer->cargo;
    cargo.has_coding = cargo.has_coding || offer->has_class;
    struct writing_rules rules =
        fit_rules(out->program, likely_carrier(accept, out->program, message, now_ms), &cargo);
    switch (writing_choose(offer->text, wants[offer->encoding], &rules, offer->part, (struct gsm7_tables){0},
                           loop_region(accept->loop), &out->writing)) {
    case WRITING_OK:
        return true;
    case WRITING_NOT_UTF8:
        return refuse(out, VERDICT_INVALID_TEXT, "text: it is not UTF-8 without NULs");
    case WRITING_NOT_GSM7:
        break;
    }
    return refuse(out, VERDICT_INVALID_TEXT,
                  "text: it has characters that encoding gsm7 lacks; use auto or ucs2");
}

static bool read_text(struct accept *accept, const struct offer *offer, const struct message *message,
                      int64_t now_ms, struct acceptance *out)
{
    if (offer->text.length == 0)
        return refuse(out, VERDICT_INVALID_TEXT, "text: it is empty");
    if (memchr(offer->text.at, 0, offer->text.length) != NULL)
        return refuse(out, VERDICT_INVALID_TEXT, "text: it is not UTF-8 without NULs");
    return write_text(accept, offer, message, now_ms, out);
}

/* Octets of whoever offers them: nothing is made of them. */
static bool read_data(const struct offer *offer, struct acceptance *out)
{
    static const enum text_alphabet alphabets[] = {
        [OFFER_GSM7] = TEXT_GSM7, [OFFER_UCS2] = TEXT_UCS2, [OFFER_BINARY] = TEXT_BINARY};
    must(offer->encoding != OFFER_AUTO);
    out->writing = (struct writing){.form = {.alphabet = alphabets[offer->encoding]}, .text = offer->text};
    return offer->cargo.data.length > 0 || offer->cargo.header.length > 0 ||
           refuse(out, VERDICT_INVALID_DATA, "data: it is empty");
}

/* The header of the sender's own: whole, with nothing behind it. */
static bool read_header(const struct offer *offer, struct acceptance *out, struct udh *udh)
{
    struct octets behind;
    *udh = (struct udh){0};
    if (offer->cargo.header.length == 0)
        return true;
    if (offer->cargo.header.length > HEADER_MOST)
        return refuse(out, VERDICT_INVALID_DATA, "udh: it has more than %d octets", HEADER_MOST);
    return (udh_read(offer->cargo.header, udh, &behind) && !udh->is_broken && behind.length == 0) ||
           refuse(out, VERDICT_INVALID_DATA, "udh: its length octet or that of an element is wrong");
}

/* Octets, and texts behind a header of their own, are cut by that header. */
static unsigned count_parts(struct accept *accept, const struct offer *offer, const struct writing *writing)
{
    uint8_t room[PARTS_HEADER_MOST];
    struct octets encoded = offer->cargo.data, header = offer->cargo.header;
    if (!offer->cargo.has_data && header.length == 0)
        return writing->parts;
    if (header.length == 0)
        header = parts_header(writing->form.tables, part_mark_pack(offer->part), room);
    if (!offer->cargo.has_data)
        must(text_encode_form(writing->text, writing->form, loop_region(accept->loop), &encoded));
    return parts_count(encoded, writing->form.alphabet, header);
}

static bool measure(struct accept *accept, const struct offer *offer, const struct message *message,
                    int64_t now_ms, struct acceptance *out)
{
    struct udh udh;
    const char *what = offer->cargo.has_data ? "data" : "text";
    if (!read_header(offer, out, &udh) ||
        !(offer->cargo.has_data ? read_data(offer, out) : read_text(accept, offer, message, now_ms, out)))
        return false;
    bool is_part = offer->part.total > 0 || udh.is_part;
    out->writing.parts = count_parts(accept, offer, &out->writing);
    out->parts = (int)out->writing.parts;
    if (is_part && out->parts != 1)
        return refuse(out, VERDICT_TEXT_TOO_LONG, "%s: it is a part, and takes more than one", what);
    if (out->parts == 0 || out->parts > PARTS_LIMIT)
        return refuse(out, VERDICT_TEXT_TOO_LONG, "%s: it needs more than %d parts", what, PARTS_LIMIT);
    return true;
}

/* The data_coding that says a class (23.038 4, F219): by the group of classes, which has no UCS-2. */
static uint8_t class_coding(enum text_alphabet alphabet, uint8_t message_class)
{
    uint8_t group = alphabet == TEXT_UCS2 ? 0x18 : alphabet == TEXT_BINARY ? 0xF4 : 0xF0;
    return group | (message_class & 3);
}

static bool load(struct accept *accept, const struct offer *offer, const struct message *message,
                 struct acceptance *out, struct cargo *cargo)
{
    char why[TLV_WHY_SIZE];
    const struct tlv_place place = {accept->dispatch, accept->programs, out->program, message,
                                    loop_region(accept->loop)};
    *cargo = offer->cargo;
    if (offer->has_class) {
        cargo->has_coding = true;
        cargo->data_coding = class_coding(out->writing.form.alphabet, offer->message_class);
    }
    enum verdict verdict = tlv_map_gather(&place, &offer->tlvs, cargo, why);
    return verdict == VERDICT_ALLOWED || refuse(out, verdict, "%s", why);
}

/* For people who look at what a dry run says. */
static void explain_local(const struct local_time *local, struct acceptance *out)
{
    if (local->zones == 1)
        snprintf(out->detail, sizeof out->detail, "send_at_local is the time of %s", local->last);
    else
        snprintf(out->detail, sizeof out->detail,
                 "send_at_local is the time of %s, where it comes last of the %u zones that the person may be in; first of %s",
                 local->last, local->zones, local->first);
}

/* Where the recipient's clock shows it, by what is known of them now. */
static bool read_local(struct accept *accept, const struct offer *offer, int64_t now_ms,
                       struct acceptance *out, int64_t *send_at)
{
    struct standing standing;
    struct local_time local;
    struct places *places = consents_places(accept->consents);
    if (!consent_standing(accept->consents, out->program, out->number, now_ms, &standing))
        return refuse(out, VERDICT_UNAVAILABLE, "the consent can't be read");
    struct place place = places_find(places, out->number, standing.timezone, standing.postal_code);
    if (!local_time_find(places, &place, standing.timezone, offer->send_at_local_s, &local))
        return refuse(out, VERDICT_INVALID_TIME,
                      "send_at_local: nothing is known of where the person is; use send_at, or a timezone in the consent");
    explain_local(&local, out);
    *send_at = local.at_ms;
    return true;
}

static bool read_times(struct accept *accept, const struct offer *offer, int64_t now_ms,
                       struct message *message, struct acceptance *out)
{
    int64_t send_at = offer->send_at;
    const char *name = offer->has_local ? "send_at_local" : "send_at";
    if (offer->has_local && !read_local(accept, offer, now_ms, out, &send_at))
        return false;
    message->due_at = send_at == 0 || (offer->has_local && send_at < now_ms) ? now_ms : send_at;
    message->expires_at =
        offer->expires_at == 0
            ? (message->due_at > now_ms ? message->due_at : now_ms) + DEFAULT_TERM_MS
            : offer->expires_at;
    if (message->due_at > now_ms + LONGEST_WAIT_MS)
        return refuse(out, VERDICT_INVALID_TIME, "%s: it is more than a year ahead", name);
    if (message->expires_at <= now_ms || message->expires_at <= message->due_at)
        return refuse(out, VERDICT_INVALID_TIME,
                      "expires_at: it is over before the message may leave");
    return true;
}

/* ---- what becomes of it ---- */

static void name_message(struct accept *accept, struct message *message, int64_t now_ms)
{
    message->id = store_next_id(accept->store, now_ms);
    message->tail = random_bits(62);
    message->salt = random_bits(62);
    if (message->reference == 0)
        message->reference = accept->next_reference++;
    message->created_at = now_ms;
}

static void refuse_block(struct accept *accept, const struct offer *offer,
                         const struct message *message, int64_t now_ms, struct acceptance *out)
{
    if (offer->is_dry_run || !verdict_row(out->verdict)->is_block)
        return;
    dispatch_count_block(accept->dispatch, out->verdict);
    out->ledger_seq = block_record(accept->ledger, now_ms, out->program, message, out->verdict,
                                   "accept", out->detail);
}

/* A text in the place of another costs what it is longer. */
static int64_t quota_parts(const struct offer *offer, const struct acceptance *out)
{
    return out->parts - (offer->replaced == NULL ? 0 : offer->replaced->parts);
}

/* Before anything can become of the message. */
static void keep_callback(struct accept *accept, const struct offer *offer, struct message *message)
{
    if (offer->callback == NULL)
        return;
    struct callback callback = *offer->callback;
    callback.message = message->id;
    message->wants_receipt |= RECEIPT_CALLBACK;
    store_callback_put(accept->store, &callback);
}

static void take(struct accept *accept, const struct offer *offer, struct message *message,
                 const struct finding *finding, int64_t now_ms, struct acceptance *out)
{
    message->state = message->due_at > now_ms ? MESSAGE_SCHEDULED : MESSAGE_QUEUED;
    message->consent_seq = finding->consent_seq;
    if (finding->wait == FINDING_FAILED && offer->replaced == NULL) {
        message->state = MESSAGE_FAILED;
        message->done_at = now_ms;
    } else if (finding->wait != FINDING_GO && finding->wait != FINDING_FAILED &&
               message->state == MESSAGE_QUEUED) {
        message->state = finding_wait_state(finding->wait);
        message->due_at = finding->wait == FINDING_SHUT ? finding->open_at : message->due_at;
    }
    if (message->state != MESSAGE_SCHEDULED)
        message->reason = finding_wait_reason(finding->wait);
    out->state = message->state;
    out->reason = message->reason;
    out->due_at = message->due_at;
    if (offer->is_dry_run)
        return;
    quotas_use(accept->quotas, offer->account, quota_parts(offer, out), now_ms);
    if (offer->replaced != NULL) {
        message->wants_receipt |= offer->replaced->wants_receipt & RECEIPT_CALLBACK;
        dispatch_replace(accept->dispatch, message, offer->replaced, now_ms);
        return;
    }
    name_message(accept, message, now_ms);
    if (offer->tail != 0)
        message->tail = offer->tail;
    keep_callback(accept, offer, message);
    pool_keep(accept->pool, out->program, out->number, message->sender);
    out->id = message->id;
    out->tail = message->tail;
    dispatch_count_taken(accept->dispatch);
    dispatch_offer(accept->dispatch, message);
}

/* Whatever the gate will say of it: a refusal is work and a record, too. */
static bool is_within_rate(struct accept *accept, const struct offer *offer, struct acceptance *out)
{
    const struct account *account = offer->account;
    if (offer->is_dry_run || offer->is_rated)
        return true;
    out->wait_ms = rates_take(accept->rates, account->name, account->throughput, (unsigned)out->parts,
                              clock_mono_ms());
    return out->wait_ms == 0 ||
           refuse(out, VERDICT_OVER_RATE,
                  "account %s hands in more than its %g parts a second; try again in %lld ms",
                  account->name, account->throughput, (long long)out->wait_ms);
}

static bool is_within_quota(struct accept *accept, const struct offer *offer, int64_t now_ms,
                            struct acceptance *out)
{
    char again[TIME_TEXT_SIZE];
    int64_t parts = quota_parts(offer, out);
    if (offer->is_dry_run && offer->campaign != 0)
        return true; /* a campaign that is over it goes on tomorrow */
    enum store_result room = parts <= 0 ? STORE_OK
                                        : quotas_room(accept->quotas, offer->account, parts, now_ms, &out->wait_ms);
    if (room == STORE_OK)
        return true;
    if (room == STORE_FAILED)
        return refuse(out, VERDICT_UNAVAILABLE, "what account %s has used of its day can't be read now",
                      offer->account->name);
    time_write(now_ms + out->wait_ms, again);
    return refuse(out, VERDICT_OVER_QUOTA,
                  "it takes %lld, and of the %lld parts of a day (%s) account %s has used %lld; the next begins at %s",
                  (long long)parts, (long long)offer->account->quota, offer->account->quota_timezone,
                  offer->account->name, (long long)quotas_used(accept->quotas, offer->account, now_ms), again);
}

int accept_congestion(struct accept *accept, const struct account *account)
{
    if (account->throughput <= 0)
        return -1;
    return (int)rates_load(accept->rates, account->name, account->throughput, clock_mono_ms());
}

int64_t accept_used_today(struct accept *accept, const struct account *account, int64_t now_ms)
{
    return quotas_used(accept->quotas, account, now_ms);
}

void accept_put(struct accept *accept)
{
    quotas_put(accept->quotas);
}

void accept_rolled_back(struct accept *accept)
{
    quotas_rolled_back(accept->quotas);
}

static bool check_offer(struct accept *accept, const struct offer *offer, int64_t now_ms,
                        char sender[SENDER_TEXT_SIZE], struct message *message,
                        struct acceptance *out)
{
    bool has_number = read_number(accept, offer, out);
    message->number = out->number;
    if (!has_number || !find_program(accept, offer, sender, out))
        return false;
    message->sender = sender;
    message->program = out->program->id;
    if (!account_may_use(offer->account, out->program->config->name))
        return refuse(out, VERDICT_SENDER_NOT_ALLOWED, "account %s may not use program %s",
                      offer->account->name, out->program->config->name);
    struct cargo cargo;
    if (!is_served(out->program, out->number, out) || !measure(accept, offer, message, now_ms, out) ||
        !load(accept, offer, message, out, &cargo))
        return false;
    message->cargo = cargo_write(&cargo, loop_region(accept->loop));
    /* What the old one carries beside its text would be lost, or come to a text that it isn't for. */
    if (offer->replaced != NULL && strcmp(message->cargo, offer->replaced->cargo) != 0)
        return refuse(out, VERDICT_CANT_REPLACE,
                      "it carries more than a text, or another TLV than its replacement");
    return read_times(accept, offer, now_ms, message, out) && is_within_rate(accept, offer, out) &&
           is_within_quota(accept, offer, now_ms, out);
}

void accept_message(struct accept *accept, const struct offer *offer, int64_t now_ms,
                    struct acceptance *out)
{
    char sender[SENDER_TEXT_SIZE] = "";
    struct finding finding;
    struct region *region = loop_region(accept->loop);
    *out = (struct acceptance){.verdict = VERDICT_ALLOWED, .reason = "", .carrier = ""};
    struct message message = {.account = offer->account->name,
                              .sender = offer->from,
                              .purpose = PURPOSE_CAMPAIGN,
                              .reason = "",
                              .carrier = "",
                              .client_ref = offer->client_ref,
                              .wants_receipt = offer->wants_receipt,
                              .campaign = offer->campaign};
    if (!check_offer(accept, offer, now_ms, sender, &message, out)) {
        refuse_block(accept, offer, &message, now_ms, out);
        return;
    }
    message.id = offer->replaced == NULL ? 0 : offer->replaced->id;
    message.text = region_text(region, out->writing.text);
    fit_take(&message, &out->writing);
    if (offer->part.total > 0)
        message.reference = part_mark_pack(offer->part);
    if (offer->is_dry_run)
        out->carrier = dispatch_route(accept->dispatch, out->program, &message, now_ms);
    gate_ask(accept->gate, &message, now_ms, &finding);
    if (finding.verdict == VERDICT_ALLOWED) {
        take(accept, offer, &message, &finding, now_ms, out);
        return;
    }
    refuse(out, finding.verdict, "%s", finding.why);
    refuse_block(accept, offer, &message, now_ms, out);
}

/* It gives for its carriers' TLVs what its program gives. */
static const char *reply_cargo(struct accept *accept, const struct program *program,
                               const struct message *message)
{
    char why[TLV_WHY_SIZE];
    struct cargo cargo = {0};
    const struct tlv_place place = {accept->dispatch, accept->programs, program, message,
                                    loop_region(accept->loop)};
    must(tlv_map_gather(&place, NULL, &cargo, why) == VERDICT_ALLOWED);
    return cargo_write(&cargo, place.region);
}

int64_t accept_reply(struct accept *accept, const struct reply *reply, int64_t now_ms,
                     int64_t *tail)
{
    struct writing writing;
    const char *sender =
        reply->sender != NULL
            ? reply->sender
            : pool_choose(accept->pool, reply->program, reply->number, reply->purpose == PURPOSE_CONFIRMATION);
    struct message message = {.account = "",
                              .sender = sender,
                              .number = reply->number,
                              .program = reply->program->id,
                              .purpose = reply->purpose,
                              .reason = "",
                              .carrier = "",
                              .client_ref = "",
                              .text = reply->text,
                              .answers = reply->answers,
                              .consent_seq = reply->consent_seq,
                              .due_at = now_ms + reply->wait_ms,
                              .expires_at = now_ms + reply->term_ms};
    must(reply->purpose != PURPOSE_CAMPAIGN);
    struct writing_rules rules = fit_rules(
        reply->program, likely_carrier(accept, reply->program, &message, now_ms), NULL);
    if (reply->purpose == PURPOSE_KEYWORD_REPLY)
        rules.substitutes = false; /* the gate knows it by its very words */
    must(writing_choose(octets_text(reply->text), WRITING_AUTO, &rules, (struct part_mark){0},
                        (struct gsm7_tables){0}, loop_region(accept->loop), &writing) == WRITING_OK);
    message.text = region_text(loop_region(accept->loop), writing.text);
    fit_take(&message, &writing);
    message.cargo = reply_cargo(accept, reply->program, &message);
    message.state = reply->wait_ms > 0 ? MESSAGE_SCHEDULED : MESSAGE_QUEUED;
    name_message(accept, &message, now_ms);
    pool_keep(accept->pool, reply->program, reply->number, sender);
    dispatch_offer(accept->dispatch, &message);
    if (tail != NULL)
        *tail = message.tail;
    return message.id;
}
