/* Texts that may have meant STOP, until and after somebody has read them. */
#include "store_parts.h"

static void read_review(struct row *row, void *out)
{
    struct review *review = out;
    review->id = row_int(row);
    review->number = (uint64_t)row_int(row);
    review->program = row_int(row);
    review->opened_at = row_int(row);
    review->due_at = row_int(row);
    review->seq = row_int(row);
    review->state = (enum review_state)row_small(row);
    review->closed_at = row_int(row);
    review->closed_by = row_text(row);
    review->note = row_text(row);
}

static const struct shape reviews = {sizeof(struct review), read_review};

void store_review_put(struct store *store, const struct review *review)
{
    sql_write(store, SQL_REVIEW_PUT,
              BIND(of_int(review->id), of_number(review->number), of_int(review->program),
                   of_int(review->opened_at), of_int(review->due_at), of_int(review->seq),
                   of_int(review->state), of_int(review->closed_at), of_text(review->closed_by),
                   of_text(review->note)));
}

enum store_result store_review_get(struct store *store, int64_t id, struct region *region,
                                   struct review *out)
{
    return sql_get(store, SQL_REVIEW_GET, BIND(of_int(id)), &reviews, region, out);
}

enum store_result store_review_open_of(struct store *store, uint64_t number, struct region *region,
                                       struct review *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_REVIEW_OPEN_OF, BIND(of_number(number), of_limit(limit)), &reviews,
                    region, out, limit, count);
}

enum store_result store_review_overdue(struct store *store, int64_t now_ms, struct region *region,
                                       struct review *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_REVIEW_OVERDUE, BIND(of_int(now_ms), of_limit(limit)), &reviews,
                    region, out, limit, count);
}

static enum statement list_of(const struct review_filter *filter)
{
    if (filter->is_due_first)
        return filter->number != 0 ? SQL_REVIEW_DUE_NUMBER : SQL_REVIEW_DUE;
    if (filter->number != 0)
        return SQL_REVIEW_LIST_NUMBER;
    return filter->state == 0             ? SQL_REVIEW_LIST
           : filter->state == REVIEW_OPEN ? SQL_REVIEW_LIST_OPEN
                                          : SQL_REVIEW_LIST_CLOSED;
}

enum store_result store_review_list(struct store *store, const struct review_filter *filter,
                                    struct region *region, struct review *out, size_t limit,
                                    size_t *count)
{
    int64_t first = filter->is_due_first ? 0 : INT64_MAX;
    return sql_list(store, list_of(filter),
                    BIND(of_number(filter->number), of_int(filter->program), of_int(filter->state),
                         of_int(filter->after == 0 ? first : filter->after), of_limit(limit)),
                    &reviews, region, out, limit, count);
}
