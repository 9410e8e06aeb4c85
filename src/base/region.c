#include "base/region.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"

#define BLOCK_SIZE 65536

struct block {
    struct block *older;
    size_t size; /* of `room` */
    size_t used;
    alignas(max_align_t) uint8_t room[];
};

struct region {
    struct block *newest;
};

static struct block *block_new(size_t size, struct block *older)
{
    struct block *block = mem_grow(NULL, sizeof *block + size);
    block->older = older;
    block->size = size;
    block->used = 0;
    return block;
}

struct region *region_new(void)
{
    struct region *region = mem_new(sizeof *region);
    region->newest = block_new(BLOCK_SIZE, NULL);
    return region;
}

void region_clear(struct region *region)
{
    while (region->newest->older != NULL) {
        struct block *block = region->newest;
        region->newest = block->older;
        free(block);
    }
    region->newest->used = 0;
}

void region_free(struct region *region)
{
    if (region == NULL)
        return;
    region_clear(region);
    free(region->newest);
    free(region);
}

void *region_get(struct region *region, size_t size)
{
    const size_t step = alignof(max_align_t);
    size_t wanted = (size + step - 1) / step * step;
    struct block *block = region->newest;
    if (block->size - block->used < wanted) {
        block = block_new(wanted > BLOCK_SIZE ? wanted : BLOCK_SIZE, block);
        region->newest = block;
    }
    void *memory = block->room + block->used;
    block->used += wanted;
    return memset(memory, 0, size);
}

struct octets region_copy(struct region *region, struct octets from)
{
    uint8_t *copy = region_get(region, from.length + 1);
    if (from.length > 0)
        memcpy(copy, from.at, from.length);
    return octets_of(copy, from.length);
}

char *region_text(struct region *region, struct octets text)
{
    char *copy = region_get(region, text.length + 1);
    if (text.length > 0)
        memcpy(copy, text.at, text.length);
    return copy;
}

char *region_format(struct region *region, const char *format, ...)
{
    char *made = NULL;
    va_list values;
    va_start(values, format);
    int length = vasprintf(&made, format, values);
    va_end(values);
    must(length >= 0);
    char *text = region_text(region, octets_of(made, (size_t)length));
    free(made);
    return text;
}
