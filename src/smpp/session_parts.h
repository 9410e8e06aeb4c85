/* session_parts: the inside of a session, shared by the files session*.c:
 *
 *   session.c           its life: states, timers, bind, unbind, end
 *   session_input.c     octets to PDUs, and what each PDU does
 *   session_requests.c  our requests that wait for an answer, by sequence number
 *   session_output.c    the outbox: what leaves, in which order, and what is taken back
 */
#ifndef SMPP_SESSION_PARTS_H
#define SMPP_SESSION_PARTS_H

#include <sys/queue.h>

#include "base/link.h"
#include "base/loop.h"
#include "smpp/session.h"

#define PDU_LIMIT_OPEN 512  /* before a bind (F4) */
#define GRACE_MS       2000 /* for the peer to close, or to take our last words (F50) */
#define UNBIND_MS      5000 /* for unbind_resp: stopping must not take the whole response time */
#define MALFORMED_MOST 10   /* in a row (F119) */
#define MISPLACED_MOST 3    /* before a bind (F43) */
#define SEQUENCE_MOST  0x7FFFFFFF /* F20 */

enum frame_kind {
    FRAME_SUBMIT,  /* of session_submit */
    FRAME_REQUEST, /* of session_request */
    FRAME_ANSWER,  /* of session_answer */
    FRAME_OWN      /* bind, unbind, enquire_link and all that no commit stands for */
};

enum request_stage { REQUEST_QUEUED, REQUEST_SENT, REQUEST_OVERDUE };

/* A request of ours. In the table by its number until it is answered or the session ends. */
struct request {
    TAILQ_ENTRY(request) line; /* of the stage's list, or of `taken` */
    struct request *next;      /* in its bucket */
    uint32_t sequence_number;
    uint32_t command_id;
    enum frame_kind kind;
    uint64_t tag;
    unsigned part;
    enum request_stage stage;
    int64_t sent_at; /* monotonic: when its first octet left */
};
TAILQ_HEAD(request_list, request);

struct frame {
    TAILQ_ENTRY(frame) line;
    uint64_t turn; /* leaves in the release stage of this turn or later */
    enum frame_kind kind;
    bool is_urgent;          /* stands before all that isn't */
    struct request *request; /* while no octet has left; NULL for an answer */
    uint64_t tag;            /* of an answer */
    size_t length, left;     /* octets; left: handed to the link */
    uint8_t octets[];
};
TAILQ_HEAD(frame_list, frame);

struct session {
    struct loop *loop;
    struct link *link;
    const struct session_events *events;
    void *owner;
    struct session_settings settings;
    enum pdu_side side; /* what we are */
    enum session_state state;
    enum pdu_states bound_as;
    enum session_reason end_reason; /* in LEAVING, UNBINDING and CLOSING: how it will end */
    char *name, *peer;
    char *fault; /* what the link said at the end, or NULL */
    struct session_bind bind; /* ESME side, or the outbind of an MC, until it was sent; strings owned */
    uint8_t our_version, peer_version;
    bool has_seen_tlvs; /* the peer sends them, so it takes them (F63) */

    struct timer phase; /* how long this state may last */
    struct timer quiet; /* enquire_link and inactivity */
    int64_t heard_at, asked_at;
    struct request *enquiry; /* our enquire_link that is not answered yet */

    /* input */
    uint8_t *input;
    size_t input_used, input_room;
    bool is_reading; /* what the link was told */
    bool owner_wants_read;
    bool has_heard_first; /* the first four octets are SMPP */
    struct timer partial, resume;
    unsigned malformed_run, misplaced_count;
    unsigned owed; /* requests given to the owner and not answered yet */
    bool owes_unbind;
    uint32_t unbind_sequence;

    /* requests */
    struct request **buckets;
    size_t bucket_count, request_count;
    uint32_t next_sequence;
    unsigned open;                     /* of the window: queued or sent, not overdue */
    struct request_list sent, overdue; /* oldest first; without our own */
    struct request_list taken;         /* withdrawn, to be reported as unsent */
    int64_t answer_ms;                 /* how long the answer that is being told of took */
    struct timer response;

    /* output */
    struct frame_list outbox;
    struct frame *last_urgent;
    unsigned answers;     /* of session_answer, in the outbox */
    size_t outbox_octets; /* with what the frames themselves cost */
    TAILQ_ENTRY(session) ready;
    bool is_ready;
    uint64_t ready_turn;
    struct timer stuck;
    int64_t taken_at; /* when the link last took octets */

    struct counted_deviation {
        uint64_t count;
        int64_t last_at; /* wall clock */
    } pdu_deviations[PDU_DEVIATIONS], own_deviations[SESSION_DEVIATIONS];
};

static inline bool session_is_closed(const struct session *session)
{
    return session->state == SESSION_STATE_CLOSED;
}

static inline bool session_is_bind(uint32_t command_id)
{
    return command_id == SMPP_bind_receiver || command_id == SMPP_bind_transmitter ||
           command_id == SMPP_bind_transceiver;
}

/* ---- session.c */
void session_move(struct session *session, enum session_state to, const char *why);
/* Ends it once the outbox has left; nothing is read any more. */
void session_finish(struct session *session, enum session_reason reason);
/* Unbinds, and ends with this reason. */
void session_leave_for(struct session *session, int64_t wait_ms, enum session_reason reason);
/* Something that a leaving or unbound session may wait for has happened. */
void session_settle_phase(struct session *session);
void session_bind_answered(struct session *session, const struct pdu *response);
void session_bind_asked(struct session *session, const struct pdu *bind);
void session_unbind_asked(struct session *session, const struct pdu *unbind);
void session_note_pdu(struct session *session, const struct pdu *pdu);
enum pdu_states session_peer_sends(const struct session *session);

/* ---- session_input.c */
void session_readable(void *owner);
/* Reads or stops reading, as owner, outbox and state allow. */
void session_update_reading(struct session *session);

/* ---- session_requests.c */
struct request *request_new(struct session *session, enum frame_kind kind, uint32_t command_id,
                            uint64_t tag, unsigned part);
struct request *request_find(const struct session *session, uint32_t sequence_number);
void request_mark_sent(struct session *session, struct request *request);
/* Takes it out of the table and its list; the caller frees or reports it. */
void request_remove(struct session *session, struct request *request);
void request_report(struct session *session, struct request *request, enum session_fate fate,
                    const struct pdu *response);
void requests_report_taken(struct session *session);
void requests_free(struct session *session);

/* ---- session_output.c */
bool outbox_is_served(const struct loop *loop);
/* Puts a PDU into the outbox. It must be one that can be written. */
void outbox_put(struct session *session, const struct pdu *pdu, enum frame_kind kind,
                struct request *request, uint64_t tag, bool is_urgent);
/* A request of our own. */
struct request *outbox_put_own(struct session *session, struct pdu *pdu);
/* A response or a generic_nack of our own. */
void outbox_put_status(struct session *session, uint32_t command_id, uint32_t sequence_number,
                       uint32_t status);
/* Takes every unsent request out and reports it. */
void outbox_take_back(struct session *session);
void outbox_drop(struct session *session); /* all frames; unsent requests go to `taken` */
void outbox_schedule(struct session *session);
void outbox_unschedule(struct session *session);
void session_check_stuck(struct session *session);
/* So much of it waits that nothing is read until some has left. */
bool outbox_is_full(const struct session *session);

#endif
