/* entry: what a configuration file says, before anybody asks what it means: sections, keys, texts,
 * each with its file and line.
 *
 * Shape is judged here (syntax, unknown keys, things given twice, ${VAR} that is not set, files
 * that can't be read); values are not. libconfuse is used here and nowhere else. */
#ifndef CONFIG_ENTRY_H
#define CONFIG_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "config/setting.h"

/* One value, or one item of a list. */
struct entry {
    const struct setting *setting;
    char *text;       /* NULL: the list was given, and is empty */
    const char *file; /* borrowed from `files` of struct entries */
    int line;
};

struct entry_section {
    enum section_kind kind;
    char *title; /* "" for a section without one */
    const char *file;
    int line;
    bool is_repeated; /* an error that has been told; nothing is made of the section */
    struct entry *at;
    size_t count;
};

struct entries {
    char **files;
    size_t file_count;
    struct entry_section *sections; /* the first is the top level */
    size_t section_count;
    bool is_whole; /* false: a part could not be read, so what seems to be missing may not be */
};

/* Never NULL; the caller frees it. */
struct entries *entries_read(const char *file, struct config_problems *problems);
void entries_free(struct entries *entries);

/* One more of a section, as it stands elsewhere: with its file and line. */
void entry_copy(struct entry_section *to, const struct entry *entry);

/* The first entry of a key, or NULL. */
const struct entry *entry_find(const struct entry_section *section, const char *key);

#endif
