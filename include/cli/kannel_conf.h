/* kannel_conf: a configuration of Kannel's as it stands in its files: groups of NAME = VALUE lines, parted by empty
 * lines; `#` begins a comment line, quotes hold blanks, `include = "FILE"` takes in a file or a directory. What the
 * settings mean is kannel_import's. */
#ifndef CLI_KANNEL_CONF_H
#define CLI_KANNEL_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

struct kannel_setting {
    char *name;
    char *value; /* without its quotes; may be a secret, and hold any octets but NUL and LF */
    int line;
    bool is_told; /* something was made of it */
};

struct kannel_group {
    const char *file; /* as it was opened */
    int line;         /* of its first setting */
    char *kind;       /* what `group =` says */
    struct kannel_setting *at;
    size_t count;
};

struct kannel_conf {
    struct kannel_group *at;
    size_t count;
    char **files;
    size_t file_count;
};

/* Reads a file and all that it includes. `problems` is all zero and gets what is wrong, by file and line; no value is
 * ever in it. NULL where anything is. The caller wipes the problems and frees the rest. */
struct kannel_conf *kannel_conf_read(const char *file, struct config_problems *problems);
void kannel_conf_free(struct kannel_conf *conf); /* NULL is fine; values are overwritten first */

/* The last of that name counts, as in Kannel. NULL: the group has none. */
struct kannel_setting *kannel_setting_find(const struct kannel_group *group, const char *name);
/* Its value, and it is told. NULL: there is none. */
const char *kannel_setting_take(const struct kannel_group *group, const char *name);
/* yes, true, 1 and on, and their opposites; anything else and what is left out is `fallback`. */
bool kannel_setting_says(const struct kannel_group *group, const char *name, bool fallback);

#endif
