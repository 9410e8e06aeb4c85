/* http_wait: requests that are answered once something has been worked out beside the loop: what scrypt makes of a password. A
 * handler begins a wait instead of answering. It ends though its client has hung up: a guess that was wrong is still one.
 * Private to the door. */
#ifndef DOORS_HTTP_WAIT_H
#define DOORS_HTTP_WAIT_H

#include <stdbool.h>

struct answer;
struct ask;
struct evhttp_request;
struct http;
struct wait;
struct waits;

#define WAITS_MOST       16 /* some four seconds' */
#define WAITS_OF_NETWORK 2  /* of strangers that come from there */

struct wait_kind {
    void (*run)(void *owner); /* in the worker's thread: it touches `owner` alone */
    /* In a turn, with an ask like a handler's, but for what was in the request. It answers. The account is NULL where it was
     * none that asked, or it was revoked meanwhile. */
    void (*done)(struct ask *ask, void *owner);
    void (*free_it)(void *owner);
    bool is_of_store; /* its answer says what was written: none leaves for a commit that failed */
};

/* Called by a handler, which then doesn't answer. Takes `owner`. False: it was answered, since too many wait, or too many that
 * are no account yet from where this one comes from. */
bool wait_begin(struct ask *ask, const struct wait_kind *kind, void *owner);

/* ---- for http.c ---- */

/* `send` has the answer leave once the turn is on disk. */
struct waits *waits_open(struct http *http, void (*send)(struct http *http, struct evhttp_request *request,
                                                         const struct ask *ask, bool is_of_store));
void waits_close(struct waits *waits); /* NULL is allowed */
void waits_take(struct wait *wait, struct evhttp_request *request);

#endif
