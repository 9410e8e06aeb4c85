/* The server: who asks for what, and when the answer leaves. Every answer waits for the turn's
 * commit. */
#include "doors/http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "base/tls.h"
#include "guard.h"
#include "http_ask.h"
#include "http_cors.h"
#include "http_guests.h"
#include "http_head.h"
#include "http_parts.h"
#include "http_stream.h"
#include "http_wait.h"
#include "http_work.h"
#include "letterbox.h"
#include "ticket.h"
#include "turnstile.h"
#include "visit.h"

#define MEGABYTE          ((size_t)1 << 20)
#define WRITE_OCTETS      ((size_t)256 << 10) /* of an answer in a turn, to each that reads them; of itself libevent writes 16 KB */
#define NEVER_S           (24 * 60 * 60) /* http_guests.c has the limits: evhttp's are out of reach */
#define NEVER_OCTETS      ((ev_ssize_t)2 << 30)
#define CLEANING_MS       60000
#define TURN_OCTETS       ((size_t)64 << 20) /* of answers in one turn: above it lists must wait */
#define TURN_JSON         ((size_t)4 << 20) /* octets of JSON in bodies; some 70 ms each million, if they are made to be slow */
#define LITTLE_JSON       4096
#define TURN_RECEIVERS    2000 /* of requests that name several, in one turn: a tenth of a second or so */

/* A request that is answered when the turn is over. */
struct pending {
    struct pending *next;
    struct http *http;
    struct evhttp_request *request; /* NULL: its connection is gone, and it with it */
    struct answer answer;
    const struct answer *lost; /* in its place if the commit fails; NULL: a problem */
    http_refusal *refuse;
    bool is_of_store; /* it says what this turn wrote or read: nothing, if the commit fails */
};

struct http {
    struct gateway *gateway;
    struct evhttp *server;
    struct evhttp_bound_socket *bound; /* NULL: nobody new is taken */
    char *address;
    struct tls *tls; /* NULL: plain HTTP */
    struct timer pause;
    struct guests *guests;
    struct guard *guard, *name_guard;
    struct visits *visits;
    struct tickets *tickets;
    struct turnstile *turnstile;
    struct letterbox *letterbox;
    struct pending *first, **last;
    size_t turn_octets, turn_json;
    size_t turn_receivers; /* of requests that name several: a STOP must not wait behind many of them */
    struct works *works;
    struct streams *streams;
    struct waits *waits;
    int64_t cleaned_at; /* monotonic */
    struct http_counts counts;
};

/* ---- before requests are whole ---- */

static struct ask ask_make(struct http *http, const char *peer)
{
    return (struct ask){.gateway = http->gateway,
                        .http = http,
                        .region = loop_region(http->gateway->loop),
                        .peer = peer,
                        .segment = "",
                        .now_ms = clock_wall_ms()};
}

static size_t guest_admit(void *owner, const struct head *head, const char *peer, struct answer *refusal)
{
    struct http *http = owner;
    struct ask ask = ask_make(http, peer);
    size_t limit = ask_admit(&ask, head);
    *refusal = ask.answer;
    if (limit == 0)
        http->counts.answers[ask.answer.status / 100]++;
    return limit;
}

static struct answer guest_refuse(void *owner, enum verdict verdict, const char *why)
{
    struct http *http = owner;
    struct ask ask = ask_make(http, "");
    answer_problem(&ask, verdict, "%s", why);
    http->counts.answers[ask.answer.status / 100]++;
    return ask.answer;
}

static const char *guest_lines(void *owner, const struct head *head)
{
    struct http *http = owner;
    struct region *region = loop_region(http->gateway->loop);
    size_t length = strcspn(head_target(head), "?#");
    return cors_lines(http->gateway->config, region_text(region, octets_of(head_target(head), length)),
                      head_find(head, "Origin"), region);
}

static const struct guests_events guests_events = {guest_admit, guest_refuse, guest_lines};

/* ---- requests and their answers ---- */

void http_left(struct http *http, struct evhttp_connection *connection)
{
    guests_left(http->guests, evhttp_connection_get_bufferevent(connection));
}

/* The client went before its answer did. A request that evhttp has already parted from its
 * connection is still ours: sending its answer frees it. One that it hasn't dies now. */
static void connection_ended(struct evhttp_connection *connection, void *owner)
{
    struct pending *pending = owner;
    http_left(pending->http, connection);
    if (evhttp_request_get_connection(pending->request) != NULL)
        pending->request = NULL;
}

static void resting_ended(struct evhttp_connection *connection, void *owner)
{
    http_left(owner, connection);
}

/* A list may be as large as a file. Of a work's answer this was asked before it began. */
static void answer_fit(struct http *http, struct ask *ask, struct bufferevent *stream)
{
    size_t length = ask->answer.body.length;
    if (length <= HTTP_BODY_LIMIT)
        return;
    if (guests_have_room(http->guests, length))
        guests_answer_large(http->guests, stream, length);
    else
        answer_problem(ask, VERDICT_UNAVAILABLE, "too many large answers are on their way at once");
}

/* Its answer leaves when the turn is over. */
static void answer_later(struct http *http, struct evhttp_request *request, const struct ask *ask, bool is_of_store)
{
    struct pending *pending = region_get(ask->region, sizeof *pending);
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    *pending = (struct pending){.http = http,
                                .request = request,
                                .answer = ask->answer,
                                .lost = ask->lost,
                                .refuse = ask->refuse,
                                .is_of_store = is_of_store};
    *http->last = pending;
    http->last = &pending->next;
    if (connection != NULL)
        evhttp_connection_set_closecb(connection, connection_ended, pending);
    http->turn_octets += ask->answer.body.length;
}

void http_request_leave(struct http *http, struct evhttp_request *request)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    if (connection == NULL)
        evhttp_request_free(request);
    else
        evhttp_connection_set_closecb(connection, resting_ended, http);
}

static void request_heard(struct evhttp_request *request, void *owner)
{
    struct http *http = owner;
    struct ask ask = ask_make(http, "");
    bool is_of_store = false;
    ask.request = request;
    struct bufferevent *stream = evhttp_connection_get_bufferevent(evhttp_request_get_connection(request));
    if (guests_asked(http->guests, stream))
        is_of_store = ask_answer(&ask, request);
    else
        answer_problem(&ask, VERDICT_MALFORMED, "where the request ends is not certain");
    if (ask.work != NULL) {
        works_take(http->works, ask.work, request, guests_take_room(http->guests, stream));
    } else if (ask.stream != NULL) {
        streams_take(http->streams, ask.stream, request);
    } else if (ask.wait != NULL) {
        waits_take(ask.wait, request);
    } else {
        answer_fit(http, &ask, stream);
        answer_later(http, request, &ask, is_of_store);
    }
}

/* Each ends with CR LF. */
static void lines_add(struct evkeyvalq *headers, const char *lines, struct region *region)
{
    while (*lines != '\0') {
        size_t name = strcspn(lines, ":"), length = strcspn(lines, "\r");
        evhttp_add_header(headers, region_text(region, octets_of(lines, name)),
                          region_text(region, octets_of(lines + name + 2, length - name - 2)));
        lines += length + 2;
    }
}

static void cors_write(const struct http *http, struct evhttp_request *request, struct evkeyvalq *headers)
{
    struct region *region = loop_region(http->gateway->loop);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *origin = evhttp_find_header(evhttp_request_get_input_headers(request), "Origin");
    lines_add(headers, cors_lines(http->gateway->config, uri == NULL ? NULL : evhttp_uri_get_path(uri), origin, region),
              region);
}

static void headers_write(const struct http *http, struct evhttp_request *request, const struct answer *answer,
                          bool is_last)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    if (answer->type != NULL)
        evhttp_add_header(headers, "Content-Type", answer->type);
    cors_write(http, request, headers);
    evhttp_add_header(headers, "Cache-Control", answer->may_be_kept ? "no-cache" : "no-store");
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    if (answer->header != NULL)
        evhttp_add_header(headers, answer->header, answer->value);
    if (answer->lines != NULL)
        lines_add(headers, answer->lines, loop_region(http->gateway->loop));
    if (is_last)
        evhttp_add_header(headers, "Connection", "close");
}

static bool is_last_of(const struct http *http, struct bufferevent *stream)
{
    return http->bound == NULL || stream == NULL || guests_is_last(http->guests, stream);
}

static void reply_send(struct evhttp_request *request, const struct answer *answer)
{
    struct evbuffer *body = evbuffer_new();
    must(body != NULL && (answer->stream == NULL ? evbuffer_add(body, answer->body.at, answer->body.length)
                                                 : evbuffer_add_buffer(body, answer->stream)) == 0);
    evhttp_send_reply(request, answer->status, NULL, body);
    evbuffer_free(body);
}

/* NULL: its connection is gone. */
static struct bufferevent *stream_of(struct evhttp_request *request)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    return connection == NULL ? NULL : evhttp_connection_get_bufferevent(connection);
}

static void answer_send(struct http *http, struct evhttp_request *request,
                        const struct answer *answer)
{
    char number[24];
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    struct bufferevent *stream = stream_of(request);
    if (connection != NULL)
        evhttp_connection_set_closecb(connection, resting_ended, http);
    size_t length = answer->stream == NULL ? answer->body.length : evbuffer_get_length(answer->stream);
    if (stream != NULL && length > HTTP_BODY_LIMIT)
        guests_answer_large(http->guests, stream, length);
    bool is_last = is_last_of(http, stream);
    headers_write(http, request, answer, is_last);
    http->counts.answers[answer->status / 100]++;
    if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
        snprintf(number, sizeof number, "%zu", answer->body.length);
        evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Length", number);
        evhttp_send_reply(request, answer->status, NULL, NULL);
    } else {
        reply_send(request, answer);
    }
    if (stream != NULL)
        guests_answered(http->guests, stream, is_last);
}

bool http_change_room(struct http *http, size_t has, size_t wants)
{
    return guests_change_room(http->guests, has, wants);
}

void http_stream_begin(struct http *http, struct evhttp_request *request)
{
    const struct answer answer = {.status = 200, .type = "text/event-stream"};
    headers_write(http, request, &answer, is_last_of(http, stream_of(request)));
    http->counts.answers[2]++;
    evhttp_send_reply_start(request, 200, NULL);
}

void http_stream_end(struct http *http, struct evhttp_request *request)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    struct bufferevent *stream = stream_of(request);
    bool is_last = is_last_of(http, stream);
    if (connection != NULL)
        evhttp_connection_set_closecb(connection, resting_ended, http);
    evhttp_send_reply_end(request);
    if (stream != NULL)
        guests_answered(http->guests, stream, is_last);
}

void http_release(struct http *http, bool is_committed)
{
    struct pending *pending = http->first;
    struct region *region = loop_region(http->gateway->loop);
    http->first = NULL;
    http->last = &http->first;
    http->turn_octets = http->turn_json = 0;
    http->turn_receivers = 0;
    for (; pending != NULL; pending = pending->next) {
        if (!is_committed && pending->is_of_store)
            pending->answer = pending->lost != NULL ? *pending->lost : answer_lost(region, pending->refuse);
        if (pending->request != NULL)
            answer_send(http, pending->request, &pending->answer);
    }
    tickets_release(http->tickets, is_committed);
    letterbox_release(http->letterbox, is_committed);
    works_release(http->works, is_committed);
    streams_release(http->streams, is_committed);
}

/* ---- connections ---- */

static void accept_again(void *owner);

static void accept_pause(struct http *http)
{
    if (timer_is_set(&http->pause))
        return;
    log_warn("http takes no connections for a moment: descriptors are short");
    http->counts.pauses++;
    evconnlistener_disable(evhttp_bound_socket_get_listener(http->bound));
    timer_set(http->gateway->loop, &http->pause, DESCRIPTORS_PAUSE_MS, accept_again, http);
}

static void accept_again(void *owner)
{
    struct http *http = owner;
    if (http->bound == NULL)
        return;
    if (descriptors_are_short())
        timer_set(http->gateway->loop, &http->pause, DESCRIPTORS_PAUSE_MS, accept_again, http);
    else
        evconnlistener_enable(evhttp_bound_socket_get_listener(http->bound));
}

/* accept() failed, as without descriptors: the listener would ask again at once, for ever. */
static void accept_failed(struct evconnlistener *listener, void *owner)
{
    (void)listener;
    accept_pause(owner);
}

/* Called for each new connection, since evhttp tells of none otherwise. */
static struct bufferevent *connection_began(struct event_base *base, void *owner)
{
    struct http *http = owner;
    if (http->bound != NULL && descriptors_are_short())
        accept_pause(http);
    struct bufferevent *stream = http->tls == NULL ? bufferevent_socket_new(base, -1, 0)
                                                   : tls_bufferevent_new(http->tls, base);
    must(stream != NULL && bufferevent_set_max_single_write(stream, WRITE_OCTETS) == 0);
    guests_come(http->guests, stream, http->tls != NULL);
    return stream;
}

/* ---- life ---- */

static char *address_write(int socket_fd, const char *host)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    memset(&name, 0, sizeof name);
    must(getsockname(socket_fd, (struct sockaddr *)&name, &size) == 0);
    const void *at = &name;
    in_port_t port = name.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)at)->sin6_port
                                                : ((const struct sockaddr_in *)at)->sin_port;
    bool is_bare_v6 = strchr(host, ':') != NULL;
    char *address;
    must(asprintf(&address, "%s%s%s:%u", is_bare_v6 ? "[" : "", host, is_bare_v6 ? "]" : "",
                  ntohs(port)) > 0);
    return address;
}

static void server_configure(struct http *http)
{
    evhttp_set_max_headers_size(http->server, 8 * HEAD_LIMIT);
    evhttp_set_max_body_size(http->server, NEVER_OCTETS);
    evhttp_set_timeout(http->server, NEVER_S);
    /* Those that no route has too: they are answered with what can be done. */
    evhttp_set_allowed_methods(http->server, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
                                                 EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
                                                 EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
    evhttp_set_bevcb(http->server, connection_began, http);
    evhttp_set_gencb(http->server, request_heard, http);
}

/* Connections have it from the listener. With TLS an answer leaves as more than one write, and the
 * second would wait for the client's delayed acknowledgement of the first (F404). */
static void set_no_delay(int listener_fd)
{
    int on = 1;
    setsockopt(listener_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

struct http *http_open(struct gateway *gateway, struct tls *tls, char *error)
{
    const struct config_address *listen = &gateway->config->http.listen;
    struct http *http = mem_new(sizeof *http);
    http->gateway = gateway;
    http->last = &http->first;
    http->cleaned_at = clock_mono_ms();
    http->guard = guard_open();
    http->name_guard = guard_open();
    http->visits = visits_open();
    http->waits = waits_open(http, answer_later);
    http->tickets = tickets_open();
    http->turnstile = turnstile_open();
    http->letterbox = letterbox_open();
    http->works = works_open(http, answer_send);
    http->streams = streams_open(http);
    http->guests = guests_open(gateway->loop, &guests_events, http, &http->counts.shown_out);
    http->server = evhttp_new(loop_events(gateway->loop));
    must(http->server != NULL);
    server_configure(http);
    http_configure(http, tls);
    http->bound = evhttp_bind_socket_with_handle(http->server, listen->host, listen->port);
    if (http->bound == NULL) {
        snprintf(error, GATEWAY_ERROR_SIZE, "http.listen: %.200s:%u can't be listened on: %s",
                 listen->host, listen->port, strerror(errno));
        http_close(http);
        return NULL;
    }
    evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(http->bound), accept_failed);
    set_no_delay(evhttp_bound_socket_get_fd(http->bound));
    http->address = address_write(evhttp_bound_socket_get_fd(http->bound), listen->host);
    return http;
}

void http_configure(struct http *http, struct tls *tls)
{
    const struct config_listener *config = &http->gateway->config->http;
    struct guest_limits limits = {.connections = (size_t)config->connections,
                                  .of_address = (size_t)config->connections_per_address,
                                  .request_ms = config->request_timeout_ms,
                                  .large_octets = (size_t)config->large_bodies_mb * MEGABYTE};
    guests_limit(http->guests, &limits);
    tls_close(http->tls);
    http->tls = tls_share(tls);
}

void http_close(struct http *http)
{
    if (http == NULL)
        return;
    timer_clear(http->gateway->loop, &http->pause);
    works_close(http->works);
    streams_close(http->streams);
    waits_close(http->waits);
    evhttp_free(http->server);
    guests_close(http->guests);
    guard_close(http->guard);
    guard_close(http->name_guard);
    visits_close(http->visits);
    tickets_close(http->tickets);
    turnstile_close(http->turnstile);
    letterbox_close(http->letterbox);
    tls_close(http->tls);
    free(http->address);
    free(http);
}

void http_turn(struct http *http)
{
    works_turn(http->works);
    streams_turn(http->streams);
}

struct gateway *http_gateway(const struct http *http)
{
    return http->gateway;
}

struct guard *http_guard(const struct http *http)
{
    return http->guard;
}

struct guard *http_name_guard(const struct http *http)
{
    return http->name_guard;
}

struct visits *http_visits(const struct http *http)
{
    return http->visits;
}

struct waits *http_waits(const struct http *http)
{
    return http->waits;
}

bool http_is_secure(const struct http *http)
{
    return http->tls != NULL || http->gateway->config->http.behind_tls;
}

struct tickets *http_tickets(const struct http *http)
{
    return http->tickets;
}

struct turnstile *http_turnstile(const struct http *http)
{
    return http->turnstile;
}

struct letterbox *http_letterbox(const struct http *http)
{
    return http->letterbox;
}

bool http_takes_receivers(struct http *http, size_t count)
{
    bool has_room = http->turn_receivers + count <= TURN_RECEIVERS;
    http->turn_receivers += has_room ? count : 0;
    return has_room;
}

bool http_takes_json(struct http *http, size_t octets)
{
    bool has_room = octets <= LITTLE_JSON || http->turn_json + octets <= TURN_JSON;
    http->turn_json += has_room ? octets : 0;
    return has_room;
}

bool http_is_full(const struct http *http)
{
    return http->turn_octets > TURN_OCTETS;
}

struct streams *http_streams(const struct http *http)
{
    return http->streams;
}

struct works *http_works(const struct http *http)
{
    return http->works;
}

const char *http_address(const struct http *http)
{
    return http->address;
}

void http_stop(struct http *http)
{
    if (http->bound == NULL)
        return;
    evhttp_del_accept_socket(http->server, http->bound);
    http->bound = NULL;
    streams_stop(http->streams);
}

bool http_is_idle(const struct http *http)
{
    return http->first == NULL && works_are_done(http->works) && guests_have_taken_all(http->guests);
}

bool http_is_cleaning_time(struct http *http)
{
    int64_t now_ms = clock_mono_ms();
    if (now_ms - http->cleaned_at < CLEANING_MS)
        return false;
    http->cleaned_at = now_ms;
    return true;
}

uint64_t http_shut_out(const struct http *http)
{
    return guard_shut_count(http->guard);
}

const struct http_counts *http_counts(const struct http *http)
{
    return &http->counts;
}
