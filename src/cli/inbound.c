/* inbound: what people texted back, and what was made of it. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/options.h"
#include "cli/table.h"

static const struct column columns[] = {
    {"AT", "at"},           {"FROM", "from"},       {"TO", "to"},
    {"PROGRAM", "program"}, {"VERDICT", "verdict"}, {"RULE", "rule"},
    {"EFFECT", "effect"},   {"TEXT", "text"},       {NULL, NULL},
};

static int list(struct client *client, const char *number, const char *program, size_t limit,
                enum table_form form)
{
    char error[CLIENT_ERROR_SIZE];
    char *path = client_path("/v1/inbound", "number", number, "program", program, NULL);
    json_t *items = client_list(client, path, limit, error);
    free(path);
    if (items == NULL)
        return cli_fail("inbound", "%s", error);
    if (form == TABLE_TEXT && json_array_size(items) == 0)
        fputs("nobody has texted back\n", stderr);
    else
        table_print(stdout, items, columns, form, cli_width(stdout));
    json_decref(items);
    return CLI_DONE;
}

int cli_inbound(int argc, char **argv)
{
    const char *number = NULL, *program = NULL, *url = NULL, *key = NULL;
    int64_t limit = 50;
    bool is_json = false, is_csv = false;
    const struct option_row rows[] = {
        {"--number", OPTION_TEXT, &number}, {"--program", OPTION_TEXT, &program},
        {"--limit", OPTION_COUNT, &limit},  {"--json", OPTION_FLAG, &is_json},
        {"--csv", OPTION_FLAG, &is_csv},    {"--url", OPTION_TEXT, &url},
        {"--key", OPTION_TEXT, &key},       {"--ca", OPTION_TEXT, &client_ca},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    /* `assent inbound list` is what the name of the other lists suggests. */
    if (others > 1 || (others == 1 && strcmp(argv[1], "list") != 0))
        return cli_usage("inbound", "it takes options only, not %s", argv[1]);
    if (others < 0)
        return cli_usage("inbound", "%s", error);
    if (is_json && is_csv)
        return cli_usage("inbound", "either --json or --csv");
    struct client *client = client_open_for("inbound", url, key);
    if (client == NULL)
        return CLI_USAGE;
    int result = list(client, number, program, (size_t)limit,
                      is_json  ? TABLE_JSON
                      : is_csv ? TABLE_CSV
                               : TABLE_TEXT);
    client_close(client);
    return result;
}
