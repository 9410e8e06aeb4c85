#include "outbound/receipts.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "outbound/settle.h"
#include "smpp/parts.h"
#include "store/store.h"

struct receipts {
    struct loop *loop;
    struct store *store;
    struct settle *settle;
    struct receipts_counts counts;
};

struct receipts *receipts_open(struct loop *loop, struct store *store, struct settle *settle)
{
    struct receipts *receipts = mem_new(sizeof *receipts);
    receipts->loop = loop;
    receipts->store = store;
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

/* Delivered when every part is, failed when one is (F314). The first final state stands (F313). */
static void settle_message(struct receipts *receipts, int64_t id, int64_t now_ms)
{
    size_t count = 0;
    struct message message;
    struct message_part parts[PARTS_LIMIT];
    struct region *region = loop_region(receipts->loop);
    if (store_message_get(receipts->store, id, region, &message) != STORE_OK ||
        store_parts_of(receipts->store, id, region, parts, PARTS_LIMIT, &count) != STORE_OK)
        return;
    if (message.state != MESSAGE_SENT && message.state != MESSAGE_UNKNOWN)
        return;
    int delivered = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].state == RECEIPT_STATE_DELIVERED) {
            delivered++;
        } else if (parts[i].state != 0 &&
                   receipt_state_is_final((enum receipt_state)parts[i].state)) {
            const char *why = receipt_state_text((enum receipt_state)parts[i].state);
            settle_move(receipts->settle, &message, state_of(parts[i].state),
                        region_format(region, "receipt: %s, err %s", why,
                                      parts[i].err[0] == '\0' ? "none" : parts[i].err),
                        false, now_ms);
            return;
        }
    }
    if (delivered == message.parts)
        settle_move(receipts->settle, &message, MESSAGE_DELIVERED, "receipt", false, now_ms);
}

static void apply(struct receipts *receipts, const struct message_part *part, int state,
                  bool is_final, struct octets err, int64_t now_ms)
{
    receipts->counts.matched++;
    if (!is_final || (part->state != 0 && receipt_state_is_final((enum receipt_state)part->state)))
        return;
    store_part_settle(receipts->store, part->message, part->part, state, err, now_ms);
    settle_message(receipts, part->message, now_ms);
}

void receipts_heard(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                    int64_t now_ms)
{
    struct message_part part;
    char id[LOG_OCTETS_SIZE];
    struct region *region = loop_region(receipts->loop);
    if (receipt->contradicts)
        receipts->counts.contradicting++;
    for (unsigned i = 0; i < receipt->id_count; i++) {
        enum store_result result =
            store_part_find(receipts->store, carrier, receipt->ids[i], region, &part);
        if (result != STORE_OK)
            continue;
        apply(receipts, &part, (int)receipt->state, receipt->is_final, receipt->err, now_ms);
        return;
    }
    receipts->counts.unmatched++;
    log_warn("receipt fits no message carrier=%s id=%s state=%s", carrier,
             receipt->id_count == 0 ? "none" : log_octets(receipt->ids[0], id),
             receipt_state_text(receipt->state));
    if (receipt->id_count == 0)
        return;
    struct stray_receipt stray = {
        .state = (int)receipt->state, .is_final = receipt->is_final, .err = receipt->err};
    store_stray_put(receipts->store, carrier, receipt->ids[0], &stray, now_ms);
}

void receipts_catch_up(struct receipts *receipts, const char *carrier, struct octets carrier_id,
                       int64_t message, int64_t now_ms)
{
    struct stray_receipt stray;
    struct message_part part;
    struct region *region = loop_region(receipts->loop);
    while (store_stray_take(receipts->store, carrier, carrier_id, region, &stray) == STORE_OK)
        if (store_part_find(receipts->store, carrier, carrier_id, region, &part) == STORE_OK)
            apply(receipts, &part, stray.state, stray.is_final, stray.err, now_ms);
    settle_message(receipts, message, now_ms);
}

const struct receipts_counts *receipts_counts(const struct receipts *receipts)
{
    return &receipts->counts;
}
