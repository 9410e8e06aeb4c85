/* progress: a bar with counts and rate, on stderr, where that is a terminal; elsewhere nothing. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool is_on, is_drawn;
    int64_t total; /* 0: not known */
    int64_t first; /* what was done when it began */
    int64_t began_ms, drawn_ms;
};

void progress_begin(struct progress *progress, int64_t first, int64_t total);
/* Draws at most ten times a second. `note` is shown behind the counts: "3 refused"; may be "". */
void progress_show(struct progress *progress, int64_t done, const char *note);
/* Takes the bar away: before another line is written, and at the end. */
void progress_clear(struct progress *progress);

/* One line, without a line end: "[=====     ]  42/400  120/s  0:03 left  3 refused", of `width` columns at most: the bar
 * becomes shorter and then goes, before anything is cut. Pure. */
void progress_write(char *out, size_t width, int64_t done, int64_t total, double rate,
                    const char *note);

#define PROGRESS_LINE 200 /* the room of a line, and the most that it may be wide */

#endif
