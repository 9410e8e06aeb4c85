/* man: the manual pages. assent(1) is made from the table of commands, each command's page from its help
 * text, assent.conf(5) from the reference of the settings, so that they can't differ from what --help and the parser say. */
#ifndef CLI_MAN_H
#define CLI_MAN_H

#include <stdio.h>

struct command;

void man_print(FILE *out); /* troff, for man(7) */
void man_print_command(FILE *out, const struct command *command); /* one that is built */
void man_print_config(FILE *out);

#endif
