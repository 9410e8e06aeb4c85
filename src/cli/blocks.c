/* blocks: the block log, asked of a gateway or read from its database. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/database.h"
#include "cli/options.h"
#include "cli/table.h"
#include "consent/number.h"

struct blocks {
    const char *since, *until, *number, *program, *account, *reason, *db, *config, *url, *key;
    int64_t limit;
    bool is_json, is_csv;
    char since_text[TIME_TEXT_SIZE], until_text[TIME_TEXT_SIZE];
    char number_text[NUMBER_TEXT_SIZE];
};

static const struct column columns[] = {
    {"RECORD", "ledger_seq"},  {"AT", "at"},           {"NUMBER", "number"},
    {"PROGRAM", "program"},    {"ACCOUNT", "account"}, {"SENDER", "sender"},
    {"CODE", "code"},          {"WHY", "title"},       {"STAGE", "stage"},
    {"MESSAGE", "message_id"}, {NULL, NULL},
};

/* A time, or how long ago. Both lists of blocks compare UTC with milliseconds. */
static bool read_time(const char *text, char out[TIME_TEXT_SIZE])
{
    int64_t at_ms, ago_ms;
    if (time_read_duration(octets_text(text), &ago_ms))
        at_ms = clock_wall_ms() - ago_ms;
    else if (!time_read(octets_text(text), &at_ms))
        return false;
    time_write(at_ms, out);
    return true;
}

static json_t *item_of(json_t *record)
{
    json_t *item = json_object();
    const char *key;
    json_t *value;
    json_object_update(item, json_object_get(record, "payload"));
    json_object_foreach(record, key, value)
    {
        if (strcmp(key, "payload") != 0 && strcmp(key, "kind") != 0)
            json_object_set(item, key, value);
    }
    return item;
}

static json_t *read_database(const struct blocks *blocks)
{
    struct store *store = database_open("blocks", blocks->db, blocks->config);
    if (store == NULL)
        return NULL;
    struct ledger_filter filter = {.newest_first = true,
                                   .kind = "block",
                                   .number = blocks->number,
                                   .program = blocks->program,
                                   .account = blocks->account,
                                   .reason = blocks->reason,
                                   .since = blocks->since,
                                   .until = blocks->until,
                                   .limit = (size_t)blocks->limit};
    json_t *records = database_records(store, filter);
    if (records == NULL)
        cli_fail("blocks", "the database can't be read: %s", store_fault(store));
    store_close(store);
    json_t *items = records == NULL ? NULL : json_array();
    for (size_t i = 0; i < json_array_size(records); i++)
        json_array_append_new(items, item_of(json_array_get(records, i)));
    json_decref(records);
    return items;
}

static json_t *ask_gateway(const struct blocks *blocks, struct client *client)
{
    char error[CLIENT_ERROR_SIZE];
    char *path = client_path("/v1/blocks", "since", blocks->since, "until", blocks->until, "number",
                             blocks->number, "program", blocks->program, "account", blocks->account,
                             "reason", blocks->reason, NULL);
    json_t *items = client_list(client, path, (size_t)blocks->limit, error);
    free(path);
    if (items == NULL)
        cli_fail("blocks", "%s", error);
    return items;
}

static int print_items(const struct blocks *blocks, json_t *items)
{
    if (items == NULL)
        return CLI_FAILED;
    enum table_form form = blocks->is_json ? TABLE_JSON : blocks->is_csv ? TABLE_CSV : TABLE_TEXT;
    if (form == TABLE_TEXT && json_array_size(items) == 0)
        fputs("nothing was blocked\n", stderr);
    else
        table_print(stdout, items, columns, form, cli_width(stdout));
    json_decref(items);
    return CLI_DONE;
}

/* False: said why. In a file the number is E.164; a gateway reads whatever people type. */
static bool normalise(struct blocks *blocks)
{
    const struct {
        const char **text;
        char *out;
    } times[] = {{&blocks->since, blocks->since_text}, {&blocks->until, blocks->until_text}};
    for (size_t i = 0; i < 2; i++) {
        if (*times[i].text == NULL)
            continue;
        if (!read_time(*times[i].text, times[i].out)) {
            cli_usage("blocks", "'%s' is no time: 2026-11-23T00:00:00Z, or how long ago: 24h",
                      *times[i].text);
            return false;
        }
        *times[i].text = times[i].out;
    }
    uint64_t number;
    if (blocks->number == NULL || (blocks->db == NULL && blocks->config == NULL))
        return true;
    enum number_fault fault = number_read(octets_text(blocks->number), "US", &number);
    if (fault != NUMBER_OK) {
        cli_usage("blocks", "'%s' is no phone number: %s", blocks->number,
                  number_fault_text(fault));
        return false;
    }
    number_write(number, blocks->number_text);
    blocks->number = blocks->number_text;
    return true;
}

int cli_blocks(int argc, char **argv)
{
    struct blocks blocks = {0};
    const struct option_row rows[] = {
        {"--since", OPTION_TEXT, &blocks.since},     {"--until", OPTION_TEXT, &blocks.until},
        {"--number", OPTION_TEXT, &blocks.number},   {"--program", OPTION_TEXT, &blocks.program},
        {"--account", OPTION_TEXT, &blocks.account}, {"--reason", OPTION_TEXT, &blocks.reason},
        {"--limit", OPTION_COUNT, &blocks.limit},    {"--db", OPTION_TEXT, &blocks.db},
        {"-c", OPTION_TEXT, &blocks.config},         {"--json", OPTION_FLAG, &blocks.is_json},
        {"--csv", OPTION_FLAG, &blocks.is_csv},      {"--url", OPTION_TEXT, &blocks.url},
        {"--key", OPTION_TEXT, &blocks.key},         {"--ca", OPTION_TEXT, &client_ca},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others != 0)
        return cli_usage("blocks", "%s%s", others < 0 ? error : "it takes options only, not ",
                         others < 0 ? "" : argv[1]);
    if (blocks.is_json && blocks.is_csv)
        return cli_usage("blocks", "either --json or --csv");
    if (!normalise(&blocks))
        return CLI_USAGE;
    if (blocks.db != NULL || blocks.config != NULL)
        return print_items(&blocks, read_database(&blocks));
    struct client *client = client_open_for("blocks", blocks.url, blocks.key);
    if (client == NULL)
        return CLI_USAGE;
    int result = print_items(&blocks, ask_gateway(&blocks, client));
    client_close(client);
    return result;
}
