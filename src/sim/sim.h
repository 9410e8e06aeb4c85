/* sim: the simulated carrier, an SMPP server that hears what a gateway says, answers it, sends
 * receipts, and lets people and scripts write back (mobile originated texts).
 *
 * It is not a part of the gateway: it shares no SMPP code with it, so that a mistake in one can't
 * hide in the other. It sends nothing to anybody but the clients that have bound to it. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "src/sim/sim_knobs.h"

struct sim_settings {
    const char *listen;    /* "HOST:PORT" */
    const char *control;   /* "HOST:PORT"; NULL: no control port, commands come on stdin alone */
    const char *system_id; /* NULL: anyone may bind, with any password */
    const char *password;
    int64_t receipt_after_ms;
    bool is_quiet; /* no events on stdout; answers to commands remain */
    bool is_json;  /* events as one JSON object a line */
    struct sim_knobs knobs;
};

/* Runs until SIGINT, SIGTERM or `quit`: 0. 1: it can't listen, and has said why on stderr. The
 * strings of the settings must outlive the call. */
int sim_run(const struct sim_settings *settings);

#endif
