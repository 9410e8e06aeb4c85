/* reference: the table of settings as Markdown. docs/configuration.md is what this prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "config/config.h"
#include "config/setting.h"
#include "config/template.h"

static const char head[] =
    "# Configuration\n"
    "\n"
    "This page is what `assent check-config --reference` prints. `conf/assent.conf` is an example\n"
    "that runs as it is.\n"
    "\n"
    "- A setting is `key = value`; texts stand in double quotes, lists in braces: `{ \"a\", \"b\" "
    "}`.\n"
    "- A section is `name \"title\" { ... }`. A key or a title given twice is an error, so is a "
    "key\n"
    "  that is not on this page.\n"
    "- `#` and `//` begin a comment, `/*` and `*/` enclose one.\n"
    "- In double quotes `${VAR}` stands for a variable of the environment, unset or empty is an\n"
    "  error; `${VAR:-text}` has a text for when it is unset; `\\$` is a plain dollar sign.\n"
    "- `include(\"programs.d/*.conf\")` reads more files, relative to the one that says so.\n"
    "- *Not built yet* means that this version takes only the default: anything else is refused\n"
    "  rather than ignored.\n";

static const char *type_name(const struct setting *setting)
{
    static const char *const names[] = {
        [SETTING_TEXT] = "text",
        [SETTING_SECRET] = "secret",
        [SETTING_TEMPLATE] = "template",
        [SETTING_FREQUENCY] = "frequency",
        [SETTING_STATUS] = "status",
        [SETTING_ORIGIN] = "origin",
        [SETTING_COUNTRY] = "country",
        [SETTING_DIGEST] = "secret",
        [SETTING_WHOLE] = "whole number",
        [SETTING_DECIMAL] = "number",
        [SETTING_BOOLEAN] = "true, false",
        [SETTING_DURATION] = "duration",
        [SETTING_HOURS] = "hours",
        [SETTING_CHOICE] = "one of",
        [SETTING_ADDRESS] = "HOST:PORT",
        [SETTING_ROLES] = "list of",
        [SETTING_NAMES] = "list of names",
        [SETTING_SENDERS] = "list of senders",
        [SETTING_COUNTRIES] = "list of countries",
        [SETTING_STATUSES] = "list of statuses",
        [SETTING_PREFIXES] = "list of prefixes",
        [SETTING_ORIGINS] = "list of origins",
        [SETTING_TIERS] = "list of carriers",
        [SETTING_RETRIES] = "list of actions",
        [SETTING_LABELS] = "list of names",
        [SETTING_KINDS] = "list of kinds of sender and",
        [SETTING_TLVS] = "list of TLVs",
        [SETTING_TLV_VALUES] = "list of TLVs' values",
    };
    return names[setting->type];
}

static void print_choices(FILE *out, const char *choices)
{
    for (const char *c = choices; *c != '\0'; c++)
        fputs(*c == '|' ? ", " : (char[]){*c, '\0'}, out);
}

static void print_type(FILE *out, const struct setting *setting)
{
    fputs(type_name(setting), out);
    if (setting->choices[0] != '\0') {
        fputc(' ', out);
        print_choices(out, setting->choices);
    }
    if (setting->type == SETTING_WHOLE || setting->type == SETTING_DECIMAL)
        fprintf(out, ", %.0f to %.0f", setting->least, setting->most);
}

static void print_items(FILE *out, const char *items)
{
    fputs("`{ \"", out);
    for (const char *c = items; *c != '\0'; c++)
        fputs(*c == ' ' ? "\", \"" : (char[]){*c, '\0'}, out);
    fputs("\" }`", out);
}

static void print_fallback(FILE *out, const struct setting *setting)
{
    if (setting->fallback == NULL)
        fputs("*required*", out);
    else if (setting->type == SETTING_DIGEST)
        fputs("none", out);
    else if (setting->fallback[0] == '\0')
        fputs("empty", out);
    else if (setting_is_list(setting))
        print_items(out, setting->fallback);
    else
        fprintf(out, "`%s`", setting->fallback);
}

/* Its rows are the carrier's. */
static void print_profile(FILE *out)
{
    fprintf(out, "\n## profile \"%s\"\n\n%s\n\nIt has every key of a carrier but",
            section_rows[SECTION_profile].title, section_rows[SECTION_profile].sentence);
    bool is_first = true;
    for (size_t i = 0; i < setting_count; i++) {
        if (settings[i].section != SECTION_carrier || setting_is_of(&settings[i], SECTION_profile))
            continue;
        fprintf(out, "%s `%s`", is_first ? "" : ",", settings[i].key);
        is_first = false;
    }
    fputs(", with the same meanings and defaults.\n", out);
}

static void print_section(FILE *out, enum section_kind kind)
{
    const struct section_row *row = &section_rows[kind];
    if (kind == SECTION_top)
        fprintf(out, "\n## Top level\n");
    else if (row->title[0] == '\0')
        fprintf(out, "\n## %s\n", row->name);
    else
        fprintf(out, "\n## %s \"%s\"\n", row->name, row->title);
    fprintf(out, "\n%s\n\n| key | type | default | meaning |\n|---|---|---|---|\n", row->sentence);
    for (size_t i = 0; i < setting_count; i++) {
        if (settings[i].section != kind)
            continue;
        fprintf(out, "| `%s` | ", settings[i].key);
        print_type(out, &settings[i]);
        fputs(" | ", out);
        print_fallback(out, &settings[i]);
        fprintf(out, " | %s%s |\n", settings[i].sentence,
                settings[i].is_built ? "" : " *Not built yet.*");
    }
}

char *config_reference(void)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    must(out != NULL);
    fputs(head, out);
    for (enum section_kind kind = SECTION_top; kind < SECTION_KINDS; kind++)
        if (kind == SECTION_profile)
            print_profile(out);
        else
            print_section(out, kind);
    fputs("\n## Templates\n\nThe texts of a program may hold these placeholders.\n\n"
          "| placeholder | its value |\n|---|---|\n",
          out);
    for (size_t i = 0; i < template_row_count; i++)
        fprintf(out, "| `%s` | %s |\n", template_rows[i].name, template_rows[i].sentence);
    must(fclose(out) == 0);
    return text;
}
