/* help: the help text of a command, read line by line as what it says: how the command is used, its options and
 * sub-commands, its examples. --help prints the text as it is; the manual pages (cli/man.h) and what a shell
 * completes (cli/completion.h) are made from it, so that there is no second list of anything.
 *
 * The form of a text: lines of usage; a blank line; paragraphs, and items of two blanks (or none), a label, two or
 * more blanks and what it means, with further lines indented by eight or more; last the word Example or Examples,
 * and the lines of those. Nothing is kept: lines point into the text. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdbool.h>

#include "base/octets.h"

enum help_part {
    HELP_USAGE,  /* "assent send --program P …" */
    HELP_TEXT,   /* a line of a paragraph */
    HELP_ITEM,   /* label, and text, which may be empty */
    HELP_MORE,   /* another line of the item's text */
    HELP_BLANK,
    HELP_EXAMPLE
};

struct help_line {
    enum help_part part;
    struct octets label; /* of an item */
    struct octets text;  /* without its indentation, but for that of examples beyond the first two blanks */
};

struct help_reader {
    const char *at;
    bool is_past_usage, is_in_examples;
};

void help_begin(struct help_reader *reader, const char *text);
bool help_next(struct help_reader *reader, struct help_line *line); /* false: the end */

/* The next word of a line, parted by blanks; false: there is none. The words are taken off the line. */
bool help_word(struct octets *line, struct octets *word);

#endif
