#include "src/sim/sim_bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/must.h"
#include "src/sim/sim_post.h"
#include "src/sim/sim_say.h"

#define PDU_MOST         70000 /* F4: a full message_payload and what goes with it */
#define PDU_MOST_UNBOUND 512
#define READ_SIZE        65536
#define OUTBOX_MOST      (1u << 20) /* then we stop reading from who doesn't read */
#define HELD_MOST        10000
#define WINDOW           100 /* deliver_sm that may wait for their answers */
#define EARLY_MOST       3   /* F43 */
#define BAD_MOST         10  /* F119 */
#define INIT_WAIT_MS     30000
#define PIECE_WAIT_MS    10000 /* F11 */
#define ANSWER_WAIT_MS   10000
#define LEAVE_WAIT_MS    1000

/* LEAVING: we have sent unbind. LEFT: all is said, we wait for the client to close. */
enum phase { OPEN, BOUND_TX, BOUND_RX, BOUND_TRX, LEAVING, LEFT };

enum {
    IN_TX = 1 << BOUND_TX | 1 << BOUND_TRX,
    IN_ANY = 1 << OPEN | 1 << BOUND_TX | 1 << BOUND_RX | 1 << BOUND_TRX | 1 << LEAVING,
    IN_NONE = 0,
};

/* An answer that waits for its time (latency) or for `resume`. */
struct held {
    TAILQ_ENTRY(held) queue;
    int64_t due_ms;
    uint32_t command, sequence;
    char id[24]; /* empty: the answer to an unbind */
};

struct sim_bind {
    TAILQ_ENTRY(sim_bind) binds;
    struct sim *sim;
    struct link *link; /* NULL: it is closed and waits for its burial */
    uint64_t number;
    enum phase phase;
    const char *why; /* it has LEFT */
    char system_id[SIM_NAME_SIZE];
    uint8_t version;
    bool is_reading;
    int early, bad; /* requests before a bind; malformed ones in a row */
    uint32_t next_sequence;
    uint64_t last_used; /* the pick that chose it */
    struct sim_buffer inbox, outbox;
    TAILQ_HEAD(, held) held;
    size_t held_count;
    TAILQ_HEAD(, sim_delivery) sent; /* and not answered, the oldest first */
    size_t sent_count;
    struct timer session, piece, answers, unanswered;
};

static bool is_bound(const struct sim_bind *bind)
{
    return bind->phase == BOUND_TX || bind->phase == BOUND_RX || bind->phase == BOUND_TRX;
}

static void clear_timers(struct sim_bind *bind)
{
    timer_clear(bind->sim->loop, &bind->session);
    timer_clear(bind->sim->loop, &bind->piece);
    timer_clear(bind->sim->loop, &bind->answers);
    timer_clear(bind->sim->loop, &bind->unanswered);
}

/* ---- the end ---- */

static void bind_free(void *dead)
{
    struct sim_bind *bind = dead;
    sim_buffer_wipe(&bind->inbox);
    sim_buffer_wipe(&bind->outbox);
    free(bind);
}

static void drop_held(struct sim_bind *bind)
{
    struct held *held;
    while ((held = TAILQ_FIRST(&bind->held)) != NULL) {
        TAILQ_REMOVE(&bind->held, held, queue);
        free(held);
    }
    bind->held_count = 0;
}

static void settle_sent(struct sim_bind *bind, struct sim_delivery *delivery,
                        const uint32_t *status)
{
    TAILQ_REMOVE(&bind->sent, delivery, queue);
    bind->sent_count--;
    sim_post_settle(bind->sim->post, delivery, bind->number, status);
}

static void settle_all_sent(struct sim_bind *bind)
{
    while (!TAILQ_EMPTY(&bind->sent))
        settle_sent(bind, TAILQ_FIRST(&bind->sent), NULL);
}

void sim_bind_close(struct sim_bind *bind, const char *why)
{
    if (bind->link == NULL)
        return;
    struct sim *sim = bind->sim;
    sim_say_unbound(sim, bind->system_id[0] == '\0' ? NULL : bind->system_id, bind->number, why);
    link_close(bind->link);
    bind->link = NULL;
    bind->phase = LEFT;
    clear_timers(bind);
    drop_held(bind);
    settle_all_sent(bind);
    TAILQ_REMOVE(&sim->binds, bind, binds);
    sim->bind_count--;
    loop_bury(sim->loop, bind_free, bind);
    if (!sim->is_leaving)
        sim_post_pump(sim->post, bind->system_id);
    loop_again(sim->loop); /* another's release may be past in this turn */
    sim_has_closed(sim);
}

static void session_rings(void *owner)
{
    struct sim_bind *bind = owner;
    sim_bind_close(bind, bind->phase == OPEN      ? "no bind came"
                         : bind->phase == LEAVING ? "it did not answer our unbind"
                                                  : bind->why);
}

/* What is in the outbox still goes; then the client is to close, or we do. */
static void part(struct sim_bind *bind, const char *why)
{
    bind->phase = LEFT;
    bind->why = why;
    bind->inbox.length = 0;
    timer_clear(bind->sim->loop, &bind->piece);
    timer_set(bind->sim->loop, &bind->session, LEAVE_WAIT_MS, session_rings, bind);
}

/* ---- reading wanted or not ---- */

static bool wants_read(const struct sim_bind *bind)
{
    if (bind->phase == LEFT || bind->phase == LEAVING)
        return true;
    return !bind->sim->reads_nothing && bind->held_count < HELD_MOST &&
           bind->outbox.length < OUTBOX_MOST;
}

static void watch_reading(struct sim_bind *bind)
{
    if (bind->link == NULL || bind->is_reading == wants_read(bind))
        return;
    bind->is_reading = !bind->is_reading;
    link_want_read(bind->link, bind->is_reading);
}

void sim_bind_leave(struct sim_bind *bind)
{
    if (!is_bound(bind)) {
        sim_bind_close(bind, "the carrier ends");
        return;
    }
    sim_write_plain(&bind->outbox, SIM_UNBIND, 0, bind->next_sequence++);
    bind->phase = LEAVING;
    watch_reading(bind);
    timer_set(bind->sim->loop, &bind->session, LEAVE_WAIT_MS, session_rings, bind);
}

/* ---- answers to submits, which may have to wait ---- */

static void answer_submit(struct sim_bind *bind, uint32_t command, uint32_t sequence,
                          const char *id)
{
    sim_write_id(&bind->outbox, SIM_RESPONSE | command, sequence, id);
    bind->sim->counters.answered++;
    sim_say_answered(bind->sim, id, bind->number);
}

static void answer_unbind(struct sim_bind *bind, uint32_t sequence)
{
    sim_write_plain(&bind->outbox, SIM_RESPONSE | SIM_UNBIND, SIM_OK, sequence);
    part(bind, "the client unbound");
}

static void release_one(struct sim_bind *bind, struct held *held)
{
    TAILQ_REMOVE(&bind->held, held, queue);
    bind->held_count--;
    if (held->command == SIM_UNBIND)
        answer_unbind(bind, held->sequence);
    else
        answer_submit(bind, held->command, held->sequence, held->id);
    free(held);
}

static void answers_ring(void *owner);

static void release_held(struct sim_bind *bind)
{
    if (bind->link == NULL || bind->sim->holds_answers)
        return;
    int64_t now_ms = clock_mono_ms();
    struct held *held;
    while ((held = TAILQ_FIRST(&bind->held)) != NULL && held->due_ms <= now_ms)
        release_one(bind, held);
    if (held != NULL)
        timer_set(bind->sim->loop, &bind->answers, held->due_ms - now_ms, answers_ring, bind);
    watch_reading(bind);
}

static void answers_ring(void *owner)
{
    release_held(owner);
}

/* Answers keep the order of their requests. */
static void hold(struct sim_bind *bind, uint32_t command, uint32_t sequence, const char *id,
                 int64_t wait_ms)
{
    struct held *held = mem_new(sizeof *held);
    held->due_ms = clock_mono_ms() + wait_ms;
    held->command = command;
    held->sequence = sequence;
    snprintf(held->id, sizeof held->id, "%s", id);
    TAILQ_INSERT_TAIL(&bind->held, held, queue);
    bind->held_count++;
    if (!timer_is_set(&bind->answers))
        release_held(bind);
}

static bool answers_at_once(const struct sim_bind *bind)
{
    return !bind->sim->holds_answers && TAILQ_EMPTY(&bind->held);
}

void sim_bind_adapt(struct sim_bind *bind)
{
    release_held(bind);
    watch_reading(bind);
}

/* ---- requests ---- */

static void answer(struct sim_bind *bind, const struct sim_header *header, uint32_t status)
{
    sim_write_plain(&bind->outbox, SIM_RESPONSE | header->command, status, header->sequence);
}

static const char *name_of(uint32_t command)
{
    switch (command) {
    case SIM_BIND_RECEIVER:
        return "receiver";
    case SIM_BIND_TRANSMITTER:
        return "transmitter";
    case SIM_BIND_TRANSCEIVER:
        return "transceiver";
    case SIM_SUBMIT_SM:
        return "submit_sm";
    default:
        return "data_sm";
    }
}

static const char *version_of(uint8_t version)
{
    return version >= SIM_VERSION_50 ? "5.0" : version >= SIM_VERSION_34 ? "3.4" : "3.3";
}

static void refuse(struct sim_bind *bind, const struct sim_header *header, uint32_t status)
{
    answer(bind, header, status);
    sim_say_refused(bind->sim, name_of(header->command), bind->number, status);
}

/* The framing is intact, so the session stays (F8), unless there is no end of it. */
static void refuse_malformed(struct sim_bind *bind, const struct sim_header *header,
                             enum sim_status status)
{
    refuse(bind, header, status);
    if (status == SIM_BAD_COMMAND_LENGTH || status == SIM_BAD_TLV_STREAM)
        bind->bad++;
    if (bind->bad >= BAD_MOST)
        part(bind, "ten malformed requests in a row");
}

static enum sim_status judge_login(const struct sim *sim, const struct sim_login *login)
{
    const struct sim_settings *settings = &sim->settings;
    if (login->system_id[0] == '\0')
        return SIM_BAD_SYSTEM_ID;
    if (settings->system_id != NULL && strcmp(settings->system_id, login->system_id) != 0)
        return SIM_BAD_SYSTEM_ID;
    if (settings->password != NULL && strcmp(settings->password, login->password) != 0)
        return SIM_BAD_PASSWORD;
    return SIM_OK;
}

static enum phase phase_of(uint32_t command)
{
    return command == SIM_BIND_TRANSMITTER ? BOUND_TX
           : command == SIM_BIND_RECEIVER  ? BOUND_RX
                                           : BOUND_TRX;
}

static void hear_bind(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    if (bind->phase != OPEN) {
        refuse(bind, header, SIM_ALREADY_BOUND);
        return;
    }
    struct sim_login login;
    enum sim_status status = sim_login_read(body, &login);
    if (status == SIM_OK)
        status = judge_login(bind->sim, &login);
    if (status != SIM_OK) {
        refuse(bind, header, status);
        return;
    }
    memcpy(bind->system_id, login.system_id, sizeof bind->system_id);
    bind->version = login.version;
    bind->phase = phase_of(header->command);
    timer_clear(bind->sim->loop, &bind->session);
    sim_write_bound(&bind->outbox, SIM_RESPONSE | header->command, header->sequence, login.version);
    sim_say_bound(bind->sim, bind->system_id, name_of(header->command), bind->number,
                  version_of(login.version), link_peer(bind->link));
    sim_post_pump(bind->sim->post, bind->system_id);
}

static bool takes_refusal(struct sim *sim)
{
    if (sim->refuse_left == 0)
        return false;
    if (sim->refuse_left != SIM_REFUSE_FOR_EVER)
        sim->refuse_left--;
    return true;
}

static struct sim_message *keep(struct sim_bind *bind, const struct sim_submit *submit)
{
    struct sim *sim = bind->sim;
    int64_t now_ms = clock_wall_ms();
    struct sim_message *message = sim_store_add(sim->store, submit, bind->version, now_ms);
    message->bind = bind->number;
    memcpy(message->system_id, bind->system_id, sizeof message->system_id);
    message->final_at = now_ms + sim->settings.receipt_after_ms;
    message->final_state = sim->state->message_state;
    return message;
}

static void hear_submit(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    struct sim *sim = bind->sim;
    struct sim_submit submit;
    struct sim_words whole;
    enum sim_status status = sim_submit_read(body, header->command, bind->version, &submit);
    if (status != SIM_OK) {
        sim->counters.refused++;
        refuse_malformed(bind, header, status);
        return;
    }
    bind->bad = 0;
    if (takes_refusal(sim)) {
        sim->counters.refused++;
        refuse(bind, header, sim->refuse_status);
        return;
    }
    struct sim_message *message = keep(bind, &submit);
    sim_say_heard(sim, message);
    if (sim_store_join(sim->store, message, loop_region(sim->loop), &whole))
        sim_say_whole(sim, message, whole);
    sim_post_promise(sim->post, message);
    if (answers_at_once(bind) && sim->latency_ms == 0)
        answer_submit(bind, header->command, header->sequence, message->id);
    else
        hold(bind, header->command, header->sequence, message->id, sim->latency_ms);
}

static void hear_query(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    struct sim_query query;
    enum sim_status status = sim_query_read(body, &query);
    if (status != SIM_OK) {
        answer(bind, header, status);
        return;
    }
    const struct sim_message *message = sim_store_find(bind->sim->store, query.message_id);
    if (message == NULL || strcmp(message->system_id, bind->system_id) != 0 ||
        strcmp(message->submit.from.digits, query.from.digits) != 0) {
        answer(bind, header, SIM_BAD_MESSAGE_ID);
        return;
    }
    const uint8_t enroute = 1;
    bool is_final = clock_wall_ms() >= message->final_at;
    char date[SIM_DATE_SIZE], final_date[SIM_DATE_SIZE + 4] = "";
    sim_write_date(message->final_at, date);
    if (is_final)
        snprintf(final_date, sizeof final_date, "%s000+", date); /* 3.4 7.1.1 */
    sim_write_queried(&bind->outbox, header->sequence, message->id, final_date,
                      is_final ? message->final_state : enroute);
}

static void hear_unbind(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    (void)body;
    /* Both sides may say it at once (F51); then nothing is left to wait for. */
    if (bind->phase == LEAVING || answers_at_once(bind))
        answer_unbind(bind, header->sequence);
    else
        hold(bind, SIM_UNBIND, header->sequence, "", 0);
}

static void hear_enquiry(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    (void)body;
    answer(bind, header, SIM_OK);
}

/* By the time that it could be cancelled or replaced it has been delivered. */
static void hear_cancel(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    (void)body;
    answer(bind, header, SIM_CANCEL_FAILED);
}

static void hear_replace(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    (void)body;
    answer(bind, header, SIM_REPLACE_FAILED);
}

/* Known, and not offered here (F121). */
static void hear_foreign(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    (void)body;
    answer(bind, header, SIM_BAD_COMMAND);
}

static void hear_silently(struct sim_bind *bind, const struct sim_header *header,
                          struct octets body)
{
    (void)bind;
    (void)header;
    (void)body;
}

static const struct request {
    uint32_t command;
    unsigned phases; /* in which a client may say it */
    void (*hear)(struct sim_bind *bind, const struct sim_header *header, struct octets body);
} requests[] = {
    {SIM_BIND_RECEIVER, IN_ANY, hear_bind},
    {SIM_BIND_TRANSMITTER, IN_ANY, hear_bind},
    {SIM_BIND_TRANSCEIVER, IN_ANY, hear_bind},
    {SIM_SUBMIT_SM, IN_TX, hear_submit},
    {SIM_DATA_SM, IN_TX, hear_submit},
    {SIM_QUERY_SM, IN_TX, hear_query},
    {SIM_CANCEL_SM, IN_TX, hear_cancel},
    {SIM_REPLACE_SM, IN_TX, hear_replace},
    {SIM_SUBMIT_MULTI, IN_TX, hear_foreign},
    {SIM_BROADCAST_SM, IN_TX, hear_foreign},
    {SIM_QUERY_BROADCAST_SM, IN_TX, hear_foreign},
    {SIM_CANCEL_BROADCAST_SM, IN_TX, hear_foreign},
    {SIM_ENQUIRE_LINK, IN_ANY, hear_enquiry},
    {SIM_UNBIND, IN_ANY, hear_unbind},
    {SIM_OUTBIND, IN_ANY, hear_silently}, /* has no answer, in whatever state (F42) */
    {SIM_ALERT_NOTIFICATION, IN_ANY, hear_silently},
    {SIM_DELIVER_SM, IN_NONE, hear_foreign}, /* is the carrier's to say */
};

static void hear_request(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    const struct request *request = requests, *end = request + sizeof requests / sizeof *requests;
    while (request < end && request->command != header->command)
        request++;
    bool is_allowed = request < end && (request->phases & 1u << bind->phase) != 0;
    if (bind->phase == OPEN && !is_allowed)
        bind->early++;
    if (is_allowed)
        request->hear(bind, header, body);
    else if (request < end)
        answer(bind, header, SIM_BAD_STATE);
    else
        sim_write_plain(&bind->outbox, SIM_GENERIC_NACK, SIM_BAD_COMMAND, header->sequence);
    if (bind->phase == OPEN && bind->early >= EARLY_MOST)
        part(bind, "three requests before a bind");
}

/* ---- deliveries and their answers ---- */

uint64_t sim_bind_number(const struct sim_bind *bind)
{
    return bind->number;
}

static bool can_deliver(const struct sim_bind *bind, const char *system_id, bool takes_tlvs)
{
    return (bind->phase == BOUND_RX || bind->phase == BOUND_TRX) && bind->sent_count < WINDOW &&
           (!takes_tlvs || bind->version >= SIM_VERSION_34) &&
           (system_id == NULL || strcmp(bind->system_id, system_id) == 0);
}

struct sim_bind *sim_bind_pick(struct sim *sim, const char *system_id, bool takes_tlvs)
{
    struct sim_bind *bind, *best = NULL;
    for (bind = TAILQ_FIRST(&sim->binds); bind != NULL; bind = TAILQ_NEXT(bind, binds))
        if (can_deliver(bind, system_id, takes_tlvs) &&
            (best == NULL || bind->last_used < best->last_used))
            best = bind;
    if (best != NULL)
        best->last_used = ++sim->picks;
    return best;
}

static void unanswered_rings(void *owner);

static void await_oldest(struct sim_bind *bind)
{
    const struct sim_delivery *oldest = TAILQ_FIRST(&bind->sent);
    if (oldest == NULL)
        timer_clear(bind->sim->loop, &bind->unanswered);
    else
        timer_set(bind->sim->loop, &bind->unanswered,
                  oldest->sent_at_ms + ANSWER_WAIT_MS - clock_mono_ms(), unanswered_rings, bind);
}

static void unanswered_rings(void *owner)
{
    struct sim_bind *bind = owner;
    int64_t since_ms = clock_mono_ms() - ANSWER_WAIT_MS;
    struct sim_delivery *oldest;
    while ((oldest = TAILQ_FIRST(&bind->sent)) != NULL && oldest->sent_at_ms <= since_ms)
        settle_sent(bind, oldest, NULL);
    await_oldest(bind);
    sim_post_pump(bind->sim->post, bind->system_id);
}

void sim_bind_deliver(struct sim_bind *bind, struct sim_delivery *delivery)
{
    delivery->sent_at_ms = clock_mono_ms();
    delivery->sequence = bind->next_sequence;
    bind->next_sequence = bind->next_sequence == 0x7FFFFFFF ? 1 : bind->next_sequence + 1;
    sim_write_deliver(&bind->outbox, delivery->sequence, bind->version, &delivery->deliver);
    TAILQ_INSERT_TAIL(&bind->sent, delivery, queue);
    bind->sent_count++;
    if (!timer_is_set(&bind->unanswered))
        await_oldest(bind);
}

/* An answer that belongs to nothing is dropped, never answered (F25, F112). */
static void hear_delivered(struct sim_bind *bind, const struct sim_header *header)
{
    struct sim_delivery *delivery = TAILQ_FIRST(&bind->sent);
    while (delivery != NULL && delivery->sequence != header->sequence)
        delivery = TAILQ_NEXT(delivery, queue);
    if (delivery == NULL)
        return;
    settle_sent(bind, delivery, &header->status);
    if (TAILQ_EMPTY(&bind->sent))
        timer_clear(bind->sim->loop, &bind->unanswered);
    sim_post_pump(bind->sim->post, bind->system_id);
}

static void hear_response(struct sim_bind *bind, const struct sim_header *header)
{
    if (header->command == (SIM_RESPONSE | SIM_UNBIND) && bind->phase == LEAVING)
        sim_bind_close(bind, "the carrier ends");
    else if (header->command == (SIM_RESPONSE | SIM_DELIVER_SM) ||
             header->command == SIM_GENERIC_NACK)
        hear_delivered(bind, header);
}

/* ---- framing ---- */

/* A browser or a TLS client at the wrong port (F7). */
static bool is_foreign(const uint8_t *first)
{
    if (first[0] == 0x16 && first[1] == 0x03)
        return true;
    for (int i = 0; i < 4; i++)
        if ((first[i] < 'A' || first[i] > 'Z') && first[i] != ' ')
            return false;
    return true;
}

static void nack_length(struct sim_bind *bind, uint32_t sequence)
{
    sim_write_plain(&bind->outbox, SIM_GENERIC_NACK, SIM_BAD_COMMAND_LENGTH, sequence);
    part(bind, "an impossible command_length");
}

static void hear_pdu(struct sim_bind *bind, const struct sim_header *header, const uint8_t *at)
{
    if ((header->command & SIM_RESPONSE) != 0)
        hear_response(bind, header);
    else
        hear_request(bind, header,
                     octets_of(at + SIM_HEADER_SIZE, header->length - SIM_HEADER_SIZE));
}

/* Gives the length of the PDU that was heard; 0: there is no whole one, or the session is over. */
static size_t hear_next(struct sim_bind *bind, const uint8_t *at, size_t left)
{
    uint8_t first[SIM_HEADER_SIZE] = {0};
    if (left < 4)
        return 0;
    memcpy(first, at, left < sizeof first ? left : sizeof first);
    struct sim_header header = sim_header_read(first);
    if (bind->phase == OPEN && is_foreign(first)) {
        sim_bind_close(bind, "this is no SMPP");
        return 0;
    }
    if (header.length < SIM_HEADER_SIZE) {
        nack_length(bind, 0);
        return 0;
    }
    if (left < SIM_HEADER_SIZE)
        return 0;
    if (header.length > (bind->phase == OPEN ? PDU_MOST_UNBOUND : PDU_MOST)) {
        nack_length(bind, sim_command_is_known(header.command) ? header.sequence : 0);
        return 0;
    }
    if (left < header.length)
        return 0;
    hear_pdu(bind, &header, at);
    return header.length;
}

static void piece_rings(void *owner)
{
    struct sim_bind *bind = owner;
    if (bind->is_reading)
        sim_bind_close(bind, "a PDU that began did not end");
    else
        timer_set(bind->sim->loop, &bind->piece, PIECE_WAIT_MS, piece_rings, bind);
}

/* A PDU that has begun must end. */
static void watch_piece(struct sim_bind *bind, bool has_begun_anew)
{
    if (bind->inbox.length == 0)
        timer_clear(bind->sim->loop, &bind->piece);
    else if (has_begun_anew || !timer_is_set(&bind->piece))
        timer_set(bind->sim->loop, &bind->piece, PIECE_WAIT_MS, piece_rings, bind);
}

static void hear_inbox(struct sim_bind *bind)
{
    size_t at = 0, length = 1;
    while (bind->phase != LEFT && length > 0) {
        length = hear_next(bind, bind->inbox.at + at, bind->inbox.length - at);
        at += length;
    }
    if (bind->phase == LEFT)
        return;
    sim_buffer_drop(&bind->inbox, at);
    watch_piece(bind, at > 0);
    watch_reading(bind);
}

static const char *why_ended(const struct sim_bind *bind, enum link_result result)
{
    if (bind->phase == LEFT)
        return bind->why;
    if (result == LINK_FAILED)
        return "the connection broke";
    if (bind->inbox.length > 0)
        return "the client closed in the middle of a PDU";
    return bind->phase == OPEN ? "the client closed" : "the client closed without unbind";
}

static void bind_readable(void *owner)
{
    static uint8_t octets[READ_SIZE]; /* one thread: nobody else reads meanwhile */
    struct sim_bind *bind = owner;
    size_t got;
    enum link_result result = link_read(bind->link, octets, sizeof octets, &got);
    if (result == LINK_LATER)
        return;
    if (result != LINK_OK) {
        sim_bind_close(bind, why_ended(bind, result));
        return;
    }
    if (bind->phase == LEFT)
        return; /* thrown away */
    sim_buffer_add(&bind->inbox, octets, got);
    hear_inbox(bind);
}

/* ---- writing ---- */

static void release(struct sim_bind *bind)
{
    size_t taken;
    if (bind->outbox.length == 0)
        return;
    enum link_result result =
        link_write(bind->link, octets_of(bind->outbox.at, bind->outbox.length), &taken);
    if (result == LINK_FAILED) {
        sim_bind_close(bind, why_ended(bind, result));
        return;
    }
    sim_buffer_drop(&bind->outbox, taken);
    link_want_write(bind->link, bind->outbox.length > 0);
    watch_reading(bind);
}

/* It only wakes the loop: the release of this turn writes. */
static void bind_writable(void *owner)
{
    (void)owner;
}

struct sim_bind *sim_bind_next(struct sim *sim, const struct sim_bind *bind)
{
    return bind == NULL ? TAILQ_FIRST(&sim->binds) : TAILQ_NEXT(bind, binds);
}

void sim_bind_release_all(struct sim *sim)
{
    struct sim_bind *next;
    for (struct sim_bind *bind = TAILQ_FIRST(&sim->binds); bind != NULL; bind = next) {
        next = TAILQ_NEXT(bind, binds);
        release(bind);
    }
}

/* ---- the beginning ---- */

void sim_bind_accept(void *owner, int fd)
{
    static const struct link_events events = {.readable = bind_readable, .writable = bind_writable};
    struct sim *sim = owner;
    if (sim->is_leaving || sim->bind_count >= SIM_CONNECTIONS_MOST) {
        close(fd);
        return;
    }
    struct sim_bind *bind = mem_new(sizeof *bind);
    bind->sim = sim;
    bind->number = ++sim->bind_serial;
    bind->next_sequence = 1;
    bind->is_reading = true;
    TAILQ_INIT(&bind->held);
    TAILQ_INIT(&bind->sent);
    TAILQ_INSERT_TAIL(&sim->binds, bind, binds);
    sim->bind_count++;
    bind->link = link_adopt(sim->loop, fd, &events, bind);
    timer_set(sim->loop, &bind->session, INIT_WAIT_MS, session_rings, bind);
    watch_reading(bind);
}

json_t *sim_bind_status(const struct sim_bind *bind)
{
    static const char *const phases[] = {"open",        "transmitter", "receiver",
                                         "transceiver", "leaving",     "left"};
    return json_pack("{sI ss ss ss ss sI sI}", "bind", (json_int_t)bind->number, "system_id",
                     bind->system_id, "as", phases[bind->phase], "version",
                     version_of(bind->version), "peer", link_peer(bind->link), "held",
                     (json_int_t)bind->held_count, "unanswered", (json_int_t)bind->sent_count);
}
