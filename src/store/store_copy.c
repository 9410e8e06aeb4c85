/* A copy of the whole database while a gateway writes it: page by page, out of one read transaction, so that it is of one
 * instant, however long it takes. Writers go on beside it; only the WAL can't begin anew until it is done. */
#include "store_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"

#define STEP_PAGES   1024
#define MARK         "copy of" /* in the table `meta`: see struct restoration */

struct store_copy {
    struct store *from;
    struct store *to;
    sqlite3_backup *backup;
    int64_t page_octets;
};

/* The copy is the caller's to sync: a crash leaves it without its name. Nothing of SQLite's lies beside it. */
#define COPY_SET                                                                                   \
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000"

static int64_t pragma_int(struct store *store, const char *sql)
{
    int64_t value = 0;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static struct store *target_open(const char *path, char error[STORE_ERROR_SIZE])
{
    struct store *store = store_new(path);
    if (store_connect(store, store->path, SQLITE_OPEN_READWRITE, error) && sql_run(store, COPY_SET))
        return store;
    snprintf(error, STORE_ERROR_SIZE, "%.180s can't be written: %.100s", path, store->fault);
    store_close(store);
    return NULL;
}

struct store_copy *store_copy_open(struct store *reader, const char *path, char error[STORE_ERROR_SIZE])
{
    must(reader->lock < 0);
    struct store_copy *copy = mem_new(sizeof *copy);
    copy->from = reader;
    copy->to = target_open(path, error);
    if (copy->to == NULL) {
        store_copy_close(copy);
        return NULL;
    }
    /* What is read first is what the copy is of. */
    if (sql_run(reader, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1"))
        copy->backup = sqlite3_backup_init(copy->to->db, "main", reader->db, "main");
    copy->page_octets = pragma_int(reader, "PRAGMA page_size");
    if (copy->backup != NULL && copy->page_octets > 0)
        return copy;
    snprintf(error, STORE_ERROR_SIZE, "%.180s can't be read: %.100s", reader->path, reader->fault);
    store_copy_close(copy);
    return NULL;
}

int64_t store_copy_octets(const struct store_copy *copy)
{
    return pragma_int(copy->from, "PRAGMA page_count") * copy->page_octets;
}

/* The one that was read from, or the one that was written to, said it. */
static enum store_result step_failed(struct store_copy *copy, int code)
{
    sqlite3 *db = sqlite3_errcode(copy->from->db) != SQLITE_OK ? copy->from->db : copy->to->db;
    int cause = sqlite3_system_errno(db);
    snprintf(copy->to->fault, sizeof copy->to->fault, "%s%s%s", sqlite3_errstr(code), cause != 0 ? ": " : "",
             cause != 0 ? strerror(cause) : "");
    return STORE_FAILED;
}

/* As a file that stands alone, without a WAL, and with its mark. */
static enum store_result copy_end(struct store_copy *copy, int64_t now_ms)
{
    int status = sqlite3_backup_finish(copy->backup);
    copy->backup = NULL;
    sqlite3_exec(copy->from->db, "COMMIT", NULL, NULL, NULL);
    if (status != SQLITE_OK)
        return step_failed(copy, status);
    if (!sql_run(copy->to, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF"))
        return STORE_FAILED;
    char sql[120];
    snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO meta (key, value) VALUES ('" MARK "', %lld)", (long long)now_ms);
    return sql_run(copy->to, sql) ? STORE_NONE : STORE_FAILED;
}

enum store_result store_copy_step(struct store_copy *copy, int64_t now_ms, int64_t *octets)
{
    int status = sqlite3_backup_step(copy->backup, STEP_PAGES);
    if (status != SQLITE_OK && status != SQLITE_DONE)
        return step_failed(copy, status);
    *octets = (int64_t)(sqlite3_backup_pagecount(copy->backup) - sqlite3_backup_remaining(copy->backup)) *
              copy->page_octets;
    return status == SQLITE_OK ? STORE_OK : copy_end(copy, now_ms);
}

const char *store_copy_fault(const struct store_copy *copy)
{
    return copy->to->fault;
}

void store_copy_close(struct store_copy *copy)
{
    if (copy == NULL)
        return;
    if (copy->backup != NULL)
        sqlite3_backup_finish(copy->backup);
    if (copy->from != NULL && sqlite3_get_autocommit(copy->from->db) == 0)
        sqlite3_exec(copy->from->db, "ROLLBACK", NULL, NULL, NULL);
    store_close(copy->to);
    free(copy);
}

const char *store_file(const struct store *store)
{
    return sqlite3_db_filename(store->db, "main");
}

/* ---- is every page of it right ---- */

enum store_result store_check(struct store *store, char error[STORE_ERROR_SIZE])
{
    sqlite3_stmt *statement = NULL;
    const char *said = "";
    int status = sqlite3_prepare_v2(store->db, "PRAGMA integrity_check(1)", -1, &statement, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_step(statement);
    if (status == SQLITE_ROW)
        said = (const char *)sqlite3_column_text(statement, 0);
    else
        said = sqlite3_errmsg(store->db);
    bool is_sound = status == SQLITE_ROW && said != NULL && strcmp(said, "ok") == 0;
    snprintf(error, STORE_ERROR_SIZE, "%.280s", is_sound || said == NULL ? "" : said);
    sqlite3_finalize(statement);
    return is_sound ? STORE_OK : status == SQLITE_ROW || status == SQLITE_CORRUPT ? STORE_NONE : STORE_FAILED;
}

/* ---- one that was restored ---- */

static int64_t meta_get(struct store *store, const char *key, bool *is_read)
{
    int64_t value = 0;
    enum store_result found = sql_get_int(store, SQL_META_GET, BIND(of_text(key)), &value);
    *is_read = *is_read && found != STORE_FAILED;
    return found == STORE_OK ? value : 0;
}

bool store_restoration(struct store *store, struct restoration *out)
{
    bool is_read = true;
    *out = (struct restoration){.copy_of = meta_get(store, MARK, &is_read),
                                .lost_from = meta_get(store, "lost from", &is_read),
                                .lost_until = meta_get(store, "lost until", &is_read),
                                .set_aside = meta_get(store, "set aside", &is_read)};
    return is_read;
}

void store_restoration_put(struct store *store, const struct restoration *restoration)
{
    sql_write(store, SQL_META_PUT, BIND(of_text(MARK), of_int(restoration->copy_of)));
    sql_write(store, SQL_META_PUT, BIND(of_text("lost from"), of_int(restoration->lost_from)));
    sql_write(store, SQL_META_PUT, BIND(of_text("lost until"), of_int(restoration->lost_until)));
    sql_write(store, SQL_META_PUT, BIND(of_text("set aside"), of_int(restoration->set_aside)));
}
