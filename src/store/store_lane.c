/* The queue by lanes, and what brands have used of their day. */
#include "store_parts.h"

#include "base/must.h"

static void read_lane(struct row *row, void *out)
{
    struct lane_row *lane = out;
    lane->id = row_int(row);
    lane->program = row_int(row);
    lane->is_reply = row_small(row) != 0;
    lane->sender = row_text(row);
    lane->route = row_text(row);
}

static const struct shape lane_shape = {sizeof(struct lane_row), read_lane};

int64_t store_lane_id(struct store *store, const struct lane_row *lane)
{
    int64_t id = 0;
    sql_write(store, SQL_LANE_PUT,
              BIND(of_int(lane->program), of_int(lane->is_reply), of_text(lane->sender),
                   of_text(lane->route)));
    return sql_get_int(store, SQL_LANE_FIND,
                       BIND(of_int(lane->program), of_int(lane->is_reply), of_text(lane->sender),
                            of_text(lane->route)),
                       &id) == STORE_OK
               ? id
               : 0;
}

enum store_result store_lanes(struct store *store, int64_t after, struct region *region,
                              struct lane_row *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_LANE_LIST, BIND(of_int(after), of_limit(limit)), &lane_shape, region,
                    out, limit, count);
}

enum store_result store_lane_due(struct store *store, int64_t lane, int64_t now_ms,
                                 struct region *region, struct message *out, size_t limit,
                                 size_t *count)
{
    return sql_list(store, SQL_LANE_DUE, BIND(of_int(lane), of_int(now_ms), of_limit(limit)),
                    &message_shape, region, out, limit, count);
}

/* What can't be read is due at once: the reading of it will say so. */
int64_t store_lane_next_due(struct store *store, int64_t lane)
{
    int64_t due_at = 0;
    if (sql_get_int(store, SQL_LANE_NEXT_DUE, BIND(of_int(lane)), &due_at) == STORE_FAILED)
        return 1;
    return due_at;
}

enum store_result store_lane_after(struct store *store, int64_t lane, int64_t due_at, int64_t id,
                                   struct region *region, struct message *out, size_t limit,
                                   size_t *count)
{
    enum store_result result = sql_list(
        store, SQL_LANE_BESIDE, BIND(of_int(lane), of_int(due_at), of_int(id), of_limit(limit)),
        &message_shape, region, out, limit, count);
    if (result == STORE_OK && *count < limit)
        result = sql_list_on(store, SQL_LANE_AFTER,
                             BIND(of_int(lane), of_int(due_at), of_limit(limit - *count)),
                             &message_shape, region, out, limit, count);
    return result;
}

int64_t store_lane_queued(struct store *store, int64_t lane)
{
    int64_t count = 0;
    return sql_get_int(store, SQL_LANE_QUEUED, BIND(of_int(lane), of_int(STORE_QUEUED_MOST)),
                       &count) == STORE_OK
               ? count
               : -1;
}

void store_message_lane(struct store *store, int64_t id, int64_t lane)
{
    int64_t changed = sql_write(store, SQL_MESSAGE_LANE, BIND(of_int(id), of_int(lane)));
    must(changed < 0 || changed == 1);
}

/* ---- brands ---- */

enum store_result store_brand_day(struct store *store, const char *brand, int64_t day, int64_t *parts)
{
    *parts = 0;
    enum store_result read =
        sql_get_int(store, SQL_BRAND_DAY_GET, BIND(of_text(brand), of_int(day)), parts);
    return read == STORE_NONE ? STORE_OK : read;
}

void store_brand_day_put(struct store *store, const char *brand, int64_t day, int64_t parts)
{
    sql_write(store, SQL_BRAND_DAY_PUT, BIND(of_text(brand), of_int(day), of_int(parts)));
}

void store_brand_days_forget(struct store *store, const char *brand, int64_t before)
{
    sql_write(store, SQL_BRAND_DAYS_FORGET, BIND(of_text(brand), of_int(before)));
}
