/* One CSV file: every row is as wide as its header, and lines only go up. */
#include <stdio.h>

#include "base/csv.h"
#include "tests/fuzz/fuzz.h"

static void check_row(const struct csv_reader *reader, const struct csv_row *row)
{
    for (size_t i = 0; i < csv_columns(reader); i++) {
        must(csv_value(row, i).length <= CSV_FIELD_LIMIT);
        must(octets_equal(csv_field(row, csv_name(reader, i)), csv_value(row, i)));
    }
    must(csv_has_column(reader, "phone") || csv_field(row, "phone").length == 0);
}

static void read_rows(struct csv_reader *reader)
{
    struct csv_row row;
    size_t line = 0;
    enum csv_result result;
    while ((result = csv_next(reader, &row)) == CSV_ROW || result == CSV_BAD) {
        must(row.line > line);
        line = row.line;
        if (result == CSV_ROW)
            check_row(reader, &row);
        else
            must(row.why != NULL && row.why[0] != '\0');
    }
    must(result == CSV_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    char why[CSV_WHY_SIZE];
    if (length == 0)
        return 0;
    FILE *file = fmemopen((void *)(uintptr_t)at, length, "r");
    must(file != NULL);
    struct csv_reader *reader = csv_open(file, why);
    if (reader != NULL)
        read_rows(reader);
    csv_close(reader);
    fclose(file);
    return 0;
}
