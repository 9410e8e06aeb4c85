#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/must.h"
#include "src/sim/sim_bind_parts.h"
#include "src/sim/sim_say.h"

#define PDU_MOST         70000 /* F4: a full message_payload and what goes with it */
#define PDU_MOST_UNBOUND 512
#define READ_SIZE        65536
#define OUTBOX_MOST      (1u << 20) /* then we stop reading from who doesn't read */
#define HELD_MOST        10000
#define WINDOW           100 /* deliver_sm that may wait for their answers */
#define INIT_WAIT_MS     30000
#define PIECE_WAIT_MS    10000 /* F11 */
#define ANSWER_WAIT_MS   10000
#define LEAVE_WAIT_MS    1000

static bool is_bound(const struct sim_bind *bind)
{
    return bind->phase == BOUND_TX || bind->phase == BOUND_RX || bind->phase == BOUND_TRX;
}

const char *sim_version_name(uint8_t version)
{
    return version >= SIM_VERSION_50 ? "5.0" : version >= SIM_VERSION_34 ? "3.4" : "3.3";
}

static void clear_timers(struct sim_bind *bind)
{
    timer_clear(bind->sim->loop, &bind->session);
    timer_clear(bind->sim->loop, &bind->piece);
    timer_clear(bind->sim->loop, &bind->answers);
    timer_clear(bind->sim->loop, &bind->overtaking);
    timer_clear(bind->sim->loop, &bind->drop);
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
    sim_answer_drop_all(bind);
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

void sim_bind_part(struct sim_bind *bind, const char *why)
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

void sim_bind_watch_reading(struct sim_bind *bind)
{
    if (bind->link == NULL || bind->is_reading == wants_read(bind))
        return;
    bind->is_reading = !bind->is_reading;
    link_want_read(bind->link, bind->is_reading);
}

/* ---- knobs ---- */

static void drop_rings(void *owner)
{
    sim_bind_close(owner, "dropped");
}

/* drop-after counts from the bind, and for who is bound already from the turn of the knob. */
static void watch_drop(struct sim_bind *bind)
{
    int64_t after_ms = bind->sim->knobs.drop_after_ms;
    if (after_ms == 0)
        timer_clear(bind->sim->loop, &bind->drop);
    else if (is_bound(bind) && !timer_is_set(&bind->drop))
        timer_set(bind->sim->loop, &bind->drop, after_ms, drop_rings, bind);
}

void sim_bind_adapt(struct sim_bind *bind)
{
    watch_drop(bind);
    sim_answer_release(bind);
    sim_bind_watch_reading(bind);
}

void sim_bind_leave(struct sim_bind *bind)
{
    if (!is_bound(bind)) {
        sim_bind_close(bind, "the carrier ends");
        return;
    }
    sim_write_plain(&bind->outbox, SIM_UNBIND, 0, bind->next_sequence++);
    bind->phase = LEAVING;
    sim_bind_watch_reading(bind);
    timer_set(bind->sim->loop, &bind->session, LEAVE_WAIT_MS, session_rings, bind);
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
             header->command == (SIM_RESPONSE | SIM_DATA_SM) || header->command == SIM_GENERIC_NACK)
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
    sim_bind_part(bind, "an impossible command_length");
}

static void hear_pdu(struct sim_bind *bind, const struct sim_header *header, const uint8_t *at)
{
    if ((header->command & SIM_RESPONSE) != 0)
        hear_response(bind, header);
    else
        sim_request_hear(bind, header,
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

/* ---- writing ---- */

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

/* How many octets of the outbox may leave. */
static size_t may_leave(const struct sim_bind *bind)
{
    bool is_mute = bind->sim->writes_nothing && bind->phase != OPEN;
    return is_mute ? bind->welcome : bind->outbox.length;
}

static void release(struct sim_bind *bind)
{
    size_t taken = 0, length = may_leave(bind);
    if (bind->outbox.length == 0)
        return;
    enum link_result result =
        length == 0 ? LINK_OK
                    : link_write(bind->link, octets_of(bind->outbox.at, length), &taken);
    if (result == LINK_FAILED) {
        sim_bind_close(bind, why_ended(bind, result));
        return;
    }
    sim_buffer_drop(&bind->outbox, taken);
    bind->welcome -= taken < bind->welcome ? taken : bind->welcome;
    link_want_write(bind->link, may_leave(bind) > 0);
    sim_bind_watch_reading(bind);
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

/* What was answered before still goes. */
static void drop_now(struct sim_bind *bind)
{
    fflush(stdout);
    release(bind);
    sim_bind_close(bind, "dropped");
}

/* ---- reading ---- */

static void hear_inbox(struct sim_bind *bind)
{
    size_t at = 0, length = 1;
    while (bind->phase != LEFT && !bind->is_to_drop && length > 0) {
        length = hear_next(bind, bind->inbox.at + at, bind->inbox.length - at);
        at += length;
    }
    if (bind->is_to_drop)
        drop_now(bind);
    if (bind->phase == LEFT)
        return;
    sim_buffer_drop(&bind->inbox, at);
    watch_piece(bind, at > 0);
    sim_bind_watch_reading(bind);
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
    TAILQ_INIT(&bind->overtaken);
    TAILQ_INIT(&bind->sent);
    TAILQ_INSERT_TAIL(&sim->binds, bind, binds);
    sim->bind_count++;
    bind->link = link_adopt(sim->loop, fd, &events, bind);
    timer_set(sim->loop, &bind->session, INIT_WAIT_MS, session_rings, bind);
    sim_bind_watch_reading(bind);
}

json_t *sim_bind_status(const struct sim_bind *bind)
{
    static const char *const phases[] = {"open",        "transmitter", "receiver",
                                         "transceiver", "leaving",     "left"};
    return json_pack("{sI ss ss ss ss sI sI}", "bind", (json_int_t)bind->number, "system_id",
                     bind->system_id, "as", phases[bind->phase], "version",
                     sim_version_name(bind->version), "peer", link_peer(bind->link), "held",
                     (json_int_t)bind->held_count, "unanswered", (json_int_t)bind->sent_count);
}
