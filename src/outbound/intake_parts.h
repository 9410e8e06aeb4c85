/* The inside of outbound/intake.h: where the parts of a row are found. */
#ifndef SRC_OUTBOUND_INTAKE_PARTS_H
#define SRC_OUTBOUND_INTAKE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/csv_cut.h"
#include "base/merge.h"

/* ---- intake_columns.c: the columns of CSV ---- */

#define COLUMNS_WHY_SIZE 360

struct columns {
    size_t count; /* of the header; 0: it wasn't read yet */
    size_t phone;
    size_t fields[MERGE_FIELDS_MOST]; /* of the text, in its order */
};

/* From the header that the cutter has cut. False: `why` says what it lacks. */
bool columns_read(struct columns *columns, const struct csv_cutter *header, const struct merge *merge,
                  char why[COLUMNS_WHY_SIZE]);

/* ---- intake_json.c: a line of NDJSON ---- */

struct json_row; /* owns what was read of it */

/* NULL: it is no JSON object. What the row lacks, or has as something else than a string, a number or true or false, stays
 * as it was. `phone` must be a string. */
struct json_row *json_row_read(struct octets line, const struct merge *merge, struct octets *phone,
                               struct octets *values);
void json_row_free(struct json_row *row); /* NULL is allowed */
bool line_is_blank(struct octets line);

#endif
