/* What is to be posted, and what was posted lately. Of each line (a message, a person) only the oldest is ready; the next
 * becomes so when that is done: so their order is kept without anybody looking through what waits. */
#include "store_parts.h"

/* ---- who is told of a message ---- */

static void read_callback(struct row *row, void *out)
{
    struct callback *callback = out;
    callback->message = row_int(row);
    callback->form = (enum callback_form)row_small(row);
    callback->mask = (unsigned)row_small(row);
    callback->method = row_text(row);
    callback->url = row_text(row);
    callback->extra = row_text(row);
}

void store_callback_put(struct store *store, const struct callback *callback)
{
    sql_write(store, SQL_CALLBACK_PUT,
              BIND(of_int(callback->message), of_int(callback->form), of_int(callback->mask),
                   of_octets(octets_text(callback->method)), of_text(callback->url),
                   of_octets(octets_text(callback->extra))));
}

enum store_result store_callback_get(struct store *store, int64_t message, struct region *region,
                                     struct callback *out)
{
    static const struct shape shape = {sizeof(struct callback), read_callback};
    return sql_get(store, SQL_CALLBACK_GET, BIND(of_int(message)), &shape, region, out);
}

void store_callback_drop(struct store *store, int64_t message)
{
    sql_write(store, SQL_CALLBACK_DROP, BIND(of_int(message)));
}

/* ---- what is posted ---- */

static void read_webhook(struct row *row, void *out)
{
    struct webhook *webhook = out;
    webhook->id = row_int(row);
    webhook->tail = row_int(row);
    webhook->account = row_text(row);
    webhook->origin = row_text(row);
    webhook->line = row_int(row);
    webhook->number = (uint64_t)row_int(row);
    webhook->type = row_text(row);
    webhook->form = (enum callback_form)row_small(row);
    webhook->state = (enum webhook_state)row_small(row);
    webhook->at = row_int(row);
    webhook->due_at = row_int(row);
    webhook->until = row_int(row);
    webhook->done_at = row_int(row);
    webhook->tries = row_small(row);
    webhook->status = row_small(row);
    webhook->why = row_text(row);
    webhook->method = row_text(row);
    webhook->url = row_text(row);
    webhook->headers = row_text(row);
    webhook->body = row_text(row);
}

static const struct shape webhooks = {sizeof(struct webhook), read_webhook};

void store_webhook_put(struct store *store, const struct webhook *it)
{
    sql_write(store, SQL_WEBHOOK_PUT,
              BIND(of_int(it->id), of_int(it->tail), of_text(it->account), of_text(it->origin),
                   of_int(it->line), of_number(it->number), of_text(it->type), of_int(it->form),
                   of_int(it->at), of_int(it->due_at), of_int(it->until), of_text(it->method), of_text(it->url),
                   of_text(it->headers), of_text(it->body)));
}

enum store_result store_webhook_get(struct store *store, int64_t id, struct region *region,
                                    struct webhook *out)
{
    return sql_get(store, SQL_WEBHOOK_GET, BIND(of_int(id)), &webhooks, region, out);
}

enum store_result store_webhook_list(struct store *store, const struct webhook_filter *filter,
                                     struct region *region, struct webhook *out, size_t limit, size_t *count)
{
    enum statement which = filter->state == 0                   ? SQL_WEBHOOK_LIST
                           : filter->state == WEBHOOK_DELIVERED ? SQL_WEBHOOK_LIST_DELIVERED
                           : filter->state == WEBHOOK_DEAD      ? SQL_WEBHOOK_LIST_DEAD
                                                                : SQL_WEBHOOK_LIST_WAITING;
    return sql_list(store, which,
                    BIND(of_text(filter->account), of_int(filter->below == 0 ? INT64_MAX : filter->below),
                         of_text(filter->type), of_limit(limit)),
                    &webhooks, region, out, limit, count);
}

enum store_result store_webhook_dead_list(struct store *store, const char *account, const char *type,
                                          struct region *region, struct webhook *out, size_t limit,
                                          size_t *count)
{
    return sql_list(store, SQL_WEBHOOK_DEAD_LIST, BIND(of_text(account), of_text(type), of_limit(limit)), &webhooks,
                    region, out, limit, count);
}

enum store_result store_webhook_ready(struct store *store, const char *account, const char *origin,
                                      int64_t now_ms, struct region *region, struct webhook *out,
                                      size_t limit, size_t *count)
{
    return sql_list(store, SQL_WEBHOOK_READY,
                    BIND(of_text(account), of_text(origin), of_int(now_ms), of_limit(limit)), &webhooks,
                    region, out, limit, count);
}

enum store_result store_webhook_next_due(struct store *store, const char *account, const char *origin, int64_t now_ms,
                                         int64_t *due_at)
{
    return sql_get_int(store, SQL_WEBHOOK_NEXT_DUE, BIND(of_text(account), of_text(origin), of_int(now_ms)), due_at);
}

static void read_receiver(struct row *row, void *out)
{
    struct webhook_receiver *receiver = out;
    receiver->account = row_text(row);
    receiver->origin = row_text(row);
}

enum store_result store_webhook_receiver(struct store *store, const struct webhook_receiver *after,
                                         struct region *region, struct webhook_receiver *out)
{
    static const struct shape shape = {sizeof(struct webhook_receiver), read_receiver};
    return sql_get(store, SQL_WEBHOOK_RECEIVER, BIND(of_text(after->account), of_text(after->origin)),
                   &shape, region, out);
}

void store_webhook_again(struct store *store, int64_t id, int64_t due_at, int status, const char *why)
{
    sql_write(store, SQL_WEBHOOK_AGAIN, BIND(of_int(id), of_int(due_at), of_int(status), of_text(why)));
}

void store_webhook_end(struct store *store, const struct webhook *webhook, enum webhook_state state, int tried,
                       int status, const char *why, int64_t now_ms)
{
    sql_write(store, SQL_WEBHOOK_END,
              BIND(of_int(webhook->id), of_int(state), of_int(now_ms), of_int(tried), of_int(status),
                   of_text(why)));
    sql_write(store, SQL_WEBHOOK_ADVANCE,
              BIND(of_int(webhook->line), of_text(webhook->account), of_int(now_ms)));
}

enum store_result store_webhook_overdue(struct store *store, const char *account, const char *origin,
                                        int64_t now_ms, struct region *region, struct webhook *out,
                                        size_t limit, size_t *count)
{
    return sql_list(store, SQL_WEBHOOK_OVERDUE,
                    BIND(of_text(account), of_text(origin), of_int(now_ms), of_limit(limit)), &webhooks,
                    region, out, limit, count);
}

void store_webhook_replay(struct store *store, const struct webhook *webhook, int64_t due_at, int64_t until)
{
    if (webhook->state < WEBHOOK_DELIVERED)
        sql_write(store, SQL_WEBHOOK_NOW, BIND(of_int(webhook->id), of_int(due_at)));
    else
        sql_write(store, SQL_WEBHOOK_REPLAY, BIND(of_int(webhook->id), of_int(due_at), of_int(until)));
}

void store_webhook_clock_set(struct store *store, int64_t by_ms)
{
    sql_write(store, SQL_WEBHOOK_CLOCK_SET, BIND(of_int(by_ms)));
}

int64_t store_webhook_forget(struct store *store, enum webhook_state state, int64_t before, size_t limit)
{
    return sql_write(store, SQL_WEBHOOK_FORGET, BIND(of_int(state), of_int(before), of_limit(limit)));
}

void store_webhook_erase(struct store *store, uint64_t number)
{
    sql_write(store, SQL_WEBHOOK_ERASE, BIND(of_number(number)));
}

static int64_t count_of(struct store *store, enum statement which, const char *account)
{
    int64_t count = -1;
    sql_get_int(store, which, BIND(of_text(account), of_limit(STORE_WEBHOOKS_MOST)), &count);
    return count;
}

int64_t store_webhook_waiting(struct store *store, const char *account, int64_t *oldest_at)
{
    *oldest_at = 0;
    sql_get_int(store, SQL_WEBHOOK_OLDEST, BIND(of_text(account)), oldest_at);
    return count_of(store, SQL_WEBHOOK_WAITING, account);
}

int64_t store_webhook_dead(struct store *store, const char *account)
{
    return count_of(store, SQL_WEBHOOK_DEAD, account);
}
