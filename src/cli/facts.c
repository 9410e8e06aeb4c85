#include "cli/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/table.h"
#include "cli/tally.h"

static bool is_among(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static bool is_empty(const json_t *value)
{
    return json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

static bool are_counts(const json_t *value)
{
    for (void *at = json_object_iter((json_t *)(uintptr_t)value); at != NULL;
         at = json_object_iter_next((json_t *)(uintptr_t)value, at))
        if (!json_is_integer(json_object_iter_value(at)))
            return false;
    return json_is_object(value);
}

static char *words_of(const json_t *value)
{
    struct tally tally = {0};
    char *words = NULL;
    size_t size;
    if (!are_counts(value))
        return table_cell(value);
    FILE *out = open_memstream(&words, &size);
    must(out != NULL);
    tally_add_all(&tally, value);
    tally_print(&tally, out);
    tally_wipe(&tally);
    must(fclose(out) == 0);
    return words;
}

void facts_print(FILE *out, const json_t *object, const char *const *except)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (is_empty(value) || is_among(name, except))
            continue;
        char *words = words_of(value), *safe = table_safe(words);
        fprintf(out, "%-14s  %s\n", name, safe);
        free(words);
        free(safe);
    }
}
