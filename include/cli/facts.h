/* facts: one object of the API as people read it: a line a member, in the API's order, so that a new member appears by
 * itself. What is null or empty is left out; counts by their codes stand in one line. */
#ifndef CLI_FACTS_H
#define CLI_FACTS_H

#include <jansson.h>
#include <stdio.h>

/* Without the members of `except`, ended by NULL: the command shows those in a form of their own. */
void facts_print(FILE *out, const json_t *object, const char *const *except);

#endif
