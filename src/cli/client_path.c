/* Paths of the API, with what people typed escaped in them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/client.h"

static void put_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        bool is_plain = (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') ||
                        (*text >= 'A' && *text <= 'Z') || strchr("-._~", *text) != NULL;
        if (is_plain)
            fputc(*text, out);
        else
            fprintf(out, "%%%02X", (unsigned)(unsigned char)*text);
    }
}

char *client_path(const char *path, ...)
{
    char *whole = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&whole, &size);
    must(out != NULL);
    fputs(path, out);
    char mark = strchr(path, '?') == NULL ? '?' : '&';
    va_list pairs;
    va_start(pairs, path);
    const char *name;
    while ((name = va_arg(pairs, const char *)) != NULL) {
        const char *value = va_arg(pairs, const char *);
        if (value == NULL)
            continue;
        fprintf(out, "%c%s=", mark, name);
        put_escaped(out, value);
        mark = '&';
    }
    va_end(pairs);
    must(fclose(out) == 0);
    return whole;
}

char *client_path_of(const char *collection, const char *item, const char *behind)
{
    char *whole = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&whole, &size);
    must(out != NULL);
    fputs(collection, out);
    put_escaped(out, item);
    fputs(behind, out);
    must(fclose(out) == 0);
    return whole;
}
