#include "cli/recipient_file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/csv.h"
#include "base/must.h"

struct recipient_file {
    FILE *stream;
    struct csv_reader *reader; /* NULL: it is NDJSON */
    struct csv_row row;        /* the newest one: of CSV its values, of both its line */
    char *text;                /* of NDJSON, the newest line, as far as CSV_ROW_LIMIT */
    size_t length;
    int64_t count; /* rows that were read */
    bool is_good;  /* the newest one can be read */
};

bool recipient_file_is_ndjson(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && (strcmp(dot, ".ndjson") == 0 || strcmp(dot, ".jsonl") == 0);
}

struct recipient_file *recipient_file_open(const char *path)
{
    char why[CSV_WHY_SIZE];
    struct stat status;
    if (strcmp(path, "-") == 0 || stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return NULL;
    FILE *stream = fopen(path, "r");
    if (stream == NULL)
        return NULL;
    struct recipient_file *file = mem_new(sizeof *file);
    file->stream = stream;
    if (recipient_file_is_ndjson(path))
        file->text = mem_new(CSV_ROW_LIMIT);
    else
        file->reader = csv_open(stream, why);
    if (file->text != NULL || file->reader != NULL)
        return file;
    recipient_file_close(file);
    return NULL;
}

void recipient_file_close(struct recipient_file *file)
{
    if (file == NULL)
        return;
    csv_close(file->reader);
    fclose(file->stream);
    free(file->text);
    free(file);
}

/* ---- the next row ---- */

static bool next_of_csv(struct recipient_file *file)
{
    enum csv_result result = csv_next(file->reader, &file->row);
    file->is_good = result == CSV_ROW;
    return result == CSV_ROW || result == CSV_BAD;
}

/* What is longer than a row may be is passed over. */
static bool read_line(struct recipient_file *file)
{
    int octet;
    file->length = 0;
    file->is_good = true;
    while ((octet = getc_unlocked(file->stream)) != EOF && octet != '\n') {
        if (file->length == CSV_ROW_LIMIT)
            file->is_good = false;
        else
            file->text[file->length++] = (char)octet;
    }
    file->row.line++;
    return octet != EOF || file->length > 0;
}

static bool is_blank(const struct recipient_file *file)
{
    for (size_t i = 0; i < file->length; i++)
        if (strchr(" \t\r", file->text[i]) == NULL || file->text[i] == '\0')
            return false;
    return true;
}

static bool next_of_ndjson(struct recipient_file *file)
{
    while (read_line(file))
        if (!is_blank(file))
            return true;
    return false;
}

size_t recipient_file_line(struct recipient_file *file, int64_t row)
{
    if (file == NULL)
        return 0;
    while (file->count < row) {
        if (file->reader != NULL ? !next_of_csv(file) : !next_of_ndjson(file))
            return 0;
        file->count++;
    }
    return file->count == row ? file->row.line : 0;
}

/* ---- its number ---- */

static char *phone_of_ndjson(const struct recipient_file *file)
{
    const char *name;
    char *phone = NULL;
    json_t *value, *object = json_loadb(file->text, file->length, JSON_REJECT_DUPLICATES, NULL);
    json_object_foreach(object, name, value)
    {
        if (phone == NULL && strcasecmp(name, "phone") == 0 && json_is_string(value))
            phone = mem_text(json_string_value(value));
    }
    json_decref(object);
    return phone;
}

char *recipient_file_phone(const struct recipient_file *file)
{
    if (!file->is_good)
        return NULL;
    if (file->reader == NULL)
        return phone_of_ndjson(file);
    struct octets phone = csv_field(&file->row, "phone");
    char *text = mem_new(phone.length + 1);
    if (phone.length > 0)
        memcpy(text, phone.at, phone.length);
    return text;
}
