/* fate: what a carrier's answer to a submit means for the message: by the carrier's own table (`retry`), else by that
 * of proto/smpp.def. Pure. */
#ifndef OUTBOUND_FATE_H
#define OUTBOUND_FATE_H

#include "config/config.h"
#include "smpp/pdu_table.h"

struct fate {
    enum status_fate what; /* FATE_RETRY_ONCE is a FATE_RETRY */
    unsigned again;        /* RETRY, REBIND: how many more times it may be given to a carrier after it was refused */
    int64_t wait_ms;       /* before each; 0: the usual waits */
};

/* config NULL: a carrier that has no table of its own. */
struct fate fate_of(const struct config_carrier *config, uint32_t status);
/* Before the next try, after so many refusals; the usual ones begin with 15 s and double up to ten minutes. */
int64_t fate_wait_ms(const struct fate *fate, unsigned refusals);
/* Whichever leaves the message less of a chance: what a message of several parts is settled by (F249). */
uint32_t fate_worse(const struct config_carrier *config, uint32_t one, uint32_t other);

/* What means that the person opted out at the carrier, by its settings (R84): the status of a
 * submit_sm_resp, the err of a receipt. */
bool fate_opts_out(const struct config_carrier *config, uint32_t status);
bool fate_err_opts_out(const struct config_carrier *config, const char *err);

#define FATE_TEXT_SIZE 64
/* "ESME_RSYSERR (0x00000008)", or by the carrier's own name of it. */
void fate_text(const struct config_carrier *config, uint32_t status, char out[FATE_TEXT_SIZE]);

#endif
