#include "base/must.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void must_failed(const char *claim, const char *file, int line)
{
    fprintf(stderr, "assent: broken claim at %s:%d: %s\n", file, line, claim);
    abort();
}

void *mem_new(size_t size)
{
    void *memory = calloc(1, size);
    must(memory != NULL);
    return memory;
}

void *mem_grow(void *old, size_t size)
{
    void *memory = realloc(old, size);
    must(memory != NULL);
    return memory;
}

char *mem_text(const char *text)
{
    if (text == NULL)
        return NULL;
    char *copy = strdup(text);
    must(copy != NULL);
    return copy;
}
