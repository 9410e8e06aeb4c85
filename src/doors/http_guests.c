#include "http_guests.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/tls.h"
#include "guard.h"
#include "http_head.h"

#define LOOK_MS      1000
#define REFUSED_MOST 200 /* that linger at a time; more are ended at once */

enum guest_phase {
    GUEST_RESTING, /* nothing of its next request has come */
    GUEST_ASKING,  /* a request has begun */
    GUEST_WAITING, /* it is whole, and the answer is not there yet: that is our time */
    GUEST_REFUSED, /* it is no more evhttp's to hear; once it has taken that, it goes */
    GUEST_LEAVING  /* evhttp is about to let go of it */
};

struct guest {
    TAILQ_ENTRY(guest) line;
    struct guests *guests;
    struct bufferevent *stream;
    int fd; /* -1: not known yet */
    char address[INET6_ADDRSTRLEN], network[GUARD_NETWORK_SIZE];
    enum guest_phase phase;
    int64_t since_ms; /* it came, began to ask after a rest, asked its newest request whole, was answered or refused */
    size_t octets;    /* that wait here: the answer's that it has not taken, and … */
    size_t unasked;   /* … those that it has sent of a request which isn't whole */
    size_t unread;    /* that stand in its stream, not looked at: those of the next requests */
    size_t body_limit, room; /* of the request that it asks: what its body may have, and has of the room for large ones */
    size_t answer_room;      /* what a large answer to it has of that room, until it is taken; 0: it is none */
    struct head head;
    bool is_tls;
    bool is_taken; /* its callbacks are ours for a while, evhttp's are: */
    bufferevent_data_cb on_read, on_write;
    bufferevent_event_cb on_event;
    void *evhttp;
};

TAILQ_HEAD(guest_list, guest);

struct guests {
    struct loop *loop;
    const struct guests_events *events;
    void *owner;
    struct guest_limits limits;
    struct guest_list all; /* by since_ms */
    struct guest **by_fd;
    size_t fd_room;
    size_t count, octets; /* of those that aren't leaving */
    size_t refused;
    size_t room_taken;
    struct timer look, arrivals;
    uint64_t *shown_out;
};

/* ---- leaving ---- */

static void guest_free(struct guest *guest);
static void look_rings(void *owner);

static void guest_turn_to(struct guest *guest, enum guest_phase phase)
{
    struct guests *guests = guest->guests;
    guests->refused -= guest->phase == GUEST_REFUSED ? 1 : 0;
    guests->refused += phase == GUEST_REFUSED ? 1 : 0;
    guest->phase = phase;
    guest->since_ms = clock_mono_ms();
    TAILQ_REMOVE(&guests->all, guest, line);
    TAILQ_INSERT_TAIL(&guests->all, guest, line);
}

static void room_leave(struct guest *guest)
{
    guests_give_room(guest->guests, guest->room);
    guest->room = 0;
}

static void answer_room_leave(struct guest *guest)
{
    guests_give_room(guest->guests, guest->answer_room);
    guest->answer_room = 0;
}

static void guest_leaves(struct guest *guest)
{
    guest_turn_to(guest, GUEST_LEAVING);
    guest->guests->octets -= guest->octets;
    --guest->guests->count;
    room_leave(guest);
    answer_room_leave(guest);
}

static void callbacks_take(struct guest *guest, bufferevent_data_cb on_read, bufferevent_data_cb on_write,
                           bufferevent_event_cb on_event)
{
    if (!guest->is_taken)
        bufferevent_getcb(guest->stream, &guest->on_read, &guest->on_write, &guest->on_event, &guest->evhttp);
    guest->is_taken = true;
    bufferevent_setcb(guest->stream, on_read, on_write, on_event, guest);
}

static void callbacks_return(struct guest *guest)
{
    if (guest->is_taken)
        bufferevent_setcb(guest->stream, guest->on_read, guest->on_write, guest->on_event, guest->evhttp);
    guest->is_taken = false;
}

/* To evhttp it is as if the client had gone; its octets are freed in the next turn. */
static void guest_end(struct guest *guest)
{
    struct guests *guests = guest->guests;
    callbacks_return(guest);
    guest_leaves(guest);
    bufferevent_disable(guest->stream, EV_READ | EV_WRITE);
    bufferevent_trigger_event(guest->stream, BEV_EVENT_READING | BEV_EVENT_EOF,
                              BEV_TRIG_DEFER_CALLBACKS);
    timer_set(guests->loop, &guests->look, 0, look_rings, guests);
}

static void guest_show_out(struct guest *guest, const char *why)
{
    log_info("http connection ended peer=%s octets=%zu why=\"%s\"", guest->address, guest->octets, why);
    ++*guest->guests->shown_out;
    guest_end(guest);
}

/* ---- refusing ---- */

static void refused_reads(struct bufferevent *stream, void *owner)
{
    struct evbuffer *input = bufferevent_get_input(stream);
    (void)owner;
    evbuffer_drain(input, evbuffer_get_length(input));
}

/* It has been told. The socket is closed once it has closed its side: what it still sends would otherwise reset the
 * connection, and take the answer with it (RFC 9112 9.6). */
static void refused_has_written(struct bufferevent *stream, void *owner)
{
    struct guest *guest = owner;
    (void)stream;
    shutdown(guest->fd, SHUT_WR);
}

static void refused_happens(struct bufferevent *stream, short what, void *owner)
{
    (void)stream;
    if ((what & BEV_EVENT_CONNECTED) == 0)
        guest_end(owner);
}

static const char *phrase_of(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {{400, "Bad Request"},        {401, "Unauthorized"},
                   {403, "Forbidden"},          {405, "Method Not Allowed"},
                   {408, "Request Timeout"},    {411, "Length Required"},
                   {413, "Content Too Large"},  {417, "Expectation Failed"},
                   {429, "Too Many Requests"},  {431, "Request Header Fields Too Large"},
                   {503, "Service Unavailable"}, {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Refused";
}

static void refusal_write(struct evbuffer *output, const struct answer *answer, const char *lines, bool has_no_body)
{
    const char *name = answer->header == NULL ? "" : answer->header;
    evbuffer_add_printf(output,
                        "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
                        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n%s%s%s%s%s\r\n",
                        answer->status, phrase_of(answer->status), answer->type, answer->body.length, name,
                        *name == '\0' ? "" : ": ", *name == '\0' ? "" : answer->value, *name == '\0' ? "" : "\r\n", lines);
    if (!has_no_body)
        evbuffer_add(output, answer->body.at, answer->body.length);
}

/* Behind what it was answered before. evhttp hears no more of it than its end. */
static void guest_refuse(struct guest *guest, const struct answer *answer, const char *why)
{
    struct guests *guests = guest->guests;
    bool has_no_body = strcmp(head_method(&guest->head), "HEAD") == 0;
    log_info("http refused status=%d peer=%s why=\"%s\"", answer->status, guest->address, why);
    if (guests->refused >= REFUSED_MOST) {
        guest_show_out(guest, "too many are being refused");
        return;
    }
    guest_turn_to(guest, GUEST_REFUSED);
    room_leave(guest);
    callbacks_take(guest, refused_reads, refused_has_written, refused_happens);
    refused_reads(guest->stream, guest);
    guests->octets -= guest->unasked;
    guest->octets -= guest->unasked;
    guest->unasked = guest->unread = 0;
    refusal_write(bufferevent_get_output(guest->stream), answer, guests->events->lines(guests->owner, &guest->head),
                  has_no_body);
    bufferevent_enable(guest->stream, EV_READ | EV_WRITE);
}

static void guest_refuse_as(struct guest *guest, enum verdict verdict, const char *why)
{
    struct answer answer = guest->guests->events->refuse(guest->guests->owner, verdict, why);
    guest_refuse(guest, &answer, why);
}

/* evhttp has freed the connection; its socket may be another's by now. */
static bool guest_is_gone(const struct guest *guest)
{
    bufferevent_event_cb on_event;
    bufferevent_getcb(guest->stream, NULL, NULL, &on_event, NULL);
    return on_event == NULL;
}

static bool is_leaving(const struct guest *guest)
{
    return guest->phase == GUEST_LEAVING;
}

/* Whoever keeps no more than an equal share is in nobody's way; one who keeps more there must be. */
static void guests_thin(struct guests *guests)
{
    struct guest *next;
    for (struct guest *guest = TAILQ_FIRST(&guests->all);
         guest != NULL && guests->octets > GUESTS_OCTETS; guest = next) {
        next = TAILQ_NEXT(guest, line);
        if (guest_is_gone(guest))
            guest_free(guest);
        else if (!is_leaving(guest) && guest->octets > GUESTS_OCTETS / guests->count)
            guest_show_out(guest, "too much waits for all, and this was at it longest");
    }
}

/* ---- what is asked ---- */

/* Of a body that is too large for all: room, or none is left. */
static bool room_take(struct guest *guest, size_t body)
{
    struct guests *guests = guest->guests;
    size_t more = body <= HTTP_BODY_LIMIT || body <= guest->room ? 0 : body - guest->room;
    if (guests->room_taken + more > guests->limits.large_octets)
        return more == 0;
    guests->room_taken += more;
    guest->room += more;
    return true;
}

static bool body_fits(struct guest *guest)
{
    char why[HTTP_WHY_SIZE];
    size_t body = guest->head.body;
    if (body > guest->body_limit) {
        snprintf(why, sizeof why, "the body has %s%zu octets, and %zu are allowed",
                 guest->head.is_chunked ? "more than " : "", guest->head.is_chunked ? guest->body_limit : body,
                 guest->body_limit);
        guest_refuse_as(guest, VERDICT_TOO_LARGE, why);
        return false;
    }
    if (room_take(guest, body))
        return true;
    guest_refuse_as(guest, VERDICT_UNAVAILABLE, "too many large bodies are on their way at once");
    return false;
}

static bool is_welcome(struct guest *guest)
{
    struct guests *guests = guest->guests;
    struct answer refusal = {0};
    guest->body_limit = guests->events->admit(guests->owner, &guest->head, guest->address, &refusal);
    if (guest->body_limit > 0)
        return true;
    guest_refuse(guest, &refusal, "its head is not welcome");
    return false;
}

static struct octets unread_piece(const struct guest *guest)
{
    struct evbuffer_ptr from;
    struct evbuffer_iovec piece;
    struct evbuffer *input = bufferevent_get_input(guest->stream);
    if (guest->unread == 0 || guest->head.state == HEAD_BODY)
        return octets_of(NULL, guest->unread); /* which nobody looks at */
    must(evbuffer_ptr_set(input, &from, evbuffer_get_length(input) - guest->unread, EVBUFFER_PTR_SET) == 0 &&
         evbuffer_peek(input, -1, &from, &piece, 1) > 0);
    return octets_of(piece.iov_base, piece.iov_len);
}

/* Up to the end of its request: what is behind that is looked at when this one is answered. */
static void guest_read_on(struct guest *guest)
{
    struct head *head = &guest->head;
    while (guest->phase <= GUEST_ASKING && head->state != HEAD_WHOLE &&
           (guest->unread > 0 || head->state == HEAD_READ)) {
        if (head->state == HEAD_READ && !is_welcome(guest))
            return;
        if (guest->phase == GUEST_RESTING)
            guest_turn_to(guest, GUEST_ASKING);
        guest->unread -= head_add(head, unread_piece(guest));
        if (head->state == HEAD_BROKEN)
            guest_refuse_as(guest, head->fault, head->why);
        else if (head->state > HEAD_READ && !body_fits(guest))
            return;
    }
}

/* ---- what waits ---- */

static void address_read(struct guest *guest)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    const void *at = &name;
    memset(&name, 0, sizeof name);
    snprintf(guest->address, sizeof guest->address, "?");
    snprintf(guest->network, sizeof guest->network, "?");
    if (getpeername(guest->fd, (struct sockaddr *)&name, &size) != 0)
        return;
    const void *octets = name.ss_family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)at)->sin6_addr
                                                    : (const void *)&((const struct sockaddr_in *)at)->sin_addr;
    inet_ntop(name.ss_family, octets, guest->address, sizeof guest->address);
    guard_network(guest->address, guest->network);
}

static void guest_place(struct guest *guest)
{
    struct guests *guests = guest->guests;
    guest->fd = bufferevent_getfd(guest->stream);
    must(guest->fd >= 0);
    address_read(guest);
    size_t place = (size_t)guest->fd;
    if (place >= guests->fd_room) {
        size_t room = 2 * place + 64;
        guests->by_fd = mem_grow(guests->by_fd, room * sizeof(struct guest *));
        memset(guests->by_fd + guests->fd_room, 0,
               (room - guests->fd_room) * sizeof(struct guest *));
        guests->fd_room = room;
    }
    guests->by_fd[place] = guest;
}

static void guest_count(struct guest *guest, size_t more, size_t less)
{
    guest->octets += more - less;
    if (is_leaving(guest))
        return;
    guest->guests->octets += more - less;
    if (more > less)
        guests_thin(guest->guests);
}

/* What is taken from the buffer is in evhttp's request, until that is whole. A rest doesn't count as
 * being at it: else who asks now and then would go first, and who asks without end never. */
static void input_changed(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *owner)
{
    struct guest *guest = owner;
    (void)buffer;
    if (info->n_added == 0 || guest->phase >= GUEST_REFUSED)
        return;
    if (guest->fd < 0)
        guest_place(guest);
    guest->unread += info->n_added;
    guest_read_on(guest);
    if (guest->phase >= GUEST_REFUSED || guest->room > 0)
        return; /* a large body has room of its own */
    guest->unasked += info->n_added;
    guest_count(guest, info->n_added, 0);
}

static void output_changed(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *owner)
{
    struct guest *guest = owner;
    if (guest->answer_room == 0)
        guest_count(guest, info->n_added, info->n_deleted);
    else if (evbuffer_get_length(buffer) == 0)
        answer_room_leave(guest);
}

/* ---- coming and going ---- */

static void guest_free(struct guest *guest)
{
    struct guests *guests = guest->guests;
    evbuffer_remove_cb(bufferevent_get_input(guest->stream), input_changed, guest);
    evbuffer_remove_cb(bufferevent_get_output(guest->stream), output_changed, guest);
    if (guest->fd >= 0 && guests->by_fd[guest->fd] == guest)
        guests->by_fd[guest->fd] = NULL;
    if (!is_leaving(guest))
        guest_leaves(guest);
    TAILQ_REMOVE(&guests->all, guest, line);
    bufferevent_decref(guest->stream);
    head_wipe(&guest->head);
    free(guest);
}

static int64_t allowance(int64_t base_ms, size_t octets)
{
    return base_ms + (int64_t)(octets / SECOND_OCTETS) * 1000;
}

static void guest_look(struct guest *guest, int64_t now_ms)
{
    int64_t spent_ms = now_ms - guest->since_ms;
    size_t waiting = guest->octets + guest->answer_room;
    const struct guest_limits *limits = &guest->guests->limits;
    switch (guest->phase) {
    case GUEST_RESTING:
        if (waiting > 0 && spent_ms >= allowance(GUEST_MS, waiting))
            guest_show_out(guest, "it didn't take its answer in time");
        else if (waiting == 0 && spent_ms >= REST_MS)
            guest_show_out(guest, "it asks nothing");
        return;
    case GUEST_ASKING:
        if (spent_ms >= allowance(limits->request_ms, guest->head.body)) {
            ++*guest->guests->shown_out;
            guest_refuse_as(guest, VERDICT_TIMED_OUT, "the request was not whole in time");
        }
        return;
    case GUEST_REFUSED:
        if (spent_ms >= LINGER_MS)
            guest_end(guest);
        return;
    case GUEST_WAITING:
    case GUEST_LEAVING:
        return;
    }
}

static void look_rings(void *owner)
{
    struct guests *guests = owner;
    struct guest *next;
    int64_t now_ms = clock_mono_ms();
    for (struct guest *guest = TAILQ_FIRST(&guests->all); guest != NULL; guest = next) {
        next = TAILQ_NEXT(guest, line);
        if (guest_is_gone(guest))
            guest_free(guest);
        else
            guest_look(guest, now_ms);
    }
    if (!TAILQ_EMPTY(&guests->all))
        timer_set(guests->loop, &guests->look, LOOK_MS, look_rings, guests);
}

/* ---- TLS ---- */

/* What speaks plain HTTP where TLS is spoken is told so, in plain HTTP. */
static void plain_refuse(struct guest *guest)
{
    static const char why[] = "plain HTTP was spoken to a door of TLS: use https://";
    struct answer answer = guest->guests->events->refuse(guest->guests->owner, VERDICT_MALFORMED, why);
    struct evbuffer *text = evbuffer_new();
    must(text != NULL);
    log_info("http refused status=%d peer=%s why=\"%s\"", answer.status, guest->address, why);
    refusal_write(text, &answer, "", false);
    evbuffer_write(text, guest->fd);
    evbuffer_free(text);
}

static void shaking_ends(struct bufferevent *stream, short what, void *owner)
{
    struct guest *guest = owner;
    callbacks_return(guest);
    if ((what & BEV_EVENT_ERROR) != 0 && tls_bufferevent_heard_http(stream))
        plain_refuse(guest);
    guest->on_event(stream, what, guest->evhttp);
}

/* ---- arriving ---- */

/* How many are there beside it, and of those how many of its address; who is gone isn't. */
static size_t neighbours_count(struct guest *guest, size_t *others)
{
    size_t count = 0;
    struct guest *other, *next;
    *others = 0;
    for (other = TAILQ_FIRST(&guest->guests->all); other != NULL; other = next) {
        next = TAILQ_NEXT(other, line);
        if (other == guest || other->fd < 0 || other->phase >= GUEST_REFUSED)
            continue;
        if (guest_is_gone(other)) {
            guest_free(other);
            continue;
        }
        ++*others;
        count += strcmp(other->network, guest->network) == 0;
    }
    return count;
}

static void guest_arrive(struct guest *guest)
{
    size_t others, neighbours;
    const struct guest_limits *limits = &guest->guests->limits;
    guest_place(guest);
    neighbours = neighbours_count(guest, &others);
    if (limits->connections > 0 && others >= limits->connections)
        guest_refuse_as(guest, VERDICT_UNAVAILABLE, "too many connections are open");
    else if (limits->of_address > 0 && neighbours >= limits->of_address)
        guest_refuse_as(guest, VERDICT_UNAVAILABLE, "too many connections are open from this address");
    else if (guest->is_tls)
        callbacks_take(guest, NULL, NULL, shaking_ends);
}

/* Now that they have sockets. None of them has sent anything yet that was read. */
static void arrivals_ring(void *owner)
{
    struct guests *guests = owner;
    struct guest *guest, *next;
    for (guest = TAILQ_FIRST(&guests->all); guest != NULL; guest = next) {
        next = TAILQ_NEXT(guest, line);
        if (guest->fd < 0 && !guest_is_gone(guest)) {
            guest_arrive(guest);
            next = TAILQ_FIRST(&guests->all); /* some may have gone */
        }
    }
}

void guests_come(struct guests *guests, struct bufferevent *stream, bool is_tls)
{
    struct guest *guest = mem_new(sizeof *guest);
    guest->guests = guests;
    guest->stream = stream;
    guest->fd = -1;
    guest->is_tls = is_tls;
    guest->since_ms = clock_mono_ms();
    bufferevent_incref(stream);
    TAILQ_INSERT_TAIL(&guests->all, guest, line);
    ++guests->count;
    must(evbuffer_add_cb(bufferevent_get_input(stream), input_changed, guest) != NULL &&
         evbuffer_add_cb(bufferevent_get_output(stream), output_changed, guest) != NULL);
    timer_set(guests->loop, &guests->arrivals, 0, arrivals_ring, guests);
    if (!timer_is_set(&guests->look))
        timer_set(guests->loop, &guests->look, LOOK_MS, look_rings, guests);
}

static struct guest *guest_of(struct guests *guests, struct bufferevent *stream)
{
    struct guest *guest = guests->by_fd[bufferevent_getfd(stream)];
    must(guest != NULL && guest->stream == stream);
    return guest;
}

bool guests_asked(struct guests *guests, struct bufferevent *stream)
{
    struct guest *guest = guest_of(guests, stream);
    size_t left = evbuffer_get_length(bufferevent_get_input(stream));
    bool is_same = guest->phase == GUEST_ASKING && guest->head.state == HEAD_WHOLE && left == guest->unread;
    guest_count(guest, left, guest->unasked);
    guest->unasked = left;
    if (guest->phase == GUEST_ASKING)
        guest_turn_to(guest, GUEST_WAITING);
    return is_same;
}

void guests_answered(struct guests *guests, struct bufferevent *stream)
{
    struct guest *guest = guest_of(guests, stream);
    if (guest->phase != GUEST_WAITING)
        return;
    room_leave(guest);
    guest_turn_to(guest, GUEST_RESTING);
    head_begin(&guest->head);
    guest_read_on(guest);
}

void guests_answer_large(struct guests *guests, struct bufferevent *stream, size_t octets)
{
    struct guest *guest = guest_of(guests, stream);
    if (guest->phase != GUEST_WAITING || evbuffer_get_length(bufferevent_get_output(stream)) > 0)
        return;
    guest->answer_room = octets;
    guests->room_taken += octets;
}

void guests_left(struct guests *guests, struct bufferevent *stream)
{
    bufferevent_disable(stream, EV_READ | EV_WRITE);
    guest_free(guest_of(guests, stream));
}

/* ---- room ---- */

size_t guests_take_room(struct guests *guests, struct bufferevent *stream)
{
    struct guest *guest = guest_of(guests, stream);
    size_t room = guest->room;
    guest->room = 0;
    return room;
}

void guests_give_room(struct guests *guests, size_t octets)
{
    must(octets <= guests->room_taken);
    guests->room_taken -= octets;
    if (octets > 0 && guests->room_taken == 0)
        malloc_trim(0); /* what large bodies leave behind would stay the process's */
}

/* ---- life ---- */

void guests_limit(struct guests *guests, const struct guest_limits *limits)
{
    guests->limits = *limits;
}

struct guests *guests_open(struct loop *loop, const struct guests_events *events, void *owner, uint64_t *shown_out)
{
    struct guests *guests = mem_new(sizeof *guests);
    guests->loop = loop;
    guests->events = events;
    guests->owner = owner;
    guests->shown_out = shown_out;
    TAILQ_INIT(&guests->all);
    return guests;
}

void guests_close(struct guests *guests)
{
    if (guests == NULL)
        return;
    struct guest *guest;
    while ((guest = TAILQ_FIRST(&guests->all)) != NULL)
        guest_free(guest);
    timer_clear(guests->loop, &guests->look);
    timer_clear(guests->loop, &guests->arrivals);
    free(guests->by_fd);
    free(guests);
}
