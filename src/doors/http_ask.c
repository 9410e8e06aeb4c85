#include "http_ask.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "guard.h"
#include "http_api.h"
#include "http_audit.h"
#include "http_cors.h"
#include "http_head.h"
#include "http_proxy.h"
#include "http_visit.h"

#define MEGABYTE ((size_t)1 << 20)

/* ---- the routes ---- */

static const char *method_words(const struct route *route)
{
    bool has_head = route->method == EVHTTP_REQ_GET && (route->traits & WRITES) == 0;
    return has_head ? "GET, HEAD" : route_method(route);
}

/* HEAD is a GET whose body stays here; where a GET does something, nobody may ask what it would answer. */
static bool is_method(const struct route *route, enum evhttp_cmd_type method)
{
    bool is_head = method == EVHTTP_REQ_HEAD && (route->traits & WRITES) == 0;
    return route->method == (is_head ? EVHTTP_REQ_GET : method);
}

/* NULL: it was answered. */
static const struct route *route_find(struct ask *ask, enum evhttp_cmd_type method,
                                      const char *path, struct octets *segment)
{
    const char *allowed = "";
    for (size_t i = 0; path != NULL && i < api_route_count; i++) {
        if (!path_match(api_routes[i].pattern, path, segment))
            continue;
        if (is_method(&api_routes[i], method))
            return &api_routes[i];
        allowed = region_format(ask->region, "%s%s%s", allowed, *allowed == '\0' ? "" : ", ",
                                method_words(&api_routes[i]));
    }
    if (*allowed == '\0') {
        answer_problem(ask, VERDICT_NOT_FOUND, "nothing is at this address");
        return NULL;
    }
    if (cors_preflight(ask, path, allowed))
        return NULL;
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

/* Of a request that proxies have handed on, the client's. */
static const char *client_of(const struct ask *ask, struct evhttp_request *request)
{
    const char *lines[HEAD_FIELDS];
    size_t count = 0;
    const struct config_listener *config = &ask->gateway->config->http;
    const struct evkeyval *field;
    TAILQ_FOREACH(field, evhttp_request_get_input_headers(request), next)
        if (count < HEAD_FIELDS && strcasecmp(field->key, proxy_header(config)) == 0)
            lines[count++] = field->value;
    return proxy_client(config, peer_of(request), lines, count, ask->region);
}

static void log_refusal(const struct ask *ask, const struct route *route, const char *why)
{
    log_info("http refused path=%s why=%s peer=%s", route->pattern, why, ask->peer);
}

/* What guesses keys has to wait, whatever it comes with. */
static bool ask_is_looked_at(struct ask *ask, const struct guest_mark *mark)
{
    int64_t wait_ms = guard_wait_ms(http_guard(ask->http), mark, clock_mono_ms());
    if (wait_ms <= 0)
        return true;
    answer_problem(ask, VERDICT_SHUT_OUT,
                   "keys from %s are not looked at for a while, since several were wrong", mark->network);
    answer_retry_after(ask, wait_ms);
    return false;
}

/* No account: it was answered, or is to be with 401. */
static void ask_by_key(struct ask *ask, struct octets key)
{
    struct account_key *which;
    struct guest_mark mark = guard_mark(ask->peer, octets_of(NULL, 0), key);
    if (!ask_is_looked_at(ask, &mark))
        return;
    ask->account = accounts_find_key(ask->gateway->accounts, key, ask->now_ms, &which);
    if (ask->account != NULL) {
        ask->key = which;
        guard_passed(http_guard(ask->http), &mark);
        accounts_key_used(ask->gateway->accounts, which, ask->now_ms);
    } else if (guard_failed(http_guard(ask->http), &mark, clock_mono_ms())) {
        log_warn("address shut out for a while address=%s why=\"too many wrong keys\"", mark.network);
    }
}

static bool ask_identify(struct ask *ask, const struct route *route)
{
    const char *header = ask->claims.authorization;
    bool has_key = header != NULL && strncasecmp(header, "Bearer ", 7) == 0;
    if (has_key) {
        header += 7;
        header += strspn(header, " ");
        ask_by_key(ask, octets_text(header));
    }
    if (ask->account != NULL || (!has_key && ask_by_visit(ask)))
        return true;
    bool is_shut_out = ask->answer.status != 0;
    log_refusal(ask, route, is_shut_out ? "shut_out" : has_key ? "unknown_key" : "no_key");
    if (is_shut_out)
        return false;
    answer_problem(ask, VERDICT_UNAUTHORIZED, "%s",
                   has_key ? "the API key is not one that is valid here"
                           : "an API key is needed: Authorization: Bearer KEY; or a session of the console");
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
    if (by_password != NULL && account_may_come_from(by_password, ask->peer))
        return by_password;
    if (by_key == NULL || !octets_equal(octets_text(by_key->name), name))
        return NULL;
    accounts_key_used(accounts, which, ask->now_ms);
    return by_key;
}

static bool login_refuse(struct ask *ask, const char *why)
{
    log_info("http refused path=%s why=%s peer=%s", evhttp_uri_get_path(evhttp_request_get_evhttp_uri(ask->request)), why,
             ask->peer);
    return false;
}

bool ask_log_in(struct ask *ask, struct octets name, struct octets secret, enum config_role role)
{
    struct guard *guard = http_guard(ask->http);
    struct guest_mark mark = guard_mark(ask->peer, name, secret);
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

/* By a session: what changes something, a page of ours must have meant. */
static bool ask_is_meant(struct ask *ask, const struct route *route)
{
    const char *token = ask->claims.csrf == NULL ? "" : ask->claims.csrf;
    if (ask->visit == NULL || route->method == EVHTTP_REQ_GET || visit_knows(ask->visit, token))
        return true;
    log_refusal(ask, route, "csrf");
    answer_problem(ask, VERDICT_CSRF, "X-CSRF-Token is missing, or is another session's: GET /v1/session has it");
    return false;
}

static bool ask_authorize(struct ask *ask, const struct route *route)
{
    const char *needed = "";
    if (route->roles == NO_KEY)
        return true;
    if (!ask_identify(ask, route) || !ask_is_meant(ask, route))
        return false;
    if (route->roles == ANY_KEY || (ask->account->roles & route->roles) != 0)
        return true;
    for (unsigned role = CONFIG_ROLE_SENDER; role <= CONFIG_ROLE_ADMIN; role <<= 1)
        if ((route->roles & role) != 0)
            needed = region_format(ask->region, "%s%s%s", needed, *needed == '\0' ? "" : " or ",
                                   account_role_word((enum config_role)role));
    log_refusal(ask, route, "role_required");
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
    return is_large ? (size_t)http_gateway(http)->config->http.large_body_mb * MEGABYTE : HTTP_BODY_LIMIT;
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
    if (!http_takes_json(ask->http, length)) {
        answer_problem(ask, VERDICT_UNAVAILABLE, "too much is asked for at once");
        return false;
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
    else if ((route->traits & READS) != 0 && http_is_full(ask->http))
        answer_problem(ask, VERDICT_UNAVAILABLE, "too much is asked for at once");
    else
        return true;
    return false;
}

static const char *find_in_request(const void *headers, const char *name)
{
    return evhttp_find_header(headers, name);
}

static const char *find_in_head(const void *head, const char *name)
{
    return head_find(head, name);
}

static void claims_read(struct claims *claims, const char *(*find)(const void *from, const char *name), const void *from)
{
    *claims = (struct claims){.authorization = find(from, "Authorization"),
                              .cookie = find(from, "Cookie"),
                              .csrf = find(from, "X-CSRF-Token"),
                              .origin = find(from, "Origin"),
                              .site = find(from, "Sec-Fetch-Site"),
                              .host = find(from, "Host")};
}

bool ask_answer(struct ask *ask, struct evhttp_request *request)
{
    struct octets segment = octets_of(NULL, 0);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    claims_read(&ask->claims, find_in_request, evhttp_request_get_input_headers(request));
    ask->peer = client_of(ask, request);
    const struct route *route = route_find(ask, evhttp_request_get_command(request),
                                           uri == NULL ? NULL : evhttp_uri_get_path(uri), &segment);
    if (route == NULL)
        return false;
    ask->refuse = (route->traits & AS_KANNEL) != 0   ? kannel_refuse
                  : (route->traits & AS_JASMIN) != 0 ? jasmin_refuse
                  : (route->traits & IS_PAGE) != 0   ? page_refuse
                                                     : NULL;
    bool is_handled = ask_authorize(ask, route) && ask_may_go_on(ask, route) &&
                      ask_read(ask, route, request, segment);
    if (is_handled) {
        ask->route = route;
        route->handle(ask);
        if (ask->wait == NULL) /* else it is noted once it is answered */
            audit_note(ask, route);
        ask_use_visit(ask);
    }
    json_decref(ask->json);
    must((ask->answer.status != 0) == (ask->work == NULL && ask->stream == NULL && ask->wait == NULL));
    log_debug("http path=%s status=%d account=%s", route->pattern, ask->answer.status,
              ask->account == NULL ? "-" : ask->account->name);
    return is_handled && (route->traits & (READS | WRITES)) != 0;
}

/* ---- before its body has come ---- */

/* NULL: its own answer will say why. */
static const struct route *route_of(const struct head *head)
{
    struct octets segment;
    struct evhttp_uri *uri = evhttp_uri_parse_with_flags(head_target(head), EVHTTP_URI_NONCONFORMANT);
    const char *path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
    const struct route *route = NULL;
    for (size_t i = 0; path != NULL && route == NULL && i < api_route_count; i++)
        if (api_routes[i].method == EVHTTP_REQ_POST && path_match(api_routes[i].pattern, path, &segment))
            route = &api_routes[i];
    if (uri != NULL)
        evhttp_uri_free(uri);
    return route != NULL && strcmp(head_method(head), "POST") == 0 ? route : NULL;
}

static const char *client_behind(const struct ask *ask, const struct head *head)
{
    const char *lines[HEAD_FIELDS];
    const struct config_listener *config = &ask->gateway->config->http;
    return proxy_client(config, ask->peer, lines, head_find_all(head, proxy_header(config), lines), ask->region);
}

size_t ask_admit(struct ask *ask, const struct head *head)
{
    const struct route *route = route_of(head);
    bool is_large = head->is_chunked || head->body > HTTP_BODY_LIMIT;
    if (route == NULL || (route->traits & LARGE_BODY) == 0 || !is_large)
        return HTTP_BODY_LIMIT;
    claims_read(&ask->claims, find_in_head, head);
    ask->peer = client_behind(ask, head);
    if (!ask_authorize(ask, route) || !ask_may_go_on(ask, route))
        return 0;
    return body_limit(ask->http, route);
}
