/* demo_world: what `assent demo` plays in: a temporary directory, a simulated carrier and a gateway
 * as child processes, and what the carrier's phones heard. The story itself is demo.c's.
 *
 * The children die with this process, however it ends. Every wait has a deadline, and so have all
 * of them together. */
#ifndef CLI_DEMO_WORLD_H
#define CLI_DEMO_WORLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define WORLD_PROGRAM "home-tours"
#define WORLD_SENDER  "+12065550100"
#define WORLD_BRAND   "Harbor Homes"

struct client;

enum world_account { WORLD_CAMPAIGNS, WORLD_OVERSIGHT, WORLD_ACCOUNTS };

struct world {
    char directory[200];
    pid_t carrier, gateway;             /* 0: not running */
    int carrier_out, gateway_out;       /* their stdout; -1: none */
    char carrier_smpp[80], control[80]; /* HOST:PORT */
    char http[80], smpp[80];
    char keys[WORLD_ACCOUNTS][65];
    char smpp_password[9];
    FILE *line; /* to the carrier's control port */
    struct client *client;
    int64_t until_ms; /* when the whole demo must be over, but for what is kept; monotonic */
    char why[300];    /* what didn't work */
};

/* False: `why` says what. world_end in any case. */
bool world_begin(struct world *world);
/* Ends the children and waits for them; removes the directory. */
void world_end(struct world *world);

/* Writes a file into the directory. */
bool world_write(struct world *world, const char *name, const char *text);

/* Runs this program with the words of `argv` (ended by NULL) in the directory, with the account's
 * key, and gives its exit code and all that it printed, which the caller frees. -1: it didn't end
 * in time. */
int world_run(struct world *world, enum world_account account, const char *const *argv,
              char **output);

/* What a phone has heard so far: objects with from, text, part, parts … The caller owns the array;
 * NULL: the carrier doesn't answer. */
json_t *world_heard(struct world *world, const char *phone);
/* Waits until a phone has heard `count` messages; gives what it has heard when it has, or when time
 * is over. */
json_t *world_await(struct world *world, const char *phone, size_t count);
/* A phone writes to the program. */
bool world_say(struct world *world, const char *phone, const char *text);
/* Waits until the gateway has nothing more to send. */
bool world_settle(struct world *world);
/* Until ^C, or until one of the children has ended. */
void world_idle(struct world *world);
/* The end of the gateway's log, on stderr. */
void world_print_log(const struct world *world);

#endif
