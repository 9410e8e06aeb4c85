/* Names: programs and which are paused, the accounts beside those of the config, and what accounts were
 * answered. */
#include "store_parts.h"

#include <stdio.h>

/* A reader finds; only the one that writes can make. */
int64_t store_program_id(struct store *store, const char *name)
{
    int64_t id = 0;
    enum store_result found = sql_get_int(store, SQL_PROGRAM_FIND, BIND(of_text(name)), &id);
    if (found == STORE_OK)
        return id;
    if (found == STORE_FAILED)
        return 0;
    if (store->lock < 0) {
        snprintf(store->fault, sizeof store->fault, "the database knows no program of that name");
        return 0;
    }
    if (sql_write(store, SQL_PROGRAM_PUT, BIND(of_text(name))) != 1)
        return 0;
    id = sqlite3_last_insert_rowid(store->db);
    if (id < PROGRAM_LIMIT)
        return id;
    store_abandon(store);
    snprintf(store->fault, sizeof store->fault, "the database has had %d programs, and takes no more",
             PROGRAM_LIMIT - 1);
    return 0;
}

static void read_name(struct row *row, void *out)
{
    *(const char **)out = row_text(row);
}

const char *store_program_name(struct store *store, int64_t id, struct region *region)
{
    static const struct shape shape = {sizeof(const char *), read_name};
    const char *name = NULL;
    return sql_get(store, SQL_PROGRAM_NAME, BIND(of_int(id)), &shape, region, &name) == STORE_OK ? name
                                                                                                : NULL;
}

/* ---- accounts ---- */

static void read_account(struct row *row, void *out)
{
    struct account_row *account = out;
    account->name = row_text(row);
    account->roles = row_text(row);
    account->programs = row_text(row);
    account->created_at = row_int(row);
    account->revoked_at = row_int(row);
    account->throughput = row_int(row);
    account->quota = row_int(row);
    account->quota_timezone = row_text(row);
}

static const struct shape accounts = {sizeof(struct account_row), read_account};

void store_account_put(struct store *store, const struct account_row *account)
{
    sql_write(store, SQL_ACCOUNT_PUT,
              BIND(of_text(account->name), of_octets(octets_text(account->roles)),
                   of_octets(octets_text(account->programs)), of_int(account->created_at),
                   of_int(account->revoked_at), of_int(account->throughput), of_int(account->quota),
                   of_text(account->quota_timezone)));
}

void store_account_revoke(struct store *store, const char *name, int64_t now_ms)
{
    sql_write(store, SQL_ACCOUNT_REVOKE, BIND(of_text(name), of_int(now_ms)));
}

enum store_result store_account_list(struct store *store, struct region *region,
                                     struct account_row *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_ACCOUNT_LIST, BIND(of_limit(limit)), &accounts, region, out, limit,
                    count);
}

enum store_result store_account_day(struct store *store, const char *account, int64_t day, int64_t *parts)
{
    *parts = 0;
    enum store_result read =
        sql_get_int(store, SQL_ACCOUNT_DAY_GET, BIND(of_text(account), of_int(day)), parts);
    return read == STORE_NONE ? STORE_OK : read;
}

void store_account_day_put(struct store *store, const char *account, int64_t day, int64_t parts)
{
    sql_write(store, SQL_ACCOUNT_DAY_PUT, BIND(of_text(account), of_int(day), of_int(parts)));
}

void store_account_days_forget(struct store *store, const char *account, int64_t before)
{
    sql_write(store, SQL_ACCOUNT_DAYS_FORGET, BIND(of_text(account), of_int(before)));
}

static void read_account_key(struct row *row, void *out)
{
    struct account_key_row *key = out;
    key->account = row_text(row);
    row_digest(row, key->hash);
    key->created_at = row_int(row);
    key->ends_at = row_int(row);
}

static const struct shape account_keys = {sizeof(struct account_key_row), read_account_key};

void store_account_key_put(struct store *store, const struct account_key_row *key)
{
    sql_write(store, SQL_ACCOUNT_KEY_PUT,
              BIND(of_text(key->account), of_blob(key->hash, sizeof key->hash),
                   of_int(key->created_at), of_int(key->ends_at)));
}

void store_account_key_drop(struct store *store, const char *account, const uint8_t hash[32])
{
    sql_write(store, SQL_ACCOUNT_KEY_DROP, BIND(of_text(account), of_blob(hash, 32)));
}

enum store_result store_account_key_list(struct store *store, struct region *region,
                                         struct account_key_row *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_ACCOUNT_KEY_LIST, BIND(of_limit(limit)), &account_keys, region, out,
                    limit, count);
}

void store_key_use_put(struct store *store, const char *account, const char *key, int64_t at)
{
    sql_write(store, SQL_KEY_USE_PUT, BIND(of_text(account), of_text(key), of_int(at)));
}

void store_key_use_drop(struct store *store, const char *account, const char *key)
{
    sql_write(store, SQL_KEY_USE_DROP, BIND(of_text(account), of_text(key)));
}

enum store_result store_key_use(struct store *store, const char *account, const char *key, int64_t *at)
{
    *at = 0;
    enum store_result read =
        sql_get_int(store, SQL_KEY_USE_GET, BIND(of_text(account), of_text(key)), at);
    return read == STORE_NONE ? STORE_OK : read;
}

/* ---- passwords ---- */

/* A salt of another size opens nothing. */
static void read_password(struct row *row, void *out)
{
    struct password_row *password = out;
    password->account = row_text(row);
    struct octets salt = row_octets(row);
    if (salt.length == sizeof password->salt)
        memcpy(password->salt, salt.at, salt.length);
    row_digest(row, password->hash);
    password->log_n = row_small(row);
    password->r = row_small(row);
    password->p = row_small(row);
    password->set_at = row_int(row);
}

static const struct shape passwords = {sizeof(struct password_row), read_password};

void store_password_put(struct store *store, const struct password_row *row)
{
    sql_write(store, SQL_PASSWORD_PUT,
              BIND(of_text(row->account), of_blob(row->salt, sizeof row->salt), of_blob(row->hash, sizeof row->hash),
                   of_int(row->log_n), of_int(row->r), of_int(row->p), of_int(row->set_at)));
}

void store_password_drop(struct store *store, const char *account)
{
    sql_write(store, SQL_PASSWORD_DROP, BIND(of_text(account)));
}

enum store_result store_password_list(struct store *store, struct region *region, struct password_row *out, size_t limit,
                                      size_t *count)
{
    return sql_list(store, SQL_PASSWORD_LIST, BIND(of_limit(limit)), &passwords, region, out, limit, count);
}

/* ---- pauses ---- */

static void read_pause(struct row *row, void *out)
{
    struct pause *pause = out;
    pause->program = row_int(row);
    pause->at = row_int(row);
}

static const struct shape pauses = {sizeof(struct pause), read_pause};

void store_pause_put(struct store *store, const struct pause *pause)
{
    sql_write(store, SQL_PAUSE_PUT, BIND(of_int(pause->program), of_int(pause->at)));
}

void store_pause_drop(struct store *store, int64_t program)
{
    sql_write(store, SQL_PAUSE_DROP, BIND(of_int(program)));
}

enum store_result store_pause_list(struct store *store, struct pause *out, size_t limit,
                                   size_t *count)
{
    return sql_list(store, SQL_PAUSE_LIST, BIND(of_limit(limit)), &pauses, NULL, out, limit, count);
}

/* ---- answers ---- */

static void read_answer(struct row *row, void *out)
{
    struct kept_answer *answer = out;
    row_digest(row, answer->body_hash);
    answer->at = row_int(row);
    answer->http_status = row_small(row);
    answer->body = row_text(row);
    answer->rows = row_int(row);
}

static const struct shape answers = {sizeof(struct kept_answer), read_answer};

void store_answer_put(struct store *store, const char *account, struct octets key,
                      const struct kept_answer *answer)
{
    sql_write(store, SQL_ANSWER_PUT,
              BIND(of_text(account), of_blob(key.at, key.length),
                   of_blob(answer->body_hash, sizeof answer->body_hash), of_int(answer->at),
                   of_int(answer->http_status), of_octets(octets_text(answer->body))));
}

enum store_result store_answer_find(struct store *store, const char *account, struct octets key,
                                    struct region *region, struct kept_answer *out)
{
    return sql_get(store, SQL_ANSWER_FIND, BIND(of_text(account), of_blob(key.at, key.length)),
                   &answers, region, out);
}

void store_answer_begin(struct store *store, const char *account, struct octets key, const uint8_t body_hash[32],
                        int64_t now_ms)
{
    struct kept_answer answer = {.at = now_ms, .body = ""};
    memcpy(answer.body_hash, body_hash, sizeof answer.body_hash);
    store_answer_put(store, account, key, &answer);
    sql_write(store, SQL_ANSWER_ROWS_DROP, BIND(of_text(account), of_blob(key.at, key.length)));
}

void store_answer_grow(struct store *store, const char *account, struct octets key, const struct kept_rows *rows,
                       int http_status)
{
    struct value name = of_text(account), place = of_blob(key.at, key.length);
    if (rows->count > 0)
        sql_write(store, SQL_ANSWER_ROWS_PUT,
                  BIND(name, place, of_int(rows->first), of_int(rows->count), of_octets(rows->text)));
    sql_write(store, SQL_ANSWER_GROW, BIND(name, place, of_int(rows->first + rows->count), of_int(http_status)));
}

static void read_rows(struct row *row, void *out)
{
    struct kept_rows *rows = out;
    rows->first = row_int(row);
    rows->count = row_int(row);
    rows->text = row_octets(row);
}

enum store_result store_answer_rows(struct store *store, const char *account, struct octets key, int64_t first,
                                    struct region *region, struct kept_rows *out)
{
    static const struct shape shape = {sizeof(struct kept_rows), read_rows};
    return sql_get(store, SQL_ANSWER_ROWS_GET, BIND(of_text(account), of_blob(key.at, key.length), of_int(first)),
                   &shape, region, out);
}

/* Asks first, since an empty DELETE would cost the turn a transaction. */
void store_answers_forget(struct store *store, int64_t before_ms)
{
    int64_t one;
    if (sql_get_int(store, SQL_ANSWER_OLDER, BIND(of_int(before_ms)), &one) == STORE_OK)
        sql_write(store, SQL_ANSWERS_FORGET, BIND(of_int(before_ms)));
    if (sql_get_int(store, SQL_ANSWER_ROWS_STRAY, BIND(of_int(before_ms)), &one) == STORE_OK)
        sql_write(store, SQL_ANSWER_ROWS_FORGET, BIND(of_int(before_ms)));
}
