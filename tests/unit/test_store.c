/* The store against a real file, and against a disk that fails when it is told to. */
#include <check.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/must.h"
#include "base/region.h"
#include "store/store.h"

#define NOW INT64_C(1795512600000) /* 2026-11-24 */

static char place[32], directory[64], path[128], error[STORE_ERROR_SIZE];
static struct region *region;
static struct store *store;

/* ---- a disk that fails on demand: SQLite's own, with a shim before it ---- */

enum { DISK_READ = 1, DISK_WRITE, DISK_SYNC };
static struct {
    int operation; /* that fails; 0: none does */
    int file;      /* SQLITE_OPEN_WAL or SQLITE_OPEN_MAIN_DB */
    int code;
} disk;

struct shim_file {
    sqlite3_file base;
    int flags;
    sqlite3_file *real; /* its memory is behind this */
};

static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct shim_file *)file)->real;
}

static bool disk_fails(sqlite3_file *file, int operation)
{
    return disk.operation == operation && (((struct shim_file *)file)->flags & disk.file) != 0;
}

#define PASS(file, method, ...) real_of(file)->pMethods->method(real_of(file), ##__VA_ARGS__)

static int shim_close(sqlite3_file *file)
{
    return PASS(file, xClose);
}
static int shim_read(sqlite3_file *file, void *out, int length, sqlite3_int64 at)
{
    return disk_fails(file, DISK_READ) ? disk.code : PASS(file, xRead, out, length, at);
}
static int shim_write(sqlite3_file *file, const void *from, int length, sqlite3_int64 at)
{
    return disk_fails(file, DISK_WRITE) ? disk.code : PASS(file, xWrite, from, length, at);
}
static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return PASS(file, xTruncate, size);
}
static int shim_sync(sqlite3_file *file, int flags)
{
    return disk_fails(file, DISK_SYNC) ? disk.code : PASS(file, xSync, flags);
}
static int shim_size(sqlite3_file *file, sqlite3_int64 *out)
{
    return PASS(file, xFileSize, out);
}
static int shim_lock(sqlite3_file *file, int level)
{
    return PASS(file, xLock, level);
}
static int shim_unlock(sqlite3_file *file, int level)
{
    return PASS(file, xUnlock, level);
}
static int shim_reserved(sqlite3_file *file, int *out)
{
    return PASS(file, xCheckReservedLock, out);
}
static int shim_control(sqlite3_file *file, int operation, void *argument)
{
    return PASS(file, xFileControl, operation, argument);
}
static int shim_sector(sqlite3_file *file)
{
    return PASS(file, xSectorSize);
}
static int shim_traits(sqlite3_file *file)
{
    return PASS(file, xDeviceCharacteristics);
}
static int shim_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return PASS(file, xShmMap, page, size, extend, out);
}
static int shim_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return PASS(file, xShmLock, offset, count, flags);
}
static void shim_shm_barrier(sqlite3_file *file)
{
    PASS(file, xShmBarrier);
}
static int shim_shm_unmap(sqlite3_file *file, int is_delete)
{
    return PASS(file, xShmUnmap, is_delete);
}

static const sqlite3_io_methods shim_methods = {
    2,           shim_close,   shim_read,     shim_write,       shim_truncate,  shim_sync,
    shim_size,   shim_lock,    shim_unlock,   shim_reserved,    shim_control,   shim_sector,
    shim_traits, shim_shm_map, shim_shm_lock, shim_shm_barrier, shim_shm_unmap, NULL,
    NULL};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    struct shim_file *shim = (struct shim_file *)file;
    shim->flags = flags;
    shim->real = (sqlite3_file *)(shim + 1);
    int status = real_vfs->xOpen(real_vfs, name, shim->real, flags, out);
    shim->base.pMethods = status == SQLITE_OK ? &shim_methods : NULL;
    return status;
}

static void shim_install(void)
{
    static sqlite3_vfs shim;
    real_vfs = sqlite3_vfs_find(NULL);
    shim = *real_vfs;
    shim.zName = "failing";
    shim.szOsFile = (int)sizeof(struct shim_file) + real_vfs->szOsFile;
    shim.xOpen = shim_open;
    sqlite3_vfs_register(&shim, 1);
}

static void disk_break(int operation, int file, int code)
{
    disk.operation = operation;
    disk.file = file;
    disk.code = code;
}

static void disk_mend(void)
{
    disk.operation = 0;
}

/* ---- scenery ---- */

static void open_again(void)
{
    store_close(store);
    store = store_open(path, error);
    ck_assert_msg(store != NULL, "%s", error);
}

static void begin(void)
{
    snprintf(directory, sizeof directory, "%s/XXXXXX", place);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/a.db", directory);
    region = region_new();
    store = store_open(path, error);
    ck_assert_msg(store != NULL, "%s", error);
}

static void end(void)
{
    disk_mend();
    store_close(store);
    region_free(region);
}

/* What somebody's shell would do to the file. */
/* Between two turns of the one that writes: what a turn has read stays as it was until its end. */
static void shell(const char *sql)
{
    if (store != NULL && !store_is_writing(store))
        ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    sqlite3 *db;
    char *why = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK, "%s: %s", sql, why);
    sqlite3_close(db);
}

static void commit(void)
{
    ck_assert_msg(store_commit(store) == STORE_COMMITTED, "%s", store_fault(store));
}

static struct message message_of(enum message_state state)
{
    return (struct message){.id = store_next_id(store, NOW),
                            .tail = 77,
                            .program = 1,
                            .account = "campaigns",
                            .sender = "+12065550100",
                            .number = 14155550123,
                            .purpose = PURPOSE_CAMPAIGN,
                            .state = state,
                            .reason = "",
                            .text = "Hi",
                            .parts = 1,
                            .created_at = NOW,
                            .due_at = NOW,
                            .expires_at = NOW + 86400000,
                            .carrier = "",
                            .client_ref = ""};
}

static int64_t message_put(enum message_state state)
{
    struct message message = message_of(state);
    store_message_put(store, &message);
    return message.id;
}

static struct message message_get(int64_t id)
{
    struct message message = {.id = 0};
    ck_assert_int_eq(store_message_get(store, id, region, &message), STORE_OK);
    return message;
}

/* ---- life ---- */

START_TEST(a_second_serve_is_refused)
{
    char wanted[200];
    snprintf(wanted, sizeof wanted, "another assent serve (pid %d) has %s open", (int)getpid(),
             path);
    ck_assert_ptr_null(store_open(path, error));
    ck_assert_str_eq(error, wanted);
    commit();
    open_again();
}
END_TEST

START_TEST(a_link_to_the_database_is_no_way_around_the_lock)
{
    char link[140];
    snprintf(link, sizeof link, "%s/link.db", directory);
    ck_assert_int_eq(symlink(path, link), 0);
    ck_assert_ptr_null(store_open(link, error));
    ck_assert_ptr_nonnull(strstr(error, "another assent serve"));
}
END_TEST

START_TEST(a_refused_serve_takes_no_lock_from_the_first)
{
    ck_assert_ptr_null(store_open(path, error));
    message_put(MESSAGE_QUEUED);
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_BUSY);
    sqlite3_close(db);
    commit();
}
END_TEST

START_TEST(a_new_database_is_its_owners_alone)
{
    struct stat about;
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_int_eq(about.st_mode & 0777, 0600);
}
END_TEST

START_TEST(a_database_of_a_newer_schema_is_refused)
{
    store_close(store);
    store = NULL;
    shell("PRAGMA user_version = 999");
    ck_assert_ptr_null(store_open(path, error));
    ck_assert_ptr_nonnull(strstr(error, "has schema 999, made by a newer assent"));
    ck_assert_ptr_null(store_open_reader(path, error));
    ck_assert_ptr_nonnull(strstr(error, "has schema 999, made by a newer assent"));
}
END_TEST

START_TEST(a_file_that_is_no_database_is_refused)
{
    char other[140];
    snprintf(other, sizeof other, "%s/other", directory);
    FILE *file = fopen(other, "w");
    for (int i = 0; i < 500; i++)
        fputs("This is a letter and no database. ", file);
    fclose(file);
    ck_assert_ptr_null(store_open(other, error));
    ck_assert_ptr_nonnull(strstr(error, "is not a database"));
    ck_assert_ptr_null(store_open_reader(other, error));
    ck_assert_ptr_nonnull(strstr(error, "is not a database"));
}
END_TEST

START_TEST(a_database_of_something_else_is_left_alone)
{
    store_close(store);
    store = NULL;
    snprintf(path, sizeof path, "%s/other.db", directory);
    shell("CREATE TABLE recipe (name)");
    ck_assert_ptr_null(store_open(path, error));
    ck_assert_ptr_nonnull(strstr(error, "is a database of something else"));
    shell("CREATE TABLE ledger (seq)"); /* fails if one was made */
}
END_TEST

START_TEST(what_is_not_there_can_t_be_opened)
{
    char nowhere[160];
    snprintf(nowhere, sizeof nowhere, "%s/none/a.db", directory);
    ck_assert_ptr_null(store_open(nowhere, error));
    ck_assert_ptr_nonnull(strstr(error, "No such file or directory"));
    snprintf(nowhere, sizeof nowhere, "%s/none.db", directory);
    ck_assert_ptr_null(store_open_reader(nowhere, error));
    ck_assert_ptr_nonnull(strstr(error, "No such file or directory"));
    ck_assert_int_ne(access(nowhere, F_OK), 0);
}
END_TEST

START_TEST(a_name_that_sqlite_knows_is_a_file_all_the_same)
{
    ck_assert_int_eq(chdir(directory), 0);
    struct store *other = store_open(":memory:", error);
    ck_assert_msg(other != NULL, "%s", error);
    store_close(other);
    ck_assert_int_eq(access(":memory:", F_OK), 0);
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

/* A crash: the process ends with a turn in its hands. */
START_TEST(what_was_committed_survives_a_kill_and_nothing_else_does)
{
    store_close(store);
    store = NULL;
    int channel[2];
    ck_assert_int_eq(pipe(channel), 0);
    pid_t child = fork();
    if (child == 0) {
        store = store_open(path, error);
        int64_t ids[2] = {message_put(MESSAGE_SENDING), 0};
        bool is_kept = store_commit(store) == STORE_COMMITTED;
        ids[1] = message_put(MESSAGE_SENDING);
        if (is_kept && write(channel[1], ids, sizeof ids) == sizeof ids)
            raise(SIGKILL);
        _exit(1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    int64_t ids[2];
    ck_assert_int_eq(read(channel[0], ids, sizeof ids), sizeof ids);
    open_again();
    struct message out[4];
    size_t count;
    ck_assert_int_eq(store_message_stranded(store, region, out, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(out[0].id, ids[0]);
    ck_assert_int_eq(store_message_get(store, ids[1], region, out), STORE_NONE);
    ck_assert_int_eq(store_message_count(store, MESSAGE_SENDING), 1);
}
END_TEST

/* ---- turns ---- */

START_TEST(a_turn_is_seen_in_itself_at_once_and_by_others_after_its_commit)
{
    struct store *reader = store_open_reader(path, error);
    ck_assert_msg(reader != NULL, "%s", error);
    struct message out;
    ck_assert(!store_is_writing(store));
    int64_t id = message_put(MESSAGE_QUEUED);
    ck_assert(store_is_writing(store));
    ck_assert_int_eq(store_message_get(store, id, region, &out), STORE_OK);
    ck_assert_int_eq(store_message_get(reader, id, region, &out), STORE_NONE);
    commit();
    ck_assert(!store_is_writing(store));
    ck_assert_int_eq(store_message_get(reader, id, region, &out), STORE_OK);
    store_close(reader);
}
END_TEST

START_TEST(a_copy_is_of_the_instant_at_which_it_began_and_says_that_it_is_one)
{
    char copied[160];
    int64_t octets = 0, before = message_put(MESSAGE_QUEUED), id = 0;
    struct restoration restoration;
    commit();
    snprintf(copied, sizeof copied, "%s/copy.db", directory);
    close(open(copied, O_WRONLY | O_CREAT | O_EXCL, 0600));
    struct store *reader = store_open_reader(path, error);
    struct store_copy *copy = store_copy_open(reader, copied, error);
    ck_assert_msg(copy != NULL, "%s", error);
    int64_t whole = store_copy_octets(copy);
    for (int i = 0; i < 20; i++) { /* written beside it, and into the file itself */
        id = message_put(MESSAGE_QUEUED);
        commit();
    }
    while (store_copy_step(copy, NOW, &octets) == STORE_OK) {}
    ck_assert_int_eq(octets, whole);
    store_copy_close(copy);
    store_close(reader);
    ck_assert(store_restoration(store, &restoration));
    ck_assert_int_eq(restoration.copy_of, 0);
    store_close(store);
    store = store_open_reader(copied, error);
    ck_assert_msg(store != NULL, "%s", error);
    struct message out;
    ck_assert_int_eq(store_message_get(store, before, region, &out), STORE_OK);
    ck_assert_int_eq(store_message_get(store, id, region, &out), STORE_NONE);
    ck_assert(store_restoration(store, &restoration));
    ck_assert_int_eq(restoration.copy_of, NOW);
}
END_TEST

/* Ends the store, and puts the beginning of a WAL beside its database that isn't its own. */
static void lay_wal_of_another(char wal[160])
{
    store_close(store);
    store = NULL;
    shell("PRAGMA journal_mode = DELETE");
    snprintf(wal, 160, "%s-wal", path);
    FILE *file = fopen(wal, "w");
    fputs("pages of another", file);
    fclose(file);
}

START_TEST(a_database_beside_the_wal_of_another_is_refused)
{
    char beside[160];
    message_put(MESSAGE_QUEUED);
    commit();
    lay_wal_of_another(beside);
    ck_assert_ptr_null(store_open(path, error));
    ck_assert_ptr_nonnull(strstr(error, "belongs to another database: move it away"));
    unlink(beside);
    store = store_open(path, error);
    ck_assert_msg(store != NULL, "%s", error);
}
END_TEST

START_TEST(a_turn_without_writes_commits_nothing)
{
    disk_break(DISK_WRITE, SQLITE_OPEN_WAL, SQLITE_FULL);
    commit();
}
END_TEST

START_TEST(a_turn_that_fails_leaves_nothing)
{
    static const int codes[] = {SQLITE_FULL, SQLITE_IOERR_WRITE};
    for (size_t i = 0; i < 2; i++) {
        disk_break(DISK_WRITE, SQLITE_OPEN_WAL, codes[i]);
        int64_t id = message_put(MESSAGE_QUEUED);
        ck_assert_int_eq(store_message_count(store, MESSAGE_QUEUED), 1);
        ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
        ck_assert_str_ne(store_fault(store), "");
        disk_mend();
        struct message out;
        ck_assert_int_eq(store_message_get(store, id, region, &out), STORE_NONE);
        ck_assert_int_eq(store_message_count(store, MESSAGE_QUEUED), 0);
        ck_assert(!store_is_writing(store));
    }
    int64_t id = message_put(MESSAGE_QUEUED); /* and the next turn is as any other */
    commit();
    open_again();
    message_get(id);
    ck_assert_int_eq(store_message_count(store, MESSAGE_QUEUED), 1);
}
END_TEST

START_TEST(a_write_that_fails_takes_the_whole_turn_with_it)
{
    struct message first = message_of(MESSAGE_QUEUED), out;
    store_message_put(store, &first);
    store_message_put(store, &first); /* twice the same id */
    int64_t later = message_put(MESSAGE_QUEUED);
    store_message_move(store, later, MESSAGE_QUEUED, MESSAGE_HELD, "", NULL, NOW); /* isn't tried */
    ck_assert_int_eq(store_program_id(store, "late"), 0);
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    ck_assert_str_eq(store_fault(store), "MESSAGE_PUT: UNIQUE constraint failed: message.id");
    ck_assert_int_eq(store_message_get(store, first.id, region, &out), STORE_NONE);
    ck_assert_int_eq(store_message_get(store, later, region, &out), STORE_NONE);
}
END_TEST

START_TEST(somebody_elses_transaction_fails_the_turn_and_not_the_process)
{
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    message_put(MESSAGE_QUEUED);
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    sqlite3_close(db);
    message_put(MESSAGE_QUEUED);
    commit();
}
END_TEST

START_TEST(a_failed_fsync_is_told_apart)
{
    message_put(MESSAGE_QUEUED);
    disk_break(DISK_SYNC, SQLITE_OPEN_WAL, SQLITE_IOERR_FSYNC);
    ck_assert_int_eq(store_commit(store), STORE_LOST);
    disk_mend(); /* the kernel says that all is well again: it isn't */
    ck_assert_int_eq(store_commit(store), STORE_LOST);
    message_put(MESSAGE_QUEUED);
    ck_assert_int_eq(store_commit(store), STORE_LOST);
}
END_TEST

static void wal_fill(int pages)
{
    char what[4000];
    memset(what, 'x', sizeof what - 1);
    what[sizeof what - 1] = '\0';
    for (int i = 0; i < pages; i++)
        store_event_put(store, 1, NOW, what);
}

START_TEST(a_failed_fsync_of_a_checkpoint_is_told_too)
{
    wal_fill(4500);
    disk_break(DISK_SYNC, SQLITE_OPEN_MAIN_DB, SQLITE_IOERR_FSYNC);
    ck_assert_int_eq(store_commit(store), STORE_LOST);
}
END_TEST

START_TEST(a_checkpoint_that_finds_no_room_fails_no_turn)
{
    wal_fill(4500);
    disk_break(DISK_WRITE, SQLITE_OPEN_MAIN_DB, SQLITE_FULL);
    commit();
    ck_assert_str_eq(store_fault(store), "checkpoint: database or disk is full");
}
END_TEST

START_TEST(the_wal_is_written_anew_from_its_beginning)
{
    for (int i = 0; i < 20; i++) {
        wal_fill(1000);
        commit();
    }
    ck_assert_int_gt(store_wal_octets(store), 4000 * 4096);
    ck_assert_int_lt(store_wal_octets(store), 6000 * 4096);
}
END_TEST

START_TEST(a_read_that_fails_is_not_taken_for_nothing_there)
{
    int64_t id = message_put(MESSAGE_QUEUED);
    struct consent consent = {.number = 14155550123, .program = 1, .why = ""};
    store_consent_put(store, &consent);
    commit();
    shell("DELETE FROM act; INSERT INTO act VALUES (x'00', 1)"); /* what is in memory is old now */
    struct message out[2];
    size_t count = 7;
    int64_t due_at;
    disk_break(DISK_READ, SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL, SQLITE_IOERR_READ);
    ck_assert_int_eq(store_message_get(store, id, region, out), STORE_FAILED);
    ck_assert_int_eq(store_lane_due(store, 1, NOW, region, out, 2, &count), STORE_FAILED);
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(store_consent_get(store, 14155550123, 1, region, &consent), STORE_FAILED);
    ck_assert_int_eq(store_message_count(store, MESSAGE_QUEUED), -1);
    ck_assert_int_ne(store_lane_next_due(store, 1), 0);
    ck_assert_int_eq(store_webhook_next_due(store, "crm", "", NOW, &due_at), STORE_FAILED);
    ck_assert_ptr_nonnull(strstr(store_fault(store), "disk I/O error"));
    disk_mend();
    ck_assert_int_eq(store_message_get(store, id, region, out), STORE_OK);
    ck_assert_int_eq(store_webhook_next_due(store, "crm", "", NOW, &due_at), STORE_NONE);
}
END_TEST

/* ---- ids ---- */

START_TEST(ids_rise_when_the_clock_goes_back)
{
    int64_t last = store_next_id(store, NOW);
    ck_assert_int_eq(last >> 12, NOW);
    for (int i = 0; i < 10000; i++) { /* more than 4096 a millisecond, too */
        int64_t id = store_next_id(store, i < 5000 ? NOW : NOW - 3600000);
        ck_assert_int_gt(id, last);
        last = id;
    }
    ck_assert_int_gt(store_next_id(store, -1), last);
    ck_assert_int_eq(store_next_id(store, NOW + 5000) >> 12, NOW + 5000);
}
END_TEST

START_TEST(ids_begin_above_the_largest_on_disk)
{
    struct handover handover = {.id = store_next_id(store, NOW + 9000), .account = "a"};
    message_put(MESSAGE_QUEUED);
    store_handover_put(store, &handover);
    commit();
    open_again();
    ck_assert_int_gt(store_next_id(store, NOW), handover.id);
}
END_TEST

START_TEST(an_id_of_a_lost_turn_is_not_given_again)
{
    disk_break(DISK_WRITE, SQLITE_OPEN_WAL, SQLITE_FULL);
    int64_t id = message_put(MESSAGE_QUEUED);
    store_commit(store);
    ck_assert_int_gt(store_next_id(store, NOW), id);
}
END_TEST

START_TEST(a_database_with_ids_beyond_time_is_refused)
{
    shell("INSERT INTO handover VALUES ((1 << 60) - 2, 'a', 0, 0, 0, '')");
    store_close(store);
    store = store_open(path, error);
    ck_assert_ptr_null(store);
    ck_assert_ptr_nonnull(strstr(error, "its ids can't be read"));
}
END_TEST

/* ---- messages ---- */

START_TEST(a_message_comes_back_as_it_was_put)
{
    struct message put = {.id = store_next_id(store, NOW),
                          .tail = (INT64_C(1) << 62) - 1,
                          .program = 3,
                          .account = "campaigns",
                          .sender = "+12065550100",
                          .number = 999999999999999,
                          .purpose = PURPOSE_HELP_REPLY,
                          .state = MESSAGE_FAILED,
                          .reason = "opted_out",
                          .text = "Grüße \xf0\x9f\x91\x8b",
                          .alphabet = 2,
                          .parts = 4,
                          .reference = 255,
                          .created_at = NOW,
                          .due_at = NOW + 1,
                          .expires_at = NOW + 2,
                          .sent_at = NOW + 3,
                          .done_at = NOW + 4,
                          .consent_seq = 5,
                          .answers = 6,
                          .carrier = "north",
                          .tries = 7,
                          .client_ref = "lead-881",
                          .wants_receipt = RECEIPT_OF_FAILURE | RECEIPT_INTERMEDIATE};
    store_message_put(store, &put);
    commit();
    struct message got = message_get(put.id);
    ck_assert_int_eq(got.id, put.id);
    ck_assert_int_eq(got.tail, put.tail);
    ck_assert_int_eq(got.program, put.program);
    ck_assert_str_eq(got.account, put.account);
    ck_assert_str_eq(got.sender, put.sender);
    ck_assert_uint_eq(got.number, put.number);
    ck_assert_int_eq(got.purpose, put.purpose);
    ck_assert_int_eq(got.state, put.state);
    ck_assert_str_eq(got.reason, put.reason);
    ck_assert_str_eq(got.text, put.text);
    ck_assert_int_eq(got.alphabet, put.alphabet);
    ck_assert_int_eq(got.parts, put.parts);
    ck_assert_int_eq(got.reference, put.reference);
    ck_assert_int_eq(got.created_at, put.created_at);
    ck_assert_int_eq(got.due_at, put.due_at);
    ck_assert_int_eq(got.expires_at, put.expires_at);
    ck_assert_int_eq(got.sent_at, put.sent_at);
    ck_assert_int_eq(got.done_at, put.done_at);
    ck_assert_int_eq(got.consent_seq, put.consent_seq);
    ck_assert_int_eq(got.answers, put.answers);
    ck_assert_str_eq(got.carrier, put.carrier);
    ck_assert_int_eq(got.tries, put.tries);
    ck_assert_str_eq(got.client_ref, put.client_ref);
    ck_assert_uint_eq(got.wants_receipt, RECEIPT_OF_FAILURE | RECEIPT_INTERMEDIATE);
    ck_assert_int_eq(store_message_get(store, put.id + 1, region, &got), STORE_NONE);
}
END_TEST

START_TEST(a_message_goes_its_way_step_by_step)
{
    int64_t id = message_put(MESSAGE_QUEUED);
    store_message_sending(store, id, "north", 4711, NOW + 1);
    struct message now = message_get(id);
    ck_assert_int_eq(now.state, MESSAGE_SENDING);
    ck_assert_str_eq(now.carrier, "north");
    ck_assert_int_eq(now.consent_seq, 4711);
    ck_assert_int_eq(now.tries, 1);
    ck_assert_int_eq(now.sent_at, 0);
    store_message_again(store, id, MESSAGE_SENDING, NOW + 500, "throttled", NOW + 2);
    now = message_get(id);
    ck_assert_int_eq(now.state, MESSAGE_QUEUED);
    ck_assert_int_eq(now.due_at, NOW + 500);
    ck_assert_str_eq(now.reason, "throttled");
    store_message_sending(store, id, "south", 4712, NOW + 600);
    store_message_move(store, id, MESSAGE_SENDING, MESSAGE_SENT, "", NULL, NOW + 700);
    now = message_get(id);
    ck_assert_int_eq(now.tries, 2);
    ck_assert_str_eq(now.reason, "");
    ck_assert_int_eq(now.sent_at, NOW + 700);
    ck_assert_int_eq(now.done_at, 0);
    store_message_move(store, id, MESSAGE_SENT, MESSAGE_DELIVERED, "receipt", NULL, NOW + 800);
    now = message_get(id);
    ck_assert_int_eq(now.state, MESSAGE_DELIVERED);
    ck_assert_int_eq(now.sent_at, NOW + 700);
    ck_assert_int_eq(now.done_at, NOW + 800);
    commit();
}
END_TEST

START_TEST(an_illegal_move_dies)
{
    int64_t id = message_put(MESSAGE_BLOCKED);
    store_message_move(store, id, MESSAGE_BLOCKED, MESSAGE_QUEUED, "", NULL, NOW);
}
END_TEST

START_TEST(a_move_from_where_the_message_is_not_dies)
{
    int64_t id = message_put(MESSAGE_HELD);
    store_message_sending(store, id, "north", 1, NOW);
}
END_TEST

START_TEST(a_write_through_a_reader_dies)
{
    struct store *reader = store_open_reader(path, error);
    store_event_put(reader, 1, NOW, "sent again");
}
END_TEST

static int64_t lane_of(int64_t program, bool is_reply, const char *sender, const char *route)
{
    const struct lane_row row = {.program = program, .is_reply = is_reply, .sender = sender, .route = route};
    return store_lane_id(store, &row);
}

START_TEST(a_lane_is_made_once_and_found_again)
{
    struct lane_row rows[4];
    size_t count;
    int64_t first = lane_of(1, false, "+12065550100", ""), second = lane_of(1, false, "+12065550100", "canada");
    ck_assert_int_gt(first, 0);
    ck_assert_int_gt(second, first);
    ck_assert_int_eq(lane_of(1, false, "+12065550100", ""), first);
    commit();
    ck_assert_int_eq(store_lanes(store, 0, region, rows, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(rows[1].route, "canada");
    ck_assert_str_eq(rows[1].sender, "+12065550100");
    ck_assert(!rows[1].is_reply);
    ck_assert_int_eq(store_lanes(store, first, region, rows, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
}
END_TEST

START_TEST(a_lane_gives_what_is_due_oldest_first)
{
    int64_t ids[5], mine = lane_of(1, false, "+12065550100", ""), other = lane_of(1, true, "+12065550100", "");
    for (int i = 0; i < 5; i++) {
        struct message message = message_of(i == 4 ? MESSAGE_HELD : MESSAGE_QUEUED);
        message.due_at = NOW - i;
        message.lane = i == 3 ? other : mine;
        store_message_put(store, &message);
        ids[i] = message.id;
    }
    struct message out[5];
    size_t count;
    ck_assert_int_eq(store_lane_due(store, mine, NOW, region, out, 5, &count), STORE_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(out[0].id, ids[2]);
    ck_assert_int_eq(out[2].id, ids[0]);
    ck_assert_int_eq(store_lane_due(store, mine, NOW, region, out, 1, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(store_lane_due(store, mine, NOW - 1, region, out, 5, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(store_lane_due(store, other, NOW, region, out, 5, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(out[0].id, ids[3]);
    ck_assert_int_eq(store_lane_next_due(store, mine), NOW - 2);
    ck_assert_int_eq(store_lane_next_due(store, 99), 0);
    ck_assert_int_eq(store_lane_queued(store, mine), 3);
    ck_assert_int_eq(store_lane_queued(store, 99), 0);
    store_message_lane(store, ids[2], other);
    ck_assert_int_eq(store_lane_queued(store, mine), 2);
    ck_assert_int_eq(store_lane_after(store, mine, NOW - 1, ids[1], region, out, 5, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(out[0].id, ids[0]);
}
END_TEST

/* A campaign is due in one millisecond. */
START_TEST(what_is_due_at_once_is_gone_through_by_its_place)
{
    int64_t ids[6], mine = lane_of(1, false, "+12065550100", "");
    for (int i = 0; i < 6; i++) {
        struct message message = message_of(i < 3 ? MESSAGE_QUEUED : MESSAGE_SCHEDULED);
        message.due_at = i == 2 || i == 5 ? NOW + 1 : NOW;
        message.lane = mine;
        store_message_put(store, &message);
        ids[i] = message.id;
    }
    struct message out[5];
    size_t count;
    ck_assert_int_eq(store_lane_after(store, mine, NOW, ids[0], region, out, 5, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(out[0].id, ids[1]);
    ck_assert_int_eq(out[1].id, ids[2]);
    ck_assert_int_eq(store_lane_after(store, mine, NOW, ids[0], region, out, 1, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(store_message_scheduled(store, NOW, 0, 0, region, out, 5, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(store_message_scheduled(store, NOW + 1, NOW, ids[3], region, out, 5, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(out[0].id, ids[4]);
    ck_assert_int_eq(out[1].id, ids[5]);
}
END_TEST

/* The oldest that was refused, or waits behind such a one. */
START_TEST(what_keeps_a_message_waiting_is_found)
{
    struct message kept, rows[5];
    for (int i = 0; i < 5; i++) {
        rows[i] = message_of(MESSAGE_QUEUED);
        rows[i].reason = i == 1 ? "behind" : "";
        rows[i].purpose = i == 0 ? PURPOSE_HELP_REPLY : PURPOSE_CAMPAIGN;
        rows[i].program = i == 3 ? 2 : 1;
        store_message_put(store, &rows[i]);
    }
    store_message_refused(store, rows[0].id);
    store_message_refused(store, rows[2].id);
    store_message_refused(store, rows[3].id);
    ck_assert_int_eq(store_message_kept(store, &rows[4], "behind", region, &kept), STORE_OK);
    ck_assert_int_eq(kept.id, rows[1].id);
    ck_assert_int_eq(store_message_kept(store, &rows[1], "behind", region, &kept), STORE_OK);
    ck_assert_int_eq(kept.id, rows[2].id);
    ck_assert_int_eq(store_message_kept(store, &rows[3], "behind", region, &kept), STORE_NONE);
}
END_TEST

START_TEST(a_brand_keeps_count_of_its_days)
{
    int64_t parts = 7;
    ck_assert_int_eq(store_brand_day(store, "B1", 20000, &parts), STORE_OK);
    ck_assert_int_eq(parts, 0);
    store_brand_day_put(store, "B1", 20000, 12);
    store_brand_day_put(store, "B1", 20000, 13);
    store_brand_day_put(store, "B2", 20000, 5);
    store_brand_day_put(store, "B1", 20001, 1);
    store_brand_days_forget(store, "B1", 20001);
    ck_assert_int_eq(store_brand_day(store, "B1", 20001, &parts), STORE_OK);
    ck_assert_int_eq(parts, 1);
    ck_assert_int_eq(store_brand_day(store, "B1", 20000, &parts), STORE_OK);
    ck_assert_int_eq(parts, 0);
    ck_assert_int_eq(store_brand_day(store, "B2", 20000, &parts), STORE_OK);
    ck_assert_int_eq(parts, 5);
}
END_TEST

START_TEST(the_scheduled_wake_when_their_time_has_come)
{
    int64_t ids[3];
    for (int i = 0; i < 3; i++) {
        struct message message = message_of(MESSAGE_SCHEDULED);
        message.due_at = NOW + i;
        store_message_put(store, &message);
        ids[i] = message.id;
    }
    commit();
    ck_assert_int_eq(store_message_wake(store, NOW - 1), 0);
    ck_assert(!store_is_writing(store)); /* it asks before it writes */
    ck_assert_int_eq(store_message_wake(store, NOW + 1), 2);
    ck_assert_int_eq(message_get(ids[1]).state, MESSAGE_QUEUED);
    ck_assert_int_eq(message_get(ids[2]).state, MESSAGE_SCHEDULED);
    ck_assert_int_eq(store_message_count(store, MESSAGE_SCHEDULED), 1);
    ck_assert_int_eq(store_message_count(store, MESSAGE_QUEUED), 2);
}
END_TEST

static void clock_set(enum message_state state, enum message_purpose purpose, int64_t due_by_ms,
                      int64_t expires_by_ms)
{
    struct message was = message_of(state);
    was.purpose = purpose;
    was.due_at = NOW + 1000;
    was.expires_at = NOW + 60000;
    store_message_put(store, &was);
    store_message_clock_set(store, -7000);
    struct message is = message_get(was.id);
    ck_assert_int_eq(is.due_at - was.due_at, due_by_ms);
    ck_assert_int_eq(is.expires_at - was.expires_at, expires_by_ms);
}

START_TEST(when_the_clock_is_set_spans_stay_and_times_of_day_too)
{
    clock_set(MESSAGE_QUEUED, PURPOSE_CAMPAIGN, -7000, 0);
    clock_set(MESSAGE_HELD, PURPOSE_CAMPAIGN, -7000, 0);
    clock_set(MESSAGE_SCHEDULED, PURPOSE_CAMPAIGN, 0, 0);
    clock_set(MESSAGE_QUEUED, PURPOSE_STOP_REPLY, -7000, -7000);
    clock_set(MESSAGE_SCHEDULED, PURPOSE_CONFIRMATION, -7000, -7000);
    clock_set(MESSAGE_SENDING, PURPOSE_CAMPAIGN, 0, 0);
}
END_TEST

START_TEST(what_a_stop_ends_is_found_by_its_number)
{
    int64_t queued = message_put(MESSAGE_QUEUED);
    message_put(MESSAGE_SENT);
    message_put(MESSAGE_SENDING);
    int64_t held = message_put(MESSAGE_HELD);
    struct message other = message_of(MESSAGE_QUEUED), out[4];
    other.number = 14155550999;
    store_message_put(store, &other);
    size_t count;
    ck_assert_int_eq(store_message_open_of(store, 14155550123, region, out, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(out[0].id, queued);
    ck_assert_int_eq(out[1].id, held);
}
END_TEST

START_TEST(the_held_of_a_number_are_released_together)
{
    int64_t first = message_put(MESSAGE_HELD), second = message_put(MESSAGE_HELD);
    int64_t queued = message_put(MESSAGE_QUEUED);
    struct message other = message_of(MESSAGE_HELD);
    other.program = 2;
    store_message_put(store, &other);
    ck_assert_int_eq(store_message_release(store, 14155550123, 1, MESSAGE_QUEUED, "", NOW), 2);
    ck_assert_int_eq(message_get(first).state, MESSAGE_QUEUED);
    ck_assert_int_eq(message_get(second).done_at, 0);
    ck_assert_int_eq(store_message_release(store, 14155550123, 2, MESSAGE_FAILED, "no answer", NOW),
                     1);
    struct message failed = message_get(other.id);
    ck_assert_int_eq(failed.state, MESSAGE_FAILED);
    ck_assert_str_eq(failed.reason, "no answer");
    ck_assert_int_eq(failed.done_at, NOW);
    ck_assert_int_eq(message_get(queued).state, MESSAGE_QUEUED);
}
END_TEST

START_TEST(only_what_has_not_left_is_overdue)
{
    static const enum message_state states[] = {MESSAGE_SCHEDULED, MESSAGE_QUEUED, MESSAGE_HELD,
                                                MESSAGE_SENDING, MESSAGE_SENT};
    for (int i = 0; i < 5; i++) {
        struct message message = message_of(states[i]);
        message.expires_at = NOW - i;
        store_message_put(store, &message);
    }
    struct message never = message_of(MESSAGE_QUEUED), out[6];
    never.expires_at = 0;
    store_message_put(store, &never);
    size_t count;
    ck_assert_int_eq(store_message_overdue(store, NOW, region, out, 6, &count), STORE_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(out[0].state, MESSAGE_HELD);
    ck_assert_int_eq(store_message_overdue(store, NOW - 1, region, out, 6, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
}
END_TEST

START_TEST(a_search_gives_the_newest_first_and_goes_on_where_it_ended)
{
    int64_t ids[6];
    for (int i = 0; i < 6; i++) {
        struct message message = message_of(i % 2 == 0 ? MESSAGE_SENT : MESSAGE_FAILED);
        message.number = i < 3 ? 14155550123 : 14155550999;
        message.account = i == 5 ? "other" : "campaigns";
        message.program = i == 4 ? 2 : 1;
        message.client_ref = i == 1 || i == 4 ? "lead-881" : "";
        store_message_put(store, &message);
        ids[i] = message.id;
    }
    static const struct {
        struct message_filter filter;
        size_t count;
        int first;
    } searches[] = {
        {{.number = 0}, 6, 5},
        {{.number = 14155550123}, 3, 2},
        {{.number = 14155550123, .state = MESSAGE_FAILED}, 1, 1},
        {{.account = "campaigns"}, 5, 4},
        {{.account = "campaigns", .number = 14155550999}, 2, 4},
        {{.account = "nobody"}, 0, 0},
        {{.client_ref = "lead-881"}, 2, 4},
        {{.client_ref = "lead-881", .program = 1, .account = "campaigns"}, 1, 1},
        {{.client_ref = "lead-881", .account = "other"}, 0, 0},
        {{.program = 2}, 1, 4},
        {{.state = MESSAGE_SENT}, 3, 4},
    };
    struct message out[6];
    size_t count;
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
        ck_assert_int_eq(store_message_search(store, &searches[i].filter, region, out, 6, &count),
                         STORE_OK);
        ck_assert_uint_eq(count, searches[i].count);
        if (count > 0)
            ck_assert_int_eq(out[0].id, ids[searches[i].first]);
    }
    struct message_filter next = {.after = ids[3]};
    ck_assert_int_eq(store_message_search(store, &next, region, out, 2, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(out[0].id, ids[2]);
    ck_assert_int_eq(out[1].id, ids[1]);
}
END_TEST

START_TEST(the_counts_are_those_of_the_rows)
{
    for (int i = 0; i < 5; i++) {
        int64_t id = message_put(MESSAGE_QUEUED);
        if (i > 1)
            store_message_sending(store, id, "north", 1, NOW);
        if (i > 2)
            store_message_move(store, id, MESSAGE_SENDING, MESSAGE_SENT, "", NULL, NOW);
    }
    ck_assert_int_eq(store_message_count(store, MESSAGE_QUEUED), 2);
    commit();
    open_again();
    ck_assert_int_eq(store_message_count(store, MESSAGE_QUEUED), 2);
    ck_assert_int_eq(store_message_count(store, MESSAGE_SENDING), 1);
    ck_assert_int_eq(store_message_count(store, MESSAGE_SENT), 2);
    ck_assert_int_eq(store_message_count(store, MESSAGE_HELD), 0);
}
END_TEST

/* ---- parts, strays, events, answers ---- */

static struct message_part part_of(int64_t message, int part, int of, const char *carrier_id)
{
    return (struct message_part){.message = message,
                                 .part = part,
                                 .of = of,
                                 .carrier = "north",
                                 .carrier_id = carrier_id,
                                 .err = "",
                                 .at = NOW};
}

static enum store_result find_part(const char *carrier, const char *id, struct message_part *out)
{
    struct message message;
    enum store_result found =
        store_part_find(store, carrier, octets_text(id), region, out, &message);
    if (found == STORE_OK)
        ck_assert_int_eq(message.id, out->message);
    return found;
}

START_TEST(a_part_is_found_by_its_carriers_id_to_the_letter)
{
    struct message long_one = message_of(MESSAGE_SENT);
    long_one.parts = 2;
    store_message_put(store, &long_one);
    int64_t ids[] = {message_put(MESSAGE_SENT), long_one.id};
    struct message_part part = part_of(ids[0], 1, 1, "00aB"), out;
    store_part_put(store, &part);
    part = part_of(ids[1], 2, 2, "00aC");
    store_part_put(store, &part);
    for (int i = 0; i < 2; i++) {
        const char *id = i == 0 ? "00aB" : "00aC";
        ck_assert_int_eq(find_part("north", id, &out), STORE_OK);
        ck_assert_int_eq(out.message, ids[i]);
        ck_assert_int_eq(out.part, i + 1);
        ck_assert_int_eq(out.of, i + 1);
        ck_assert_str_eq(out.carrier_id, id);
        ck_assert_int_eq(find_part("south", id, &out), STORE_NONE);
        ck_assert_int_eq(find_part("north", id + 2, &out), STORE_NONE);
    }
    ck_assert_int_eq(find_part("north", "00AB", &out), STORE_NONE);
    ck_assert_int_eq(find_part("north", "", &out), STORE_NONE);
}
END_TEST

START_TEST(the_parts_of_a_message_are_told_alike_wherever_they_stand)
{
    struct message message;
    struct message_part out[3];
    size_t count;
    int64_t id = message_put(MESSAGE_SENDING);
    struct message_part part = part_of(id, 1, 1, "7");
    store_message_move(store, id, MESSAGE_SENDING, MESSAGE_SENT, "", &part, NOW);
    part.state = 5;
    part.err = "0c1";
    part.at = NOW + 9;
    store_message_move(store, id, MESSAGE_SENT, MESSAGE_FAILED, "receipt", &part, NOW + 9);
    ck_assert_int_eq(store_message_get(store, id, region, &message), STORE_OK);
    ck_assert_int_eq(store_parts_of(store, &message, region, out, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    message = message_of(MESSAGE_SENT);
    message.parts = 2;
    store_message_put(store, &message);
    part.message = message.id;
    part.part = part.of = 2;
    store_part_put(store, &part);
    ck_assert_int_eq(store_parts_of(store, &message, region, out + 1, 2, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(out[i].part, i + 1);
        ck_assert_int_eq(out[i].of, i + 1);
        ck_assert_int_eq(out[i].state, 5);
        ck_assert_str_eq(out[i].err, "0c1");
        ck_assert_str_eq(out[i].carrier, "north");
        ck_assert_str_eq(out[i].carrier_id, "7");
        ck_assert_int_eq(out[i].at, NOW + 9);
    }
}
END_TEST

START_TEST(a_message_that_no_carrier_took_has_no_parts)
{
    struct message message;
    struct message_part out[1];
    size_t count;
    int64_t id = message_put(MESSAGE_SENDING);
    ck_assert_int_eq(store_message_get(store, id, region, &message), STORE_OK);
    ck_assert_int_eq(store_parts_of(store, &message, region, out, 1, &count), STORE_OK);
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_message_sent_again_has_the_newer_answers_part)
{
    struct message message;
    int64_t id = message_put(MESSAGE_SENDING);
    struct message_part part = part_of(id, 1, 1, "first"), out;
    part.state = 2;
    store_part_put(store, &part);
    part = part_of(id, 1, 1, "second");
    store_message_move(store, id, MESSAGE_SENDING, MESSAGE_SENT, "", &part, NOW);
    ck_assert_int_eq(find_part("north", "first", &out), STORE_NONE);
    ck_assert_int_eq(find_part("north", "second", &out), STORE_OK);
    ck_assert_int_eq(out.state, 0);
    ck_assert_int_eq(store_message_get(store, id, region, &message), STORE_OK);
    ck_assert_int_eq(message.sent_at, NOW);
}
END_TEST

START_TEST(an_id_that_a_carrier_gave_twice_is_the_newer_messages)
{
    struct message_part out;
    int64_t id = 0;
    for (int i = 0; i < 2; i++) {
        id = message_put(MESSAGE_SENT);
        struct message_part part = part_of(id, 1, 1, "7");
        store_part_put(store, &part);
    }
    ck_assert_int_eq(find_part("north", "7", &out), STORE_OK);
    ck_assert_int_eq(out.message, id);
}
END_TEST

START_TEST(a_stray_is_taken_once_and_the_oldest_first)
{
    struct stray_receipt first = {.state = 1, .err = octets_of("\0\xff", 2)};
    struct stray_receipt last = {.state = 2, .is_final = true};
    first.carrier_id = octets_text("7");
    store_stray_put(store, "north", 0, &first, NOW);
    last.carrier_id = octets_text("7");
    store_stray_put(store, "north", 0, &last, NOW + 1);
    commit();
    struct stray_receipt out;
    ck_assert_int_eq(store_stray_take(store, "south", octets_text("7"), 0, region, &out), STORE_NONE);
    ck_assert(!store_is_writing(store));
    ck_assert_int_eq(store_stray_take(store, "north", octets_text("7"), 0, region, &out), STORE_OK);
    ck_assert_int_eq(out.state, 1);
    ck_assert(!out.is_final);
    ck_assert(octets_equal(out.err, octets_of("\0\xff", 2)));
    ck_assert_int_eq(store_stray_take(store, "north", octets_text("7"), 0, region, &out), STORE_OK);
    ck_assert(out.is_final);
    ck_assert_int_eq(store_stray_take(store, "north", octets_text("7"), 0, region, &out), STORE_NONE);
}
END_TEST

START_TEST(a_stray_that_can_t_be_taken_away_is_not_given)
{
    struct stray_receipt receipt = {.state = 2};
    receipt.carrier_id = octets_text("7");
    store_stray_put(store, "north", 0, &receipt, NOW);
    commit();
    store_handover_put(store, &(struct handover){.id = 1, .account = NULL}); /* breaks the turn */
    ck_assert_int_eq(store_stray_take(store, "north", octets_text("7"), 0, region, &receipt),
                     STORE_FAILED);
}
END_TEST

START_TEST(strays_don_t_pile_up_without_bound)
{
    struct stray_receipt receipt = {.state = 2};
    receipt.carrier_id = octets_text("old");
    store_stray_put(store, "north", 0, &receipt, NOW);
    commit();
    shell("INSERT INTO stray_receipt SELECT 100000, carrier, 'new', state, is_final, err, at, 0"
          " FROM stray_receipt");
    ck_assert_int_eq(store_stray_take(store, "north", octets_text("none"), 0, region, &receipt),
                     STORE_NONE);
    receipt.carrier_id = octets_text("newest");
    store_stray_put(store, "north", 0, &receipt, NOW);
    ck_assert_int_eq(store_stray_take(store, "north", octets_text("old"), 0, region, &receipt),
                     STORE_NONE);
    ck_assert_int_eq(store_stray_take(store, "north", octets_text("new"), 0, region, &receipt),
                     STORE_OK);
}
END_TEST

START_TEST(the_events_of_a_message_come_in_their_order)
{
    store_event_put(store, 9, NOW + 1, "sent again");
    store_event_put(store, 8, NOW, "withdrawn");
    store_event_put(store, 9, NOW, "withdrawn"); /* the clock went back */
    struct message_event out[3];
    size_t count;
    ck_assert_int_eq(store_events_of(store, 9, region, out, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(out[0].what, "sent again");
    ck_assert_str_eq(out[1].what, "withdrawn");
    ck_assert_int_eq(out[1].at, NOW);
}
END_TEST

START_TEST(the_answers_of_a_batch_are_kept_slice_by_slice)
{
    struct kept_answer answer;
    struct octets key = octets_text("batch");
    struct kept_rows first = {0, 2, octets_text("ab")}, second = {2, 1, octets_text("c")}, out;
    uint8_t hash[32] = {1};
    store_answer_begin(store, "campaigns", key, hash, NOW);
    store_answer_grow(store, "campaigns", key, &first, 0);
    commit();
    ck_assert_int_eq(store_answer_find(store, "campaigns", key, region, &answer), STORE_OK);
    ck_assert_int_eq(answer.http_status, 0);
    ck_assert_int_eq(answer.rows, 2);
    ck_assert_str_eq(answer.body, "");
    store_answer_grow(store, "campaigns", key, &second, 200);
    commit();
    ck_assert_int_eq(store_answer_find(store, "campaigns", key, region, &answer), STORE_OK);
    ck_assert_int_eq(answer.http_status, 200);
    ck_assert_int_eq(answer.rows, 3);
    ck_assert_int_eq(store_answer_rows(store, "campaigns", key, 2, region, &out), STORE_OK);
    ck_assert_int_eq(out.count, 1);
    ck_assert(octets_equal(out.text, octets_text("c")));
    ck_assert_int_eq(store_answer_rows(store, "campaigns", key, 1, region, &out), STORE_NONE);
}
END_TEST

START_TEST(a_batch_that_begins_anew_has_no_answers_and_what_is_old_is_forgotten)
{
    struct kept_answer answer;
    struct octets key = octets_text("batch");
    struct kept_rows rows = {0, 2, octets_text("ab")}, out;
    uint8_t hash[32] = {1};
    store_answer_begin(store, "campaigns", key, hash, NOW);
    store_answer_grow(store, "campaigns", key, &rows, 200);
    store_answer_begin(store, "campaigns", key, hash, NOW + 1);
    ck_assert_int_eq(store_answer_rows(store, "campaigns", key, 0, region, &out), STORE_NONE);
    store_answer_grow(store, "campaigns", key, &rows, 0);
    commit();
    store_answers_forget(store, NOW + 1);
    ck_assert_int_eq(store_answer_rows(store, "campaigns", key, 0, region, &out), STORE_OK);
    store_answers_forget(store, NOW + 2);
    ck_assert_int_eq(store_answer_find(store, "campaigns", key, region, &answer), STORE_NONE);
    ck_assert_int_eq(store_answer_rows(store, "campaigns", key, 0, region, &out), STORE_NONE);
}
END_TEST

START_TEST(an_answer_is_found_by_its_account_and_key_until_it_is_forgotten)
{
    struct kept_answer answer = {.at = NOW, .http_status = 202, .body = "{}"}, out;
    memset(answer.body_hash, 0xab, sizeof answer.body_hash);
    struct octets key = octets_of("k\0y", 3);
    store_answer_put(store, "campaigns", key, &answer);
    commit();
    ck_assert_int_eq(store_answer_find(store, "campaigns", key, region, &out), STORE_OK);
    ck_assert_int_eq(out.http_status, 202);
    ck_assert_int_eq(out.at, NOW);
    ck_assert_str_eq(out.body, "{}");
    ck_assert_mem_eq(out.body_hash, answer.body_hash, sizeof out.body_hash);
    ck_assert_int_eq(store_answer_find(store, "other", key, region, &out), STORE_NONE);
    ck_assert_int_eq(store_answer_find(store, "campaigns", octets_of("k", 1), region, &out),
                     STORE_NONE);
    store_answers_forget(store, NOW);
    ck_assert(!store_is_writing(store));
    store_answers_forget(store, NOW + 1);
    ck_assert_int_eq(store_answer_find(store, "campaigns", key, region, &out), STORE_NONE);
}
END_TEST

/* ---- consent ---- */

START_TEST(a_consent_comes_back_as_it_was_put_and_the_newest_stays)
{
    struct consent put = {.number = 14155550123, .program = 2, .seq = 1, .why = "left it unticked"};
    struct consent got;
    ck_assert_int_eq(store_consent_get(store, put.number, 2, region, &got), STORE_NONE);
    store_consent_put(store, &put);
    put = (struct consent){.number = 14155550123,
                           .program = 2,
                           .has_opted_in = true,
                           .seq = 12,
                           .since = NOW,
                           .collected_at = NOW - 5,
                           .lifted_seq = 11,
                           .why = "ticked the box",
                           .confirmation = CONFIRMATION_PENDING,
                           .confirmation_since = NOW + 1,
                           .confirmation_tries = 3};
    store_consent_put(store, &put);
    commit();
    ck_assert_int_eq(store_consent_get(store, put.number, 1, region, &got), STORE_NONE);
    ck_assert_int_eq(store_consent_get(store, put.number, 2, region, &got), STORE_OK);
    ck_assert_uint_eq(got.number, put.number);
    ck_assert_int_eq(got.program, 2);
    ck_assert(got.has_opted_in);
    ck_assert_int_eq(got.seq, 12);
    ck_assert_int_eq(got.since, NOW);
    ck_assert_int_eq(got.collected_at, NOW - 5);
    ck_assert_int_eq(got.lifted_seq, 11);
    ck_assert_str_eq(got.why, "ticked the box");
    ck_assert_int_eq(got.confirmation, CONFIRMATION_PENDING);
    ck_assert_int_eq(got.confirmation_since, NOW + 1);
    ck_assert_int_eq(got.confirmation_tries, 3);
}
END_TEST

START_TEST(the_sender_that_a_number_knows_lives_and_goes_with_its_consent)
{
    const char *sender = NULL;
    struct consent consent = {.number = 14155550123, .program = 2, .why = ""};
    store_known_sender_put(store, consent.number, 2, "+12065550100");
    ck_assert_int_eq(store_known_sender(store, consent.number, 2, region, &sender), STORE_NONE);
    store_consent_put(store, &consent);
    store_known_sender_put(store, consent.number, 2, "+12065550100");
    store_known_sender_put(store, consent.number, 2, "24365");
    ck_assert_int_eq(store_known_sender(store, consent.number, 2, region, &sender), STORE_OK);
    ck_assert_str_eq(sender, "24365");
    ck_assert_int_eq(store_known_sender(store, consent.number, 1, region, &sender), STORE_NONE);
    ck_assert_int_eq(store_known_sender(store, consent.number + 1, 2, region, &sender), STORE_NONE);
    store_consent_erase(store, consent.number);
    ck_assert_int_eq(store_known_sender(store, consent.number, 2, region, &sender), STORE_NONE);
    commit();
}
END_TEST

START_TEST(a_yes_that_somebody_mangled_is_no_yes)
{
    struct consent consent = {.number = 14155550123, .program = 2, .has_opted_in = true, .why = ""};
    store_consent_put(store, &consent);
    commit();
    shell("UPDATE consent SET has_opted_in = 'maybe'");
    ck_assert_int_eq(store_consent_get(store, consent.number, 2, region, &consent), STORE_OK);
    ck_assert(!consent.has_opted_in);
}
END_TEST

START_TEST(the_unconfirmed_are_found_by_their_age)
{
    for (int i = 0; i < 4; i++) {
        struct consent consent = {.number = 14155550120 + (unsigned)i,
                                  .program = 1,
                                  .why = "",
                                  .confirmation_since = NOW - i,
                                  .confirmation =
                                      i == 3 ? CONFIRMATION_TAKEN : CONFIRMATION_PENDING};
        store_consent_put(store, &consent);
    }
    struct consent out[4];
    size_t count;
    ck_assert_int_eq(store_consent_unconfirmed(store, NOW, region, out, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(out[0].number, 14155550122);
    ck_assert_uint_eq(out[1].number, 14155550121);
}
END_TEST

START_TEST(the_newest_opt_out_of_a_scope_stays)
{
    struct optout optout = {.number = 14155550123,
                            .scope = OPTOUT_BRAND,
                            .name = "Leads Direct",
                            .seq = 7,
                            .at = NOW,
                            .inbound = 5,
                            .how = "texted STOP"};
    store_optout_put(store, &optout);
    optout.seq = 6; /* an older one that comes late */
    optout.how = "called";
    store_optout_put(store, &optout);
    optout = (struct optout){.number = 14155550123,
                             .scope = OPTOUT_PROGRAM,
                             .name = "Leads Direct",
                             .seq = 8,
                             .how = "wrote"};
    store_optout_put(store, &optout);
    struct optout *out;
    size_t count;
    ck_assert_int_eq(store_optouts_of(store, 14155550123, region, &out, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(out[0].scope, OPTOUT_BRAND);
    ck_assert_int_eq(out[0].seq, 7);
    ck_assert_int_eq(out[0].inbound, 5);
    ck_assert_str_eq(out[0].how, "texted STOP");
    ck_assert_str_eq(out[1].name, "Leads Direct");
    ck_assert_int_eq(store_optouts_of(store, 14155550124, region, &out, &count), STORE_OK);
    ck_assert_uint_eq(count, 0);
    optout.scope = OPTOUT_SENDER;
    for (int i = 0; i < 100; i++) {
        char sender[32];
        snprintf(sender, sizeof sender, "+120655501%02d", i);
        optout.name = sender;
        store_optout_put(store, &optout);
    }
    ck_assert_int_eq(store_optouts_of(store, 14155550123, region, &out, &count), STORE_OK);
    ck_assert_uint_eq(count, 102);
}
END_TEST

START_TEST(an_act_is_known_again)
{
    uint8_t digest[32] = {1, 2, 3};
    int64_t seq = 0;
    ck_assert_int_eq(store_act_find(store, digest, &seq), STORE_NONE);
    store_act_put(store, digest, 4711);
    ck_assert_int_eq(store_act_find(store, digest, &seq), STORE_OK);
    ck_assert_int_eq(seq, 4711);
    digest[31] = 1;
    ck_assert_int_eq(store_act_find(store, digest, &seq), STORE_NONE);
}
END_TEST

/* ---- ledger ---- */

static void ledger_put(int64_t seq, const char *kind, const char *number, const char *payload,
                       const char *at)
{
    struct ledger_row row = {.seq = seq,
                             .at = at,
                             .kind = kind,
                             .program = "nurture",
                             .number = number,
                             .payload = payload,
                             .payload_digest = "d",
                             .prev_hash = "p",
                             .hash = "h"};
    store_ledger_put(store, &row);
}

static void ledger_fill(void)
{
    ledger_put(1, "registration", "+14155550123", "{}", "2026-11-24T00:00:00.000Z");
    ledger_put(2, "block", "+14155550123", "{\"code\":\"no_consent\",\"account\":\"a\"}",
               "2026-11-24T01:00:00.000Z");
    ledger_put(3, "block", "+14155550999", "{\"code\":\"opted_out\",\"account\":\"b\"}",
               "2026-11-24T02:00:00.000Z");
    ledger_put(4, "seal", NULL, "{\"count\":3,\"account\":\"a\"}", "2026-11-24T03:00:00.000Z");
    ledger_put(5, "block", "+14155550999", "{\"code\":\"no_consent\",\"account\":\"b\"}",
               "2026-11-24T04:00:00.000Z");
    commit();
}

START_TEST(a_record_comes_back_as_it_was_put)
{
    struct ledger_row put = {.seq = 1,
                             .at = "t",
                             .kind = "k",
                             .program = "",
                             .number = "+1",
                             .number_salt = "ns",
                             .number_digest = "nd",
                             .payload = "{}",
                             .payload_salt = "ps",
                             .payload_digest = "pd",
                             .prev_hash = "ph",
                             .hash = "h"};
    struct ledger_row got;
    ck_assert_int_eq(store_ledger_last(store, region, &got), STORE_NONE);
    store_ledger_put(store, &put);
    ledger_put(2, "seal", NULL, NULL, "t");
    commit();
    ck_assert_int_eq(store_ledger_get(store, 1, region, &got), STORE_OK);
    ck_assert_str_eq(got.at, "t");
    ck_assert_str_eq(got.kind, "k");
    ck_assert_str_eq(got.program, "");
    ck_assert_str_eq(got.number, "+1");
    ck_assert_str_eq(got.number_salt, "ns");
    ck_assert_str_eq(got.number_digest, "nd");
    ck_assert_str_eq(got.payload, "{}");
    ck_assert_str_eq(got.payload_salt, "ps");
    ck_assert_str_eq(got.payload_digest, "pd");
    ck_assert_str_eq(got.prev_hash, "ph");
    ck_assert_str_eq(got.hash, "h");
    ck_assert_int_eq(store_ledger_last(store, region, &got), STORE_OK);
    ck_assert_int_eq(got.seq, 2);
    ck_assert_ptr_null(got.number);
    ck_assert_ptr_null(got.number_digest);
    ck_assert_ptr_null(got.payload);
    ck_assert_int_eq(store_ledger_get(store, 3, region, &got), STORE_NONE);
}
END_TEST

START_TEST(the_ledgers_columns_are_those_that_auditors_were_promised)
{
    shell("CREATE TABLE wanted (n INTEGER PRIMARY KEY, name, type);"
          "INSERT INTO wanted (name, type) VALUES ('seq', 'INTEGER'), ('at', 'TEXT'),"
          " ('kind', 'TEXT'), ('program', 'TEXT'), ('number', 'TEXT'), ('payload', 'TEXT'),"
          " ('prev_hash', 'TEXT'), ('hash', 'TEXT'), ('number_salt', 'TEXT'),"
          " ('number_digest', 'TEXT'), ('payload_salt', 'TEXT'), ('payload_digest', 'TEXT'), ('leaves', 'BLOB');"
          "CREATE TABLE outcome (is_good CHECK (is_good));"
          "INSERT INTO outcome SELECT (SELECT group_concat(name || type) FROM wanted) ="
          " (SELECT group_concat(name || type) FROM pragma_table_info('ledger'))"
          " AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'view' OR (type = 'trigger' AND tbl_name = 'ledger'))");
}
END_TEST

START_TEST(a_record_is_never_written_over)
{
    ledger_fill();
    ledger_put(5, "seal", NULL, "{}", "t");
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
}
END_TEST

/* ---- the block log ---- */

#define HOUR INT64_C(3600000)

static void block_put(int64_t seq, const char *program, const char *account, const char *code, int64_t at)
{
    ledger_put(seq, "block", "+14155550123", "{}", "t");
    store_block_put(store, &(struct block_class){.program = program, .account = account, .code = code}, seq, at);
    store_activity_add(store, at, program, code);
}

static int64_t class_of(const char *account)
{
    size_t count;
    struct block_class *classes;
    ck_assert_int_eq(store_block_classes(store, region, &classes, &count), STORE_OK);
    for (size_t i = 0; i < count; i++)
        if (strcmp(classes[i].account, account) == 0)
            return classes[i].id;
    return 0;
}

/* The records listed, as "5 3 1", of these accounts. */
static const char *blocks_of(const char *one, const char *other, struct block_filter filter, size_t limit)
{
    static char text[400];
    size_t count;
    struct ledger_row rows[100];
    const struct block_class classes[] = {{.id = class_of(one)}, {.id = class_of(other)}};
    filter.classes = classes;
    filter.class_count = 2;
    ck_assert_int_eq(store_block_list(store, &filter, region, rows, limit, &count), STORE_OK);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld", i == 0 ? "" : " ", (long long)rows[i].seq);
    return text;
}

START_TEST(blocks_of_any_class_come_as_they_lie_in_the_ledger)
{
    for (int64_t seq = 1; seq <= 30; seq++)
        if (seq % 5 != 0)
            block_put(seq, "p", seq % 2 == 0 ? "one" : "other", "no_consent", NOW + (seq == 7 ? HOUR : 0));
        else
            ledger_put(seq, "opt_out", "+14155550123", "{}", "t");
    commit();
    ck_assert_str_eq(blocks_of("one", "other", (struct block_filter){.is_any = true}, 5), "29 28 27 26 24");
    ck_assert_str_eq(blocks_of("one", "other", (struct block_filter){.is_any = true, .before = 24}, 4), "23 22 21 19");
    ck_assert_str_eq(blocks_of("one", "other", (struct block_filter){.is_any = true, .before = 4}, 50), "3 2 1");
    ck_assert_str_eq(blocks_of("one", "other", (struct block_filter){.is_any = true, .since = NOW + 1}, 50), "7");
    ck_assert_str_eq(blocks_of("one", "other", (struct block_filter){.is_any = true, .until = NOW + 1}, 4), "29 28 27 26");
    ck_assert_str_eq(blocks_of("none", "nobody", (struct block_filter){.is_any = true}, 3), "29 28 27");
}
END_TEST

START_TEST(blocks_of_several_classes_come_in_one_order_however_they_lie)
{
    for (int64_t seq = 1; seq <= 60; seq++) /* more of a class than a page fetches of it at once */
        block_put(seq, "p", seq % 10 == 0 ? "rare" : seq % 3 == 0 ? "other" : "often", "no_consent", NOW);
    commit();
    ck_assert_str_eq(blocks_of("often", "rare", (struct block_filter){0}, 8), "60 59 58 56 55 53 52 50");
    ck_assert_str_eq(blocks_of("often", "rare", (struct block_filter){.before = 50}, 4), "49 47 46 44");
    ck_assert_str_eq(blocks_of("rare", "none", (struct block_filter){0}, 50), "60 50 40 30 20 10");
    ck_assert_str_eq(blocks_of("often", "other", (struct block_filter){.before = 3}, 50), "2 1");
    ck_assert_str_eq(blocks_of("often", "other", (struct block_filter){.before = 1}, 50), "");
    const char *all = blocks_of("often", "other", (struct block_filter){0}, 100);
    ck_assert_ptr_nonnull(strstr(all, "59 58 57 56 55 54 53 52 51 49 48"));
}
END_TEST

START_TEST(blocks_are_found_by_their_time_though_the_clock_was_set_back)
{
    block_put(1, "p", "a", "no_consent", NOW);
    block_put(2, "p", "a", "no_consent", NOW + 5 * HOUR);
    commit();
    block_put(3, "p", "a", "no_consent", NOW - 2 * HOUR); /* set back */
    block_put(4, "p", "a", "no_consent", NOW + 1);
    commit();
    ck_assert_str_eq(blocks_of("a", "b", (struct block_filter){.since = NOW, .until = NOW + 2}, 9), "4 1");
    ck_assert_str_eq(blocks_of("a", "b", (struct block_filter){.since = NOW + 1}, 9), "4 2");
    ck_assert_str_eq(blocks_of("a", "b", (struct block_filter){.until = NOW}, 9), "3");
    ck_assert_str_eq(blocks_of("a", "b", (struct block_filter){.since = NOW + 9 * HOUR}, 9), "");
}
END_TEST

static int64_t happened(enum activity_step step, int64_t since, int64_t until, const char *programs, const char *what)
{
    size_t count;
    int64_t sum = 0;
    struct activity rows[100];
    ck_assert_int_eq(store_activity_list(store, step, since, until, programs, region, rows, 100, &count), STORE_OK);
    for (size_t i = 0; i < count; i++)
        sum += strcmp(rows[i].what, what) == 0 ? rows[i].count : 0;
    return sum;
}

START_TEST(what_happened_is_counted_by_the_hour_and_the_day_and_not_in_a_turn_that_failed)
{
    int64_t day = NOW - NOW % (24 * HOUR);
    for (int i = 0; i < 70; i++) { /* more than a turn keeps */
        char program[16];
        snprintf(program, sizeof program, "p%d", i);
        store_activity_add(store, day + HOUR, program, ACTIVITY_OPT_IN);
    }
    store_activity_add(store, day + HOUR, "p1", ACTIVITY_OPT_IN);
    store_activity_add(store, day + 3 * HOUR, "p1", ACTIVITY_OPT_OUT);
    ledger_put(1, "note", NULL, "{}", "t");
    commit();
    store_activity_add(store, day + HOUR, "p1", ACTIVITY_OPT_IN);
    ledger_put(2, "note", NULL, "{}", "t");
    store_abandon(store);
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    ledger_put(2, "note", NULL, "{}", "t");
    commit();
    ck_assert_int_eq(happened(ACTIVITY_DAY, day, day + 1, NULL, ACTIVITY_OPT_IN), 71);
    ck_assert_int_eq(happened(ACTIVITY_DAY, day, day + 1, "[\"p1\",\"p2\"]", ACTIVITY_OPT_IN), 3);
    ck_assert_int_eq(happened(ACTIVITY_HOUR, day, day + HOUR, NULL, ACTIVITY_OPT_IN), 0);
    ck_assert_int_eq(happened(ACTIVITY_HOUR, day + HOUR, day + 2 * HOUR, NULL, ACTIVITY_OPT_IN), 71);
    ck_assert_int_eq(happened(ACTIVITY_HOUR, day, day + 24 * HOUR, "[\"p1\"]", ACTIVITY_OPT_OUT), 1);
}
END_TEST

START_TEST(the_ledger_is_listed_by_any_filter_in_either_direction)
{
    static const struct {
        struct ledger_filter filter;
        const char *wanted;
    } lists[] = {
        {{.limit = 9}, "12345"},
        {{.limit = 2, .after = 1}, "23"},
        {{.limit = 9, .newest_first = true}, "54321"},
        {{.limit = 2, .newest_first = true, .after = 4}, "32"},
        {{.limit = 9, .number = "+14155550123"}, "12"},
        {{.limit = 9, .number = "+14155550123", .kind = "block"}, "2"},
        {{.limit = 9, .kind = "block"}, "235"},
        {{.limit = 9, .kind = "block", .newest_first = true}, "532"},
        {{.limit = 9, .account = "a"}, "2"}, /* of blocks: not the seal */
        {{.limit = 9, .account = "b", .newest_first = true}, "53"},
        {{.limit = 9, .reason = "no_consent"}, "25"},
        {{.limit = 9, .reason = "no_consent", .account = "b"}, "5"},
        {{.limit = 9, .program = "nurture"}, "12345"},
        {{.limit = 9, .program = "other"}, ""},
        {{.limit = 9, .since = "2026-11-24T02:00:00.000Z"}, "345"},
        {{.limit = 9, .until = "2026-11-24T02:00:00.000Z"}, "12"},
        {{.limit = 9, .since = "2026-11-24T01:00:00Z", .until = "2026-11-24T05:00:00+02:00"}, "23"},
    };
    ledger_fill();
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct ledger_row out[9];
        size_t count;
        char got[10] = "";
        ck_assert_int_eq(store_ledger_list(store, &lists[i].filter, region, out, &count), STORE_OK);
        for (size_t n = 0; n < count; n++)
            got[n] = (char)('0' + out[n].seq);
        ck_assert_msg(strcmp(got, lists[i].wanted) == 0, "list %zu: %s", i, got);
    }
}
END_TEST

START_TEST(a_payload_that_is_no_json_has_no_account)
{
    ledger_fill();
    shell("UPDATE ledger SET payload = '{\"account\":' WHERE seq = 2;"
          "UPDATE ledger SET payload = NULL WHERE seq = 3;"
          "INSERT INTO ledger (seq, kind, payload) VALUES (6, 'block', x'ff')");
    struct ledger_filter filter = {.account = "b", .limit = 9};
    struct ledger_row out[9];
    size_t count;
    ck_assert_int_eq(store_ledger_list(store, &filter, region, out, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(out[0].seq, 5);
}
END_TEST

struct walked {
    int64_t seqs[8];
    struct ledger_raw last;
    size_t count, most;
};

static bool walk_each(void *who, const struct ledger_raw *raw)
{
    struct walked *walked = who;
    if (walked->count < 8)
        walked->seqs[walked->count] = raw->seq;
    walked->last = *raw;
    for (int i = 0; i < 12; i++)
        if (raw->column[i].at != NULL)
            walked->last.column[i] = region_copy(region, raw->column[i]);
    return ++walked->count != walked->most;
}

START_TEST(the_walk_meets_every_record_in_order)
{
    for (int64_t seq = 1; seq <= 2500; seq++)
        ledger_put(seq, "block", "+14155550123", "{}", "t");
    commit();
    struct walked walked = {.count = 0};
    ck_assert_int_eq(store_ledger_walk(store, 0, walk_each, &walked), STORE_OK);
    ck_assert_uint_eq(walked.count, 2500);
    ck_assert_int_eq(walked.last.seq, 2500);
    walked = (struct walked){.most = 3};
    ck_assert_int_eq(store_ledger_walk(store, 1200, walk_each, &walked), STORE_OK);
    ck_assert_uint_eq(walked.count, 3);
    ck_assert_int_eq(walked.last.seq, 1203);
    ck_assert(octets_equal(walked.last.column[4], octets_text("+14155550123")));
    ck_assert(walked.last.is_text[0] && walked.last.is_text[4]);
    ck_assert_ptr_null(walked.last.column[5].at);
}
END_TEST

START_TEST(the_walk_tells_which_column_is_not_text)
{
    ledger_put(1, "block", "+14155550123", "{}", "t");
    commit();
    shell("DROP INDEX ledger_number;"
          "UPDATE ledger SET number = x'2b31', payload = x'', kind = '', hash = NULL");
    struct walked walked = {.count = 0};
    ck_assert_int_eq(store_ledger_walk(store, 0, walk_each, &walked), STORE_OK);
    ck_assert(!walked.last.is_text[4]);
    ck_assert(octets_equal(walked.last.column[4], octets_text("+1")));
    ck_assert(!walked.last.is_text[7]);
    ck_assert_ptr_nonnull(walked.last.column[7].at); /* there, and empty: not NULL */
    ck_assert(walked.last.is_text[2]);
    ck_assert_ptr_nonnull(walked.last.column[2].at);
    ck_assert_uint_eq(walked.last.column[2].length, 0);
    ck_assert_ptr_null(walked.last.column[11].at);
}
END_TEST

START_TEST(a_record_before_the_first_is_met_too)
{
    ledger_fill();
    shell("INSERT INTO ledger (seq, at) VALUES (-7, 't')");
    struct walked walked = {.count = 0};
    ck_assert_int_eq(store_ledger_walk(store, 0, walk_each, &walked), STORE_OK);
    ck_assert_uint_eq(walked.count, 6);
    ck_assert_int_eq(walked.seqs[0], -7);
}
END_TEST

/* A ledger that somebody made anew, without its key: what is in it is met all the same. */
START_TEST(the_walk_survives_a_table_without_its_key)
{
    ledger_fill();
    shell("CREATE TABLE copy AS SELECT * FROM ledger; DROP TABLE ledger;"
          "ALTER TABLE copy RENAME TO ledger;"
          "INSERT INTO ledger SELECT * FROM ledger WHERE seq = 2;"
          "INSERT INTO ledger (seq, number) VALUES (NULL, 12), ('x', 1.5)");
    struct walked walked = {.count = 0};
    ck_assert_int_eq(store_ledger_walk(store, 0, walk_each, &walked), STORE_OK);
    ck_assert_uint_eq(walked.count, 8);
    ck_assert_int_eq(walked.seqs[1], 1); /* behind the NULL */
    ck_assert_int_eq(walked.seqs[2], 2);
    ck_assert_int_eq(walked.seqs[3], 2);
    ck_assert(!walked.last.is_text[0]);
    ck_assert(!walked.last.is_text[4] || octets_equal(walked.last.column[4], octets_text("1.5")));
}
END_TEST

START_TEST(the_walk_survives_other_tables_and_ends)
{
    static const char *const tables[] = {
        "CREATE TABLE ledger (seq INTEGER PRIMARY KEY DESC, at, kind, program, number, payload,"
        " prev_hash, hash, number_salt, number_digest, payload_salt, payload_digest)",
        "CREATE TABLE ledger (seq INTEGER PRIMARY KEY, at, kind, program, number, payload,"
        " prev_hash, hash, number_salt, number_digest, payload_salt, payload_digest) WITHOUT ROWID",
        "CREATE TABLE ledger (seq TEXT PRIMARY KEY, at, kind, program, number, payload,"
        " prev_hash, hash, number_salt, number_digest, payload_salt, payload_digest)"};
    for (size_t i = 0; i < 3; i++) {
        shell("DROP TABLE ledger");
        shell(tables[i]);
        shell("WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
              " INSERT INTO ledger (seq) SELECT 'x' || i FROM n WHERE (SELECT type FROM"
              " pragma_table_info('ledger') LIMIT 1) = 'TEXT' OR (SELECT wr FROM"
              " pragma_table_list('ledger')) OR (SELECT sql LIKE '%DESC,%' FROM sqlite_schema"
              " WHERE name = 'ledger')");
        struct walked walked = {.count = 0};
        enum store_result result = store_ledger_walk(store, 0, walk_each, &walked);
        ck_assert_msg(result == STORE_FAILED || walked.count == 1500, "%zu: %zu", i, walked.count);
        ck_assert_uint_le(walked.count, 1500);
    }
}
END_TEST

START_TEST(a_ledger_without_its_columns_can_t_be_read_and_says_so)
{
    struct walked walked = {.count = 0};
    struct ledger_row row;
    ledger_fill();
    shell("ALTER TABLE ledger DROP COLUMN number_salt");
    ck_assert_int_eq(store_ledger_walk(store, 0, walk_each, &walked), STORE_FAILED);
    ck_assert_str_eq(store_fault(store), "the ledger's table: no such column: number_salt");
    ck_assert_int_eq(store_ledger_last(store, region, &row), STORE_FAILED);
    shell("DROP TABLE ledger");
    ck_assert_int_eq(store_ledger_walk(store, 0, walk_each, &walked), STORE_FAILED);
    ck_assert_str_eq(store_fault(store), "the ledger's table: no such table: ledger");
}
END_TEST

START_TEST(the_walk_of_a_reader_lets_the_writer_pass)
{
    for (int64_t seq = 1; seq <= 1500; seq++)
        ledger_put(seq, "block", "+14155550123", "{}", "t");
    commit();
    struct store *reader = store_open_reader(path, error);
    struct walked walked = {.count = 0};
    ck_assert_int_eq(store_ledger_walk(reader, 0, walk_each, &walked), STORE_OK);
    sqlite3 *db; /* nothing of it stands in the way of a whole checkpoint */
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "SELECT * FROM act", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    ck_assert_int_eq(store_wal_octets(store), 0);
    store_close(reader);
}
END_TEST

/* ---- inbound, links, handovers, accounts, programs ---- */

static struct inbound inbound_of(uint64_t number, int64_t program, uint8_t digest)
{
    return (struct inbound){.id = store_next_id(store, NOW),
                            .at = NOW,
                            .number = number,
                            .program = program,
                            .digest = {digest}};
}

START_TEST(what_is_no_text_keeps_its_octets_until_it_is_erased)
{
    struct inbound_data got;
    struct inbound inbound = {.id = store_next_id(store, 1),
                              .carrier = "sim",
                              .source = "14155550123",
                              .number = 14155550123,
                              .sender = "+12065550100",
                              .text = "?",
                              .verdict = "none",
                              .rule = "-",
                              .effect = "handed on"};
    const struct inbound_data data = {.data_coding = 4, .octets = octets_of("\0\1\xff", 3)};
    store_inbound_put(store, &inbound);
    ck_assert_int_eq(store_inbound_data(store, inbound.id, region, &got), STORE_NONE);
    store_inbound_data_put(store, inbound.id, &data);
    ck_assert_int_eq(store_inbound_data(store, inbound.id, region, &got), STORE_OK);
    ck_assert_uint_eq(got.data_coding, 4);
    ck_assert(octets_equal(got.octets, data.octets));
    ck_assert_int_eq(store_inbound_erase(store, inbound.number), 1);
    ck_assert_int_eq(store_inbound_data(store, inbound.id, region, &got), STORE_NONE);
    store_inbound_data_put(store, inbound.id, &data);
    store_inbound_erase_old(store, 0, inbound.id);
    ck_assert_int_eq(store_inbound_data(store, inbound.id, region, &got), STORE_NONE);
}
END_TEST

/* How it is written stands in one column. */
START_TEST(a_message_may_be_written_anew)
{
    struct message got, message = {.id = store_next_id(store, 1),
                                   .account = "a",
                                   .sender = "+12065550100",
                                   .number = 14155550123,
                                   .purpose = PURPOSE_CAMPAIGN,
                                   .state = MESSAGE_QUEUED,
                                   .text = "Hi",
                                   .alphabet = 1,
                                   .locking = 13,
                                   .single = 2,
                                   .style = MESSAGE_STYLE_PAYLOAD,
                                   .first_try = 15,
                                   .parts = 3};
    store_message_put(store, &message);
    ck_assert_int_eq(store_message_get(store, message.id, region, &got), STORE_OK);
    ck_assert_int_eq(got.alphabet, 1);
    ck_assert_uint_eq(got.locking, 13);
    ck_assert_uint_eq(got.single, 2);
    ck_assert_int_eq(got.style, MESSAGE_STYLE_PAYLOAD);
    ck_assert_uint_eq(got.first_try, 15);
    ck_assert_int_eq(message_submits(&got), 1);
    message.style = 0;
    message.locking = message.single = 0;
    store_part_put(store, &(struct message_part){.message = message.id,
                                                 .part = 2,
                                                 .of = 3,
                                                 .carrier = "sim",
                                                 .carrier_id = "x",
                                                 .err = ""});
    store_message_written(store, &message);
    ck_assert_int_eq(store_message_get(store, message.id, region, &got), STORE_OK);
    ck_assert_uint_eq(got.locking, 0);
    ck_assert_int_eq(message_submits(&got), 3);
    size_t count = 9;
    struct message_part parts[3];
    ck_assert_int_eq(store_parts_of(store, &got, region, parts, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_text_comes_back_as_it_came)
{
    struct inbound put = {.id = store_next_id(store, NOW),
                          .tail = 8,
                          .at = NOW,
                          .carrier = "north",
                          .source = "4155550123",
                          .number = 14155550123,
                          .sender = "+12065550100",
                          .program = 2,
                          .text = "St\xc3\xb6p!",
                          .verdict = "stop",
                          .rule = "keyword",
                          .effect = "opted out",
                          .ledger_seq = 3,
                          .heard_seq = 2,
                          .session = 4,
                          .digest = {1, 2, 3},
                          .state = INBOUND_WAITING,
                          .parts = 3,
                          .parts_came = 1,
                          .has_ports = true,
                          .destination_port = 0,
                          .source_port = 49151};
    struct inbound got;
    store_inbound_put(store, &put);
    commit();
    ck_assert_int_eq(store_inbound_get(store, put.id, region, &got), STORE_OK);
    ck_assert_int_eq(got.tail, 8);
    ck_assert_int_eq(got.at, NOW);
    ck_assert_str_eq(got.carrier, "north");
    ck_assert_str_eq(got.source, "4155550123");
    ck_assert_uint_eq(got.number, 14155550123);
    ck_assert_str_eq(got.sender, "+12065550100");
    ck_assert_int_eq(got.program, 2);
    ck_assert_str_eq(got.text, put.text);
    ck_assert_str_eq(got.verdict, "stop");
    ck_assert_str_eq(got.rule, "keyword");
    ck_assert_str_eq(got.effect, "opted out");
    ck_assert_int_eq(got.ledger_seq, 3);
    ck_assert_int_eq(got.heard_seq, 2);
    ck_assert_int_eq(got.session, 4);
    ck_assert_mem_eq(got.digest, put.digest, 32);
    ck_assert_int_eq(got.state, INBOUND_WAITING);
    ck_assert_int_eq(got.parts, 3);
    ck_assert_int_eq(got.parts_came, 1);
    ck_assert(got.has_ports && got.destination_port == 0 && got.source_port == 49151);
    put.state = INBOUND_WHOLE;
    put.parts_came = 3;
    put.text = "whole";
    put.has_ports = false;
    store_inbound_change(store, &put);
    ck_assert_int_eq(store_inbound_get(store, put.id, region, &got), STORE_OK);
    ck_assert_int_eq(got.state, INBOUND_WHOLE);
    ck_assert_int_eq(got.parts_came, 3);
    ck_assert_str_eq(got.text, "whole");
    ck_assert(!got.has_ports && got.source_port == 0);
    ck_assert_int_eq(store_inbound_get(store, 1, region, &got), STORE_NONE);
}
END_TEST

START_TEST(the_twin_of_a_text_is_the_newest_since_then)
{
    struct inbound first = inbound_of(1, 1, 5), second = inbound_of(1, 1, 5), got;
    second.at = NOW + 10;
    store_inbound_put(store, &first);
    store_inbound_put(store, &second);
    ck_assert_int_eq(store_inbound_twin(store, first.digest, NOW, region, &got), STORE_OK);
    ck_assert_int_eq(got.id, second.id);
    ck_assert_int_eq(store_inbound_twin(store, first.digest, NOW + 11, region, &got), STORE_NONE);
    first.digest[31] = 1;
    ck_assert_int_eq(store_inbound_twin(store, first.digest, 0, region, &got), STORE_NONE);
}
END_TEST

START_TEST(texts_are_listed_newest_first)
{
    int64_t ids[4];
    for (int i = 0; i < 4; i++) {
        struct inbound inbound = inbound_of(i < 2 ? 100 : 200, i % 2 + 1, 0);
        store_inbound_put(store, &inbound);
        ids[i] = inbound.id;
    }
    struct inbound out[4];
    size_t count;
    ck_assert_int_eq(store_inbound_list(store, 0, 0, 0, region, out, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 4);
    ck_assert_int_eq(out[0].id, ids[3]);
    ck_assert_int_eq(store_inbound_list(store, 0, 0, ids[2], region, out, 1, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(out[0].id, ids[1]);
    ck_assert_int_eq(store_inbound_list(store, 100, 0, 0, region, out, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(out[0].id, ids[1]);
    ck_assert_int_eq(store_inbound_list(store, 0, 1, 0, region, out, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(out[0].id, ids[2]);
    ck_assert_int_eq(store_inbound_list(store, 100, 1, 0, region, out, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(out[0].id, ids[0]);
}
END_TEST

START_TEST(a_link_is_open_until_it_was_ended)
{
    int64_t link = store_link_begin(store, "north", NOW);
    int64_t other = store_link_begin(store, "north", NOW);
    int64_t ended_at = -1;
    ck_assert_int_ne(link, 0);
    ck_assert_int_ne(link, other);
    ck_assert_int_eq(store_link_ended(store, link, &ended_at), STORE_NONE);
    store_link_end(store, link, NOW + 5);
    ck_assert_int_eq(store_link_ended(store, link, &ended_at), STORE_OK);
    ck_assert_int_eq(ended_at, NOW + 5);
    ck_assert_int_eq(store_link_ended(store, other, &ended_at), STORE_NONE);
    ck_assert_int_eq(store_link_ended(store, other + 1, &ended_at), STORE_NONE);
}
END_TEST

START_TEST(a_link_that_a_crash_left_open_ended_with_its_last_text)
{
    int64_t links[3], ended_at;
    for (int i = 0; i < 3; i++)
        links[i] = store_link_begin(store, "north", NOW - 100 + i);
    store_link_end(store, links[2], NOW + 7);
    for (int i = 0; i < 2; i++) {
        struct inbound inbound = inbound_of(1, 1, 5);
        inbound.session = links[0];
        inbound.at = NOW + i;
        store_inbound_put(store, &inbound);
    }
    commit();
    open_again();
    store_links_end_all(store);
    ck_assert_int_eq(store_link_ended(store, links[0], &ended_at), STORE_OK);
    ck_assert_int_eq(ended_at, NOW + 1);
    ck_assert_int_eq(store_link_ended(store, links[1], &ended_at), STORE_OK);
    ck_assert_int_eq(ended_at, NOW - 99); /* it brought none */
    ck_assert_int_eq(store_link_ended(store, links[2], &ended_at), STORE_OK);
    ck_assert_int_eq(ended_at, NOW + 7);
}
END_TEST

START_TEST(short_ids_go_round_and_none_is_given_twice_in_30_days)
{
    static const int64_t day = 86400000;
    ck_assert_uint_eq(store_short_id_of(store, 70), 0);
    ck_assert_uint_eq(store_short_id(store, 70, NOW), 1);
    ck_assert_uint_eq(store_short_id(store, 71, NOW), 2);
    ck_assert_uint_eq(store_short_id_of(store, 71), 2);
    commit();
    open_again();
    ck_assert_uint_eq(store_short_id(store, 72, NOW), 3);
    commit();
    shell("UPDATE meta SET value = 0xfffffffe WHERE key = 'short_id'");
    ck_assert_uint_eq(store_short_id(store, 73, NOW + 29 * day), 0xffffffff);
    ck_assert_uint_eq(store_short_id_of(store, 73), 0xffffffff);
    ck_assert_uint_eq(store_short_id(store, 74, NOW + 29 * day), 0); /* 1 is still message 70's */
    commit();
    ck_assert_uint_eq(store_short_id_of(store, 70), 1);
    ck_assert_uint_eq(store_short_id(store, 74, NOW + 31 * day), 1);
    ck_assert_uint_eq(store_short_id_of(store, 70), 0);
    ck_assert_uint_eq(store_short_id_of(store, 74), 1);
    ck_assert_uint_eq(store_short_id_of(store, 72), 0); /* forgotten by the way */
}
END_TEST

/* Whichever is restored when: from one copy twice as well. */
START_TEST(short_ids_of_the_time_that_a_copy_lost_are_not_given_again)
{
    static const int64_t hour = 3600000, lost = 12345678;
    ck_assert_uint_eq(store_short_id(store, 70, NOW), 1);
    store_short_ids_skip(store, lost);
    uint32_t first = store_short_id(store, 71, NOW);
    ck_assert_uint_gt(first, 1 + lost);
    commit();
    shell("UPDATE meta SET value = 1 WHERE key = 'short_id'");
    store_short_ids_skip(store, lost + hour);
    ck_assert_uint_ge(store_short_id(store, 72, NOW), first + (uint32_t)hour);
    commit();
    shell("UPDATE meta SET value = 0xfffffffe WHERE key = 'short_id'");
    store_short_ids_skip(store, INT64_C(365) * 24 * hour);
    uint32_t round = store_short_id(store, 73, NOW);
    ck_assert(round > first + (uint32_t)hour && round < 0x9fffffff);
    commit();
    open_again();
    ck_assert_uint_eq(store_short_id(store, 74, NOW), round + 1);
    commit();
    shell("UPDATE meta SET value = 7 WHERE key = 'short_id'");
    store_short_ids_skip(store, -hour); /* the clock was set back */
    ck_assert_uint_gt(store_short_id(store, 75, NOW), 7);
}
END_TEST

START_TEST(the_messages_of_a_submit_multi_are_found_by_its_first_one)
{
    int64_t ids[3];
    size_t count = 0;
    struct submit got;
    struct message messages[3];
    for (size_t i = 0; i < 3; i++) {
        ids[i] = message_put(MESSAGE_QUEUED);
        struct submit submit = {.message = ids[i], .multi = i < 2 ? ids[0] : 0, .service_type = "OTP"};
        store_submit_put(store, &submit);
    }
    commit();
    ck_assert_int_eq(store_submit_messages(store, ids[0], region, messages, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(messages[1].id, ids[1]);
    ck_assert_int_eq(store_submit_messages(store, 0, region, messages, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 0);
    store_submit_put(store, &(struct submit){ids[1], ids[0], 3, "OTP", NOW});
    ck_assert_int_eq(store_submit_get(store, ids[1], region, &got), STORE_OK);
    ck_assert_int_eq(got.multi, ids[0]);
    ck_assert_int_eq(got.data_coding, 3);
    ck_assert_str_eq(got.service_type, "OTP");
    ck_assert_int_eq(got.replaced_at, NOW);
    ck_assert_int_eq(store_submit_get(store, ids[2] + 1, region, &got), STORE_NONE);
}
END_TEST

START_TEST(a_replaced_message_is_counted_in_its_new_state)
{
    int64_t id = message_put(MESSAGE_QUEUED);
    commit();
    struct message message = message_get(id);
    message.state = MESSAGE_SCHEDULED;
    message.text = "another";
    message.due_at = NOW + 5000;
    store_message_replace(store, &message, MESSAGE_QUEUED);
    commit();
    message = message_get(id);
    ck_assert_int_eq(message.state, MESSAGE_SCHEDULED);
    ck_assert_str_eq(message.text, "another");
    ck_assert_int_eq(message.due_at, NOW + 5000);
    ck_assert_int_eq(store_message_count(store, MESSAGE_QUEUED), 0);
    ck_assert_int_eq(store_message_count(store, MESSAGE_SCHEDULED), 1);
}
END_TEST

START_TEST(what_waits_for_a_receiver_comes_in_order_until_it_is_done)
{
    int64_t ids[3];
    for (int i = 0; i < 3; i++) {
        struct handover handover = {.id = store_next_id(store, NOW),
                                    .account = i == 1 ? "b" : "a",
                                    .message = 5,
                                    .inbound = 6,
                                    .state = 2,
                                    .err = "000"};
        store_handover_put(store, &handover);
        ids[i] = handover.id;
    }
    struct handover out[3];
    size_t count;
    ck_assert_int_eq(store_handover_next(store, "a", 0, region, out, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(out[0].id, ids[0]);
    ck_assert_str_eq(out[0].account, "a");
    ck_assert_int_eq(out[0].message, 5);
    ck_assert_int_eq(out[0].inbound, 6);
    ck_assert_int_eq(out[0].state, 2);
    ck_assert_str_eq(out[0].err, "000");
    ck_assert_int_eq(store_handover_next(store, "a", ids[0], region, out, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    store_handover_done(store, ids[2]);
    ck_assert_int_eq(store_handover_next(store, "a", ids[0], region, out, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_program_is_paused_since_its_first_pause_until_it_is_resumed)
{
    struct pause pauses[4];
    size_t count = 9;
    store_pause_put(store, &(struct pause){.program = 7, .at = 1000});
    store_pause_put(store, &(struct pause){.program = 7, .at = 2000});
    store_pause_put(store, &(struct pause){.program = 8, .at = 3000});
    commit();
    ck_assert_int_eq(store_pause_list(store, pauses, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(pauses[0].program, 7);
    ck_assert_int_eq(pauses[0].at, 1000);
    store_pause_drop(store, 7);
    commit();
    ck_assert_int_eq(store_pause_list(store, pauses, 4, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(pauses[0].program, 8);
}
END_TEST

START_TEST(an_account_stays_revoked_since_its_first_revocation)
{
    struct account_row put = {.name = "crm",
                              .roles = "sender,consent",
                              .programs = "nurture",
                              .created_at = NOW,
                              .quota = 3,
                              .quota_timezone = "UTC"};
    store_account_put(store, &put);
    put.name = "billing";
    store_account_put(store, &put);
    store_account_revoke(store, "crm", NOW + 1);
    store_account_revoke(store, "crm", NOW + 2);
    commit();
    struct account_row out[3];
    size_t count;
    ck_assert_int_eq(store_account_list(store, region, out, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(out[0].name, "billing");
    ck_assert_int_eq(out[0].revoked_at, 0);
    ck_assert_str_eq(out[1].name, "crm");
    ck_assert_str_eq(out[1].roles, "sender,consent");
    ck_assert_str_eq(out[1].programs, "nurture");
    ck_assert_int_eq(out[1].created_at, NOW);
    ck_assert_int_eq(out[1].revoked_at, NOW + 1);
}
END_TEST

START_TEST(a_program_keeps_its_number_for_good)
{
    int64_t first = store_program_id(store, "nurture"), second = store_program_id(store, "alerts");
    commit();
    ck_assert_int_ne(first, 0);
    ck_assert_int_ne(second, first);
    open_again();
    ck_assert_int_eq(store_program_id(store, "alerts"), second);
    ck_assert_int_eq(store_program_id(store, "nurture"), first);
    ck_assert(!store_is_writing(store));
    struct store *reader = store_open_reader(path, error);
    ck_assert_int_eq(store_program_id(reader, "alerts"), second);
    ck_assert_int_eq(store_program_id(reader, "none"), 0); /* it can't make one */
    store_close(reader);
}
END_TEST

/* ---- readers ---- */

/* As somebody else, where the directory says what they may. */
static void as_another(mode_t mode, void (*test)(void))
{
    ck_assert_int_eq(chmod(directory, mode), 0);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        test();
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(chmod(directory, 0755), 0);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d: see above", status);
}

/* As somebody who may read the directory and not write it; root may always. */
static void in_a_child_without_rights(void (*test)(void))
{
    as_another(0555, test);
}

static void read_one_message(void)
{
    struct message out[1];
    size_t count = 0;
    struct message_filter all = {.number = 0};
    struct store *reader = store_open_reader(path, error);
    if (reader == NULL || store_message_search(reader, &all, region, out, 1, &count) != STORE_OK ||
        count != 1) {
        fprintf(stderr, "%s\n", reader == NULL ? error : store_fault(reader));
        _exit(1);
    }
    store_close(reader);
}

static void be_refused(void)
{
    if (store_open_reader(path, error) != NULL ||
        strstr(error, "copy both to where it can") == NULL) {
        fprintf(stderr, "%s\n", error);
        _exit(1);
    }
}

static void move_database(const char *name)
{
    store_close(store);
    store = NULL;
    char moved[128];
    snprintf(moved, sizeof moved, "%s/%s", directory, name);
    ck_assert_int_eq(rename(path, moved), 0);
    snprintf(path, sizeof path, "%s", moved);
    ck_assert_int_eq(chmod(path, 0444), 0);
}

START_TEST(a_reader_works_in_a_directory_that_can_t_be_written)
{
    message_put(MESSAGE_QUEUED);
    commit();
    move_database("what? 50%25 #1.db");
    in_a_child_without_rights(read_one_message);
}
END_TEST

/* It could be read without the WAL, and would lack what only the WAL has: that would be no proof.
 */
START_TEST(a_copy_whose_wal_can_t_be_read_is_refused)
{
    message_put(MESSAGE_QUEUED);
    commit();
    char command[400];
    snprintf(command, sizeof command,
             "cd %s && cp a.db b.db && cp a.db-wal b.db-wal && chmod 444 b.*", directory);
    ck_assert_int_eq(system(command), 0);
    snprintf(path, sizeof path, "%s/b.db", directory);
    in_a_child_without_rights(be_refused);
}
END_TEST

START_TEST(a_reader_works_after_a_crash)
{
    message_put(MESSAGE_QUEUED);
    commit();
    char command[300];
    snprintf(command, sizeof command, "cd %s && cp a.db b.db && cp a.db-wal b.db-wal", directory);
    ck_assert_int_eq(system(command), 0);
    snprintf(path, sizeof path, "%s/b.db", directory);
    read_one_message();
}
END_TEST

static void be_kept_from_making_files(void)
{
    if (store_open_reader(path, error) != NULL || strstr(error, "belongs to another user") == NULL) {
        fprintf(stderr, "%s\n", error);
        _exit(1);
    }
}

/* Only root can be two users. */
START_TEST(a_reader_leaves_no_files_of_its_own_beside_another_users_database)
{
    char wal[160];
    if (geteuid() != 0)
        return;
    message_put(MESSAGE_QUEUED);
    commit();
    ck_assert_int_eq(chmod(path, 0644), 0);
    store_close(store);
    store = NULL;
    as_another(0777, be_kept_from_making_files);
    snprintf(wal, sizeof wal, "%s-wal", path);
    ck_assert_int_eq(access(wal, F_OK), -1);
    open_again(); /* one that runs has made them itself */
    as_another(0777, read_one_message);
    store_close(store);
    store = NULL;
    shell("PRAGMA journal_mode = DELETE"); /* a copy has none */
    as_another(0777, read_one_message);
}
END_TEST

START_TEST(the_wal_of_another_database_is_not_read_as_a_part_of_this_one)
{
    char wal[160];
    lay_wal_of_another(wal);
    ck_assert_ptr_null(store_open_reader(path, error));
    ck_assert_ptr_nonnull(strstr(error, "belongs to another database"));
    ck_assert_ptr_null(store_open(path, error));
    ck_assert_ptr_nonnull(strstr(error, "belongs to another database"));
    ck_assert_int_eq(access(wal, F_OK), 0);
    unlink(wal);
    open_again();
}
END_TEST

/* ---- the listing of each number's messages ---- */

static size_t search_number(uint64_t number, int64_t after, struct message *out, size_t limit)
{
    size_t count = 0;
    struct message_filter filter = {.number = number, .after = after};
    ck_assert_int_eq(store_message_search(store, &filter, region, out, limit, &count), STORE_OK);
    return count;
}

/* Two eras and a rest that isn't listed yet: every 4,000th message is for the person. */
START_TEST(the_messages_of_a_number_are_found_listed_or_not)
{
    enum { MANY = 36000, EACH = 4000, TURN = 300, FOUND = MANY / EACH };
    struct message out[FOUND + 1];
    for (int i = 0; i < MANY; i++) {
        struct message message = message_of(MESSAGE_SENT);
        message.number = i % EACH == 0 ? 14155550123 : 14155560000 + (uint64_t)(i * 7 % EACH);
        store_message_put(store, &message);
        if (i % TURN == TURN - 1)
            commit();
    }
    ck_assert_uint_eq(search_number(14155550123, 0, out, FOUND + 1), FOUND);
    for (int i = 1; i < FOUND; i++)
        ck_assert_int_lt(out[i].id, out[i - 1].id);
    struct message rest[FOUND];
    ck_assert_uint_eq(search_number(14155550123, out[3].id, rest, 2), 2);
    ck_assert_int_eq(rest[0].id, out[4].id);
    ck_assert_int_eq(rest[1].id, out[5].id);
    ck_assert_uint_eq(search_number(14155550999, 0, out, 1), 0);
    commit();
    shell("CREATE TABLE outcome (is_good CHECK (is_good));"
          "INSERT INTO outcome SELECT max(era) = 2 FROM listing;"
          "INSERT INTO outcome SELECT count(*) > 0 FROM message"
          " WHERE id NOT IN (SELECT message FROM listing)");
}
END_TEST

/* Nothing is listed twice, nothing is left out. */
START_TEST(a_failed_turn_lists_nothing_and_the_next_one_all)
{
    struct message out[3];
    for (int i = 0; i < 3000; i++) {
        struct message message = message_of(MESSAGE_SENT);
        message.number = 14155560000 + (uint64_t)i;
        store_message_put(store, &message);
    }
    store_abandon(store);
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    ck_assert_uint_eq(search_number(14155560007, 0, out, 1), 0);
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < 3000; i++) {
            struct message message = message_of(MESSAGE_SENT);
            message.number = 14155560000 + (uint64_t)i;
            store_message_put(store, &message);
        }
        commit();
    }
    ck_assert_uint_eq(search_number(14155560007, 0, out, 3), 2);
    ck_assert_uint_eq(search_number(14155562999, 0, out, 3), 2);
    open_again();
    message_put(MESSAGE_SENT);
    commit();
    ck_assert_uint_eq(search_number(14155562999, 0, out, 3), 2);
}
END_TEST

/* ---- databases of earlier versions ---- */

static void load_dump(const char *dump, const char *change)
{
    static char sql[100000];
    FILE *file = fopen(dump, "r");
    ck_assert_ptr_nonnull(file);
    sql[fread(sql, 1, sizeof sql - 1, file)] = '\0';
    fclose(file);
    store_close(store);
    store = NULL;
    ck_assert_int_eq(unlink(path), 0);
    shell(sql);
    shell(change);
    store = store_open(path, error);
    ck_assert_msg(store != NULL, "%s", error);
}

START_TEST(a_database_of_schema_2_keeps_its_consents_and_its_messages)
{
    struct consent consent;
    struct message out[4];
    struct message_part parts[3], part;
    size_t count;
    load_dump("tests/vectors/schema-2.sql",
              "UPDATE ledger SET payload = json_set(payload, '$.timezone', 'America/Boise',"
              " '$.postal_code', '83702') WHERE seq = 1;"
              "UPDATE ledger SET payload = NULL WHERE seq = 2;"
              "UPDATE ledger SET payload = 'no JSON' WHERE seq = 3;");
    for (uint64_t number = 14155550101; number <= 14155550103; number++)
        for (int64_t program = 1; program <= 2; program++) {
            ck_assert_int_eq(store_consent_get(store, number, program, region, &consent), STORE_OK);
            ck_assert_uint_eq(consent.number, number);
            ck_assert_int_eq(consent.program, program);
            ck_assert(consent.has_opted_in);
            ck_assert_int_eq(consent.confirmation, CONFIRMATION_TAKEN);
            ck_assert_str_eq(consent.why, "ticked the box");
            ck_assert_str_eq(consent.timezone, consent.seq == 1 ? "America/Boise" : "");
            ck_assert_str_eq(consent.postal_code, consent.seq == 1 ? "83702" : "");
        }
    ck_assert_uint_eq(search_number(14155550101, 0, out, 4), 3);
    ck_assert_str_eq(out[0].text, "Hi");
    ck_assert_int_eq(store_parts_of(store, &out[0], region, parts, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(parts[0].state, 2);
    ck_assert_int_eq(
        store_part_find(store, "sim", octets_text(parts[0].carrier_id), region, &part, &out[1]),
        STORE_OK);
    ck_assert_int_eq(part.message, out[0].id);
    ck_assert_uint_eq(search_number(14155550102, 0, out, 4), 3);
    ck_assert_int_eq(store_parts_of(store, &out[0], region, parts, 3, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(parts[1].of, 2);
}
END_TEST

/* ---- what was sent lately ---- */

/* Of the program, for NUMBER, in that state. Gives its id. */
static int64_t put_counted(int64_t program, enum message_state state, int64_t sent_at, int64_t at)
{
    struct message message = {.id = store_next_id(store, at),
                              .program = program,
                              .sender = "+12065550100",
                              .number = 14155550123,
                              .purpose = PURPOSE_CAMPAIGN,
                              .state = state,
                              .parts = 1,
                              .sent_at = sent_at};
    store_message_put(store, &message);
    store_send_put(store, &message, at, at - 5000);
    return message.id;
}

static int64_t counted(int64_t program, int64_t after, int64_t except)
{
    size_t count = 0;
    struct send_count *out;
    int64_t total = 0;
    ck_assert_int_eq(store_sends_since(store, 14155550123, after, except, region, &out, &count), STORE_OK);
    for (size_t i = 0; i < count; i++)
        total += out[i].program == program ? out[i].count : 0;
    return total;
}

START_TEST(what_was_sent_is_counted_and_what_failed_is_not)
{
    int64_t first = put_counted(1, MESSAGE_SENDING, 0, 1000);
    put_counted(1, MESSAGE_DELIVERED, 1500, 1500);
    put_counted(1, MESSAGE_FAILED, 0, 2000);   /* the carrier refused it */
    put_counted(1, MESSAGE_EXPIRED, 0, 2000);
    put_counted(1, MESSAGE_FAILED, 2000, 2000); /* a receipt said so: it had been taken */
    put_counted(1, MESSAGE_UNKNOWN, 0, 2500);
    put_counted(2, MESSAGE_SENT, 3000, 3000);
    for (int64_t program = 3; program < 40; program++)
        put_counted(program, MESSAGE_SENT, 3000, 3000);
    ck_assert_int_eq(counted(1, 0, 0), 4);
    ck_assert_int_eq(counted(1, 0, first), 3);
    ck_assert_int_eq(counted(1, 1500, 0), 2);
    ck_assert_int_eq(counted(2, 0, 0), 1);
    ck_assert_int_eq(counted(39, 0, 0), 1);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    store_close(store);
    store = store_open(path, error);
    ck_assert_int_eq(counted(1, 0, 0), 4);
    put_counted(1, MESSAGE_SENDING, 0, 7000); /* and those before 2000 are forgotten */
    ck_assert_int_eq(counted(1, 0, 0), 3);
    store_abandon(store);
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    ck_assert_int_eq(counted(1, 0, 0), 4);
    store_message_erase(store, first, octets_of(NULL, 0)); /* and what is erased leaves nothing here */
    ck_assert_int_eq(counted(1, 0, 0), 3);
}
END_TEST

static void put_events(const char *account, int count)
{
    struct webhook webhook = {.account = account, .origin = "", .type = "message.sent", .form = CALLBACK_STANDARD, .at = NOW,
                              .due_at = NOW, .until = NOW + 1000, .method = "", .url = "", .headers = "", .body = "{}"};
    for (int i = 0; i < count; i++) {
        webhook.id = store_next_id(store, NOW);
        webhook.line = i + 1;
        store_webhook_put(store, &webhook);
    }
}

START_TEST(what_waits_for_a_receiver_is_counted_no_further_than_a_turn_has_time_for)
{
    int64_t since;
    put_events("few", 3);
    put_events("many", STORE_WEBHOOKS_MOST + 100);
    commit();
    ck_assert_int_eq(store_webhook_waiting(store, "few", &since), 3);
    ck_assert_int_eq(since, NOW);
    ck_assert_int_eq(store_webhook_waiting(store, "many", &since), STORE_WEBHOOKS_MOST);
    ck_assert_int_eq(store_webhook_waiting(store, "nobody", &since), 0);
    ck_assert_int_eq(STORE_WEBHOOKS_MOST, 10001); /* the alert is on more than 10,000 */
}
END_TEST

START_TEST(what_waits_for_its_hours_is_found_as_held)
{
    struct message out[2];
    size_t count;
    int64_t id = put_counted(1, MESSAGE_QUEUED, 0, 1000);
    store_message_wait(store, id, 5000, "quiet_hours");
    struct message_filter filter = {.state = MESSAGE_HELD, .now_ms = 4000};
    ck_assert_int_eq(store_message_search(store, &filter, region, out, 2, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(out[0].due_at, 5000);
    filter.now_ms = 5000;
    ck_assert_int_eq(store_message_search(store, &filter, region, out, 2, &count), STORE_OK);
    ck_assert_uint_eq(count, 0);
    filter.state = MESSAGE_QUEUED;
    ck_assert_int_eq(store_message_search(store, &filter, region, out, 2, &count), STORE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(out[0].reason, "quiet_hours");
}
END_TEST

/* ---- reviews ---- */

static void put_review(int64_t id, int64_t due_at, enum review_state state)
{
    const struct review review = {.id = id, .number = 14155550123, .program = 1, .opened_at = 1000, .due_at = due_at,
                                  .seq = id, .state = state, .closed_by = "", .note = ""};
    store_review_put(store, &review);
}

static int64_t next_review(struct review_filter filter, int64_t after)
{
    struct review out[1];
    size_t count;
    filter.after = after;
    ck_assert_int_eq(store_review_list(store, &filter, region, out, 1, &count), STORE_OK);
    return count == 0 ? 0 : out[0].id;
}

START_TEST(reviews_are_gone_through_as_they_are_due_whatever_is_decided_meanwhile)
{
    put_review(1, 9000, REVIEW_OPEN);
    put_review(2, 5000, REVIEW_OPEN);
    put_review(3, 5000, REVIEW_OPEN);
    put_review(4, 1000, REVIEW_NONE);
    put_review(5, 7000, REVIEW_OPEN);
    const struct review_filter all = {.is_due_first = true}, one = {.is_due_first = true, .number = 14155550123};
    ck_assert_int_eq(next_review(all, 0), 2);
    ck_assert_int_eq(next_review(all, 2), 3);
    put_review(3, 5000, REVIEW_OPT_OUT);
    ck_assert_int_eq(next_review(all, 3), 5);
    ck_assert_int_eq(next_review(one, 3), 5);
    ck_assert_int_eq(next_review(all, 5), 1);
    ck_assert_int_eq(next_review(all, 1), 0);
    const struct review_filter closed = {.state = REVIEW_OPT_OUT}, open = {.state = REVIEW_OPEN};
    ck_assert_int_eq(next_review(closed, 0), 3);
    ck_assert_int_eq(next_review(open, 0), 5);
    ck_assert_int_eq(next_review(open, 5), 2);
}
END_TEST

/* ---- plans ---- */

static const struct {
    const char *name, *sql;
} statements[] = {
#define STATEMENT(name, sql) {#name, sql},
#include "src/store/statement.def"
};

/* To list all accounts or pauses is to read them all, one row is the first; asking the schema reads the
 * schema; what is counted was found by an index, and what is listed is sorted for it; a search by number
 * asks each era; a number has few suppressions and reviews; and a clock that is set is that of all
 * events and steps that wait. */
static bool may_scan(const char *name, const char *detail)
{
    static const char *const allowed[][2] = {
        {"ACCOUNT_LIST", ""},
        {"ACCOUNT_KEY_LIST", ""},
        {"PASSWORD_LIST", ""},
        {"PAUSE_LIST", ""},
        {"STRAY_ANY", ""},
        {"LEDGER_HAS_KEY", ""},
        {"SEAL_COLUMN", ""},
        {"LANE_QUEUED", "SCAN (subquery-1)"},
        {"WEBHOOK_WAITING", "SCAN (subquery-1)"},
        {"WEBHOOK_DEAD", "SCAN (subquery-1)"},
        {"WEBHOOK_CLOCK_SET", "SCAN webhook USING INDEX webhook_open"},
        {"CAMPAIGN_QUEUED", "SCAN (subquery-1)"},
        {"ENROLMENT_CLOCK_SET", "SCAN enrolment USING INDEX enrolment_due"},
        {"RECIPIENTS_OLD", "SCAN (subquery-2)"},
        {"LISTING_END", "SCAN (subquery-2)"},
        {"SENDS_SINCE", "USE TEMP B-TREE FOR GROUP BY"},
        {"LISTING_PUT", "USE TEMP B-TREE FOR ORDER BY"},
        {"MESSAGE_SEARCH_NUMBER", "SCAN of"},
        {"LISTING_ERASE", "SCAN of"},
        {"INBOUND_OLD", "SCAN (subquery-1)"},
        {"SUPPRESSION_LIST_NUMBER", "USE TEMP B-TREE FOR ORDER BY"},
        {"REVIEW_DUE_NUMBER", "USE TEMP B-TREE FOR ORDER BY"},
        {"ACTIVITY_LIST", "SCAN json_each VIRTUAL TABLE INDEX 1:"}, /* the programs that are asked for */
        {"ACTIVITY_LIST", "USE TEMP B-TREE FOR GROUP BY"},
    };
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (strcmp(name, allowed[i][0]) == 0 &&
            (allowed[i][1][0] == '\0' || strcmp(detail, allowed[i][1]) == 0))
            return true;
    return strcmp(detail, "SCAN CONSTANT ROW") == 0;
}

static sqlite3_stmt *explain(sqlite3 *db, const char *name, const char *sql)
{
    char text[4000];
    sqlite3_stmt *plan;
    snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", sql);
    ck_assert_msg(sqlite3_prepare_v2(db, text, -1, &plan, NULL) == SQLITE_OK, "%s: %s", name, sqlite3_errmsg(db));
    return plan;
}

/* Whether the statement's first table is read by that index. */
static bool plan_names(const char *name, const char *index)
{
    sqlite3 *db;
    bool is_named = false;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (strcmp(statements[i].name, name) != 0)
            continue;
        sqlite3_stmt *plan = explain(db, name, statements[i].sql);
        is_named = sqlite3_step(plan) == SQLITE_ROW && strstr((const char *)sqlite3_column_text(plan, 3), index) != NULL;
        sqlite3_finalize(plan);
    }
    sqlite3_close(db);
    return is_named;
}

START_TEST(every_statement_finds_its_rows_by_an_index)
{
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_stmt *plan = explain(db, statements[_i].name, statements[_i].sql);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(plan, 3);
        ck_assert_msg((strncmp(detail, "SCAN", 4) != 0 && strstr(detail, "TEMP B-TREE") == NULL) ||
                          may_scan(statements[_i].name, detail),
                      "%s: %s", statements[_i].name, detail);
        if (getenv("ASSENT_SHOW_PLANS") != NULL)
            fprintf(stderr, "%s: %s\n", statements[_i].name, detail);
    }
    sqlite3_finalize(plan);
    sqlite3_close(db);
}
END_TEST

/* A search by the key alone is one through all that ever were. */
START_TEST(reviews_that_stand_somewhere_are_listed_without_the_others)
{
    static const char *const by[][2] = {{"REVIEW_LIST_OPEN", "review_unread"}, {"REVIEW_LIST_CLOSED", "review_closed"},
                                        {"REVIEW_DUE", "review_due"}, {"REVIEW_OVERDUE", "review_due"}};
    for (size_t i = 0; i < sizeof by / sizeof *by; i++)
        ck_assert_msg(plan_names(by[i][0], by[i][1]), "%s is not by %s", by[i][0], by[i][1]);
}
END_TEST

/* A message that goes out at once must not pay for the queue's indices. */
START_TEST(a_message_sent_at_once_stands_in_no_index_of_the_queue)
{
    message_put(MESSAGE_SENDING);
    commit();
    shell("CREATE TABLE outcome (is_good CHECK (is_good));"
          "INSERT INTO outcome SELECT count(*) = 0 FROM message INDEXED BY message_queued"
          " WHERE state = 2;"
          "INSERT INTO outcome SELECT count(*) = 0 FROM message INDEXED BY message_open"
          " WHERE state < 4;"
          "INSERT INTO outcome SELECT count(*) = 1 FROM message INDEXED BY message_sending"
          " WHERE state = 4");
}
END_TEST

int main(void)
{
    shim_install();
    strcpy(place, "/tmp/assent-store-XXXXXX");
    if (mkdtemp(place) == NULL || chmod(place, 0755) != 0)
        return EXIT_FAILURE;
    Suite *suite = suite_create("store");
    TCase *promises = tcase_create("promises");
    tcase_add_checked_fixture(promises, begin, end);
    tcase_set_timeout(promises, 60);
    tcase_add_test(promises, a_second_serve_is_refused);
    tcase_add_test(promises, a_link_to_the_database_is_no_way_around_the_lock);
    tcase_add_test(promises, a_refused_serve_takes_no_lock_from_the_first);
    tcase_add_test(promises, a_new_database_is_its_owners_alone);
    tcase_add_test(promises, a_database_of_a_newer_schema_is_refused);
    tcase_add_test(promises, a_file_that_is_no_database_is_refused);
    tcase_add_test(promises, a_database_of_something_else_is_left_alone);
    tcase_add_test(promises, what_is_not_there_can_t_be_opened);
    tcase_add_test(promises, a_name_that_sqlite_knows_is_a_file_all_the_same);
    tcase_add_test(promises, what_was_committed_survives_a_kill_and_nothing_else_does);
    tcase_add_test(promises, a_turn_is_seen_in_itself_at_once_and_by_others_after_its_commit);
    tcase_add_test(promises, a_turn_without_writes_commits_nothing);
    tcase_add_test(promises, a_turn_that_fails_leaves_nothing);
    tcase_add_test(promises, a_write_that_fails_takes_the_whole_turn_with_it);
    tcase_add_test(promises, somebody_elses_transaction_fails_the_turn_and_not_the_process);
    tcase_add_test(promises, a_failed_fsync_is_told_apart);
    tcase_add_test(promises, a_failed_fsync_of_a_checkpoint_is_told_too);
    tcase_add_test(promises, a_checkpoint_that_finds_no_room_fails_no_turn);
    tcase_add_test(promises, the_wal_is_written_anew_from_its_beginning);
    tcase_add_test(promises, a_read_that_fails_is_not_taken_for_nothing_there);
    tcase_add_test(promises, ids_rise_when_the_clock_goes_back);
    tcase_add_test(promises, ids_begin_above_the_largest_on_disk);
    tcase_add_test(promises, an_id_of_a_lost_turn_is_not_given_again);
    tcase_add_test(promises, a_database_with_ids_beyond_time_is_refused);
    tcase_add_test(promises, a_message_comes_back_as_it_was_put);
    tcase_add_test(promises, a_message_goes_its_way_step_by_step);
    tcase_add_test_raise_signal(promises, an_illegal_move_dies, SIGABRT);
    tcase_add_test_raise_signal(promises, a_move_from_where_the_message_is_not_dies, SIGABRT);
    tcase_add_test_raise_signal(promises, a_write_through_a_reader_dies, SIGABRT);
    tcase_add_test(promises, a_lane_is_made_once_and_found_again);
    tcase_add_test(promises, a_lane_gives_what_is_due_oldest_first);
    tcase_add_test(promises, what_is_due_at_once_is_gone_through_by_its_place);
    tcase_add_test(promises, what_keeps_a_message_waiting_is_found);
    tcase_add_test(promises, a_brand_keeps_count_of_its_days);
    tcase_add_test(promises, the_scheduled_wake_when_their_time_has_come);
    tcase_add_test(promises, when_the_clock_is_set_spans_stay_and_times_of_day_too);
    tcase_add_test(promises, what_a_stop_ends_is_found_by_its_number);
    tcase_add_test(promises, the_held_of_a_number_are_released_together);
    tcase_add_test(promises, only_what_has_not_left_is_overdue);
    tcase_add_test(promises, a_search_gives_the_newest_first_and_goes_on_where_it_ended);
    tcase_add_test(promises, the_counts_are_those_of_the_rows);
    tcase_add_test(promises, a_part_is_found_by_its_carriers_id_to_the_letter);
    tcase_add_test(promises, the_parts_of_a_message_are_told_alike_wherever_they_stand);
    tcase_add_test(promises, a_message_that_no_carrier_took_has_no_parts);
    tcase_add_test(promises, a_message_sent_again_has_the_newer_answers_part);
    tcase_add_test(promises, an_id_that_a_carrier_gave_twice_is_the_newer_messages);
    tcase_add_test(promises, a_stray_is_taken_once_and_the_oldest_first);
    tcase_add_test(promises, a_stray_that_can_t_be_taken_away_is_not_given);
    tcase_add_test(promises, strays_don_t_pile_up_without_bound);
    tcase_add_test(promises, the_events_of_a_message_come_in_their_order);
    tcase_add_test(promises, the_answers_of_a_batch_are_kept_slice_by_slice);
    tcase_add_test(promises, a_batch_that_begins_anew_has_no_answers_and_what_is_old_is_forgotten);
    tcase_add_test(promises, an_answer_is_found_by_its_account_and_key_until_it_is_forgotten);
    tcase_add_test(promises, a_consent_comes_back_as_it_was_put_and_the_newest_stays);
    tcase_add_test(promises, the_sender_that_a_number_knows_lives_and_goes_with_its_consent);
    tcase_add_test(promises, a_yes_that_somebody_mangled_is_no_yes);
    tcase_add_test(promises, the_unconfirmed_are_found_by_their_age);
    tcase_add_test(promises, the_newest_opt_out_of_a_scope_stays);
    tcase_add_test(promises, an_act_is_known_again);
    tcase_add_test(promises, a_record_comes_back_as_it_was_put);
    tcase_add_test(promises, the_ledgers_columns_are_those_that_auditors_were_promised);
    tcase_add_test(promises, a_record_is_never_written_over);
    tcase_add_test(promises, the_ledger_is_listed_by_any_filter_in_either_direction);
    tcase_add_test(promises, blocks_of_any_class_come_as_they_lie_in_the_ledger);
    tcase_add_test(promises, blocks_of_several_classes_come_in_one_order_however_they_lie);
    tcase_add_test(promises, blocks_are_found_by_their_time_though_the_clock_was_set_back);
    tcase_add_test(promises, what_happened_is_counted_by_the_hour_and_the_day_and_not_in_a_turn_that_failed);
    tcase_add_test(promises, a_payload_that_is_no_json_has_no_account);
    tcase_add_test(promises, the_walk_meets_every_record_in_order);
    tcase_add_test(promises, the_walk_tells_which_column_is_not_text);
    tcase_add_test(promises, a_record_before_the_first_is_met_too);
    tcase_add_test(promises, the_walk_survives_a_table_without_its_key);
    tcase_add_test(promises, the_walk_survives_other_tables_and_ends);
    tcase_add_test(promises, a_ledger_without_its_columns_can_t_be_read_and_says_so);
    tcase_add_test(promises, the_walk_of_a_reader_lets_the_writer_pass);
    tcase_add_test(promises, what_is_no_text_keeps_its_octets_until_it_is_erased);
    tcase_add_test(promises, a_message_may_be_written_anew);
    tcase_add_test(promises, a_text_comes_back_as_it_came);
    tcase_add_test(promises, the_twin_of_a_text_is_the_newest_since_then);
    tcase_add_test(promises, texts_are_listed_newest_first);
    tcase_add_test(promises, a_link_is_open_until_it_was_ended);
    tcase_add_test(promises, a_link_that_a_crash_left_open_ended_with_its_last_text);
    tcase_add_test(promises, short_ids_go_round_and_none_is_given_twice_in_30_days);
    tcase_add_test(promises, short_ids_of_the_time_that_a_copy_lost_are_not_given_again);
    tcase_add_test(promises, the_messages_of_a_submit_multi_are_found_by_its_first_one);
    tcase_add_test(promises, a_replaced_message_is_counted_in_its_new_state);
    tcase_add_test(promises, what_waits_for_a_receiver_comes_in_order_until_it_is_done);
    tcase_add_test(promises, a_program_is_paused_since_its_first_pause_until_it_is_resumed);
    tcase_add_test(promises, an_account_stays_revoked_since_its_first_revocation);
    tcase_add_test(promises, a_program_keeps_its_number_for_good);
    tcase_add_test(promises, a_reader_works_in_a_directory_that_can_t_be_written);
    tcase_add_test(promises, a_copy_whose_wal_can_t_be_read_is_refused);
    tcase_add_test(promises, a_copy_is_of_the_instant_at_which_it_began_and_says_that_it_is_one);
    tcase_add_test(promises, a_database_beside_the_wal_of_another_is_refused);
    tcase_add_test(promises, a_reader_works_after_a_crash);
    tcase_add_test(promises, a_reader_leaves_no_files_of_its_own_beside_another_users_database);
    tcase_add_test(promises, the_wal_of_another_database_is_not_read_as_a_part_of_this_one);
    tcase_add_test(promises, the_messages_of_a_number_are_found_listed_or_not);
    tcase_add_test(promises, a_failed_turn_lists_nothing_and_the_next_one_all);
    tcase_add_test(promises, a_database_of_schema_2_keeps_its_consents_and_its_messages);
    tcase_add_test(promises, what_was_sent_is_counted_and_what_failed_is_not);
    tcase_add_test(promises, what_waits_for_a_receiver_is_counted_no_further_than_a_turn_has_time_for);
    tcase_add_test(promises, what_waits_for_its_hours_is_found_as_held);
    tcase_add_test(promises, reviews_that_stand_somewhere_are_listed_without_the_others);
    tcase_add_test(promises, reviews_are_gone_through_as_they_are_due_whatever_is_decided_meanwhile);
    tcase_add_test(promises, a_message_sent_at_once_stands_in_no_index_of_the_queue);
    tcase_add_loop_test(promises, every_statement_finds_its_rows_by_an_index, 0,
                        (int)(sizeof statements / sizeof *statements));
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    char command[64]; /* here, since a test that dies on purpose cleans nothing up */
    snprintf(command, sizeof command, "rm -rf %s", place);
    if (system(command) != 0)
        return EXIT_FAILURE;
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
