/* kannel_writer: lines of an assent.conf that come from settings of a kannel.conf: each key is held against the table of
 * settings first, and what doesn't fit is a comment with the reason. Private to src/cli/kannel_*.c and import_kannel.c. */
#ifndef KANNEL_WRITER_H
#define KANNEL_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/kannel_conf.h"
#include "config/setting.h"

struct kannel_names { /* that are taken */
    char **at;
    size_t count;
};

struct kannel_writer {
    FILE *out;
    bool shows_secrets;
    const char *first_file; /* lines of others are told with their file */
    enum section_kind section;
    struct kannel_names variables; /* of the environment, in the order in which they are used */
    struct kannel_names carriers;
    struct kannel_names accounts;
    size_t notes; /* settings without a counterpart */
};

bool kannel_names_have(const struct kannel_names *names, const char *name);
void kannel_names_add(struct kannel_names *names, const char *name);
void kannel_writer_wipe(struct kannel_writer *writer);

/* "# TEXT", at that depth of sections; control characters of strangers don't get through. */
void kannel_write_comment(struct kannel_writer *writer, const char *indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* `NAME "TITLE" {`; keys that follow are of that kind. */
void kannel_write_head(struct kannel_writer *writer, enum section_kind section, const char *title);
void kannel_write_foot(struct kannel_writer *writer);
/* One key, whose value comes from a line of the group; false: it doesn't fit and is a comment. */
bool kannel_write_key(struct kannel_writer *writer, const struct kannel_group *group, const char *key,
                      const char *value, int line);
/* A secret: as a variable named after its owner, or as it is where the writer shows them. */
void kannel_write_secret(struct kannel_writer *writer, const struct kannel_group *group, const char *key,
                         const char *owner, const char *setting);
/* All settings of the group that nothing was made of, each with the reason. */
void kannel_write_rest(struct kannel_writer *writer, const struct kannel_group *group);
/* "line 12", or "FILE line 12"; of a buffer that the next call overwrites. */
const char *kannel_place(const struct kannel_writer *writer, const struct kannel_group *group, int line);

/* ---- import_kannel.c ---- */

/* All of it, as a file that `check-config` takes once its variables are set. */
void kannel_import_write(struct kannel_writer *writer, const struct kannel_conf *conf);

/* ---- kannel_carrier.c, kannel_account.c ---- */

void kannel_carrier_write(struct kannel_writer *writer, const struct kannel_conf *conf, const struct kannel_group *group);
void kannel_account_write(struct kannel_writer *writer, const struct kannel_group *group);

#endif
