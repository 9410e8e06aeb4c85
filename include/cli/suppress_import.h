/* suppress_import: a file of numbers to suppress, on its way to the gateway in batches, in constant memory. */
#ifndef CLI_SUPPRESS_IMPORT_H
#define CLI_SUPPRESS_IMPORT_H

#include <stdbool.h>

struct client;

struct suppress_import {
    const char *file; /* "-": stdin */
    const char *kind;
    const char *date, *queried_at, *program, *note; /* of rows that don't say; NULL: none */
    bool only_known, is_strict, is_verbose, is_json;
};

/* Gives an exit code. */
int suppress_import(const struct suppress_import *order, struct client *client);

#endif
