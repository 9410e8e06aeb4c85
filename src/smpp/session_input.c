/* Octets to PDUs, and what each PDU does: the table of F121. Memory grows by what has come, never
 * by what a length announces. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "session_parts.h"

#define CHUNK_SIZE  16384
#define CHUNKS_MOST 16 /* a turn: others want to be heard too */

/* ---- requests of the peer */

static void answer_with(struct session *session, const struct pdu *request, uint32_t status)
{
    outbox_put_status(session, request->command_id | SMPP_RESPONSE, request->sequence_number,
                      status);
}

static void refuse_misplaced(struct session *session, const struct pdu_row *row,
                             const struct pdu *pdu)
{
    session_note(session, DEVIATION_misplaced_request, row->name);
    if (row->kind == PDU_NOTICE)
        return;
    bool is_second_bind = session_is_bind(row->id) && session->bound_as != PDU_NEVER;
    answer_with(session, pdu, is_second_bind ? ESME_RALYBND : ESME_RINVBNDSTS);
    if (session->bound_as == PDU_NEVER && ++session->misplaced_count >= MISPLACED_MOST)
        session_finish(session, SESSION_MISPLACED);
}

static void count_malformed(struct session *session)
{
    if (++session->malformed_run >= MALFORMED_MOST)
        session_finish(session, SESSION_MALFORMED);
}

/* A person's message must not be lost nor come back for days because we can't read it (F120). */
static void take_unreadable(struct session *session, const struct pdu *pdu, struct octets frame)
{
    if (session->events->unreadable != NULL) {
        session->owed++;
        session->events->unreadable(session->owner, session, pdu, frame);
        return;
    }
    log_warn("session name=%s lost %s sequence=%u", session->name,
             pdu_command_name(pdu->command_id), (unsigned)pdu->sequence_number);
    answer_with(session, pdu, ESME_ROK);
}

static void refuse_malformed(struct session *session, const struct pdu_row *row,
                             const struct pdu *pdu, enum pdu_result result, struct octets frame)
{
    char why[160];
    pdu_explain(pdu, result, why, sizeof why);
    session_note(session, DEVIATION_malformed_request, why);
    bool is_message = row->id == SMPP_deliver_sm || row->id == SMPP_data_sm;
    if (is_message && session->side == PDU_ESME)
        take_unreadable(session, pdu, frame);
    else if (row->kind == PDU_REQUEST)
        answer_with(session, pdu, pdu->fault.status);
    count_malformed(session);
}

static void hand_to_owner(struct session *session, const struct pdu_row *row, const struct pdu *pdu)
{
    if (row->kind == PDU_REQUEST)
        session->owed++;
    if (session_is_bind(row->id))
        session_bind_asked(session, pdu);
    if (session->events->request != NULL)
        session->events->request(session->owner, session, pdu);
    else if (row->kind == PDU_REQUEST)
        session_answer(session, pdu, &(struct pdu){.command_status = ESME_RINVCMDID}, 0);
    if (session->owed > 0)
        session_update_reading(session);
}

static void take_request(struct session *session, const struct pdu *pdu, enum pdu_result result,
                         struct octets frame)
{
    const struct pdu_row *row = pdu_command_find(pdu->command_id);
    enum pdu_side peer = session->side == PDU_ESME ? PDU_MC : PDU_ESME;
    if (row == NULL) {
        session_note(session, DEVIATION_unknown_request, NULL);
        outbox_put_status(session, SMPP_generic_nack, pdu->sequence_number, ESME_RINVCMDID);
    } else if (row->id == SMPP_enquire_link) {
        answer_with(session, pdu, ESME_ROK); /* in every state (F43) */
    } else if (row->id == SMPP_unbind) {
        session_unbind_asked(session, pdu);
    } else if (row->id == SMPP_outbind || !pdu_may_send(row, peer, session_peer_sends(session))) {
        refuse_misplaced(session, row, pdu);
    } else if (result != PDU_OK) {
        refuse_malformed(session, row, pdu, result, frame);
    } else {
        session->malformed_run = 0;
        hand_to_owner(session, row, pdu);
    }
}

/* ---- responses of the peer */

static void take_own_response(struct session *session, uint32_t command_id, const struct pdu *pdu)
{
    if (command_id == SMPP_unbind)
        session_finish(session, session->end_reason);
    else if (command_id != SMPP_enquire_link)
        session_bind_answered(session, pdu);
    else if (pdu->command_id == SMPP_enquire_link_resp && pdu->command_status != ESME_ROK) /* F75 */
        session_leave_for(session, session->settings.response_ms, SESSION_BIND_LOST);
}

static void settle(struct session *session, struct request *request, const struct pdu *pdu)
{
    if (request->stage == REQUEST_OVERDUE)
        session_note(session, DEVIATION_late_response, pdu_command_name(pdu->command_id));
    enum frame_kind kind = request->kind;
    uint32_t command_id = request->command_id;
    request_remove(session, request);
    request_report(session, request, SESSION_ANSWERED, pdu);
    free(request);
    if (session_is_closed(session))
        return;
    if (kind == FRAME_OWN)
        take_own_response(session, command_id, pdu);
    else if (kind == FRAME_SUBMIT && pdu->command_status == ESME_RINVBNDSTS) /* F119 */
        session_leave_for(session, session->settings.response_ms, SESSION_BIND_LOST);
    else
        session_settle_phase(session);
}

/* A body that can't be read takes nothing from the answer: its status counts, its fields are empty
 * (F115). A response is never answered, however odd (F112). */
static void take_response(struct session *session, const struct pdu *pdu, enum pdu_result result)
{
    if (result == PDU_UNKNOWN_COMMAND) {
        session_note(session, DEVIATION_unknown_response, NULL);
        return;
    }
    struct request *request = request_find(session, pdu->sequence_number);
    bool is_sent = request != NULL && request->stage != REQUEST_QUEUED;
    if (!is_sent) {
        session_note(session, DEVIATION_unmatched_response, pdu_command_name(pdu->command_id));
        return;
    }
    bool is_nack = pdu->command_id == SMPP_generic_nack; /* F111 */
    if (!is_nack && pdu->command_id != (request->command_id | SMPP_RESPONSE)) {
        session_note(session, DEVIATION_mismatched_response, pdu_command_name(pdu->command_id));
        return;
    }
    if (result != PDU_OK) {
        char why[160];
        pdu_explain(pdu, result, why, sizeof why);
        session_note(session, DEVIATION_malformed_response, why);
        count_malformed(session);
    } else {
        session->malformed_run = 0;
    }
    settle(session, request, pdu);
}

/* ---- framing */

/* A TLS record or an HTTP request or answer in the place of the first length (F7). */
static bool is_other_protocol(const uint8_t *first)
{
    if (first[0] == 0x16 && first[1] == 0x03)
        return true;
    for (unsigned i = 0; i < 4; i++) {
        bool is_letter = first[i] >= 'A' && first[i] <= 'Z';
        if (!is_letter && first[i] != ' ' && first[i] != '/')
            return false;
    }
    return true;
}

/* There is no way to find the next PDU: say so and close (F5, F6). */
static void refuse_length(struct session *session, uint32_t sequence_number)
{
    outbox_put_status(session, SMPP_generic_nack, sequence_number, ESME_RINVCMDLEN);
    session_finish(session, SESSION_BAD_LENGTH);
}

/* The length of the PDU that begins here, if it is whole; else 0. */
static size_t whole_length(struct session *session, struct octets rest)
{
    if (rest.length < 4)
        return 0;
    uint32_t length = pdu_u32(rest.at);
    uint32_t limit = session->bound_as == PDU_NEVER ? PDU_LIMIT_OPEN : session->settings.pdu_limit;
    if (!session->has_heard_first && is_other_protocol(rest.at)) {
        session_close(session, SESSION_NOT_SMPP);
        return 0;
    }
    session->has_heard_first = true;
    if (length < PDU_HEADER_SIZE) {
        refuse_length(session, 0);
        return 0;
    }
    if (length > limit && rest.length >= PDU_HEADER_SIZE) {
        bool is_known = pdu_command_find(pdu_u32(rest.at + 4)) != NULL;
        refuse_length(session, is_known ? pdu_u32(rest.at + 12) : 0);
        return 0;
    }
    return length <= rest.length ? length : 0;
}

static void take_frame(struct session *session, struct octets frame)
{
    struct pdu pdu;
    enum pdu_result result = pdu_decode(frame, &pdu);
    session->heard_at = clock_mono_ms();
    session_note_pdu(session, &pdu);
    if (pdu_is_response(pdu.command_id))
        take_response(session, &pdu, result);
    else
        take_request(session, &pdu, result, frame);
}

static void partial_rings(void *owner)
{
    session_close(owner, SESSION_CUT_OFF);
}

/* A PDU that has begun must end (F11), unless it is we who don't read. */
static void watch_partial(struct session *session, bool has_new_begin)
{
    if (session->input_used == 0 || !session->is_reading || session->settings.partial_ms == 0)
        timer_clear(session->loop, &session->partial);
    else if (has_new_begin || !timer_is_set(&session->partial))
        timer_set(session->loop, &session->partial, session->settings.partial_ms, partial_rings,
                  session);
}

static void take_input(struct session *session)
{
    size_t at = 0;
    while (session->is_reading && session->input_used > at) { /* an idle session has no room at all */
        struct octets rest = octets_of(session->input + at, session->input_used - at);
        size_t length = whole_length(session, rest);
        if (length == 0)
            break;
        at += length;
        take_frame(session, octets_of(rest.at, length));
    }
    if (session_is_closed(session))
        return;
    session->input_used -= at;
    if (at > 0 && session->input_used > 0)
        memmove(session->input, session->input + at, session->input_used);
    watch_partial(session, at > 0);
}

/* ---- reading */

static void input_ended(struct session *session, enum link_result result)
{
    if (session->state == SESSION_STATE_UNBINDING)
        session_close(session, session->end_reason);
    else if (session->state == SESSION_STATE_UNBOUND)
        session_close(session, SESSION_PEER_UNBOUND);
    else
        session_close(session, result == LINK_ENDED ? SESSION_PEER_CLOSED : SESSION_LINK_FAILED);
}

/* Most sessions are idle most of the time: one that owes us nothing needs no room. */
static void drop_room(struct session *session)
{
    if (session->input_used > 0)
        return;
    free(session->input);
    session->input = NULL;
    session->input_room = 0;
}

static void read_chunks(struct session *session)
{
    for (unsigned i = 0; i < CHUNKS_MOST && session->is_reading; i++) {
        if (session->input_room - session->input_used < CHUNK_SIZE) {
            session->input_room = session->input_used + CHUNK_SIZE;
            session->input = mem_grow(session->input, session->input_room);
        }
        size_t got;
        enum link_result result =
            link_read(session->link, session->input + session->input_used, CHUNK_SIZE, &got);
        if (result == LINK_LATER)
            return;
        if (result != LINK_OK) {
            input_ended(session, result);
            return;
        }
        session->input_used += got;
        take_input(session);
    }
}

void session_readable(void *owner)
{
    read_chunks(owner);
    drop_room(owner);
}

static void resume_rings(void *owner)
{
    struct session *session = owner;
    if (session->is_reading)
        take_input(session);
    drop_room(session);
}

void session_update_reading(struct session *session)
{
    if (session->state == SESSION_STATE_CONNECTING || session_is_closed(session))
        return;
    session_check_stuck(session);
    /* What a client sends behind its bind is handled as if it came after the answer (F45). */
    bool is_judging = session->side == PDU_MC && session->state == SESSION_STATE_BINDING;
    bool is_wanted = session->owner_wants_read && !is_judging &&
                     session->state != SESSION_STATE_CLOSING && !outbox_is_full(session);
    if (is_wanted == session->is_reading)
        return;
    session->is_reading = is_wanted;
    link_want_read(session->link, is_wanted);
    if (is_wanted && session->input_used > 0)
        timer_set(session->loop, &session->resume, 0, resume_rings, session);
    else
        timer_clear(session->loop, &session->resume);
    if (!is_wanted)
        timer_clear(session->loop, &session->partial);
}

void session_want_read(struct session *session, bool wanted)
{
    session->owner_wants_read = wanted;
    session_update_reading(session);
}
