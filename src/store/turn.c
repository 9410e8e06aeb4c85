/* A turn's transaction: opened by the first write, closed by store_commit, and the checkpoints
 * between turns. */
#include "store_parts.h"

#include <stdio.h>

#include "base/must.h"

/* A checkpoint is two fsyncs, and a page that changed in many turns is written by it once: so it is
 * made every 16 MB of WAL, not every 4 MB as SQLite would. Opening after a crash reads that much
 * again. */
#define CHECKPOINT_PAGES 4000

/* After a failed fsync the kernel may have dropped the pages and call the next fsync a success. */
static bool is_lost(int code)
{
    return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

/* A commit that failed over the WAL's index failed after its frames were written and synced. */
static bool is_lost_commit(int code)
{
    return is_lost(code) || code == SQLITE_IOERR_SHMMAP || code == SQLITE_IOERR_SHMSIZE;
}

bool turn_open(struct store *store)
{
    must(store->lock >= 0); /* a reader doesn't write */
    if (store->turn == TURN_WRITING || store->turn == TURN_BROKEN)
        return store->turn == TURN_WRITING;
    bool is_open = store->turn == TURN_READING; /* the statement itself makes it a writing one */
    store->turn = TURN_WRITING;
    if (!store->is_lost && (is_open || sql_run(store, "BEGIN IMMEDIATE")))
        return true;
    turn_break(store);
    return false;
}

/* If it fails, the reads open one each, as they would without it. */
void turn_read(struct store *store)
{
    if (store->lock >= 0 && store->turn == TURN_QUIET && sql_run(store, "BEGIN"))
        store->turn = TURN_READING;
}

void turn_break(struct store *store)
{
    store->turn = TURN_BROKEN;
    if (is_lost(sqlite3_extended_errcode(store->db)))
        store->is_lost = true;
}

/* Ends the transaction without keeping it; SQLite may have done so itself. */
static enum store_commit turn_undo(struct store *store)
{
    if (sqlite3_get_autocommit(store->db) == 0)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL); /* the fault is what led here */
    if (sqlite3_get_autocommit(store->db) == 0)
        store->is_lost = true;
    store->turn = TURN_QUIET;
    memset(store->tally, 0, sizeof store->tally);
    activity_drop(store);
    return store->is_lost ? STORE_LOST : STORE_ROLLED_BACK;
}

/* Not a part of the turn: what was committed stays so if this fails. SQLite's own would keep silent
 * of a failed fsync. A reader in the way leaves frames behind; they are tried again with the next
 * ones. */
static enum store_commit turn_checkpoint(struct store *store)
{
    if (store->wal_pages < store->checked_pages)
        store->checked_pages = 0; /* the WAL began anew */
    if (store->wal_pages - store->checked_pages < CHECKPOINT_PAGES)
        return STORE_COMMITTED;
    store->checked_pages = store->wal_pages;
    if (sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) ==
        SQLITE_OK)
        return STORE_COMMITTED;
    sql_fault(store, "checkpoint");
    store->is_lost = is_lost(sqlite3_extended_errcode(store->db));
    return store->is_lost ? STORE_LOST : STORE_COMMITTED;
}

enum store_commit store_commit(struct store *store)
{
    if (store->turn == TURN_QUIET)
        return store->is_lost ? STORE_LOST : STORE_COMMITTED;
    if (store->turn == TURN_READING) {
        turn_undo(store);
        return store->is_lost ? STORE_LOST : STORE_COMMITTED;
    }
    if (store->turn == TURN_WRITING)
        activity_keep(store);
    if (store->turn == TURN_WRITING)
        listing_keep(store);
    if (store->turn == TURN_WRITING)
        message_tally_keep(store);
    if (store->turn == TURN_BROKEN)
        return turn_undo(store);
    if (!sql_run(store, "COMMIT")) {
        store->is_lost = is_lost_commit(sqlite3_extended_errcode(store->db));
        return turn_undo(store);
    }
    store->turn = TURN_QUIET;
    memset(store->tally, 0, sizeof store->tally);
    return turn_checkpoint(store);
}

bool store_is_writing(const struct store *store)
{
    return store->turn == TURN_WRITING || store->turn == TURN_BROKEN;
}

bool store_is_broken(const struct store *store)
{
    return store->turn == TURN_BROKEN;
}

void store_abandon(struct store *store)
{
    store->turn = TURN_BROKEN;
    snprintf(store->fault, sizeof store->fault, "the turn could not be finished");
}

const char *store_fault(const struct store *store)
{
    return store->fault;
}

bool store_is_damaged(const struct store *store)
{
    return store->is_damaged;
}
