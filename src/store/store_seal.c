/* Seals: what each turn gave to carriers, and what is kept for them of tries that were not a message's last. */
#include "store_parts.h"

static void read_leaves(struct row *row, void *out)
{
    *(struct octets *)out = row_octets(row);
}

enum store_result store_seal_get(struct store *store, int64_t seq, struct region *region,
                                 struct octets *leaves)
{
    static const struct shape shape = {sizeof(struct octets), read_leaves};
    return sql_get(store, SQL_SEAL_GET, BIND(of_int(seq)), &shape, region, leaves);
}

bool store_has_seals(struct store *store)
{
    int64_t one;
    return sql_get_int(store, SQL_SEAL_COLUMN, NULL, 0, &one) == STORE_OK;
}

void store_try_keep(struct store *store, int64_t message)
{
    sql_write(store, SQL_TRY_KEEP, BIND(of_int(message)));
}

enum store_result store_given_list(struct store *store, int64_t after, struct region *region,
                                   struct message *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_GIVEN_LIST, BIND(of_int(after), of_limit(limit)), &message_shape, region,
                    out, limit, count);
}

enum store_result store_tries_list(struct store *store, int64_t after, int after_try,
                                   struct region *region, struct message *out, size_t limit,
                                   size_t *count)
{
    return sql_list(store, SQL_TRIES_LIST,
                    BIND(of_int(after), of_int(after_try), of_limit(limit)), &message_shape, region, out,
                    limit, count);
}
