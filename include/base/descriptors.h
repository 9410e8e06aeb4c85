/* descriptors: the sockets and files that the process may have. Doors take no connection while they are
 * short: carriers and the database need theirs. */
#ifndef BASE_DESCRIPTORS_H
#define BASE_DESCRIPTORS_H

#include <stdbool.h>

#define DESCRIPTORS_PAUSE_MS 500 /* after which a door looks again */

bool descriptors_are_short(void);

#endif
