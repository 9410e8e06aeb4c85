/* The way from the words of a command line to the command, and what all commands share. */
#include "base/log.h"
#include "cli/cli.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/completion.h"
#include "cli/man.h"
#include "doors/openapi.h"

#define NAME_LIMIT   32
#define NEAR         3 /* edits: more is another word */
#define WIDTH_UNSAID 80

/* ---- the terminal ---- */

bool cli_is_terminal(FILE *stream)
{
    const char *term = getenv("TERM");
    return isatty(fileno(stream)) && term != NULL && strcmp(term, "dumb") != 0;
}

bool cli_has_colours(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");
    return cli_is_terminal(stream) && (no_color == NULL || *no_color == '\0');
}

size_t cli_width(FILE *stream)
{
    struct winsize size;
    if (!isatty(fileno(stream)))
        return 0;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH_UNSAID;
    return size.ws_col;
}

static volatile sig_atomic_t is_interrupted;

static void take_signal(int number)
{
    (void)number;
    is_interrupted = 1;
}

/* SA_RESETHAND: the second one does what it always did. */
void cli_catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = take_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cli_is_interrupted(void)
{
    return is_interrupted != 0;
}

void cli_forget_interrupt(void)
{
    is_interrupted = 0;
}

/* ---- words to the user ---- */

static void complain(const char *command, const char *format, va_list values)
    __attribute__((format(printf, 2, 0)));

static void complain(const char *command, const char *format, va_list values)
{
    fflush(stdout);
    fprintf(stderr, "%sassent%s%s: ", log_mark(LOG_LEVEL_ERROR), *command == '\0' ? "" : " ", command);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
}

int cli_fail(const char *command, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    complain(command, format, values);
    va_end(values);
    return CLI_FAILED;
}

int cli_usage(const char *command, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    complain(command, format, values);
    va_end(values);
    fprintf(stderr, "`assent help%s%s` says how it is used\n", *command == '\0' ? "" : " ",
            command);
    return CLI_USAGE;
}

/* ---- the table ---- */

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* How many letters must be added, dropped or changed (Levenshtein). */
static size_t edits(const char *from, const char *to)
{
    size_t row[NAME_LIMIT + 1], length = strlen(to);
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; from[i - 1] != '\0'; i++) {
        size_t before = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t same = before + (from[i - 1] == to[j - 1] ? 0 : 1);
            before = row[j];
            row[j] = least(row[j] + 1, row[j - 1] + 1, same);
        }
    }
    return row[length];
}

const struct command *command_nearest(const char *name)
{
    const struct command *nearest = NULL;
    size_t fewest = NEAR, length = strlen(name);
    if (length > NAME_LIMIT)
        return NULL;
    for (size_t i = 0; i < command_count; i++) {
        size_t count = edits(commands[i].name, name);
        if (count >= fewest || count >= length)
            continue;
        fewest = count;
        nearest = &commands[i];
    }
    return nearest;
}

/* ---- help ---- */

static void list_commands(FILE *out)
{
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, "  %-14s  %s\n", commands[i].name, commands[i].summary);
}

static void print_overview(FILE *out)
{
    fputs("assent: an SMS gateway that only texts people who said yes\n\n"
          "usage: assent COMMAND [ARGUMENTS]\n\n",
          out);
    list_commands(out);
    fputs("\n`assent help COMMAND` or `assent COMMAND --help` says more, with examples.\n"
          "Commands that ask a running gateway take --url (or ASSENT_URL) and --key (or\n"
          "ASSENT_API_KEY; a key on the command line is seen by others on the machine); for\n"
          "https also --ca (or ASSENT_CA).\n"
          "Exit codes: 0 done, 1 it failed or is not so, 2 used wrongly.\n"
          "See it work on this machine alone: assent demo\n",
          out);
}

static int say_unknown(const char *name)
{
    const struct command *nearest = command_nearest(name);
    return cli_usage("", "there is no command '%.40s'%s%s%s", name,
                     nearest == NULL ? "" : "; did you mean '",
                     nearest == NULL ? "" : nearest->name, nearest == NULL ? "" : "'?");
}

static int print_help(const char *name)
{
    const struct command *command = command_find(name);
    if (command == NULL)
        return say_unknown(name);
    printf("assent %s: %s\n\n%s", command->name, command->summary, command->help);
    return CLI_DONE;
}

static int print_manual(const char *name)
{
    const struct command *command = command_find(name);
    if (strcmp(name, "assent.conf") == 0)
        man_print_config(stdout);
    else if (command == NULL)
        return say_unknown(name);
    else
        man_print_command(stdout, command);
    return CLI_DONE;
}

static int print_completion(const char *shell)
{
    const char *script = completion_script(shell);
    if (script == NULL)
        return cli_usage("help", "there is completion for bash and zsh, not for '%.40s'", shell);
    fputs(script, stdout);
    return CLI_DONE;
}

static int print_openapi(void)
{
    char *text = openapi_write(2);
    puts(text);
    free(text);
    return CLI_DONE;
}

int cli_help(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (argc > 2 && strcmp(what, "--complete") == 0 && strcmp(argv[2], "--") == 0) {
        completion_print(stdout, argc - 3, argv + 3); /* what the scripts of --completion ask */
        return CLI_DONE;
    }
    if (argc == 3 && strcmp(what, "--man") == 0)
        return print_manual(argv[2]);
    if (argc == 3 && strcmp(what, "--completion") == 0)
        return print_completion(argv[2]);
    if (argc > 2)
        return cli_usage("help", "one command at a time");
    if (strcmp(what, "--man") == 0)
        man_print(stdout);
    else if (strcmp(what, "--openapi") == 0)
        return print_openapi();
    else if (argc == 2)
        return print_help(what);
    else
        print_overview(stdout);
    return CLI_DONE;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || (i == 1 && strcmp(argv[i], "-h") == 0))
            return true;
    }
    return false;
}

static int run_command(int argc, char **argv)
{
    const struct command *command = command_find(argv[0]);
    if (command == NULL)
        return say_unknown(argv[0]);
    if (asks_for_help(argc, argv))
        return print_help(argv[0]);
    return command->run(argc, argv);
}

/* What was printed and never arrived (a full disk behind a `>`) is not done. */
static int close_output(int result)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return result;
    perror("assent: can't write the output");
    return result == CLI_DONE ? CLI_FAILED : result;
}

int cli_run(int argc, char **argv)
{
    static char help[] = "help";
    if (argc < 2) {
        print_overview(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("assent " ASSENT_VERSION);
        return close_output(CLI_DONE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        argv[1] = help;
    return close_output(run_command(argc - 1, argv + 1));
}
