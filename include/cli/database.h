/* database: a gateway's database file, read from the terminal: while a gateway runs on it or not.
 */
#ifndef CLI_DATABASE_H
#define CLI_DATABASE_H

#include <jansson.h>
#include <stddef.h>

#include "store/store.h"

/* Opens `file`, or else the database of the configuration `config`, or else assent.db. NULL: the
 * command has said why on stderr. The caller closes it. */
struct store *database_open(const char *command, const char *file, const char *config);

/* The ledger's records that the filter lets through (its limit: 0 is all), as an array of objects:
 * ledger_seq, at, kind, program, number, payload; what was erased is null. NULL: reading failed.
 * The caller owns the array. */
json_t *database_records(struct store *store, struct ledger_filter filter);

#endif
