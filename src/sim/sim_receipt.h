/* sim_receipt: a delivery receipt as the carrier writes it, in good form or in one of the odd ones
 * that carriers are known for (F310 to F322). Pure. */
#ifndef SIM_RECEIPT_H
#define SIM_RECEIPT_H

#include "src/sim/sim_world.h"

#define SIM_RECEIPT_TEXT_SIZE 256

struct sim_receipt {
    char id[SIM_ID_SIZE]; /* as it is told */
    char text[SIM_RECEIPT_TEXT_SIZE];
    struct sim_deliver deliver; /* its text and receipted_id are those above */
};

/* `out` must stay where it is as long as its deliver is used. */
void sim_receipt_write(const struct sim_message *message, const struct sim_state *state,
                       enum sim_form form, struct sim_receipt *out);

#endif
