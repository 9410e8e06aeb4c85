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
#include <strings.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "base/tls.h"
#include "guard.h"
#include "http_api.h"
#include "http_guests.h"
#include "http_parts.h"
#include "http_work.h"

#define HEADER_LIMIT      (16 * 1024)
#define BODY_SLACK        (64 * 1024) /* so much more is read, to be answered with a problem */
#define MEGABYTE          ((size_t)1 << 20)
#define SILENCE_S         60          /* a client that neither sends nor takes an octet */
#define CLEANING_MS       60000
#define TURN_OCTETS       ((size_t)64 << 20) /* of answers in one turn: above it lists must wait */

/* A request that is answered when the turn is over. */
struct pending {
    struct pending *next;
    struct evhttp_request *request; /* NULL: its connection is gone, and it with it */
    struct answer answer;
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
    struct guard *guard;
    struct pending *first, **last;
    size_t turn_octets;
    struct works *works;
    int64_t cleaned_at; /* monotonic */
    struct http_counts counts;
};

/* ---- the routes ---- */

static const char *method_word(enum evhttp_cmd_type method)
{
    return method == EVHTTP_REQ_POST ? "POST" : method == EVHTTP_REQ_DELETE ? "DELETE" : "GET, HEAD";
}

/* NULL: it was answered. HEAD is a GET whose body stays here. */
static const struct route *route_find(struct ask *ask, enum evhttp_cmd_type method,
                                      const char *path, struct octets *segment)
{
    const char *allowed = "";
    for (size_t i = 0; path != NULL && i < api_route_count; i++) {
        if (!path_match(api_routes[i].pattern, path, segment))
            continue;
        if (api_routes[i].method == (method == EVHTTP_REQ_HEAD ? EVHTTP_REQ_GET : method))
            return &api_routes[i];
        allowed = region_format(ask->region, "%s%s%s", allowed, *allowed == '\0' ? "" : ", ",
                                method_word(api_routes[i].method));
    }
    if (*allowed == '\0') {
        answer_problem(ask, VERDICT_NOT_FOUND, "nothing is at this address");
        return NULL;
    }
    answer_problem(ask, VERDICT_METHOD_NOT_ALLOWED, "what can be done here: %s", allowed);
    ask->answer.header = "Allow";
    ask->answer.value = allowed;
    return NULL;
}

/* ---- who asks ---- */

static const char *header_of(struct evhttp_request *request, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(request), name);
}

static const char *peer_of(struct evhttp_request *request)
{
    static char unknown[] = "?";
    char *peer = unknown;
    ev_uint16_t port = 0;
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    if (connection != NULL)
        evhttp_connection_get_peer(connection, &peer, &port);
    return peer;
}

static void log_refusal(struct evhttp_request *request, const struct route *route, const char *why)
{
    log_info("http refused path=%s why=%s peer=%s", route->pattern, why, peer_of(request));
}

/* What guesses keys has to wait, whatever it comes with. */
static bool ask_is_looked_at(struct ask *ask, const struct guest_mark *mark)
{
    int64_t wait_ms = guard_wait_ms(ask->http->guard, mark, clock_mono_ms());
    if (wait_ms <= 0)
        return true;
    answer_problem(ask, VERDICT_SHUT_OUT,
                   "keys from %s are not looked at for a while, since several were wrong", mark->network);
    answer_retry_after(ask, wait_ms);
    return false;
}

/* No account: it was answered, or is to be with 401. */
static void ask_by_key(struct ask *ask, struct octets key, const char *peer)
{
    struct http *http = ask->http;
    struct account_key *which;
    struct guest_mark mark = guard_mark(peer, octets_of(NULL, 0), key);
    if (!ask_is_looked_at(ask, &mark))
        return;
    ask->account = accounts_find_key(ask->gateway->accounts, key, ask->now_ms, &which);
    if (ask->account != NULL) {
        guard_passed(http->guard, &mark);
        accounts_key_used(ask->gateway->accounts, which, ask->now_ms);
    } else if (guard_failed(http->guard, &mark, clock_mono_ms())) {
        log_warn("address shut out for a while address=%s why=\"too many wrong keys\"", mark.network);
    }
}

static bool ask_identify(struct ask *ask, const struct route *route, struct evhttp_request *request)
{
    const char *header = header_of(request, "Authorization");
    bool has_key = header != NULL && strncasecmp(header, "Bearer ", 7) == 0;
    if (has_key) {
        header += 7;
        header += strspn(header, " ");
        ask_by_key(ask, octets_text(header), peer_of(request));
    }
    if (ask->account != NULL)
        return true;
    bool is_shut_out = ask->answer.status != 0;
    log_refusal(request, route, is_shut_out ? "shut_out" : has_key ? "unknown_key" : "no_key");
    if (is_shut_out)
        return false;
    answer_problem(ask, VERDICT_UNAUTHORIZED, "%s",
                   has_key ? "the API key is not one that is valid here"
                           : "an API key is needed: Authorization: Bearer KEY");
    ask->answer.header = "WWW-Authenticate";
    ask->answer.value = "Bearer";
    return false;
}

/* Both are looked for, whichever it is. */
static const struct account *find_by_login(struct ask *ask, struct octets name, struct octets secret)
{
    struct account_key *which = NULL;
    struct accounts *accounts = ask->gateway->accounts;
    const struct account *by_password = accounts_find_login(accounts, name, secret);
    const struct account *by_key = accounts_find_key(accounts, secret, ask->now_ms, &which);
    if (by_password != NULL && account_may_come_from(by_password, peer_of(ask->request)))
        return by_password;
    if (by_key == NULL || !octets_equal(octets_text(by_key->name), name))
        return NULL;
    accounts_key_used(accounts, which, ask->now_ms);
    return by_key;
}

static bool login_refuse(struct ask *ask, const char *why)
{
    log_info("http refused path=%s why=%s peer=%s", evhttp_uri_get_path(evhttp_request_get_evhttp_uri(ask->request)), why,
             peer_of(ask->request));
    return false;
}

bool ask_log_in(struct ask *ask, struct octets name, struct octets secret, enum config_role role)
{
    struct guard *guard = ask->http->guard;
    struct guest_mark mark = guard_mark(peer_of(ask->request), name, secret);
    if (!ask_is_looked_at(ask, &mark))
        return login_refuse(ask, "shut_out");
    ask->account = find_by_login(ask, name, secret);
    if (ask->account != NULL)
        guard_passed(guard, &mark);
    else if (guard_failed(guard, &mark, clock_mono_ms()))
        log_warn("address shut out for a while address=%s why=\"too many wrong passwords\"", mark.network);
    if (ask->account != NULL && account_has_role(ask->account, role))
        return true;
    if (ask->account == NULL)
        answer_problem(ask, VERDICT_UNAUTHORIZED, "no account has that name and secret");
    else
        answer_problem(ask, VERDICT_ROLE_REQUIRED, "account %s lacks the role %s", ask->account->name,
                       account_role_word(role));
    return login_refuse(ask, ask->account == NULL ? "unknown_login" : "role_required");
}

static bool ask_authorize(struct ask *ask, const struct route *route,
                          struct evhttp_request *request)
{
    const char *needed = "";
    if (route->roles == NO_KEY)
        return true;
    if (!ask_identify(ask, route, request))
        return false;
    if (route->roles == ANY_KEY || (ask->account->roles & route->roles) != 0)
        return true;
    for (unsigned role = CONFIG_ROLE_SENDER; role <= CONFIG_ROLE_ADMIN; role <<= 1)
        if ((route->roles & role) != 0)
            needed = region_format(ask->region, "%s%s%s", needed, *needed == '\0' ? "" : " or ",
                                   account_role_word((enum config_role)role));
    log_refusal(request, route, "role_required");
    answer_problem(ask, VERDICT_ROLE_REQUIRED, "account %s lacks the role %s", ask->account->name,
                   needed);
    return false;
}

/* ---- what is asked ---- */

struct octets ask_query(const struct ask *ask)
{
    return octets_text(evhttp_uri_get_query(evhttp_request_get_evhttp_uri(ask->request)));
}

const char *ask_header(const struct ask *ask, const char *name)
{
    const char *value = header_of(ask->request, name);
    return value == NULL ? "" : value;
}

static bool ask_read_query(struct ask *ask, const struct route *route, const char *query)
{
    ask->parameters = query_read(query, ask->region, &ask->parameter_count);
    if (ask->parameters == NULL) {
        answer_problem(ask, VERDICT_MALFORMED, "the query is not made of NAME=VALUE in UTF-8");
        return false;
    }
    const char *stranger = query_stranger(ask->parameters, ask->parameter_count, route->parameters);
    if (stranger != NULL)
        answer_problem(ask, VERDICT_INVALID_FIELD,
                       "%.60s: no such parameter here, or it is given twice", stranger);
    return stranger == NULL;
}

static size_t body_limit(const struct http *http, const struct route *route)
{
    bool is_large = (route->traits & LARGE_BODY) != 0;
    return is_large ? (size_t)http->gateway->config->http.large_body_mb * MEGABYTE : HTTP_BODY_LIMIT;
}

/* Of what the route takes. */
static bool ask_read_type(struct ask *ask, const struct route *route, struct evhttp_request *request)
{
    bool takes_rows = (route->traits & TAKES_ROWS) != 0, takes_table = (route->traits & TAKES_TABLE) != 0;
    const char *type = header_of(request, "Content-Type");
    ask->is_ndjson = (takes_rows || takes_table) && media_is(type, "application/x-ndjson");
    ask->is_csv = takes_table && media_is(type, "text/csv");
    if (ask->is_ndjson || ask->is_csv || (!takes_table && media_is(type, "application/json")))
        return true;
    answer_problem(ask, VERDICT_UNSUPPORTED_TYPE, "Content-Type must be %s%s",
                   takes_table ? "text/csv" : "application/json",
                   takes_rows || takes_table ? " or application/x-ndjson" : "");
    return false;
}

static bool ask_read_body(struct ask *ask, const struct route *route,
                          struct evhttp_request *request)
{
    struct evbuffer *buffer = evhttp_request_get_input_buffer(request);
    size_t length = evbuffer_get_length(buffer), limit = body_limit(ask->http, route);
    if (length > limit) {
        answer_problem(ask, VERDICT_TOO_LARGE, "the body has %zu octets, and %zu are allowed", length, limit);
        return false;
    }
    if ((route->traits & TAKES_FORM) != 0) {
        ask->body = octets_of(evbuffer_pullup(buffer, -1), length);
        return true;
    }
    bool is_wanted = (route->traits & (TAKES_JSON | TAKES_ROWS | TAKES_TABLE)) != 0;
    if (!is_wanted && ((route->traits & MAY_TAKE_JSON) == 0 || length == 0))
        return true;
    if (!ask_read_type(ask, route, request))
        return false;
    if ((route->traits & (TAKES_ROWS | TAKES_TABLE)) != 0) {
        ask->buffer = buffer;
        return true;
    }
    ask->body = octets_of(evbuffer_pullup(buffer, -1), length);
    return ask_json(ask);
}

static bool ask_read(struct ask *ask, const struct route *route, struct evhttp_request *request,
                     struct octets segment)
{
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    ask->segment = segment_decode(segment, ask->region);
    if (ask->segment == NULL) {
        answer_problem(ask, VERDICT_MALFORMED, "the path is not UTF-8 without NULs");
        return false;
    }
    ask->idempotency_key = header_of(request, "Idempotency-Key");
    ask->wants_csv = media_is(header_of(request, "Accept"), "text/csv");
    ask->wants_html = media_is(header_of(request, "Accept"), "text/html");
    return ((route->traits & TAKES_FORM) != 0 || ask_read_query(ask, route, evhttp_uri_get_query(uri))) &&
           ask_read_body(ask, route, request);
}

static bool ask_may_go_on(struct ask *ask, const struct route *route)
{
    if (route->handle == NULL)
        answer_problem(ask, VERDICT_NOT_BUILT, "%s is a path of a later version", route->pattern);
    else if ((route->traits & WRITES) != 0 && ask->gateway->is_leaving)
        answer_problem(ask, VERDICT_UNAVAILABLE, "the gateway is ending; it takes no new work");
    else if ((route->traits & READS) != 0 && ask->http->turn_octets > TURN_OCTETS)
        answer_problem(ask, VERDICT_UNAVAILABLE, "too much is asked for at once");
    else
        return true;
    return false;
}

/* Gives whether the answer came from what is stored. */
static bool ask_answer(struct ask *ask, struct evhttp_request *request)
{
    struct octets segment = octets_of(NULL, 0);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const struct route *route = route_find(ask, evhttp_request_get_command(request),
                                           uri == NULL ? NULL : evhttp_uri_get_path(uri), &segment);
    if (route == NULL)
        return false;
    ask->refuse = (route->traits & AS_KANNEL) != 0   ? kannel_refuse
                  : (route->traits & AS_JASMIN) != 0 ? jasmin_refuse
                                                     : NULL;
    bool is_handled = ask_authorize(ask, route, request) && ask_may_go_on(ask, route) &&
                      ask_read(ask, route, request, segment);
    if (is_handled)
        route->handle(ask);
    json_decref(ask->json);
    must((ask->answer.status != 0) == (ask->work == NULL));
    log_debug("http path=%s status=%d account=%s", route->pattern, ask->answer.status,
              ask->account == NULL ? "-" : ask->account->name);
    return is_handled && (route->traits & (READS | WRITES)) != 0;
}

/* ---- requests and their answers ---- */

/* The client went before its answer did. A request that evhttp has already parted from its
 * connection is still ours: sending its answer frees it. One that it hasn't dies now. */
static void connection_ended(struct evhttp_connection *connection, void *owner)
{
    (void)connection;
    struct pending *pending = owner;
    if (evhttp_request_get_connection(pending->request) != NULL)
        pending->request = NULL;
}

static void request_heard(struct evhttp_request *request, void *owner)
{
    struct http *http = owner;
    struct region *region = loop_region(http->gateway->loop);
    struct pending *pending = region_get(region, sizeof *pending);
    struct ask ask = {.gateway = http->gateway,
                      .http = http,
                      .region = region,
                      .segment = "",
                      .request = request,
                      .now_ms = clock_wall_ms()};
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    guests_asked(http->guests, evhttp_connection_get_bufferevent(connection));
    pending->request = request;
    pending->is_of_store = ask_answer(&ask, request);
    if (ask.work != NULL) {
        works_take(http->works, ask.work, request);
        return;
    }
    *http->last = pending;
    http->last = &pending->next;
    evhttp_connection_set_closecb(connection, connection_ended, pending);
    pending->answer = ask.answer;
    pending->refuse = ask.refuse;
    http->turn_octets += ask.answer.body.length;
}

static void headers_write(const struct http *http, struct evhttp_request *request,
                          const struct answer *answer)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Content-Type", answer->type);
    evhttp_add_header(headers, "Cache-Control", "no-store");
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    if (answer->header != NULL)
        evhttp_add_header(headers, answer->header, answer->value);
    if (http->bound == NULL)
        evhttp_add_header(headers, "Connection", "close");
}

static void answer_send(struct http *http, struct evhttp_request *request,
                        const struct answer *answer)
{
    char length[24];
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    if (connection != NULL) {
        evhttp_connection_set_closecb(connection, NULL, NULL);
        guests_answer(http->guests, evhttp_connection_get_bufferevent(connection));
    }
    headers_write(http, request, answer);
    http->counts.answers[answer->status / 100]++;
    if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
        snprintf(length, sizeof length, "%zu", answer->body.length);
        evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Length", length);
        evhttp_send_reply(request, answer->status, NULL, NULL);
        return;
    }
    struct evbuffer *body = evbuffer_new();
    must(body != NULL && (answer->stream == NULL ? evbuffer_add(body, answer->body.at, answer->body.length)
                                                 : evbuffer_add_buffer(body, answer->stream)) == 0);
    evhttp_send_reply(request, answer->status, NULL, body);
    evbuffer_free(body);
}

void http_release(struct http *http, bool is_committed)
{
    struct pending *pending = http->first;
    struct region *region = loop_region(http->gateway->loop);
    http->first = NULL;
    http->last = &http->first;
    http->turn_octets = 0;
    for (; pending != NULL; pending = pending->next) {
        if (!is_committed && pending->is_of_store)
            pending->answer = answer_lost(region, pending->refuse);
        if (pending->request != NULL)
            answer_send(http, pending->request, &pending->answer);
    }
    works_release(http->works, is_committed);
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
    must(stream != NULL);
    guests_come(http->guests, stream);
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
    evhttp_set_max_headers_size(http->server, HEADER_LIMIT);
    size_t largest = (size_t)http->gateway->config->http.large_body_mb * MEGABYTE;
    evhttp_set_max_body_size(http->server, (ev_ssize_t)(largest + BODY_SLACK));
    evhttp_set_timeout(http->server, SILENCE_S);
    evhttp_set_flags(http->server, EVHTTP_SERVER_LINGERING_CLOSE);
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
    http->works = works_open(http, answer_send);
    http->guests = guests_open(gateway->loop, &http->counts.shown_out);
    http->server = evhttp_new(loop_events(gateway->loop));
    must(http->server != NULL);
    server_configure(http);
    http_secure(http, tls);
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

void http_secure(struct http *http, struct tls *tls)
{
    tls_close(http->tls);
    http->tls = tls_share(tls);
}

void http_close(struct http *http)
{
    if (http == NULL)
        return;
    timer_clear(http->gateway->loop, &http->pause);
    works_close(http->works);
    evhttp_free(http->server);
    guests_close(http->guests);
    guard_close(http->guard);
    tls_close(http->tls);
    free(http->address);
    free(http);
}

void http_turn(struct http *http)
{
    works_turn(http->works);
}

struct gateway *http_gateway(const struct http *http)
{
    return http->gateway;
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
