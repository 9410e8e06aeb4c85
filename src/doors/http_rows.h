/* http_rows: the rows of a batch, read from its body one at a time, so that no more than one of them is in memory
 * beside the body. NDJSON goes as it is read; a JSON array is small, and is looked through whole before its first
 * row is taken. Private to the door. */
#ifndef DOORS_HTTP_ROWS_H
#define DOORS_HTTP_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "http_parts.h"

struct evbuffer;

struct batch_rows {
    struct evbuffer *body; /* borrowed; what was read of NDJSON is drained */
    bool is_ndjson;
    size_t at;    /* octets of the array that were read */
    size_t count; /* of rows that were read or skipped */
    size_t all;   /* that there are: of an array as the check counted them, of NDJSON its lines as whoever reads on counts them */
};

struct row_read {
    size_t length;        /* octets of the body that it took */
    json_t *json;         /* an object, the caller's; NULL: the row is bad, … */
    enum verdict verdict; /* … and this is why */
    char why[HTTP_WHY_SIZE];
};

/* Of an array: whether it is one, whole, of no more than HTTP_ROWS_LIMIT rows; `out` says why not. */
bool batch_rows_check(struct batch_rows *rows, struct row_read *out);
/* False: there is none any more. */
bool batch_row_next(struct batch_rows *rows, struct row_read *out);
bool batch_row_skip(struct batch_rows *rows);

#endif
