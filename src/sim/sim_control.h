/* sim_control: the commands that people and scripts give, a line each, on stdin and on the control
 * port; every one is answered with one line, `ok …` or `error …`, where it came from (`messages`
 * with as many as there are, and a "."). What they mean is in docs/sim.md. */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "src/sim/sim_world.h"

struct sim_control;

/* `address` is where to listen, NULL: nowhere. NULL: `error` (LINK_ERROR_SIZE) says why it can't.
 */
struct sim_control *sim_control_open(struct sim *sim, const char *address, char *error);
void sim_control_close(struct sim_control *control);
const char *sim_control_address(const struct sim_control *control); /* "-": none */

#endif
