#include "cli/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/csv.h"
#include "base/must.h"

#define GAP       2
#define NARROWEST 12 /* a number of the North American plan is whole */

/* ---- texts ---- */

static bool is_control(utf8proc_int32_t character)
{
    utf8proc_category_t category = utf8proc_category(character);
    /* Cf has the marks that turn the writing direction: a number could be made to read backwards.
     */
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

/* The next character of a NUL-ended text: its octets, and what it is; -1: not UTF-8, one octet. */
static size_t take_character(const char *text, utf8proc_int32_t *character)
{
    utf8proc_ssize_t length =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)strlen(text), character);
    if (length > 0)
        return (size_t)length;
    *character = -1;
    return 1;
}

char *table_safe(const char *text)
{
    char *safe = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&safe, &size);
    must(out != NULL);
    while (*text != '\0') {
        utf8proc_int32_t character;
        size_t length = take_character(text, &character);
        if (character >= 0 && !is_control(character))
            fwrite(text, 1, length, out);
        else
            for (size_t i = 0; i < length; i++)
                fprintf(out, "\\x%02X", (unsigned)(unsigned char)text[i]);
        text += length;
    }
    must(fclose(out) == 0);
    return safe;
}

static size_t character_width(utf8proc_int32_t character)
{
    int width = character < 0 ? 1 : utf8proc_charwidth(character);
    return width < 0 ? 0 : (size_t)width;
}

size_t table_text_width(const char *text)
{
    size_t width = 0;
    while (*text != '\0') {
        utf8proc_int32_t character;
        text += take_character(text, &character);
        width += character_width(character);
    }
    return width;
}

static char *join(const json_t *list)
{
    char *joined = NULL;
    size_t size = 0, i;
    FILE *out = open_memstream(&joined, &size);
    must(out != NULL);
    json_t *item;
    json_array_foreach(list, i, item)
    {
        char *cell = table_cell(item);
        fprintf(out, "%s%s", i == 0 ? "" : ",", cell);
        free(cell);
    }
    must(fclose(out) == 0);
    return joined;
}

char *table_cell(const json_t *value)
{
    char number[40];
    switch (json_typeof(value)) {
    case JSON_STRING:
        return mem_text(json_string_value(value));
    case JSON_INTEGER:
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return mem_text(number);
    case JSON_REAL:
        snprintf(number, sizeof number, "%.15g", json_real_value(value));
        return mem_text(number);
    case JSON_TRUE:
    case JSON_FALSE:
        return mem_text(json_is_true(value) ? "yes" : "no");
    case JSON_ARRAY:
        return join(value);
    case JSON_OBJECT: {
        char *text = json_dumps(value, JSON_COMPACT);
        must(text != NULL);
        return text;
    }
    case JSON_NULL:
        break;
    }
    return mem_text("");
}

/* "window.used": the member of a member. NULL where there is none. */
static const json_t *value_at(const json_t *object, const char *key)
{
    char name[64];
    for (;;) {
        size_t length = strcspn(key, ".");
        must(length < sizeof name);
        memcpy(name, key, length);
        name[length] = '\0';
        object = json_object_get(object, name);
        if (object == NULL || key[length] == '\0')
            return object;
        key += length + 1;
    }
}

static char *cell_of(const json_t *item, const struct column *column)
{
    const json_t *value = value_at(item, column->key);
    return value == NULL ? mem_text("") : table_cell(value);
}

/* ---- the table ---- */

struct layout {
    size_t columns, rows;
    char **cells; /* row by row; the first row is the headings */
    size_t *widths;
};

static void fill(struct layout *layout, const json_t *items, const struct column *columns)
{
    layout->rows = json_array_size(items) + 1;
    layout->cells = mem_new(layout->rows * layout->columns * sizeof *layout->cells);
    layout->widths = mem_new(layout->columns * sizeof *layout->widths);
    for (size_t i = 0; i < layout->rows * layout->columns; i++) {
        size_t row = i / layout->columns, column = i % layout->columns;
        char *raw = row == 0 ? mem_text(columns[column].heading)
                             : cell_of(json_array_get(items, row - 1), &columns[column]);
        layout->cells[i] = table_safe(raw);
        free(raw);
        size_t width = table_text_width(layout->cells[i]);
        if (width > layout->widths[column])
            layout->widths[column] = width;
    }
}

/* Another command is to be given it. */
static bool is_id(const struct column *column)
{
    size_t length = strlen(column->key);
    return length >= 2 && strcmp(column->key + length - 2, "id") == 0 &&
           (length == 2 || column->key[length - 3] == '_');
}

/* Takes from the widest column, one by one, until all fit. False: none can give any more. */
static bool fit(struct layout *layout, const struct column *columns, size_t width)
{
    size_t total = GAP * (layout->columns - 1);
    for (size_t i = 0; i < layout->columns; i++)
        total += layout->widths[i];
    for (; total > width; total--) {
        size_t widest = 0, most = NARROWEST;
        for (size_t i = 0; i < layout->columns; i++) {
            if (is_id(&columns[i]) || layout->widths[i] <= most)
                continue;
            widest = i;
            most = layout->widths[i];
        }
        if (most == NARROWEST)
            return false;
        layout->widths[widest]--;
    }
    return true;
}

/* Writes at most `room` columns of the text; a text that is cut ends with an ellipsis. */
static size_t put_cell(FILE *out, const char *text, size_t room)
{
    bool is_cut = table_text_width(text) > room;
    size_t used = 0, limit = is_cut ? room - 1 : room;
    while (*text != '\0') {
        utf8proc_int32_t character;
        size_t length = take_character(text, &character);
        if (used + character_width(character) > limit)
            break;
        fwrite(text, 1, length, out);
        used += character_width(character);
        text += length;
    }
    if (!is_cut)
        return used;
    fputs("…", out);
    return used + 1;
}

static void put_row(FILE *out, const struct layout *layout, size_t row)
{
    size_t owed = 0; /* blanks before the next cell: none are left at the end of a line */
    for (size_t i = 0; i < layout->columns; i++) {
        const char *cell = layout->cells[row * layout->columns + i];
        if (*cell == '\0') {
            owed += layout->widths[i] + GAP;
            continue;
        }
        fprintf(out, "%*s", (int)owed, "");
        owed = layout->widths[i] - put_cell(out, cell, layout->widths[i]) + GAP;
    }
    fputc('\n', out);
}

/* A line a value, for a terminal that is too narrow for a line a row. */
static void put_record(FILE *out, const struct layout *layout, const struct column *columns,
                       size_t row, size_t width)
{
    size_t margin = 0;
    for (size_t i = 0; i < layout->columns; i++) {
        size_t heading = table_text_width(layout->cells[i]) + GAP;
        if (heading > margin)
            margin = heading;
    }
    for (size_t i = 0; i < layout->columns; i++) {
        const char *cell = layout->cells[row * layout->columns + i];
        size_t needed = table_text_width(cell), room = margin < width ? width - margin : 1;
        if (*cell == '\0')
            continue;
        fprintf(out, "%-*s", (int)margin, layout->cells[i]);
        put_cell(out, cell, is_id(&columns[i]) || needed < room ? needed : room);
        fputc('\n', out);
    }
}

static void print_text(FILE *out, const json_t *items, const struct column *columns, size_t count,
                       size_t width)
{
    struct layout layout = {.columns = count};
    fill(&layout, items, columns);
    bool fits = width == 0 || fit(&layout, columns, width);
    for (size_t row = 0; fits && row < layout.rows; row++)
        put_row(out, &layout, row);
    for (size_t row = 1; !fits && row < layout.rows; row++) {
        fputs(row == 1 ? "" : "\n", out);
        put_record(out, &layout, columns, row, width);
    }
    for (size_t i = 0; i < layout.rows * layout.columns; i++)
        free(layout.cells[i]);
    free(layout.cells);
    free(layout.widths);
}

/* ---- the other forms ---- */

static void print_json(FILE *out, const json_t *items)
{
    size_t i;
    json_t *item;
    fputc('[', out);
    json_array_foreach(items, i, item)
    {
        fputs(i == 0 ? "\n" : ",\n", out);
        must(json_dumpf(item, out, JSON_COMPACT) == 0 || ferror(out));
    }
    fputs(json_array_size(items) == 0 ? "]\n" : "\n]\n", out);
}

static void print_csv(FILE *out, const json_t *items, const struct column *columns, size_t count)
{
    size_t row;
    json_t *item;
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s", columns[i].key, i + 1 == count ? "\n" : ",");
    json_array_foreach(items, row, item)
    {
        for (size_t i = 0; i < count; i++) {
            char *cell = cell_of(item, &columns[i]);
            csv_put_field(out, cell);
            fputc(i + 1 == count ? '\n' : ',', out);
            free(cell);
        }
    }
}

void table_print(FILE *out, const json_t *items, const struct column *columns, enum table_form form,
                 size_t width)
{
    size_t count = 0;
    while (columns[count].heading != NULL)
        count++;
    must(count > 0);
    if (form == TABLE_JSON)
        print_json(out, items);
    else if (form == TABLE_CSV)
        print_csv(out, items, columns, count);
    else
        print_text(out, items, columns, count, width);
}
