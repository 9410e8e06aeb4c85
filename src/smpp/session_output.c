/* The outbox: frames in the order in which they leave, each of which can be taken back until its
 * first octet has left. Frames leave in the release stage of a turn, after its commit; one that is
 * queued during that stage stands for a commit to come and waits for the next. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "session_parts.h"

#define GATHER_SIZE 16384 /* what one write takes: a TLS record */

static struct loop *served_loop;
static TAILQ_HEAD(, session) ready_sessions;
static bool is_releasing;

/* ---- frames */

void outbox_put(struct session *session, const struct pdu *pdu, enum frame_kind kind,
                struct request *request, uint64_t tag, bool is_urgent)
{
    size_t length = pdu_size(pdu);
    must(length > 0);
    struct frame *frame = mem_grow(NULL, sizeof *frame + length);
    *frame = (struct frame){
        .turn = loop_turn(session->loop) + (is_releasing ? 1 : 0),
        .kind = kind,
        .is_urgent = is_urgent,
        .request = request,
        .tag = tag,
        .length = length,
    };
    must(pdu_encode(pdu, frame->octets, length, &length));
    struct frame *first = TAILQ_FIRST(&session->outbox);
    bool is_begun = first != NULL && first->left > 0;
    if (!is_urgent)
        TAILQ_INSERT_TAIL(&session->outbox, frame, line);
    else if (session->last_urgent != NULL)
        TAILQ_INSERT_AFTER(&session->outbox, session->last_urgent, frame, line);
    else if (is_begun) /* two half-written PDUs can't be told apart (F13) */
        TAILQ_INSERT_AFTER(&session->outbox, first, frame, line);
    else
        TAILQ_INSERT_HEAD(&session->outbox, frame, line);
    if (is_urgent)
        session->last_urgent = frame;
    session->outbox_octets += sizeof *frame + length;
    session->answers += kind == FRAME_ANSWER;
    outbox_schedule(session);
}

static void unlink_frame(struct session *session, struct frame *frame)
{
    if (frame == session->last_urgent) {
        struct frame *before = TAILQ_PREV(frame, frame_list, line);
        session->last_urgent = before != NULL && before->is_urgent ? before : NULL;
    }
    TAILQ_REMOVE(&session->outbox, frame, line);
    session->outbox_octets -= sizeof *frame + frame->length;
    session->answers -= frame->kind == FRAME_ANSWER;
}

/* The request of a frame that will not leave: to be reported. */
static void drop_frame(struct session *session, struct frame *frame)
{
    unlink_frame(session, frame);
    struct request *request = frame->request;
    if (request != NULL) {
        request_remove(session, request);
        if (request->kind == FRAME_OWN)
            free(request);
        else
            TAILQ_INSERT_TAIL(&session->taken, request, line);
    }
    free(frame);
}

void outbox_drop(struct session *session)
{
    struct frame *frame;
    while ((frame = TAILQ_FIRST(&session->outbox)) != NULL)
        drop_frame(session, frame);
}

static void after_taking(struct session *session)
{
    requests_report_taken(session);
    session_update_reading(session);
}

/* ---- what may be put there */

struct request *outbox_put_own(struct session *session, struct pdu *pdu)
{
    struct request *request = request_new(session, FRAME_OWN, pdu->command_id, 0, 0);
    pdu->sequence_number = request->sequence_number;
    bool is_urgent = pdu->command_id == SMPP_enquire_link; /* F72 */
    outbox_put(session, pdu, FRAME_OWN, request, 0, is_urgent);
    return request;
}

void outbox_put_status(struct session *session, uint32_t command_id, uint32_t sequence_number,
                       uint32_t status)
{
    struct pdu pdu = {
        .command_id = command_id,
        .command_status = status,
        .sequence_number = sequence_number,
    };
    outbox_put(session, &pdu, FRAME_OWN, NULL, 0, command_id == SMPP_enquire_link_resp);
    session_update_reading(session);
}

static bool put_request(struct session *session, struct pdu *pdu, enum frame_kind kind,
                        uint64_t tag, unsigned part)
{
    const struct pdu_row *row = pdu_command_find(pdu->command_id);
    must(row != NULL && row->kind == PDU_REQUEST);
    if (!session_is_bound(session) || session->open >= session->settings.window ||
        !pdu_may_send(row, session->side, session->bound_as) ||
        !pdu_is_known_to(row, session_version(session)))
        return false;
    struct request *request = request_new(session, kind, pdu->command_id, tag, part);
    pdu->sequence_number = request->sequence_number;
    outbox_put(session, pdu, kind, request, 0, false);
    session_update_reading(session);
    return true;
}

bool session_submit(struct session *session, struct pdu *pdu, uint64_t tag, unsigned part)
{
    must(pdu->command_id == SMPP_submit_sm);
    return put_request(session, pdu, FRAME_SUBMIT, tag, part);
}

bool session_request(struct session *session, struct pdu *pdu, uint64_t tag)
{
    must(!pdu_reaches_handset(pdu->command_id));
    return put_request(session, pdu, FRAME_REQUEST, tag, 0);
}

unsigned session_room(const struct session *session)
{
    if (!session_may_submit(session) || session->open >= session->settings.window)
        return 0;
    return session->settings.window - session->open;
}

void session_set_window(struct session *session, unsigned window)
{
    session->settings.window = window;
}

void session_set_answers_most(struct session *session, unsigned most)
{
    session->settings.answers_most = most;
    session_update_reading(session);
}

void session_answer(struct session *session, const struct pdu *request, const struct pdu *answer,
                    uint64_t tag)
{
    const struct pdu_row *row = pdu_command_find(request->command_id);
    must(row != NULL && row->kind != PDU_RESPONSE);
    bool is_over = session_is_closed(session) || session->state == SESSION_STATE_CLOSING;
    if (is_over || row->kind == PDU_NOTICE)
        return;
    struct pdu response = answer == NULL ? (struct pdu){0} : *answer;
    response.command_id = request->command_id | SMPP_RESPONSE;
    response.sequence_number = request->sequence_number;
    bool is_error = response.command_status != ESME_ROK;
    uint8_t version = session_version(session);
    if (version < 0x34 || (is_error && version < 0x50))
        response.tlv_count = 0;
    bool is_bind = session_is_bind(request->command_id);
    must(!is_bind || is_error); /* success is session_accept_bind's */
    outbox_put(session, &response, is_bind ? FRAME_OWN : FRAME_ANSWER, NULL, tag, false);
    if (session->owed > 0)
        session->owed--;
    if (is_bind && session->state == SESSION_STATE_BINDING)
        session_move(session, SESSION_STATE_OPEN, "the bind was refused");
    session_update_reading(session);
    session_settle_phase(session);
}

/* ---- taking back */

unsigned session_withdraw(struct session *session,
                          bool (*is_meant)(void *who, uint64_t tag, unsigned part), void *who)
{
    unsigned count = 0;
    struct frame *next;
    for (struct frame *frame = TAILQ_FIRST(&session->outbox); frame != NULL; frame = next) {
        next = TAILQ_NEXT(frame, line);
        bool is_unsent = frame->kind == FRAME_SUBMIT && frame->left == 0;
        if (is_unsent && is_meant(who, frame->request->tag, frame->request->part)) {
            drop_frame(session, frame);
            count++;
        }
    }
    after_taking(session);
    return count;
}

unsigned session_unanswered(const struct session *session,
                            bool (*is_meant)(void *who, uint64_t tag, unsigned part), void *who)
{
    unsigned count = 0;
    const struct request *request;
    TAILQ_FOREACH(request, &session->sent, line)
    {
        if (request->kind == FRAME_SUBMIT && is_meant(who, request->tag, request->part))
            count++;
    }
    return count;
}

bool session_rollback(struct session *session)
{
    bool had_answer = false;
    struct frame *next;
    for (struct frame *frame = TAILQ_FIRST(&session->outbox); frame != NULL; frame = next) {
        next = TAILQ_NEXT(frame, line);
        if (frame->turn < loop_turn(session->loop) || frame->kind == FRAME_OWN)
            continue;
        if (frame->kind == FRAME_ANSWER) {
            had_answer = true;
            session->owed++; /* it is still to be answered */
        }
        drop_frame(session, frame);
    }
    after_taking(session);
    return had_answer;
}

void outbox_take_back(struct session *session)
{
    struct frame *next;
    for (struct frame *frame = TAILQ_FIRST(&session->outbox); frame != NULL; frame = next) {
        next = TAILQ_NEXT(frame, line);
        bool is_request = frame->kind == FRAME_SUBMIT || frame->kind == FRAME_REQUEST;
        if (is_request && frame->left == 0)
            drop_frame(session, frame);
    }
    after_taking(session);
}

/* ---- leaving */

/* The octets of frames that may leave in this turn, as many as fit in one write. */
static size_t gather(const struct session *session, uint8_t *out, size_t size)
{
    size_t used = 0;
    const struct frame *frame;
    TAILQ_FOREACH(frame, &session->outbox, line)
    {
        size_t rest = frame->length - frame->left;
        if (frame->turn > loop_turn(session->loop) || used == size)
            break;
        size_t count = rest < size - used ? rest : size - used;
        memcpy(out + used, frame->octets + frame->left, count);
        used += count;
    }
    return used;
}

/* Notes which octets have left. Frames that have left whole go to `done`: their owner may only hear
 * of it once the books are right. */
static void account(struct session *session, size_t taken, struct frame_list *done)
{
    session->taken_at = clock_mono_ms();
    while (taken > 0) {
        struct frame *frame = TAILQ_FIRST(&session->outbox);
        size_t rest = frame->length - frame->left;
        size_t count = rest < taken ? rest : taken;
        if (frame->request != NULL)
            request_mark_sent(session, frame->request);
        frame->request = NULL;
        frame->left += count;
        taken -= count;
        if (frame->left == frame->length) {
            unlink_frame(session, frame);
            TAILQ_INSERT_TAIL(done, frame, line);
        }
    }
}

static void tell_done(struct session *session, struct frame_list *done)
{
    struct frame *frame;
    while ((frame = TAILQ_FIRST(done)) != NULL) {
        TAILQ_REMOVE(done, frame, line);
        if (frame->tag != 0 && session->events->left != NULL && !session_is_closed(session))
            session->events->left(session->owner, session, frame->tag);
        free(frame);
    }
}

/* Gives the link as much as it takes. False: that is all for now. */
static bool write_some(struct session *session)
{
    static uint8_t gathered[GATHER_SIZE];
    size_t length = gather(session, gathered, sizeof gathered), taken;
    if (length == 0)
        return false;
    enum link_result result = link_write(session->link, octets_of(gathered, length), &taken);
    if (result == LINK_LATER) {
        link_want_write(session->link, true);
        return false;
    }
    if (result != LINK_OK) {
        session_close(session, SESSION_LINK_FAILED);
        return false;
    }
    struct frame_list done = TAILQ_HEAD_INITIALIZER(done);
    account(session, taken, &done);
    tell_done(session, &done);
    return !session_is_closed(session);
}

static void release(struct session *session)
{
    while (write_some(session))
        continue;
    if (session_is_closed(session))
        return;
    session_update_reading(session);
    session_settle_phase(session);
}

static void release_all(void *owner)
{
    struct loop *loop = owner;
    is_releasing = true;
    struct session *session;
    while ((session = TAILQ_FIRST(&ready_sessions)) != NULL &&
           session->ready_turn <= loop_turn(loop)) {
        outbox_unschedule(session);
        release(session);
    }
    is_releasing = false;
}

void outbox_schedule(struct session *session)
{
    if (session->is_ready)
        return;
    session->is_ready = true;
    session->ready_turn = loop_turn(session->loop) + (is_releasing ? 1 : 0);
    TAILQ_INSERT_TAIL(&ready_sessions, session, ready);
    if (is_releasing)
        loop_again(session->loop);
}

void outbox_unschedule(struct session *session)
{
    if (session->is_ready)
        TAILQ_REMOVE(&ready_sessions, session, ready);
    session->is_ready = false;
}

bool outbox_is_served(const struct loop *loop)
{
    return served_loop == loop;
}

void session_serve(struct loop *loop)
{
    served_loop = loop;
    TAILQ_INIT(&ready_sessions);
    loop_at(loop, LOOP_RELEASE, release_all, loop);
}

/* ---- a peer that takes nothing */

static void stuck_rings(void *owner)
{
    struct session *session = owner;
    int64_t wait_ms = session->taken_at + session->settings.response_ms - clock_mono_ms();
    if (wait_ms <= 0)
        session_close(session, SESSION_STUCK);
    else
        timer_set(session->loop, &session->stuck, wait_ms, stuck_rings, session);
}

bool outbox_is_full(const struct session *session)
{
    const struct session_settings *settings = &session->settings;
    return session->outbox_octets > settings->outbox_limit ||
           (settings->answers_most > 0 && session->owed + session->answers >= settings->answers_most);
}

/* While the outbox is over its limit we don't read, and so hear no sign of life: the octets that
 * the peer takes are one. */
void session_check_stuck(struct session *session)
{
    bool is_over = outbox_is_full(session) && !TAILQ_EMPTY(&session->outbox);
    if (!is_over || session->settings.response_ms == 0) {
        timer_clear(session->loop, &session->stuck);
    } else if (!timer_is_set(&session->stuck)) {
        session->taken_at = clock_mono_ms();
        timer_set(session->loop, &session->stuck, session->settings.response_ms, stuck_rings,
                  session);
    }
}
