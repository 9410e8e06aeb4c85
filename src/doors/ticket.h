/* ticket: what a form carries, so that one which we have shown counts once: a number that nobody can guess, when it was made,
 * and what was shown, sealed with a key that lives as long as the process. A ticket of an earlier run is none. Tickets that were
 * spent are remembered for as long as they would be good; of more than there is room for, those are no longer good that were
 * made no later than one that had to be forgotten. Times are of the monotonic clock. Private to the doors. */
#ifndef DOORS_TICKET_H
#define DOORS_TICKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"

#define TICKET_TERM_MS    3600000
#define TICKET_NONCE_SIZE 16
#define TICKET_SHOWN_SIZE 16
#define TICKET_CONTENT_SIZE 16 /* of each digest so many octets count */
#define TICKET_TEXT_SIZE  145 /* 72 octets in hexadecimal */
#define TICKET_SETS       4096
#define TICKET_WAYS       16 /* spent ones remembered in each */

struct tickets;

struct ticket {
    uint8_t nonce[TICKET_NONCE_SIZE];
    int64_t made_at;
};

enum ticket_state {
    TICKET_GOOD,
    TICKET_NONE,     /* it is none of ours, or of this place */
    TICKET_STALE,    /* it was good once */
    TICKET_REWORDED, /* something else was shown */
    TICKET_SPENT,    /* with the same content: `outcome` is what came of it */
    TICKET_REUSED    /* with another */
};

struct tickets *tickets_open(void);
void tickets_close(struct tickets *tickets); /* NULL is allowed */

/* place: where it is good; shown: a digest of what is shown with it. */
void ticket_make(const struct tickets *tickets, const char *place, const uint8_t shown[DIGEST_SIZE], int64_t now_ms,
                 char out[TICKET_TEXT_SIZE]);
/* content: a digest of all that came with it. */
enum ticket_state ticket_read(const struct tickets *tickets, struct octets text, const char *place,
                              const uint8_t shown[DIGEST_SIZE], const uint8_t content[DIGEST_SIZE], int64_t now_ms,
                              struct ticket *out, unsigned *outcome);
/* One that was good, in this turn. outcome: below 256. */
void ticket_spend(struct tickets *tickets, const struct ticket *ticket, const uint8_t content[DIGEST_SIZE],
                  unsigned outcome, int64_t now_ms);
/* The turn is over. If it is not on disk, nothing came of the tickets that were spent in it: they are good still. */
void tickets_release(struct tickets *tickets, bool is_committed);

#endif
