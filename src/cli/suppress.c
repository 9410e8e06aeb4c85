/* suppress: numbers that changed hands, one's own list, and opt-outs brought from another provider;
 * suppress_import.c reads many from a file. */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/inquiry.h"
#include "cli/suppress_import.h"
#include "consent/suppression.h"

struct suppress_options {
    struct inquiry inquiry;
    const char *kind, *date, *answer, *queried_at, *note, *program, *number;
    bool only_known, is_strict, is_verbose;
};

static const struct column columns[] = {
    {"RECORD", "ledger_seq"}, {"RECORDED", "recorded_at"}, {"NUMBER", "phone"}, {"KIND", "kind"},
    {"DATE", "date"},         {"WHY", "why"},              {"NOTE", "note"},    {NULL, NULL},
};

static int list(const struct suppress_options *options)
{
    return inquiry_list(
        &options->inquiry,
        client_path("/v1/suppressions", "kind", options->kind, "number", options->number, NULL),
        columns, "no number is suppressed");
}

/* ---- one number ---- */

static int post(const struct suppress_options *options, char *path, json_t *body)
{
    struct answer answer = {0};
    if (body == NULL) {
        free(path);
        return cli_usage("suppress", "what was given is not UTF-8");
    }
    bool is_good = inquiry_ask(&options->inquiry, "POST", path, body, &answer);
    if (is_good && options->inquiry.is_json)
        inquiry_print_json(answer.body);
    else if (is_good)
        printf("%s %s: %s, ledger record %" JSON_INTEGER_FORMAT "\n",
               inquiry_text(answer.body, "phone"), inquiry_text(answer.body, "kind"),
               inquiry_text(answer.body, "status"),
               json_integer_value(json_object_get(answer.body, "ledger_seq")));
    answer_wipe(&answer);
    return is_good ? CLI_DONE : CLI_FAILED;
}

static int add(const char *number, const struct suppress_options *options)
{
    if (options->kind == NULL)
        return cli_usage("suppress", "--kind says why: deactivated, reassigned, wrong_number, listed "
                                     "or opt_out");
    json_t *body = json_pack("{s:s,s:s,s:s*,s:s*,s:s*,s:s*,s:s*}", "phone", number, "kind",
                             options->kind, "date", options->date, "answer", options->answer,
                             "queried_at", options->queried_at, "note", options->note, "program",
                             options->program);
    return post(options, mem_text("/v1/suppressions"), body);
}

static int take_off(const char *number, const struct suppress_options *options)
{
    return post(options, client_path_of("/v1/suppressions/", number, "/remove"),
                json_pack("{s:s*}", "note", options->note));
}

/* ---- files ---- */

static int import(const char *file, const struct suppress_options *options)
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
                                          .is_json = options->inquiry.is_json};
    return suppress_import(&order, options->inquiry.client);
}

/* Ten digits, and the day of the consent. */
static void print_questions(const json_t *items)
{
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item)
    {
        const char *phone = inquiry_text(item, "phone");
        printf("%s,%s\n", strncmp(phone, "+1", 2) == 0 ? phone + 2 : phone, inquiry_text(item, "date"));
    }
}

/* Page by page, so that memory doesn't grow with the program. */
static int rnd_query(const struct suppress_options *options)
{
    char *after = NULL;
    bool is_good;
    if (options->program == NULL)
        return cli_usage("suppress", "--program says whose consents are asked about");
    do {
        struct answer answer;
        char *path = client_path("/v1/suppressions/rnd-query", "program", options->program, "limit",
                                 "1000", "after", after, NULL);
        free(after);
        is_good = inquiry_ask(&options->inquiry, "GET", path, NULL, &answer);
        after = mem_text(json_string_value(json_object_get(answer.body, "after")));
        if (is_good)
            print_questions(json_object_get(answer.body, "items"));
        answer_wipe(&answer);
    } while (after != NULL && is_good);
    free(after);
    return is_good ? CLI_DONE : CLI_FAILED;
}

/* ---- the command ---- */

static int run(int argc, char **argv, const struct suppress_options *options)
{
    const char *what = argc > 0 ? argv[0] : "";
    if (options->kind != NULL && suppression_find(options->kind) == 0)
        return cli_usage("suppress", "there is no kind '%s'", options->kind);
    if (argc == 1 && strcmp(what, "list") == 0)
        return list(options);
    if (argc == 1 && strcmp(what, "rnd-query") == 0)
        return rnd_query(options);
    if (argc == 2 && strcmp(what, "add") == 0)
        return add(argv[1], options);
    if (argc == 2 && strcmp(what, "remove") == 0)
        return take_off(argv[1], options);
    if (argc == 2 && strcmp(what, "import") == 0)
        return import(argv[1], options);
    return cli_usage("suppress", "add or remove NUMBER, import FILE, list, or rnd-query?");
}

int cli_suppress(int argc, char **argv)
{
    struct suppress_options it = {.inquiry = {.command = "suppress"}};
    const struct option_row rows[] = {
        {"--kind", OPTION_TEXT, &it.kind},
        {"--date", OPTION_TEXT, &it.date},
        {"--answer", OPTION_TEXT, &it.answer},
        {"--queried-at", OPTION_TEXT, &it.queried_at},
        {"--note", OPTION_TEXT, &it.note},
        {"--program", OPTION_TEXT, &it.program},
        {"--number", OPTION_TEXT, &it.number},
        {"--known", OPTION_FLAG, &it.only_known},
        {"--strict", OPTION_FLAG, &it.is_strict},
        {"--verbose", OPTION_FLAG, &it.is_verbose},
        INQUIRY_LIMIT(it.inquiry),
        INQUIRY_FORMS(it.inquiry),
        INQUIRY_GATEWAY(it.inquiry),
        INQUIRY_END,
    };
    int others = inquiry_begin(&it.inquiry, argc, argv, rows);
    int result = others < 0 ? CLI_USAGE : run(others, argv + 1, &it);
    inquiry_end(&it.inquiry);
    return result;
}
