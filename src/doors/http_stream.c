#include "http_stream.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "http_parts.h"
#include "visit.h"

#define LOOK_MS    1000
#define COMMENT_MS 15000 /* so that nothing on the way takes a silent connection for a dead one */

struct glance { /* what a look saw */
    const char *data, *lasting; /* NULL: nothing can be seen; lasting: without what is passing */
    bool is_over;
};

struct stream {
    TAILQ_ENTRY(stream) line;
    struct http *http;
    const struct stream_kind *kind;
    int64_t subject;
    char *account, *peer;
    uint64_t visit;           /* the session that it was asked for by; 0: … */
    uint8_t key[DIGEST_SIZE]; /* … it was by a key, and this is its hash */
    struct evhttp_request *request; /* NULL: its client has gone */
    uint64_t seen_turn;             /* in which `seen` was */
    const struct glance *seen;      /* lives that turn */
    char *told;                     /* what the newest event told, but for what is passing; NULL: none was */
    char *next, *next_data;         /* to be told when this turn is on disk, and the event's data; NULL: nothing new */
    int64_t told_ms, taken_ms;      /* when something was written, and when all of it had been taken */
    bool has_begun, is_over, is_ending;
};

TAILQ_HEAD(stream_list, stream);

struct streams {
    struct http *http;
    struct stream_list all;
    struct timer timer;
    bool is_due; /* to look */
    size_t count;
};

static struct loop *loop_of(const struct streams *streams)
{
    return http_gateway(streams->http)->loop;
}

/* ---- beginning and end ---- */

static void look_rings(void *owner)
{
    struct streams *streams = owner;
    streams->is_due = true;
    if (streams->count > 0)
        timer_set(loop_of(streams), &streams->timer, LOOK_MS, look_rings, streams);
}

bool stream_begin(struct ask *ask, const struct stream_kind *kind, int64_t subject)
{
    size_t own = 0;
    struct stream *stream;
    struct streams *streams = http_streams(ask->http);
    TAILQ_FOREACH(stream, &streams->all, line)
    {
        own += strcmp(stream->account, ask->account->name) == 0 ? 1 : 0;
    }
    if (streams->count >= STREAMS_MOST || own >= STREAMS_OF_ACCOUNT) {
        answer_problem(ask, VERDICT_UNAVAILABLE, "as many streams are open as may be: %d of an account, %d of all",
                       STREAMS_OF_ACCOUNT, STREAMS_MOST);
        return false;
    }
    stream = mem_new(sizeof *stream);
    stream->kind = kind;
    stream->subject = subject;
    stream->account = mem_text(ask->account->name);
    stream->peer = mem_text(ask->peer);
    must(ask->visit != NULL || ask->key != NULL); /* whoever came in otherwise needs another way to be found out again */
    stream->visit = ask->visit == NULL ? 0 : ask->visit->number;
    if (ask->visit == NULL)
        memcpy(stream->key, ask->key->hash, sizeof stream->key);
    stream->taken_ms = clock_mono_ms();
    ask->stream = stream;
    return true;
}

/* A request that evhttp has already parted from its connection is still ours: ending its answer frees it. One that it
 * hasn't dies now. */
static void client_left(struct evhttp_connection *connection, void *owner)
{
    struct stream *stream = owner;
    http_left(stream->http, connection);
    if (evhttp_request_get_connection(stream->request) != NULL)
        stream->request = NULL;
    stream->is_ending = true;
}

void streams_take(struct streams *streams, struct stream *stream, struct evhttp_request *request)
{
    stream->request = request;
    stream->http = streams->http;
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), client_left, stream);
    TAILQ_INSERT_TAIL(&streams->all, stream, line);
    streams->count++;
    streams->is_due = true; /* the first event is told at once */
    if (!timer_is_set(&streams->timer))
        timer_set(loop_of(streams), &streams->timer, LOOK_MS, look_rings, streams);
}

static void stream_free(struct streams *streams, struct stream *stream)
{
    TAILQ_REMOVE(&streams->all, stream, line);
    streams->count--;
    free(stream->account);
    free(stream->peer);
    free(stream->told);
    free(stream->next);
    free(stream->next_data);
    free(stream);
}

static void stream_end(struct streams *streams, struct stream *stream)
{
    struct evhttp_request *request = stream->request;
    bool has_begun = stream->has_begun;
    stream_free(streams, stream);
    if (request == NULL)
        return;
    if (!has_begun)
        http_stream_begin(streams->http, request);
    http_stream_end(streams->http, request);
}

/* ---- what is told ---- */

static size_t untaken(const struct stream *stream)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(stream->request);
    return connection == NULL
               ? 0
               : evbuffer_get_length(bufferevent_get_output(evhttp_connection_get_bufferevent(connection)));
}

static const char *dumped(struct ask *ask, const json_t *json)
{
    char *data = json_dumps(json, JSON_COMPACT);
    must(data != NULL);
    const char *copy = region_text(ask->region, octets_text(data));
    free(data);
    return copy;
}

static const struct glance *look(struct streams *streams, const struct stream *stream)
{
    struct gateway *gateway = http_gateway(streams->http);
    struct ask ask = {.gateway = gateway,
                      .http = streams->http,
                      .region = loop_region(gateway->loop),
                      .account = accounts_find(gateway->accounts, stream->account),
                      .segment = "",
                      .now_ms = clock_wall_ms()};
    struct glance *glance = region_get(ask.region, sizeof *glance);
    *glance = (struct glance){.is_over = false};
    json_t *json = ask.account == NULL ? NULL : stream->kind->look(&ask, stream->subject, &glance->is_over);
    if (json == NULL)
        return glance;
    glance->data = dumped(&ask, json);
    if (stream->kind->passing != NULL)
        json_object_del(json, stream->kind->passing);
    glance->lasting = dumped(&ask, json);
    json_decref(json);
    return glance;
}

/* What somebody else of the account, who follows the same, has seen in this turn. NULL: nobody has. */
static const struct glance *shared(const struct streams *streams, const struct stream *stream, uint64_t turn)
{
    const struct stream *other;
    TAILQ_FOREACH(other, &streams->all, line)
    {
        if (other->seen_turn == turn && other->kind == stream->kind && other->subject == stream->subject &&
            strcmp(other->account, stream->account) == 0)
            return other->seen;
    }
    return NULL;
}

static bool visit_goes_on(const struct streams *streams, const struct stream *stream, const struct account *account)
{
    const struct visit *visit = visits_by_number(http_visits(streams->http), stream->visit, clock_mono_ms());
    return visit != NULL && visit_stands(visit, account) && account_may_come_from(account, stream->peer);
}

/* It goes no further than the key or the session does that it was asked for with. */
static bool asker_stands(const struct streams *streams, const struct stream *stream)
{
    const struct account *account = accounts_find(http_gateway(streams->http)->accounts, stream->account);
    if (stream->visit != 0)
        return visit_goes_on(streams, stream, account);
    return account != NULL && account_key_stands(account, stream->key, clock_wall_ms());
}

static void look_at(struct streams *streams, struct stream *stream)
{
    uint64_t turn = loop_turn(loop_of(streams));
    stream->is_ending = !asker_stands(streams, stream);
    if (stream->is_ending)
        return;
    const struct glance *glance = shared(streams, stream, turn);
    if (glance == NULL)
        glance = look(streams, stream);
    stream->seen = glance;
    stream->seen_turn = turn;
    stream->is_ending = glance->data == NULL; /* its reader asks anew, and is told why not */
    stream->is_over = glance->is_over;
    if (glance->data == NULL ||
        (stream->told != NULL && strcmp(stream->told, glance->lasting) == 0 && !glance->is_over))
        return;
    stream->next = mem_text(glance->lasting);
    stream->next_data = mem_text(glance->data);
}

void streams_turn(struct streams *streams)
{
    struct stream *stream;
    if (!streams->is_due)
        return;
    TAILQ_FOREACH(stream, &streams->all, line)
    {
        if (!stream->is_ending && !stream->is_over && stream->next == NULL && untaken(stream) == 0)
            look_at(streams, stream);
    }
}

static void write_event(struct stream *stream, const char *kind, const char *data)
{
    struct evbuffer *chunk = evbuffer_new();
    must(chunk != NULL && evbuffer_add_printf(chunk, "event: %s\ndata: %s\n\n", kind, data) > 0);
    evhttp_send_reply_chunk(stream->request, chunk);
    evbuffer_free(chunk);
    stream->told_ms = clock_mono_ms();
}

static void write_comment(struct stream *stream)
{
    struct evbuffer *chunk = evbuffer_new();
    must(chunk != NULL && evbuffer_add(chunk, ":\n\n", 3) == 0);
    evhttp_send_reply_chunk(stream->request, chunk);
    evbuffer_free(chunk);
    stream->told_ms = clock_mono_ms();
}

static void forget_next(struct stream *stream)
{
    free(stream->next);
    free(stream->next_data);
    stream->next = stream->next_data = NULL;
}

static void tell(struct streams *streams, struct stream *stream)
{
    if (!stream->has_begun) {
        http_stream_begin(streams->http, stream->request);
        stream->has_begun = true;
    }
    write_event(stream, stream->is_over && stream->told != NULL ? "end" : stream->kind->event, stream->next_data);
    if (stream->is_over && stream->told == NULL)
        write_event(stream, "end", stream->next_data);
    free(stream->told);
    stream->told = stream->next;
    stream->next = NULL;
    forget_next(stream);
    stream->is_ending = stream->is_over || evhttp_request_get_command(stream->request) == EVHTTP_REQ_HEAD;
}

static void stream_release(struct streams *streams, struct stream *stream, bool is_committed)
{
    int64_t now_ms = clock_mono_ms();
    bool is_free = stream->request != NULL && untaken(stream) == 0;
    if (is_free)
        stream->taken_ms = now_ms;
    if (!is_committed) {
        forget_next(stream);
        stream->is_over = false;
    } else if (stream->next != NULL && stream->request != NULL && !stream->is_ending) {
        tell(streams, stream);
    } else if (stream->has_begun && is_free && now_ms - stream->told_ms >= COMMENT_MS) {
        write_comment(stream);
    } else if (now_ms - stream->taken_ms >= STREAM_PATIENCE_MS) {
        log_info("http stream ended why=\"its client takes nothing\" account=%s", stream->account);
        stream->is_ending = true;
    }
    if (stream->is_ending)
        stream_end(streams, stream);
}

void streams_release(struct streams *streams, bool is_committed)
{
    struct stream *next;
    streams->is_due = streams->is_due && !is_committed && streams->count > 0;
    for (struct stream *stream = TAILQ_FIRST(&streams->all); stream != NULL; stream = next) {
        next = TAILQ_NEXT(stream, line);
        stream_release(streams, stream, is_committed);
    }
}

/* ---- life ---- */

struct streams *streams_open(struct http *http)
{
    struct streams *streams = mem_new(sizeof *streams);
    streams->http = http;
    TAILQ_INIT(&streams->all);
    return streams;
}

void streams_stop(struct streams *streams)
{
    struct stream *stream;
    while ((stream = TAILQ_FIRST(&streams->all)) != NULL)
        stream_end(streams, stream);
}

void streams_close(struct streams *streams)
{
    if (streams == NULL)
        return;
    streams_stop(streams);
    timer_clear(loop_of(streams), &streams->timer);
    free(streams);
}
