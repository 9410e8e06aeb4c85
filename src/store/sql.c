/* Statements: bound, run, read. Nothing here knows a table. */
#include "store_parts.h"

#include <stdio.h>

#include "base/must.h"

static const struct {
    const char *name, *sql;
} statements[STATEMENTS] = {
#define STATEMENT(name, sql) [SQL_##name] = {#name, sql},
#include "statement.def"
};

/* ---- values in ---- */

struct value of_int(int64_t integer)
{
    return (struct value){.type = SQLITE_INTEGER, .integer = integer};
}

struct value of_number(uint64_t number)
{
    return of_int((int64_t)number);
}

struct value of_text(const char *text)
{
    if (text == NULL)
        return (struct value){.type = SQLITE_NULL};
    return of_octets(octets_text(text));
}

struct value of_octets(struct octets text)
{
    return (struct value){.type = SQLITE_TEXT, .octets = text};
}

struct value of_blob(const void *at, size_t length)
{
    return (struct value){.type = SQLITE_BLOB, .octets = octets_of(at, length)};
}

struct value of_limit(size_t limit)
{
    return of_int(limit > INT32_MAX ? INT32_MAX : (int64_t)limit);
}

/* The empty view may point nowhere, which SQLite would take for NULL. */
static int value_bind(sqlite3_stmt *statement, int at, const struct value *value)
{
    const void *octets = value->octets.at == NULL ? "" : (const void *)value->octets.at;
    switch (value->type) {
    case SQLITE_INTEGER:
        return sqlite3_bind_int64(statement, at, value->integer);
    case SQLITE_TEXT:
        return sqlite3_bind_text64(statement, at, octets, value->octets.length, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case SQLITE_BLOB:
        return sqlite3_bind_blob64(statement, at, octets, value->octets.length, SQLITE_STATIC);
    default:
        return sqlite3_bind_null(statement, at);
    }
}

/* ---- values out ---- */

int64_t row_int(struct row *row)
{
    return sqlite3_column_int64(row->statement, row->next++);
}

int row_small(struct row *row)
{
    return sqlite3_column_int(row->statement, row->next++);
}

struct octets row_octets(struct row *row)
{
    int column = row->next++;
    const void *at =
        sqlite3_column_text(row->statement, column); /* before the length: it converts */
    int length = sqlite3_column_bytes(row->statement, column);
    return region_copy(row->region, octets_of(at, at == NULL ? 0 : (size_t)length));
}

const char *row_text(struct row *row)
{
    return (const char *)row_octets(row).at; /* region_copy puts a NUL behind */
}

const char *row_text_or_null(struct row *row)
{
    if (sqlite3_column_type(row->statement, row->next) != SQLITE_NULL)
        return row_text(row);
    row->next++;
    return NULL;
}

void row_digest(struct row *row, uint8_t out[32])
{
    int column = row->next++;
    const void *at = sqlite3_column_blob(row->statement, column);
    memset(out, 0, 32);
    if (at != NULL && sqlite3_column_bytes(row->statement, column) == 32)
        memcpy(out, at, 32);
}

/* ---- running ---- */

void sql_fault(struct store *store, const char *doing)
{
    int code = sqlite3_extended_errcode(store->db);
    int cause = sqlite3_system_errno(store->db);
    bool has_cause =
        cause != 0 && ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN);
    store->is_damaged = (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_ERROR;
    snprintf(store->fault, sizeof store->fault, "%s: %s%s%s", doing, sqlite3_errmsg(store->db),
             has_cause ? ": " : "", has_cause ? strerror(cause) : "");
}

bool sql_run(struct store *store, const char *sql)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    sql_fault(store, "the database");
    return false;
}

/* A statement with its values, ready for its first step. NULL: it can't be. */
static sqlite3_stmt *sql_ready(struct store *store, enum statement which,
                               const struct value *values, size_t count)
{
    sqlite3_stmt **statement = &store->statements[which];
    if (*statement == NULL && sqlite3_prepare_v3(store->db, statements[which].sql, -1,
                                                 SQLITE_PREPARE_PERSISTENT, statement, NULL) != 0) {
        sql_fault(store, statements[which].name);
        return NULL;
    }
    must((size_t)sqlite3_bind_parameter_count(*statement) == count);
    for (size_t i = 0; i < count; i++) {
        if (value_bind(*statement, (int)i + 1, &values[i]) == SQLITE_OK)
            continue;
        sql_fault(store, statements[which].name);
        return NULL;
    }
    return *statement;
}

int64_t sql_write(struct store *store, enum statement which, const struct value *values,
                  size_t count)
{
    if (!turn_open(store))
        return -1;
    sqlite3_stmt *statement = sql_ready(store, which, values, count);
    if (statement == NULL) {
        turn_break(store);
        return -1;
    }
    if (sqlite3_step(statement) != SQLITE_DONE) {
        sql_fault(store, statements[which].name);
        turn_break(store);
        sqlite3_reset(statement);
        return -1;
    }
    sqlite3_reset(statement);
    return sqlite3_changes64(store->db);
}

enum store_result sql_list_on(struct store *store, enum statement which, const struct value *values,
                              size_t value_count, const struct shape *shape, struct region *region,
                              void *out, size_t limit, size_t *count)
{
    turn_read(store);
    sqlite3_stmt *statement = sql_ready(store, which, values, value_count);
    if (statement == NULL)
        return STORE_FAILED;
    size_t found = *count;
    int status = SQLITE_DONE;
    while (found < limit && (status = sqlite3_step(statement)) == SQLITE_ROW) {
        struct row row = {.statement = statement, .region = region};
        shape->read(&row, (char *)out + found++ * shape->size);
    }
    if (status != SQLITE_DONE && status != SQLITE_ROW)
        sql_fault(store, statements[which].name);
    sqlite3_reset(statement);
    if (status != SQLITE_DONE && status != SQLITE_ROW)
        return STORE_FAILED;
    *count = found;
    return STORE_OK;
}

enum store_result sql_list(struct store *store, enum statement which, const struct value *values,
                           size_t value_count, const struct shape *shape, struct region *region,
                           void *out, size_t limit, size_t *count)
{
    *count = 0;
    return sql_list_on(store, which, values, value_count, shape, region, out, limit, count);
}

enum store_result sql_get(struct store *store, enum statement which, const struct value *values,
                          size_t value_count, const struct shape *shape, struct region *region,
                          void *out)
{
    size_t count;
    enum store_result result =
        sql_list(store, which, values, value_count, shape, region, out, 1, &count);
    return result == STORE_OK && count == 0 ? STORE_NONE : result;
}

static void read_int(struct row *row, void *out)
{
    *(int64_t *)out = row_int(row);
}

enum store_result sql_get_int(struct store *store, enum statement which, const struct value *values,
                              size_t count, int64_t *out)
{
    static const struct shape shape = {sizeof(int64_t), read_int};
    return sql_get(store, which, values, count, &shape, NULL, out);
}

void sql_close(struct store *store)
{
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    must(sqlite3_close(store->db) == SQLITE_OK);
}
