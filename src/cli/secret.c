#include "cli/secret.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"

void secret_free(char *secret)
{
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

/* NULL: the input has ended. */
static char *line_read(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length = getline(&line, &room, stdin);
    if (length < 0) {
        free(line);
        return NULL;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

static struct termios shown; /* for whoever interrupts us */

static void echo_again(int signal_number)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static char *line_read_hidden(const char *prompt)
{
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return NULL;
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    signal(SIGINT, echo_again);
    signal(SIGTERM, echo_again);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden); /* which drops what was typed before it was asked for */
    fputs(prompt, stderr);
    char *line = line_read();
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    fputc('\n', stderr);
    return line;
}

static char *ask_twice(const char *command, const char *what)
{
    char prompt[120];
    snprintf(prompt, sizeof prompt, "%.100s: ", what);
    char *first = line_read_hidden(prompt);
    char *second = first == NULL ? NULL : line_read_hidden("The same again: ");
    bool is_same = second != NULL && strcmp(first, second) == 0;
    if (!is_same)
        cli_fail(command, second == NULL ? "nothing was typed" : "the two are not the same: nothing was changed");
    secret_free(second);
    if (is_same)
        return first;
    secret_free(first);
    return NULL;
}

char *secret_ask(const char *command, const char *what)
{
    if (isatty(STDIN_FILENO))
        return ask_twice(command, what);
    char *line = line_read();
    if (line == NULL)
        cli_fail(command, "standard input is empty: it must have the password in its first line");
    return line;
}
