#include "kannel_writer.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"
#include "cli/table.h"

/* What becomes of each setting. */

enum kannel_fate { KANNEL_IS_TAKEN, KANNEL_IS_READ, KANNEL_IS_NOTED, KANNEL_IS_SECRET };

static const struct kannel_row {
    const char *group, *name;
    enum kannel_fate fate;
    const char *words; /* the reason, or the key */
} rows[] = {
#define KANNEL_TAKES(group, name, key) {group, name, KANNEL_IS_TAKEN, key},
#define KANNEL_READ(group, name) {group, name, KANNEL_IS_READ, ""},
#define KANNEL_SECRET(group, name, sentence) {group, name, KANNEL_IS_SECRET, sentence},
#define KANNEL_NOTE(group, name, sentence) {group, name, KANNEL_IS_NOTED, sentence},
#include "proto/kannel.def"
};
#define ROWS (sizeof rows / sizeof *rows)

static const struct kannel_row *row_find(const char *group, const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].group, group) == 0 && strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

/* ---- names ---- */

bool kannel_names_have(const struct kannel_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->at[i], name) == 0)
            return true;
    return false;
}

void kannel_names_add(struct kannel_names *names, const char *name)
{
    names->at = mem_grow(names->at, (names->count + 1) * sizeof *names->at);
    names->at[names->count++] = mem_text(name);
}

static void names_wipe(struct kannel_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
}

void kannel_writer_wipe(struct kannel_writer *writer)
{
    names_wipe(&writer->variables);
    names_wipe(&writer->carriers);
    names_wipe(&writer->accounts);
}

/* ---- lines ---- */

const char *kannel_place(const struct kannel_writer *writer, const struct kannel_group *group, int line)
{
    static char place[300];
    if (strcmp(group->file, writer->first_file) == 0)
        snprintf(place, sizeof place, "line %d", line);
    else
        snprintf(place, sizeof place, "%.250s line %d", group->file, line);
    return place;
}

void kannel_write_comment(struct kannel_writer *writer, const char *indent, const char *format, ...)
{
    char *text;
    va_list values;
    va_start(values, format);
    must(vasprintf(&text, format, values) >= 0);
    va_end(values);
    char *safe = table_safe(text);
    fprintf(writer->out, "%s# %s\n", indent, safe);
    free(safe);
    free(text);
}

/* In double quotes, where a backslash, a quote and ${ mean something (docs/configuration.md). */
static void write_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\' || (text[0] == '$' && text[1] == '{'))
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

void kannel_write_head(struct kannel_writer *writer, enum section_kind section, const char *title)
{
    writer->section = section;
    fprintf(writer->out, "%s ", section_rows[section].name);
    write_quoted(writer->out, title);
    fputs(" {\n", writer->out);
}

void kannel_write_foot(struct kannel_writer *writer)
{
    fputs("}\n\n", writer->out);
}

/* Whether the section may have it; its bounds are known to the table alone. */
static bool value_fits(const struct setting *setting, const char *value, char why[SETTING_WHY_SIZE])
{
    union {
        struct config_carrier carrier;
        struct config_account account;
    } section = {.carrier = {.name = NULL}};
    bool fits = setting_put(setting, value, &section, why);
    if (fits)
        setting_wipe(setting, &section);
    return fits;
}

static void write_value(FILE *out, const struct setting *setting, const char *value)
{
    bool is_bare = setting->type == SETTING_WHOLE || setting->type == SETTING_DECIMAL ||
                   setting->type == SETTING_BOOLEAN;
    if (is_bare)
        fputs(value, out);
    else
        write_quoted(out, value);
}

bool kannel_write_key(struct kannel_writer *writer, const struct kannel_group *group, const char *key,
                      const char *value, int line)
{
    char why[SETTING_WHY_SIZE];
    const struct setting *setting = setting_find(writer->section, key);
    must(setting != NULL);
    if (!setting_text_is_clean(value, false) || !value_fits(setting, value, why)) {
        kannel_write_comment(writer, "    ", "%s: %s (%s)", key,
                             setting_text_is_clean(value, false) ? why : "it is not UTF-8 without control characters",
                             kannel_place(writer, group, line));
        writer->notes++;
        return false;
    }
    fprintf(writer->out, "    %s = %s", key, setting_is_list(setting) ? "{ " : "");
    write_value(writer->out, setting, value);
    fputs(setting_is_list(setting) ? " }\n" : "\n", writer->out);
    return true;
}

/* ---- secrets ---- */

/* SMSC_MAIN_PASSWORD for the password of "smsc-main"; a number where that is taken. */
static char *variable_name(const struct kannel_writer *writer, const char *owner, const char *key)
{
    char *name, *first;
    must(asprintf(&first, "%s%s_%s", isalpha((unsigned char)owner[0]) ? "" : "K_", owner, key) > 0);
    for (char *at = first; *at != '\0'; at++)
        *at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
    must(asprintf(&name, "%s", first) > 0);
    for (int n = 2; kannel_names_have(&writer->variables, name); n++) {
        free(name);
        must(asprintf(&name, "%s_%d", first, n) > 0);
    }
    free(first);
    return name;
}

static void write_variable(struct kannel_writer *writer, const struct kannel_group *group, const char *key,
                           const char *owner, const struct kannel_setting *setting)
{
    char *name = variable_name(writer, owner, key);
    fprintf(writer->out, "    %s = \"${%s}\"", key, name);
    fprintf(writer->out, "  # %s of %s\n", setting->name, kannel_place(writer, group, setting->line));
    kannel_names_add(&writer->variables, name);
    free(name);
}

void kannel_write_secret(struct kannel_writer *writer, const struct kannel_group *group, const char *key,
                         const char *owner, const char *name)
{
    const char *value = kannel_setting_take(group, name);
    const struct kannel_setting *setting = kannel_setting_find(group, name);
    if (value == NULL || value[0] == '\0')
        kannel_write_comment(writer, "    ", "%s: %s is missing in the group of %s", key, name,
                             kannel_place(writer, group, group->line));
    else if (writer->shows_secrets)
        kannel_write_key(writer, group, key, value, setting->line);
    else
        write_variable(writer, group, key, owner, setting);
}

/* ---- what has no counterpart ---- */

static bool holds(const char *name, const char *part)
{
    return strcasestr(name, part) != NULL;
}

/* Addresses may have passwords in them, and so may what nobody here knows. */
static bool may_be_secret(const struct kannel_row *row, const struct kannel_setting *setting)
{
    return row == NULL || row->fate == KANNEL_IS_SECRET || strstr(setting->value, "://") != NULL ||
           holds(setting->name, "pass") || holds(setting->name, "secret") || holds(setting->name, "key") ||
           holds(setting->name, "pin");
}

static void write_note(struct kannel_writer *writer, const struct kannel_group *group,
                       const struct kannel_setting *setting)
{
    const struct kannel_row *row = row_find(group->kind, setting->name);
    bool is_hidden = may_be_secret(row, setting);
    kannel_write_comment(writer, "    ", "%.100s%s%.300s (%s): %s", setting->name, is_hidden ? "" : " = ",
                         is_hidden ? "" : setting->value, kannel_place(writer, group, setting->line),
                         row != NULL ? row->words : "it is not known here");
    writer->notes++;
}

void kannel_write_rest(struct kannel_writer *writer, const struct kannel_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct kannel_row *row = row_find(group->kind, group->at[i].name);
        const struct kannel_setting *last = kannel_setting_find(group, group->at[i].name);
        if (group->at[i].is_told)
            continue;
        if (last != &group->at[i])
            kannel_write_comment(writer, "    ", "%.100s (%s): line %d says it again", last->name,
                                 kannel_place(writer, group, group->at[i].line), last->line);
        else if (row != NULL && row->fate == KANNEL_IS_TAKEN)
            kannel_write_key(writer, group, row->words, group->at[i].value, group->at[i].line);
        else
            write_note(writer, group, &group->at[i]);
    }
}
