/* carrier: an aggregator or operator that the gateway binds to as an ESME: its binds, each in a slot that
 * comes back by itself when it is lost, and the only way out for a message.
 *
 * It takes nothing but clearances, and decides nothing about messages: which one goes, and what an answer
 * means, is outbound/dispatch.h's. */
#ifndef OUTBOUND_CARRIER_H
#define OUTBOUND_CARRIER_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "outbound/bins.h"
#include "outbound/deviations.h"
#include "smpp/parts.h"
#include "smpp/receipt.h"
#include "smpp/session.h"

struct carrier;
struct carriers;
struct cleared;
struct store;
struct tls;

struct carrier_events {
    /* What became of a part: once for each that carrier_submit took, and again for a late answer. tag: see
     * outbound/flight.h. */
    void (*answered)(void *owner, struct carrier *carrier, uint64_t tag, unsigned part,
                     enum session_fate fate, uint32_t status, struct octets carrier_id);
    /* A deliver_sm or data_sm. It is answered with carrier_answer, once. link: which connection it was. */
    void (*heard)(void *owner, struct carrier *carrier, struct session *session, int64_t link,
                  const struct pdu *pdu);
    /* One that can't be decoded: its octets are kept, and it is answered like the others (F120). */
    void (*unreadable)(void *owner, struct carrier *carrier, struct session *session, int64_t link,
                       const struct pdu *header, struct octets frame);
    /* There is room that was not there: a bind came up, or an answer freed it. */
    void (*has_room)(void *owner);
};

struct carriers *carriers_open(struct loop *loop, struct store *store);
void carriers_listen(struct carriers *carriers, const struct carrier_events *events, void *owner);
/* Goes over to the carriers of a config, which is borrowed for the call: at the start, and whenever it
 * is another. tls: of each, in the config's order, NULL for plain TCP; shares of them are taken.
 *
 * What is the same stays as it is: sessions, open submits, orders, counts. A new one is bound. What
 * can't go on under its new settings leaves as in a drain, and comes back by them. One that the config
 * has no longer leaves likewise and is freed in the turn in which its last session ends. */
void carriers_configure(struct carriers *carriers, const struct config *config,
                        struct tls *const *tls);
/* No new submits; waits for open ones, unbinds; `done` once all is closed. */
void carriers_leave(struct carriers *carriers, int64_t wait_ms, void (*done)(void *owner),
                    void *owner);
void carriers_close(struct carriers *carriers);

/* One of the config's, or NULL. */
struct carrier *carriers_find(struct carriers *carriers, const char *name);
/* The settings of one, on its way out or not; NULL: there is none of that name. */
const struct config_carrier *carriers_config(const struct carriers *carriers, const char *name);
/* All, with those that are on their way out. A `struct carrier *` lives one turn. */
size_t carriers_count(const struct carriers *carriers);
struct carrier *carriers_at(struct carriers *carriers, size_t i);

const char *carrier_name(const struct carrier *carrier);
const char *carrier_country(const struct carrier *carrier); /* of national source numbers in MO */
int64_t carrier_parts_wait_ms(const struct carrier *carrier); /* of texts from handsets, for missing parts */
/* The lines of its own TLVs, for outbound/tlv_map.h. */
const struct config_list *carrier_tlvs(const struct carrier *carrier);
enum text_zero carrier_zero(const struct carrier *carrier);   /* what it means by data_coding 0 */
enum parts_style carrier_style(const struct carrier *carrier); /* how it takes long texts */
/* How the ids of its receipts are those of its answers: as the config says or as was learnt, an enum
 * receipt_match; RECEIPT_MATCH_NONE: not known yet. */
enum receipt_match carrier_id_rule(const struct carrier *carrier);
/* The only message that a receipt could be about was found by this rule: a few of those teach it. */
void carrier_id_fits(struct carrier *carrier, enum receipt_match match);
bool carrier_is_up(const struct carrier *carrier); /* bound for submits; no operator keeps it */
/* How many parts one bind has room for, at best. Replies may use what is kept for them. */
unsigned carrier_room(const struct carrier *carrier, bool is_reply);
/* Until when every bind is silent after ESME_RTHROTTLED, as a wait; 0: not so. */
int64_t carrier_pause_ms(const struct carrier *carrier);
/* For how long an answer may take. */
int64_t carrier_response_ms(const struct carrier *carrier);
/* How long until the throughput lets so many parts of one message go; 0: now. */
int64_t carrier_wait_ms(const struct carrier *carrier, unsigned parts, bool is_reply);
/* Whether that is now. If not, `has_room` is called when it is, and nothing shorter goes before. */
bool carrier_admits(struct carrier *carrier, unsigned parts, bool is_reply);

/* Parts a second that it is given at most, for now; 0: no limit. Slowed: less than its throughput, after
 * ESME_RTHROTTLED. */
double carrier_rate(const struct carrier *carrier);
bool carrier_is_slowed(const struct carrier *carrier);

/* What an operator told it, or the config. In memory only: a restart binds all of them. */
enum carrier_order {
    CARRIER_RUNS,
    CARRIER_PAUSED,   /* stays bound, takes no submit */
    CARRIER_DRAINING, /* takes no submit, and unbinds when the open ones are answered */
    CARRIER_STOPPED,  /* unbinds, and stays away */
    CARRIER_REMOVED   /* the config has it no longer: drains, and is gone */
};
enum carrier_order carrier_order(const struct carrier *carrier);
const char *carrier_order_word(enum carrier_order order); /* "running", "paused", … */
void carrier_start(struct carrier *carrier, const char *by); /* by: who says so, for the log */
/* The other orders. A carrier that stopped has nothing to pause or drain: then false. */
bool carrier_keep(struct carrier *carrier, enum carrier_order order, const char *by);

/* SYMBOL OF POWER: only outbound/dispatch.c may call it. Submits parts of the cleared message, from
 * `first` (from 1) to `last`, as many as one bind has room for; gives how many. Takes the clearance: *cleared
 * is NULL afterwards. */
unsigned carrier_submit(struct carrier *carrier, struct cleared **cleared, unsigned first,
                        unsigned last);

/* Of all binds of all carriers. See smpp/session.h. */
unsigned carriers_withdraw(struct carriers *carriers,
                           bool (*is_meant)(void *who, uint64_t tag, unsigned part), void *who);
/* Submits that have left over another session than `except` and are unanswered. */
unsigned carriers_unanswered(struct carriers *carriers, const struct session *except,
                             bool (*is_meant)(void *who, uint64_t tag, unsigned part),
                             void *who);
/* The commit failed: the turn's frames are dropped. Then, once nobody is in the middle of a rollback any
 * more: what was delivered in that turn is not on disk and not answered, so its session is closed, and the
 * carrier sends it again (F333). */
void carriers_rolled_back(struct carriers *carriers);
void carriers_drop_unwritten(struct carriers *carriers);

/* Answers what `heard` brought; header: its command_id and sequence_number. A session that is gone by now
 * can't be answered any more: then nothing happens, and the carrier will send it again. */
void carrier_answer(struct carriers *carriers, int64_t link, const struct pdu *header,
                    uint32_t status);
bool carriers_has_link(const struct carriers *carriers, int64_t link); /* that connection lives */

/* For status and metrics. */
struct carrier_view {
    const char *state; /* of the bind */
    const char *why;   /* it is not bound: the reason of the last end; "" */
    int64_t since;     /* wall clock */
    unsigned window, window_used;
    bool is_bound;
};
size_t carrier_binds(const struct carrier *carrier);
void carrier_bind_view(const struct carrier *carrier, size_t bind, struct carrier_view *out);
struct carrier_counts {
    uint64_t submitted, accepted, refused, unanswered, heard, binds, throttled;
};
const struct carrier_counts *carrier_counts(const struct carrier *carrier);
#define CARRIER_ERROR_SIZE 240
/* What went wrong last, in words for people: a bind that was lost or refused, or a submit that was. Gives when, as a wall
 * clock; 0: nothing did. */
int64_t carrier_last_error(const struct carrier *carrier, char out[CARRIER_ERROR_SIZE]);
void carrier_deviations(const struct carrier *carrier, struct deviations *out);
/* Final receipts of parts, by what they said: an enum receipt_state. */
void carrier_note_outcome(struct carrier *carrier, enum receipt_state state);
uint64_t carrier_outcomes(const struct carrier *carrier, enum receipt_state state);
/* A message waited so long from when it was due until it was given to the carrier. */
void carrier_note_wait(struct carrier *carrier, int64_t wait_ms);
const struct bins *carrier_bins(const struct carrier *carrier);
/* A minute is over: outbound/history.h. Adds its own to those of all. */
void carrier_close_bin(struct carrier *carrier, struct bins *all, uint64_t figures[BINS_FIGURES], bool ends_coarse);

#endif
