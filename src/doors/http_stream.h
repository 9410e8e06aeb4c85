/* http_stream: answers that go on: events as they happen (text/event-stream), until what they tell of is over. A look is taken
 * at most once a second, in the turn, and what it saw leaves when that turn is on disk. Private to the door.
 *
 * Somebody who reads slowly gets the newest event when there is room for it again, and never holds more than one of them
 * here; who takes nothing for STREAM_PATIENCE_MS is left. */
#ifndef DOORS_HTTP_STREAM_H
#define DOORS_HTTP_STREAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct ask;
struct evhttp_request;
struct http;
struct stream;
struct streams;

#define STREAMS_MOST       100
#define STREAMS_OF_ACCOUNT 10
#define STREAM_PATIENCE_MS 60000

/* look: what is to be told of `subject` now: NULL where it can't be read, or seen any more. *is_over: nothing will follow.
 * Called with an ask like a handler's, but for what was in the request; once for all that one account follows of it. */
struct stream_kind {
    json_t *(*look)(struct ask *ask, int64_t subject, bool *is_over);
    const char *event;   /* its events' name; the last one's is `end` */
    const char *passing; /* the member that alone makes nothing new, as a time that passes; NULL: none */
};

/* Called by a handler, which then doesn't answer. False: it was answered, since there are too many. */
bool stream_begin(struct ask *ask, const struct stream_kind *kind, int64_t subject);

/* ---- for http.c ---- */

struct streams *streams_open(struct http *http);
void streams_close(struct streams *streams); /* NULL is allowed */
/* Begins the answer, once the turn is over. */
void streams_take(struct streams *streams, struct stream *stream, struct evhttp_request *request);
void streams_turn(struct streams *streams);
void streams_release(struct streams *streams, bool is_committed);
void streams_stop(struct streams *streams); /* all of them end now */

#endif
