/* inbound: what comes from a carrier: receipts, and what people write. A text is kept, read for STOP, START and
 * HELP, acted upon and answered; the carrier gets its response only once all of that is on disk. */
#ifndef INBOUND_INBOUND_H
#define INBOUND_INBOUND_H

#include "outbound/carrier.h"

struct consents;
struct dispatch;
struct inbounds;
struct ledger;
struct loop;
struct notify;
struct pool;
struct programs;
struct receipts;
struct replies;
struct store;

struct inbounds_parts { /* what it works with; all borrowed */
    struct loop *loop;
    struct store *store;
    struct ledger *ledger;
    const struct programs *programs;
    struct consents *consents;
    struct carriers *carriers;
    struct dispatch *dispatch;
    struct receipts *receipts;
    struct replies *replies;
    struct notify *notify;
    struct pool *pool;
};

struct inbounds *inbounds_open(const struct inbounds_parts *parts);
/* At the start, before its turn is committed: parts that carriers kept meanwhile are to find the others. */
void inbounds_recover(struct inbounds *inbounds);
void inbounds_close(struct inbounds *inbounds);

/* Wired to struct carrier_events. */
void inbounds_heard(void *inbounds, struct carrier *carrier, struct session *session, int64_t link,
                    const struct pdu *pdu);

void inbounds_unreadable(void *inbounds, struct carrier *carrier, struct session *session,
                         int64_t link, const struct pdu *header, struct octets frame);

/* A LOOP_DISPATCH stage, before the dispatcher's: a STOP that could not be written is tried again, and a
 * response that waited for other binds leaves. */
void inbounds_turn(void *inbounds);
void inbounds_committed(struct inbounds *inbounds);
void inbounds_rolled_back(struct inbounds *inbounds);

struct inbounds_counts {
    uint64_t texts, opt_outs, opt_ins, helps, reviews, keywords, redelivered, unreadable, late_stops;
    uint64_t joined, incomplete; /* of texts in parts */
    int64_t waiting;             /* that wait for parts; about: it is counted every ten seconds */
};
const struct inbounds_counts *inbounds_counts(const struct inbounds *inbounds);

#endif
