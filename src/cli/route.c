/* route: which carrier a message would take now, and why. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/options.h"
#include "cli/table.h"

static const struct column columns[] = {
    {"CARRIER", "carrier"}, {"TIER", "tier"}, {"WEIGHT", "weight"}, {"STATE", "state"},
    {"UP", "up"},           {"PLACE", "place"}, {NULL, NULL},
};

static const char *text_of(const json_t *way, const char *name)
{
    const char *text = json_string_value(json_object_get(way, name));
    return text == NULL ? "" : text;
}

/* 1: nobody would take it now. */
static int show(const json_t *way, enum table_form form)
{
    bool is_taken = strcmp(text_of(way, "hold"), "none") == 0;
    if (form == TABLE_JSON) {
        json_dumpf(way, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (form == TABLE_TEXT) {
        const char *carrier = text_of(way, "carrier"); /* none: it is held whoever would take it */
        const char *verb = is_taken ? "takes " : carrier[0] == '\0' ? "waits" : "waits for ";
        printf("%s %s%s: %s\n\n", text_of(way, "to"), verb, carrier, text_of(way, "why"));
    }
    if (form != TABLE_JSON)
        table_print(stdout, json_object_get(way, "carriers"), columns, form, cli_width(stdout));
    return is_taken ? CLI_DONE : CLI_FAILED;
}

static int run(struct client *client, char *path, enum table_form form)
{
    char why[CLIENT_ERROR_SIZE];
    struct answer answer = client_ask(client, "GET", path, NULL);
    int result;
    if (answer_is_good(&answer)) {
        result = show(answer.body, form);
    } else {
        answer_explain(&answer, why);
        result = cli_fail("route", "%s", why);
    }
    answer_wipe(&answer);
    free(path);
    return result;
}

int cli_route(int argc, char **argv)
{
    const char *url = NULL, *key = NULL, *program = NULL, *from = NULL, *account = NULL;
    bool is_json = false, is_csv = false;
    const struct option_row rows[] = {
        {"--program", OPTION_TEXT, &program}, {"--from", OPTION_TEXT, &from},
        {"--account", OPTION_TEXT, &account}, {"--json", OPTION_FLAG, &is_json},
        {"--csv", OPTION_FLAG, &is_csv},      {"--url", OPTION_TEXT, &url},
        {"--key", OPTION_TEXT, &key},         {"--ca", OPTION_TEXT, &client_ca},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("route", "%s", error);
    if (others != 1 || program == NULL)
        return cli_usage("route", "a number, and --program?");
    struct client *client = client_open_for("route", url, key);
    if (client == NULL)
        return CLI_USAGE;
    char *path = client_path("/v1/route", "to", argv[1], "program", program, "from", from, "account",
                             account, NULL);
    int result = run(client, path,
                     is_json  ? TABLE_JSON
                     : is_csv ? TABLE_CSV
                              : TABLE_TEXT);
    client_close(client);
    return result;
}
