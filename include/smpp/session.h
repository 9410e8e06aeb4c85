/* session: one SMPP connection, seen from either side. The mirrored halves of DESIGN.md: towards a
 * carrier we are the ESME, towards a sender the MC; framing, sequence numbers, windows, timers,
 * states and reasons are the same.
 *
 * It is not the carrier (which slot, when to reconnect), nor the door (who may bind, what a submit
 * means): its owner is. It never sends a PDU that reaches a handset, but through session_submit,
 * which only the carrier may call (tools/symbols.txt).
 *
 * Output gathers in the session's outbox, frame by frame, and is handed to the link in the release
 * stage of the turn, after the commit. A frame of which no octet has left can be withdrawn.
 */
#ifndef SMPP_SESSION_H
#define SMPP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"
#include "smpp/pdu.h"

struct loop;
struct session;
struct tls;

/* Why a session ended: proto/session.def, with the words that the log shows. */
enum session_reason {
#define SESSION_REASON(name, text) SESSION_##name,
#include "proto/session.def"
    SESSION_REASONS
};

/* The states of F40; one table, one function that assigns. */
enum session_state {
#define SESSION_STATE(name, ...) SESSION_STATE_##name,
#include "proto/session.def"
    SESSION_STATES
};

/* What a peer does against the text and is forgiven. */
enum session_deviation {
#define SESSION_DEVIATION(name, text) DEVIATION_##name,
#include "proto/session.def"
    SESSION_DEVIATIONS
};

/* What became of a request of ours. */
enum session_fate {
    SESSION_ANSWERED, /* `response` is what came: its own response or a generic_nack (F111) */
    SESSION_UNSENT, /* no octet of it has left: withdrawn, or still in the outbox at the end (F100)
                     */
    SESSION_UNANSWERED /* it left, and its timer ran out or the connection ended: in doubt (F96,
                          F97) */
};

/* All but `request` may be NULL where the owner doesn't care. None may free the session. */
struct session_events {
    /* The bind was answered with ESME_ROK (ESME side), or session_accept_bind called (MC side). */
    void (*bound)(void *owner, struct session *session);
    /* A request that is well-formed and allowed in this state: bind_* on the MC side, deliver_sm,
     * data_sm, submit_sm … The owner answers with session_answer, in this turn or a later one.
     * alert_notification comes here too; to answer it does nothing, for it has no response.
     * enquire_link, unbind, unknown and misplaced commands are the session's own business. The
     * pdu's views die when the call returns. */
    void (*request)(void *owner, struct session *session, const struct pdu *pdu);
    /* Exactly once for every session_submit and session_request that was given. A late answer to a
     * timed-out submit comes as a second call with SESSION_ANSWERED (F25, F96). */
    void (*answered)(void *owner, struct session *session, uint64_t tag, unsigned part,
                     enum session_fate fate, const struct pdu *response);
    /* A response has actually been handed to the link whole (of session_answer with tag != 0). */
    void (*left)(void *owner, struct session *session, uint64_t tag);
    /* The end, after `answered` was called for all that was open. The owner forgets the pointer. */
    void (*closed)(void *owner, struct session *session, enum session_reason reason,
                   uint32_t status /* of the bind response, for SESSION_BIND_REFUSED; else 0 */);
    /* A deliver_sm or data_sm towards us, the ESME, that can't be decoded (F120): the owner keeps
     * the octets, raises an alarm and answers with ESME_ROK through session_answer. `header` has no
     * fields. NULL: the session answers and logs. */
    void (*unreadable)(void *owner, struct session *session, const struct pdu *header,
                       struct octets frame);
};

/* All times in milliseconds; 0 turns a timer off. Defaults: session_settings_default. */
struct session_settings {
    int64_t bind_ms;         /* session init: connected to bound (F70: 10 s) */
    int64_t enquire_link_ms; /* silence after which we ask (30 s) */
    int64_t response_ms;     /* how long an answer may take (60 s) */
    int64_t inactivity_ms;   /* MC side: nothing heard for so long (off) */
    int64_t partial_ms;      /* a PDU that has begun must end (10 s, F11) */
    unsigned window;         /* our unanswered requests (10, F91) */
    uint32_t pdu_limit;      /* longest PDU read once bound (70,000, F4); 512 before */
    unsigned answers_most;   /* of the peer's requests whose answers have not left: then reading stops until some
                                have (F93); 0: no limit */
    size_t outbox_limit;     /* octets waiting: above it reading stops until they leave (1 MiB) */
    struct tls *tls; /* base/tls.h; borrowed for the call; NULL: plain TCP (F400) */
};
extern const struct session_settings session_settings_default;

struct session_bind {    /* what an ESME says when it binds; strings are borrowed for the call */
    uint32_t command_id; /* bind_transmitter, bind_receiver, bind_transceiver; of an outbind: unused */
    const char *system_id, *password, *system_type;
    uint8_t interface_version; /* 0x34 (F65) */
};

/* Once a loop, before its first session: has the outboxes released in that stage of its turns. */
void session_serve(struct loop *loop);

/* ESME side: connects, binds, and says `bound` or `closed`. The strings are copied. */
struct session *session_connect(struct loop *loop, const char *host, uint16_t port,
                                const struct session_bind *bind,
                                const struct session_settings *settings,
                                const struct session_events *events, void *owner);
/* MC side: takes a connected socket; the owner judges the bind request that comes. */
struct session *session_adopt(struct loop *loop, int fd, const struct session_settings *settings,
                              const struct session_events *events, void *owner);
/* MC side: connects and says outbind, with the system_id and password of `outbind`; then as above (F47). */
struct session *session_call(struct loop *loop, const char *host, uint16_t port,
                             const struct session_bind *outbind,
                             const struct session_settings *settings,
                             const struct session_events *events, void *owner);
/* MC side: answers the bind with ESME_ROK and our system_id; the session is bound as asked. A
 * refusal is session_answer with an error status: the session stays open (F40). */
void session_accept_bind(struct session *session, const struct pdu *bind, const char *system_id);

/* A request that reaches no handset (the table says which: must) and that pdu_encode writes (must).
 * False: no room in the window, not bound for it, or unknown to the peer's version. `answered` is
 * called with the tag. Its sequence_number is set. */
bool session_request(struct session *session, struct pdu *pdu, uint64_t tag);

/* SYMBOL OF POWER: only src/outbound/carrier.c may call it. A submit_sm that pdu_encode writes
 * (must). False as above. The response comes to `answered` with tag and part. */
bool session_submit(struct session *session, struct pdu *pdu, uint64_t tag, unsigned part);

/* Room for how many more submits, of the window. */
unsigned session_room(const struct session *session);
/* Another window from now on. What is open beyond a smaller one is awaited as before. */
void session_set_window(struct session *session, unsigned window);
/* The same for the peer's requests: answers_most of the settings. */
void session_set_answers_most(struct session *session, unsigned most);

/* Answers a request by its sequence number: the matching response command, body left out on error
 * (F113). `answer` brings command_status and what fields the response has; NULL means ESME_ROK and
 * empty. TLVs are left out towards 3.3, and with an error towards all but 5.0 (F61, F114); the
 * rest must be what pdu_encode writes. tag: see `left`. Does nothing once the session is closed. */
void session_answer(struct session *session, const struct pdu *request_or_header,
                    const struct pdu *answer, uint64_t tag);

/* Takes back every unsent submit for which `is_meant(who, tag, part)`; each gets `answered` with
 * SESSION_UNSENT before the call returns. Gives how many. */
unsigned session_withdraw(struct session *session,
                          bool (*is_meant)(void *who, uint64_t tag, unsigned part), void *who);

/* How many submits that have (at least begun to have) left are unanswered and `is_meant`. */
unsigned session_unanswered(const struct session *session,
                            bool (*is_meant)(void *who, uint64_t tag, unsigned part), void *who);

/* The commit failed: every request and every answer that the owner put into the outbox in this turn
 * is taken out; requests get SESSION_UNSENT. Gives whether an answer was among them. Binds stay
 * answered. */
bool session_rollback(struct session *session);

/* Unbinds (F48): no new requests, takes back the unsent ones, waits for the open ones up to
 * `wait_ms`, sends unbind, waits up to 5 s for its response, closes with SESSION_WE_UNBOUND. One
 * that isn't bound is closed; one that is leaving already waits no longer than this asks for. */
void session_leave(struct session *session, int64_t wait_ms);
/* Closes the connection; `closed` is called before this returns. */
void session_close(struct session *session, enum session_reason reason);
/* Stops and resumes reading (back-pressure of the owner). */
void session_want_read(struct session *session, bool wanted);

enum session_state session_state(const struct session *session);
const char *session_state_name(enum session_state state);
const char *session_reason_text(enum session_reason reason);
/* In `closed`: what the link said, where the reason is one of the connection's; else "". */
const char *session_fault(const struct session *session);
bool session_is_bound(const struct session *session);
bool session_may_submit(const struct session *session); /* bound as transmitter or transceiver */
bool session_may_hear(const struct session *session);   /* bound as receiver or transceiver */
uint8_t session_version(const struct session *session); /* the lower of both sides (F60) */
bool session_takes_tlvs(const struct session *session); /* F61, F63 */
const char *session_peer(const struct session *session);
void session_set_name(struct session *session,
                      const char *name); /* for logs: "sim/1", "campaigns" */

/* Counts one that the owner found, and logs the first; detail: words of ours, or NULL. */
void session_note(struct session *session, enum session_deviation deviation, const char *detail);
struct session_deviated {
    const char *name, *text; /* for programs, and for people; live forever */
    uint64_t count;
    int64_t last_at; /* wall clock */
};
/* What the peer did against the text, by name (F10): calls `each` for those that happened. */
void session_deviations(const struct session *session,
                        void (*each)(void *who, const struct session_deviated *deviated), void *who);
/* In `answered`, with SESSION_ANSWERED: how long the answer took. */
int64_t session_answer_ms(const struct session *session);

#endif
