/* csv_cut: rows of CSV (RFC 4180) cut from memory by libcsv, where the text comes in pieces that may be cut anywhere: it
 * says how many octets belong to each row, and gives none that may go on in the next piece. What is a row doesn't depend
 * on where the pieces were cut.
 *
 * As base/csv.h reads files: lines end in CR, LF or both, blank ones are passed over, and a broken row costs the line that
 * it begins in and no more. */
#ifndef BASE_CSV_CUT_H
#define BASE_CSV_CUT_H

#include "base/csv.h"

struct csv_cutter;

/* ROW, or BAD (`why` says why): *used octets are its own, with the blank lines before it. END: nothing but blank lines, *used
 * octets. MORE: what is there is no whole row; *used octets of blank lines before it. */
enum csv_cut { CSV_CUT_ROW, CSV_CUT_BAD, CSV_CUT_END, CSV_CUT_MORE };

struct csv_cutter *csv_cutter_open(void);
void csv_cutter_close(struct csv_cutter *cutter); /* NULL is allowed */

/* is_last: nothing follows the text, so that a row may end without a line end. */
enum csv_cut csv_cut(struct csv_cutter *cutter, struct octets text, bool is_last, size_t *used);

/* Of the newest ROW, borrowed until the next csv_cut. */
size_t csv_cut_count(const struct csv_cutter *cutter);
struct octets csv_cut_value(const struct csv_cutter *cutter, size_t i); /* i < count, and < CSV_COLUMN_LIMIT */
const char *csv_cut_why(const struct csv_cutter *cutter);               /* of a BAD one */

#endif
