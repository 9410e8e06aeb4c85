#include "base/merge.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"

#define NOT_FOUND SIZE_MAX

struct piece { /* some text as it is, and then a field */
    char *text;
    size_t value; /* of what a row gives; NOT_FOUND: no field follows */
};

struct merge {
    struct piece *pieces;
    size_t count;
    char *fields[MERGE_FIELDS_MOST];
    size_t field_count;
};

static void add_piece(struct merge *merge, const char *text, size_t length, size_t value)
{
    merge->pieces = mem_grow(merge->pieces, (merge->count + 1) * sizeof *merge->pieces);
    char *copy = mem_new(length + 1);
    if (length > 0)
        memcpy(copy, text, length);
    merge->pieces[merge->count++] = (struct piece){.text = copy, .value = value};
}

static size_t name_find(const char *const *names, size_t count, struct octets name)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == name.length &&
            strncasecmp(names[i], (const char *)name.at, name.length) == 0)
            return i;
    return NOT_FOUND;
}

size_t merge_field_find(const struct merge *merge, struct octets name)
{
    return name_find((const char *const *)merge->fields, merge->field_count, name);
}

/* False: there are too many. */
static bool field_add(struct merge *merge, struct octets name, size_t *place)
{
    *place = merge_field_find(merge, name);
    if (*place != NOT_FOUND)
        return true;
    if (merge->field_count == MERGE_FIELDS_MOST)
        return false;
    *place = merge->field_count;
    char *copy = mem_new(name.length + 1);
    memcpy(copy, name.at, name.length);
    merge->fields[merge->field_count++] = copy;
    return true;
}

/* `brace` opens it. NULL: it can't be; else where the text goes on. */
static const char *field_read(struct merge *merge, const char *text, const char *brace, char *error)
{
    size_t place, length = strcspn(brace + 1, "{}");
    if (brace[1 + length] != '}') {
        snprintf(error, MERGE_ERROR_SIZE,
                 "the text opens a field at '%.20s' and doesn't close it; {{ is a brace", brace);
        return NULL;
    }
    if (length == 0) {
        snprintf(error, MERGE_ERROR_SIZE, "the text has a field without a name: {}; {{ is a brace");
        return NULL;
    }
    if (!field_add(merge, octets_of(brace + 1, length), &place)) {
        snprintf(error, MERGE_ERROR_SIZE, "the text has more than %d different fields",
                 MERGE_FIELDS_MOST);
        return NULL;
    }
    add_piece(merge, text, (size_t)(brace - text), place);
    return brace + length + 2;
}

struct merge *merge_read(const char *text, char error[MERGE_ERROR_SIZE])
{
    const char *brace;
    struct merge *merge = mem_new(sizeof *merge);
    while ((brace = strchr(text, '{')) != NULL) {
        if (brace[1] == '{') {
            add_piece(merge, text, (size_t)(brace + 1 - text), NOT_FOUND);
            text = brace + 2;
            continue;
        }
        text = field_read(merge, text, brace, error);
        if (text == NULL) {
            merge_free(merge);
            return NULL;
        }
    }
    add_piece(merge, text, strlen(text), NOT_FOUND);
    return merge;
}

size_t merge_field_count(const struct merge *merge)
{
    return merge->field_count;
}

const char *merge_field(const struct merge *merge, size_t i)
{
    must(i < merge->field_count);
    return merge->fields[i];
}

static void explain_missing(const char *name, const char *const *columns, size_t count, char *error)
{
    int used = snprintf(error, MERGE_ERROR_SIZE,
                        "the text asks for {%.80s}, and there is no such column; there are", name);
    for (size_t i = 0; i < count && used >= 0 && used < MERGE_ERROR_SIZE; i++) {
        int added = snprintf(error + used, MERGE_ERROR_SIZE - (size_t)used, "%s %s",
                             i == 0 ? "" : ",", columns[i]);
        used = added < 0 ? added : used + added;
    }
}

struct merge *merge_new(const char *text, const char *const *columns, size_t count,
                        char error[MERGE_ERROR_SIZE])
{
    size_t places[MERGE_FIELDS_MOST];
    struct merge *merge = merge_read(text, error);
    for (size_t i = 0; merge != NULL && i < merge->field_count; i++) {
        places[i] = name_find(columns, count, octets_text(merge->fields[i]));
        if (places[i] != NOT_FOUND)
            continue;
        explain_missing(merge->fields[i], columns, count, error);
        merge_free(merge);
        merge = NULL;
    }
    for (size_t i = 0; merge != NULL && i < merge->count; i++)
        if (merge->pieces[i].value != NOT_FOUND)
            merge->pieces[i].value = places[merge->pieces[i].value];
    return merge;
}

void merge_free(struct merge *merge)
{
    if (merge == NULL)
        return;
    for (size_t i = 0; i < merge->count; i++)
        free(merge->pieces[i].text);
    for (size_t i = 0; i < merge->field_count; i++)
        free(merge->fields[i]);
    free(merge->pieces);
    free(merge);
}

char *merge_fill(const struct merge *merge, const char *const *values)
{
    char *filled = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&filled, &size);
    must(out != NULL);
    for (size_t i = 0; i < merge->count; i++) {
        fputs(merge->pieces[i].text, out);
        if (merge->pieces[i].value != NOT_FOUND)
            fputs(values[merge->pieces[i].value], out);
    }
    must(fclose(out) == 0);
    return filled;
}
