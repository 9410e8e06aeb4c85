/* route: which carrier a message would take now, and why. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/inquiry.h"

static const struct column columns[] = {
    {"CARRIER", "carrier"}, {"TIER", "tier"}, {"WEIGHT", "weight"}, {"STATE", "state"},
    {"UP", "up"},           {"PLACE", "place"}, {NULL, NULL},
};

/* 1: nobody would take it now. */
static int show(const struct inquiry *inquiry, const json_t *way)
{
    enum table_form form = inquiry_form(inquiry);
    bool is_taken = strcmp(inquiry_text(way, "hold"), "none") == 0;
    if (form == TABLE_JSON) {
        inquiry_print_json(way);
    } else if (form == TABLE_TEXT) {
        const char *carrier = inquiry_text(way, "carrier"); /* none: it is held whoever would take it */
        const char *verb = is_taken ? "takes " : carrier[0] == '\0' ? "waits" : "waits for ";
        printf("%s %s%s: %s\n\n", inquiry_text(way, "to"), verb, carrier, inquiry_text(way, "why"));
    }
    if (form != TABLE_JSON)
        table_print(stdout, json_object_get(way, "carriers"), columns, form, cli_width(stdout));
    return is_taken ? CLI_DONE : CLI_FAILED;
}

static int ask(const struct inquiry *inquiry, char *path)
{
    struct answer answer;
    bool is_good = inquiry_ask(inquiry, "GET", path, NULL, &answer);
    int result = is_good ? show(inquiry, answer.body) : CLI_FAILED;
    answer_wipe(&answer);
    return result;
}

int cli_route(int argc, char **argv)
{
    struct inquiry it = {.command = "route"};
    const char *program = NULL, *from = NULL, *account = NULL;
    const struct option_row rows[] = {
        {"--program", OPTION_TEXT, &program},
        {"--from", OPTION_TEXT, &from},
        {"--account", OPTION_TEXT, &account},
        INQUIRY_FORMS(it),
        INQUIRY_GATEWAY(it),
        INQUIRY_END,
    };
    int result = CLI_USAGE, others = inquiry_begin(&it, argc, argv, rows);
    if (others == 1 && program != NULL)
        result = ask(&it, client_path("/v1/route", "to", argv[1], "program", program, "from", from,
                                      "account", account, NULL));
    else if (others >= 0)
        result = cli_usage("route", "a number, and --program?");
    inquiry_end(&it);
    return result;
}
