/* What a sender on SMPP names a message by. */
#include "store_parts.h"

static void read_submit(struct row *row, void *out)
{
    struct submit *submit = out;
    submit->message = row_int(row);
    submit->multi = row_int(row);
    submit->data_coding = row_small(row);
    submit->service_type = row_text(row);
    submit->replaced_at = row_int(row);
}

static const struct shape submits = {sizeof(struct submit), read_submit};

void store_submit_put(struct store *store, const struct submit *submit)
{
    sql_write(store, SQL_SUBMIT_PUT,
              BIND(of_int(submit->message), of_int(submit->multi), of_int(submit->data_coding),
                   of_octets(octets_text(submit->service_type)), of_int(submit->replaced_at)));
}

enum store_result store_submit_get(struct store *store, int64_t message, struct region *region,
                                   struct submit *out)
{
    return sql_get(store, SQL_SUBMIT_GET, BIND(of_int(message)), &submits, region, out);
}

enum store_result store_submit_messages(struct store *store, int64_t multi, struct region *region,
                                        struct message *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_SUBMIT_MESSAGES, BIND(of_int(multi), of_limit(limit)),
                    &message_shape, region, out, limit, count);
}
