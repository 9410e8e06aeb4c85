/* receipts: the carrier's receipts find their parts, and the parts make the state of the message. */
#ifndef OUTBOUND_RECEIPTS_H
#define OUTBOUND_RECEIPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"
#include "smpp/receipt.h"

struct carriers;
struct loop;
struct message_part;
struct receipts;
struct settle;
struct store;

struct receipts *receipts_open(struct loop *loop, struct store *store, struct carriers *carriers,
                               struct settle *settle);
void receipts_close(struct receipts *receipts);

/* Whom a receipt is about: its source, and its destination in case they come as submitted; 0: no number. */
struct receipt_people {
    uint64_t source, destination;
};

/* Applies one, whose octets are `raw`; kept for later where no part has that id (yet). An id that the carrier writes another way than in its
 * answer (F311) is looked for among what was sent to that person. */
void receipts_heard(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                    const struct receipt_people *people, struct octets raw, int64_t now_ms);

/* One that its text alone makes a receipt: applied, and true, only if an open message to that person has its id. */
bool receipts_heard_perhaps(struct receipts *receipts, const char *carrier, const struct receipt *receipt,
                            const struct receipt_people *people, int64_t now_ms);

/* A part of a message to `number` got its id: a receipt that overtook it is applied, and those of the message's other
 * parts, which may have been waiting for this answer. */
void receipts_catch_up(struct receipts *receipts, const struct message_part *part, uint64_t number,
                       int64_t now_ms);

/* Messages whose receipt didn't come by its carrier's receipt_deadline. Call it now and then. */
void receipts_overdue(struct receipts *receipts, int64_t now_ms);

struct receipts_counts {
    uint64_t matched, contradicting;
    uint64_t by_rule[RECEIPT_MATCH_PREFIX + 1]; /* of the matched, those whose ids are not the same */
    uint64_t missing;   /* messages whose receipt didn't come in time (F315) */
    uint64_t unmatched; /* of those, receipts that found their message later are taken off */
};
struct samples;
/* Of those unmatched, the newest: outbound/sample.h. */
const struct samples *receipts_samples(const struct receipts *receipts);
const struct receipts_counts *receipts_counts(const struct receipts *receipts);

#endif
