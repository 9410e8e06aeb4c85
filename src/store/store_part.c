/* What carriers said of a message, part by part; receipts that no message is known for; and a
 * message's events. */
#include "store_parts.h"

#include "base/must.h"

/* Strays may never find their message, and a carrier may send any number of them: of the last so
 * many that came, those are kept that were not taken. */
#define STRAY_LIMIT 100000

static void read_part(struct row *row, void *out)
{
    struct message_part *part = out;
    part->message = row_int(row);
    part->part = row_small(row);
    part->state = row_small(row);
    part->carrier = row_text(row);
    part->carrier_id = row_text(row);
    part->err = row_text(row);
    part->at = row_int(row);
}

static const struct shape parts = {sizeof(struct message_part), read_part};

static struct message_part only_part(const struct message *message)
{
    return (struct message_part){.message = message->id,
                                 .part = 1,
                                 .of = 1,
                                 .state = message->receipt,
                                 .carrier = message->carrier,
                                 .carrier_id = message->carrier_id,
                                 .err = message->receipt_err,
                                 .at = message->receipt == 0 ? message->sent_at : message->done_at};
}

void store_part_put(struct store *store, const struct message_part *part)
{
    must(part->of >= 1 && part->part <= part->of);
    if (part->of == 1)
        sql_write(store, SQL_ONLY_PART_PUT,
                  BIND(of_int(part->message), of_text(part->carrier), of_text(part->carrier_id),
                       of_int(part->state), of_text(part->err)));
    else
        sql_write(store, SQL_PART_PUT,
                  BIND(of_int(part->message), of_int(part->part), of_int(part->state),
                       of_text(part->carrier), of_text(part->carrier_id), of_text(part->err),
                       of_int(part->at)));
}

enum store_result store_part_find(struct store *store, const char *carrier,
                                  struct octets carrier_id, struct region *region,
                                  struct message_part *out, struct message *message)
{
    enum store_result found =
        sql_get(store, SQL_ONLY_PART_FIND, BIND(of_text(carrier), of_octets(carrier_id)),
                &message_shape, region, message);
    if (found == STORE_OK)
        *out = only_part(message);
    if (found != STORE_NONE)
        return found;
    found = sql_get(store, SQL_PART_FIND, BIND(of_text(carrier), of_octets(carrier_id)), &parts,
                    region, out);
    if (found == STORE_OK)
        found = store_message_get(store, out->message, region, message);
    if (found == STORE_OK)
        out->of = message_submits(message);
    return found;
}

enum store_result store_parts_of(struct store *store, const struct message *message,
                                 struct region *region, struct message_part *out, size_t limit,
                                 size_t *count)
{
    *count = 0;
    if (message_submits(message) == 1) {
        if (limit > 0 && (message->sent_at != 0 || message->receipt != 0))
            out[(*count)++] = only_part(message);
        return STORE_OK;
    }
    enum store_result result = sql_list(store, SQL_PARTS_OF, BIND(of_int(message->id), of_limit(limit)),
                                        &parts, region, out, limit, count);
    for (size_t i = 0; result == STORE_OK && i < *count; i++)
        out[i].of = message->parts;
    return result;
}

/* ---- strays ---- */

static void read_stray(struct row *row, void *out)
{
    struct stray_receipt *stray = out;
    stray->id = row_int(row);
    stray->state = row_small(row);
    stray->is_final = row_small(row) != 0;
    stray->err = row_octets(row);
    stray->carrier_id = row_octets(row);
}

static const struct shape strays = {sizeof(struct stray_receipt), read_stray};

void store_stray_put(struct store *store, const char *carrier, uint64_t number,
                     const struct stray_receipt *receipt, int64_t now_ms)
{
    sql_write(store, SQL_STRAY_PUT,
              BIND(of_text(carrier), of_octets(receipt->carrier_id), of_int(receipt->state),
                   of_int(receipt->is_final), of_octets(receipt->err), of_int(now_ms),
                   of_number(number)));
    sql_write(store, SQL_STRAY_BOUND, BIND(of_int(STRAY_LIMIT)));
    store->may_have_strays = true;
}

/* In a broken turn none can be taken: it would come again and again. */
bool store_stray_drop(struct store *store, int64_t id)
{
    return sql_write(store, SQL_STRAY_DELETE, BIND(of_int(id))) == 1;
}

enum store_result store_stray_take(struct store *store, const char *carrier,
                                   struct octets carrier_id, uint64_t number,
                                   struct region *region, struct stray_receipt *out)
{
    if (!store->may_have_strays)
        return STORE_NONE;
    enum store_result result = sql_get(
        store, SQL_STRAY_OLDEST, BIND(of_text(carrier), of_octets(carrier_id), of_number(number)),
        &strays, region, out);
    if (result != STORE_OK)
        return result;
    return store_stray_drop(store, out->id) ? STORE_OK : STORE_FAILED;
}

enum store_result store_strays_of(struct store *store, const char *carrier, uint64_t number,
                                  struct region *region, struct stray_receipt *out, size_t limit,
                                  size_t *count)
{
    *count = 0;
    if (!store->may_have_strays || number == 0)
        return STORE_OK;
    return sql_list(store, SQL_STRAYS_OF, BIND(of_text(carrier), of_number(number), of_limit(limit)),
                    &strays, region, out, limit, count);
}

bool stray_begin(struct store *store)
{
    int64_t one;
    enum store_result found = sql_get_int(store, SQL_STRAY_ANY, NULL, 0, &one);
    store->may_have_strays = found != STORE_NONE;
    return found != STORE_FAILED;
}

/* ---- events ---- */

static void read_event(struct row *row, void *out)
{
    struct message_event *event = out;
    event->at = row_int(row);
    event->what = row_text(row);
}

static const struct shape events = {sizeof(struct message_event), read_event};

void store_event_put(struct store *store, int64_t message, int64_t at, const char *what)
{
    sql_write(store, SQL_EVENT_PUT, BIND(of_int(message), of_int(at), of_text(what)));
}

enum store_result store_events_of(struct store *store, int64_t message, struct region *region,
                                  struct message_event *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_EVENTS_OF, BIND(of_int(message), of_limit(limit)), &events, region,
                    out, limit, count);
}
