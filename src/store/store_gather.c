/* Texts that came in parts: the sets, and the parts of each. */
#include "store_parts.h"

static void read_set(struct row *row, void *out)
{
    struct inbound_set *set = out;
    set->id = row_int(row);
    set->carrier = row_text(row);
    set->number = (uint64_t)row_int(row);
    set->source = row_text(row);
    set->sender = row_text(row);
    set->kind = row_small(row);
    set->reference = row_int(row);
    set->parts = row_small(row);
    set->is_open = row_int(row) != 0;
    set->due_at = row_int(row);
}

static void read_part(struct row *row, void *out)
{
    struct inbound_part *part = out;
    part->inbound = row_int(row);
    part->part = row_small(row);
    part->at = row_int(row);
    part->session = row_int(row);
    part->esm_class = (uint8_t)row_int(row);
    part->data_coding = (uint8_t)row_int(row);
    part->octets = row_octets(row);
    row_digest(row, part->digest);
}

static const struct shape sets = {sizeof(struct inbound_set), read_set};
static const struct shape parts = {sizeof(struct inbound_part), read_part};

static struct value text_of(const char *text)
{
    return of_octets(octets_text(text)); /* never SQL's NULL */
}

void store_set_put(struct store *store, const struct inbound_set *set)
{
    sql_write(store, SQL_SET_PUT,
              BIND(of_int(set->id), text_of(set->carrier), of_number(set->number),
                   text_of(set->source), text_of(set->sender), of_int(set->kind),
                   of_int(set->reference), of_int(set->parts), of_int(set->is_open),
                   of_int(set->due_at)));
}

enum store_result store_set_find(struct store *store, const struct inbound_set *like,
                                 struct region *region, struct inbound_set *out)
{
    return sql_get(store, SQL_SET_FIND,
                   BIND(of_number(like->number), of_int(like->reference), of_int(like->kind),
                        of_int(like->parts), text_of(like->carrier), text_of(like->sender),
                        text_of(like->source)),
                   &sets, region, out);
}

enum store_result store_sets_due(struct store *store, bool is_open, int64_t now_ms,
                                 struct region *region, struct inbound_set *out, size_t limit,
                                 size_t *count)
{
    return sql_list(store, SQL_SETS_DUE, BIND(of_int(is_open), of_int(now_ms), of_limit(limit)),
                    &sets, region, out, limit, count);
}

enum store_result store_sets_of(struct store *store, const struct inbound_set *like,
                                struct region *region, struct inbound_set *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_SETS_OF,
                    BIND(of_number(like->number), text_of(like->source), of_limit(limit)), &sets, region,
                    out, limit, count);
}

enum store_result store_sets_open(struct store *store, int64_t *count)
{
    return sql_get_int(store, SQL_SETS_OPEN, NULL, 0, count);
}

void store_sets_wait(struct store *store, int64_t until_ms)
{
    sql_write(store, SQL_SETS_WAIT, BIND(of_int(until_ms)));
}

void store_sets_clock_set(struct store *store, int64_t by_ms)
{
    sql_write(store, SQL_SETS_CLOCK_SET, BIND(of_int(by_ms)));
}

void store_set_drop(struct store *store, int64_t id)
{
    sql_write(store, SQL_IN_PARTS_DROP, BIND(of_int(id)));
    sql_write(store, SQL_SET_DROP, BIND(of_int(id)));
}

void store_in_part_put(struct store *store, const struct inbound_part *part)
{
    sql_write(store, SQL_IN_PART_PUT,
              BIND(of_int(part->inbound), of_int(part->part), of_int(part->at),
                   of_int(part->session), of_int(part->esm_class), of_int(part->data_coding),
                   of_blob(part->octets.at, part->octets.length),
                   of_blob(part->digest, sizeof part->digest)));
}

enum store_result store_in_parts_of(struct store *store, int64_t set, struct region *region,
                                    struct inbound_part *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_IN_PARTS_OF, BIND(of_int(set), of_limit(limit)), &parts, region, out,
                    limit, count);
}

void store_in_parts_empty(struct store *store, int64_t set)
{
    sql_write(store, SQL_IN_PARTS_EMPTY, BIND(of_int(set)));
}
