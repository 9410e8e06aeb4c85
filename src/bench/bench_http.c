/* HTTP: keep-alive connections, each with one request outstanding. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/must.h"
#include "bench.h"
#include "bench_meter.h"
#include "bench_number.h"
#include "bench_socket.h"

#define ANSWER_SIZE 8192
#define EVENTS      64
#define PATIENCE_MS 30000 /* without any answer: the run is over */
#define NUMBER_MARK "{to}"

struct connection {
    int fd;
    int64_t asked_us; /* 0: nothing is outstanding */
    size_t length;
    char answer[ANSWER_SIZE];
};

struct run {
    const struct bench_http *settings;
    struct bench_figures *out;
    struct bench_meter meter;
    struct connection *connections;
    struct connection **idle; /* those that may ask; as many as there are connections */
    size_t idle_count;
    char *request; /* owned */
    size_t request_length;
    char *to;            /* where in it the recipient's digits stand */
    int64_t asked, over; /* messages begun; those answered or lost */
    int poll;
    char *fault;
};

static bool fail(struct run *run, const char *what)
{
    snprintf(run->fault, BENCH_FAULT_SIZE, "%s: %s", what, strerror(errno));
    return false;
}

/* ---- the request: always the same but for the recipient ---- */

#define DIGITS 11 /* of every recipient */

static char *request_post(const struct bench_http *it)
{
    char *body, *request;
    must(asprintf(&body, "{\"program\":\"%s\",\"to\":\"+" NUMBER_MARK "\",\"text\":\"%s\"}",
                  it->program, it->text) > 0);
    must(asprintf(&request,
                  "POST /v1/messages HTTP/1.1\r\nHost: %s:%s\r\nAuthorization: Bearer %s\r\n"
                  "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                  it->host, it->port, it->key, strlen(body) - strlen(NUMBER_MARK) + DIGITS,
                  body) > 0);
    free(body);
    return request;
}

static char *request_get(const struct bench_http *it)
{
    char *request;
    must(asprintf(&request, "GET %s HTTP/1.1\r\nHost: %s:%s\r\n\r\n", it->get, it->host, it->port) >
         0);
    return request;
}

/* Puts room for the digits in the place of the mark. */
static bool request_make(struct run *run)
{
    char *text =
        run->settings->get != NULL ? request_get(run->settings) : request_post(run->settings);
    char *mark = strstr(text, NUMBER_MARK);
    if (mark != NULL) {
        size_t before = (size_t)(mark - text);
        must(asprintf(&run->request, "%.*s%0*d%s", (int)before, text, DIGITS, 0,
                      mark + strlen(NUMBER_MARK)) > 0);
        run->request_length = strlen(run->request);
        run->to = run->request + before;
    } else {
        snprintf(run->fault, BENCH_FAULT_SIZE, "the path has no %s", NUMBER_MARK);
    }
    free(text);
    return mark != NULL;
}

static void request_address(struct run *run, uint64_t number)
{
    for (int i = DIGITS - 1; i >= 0; i--, number /= 10)
        run->to[i] = (char)('0' + number % 10);
}

/* ---- a connection ---- */

static bool connection_open(struct run *run, struct connection *connection)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = connection}};
    connection->length = 0;
    connection->asked_us = 0;
    connection->fd = bench_connect(run->settings->host, run->settings->port, run->fault);
    if (connection->fd < 0)
        return false;
    if (epoll_ctl(run->poll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
        return fail(run, "epoll");
    run->idle[run->idle_count++] = connection;
    return true;
}

/* The server has ended it. What was asked on it is lost; another takes its place. */
static bool connection_lost(struct run *run, struct connection *connection)
{
    bool was_idle = connection->asked_us == 0;
    close(connection->fd);
    for (size_t i = 0; was_idle && i < run->idle_count; i++)
        if (run->idle[i] == connection)
            run->idle[i--] = run->idle[--run->idle_count];
    if (!was_idle) {
        run->out->lost++;
        run->over++;
    }
    return connection_open(run, connection);
}

/* A request is far smaller than an empty socket's buffer: it goes whole, or the connection is over.
 */
static bool connection_ask(struct run *run, struct connection *connection, int64_t asked_us)
{
    request_address(run, bench_recipient(run->asked++, run->settings->consents));
    connection->asked_us = asked_us;
    if (send(connection->fd, run->request, run->request_length, MSG_NOSIGNAL) ==
        (ssize_t)run->request_length)
        return true;
    return connection_lost(run, connection);
}

/* How long the answer is, 0: its head isn't there yet, -1: it says nothing usable. */
static int64_t answer_length(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    if (end == NULL)
        return 0;
    const char *length = strcasestr(answer, "\r\nContent-Length:");
    if (length == NULL || length > end)
        return -1;
    long long body = strtoll(length + strlen("\r\nContent-Length:"), NULL, 10);
    return body < 0 || body >= ANSWER_SIZE ? -1 : end + 4 - answer + body;
}

static void answer_count(struct run *run, const struct connection *connection)
{
    struct bench_figures *out = run->out;
    if (strncmp(connection->answer, "HTTP/1.", 7) == 0 &&
        strncmp(connection->answer + 8, " 202 ", 5) == 0) {
        out->taken++;
        return;
    }
    if (out->refused++ > 0)
        return;
    const char *body = strstr(connection->answer, "\r\n\r\n");
    snprintf(out->refusal, sizeof out->refusal, "%.*s %.140s",
             (int)strcspn(connection->answer, "\r"), connection->answer, body + 4);
}

static bool connection_heard(struct run *run, struct connection *connection)
{
    ssize_t got = recv(connection->fd, connection->answer + connection->length,
                       ANSWER_SIZE - 1 - connection->length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (got <= 0 || connection->asked_us == 0)
        return connection_lost(run, connection);
    connection->length += (size_t)got;
    connection->answer[connection->length] = '\0';
    int64_t length = answer_length(connection->answer);
    if (length < 0 || length >= ANSWER_SIZE) {
        snprintf(run->fault, BENCH_FAULT_SIZE, "the server's answer has no length, or is too long");
        return false;
    }
    if (length == 0 || connection->length < (size_t)length)
        return true;
    meter_answer(&run->meter, connection->asked_us);
    answer_count(run, connection);
    connection->asked_us = 0;
    connection->length = 0;
    run->idle[run->idle_count++] = connection;
    run->over++;
    return true;
}

/* ---- the run ---- */

/* Asks what is due. Under a rate the clock of a request begins when it was due, whether a
 * connection was free or not: a server that stalls is not asked less. */
static bool ask_due(struct run *run)
{
    int64_t now_us = bench_now_us();
    while (run->idle_count > 0 && run->asked < run->settings->messages) {
        int64_t due_us = meter_due_us(&run->meter, run->asked);
        if (due_us > now_us)
            return true;
        struct connection *connection = run->idle[--run->idle_count];
        if (!connection_ask(run, connection, run->settings->rate > 0 ? due_us : now_us))
            return false;
    }
    return true;
}

static struct timespec wait_of(const struct run *run)
{
    int64_t wait_us = INT64_C(1000) * PATIENCE_MS;
    if (run->idle_count > 0 && run->asked < run->settings->messages)
        wait_us = meter_due_us(&run->meter, run->asked) - bench_now_us();
    wait_us = wait_us < 0 ? 0 : wait_us;
    return (struct timespec){.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
}

static bool drive(struct run *run)
{
    struct epoll_event events[EVENTS];
    while (run->over < run->settings->messages) {
        if (!ask_due(run))
            return false;
        struct timespec wait = wait_of(run);
        int count = epoll_pwait2(run->poll, events, EVENTS, &wait, NULL);
        if (count < 0 && errno != EINTR)
            return fail(run, "epoll");
        if (count == 0 && wait.tv_sec > 0) {
            snprintf(run->fault, BENCH_FAULT_SIZE, "no answer for %d seconds", PATIENCE_MS / 1000);
            return false;
        }
        for (int i = 0; i < count; i++)
            if (!connection_heard(run, events[i].data.ptr))
                return false;
        if (run->out->lost > 10 * run->settings->connections) {
            snprintf(run->fault, BENCH_FAULT_SIZE, "the server ends every connection");
            return false;
        }
    }
    return true;
}

static bool open_all(struct run *run)
{
    run->poll = epoll_create1(EPOLL_CLOEXEC);
    if (run->poll < 0)
        return fail(run, "epoll");
    for (int64_t i = 0; i < run->settings->connections; i++)
        if (!connection_open(run, &run->connections[i]))
            return false;
    return true;
}

static void close_all(struct run *run)
{
    for (int64_t i = 0; i < run->settings->connections; i++)
        if (run->connections[i].fd >= 0)
            close(run->connections[i].fd);
    if (run->poll >= 0)
        close(run->poll);
    free(run->connections);
    free(run->idle);
    free(run->request);
}

bool bench_http_run(const struct bench_http *settings, struct bench_figures *out,
                    char fault[BENCH_FAULT_SIZE])
{
    size_t count = (size_t)settings->connections;
    struct run run = {.settings = settings, .out = out, .fault = fault, .poll = -1};
    *out = (struct bench_figures){0};
    run.connections = mem_new(count * sizeof *run.connections);
    run.idle = mem_new(count * sizeof *run.idle);
    for (size_t i = 0; i < count; i++)
        run.connections[i].fd = -1;
    bool is_done =
        request_make(&run) && open_all(&run) &&
        meter_begin(&run.meter, settings->processes, settings->messages, settings->rate, fault);
    if (is_done) {
        is_done = drive(&run);
        meter_end(&run.meter, out);
    }
    close_all(&run);
    return is_done;
}
