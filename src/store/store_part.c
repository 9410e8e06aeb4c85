/* What carriers said of a message, part by part; receipts that no message is known for; and a
 * message's events. */
#include "store_parts.h"

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

void store_part_put(struct store *store, const struct message_part *part)
{
    sql_write(store, SQL_PART_PUT,
              BIND(of_int(part->message), of_int(part->part), of_int(part->state),
                   of_text(part->carrier), of_octets(octets_text(part->carrier_id)),
                   of_octets(octets_text(part->err)), of_int(part->at)));
}

enum store_result store_part_find(struct store *store, const char *carrier,
                                  struct octets carrier_id, struct region *region,
                                  struct message_part *out)
{
    return sql_get(store, SQL_PART_FIND, BIND(of_text(carrier), of_octets(carrier_id)), &parts,
                   region, out);
}

enum store_result store_parts_of(struct store *store, int64_t message, struct region *region,
                                 struct message_part *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_PARTS_OF, BIND(of_int(message), of_limit(limit)), &parts, region,
                    out, limit, count);
}

void store_part_settle(struct store *store, int64_t message, int part, int state, struct octets err,
                       int64_t now_ms)
{
    sql_write(store, SQL_PART_SETTLE,
              BIND(of_int(message), of_int(part), of_int(state), of_octets(err), of_int(now_ms)));
}

/* ---- strays ---- */

struct stray {
    int64_t id;
    struct stray_receipt receipt;
};

static void read_stray(struct row *row, void *out)
{
    struct stray *stray = out;
    stray->id = row_int(row);
    stray->receipt.state = row_small(row);
    stray->receipt.is_final = row_small(row) != 0;
    stray->receipt.err = row_octets(row);
}

static const struct shape strays = {sizeof(struct stray), read_stray};

void store_stray_put(struct store *store, const char *carrier, struct octets carrier_id,
                     const struct stray_receipt *receipt, int64_t now_ms)
{
    sql_write(store, SQL_STRAY_PUT,
              BIND(of_text(carrier), of_octets(carrier_id), of_int(receipt->state),
                   of_int(receipt->is_final), of_octets(receipt->err), of_int(now_ms)));
    sql_write(store, SQL_STRAY_BOUND, BIND(of_int(STRAY_LIMIT)));
}

/* In a broken turn none can be taken: it would come again and again. */
enum store_result store_stray_take(struct store *store, const char *carrier,
                                   struct octets carrier_id, struct region *region,
                                   struct stray_receipt *out)
{
    struct stray stray;
    enum store_result result =
        sql_get(store, SQL_STRAY_OLDEST, BIND(of_text(carrier), of_octets(carrier_id)), &strays,
                region, &stray);
    if (result != STORE_OK)
        return result;
    *out = stray.receipt;
    return sql_write(store, SQL_STRAY_DELETE, BIND(of_int(stray.id))) == 1 ? STORE_OK
                                                                           : STORE_FAILED;
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
