/* merge: a text with {column} fields, filled from the rows of a file. `{{` is a brace; one that
 * only closes stands for itself. */
#ifndef CLI_MERGE_H
#define CLI_MERGE_H

#include <stddef.h>

struct merge;

#define MERGE_ERROR_SIZE 400

/* Columns are compared in any case (ASCII), as base/csv.h does.
 *
 * NULL: a field that is not among the columns, or a brace that isn't closed; `error` says which.
 * The caller owns the merge; text and columns are not kept. */
struct merge *merge_new(const char *text, const char *const *columns, size_t count,
                        char error[MERGE_ERROR_SIZE]);
void merge_free(struct merge *merge); /* NULL is allowed */

/* The text for one row: `values` are as many as there were columns. The caller frees it. */
char *merge_fill(const struct merge *merge, const char *const *values);

#endif
