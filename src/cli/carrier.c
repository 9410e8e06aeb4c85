/* carrier: what an operator tells the binds of a running gateway. */
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/inquiry.h"

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

static int tell(const struct inquiry *inquiry, const char *verb, const char *name)
{
    char behind[16];
    snprintf(behind, sizeof behind, "/%s", verb);
    return inquiry_tell(inquiry, "POST", client_path_of("/v1/carriers/", name, behind), NULL,
                        columns);
}

static int run(const struct inquiry *inquiry, int argc, char **argv)
{
    if (argc == 1 && strcmp(argv[0], "list") == 0)
        return inquiry_list(inquiry, mem_text("/v1/carriers"), columns, NULL);
    if (argc == 2 && strcmp(argv[0], "receipts") == 0)
        return inquiry_list(inquiry, client_path_of("/v1/carriers/", argv[1], "/receipts"),
                            receipt_columns, NULL);
    if (argc == 2 && is_verb(argv[0]))
        return tell(inquiry, argv[0], argv[1]);
    return cli_usage("carrier", "list, or start, stop, pause, drain, receipts and the carrier's name?");
}

int cli_carrier(int argc, char **argv)
{
    struct inquiry it = {.command = "carrier"};
    const struct option_row rows[] = {INQUIRY_FORMS(it), INQUIRY_GATEWAY(it), INQUIRY_END};
    int others = inquiry_begin(&it, argc, argv, rows);
    int result = others < 0 ? CLI_USAGE : run(&it, others, argv + 1);
    inquiry_end(&it);
    return result;
}
