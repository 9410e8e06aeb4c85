#include "outbound/receipts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "outbound/carrier.h"
#include "outbound/fate.h"
#include "outbound/sample.h"
#include "outbound/settle.h"
#include "smpp/parts.h"
#include "store/store.h"

#define NEAR_MOST   50 /* messages to one person that are looked at for a receipt */
#define STRAYS_MOST 10
#define OVERDUE_MS  10000 /* between looks for receipts that didn't come */
#define SLICE       1000

struct receipts {
    struct loop *loop;
    struct store *store;
    struct carriers *carriers;
    struct settle *settle;
    struct samples *samples;
    int64_t look_at_ms; /* monotonic: for those that didn't come */
    struct receipts_counts counts;
};

struct receipts *receipts_open(struct loop *loop, struct store *store, struct carriers *carriers,
                               struct settle *settle)
{
    struct receipts *receipts = mem_new(sizeof *receipts);
    receipts->loop = loop;
    receipts->store = store;
    receipts->carriers = carriers;
    receipts->settle = settle;
    receipts->samples = samples_open();
    return receipts;
}

void receipts_close(struct receipts *receipts)
{
    if (receipts == NULL)
        return;
    samples_close(receipts->samples);
    free(receipts);
}

static enum message_state state_of(int receipt_state)
{
    switch (receipt_state) {
    case RECEIPT_STATE_DELIVERED:
        return MESSAGE_DELIVERED;
    case RECEIPT_STATE_EXPIRED:
        return MESSAGE_EXPIRED;
    case RECEIPT_STATE_DELETED:
        return MESSAGE_CANCELLED;
    default:
        return MESSAGE_FAILED;
    }
}

/* Whether the receipt's err means, at that carrier, that the person opted out there (R84). */
static bool is_opt_out(struct receipts *receipts, const struct message_part *part)
{
    if (part->state == RECEIPT_STATE_DELIVERED)
        return false;
    return fate_err_opts_out(carriers_config(receipts->carriers, part->carrier), part->err);
}

static const char *reason_of(struct receipts *receipts, const struct message_part *part)
{
    return region_format(loop_region(receipts->loop), "%sreceipt: %s, err %s",
                         is_opt_out(receipts, part) ? "opted out at the carrier: " : "",
                         receipt_state_text((enum receipt_state)part->state),
                         part->err[0] == '\0' ? "none" : part->err);
}

static bool is_open(const struct message *message)
{
    return message->state == MESSAGE_SENT || message->state == MESSAGE_UNKNOWN;
}

/* What the parts say makes the message's state: delivered when every one is, failed when one is (F314). The
 * first final state stands (F313). `news` is the part that a receipt has just told of. True: it moved. */
static bool settle_by(struct receipts *receipts, const struct message *message,
                      const struct message_part *news, int64_t now_ms)
{
    size_t count = 1;
    int delivered = 0;
    struct message_part parts[PARTS_LIMIT] = {*news};
    const struct message_part *with = news->of == 1 ? news : NULL;
    if (news->of > 1 && store_parts_of(receipts->store, message, loop_region(receipts->loop), parts,
                                       PARTS_LIMIT, &count) != STORE_OK)
        return false;
    for (size_t i = 0; i < count; i++) {
        enum receipt_state state = (enum receipt_state)parts[i].state;
        if (state == RECEIPT_STATE_DELIVERED) {
            delivered++;
        } else if (state != RECEIPT_STATE_SCHEDULED && receipt_state_is_final(state)) {
            settle_move(receipts->settle, message, state_of(parts[i].state),
                        reason_of(receipts, &parts[i]), false, with, now_ms);
            return true;
        }
    }
    if (delivered < message_submits(message))
        return false;
    settle_move(receipts->settle, message, MESSAGE_DELIVERED, "receipt", false, with, now_ms);
    return true;
}

/* A receipt of a part: kept with it if it is the first final one. is_theirs: it names nobody but the message's person; by one
 * that names another nobody opts out. */
static void apply(struct receipts *receipts, const struct message *message,
                  struct message_part *part, const struct stray_receipt *receipt, bool is_theirs,
                  int64_t now_ms)
{
    receipts->counts.matched++;
    if (!receipt->is_final ||
        (part->state != 0 && receipt_state_is_final((enum receipt_state)part->state)))
        return;
    struct carrier *carrier = carriers_find(receipts->carriers, part->carrier);
    if (carrier != NULL)
        carrier_note_outcome(carrier, (enum receipt_state)receipt->state);
    part->state = receipt->state;
    part->err = region_text(loop_region(receipts->loop), receipt->err);
    part->at = now_ms;
    if (is_theirs && is_opt_out(receipts, part))
        settle_opted_out(receipts->settle, message, part->carrier,
                         region_format(loop_region(receipts->loop), "err:%s", part->err), now_ms);
    if (part->of > 1)
        store_part_put(receipts->store, part);
    bool has_moved = is_open(message) && settle_by(receipts, message, part, now_ms);
    if (part->of == 1 && !has_moved)
        store_part_put(receipts->store, part);
}

static struct stray_receipt stray_of(const struct receipt *receipt)
{
    return (struct stray_receipt){.state = (int)receipt->state,
                                  .is_final = receipt->is_final,
                                  .err = receipt->err,
                                  .carrier_id = receipt->id_count > 0 ? receipt->ids[0]
                                                                      : octets_of(NULL, 0)};
}

/* ---- which message it is about ---- */

struct found {
    struct message message;
    struct message_part part;
    enum receipt_match match;
    unsigned fits; /* so many parts could be meant */
    bool is_theirs;
};

static bool is_about(const struct receipt_people *people, const struct message *message)
{
    bool is_unknown = people->source == 0 && people->destination == 0;
    return is_unknown || message->number == people->source || message->number == people->destination;
}

/* The same number, whatever is before it or however it is spelt, can be meant by nothing else; a number in another
 * base, or half an id, can (F311). */
static bool is_sure(enum receipt_match match, enum receipt_match rule)
{
    bool is_ruled = match == rule && rule != RECEIPT_MATCH_PREFIX; /* two ids may begin alike */
    return is_ruled || match == RECEIPT_MATCH_EXACT || match == RECEIPT_MATCH_CASE ||
           match == RECEIPT_MATCH_STRIP_ZEROS;
}

static enum receipt_match match_of(const char *carrier_id, const struct receipt *receipt)
{
    enum receipt_match match = RECEIPT_MATCH_NONE;
    for (unsigned i = 0; i < receipt->id_count && match == RECEIPT_MATCH_NONE; i++)
        match = receipt_id_match(octets_text(carrier_id), receipt->ids[i]);
    return match;
}

/* True: this is the one. */
static bool look_at_parts(struct receipts *receipts, const struct message *message,
                          const struct receipt *receipt, enum receipt_match rule,
                          bool is_ruled, struct found *out)
{
    size_t count = 0;
    struct message_part parts[PARTS_LIMIT];
    if (store_parts_of(receipts->store, message, loop_region(receipts->loop), parts, PARTS_LIMIT,
                       &count) != STORE_OK)
        return false;
    for (size_t i = 0; i < count; i++) {
        enum receipt_match match = match_of(parts[i].carrier_id, receipt);
        bool sure = is_sure(match, rule);
        bool is_allowed = sure || match == rule || !is_ruled;
        if (match == RECEIPT_MATCH_NONE || !is_allowed || (!sure && !is_open(message)))
            continue;
        out->message = *message;
        out->part = parts[i];
        out->match = match;
        out->fits++;
        if (sure)
            return true;
    }
    return false;
}

static bool look_at_person(struct receipts *receipts, const char *carrier, uint64_t number,
                           const struct receipt *receipt, enum receipt_match rule, bool is_ruled,
                           struct found *out)
{
    size_t count = 0;
    struct region *region = loop_region(receipts->loop);
    struct message *sent = region_get(region, NEAR_MOST * sizeof *sent);
    struct message_filter filter = {.number = number};
    if (number == 0 || store_message_search(receipts->store, &filter, region, sent, NEAR_MOST,
                                            &count) != STORE_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(sent[i].carrier, carrier) == 0 &&
            look_at_parts(receipts, &sent[i], receipt, rule, is_ruled, out))
            return true;
    return false;
}

/* By whom it is about, where the ids aren't the same. */
static bool find_near(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                      const struct receipt_people *people, struct found *out)
{
    struct carrier *which = carriers_find(receipts->carriers, carrier);
    *out = (struct found){.fits = 0};
    enum receipt_match rule = which == NULL ? RECEIPT_MATCH_EXACT : carrier_id_rule(which);
    if (rule == RECEIPT_MATCH_EXACT || receipt->id_count == 0)
        return false;
    bool is_ruled = rule != RECEIPT_MATCH_NONE;
    bool is_sure = look_at_person(receipts, carrier, people->source, receipt, rule, is_ruled, out) ||
                   (people->destination != people->source &&
                    look_at_person(receipts, carrier, people->destination, receipt, rule, is_ruled,
                                   out));
    if (!is_sure && out->fits != 1)
        return false;
    if (!is_sure)
        carrier_id_fits(which, out->match);
    return true;
}

static bool find_exact(struct receipts *receipts, const char *carrier,
                       const struct receipt *receipt, struct found *out)
{
    for (unsigned i = 0; i < receipt->id_count; i++)
        if (store_part_find(receipts->store, carrier, receipt->ids[i], loop_region(receipts->loop),
                            &out->part, &out->message) == STORE_OK) {
            out->match = RECEIPT_MATCH_EXACT;
            return true;
        }
    return false;
}

/* The very id of a message to somebody else counts only where nothing fits better: with numbers in two bases the one's
 * 16 is the other's 10. */
static bool find(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                 const struct receipt_people *people, struct found *out)
{
    struct found near;
    bool has_exact = find_exact(receipts, carrier, receipt, out);
    out->is_theirs = has_exact && is_about(people, &out->message);
    if (out->is_theirs)
        return true;
    if (!find_near(receipts, carrier, receipt, people, &near))
        return has_exact;
    *out = near;
    out->is_theirs = true;
    return true;
}

static void found(struct receipts *receipts, struct found *it, const struct stray_receipt *told,
                  int64_t now_ms)
{
    if (it->match != RECEIPT_MATCH_EXACT)
        receipts->counts.by_rule[it->match]++;
    apply(receipts, &it->message, &it->part, told, it->is_theirs, now_ms);
}

static void sample_put(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                       const struct receipt_people *people, struct octets raw, int64_t now_ms)
{
    struct sample sample = {.at = now_ms, .state = receipt_state_text(receipt->state)};
    snprintf(sample.carrier, sizeof sample.carrier, "%s", carrier);
    if (receipt->id_count > 0)
        octets_copy_text(receipt->ids[0], sample.id, sizeof sample.id);
    if (people->source != 0)
        log_number(people->source, sample.source);
    if (people->destination != 0)
        log_number(people->destination, sample.destination);
    sample_cut(raw, sample.text);
    samples_put(receipts->samples, &sample);
}

static void keep(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                 const struct receipt_people *people, struct octets raw, int64_t now_ms)
{
    char id[LOG_OCTETS_SIZE];
    receipts->counts.unmatched++;
    sample_put(receipts, carrier, receipt, people, raw, now_ms);
    /* Most of them have only overtaken the answer that brings their id: no reason to alarm anybody. */
    log_debug("receipt fits no message yet carrier=%s id=%s state=%s", carrier,
              receipt->id_count == 0 ? "none" : log_octets(receipt->ids[0], id),
              receipt_state_text(receipt->state));
    if (receipt->id_count == 0)
        return;
    struct stray_receipt stray = stray_of(receipt);
    store_stray_put(receipts->store, carrier,
                    people->source != 0 ? people->source : people->destination, &stray, now_ms);
}

void receipts_heard(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                    const struct receipt_people *people, struct octets raw, int64_t now_ms)
{
    struct found it;
    struct stray_receipt told = stray_of(receipt);
    if (receipt->contradicts)
        receipts->counts.contradicting++;
    if (find(receipts, carrier, receipt, people, &it))
        found(receipts, &it, &told, now_ms);
    else
        keep(receipts, carrier, receipt, people, raw, now_ms);
}

bool receipts_heard_perhaps(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                            const struct receipt_people *people, int64_t now_ms)
{
    struct found it;
    struct stray_receipt told = stray_of(receipt);
    bool is_known = people->source != 0 || people->destination != 0;
    if (!is_known || !find(receipts, carrier, receipt, people, &it) || !it.is_theirs || !is_open(&it.message))
        return false;
    found(receipts, &it, &told, now_ms);
    return true;
}

/* Those of the person whose ids are written another way than this part's. */
static void catch_up_near(struct receipts *receipts, const struct message_part *part,
                          uint64_t number, int64_t now_ms)
{
    size_t count = 0;
    struct found it;
    struct stray_receipt strays[STRAYS_MOST];
    struct receipt_people people = {.source = number};
    if (store_strays_of(receipts->store, part->carrier, number, loop_region(receipts->loop), strays,
                        STRAYS_MOST, &count) != STORE_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        struct receipt receipt = {.ids = {strays[i].carrier_id}, .id_count = 1};
        if (!find_near(receipts, part->carrier, &receipt, &people, &it) ||
            it.part.message != part->message || !store_stray_drop(receipts->store, strays[i].id))
            continue;
        receipts->counts.unmatched--;
        samples_drop(receipts->samples, part->carrier, strays[i].carrier_id);
        it.is_theirs = true;
        found(receipts, &it, &strays[i], now_ms);
    }
}

void receipts_catch_up(struct receipts *receipts, const struct message_part *part, uint64_t number,
                       int64_t now_ms)
{
    struct message message;
    struct stray_receipt stray;
    struct message_part told = *part;
    struct octets carrier_id = octets_text(part->carrier_id);
    struct region *region = loop_region(receipts->loop);
    while (carrier_id.length > 0 && store_stray_take(receipts->store, part->carrier, carrier_id,
                                                     number, region, &stray) == STORE_OK) {
        receipts->counts.unmatched--;
        samples_drop(receipts->samples, part->carrier, carrier_id);
        if (store_message_get(receipts->store, part->message, region, &message) == STORE_OK)
            apply(receipts, &message, &told, &stray, true, now_ms);
    }
    catch_up_near(receipts, part, number, now_ms);
    /* Receipts of the other parts may have waited for this answer. */
    if (part->of > 1 &&
        store_message_get(receipts->store, part->message, region, &message) == STORE_OK &&
        is_open(&message))
        settle_by(receipts, &message, &told, now_ms);
}

/* What no receipt came for stays sent (F315): nobody knows better. */
void receipts_overdue(struct receipts *receipts, int64_t now_ms)
{
    size_t count = 0, missing = 0;
    struct region *region = loop_region(receipts->loop);
    if (clock_mono_ms() < receipts->look_at_ms)
        return;
    struct message *awaited = region_get(region, SLICE * sizeof *awaited);
    if (store_message_awaited(receipts->store, now_ms, region, awaited, SLICE, &count) != STORE_OK)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        missing += awaited[i].state == MESSAGE_SENT;
        store_message_missed(receipts->store, awaited[i].id, MESSAGE_NO_RECEIPT);
    }
    receipts->counts.missing += missing;
    if (missing > 0)
        log_warn("no receipt in time messages=%zu", missing);
    if (count < SLICE)
        receipts->look_at_ms = clock_mono_ms() + OVERDUE_MS;
}

const struct samples *receipts_samples(const struct receipts *receipts)
{
    return receipts->samples;
}

const struct receipts_counts *receipts_counts(const struct receipts *receipts)
{
    return &receipts->counts;
}
