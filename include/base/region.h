/* region: memory that lives one turn. Nothing in it is freed by itself; the turn's end takes all.
 * It owns no files, sockets or locks: only octets. */
#ifndef BASE_REGION_H
#define BASE_REGION_H

#include <stddef.h>

#include "base/octets.h"

struct region;

struct region *region_new(void);
void region_free(struct region *region);
void region_clear(struct region *region); /* keeps one block, so a quiet turn allocates nothing */

void *region_get(struct region *region, size_t size); /* zeroed, aligned for anything, never NULL */
char *region_text(struct region *region, struct octets text); /* a copy with a NUL behind it */
struct octets region_copy(struct region *region, struct octets from);
char *region_format(struct region *region, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
