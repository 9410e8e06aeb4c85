/* cli: the program `assent` as people and scripts see it: one table of commands, one file a
 * command. A command acts on a running gateway through its HTTP API (cli/client.h), or on a
 * database file that it only reads. It decides nothing about messages and consents: the gateway
 * does.
 *
 * Results go to stdout, diagnostics to stderr, colours and bars to terminals only. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1, /* the thing asked for failed, or is not so */
    CLI_USAGE = 2
};

/* Every command gets argv from its own name on: argv[0] is "send". Gives an exit code. --help never
 * reaches it. */
int cli_account(int argc, char **argv);
int cli_backup(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_blocks(int argc, char **argv);
int cli_campaign(int argc, char **argv);
int cli_restore(int argc, char **argv);
int cli_review(int argc, char **argv);
int cli_carrier(int argc, char **argv);
int cli_check_config(int argc, char **argv);
int cli_classify(int argc, char **argv);
int cli_consent(int argc, char **argv);
int cli_demo(int argc, char **argv);
int cli_help(int argc, char **argv);
int cli_import_kannel(int argc, char **argv);
int cli_inbound(int argc, char **argv);
int cli_audit(int argc, char **argv);
int cli_ledger(int argc, char **argv);
int cli_message(int argc, char **argv);
int cli_proof(int argc, char **argv);
int cli_pdu(int argc, char **argv);
int cli_program(int argc, char **argv);
int cli_queue(int argc, char **argv);
int cli_route(int argc, char **argv);
int cli_send(int argc, char **argv);
int cli_serve(int argc, char **argv);
int cli_sim(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_suppress(int argc, char **argv);
int cli_webhook(int argc, char **argv);

struct command {
    const char *name;
    const char *summary; /* what it does, for the list */
    const char *help;    /* all of it, with examples */
    int (*run)(int argc, char **argv);
};

/* The table, in the order that `assent help` lists it (src/cli/commands.c). */
extern const struct command commands[];
extern const size_t command_count;

const struct command *command_find(const char *name); /* NULL: there is none */
/* The command that was probably meant, or NULL where nothing is near. */
const struct command *command_nearest(const char *name);

/* Runs `assent ARGUMENTS…`; main is nothing but this. */
int cli_run(int argc, char **argv);

/* "assent send: WHAT" and where the help is, on stderr; gives CLI_USAGE. */
int cli_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "assent send: WHAT" on stderr; gives CLI_FAILED. */
int cli_fail(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool cli_is_terminal(FILE *stream); /* and not a dumb one */
/* Whether colours may be used: a terminal, and no NO_COLOR in the environment. */
bool cli_has_colours(FILE *stream);
/* Columns of the terminal; 0 where the stream is none: no line is cut. */
size_t cli_width(FILE *stream);

/* From the first call on ^C and SIGTERM no longer end the process, but are told by
 * cli_is_interrupted; the second one ends it. */
void cli_catch_interrupts(void);
bool cli_is_interrupted(void);
/* For what is still to be asked: how things stand after a ^C. The next one ends the process. */
void cli_forget_interrupt(void);

#endif
