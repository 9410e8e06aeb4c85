/* Opening and closing: the lock, the connection and its settings. */
#include "store_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"

/* Only somebody's shell, or the recovery after a crash, can be in a writer's way: wait that long
 * for it, since the loop stands still. A reader has time. */
#define WRITER_BUSY_MS 250
#define READER_BUSY_MS 5000

#define HEED_OPS 20000 /* of SQLite's machine, between two looks at whether a reader goes on: some milliseconds at most */

/* Ids have 60 bits; those of the upper half would be of the years after 6429, and are none of ours.
 */
#define ID_LIMIT ((int64_t)1 << 59)

/* Ours is one thread, and nobody asks SQLite how much memory it uses: both cost at every allocation. Where
 * SQLite runs already, it stays as it is. */
static void sqlite_set(void)
{
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct store *store_new(const char *path)
{
    sqlite_set();
    struct store *store = mem_new(sizeof *store);
    store->lock = -1;
    /* So that no path is taken for one of SQLite's own names, as ":memory:". */
    bool is_plain = path[0] == '/' || path[0] == '.';
    store->path = mem_new(strlen(path) + 3);
    sprintf(store->path, "%s%s", is_plain ? "" : "./", path);
    return store;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    activity_drop(store);
    sql_close(store);
    if (store->lock >= 0)
        close(store->lock);
    free(store->path);
    free(store);
}

/* A file beside the database, under the name that SQLite resolved: a link to it is no way around.
 * The caller owns it. */
static char *path_beside(const struct store *store, const char *suffix)
{
    const char *database = sqlite3_db_filename(store->db, "main");
    char *path = mem_new(strlen(database) + strlen(suffix) + 1);
    strcpy(stpcpy(path, database), suffix);
    return path;
}

/* -1: there is none. */
static int64_t octets_beside(const struct store *store, const char *suffix)
{
    struct stat about;
    char *path = path_beside(store, suffix);
    bool exists = stat(path, &about) == 0;
    free(path);
    return exists ? (int64_t)about.st_size : -1;
}

static bool may_make_files_beside(const struct store *store)
{
    char *path = path_beside(store, "");
    bool may = access(dirname(path), W_OK) == 0;
    free(path);
    return may;
}

int64_t store_wal_octets(struct store *store)
{
    int64_t octets = octets_beside(store, "-wal");
    return octets < 0 ? 0 : octets;
}

static bool connect_failed(struct store *store, char error[STORE_ERROR_SIZE])
{
    sql_fault(store, "opening");
    int cause = sqlite3_system_errno(store->db);
    snprintf(error, STORE_ERROR_SIZE, "%.180s can't be opened: %.100s", store->path,
             cause != 0 ? strerror(cause) : sqlite3_errmsg(store->db));
    return false;
}

bool store_connect(struct store *store, const char *name, int flags,
                          char error[STORE_ERROR_SIZE])
{
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int status = sqlite3_open_v2(name, &store->db, flags, NULL);
    must(store->db != NULL);
    if (status != SQLITE_OK)
        return connect_failed(store, error);
    /* A file from elsewhere may hold a schema that means harm. */
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return true;
}

/* 1: a database without a write-ahead log. Read by the file that SQLite has open: to open and close it here would drop the
 * locks that this process has on it. */
#define FORMAT_AT 18

static bool has_no_wal(const struct store *store)
{
    uint8_t head[FORMAT_AT + 1] = {0};
    sqlite3_file *file = NULL;
    return sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
           file->pMethods != NULL && file->pMethods->xRead(file, head, sizeof head, 0) == SQLITE_OK && head[FORMAT_AT] == 1;
}

/* A database that has no WAL of its own, as a copy has none: one that lies beside it is that of what was here before, and
 * SQLite would lay its pages over ours. */
static bool wal_is_ours(const struct store *store, char error[STORE_ERROR_SIZE])
{
    if (octets_beside(store, "-wal") <= 0 || !has_no_wal(store))
        return true;
    snprintf(error, STORE_ERROR_SIZE,
             "%.120s has no write-ahead log, so the %.80s-wal beside it belongs to another database: move it away",
             store->path, store->path);
    return false;
}

/* Needs a database that can be read. 16 MB of pages: more were no faster, since the kernel has the others
 * (docs/decisions/0007). */
#define BOTH_SET                                                                                   \
    "PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;"

/* ---- the one that writes ---- */

/* A file of personal data is its owner's. One that is there keeps its mode (and isn't opened: to
 * close it would drop the POSIX locks that SQLite holds on it in this process). */
static void store_create(const struct store *store)
{
    int file = open(store->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0)
        close(file);
}

static void lock_refuse(struct store *store, int cause, char error[STORE_ERROR_SIZE])
{
    char holder[16] = "";
    if (cause != EWOULDBLOCK) {
        snprintf(error, STORE_ERROR_SIZE, "%.180s.lock can't be locked: %s", store->path,
                 strerror(cause));
        return;
    }
    ssize_t length = pread(store->lock, holder, sizeof holder - 1, 0);
    int pid = length > 0 ? atoi(holder) : 0;
    snprintf(error, STORE_ERROR_SIZE, "another assent serve (pid %d) has %.180s open", pid,
             store->path);
}

/* The kernel drops the lock when the process ends, however it ends; the file stays. */
static bool lock_take(struct store *store, char error[STORE_ERROR_SIZE])
{
    char *path = path_beside(store, ".lock");
    store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(path);
    if (store->lock < 0 || flock(store->lock, LOCK_EX | LOCK_NB) != 0) {
        lock_refuse(store, errno, error);
        return false;
    }
    if (ftruncate(store->lock, 0) != 0 || dprintf(store->lock, "%d\n", (int)getpid()) < 0) {
        snprintf(error, STORE_ERROR_SIZE, "%.180s.lock can't be written: %s", store->path,
                 strerror(errno));
        return false;
    }
    return true;
}

static int wal_grew(void *who, sqlite3 *db, const char *name, int pages)
{
    (void)db, (void)name;
    ((struct store *)who)->wal_pages = pages;
    return SQLITE_OK;
}

/* The limit cuts a WAL that a slow reader let grow, once it is through. */
static bool writer_set(struct store *store, char error[STORE_ERROR_SIZE])
{
    sqlite3_busy_timeout(store->db, WRITER_BUSY_MS);
    if (!sql_run(store, BOTH_SET "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                 "PRAGMA secure_delete = ON;" /* what is erased is overwritten */
                                 "PRAGMA journal_size_limit = 67108864"))
        return connect_failed(store, error);
    sqlite3_wal_hook(store->db, wal_grew, store); /* in the place of SQLite's checkpoints */
    return true;
}

static bool ids_begin(struct store *store, char error[STORE_ERROR_SIZE])
{
    if (sql_get_int(store, SQL_LARGEST_ID, NULL, 0, &store->last_id) == STORE_OK &&
        store->last_id >= 0 && store->last_id < ID_LIMIT && stray_begin(store))
        return true;
    snprintf(error, STORE_ERROR_SIZE, "%.120s: its ids can't be read, or are not ours. %.100s",
             store->path, store->fault);
    return false;
}

struct store *store_open(const char *path, char error[STORE_ERROR_SIZE])
{
    struct store *store = store_new(path);
    store_create(store);
    if (store_connect(store, store->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error) &&
        lock_take(store, error) && wal_is_ours(store, error) && schema_check(store, error) && writer_set(store, error) &&
        schema_migrate(store, error) && ids_begin(store, error)) {
        listing_begin(store);
        return store;
    }
    store_close(store);
    return NULL;
}

int64_t store_next_id(struct store *store, int64_t now_ms)
{
    must(store->lock >= 0);
    int64_t id = now_ms > 0 && now_ms < ID_LIMIT >> 12 ? now_ms << 12 : 0;
    if (id <= store->last_id)
        id = store->last_id + 1;
    must(id < ID_LIMIT);
    store->last_id = id;
    return id;
}

/* ---- those that read ---- */

static bool reader_set(struct store *store, char error[STORE_ERROR_SIZE])
{
    sqlite3_busy_timeout(store->db, READER_BUSY_MS);
    if (!schema_check(store, error))
        return false;
    return sql_run(store, BOTH_SET) || connect_failed(store, error);
}

/* As a URI, in which ? # and % mean something. */
static char *path_uri(const char *path)
{
    const char *prefix = path[0] == '/' ? "file://" : "file:";
    const char *suffix = "?immutable=1";
    char *uri = mem_new(strlen(prefix) + 3 * strlen(path) + strlen(suffix) + 1);
    char *end = stpcpy(uri, prefix);
    for (; *path != '\0'; path++)
        if (strchr("?#%", *path) != NULL)
            end += sprintf(end, "%%%02X", (unsigned)*path);
        else
            *end++ = *path;
    strcpy(end, suffix);
    return uri;
}

/* On read-only media no reader can make the WAL's index. The file can be read without one if nobody
 * writes it and no WAL holds a part of it: so neither may lie beside it. */
static bool reader_connect_still(struct store *store, char error[STORE_ERROR_SIZE])
{
    if (octets_beside(store, "-shm") >= 0 || octets_beside(store, "-wal") > 0) {
        snprintf(
            error, STORE_ERROR_SIZE,
            "%.140s can't be read: its -wal file holds a part of it, and its directory can't be "
            "written; copy both to where it can",
            store->path);
        return false;
    }
    sqlite3_close(store->db);
    char *uri = path_uri(store->path);
    bool is_connected = store_connect(store, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
    free(uri);
    return is_connected && reader_set(store, error);
}

/* What SQLite makes beside a database belongs to who reads it: if that isn't its owner, the gateway couldn't write it later.
 * (Where root reads, SQLite gives it to the owner.) */
static bool may_read_as_we_are(const struct store *store, char error[STORE_ERROR_SIZE])
{
    struct stat about;
    bool is_owner = geteuid() == 0 || stat(store->path, &about) != 0 || about.st_uid == geteuid();
    bool is_made = octets_beside(store, "-wal") >= 0 && octets_beside(store, "-shm") >= 0;
    if (is_owner || is_made || has_no_wal(store) || !may_make_files_beside(store))
        return true;
    snprintf(error, STORE_ERROR_SIZE,
             "%.120s belongs to another user, and no gateway runs on it: to read it would leave files that keep that user's gateway "
             "out; ask as that user or as root, or copy it",
             store->path);
    return false;
}

static bool reader_connect(struct store *store, char error[STORE_ERROR_SIZE])
{
    if (!store_connect(store, store->path, SQLITE_OPEN_READONLY, error) || !wal_is_ours(store, error) ||
        !may_read_as_we_are(store, error))
        return false;
    if (reader_set(store, error))
        return true;
    int code = sqlite3_errcode(store->db) & 0xff;
    return (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && reader_connect_still(store, error);
}

struct store *store_open_reader(const char *path, char error[STORE_ERROR_SIZE])
{
    struct store *store = store_new(path);
    if (reader_connect(store, error))
        return store;
    store_close(store);
    return NULL;
}

static int is_to_end(void *reader)
{
    struct store *store = reader;
    return !store->goes_on(store->goes_on_who);
}

void store_heed(struct store *reader, bool (*goes_on)(void *who), void *who)
{
    must(reader->lock < 0);
    reader->goes_on = goes_on;
    reader->goes_on_who = who;
    sqlite3_progress_handler(reader->db, HEED_OPS, is_to_end, reader);
}

struct store *store_open_beside(const char *path, char error[STORE_ERROR_SIZE])
{
    struct store *store = store_open_reader(path, error);
    if (store == NULL)
        return NULL;
    sqlite3_busy_timeout(store->db, 0);
    if (sql_run(store, "PRAGMA cache_size = -500"))
        return store;
    connect_failed(store, error);
    store_close(store);
    return NULL;
}
