#include "outbound/receipts.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "outbound/carrier.h"
#include "outbound/settle.h"
#include "smpp/parts.h"
#include "store/store.h"

struct receipts {
    struct loop *loop;
    struct store *store;
    struct carriers *carriers;
    struct settle *settle;
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
    return receipts;
}

void receipts_close(struct receipts *receipts)
{
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
    const struct carrier *carrier = carriers_find(receipts->carriers, part->carrier);
    return carrier != NULL && carrier_err_opts_out(carrier, part->err);
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
    if (delivered < message->parts)
        return false;
    settle_move(receipts->settle, message, MESSAGE_DELIVERED, "receipt", false, with, now_ms);
    return true;
}

/* A receipt of a part: kept with it if it is the first final one. */
static void apply(struct receipts *receipts, const struct message *message,
                  struct message_part *part, const struct stray_receipt *receipt, int64_t now_ms)
{
    receipts->counts.matched++;
    if (!receipt->is_final ||
        (part->state != 0 && receipt_state_is_final((enum receipt_state)part->state)))
        return;
    part->state = receipt->state;
    part->err = region_text(loop_region(receipts->loop), receipt->err);
    part->at = now_ms;
    if (is_opt_out(receipts, part))
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
    return (struct stray_receipt){
        .state = (int)receipt->state, .is_final = receipt->is_final, .err = receipt->err};
}

static void keep(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                 int64_t now_ms)
{
    char id[LOG_OCTETS_SIZE];
    receipts->counts.unmatched++;
    /* Most of them have only overtaken the answer that brings their id: no reason to alarm anybody. */
    log_debug("receipt fits no message yet carrier=%s id=%s state=%s", carrier,
              receipt->id_count == 0 ? "none" : log_octets(receipt->ids[0], id),
              receipt_state_text(receipt->state));
    if (receipt->id_count == 0)
        return;
    struct stray_receipt stray = stray_of(receipt);
    store_stray_put(receipts->store, carrier, receipt->ids[0], &stray, now_ms);
}

void receipts_heard(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                    int64_t now_ms)
{
    struct message message;
    struct message_part part;
    struct stray_receipt told = stray_of(receipt);
    struct region *region = loop_region(receipts->loop);
    if (receipt->contradicts)
        receipts->counts.contradicting++;
    for (unsigned i = 0; i < receipt->id_count; i++) {
        if (store_part_find(receipts->store, carrier, receipt->ids[i], region, &part, &message) !=
            STORE_OK)
            continue;
        apply(receipts, &message, &part, &told, now_ms);
        return;
    }
    keep(receipts, carrier, receipt, now_ms);
}

void receipts_catch_up(struct receipts *receipts, const struct message_part *part, int64_t now_ms)
{
    struct message message;
    struct stray_receipt stray;
    struct message_part told = *part;
    struct octets carrier_id = octets_text(part->carrier_id);
    struct region *region = loop_region(receipts->loop);
    while (carrier_id.length > 0 && store_stray_take(receipts->store, part->carrier, carrier_id,
                                                     region, &stray) == STORE_OK) {
        receipts->counts.unmatched--;
        if (store_message_get(receipts->store, part->message, region, &message) == STORE_OK)
            apply(receipts, &message, &told, &stray, now_ms);
    }
    /* Receipts of the other parts may have waited for this answer. */
    if (part->of > 1 &&
        store_message_get(receipts->store, part->message, region, &message) == STORE_OK &&
        is_open(&message))
        settle_by(receipts, &message, &told, now_ms);
}

const struct receipts_counts *receipts_counts(const struct receipts *receipts)
{
    return &receipts->counts;
}
