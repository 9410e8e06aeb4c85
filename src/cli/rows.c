#include "cli/rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <utf8proc.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/table.h"
#include "consent/number.h"

/* A gateway that doesn't tell reads numbers of the North American plan: INTERFACE's default. */
static bool ask_country(struct rows *rows, struct client *client)
{
    struct answer answer = client_ask(client, "GET", "/v1/status", NULL);
    const char *country = json_string_value(json_object_get(answer.body, "default_country"));
    bool is_there = answer.status != 0;
    if (!is_there)
        cli_fail(rows->command, "%s", answer.error);
    snprintf(rows->country, sizeof rows->country, "%s", country == NULL ? "US" : country);
    answer_wipe(&answer);
    return is_there;
}

/* For the bar: a file, unlike a pipe, can be read twice. */
static int64_t count_rows(FILE *file)
{
    struct stat status;
    char why[CSV_WHY_SIZE];
    if (!cli_is_terminal(stderr) || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    struct csv_reader *reader = csv_open(file, why);
    struct csv_row row;
    int64_t count = 0;
    enum csv_result result = reader == NULL ? CSV_END : csv_next(reader, &row);
    for (; result == CSV_ROW || result == CSV_BAD; result = csv_next(reader, &row))
        count++;
    csv_close(reader);
    rewind(file);
    return count;
}

bool rows_open(struct rows *rows, const char *path, struct client *client)
{
    bool is_stdin = strcmp(path, "-") == 0;
    rows->region = region_new();
    rows->list = json_array();
    rows->file = is_stdin ? stdin : fopen(path, "r");
    if (rows->file == NULL) {
        cli_fail(rows->command, "can't open %s: %s", path, strerror(errno));
        return false;
    }
    progress_begin(&rows->progress, 0, is_stdin ? 0 : count_rows(rows->file));
    char why[CSV_WHY_SIZE];
    rows->reader = csv_open_plain(rows->file, rows->plain, why);
    if (rows->reader == NULL) {
        cli_fail(rows->command, "%s: %s", path, why);
        return false;
    }
    return ask_country(rows, client);
}

void rows_close(struct rows *rows)
{
    csv_close(rows->reader);
    if (rows->file != NULL && rows->file != stdin)
        fclose(rows->file);
    if (rows->region != NULL)
        region_free(rows->region);
    json_decref(rows->list);
    tally_wipe(&rows->refused);
}

/* As spreadsheets write it where the comma is for decimals. */
static bool is_parted_otherwise(const struct rows *rows)
{
    return csv_columns(rows->reader) == 1 && strpbrk(csv_name(rows->reader, 0), ";\t") != NULL;
}

bool rows_has_columns(const struct rows *rows, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (csv_has_column(rows->reader, columns[i]))
            continue;
        cli_fail(rows->command, "the file has no column `%s`%s", columns[i],
                 is_parted_otherwise(rows) ? ": it is parted by semicolons or tabs, and not by commas" : "");
        return false;
    }
    return true;
}

static bool is_text(struct octets value)
{
    while (value.length > 0) {
        utf8proc_int32_t character;
        utf8proc_ssize_t length =
            utf8proc_iterate(value.at, (utf8proc_ssize_t)value.length, &character);
        if (length <= 0 || character == 0)
            return false;
        value = octets_of(value.at + length, value.length - (size_t)length);
    }
    return true;
}

static bool is_all_text(const struct rows *rows, const struct csv_row *row)
{
    for (size_t i = 0; i < csv_columns(rows->reader); i++) {
        if (!is_text(csv_value(row, i)))
            return false;
    }
    return true;
}

bool rows_next(struct rows *rows, struct csv_row *row)
{
    for (;;) {
        region_clear(rows->region);
        enum csv_result result = csv_next(rows->reader, row);
        if (result == CSV_FAILED)
            snprintf(rows->why, sizeof rows->why, "%s", row->why);
        if (result == CSV_FAILED || result == CSV_END)
            return false;
        rows->count++;
        if (result == CSV_ROW && is_all_text(rows, row))
            return true;
        rows_refuse(rows, row->line, "", "malformed",
                    result == CSV_BAD ? row->why : "the row is not UTF-8");
        rows_handled(rows);
    }
}

const char *rows_text(struct rows *rows, const struct csv_row *row, const char *column)
{
    return region_text(rows->region, csv_field(row, column));
}

uint64_t rows_number(const struct rows *rows, const char *phone)
{
    uint64_t number;
    return number_read(octets_text(phone), rows->country, &number) == NUMBER_OK ? number : 0;
}

void rows_refuse(struct rows *rows, size_t line, const char *phone, const char *code,
                 const char *why)
{
    tally_add(&rows->refused, code);
    if (rows->is_json) {
        json_array_append_new(rows->list, json_pack("{s:I,s:s,s:s,s:s}", "line", (json_int_t)line,
                                                    "phone", phone, "code", code, "why", why));
        return;
    }
    if (!rows->is_verbose && rows->refused.total > ROWS_LISTED)
        return;
    char *safe_phone = table_safe(phone), *safe_why = table_safe(why);
    progress_clear(&rows->progress);
    fprintf(stderr, "line %zu: %s%srefused: %s\n", line, safe_phone, *phone == '\0' ? "" : " ",
            safe_why);
    free(safe_phone);
    free(safe_why);
}

void rows_handled(struct rows *rows)
{
    char note[40] = "";
    rows->handled++;
    if (rows->refused.total > 0)
        snprintf(note, sizeof note, "%" PRId64 " refused", rows->refused.total);
    progress_show(&rows->progress, rows->handled, note);
}

static void rows_end(struct rows *rows)
{
    progress_clear(&rows->progress);
    int64_t more = rows->refused.total - ROWS_LISTED;
    if (!rows->is_json && !rows->is_verbose && more > 0)
        fprintf(stderr, "and %" PRId64 " more were refused; --verbose lists them all\n", more);
}

const char *rows_run(struct rows *rows, struct client *client, const struct client_work *work)
{
    cli_catch_interrupts();
    enum client_end end = client_run(client, work, rows->error);
    rows_end(rows);
    return rows->why[0] != '\0'         ? rows->why
           : end == CLIENT_STOPPED     ? rows->fatal
           : end == CLIENT_BROKEN      ? rows->error
           : end == CLIENT_INTERRUPTED ? "interrupted"
                                       : NULL;
}

void rows_print(const struct rows *rows, const struct tally *outcomes)
{
    printf("%" PRId64 " row%s", rows->handled, rows->handled == 1 ? "" : "s");
    if (rows->handled > 0)
        fputs(": ", stdout);
    tally_print(outcomes, stdout);
    if (rows->refused.total > 0) {
        printf("%s%" PRId64 " refused (", outcomes->total > 0 ? ", " : "", rows->refused.total);
        tally_print(&rows->refused, stdout);
        putchar(')');
    }
}

int rows_import_ends(const struct rows *rows, const char *why, bool is_strict)
{
    if (why != NULL)
        return cli_fail(rows->command,
                        "%s\nassent %s: %" PRId64 " rows were done. To go on, run the same "
                        "command again: what is on record already changes nothing",
                        why, rows->command, rows->handled);
    return is_strict && rows->refused.total > 0 ? CLI_FAILED : CLI_DONE;
}
