/* queue: what waits in a running gateway, and what holds it. */
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/inquiry.h"

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

static int show(const struct inquiry *inquiry, const char *program, bool is_why)
{
    json_t *lanes = inquiry_items(inquiry, mem_text("/v1/queue"));
    if (lanes == NULL)
        return CLI_FAILED;
    json_t *meant = json_array();
    for (size_t i = 0; i < json_array_size(lanes); i++)
        if (is_meant(json_array_get(lanes, i), program, is_why))
            json_array_append(meant, json_array_get(lanes, i));
    json_decref(lanes);
    return inquiry_print(inquiry, meant, is_why ? why_columns : list_columns,
                         is_why ? "nothing waits" : NULL);
}

static int run(const struct inquiry *inquiry, int argc, char **argv, const char *program)
{
    bool is_why = argc == 1 && strcmp(argv[0], "why") == 0;
    if (argc != 1 || (!is_why && strcmp(argv[0], "list") != 0))
        return cli_usage("queue", "list or why? Of one program alone with --program P");
    return show(inquiry, program, is_why);
}

int cli_queue(int argc, char **argv)
{
    struct inquiry it = {.command = "queue"};
    const char *program = NULL;
    const struct option_row rows[] = {
        {"--program", OPTION_TEXT, &program},
        INQUIRY_FORMS(it),
        INQUIRY_GATEWAY(it),
        INQUIRY_END,
    };
    int others = inquiry_begin(&it, argc, argv, rows);
    int result = others < 0 ? CLI_USAGE : run(&it, others, argv + 1, program);
    inquiry_end(&it);
    return result;
}
