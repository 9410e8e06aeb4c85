/* What waits for the receivers of accounts. */
#include "store_parts.h"

static void read_handover(struct row *row, void *out)
{
    struct handover *handover = out;
    handover->id = row_int(row);
    handover->account = row_text(row);
    handover->message = row_int(row);
    handover->inbound = row_int(row);
    handover->state = row_small(row);
    handover->err = row_text(row);
}

static const struct shape handovers = {sizeof(struct handover), read_handover};

void store_handover_put(struct store *store, const struct handover *handover)
{
    sql_write(store, SQL_HANDOVER_PUT,
              BIND(of_int(handover->id), of_text(handover->account), of_int(handover->message),
                   of_int(handover->inbound), of_int(handover->state),
                   of_octets(octets_text(handover->err))));
}

enum store_result store_handover_next(struct store *store, const char *account, int64_t after,
                                      struct region *region, struct handover *out, size_t limit,
                                      size_t *count)
{
    return sql_list(store, SQL_HANDOVER_NEXT,
                    BIND(of_text(account), of_int(after), of_limit(limit)), &handovers, region, out,
                    limit, count);
}

void store_handover_done(struct store *store, int64_t id)
{
    sql_write(store, SQL_HANDOVER_DONE, BIND(of_int(id)));
}
