/* secret: what somebody types that nobody should read: a password. */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

/* On a terminal asked for twice, without an echo; else the first line of standard input. The caller wipes and frees it by
 * secret_free. NULL: there is none, or the two differ: has said so. */
char *secret_ask(const char *command, const char *what);
void secret_free(char *secret); /* NULL is allowed */

#endif
