/* sim_knobs: how badly the carrier behaves: late, throttling, failing, dropping, with odd receipts.
 * Each knob has a name, is set from a word and shown as one; docs/sim.md is their page. Pure: what
 * is random comes from dice that begin with a seed, so that a run can be had again. */
#ifndef SIM_KNOBS_H
#define SIM_KNOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- dice ---- */

struct sim_range {
    int64_t least, most;
};

struct sim_dice {
    uint64_t state;
};

void sim_dice_seed(struct sim_dice *dice, uint64_t seed);
bool sim_dice_hit(struct sim_dice *dice,
                  unsigned percent); /* 0 never, 100 always: without a roll */
int64_t sim_dice_between(struct sim_dice *dice,
                         struct sim_range range); /* both ends belong to it */

/* ---- the knobs ---- */

#define SIM_ERRORS_MOST 16

struct sim_error {
    uint32_t status;
    unsigned percent;
};

/* What is done to a receipt, so that a client has to be clever. */
enum sim_form {
    SIM_FORM_PLAIN,
    SIM_FORM_ID_DEC,
    SIM_FORM_ID_UPPER,
    SIM_FORM_ID_ZEROS,
    SIM_FORM_NO_TEXT,
    SIM_FORM_NO_TLV,
    SIM_FORM_TLV_ONLY,
    SIM_FORM_AS_MO,
    SIM_FORM_AS_DATA_SM
};

struct sim_receipt_knob {
    int64_t late_ms;
    unsigned late, doubled, mangled, missing; /* percent */
    enum sim_form form;
};

struct sim_knobs { /* all zero: a carrier that behaves */
    struct sim_range latency_ms;
    uint64_t rate; /* parts a second, of all clients; 0: no limit */
    struct sim_error errors[SIM_ERRORS_MOST];
    size_t error_count;
    uint64_t drop_every; /* submits of a connection; 0: never */
    int64_t drop_after_ms;
    struct sim_receipt_knob receipts;
    bool minds_digits; /* outcomes by the destination's last digits */
    uint64_t seed;
};

#define SIM_KNOBS_WHY_SIZE 120

/* False: `why` says what is wrong, and the knob is as it was. */
bool sim_knobs_set(struct sim_knobs *knobs, const char *name, const char *value,
                   char why[SIM_KNOBS_WHY_SIZE]);

/* "latency=20..200 rate=0 …", each in the form that sim_knobs_set takes. */
#define SIM_KNOBS_TEXT_SIZE 700
void sim_knobs_write(const struct sim_knobs *knobs, char out[SIM_KNOBS_TEXT_SIZE]);

/* The status that the error knob has for this submit; 0: none. */
uint32_t sim_knobs_error(const struct sim_knobs *knobs, struct sim_dice *dice);

/* ---- the rate: `rate` at once, and then again as they come back in a second ---- */

struct sim_bucket {
    uint64_t used; /* thousandths of a part */
    int64_t at_ms;
};

bool sim_bucket_takes(struct sim_bucket *bucket, uint64_t rate, int64_t now_ms);

/* ---- outcomes by the destination ---- */

enum sim_manner {
    SIM_MANNER_PLAIN,
    SIM_MANNER_NEVER,
    SIM_MANNER_TWICE,
    SIM_MANNER_OVERTAKEN,
    SIM_MANNER_WRONG_SEQUENCE
};

struct sim_outcome {
    const char *digits; /* that the number ends with */
    const char *stat;   /* what the message ends in; NULL: as all do */
    uint32_t status;    /* that the submit is answered with */
    bool is_once;       /* the status comes for the first submit to this number alone */
    enum sim_manner manner;
};

/* NULL: this number is one like all. */
const struct sim_outcome *sim_outcome_of(const char *number);

/* Numbers that had their one error. It forgets the oldest. */
#define SIM_ONCE_MOST 256

struct sim_once {
    char numbers[SIM_ONCE_MOST][24];
    size_t next;
};

bool sim_once_is_new(struct sim_once *once, const char *number); /* and then no longer */

#endif
