/* number_set: phone numbers that were seen, as many as memory holds. 0 is none of them. */
#ifndef CLI_NUMBER_SET_H
#define CLI_NUMBER_SET_H

#include <stdbool.h>
#include <stdint.h>

struct number_set;

struct number_set *number_set_new(void);
void number_set_free(struct number_set *set); /* NULL is allowed */

/* False: it is there already. */
bool number_set_add(struct number_set *set, uint64_t number);

#endif
