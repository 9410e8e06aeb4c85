/* consent_import: registrations from a CSV file, posted row by row. Rows of the same number go in
 * the order of the file: the later waits for the answer to the earlier. */
#ifndef CLI_CONSENT_IMPORT_H
#define CLI_CONSENT_IMPORT_H

#include <stdbool.h>

struct client;

struct consent_import {
    const char *file, *program;
    bool is_strict, is_verbose, is_json;
};

/* Gives an exit code; has said everything. */
int consent_import(const struct consent_import *order, struct client *client);

#endif
