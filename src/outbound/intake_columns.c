#include <stdio.h>
#include <strings.h>

#include "intake_parts.h"

static struct octets name_of(const struct csv_cutter *header, size_t column)
{
    struct octets name = octets_trimmed(csv_cut_value(header, column));
    while (name.length > 0 && (name.at[0] == '\t' || name.at[0] == ' '))
        name = octets_of(name.at + 1, name.length - 1);
    while (name.length > 0 && (name.at[name.length - 1] == '\t' || name.at[name.length - 1] == ' '))
        name.length--;
    return name;
}

static bool is_same(struct octets name, struct octets other)
{
    return name.length == other.length &&
           strncasecmp((const char *)name.at, (const char *)other.at, name.length) == 0;
}

/* As spreadsheets write it where the comma is for decimals. */
static bool is_parted_otherwise(const struct csv_cutter *header)
{
    struct octets name = name_of(header, 0);
    return csv_cut_count(header) == 1 && name.length > 0 &&
           (memchr(name.at, ';', name.length) != NULL || memchr(name.at, '\t', name.length) != NULL);
}

static bool names_are_good(const struct csv_cutter *header, char *why)
{
    for (size_t i = 0; i < csv_cut_count(header); i++) {
        struct octets name = name_of(header, i);
        if (name.length == 0 || name.length > 63 || memchr(name.at, 0, name.length) != NULL) {
            snprintf(why, COLUMNS_WHY_SIZE, "column %zu of the header has no name, or too long a one", i + 1);
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (!is_same(name, name_of(header, j)))
                continue;
            snprintf(why, COLUMNS_WHY_SIZE, "the header names the column \"%.*s\" twice", (int)name.length,
                     (const char *)name.at);
            return false;
        }
    }
    return true;
}

/* SIZE_MAX: there is none of that name. */
static size_t column_find(const struct csv_cutter *header, const char *name)
{
    for (size_t i = 0; i < csv_cut_count(header); i++)
        if (is_same(name_of(header, i), octets_text(name)))
            return i;
    return SIZE_MAX;
}

static bool missing(const struct csv_cutter *header, const char *name, const char *wanted_by, char *why)
{
    int used = snprintf(why, COLUMNS_WHY_SIZE, "the header has no column \"%.63s\", which %s; it has", name,
                        wanted_by);
    for (size_t i = 0; i < csv_cut_count(header) && used >= 0 && used < COLUMNS_WHY_SIZE; i++) {
        struct octets column = name_of(header, i);
        int added = snprintf(why + used, COLUMNS_WHY_SIZE - (size_t)used, "%s %.*s", i == 0 ? "" : ",",
                             (int)column.length, (const char *)column.at);
        used = added < 0 ? added : used + added;
    }
    return false;
}

bool columns_read(struct columns *columns, const struct csv_cutter *header, const struct merge *merge,
                  char why[COLUMNS_WHY_SIZE])
{
    if (is_parted_otherwise(header)) {
        snprintf(why, COLUMNS_WHY_SIZE, "the header is parted by semicolons or tabs: save it as CSV with commas");
        return false;
    }
    if (!names_are_good(header, why))
        return false;
    columns->phone = column_find(header, "phone");
    if (columns->phone == SIZE_MAX)
        return missing(header, "phone", "is needed", why);
    for (size_t i = 0; i < merge_field_count(merge); i++) {
        columns->fields[i] = column_find(header, merge_field(merge, i));
        if (columns->fields[i] == SIZE_MAX)
            return missing(header, merge_field(merge, i), "the text asks for", why);
    }
    columns->count = csv_cut_count(header);
    return true;
}
