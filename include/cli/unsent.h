/* unsent: the recipients of a campaign that get no text, each with its line in the file and the number as it stands there:
 * on stderr, in a CSV file, or as JSON. The gateway says which row and why; the file, read again beside it, which line. */
#ifndef CLI_UNSENT_H
#define CLI_UNSENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/client.h"
#include "cli/tally.h"

struct unsent {
    const char *command;
    struct client *client;
    const char *id;   /* of the campaign */
    const char *path; /* of its file; "-": it can't be read again, and rows are counted as lines */
    bool has_bad, has_refused, has_blocked; /* whether there are any: else nobody needs to look */
    bool is_verbose;  /* says each that is blocked or refused, not only the first UNSENT_SAID that are refused */
    FILE *out;        /* a CSV file that gets each; NULL: none */
    const char *list_path; /* … where it is */
    int fault;        /* why it can't be written; 0: it can */
    json_t *list;     /* gets each that is refused, in place of stderr; NULL: none */
    struct tally bad; /* rows that are no recipients, by code: refused as well */
};

#define UNSENT_SAID 20

/* Opens the CSV file, and leaves what is in it until there is something to tell. False: has said why it can't be. */
bool unsent_open(struct unsent *unsent, const char *path);
/* False: has said why it isn't all, or isn't written. */
bool unsent_tell(struct unsent *unsent);
bool unsent_close(struct unsent *unsent); /* false: has said why the file isn't written */

#endif
