/* SMPP: an ESME with one or more binds, each with a window of unanswered submit_sm. The codec is
 * the simulated carrier's, but for what only a client writes. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
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
#include "src/sim/sim_pdu.h"

#define OUT_MOST          1000000 /* octets; beyond it nothing is read */
#define READ_SIZE         65536
#define LONGEST           65536 /* a PDU: a longer one is none of a gateway's */
#define PATIENCE_MS       30000
#define RECEIPTS_MS       20000 /* after the last answer; then those that are missing are missing */
#define TON_INTERNATIONAL 1
#define TON_ALPHANUMERIC  5
#define NPI_ISDN          1

struct bind {
    int fd;
    bool is_bound;
    int64_t outstanding;
    struct sim_buffer in, out;
};

struct run {
    const struct bench_smpp *settings;
    struct bench_figures *out;
    struct bench_meter meter;
    struct bind *binds;
    struct pollfd *ready; /* as many as binds */
    int64_t *asked_us;    /* of each message; 0: answered. Its place is its sequence less FIRST */
    int64_t asked, over;
    char *fault;
};

#define BIND_SEQUENCE 1
#define FIRST         2 /* the sequence of message 0 */

static bool fail(struct run *run, const char *what)
{
    snprintf(run->fault, BENCH_FAULT_SIZE, "%s", what);
    return false;
}

/* ---- what a client writes ---- */

static void add_octet(struct sim_buffer *out, uint8_t octet)
{
    sim_buffer_add(out, &octet, 1);
}

static void add_text(struct sim_buffer *out, const char *text)
{
    sim_buffer_add(out, text, strlen(text) + 1);
}

static void add_address(struct sim_buffer *out, const char *address)
{
    bool is_number = address[0] == '+';
    bool is_name = !is_number && address[strspn(address, "0123456789")] != '\0';
    add_octet(out, is_number ? TON_INTERNATIONAL : is_name ? TON_ALPHANUMERIC : 0);
    add_octet(out, is_name ? 0 : NPI_ISDN);
    add_text(out, is_number ? address + 1 : address);
}

/* The header goes first with no length, which is put in when the body is there. */
static size_t pdu_begin(struct sim_buffer *out, uint32_t command, uint32_t sequence)
{
    size_t at = out->length;
    sim_write_plain(out, command, SIM_OK, sequence);
    return at;
}

static void pdu_end(struct sim_buffer *out, size_t at)
{
    size_t length = out->length - at;
    for (int i = 0; i < 4; i++)
        out->at[at + (size_t)i] = (uint8_t)(length >> (24 - 8 * i));
}

static void write_bind(struct run *run, struct bind *bind)
{
    size_t at = pdu_begin(&bind->out, SIM_BIND_TRANSCEIVER, BIND_SEQUENCE);
    add_text(&bind->out, run->settings->system_id);
    add_text(&bind->out, run->settings->password);
    add_text(&bind->out, "");
    add_octet(&bind->out, SIM_VERSION_34);
    add_octet(&bind->out, 0);
    add_octet(&bind->out, 0);
    add_text(&bind->out, "");
    pdu_end(&bind->out, at);
}

/* 3.4 4.4.1 */
static void write_submit(struct run *run, struct bind *bind, int64_t i)
{
    char to[24];
    size_t length = strlen(run->settings->text);
    size_t at = pdu_begin(&bind->out, SIM_SUBMIT_SM, (uint32_t)(FIRST + i));
    snprintf(to, sizeof to, "+%" PRIu64, bench_recipient(i, run->settings->consents));
    add_text(&bind->out, "");
    add_address(&bind->out, run->settings->source);
    add_address(&bind->out, to);
    sim_buffer_add(&bind->out, "\0\0\0\0\0", 5); /* esm_class to validity_period */
    add_octet(&bind->out, run->settings->wants_receipts);
    sim_buffer_add(&bind->out, "\0\0\0", 3); /* replace_if_present to sm_default_msg_id */
    add_octet(&bind->out, (uint8_t)length);
    sim_buffer_add(&bind->out, run->settings->text, length);
    pdu_end(&bind->out, at);
}

/* ---- what it hears ---- */

static bool heard_bound(struct run *run, struct bind *bind, const struct sim_header *header)
{
    bind->is_bound = header->status == SIM_OK;
    if (bind->is_bound)
        return true;
    snprintf(run->fault, BENCH_FAULT_SIZE, "the bind was refused with 0x%02X",
             (unsigned)header->status);
    return false;
}

static bool heard_answer(struct run *run, struct bind *bind, const struct sim_header *header)
{
    int64_t i = (int64_t)header->sequence - FIRST;
    if (i < 0 || i >= run->asked || run->asked_us[i] == 0)
        return fail(run, "an answer came to what wasn't asked");
    meter_answer(&run->meter, run->asked_us[i]);
    run->asked_us[i] = 0;
    run->over++;
    bind->outstanding--;
    if (header->status == SIM_OK)
        run->out->taken++;
    else if (run->out->refused++ == 0)
        snprintf(run->out->refusal, sizeof run->out->refusal, "status 0x%02X",
                 (unsigned)header->status);
    return true;
}

static bool heard(struct run *run, struct bind *bind, const struct sim_header *header)
{
    switch (header->command) {
    case SIM_BIND_TRANSCEIVER | SIM_RESPONSE:
        return heard_bound(run, bind, header);
    case SIM_SUBMIT_SM | SIM_RESPONSE:
        return heard_answer(run, bind, header);
    case SIM_DELIVER_SM:
        run->out->receipts++;
        sim_write_id(&bind->out, SIM_DELIVER_SM | SIM_RESPONSE, header->sequence, "");
        return true;
    case SIM_ENQUIRE_LINK:
        sim_write_plain(&bind->out, SIM_ENQUIRE_LINK | SIM_RESPONSE, SIM_OK, header->sequence);
        return true;
    default:
        return fail(run, "the gateway ends the bind, or says what isn't understood");
    }
}

static bool read_bind(struct run *run, struct bind *bind)
{
    uint8_t octets[READ_SIZE];
    ssize_t got = recv(bind->fd, octets, sizeof octets, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (got <= 0)
        return fail(run, "the gateway has closed the connection");
    sim_buffer_add(&bind->in, octets, (size_t)got);
    size_t at = 0;
    while (bind->in.length - at >= SIM_HEADER_SIZE) {
        struct sim_header header = sim_header_read(bind->in.at + at);
        if (header.length < SIM_HEADER_SIZE || header.length > LONGEST)
            return fail(run, "a PDU has an impossible length");
        if (bind->in.length - at < header.length)
            break;
        if (!heard(run, bind, &header))
            return false;
        at += header.length;
    }
    sim_buffer_drop(&bind->in, at);
    return true;
}

static bool write_out(struct run *run, struct bind *bind)
{
    if (bind->out.length == 0)
        return true;
    ssize_t sent = send(bind->fd, bind->out.at, bind->out.length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return fail(run, "the gateway has closed the connection");
    if (sent > 0)
        sim_buffer_drop(&bind->out, (size_t)sent);
    return true;
}

/* ---- the run ---- */

/* Hands in what is due and has room; what is due and finds none has its clock running all the same.
 */
static void submit_due(struct run *run)
{
    int64_t now_us = bench_now_us();
    for (int64_t i = 0; i < run->settings->binds; i++) {
        struct bind *bind = &run->binds[i];
        while (bind->outstanding < run->settings->window && run->asked < run->settings->messages &&
               meter_due_us(&run->meter, run->asked) <= now_us) {
            run->asked_us[run->asked] =
                run->settings->rate > 0 ? meter_due_us(&run->meter, run->asked) : now_us;
            write_submit(run, bind, run->asked++);
            bind->outstanding++;
        }
    }
}

static int wait_ms_of(const struct run *run)
{
    if (run->settings->rate == 0 || run->asked == run->settings->messages)
        return PATIENCE_MS;
    int64_t wait_us = meter_due_us(&run->meter, run->asked) - bench_now_us();
    return wait_us < 0 ? 1 : (int)(wait_us / 1000);
}

/* Writes and reads once. False: it is over, or nothing came in that time. */
static bool exchange(struct run *run, int wait_ms)
{
    for (int64_t i = 0; i < run->settings->binds; i++) {
        if (!write_out(run, &run->binds[i]))
            return false;
        size_t waiting = run->binds[i].out.length; /* who doesn't read is not heard */
        short what = waiting == 0 ? POLLIN : waiting < OUT_MOST ? POLLIN | POLLOUT : POLLOUT;
        run->ready[i] = (struct pollfd){.fd = run->binds[i].fd, .events = what};
    }
    int count = poll(run->ready, (nfds_t)run->settings->binds, wait_ms);
    if (count == 0 && wait_ms >= RECEIPTS_MS)
        return fail(run, "the gateway says nothing any more");
    for (int64_t i = 0; i < run->settings->binds; i++)
        if ((run->ready[i].revents & ~POLLOUT) != 0 && !read_bind(run, &run->binds[i]))
            return false;
    return true;
}

static bool bind_all(struct run *run)
{
    for (int64_t i = 0; i < run->settings->binds; i++) {
        struct bind *bind = &run->binds[i];
        bind->fd = bench_connect(run->settings->host, run->settings->port, run->fault);
        if (bind->fd < 0)
            return false;
        write_bind(run, bind);
    }
    for (int64_t i = 0; i < run->settings->binds; i++)
        while (!run->binds[i].is_bound)
            if (!exchange(run, PATIENCE_MS))
                return false;
    return true;
}

static bool drive(struct run *run)
{
    while (run->over < run->settings->messages) {
        submit_due(run);
        if (!exchange(run, wait_ms_of(run)))
            return false;
    }
    int64_t until_us = bench_now_us() + INT64_C(1000) * RECEIPTS_MS;
    while (run->settings->wants_receipts && run->out->receipts < run->out->taken &&
           bench_now_us() < until_us)
        if (!exchange(run, 100))
            return false;
    return true;
}

static void close_all(struct run *run)
{
    for (int64_t i = 0; i < run->settings->binds; i++) {
        if (run->binds[i].fd >= 0)
            close(run->binds[i].fd);
        sim_buffer_wipe(&run->binds[i].in);
        sim_buffer_wipe(&run->binds[i].out);
    }
    free(run->binds);
    free(run->ready);
    free(run->asked_us);
}

bool bench_smpp_run(const struct bench_smpp *settings, struct bench_figures *out,
                    char fault[BENCH_FAULT_SIZE])
{
    size_t count = (size_t)settings->binds;
    struct run run = {.settings = settings, .out = out, .fault = fault};
    *out = (struct bench_figures){0};
    run.binds = mem_new(count * sizeof *run.binds);
    run.ready = mem_new(count * sizeof *run.ready);
    run.asked_us = mem_new((size_t)settings->messages * sizeof *run.asked_us);
    for (size_t i = 0; i < count; i++)
        run.binds[i].fd = -1;
    bool is_done = bind_all(&run) && meter_begin(&run.meter, settings->processes,
                                                 settings->messages, settings->rate, fault);
    if (is_done) {
        is_done = drive(&run);
        out->lost = run.asked - run.over;
        meter_end(&run.meter, out);
    }
    close_all(&run);
    return is_done;
}
