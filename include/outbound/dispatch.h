/* dispatch: which message goes now. In the dispatch part of a turn it takes what was offered in this turn
 * and what waits in the queue, has each cleared by the gate, gives it to a carrier and marks it sending; it
 * hears what became of it. Replies go before everything else.
 *
 * The queue is the message table and may be far larger than memory; what is in memory is what is on the
 * wire (flights), bounded by the windows. */
#ifndef OUTBOUND_DISPATCH_H
#define OUTBOUND_DISPATCH_H

#include "consent/verdict.h"
#include "outbound/hold.h"
#include "outbound/route.h"
#include "store/store.h"

struct consents;
struct dispatch;
struct gate;
struct lane;
struct lane_walk;
struct ledger;
struct program;
struct programs;
struct receipts;
struct settle;

/* Opens the gate too, and owns it: what is cleared is cleared here. */
struct dispatch *dispatch_open(struct loop *loop, struct store *store, struct ledger *ledger,
                               struct consents *consents, const struct programs *programs,
                               struct carriers *carriers, struct settle *settle,
                               struct receipts *receipts, const struct config *config);
void dispatch_close(struct dispatch *dispatch);
/* The programs are others now, and so may be limits and routes. The config is borrowed until the next one. */
void dispatch_reload(struct dispatch *dispatch, const struct config *config);
struct gate *dispatch_gate(const struct dispatch *dispatch); /* for accept, to ask it */
struct carriers *dispatch_carriers(const struct dispatch *dispatch);

/* A new message, in the state that accept found; it is copied, and written when it is known whether it goes
 * at once: one row, one INSERT. */
void dispatch_offer(struct dispatch *dispatch, const struct message *message);

/* Puts what was offered in this turn into the queue, where its sender finds it: it may yet go in this turn. */
void dispatch_put_offers(struct dispatch *dispatch);
/* Another text for one that no carrier was given: `message` in the place of `old`, which is in the queue. */
void dispatch_replace(struct dispatch *dispatch, const struct message *message,
                      const struct message *old, int64_t now_ms);
/* Whether its sender may yet take it back, or put another text in its place: nothing of it was ever given to a
 * carrier, and it is no reply. */
bool dispatch_is_untouched(const struct message *message);

/* What a crash left on the wire: in doubt from now on. Call once, before anything else. False: unreadable. */
bool dispatch_recover(struct dispatch *dispatch);

/* The number left some program: everything for it that has not left is taken back, and what the gate now
 * refuses is blocked at once. */
void dispatch_went_out(void *dispatch, uint64_t number);
/* What was held for the number in the program is judged anew. */
void dispatch_came_free(void *dispatch, uint64_t number, int64_t program);

/* Its sender takes it back. False: it was given to a carrier, whatever became of that; or it is a reply. */
bool dispatch_cancel(struct dispatch *dispatch, const struct message *message, int64_t now_ms);

/* Submits to the number that have left over another connection than `except`, and are unanswered: also those
 * whose connection ended, or that a crash left on the wire, for as long as a carrier may yet read them. */
unsigned dispatch_unanswered(struct dispatch *dispatch, uint64_t number,
                             const struct session *except);

/* What a message's campaign says of it, when it would leave. */
enum campaign_order { CAMPAIGN_GO, CAMPAIGN_WAIT, CAMPAIGN_DROP };
void dispatch_ask_campaigns(struct dispatch *dispatch,
                            enum campaign_order (*order_of)(void *owner, int64_t campaign), void *owner);
/* It waits or drops from now on: what of it has not left is taken back into the queue. */
void dispatch_withdraw_campaign(struct dispatch *dispatch, int64_t campaign);

/* Something waits in the queue of the program that was not there. */
void dispatch_wake(void *dispatch, int64_t program);
/* The same, and those are the number's. */
void dispatch_queued(void *dispatch, int64_t program, uint64_t number);

/* The emergency stop, in the open transaction: what has not left is taken back, and from then on
 * nothing of the program leaves but its replies. What waits stays in the queue until it is resumed. */
void dispatch_pause(struct dispatch *dispatch, int64_t program, int64_t now_ms);
void dispatch_resume(struct dispatch *dispatch, int64_t program);
int64_t dispatch_paused_since(struct dispatch *dispatch, int64_t program); /* 0: it isn't paused */

/* The same of every program there is or will be, at the start: outbound/restoration.h. */
void dispatch_hold_all(struct dispatch *dispatch, int64_t now_ms);
void dispatch_release_all(struct dispatch *dispatch);
int64_t dispatch_all_held_since(struct dispatch *dispatch); /* 0: they aren't */

/* The n-th lane of a program, replies first; NULL: there are no more. It lives until the gateway ends. */
struct lane *dispatch_lane(const struct dispatch *dispatch, const struct program *program, size_t n);
/* What holds a lane at its head. False: it can't be read. */
bool dispatch_hold(struct dispatch *dispatch, const struct lane *lane, int64_t now_ms,
                   struct hold *hold);
/* Whether such a message may leave by that carrier, at whatever hour. */
bool dispatch_may_take(const struct dispatch *dispatch, const struct program *program,
                       const struct message *message, const char *carrier);
/* The carrier that such a message would take now, if there is room; "": none is up. */
const char *dispatch_route(struct dispatch *dispatch, const struct program *program,
                           const struct message *message, int64_t now_ms);

/* The whole way of it, for people who ask. */
struct way {
    const struct config_route *route; /* NULL: its program's own carriers */
    const struct config_tiers *tiers;
    struct carrier *order[ROUTE_CARRIERS_MOST]; /* that may take it now, best first */
    size_t count;
    struct hold hold; /* the carrier that it would go to is in here */
};
void dispatch_way(struct dispatch *dispatch, const struct program *program,
                  const struct message *message, int64_t now_ms, struct way *out);

/* For metrics: the n-th registered brand, and the message parts of its day. NULL: there are no more, or it can't be read. */
const char *dispatch_brand(struct dispatch *dispatch, size_t n, int64_t *used, int64_t *most);

/* Every lane of the config's programs: until NULL. Start from all zero. */
struct lane *dispatch_next_lane(const struct dispatch *dispatch, struct lane_walk *walk);

/* Wired to struct carrier_events. */
void dispatch_answered(void *dispatch, struct carrier *carrier, uint64_t tag, unsigned part,
                       enum session_fate fate, uint32_t status, struct octets carrier_id);

void dispatch_turn(void *dispatch); /* the LOOP_DISPATCH stage */
void dispatch_committed(struct dispatch *dispatch);
void dispatch_rolling_back(struct dispatch *dispatch); /* before the carriers drop the turn's frames */
void dispatch_rolled_back(struct dispatch *dispatch);

size_t dispatch_in_flight(const struct dispatch *dispatch);

/* Since the start, of what is on disk: messages taken from senders, and refusals of the gate, at either time that it is asked. */
struct dispatch_counts {
    uint64_t taken;
    uint64_t blocked[VERDICTS]; /* by verdict */
};
const struct dispatch_counts *dispatch_counts(const struct dispatch *dispatch);
uint64_t dispatch_blocked(const struct dispatch *dispatch); /* whichever the verdict */
void dispatch_count_taken(struct dispatch *dispatch);
void dispatch_count_block(struct dispatch *dispatch, enum verdict verdict);

#endif
