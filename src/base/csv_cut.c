#include "base/csv_cut.h"

#include <csv.h>
#include <stdlib.h>

#include "base/must.h"

#define LOOK_STEP 1024 /* octets: more than most lines have */

struct csv_cut_value {
    size_t at, length; /* in `values` */
};

struct csv_cutter {
    struct csv_parser parser;
    char values[CSV_ROW_LIMIT];
    size_t values_count;
    struct csv_cut_value fields[CSV_COLUMN_LIMIT];
    size_t count; /* may pass the limit, then only counted */
    bool is_complete, is_too_long;
    const char *why;
};

static void take_field(void *at, size_t length, void *owner)
{
    struct csv_cutter *cutter = owner;
    if (length > CSV_FIELD_LIMIT || length > sizeof cutter->values - cutter->values_count) {
        cutter->is_too_long = true;
        return;
    }
    if (cutter->count < CSV_COLUMN_LIMIT)
        cutter->fields[cutter->count] = (struct csv_cut_value){cutter->values_count, length};
    if (length > 0)
        memcpy(cutter->values + cutter->values_count, at, length);
    cutter->values_count += length;
    cutter->count++;
}

static void take_row(int end, void *owner)
{
    (void)end;
    ((struct csv_cutter *)owner)->is_complete = true;
}

static int is_no_space(unsigned char octet)
{
    (void)octet;
    return 0;
}

static void parser_start(struct csv_cutter *cutter)
{
    must(csv_init(&cutter->parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
    csv_set_space_func(&cutter->parser, is_no_space);
}

struct csv_cutter *csv_cutter_open(void)
{
    struct csv_cutter *cutter = mem_new(sizeof *cutter);
    parser_start(cutter);
    return cutter;
}

void csv_cutter_close(struct csv_cutter *cutter)
{
    if (cutter == NULL)
        return;
    csv_free(&cutter->parser);
    free(cutter);
}

static bool is_line_end(uint8_t octet)
{
    return octet == '\n' || octet == '\r';
}

/* Where it ends; the whole text's length where it doesn't. Looked for in short steps: where lines end in CR, no LF is near. */
static size_t line_end(struct octets text)
{
    for (size_t at = 0, step; at < text.length; at += step) {
        step = text.length - at < LOOK_STEP ? text.length - at : LOOK_STEP;
        const uint8_t *from = text.at + at, *lf = memchr(from, '\n', step);
        const uint8_t *cr = memchr(from, '\r', lf == NULL ? step : (size_t)(lf - from));
        if (cr != NULL || lf != NULL)
            return (size_t)((cr != NULL ? cr : lf) - text.at);
    }
    return text.length;
}

/* Up to and with its end; the whole text where there is none. */
static size_t line_length(struct octets text, bool *has_end)
{
    size_t length = line_end(text);
    *has_end = length < text.length;
    if (!*has_end)
        return length;
    bool is_both = text.at[length] == '\r' && length + 1 < text.length && text.at[length + 1] == '\n';
    return length + (is_both ? 2 : 1);
}

/* It costs its first line. Where the next row begins isn't known until that line has ended. */
static enum csv_cut cut_bad(struct csv_cutter *cutter, struct octets row, bool is_last, const char *why,
                            size_t *used)
{
    bool has_end;
    size_t length = line_length(row, &has_end);
    csv_free(&cutter->parser);
    parser_start(cutter);
    if (!has_end && !is_last && row.length < CSV_ROW_LIMIT)
        return CSV_CUT_MORE;
    cutter->why = why;
    *used += length;
    return CSV_CUT_BAD;
}

static enum csv_cut cut_open(struct csv_cutter *cutter, struct octets row, bool is_last, size_t *used)
{
    if (row.length >= CSV_ROW_LIMIT)
        return cut_bad(cutter, row, is_last, "it is too long, or a quote was never closed", used);
    if (is_last && csv_fini(&cutter->parser, take_field, take_row, cutter) != 0)
        return cut_bad(cutter, row, is_last, "a quote was never closed", used);
    if (cutter->is_complete) {
        *used += row.length;
        return CSV_CUT_ROW;
    }
    csv_free(&cutter->parser);
    parser_start(cutter);
    return CSV_CUT_MORE;
}

enum csv_cut csv_cut(struct csv_cutter *cutter, struct octets text, bool is_last, size_t *used)
{
    cutter->values_count = cutter->count = 0;
    cutter->is_complete = cutter->is_too_long = false;
    for (*used = 0; *used < text.length && is_line_end(text.at[*used]); ++*used)
        ;
    struct octets row = octets_of(text.at + *used, text.length - *used);
    size_t taken = 0;
    if (row.length == 0)
        return CSV_CUT_END;
    while (taken < row.length && taken < CSV_ROW_LIMIT && !cutter->is_complete) {
        bool has_end;
        size_t room = CSV_ROW_LIMIT - taken;
        struct octets rest = octets_of(row.at + taken, row.length - taken);
        size_t length = line_length(rest, &has_end);
        length = length > room ? room : length;
        if (csv_parse(&cutter->parser, rest.at, length, take_field, take_row, cutter) != length)
            return cut_bad(cutter, row, is_last, "a quote stands where none may, or was never closed", used);
        taken += length;
    }
    if (!cutter->is_complete)
        return cut_open(cutter, row, is_last, used);
    if (cutter->is_too_long || cutter->count > CSV_COLUMN_LIMIT)
        return cut_bad(cutter, row, is_last, "it is too long, or has too many columns", used);
    *used += taken;
    return CSV_CUT_ROW;
}

size_t csv_cut_count(const struct csv_cutter *cutter)
{
    return cutter->count;
}

struct octets csv_cut_value(const struct csv_cutter *cutter, size_t i)
{
    must(i < cutter->count && i < CSV_COLUMN_LIMIT);
    return octets_of(cutter->values + cutter->fields[i].at, cutter->fields[i].length);
}

const char *csv_cut_why(const struct csv_cutter *cutter)
{
    return cutter->why;
}
