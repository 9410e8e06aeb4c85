#include "consent/erasure.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/ledger.h"
#include "consent/number.h"
#include "consent/seal_format.h"
#include "consent_parts.h"

#define SLICE 250 /* rows looked at in one turn: some ten milliseconds */

/* How far the erasure by time has come, in the table `meta`. */
#define MESSAGES_TO "messages erased up to"
#define INBOUND_TO  "inbound erased up to"
#define RECORDS_TO  "records erased up to"
#define RECIPIENTS_TO "recipients erased up to"

/* ---- messages and texts ---- */

/* What was sealed of it stays checkable; what never was needs no digest, and has no salt that would hide it. */
static void message_erase(struct consents *consents, const struct message *message)
{
    uint8_t content[DIGEST_SIZE];
    struct netstrings scratch = {0};
    seal_content(&scratch, message, content);
    netstrings_free(&scratch);
    store_message_erase(consents->store, message->id,
                        octets_of(content, message->seal > 0 ? sizeof content : 0));
}

static bool erase_messages_of(struct consents *consents, uint64_t number, struct erased *out)
{
    size_t count = SLICE;
    struct message_filter filter = {.number = number};
    struct region *region = region_new();
    struct message *rows = mem_new(SLICE * sizeof *rows);
    bool is_read = true;
    while (is_read && count == SLICE) {
        region_clear(region);
        is_read = store_message_search(consents->store, &filter, region, rows, SLICE, &count) !=
                  STORE_FAILED;
        for (size_t i = 0; is_read && i < count; i++)
            message_erase(consents, &rows[i]);
        filter.after = count > 0 ? rows[count - 1].id : filter.after;
        out->messages += (int64_t)count;
    }
    free(rows);
    region_free(region);
    return is_read;
}

/* ---- the ledger ---- */

static bool is_of_program(const struct consents *consents, const struct optout *optout,
                          const struct consent *row)
{
    const struct program *program = programs_find_id(consents->programs, row->program);
    if (program != NULL)
        return program_is_in_scope(program, optout->scope, optout->name);
    const char *name =
        store_program_name(consents->store, row->program, loop_region(consents->loop));
    return name != NULL && optout->scope == OPTOUT_PROGRAM && strcmp(optout->name, name) == 0;
}

/* An opt-in that no opt-out has ended. One that has expired counts: its program may be given another term. */
static bool is_in_force(const struct consents *consents, const struct consent *row,
                        const struct optout *optouts, size_t count)
{
    if (!row->has_opted_in)
        return false;
    for (size_t i = 0; i < count; i++)
        if (optouts[i].seq > row->lifted_seq && is_of_program(consents, &optouts[i], row))
            return false;
    return true;
}

/* ERASURE_DONE: nothing is in force. */
static enum erasure_fault standing_fault(struct consents *consents, uint64_t number, bool *is_out)
{
    struct region *region = loop_region(consents->loop);
    struct optout *optouts;
    struct consent rows[SLICE];
    size_t optout_count = 0, count = 0;
    if (store_optouts_of(consents->store, number, region, &optouts, &optout_count) == STORE_FAILED ||
        store_consents_of(consents->store, number, region, rows, SLICE, &count) == STORE_FAILED)
        return ERASURE_UNREADABLE;
    *is_out = optout_count > 0;
    for (size_t i = 0; i < count && rows[i].number == number; i++)
        if (is_in_force(consents, &rows[i], optouts, optout_count))
            return ERASURE_IN_FORCE;
    return ERASURE_DONE;
}

static void erasure_append(struct consents *consents, json_t *records, const char *reason, int64_t now_ms,
                           struct erased *out)
{
    json_t *payload = json_pack("{s:s,s:O}", "reason", reason, "records", records);
    char *text = json_dumps(payload, JSON_COMPACT | JSON_SORT_KEYS);
    must(text != NULL);
    out->seq = ledger_append(consents->ledger, now_ms, "erasure", "", 0, text);
    free(text);
    json_decref(payload);
}

/* Reading goes on behind what was erased, which no number finds any more. */
static bool erase_records_of(struct consents *consents, uint64_t number, const char *reason,
                             int64_t now_ms, struct erased *out)
{
    size_t count = SLICE;
    char text[NUMBER_TEXT_SIZE];
    struct region *region = region_new();
    struct ledger_row *rows = mem_new(SLICE * sizeof *rows);
    json_t *records = json_array();
    bool is_read = true;
    number_write(number, text);
    while (is_read && count == SLICE && !store_is_broken(consents->store)) {
        struct ledger_filter filter = {.number = text, .limit = SLICE};
        region_clear(region);
        is_read = store_ledger_list(consents->store, &filter, region, rows, &count) != STORE_FAILED;
        for (size_t i = 0; is_read && i < count; i++) {
            store_ledger_erase(consents->store, rows[i].seq);
            json_array_append_new(records, json_integer(rows[i].seq));
        }
    }
    out->records = (int64_t)json_array_size(records);
    store_consent_erase(consents->store, number);
    consents->writes++;
    if (out->records > 0)
        erasure_append(consents, records, reason, now_ms, out);
    json_decref(records);
    free(rows);
    region_free(region);
    return is_read;
}

/* The newest record of the number; 0 for none. False: unreadable. */
static bool newest_at(struct consents *consents, uint64_t number, int64_t *at)
{
    size_t count = 0;
    char text[NUMBER_TEXT_SIZE];
    struct ledger_row row;
    *at = 0;
    number_write(number, text);
    struct ledger_filter filter = {.number = text, .newest_first = true, .limit = 1};
    if (store_ledger_list(consents->store, &filter, loop_region(consents->loop), &row, &count) ==
        STORE_FAILED)
        return false;
    return count == 0 || time_read(octets_text(row.at), at);
}

/* ---- a person's request ---- */

static bool is_on_its_way(struct consents *consents, uint64_t number)
{
    size_t open = 0, sending = 0;
    struct message message;
    struct region *region = loop_region(consents->loop);
    struct message_filter filter = {.number = number, .state = MESSAGE_SENDING};
    return store_message_open_of(consents->store, number, region, &message, 1, &open) == STORE_FAILED ||
           store_message_search(consents->store, &filter, region, &message, 1, &sending) ==
               STORE_FAILED ||
           open + sending > 0;
}

void erasure_request(struct consents *consents, uint64_t number, bool before_term, int64_t now_ms,
                     struct erased *out)
{
    int64_t newest;
    *out = (struct erased){0};
    out->fault = standing_fault(consents, number, &out->stays_out);
    if (out->fault == ERASURE_DONE && is_on_its_way(consents, number))
        out->fault = ERASURE_ON_ITS_WAY;
    if (out->fault == ERASURE_DONE && !newest_at(consents, number, &newest))
        out->fault = ERASURE_UNREADABLE;
    if (out->fault == ERASURE_DONE && !before_term && newest > now_ms - ERASURE_TERM_MS)
        out->fault = ERASURE_WITHIN_TERM;
    if (out->fault != ERASURE_DONE)
        return;
    bool is_read = erase_records_of(consents, number, "request", now_ms, out) &&
                   erase_messages_of(consents, number, out);
    store_listing_erase(consents->store, number);
    out->inbound = store_inbound_erase(consents->store, number);
    store_webhook_erase(consents->store, number);
    out->recipients = store_recipient_erase(consents->store, number);
    store_enrolment_erase(consents->store, number);
    store_audit_erase(consents->store, number);
    if (is_read)
        return;
    store_abandon(consents->store); /* half an erasure is none */
    out->fault = ERASURE_UNREADABLE;
}

/* ---- by time ---- */

/* Ids begin with the milliseconds in which they were made. */
static int64_t id_before(int64_t at)
{
    return at <= 0 ? 0 : at << 12;
}

/* What still may leave is not erased; a term is years, so nothing does. */
static bool messages_slice(struct consents *consents, int64_t before)
{
    size_t count = 0;
    struct region *region = loop_region(consents->loop);
    struct message *rows = region_get(region, SLICE * sizeof *rows);
    if (store_message_old(consents->store, store_mark_get(consents->store, MESSAGES_TO),
                          id_before(before), region, rows, SLICE, &count) == STORE_FAILED ||
        count == 0)
        return false;
    for (size_t i = 0; i < count; i++)
        message_erase(consents, &rows[i]);
    store_listing_erase_old(consents->store, rows[count - 1].id);
    store_mark_put(consents->store, MESSAGES_TO, rows[count - 1].id);
    return count == SLICE;
}

/* What is erased by its age alone, up to a mark. */
struct aged {
    const char *mark;
    int64_t (*old)(struct store *store, int64_t after, int64_t before, size_t limit, size_t *count);
    void (*erase)(struct store *store, int64_t after, int64_t up_to);
};

static const struct aged aged_inbound = {INBOUND_TO, store_inbound_old, store_inbound_erase_old};
static const struct aged aged_recipients = {RECIPIENTS_TO, store_recipients_old, store_recipients_erase_old};

static bool aged_slice(struct consents *consents, const struct aged *aged, int64_t before)
{
    size_t count = 0;
    int64_t from = store_mark_get(consents->store, aged->mark);
    int64_t to = aged->old(consents->store, from, id_before(before), SLICE, &count);
    if (to <= from)
        return false;
    aged->erase(consents->store, from, to);
    store_mark_put(consents->store, aged->mark, to);
    return count == SLICE;
}

/* Each number comes up at its newest record: at older ones it is passed over. */
static void record_passes(struct consents *consents, const struct ledger_row *row, int64_t before,
                          int64_t now_ms)
{
    bool is_out;
    int64_t newest;
    uint64_t number;
    struct erased erased = {0};
    if (row->number == NULL || number_read(octets_text(row->number), "", &number) != NUMBER_OK ||
        !newest_at(consents, number, &newest) || newest >= before ||
        standing_fault(consents, number, &is_out) != ERASURE_DONE)
        return;
    if (!erase_records_of(consents, number, "retention", now_ms, &erased))
        store_abandon(consents->store);
}

static bool records_slice(struct consents *consents, int64_t before, int64_t now_ms)
{
    size_t count = 0;
    char until[TIME_TEXT_SIZE];
    struct region *region = loop_region(consents->loop);
    struct ledger_row *rows = region_get(region, SLICE * sizeof *rows);
    time_write(before, until);
    struct ledger_filter filter = {
        .after = store_mark_get(consents->store, RECORDS_TO), .limit = SLICE};
    if (store_ledger_list(consents->store, &filter, region, rows, &count) == STORE_FAILED)
        return false;
    size_t old = 0;
    while (old < count && strcmp(rows[old].at, until) < 0)
        record_passes(consents, &rows[old++], before, now_ms);
    if (old == 0)
        return false;
    store_mark_put(consents->store, RECORDS_TO, rows[old - 1].seq);
    return old == SLICE;
}

/* Nothing is written where there is nothing to forget. */
static bool audit_slice(struct consents *consents, int64_t below)
{
    return store_audit_is_old(consents->store, below) && store_audit_forget(consents->store, below, SLICE) == SLICE;
}

bool erasure_slice(struct consents *consents, const struct config_retention *terms, int64_t now_ms)
{
    bool has_more = false;
    if (terms->texts_ms > 0) {
        has_more = messages_slice(consents, now_ms - terms->texts_ms) || has_more;
        has_more = aged_slice(consents, &aged_inbound, now_ms - terms->texts_ms) || has_more;
        has_more = aged_slice(consents, &aged_recipients, now_ms - terms->texts_ms) || has_more;
    }
    if (terms->audit_ms > 0)
        has_more = audit_slice(consents, id_before(now_ms - terms->audit_ms)) || has_more;
    if (terms->evidence_ms > 0)
        has_more = records_slice(consents, now_ms - terms->evidence_ms, now_ms) || has_more;
    return has_more;
}
