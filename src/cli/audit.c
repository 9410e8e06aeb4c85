/* audit: who looked at which person, and who changed what. */
#include <string.h>

#include "cli/cli.h"
#include "cli/inquiry.h"

static const struct column columns[] = {
    {"AT", "at"},         {"ACCOUNT", "account"}, {"BY", "by"},         {"FROM", "address"},
    {"ACTION", "action"}, {"SUBJECT", "subject"}, {"NUMBER", "number"}, {"STATUS", "status"},
    {NULL, NULL},
};

int cli_audit(int argc, char **argv)
{
    struct inquiry it = {.command = "audit", .limit = 50};
    char since_text[TIME_TEXT_SIZE], until_text[TIME_TEXT_SIZE];
    const char *number = NULL, *account = NULL, *since = NULL, *until = NULL;
    const struct option_row rows[] = {
        {"--number", OPTION_TEXT, &number},
        {"--account", OPTION_TEXT, &account},
        {"--since", OPTION_TEXT, &since},
        {"--until", OPTION_TEXT, &until},
        INQUIRY_LIMIT(it),
        INQUIRY_FORMS(it),
        INQUIRY_GATEWAY(it),
        INQUIRY_END,
    };
    int result = CLI_USAGE, others = inquiry_begin(&it, argc, argv, rows);
    if (others > 1 || (others == 1 && strcmp(argv[1], "list") != 0))
        result = cli_usage("audit", "list?");
    else if (others >= 0 && inquiry_time(&it, &since, since_text) && inquiry_time(&it, &until, until_text))
        result = inquiry_list(&it,
                              client_path("/v1/audit", "number", number, "account", account, "since", since, "until",
                                          until, NULL),
                              columns, "nothing is on record");
    inquiry_end(&it);
    return result;
}
