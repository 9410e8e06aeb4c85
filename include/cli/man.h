/* man: the manual page assent(1), made from the table of commands, so that it can't differ from
 * what --help says. */
#ifndef CLI_MAN_H
#define CLI_MAN_H

#include <stdio.h>

void man_print(FILE *out); /* troff, for man(7) */

#endif
