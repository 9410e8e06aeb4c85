/* csv: rows of a CSV file (RFC 4180) with a header, read one at a time from a stream by libcsv.
 *
 * It says which row is wrong and goes on with the next line; it judges no values. A byte order mark
 * is taken off, blank lines are passed over, lines may end in CR, LF or both, and blanks around a
 * value are part of it. Quotes must be where RFC 4180 wants them: a quote that never closes costs
 * the line that it stands in and no more. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/octets.h"

#define CSV_FIELD_LIMIT  16384 /* octets of one value */
#define CSV_ROW_LIMIT    65536 /* octets of one row as it stands in the file */
#define CSV_COLUMN_LIMIT 256
#define CSV_WHY_SIZE     160

struct csv_reader;

/* ROW: `row` is good. BAD: `row->line` and `row->why` say what was skipped. END: no more rows.
 * FAILED: the file can't be read on; `why` says why. */
enum csv_result { CSV_ROW, CSV_BAD, CSV_END, CSV_FAILED };

/* Borrowed from the reader until its next csv_next or csv_close. */
struct csv_row {
    size_t line; /* where the row begins, counted from 1 */
    const char *why;
    const struct csv_reader *reader;
};

/* Reads the header. The file stays the caller's and must outlive the reader. NULL: `why` says what
 * is wrong with the header (none, a name given twice or left empty) or with the file. */
struct csv_reader *csv_open(FILE *file, char why[CSV_WHY_SIZE]);
/* The same, where there may be no header: if `is_data` says of the first value that it is no name, the first line is a
 * row, and the columns are called by `names`. */
struct csv_plain {
    const char *const *names;
    size_t count;
    bool (*is_data)(struct octets value);
};
struct csv_reader *csv_open_plain(FILE *file, const struct csv_plain *plain, char why[CSV_WHY_SIZE]);
void csv_close(struct csv_reader *reader); /* NULL is allowed */

enum csv_result csv_next(struct csv_reader *reader, struct csv_row *row);

/* The value in the column of that name, in any case (ASCII); empty if there is no such column. */
struct octets csv_field(const struct csv_row *row, const char *column);
bool csv_has_column(const struct csv_reader *reader, const char *column);

/* By place, for those who want all of them: every row has as many values as the header has names.
 */
size_t csv_columns(const struct csv_reader *reader);
const char *csv_name(const struct csv_reader *reader, size_t column);
struct octets csv_value(const struct csv_row *row, size_t column);

/* Writes one field, quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe in front, behind
 * a ; or a tab or a line end within the field as well: spreadsheets of some languages, and those told to, begin a cell there. A
 * phone number keeps its plus. */
void csv_put_field(FILE *out, const char *text);

#endif
