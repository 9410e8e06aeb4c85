/* intake: a piece of a campaign's file of recipients on its way into the database, some rows at a time. A row, and up to
 * which octet everything is on disk, are written in one transaction: so whoever sends goes on where the campaign says. Only
 * whole rows are taken: the next piece begins where this one's last row ended.
 *
 * CSV has its header at the file's beginning, with a column `phone` and one for each field of the text; of the others nothing
 * is kept. NDJSON has an object a line, with "phone" and those fields. A bad row is kept as one, with what is wrong
 * and without what it held; a number that came before is a double. */
#ifndef OUTBOUND_INTAKE_H
#define OUTBOUND_INTAKE_H

#include "consent/verdict.h"
#include "store/store.h"

#define INTAKE_PROBLEMS_MOST 20
#define INTAKE_DETAIL_SIZE   400

struct intake;

struct intake_piece {
    int64_t campaign; /* its serial */
    enum campaign_form form;
    int64_t offset;     /* of its first octet in the file */
    bool is_last;
    const char *default_country;
};

struct intake_problem {
    int64_t row;
    const char *code;
    char detail[160];
};

/* Of this piece, so far. */
struct intake_sum {
    int64_t offset; /* up to here all is taken */
    int64_t rows, recipients, doubles, bad;
    struct intake_problem problems[INTAKE_PROBLEMS_MOST];
    size_t problem_count;
    enum verdict fault; /* of FAULT, with what to tell */
    char detail[INTAKE_DETAIL_SIZE];
};

/* DONE: the text holds no whole row any more. MORE: there may be more of them. FAULT: the piece can't be taken on; what
 * earlier turns took stays. */
enum intake_step { INTAKE_MORE, INTAKE_DONE, INTAKE_FAULT };

struct intake *intake_open(struct store *store, const struct intake_piece *piece);
void intake_close(struct intake *intake); /* NULL is allowed */
#define INTAKE_ROOM ((size_t)256 << 10) /* a text of so much holds the end of any row that is one */
/* Up to so many rows, in the open transaction. text: of the piece, from the sum's offset on; is_end: to its end, else at least
 * INTAKE_ROOM. region: of this turn. */
enum intake_step intake_slice(struct intake *intake, struct region *region, struct octets text, bool is_end,
                              size_t rows_most);
const struct intake_sum *intake_sum(const struct intake *intake);

#endif
