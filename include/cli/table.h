/* table: a list of JSON objects as people, programs and spreadsheets want it: a table that fits the
 * terminal (where it can't, a line a value; an id, whose key ends so, is never cut), JSON as it came, or CSV. Control characters of foreign texts never reach a terminal. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct column {
    const char *heading; /* NULL ends the columns */
    const char *key;     /* of the object; "bind.state" looks into an object inside */
};

enum table_form { TABLE_TEXT, TABLE_JSON, TABLE_CSV };

/* `items` is an array of objects. `width`: columns of the terminal (cli_width), 0 cuts nothing.
 * JSON is one array, an object a line; CSV has the keys as its header (RFC 4180, but LF). */
void table_print(FILE *out, const json_t *items, const struct column *columns, enum table_form form,
                 size_t width);

/* A value as text for a cell: a list joined by commas, true and false as yes and no, null as
 * nothing. The caller frees it. */
char *table_cell(const json_t *value);

/* Text for a terminal: control characters and octets that aren't UTF-8 as \xNN. The caller frees
 * it. */
char *table_safe(const char *text);

/* How many columns of a terminal a text (UTF-8) takes. */
size_t table_text_width(const char *text);

#endif
