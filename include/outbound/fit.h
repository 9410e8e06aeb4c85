/* fit: in which form a program's text goes through a carrier, and whether a message that was measured for one carrier can
 * go through another as it is. Pure. */
#ifndef OUTBOUND_FIT_H
#define OUTBOUND_FIT_H

#include "outbound/carrier.h"
#include "smpp/writing.h"
#include "store/store.h"

struct cargo;
struct program;

/* carrier NULL: none in particular. cargo: what the text goes with (NULL: nothing): a header of its own is in every part and leaves
 * no other way to hold them together, and a data_coding of its own says the alphabet itself. */
struct writing_rules fit_rules(const struct program *program, const struct carrier *carrier,
                               const struct cargo *cargo);

/* The form, as a message keeps it. */
void fit_take(struct message *message, const struct writing *writing);

enum fit {
    FIT_AS_IS,
    FIT_CHANGED, /* the message has another form now, and none of it was taken yet */
    FIT_ANEW,    /* the same, and what was taken of it before is no part of it any more */
    FIT_NOT      /* this carrier can't be given it */
};

/* is_begun: some of its parts were taken, by message->carrier. What the same carrier took goes on as it began, whatever its
 * settings say now; towards another one a form that isn't its own begins anew, since no handset joins the two. */
enum fit fit_make(struct message *message, bool is_begun, const struct program *program,
                  const struct carrier *carrier, struct region *region);

#endif
