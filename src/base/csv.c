#include "base/csv.h"

#include <csv.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"

struct csv_value {
    size_t at, length; /* in `values` */
};

/* The octets of the row at hand are kept as they came, in `raw`. When the row turns out broken
 * after several lines, all but its first line are read again as rows of their own: `replay` of them
 * are taken from `raw` before the file goes on. */
struct csv_reader {
    FILE *file;
    struct csv_parser parser;
    char raw[CSV_ROW_LIMIT];
    size_t raw_count; /* octets kept */
    size_t raw_next;  /* of these, how many the parser has had */
    size_t line;      /* that the next octet stands in */
    bool after_cr;
    bool is_over; /* the file's end was met */
    bool is_failed;

    char values[CSV_ROW_LIMIT];
    size_t values_count;
    struct csv_value fields[CSV_COLUMN_LIMIT];
    size_t count; /* fields of this row: may pass the limit, then only counted */
    bool is_complete;

    size_t columns;
    char *names[CSV_COLUMN_LIMIT];
    char why[CSV_WHY_SIZE];
};

static void take_field(void *at, size_t length, void *owner)
{
    struct csv_reader *reader = owner;
    if (reader->count < CSV_COLUMN_LIMIT &&
        length <= sizeof reader->values - reader->values_count) {
        reader->fields[reader->count] =
            (struct csv_value){.at = reader->values_count, .length = length};
        if (length > 0)
            memcpy(reader->values + reader->values_count, at, length);
        reader->values_count += length;
    }
    reader->count++;
}

static void take_row(int end, void *owner)
{
    (void)end;
    ((struct csv_reader *)owner)->is_complete = true;
}

static int is_no_space(unsigned char octet)
{
    (void)octet;
    return 0;
}

static void parser_start(struct csv_reader *reader)
{
    must(csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
    csv_set_space_func(&reader->parser, is_no_space);
    reader->count = 0;
    reader->values_count = 0;
    reader->is_complete = false;
}

/* The next octet, from what is to be read again or from the file; EOF at its end. It stays in
 * `raw`. */
static int octet_next(struct csv_reader *reader)
{
    if (reader->raw_next == reader->raw_count) {
        int octet = reader->is_over ? EOF : getc(reader->file);
        if (octet == EOF) {
            reader->is_over = true;
            reader->is_failed = ferror(reader->file) != 0;
            return EOF;
        }
        must(reader->raw_count < sizeof reader->raw);
        reader->raw[reader->raw_count++] = (char)octet;
    }
    unsigned char octet = (unsigned char)reader->raw[reader->raw_next++];
    if (octet == '\r' || (octet == '\n' && !reader->after_cr))
        reader->line++;
    reader->after_cr = octet == '\r';
    return octet;
}

/* Forgets what was read; what is to be read again moves to the front. */
static void raw_drop(struct csv_reader *reader)
{
    reader->raw_count -= reader->raw_next;
    memmove(reader->raw, reader->raw + reader->raw_next, reader->raw_count);
    reader->raw_next = 0;
}

/* Goes back to the end of the row's first line, or on to it if it isn't yet reached. */
static void line_skip(struct csv_reader *reader, size_t first_line)
{
    for (size_t i = 0; i < reader->raw_next; i++) {
        if (reader->raw[i] != '\n' && reader->raw[i] != '\r')
            continue;
        reader->raw_next = i + 1;
        reader->after_cr = reader->raw[i] == '\r';
        reader->line = first_line + 1;
        raw_drop(reader);
        return;
    }
    while (reader->line == first_line) {
        raw_drop(reader);
        if (octet_next(reader) == EOF)
            break;
    }
    raw_drop(reader);
}

static enum csv_result row_bad(struct csv_reader *reader, struct csv_row *row, const char *why)
{
    csv_free(&reader->parser);
    line_skip(reader, row->line);
    snprintf(reader->why, sizeof reader->why, "%s", why);
    return CSV_BAD;
}

static bool is_too_long(struct csv_reader *reader)
{
    return reader->parser.entry_pos > CSV_FIELD_LIMIT || reader->raw_next == sizeof reader->raw;
}

static bool is_blank_line(const struct csv_reader *reader, int octet)
{
    return (octet == '\n' || octet == '\r') && reader->count == 0 && !reader->is_complete &&
           reader->parser.entry_pos == 0 && !reader->parser.quoted;
}

/* One row, whatever its number of fields. */
static enum csv_result row_read(struct csv_reader *reader, struct csv_row *row)
{
    parser_start(reader);
    raw_drop(reader);
    row->line = reader->line;
    while (!reader->is_complete) {
        int octet = octet_next(reader);
        if (octet == EOF)
            break;
        unsigned char one = (unsigned char)octet;
        if (csv_parse(&reader->parser, &one, 1, take_field, take_row, reader) != 1)
            return row_bad(reader, row, "a quote stands where none may, or was never closed");
        if (is_too_long(reader))
            return row_bad(reader, row, "it is too long, or a quote was never closed");
        if (is_blank_line(reader, octet)) {
            raw_drop(reader);
            row->line = reader->line;
        }
    }
    if (!reader->is_complete && !reader->is_failed &&
        csv_fini(&reader->parser, take_field, take_row, reader) != 0)
        return row_bad(reader, row, "a quote was never closed");
    csv_free(&reader->parser);
    if (reader->is_failed)
        return CSV_FAILED;
    return reader->is_complete ? CSV_ROW : CSV_END;
}

enum csv_result csv_next(struct csv_reader *reader, struct csv_row *row)
{
    *row = (struct csv_row){.why = reader->why, .reader = reader};
    reader->why[0] = '\0';
    enum csv_result result = row_read(reader, row);
    if (result == CSV_FAILED)
        snprintf(reader->why, sizeof reader->why, "it can't be read: %s", strerror(errno));
    if (result != CSV_ROW || reader->count == reader->columns)
        return result;
    snprintf(reader->why, sizeof reader->why, "it has %zu columns, the header %zu", reader->count,
             reader->columns);
    return CSV_BAD;
}

static struct octets trimmed(struct octets text)
{
    while (text.length > 0 && (text.at[0] == ' ' || text.at[0] == '\t'))
        text = octets_of(text.at + 1, text.length - 1);
    while (text.length > 0 && (text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t'))
        text.length--;
    return text;
}

static bool header_keep(struct csv_reader *reader, const struct csv_row *row, char *why)
{
    if (reader->count > CSV_COLUMN_LIMIT) {
        snprintf(why, CSV_WHY_SIZE, "the header has more than %d columns", CSV_COLUMN_LIMIT);
        return false;
    }
    for (size_t i = 0; i < reader->count; i++) {
        char name[64];
        if (!octets_copy_text(trimmed(csv_value(row, i)), name, sizeof name) || name[0] == '\0') {
            snprintf(why, CSV_WHY_SIZE, "column %zu of the header has no name, or too long a one",
                     i + 1);
            return false;
        }
        if (csv_has_column(reader, name)) {
            snprintf(why, CSV_WHY_SIZE, "the header names the column \"%s\" twice", name);
            return false;
        }
        reader->names[reader->columns++] = mem_text(name);
    }
    return true;
}

/* Takes off UTF-8's byte order mark. What Excel calls Unicode text is UTF-16: no CSV of ours. */
static bool mark_skip(struct csv_reader *reader, char *why)
{
    int first = getc(reader->file);
    if (first == 0xff || first == 0xfe) {
        snprintf(why, CSV_WHY_SIZE, "the file is UTF-16: save it as CSV in UTF-8");
        return false;
    }
    while (first != EOF && reader->raw_count < 3) {
        reader->raw[reader->raw_count++] = (char)first;
        if (reader->raw_count < 3)
            first = getc(reader->file);
    }
    if (reader->raw_count == 3 && memcmp(reader->raw, "\xef\xbb\xbf", 3) == 0)
        reader->raw_count = 0;
    return true;
}

/* The first line is a row: the names are ours, and it is read again. */
static bool header_make(struct csv_reader *reader, const struct csv_row *row,
                        const struct csv_plain *plain, char *why)
{
    if (reader->count > plain->count) {
        snprintf(why, CSV_WHY_SIZE, "it has no header, and more than %zu columns", plain->count);
        return false;
    }
    for (size_t i = 0; i < reader->count; i++)
        reader->names[reader->columns++] = mem_text(plain->names[i]);
    reader->raw_next = 0;
    reader->line = row->line;
    reader->after_cr = false;
    return true;
}

static bool header_read(struct csv_reader *reader, const struct csv_plain *plain, char *why)
{
    struct csv_row row = {.why = reader->why, .reader = reader};
    enum csv_result result = row_read(reader, &row);
    if (result == CSV_ROW && plain != NULL && plain->is_data(csv_value(&row, 0)))
        return header_make(reader, &row, plain, why);
    if (result == CSV_ROW)
        return header_keep(reader, &row, why);
    if (result == CSV_BAD)
        snprintf(why, CSV_WHY_SIZE, "line %zu, the header: %.100s", row.line, reader->why);
    else if (result == CSV_FAILED)
        snprintf(why, CSV_WHY_SIZE, "it can't be read: %s", strerror(errno));
    else
        snprintf(why, CSV_WHY_SIZE, "the file is empty: it needs a header");
    return false;
}

struct csv_reader *csv_open(FILE *file, char why[CSV_WHY_SIZE])
{
    return csv_open_plain(file, NULL, why);
}

struct csv_reader *csv_open_plain(FILE *file, const struct csv_plain *plain, char why[CSV_WHY_SIZE])
{
    struct csv_reader *reader = mem_new(sizeof *reader);
    reader->file = file;
    reader->line = 1;
    why[0] = '\0';
    if (mark_skip(reader, why) && header_read(reader, plain, why))
        return reader;
    csv_close(reader);
    return NULL;
}

void csv_close(struct csv_reader *reader)
{
    if (reader == NULL)
        return;
    for (size_t i = 0; i < reader->columns; i++)
        free(reader->names[i]);
    free(reader);
}

size_t csv_columns(const struct csv_reader *reader)
{
    return reader->columns;
}

const char *csv_name(const struct csv_reader *reader, size_t column)
{
    must(column < reader->columns);
    return reader->names[column];
}

struct octets csv_value(const struct csv_row *row, size_t column)
{
    const struct csv_reader *reader = row->reader;
    must(column < reader->count && column < CSV_COLUMN_LIMIT);
    return octets_of(reader->values + reader->fields[column].at, reader->fields[column].length);
}

bool csv_has_column(const struct csv_reader *reader, const char *column)
{
    for (size_t i = 0; i < reader->columns; i++)
        if (strcasecmp(reader->names[i], column) == 0)
            return true;
    return false;
}

struct octets csv_field(const struct csv_row *row, const char *column)
{
    for (size_t i = 0; i < row->reader->columns; i++)
        if (strcasecmp(row->reader->names[i], column) == 0)
            return csv_value(row, i);
    return octets_text(NULL);
}

/* ---- writing ---- */

/* web/csv.js has the same rule, and tests/vectors/csv-cells.json holds both to it. */

/* Whether one of these, each ended by a zero, is what the text begins with; gives its length. */
static size_t begins_with(const char *text, const char *const *these, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(text, these[i], strlen(these[i])) == 0)
            return strlen(these[i]);
    return 0;
}

/* Blanks: those of ASCII, the no-break space and the byte order mark; `apart` are none of them. */
static size_t blank_at(const char *text, const char *apart)
{
    static const char *const wide[] = {"\xc2\xa0", "\xef\xbb\xbf"};
    if (*text != '\0' && (unsigned char)*text <= ' ')
        return strchr(apart, *text) == NULL;
    return begins_with(text, wide, sizeof wide / sizeof *wide);
}

/* What a spreadsheet takes for the beginning of a formula, in letters of both widths. */
static bool runs(const char *text, const char *apart)
{
    static const char *const signs[] = {"=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    size_t blank;
    while ((blank = blank_at(text, apart)) > 0)
        text += blank;
    return begins_with(text, signs, sizeof signs / sizeof *signs) > 0;
}

static bool is_phone(const char *text)
{
    text += strspn(text, " ");
    return text[0] == '+' && strspn(text + 1, "0123456789 ()-./") == strlen(text + 1);
}

static bool is_quoted(const char *text)
{
    size_t length = strlen(text);
    bool has_edge = length > 0 && (text[0] == ' ' || text[length - 1] == ' ');
    return has_edge || strpbrk(text, "\",;\t\r\n") != NULL;
}

void csv_put_field(FILE *out, const char *text)
{
    static const char apart[] = ";\t\r\n"; /* where some spreadsheets begin another cell, quoted or not */
    bool quoted = is_quoted(text);
    if (quoted)
        putc('"', out);
    if (!is_phone(text) && (runs(text, "") || (*text != '\0' && strchr("\t\r\n", *text) != NULL)))
        putc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
        if (strchr(apart, *text) != NULL && runs(text + 1, apart))
            putc('\'', out);
    }
    if (quoted)
        putc('"', out);
}
