/* netstring: values put behind each other so that no two different lists give the same octets: the length
 * in decimal, a colon, the octets, a comma. What the ledger's hashes cover is written so. */
#ifndef BASE_NETSTRING_H
#define BASE_NETSTRING_H

#include "base/digest.h"

/* Begins zeroed; grows as it is written, and keeps its room from one digest to the next. */
struct netstrings {
    uint8_t *at;
    size_t length, room;
};

void netstring_put(struct netstrings *list, struct octets value);
void netstring_text(struct netstrings *list, const char *text); /* NULL is "-,", which no value begins with */
void netstring_int(struct netstrings *list, int64_t value);     /* in decimal */

/* A NUL behind the last, which is none of them. */
void netstring_end(struct netstrings *list);
/* The next of what such a list holds, taken off it; the octets stay the list's. False: there is none, or it is broken. */
bool netstring_next(struct octets *list, struct octets *value);
/* SHA-256 over all of it; it is empty then. */
void netstrings_digest(struct netstrings *list, uint8_t out[DIGEST_SIZE]);
void netstrings_free(struct netstrings *list);

#endif
