/* review: texts that may have meant STOP, and what somebody who has read one says of it. */
#include <string.h>

#include "cli/cli.h"
#include "cli/inquiry.h"

struct review_options {
    const char *status, *number, *program, *note;
};

static const struct column columns[] = {
    {"ID", "id"}, {"STATUS", "status"}, {"FROM", "from"},
    {"PROGRAM", "program"},         {"DUE", "due_at"},    {"TEXT", "text"},
    {NULL, NULL},
};

static int list(const struct inquiry *inquiry, const struct review_options *options)
{
    bool is_all = strcmp(options->status, "all") == 0, is_open = strcmp(options->status, "open") == 0;
    return inquiry_list(inquiry,
                        client_path("/v1/reviews", "status", is_all ? NULL : options->status,
                                    "number", options->number, "program", options->program,
                                    "due_first", is_open ? "true" : NULL, NULL),
                        columns, "nothing waits to be read");
}

static int resolve(const struct inquiry *inquiry, const char *id, const char *decision,
                   const struct review_options *options)
{
    json_t *body = json_pack("{s:s,s:s}", "decision", decision, "note", options->note);
    if (body == NULL)
        return cli_usage("review", "what you say is not UTF-8");
    return inquiry_tell(inquiry, "POST", client_path_of("/v1/reviews/", id, "/resolve"), body,
                        columns);
}

static int run(const struct inquiry *inquiry, int argc, char **argv,
               const struct review_options *options)
{
    if (argc == 1 && strcmp(argv[0], "list") == 0)
        return list(inquiry, options);
    if (argc == 3 && strcmp(argv[0], "resolve") == 0)
        return resolve(inquiry, argv[1], argv[2], options);
    return cli_usage("review", "list, or resolve ID opt_out|none?");
}

int cli_review(int argc, char **argv)
{
    struct inquiry it = {.command = "review"};
    struct review_options options = {.status = "open", .note = ""};
    const struct option_row rows[] = {
        {"--status", OPTION_TEXT, &options.status},
        {"--number", OPTION_TEXT, &options.number},
        {"--program", OPTION_TEXT, &options.program},
        {"--note", OPTION_TEXT, &options.note},
        INQUIRY_LIMIT(it),
        INQUIRY_FORMS(it),
        INQUIRY_GATEWAY(it),
        INQUIRY_END,
    };
    int others = inquiry_begin(&it, argc, argv, rows);
    int result = others < 0 ? CLI_USAGE : run(&it, others, argv + 1, &options);
    inquiry_end(&it);
    return result;
}
