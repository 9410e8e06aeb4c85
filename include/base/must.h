/* must: our own mistakes. What a peer, a client or the disk does wrong never comes here. */
#ifndef BASE_MUST_H
#define BASE_MUST_H

#include <stddef.h>

/* A claim that holds unless the program itself is wrong. Checked in every build; a false one says
 * where and ends the process, because going on could mean sending. */
#define must(claim) ((claim) ? (void)0 : must_failed(#claim, __FILE__, __LINE__))

_Noreturn void must_failed(const char *claim, const char *file, int line);

/* Zeroed memory, never NULL: a process without memory ends. The caller owns it; give it to free(). */
void *mem_new(size_t size);
void *mem_grow(void *old, size_t size); /* like realloc: what is added is not zeroed */
char *mem_text(const char *text);       /* a copy; NULL stays NULL */

#endif
