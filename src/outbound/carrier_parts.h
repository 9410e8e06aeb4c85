/* carrier_parts: the inside of the carriers, shared by the files of this folder:
 *
 *   bind.c      one slot of a carrier: a session, and what follows when it ends
 *   carrier.c   one carrier: orders, room, throughput, and the way out for a message
 *   submit_habits.c  what a submit says beside the text
 *   delivered.c what came in a turn that is not on disk
 *   carriers.c  all of them: which there are, and what is asked of every bind
 */
#ifndef OUTBOUND_CARRIER_PARTS_H
#define OUTBOUND_CARRIER_PARTS_H

#include "base/loop.h"
#include "consent/number.h"
#include "consent/sender.h"
#include "outbound/bucket.h"
#include "outbound/carrier.h"
#include "outbound/pace.h"
#include "smpp/smpp_time.h"
#include "store/store.h"

#define STOP_MS 5000 /* a stop awaits open submits, as the gateway's end does */

/* What was delivered over a bind in one turn: should that not come on disk it is asked for again. */
struct delivered {
    uint64_t turn, older_turn; /* when something of an earlier turn was answered */
    struct asked {
        uint32_t command_id, sequence_number;
    } *at;
    size_t count, room;
};

struct bind {
    struct carrier *carrier;
    unsigned number; /* from 1 */
    struct session *session;
    uint64_t settings; /* of the carrier, by which its session was made */
    int64_t link;      /* of the store; 0: not bound */
    int64_t since, bound_at_ms, retry_ms;
    uint64_t bound_turn;
    bool is_unwritten; /* what it delivered in this turn, or its link, is not on disk */
    struct delivered delivered;
    char why[CARRIER_ERROR_SIZE];
    struct timer again, pause;
};

#define ID_LESSONS 3 /* receipts that fit in one way only: then the next is believed without being the only one */

struct carrier {
    struct carriers *carriers;
    struct config_carrier *config; /* its own: it may outlive the config that it is from */
    uint64_t settings; /* how often they became such that what is bound can't go on under them */
    bool is_split;   /* it refused a transceiver: each bind is a transmitter and a receiver (F64) */
    struct tls *tls; /* a share; NULL: plain TCP */
    struct bind **binds; /* by number; behind those that are wanted, those that still leave */
    size_t bind_count;
    enum carrier_order order;
    struct bucket tokens; /* of its throughput; spent ones don't come back when a turn fails */
    struct timer tokens_due;
    struct pace pace; /* the rate of `tokens`; below the throughput after ESME_RTHROTTLED */
    struct timer pace_due;
    struct carrier_counts counts, binned; /* binned: those that are in the bins */
    struct bins *bins;
    uint64_t outcomes[RECEIPT_STATE_SKIPPED + 1];
    struct {
        int64_t at; /* 0: nothing went wrong yet */
        uint32_t status; /* of a submit that was refused; 0: */
        char why[CARRIER_ERROR_SIZE]; /* of a bind that ended */
    } error;
    struct deviations deviations; /* of sessions that are over */
    enum receipt_match id_rule; /* that was learnt; NONE: not yet */
    unsigned id_fits[RECEIPT_MATCH_PREFIX + 1];
};

struct carriers {
    struct loop *loop;
    struct store *store;
    const struct carrier_events *events;
    void *owner;
    struct carrier **at; /* in the config's order, and behind them those that are removed */
    size_t count;
    bool is_leaving;
    void (*gone)(void *owner);
    void *gone_owner;
};

/* ---- bind.c */
struct bind *bind_new(struct carrier *carrier, unsigned number);
void bind_free(struct bind *bind); /* closes what is open */
/* Has it do what the settings and the order of its carrier ask for now: come, stay or leave. */
void bind_arrange(struct bind *bind);
unsigned bind_room(const struct bind *bind, bool is_reply);

/* ---- delivered.c */
void delivered_put(struct bind *bind, const struct pdu *pdu);
/* An answer was given to this. */
void delivered_answered(struct bind *bind, const struct pdu *header);
/* Something came in this turn, and the carrier has a status for what can't be stored. */
bool delivered_is_refused(const struct bind *bind);
/* The turn is not on disk: answers all of it with the carrier's later_status. False: it has none, or there is more that
 * can't be made good but by closing. */
bool delivered_refuse(struct bind *bind);

/* ---- carrier.c */
struct carrier *carrier_new(struct carriers *carriers);
void carrier_free(struct carrier *carrier);
void carrier_configure(struct carrier *carrier, const struct config_carrier *config,
                       struct tls *tls);
void carrier_remove(struct carrier *carrier);
void carrier_split(struct carrier *carrier); /* until its settings are others */
void carrier_order_move(struct carrier *carrier, enum carrier_order to, const char *by);
size_t carrier_binds_wanted(const struct carrier *carrier);
bool carrier_is_kept_away(const struct carrier *carrier);
bool carrier_is_mute(const struct carrier *carrier); /* no submit may leave */
/* A bind was lost, or a submit refused with this status. */
void carrier_note_loss(struct carrier *carrier, const char *why);
void carrier_note_refusal(struct carrier *carrier, uint32_t status);
/* It said that it is given too much, while a bind goes silent for so long. */
void carrier_slow_down(struct carrier *carrier, int64_t pause_ms);
bool carrier_has_session(const struct carrier *carrier);

/* ---- submit_habits.c */
struct submit_texts { /* what the PDU's fields point into */
    char source[SENDER_TEXT_SIZE], destination[NUMBER_TEXT_SIZE], validity[SMPP_TIME_SIZE];
};
void submit_habits(const struct config_carrier *config, const struct message *message, int64_t now_ms,
                   struct submit_texts *texts, struct pdu *pdu);

/* ---- carriers.c */
void carriers_note_end(struct carriers *carriers); /* a session ended */
/* At the end of the turn, when nobody goes through them, binds and carriers that went are freed. */
void carriers_sweep_later(struct carriers *carriers);

/* Every bind of every carrier: walk_next until it gives NULL. */
struct walk {
    const struct carriers *carriers;
    size_t carrier, bind;
};
struct bind *walk_next(struct walk *walk);

#endif
