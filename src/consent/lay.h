/* lay: the rows of proto/keyword.def laid over the words of a clause. What the rows mean together
 * is keyword.c's. */
#ifndef CONSENT_LAY_H
#define CONSENT_LAY_H

#include "words.h"

/* proto/keyword.def says what each stands for. */
enum kind {
    STOP,
    STOP_ALL,
    WORD,
    WHOLE,
    ACCENTED,
    HELP,
    START,
    ALONE,
    REQUEST,
    ENDING,
    CLOSED,
    HINT,
    DOUBT,
    LONE,
    WANT,
    ASK,
    COURTESY,
    FILLER,
    TAIL,
    IT,
    JEST,
    NOT,
    ASIDE,
    JOINT,
    BESIDE
};

struct row {
    enum kind kind;
    const char *rule;   /* its name when it is the whole text */
    const char *padded; /* and when other words stand around it */
    const char *language;
    const char *words;
    int edits; /* slips that its one word may have */
};

/* How a clause is best laid out with rows from a word on. */
struct lay {
    const struct row *row; /* NULL: the word is loose */
    size_t covered;
    int cost; /* of this row and those behind it */
    int rows;
};

/* Of all ways to lay rows end to end over the words, the one that leaves the fewest of them loose,
 * then the one with the fewest rows; of equals, the rows that stand first in the table. `lays` has
 * room for one more than there are words. */
void lay_clause(const struct words *words, size_t from, size_t to, struct lay *lays);

/* The keyword of kind STOP that the word is; NULL: none. */
const struct row *lay_find_stop(const struct word *word);

/* All rows as one text, in their order. */
const char *lay_rows_text(void);

#endif
