#include "cli/merge.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"

#define NO_COLUMN SIZE_MAX

struct piece { /* some text as it is, and then a field */
    char *text;
    size_t column; /* NO_COLUMN: no field follows */
};

struct merge {
    struct piece *pieces;
    size_t count;
};

static void add_piece(struct merge *merge, const char *text, size_t length, size_t column)
{
    merge->pieces = mem_grow(merge->pieces, (merge->count + 1) * sizeof *merge->pieces);
    char *copy = mem_new(length + 1);
    if (length > 0)
        memcpy(copy, text, length);
    merge->pieces[merge->count++] = (struct piece){.text = copy, .column = column};
}

static size_t column_find(const char *const *columns, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(columns[i]) == length && strncasecmp(columns[i], name, length) == 0)
            return i;
    }
    return NO_COLUMN;
}

static void explain_missing(const char *name, size_t length, const char *const *columns,
                            size_t count, char *error)
{
    int used = snprintf(error, MERGE_ERROR_SIZE,
                        "the text asks for {%.*s}, and there is no such column; there are",
                        (int)(length > 80 ? 80 : length), name);
    for (size_t i = 0; i < count && used >= 0 && used < MERGE_ERROR_SIZE; i++) {
        int added = snprintf(error + used, MERGE_ERROR_SIZE - (size_t)used, "%s %s",
                             i == 0 ? "" : ",", columns[i]);
        used = added < 0 ? added : used + added;
    }
}

struct merge *merge_new(const char *text, const char *const *columns, size_t count,
                        char error[MERGE_ERROR_SIZE])
{
    struct merge *merge = mem_new(sizeof *merge);
    for (;;) {
        const char *brace = strchr(text, '{');
        if (brace == NULL)
            break;
        if (brace[1] == '{') {
            add_piece(merge, text, (size_t)(brace + 1 - text), NO_COLUMN);
            text = brace + 2;
            continue;
        }
        size_t length = strcspn(brace + 1, "{}");
        size_t column = column_find(columns, count, brace + 1, length);
        if (brace[1 + length] != '}') {
            snprintf(error, MERGE_ERROR_SIZE,
                     "the text opens a field at '%.20s' and doesn't close it; {{ is a brace",
                     brace);
            merge_free(merge);
            return NULL;
        }
        if (column == NO_COLUMN) {
            explain_missing(brace + 1, length, columns, count, error);
            merge_free(merge);
            return NULL;
        }
        add_piece(merge, text, (size_t)(brace - text), column);
        text = brace + length + 2;
    }
    add_piece(merge, text, strlen(text), NO_COLUMN);
    return merge;
}

void merge_free(struct merge *merge)
{
    if (merge == NULL)
        return;
    for (size_t i = 0; i < merge->count; i++)
        free(merge->pieces[i].text);
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
        if (merge->pieces[i].column != NO_COLUMN)
            fputs(values[merge->pieces[i].column], out);
    }
    must(fclose(out) == 0);
    return filled;
}
