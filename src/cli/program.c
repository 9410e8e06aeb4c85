/* program: the programs of a running gateway, and the emergency stop. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/options.h"
#include "cli/table.h"

static const struct column columns[] = {
    {"PROGRAM", "name"},  {"STATE", "state"},     {"PAUSED", "paused_at"},
    {"QUEUED", "queued"}, {"SENDERS", "senders"}, {"CARRIERS", "carriers"},
    {NULL, NULL},
};

static int list(struct client *client, enum table_form form)
{
    char error[CLIENT_ERROR_SIZE];
    json_t *items = client_list(client, "/v1/programs", 0, error);
    if (items == NULL)
        return cli_fail("program", "%s", error);
    table_print(stdout, items, columns, form, cli_width(stdout));
    json_decref(items);
    return CLI_DONE;
}

/* name NULL: all of them. */
static int turn(struct client *client, const char *verb, const char *name, enum table_form form)
{
    char why[CLIENT_ERROR_SIZE], behind[16];
    snprintf(behind, sizeof behind, "/%s", verb);
    char *path = name == NULL ? client_path_of("/v1/programs", "", behind)
                              : client_path_of("/v1/programs/", name, behind);
    struct answer answer = client_ask(client, "POST", path, NULL);
    free(path);
    int result = CLI_DONE;
    if (answer_is_good(&answer)) {
        table_print(stdout, json_object_get(answer.body, "items"), columns, form,
                    cli_width(stdout));
    } else {
        answer_explain(&answer, why);
        result = cli_fail("program", "%s", why);
    }
    answer_wipe(&answer);
    return result;
}

static bool is_verb(const char *word)
{
    return strcmp(word, "pause") == 0 || strcmp(word, "resume") == 0;
}

static int run(struct client *client, int argc, char **argv, bool is_all, enum table_form form)
{
    if (argc == 1 && !is_all && strcmp(argv[0], "list") == 0)
        return list(client, form);
    if (argc == (is_all ? 1 : 2) && is_verb(argv[0]))
        return turn(client, argv[0], is_all ? NULL : argv[1], form);
    return cli_usage("program", "list, pause NAME, resume NAME, or --all for the name?");
}

int cli_program(int argc, char **argv)
{
    const char *url = NULL, *key = NULL;
    bool is_json = false, is_csv = false, is_all = false;
    const struct option_row rows[] = {
        {"--all", OPTION_FLAG, &is_all}, {"--json", OPTION_FLAG, &is_json},
        {"--csv", OPTION_FLAG, &is_csv}, {"--url", OPTION_TEXT, &url},
        {"--key", OPTION_TEXT, &key},    {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("program", "%s", error);
    struct client *client = client_open_for("program", url, key);
    if (client == NULL)
        return CLI_USAGE;
    int result = run(client, others, argv + 1, is_all,
                     is_json  ? TABLE_JSON
                     : is_csv ? TABLE_CSV
                              : TABLE_TEXT);
    client_close(client);
    return result;
}
