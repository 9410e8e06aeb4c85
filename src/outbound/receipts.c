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

/* The message has come to a final state by what its parts say: delivered when every one is, failed when one is
 * (F314). The first final state stands (F313). `news` is the part that a receipt has just told of. */
static void settle_by(struct receipts *receipts, const struct message *message,
                      const struct message_part *news, int64_t now_ms)
{
    size_t count = 1;
    int delivered = 0;
    struct message_part parts[PARTS_LIMIT] = {*news};
    struct region *region = loop_region(receipts->loop);
    if (message->parts > 1 && store_parts_of(receipts->store, message->id, region, parts,
                                             PARTS_LIMIT, &count) != STORE_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        enum receipt_state state = (enum receipt_state)parts[i].state;
        if (state == RECEIPT_STATE_DELIVERED) {
            delivered++;
        } else if (state != RECEIPT_STATE_SCHEDULED && receipt_state_is_final(state)) {
            const char *err = parts[i].err[0] == '\0' ? "none" : parts[i].err;
            settle_move(receipts->settle, message, state_of(parts[i].state),
                        region_format(region, "receipt: %s, err %s", receipt_state_text(state), err),
                        false, now_ms);
            return;
        }
    }
    if (delivered == message->parts)
        settle_move(receipts->settle, message, MESSAGE_DELIVERED, "receipt", false, now_ms);
}

static void settle_message(struct receipts *receipts, const struct message_part *news,
                           int64_t now_ms)
{
    struct message message;
    if (store_message_get(receipts->store, news->message, loop_region(receipts->loop), &message) ==
            STORE_OK &&
        (message.state == MESSAGE_SENT || message.state == MESSAGE_UNKNOWN))
        settle_by(receipts, &message, news, now_ms);
}

/* A receipt of a part: kept with it if it is the first final one. */
static void apply(struct receipts *receipts, struct message_part *part, int state, bool is_final,
                  struct octets err, int64_t now_ms)
{
    receipts->counts.matched++;
    if (!is_final || (part->state != 0 && receipt_state_is_final((enum receipt_state)part->state)))
        return;
    store_part_settle(receipts->store, part->message, part->part, state, err, now_ms);
    part->state = state;
    part->err = region_text(loop_region(receipts->loop), err);
    settle_message(receipts, part, now_ms);
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
    struct stray_receipt stray = {
        .state = (int)receipt->state, .is_final = receipt->is_final, .err = receipt->err};
    store_stray_put(receipts->store, carrier, receipt->ids[0], &stray, now_ms);
}

void receipts_heard(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                    int64_t now_ms)
{
    struct message_part part;
    struct region *region = loop_region(receipts->loop);
    if (receipt->contradicts)
        receipts->counts.contradicting++;
    for (unsigned i = 0; i < receipt->id_count; i++) {
        if (store_part_find(receipts->store, carrier, receipt->ids[i], region, &part) != STORE_OK)
            continue;
        apply(receipts, &part, (int)receipt->state, receipt->is_final, receipt->err, now_ms);
        return;
    }
    keep(receipts, carrier, receipt, now_ms);
}

void receipts_catch_up(struct receipts *receipts, const struct message_part *part, bool is_several,
                       int64_t now_ms)
{
    struct stray_receipt stray;
    struct message_part told = *part;
    struct octets carrier_id = octets_text(part->carrier_id);
    struct region *region = loop_region(receipts->loop);
    while (carrier_id.length > 0 && store_stray_take(receipts->store, part->carrier, carrier_id,
                                                     region, &stray) == STORE_OK) {
        receipts->counts.unmatched--;
        apply(receipts, &told, stray.state, stray.is_final, stray.err, now_ms);
    }
    if (is_several) /* receipts of the other parts may have waited for this answer */
        settle_message(receipts, &told, now_ms);
}

const struct receipts_counts *receipts_counts(const struct receipts *receipts)
{
    return &receipts->counts;
}
