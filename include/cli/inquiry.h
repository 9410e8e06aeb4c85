/* inquiry: what the commands that ask a running gateway have in common: the options that say which
 * gateway and in what form, one question and its answer, a list read whole. What is asked, and what a column
 * means, is the command's. */
#ifndef CLI_INQUIRY_H
#define CLI_INQUIRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/options.h"
#include "cli/table.h"

struct inquiry {
    const char *command; /* for what is said on stderr */
    const char *url, *key;
    bool is_json, is_csv;
    int64_t limit;         /* of a list; 0: all */
    struct client *client; /* from inquiry_begin on */
};

/* Rows of a command's table of options. */
/* clang-format off */
#define INQUIRY_GATEWAY(it)                                                                        \
    {"--url", OPTION_TEXT, &(it).url}, {"--key", OPTION_TEXT, &(it).key},                          \
    {"--ca", OPTION_TEXT, &client_ca}
#define INQUIRY_FORMS(it)                                                                          \
    {"--json", OPTION_FLAG, &(it).is_json}, {"--csv", OPTION_FLAG, &(it).is_csv}
#define INQUIRY_LIMIT(it) {"--limit", OPTION_COUNT, &(it).limit}
#define INQUIRY_END       {NULL, OPTION_END, NULL}
/* clang-format on */

/* Reads the options, as options_read does. -1: has said what is wrong, which is CLI_USAGE. */
int inquiry_read(const struct inquiry *inquiry, int argc, char **argv,
                 const struct option_row *rows);
/* False: the gateway's address or the key is none; has said so. */
bool inquiry_open(struct inquiry *inquiry);
/* Both. inquiry_end in any case. */
int inquiry_begin(struct inquiry *inquiry, int argc, char **argv, const struct option_row *rows);
void inquiry_end(struct inquiry *inquiry);

enum table_form inquiry_form(const struct inquiry *inquiry);

/* Prints `items`, which are given away. `none` is said on stderr where a table would be empty; NULL:
 * the headings are printed alone. Gives an exit code. */
int inquiry_print(const struct inquiry *inquiry, json_t *items, const struct column *columns,
                  const char *none);

/* A list, read page by page as far as the limit. `path` is given away. NULL: has said why. */
json_t *inquiry_items(const struct inquiry *inquiry, char *path);
int inquiry_list(const struct inquiry *inquiry, char *path, const struct column *columns,
                 const char *none);

/* A time, or how long ago, becomes UTC with milliseconds, as lists compare it; NULL stays NULL. False: has said what is wrong. */
bool inquiry_time(const struct inquiry *inquiry, const char **text, char out[TIME_TEXT_SIZE]);

/* One question. `path` and `body` (NULL: none) are given away. False: has said why; the answer is
 * wiped in any case by whoever asked. */
bool inquiry_ask(const struct inquiry *inquiry, const char *method, char *path, json_t *body,
                 struct answer *answer);
/* The same; prints the answer: its items where it is a list, else itself as the only one. */
int inquiry_tell(const struct inquiry *inquiry, const char *method, char *path, json_t *body,
                 const struct column *columns);

/* Says why an answer isn't what was asked for; gives CLI_FAILED. */
int inquiry_fail(const struct inquiry *inquiry, const struct answer *answer);

/* A line of JSON on stdout. */
void inquiry_print_json(const json_t *json);

/* A member that is text; "" where it is none. Borrowed. */
const char *inquiry_text(const json_t *object, const char *key);

#endif
