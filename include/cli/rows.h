/* rows: a CSV file on its way to the gateway: its rows, the bar above them, and the list of those
 * that were refused. What a row means is the command's.
 *
 * A row that can't be read counts as refused, and the rest goes on. */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/csv.h"
#include "base/region.h"
#include "cli/client.h"
#include "cli/progress.h"
#include "cli/tally.h"

struct rows {
    const char *command;
    bool is_verbose; /* lists every refused row, not only the first ROWS_LISTED */
    bool is_json;    /* they go into `list`, not to stderr */
    const struct csv_plain *plain; /* NULL: the file must have a header */
    json_t *list;
    FILE *file;
    struct csv_reader *reader;
    struct region *region; /* the texts of one row */
    char country[3];       /* the gateway's default_country */
    struct progress progress;
    int64_t count; /* rows that were read */
    int64_t handled;
    struct tally refused;   /* by code */
    char why[CSV_WHY_SIZE]; /* the file can't be read on */
    char fatal[CLIENT_ERROR_SIZE]; /* what would be the same for every row: `done` says it, and stops */
    char error[CLIENT_ERROR_SIZE]; /* the gateway can't be reached any more */
};

#define ROWS_LISTED 20

/* Opens the file, "-" for stdin, and asks the gateway how it reads national numbers. False: it has
 * said why on stderr. `command` and the flags are set already; rows_close in any case. */
bool rows_open(struct rows *rows, const char *path, struct client *client);
void rows_close(struct rows *rows);

/* Says on stderr which column is missing. */
bool rows_has_columns(const struct rows *rows, const char *const *columns, size_t count);

/* The next good row, borrowed until the next call. False: the end, or `why` isn't empty. */
bool rows_next(struct rows *rows, struct csv_row *row);
/* A value as text; lives until the next rows_next. */
const char *rows_text(struct rows *rows, const struct csv_row *row, const char *column);
/* The number as the gateway will read it; 0: it will refuse it. */
uint64_t rows_number(const struct rows *rows, const char *phone);

void rows_refuse(struct rows *rows, size_t line, const char *phone, const char *code,
                 const char *why);
/* One more row is done with; shows the bar. */
void rows_handled(struct rows *rows);
/* Has the client do the work, row by row; then takes the bar away and says on stderr how many refused ones
 * weren't listed. NULL: all rows were done; else why not, borrowed from `rows`. */
const char *rows_run(struct rows *rows, struct client *client, const struct client_work *work);

/* Of an import. The summary, on stdout and without the end of its line: rows, what was made of them, the refused. */
void rows_print(const struct rows *rows, const struct tally *outcomes);
/* How it ends: `why` as of rows_run. An import that is run again does no harm. */
int rows_import_ends(const struct rows *rows, const char *why, bool is_strict);

#endif
