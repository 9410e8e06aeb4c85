/* A session's life: states, timers, bind, unbind, end. */
#include "smpp/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "session_parts.h"

#define OUR_VERSION_AS_MC 0x50

const struct session_settings session_settings_default = {
    .bind_ms = 10000,
    .enquire_link_ms = 30000,
    .response_ms = 60000,
    .inactivity_ms = 0,
    .partial_ms = 10000,
    .window = 10,
    .pdu_limit = 70000,
    .outbox_limit = 1 << 20,
};

static const char *const reason_texts[] = {
#define SESSION_REASON(name, text) text,
#include "proto/session.def"
};

static const char *const state_names[] = {
#define SESSION_STATE(name, text, sending) text,
#include "proto/session.def"
};

static const enum pdu_states state_sending[] = {
#define SESSION_STATE(name, text, sending) PDU_##sending,
#include "proto/session.def"
};

static const bool moves[SESSION_STATES][SESSION_STATES] = {
#define SESSION_MOVE(from, to) [SESSION_STATE_##from][SESSION_STATE_##to] = true,
#include "proto/session.def"
};

static const char *const deviation_names[] = {
#define SESSION_DEVIATION(name, text) #name,
#include "proto/session.def"
};

static const char *const deviation_texts[] = {
#define SESSION_DEVIATION(name, text) text,
#include "proto/session.def"
};

/* ---- states */

/* The one place where a state is assigned. */
void session_move(struct session *session, enum session_state to, const char *why)
{
    must(moves[session->state][to]);
    log_info("session name=%s %s -> %s why=\"%s\"", session->name, state_names[session->state],
             state_names[to], why);
    session->state = to;
}

enum pdu_states session_peer_sends(const struct session *session)
{
    enum pdu_states sending = state_sending[session->state];
    return sending == PDU_BOUND ? session->bound_as : sending;
}

static void note(struct session *session, const char *name, const char *text, const char *detail,
                 struct counted_deviation *counted)
{
    counted->last_at = clock_wall_ms();
    if (counted->count++ == 0)
        log_info("session name=%s deviates how=%s what=\"%s\" first=\"%s\"", session->name, name,
                 text, detail == NULL ? "" : detail);
}

void session_note(struct session *session, enum session_deviation deviation, const char *detail)
{
    note(session, deviation_names[deviation], deviation_texts[deviation], detail,
         &session->own_deviations[deviation]);
}

void session_note_pdu(struct session *session, const struct pdu *pdu)
{
    if (pdu->tlv_octets.length > 0)
        session->has_seen_tlvs = true;
    for (enum pdu_deviation i = 0; pdu->deviations != 0 && i < PDU_DEVIATIONS; i++) {
        if (pdu_deviates(pdu, i))
            note(session, pdu_deviation_name(i), pdu_deviation_text(i),
                 pdu_command_name(pdu->command_id), &session->pdu_deviations[i]);
    }
}

/* ---- the end */

static void session_free(void *dead)
{
    struct session *session = dead;
    requests_free(session);
    free(session->input);
    free(session->name);
    free(session->peer);
    free(session->fault);
    free(session);
}

/* The ESME's words are needed once; the password no longer than that. */
static void wipe_bind(struct session_bind *bind)
{
    const char *texts[] = {bind->system_id, bind->password, bind->system_type};
    for (unsigned i = 0; i < 3; i++) {
        union {
            const char *borrowed;
            char *owned;
        } text = {.borrowed = texts[i]};
        if (text.owned != NULL)
            explicit_bzero(text.owned, strlen(text.owned));
        free(text.owned);
    }
    bind->system_id = bind->password = bind->system_type = NULL;
}

static void clear_timers(struct session *session)
{
    struct timer *timers[] = {&session->phase,    &session->quiet, &session->partial,
                              &session->response, &session->stuck, &session->resume};
    for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++)
        timer_clear(session->loop, timers[i]);
}

static void report_sent(struct session *session)
{
    struct request *request;
    while ((request = TAILQ_FIRST(&session->sent)) != NULL) {
        request_remove(session, request);
        request_report(session, request, SESSION_UNANSWERED, NULL);
        free(request);
    }
}

/* What more than the reason is known, or "". */
static const char *reason_detail(struct session *session, enum session_reason reason,
                                 uint32_t status)
{
    if (status != 0)
        return pdu_status_get(status)->meaning;
    if (reason == SESSION_CONNECT_FAILED || reason == SESSION_LINK_FAILED ||
        reason == SESSION_BIND_TIMEOUT)
        session->fault = mem_text(link_fault(session->link));
    return session_fault(session);
}

/* Whoever waits for an answer hears of it before the owner hears of the end. */
static void end(struct session *session, enum session_reason reason, uint32_t status)
{
    char why[320];
    const char *detail = reason_detail(session, reason, status);
    snprintf(why, sizeof why, "%s%s%s", reason_texts[reason], *detail == '\0' ? "" : ": ", detail);
    session_move(session, SESSION_STATE_CLOSED, why);
    session->is_reading = false;
    clear_timers(session);
    outbox_unschedule(session);
    link_close(session->link);
    session->link = NULL;
    outbox_drop(session);
    requests_report_taken(session);
    report_sent(session);
    wipe_bind(&session->bind);
    if (session->events->closed != NULL)
        session->events->closed(session->owner, session, reason, status);
    loop_bury(session->loop, session_free, session);
}

void session_close(struct session *session, enum session_reason reason)
{
    if (!session_is_closed(session))
        end(session, reason, 0);
}

/* ---- phases: states that end by themselves */

static void phase_rings(void *owner);

static void set_phase(struct session *session, int64_t wait_ms)
{
    timer_set(session->loop, &session->phase, wait_ms, phase_rings, session);
}

void session_finish(struct session *session, enum session_reason reason)
{
    if (session_is_closed(session) || session->state == SESSION_STATE_CLOSING)
        return;
    session->end_reason = reason;
    session_move(session, SESSION_STATE_CLOSING, reason_texts[reason]);
    outbox_take_back(session);
    if (session_is_closed(session))
        return;
    set_phase(session, GRACE_MS);
    session_update_reading(session);
    outbox_schedule(session);
}

static void send_unbind(struct session *session)
{
    session_move(session, SESSION_STATE_UNBINDING, reason_texts[session->end_reason]);
    outbox_put_own(session, &(struct pdu){.command_id = SMPP_unbind});
    set_phase(session, UNBIND_MS);
}

static void answer_unbind(struct session *session)
{
    session->owes_unbind = false;
    outbox_put_status(session, SMPP_unbind_resp, session->unbind_sequence, ESME_ROK);
    set_phase(session, GRACE_MS);
}

static void phase_rings(void *owner)
{
    struct session *session = owner;
    if (session->state == SESSION_STATE_LEAVING)
        send_unbind(session);
    else if (session->state == SESSION_STATE_UNBOUND && session->owes_unbind)
        answer_unbind(session);
    else if (session->state == SESSION_STATE_UNBOUND)
        session_close(session, SESSION_PEER_UNBOUND);
    else if (session->state == SESSION_STATE_UNBINDING || session->state == SESSION_STATE_CLOSING)
        session_close(session, session->end_reason);
    else
        session_close(session, SESSION_BIND_TIMEOUT);
}

void session_settle_phase(struct session *session)
{
    bool is_settled = session->owed == 0;
    if (session->state == SESSION_STATE_LEAVING && is_settled && session->open == 0)
        send_unbind(session);
    else if (session->state == SESSION_STATE_UNBOUND && is_settled && session->owes_unbind)
        answer_unbind(session);
    else if (session->state == SESSION_STATE_CLOSING && TAILQ_EMPTY(&session->outbox) &&
             link_has_left(session->link))
        session_close(session, session->end_reason);
}

/* Who asks later may have less patience: the end of the gateway, while an operator's drain goes on. */
static void leave_sooner(struct session *session, int64_t wait_ms)
{
    if (session->phase.due_ms > clock_mono_ms() + wait_ms)
        set_phase(session, wait_ms);
}

void session_leave_for(struct session *session, int64_t wait_ms, enum session_reason reason)
{
    bool is_ending = session->state > SESSION_STATE_BOUND_TRX;
    if (session->state == SESSION_STATE_LEAVING)
        leave_sooner(session, wait_ms);
    if (is_ending)
        return;
    if (!session_is_bound(session)) {
        session_close(session, reason);
        return;
    }
    session->end_reason = reason;
    session_move(session, SESSION_STATE_LEAVING, reason_texts[reason]);
    outbox_take_back(session);
    if (session->state != SESSION_STATE_LEAVING)
        return;
    set_phase(session, wait_ms);
    session_settle_phase(session);
}

void session_leave(struct session *session, int64_t wait_ms)
{
    session_leave_for(session, wait_ms, SESSION_WE_UNBOUND);
}

/* Accepted requests are answered first, then the unbind; then the peer closes (F50). Where both
 * sides unbind, each answers the other and waits for its own answer (F51). */
void session_unbind_asked(struct session *session, const struct pdu *unbind)
{
    if (session->state == SESSION_STATE_UNBINDING || session->state == SESSION_STATE_UNBOUND) {
        outbox_put_status(session, SMPP_unbind_resp, unbind->sequence_number, ESME_ROK);
        return;
    }
    session->unbind_sequence = unbind->sequence_number;
    session->owes_unbind = true;
    session_move(session, SESSION_STATE_UNBOUND, "the peer asked for it");
    outbox_take_back(session);
    if (session_is_closed(session))
        return;
    set_phase(session, UNBIND_MS);
    session_settle_phase(session);
}

/* ---- life signs */

static void quiet_rings(void *owner);

static void watch_quiet(struct session *session)
{
    const struct session_settings *settings = &session->settings;
    int64_t from = session->heard_at;
    int64_t due_ms = INT64_MAX;
    if (settings->enquire_link_ms > 0 && session->asked_at > from)
        from = session->asked_at;
    if (settings->enquire_link_ms > 0)
        due_ms = from + settings->enquire_link_ms;
    if (settings->inactivity_ms > 0 && session->heard_at + settings->inactivity_ms < due_ms)
        due_ms = session->heard_at + settings->inactivity_ms;
    if (due_ms != INT64_MAX)
        timer_set(session->loop, &session->quiet, due_ms - clock_mono_ms(), quiet_rings, session);
}

/* One enquire_link is open at a time. Anything that is heard is a sign of life (F71). */
static void enquire(struct session *session)
{
    if (session->enquiry != NULL && session->enquiry->stage == REQUEST_SENT) {
        struct request *old = session->enquiry;
        request_remove(session, old);
        free(old);
    }
    session->asked_at = clock_mono_ms();
    if (session->enquiry == NULL)
        session->enquiry = outbox_put_own(session, &(struct pdu){.command_id = SMPP_enquire_link});
}

/* The timer is not set anew by each PDU: when it rings it looks at what was heard since. */
static void quiet_rings(void *owner)
{
    struct session *session = owner;
    const struct session_settings *settings = &session->settings;
    int64_t now_ms = clock_mono_ms();
    if (session_peer_sends(session) != session->bound_as)
        return; /* it is ending */
    if (!session->is_reading)
        session->heard_at = now_ms; /* it is we who don't listen */
    int64_t silent_ms = now_ms - session->heard_at;
    if (settings->inactivity_ms > 0 && silent_ms >= settings->inactivity_ms) {
        session_leave_for(session, 0, SESSION_INACTIVE);
        return;
    }
    bool is_asked = session->asked_at > session->heard_at;
    if (settings->enquire_link_ms > 0 && is_asked &&
        now_ms - session->asked_at >= settings->enquire_link_ms) {
        session_close(session, SESSION_SILENT); /* F73 */
        return;
    }
    if (settings->enquire_link_ms > 0 && !is_asked && silent_ms >= settings->enquire_link_ms)
        enquire(session);
    watch_quiet(session);
}

/* ---- bind */

static enum session_state bound_state(enum pdu_states bound_as)
{
    if (bound_as == PDU_BOUND_TX)
        return SESSION_STATE_BOUND_TX;
    return bound_as == PDU_BOUND_RX ? SESSION_STATE_BOUND_RX : SESSION_STATE_BOUND_TRX;
}

static enum pdu_states bound_by(uint32_t command_id)
{
    if (command_id == SMPP_bind_transmitter)
        return PDU_BOUND_TX;
    return command_id == SMPP_bind_receiver ? PDU_BOUND_RX : PDU_BOUND_TRX;
}

/* Old ones are 3.3, odd ones what is next below (F61). */
static uint8_t known_version(uint32_t version)
{
    if (version < 0x34)
        return 0x33;
    return version < 0x50 ? 0x34 : 0x50;
}

static void become_bound(struct session *session, uint32_t command_id)
{
    session->bound_as = bound_by(command_id);
    session_move(session, bound_state(session->bound_as), pdu_command_name(command_id));
    timer_clear(session->loop, &session->phase);
    session->heard_at = clock_mono_ms();
    watch_quiet(session);
    if (session->events->bound != NULL)
        session->events->bound(session->owner, session);
    session_update_reading(session);
}

void session_bind_answered(struct session *session, const struct pdu *response)
{
    if (session->state != SESSION_STATE_BINDING)
        return;
    bool is_nack = response->command_id == SMPP_generic_nack;
    if (response->command_status != ESME_ROK || is_nack) {
        end(session, SESSION_BIND_REFUSED, response->command_status);
        return;
    }
    uint32_t version;
    if (pdu_tlv_number(response, TLV_sc_interface_version, &version)) {
        session->peer_version = known_version(version);
        session->has_seen_tlvs = session->peer_version >= 0x34;
    } else {
        session->peer_version = session->our_version;
    }
    become_bound(session, session->bind.command_id);
}

void session_bind_asked(struct session *session, const struct pdu *bind)
{
    session->peer_version = known_version(bind->interface_version);
    session_move(session, SESSION_STATE_BINDING, pdu_command_name(bind->command_id));
    session_update_reading(session);
}

void session_accept_bind(struct session *session, const struct pdu *bind, const char *system_id)
{
    if (session->state != SESSION_STATE_BINDING)
        return;
    must(session->side == PDU_MC);
    uint8_t room[4];
    struct tlv version = tlv_number(TLV_sc_interface_version, OUR_VERSION_AS_MC, room);
    struct pdu response = {
        .command_id = bind->command_id | SMPP_RESPONSE,
        .sequence_number = bind->sequence_number,
        .system_id = octets_text(system_id),
        .tlvs = &version,
        .tlv_count = session->peer_version >= 0x34 ? 1 : 0,
    };
    /* Urgent, or the answer to an enquire_link that came behind the bind would overtake it. */
    outbox_put(session, &response, FRAME_OWN, NULL, 0, true);
    session->owed--;
    become_bound(session, bind->command_id);
}

static void begin_open(struct session *session, const char *why)
{
    session_move(session, SESSION_STATE_OPEN, why);
    session->is_reading = true;
}

static void begin_bind(struct session *session)
{
    struct pdu bind = {
        .command_id = session->bind.command_id,
        .system_id = octets_text(session->bind.system_id),
        .password = octets_text(session->bind.password),
        .system_type = octets_text(session->bind.system_type),
        .interface_version = session->bind.interface_version,
    };
    if (pdu_size(&bind) == 0) {
        session_close(session, SESSION_BIND_UNWRITABLE);
        return;
    }
    session_move(session, SESSION_STATE_BINDING, "connected");
    session->is_reading = true;
    outbox_put_own(session, &bind);
    wipe_bind(&session->bind);
    session_update_reading(session);
}

/* It has no response: the peer binds, or doesn't. */
static void begin_outbind(struct session *session)
{
    struct pdu outbind = {
        .command_id = SMPP_outbind,
        .sequence_number = session->next_sequence++,
        .system_id = octets_text(session->bind.system_id),
        .password = octets_text(session->bind.password),
    };
    if (pdu_size(&outbind) == 0) {
        session_close(session, SESSION_BIND_UNWRITABLE);
        return;
    }
    begin_open(session, "connected, to be bound");
    outbox_put(session, &outbind, FRAME_OWN, NULL, 0, false);
    wipe_bind(&session->bind);
}

static void link_opened(void *owner)
{
    struct session *session = owner;
    if (session->side == PDU_ESME)
        begin_bind(session);
    else if (session->bind.system_id != NULL)
        begin_outbind(session);
    else
        begin_open(session, "accepted, with TLS");
}

static void link_writable(void *owner)
{
    struct session *session = owner;
    link_want_write(session->link, false);
    outbox_schedule(session);
}

static void link_failed(void *owner, const char *why)
{
    (void)why; /* it is the link's fault, which the end will tell */
    session_close(owner, SESSION_CONNECT_FAILED);
}

static const struct link_events link_events = {
    .opened = link_opened,
    .readable = session_readable,
    .writable = link_writable,
    .failed = link_failed,
};

/* ---- the beginning */

static struct session *session_new(struct loop *loop, enum pdu_side side,
                                   const struct session_settings *settings,
                                   const struct session_events *events, void *owner)
{
    must(outbox_is_served(loop));
    struct session *session = mem_new(sizeof *session);
    session->loop = loop;
    session->side = side;
    session->settings = *settings;
    session->events = events;
    session->owner = owner;
    session->state = SESSION_STATE_CONNECTING;
    session->end_reason = SESSION_WE_UNBOUND;
    session->owner_wants_read = true;
    session->next_sequence = 1;
    TAILQ_INIT(&session->sent);
    TAILQ_INIT(&session->overdue);
    TAILQ_INIT(&session->taken);
    TAILQ_INIT(&session->outbox);
    if (settings->bind_ms > 0)
        set_phase(session, settings->bind_ms);
    return session;
}

static void name_by_peer(struct session *session)
{
    session->peer = mem_text(link_peer(session->link));
    session->name = mem_text(session->peer);
}

static struct session *session_to(struct loop *loop, enum pdu_side side, const char *host,
                                  uint16_t port, const struct session_bind *bind,
                                  const struct session_settings *settings,
                                  const struct session_events *events, void *owner)
{
    struct session *session = session_new(loop, side, settings, events, owner);
    session->bind.command_id = bind->command_id;
    session->bind.system_id = mem_text(bind->system_id);
    session->bind.password = mem_text(bind->password);
    session->bind.system_type = mem_text(bind->system_type);
    session->bind.interface_version = bind->interface_version;
    session->our_version = side == PDU_MC ? OUR_VERSION_AS_MC : known_version(bind->interface_version);
    session->peer_version = session->our_version;
    session->link = link_connect(loop, host, port, &link_events, session);
    if (settings->tls != NULL)
        link_secure(session->link, settings->tls, host);
    name_by_peer(session);
    return session;
}

struct session *session_connect(struct loop *loop, const char *host, uint16_t port,
                                const struct session_bind *bind,
                                const struct session_settings *settings,
                                const struct session_events *events, void *owner)
{
    return session_to(loop, PDU_ESME, host, port, bind, settings, events, owner);
}

struct session *session_call(struct loop *loop, const char *host, uint16_t port,
                             const struct session_bind *outbind,
                             const struct session_settings *settings,
                             const struct session_events *events, void *owner)
{
    return session_to(loop, PDU_MC, host, port, outbind, settings, events, owner);
}

struct session *session_adopt(struct loop *loop, int fd, const struct session_settings *settings,
                              const struct session_events *events, void *owner)
{
    struct session *session = session_new(loop, PDU_MC, settings, events, owner);
    session->our_version = session->peer_version = OUR_VERSION_AS_MC;
    session->link = link_adopt(loop, fd, &link_events, session);
    name_by_peer(session);
    if (settings->tls != NULL)
        link_secure(session->link, settings->tls, NULL);
    else
        begin_open(session, "accepted");
    return session;
}

/* ---- what others may know */

enum session_state session_state(const struct session *session)
{
    return session->state;
}

const char *session_state_name(enum session_state state)
{
    return state_names[state];
}

const char *session_reason_text(enum session_reason reason)
{
    return reason_texts[reason];
}

const char *session_fault(const struct session *session)
{
    return session->fault == NULL ? "" : session->fault;
}

bool session_is_bound(const struct session *session)
{
    return session->state == SESSION_STATE_BOUND_TX || session->state == SESSION_STATE_BOUND_RX ||
           session->state == SESSION_STATE_BOUND_TRX;
}

bool session_may_submit(const struct session *session)
{
    return session_is_bound(session) && (session->bound_as & PDU_TX) != 0;
}

bool session_may_hear(const struct session *session)
{
    return session_is_bound(session) && (session->bound_as & PDU_RX) != 0;
}

uint8_t session_version(const struct session *session)
{
    return session->our_version < session->peer_version ? session->our_version
                                                        : session->peer_version;
}

bool session_takes_tlvs(const struct session *session)
{
    bool is_new_enough = session_version(session) >= 0x34;
    return is_new_enough && (session->side == PDU_MC || session->has_seen_tlvs);
}

const char *session_peer(const struct session *session)
{
    return session->peer;
}

void session_set_name(struct session *session, const char *name)
{
    free(session->name);
    session->name = mem_text(name);
}

void session_deviations(const struct session *session,
                        void (*each)(void *who, const struct session_deviated *deviated), void *who)
{
    for (unsigned i = 0; i < PDU_DEVIATIONS; i++) {
        const struct counted_deviation *counted = &session->pdu_deviations[i];
        if (counted->count > 0)
            each(who, &(struct session_deviated){pdu_deviation_name(i), pdu_deviation_text(i), counted->count,
                                                 counted->last_at});
    }
    for (unsigned i = 0; i < SESSION_DEVIATIONS; i++) {
        const struct counted_deviation *counted = &session->own_deviations[i];
        if (counted->count > 0)
            each(who, &(struct session_deviated){deviation_names[i], deviation_texts[i], counted->count,
                                                 counted->last_at});
    }
}

int64_t session_answer_ms(const struct session *session)
{
    return session->answer_ms;
}
