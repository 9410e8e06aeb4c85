#include "cli/database.h"

#include <stdlib.h>

#include "base/must.h"
#include "base/region.h"
#include "cli/cli.h"
#include "config/config.h"

#define PAGE 256

/* The path that the configuration names; the caller frees it. */
static char *path_of_config(const char *command, const char *file)
{
    char why[CONFIG_DATABASE_WHY];
    char *path = config_database(file, why);
    if (path == NULL)
        cli_fail(command, "%s names no database that can be used: %s", file, why);
    return path;
}

struct store *database_open(const char *command, const char *file, const char *config)
{
    char *path = file != NULL     ? mem_text(file)
                 : config != NULL ? path_of_config(command, config)
                                  : mem_text("assent.db");
    if (path == NULL)
        return NULL;
    char error[STORE_ERROR_SIZE];
    struct store *store = store_open_reader(path, error);
    if (store == NULL)
        cli_fail(command, "%s%s", error,
                 file == NULL && config == NULL
                     ? "; --db FILE names another, -c FILE its configuration"
                     : "");
    free(path);
    return store;
}

static json_t *record_json(const struct ledger_row *row)
{
    json_t *record =
        json_pack("{s:I,s:s,s:s,s:s,s:s?}", "ledger_seq", (json_int_t)row->seq, "at", row->at,
                  "kind", row->kind, "program", row->program, "number", row->number);
    json_t *payload = row->payload == NULL ? NULL : json_loads(row->payload, JSON_ALLOW_NUL, NULL);
    if (record != NULL)
        json_object_set_new(record, "payload", payload == NULL ? json_null() : payload);
    return record;
}

json_t *database_records(struct store *store, struct ledger_filter filter)
{
    json_t *records = json_array();
    struct region *region = region_new();
    size_t limit = filter.limit, count;
    enum store_result result;
    do {
        region_clear(region);
        struct ledger_row *page = region_get(region, PAGE * sizeof *page);
        size_t left = limit - json_array_size(records);
        filter.limit = limit == 0 || left > PAGE ? PAGE : left;
        result = store_ledger_list(store, &filter, region, page, &count);
        if (result == STORE_NONE)
            count = 0;
        for (size_t i = 0; result != STORE_FAILED && i < count; i++) {
            json_array_append_new(records, record_json(&page[i]));
            filter.after = page[i].seq;
        }
    } while (result == STORE_OK && count == filter.limit &&
             (limit == 0 || json_array_size(records) < limit));
    region_free(region);
    if (result != STORE_FAILED)
        return records;
    json_decref(records);
    return NULL;
}
