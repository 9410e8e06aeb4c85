/* The inside of store/store.h: what its files share. Nothing outside of this room includes it. */
#ifndef SRC_STORE_PARTS_H
#define SRC_STORE_PARTS_H

#include <sqlite3.h>

#include "base/region.h"
#include "store/store.h"

/* Every statement that the room knows, each prepared when it is first used. */
enum statement {
#define STATEMENT(name, sql) SQL_##name,
#include "statement.def"
    STATEMENTS
};

enum turn {
    TURN_QUIET,   /* nothing was read or written: no transaction is open */
    TURN_READING, /* something was read: one is open, so that the next reads need no locks of their own */
    TURN_WRITING, /* the turn's transaction is open */
    TURN_BROKEN   /* a write failed: what follows is not even tried, and nothing is kept */
};

/* Room for the states of proto/message.def, whose numbers begin at 1. */
#define TALLY_SIZE 12

#define ACTIVITY_MOST 64

struct activity_tally { /* of the turn, and of one hour */
    int64_t hour; /* since 1970 */
    struct activity_count {
        char *program;
        const char *what;
        int64_t count;
    } at[ACTIVITY_MOST];
    size_t count;
    int64_t first_block, last_block; /* records; 0: none */
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    char *path;
    int lock; /* the open lock file; -1: this one only reads */
    enum turn turn;
    bool is_lost; /* what is on disk is not known any more */
    bool (*goes_on)(void *who); /* asked by what reads for long; NULL: nobody is */
    void *goes_on_who;
    char fault[256];
    bool is_damaged; /* … is of the file itself */
    int64_t last_id;           /* see store_next_id */
    int64_t tally[TALLY_SIZE]; /* by how much the turn changed the messages of each state */
    struct activity_tally activity;
    int unlisted;              /* messages put since the last listing, about */
    bool may_have_strays;      /* false: no receipt is known to wait for its message */
    int wal_pages;             /* frames in the WAL after the newest commit … */
    int checked_pages;         /* … and how many of them the newest checkpoint has seen */
};

/* ---- store.c ---- */

struct store *store_new(const char *path);
/* `name` is a path, or a URI if the flags say so. Nothing is read of the file yet. */
bool store_connect(struct store *store, const char *name, int flags, char error[STORE_ERROR_SIZE]);

/* ---- schema.c ---- */

/* Brings the schema to the newest version. False: `error` says why. */
bool schema_migrate(struct store *store, char error[STORE_ERROR_SIZE]);
/* Whether this can be read as a database of ours. */
bool schema_check(struct store *store, char error[STORE_ERROR_SIZE]);

/* ---- turn.c ---- */

bool turn_open(struct store *store); /* false: the turn is broken */
void turn_read(struct store *store); /* before a read of the one that writes */
void turn_break(struct store *store);

/* ---- sql.c ---- */

/* A value for a statement's parameter; the octets are borrowed while the statement runs. */
struct value {
    int type; /* SQLITE_INTEGER, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL */
    int64_t integer;
    struct octets octets;
};
struct value of_int(int64_t integer);
struct value of_number(uint64_t number);
struct value of_text(const char *text); /* NULL is SQL's NULL */
struct value of_octets(struct octets text);
struct value of_blob(const void *at, size_t length);

/* All values of a statement, in the order of its ?1, ?2, … */
#define BIND(...)                                                                                  \
    (const struct value[]){__VA_ARGS__},                                                           \
        sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value)

/* A result row, read column by column from the left. */
struct row {
    sqlite3_stmt *statement;
    int next;
    struct region *region; /* where texts go */
};
int64_t row_int(struct row *row);
int row_small(struct row *row);
const char *row_text(struct row *row); /* NULL becomes "" */
const char *row_text_or_null(struct row *row);
struct octets row_octets(struct row *row);
void row_digest(struct row *row, uint8_t out[32]); /* zeros if it isn't one */

/* Runs a statement in the turn's transaction; gives how many rows it changed. -1: the turn is
 * broken. */
int64_t sql_write(struct store *store, enum statement which, const struct value *values,
                  size_t count);

/* How the rows of a question become elements of an array. */
struct shape {
    size_t size;
    void (*read)(struct row *row, void *out);
};
/* The first row. */
enum store_result sql_get(struct store *store, enum statement which, const struct value *values,
                          size_t value_count, const struct shape *shape, struct region *region,
                          void *out);
/* Up to limit rows: STORE_OK, however many. */
enum store_result sql_list(struct store *store, enum statement which, const struct value *values,
                           size_t value_count, const struct shape *shape, struct region *region,
                           void *out, size_t limit, size_t *count);
/* The same after the *count rows that out has already: up to limit with those. On STORE_FAILED *count stays. */
enum store_result sql_list_on(struct store *store, enum statement which, const struct value *values,
                              size_t value_count, const struct shape *shape, struct region *region,
                              void *out, size_t limit, size_t *count);
/* The first column of the first row. */
enum store_result sql_get_int(struct store *store, enum statement which, const struct value *values,
                              size_t count, int64_t *out);

/* For LIMIT. */
struct value of_limit(size_t limit);

/* Keeps the connection's newest error as the store's fault. `doing` is words of ours. */
void sql_fault(struct store *store, const char *doing);
/* Runs SQL that has neither values nor rows. */
bool sql_run(struct store *store, const char *sql);
void sql_close(struct store *store);

/* Programs that there may ever have been: the low 13 bits of a consent's place. */
#define PROGRAM_LIMIT 8192

/* ---- store_listing.c ---- */

/* What an earlier run left unlisted is looked for with the first turn that writes. */
void listing_begin(struct store *store);
/* Lists the turn's messages by their numbers, once there are enough of them. */
void listing_keep(struct store *store);

/* ---- store_activity.c ---- */

void activity_keep(struct store *store); /* writes what the turn counted */
void activity_drop(struct store *store);
void block_hour_add(struct store *store, int64_t hour, int64_t seq);

/* ---- store_part.c ---- */

bool stray_begin(struct store *store); /* false: can't be read */

/* ---- store_ledger.c ---- */

extern const struct shape ledger_shape;

/* ---- store_message.c ---- */

extern const struct shape message_shape;

/* Adds the turn's tally to the one on disk. */
void message_tally_keep(struct store *store);

#endif
