/* dispatch_parts: the inside of dispatch, shared by its files:
 *
 *   dispatch.c          what goes now: offers, lanes, one message, the turn
 *   dispatch_outcome.c  what became of what was sent
 *   dispatch_campaign.c what its campaign says of a message
 *   dispatch_view.c     what holds a lane, and which way a message would go
 */
#ifndef OUTBOUND_DISPATCH_PARTS_H
#define OUTBOUND_DISPATCH_PARTS_H

#include "base/loop.h"
#include "outbound/dispatch.h"
#include "outbound/flight.h"
#include "outbound/lanes.h"
#include "outbound/limits.h"
#include "outbound/order.h"
#include "outbound/pauses.h"
#include "smpp/parts.h"

/* What became of a part, until it is on disk. */
struct outcome {
    int64_t message;
    unsigned attempt, part;
    enum part_fate fate;
    uint32_t status;
    char carrier[80], carrier_id[72];
};

struct dispatch {
    struct loop *loop;
    struct store *store;
    struct ledger *ledger;
    struct gate *gate;
    struct seal *seal;
    const struct programs *programs;
    struct carriers *carriers;
    struct settle *settle;
    struct receipts *receipts;
    struct flights *flights;
    struct pauses *pauses;
    struct limits *limits;
    struct routes *routes;
    struct lanes *lanes;
    struct order *order;
    struct message *offers; /* of this turn */
    size_t offer_count, offer_room;
    struct outcome *outcomes;
    size_t outcome_count, outcome_room, applied_count;
    struct dispatch_counts counts, written; /* written: those of the turns before */
    struct timer tick;
    int64_t clock_set_by_ms; /* what of it is not on disk */
    bool is_clock_followed;  /* this turn has written it */
    int budget;
    bool is_rolling_back;
    enum campaign_order (*order_of)(void *owner, int64_t campaign);
    void *order_owner;
};

/* ---- dispatch.c */

/* What holds so many parts to the number in that lane; number: 0 for any, since the carriers of a tier differ in it. */
struct hold dispatch_hold_of(struct dispatch *dispatch, const struct lane *lane, uint64_t number,
                             unsigned parts);
/* Another time, another route: where it waits is chosen when it comes into the queue. */
void dispatch_choose_lane(struct dispatch *dispatch, const struct message *message, int64_t now_ms);
/* The carrier may not have read it yet, though nobody will answer it. */
void dispatch_lose(struct dispatch *dispatch, uint64_t number);

/* ---- dispatch_campaign.c */

/* True: its campaign is paused or cancelled, and it was put aside or dropped. */
bool dispatch_follows_campaign(struct dispatch *dispatch, const struct message *message, bool is_new,
                               int64_t now_ms);

/* ---- dispatch_outcome.c */

/* The parts that carriers have taken: a message of several may be half sent. */
size_t dispatch_taken_parts(struct dispatch *dispatch, const struct message *message, bool is_new,
                            struct message_part parts[PARTS_LIMIT]);
/* The first that none has taken yet, and in `last` the last that goes with it. Beyond the message's submits: all were taken. */
unsigned dispatch_first_part(struct dispatch *dispatch, const struct message *message, bool is_new,
                             unsigned *last);
unsigned dispatch_billed(const struct message *message, unsigned submits); /* what so many of its submits are billed as */
/* All of it is taken; `news` as in store_message_move. */
void dispatch_taken(struct dispatch *dispatch, const struct message *message, const char *reason,
                    const struct message_part *news, int64_t now_ms);
void dispatch_apply(struct dispatch *dispatch, const struct outcome *outcome, int64_t now_ms);

#endif
