#include "http_guests.h"

#include <event2/buffer.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "http_guest.h"

#define LOOK_MS 1000
#define FULL_READ 4096 /* octets: libevent reads no more of a connection at a time */

/* ---- leaving ---- */

static void guest_free(struct guest *guest);
static void look_rings(void *owner);

void guest_turn_to(struct guest *guest, enum guest_phase phase)
{
    struct guests *guests = guest->guests;
    guests->refused -= guest->phase == GUEST_REFUSED ? 1 : 0;
    guests->refused += phase == GUEST_REFUSED ? 1 : 0;
    guest->phase = phase;
    guest->since_ms = clock_mono_ms();
    TAILQ_REMOVE(&guests->all, guest, line);
    TAILQ_INSERT_TAIL(&guests->all, guest, line);
}

void guest_leave_room(struct guest *guest)
{
    guests_change_room(guest->guests, guest->room, 0);
    guest->room = 0;
}

static void answer_room_leave(struct guest *guest)
{
    guests_change_room(guest->guests, guest->answer_room, 0);
    guest->answer_room = 0;
}

static void guest_leaves(struct guest *guest)
{
    guest_turn_to(guest, GUEST_LEAVING);
    guest->guests->octets -= guest->octets;
    --guest->guests->count;
    guest_leave_room(guest);
    answer_room_leave(guest);
}

void guest_end(struct guest *guest)
{
    struct guests *guests = guest->guests;
    guest_return_callbacks(guest);
    guest_leaves(guest);
    bufferevent_disable(guest->stream, EV_READ | EV_WRITE);
    bufferevent_trigger_event(guest->stream, BEV_EVENT_READING | BEV_EVENT_EOF,
                              BEV_TRIG_DEFER_CALLBACKS);
    timer_set(guests->loop, &guests->look, 0, look_rings, guests);
}

void guest_show_out(struct guest *guest, const char *why)
{
    log_info("http connection ended peer=%s octets=%zu why=\"%s\"", guest->address, guest->octets, why);
    ++*guest->guests->shown_out;
    guest_end(guest);
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
    if (info->n_added >= FULL_READ)
        loop_look_again(guest->guests->loop);
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
    if (guests->is_to_trim && guests->room_taken == 0)
        malloc_trim(0); /* what large bodies leave behind would stay the process's */
    guests->is_to_trim = false;
    if (!TAILQ_EMPTY(&guests->all))
        timer_set(guests->loop, &guests->look, LOOK_MS, look_rings, guests);
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
        guest_shake(guest);
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

static struct guest *guest_of(const struct guests *guests, struct bufferevent *stream)
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
    guest->is_last = !is_same;
    return is_same;
}

bool guests_is_last(const struct guests *guests, struct bufferevent *stream)
{
    const struct guest *guest = guest_of(guests, stream);
    return guest->is_last || head_is_last(&guest->head);
}

void guests_answered(struct guests *guests, struct bufferevent *stream, bool is_last)
{
    struct guest *guest = guest_of(guests, stream);
    if (guest->phase != GUEST_WAITING)
        return;
    guest_leave_room(guest);
    guest_turn_to(guest, GUEST_RESTING);
    guest->is_last = is_last;
    head_begin(&guest->head);
    guest_read_on(guest);
}

void guests_answer_large(struct guests *guests, struct bufferevent *stream, size_t octets)
{
    struct guest *guest = guest_of(guests, stream);
    if (guest->phase != GUEST_WAITING || guest->answer_room > 0 || evbuffer_get_length(bufferevent_get_output(stream)) > 0)
        return;
    guest->answer_room = octets;
    guests->room_taken += octets;
}

bool guests_have_taken_all(const struct guests *guests)
{
    const struct guest *guest;
    TAILQ_FOREACH(guest, &guests->all, line)
    {
        if (!guest_is_gone(guest) && !is_leaving(guest) && evbuffer_get_length(bufferevent_get_output(guest->stream)) > 0)
            return false;
    }
    return true;
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

static void sweep(struct guests *guests)
{
    struct guest *next;
    for (struct guest *guest = TAILQ_FIRST(&guests->all); guest != NULL; guest = next) {
        next = TAILQ_NEXT(guest, line);
        if (guest_is_gone(guest))
            guest_free(guest);
    }
}

bool guests_have_room(struct guests *guests, size_t more)
{
    if (guests->room_taken + more > guests->limits.large_octets)
        sweep(guests);
    return guests->room_taken + more <= guests->limits.large_octets;
}

bool guests_change_room(struct guests *guests, size_t has, size_t wants)
{
    must(has <= guests->room_taken);
    if (wants > has && !guests_have_room(guests, wants - has) && guests->room_taken > has)
        return false;
    guests->room_taken += wants - has;
    guests->is_to_trim = guests->is_to_trim || (has > 0 && guests->room_taken == 0);
    if (guests->is_to_trim && !timer_is_set(&guests->look))
        timer_set(guests->loop, &guests->look, LOOK_MS, look_rings, guests);
    return true;
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
