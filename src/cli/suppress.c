/* suppress: numbers that changed hands, one's own list, and opt-outs brought from another provider;
 * suppress_import.c reads many from a file. */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/options.h"
#include "cli/suppress_import.h"
#include "cli/table.h"
#include "consent/suppression.h"

struct suppress_options {
    const char *kind, *date, *answer, *queried_at, *note, *program, *number, *url, *key;
    int64_t limit;
    bool only_known, is_json, is_csv, is_strict, is_verbose;
};

static const struct column columns[] = {
    {"RECORD", "ledger_seq"}, {"RECORDED", "recorded_at"}, {"NUMBER", "phone"}, {"KIND", "kind"},
    {"DATE", "date"},         {"WHY", "why"},              {"NOTE", "note"},    {NULL, NULL},
};

static enum table_form form_of(const struct suppress_options *options)
{
    return options->is_json ? TABLE_JSON : options->is_csv ? TABLE_CSV : TABLE_TEXT;
}

static int list(struct client *client, const struct suppress_options *options)
{
    char error[CLIENT_ERROR_SIZE];
    char *path =
        client_path("/v1/suppressions", "kind", options->kind, "number", options->number, NULL);
    json_t *items = client_list(client, path, (size_t)options->limit, error);
    free(path);
    if (items == NULL)
        return cli_fail("suppress", "%s", error);
    if (form_of(options) == TABLE_TEXT && json_array_size(items) == 0)
        fputs("no number is suppressed\n", stderr);
    else
        table_print(stdout, items, columns, form_of(options), cli_width(stdout));
    json_decref(items);
    return CLI_DONE;
}

/* ---- one number ---- */

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static int post(struct client *client, const char *path, json_t *body, bool is_json)
{
    char why[CLIENT_ERROR_SIZE];
    if (body == NULL)
        return cli_usage("suppress", "what was given is not UTF-8");
    struct answer answer = client_ask(client, "POST", path, body);
    json_decref(body);
    int result = CLI_DONE;
    if (!answer_is_good(&answer)) {
        answer_explain(&answer, why);
        result = cli_fail("suppress", "%s", why);
    } else if (is_json) {
        json_dumpf(answer.body, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        printf("%s %s: %s, ledger record %" JSON_INTEGER_FORMAT "\n", text_at(answer.body, "phone"),
               text_at(answer.body, "kind"), text_at(answer.body, "status"),
               json_integer_value(json_object_get(answer.body, "ledger_seq")));
    }
    answer_wipe(&answer);
    return result;
}

static int add(struct client *client, const char *number, const struct suppress_options *options)
{
    if (options->kind == NULL)
        return cli_usage("suppress", "--kind says why: deactivated, reassigned, wrong_number, listed "
                                     "or opt_out");
    json_t *body = json_pack("{s:s,s:s,s:s*,s:s*,s:s*,s:s*,s:s*}", "phone", number, "kind",
                             options->kind, "date", options->date, "answer", options->answer,
                             "queried_at", options->queried_at, "note", options->note, "program",
                             options->program);
    return post(client, "/v1/suppressions", body, options->is_json);
}

static int take_off(struct client *client, const char *number,
                    const struct suppress_options *options)
{
    char *path = client_path_of("/v1/suppressions/", number, "/remove");
    json_t *body = json_pack("{s:s*}", "note", options->note);
    int result = post(client, path, body, options->is_json);
    free(path);
    return result;
}

/* ---- files ---- */

static int import(struct client *client, const char *file, const struct suppress_options *options)
{
    if (options->kind == NULL)
        return cli_usage("suppress", "--kind says what the file is: deactivated, reassigned, listed "
                                     "or opt_out");
    const struct suppress_import order = {.file = file,
                                          .kind = options->kind,
                                          .date = options->date,
                                          .queried_at = options->queried_at,
                                          .program = options->program,
                                          .note = options->note,
                                          .only_known = options->only_known,
                                          .is_strict = options->is_strict,
                                          .is_verbose = options->is_verbose,
                                          .is_json = options->is_json};
    return suppress_import(&order, client);
}

/* Ten digits, and the day of the consent. */
static void print_questions(const json_t *items)
{
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item)
    {
        const char *phone = text_at(item, "phone");
        printf("%s,%s\n", strncmp(phone, "+1", 2) == 0 ? phone + 2 : phone, text_at(item, "date"));
    }
}

/* Page by page, so that memory doesn't grow with the program. */
static int rnd_query(struct client *client, const struct suppress_options *options)
{
    char why[CLIENT_ERROR_SIZE];
    char *after = NULL;
    int result = CLI_DONE;
    if (options->program == NULL)
        return cli_usage("suppress", "--program says whose consents are asked about");
    do {
        char *path = client_path("/v1/suppressions/rnd-query", "program", options->program, "limit",
                                 "1000", "after", after, NULL);
        struct answer answer = client_ask(client, "GET", path, NULL);
        free(path);
        free(after);
        const char *next = json_string_value(json_object_get(answer.body, "after"));
        after = next == NULL ? NULL : mem_text(next);
        if (answer_is_good(&answer)) {
            print_questions(json_object_get(answer.body, "items"));
        } else {
            answer_explain(&answer, why);
            result = cli_fail("suppress", "%s", why);
        }
        answer_wipe(&answer);
    } while (after != NULL && result == CLI_DONE);
    free(after);
    return result;
}

/* ---- the command ---- */

static int run(struct client *client, int argc, char **argv, const struct suppress_options *options)
{
    const char *what = argc > 0 ? argv[0] : "";
    if (argc == 1 && strcmp(what, "list") == 0)
        return list(client, options);
    if (argc == 1 && strcmp(what, "rnd-query") == 0)
        return rnd_query(client, options);
    if (argc == 2 && strcmp(what, "add") == 0)
        return add(client, argv[1], options);
    if (argc == 2 && strcmp(what, "remove") == 0)
        return take_off(client, argv[1], options);
    if (argc == 2 && strcmp(what, "import") == 0)
        return import(client, argv[1], options);
    return cli_usage("suppress", "add or remove NUMBER, import FILE, list, or rnd-query?");
}

int cli_suppress(int argc, char **argv)
{
    struct suppress_options it = {0};
    const struct option_row rows[] = {
        {"--kind", OPTION_TEXT, &it.kind},           {"--date", OPTION_TEXT, &it.date},
        {"--answer", OPTION_TEXT, &it.answer},       {"--queried-at", OPTION_TEXT, &it.queried_at},
        {"--note", OPTION_TEXT, &it.note},           {"--program", OPTION_TEXT, &it.program},
        {"--number", OPTION_TEXT, &it.number},       {"--limit", OPTION_COUNT, &it.limit},
        {"--known", OPTION_FLAG, &it.only_known},
        {"--json", OPTION_FLAG, &it.is_json},        {"--csv", OPTION_FLAG, &it.is_csv},
        {"--strict", OPTION_FLAG, &it.is_strict},    {"--verbose", OPTION_FLAG, &it.is_verbose},
        {"--url", OPTION_TEXT, &it.url},             {"--key", OPTION_TEXT, &it.key},
        {"--ca", OPTION_TEXT, &client_ca},           {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("suppress", "%s", error);
    if (it.kind != NULL && suppression_find(it.kind) == 0)
        return cli_usage("suppress", "there is no kind '%s'", it.kind);
    struct client *client = client_open_for("suppress", it.url, it.key);
    if (client == NULL)
        return CLI_USAGE;
    int result = run(client, others, argv + 1, &it);
    client_close(client);
    return result;
}
