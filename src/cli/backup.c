/* backup: an online copy of a gateway's database, which has its name only once it is whole and was verified. */
#include <inttypes.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/draft.h"
#include "base/must.h"
#include "cli/cli.h"
#include "cli/database.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "consent/ledger_verify.h"

#define SYNC_OCTETS (16 << 20) /* so that no commit of the gateway's waits behind gigabytes of ours */
#define SPARE_OCTETS (64 << 20) /* stays free: on a full disk the gateway takes nothing */
#define MIB 1048576

struct backup_options {
    bool may_replace;
    const char *db, *config, *file;
};

/* ---- where it may stand ---- */

static bool is_same_file(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* Neither the database nor a part of it, nor where a WAL lies that would be taken for the copy's. */
static bool may_be_written(const char *path, const char *database)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".lock"};
    bool is_free = true;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes && is_free; i++) {
        char *part = mem_new(strlen(database) + 16), *beside = mem_new(strlen(path) + 16);
        strcpy(stpcpy(part, database), suffixes[i]);
        strcpy(stpcpy(beside, path), suffixes[i]);
        if (is_same_file(path, part)) {
            cli_fail("backup", "%s is the database itself, or a part of it", path);
            is_free = false;
        } else if (i > 0 && i < 4 && access(beside, F_OK) == 0) {
            cli_fail("backup", "%s lies there: SQLite would take it for a part of the copy", beside);
            is_free = false;
        }
        free(part);
        free(beside);
    }
    return is_free;
}

/* It is written under another name first, and what is there is emptied. */
static bool may_stand_at(const char *path, const char *database)
{
    char *partial = draft_partial(path);
    bool is_free = may_be_written(path, database) && may_be_written(partial, database);
    free(partial);
    return is_free;
}

static bool has_room(const char *path, int64_t octets)
{
    struct statvfs about;
    char *name = mem_text(path);
    bool is_known = statvfs(dirname(name), &about) == 0;
    int64_t room = is_known ? (int64_t)about.f_bavail * (int64_t)about.f_frsize : 0;
    free(name);
    if (!is_known || room >= octets + SPARE_OCTETS)
        return true;
    cli_fail("backup", "%s needs %" PRId64 " MiB, and %d more stay free for the gateway: there are %" PRId64, path,
             octets / MIB + 1, SPARE_OCTETS / MIB, room / MIB);
    return false;
}

/* ---- copying ---- */

static bool copy_whole(struct store_copy *copy, int file, const char *path, int64_t now_ms)
{
    int64_t done = 0, synced = 0;
    struct progress bar;
    enum store_result result = STORE_OK;
    bool is_synced = true;
    progress_begin(&bar, 0, store_copy_octets(copy) / MIB);
    while (result == STORE_OK && is_synced && !cli_is_interrupted()) {
        result = store_copy_step(copy, now_ms, &done);
        progress_show(&bar, done / MIB, "MiB");
        if (done - synced < SYNC_OCTETS)
            continue;
        is_synced = fdatasync(file) == 0;
        synced = done;
    }
    progress_clear(&bar);
    if (result == STORE_OK && is_synced)
        cli_fail("backup", "interrupted: nothing is left of it");
    else if (!is_synced)
        cli_fail("backup", "%s can't be written to the disk: nothing is left of it", path);
    else if (result == STORE_FAILED)
        cli_fail("backup", "%s can't be written: %s: nothing is left of it", path, store_copy_fault(copy));
    return result == STORE_NONE && is_synced;
}

static bool copy_from(struct store *store, const struct draft *draft, int64_t now_ms)
{
    char error[STORE_ERROR_SIZE];
    struct store_copy *copy = store_copy_open(store, draft->partial, error);
    if (copy == NULL) {
        cli_fail("backup", "%s", error);
        return false;
    }
    bool is_whole = has_room(draft->path, store_copy_octets(copy)) &&
                    copy_whole(copy, draft->file, draft->path, now_ms);
    store_copy_close(copy);
    return is_whole;
}

/* ---- verifying ---- */

struct look {
    struct progress bar;
    const char *at;
};

static bool goes_on(void *who)
{
    struct look *look = who;
    progress_show(&look->bar, 0, look->at);
    return !cli_is_interrupted();
}

static bool pages_are_right(struct store *store)
{
    char error[STORE_ERROR_SIZE];
    if (store_check(store, error) == STORE_OK)
        return true;
    if (!cli_is_interrupted())
        cli_fail("backup", "the copy is not sound, and nothing is left of it: %s; is the database?", error);
    return false;
}

static bool ledger_is_whole(struct store *store, struct ledger_check *check)
{
    struct ledger_known known = {0};
    if (ledger_verify_store(store, &known, check) && check->is_whole)
        return true;
    if (!cli_is_interrupted())
        cli_fail("backup", "the copy doesn't verify, and nothing is left of it: ledger is broken at record %" PRId64 ": %s",
                 check->bad_seq, check->why);
    return false;
}

/* It is of one instant: whatever the gateway has done since, its tables must fit its ledger. */
static bool verify(const char *partial, struct ledger_check *check)
{
    char error[STORE_ERROR_SIZE];
    struct store *store = store_open_reader(partial, error);
    if (store == NULL) {
        cli_fail("backup", "the copy can't be read, and nothing is left of it: %s", error);
        return false;
    }
    struct look look = {.at = "looking at every page"};
    progress_begin(&look.bar, 0, 0);
    store_heed(store, goes_on, &look);
    bool is_good = pages_are_right(store);
    look.at = "verifying the ledger";
    is_good = is_good && ledger_is_whole(store, check);
    progress_clear(&look.bar);
    store_close(store);
    if (cli_is_interrupted())
        cli_fail("backup", "interrupted: nothing is left of it");
    return is_good && !cli_is_interrupted();
}

/* ---- the command ---- */

static int keep(struct draft *draft, const struct ledger_check *check, int64_t now_ms)
{
    char why[DRAFT_WHY_SIZE], at[TIME_TEXT_SIZE];
    struct stat about = {0};
    time_write(now_ms, at);
    fstat(draft->file, &about);
    if (!draft_keep(draft, why))
        return cli_fail("backup", "%s", why);
    printf("%s is whole: a copy of %s, %" PRId64 " octets\n", draft->path, at, (int64_t)about.st_size);
    printf("ledger is whole: %" PRId64 " records, head %" PRId64 ":%s\n", check->records, check->records,
           check->head_hash);
    return CLI_DONE;
}

static int back_up(struct store *store, const struct backup_options *options)
{
    char why[DRAFT_WHY_SIZE];
    struct draft draft;
    struct ledger_check check = {0};
    if (!may_stand_at(options->file, store_file(store)))
        return CLI_FAILED;
    if (!draft_open(&draft, options->file, options->may_replace, why))
        return cli_fail("backup", "%s%s", why, options->may_replace || strstr(why, "there already") == NULL
                                                   ? "" : "; --force replaces it");
    int64_t now_ms = clock_wall_ms();
    int result = CLI_FAILED;
    if (copy_from(store, &draft, now_ms) && verify(draft.partial, &check))
        result = keep(&draft, &check, now_ms);
    draft_wipe(&draft);
    return result;
}

int cli_backup(int argc, char **argv)
{
    struct backup_options options = {0};
    const struct option_row rows[] = {
        {"--db", OPTION_TEXT, &options.db},
        {"-c", OPTION_TEXT, &options.config},
        {"--force", OPTION_FLAG, &options.may_replace},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("backup", "%s", error);
    if (others != 1 || argv[1][0] == '\0')
        return cli_usage("backup", "it takes one thing: FILE, where the copy is to be");
    options.file = argv[1];
    struct store *store = database_open("backup", options.db, options.config);
    if (store == NULL)
        return CLI_FAILED;
    cli_catch_interrupts();
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a full disk: the write says so */
    int result = back_up(store, &options);
    store_close(store);
    return result;
}
