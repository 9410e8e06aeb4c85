/* walk: a first pass over the text of a configuration, as the lexer of libconfuse would go, for
 * what libconfuse 3.3 doesn't do well.
 *
 * Comments become blanks: it counts a line too many at the end of each C comment, takes no comment
 * inside of a list, and one that never ends for the end of the file. And each ${VAR} is looked up,
 * since a variable that has no value is an empty text to it. Braces are counted, since it takes the
 * end of the file for all that are missing. `+=` is refused: what it would add to is the default.
 */
#ifndef CONFIG_WALK_H
#define CONFIG_WALK_H

#include <stdbool.h>

#include "config/config.h"

/* Changes the text in place; its lines stay where they are. False if a comment or a string never
 * ends: then the rest makes no sense. A variable without a value is a problem and no such end. */
bool walk_text(char *text, const char *file, struct config_problems *problems);

#endif
