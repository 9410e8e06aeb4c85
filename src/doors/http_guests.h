/* http_guests: the connections of the HTTP door: what each asks is looked at before evhttp sees it, and how many there
 * are, how long and how much each may keep us waiting is bounded. evhttp would refuse in HTML, take any body whole
 * before anybody is asked, and end in silence what is late. Private to the door.
 *
 * A guest asks a whole request within the limits, which say how long that may take, and has taken the answer to the one
 * before within GUEST_MS; a second more for each SECOND_OCTETS of either. All of them together have no more than
 * GUESTS_OCTETS waiting here, either way: above it goes who has been at it longest, of those that keep more than an equal
 * share. So whoever asks little is served, whatever the others do. Bodies above HTTP_BODY_LIMIT, which only some routes take, and
 * from known accounts, have room of their own. */
#ifndef DOORS_HTTP_GUESTS_H
#define DOORS_HTTP_GUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consent/verdict.h"
#include "http_parts.h"

#define GUEST_MS      120000
#define REST_MS       60000 /* between its requests */
#define LINGER_MS     5000  /* until it has taken that it was refused */
#define SECOND_OCTETS ((size_t)64 << 10)
#define GUESTS_OCTETS ((size_t)96 << 20)

struct bufferevent;
struct guests;
struct head;
struct loop;

struct guest_limits {
    size_t connections, of_address; /* 0: no limit */
    int64_t request_ms;
    size_t large_octets; /* of bodies above HTTP_BODY_LIMIT, all together */
};

struct guests_events {
    /* The head of a request has come. Gives how many octets its body may have. 0: it is refused, by the answer. */
    size_t (*admit)(void *owner, const struct head *head, const char *peer, struct answer *refusal);
    /* The answer that says so; in the turn's region. */
    struct answer (*refuse)(void *owner, enum verdict verdict, const char *why);
    /* More header lines of a refusal, each with its end; in the turn's region. */
    const char *(*lines)(void *owner, const struct head *head);
};

/* `shown_out` counts those that had to go. */
struct guests *guests_open(struct loop *loop, const struct guests_events *events, void *owner, uint64_t *shown_out);
void guests_close(struct guests *guests); /* after evhttp has let go of them; NULL is allowed */
void guests_limit(struct guests *guests, const struct guest_limits *limits); /* from now on */

/* A connection begins whose stream evhttp will own; we keep a reference until it has let go. */
void guests_come(struct guests *guests, struct bufferevent *stream, bool is_tls);
/* It has asked a whole request. False: not the one that was looked at, which is a mistake of ours; it must not be answered
 * as if it were, and is its last one. */
bool guests_asked(struct guests *guests, struct bufferevent *stream);
/* Nothing is heard behind the request that it has asked: the answer is to say that the connection ends. */
bool guests_is_last(const struct guests *guests, struct bufferevent *stream);
/* It has been given its answer; what it has sent behind its request is looked at now, unless that was its last. */
void guests_answered(struct guests *guests, struct bufferevent *stream, bool is_last);
/* It will be given so large an answer: that has of the room for large bodies, until it is taken. Said twice it counts once. */
void guests_answer_large(struct guests *guests, struct bufferevent *stream, size_t octets);

bool guests_have_taken_all(const struct guests *guests); /* no answer waits for its client */

/* evhttp is about to close its connection. Of one that has asked something that is to be told at once: our reference keeps the
 * stream's interest in its socket alive, which may be somebody else's by the next pass of the loop. */
void guests_left(struct guests *guests, struct bufferevent *stream);

/* The room that its large body takes is the caller's, now that the body is. */
size_t guests_take_room(struct guests *guests, struct bufferevent *stream);
/* Whether so many octets more fit into that room, what those had who have hung up being free again. */
bool guests_have_room(struct guests *guests, size_t more);
/* Whoever has so many octets of that room wants others in their place; 0: gives them back. False: there is no room for as many
 * more. Whoever is alone in it gets what it wants: nobody will make room for it. */
bool guests_change_room(struct guests *guests, size_t has, size_t wants);

#endif
