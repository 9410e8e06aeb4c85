/* carrier: what an operator tells the binds of a running gateway. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/options.h"
#include "cli/table.h"

static const struct column columns[] = {
    {"CARRIER", "name"}, {"STATE", "state"},           {"UP", "up"},   {"BINDS", "binds"},
    {"BOUND", "bound"},  {"UNANSWERED", "unanswered"}, {"WHY", "why"}, {NULL, NULL},
};

static const struct column receipt_columns[] = {
    {"AT", "at"},       {"FROM", "source"}, {"TO", "destination"}, {"ID", "id"},
    {"STATE", "state"}, {"TEXT", "text"},   {NULL, NULL},
};

static const char *const verbs[] = {"start", "stop", "pause", "drain"};

static bool is_verb(const char *word)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i], word) == 0)
            return true;
    return false;
}

static int list(struct client *client, const char *path, const struct column *of, enum table_form form)
{
    char error[CLIENT_ERROR_SIZE];
    json_t *items = client_list(client, path, 0, error);
    if (items == NULL)
        return cli_fail("carrier", "%s", error);
    table_print(stdout, items, of, form, cli_width(stdout));
    json_decref(items);
    return CLI_DONE;
}

static int list_receipts(struct client *client, const char *name, enum table_form form)
{
    char *path = client_path_of("/v1/carriers/", name, "/receipts");
    int result = list(client, path, receipt_columns, form);
    free(path);
    return result;
}

static int tell(struct client *client, const char *verb, const char *name, enum table_form form)
{
    char why[CLIENT_ERROR_SIZE], behind[16];
    snprintf(behind, sizeof behind, "/%s", verb);
    char *path = client_path_of("/v1/carriers/", name, behind);
    struct answer answer = client_ask(client, "POST", path, NULL);
    free(path);
    int result = CLI_DONE;
    if (answer_is_good(&answer)) {
        json_t *items = json_pack("[O]", answer.body);
        table_print(stdout, items, columns, form, cli_width(stdout));
        json_decref(items);
    } else {
        answer_explain(&answer, why);
        result = cli_fail("carrier", "%s", why);
    }
    answer_wipe(&answer);
    return result;
}

static int run(struct client *client, int argc, char **argv, enum table_form form)
{
    if (argc == 1 && strcmp(argv[0], "list") == 0)
        return list(client, "/v1/carriers", columns, form);
    if (argc == 2 && strcmp(argv[0], "receipts") == 0)
        return list_receipts(client, argv[1], form);
    if (argc == 2 && is_verb(argv[0]))
        return tell(client, argv[0], argv[1], form);
    return cli_usage("carrier", "list, or start, stop, pause, drain, receipts and the carrier's name?");
}

int cli_carrier(int argc, char **argv)
{
    const char *url = NULL, *key = NULL;
    bool is_json = false, is_csv = false;
    const struct option_row rows[] = {
        {"--json", OPTION_FLAG, &is_json}, {"--csv", OPTION_FLAG, &is_csv},
        {"--url", OPTION_TEXT, &url},      {"--key", OPTION_TEXT, &key},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("carrier", "%s", error);
    struct client *client = client_open_for("carrier", url, key);
    if (client == NULL)
        return CLI_USAGE;
    int result = run(client, others, argv + 1,
                     is_json  ? TABLE_JSON
                     : is_csv ? TABLE_CSV
                              : TABLE_TEXT);
    client_close(client);
    return result;
}
