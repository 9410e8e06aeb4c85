/* What is taken out of rows when its time is over. SQLite overwrites what it deletes (store.c asks for that), so that
 * nothing is left of it in the file but what the WAL still holds until it begins anew. */
#include "store_parts.h"

int64_t store_mark_get(struct store *store, const char *name)
{
    int64_t value = 0;
    return sql_get_int(store, SQL_META_GET, BIND(of_text(name)), &value) == STORE_OK ? value : 0;
}

void store_mark_put(struct store *store, const char *name, int64_t value)
{
    sql_write(store, SQL_META_PUT, BIND(of_text(name), of_int(value)));
}

/* ---- messages ---- */

enum store_result store_message_old(struct store *store, int64_t after, int64_t before,
                                    struct region *region, struct message *out, size_t limit,
                                    size_t *count)
{
    return sql_list(store, SQL_MESSAGE_OLD, BIND(of_int(after), of_int(before), of_limit(limit)),
                    &message_shape, region, out, limit, count);
}

void store_message_erase(struct store *store, int64_t id, struct octets content)
{
    sql_write(store, SQL_SEND_ERASE, BIND(of_int(id))); /* which has the number */
    sql_write(store, SQL_CALLBACK_DROP, BIND(of_int(id)));
    sql_write(store, SQL_MESSAGE_ERASE, BIND(of_int(id), of_blob(content.at, content.length)));
}

void store_listing_erase(struct store *store, uint64_t number)
{
    sql_write(store, SQL_LISTING_ERASE, BIND(of_number(number)));
}

/* The oldest messages stand in the oldest eras; two, since a slice may end one. */
void store_listing_erase_old(struct store *store, int64_t up_to)
{
    sql_write(store, SQL_LISTING_ERASE_OLD, BIND(of_int(up_to)));
}

/* ---- inbound ---- */

struct end {
    int64_t id, count;
};

static void read_end(struct row *row, void *out)
{
    struct end *end = out;
    end->id = row_int(row);
    end->count = row_int(row);
}

static int64_t old_end(struct store *store, enum statement which, int64_t after, int64_t before, size_t limit,
                       size_t *count)
{
    static const struct shape ends = {sizeof(struct end), read_end};
    struct end end = {0};
    sql_get(store, which, BIND(of_int(after), of_int(before), of_limit(limit)), &ends, NULL,
            &end);
    *count = (size_t)end.count;
    return end.id;
}

int64_t store_inbound_old(struct store *store, int64_t after, int64_t before, size_t limit,
                          size_t *count)
{
    return old_end(store, SQL_INBOUND_OLD, after, before, limit, count);
}

void store_inbound_erase_old(struct store *store, int64_t after, int64_t up_to)
{
    sql_write(store, SQL_INBOUND_DATA_ERASE_OLD, BIND(of_int(after), of_int(up_to)));
    sql_write(store, SQL_IN_PARTS_ERASE_OLD, BIND(of_int(after), of_int(up_to)));
    sql_write(store, SQL_SETS_ERASE_OLD, BIND(of_int(after), of_int(up_to)));
    sql_write(store, SQL_INBOUND_ERASE_OLD, BIND(of_int(after), of_int(up_to)));
}

int64_t store_inbound_erase(struct store *store, uint64_t number)
{
    sql_write(store, SQL_INBOUND_DATA_ERASE, BIND(of_number(number)));
    sql_write(store, SQL_IN_PARTS_ERASE, BIND(of_number(number))); /* before the sets, which know the number */
    sql_write(store, SQL_SETS_ERASE, BIND(of_number(number)));
    int64_t changed = sql_write(store, SQL_INBOUND_ERASE, BIND(of_number(number)));
    return changed > 0 ? changed : 0;
}

/* ---- recipients of campaigns ---- */

int64_t store_recipient_erase(struct store *store, uint64_t number)
{
    int64_t changed = sql_write(store, SQL_RECIPIENT_ERASE, BIND(of_number(number)));
    return changed > 0 ? changed : 0;
}

int64_t store_recipients_old(struct store *store, int64_t after, int64_t before, size_t limit, size_t *count)
{
    return old_end(store, SQL_RECIPIENTS_OLD, after, before, limit, count);
}

void store_recipients_erase_old(struct store *store, int64_t after, int64_t up_to)
{
    sql_write(store, SQL_RECIPIENTS_ERASE_OLD, BIND(of_int(after), of_int(up_to)));
}

/* ---- the ledger, and what follows from it ---- */

void store_ledger_erase(struct store *store, int64_t seq)
{
    sql_write(store, SQL_LEDGER_ERASE, BIND(of_int(seq)));
    sql_write(store, SQL_ACT_ERASE, BIND(of_int(seq)));
}

void store_consent_erase(struct store *store, uint64_t number)
{
    int64_t first = (int64_t)(number * PROGRAM_LIMIT);
    sql_write(store, SQL_CONSENT_ERASE, BIND(of_int(first), of_int(first + PROGRAM_LIMIT)));
    sql_write(store, SQL_KNOWN_SENDER_ERASE, BIND(of_int(first), of_int(first + PROGRAM_LIMIT)));
}
