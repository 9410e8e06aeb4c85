/* draft: a file that has its name only once it is whole. It is written beside, as NAME.partial, synced, and renamed. Two
 * that write the same one exclude each other; what a crash left of an earlier one is written over. */
#ifndef BASE_DRAFT_H
#define BASE_DRAFT_H

#include <stdbool.h>

#define DRAFT_WHY_SIZE 600

struct draft {
    char *path, *partial;
    int file; /* of the partial one, locked; -1: there is none */
    bool may_replace;
};

char *draft_partial(const char *path); /* what is written for that file; the caller owns it */

/* False: `why` says it, in words for people, and nothing is left. A file of that name is an error unless it may be
 * replaced; what is no plain file is one always. The file is its owner's alone (0600). */
bool draft_open(struct draft *draft, const char *path, bool may_replace, char why[DRAFT_WHY_SIZE]);
/* It is whole: synced, and under its name from now on. False: `why` says it: it isn't, or only until the power is cut. */
bool draft_keep(struct draft *draft, char why[DRAFT_WHY_SIZE]);
/* At the end. What was not kept is gone. */
void draft_wipe(struct draft *draft);

#endif
