/* program: the programs of a running gateway, and the emergency stop. */
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/inquiry.h"

static const struct column columns[] = {
    {"PROGRAM", "name"},  {"STATE", "state"},     {"PAUSED", "paused_at"},
    {"QUEUED", "queued"}, {"SENDERS", "senders"}, {"CARRIERS", "carriers"},
    {NULL, NULL},
};

/* name NULL: all of them. */
static int turn(const struct inquiry *inquiry, const char *verb, const char *name)
{
    char behind[16];
    snprintf(behind, sizeof behind, "/%s", verb);
    char *path = name == NULL ? client_path_of("/v1/programs", "", behind)
                              : client_path_of("/v1/programs/", name, behind);
    return inquiry_tell(inquiry, "POST", path, NULL, columns);
}

static bool is_verb(const char *word)
{
    return strcmp(word, "pause") == 0 || strcmp(word, "resume") == 0;
}

static int run(const struct inquiry *inquiry, int argc, char **argv, bool is_all)
{
    if (argc == 1 && !is_all && strcmp(argv[0], "list") == 0)
        return inquiry_list(inquiry, mem_text("/v1/programs"), columns, NULL);
    if (argc == (is_all ? 1 : 2) && is_verb(argv[0]))
        return turn(inquiry, argv[0], is_all ? NULL : argv[1]);
    return cli_usage("program", "list, pause NAME, resume NAME, or --all for the name?");
}

int cli_program(int argc, char **argv)
{
    struct inquiry it = {.command = "program"};
    bool is_all = false;
    const struct option_row rows[] = {
        {"--all", OPTION_FLAG, &is_all},
        INQUIRY_FORMS(it),
        INQUIRY_GATEWAY(it),
        INQUIRY_END,
    };
    int others = inquiry_begin(&it, argc, argv, rows);
    int result = others < 0 ? CLI_USAGE : run(&it, others, argv + 1, is_all);
    inquiry_end(&it);
    return result;
}
