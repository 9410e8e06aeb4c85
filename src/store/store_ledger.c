/* The ledger's rows. Whoever changed the file may have changed anything in this table, its schema
 * too: the walk reads what is there and judges nothing. */
#include "store_parts.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/must.h"

#define LEDGER_COLUMN_COUNT 12

/* Records that the walk reads in one transaction, so that checkpoints can pass between two. */
#define SLICE 1000

static void read_record(struct row *row, void *out)
{
    struct ledger_row *record = out;
    record->seq = row_int(row);
    record->at = row_text(row);
    record->kind = row_text(row);
    record->program = row_text(row);
    record->number = row_text_or_null(row);
    record->number_salt = row_text_or_null(row);
    record->number_digest = row_text_or_null(row);
    record->payload = row_text_or_null(row);
    record->payload_salt = row_text_or_null(row);
    record->payload_digest = row_text_or_null(row);
    record->prev_hash = row_text(row);
    record->hash = row_text(row);
}

const struct shape ledger_shape = {sizeof(struct ledger_row), read_record};

void store_ledger_put(struct store *store, const struct ledger_row *row)
{
    sql_write(store, SQL_LEDGER_PUT,
              BIND(of_int(row->seq), of_text(row->at), of_text(row->kind), of_text(row->program),
                   of_text(row->number), of_text(row->number_salt), of_text(row->number_digest),
                   of_text(row->payload), of_text(row->payload_salt), of_text(row->payload_digest),
                   of_text(row->prev_hash), of_text(row->hash),
                   row->leaves.length > 0 ? of_blob(row->leaves.at, row->leaves.length)
                                          : of_text(NULL)));
}

enum store_result store_seal_after(struct store *store, int64_t seq, struct region *region,
                                   struct ledger_row *out)
{
    return sql_get(store, SQL_SEAL_AFTER, BIND(of_int(seq)), &ledger_shape, region, out);
}

enum store_result store_ledger_last(struct store *store, struct region *region,
                                    struct ledger_row *out)
{
    return sql_get(store, SQL_LEDGER_LAST, NULL, 0, &ledger_shape, region, out);
}

enum store_result store_ledger_get(struct store *store, int64_t seq, struct region *region,
                                   struct ledger_row *out)
{
    return sql_get(store, SQL_LEDGER_GET, BIND(of_int(seq)), &ledger_shape, region, out);
}

/* ---- lists ---- */

static bool is_of_blocks(const struct ledger_filter *filter)
{
    return filter->account != NULL || filter->reason != NULL;
}

static enum statement list_way(const struct ledger_filter *filter)
{
    if (filter->number != NULL)
        return filter->newest_first ? SQL_LEDGER_NEWEST_NUMBER : SQL_LEDGER_OLDEST_NUMBER;
    if (filter->kind != NULL || is_of_blocks(filter))
        return filter->newest_first ? SQL_LEDGER_NEWEST_KIND : SQL_LEDGER_OLDEST_KIND;
    return filter->newest_first ? SQL_LEDGER_NEWEST_ALL : SQL_LEDGER_OLDEST_ALL;
}

/* As the ledger writes times, so that they compare as texts: "…:00Z" would sort behind "…:00.000Z".
 */
static const char *time_as_kept(const char *text, char out[TIME_TEXT_SIZE])
{
    int64_t wall_ms;
    if (text == NULL || !time_read(octets_text(text), &wall_ms))
        return text;
    time_write(wall_ms, out);
    return out;
}

enum store_result store_ledger_list(struct store *store, const struct ledger_filter *filter,
                                    struct region *region, struct ledger_row *out, size_t *count)
{
    char since[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];
    const char *kind = filter->kind == NULL && is_of_blocks(filter) ? "block" : filter->kind;
    bool is_from_end = filter->newest_first && filter->after == 0;
    return sql_list(store, list_way(filter),
                    BIND(of_int(is_from_end ? INT64_MAX : filter->after), of_text(filter->number),
                         of_text(kind), of_text(filter->program), of_text(filter->account),
                         of_text(filter->reason), of_text(time_as_kept(filter->since, since)),
                         of_text(time_as_kept(filter->until, until)), of_limit(filter->limit)),
                    &ledger_shape, region, out, filter->limit, count);
}

/* ---- the walk ---- */

struct ledger_walk {
    struct store *store;
    sqlite3_stmt *statement;
    bool (*each)(void *who, const struct ledger_raw *raw);
    void *who;
    bool is_sliced;
    bool is_over; /* `each` has heard enough */
};

/* The octets as they lie in the file. The type is asked first: asking for text converts. */
static void read_raw(sqlite3_stmt *statement, struct ledger_raw *raw)
{
    *raw = (struct ledger_raw){.seq = sqlite3_column_int64(statement, 0)};
    for (int i = 0; i < LEDGER_COLUMN_COUNT; i++) {
        int type = sqlite3_column_type(statement, i);
        if (type == SQLITE_NULL)
            continue;
        raw->is_text[i] = i == 0 ? type == SQLITE_INTEGER : type == SQLITE_TEXT;
        const void *at = type == SQLITE_BLOB ? sqlite3_column_blob(statement, i)
                                             : (const void *)sqlite3_column_text(statement, i);
        raw->column[i] =
            octets_of(at == NULL ? "" : at, (size_t)sqlite3_column_bytes(statement, i));
    }
}

/* Is seq still the key that the table was made with? Then no two records share one, and a slice can
 * begin where the last one ended. If not, one pass reads all. */
enum store_result store_ledger_is_keyed(struct store *store)
{
    int64_t is_key = 0;
    enum store_result result = sql_get_int(store, SQL_LEDGER_HAS_KEY, NULL, 0, &is_key);
    return result == STORE_OK && is_key != 1 ? STORE_NONE : result;
}

static bool walk_prepare(struct ledger_walk *walk)
{
    static const char *const ways[] = {
        "SELECT " LEDGER_COLUMNS " FROM ledger WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
        "SELECT " LEDGER_COLUMNS " FROM ledger WHERE seq >= ?1 OR typeof(seq) <> 'integer'"
        " ORDER BY seq, rowid LIMIT ?2",
        "SELECT " LEDGER_COLUMNS " FROM ledger WHERE seq >= ?1 OR typeof(seq) <> 'integer'"
        " ORDER BY seq LIMIT ?2"}; /* a table without row ids, or a view */
    for (size_t i = walk->is_sliced ? 0 : 1; i < sizeof ways / sizeof *ways; i++)
        if (sqlite3_prepare_v2(walk->store->db, ways[i], -1, &walk->statement, NULL) == SQLITE_OK)
            return true;
    sql_fault(walk->store, "the ledger's table");
    return false;
}

static bool walk_fails(struct ledger_walk *walk)
{
    sqlite3_reset(walk->statement);
    return false;
}

/* A key that doesn't rise is a damaged tree; to go on from it could go on for ever. */
static bool walk_has_risen(const struct ledger_walk *walk, const struct ledger_raw *raw,
                           int64_t from)
{
    return !walk->is_sliced || (raw->is_text[0] && raw->seq >= from);
}

/* Reads up to a slice, *from on, and leaves there where the next one begins. False: it can't be
 * read. */
static bool walk_slice(struct ledger_walk *walk, int64_t *from, int *found)
{
    int status;
    *found = 0;
    sqlite3_bind_int64(walk->statement, 1, *from);
    sqlite3_bind_int64(walk->statement, 2, walk->is_sliced ? SLICE : -1);
    while (!walk->is_over && (status = sqlite3_step(walk->statement)) != SQLITE_DONE) {
        struct ledger_raw raw;
        if (status != SQLITE_ROW) {
            sql_fault(walk->store, "the ledger's table");
            return walk_fails(walk);
        }
        read_raw(walk->statement, &raw);
        if (!walk_has_risen(walk, &raw, *from)) {
            snprintf(walk->store->fault, sizeof walk->store->fault,
                     "the ledger's table: its records are out of order");
            walk->store->is_damaged = true;
            return walk_fails(walk);
        }
        *from = raw.seq == INT64_MAX ? INT64_MAX : raw.seq + 1;
        *found += 1;
        walk->is_over = !walk->each(walk->who, &raw);
    }
    sqlite3_reset(walk->statement);
    return true;
}

/* From the start means from the very first, be its number as odd as it may. */
enum store_result store_ledger_walk(struct store *store, int64_t after,
                                    bool (*each)(void *who, const struct ledger_raw *raw),
                                    void *who)
{
    struct ledger_walk walk = {.store = store, .each = each, .who = who};
    walk.is_sliced = store_ledger_is_keyed(store) == STORE_OK;
    if (!walk_prepare(&walk))
        return STORE_FAILED;
    int found;
    int64_t from = after <= 0 ? INT64_MIN : after + (after < INT64_MAX);
    bool is_read;
    do
        is_read = walk_slice(&walk, &from, &found);
    while (is_read && !walk.is_over && walk.is_sliced && found == SLICE);
    sqlite3_finalize(walk.statement);
    return is_read ? STORE_OK : STORE_FAILED;
}
