/* restore: what a gateway that goes on from a copy of its database holds back, and its end. */
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/inquiry.h"

static const struct column columns[] = {
    {"HOLDS", "holds"}, {"LOST FROM", "lost_from"}, {"LOST UNTIL", "lost_until"}, {"SET ASIDE", "set_aside"}, {NULL, NULL},
};

static int confirm(const struct inquiry *inquiry, const char *note)
{
    if (note[0] == '\0')
        return cli_usage("restore", "--note: from where were the opt-outs of the lost time brought in?");
    json_t *body = json_pack("{s:s}", "note", note);
    if (body == NULL)
        return cli_usage("restore", "what you say is not UTF-8");
    return inquiry_tell(inquiry, "POST", mem_text("/v1/restoration/confirm"), body, columns);
}

int cli_restore(int argc, char **argv)
{
    struct inquiry it = {.command = "restore"};
    const char *note = "";
    int result = CLI_USAGE;
    const struct option_row rows[] = {
        {"--note", OPTION_TEXT, &note},
        INQUIRY_FORMS(it),
        INQUIRY_GATEWAY(it),
        INQUIRY_END,
    };
    int others = inquiry_begin(&it, argc, argv, rows);
    if (others == 1 && strcmp(argv[1], "show") == 0)
        result = inquiry_tell(&it, "GET", mem_text("/v1/restoration"), NULL, columns);
    else if (others == 1 && strcmp(argv[1], "confirm") == 0)
        result = confirm(&it, note);
    else if (others >= 0)
        result = cli_usage("restore", "show, or confirm --note TEXT?");
    inquiry_end(&it);
    return result;
}
