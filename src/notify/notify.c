#include "notify/notify.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "base/web_address.h"
#include "consent/account.h"
#include "consent/change.h"
#include "consent/program.h"
#include "consent/verdict.h"
#include "notify/courier.h"
#include "notify/event.h"
#include "notify/report.h"
#include "smpp/receipt.h"

struct notify {
    struct loop *loop;
    struct store *store;
    const struct accounts *accounts;
    const struct programs *programs;
    struct courier *courier;
    void (*waits)(void *owner, const char *account);
    void *owner;
};

struct notify *notify_open(struct loop *loop, struct store *store, const struct accounts *accounts,
                           const struct programs *programs, struct courier *courier)
{
    struct notify *notify = mem_new(sizeof *notify);
    *notify = (struct notify){.loop = loop,
                              .store = store,
                              .accounts = accounts,
                              .programs = programs,
                              .courier = courier};
    return notify;
}

void notify_close(struct notify *notify)
{
    free(notify);
}

void notify_listen(struct notify *notify, void (*waits)(void *owner, const char *account),
                   void *owner)
{
    notify->waits = waits;
    notify->owner = owner;
}

/* ---- to the SMPP receiver ---- */

static void hand_over(struct notify *notify, struct handover *handover)
{
    handover->id = store_next_id(notify->store, clock_wall_ms());
    store_handover_put(notify->store, handover);
    if (notify->waits != NULL)
        notify->waits(notify->owner, handover->account);
}

int notify_state(enum message_state state)
{
    switch (state) {
    case MESSAGE_SCHEDULED:
        return RECEIPT_STATE_SCHEDULED;
    case MESSAGE_QUEUED:
    case MESSAGE_HELD:
    case MESSAGE_SENDING:
    case MESSAGE_SENT:
        return RECEIPT_STATE_ENROUTE;
    case MESSAGE_UNKNOWN:
        return RECEIPT_STATE_UNKNOWN;
    case MESSAGE_DELIVERED:
        return RECEIPT_STATE_DELIVERED;
    case MESSAGE_EXPIRED:
        return RECEIPT_STATE_EXPIRED;
    case MESSAGE_CANCELLED:
        return RECEIPT_STATE_DELETED;
    case MESSAGE_BLOCKED:
        return RECEIPT_STATE_REJECTED;
    case MESSAGE_FAILED:
        break;
    }
    return RECEIPT_STATE_UNDELIVERABLE;
}

static bool wants_receipt(unsigned wish, enum message_state to)
{
    if (to == MESSAGE_SENT)
        return (wish & RECEIPT_INTERMEDIATE) != 0;
    if (!message_is_final(to))
        return false;
    bool is_delivered = to == MESSAGE_DELIVERED;
    unsigned final = wish & RECEIPT_FINAL;
    return final == RECEIPT_ALWAYS || (final == RECEIPT_OF_FAILURE && !is_delivered) ||
           (final == RECEIPT_OF_SUCCESS && is_delivered);
}

static void hand_over_receipt(struct notify *notify, const struct told *told)
{
    char err[8] = "";
    struct handover handover = {.account = told->message->account,
                                .message = told->message->id,
                                .state = notify_state(told->state),
                                .err = err};
    /* INTERFACE: a message blocked at dispatch bears the last three digits of its status. */
    enum verdict verdict = verdict_find(octets_text(told->reason));
    if (told->state == MESSAGE_BLOCKED && verdict != VERDICT_ALLOWED)
        snprintf(err, sizeof err, "%03X", (unsigned)(verdict_row(verdict)->smpp_status & 0xFFF));
    hand_over(notify, &handover);
}

/* ---- to the HTTP receiver ---- */

#define EVENT_HEADERS "content-type: application/json"

static const char *program_name(const struct notify *notify, int64_t id)
{
    const struct program *program = programs_find_id(notify->programs, id);
    return program == NULL ? "" : program->config->name;
}

static bool has_url(const struct account *account)
{
    return account->revoked_at == 0 && account->config != NULL && account->config->callback_url[0] != '\0';
}

static bool has_receiver(const struct notify *notify, const char *account)
{
    const struct account *found = accounts_find(notify->accounts, account);
    return found != NULL && has_url(found);
}

static void put(struct notify *notify, struct webhook *webhook, int64_t now_ms)
{
    webhook->id = store_next_id(notify->store, now_ms);
    webhook->tail = random_bits(62);
    webhook->at = now_ms;
    if (webhook->due_at == 0)
        webhook->due_at = now_ms;
    webhook->until = now_ms + COURIER_TERM_MS;
    store_webhook_put(notify->store, webhook);
    courier_waits(notify->courier, webhook->account, webhook->origin);
}

/* NULL: it is of none. */
static const struct campaign *campaign_of(struct notify *notify, const struct message *message)
{
    struct region *region = loop_region(notify->loop);
    struct campaign *campaign = message->campaign == 0 ? NULL : region_get(region, sizeof *campaign);
    enum store_result found =
        campaign == NULL ? STORE_NONE : store_campaign_get(notify->store, message->campaign, region, campaign);
    if (found == STORE_FAILED)
        store_abandon(notify->store); /* an event must not say less than is so */
    return found == STORE_OK ? campaign : NULL;
}

static void post_told(struct notify *notify, const struct told *told, const char *type, const char *url)
{
    struct web_address address = {.origin = ""};
    if (url[0] != '\0' && web_address_read(url, &address) != NULL)
        return; /* it was one when it was accepted */
    struct webhook webhook = {
        .account = told->message->account,
        .origin = address.origin,
        .line = told->message->id,
        .number = told->message->number,
        .type = type,
        .form = CALLBACK_STANDARD,
        .method = "POST",
        .url = url,
        .headers = EVENT_HEADERS,
        .body = event_message(told, program_name(notify, told->message->program), campaign_of(notify, told->message),
                              loop_region(notify->loop))};
    put(notify, &webhook, told->now_ms);
}

/* The id that the carrier gave to its first part; "": none yet. */
static const char *carrier_id_of(const struct notify *notify, const struct told *told)
{
    size_t count = 0;
    struct message_part part;
    if (told->news != NULL)
        return told->news->carrier_id;
    enum store_result found =
        store_parts_of(notify->store, told->message, loop_region(notify->loop), &part, 1, &count);
    return found == STORE_OK && count > 0 ? part.carrier_id : "";
}

static void post_report(struct notify *notify, const struct told *told, const struct callback *callback, const char *type)
{
    struct report report;
    struct web_address address;
    struct region *region = loop_region(notify->loop);
    /* Escapes stand behind the host alone. */
    const char *host = strstr(callback->url, "://") == NULL ? "" : strstr(callback->url, "://") + 3;
    size_t length = (size_t)(host - callback->url) + strcspn(host, "/?");
    if (web_address_read(region_text(region, octets_of(callback->url, length)), &address) != NULL)
        return; /* it was one when it was accepted */
    if (!report_make(callback, told, carrier_id_of(notify, told), region, &report))
        return;
    struct webhook webhook = {.account = told->message->account,
                              .origin = address.origin,
                              .line = told->message->id,
                              .number = told->message->number,
                              .type = type,
                              .form = callback->form,
                              .method = report.method,
                              .url = report.url,
                              .headers = report.headers,
                              .body = report.body};
    put(notify, &webhook, told->now_ms);
}

/* Somebody of the message's own is told, in a form of their own. */
static void post_callback(struct notify *notify, const struct told *told, const char *type)
{
    struct callback callback;
    enum store_result found =
        store_callback_get(notify->store, told->message->id, loop_region(notify->loop), &callback);
    if (found == STORE_FAILED)
        store_abandon(notify->store); /* an event would be lost */
    if (found != STORE_OK)
        return;
    if (callback.form == CALLBACK_STANDARD && type != NULL)
        post_told(notify, told, type, callback.url);
    else if (type != NULL)
        post_report(notify, told, &callback, type);
    if (message_is_final(told->state))
        store_callback_drop(notify->store, callback.message);
}

void notify_message(struct notify *notify, const struct told *told)
{
    const struct message *message = told->message;
    if (message->account[0] == '\0')
        return; /* the gateway's own */
    const char *type = event_of_told(told);
    if (wants_receipt(message->wants_receipt, told->state))
        hand_over_receipt(notify, told);
    if ((message->wants_receipt & RECEIPT_CALLBACK) != 0)
        post_callback(notify, told, type);
    else if (type != NULL && has_receiver(notify, message->account))
        post_told(notify, told, type, "");
}

/* To the account's own receiver. line: see struct webhook. */
static int64_t post_event(struct notify *notify, const char *account, const char *type, int64_t line,
                          uint64_t number, const char *body, int64_t due_at, int64_t now_ms)
{
    struct webhook webhook = {.account = account,
                              .origin = "",
                              .line = line,
                              .number = number,
                              .type = type,
                              .due_at = due_at,
                              .form = CALLBACK_STANDARD,
                              .method = "POST",
                              .url = "",
                              .headers = EVENT_HEADERS,
                              .body = body};
    put(notify, &webhook, now_ms);
    return webhook.id;
}

int64_t notify_test(struct notify *notify, const char *account, int64_t now_ms)
{
    int64_t line = store_next_id(notify->store, now_ms); /* behind nothing */
    int64_t id = post_event(notify, account, "webhook.test", line, 0,
                            event_test(account, now_ms, loop_region(notify->loop)), COURIER_FIRST, now_ms);
    courier_hurry(notify->courier, account, "");
    return id;
}

/* ---- what people wrote ---- */

/* Of a person, one after the other; a source that is no number stands alone. */
static int64_t line_of(uint64_t number, int64_t id)
{
    return number == 0 ? id : -(int64_t)number;
}

/* NULL: it can't be read, and the turn will fail. */
static const char *inbound_body(struct notify *notify, const struct inbound *inbound, const char *program)
{
    struct inbound_data data;
    struct region *region = loop_region(notify->loop);
    enum store_result found = store_inbound_data(notify->store, inbound->id, region, &data);
    if (found == STORE_FAILED) {
        store_abandon(notify->store);
        return NULL;
    }
    return event_inbound(inbound, found == STORE_OK ? &data : NULL, program, region);
}

void notify_inbound(struct notify *notify, const struct inbound *inbound, const char *program)
{
    const char *body = NULL;
    for (size_t i = 0; i < accounts_count(notify->accounts); i++) {
        const struct account *account = accounts_at(notify->accounts, i);
        bool is_bound = account->config != NULL && account->config->system_id[0] != '\0';
        if ((!is_bound && !has_url(account)) || !accounts_hears(notify->accounts, account, inbound, program))
            continue;
        struct handover handover = {.account = account->name, .inbound = inbound->id, .err = ""};
        if (is_bound)
            hand_over(notify, &handover);
        if (has_url(account) && body == NULL)
            body = inbound_body(notify, inbound, program == NULL ? "" : program);
        if (has_url(account) && body != NULL)
            post_event(notify, account->name, "message.inbound", line_of(inbound->number, inbound->id),
                       inbound->number, body, 0, clock_wall_ms());
    }
}

/* ---- consents ---- */

static bool is_watched(void *owner, const struct program *program)
{
    const struct notify *notify = owner;
    for (size_t i = 0; i < accounts_count(notify->accounts); i++) {
        const struct account *account = accounts_at(notify->accounts, i);
        if (has_url(account) && account_may_use(account, program->config->name))
            return true;
    }
    return false;
}

static void consent_changed(void *owner, const struct consent_change *change)
{
    struct notify *notify = owner;
    if (!change->is_news)
        return;
    const char *body = event_consent(change, loop_region(notify->loop));
    for (size_t i = 0; i < accounts_count(notify->accounts); i++) {
        const struct account *account = accounts_at(notify->accounts, i);
        if (has_url(account) && account_may_use(account, change->program->config->name))
            post_event(notify, account->name, "consent.changed", line_of(change->number, 0), change->number, body,
                       0, change->now_ms);
    }
}

const struct consents_watch notify_consents = {.is_watched = is_watched, .changed = consent_changed};
