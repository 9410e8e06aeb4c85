#include "config/entry.h"

#include <confuse.h>
#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/must.h"
#include "config/problem.h"
#include "config/walk.h"

#define FILE_SIZE_MAX 1048576
#define UNKNOWN_MAX   32 /* of one file; at the next we stop reading it */
#define NAME_SIZE     64

/* A key that the table doesn't have. libconfuse stops at the first, so each is told, tolerated, and
 * the file is read anew: the reader hears of all of them at once. */
struct unknown {
    char section[NAME_SIZE];
    char key[NAME_SIZE];
};

struct include {
    char *pattern;
    int line;
};

/* One file on its way through the parser, whose callbacks take no argument of ours: hence
 * `reading` below. */
struct reading {
    struct entries *entries;
    struct config_problems *problems;
    const char *file;
    size_t section; /* where keys go now: 0, the top level, or the section that is open */
    int last_line;  /* of the last key noted, and whether its value must not be shown */
    bool last_is_secret;
    bool has_found_unknown; /* this pass ended at a new one: once more */
    struct unknown unknown[UNKNOWN_MAX];
    size_t unknown_count;
    struct include *includes;
    size_t include_count;
    struct config_problems found; /* of this pass */
};

static struct reading *reading;

#define complain(line, ...) problem_add(&reading->found, reading->file, line, false, __VA_ARGS__)

/* What was noted: sections and their entries. */

static struct entry_section *section_add(struct entries *entries, enum section_kind kind,
                                         const char *title, const char *file, int line)
{
    entries->sections =
        mem_grow(entries->sections, (entries->section_count + 1) * sizeof entries->sections[0]);
    struct entry_section *section = &entries->sections[entries->section_count++];
    *section =
        (struct entry_section){.kind = kind, .title = mem_text(title), .file = file, .line = line};
    return section;
}

static void entry_add(struct entry_section *section, const struct setting *setting,
                      const char *text, int line)
{
    section->at = mem_grow(section->at, (section->count + 1) * sizeof section->at[0]);
    section->at[section->count++] = (struct entry){
        .setting = setting, .text = mem_text(text), .file = reading->file, .line = line};
}

void entry_copy(struct entry_section *to, const struct entry *entry)
{
    to->at = mem_grow(to->at, (to->count + 1) * sizeof to->at[0]);
    to->at[to->count] = *entry;
    to->at[to->count++].text = mem_text(entry->text);
}

static void section_truncate(struct entry_section *section, size_t count)
{
    while (section->count > count) {
        char *text = section->at[--section->count].text;
        if (text != NULL)
            OPENSSL_cleanse(text, strlen(text));
        free(text);
    }
}

static void entries_truncate(struct entries *entries, size_t count)
{
    while (entries->section_count > count) {
        struct entry_section *section = &entries->sections[--entries->section_count];
        section_truncate(section, 0);
        free(section->at);
        free(section->title);
    }
}

void entries_free(struct entries *entries)
{
    entries_truncate(entries, 0);
    free(entries->sections);
    for (size_t i = 0; i < entries->file_count; i++)
        free(entries->files[i]);
    free(entries->files);
    free(entries);
}

const struct entry *entry_find(const struct entry_section *section, const char *key)
{
    for (size_t i = 0; i < section->count; i++)
        if (strcmp(section->at[i].setting->key, key) == 0)
            return &section->at[i];
    return NULL;
}

/* The callbacks of the parser. */

static enum section_kind kind_of(const char *name)
{
    for (enum section_kind kind = SECTION_http; kind < SECTION_KINDS; kind++)
        if (strcmp(section_rows[kind].name, name) == 0)
            return kind;
    return SECTION_top; /* libconfuse calls it "root" */
}

/* A section begins: see BEGIN. */
static int note_section(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result)
{
    (void)option;
    (void)value;
    *(const char **)result = "";
    enum section_kind kind = kind_of(cfg->name);
    const char *title = cfg->title == NULL ? "" : cfg->title;
    struct entries *entries = reading->entries;
    bool is_repeated = false;
    for (size_t i = 1; i < entries->section_count && !is_repeated; i++) {
        const struct entry_section *other = &entries->sections[i];
        is_repeated = other->kind == kind && strcmp(other->title, title) == 0;
        if (is_repeated)
            complain(cfg->line, "%s%s%s is given twice; the first is at %s:%d", cfg->name,
                     title[0] == '\0' ? "" : " ", title, other->file, other->line);
    }
    size_t length = strlen(title);
    bool is_sound = length >= 1 && length <= 64 && setting_text_is_clean(title, false);
    if (cfg->title != NULL && !is_sound)
        complain(cfg->line, "the %s of a %s has 1 to 64 octets of UTF-8, no control characters",
                 section_rows[kind].title, cfg->name);
    section_add(entries, kind, title, reading->file, cfg->line)->is_repeated = is_repeated;
    reading->section = entries->section_count - 1;
    return 0;
}

/* A value, or one item of a list, where `nvalues` is 1 at the first. */
static int note_value(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result)
{
    *(const char **)result = ""; /* so that libconfuse keeps no copy of a secret */
    bool in_section = kind_of(cfg->name) != SECTION_top;
    struct entry_section *section = &reading->entries->sections[in_section ? reading->section : 0];
    const struct setting *setting = setting_find(section->kind, option->name);
    if (setting == NULL) { /* "http|listen": to libconfuse a path into a section */
        complain(cfg->line, "\"%s\" can't be set from outside of its section", option->name);
        return 0;
    }
    reading->last_line = cfg->line;
    reading->last_is_secret = setting_is_secret(setting);
    const struct entry *first = entry_find(section, setting->key);
    bool goes_on = setting_is_list(setting) && option->nvalues > 1;
    if (first != NULL && !goes_on)
        complain(cfg->line, "%s is given twice; the first is at %s:%d", setting->key, first->file,
                 first->line);
    else
        entry_add(section, setting, value, cfg->line);
    return 0;
}

/* It may have been meant for a secret. */
static int note_unknown(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result)
{
    (void)option;
    (void)value;
    *(const char **)result = "";
    reading->last_line = cfg->line;
    reading->last_is_secret = true;
    return 0;
}

/* A section ends. No callback tells of a list that is given and empty, so that is seen here. */
static int note_end(cfg_t *cfg, cfg_opt_t *option)
{
    struct entry_section *section = &reading->entries->sections[reading->section];
    cfg_t *inner = option->values[option->nvalues - 1]->section;
    for (cfg_opt_t *one = inner->opts; one->name != NULL; one++) {
        const struct setting *setting = setting_find(section->kind, one->name);
        bool was_given = (one->flags & CFGF_MODIFIED) != 0 && one->nvalues == 0;
        if (setting != NULL && setting_is_list(setting) && was_given)
            entry_add(section, setting, NULL, cfg->line);
    }
    reading->section = 0;
    return 0;
}

static int note_include(cfg_t *cfg, cfg_opt_t *option, int argc, const char **argv)
{
    (void)option;
    if (argc != 1 || argv[0][0] == '\0') {
        complain(cfg->line, "include takes one file or pattern, as in include(\"more/*.conf\")");
        return 0;
    }
    reading->includes =
        mem_grow(reading->includes, (reading->include_count + 1) * sizeof reading->includes[0]);
    reading->includes[reading->include_count++] =
        (struct include){.pattern = mem_text(argv[0]), .line = cfg->line};
    return 0;
}

static bool is_tolerated(const char *key)
{
    for (size_t i = 0; i < reading->unknown_count; i++)
        if (strcmp(reading->unknown[i].key, key) == 0)
            return true;
    return false;
}

static void unknown_add(cfg_t *cfg, const char *key)
{
    bool in_section = kind_of(cfg->name) != SECTION_top;
    problem_add(reading->problems, reading->file, cfg->line, false, "%s has no setting \"%s\"%s",
                in_section ? cfg->name : "the top level", key,
                in_section && kind_of(key) != SECTION_top ? " (is a closing brace missing?)" : "");
    if (strlen(key) >= NAME_SIZE || reading->unknown_count == UNKNOWN_MAX)
        return;
    struct unknown *unknown = &reading->unknown[reading->unknown_count++];
    memcpy(unknown->key, key, strlen(key) + 1);
    snprintf(unknown->section, sizeof unknown->section, "%s", cfg->name);
    reading->has_found_unknown = true;
}

/* The key that a message of libconfuse quotes at its end, in place; NULL: it begins otherwise. */
static char *key_behind(char *message, const char *begin)
{
    size_t length = strlen(begin);
    if (strncmp(message, begin, length) != 0)
        return NULL;
    message[strlen(message) - 1] = '\0';
    return message + length;
}

/* What libconfuse has to say. Its words may quote what stands behind a secret (a password with a
 * blank, without quotes): on such a line they are not repeated. */
static void note_error(cfg_t *cfg, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void note_error(cfg_t *cfg, const char *format, va_list arguments)
{
    if (reading->last_is_secret && reading->last_line == cfg->line) {
        complain(cfg->line, "what stands behind a value here is no setting");
        return;
    }
    char *message = NULL;
    must(vasprintf(&message, format, arguments) >= 0);
    char *unknown = key_behind(message, "no such option '");
    char *bare = unknown != NULL ? NULL : key_behind(message, "missing equal sign after option '");
    if (unknown != NULL)
        unknown_add(cfg, unknown);
    else if (bare == NULL)
        complain(cfg->line, "%s", message);
    else if (!is_tolerated(bare)) /* of an unknown section enough has been said */
        complain(cfg->line, "there is no equal sign behind %s", bare);
    free(message);
}

/* The options of the parser, from the table. */

/* libconfuse tells nobody that a section begins. But at that moment it reads the defaults of its
 * lists: so this option, with a name that nobody writes, tells. */
#define BEGIN " begin"

#define OPTIONS_MAX 96

static void options_fill(cfg_opt_t options[OPTIONS_MAX], enum section_kind kind, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < setting_count; i++) {
        if (!setting_is_of(&settings[i], kind))
            continue;
        cfg_opt_t one = CFG_STR_CB(settings[i].key, NULL, CFGF_NODEFAULT, note_value);
        cfg_opt_t list = CFG_STR_LIST_CB(settings[i].key, NULL, CFGF_NODEFAULT, note_value);
        options[count++] = setting_is_list(&settings[i]) ? list : one;
    }
    for (size_t i = 0; i < reading->unknown_count; i++) {
        const struct unknown *unknown = &reading->unknown[i];
        cfg_opt_t any = CFG_STR_LIST_CB(unknown->key, NULL, CFGF_NODEFAULT, note_unknown);
        if (strcmp(unknown->section, name) == 0)
            options[count++] = any;
    }
    static char begins[] = "{begins}";
    cfg_opt_t begin = CFG_STR_LIST_CB(BEGIN, begins, CFGF_NONE, note_section);
    cfg_opt_t end = CFG_END();
    if (kind != SECTION_top)
        options[count++] = begin;
    must(count + SECTION_KINDS < OPTIONS_MAX); /* the top level gets its sections as well */
    options[count] = end;
}

static cfg_t *parser_new(void)
{
    cfg_opt_t(*inner)[OPTIONS_MAX] = mem_new(SECTION_KINDS * sizeof *inner);
    options_fill(inner[SECTION_top], SECTION_top, "root");
    cfg_opt_t *top = inner[SECTION_top];
    while (top->name != NULL)
        top++;
    for (enum section_kind kind = SECTION_http; kind < SECTION_KINDS; kind++) {
        const struct section_row *row = &section_rows[kind];
        cfg_flag_t flags = row->title[0] == '\0' ? CFGF_MULTI : CFGF_MULTI | CFGF_TITLE;
        options_fill(inner[kind], kind, row->name);
        cfg_opt_t section = CFG_SEC(row->name, inner[kind], flags);
        *top++ = section;
    }
    cfg_opt_t include = CFG_FUNC("include", note_include);
    cfg_opt_t end = CFG_END();
    *top++ = include;
    *top = end;
    cfg_t *parser = cfg_init(inner[SECTION_top], CFGF_NONE); /* copies them */
    must(parser != NULL);
    free(inner);
    cfg_set_error_function(parser, note_error);
    for (enum section_kind kind = SECTION_http; kind < SECTION_KINDS; kind++)
        cfg_set_validate_func(parser, section_rows[kind].name, note_end);
    return parser;
}

static void includes_wipe(struct reading *reader)
{
    for (size_t i = 0; i < reader->include_count; i++)
        free(reader->includes[i].pattern);
    free(reader->includes);
    reader->includes = NULL;
    reader->include_count = 0;
}

/* Parses the text until it gives no new unknown key. */
static void text_parse(const char *text)
{
    struct entries *entries = reading->entries;
    size_t sections = entries->section_count;
    size_t keys = entries->sections[0].count;
    do {
        entries_truncate(entries, sections);
        section_truncate(&entries->sections[0], keys);
        config_problems_wipe(&reading->found);
        includes_wipe(reading);
        reading->has_found_unknown = false;
        reading->section = 0;
        reading->last_line = 0;
        cfg_t *parser = parser_new();
        bool is_parsed = cfg_parse_buf(parser, text) == CFG_SUCCESS;
        entries->is_whole = entries->is_whole && is_parsed;
        cfg_free(parser);
        if (!is_parsed && reading->found.count + reading->problems->error_count == 0)
            complain(0, "can't be understood"); /* never without a word */
    } while (reading->has_found_unknown);
    problems_move(reading->problems, &reading->found);
}

/* Files. */

/* The text of a file, or NULL with the reason in `why`. */
static char *file_read(const char *file, const char **why)
{
    FILE *stream = fopen(file, "re");
    if (stream == NULL) {
        *why = strerror(errno);
        return NULL;
    }
    char *text = mem_new(FILE_SIZE_MAX + 1);
    size_t length = fread(text, 1, FILE_SIZE_MAX, stream);
    *why = ferror(stream)                    ? strerror(errno)
           : length == FILE_SIZE_MAX         ? "larger than a configuration may be"
           : memchr(text, 0, length) != NULL ? "not a text: it holds NUL"
                                             : NULL;
    fclose(stream);
    if (*why == NULL)
        return text;
    OPENSSL_cleanse(text, length);
    free(text);
    return NULL;
}

static bool file_was_read(const struct entries *entries, const char *file)
{
    struct stat one;
    struct stat other;
    if (stat(file, &one) != 0)
        return false;
    for (size_t i = 0; i < entries->file_count; i++)
        if (stat(entries->files[i], &other) == 0 && one.st_dev == other.st_dev &&
            one.st_ino == other.st_ino)
            return true;
    return false;
}

static void file_enter(struct entries *entries, struct config_problems *problems, const char *file,
                       const char *from, int line);

static void include_enter(struct entries *entries, struct config_problems *problems,
                          const char *from, const struct include *include)
{
    char *copy = mem_text(from);
    char *path = NULL;
    bool is_absolute = include->pattern[0] == '/';
    must(asprintf(&path, "%s%s%s", is_absolute ? "" : dirname(copy), is_absolute ? "" : "/",
                  include->pattern) >= 0);
    glob_t found = {0};
    int status = glob(path, GLOB_NOMAGIC, NULL, &found); /* a plain name is itself, there or not */
    if (status != 0 && status != GLOB_NOMATCH)
        problem_add(problems, from, include->line, false, "can't search %s", path);
    for (size_t i = 0; i < found.gl_pathc; i++)
        file_enter(entries, problems, found.gl_pathv[i], from, include->line);
    globfree(&found);
    free(path);
    free(copy);
}

/* `from` and `line` are where it is included, or the file itself and 0. What it includes is read
 * behind it, not amid it: the order of sections means nothing. */
static void file_enter(struct entries *entries, struct config_problems *problems, const char *file,
                       const char *from, int line)
{
    if (file_was_read(entries, file)) {
        problem_add(problems, from, line, false, "%s is included twice", file);
        return;
    }
    const char *why;
    char *text = file_read(file, &why);
    if (text == NULL) {
        entries->is_whole = false;
        problem_add(problems, from, line, false, "can't read %s: %s", file, why);
        return;
    }
    entries->files = mem_grow(entries->files, (entries->file_count + 1) * sizeof(char *));
    entries->files[entries->file_count++] = mem_text(file);
    struct reading here = {
        .entries = entries, .problems = problems, .file = entries->files[entries->file_count - 1]};
    reading = &here;
    bool is_sound = walk_text(text, here.file, problems);
    if (is_sound)
        text_parse(text);
    entries->is_whole = entries->is_whole && is_sound;
    reading = NULL;
    OPENSSL_cleanse(text, strlen(text));
    free(text);
    for (size_t i = 0; i < here.include_count; i++)
        include_enter(entries, problems, here.file, &here.includes[i]);
    includes_wipe(&here);
}

struct entries *entries_read(const char *file, struct config_problems *problems)
{
    struct entries *entries = mem_new(sizeof *entries);
    entries->is_whole = true;
    section_add(entries, SECTION_top, "", file, 0);
    file_enter(entries, problems, file, file, 0);
    return entries;
}
