/* Campaigns, what became of them in numbers, and their recipients. */
#include "store_parts.h"

#include "base/must.h"

static void read_campaign(struct row *row, void *out)
{
    struct campaign *it = out;
    it->serial = row_int(row);
    it->id = row_int(row);
    it->tail = row_int(row);
    it->account = row_text(row);
    it->program = row_int(row);
    it->name = row_text(row);
    it->sender = row_text(row);
    it->text = row_text(row);
    it->encoding = row_small(row);
    it->rate_milli = row_int(row);
    it->start_at = row_int(row);
    it->ends_at = row_int(row);
    it->hours = row_text(row);
    it->start_local = row_int(row);
    it->is_dry_run = row_small(row) != 0;
    it->client_ref = row_text(row);
    it->created_at = row_int(row);
    it->step_count = row_small(row);
    it->restarts = row_small(row) != 0;
    it->state = (enum campaign_state)row_small(row);
    it->paused_from = (enum campaign_state)row_small(row);
    it->why = row_text(row);
    it->started_at = row_int(row);
    it->done_at = row_int(row);
    it->form = (enum campaign_form)row_small(row);
    it->header = row_text(row);
    it->octets = row_int(row);
    it->rows = row_int(row);
    it->recipients = row_int(row);
    it->doubles = row_int(row);
    it->bad = row_int(row);
    it->place = row_int(row);
    it->handed_in = row_int(row);
    it->accepted = row_int(row);
    it->parts = row_int(row);
    it->checked_at = row_int(row);
    it->is_withdrawing = row_small(row) != 0;
}

static const struct shape campaigns = {sizeof(struct campaign), read_campaign};

#define MOVING(it)                                                                                 \
    of_int((it)->state), of_int((it)->paused_from), of_text((it)->why), of_int((it)->started_at),  \
        of_int((it)->done_at), of_int((it)->form), of_text((it)->header), of_int((it)->octets),    \
        of_int((it)->rows), of_int((it)->recipients), of_int((it)->doubles), of_int((it)->bad),    \
        of_int((it)->place), of_int((it)->handed_in), of_int((it)->accepted), of_int((it)->parts), \
        of_int((it)->checked_at), of_int((it)->is_withdrawing)

void store_campaign_put(struct store *store, struct campaign *it)
{
    int64_t largest = 0;
    if (sql_get_int(store, SQL_CAMPAIGN_LARGEST, NULL, 0, &largest) == STORE_FAILED) {
        store_abandon(store);
        return;
    }
    it->serial = largest + 1;
    must(it->serial < INT32_MAX);
    sql_write(store, SQL_CAMPAIGN_PUT,
              BIND(of_int(it->serial), of_int(it->id), of_int(it->tail), of_text(it->account),
                   of_int(it->program), of_text(it->name), of_text(it->sender), of_text(it->text),
                   of_int(it->encoding), of_int(it->rate_milli), of_int(it->start_at),
                   of_int(it->ends_at), of_text(it->hours), of_int(it->start_local),
                   of_int(it->is_dry_run), of_text(it->client_ref), of_int(it->created_at),
                   of_int(it->step_count), of_int(it->restarts), MOVING(it)));
}

void store_campaign_save(struct store *store, const struct campaign *it)
{
    sql_write(store, SQL_CAMPAIGN_SAVE, BIND(of_int(it->serial), MOVING(it)));
}

enum store_result store_campaign_get(struct store *store, int64_t serial, struct region *region,
                                     struct campaign *out)
{
    return sql_get(store, SQL_CAMPAIGN_GET, BIND(of_int(serial)), &campaigns, region, out);
}

enum store_result store_campaign_find(struct store *store, int64_t id, struct region *region,
                                      struct campaign *out)
{
    return sql_get(store, SQL_CAMPAIGN_FIND, BIND(of_int(id)), &campaigns, region, out);
}

enum store_result store_campaigns_active(struct store *store, int64_t after, struct region *region,
                                         struct campaign *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_CAMPAIGN_ACTIVE, BIND(of_int(after), of_limit(limit)), &campaigns,
                    region, out, limit, count);
}

enum store_result store_campaign_list(struct store *store, const struct campaign_filter *filter,
                                      struct region *region, struct campaign *out, size_t limit,
                                      size_t *count)
{
    return sql_list(store, filter->account != NULL ? SQL_CAMPAIGN_LIST_ACCOUNT : SQL_CAMPAIGN_LIST,
                    BIND(of_int(filter->after == 0 ? INT64_MAX : filter->after),
                         of_text(filter->account), of_int(filter->program), of_int(filter->state),
                         of_limit(limit)),
                    &campaigns, region, out, limit, count);
}

/* ---- in numbers ---- */

static void read_count(struct row *row, void *out)
{
    struct campaign_count *it = out;
    it->kind = (enum campaign_counted)row_small(row);
    it->code = row_text(row);
    it->count = row_int(row);
}

void store_campaign_count_add(struct store *store, int64_t serial, enum campaign_counted kind,
                              const char *code, int64_t count)
{
    sql_write(store, SQL_COUNT_ADD,
              BIND(of_int(serial), of_int(kind), of_text(code), of_int(count)));
}

void store_campaign_counts_drop(struct store *store, int64_t serial, enum campaign_counted kind)
{
    sql_write(store, SQL_COUNTS_DROP, BIND(of_int(serial), of_int(kind)));
}

enum store_result store_campaign_counts(struct store *store, int64_t serial, struct region *region,
                                        struct campaign_count *out, size_t limit, size_t *count)
{
    static const struct shape counts = {sizeof(struct campaign_count), read_count};
    return sql_list(store, SQL_COUNTS_OF, BIND(of_int(serial), of_limit(limit)), &counts, region, out,
                    limit, count);
}

/* ---- recipients ---- */

static int64_t recipient_id(int64_t serial, int64_t row)
{
    must(row > 0 && row <= (int64_t)CAMPAIGN_ROWS_MOST);
    return serial << 32 | row;
}

static void read_recipient(struct row *row, void *out)
{
    struct recipient *it = out;
    it->row = row_int(row) & UINT32_MAX;
    it->number = (uint64_t)row_int(row);
    it->status = (enum recipient_status)row_small(row);
    it->fields = row_text(row);
    it->message = row_int(row);
    it->due_at = row_int(row);
    it->code = row_text(row);
    it->detail = row_text(row);
}

static const struct shape recipients = {sizeof(struct recipient), read_recipient};

void store_recipient_put(struct store *store, int64_t serial, const struct recipient *it)
{
    sql_write(store, SQL_RECIPIENT_PUT,
              BIND(of_int(recipient_id(serial, it->row)), of_number(it->number), of_int(it->status),
                   of_text(it->fields), of_text(it->code), of_text(it->detail)));
}

enum store_result store_recipient_has(struct store *store, int64_t serial, uint64_t number)
{
    int64_t one;
    return sql_get_int(store, SQL_RECIPIENT_HAS, BIND(of_int(serial), of_number(number)), &one);
}

void store_recipient_settle(struct store *store, int64_t serial, const struct recipient *it)
{
    sql_write(store, SQL_RECIPIENT_SETTLE,
              BIND(of_int(recipient_id(serial, it->row)), of_int(it->status), of_int(it->message),
                   of_int(it->due_at), of_text(it->code), of_text(it->detail)));
}

enum store_result store_recipients_after(struct store *store, int64_t serial, int64_t row,
                                         struct region *region, struct recipient *out, size_t limit,
                                         size_t *count)
{
    return sql_list(store, SQL_RECIPIENTS_AFTER, BIND(of_int(serial), of_int(row), of_limit(limit)),
                    &recipients, region, out, limit, count);
}

static void read_shown(struct row *row, void *out)
{
    struct recipient_shown *it = out;
    read_recipient(row, &it->recipient);
    it->tail = row_int(row);
    it->state = (enum message_state)row_small(row);
    it->reason = row_text(row);
    it->due_at = row_int(row);
}

enum store_result store_recipients_shown(struct store *store, int64_t serial, int64_t row,
                                         struct region *region, struct recipient_shown *out, size_t limit,
                                         size_t *count)
{
    static const struct shape shown = {sizeof(struct recipient_shown), read_shown};
    return sql_list(store, SQL_RECIPIENTS_SHOWN, BIND(of_int(serial), of_int(row), of_limit(limit)), &shown,
                    region, out, limit, count);
}

enum store_result store_recipients_due(struct store *store, int64_t serial, int64_t now_ms,
                                       struct region *region, struct recipient *out, size_t limit,
                                       size_t *count)
{
    return sql_list(store, SQL_RECIPIENTS_DUE, BIND(of_int(serial), of_int(now_ms), of_limit(limit)),
                    &recipients, region, out, limit, count);
}

int64_t store_recipient_next_due(struct store *store, int64_t serial)
{
    int64_t due_at = 0;
    return sql_get_int(store, SQL_RECIPIENT_NEXT_DUE, BIND(of_int(serial)), &due_at) == STORE_OK ? due_at : 0;
}

/* ---- its messages ---- */

int64_t store_campaign_queued(struct store *store, int64_t serial, int64_t due_by_ms, size_t limit)
{
    int64_t count = 0;
    return sql_get_int(store, SQL_CAMPAIGN_QUEUED,
                       BIND(of_int(serial), of_int(due_by_ms), of_limit(limit)), &count) == STORE_OK
               ? count
               : -1;
}

#define ASIDE_MS (INT64_C(3660) * 86400000) /* as good as for ever: it is resumed, or cancelled */

void store_campaign_aside(struct store *store, int64_t message, int64_t now_ms)
{
    int64_t changed = sql_write(store, SQL_CAMPAIGN_ASIDE,
                                BIND(of_int(message), of_int(now_ms + ASIDE_MS), of_int(2 * (now_ms + ASIDE_MS))));
    must(changed < 0 || changed == 1);
}

int64_t store_campaign_release(struct store *store, int64_t serial, int64_t due_at, int64_t expires_at)
{
    int64_t changed = sql_write(store, SQL_CAMPAIGN_RELEASE,
                                BIND(of_int(serial), of_int(due_at), of_int(expires_at), of_int(due_at + ASIDE_MS / 2)));
    return changed > 0 ? changed : 0;
}

enum store_result store_campaign_open(struct store *store, int64_t serial, struct region *region,
                                      struct message *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_CAMPAIGN_OPEN, BIND(of_int(serial), of_limit(limit)), &message_shape,
                    region, out, limit, count);
}
