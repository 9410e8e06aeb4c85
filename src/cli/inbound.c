/* inbound: what people texted back, and what was made of it. */
#include <string.h>

#include "cli/cli.h"
#include "cli/inquiry.h"

static const struct column columns[] = {
    {"AT", "at"},           {"FROM", "from"},       {"TO", "to"},
    {"PROGRAM", "program"}, {"VERDICT", "verdict"}, {"RULE", "rule"},
    {"EFFECT", "effect"},   {"TEXT", "text"},       {NULL, NULL},
};

int cli_inbound(int argc, char **argv)
{
    struct inquiry it = {.command = "inbound", .limit = 50};
    const char *number = NULL, *program = NULL;
    const struct option_row rows[] = {
        {"--number", OPTION_TEXT, &number},
        {"--program", OPTION_TEXT, &program},
        INQUIRY_LIMIT(it),
        INQUIRY_FORMS(it),
        INQUIRY_GATEWAY(it),
        INQUIRY_END,
    };
    int result = CLI_USAGE, others = inquiry_begin(&it, argc, argv, rows);
    /* `assent inbound list` is what the name of the other lists suggests. */
    if (others > 1 || (others == 1 && strcmp(argv[1], "list") != 0))
        result = cli_usage("inbound", "it takes options only, not %s", argv[1]);
    else if (others >= 0)
        result = inquiry_list(
            &it, client_path("/v1/inbound", "number", number, "program", program, NULL), columns,
            "nobody has texted back");
    inquiry_end(&it);
    return result;
}
