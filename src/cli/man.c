#include "cli/man.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/help.h"
#include "config/config.h"

/* What troff would read as its own words, or set as another character. */
static const char *escape(char letter)
{
    switch (letter) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '\'':
        return "\\(aq";
    case '"': /* which would hold an argument together */
        return "\\(dq";
    case '`':
        return "\\(ga";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    default:
        return NULL;
    }
}

static void print_letter(FILE *out, char letter)
{
    const char *escaped = escape(letter);
    if (escaped != NULL)
        fputs(escaped, out);
    else
        fputc(letter, out);
}

static void print_text(FILE *out, const char *text)
{
    bool is_line_start = true;
    for (; *text != '\0'; text++) {
        if (is_line_start && *text == '.')
            fputs("\\&", out);
        print_letter(out, *text);
        is_line_start = *text == '\n';
    }
}

/* ---- a command's page, from its help text ---- */

static void print_octets(FILE *out, struct octets text)
{
    if (text.length > 0 && text.at[0] == '.')
        fputs("\\&", out);
    for (size_t i = 0; i < text.length; i++)
        print_letter(out, (char)text.at[i]);
}

/* Options and what is typed as it stands are bold, what stands for something is not. */
static void print_label(FILE *out, struct octets label)
{
    struct octets word;
    for (const char *gap = ""; help_word(&label, &word); gap = " ") {
        bool is_argument = word.at[0] >= 'A' && word.at[0] <= 'Z';
        fprintf(out, "%s%s", gap, is_argument ? "\\fI" : "\\fB");
        print_octets(out, word);
        fputs("\\fR", out);
    }
}

enum section { NO_SECTION, SYNOPSIS, DESCRIPTION, EXAMPLES };

static enum section section_of(enum help_part part)
{
    return part == HELP_USAGE ? SYNOPSIS : part == HELP_EXAMPLE ? EXAMPLES : DESCRIPTION;
}

static void print_heading(FILE *out, enum section section)
{
    static const char *const headings[] = {
        [SYNOPSIS] = ".SH SYNOPSIS\n.nf\n",
        [DESCRIPTION] = ".fi\n.SH DESCRIPTION\n",
        [EXAMPLES] = ".SH EXAMPLES\n.nf\n",
    };
    fputs(headings[section], out);
}

static void print_help_line(FILE *out, const struct help_line *line)
{
    if (line->part == HELP_ITEM) {
        fputs(".TP\n", out);
        print_label(out, line->label);
        fputc('\n', out);
    }
    if (line->text.length == 0)
        return;
    print_octets(out, line->text);
    fputc('\n', out);
}

static void print_help_text(FILE *out, const char *help)
{
    struct help_reader reader;
    struct help_line line;
    enum section section = NO_SECTION;
    bool has_gap = false, was_item = false;
    help_begin(&reader, help);
    while (help_next(&reader, &line)) {
        if (line.part == HELP_BLANK) {
            has_gap = true;
            continue;
        }
        bool is_new = section_of(line.part) != section;
        section = section_of(line.part);
        if (is_new)
            print_heading(out, section);
        else if (line.part == HELP_TEXT && (has_gap || was_item))
            fputs(".PP\n", out);
        print_help_line(out, &line);
        was_item = line.part == HELP_ITEM || line.part == HELP_MORE;
        has_gap = false;
    }
    fputs(section == EXAMPLES ? ".fi\n" : "", out);
}

#define EXIT_STATUS                                                                                \
    ".SH EXIT STATUS\n0: done. 1: it failed or is not so. 2: used wrongly.\n"

void man_print_command(FILE *out, const struct command *command)
{
    fputs(".TH ASSENT\\-", out);
    for (const char *letter = command->name; *letter != '\0'; letter++)
        print_letter(out, (char)toupper((unsigned char)*letter));
    fputs(" 1 \"\" \"assent " ASSENT_VERSION "\" \"User Commands\"\n.SH NAME\nassent\\-", out);
    print_text(out, command->name);
    fputs(" \\- ", out);
    print_text(out, command->summary);
    fputc('\n', out);
    print_help_text(out, command->help);
    fputs(EXIT_STATUS ".SH SEE ALSO\n.BR assent (1),\n.BR assent.conf (5)\n", out);
}

static void print_entry(FILE *out, const struct command *command)
{
    fputs(".TP\n.BR assent\\-", out);
    print_text(out, command->name);
    fputs(" (1)\n", out);
    print_text(out, command->summary);
    fputc('\n', out);
}

void man_print(FILE *out)
{
    fputs(".TH ASSENT 1 \"\" \"assent " ASSENT_VERSION "\" \"User Commands\"\n"
          ".SH NAME\nassent \\- an SMS gateway that only texts people who said yes\n"
          ".SH SYNOPSIS\n.B assent\n.I COMMAND\n.RI [ ARGUMENTS ]\n"
          ".SH COMMANDS\nEach has a page of its own, which says what\n"
          ".B assent\n.I COMMAND\n.B \\-\\-help\nsays.\n",
          out);
    for (size_t i = 0; i < command_count; i++)
        print_entry(out, &commands[i]);
    fputs(".SH ENVIRONMENT\n"
          "ASSENT_URL, ASSENT_API_KEY and ASSENT_CA stand for \\-\\-url, \\-\\-key and \\-\\-ca.\n"
          "NOTIFY_SOCKET is where\n.B assent serve\ntells the service manager that it is ready, reloads and "
          "ends; WATCHDOG_USEC asks it\nto say that it goes on. Where stderr is the stream that JOURNAL_STREAM "
          "names, lines begin with\nsyslog\\(aqs level, and without a time.\n" EXIT_STATUS ".SH SEE ALSO\n.BR assent.conf (5)\n",
          out);
}

/* ---- assent.conf(5): the reference, whose Markdown has headings, one list, tables, `code` and
 * *stress* ---- */

/* The rest of a line up to `end`; a star in code is a star. */
static void print_marked(FILE *out, const char *text, const char *end)
{
    bool is_code = false, is_stress = false;
    if (*text == '.')
        fputs("\\&", out);
    for (; text < end; text++) {
        if (*text == '`')
            fputs((is_code = !is_code) ? "\\fB" : "\\fR", out);
        else if (*text == '*' && !is_code)
            fputs((is_stress = !is_stress) ? "\\fI" : "\\fR", out);
        else
            print_letter(out, *text);
    }
    fputc('\n', out);
}

static const char *cell_end(const char *cell)
{
    const char *bar = strstr(cell, " |");
    must(bar != NULL);
    return bar;
}

/* `| key | type | default | meaning |`, or `| placeholder | its value |`. */
static void print_row(FILE *out, const char *line, const char *end)
{
    const char *key = line + 2, *second = cell_end(key) + 3, *third = cell_end(second) + 3;
    fputs(".TP\n", out);
    print_marked(out, key, cell_end(key));
    if (third > end) {
        print_marked(out, second, cell_end(second));
        return;
    }
    const char *last = cell_end(third) + 3;
    print_marked(out, last, cell_end(last));
    fputs(".br\nIt is: ", out);
    print_marked(out, second, cell_end(second));
    fputs(".br\nDefault: ", out);
    print_marked(out, third, cell_end(third));
}

static void print_line(FILE *out, const char *line, const char *end)
{
    static const char rule[] = "|---";
    bool is_table_head = strncmp(end, "\n|---", 5) == 0;
    if (line == end || is_table_head || strncmp(line, rule, strlen(rule)) == 0)
        return;
    if (strncmp(line, "## ", 3) == 0) {
        fputs(".SH ", out);
        print_marked(out, line + 3, end);
    } else if (strncmp(line, "- ", 2) == 0) {
        fputs(".IP \\(bu 2\n", out);
        print_marked(out, line + 2, end);
    } else if (*line == '|') {
        print_row(out, line, end);
    } else {
        print_marked(out, line + strspn(line, " "), end);
    }
}

void man_print_config(FILE *out)
{
    fputs(".TH ASSENT.CONF 5 \"\" \"assent " ASSENT_VERSION "\" \"File Formats\"\n"
          ".SH NAME\nassent.conf \\- the configuration of assent, an SMS gateway\n"
          ".SH DESCRIPTION\nWhat\n.B assent serve\nreads, and\n.B assent check\\-config\njudges.\n",
          out);
    char *reference = config_reference();
    for (const char *line = strstr(reference, "\n- ") + 1; *line != '\0';) {
        const char *end = strchr(line, '\n');
        print_line(out, line, end);
        line = end + 1;
    }
    free(reference);
    fputs(".SH SEE ALSO\n.BR assent (1)\n", out);
}
