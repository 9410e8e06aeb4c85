/* letterbox: what came of the forms that people sent to each program, and how many it takes a minute, from whatever addresses. So
 * many at once, and then spread over the minute. What a turn took counts as taken once the turn is on disk. It is in memory, and
 * begins anew with the process. Times are of the monotonic clock. Private to the doors. */
#ifndef DOORS_LETTERBOX_H
#define DOORS_LETTERBOX_H

#include <stdbool.h>
#include <stdint.h>

enum form_fate {
    FORM_OPT_IN, /* recorded, ticked: it opts in, or asks for the YES */
    FORM_NO_OPT_IN,
    FORM_TOO_YOUNG,
    FORM_REPEATED,   /* sent twice: answered as it was */
    FORM_INVALID,    /* something in it is to be mended */
    FORM_STALE,      /* its ticket is not good, or the wording is another now */
    FORM_STRANGE,    /* another site sent it, or a program, or it is no form */
    FORM_OF_ADDRESS, /* too many: of its address, … */
    FORM_OF_NUMBER,
    FORM_OF_PROGRAM,
    FORM_UNSTORED,   /* it couldn't be written */
    FORM_FATES
};
const char *form_fate_word(enum form_fate fate);

struct letterbox;

struct letterbox *letterbox_open(void);
void letterbox_close(struct letterbox *letterbox); /* NULL is allowed */

/* One more of the program wants in, which takes so many a minute (0: any number). 0: it is, and counts; else in how many
 * milliseconds one may. */
int64_t letterbox_pass(struct letterbox *letterbox, int64_t program, long a_minute, int64_t now_ms);

/* Those that are recorded count when the turn ends: as what they are, or as UNSTORED. */
void letterbox_count(struct letterbox *letterbox, int64_t program, enum form_fate fate);
void letterbox_release(struct letterbox *letterbox, bool is_committed);
uint64_t letterbox_counted(const struct letterbox *letterbox, int64_t program, enum form_fate fate);

#endif
