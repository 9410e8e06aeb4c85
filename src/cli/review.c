/* review: texts that may have meant STOP, and what somebody who has read one says of it. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/options.h"
#include "cli/table.h"

struct review_options {
    const char *status, *number, *program, *note, *url, *key;
    int64_t limit;
    bool is_json, is_csv;
};

static const struct column columns[] = {
    {"ID", "id"},           {"STATUS", "status"}, {"FROM", "from"},
    {"PROGRAM", "program"}, {"DUE", "due_at"},    {"TEXT", "text"},
    {NULL, NULL},
};

static enum table_form form_of(const struct review_options *options)
{
    return options->is_json ? TABLE_JSON : options->is_csv ? TABLE_CSV : TABLE_TEXT;
}

static int list(struct client *client, const struct review_options *options)
{
    char error[CLIENT_ERROR_SIZE];
    bool is_all = strcmp(options->status, "all") == 0;
    char *path = client_path("/v1/reviews", "status", is_all ? NULL : options->status, "number",
                             options->number, "program", options->program, NULL);
    json_t *items = client_list(client, path, (size_t)options->limit, error);
    free(path);
    if (items == NULL)
        return cli_fail("review", "%s", error);
    if (form_of(options) == TABLE_TEXT && json_array_size(items) == 0)
        fputs("nothing waits to be read\n", stderr);
    else
        table_print(stdout, items, columns, form_of(options), cli_width(stdout));
    json_decref(items);
    return CLI_DONE;
}

static int resolve(struct client *client, const char *id, const char *decision,
                   const struct review_options *options)
{
    char why[CLIENT_ERROR_SIZE];
    json_t *body = json_pack("{s:s,s:s}", "decision", decision, "note", options->note);
    if (body == NULL)
        return cli_usage("review", "what you say is not UTF-8");
    char *path = client_path_of("/v1/reviews/", id, "/resolve");
    struct answer answer = client_ask(client, "POST", path, body);
    free(path);
    json_decref(body);
    int result = CLI_DONE;
    if (answer_is_good(&answer)) {
        json_t *items = json_pack("[O]", answer.body);
        table_print(stdout, items, columns, form_of(options), cli_width(stdout));
        json_decref(items);
    } else {
        answer_explain(&answer, why);
        result = cli_fail("review", "%s", why);
    }
    answer_wipe(&answer);
    return result;
}

static int run(struct client *client, int argc, char **argv, const struct review_options *options)
{
    if (argc == 1 && strcmp(argv[0], "list") == 0)
        return list(client, options);
    if (argc == 3 && strcmp(argv[0], "resolve") == 0)
        return resolve(client, argv[1], argv[2], options);
    return cli_usage("review", "list, or resolve ID opt_out|none?");
}

int cli_review(int argc, char **argv)
{
    struct review_options it = {.status = "open", .note = ""};
    const struct option_row rows[] = {
        {"--status", OPTION_TEXT, &it.status}, {"--number", OPTION_TEXT, &it.number},
        {"--program", OPTION_TEXT, &it.program}, {"--note", OPTION_TEXT, &it.note},
        {"--limit", OPTION_COUNT, &it.limit},  {"--json", OPTION_FLAG, &it.is_json},
        {"--csv", OPTION_FLAG, &it.is_csv},    {"--url", OPTION_TEXT, &it.url},
        {"--key", OPTION_TEXT, &it.key},       {"--ca", OPTION_TEXT, &client_ca},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("review", "%s", error);
    struct client *client = client_open_for("review", it.url, it.key);
    if (client == NULL)
        return CLI_USAGE;
    int result = run(client, others, argv + 1, &it);
    client_close(client);
    return result;
}
