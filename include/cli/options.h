/* options: the arguments of a command, read by a table of rows. It knows what a row says and no
 * more: what is required, and what goes with what, is the command's.
 *
 * `--name VALUE`, `--name=VALUE`, `-c VALUE`; `--` ends them. '_' in a name counts as '-', so that
 * the fields of the API can be written as they are. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,   /* bool: it is there */
    OPTION_TEXT,   /* const char *: borrowed from argv; of several the last one counts */
    OPTION_ONCE,   /* the same, where two would be taken for a list: given twice is an error */
    OPTION_COUNT,  /* int64_t: whole, 0 and up */
    OPTION_YES_NO, /* enum option_answer: a value that is yes or no; none means yes */
    OPTION_END
};

enum option_answer { OPTION_UNSAID, OPTION_YES, OPTION_NO };

struct option_row {
    const char *name; /* "--to", "-c" */
    enum option_kind kind;
    void *into; /* of the kind's type */
};

#define OPTIONS_ERROR_SIZE 1000

/* Reads argv[1] and on. What is no option moves to the front, from argv[1]; gives how many those
 * are. -1: `error` says what is wrong; of an option that there isn't, which there are. */
int options_read(int argc, char **argv, const struct option_row *rows,
                 char error[OPTIONS_ERROR_SIZE]);

/* yes, y, true, 1 and no, n, false, 0 in any case; OPTION_UNSAID for anything else. */
enum option_answer option_answer_read(const char *text);

#endif
