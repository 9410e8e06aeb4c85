/* queue: what waits in a running gateway, and what holds it. */
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/options.h"
#include "cli/table.h"

static const struct column list_columns[] = {
    {"PROGRAM", "program"}, {"LANE", "lane"},       {"FROM", "sender"}, {"ROUTE", "route"},
    {"QUEUED", "queued"},   {"CARRIER", "carrier"}, {"HOLD", "hold"},   {NULL, NULL},
};

static const struct column why_columns[] = {
    {"PROGRAM", "program"}, {"LANE", "lane"}, {"FROM", "sender"}, {"ROUTE", "route"}, {"QUEUED", "queued"},
    {"HOLD", "hold"},       {"UNTIL", "until"}, {"WHY", "why"},   {NULL, NULL},
};

static bool is_meant(const json_t *lane, const char *program, bool is_why)
{
    const char *name = json_string_value(json_object_get(lane, "program"));
    if (program != NULL && (name == NULL || strcmp(name, program) != 0))
        return false;
    return !is_why || json_integer_value(json_object_get(lane, "queued")) > 0;
}

static int show(struct client *client, const char *program, bool is_why, enum table_form form)
{
    char error[CLIENT_ERROR_SIZE];
    json_t *lanes = client_list(client, "/v1/queue", 0, error);
    if (lanes == NULL)
        return cli_fail("queue", "%s", error);
    json_t *meant = json_array();
    for (size_t i = 0; i < json_array_size(lanes); i++)
        if (is_meant(json_array_get(lanes, i), program, is_why))
            json_array_append(meant, json_array_get(lanes, i));
    table_print(stdout, meant, is_why ? why_columns : list_columns, form, cli_width(stdout));
    if (is_why && form == TABLE_TEXT && json_array_size(meant) == 0)
        fputs("nothing waits\n", stderr);
    json_decref(meant);
    json_decref(lanes);
    return CLI_DONE;
}

int cli_queue(int argc, char **argv)
{
    const char *url = NULL, *key = NULL, *program = NULL;
    bool is_json = false, is_csv = false;
    const struct option_row rows[] = {
        {"--program", OPTION_TEXT, &program}, {"--json", OPTION_FLAG, &is_json},
        {"--csv", OPTION_FLAG, &is_csv},      {"--url", OPTION_TEXT, &url},
        {"--key", OPTION_TEXT, &key},         {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("queue", "%s", error);
    bool is_why = others == 1 && strcmp(argv[1], "why") == 0;
    if (others != 1 || (!is_why && strcmp(argv[1], "list") != 0))
        return cli_usage("queue", "list or why?");
    struct client *client = client_open_for("queue", url, key);
    if (client == NULL)
        return CLI_USAGE;
    int result = show(client, program, is_why,
                      is_json  ? TABLE_JSON
                      : is_csv ? TABLE_CSV
                               : TABLE_TEXT);
    client_close(client);
    return result;
}
