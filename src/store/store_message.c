/* Messages: the row is the truth of what became of one. */
#include "store_parts.h"

#include <stdio.h>

#include "base/must.h"

/* How a text is written stands in one column: its alphabet in the lowest octet, then its tables, style and first try. */
static int64_t written_of(const struct message *message)
{
    return (int64_t)message->alphabet | (int64_t)message->single << 8 |
           (int64_t)message->locking << 16 | (int64_t)(message->style & 15) << 24 |
           (int64_t)(message->first_try & 15) << 28;
}

static void read_written(int64_t written, struct message *message)
{
    message->alphabet = (int)(written & 0xFF);
    message->single = (uint8_t)(written >> 8);
    message->locking = (uint8_t)(written >> 16);
    message->style = (int)(written >> 24 & 15);
    message->first_try = (unsigned)(written >> 28 & 15);
}

static void read_message(struct row *row, void *out)
{
    struct message *message = out;
    message->id = row_int(row);
    message->tail = row_int(row);
    message->program = row_int(row);
    message->account = row_text(row);
    message->sender = row_text(row);
    message->number = (uint64_t)row_int(row);
    message->purpose = (enum message_purpose)row_small(row);
    message->state = (enum message_state)row_small(row);
    message->reason = row_text(row);
    message->text = row_text(row);
    read_written(row_int(row), message);
    message->parts = row_small(row);
    message->reference = row_int(row);
    message->created_at = row_int(row);
    message->due_at = row_int(row);
    message->expires_at = row_int(row);
    message->sent_at = row_int(row);
    message->done_at = row_int(row);
    message->consent_seq = row_int(row);
    message->answers = row_int(row);
    message->carrier = row_text(row);
    message->tries = row_small(row);
    message->client_ref = row_text(row);
    message->wants_receipt = (unsigned)row_small(row);
    message->salt = row_int(row);
    message->seal = row_int(row);
    message->lane = row_int(row);
    message->cargo = row_text(row);
    message->campaign = row_int(row);
    message->carrier_id = row_text(row);
    message->receipt = row_small(row);
    message->receipt_err = row_text(row);
    message->content = row_octets(row);
}

const struct shape message_shape = {sizeof(struct message), read_message};

/* ---- how many there are of each state: counted as they move, since to count rows is to read them
 * ---- */

static void tally_name(enum message_state state, char out[48])
{
    snprintf(out, 48, "messages.%s", message_state_word(state));
}

static void tally_move(struct store *store, enum message_state from, enum message_state to,
                       int64_t many)
{
    _Static_assert(MESSAGE_BLOCKED < TALLY_SIZE, "a state needs room in the tally");
    if (from != 0)
        store->tally[from] -= many;
    store->tally[to] += many;
}

void message_tally_keep(struct store *store)
{
    for (int state = 1; state < TALLY_SIZE; state++) {
        char name[48];
        if (store->tally[state] == 0)
            continue;
        tally_name((enum message_state)state, name);
        sql_write(store, SQL_META_ADD, BIND(of_text(name), of_int(store->tally[state])));
    }
}

int64_t store_message_count(struct store *store, enum message_state state)
{
    must(state > 0 && state < TALLY_SIZE);
    char name[48];
    int64_t kept = 0;
    tally_name(state, name);
    if (sql_get_int(store, SQL_META_GET, BIND(of_text(name)), &kept) == STORE_FAILED)
        return -1;
    return kept + store->tally[state];
}

/* ---- writing ---- */

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

void store_message_put(struct store *store, const struct message *message)
{
    must(message->state > 0 && message->state < TALLY_SIZE);
    int64_t changed = sql_write(
        store, SQL_MESSAGE_PUT,
        BIND(of_int(message->id), of_int(message->tail), of_int(message->program),
             of_text(or_empty(message->account)), of_text(or_empty(message->sender)),
             of_number(message->number), of_int(message->purpose), of_int(message->state),
             of_text(or_empty(message->reason)), of_text(or_empty(message->text)),
             of_int(written_of(message)), of_int(message->parts), of_int(message->reference),
             of_int(message->created_at), of_int(message->due_at), of_int(message->expires_at),
             of_int(message->sent_at), of_int(message->done_at), of_int(message->consent_seq),
             of_int(message->answers), of_text(or_empty(message->carrier)), of_int(message->tries),
             of_text(or_empty(message->client_ref)), of_int(message->wants_receipt),
             of_int(message->salt), of_int(message->seal), of_int(message->lane),
             of_text(or_empty(message->cargo)), of_int(message->campaign),
             of_int(message_is_reply(message->purpose))));
    if (changed != 1)
        return;
    store->unlisted++;
    tally_move(store, 0, message->state, 1);
}

/* A message that is not where the caller says: the caller is wrong, and so is what it would do
 * next. */
static void moved(struct store *store, int64_t changed, enum message_state from,
                  enum message_state to)
{
    if (changed < 0)
        return;
    must(changed == 1);
    tally_move(store, from, to, 1);
}

/* A time to set; SQL's NULL leaves the old one. */
static struct value time_if(bool is_set, int64_t now_ms)
{
    return is_set ? of_int(now_ms) : of_text(NULL);
}

/* The carrier took the only part. */
static int64_t move_taken(struct store *store, enum message_state from, enum message_state to,
                          const char *reason, const struct message_part *part)
{
    must(to == MESSAGE_SENT);
    return sql_write(store, SQL_MESSAGE_TAKEN,
                     BIND(of_int(part->message), of_int(from), of_text(or_empty(reason)),
                          of_int(part->at), of_text(part->carrier), of_text(part->carrier_id)));
}

/* A receipt told what became of the only part. */
static int64_t move_told(struct store *store, enum message_state from, enum message_state to,
                         const char *reason, const struct message_part *part)
{
    must(message_is_final(to));
    return sql_write(store, SQL_MESSAGE_TOLD,
                     BIND(of_int(part->message), of_int(from), of_int(to),
                          of_text(or_empty(reason)), of_int(part->at), of_int(part->state),
                          of_text(part->err)));
}

void store_message_move(struct store *store, int64_t id, enum message_state from,
                        enum message_state to, const char *reason, const struct message_part *news,
                        int64_t now_ms)
{
    int64_t changed;
    must(message_may_move(from, to));
    if (news != NULL && news->of == 1) {
        changed = news->state == 0 ? move_taken(store, from, to, reason, news)
                                   : move_told(store, from, to, reason, news);
    } else {
        if (news != NULL)
            store_part_put(store, news);
        changed = sql_write(store, SQL_MESSAGE_MOVE,
                            BIND(of_int(id), of_int(from), of_int(to), of_text(or_empty(reason)),
                                 time_if(to == MESSAGE_SENT, now_ms),
                                 time_if(message_is_final(to), now_ms)));
    }
    moved(store, changed, from, to);
}

void store_message_sending(struct store *store, int64_t id, const char *carrier,
                           int64_t consent_seq, int64_t seal)
{
    int64_t changed =
        sql_write(store, SQL_MESSAGE_SENDING,
                  BIND(of_int(id), of_text(carrier), of_int(consent_seq), of_int(seal)));
    moved(store, changed, MESSAGE_QUEUED, MESSAGE_SENDING);
}

void store_message_written(struct store *store, const struct message *message)
{
    sql_write(store, SQL_MESSAGE_WRITTEN,
              BIND(of_int(message->id), of_int(written_of(message)), of_int(message->parts)));
    sql_write(store, SQL_PARTS_DELETE, BIND(of_int(message->id)));
}

void store_message_wait(struct store *store, int64_t id, int64_t due_at, const char *reason)
{
    int64_t changed = sql_write(store, SQL_MESSAGE_WAIT,
                                BIND(of_int(id), of_int(due_at), of_text(or_empty(reason))));
    must(changed < 0 || changed == 1);
}

void store_message_replace(struct store *store, const struct message *message,
                           enum message_state from)
{
    must(from == message->state || message_may_move(from, message->state));
    int64_t changed = sql_write(
        store, SQL_MESSAGE_REPLACE,
        BIND(of_int(message->id), of_int(from), of_int(message->state),
             of_text(or_empty(message->reason)), of_text(message->text), of_int(written_of(message)),
             of_int(message->parts), of_int(message->due_at), of_int(message->expires_at), of_int(message->consent_seq),
             of_int(message->wants_receipt)));
    moved(store, changed, from, message->state);
}

void store_message_again(struct store *store, int64_t id, enum message_state from, int64_t due_at,
                         const char *reason, int64_t now_ms)
{
    (void)now_ms;
    must(from == MESSAGE_SENDING || from == MESSAGE_UNKNOWN);
    int64_t changed =
        sql_write(store, SQL_MESSAGE_AGAIN,
                  BIND(of_int(id), of_int(from), of_int(due_at), of_text(or_empty(reason))));
    moved(store, changed, from, MESSAGE_QUEUED);
}

enum store_result store_message_refusals(struct store *store, int64_t id, unsigned *refusals)
{
    int64_t count = 0;
    enum store_result result = sql_get_int(store, SQL_MESSAGE_REFUSALS, BIND(of_int(id)), &count);
    *refusals = (unsigned)count;
    return result;
}

void store_message_refused(struct store *store, int64_t id)
{
    sql_write(store, SQL_MESSAGE_REFUSED, BIND(of_int(id)));
}

enum store_result store_message_scheduled(struct store *store, int64_t now_ms, int64_t due_at, int64_t id,
                                          struct region *region, struct message *out, size_t limit,
                                          size_t *count)
{
    enum store_result result =
        sql_list(store, SQL_SCHEDULED_BESIDE, BIND(of_int(due_at), of_int(id), of_limit(limit)),
                 &message_shape, region, out, limit, count);
    if (result == STORE_OK && *count < limit)
        result = sql_list_on(store, SQL_SCHEDULED_AFTER,
                             BIND(of_int(due_at), of_int(now_ms), of_limit(limit - *count)),
                             &message_shape, region, out, limit, count);
    return result;
}

int64_t store_message_wake(struct store *store, int64_t now_ms)
{
    int64_t one;
    if (sql_get_int(store, SQL_MESSAGE_TO_WAKE, BIND(of_int(now_ms)), &one) != STORE_OK)
        return 0; /* most turns: no transaction for nothing */
    int64_t changed = sql_write(store, SQL_MESSAGE_WAKE, BIND(of_int(now_ms)));
    if (changed > 0)
        tally_move(store, MESSAGE_SCHEDULED, MESSAGE_QUEUED, changed);
    return changed > 0 ? changed : 0;
}

void store_message_clock_set(struct store *store, int64_t by_ms)
{
    sql_write(store, SQL_MESSAGE_CLOCK_SET, BIND(of_int(by_ms)));
    sql_write(store, SQL_AWAITED_CLOCK_SET, BIND(of_int(by_ms)));
}

int64_t store_message_release(struct store *store, uint64_t number, int64_t program,
                              enum message_state to, const char *reason, int64_t now_ms)
{
    must(message_may_move(MESSAGE_HELD, to));
    int64_t changed = sql_write(store, SQL_MESSAGE_RELEASE,
                                BIND(of_number(number), of_int(program), of_int(to),
                                     of_text(or_empty(reason)), time_if(message_is_final(to), now_ms)));
    if (changed > 0)
        tally_move(store, MESSAGE_HELD, to, changed);
    return changed > 0 ? changed : 0;
}

/* ---- reading ---- */

enum store_result store_message_get(struct store *store, int64_t id, struct region *region,
                                    struct message *out)
{
    return sql_get(store, SQL_MESSAGE_GET, BIND(of_int(id)), &message_shape, region, out);
}

enum store_result store_message_open_of(struct store *store, uint64_t number, struct region *region,
                                        struct message *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_MESSAGE_OPEN_OF, BIND(of_number(number), of_limit(limit)), &message_shape,
                    region, out, limit, count);
}

enum store_result store_message_kept(struct store *store, const struct message *message, const char *reason,
                                     struct region *region, struct message *out)
{
    return sql_get(store, SQL_MESSAGE_KEPT,
                   BIND(of_number(message->number), of_int(message->program), of_int(message->id),
                        of_text(reason)),
                   &message_shape, region, out);
}

enum store_result store_message_refused_list(struct store *store, int64_t after, struct region *region,
                                             struct message *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_MESSAGE_REFUSED_LIST, BIND(of_int(after), of_limit(limit)),
                    &message_shape, region, out, limit, count);
}

void store_message_await(struct store *store, int64_t id, int64_t receipt_by_ms)
{
    sql_write(store, SQL_MESSAGE_AWAIT, BIND(of_int(id), of_int(receipt_by_ms)));
}

enum store_result store_message_awaited(struct store *store, int64_t now_ms, struct region *region,
                                        struct message *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_MESSAGE_AWAITED, BIND(of_int(now_ms), of_limit(limit)), &message_shape,
                    region, out, limit, count);
}

void store_message_missed(struct store *store, int64_t id, const char *reason)
{
    sql_write(store, SQL_MESSAGE_MISSED, BIND(of_int(id), of_text(reason)));
}

enum store_result store_message_overdue(struct store *store, int64_t now_ms, struct region *region,
                                        struct message *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_MESSAGE_OVERDUE, BIND(of_int(now_ms), of_limit(limit)), &message_shape,
                    region, out, limit, count);
}

enum store_result store_message_open(struct store *store, bool is_reply, struct region *region,
                                     struct message *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_MESSAGE_OPEN, BIND(of_int(is_reply), of_limit(limit)), &message_shape, region, out,
                    limit, count);
}

enum store_result store_message_stranded(struct store *store, struct region *region,
                                         struct message *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_MESSAGE_STRANDED, BIND(of_limit(limit)), &message_shape, region, out,
                    limit, count);
}

static enum statement search_way(const struct message_filter *filter)
{
    if (filter->number != 0)
        return SQL_MESSAGE_SEARCH_NUMBER;
    if (filter->client_ref != NULL && filter->client_ref[0] != '\0')
        return SQL_MESSAGE_SEARCH_REF;
    if (filter->campaign != 0)
        return SQL_MESSAGE_SEARCH_CAMPAIGN;
    return filter->account != NULL ? SQL_MESSAGE_SEARCH_ACCOUNT : SQL_MESSAGE_SEARCH;
}

enum store_result store_message_search(struct store *store, const struct message_filter *filter,
                                       struct region *region, struct message *out, size_t limit,
                                       size_t *count)
{
    return sql_list(store, search_way(filter),
                    BIND(of_number(filter->number), of_text(filter->account),
                         of_int(filter->program),
                         of_int(filter->after == 0 ? INT64_MAX : filter->after),
                         of_int(filter->state), of_text(filter->client_ref), of_limit(limit),
                         of_int(filter->now_ms), of_int(filter->campaign)),
                    &message_shape, region, out, limit, count);
}

/* ---- what was sent lately ---- */

static void read_send_count(struct row *row, void *out)
{
    struct send_count *it = out;
    it->program = row_int(row);
    it->count = row_int(row);
}

void store_send_put(struct store *store, const struct message *message, int64_t now_ms,
                    int64_t forget_before_ms)
{
    sql_write(store, SQL_SENDS_FORGET, BIND(of_number(message->number), of_int(forget_before_ms)));
    sql_write(store, SQL_SEND_PUT,
              BIND(of_number(message->number), of_int(message->id), of_int(message->program),
                   of_int(now_ms)));
}

enum store_result store_sends_since(struct store *store, uint64_t number, int64_t after_ms, int64_t except,
                                    struct region *region, struct send_count **out, size_t *count)
{
    static const struct shape shape = {sizeof(struct send_count), read_send_count};
    for (size_t limit = 8;; limit *= 8) {
        *out = region_get(region, limit * sizeof **out);
        enum store_result result = sql_list(
            store, SQL_SENDS_SINCE, BIND(of_number(number), of_int(after_ms), of_int(except), of_limit(limit)),
            &shape, region, *out, limit, count);
        if (result == STORE_FAILED || *count < limit)
            return result;
    }
}
