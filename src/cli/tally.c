#include "cli/tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

struct entry {
    const char *word;
    int64_t count;
};

static void add(struct tally *tally, const char *word, int64_t count)
{
    if (tally->counts == NULL)
        tally->counts = json_object();
    must(json_object_set_new(tally->counts, word, json_integer(tally_count(tally, word) + count)) == 0);
    tally->total += count;
}

void tally_add(struct tally *tally, const char *word)
{
    add(tally, word, 1);
}

void tally_add_all(struct tally *tally, const json_t *counts)
{
    for (void *at = json_object_iter((json_t *)(uintptr_t)counts); at != NULL;
         at = json_object_iter_next((json_t *)(uintptr_t)counts, at))
        add(tally, json_object_iter_key(at), json_integer_value(json_object_iter_value(at)));
}

int64_t tally_count(const struct tally *tally, const char *word)
{
    return json_integer_value(json_object_get(tally->counts, word));
}

static int by_count(const void *a, const void *b)
{
    const struct entry *first = a, *second = b;
    if (first->count != second->count)
        return first->count > second->count ? -1 : 1;
    return strcmp(first->word, second->word);
}

void tally_print(const struct tally *tally, FILE *out)
{
    size_t count = 0, size = json_object_size(tally->counts);
    struct entry *entries = mem_new((size + 1) * sizeof *entries);
    const char *word;
    json_t *value;
    json_object_foreach(tally->counts, word, value) entries[count++] =
        (struct entry){word, json_integer_value(value)};
    qsort(entries, count, sizeof *entries, by_count);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s %" PRId64, i == 0 ? "" : ", ", entries[i].word, entries[i].count);
    free(entries);
}

json_t *tally_json(const struct tally *tally)
{
    json_t *copy = tally->counts == NULL ? json_object() : json_copy(tally->counts);
    must(copy != NULL);
    return copy;
}

void tally_wipe(struct tally *tally)
{
    json_decref(tally->counts);
    *tally = (struct tally){0};
}
