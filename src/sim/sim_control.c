#include "src/sim/sim_control.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"
#include "src/sim/sim_command.h"

#define READ_SIZE   16384
#define LINE_MOST   300000 /* a payload of UCS-2, as UTF-8, and what goes before it */
#define OUT_MOST    65536  /* then a listing waits until some of it is gone */
#define CLIENT_MOST 64

/* Someone who gives commands: a connection, or, where link is NULL, whoever holds our stdin. */
struct client {
    TAILQ_ENTRY(client) clients;
    struct sim_control *control;
    struct link *link;
    bool has_ended; /* no more lines will come */
    struct sim_buffer in, out;
    struct sim_listing listing;
};

struct sim_control {
    struct sim *sim;
    struct listener *listener; /* NULL: no control port */
    TAILQ_HEAD(, client) clients;
    size_t client_count;
    struct client *keyboard; /* NULL: stdin has ended */
    struct event *keys;      /* stdin is ready; NULL: it always is, being a file */
    struct timer feed;
};

/* ---- clients ---- */

static struct client *client_new(struct sim_control *control)
{
    struct client *client = mem_new(sizeof *client);
    client->control = control;
    TAILQ_INSERT_TAIL(&control->clients, client, clients);
    control->client_count++;
    return client;
}

static void client_free(void *dead)
{
    struct client *client = dead;
    sim_buffer_wipe(&client->in);
    sim_buffer_wipe(&client->out);
    free(client);
}

static void client_close(struct client *client)
{
    struct sim_control *control = client->control;
    TAILQ_REMOVE(&control->clients, client, clients);
    control->client_count--;
    link_close(client->link);
    if (client == control->keyboard)
        control->keyboard = NULL;
    loop_bury(control->sim->loop, client_free, client);
}

static void client_end(struct client *client)
{
    client->has_ended = true;
    if (client->link != NULL)
        link_want_read(client->link, false);
}

/* ---- lines ---- */

/* The first line of what came in, as a string; NULL: none is whole yet. It stays in the
 * buffer until it is dropped. A last line needs no end. */
static char *first_line(struct client *client, size_t *length)
{
    struct sim_buffer *in = &client->in;
    uint8_t *end = in->length == 0 ? NULL : memchr(in->at, '\n', in->length);
    if (end == NULL && client->has_ended && in->length > 0) {
        sim_buffer_add(in, "\n", 1);
        end = in->at + in->length - 1;
    }
    if (end == NULL)
        return NULL;
    *length = (size_t)(end - in->at) + 1;
    *end = '\0';
    if (end > in->at && end[-1] == '\r')
        end[-1] = '\0';
    return (char *)in->at;
}

static void run_lines(struct client *client)
{
    char *line;
    size_t length;
    while (client->out.length < OUT_MOST && !client->listing.is_open &&
           (line = first_line(client, &length)) != NULL) {
        if (line[0] != '\0')
            sim_command_run(client->control->sim, line, &client->out, &client->listing);
        sim_buffer_drop(&client->in, length);
    }
    if (client->in.length > LINE_MOST && client->out.length < OUT_MOST &&
        !client->listing.is_open) {
        static const char fault[] = "error the line is too long\n";
        sim_buffer_add(&client->out, fault, sizeof fault - 1);
        client->in.length = 0;
        client_end(client);
    }
}

/* In the dispatch of a turn, so that what it makes others say leaves in its release. */
static void dispatch(void *owner)
{
    struct sim_control *control = owner;
    struct client *client = TAILQ_FIRST(&control->clients);
    for (; client != NULL; client = TAILQ_NEXT(client, clients)) {
        sim_command_list(control->sim, &client->out, OUT_MOST, &client->listing);
        run_lines(client);
        sim_command_list(control->sim, &client->out, OUT_MOST, &client->listing);
    }
}

/* ---- writing ---- */

static bool has_more_to_do(struct client *client)
{
    return client->listing.is_open || (client->in.length > 0 && client->has_ended) ||
           (client->in.length > 0 && memchr(client->in.at, '\n', client->in.length) != NULL);
}

/* False: the client has gone. */
static bool write_link(struct client *client)
{
    size_t taken;
    enum link_result result =
        link_write(client->link, octets_of(client->out.at, client->out.length), &taken);
    if (result == LINK_FAILED) {
        client_close(client);
        return false;
    }
    sim_buffer_drop(&client->out, taken);
    link_want_write(client->link, client->out.length > 0);
    link_want_read(client->link, client->out.length < OUT_MOST && !client->has_ended);
    return true;
}

static void release_client(struct client *client)
{
    if (client->out.length > 0 && client->link == NULL) {
        fwrite(client->out.at, 1, client->out.length, stdout);
        client->out.length = 0;
    }
    if (client->out.length > 0 && !write_link(client))
        return;
    if (has_more_to_do(client) && client->out.length < OUT_MOST)
        loop_again(client->control->sim->loop);
    else if (client->has_ended && client->out.length == 0 && !has_more_to_do(client))
        client_close(client);
}

static void release(void *owner)
{
    struct sim_control *control = owner;
    struct client *next;
    for (struct client *client = TAILQ_FIRST(&control->clients); client != NULL; client = next) {
        next = TAILQ_NEXT(client, clients);
        release_client(client);
    }
}

/* ---- reading ---- */

static void client_readable(void *owner)
{
    struct client *client = owner;
    uint8_t octets[READ_SIZE];
    size_t got;
    enum link_result result = link_read(client->link, octets, sizeof octets, &got);
    if (result == LINK_OK)
        sim_buffer_add(&client->in, octets, got);
    else if (result != LINK_LATER)
        client_end(client);
}

/* Wakes the loop; the release writes. */
static void client_writable(void *owner)
{
    (void)owner;
}

static void accepted(void *owner, int fd)
{
    static const struct link_events events = {.readable = client_readable,
                                              .writable = client_writable};
    struct sim_control *control = owner;
    if (control->client_count >= CLIENT_MOST) {
        close(fd);
        return;
    }
    struct client *client = client_new(control);
    client->link = link_adopt(control->sim->loop, fd, &events, client);
}

/* ---- stdin ---- */

/* Blocking, but only when something is there. False: it has ended, which ends nothing else. */
static bool read_keys(struct sim_control *control)
{
    uint8_t octets[READ_SIZE];
    if (control->keyboard == NULL)
        return false;
    ssize_t got = read(STDIN_FILENO, octets, sizeof octets);
    if (got > 0)
        sim_buffer_add(&control->keyboard->in, octets, (size_t)got);
    else
        client_end(control->keyboard);
    return got > 0;
}

static void keys_ready(evutil_socket_t fd, short what, void *owner)
{
    struct sim_control *control = owner;
    (void)fd;
    (void)what;
    if (!read_keys(control))
        event_del(control->keys);
}

/* A file is always ready, and epoll takes none; it is read a piece a turn. */
static void feed_rings(void *owner)
{
    struct sim_control *control = owner;
    if (read_keys(control))
        timer_set(control->sim->loop, &control->feed, 0, feed_rings, control);
}

static void open_stdin(struct sim_control *control)
{
    struct stat stdin_is;
    if (fstat(STDIN_FILENO, &stdin_is) != 0)
        return;
    control->keyboard = client_new(control);
    bool can_wait =
        S_ISFIFO(stdin_is.st_mode) || S_ISSOCK(stdin_is.st_mode) || isatty(STDIN_FILENO);
    if (!can_wait) {
        timer_set(control->sim->loop, &control->feed, 0, feed_rings, control);
        return;
    }
    control->keys = event_new(loop_events(control->sim->loop), STDIN_FILENO, EV_READ | EV_PERSIST,
                              keys_ready, control);
    must(control->keys != NULL);
    event_add(control->keys, NULL);
}

/* ---- life ---- */

struct sim_control *sim_control_open(struct sim *sim, const char *address, char *error)
{
    struct sim_control *control = mem_new(sizeof *control);
    control->sim = sim;
    TAILQ_INIT(&control->clients);
    if (address != NULL) {
        control->listener = listener_open(sim->loop, address, accepted, control, error);
        if (control->listener == NULL) {
            free(control);
            return NULL;
        }
    }
    open_stdin(control);
    loop_at(sim->loop, LOOP_DISPATCH, dispatch, control);
    loop_at(sim->loop, LOOP_RELEASE, release, control);
    return control;
}

void sim_control_close(struct sim_control *control)
{
    if (control == NULL)
        return;
    while (!TAILQ_EMPTY(&control->clients))
        client_close(TAILQ_FIRST(&control->clients));
    timer_clear(control->sim->loop, &control->feed);
    if (control->keys != NULL)
        event_free(control->keys);
    listener_close(control->listener);
    free(control);
}

const char *sim_control_address(const struct sim_control *control)
{
    return control->listener == NULL ? "-" : listener_address(control->listener);
}
