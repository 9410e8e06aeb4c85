/* http_work: requests that are worked on over more turns than one. A handler that has more to do than a turn should
 * begins a work instead of answering. A slice of it is done in each turn, before the dispatch, and is on disk when
 * that turn is: so a STOP never waits for the rest. Private to the door.
 *
 * A work goes on though its client has hung up: what came whole is done whole. */
#ifndef DOORS_HTTP_WORK_H
#define DOORS_HTTP_WORK_H

#include <stdbool.h>

#include "consent/verdict.h"

struct answer;
struct ask;
struct evhttp_request;
struct http;
struct work;
struct works;

/* Each is called with an ask like a handler's, but for what was in the request: path, query, headers, body. */
struct work_kind {
    /* Does about ask->slice rows. Once it has answered the work is over; the answer leaves after the commit. */
    void (*step)(struct ask *ask, void *owner);
    /* What the step wrote is on disk. */
    void (*kept)(void *owner);
    /* It can't go on, for the reason given; what the step wrote since the last `kept` was not. Answers, and writes
     * nothing. */
    void (*cut)(struct ask *ask, void *owner, enum verdict why, const char *words);
    void (*free_it)(void *owner);
};

#define WORKS_MOST       1000 /* at a time */
#define WORKS_OF_ACCOUNT 100

/* Called by a handler, which then doesn't answer. Takes `owner`, which holds the request's body, of so many octets. While it
 * lasts its Idempotency-Key is busy, if it has one (NULL: none). Where there is no room for it, this answers. */
void work_begin(struct ask *ask, const struct work_kind *kind, void *owner, size_t body, const char *key);
/* In a step: what it holds and is going to hold, body and answer, in the place of what it said before. False: there is no room
 * for as many more. */
bool work_takes_room(struct ask *ask, size_t octets);
/* Whether a work of the asking account has that key. */
bool work_has_key(const struct ask *ask, const char *key);

/* ---- for http.c ---- */

/* `send` gets each answer. */
struct works *works_open(struct http *http, void (*send)(struct http *http, struct evhttp_request *request,
                                                         const struct answer *answer));
void works_close(struct works *works); /* NULL is allowed */
/* `room`: that a large body has. */
void works_take(struct works *works, struct work *work, struct evhttp_request *request, size_t room);
void works_turn(struct works *works);
void works_release(struct works *works, bool is_committed);
bool works_are_done(const struct works *works);

#endif
