/* blocks: the block log, asked of a gateway or read from its database. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "cli/cli.h"
#include "cli/database.h"
#include "cli/inquiry.h"
#include "consent/number.h"

struct blocks {
    struct inquiry inquiry;
    const char *since, *until, *number, *program, *account, *reason, *db, *config;
    char since_text[TIME_TEXT_SIZE], until_text[TIME_TEXT_SIZE];
    char number_text[NUMBER_TEXT_SIZE];
};

static const struct column columns[] = {
    {"RECORD", "ledger_seq"},  {"AT", "at"},           {"NUMBER", "number"},
    {"PROGRAM", "program"},    {"ACCOUNT", "account"}, {"SENDER", "sender"},
    {"CODE", "code"},          {"WHY", "title"},       {"STAGE", "stage"},
    {"MESSAGE", "message_id"}, {NULL, NULL},
};

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
                                   .limit = (size_t)blocks->inquiry.limit};
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

static json_t *ask_gateway(const struct blocks *blocks)
{
    return inquiry_items(&blocks->inquiry,
                         client_path("/v1/blocks", "since", blocks->since, "until", blocks->until,
                                     "number", blocks->number, "program", blocks->program, "account",
                                     blocks->account, "reason", blocks->reason, NULL));
}

/* False: said why. In a file the number is E.164; a gateway reads whatever people type. */
static bool normalise(struct blocks *blocks)
{
    const struct {
        const char **text;
        char *out;
    } times[] = {{&blocks->since, blocks->since_text}, {&blocks->until, blocks->until_text}};
    for (size_t i = 0; i < 2; i++) {
        if (!inquiry_time(&blocks->inquiry, times[i].text, times[i].out))
            return false;
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

static int list(struct blocks *blocks)
{
    bool is_offline = blocks->db != NULL || blocks->config != NULL;
    if (!normalise(blocks) || (!is_offline && !inquiry_open(&blocks->inquiry)))
        return CLI_USAGE;
    json_t *items = is_offline ? read_database(blocks) : ask_gateway(blocks);
    return items == NULL ? CLI_FAILED
                         : inquiry_print(&blocks->inquiry, items, columns, "nothing was blocked");
}

int cli_blocks(int argc, char **argv)
{
    struct blocks blocks = {.inquiry = {.command = "blocks"}};
    const struct option_row rows[] = {
        {"--since", OPTION_TEXT, &blocks.since},
        {"--until", OPTION_TEXT, &blocks.until},
        {"--number", OPTION_TEXT, &blocks.number},
        {"--program", OPTION_TEXT, &blocks.program},
        {"--account", OPTION_TEXT, &blocks.account},
        {"--reason", OPTION_TEXT, &blocks.reason},
        {"--db", OPTION_TEXT, &blocks.db},
        {"-c", OPTION_TEXT, &blocks.config},
        INQUIRY_LIMIT(blocks.inquiry),
        INQUIRY_FORMS(blocks.inquiry),
        INQUIRY_GATEWAY(blocks.inquiry),
        INQUIRY_END,
    };
    int result = CLI_USAGE, others = inquiry_read(&blocks.inquiry, argc, argv, rows);
    if (others > 0)
        result = cli_usage("blocks", "it takes options only, not %s", argv[1]);
    else if (others == 0)
        result = list(&blocks);
    inquiry_end(&blocks.inquiry);
    return result;
}
