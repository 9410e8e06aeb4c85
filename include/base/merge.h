/* merge: a text with {column} fields, filled from the rows of a file. `{{` is a brace; one that
 * only closes stands for itself. */
#ifndef BASE_MERGE_H
#define BASE_MERGE_H

#include <stddef.h>

#include "base/octets.h"

struct merge;

#define MERGE_ERROR_SIZE 400
#define MERGE_FIELDS_MOST 64 /* different ones in a text */

/* A text whose columns aren't known yet. NULL: a brace that isn't closed, a field without a name, or more different
 * ones than may be; `error` says which. The caller owns the merge; the text is not kept. */
struct merge *merge_read(const char *text, char error[MERGE_ERROR_SIZE]);
/* The different fields of a text, in the order in which they come, as they are written first. Columns are compared in
 * any case (ASCII), as base/csv.h does. */
size_t merge_field_count(const struct merge *merge);
const char *merge_field(const struct merge *merge, size_t i);
/* The field of that name. SIZE_MAX: the text has none. */
size_t merge_field_find(const struct merge *merge, struct octets name);

/* The same where the columns are known. NULL also: a field that is not among them. */
struct merge *merge_new(const char *text, const char *const *columns, size_t count,
                        char error[MERGE_ERROR_SIZE]);
void merge_free(struct merge *merge); /* NULL is allowed */

/* The text for one row: `values` are as many as there were columns, or, after merge_read, fields. The caller
 * frees it. */
char *merge_fill(const struct merge *merge, const char *const *values);

#endif
