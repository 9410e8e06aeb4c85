/* Our requests that wait for an answer: a hash table by sequence number, chained. Numbers rise, so
 * that the low bits spread them evenly. One that timed out keeps its number until the session ends:
 * a late answer must meet the right message (F24, F96). */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "session_parts.h"

#define FIRST_BUCKETS 32

static struct request **bucket_of(const struct session *session, uint32_t sequence_number)
{
    return &session->buckets[sequence_number & (session->bucket_count - 1)];
}

static void grow_table(struct session *session)
{
    size_t old_count = session->bucket_count;
    struct request **old = session->buckets;
    session->bucket_count = old_count == 0 ? FIRST_BUCKETS : 2 * old_count;
    session->buckets = mem_new(session->bucket_count * sizeof(struct request *));
    for (size_t i = 0; i < old_count; i++) {
        while (old[i] != NULL) {
            struct request *request = old[i];
            old[i] = request->next;
            struct request **bucket = bucket_of(session, request->sequence_number);
            request->next = *bucket;
            *bucket = request;
        }
    }
    free(old);
}

struct request *request_find(const struct session *session, uint32_t sequence_number)
{
    if (session->bucket_count == 0)
        return NULL;
    struct request *request = *bucket_of(session, sequence_number);
    while (request != NULL && request->sequence_number != sequence_number)
        request = request->next;
    return request;
}

/* 1 to 0x7FFFFFFF and round again, without those that are still open (F20, F24). */
static uint32_t next_sequence(struct session *session)
{
    uint32_t sequence_number;
    do {
        sequence_number = session->next_sequence;
        session->next_sequence = sequence_number == SEQUENCE_MOST ? 1 : sequence_number + 1;
    } while (request_find(session, sequence_number) != NULL);
    return sequence_number;
}

struct request *request_new(struct session *session, enum frame_kind kind, uint32_t command_id,
                            uint64_t tag, unsigned part)
{
    struct request *request = mem_new(sizeof *request);
    request->sequence_number = next_sequence(session);
    request->command_id = command_id;
    request->kind = kind;
    request->tag = tag;
    request->part = part;
    if (session->request_count >= session->bucket_count)
        grow_table(session);
    struct request **bucket = bucket_of(session, request->sequence_number);
    request->next = *bucket;
    *bucket = request;
    session->request_count++;
    if (kind != FRAME_OWN)
        session->open++;
    return request;
}

void request_remove(struct session *session, struct request *request)
{
    struct request **link = bucket_of(session, request->sequence_number);
    while (*link != request)
        link = &(*link)->next;
    *link = request->next;
    session->request_count--;
    if (request == session->enquiry)
        session->enquiry = NULL;
    if (request->kind == FRAME_OWN)
        return;
    if (request->stage == REQUEST_SENT)
        TAILQ_REMOVE(&session->sent, request, line);
    if (request->stage == REQUEST_OVERDUE)
        TAILQ_REMOVE(&session->overdue, request, line);
    else
        session->open--; /* a slot is freed once (F95): an overdue one has given its back */
}

/* ---- response timers: one for all, for the oldest */

static int64_t due_at(const struct session *session, const struct request *request, int factor)
{
    return request->sent_at + factor * session->settings.response_ms;
}

static void response_rings(void *owner);

static void set_response_timer(struct session *session)
{
    const struct request *oldest_sent = TAILQ_FIRST(&session->sent);
    const struct request *oldest_overdue = TAILQ_FIRST(&session->overdue);
    int64_t due_ms = INT64_MAX;
    if (oldest_sent != NULL)
        due_ms = due_at(session, oldest_sent, 1);
    if (oldest_overdue != NULL && session_is_bound(session) &&
        due_at(session, oldest_overdue, 2) < due_ms)
        due_ms = due_at(session, oldest_overdue, 2);
    if (due_ms == INT64_MAX || session->settings.response_ms == 0)
        return;
    timer_set(session->loop, &session->response, due_ms - clock_mono_ms(), response_rings, session);
}

static void time_out(struct session *session, struct request *request)
{
    TAILQ_REMOVE(&session->sent, request, line);
    TAILQ_INSERT_TAIL(&session->overdue, request, line);
    request->stage = REQUEST_OVERDUE;
    session->open--;
    log_info("session name=%s unanswered %s sequence=%u", session->name,
             pdu_command_name(request->command_id), (unsigned)request->sequence_number);
    request_report(session, request, SESSION_UNANSWERED, NULL);
}

static void response_rings(void *owner)
{
    struct session *session = owner;
    if (!session->is_reading) { /* the answers may lie in the socket (F76) */
        timer_set(session->loop, &session->response, session->settings.response_ms, response_rings,
                  session);
        return;
    }
    int64_t now_ms = clock_mono_ms();
    struct request *oldest;
    while (!session_is_closed(session) && (oldest = TAILQ_FIRST(&session->sent)) != NULL &&
           due_at(session, oldest, 1) <= now_ms)
        time_out(session, oldest);
    if (session_is_closed(session))
        return;
    oldest = TAILQ_FIRST(&session->overdue);
    if (oldest != NULL && due_at(session, oldest, 2) <= now_ms &&
        session_is_bound(session)) { /* F119 */
        session_leave_for(session, session->settings.response_ms, SESSION_UNANSWERED_LONG);
        return;
    }
    session_settle_phase(session);
    if (!session_is_closed(session))
        set_response_timer(session);
}

void request_mark_sent(struct session *session, struct request *request)
{
    request->stage = REQUEST_SENT;
    request->sent_at = clock_mono_ms();
    if (request->kind == FRAME_OWN)
        return;
    TAILQ_INSERT_TAIL(&session->sent, request, line);
    if (!timer_is_set(&session->response))
        set_response_timer(session);
}

/* ---- telling the owner */

void request_report(struct session *session, struct request *request, enum session_fate fate,
                    const struct pdu *response)
{
    session->answer_ms = fate == SESSION_ANSWERED ? clock_mono_ms() - request->sent_at : 0;
    if (request->kind != FRAME_OWN && session->events->answered != NULL)
        session->events->answered(session->owner, session, request->tag, request->part, fate,
                                  response);
}

/* Whatever the owner does meanwhile, each is told once. */
void requests_report_taken(struct session *session)
{
    struct request *request;
    while ((request = TAILQ_FIRST(&session->taken)) != NULL) {
        TAILQ_REMOVE(&session->taken, request, line);
        request_report(session, request, SESSION_UNSENT, NULL);
        free(request);
    }
}

void requests_free(struct session *session)
{
    for (size_t i = 0; i < session->bucket_count; i++) {
        while (session->buckets[i] != NULL) {
            struct request *request = session->buckets[i];
            session->buckets[i] = request->next;
            free(request);
        }
    }
    free(session->buckets);
}
