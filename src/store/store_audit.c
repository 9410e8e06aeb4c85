/* Who looked at which person, and who changed what. */
#include "store_parts.h"

static void read_audit(struct row *row, void *out)
{
    struct audit_row *audit = out;
    audit->id = row_int(row);
    audit->at = row_int(row);
    audit->account = row_text(row);
    audit->is_session = row_small(row) != 0;
    audit->address = row_text(row);
    audit->action = row_text(row);
    audit->subject = row_text(row);
    audit->number = (uint64_t)row_int(row);
    audit->status = row_small(row);
}

static const struct shape audits = {sizeof(struct audit_row), read_audit};

void store_audit_put(struct store *store, const struct audit_row *row)
{
    sql_write(store, SQL_AUDIT_PUT,
              BIND(of_int(row->id), of_int(row->at), of_text(row->account), of_int(row->is_session), of_text(row->address),
                   of_text(row->action), of_text(row->subject), of_number(row->number), of_int(row->status)));
}

bool store_audit_has(struct store *store, const struct audit_row *row, int64_t from)
{
    int64_t one;
    return sql_get_int(store, row->number == 0 ? SQL_AUDIT_FIND_LISTING : SQL_AUDIT_FIND,
                       BIND(of_number(row->number), of_int(from), of_int(row->at), of_text(row->account), of_int(row->is_session),
                            of_text(row->address), of_text(row->action), of_text(row->subject), of_int(row->status)),
                       &one) == STORE_OK;
}

enum store_result store_audit_list(struct store *store, const struct audit_filter *filter, struct region *region,
                                   struct audit_row *out, size_t limit, size_t *count)
{
    enum statement which = filter->number != 0        ? SQL_AUDIT_LIST_NUMBER
                           : filter->account != NULL ? SQL_AUDIT_LIST_ACCOUNT
                                                      : SQL_AUDIT_LIST;
    int64_t below = filter->below == 0 ? INT64_MAX : filter->below;
    return sql_list(store, which,
                    BIND(of_number(filter->number), of_text(filter->account), of_int(filter->from), of_int(below), of_limit(limit)),
                    &audits, region, out, limit, count);
}

void store_audit_erase(struct store *store, uint64_t number)
{
    sql_write(store, SQL_AUDIT_ERASE, BIND(of_number(number)));
}

int64_t store_audit_forget(struct store *store, int64_t below, size_t limit)
{
    return sql_write(store, SQL_AUDIT_FORGET, BIND(of_int(below), of_limit(limit)));
}

bool store_audit_is_old(struct store *store, int64_t below)
{
    int64_t one;
    return sql_get_int(store, SQL_AUDIT_OLD, BIND(of_int(below)), &one) == STORE_OK;
}
