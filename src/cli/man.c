#include "cli/man.h"

#include "cli/cli.h"

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

static void print_text(FILE *out, const char *text)
{
    bool is_line_start = true;
    for (; *text != '\0'; text++) {
        const char *escaped = escape(*text);
        if (is_line_start && *text == '.')
            fputs("\\&", out);
        if (escaped != NULL)
            fputs(escaped, out);
        else
            fputc(*text, out);
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
          ".SH EXIT STATUS\n0: done. 1: it failed or is not so. 2: used wrongly.\n",
          out);
}
