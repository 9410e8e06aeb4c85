/* Batches over HTTP: one after the other on one connection, in NDJSON. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/must.h"
#include "bench.h"
#include "bench_meter.h"
#include "bench_number.h"
#include "bench_socket.h"

#define PATIENCE_MS 60000 /* without an octet */
#define LINE_SIZE   1024

struct run {
    const struct bench_batch *settings;
    struct bench_figures *out;
    char *fault;
    int fd;
    char *text; /* owned: the request, then its answer */
    size_t length, room;
};

static bool fail(struct run *run, const char *what)
{
    snprintf(run->fault, BENCH_FAULT_SIZE, "%s: %s", what, errno == 0 ? "the server ended it" : strerror(errno));
    return false;
}

static void room_make(struct run *run, size_t more)
{
    if (run->length + more < run->room)
        return;
    run->room = 2 * (run->length + more);
    run->text = mem_grow(run->text, run->room);
}

static void add(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct run *run, const char *format, ...)
{
    va_list values;
    room_make(run, LINE_SIZE);
    va_start(values, format);
    int length = vsnprintf(run->text + run->length, LINE_SIZE, format, values);
    va_end(values);
    must(length >= 0 && length < LINE_SIZE);
    run->length += (size_t)length;
}

/* ---- the request ---- */

static void lines_add(struct run *run, int64_t from, int64_t count)
{
    const struct bench_batch *it = run->settings;
    for (int64_t i = from; i < from + count; i++)
        add(run, "{\"program\":\"%s\",\"to\":\"+%" PRIu64 "\",\"text\":\"%s\"}\n", it->program,
            bench_recipient(i, it->consents), it->text);
}

/* The lines are all of one length, since the numbers are. */
static void request_make(struct run *run, int64_t from, int64_t count)
{
    const struct bench_batch *it = run->settings;
    run->length = 0;
    lines_add(run, from, 1);
    size_t line = run->length;
    run->length = 0;
    add(run, "POST /v1/messages/batch HTTP/1.1\r\nHost: %s:%s\r\nAuthorization: Bearer %s\r\n", it->host, it->port, it->key);
    if (it->is_keyed)
        add(run, "Idempotency-Key: bench-%" PRId64 "-%" PRId64 "\r\n", bench_now_us(), from);
    add(run, "Content-Type: application/x-ndjson\r\nContent-Length: %zu\r\n\r\n", line * (size_t)count);
    lines_add(run, from, count);
}

static bool wait_for(struct run *run, short events)
{
    struct pollfd it = {.fd = run->fd, .events = events};
    if (poll(&it, 1, PATIENCE_MS) == 1)
        return true;
    snprintf(run->fault, BENCH_FAULT_SIZE, "nothing was heard for %d seconds", PATIENCE_MS / 1000);
    return false;
}

static bool request_send(struct run *run)
{
    for (size_t sent = 0; sent < run->length;) {
        ssize_t step = send(run->fd, run->text + sent, run->length - sent, MSG_NOSIGNAL);
        if (step < 0 && errno != EAGAIN && errno != EINTR)
            return fail(run, "sending");
        if (step < 0 && !wait_for(run, POLLOUT))
            return false;
        sent += step > 0 ? (size_t)step : 0;
    }
    return true;
}

/* ---- its answer ---- */

/* Once its head is there: where the body begins, and how long it is. */
static bool head_read(const struct run *run, size_t *begins, size_t *length)
{
    const char *end = strstr(run->text, "\r\n\r\n");
    const char *field = end == NULL ? NULL : strcasestr(run->text, "\r\nContent-Length:");
    if (field == NULL || field > end)
        return false;
    *begins = (size_t)(end + 4 - run->text);
    *length = strtoull(field + strlen("\r\nContent-Length:"), NULL, 10);
    return true;
}

static bool answer_hear(struct run *run, size_t *begins)
{
    size_t length = 0;
    run->length = *begins = 0;
    while (*begins == 0 || run->length < *begins + length) {
        room_make(run, 1 << 16);
        errno = 0;
        ssize_t got = recv(run->fd, run->text + run->length, (1 << 16) - 1, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return fail(run, "hearing the answer");
        if (got < 0 && !wait_for(run, POLLIN))
            return false;
        run->length += got > 0 ? (size_t)got : 0;
        run->text[run->length] = '\0';
        if (*begins == 0)
            head_read(run, begins, &length);
    }
    return true;
}

static void answer_count(struct run *run, size_t begins)
{
    struct bench_figures *out = run->out;
    const char *line = run->text + begins;
    if (strncmp(run->text + 8, " 200 ", 5) != 0)
        line = run->text;
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        if (strncmp(line, "{\"id\":", 6) == 0)
            out->taken++;
        else if (out->refused++ == 0)
            snprintf(out->refusal, sizeof out->refusal, "%.*s", (int)(length < 180 ? length : 180), line);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
}

static bool drive(struct run *run, struct bench_meter *meter)
{
    const struct bench_batch *it = run->settings;
    for (int64_t from = 0; from < it->messages; from += it->batch) {
        size_t begins;
        int64_t count = it->messages - from < it->batch ? it->messages - from : it->batch;
        request_make(run, from, count);
        int64_t asked_us = bench_now_us();
        if (!request_send(run) || !answer_hear(run, &begins))
            return false;
        meter_answer(meter, asked_us);
        answer_count(run, begins);
    }
    return true;
}

bool bench_batch_run(const struct bench_batch *settings, struct bench_figures *out, char fault[BENCH_FAULT_SIZE])
{
    struct bench_meter meter;
    struct run run = {.settings = settings, .out = out, .fault = fault};
    *out = (struct bench_figures){0};
    run.fd = bench_connect(settings->host, settings->port, fault);
    bool is_done = run.fd >= 0 && meter_begin(&meter, settings->processes, settings->messages, 0, fault);
    if (is_done) {
        is_done = drive(&run, &meter);
        meter_end(&meter, out);
    }
    if (run.fd >= 0)
        close(run.fd);
    free(run.text);
    return is_done;
}
