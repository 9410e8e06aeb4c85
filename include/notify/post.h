/* post: HTTP requests to receivers, many at once, on the loop: libcurl's multi interface, whose sockets and timers are
 * libevent's. It knows nothing of events and tries nothing twice.
 *
 * Names are resolved by a thread of libcurl's, so that nothing here waits. No redirects, no proxy, no cookies; a
 * certificate must be valid and for its host; only addresses that reach.h lets through. Of an answer the status counts,
 * once its head is whole, and what comes with it is read up to a small limit and thrown away. */
#ifndef NOTIFY_POST_H
#define NOTIFY_POST_H

#include <stdint.h>

struct config_callbacks;
struct loop;
struct post;
struct posts;

struct post_request { /* borrowed until post_start returns */
    const char *method;  /* GET or POST */
    const char *url;
    const char *headers; /* a line each */
    const char *body;    /* of a POST */
};

#define POST_WHY_SIZE 160
struct post_answer {
    int status;            /* 0: there was none */
    int64_t retry_after_s; /* 0: it says nothing of that */
    char why[POST_WHY_SIZE]; /* what went wrong below HTTP, for people; "" */
};

/* Calls `done` in the hearing part of a turn, once for each that was started and not dropped. config is borrowed. */
struct posts *posts_open(struct loop *loop, const struct config_callbacks *config,
                         void (*done)(void *owner, void *whose, const struct post_answer *answer), void *owner);
void posts_configure(struct posts *posts, const struct config_callbacks *config);
void posts_close(struct posts *posts); /* drops what is under way; NULL is allowed */

/* whose: what `done` is called with. */
void post_start(struct posts *posts, const struct post_request *request, void *whose);

#endif
