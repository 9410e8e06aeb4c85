/* Open addressing, linear probing, never more than half full. */
#include "cli/number_set.h"

#include <stdlib.h>

#include "base/must.h"

#define FIRST_SIZE 1024 /* a power of two, as all sizes are */

struct number_set {
    uint64_t *places;
    size_t size, count;
};

struct number_set *number_set_new(void)
{
    struct number_set *set = mem_new(sizeof *set);
    set->size = FIRST_SIZE;
    set->places = mem_new(set->size * sizeof *set->places);
    return set;
}

void number_set_free(struct number_set *set)
{
    if (set == NULL)
        return;
    free(set->places);
    free(set);
}

/* Where the number is, or where it would go. Fibonacci hashing: neighbours land far apart. */
static uint64_t *place_of(const struct number_set *set, uint64_t number)
{
    size_t at = (size_t)(number * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (set->size - 1);
    while (set->places[at] != 0 && set->places[at] != number)
        at = (at + 1) & (set->size - 1);
    return &set->places[at];
}

static void grow(struct number_set *set)
{
    struct number_set bigger = {.size = set->size * 2, .count = set->count};
    bigger.places = mem_new(bigger.size * sizeof *bigger.places);
    for (size_t i = 0; i < set->size; i++) {
        if (set->places[i] != 0)
            *place_of(&bigger, set->places[i]) = set->places[i];
    }
    free(set->places);
    *set = bigger;
}

bool number_set_add(struct number_set *set, uint64_t number)
{
    must(number != 0);
    uint64_t *place = place_of(set, number);
    if (*place == number)
        return false;
    *place = number;
    set->count++;
    if (set->count * 2 > set->size)
        grow(set);
    return true;
}
