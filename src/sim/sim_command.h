/* sim_command: one command, from its line to its answer. Where lines come from is sim_control's. */
#ifndef SIM_COMMAND_H
#define SIM_COMMAND_H

#include "src/sim/sim_pdu.h"
#include "src/sim/sim_world.h"

/* What `messages` has still to print: it may be more than fits into one turn. */
struct sim_listing {
    bool is_open;
    uint64_t next;                 /* serial */
    char number[SIM_ADDRESS_SIZE]; /* empty: all */
};

/* Carries the line out (it is cut up) and adds the answer to `out`; or opens the listing, which
 * sim_command_list goes on with. */
void sim_command_run(struct sim *sim, char *line, struct sim_buffer *out,
                     struct sim_listing *listing);

/* Adds lines until `out` holds `most` octets or the listing has ended. */
void sim_command_list(struct sim *sim, struct sim_buffer *out, size_t most,
                      struct sim_listing *listing);

#endif
