/* follow: a campaign asked after again and again until it has come as far as somebody wants to see: a bar on a terminal, a
 * line now and then elsewhere, or nothing. */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/client.h"

enum follow_until {
    FOLLOW_HANDED_IN, /* each recipient is accepted or refused, or waits for an hour; or all of it is scheduled */
    FOLLOW_FINAL      /* and of each accepted text it is known what became of it */
};

enum follow_end { FOLLOW_DONE, FOLLOW_BROKEN, FOLLOW_INTERRUPTED };

struct follow {
    struct client *client;
    const char *id;
    enum follow_until until;
    int64_t receipt_ms; /* FINAL: what the carrier took is final when nothing more was heard for so long */
    FILE *lines;        /* for progress where stderr is no terminal; NULL: none */
    bool is_json;       /* those lines are the campaign as JSON */
};

/* *campaign, which the caller owns, is how it stood last; NULL: it was never told. `why`: unless it is done. */
enum follow_end follow_run(const struct follow *follow, json_t **campaign, char why[CLIENT_ERROR_SIZE]);

/* Members of a campaign. */
int64_t campaign_count(const json_t *campaign, const char *name);
bool campaign_is(const json_t *campaign, const char *state);
/* Sum of counts by their codes: "blocked". */
int64_t campaign_sum(const json_t *campaign, const char *name);

#endif
