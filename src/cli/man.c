#include "cli/man.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
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

static void print_command(FILE *out, const struct command *command)
{
    fputs(".SS ", out);
    print_text(out, command->name);
    fputc('\n', out);
    print_text(out, command->summary);
    fputs(".\n.PP\n.nf\n", out);
    print_text(out, command->help);
    fputs(".fi\n", out);
}

void man_print(FILE *out)
{
    fputs(".TH ASSENT 1 \"\" \"assent " ASSENT_VERSION "\" \"User Commands\"\n"
          ".SH NAME\nassent \\- an SMS gateway that only texts people who said yes\n"
          ".SH SYNOPSIS\n.B assent\n.I COMMAND\n.RI [ ARGUMENTS ]\n"
          ".SH COMMANDS\n",
          out);
    for (size_t i = 0; i < command_count; i++) {
        if (commands[i].run != NULL)
            print_command(out, &commands[i]);
    }
    fputs(".SH ENVIRONMENT\n"
          "ASSENT_URL, ASSENT_API_KEY and ASSENT_CA stand for \\-\\-url, \\-\\-key and \\-\\-ca.\n"
          "NOTIFY_SOCKET is where\n.B assent serve\ntells the service manager READY=1 and "
          "STOPPING=1.\n"
          ".SH EXIT STATUS\n0: done. 1: it failed or is not so. 2: used wrongly.\n"
          ".SH SEE ALSO\n.BR assent.conf (5)\n",
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
