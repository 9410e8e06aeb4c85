/* report: what becomes of a message, in the words of those that Kannel or Jasmin told before us: the request to the dlr-url
 * that the message came with. Nothing of a text is in it. Pure. */
#ifndef NOTIFY_REPORT_H
#define NOTIFY_REPORT_H

#include <stdbool.h>

#include "store/store.h"

struct region;
struct told;

/* Of a CALLBACK_KANNEL: bits of its mask, as of Kannel's dlr-mask, and of what its %d says. */
enum report_kannel {
    REPORT_DELIVERED = 1,
    REPORT_UNDELIVERED = 2,
    REPORT_QUEUED = 4,   /* at the carrier: nobody is told of that */
    REPORT_TAKEN = 8,    /* by the carrier */
    REPORT_REFUSED = 16, /* by the carrier, or by us: it never left */
    REPORT_EXPIRED = 32  /* beside undelivered */
};
/* Of a CALLBACK_JASMIN, as of its dlr-level. */
enum report_jasmin {
    REPORT_LEVEL_CARRIER = 1,
    REPORT_LEVEL_TERMINAL = 2
};

/* Its url has Kannel's escapes; `extra` says what some stand for: a line each, the letter and then the value, encoded as in a
 * query. Encodes one: */
char *report_escape(const char *text, struct region *region);

struct report {
    const char *method, *url, *headers, *body;
};
/* carrier_id: of its first part; "". False: the callback doesn't ask for that. */
bool report_make(const struct callback *callback, const struct told *told, const char *carrier_id,
                 struct region *region, struct report *out);

#endif
