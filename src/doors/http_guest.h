/* http_guest: one connection of the HTTP door, for the files that deal with it: http_guests.c knows them all, http_admission.c reads
 * what each asks, http_refusal.c tells it no. Private to these. */
#ifndef DOORS_HTTP_GUEST_H
#define DOORS_HTTP_GUEST_H

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/queue.h>

#include "base/loop.h"
#include "guard.h"
#include "http_guests.h"
#include "http_head.h"

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
    bool is_last; /* nothing that it sends is read any more */
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
    bool is_to_trim; /* the room is empty; what was in it may not be freed yet */
    struct timer look, arrivals;
    uint64_t *shown_out;
};

/* ---- http_guests.c ---- */

void guest_turn_to(struct guest *guest, enum guest_phase phase);
/* To evhttp it is as if the client had gone; its octets are freed in the next turn. */
void guest_end(struct guest *guest);
void guest_show_out(struct guest *guest, const char *why);
void guest_leave_room(struct guest *guest); /* the room of its body */

/* ---- http_admission.c ---- */

/* Reads what has come, up to the end of its request: what is behind that is read when this one is answered. */
void guest_read_on(struct guest *guest);

/* ---- http_refusal.c ---- */

/* Behind what it was answered before. evhttp hears no more of it than its end. */
void guest_refuse(struct guest *guest, const struct answer *answer, const char *why);
void guest_refuse_as(struct guest *guest, enum verdict verdict, const char *why);
/* It comes with TLS: what speaks plain HTTP instead is told so. */
void guest_shake(struct guest *guest);
void guest_return_callbacks(struct guest *guest); /* to evhttp, if they were taken */

#endif
