#include "cli/kannel_conf.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/must.h"
#include "config/problem.h"

#define FILE_MOST ((size_t)4 << 20) /* octets */
#define FILES_MOST 1000
#define GROUPS_MOST 100000

struct reading {
    struct kannel_conf *conf;
    struct config_problems *problems;
    const char *file;
    int line;
    bool is_open; /* the last group has not ended */
};

#define complain(reading, ...) problem_add((reading)->problems, (reading)->file, (reading)->line, false, __VA_ARGS__)

static void wipe_text(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
}

static void group_wipe(struct kannel_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        free(group->at[i].name);
        wipe_text(group->at[i].value);
    }
    free(group->at);
    free(group->kind);
}

void kannel_conf_free(struct kannel_conf *conf)
{
    if (conf == NULL)
        return;
    for (size_t i = 0; i < conf->count; i++)
        group_wipe(&conf->at[i]);
    for (size_t i = 0; i < conf->file_count; i++)
        free(conf->files[i]);
    free(conf->at);
    free(conf->files);
    free(conf);
}

/* ---- one line ---- */

/* Blanks are taken off both ends, in place. */
static char *trimmed(char *text)
{
    size_t length;
    while (isspace((unsigned char)*text))
        text++;
    length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

/* Quotes go where both are there; inside of them a backslash stands before a quote or another of its kind. */
static void unquote(char *value)
{
    size_t length = strlen(value), out = 0;
    if (length < 2 || value[0] != '"' || value[length - 1] != '"')
        return;
    for (size_t i = 1; i < length - 1; i++) {
        bool is_escape = value[i] == '\\' && i + 2 < length && (value[i + 1] == '\\' || value[i + 1] == '"');
        value[out++] = value[i + (is_escape ? 1 : 0)];
        i += is_escape ? 1 : 0;
    }
    value[out] = '\0';
}

static void group_end(struct reading *reading)
{
    if (!reading->is_open)
        return;
    struct kannel_group *group = &reading->conf->at[reading->conf->count - 1];
    const char *kind = kannel_setting_take(group, "group");
    reading->is_open = false;
    if (kind == NULL)
        problem_add(reading->problems, reading->file, group->line, false,
                    "the lines up to the next empty one don't say which `group` they are");
    group->kind = mem_text(kind == NULL ? "" : kind);
}

static void setting_add(struct reading *reading, const char *name, const char *value)
{
    struct kannel_conf *conf = reading->conf;
    if (!reading->is_open) {
        conf->at = mem_grow(conf->at, (conf->count + 1) * sizeof *conf->at);
        conf->at[conf->count++] = (struct kannel_group){.file = reading->file, .line = reading->line};
        reading->is_open = true;
    }
    struct kannel_group *group = &conf->at[conf->count - 1];
    if (strcmp(name, "group") == 0 && kannel_setting_find(group, name) != NULL)
        problem_add(reading->problems, reading->file, reading->line, false,
                    "the group of line %d has not ended: groups are parted by an empty line", group->line);
    group->at = mem_grow(group->at, (group->count + 1) * sizeof *group->at);
    group->at[group->count++] =
        (struct kannel_setting){.name = mem_text(name), .value = mem_text(value), .line = reading->line};
}

static void include(struct reading *reading, const char *name);

static void line_read(struct reading *reading, char *line)
{
    char *equals = strchr(line, '=');
    line = trimmed(line);
    if (line[0] == '#')
        return;
    if (line[0] == '\0') {
        group_end(reading);
        return;
    }
    if (equals == NULL) {
        complain(reading, "it has no equals sign: NAME = VALUE");
        return;
    }
    *equals = '\0';
    char *name = trimmed(line), *value = trimmed(equals + 1);
    unquote(value);
    if (name[0] == '\0')
        complain(reading, "there is no name before the equals sign");
    else if (strcmp(name, "include") == 0)
        include(reading, value);
    else if (reading->conf->count >= GROUPS_MOST)
        complain(reading, "more than %d groups", GROUPS_MOST);
    else
        setting_add(reading, name, value);
}

/* ---- files ---- */

/* NULL, and errno; 0 where it is too large. */
static char *file_octets(const char *name, size_t *length)
{
    FILE *file = fopen(name, "re");
    if (file == NULL)
        return NULL;
    char *octets = mem_new(FILE_MOST + 2);
    *length = fread(octets, 1, FILE_MOST + 1, file);
    errno = ferror(file) ? errno : 0;
    bool is_bad = ferror(file) || *length > FILE_MOST;
    fclose(file);
    if (!is_bad)
        return octets;
    free(octets);
    return NULL;
}

static void lines_read(struct reading *reading, char *octets, size_t length)
{
    char *at = octets, *end = octets + length;
    while (at < end && reading->problems->count < 100) {
        char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        *line_end = '\0';
        reading->line++;
        if (strlen(at) != (size_t)(line_end - at))
            complain(reading, "it holds a NUL: this is no kannel.conf");
        else
            line_read(reading, at);
        at = line_end + 1;
    }
    group_end(reading);
}

static void file_read(struct reading *from, const char *name)
{
    struct kannel_conf *conf = from->conf;
    size_t length = 0;
    char *octets = file_octets(name, &length);
    if (octets == NULL) {
        complain(from, "%s can't be read: %s", name, errno == 0 ? "it is larger than 4 MiB" : strerror(errno));
        return;
    }
    conf->files = mem_grow(conf->files, (conf->file_count + 1) * sizeof *conf->files);
    conf->files[conf->file_count++] = mem_text(name);
    struct reading reading = {.conf = conf, .problems = from->problems, .file = conf->files[conf->file_count - 1]};
    lines_read(&reading, octets, length);
    explicit_bzero(octets, length);
    free(octets);
}

static bool was_read(const struct kannel_conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->file_count; i++)
        if (strcmp(conf->files[i], name) == 0)
            return true;
    return false;
}

/* Of what is included nothing is read that may never end. */
static void take_in(struct reading *reading, const char *name)
{
    struct stat status;
    if (stat(name, &status) == 0 && !S_ISREG(status.st_mode))
        complain(reading, "%s is no file", name);
    else if (was_read(reading->conf, name))
        complain(reading, "%s is included twice", name);
    else if (reading->conf->file_count >= FILES_MOST)
        complain(reading, "more than %d files", FILES_MOST);
    else
        file_read(reading, name);
}

static void directory_read(struct reading *reading, const char *name)
{
    struct dirent **entries;
    int count = scandir(name, &entries, NULL, alphasort);
    if (count < 0)
        complain(reading, "%s can't be read: %s", name, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *path;
        struct stat status;
        must(asprintf(&path, "%s/%s", name, entries[i]->d_name) > 0);
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
            take_in(reading, path);
        free(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* Kannel looks where it was started. Whoever imports a file mostly stands elsewhere: so beside the file, too. */
static char *find_included(const struct reading *reading, const char *name)
{
    char *path, *copy = mem_text(reading->file);
    struct stat status;
    must(asprintf(&path, "%s/%s", dirname(copy), name) > 0);
    free(copy);
    if (name[0] != '/' && stat(path, &status) == 0)
        return path;
    free(path);
    return mem_text(name);
}

static void include(struct reading *reading, const char *name)
{
    struct stat status;
    group_end(reading);
    char *path = find_included(reading, name);
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        directory_read(reading, path);
    else
        take_in(reading, path);
    free(path);
}

struct kannel_conf *kannel_conf_read(const char *file, struct config_problems *problems)
{
    struct kannel_conf *conf = mem_new(sizeof *conf);
    struct reading reading = {.conf = conf, .problems = problems, .file = file};
    file_read(&reading, file);
    if (problems->count == 0 && conf->count == 0)
        problem_add(problems, file, 0, false, "it has no group in it");
    if (problems->count == 0)
        return conf;
    kannel_conf_free(conf);
    return NULL;
}

/* ---- what a group says ---- */

struct kannel_setting *kannel_setting_find(const struct kannel_group *group, const char *name)
{
    for (size_t i = group->count; i > 0; i--)
        if (strcmp(group->at[i - 1].name, name) == 0)
            return &group->at[i - 1];
    return NULL;
}

const char *kannel_setting_take(const struct kannel_group *group, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < group->count; i++) {
        if (strcmp(group->at[i].name, name) != 0)
            continue;
        group->at[i].is_told = true;
        value = group->at[i].value;
    }
    return value;
}

bool kannel_setting_says(const struct kannel_group *group, const char *name, bool fallback)
{
    static const char *const yes[] = {"yes", "true", "1", "on"}, *const no[] = {"no", "false", "0", "off"};
    const char *value = kannel_setting_take(group, name);
    for (size_t i = 0; value != NULL && i < 4; i++) {
        if (strcasecmp(value, yes[i]) == 0)
            return true;
        if (strcasecmp(value, no[i]) == 0)
            return false;
    }
    return fallback;
}
