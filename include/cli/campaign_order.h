/* campaign_order: a campaign as it is asked for on the command line: by `assent campaign create`, and by `assent send
 * --csv`. What of it may be, the gateway says. */
#ifndef CLI_CAMPAIGN_ORDER_H
#define CLI_CAMPAIGN_ORDER_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/options.h"

struct campaign_order {
    const char *name, *program, *text, *from, *encoding, *rate, *start_at, *ends_at, *window, *start_at_local;
    const char *client_ref;
    bool is_dry_run;
};

/* Rows of a command's table of options. */
/* clang-format off */
#define CAMPAIGN_ORDER(it)                                                                         \
    {"--program", OPTION_TEXT, &(it).program}, {"--text", OPTION_TEXT, &(it).text},                \
    {"--from", OPTION_TEXT, &(it).from}, {"--name", OPTION_TEXT, &(it).name},                      \
    {"--encoding", OPTION_TEXT, &(it).encoding}, {"--rate", OPTION_TEXT, &(it).rate},              \
    {"--start-at", OPTION_TEXT, &(it).start_at}, {"--ends-at", OPTION_TEXT, &(it).ends_at},        \
    {"--window", OPTION_TEXT, &(it).window},                                                       \
    {"--start-at-local", OPTION_TEXT, &(it).start_at_local},                                       \
    {"--client-ref", OPTION_TEXT, &(it).client_ref}, {"--dry-run", OPTION_FLAG, &(it).is_dry_run}
/* clang-format on */

/* The body of POST /v1/campaigns, which the caller owns. NULL: has said on stderr what is wrong. */
json_t *campaign_order_json(const struct campaign_order *order, const char *command);

/* The first option given that says what a campaign is, but for --program and --dry-run, which mean something to other
 * orders too; NULL: none. */
const char *campaign_order_given(const struct campaign_order *order);

#endif
