#include "http_guests.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"

#define LOOK_MS 1000

struct guest {
    TAILQ_ENTRY(guest) line;
    struct guests *guests;
    struct bufferevent *stream;
    int fd;           /* -1: it has sent nothing yet */
    int64_t since_ms; /* it came, began to ask after a rest, or asked its newest request whole */
    size_t octets;    /* that wait here: the answer's that it has not taken, and … */
    size_t unasked;   /* … those that it has sent of a request which isn't whole */
    bool is_waiting;  /* it has asked, and the answer is not there yet: that is our time */
    bool is_leaving;  /* evhttp is about to let go of it */
};

TAILQ_HEAD(guest_list, guest);

struct guests {
    struct loop *loop;
    struct guest_list all; /* by since_ms */
    struct guest **by_fd;
    size_t fd_room;
    size_t count, octets; /* of those that aren't leaving */
    struct timer look;
    uint64_t *shown_out;
};

/* ---- leaving ---- */

static void guest_free(struct guest *guest);
static void look_rings(void *owner);

static void guest_leaves(struct guest *guest)
{
    guest->is_leaving = true;
    guest->guests->octets -= guest->octets;
    --guest->guests->count;
}

/* To evhttp it is as if the client had gone; its octets are freed in the next turn. */
static void guest_show_out(struct guest *guest, const char *why)
{
    struct guests *guests = guest->guests;
    log_info("http connection ended octets=%zu why=\"%s\"", guest->octets, why);
    guest_leaves(guest);
    ++*guests->shown_out;
    bufferevent_disable(guest->stream, EV_READ);
    bufferevent_trigger_event(guest->stream, BEV_EVENT_READING | BEV_EVENT_EOF,
                              BEV_TRIG_DEFER_CALLBACKS);
    timer_set(guests->loop, &guests->look, 0, look_rings, guests);
}

/* evhttp has freed the connection; its socket may be another's by now. */
static bool guest_is_gone(const struct guest *guest)
{
    bufferevent_event_cb on_event;
    bufferevent_getcb(guest->stream, NULL, NULL, &on_event, NULL);
    return on_event == NULL;
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
        else if (!guest->is_leaving && guest->octets > GUESTS_OCTETS / guests->count)
            guest_show_out(guest, "too much waits for all, and this was at it longest");
    }
}

/* ---- what waits ---- */

static void guest_place(struct guest *guest)
{
    struct guests *guests = guest->guests;
    guest->fd = bufferevent_getfd(guest->stream);
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
    if (guest->is_leaving)
        return;
    guest->guests->octets += more - less;
    if (more > less)
        guests_thin(guest->guests);
}

static void guest_begin(struct guest *guest)
{
    guest->since_ms = clock_mono_ms();
    TAILQ_REMOVE(&guest->guests->all, guest, line);
    TAILQ_INSERT_TAIL(&guest->guests->all, guest, line);
}

/* What is taken from the buffer is in evhttp's request, until that is whole. A rest doesn't count as
 * being at it: else who asks now and then would go first, and who asks without end never. */
static void input_changed(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *owner)
{
    struct guest *guest = owner;
    (void)buffer;
    if (guest->fd < 0)
        guest_place(guest);
    if (guest->octets == 0 && info->n_added > 0)
        guest_begin(guest);
    guest->unasked += info->n_added;
    guest_count(guest, info->n_added, 0);
}

static void output_changed(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *owner)
{
    (void)buffer;
    guest_count(owner, info->n_added, info->n_deleted);
}

/* ---- coming and going ---- */

static void guest_free(struct guest *guest)
{
    struct guests *guests = guest->guests;
    evbuffer_remove_cb(bufferevent_get_input(guest->stream), input_changed, guest);
    evbuffer_remove_cb(bufferevent_get_output(guest->stream), output_changed, guest);
    if (guest->fd >= 0 && guests->by_fd[guest->fd] == guest)
        guests->by_fd[guest->fd] = NULL;
    TAILQ_REMOVE(&guests->all, guest, line);
    if (!guest->is_leaving)
        guest_leaves(guest);
    bufferevent_decref(guest->stream);
    free(guest);
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
        else if (!guest->is_leaving && !guest->is_waiting && now_ms - guest->since_ms >= GUEST_MS)
            guest_show_out(guest, "it asked nothing whole in time, or didn't take its answer");
    }
    if (!TAILQ_EMPTY(&guests->all))
        timer_set(guests->loop, &guests->look, LOOK_MS, look_rings, guests);
}

void guests_come(struct guests *guests, struct bufferevent *stream)
{
    struct guest *guest = mem_new(sizeof *guest);
    guest->guests = guests;
    guest->stream = stream;
    guest->fd = -1;
    guest->since_ms = clock_mono_ms();
    bufferevent_incref(stream);
    TAILQ_INSERT_TAIL(&guests->all, guest, line);
    ++guests->count;
    must(evbuffer_add_cb(bufferevent_get_input(stream), input_changed, guest) != NULL &&
         evbuffer_add_cb(bufferevent_get_output(stream), output_changed, guest) != NULL);
    if (!timer_is_set(&guests->look))
        timer_set(guests->loop, &guests->look, LOOK_MS, look_rings, guests);
}

void guests_asked(struct guests *guests, struct bufferevent *stream)
{
    struct guest *guest = guests->by_fd[bufferevent_getfd(stream)];
    must(guest != NULL && guest->stream == stream);
    size_t left = evbuffer_get_length(bufferevent_get_input(stream));
    guest_count(guest, left, guest->unasked);
    guest->unasked = left;
    guest->is_waiting = true;
    guest_begin(guest);
}

void guests_answer(struct guests *guests, struct bufferevent *stream)
{
    struct guest *guest = guests->by_fd[bufferevent_getfd(stream)];
    must(guest != NULL && guest->stream == stream);
    guest->is_waiting = false;
    guest_begin(guest);
}

struct guests *guests_open(struct loop *loop, uint64_t *shown_out)
{
    struct guests *guests = mem_new(sizeof *guests);
    guests->loop = loop;
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
    free(guests->by_fd);
    free(guests);
}
