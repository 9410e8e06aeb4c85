#include "base/link.h"

#include <errno.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/tls.h"

#define PEER_SIZE  80
#define ADDRESS_MS 2000 /* so long an address may be silent where the name has another */

struct link {
    struct loop *loop;
    const struct link_events *events;
    void *owner;
    int fd;
    bool is_open;   /* connected, and agreed on TLS: events are passed on */
    bool is_closed; /* waits for its burial */
    bool wants_read, wants_write; /* of the owner, once it is open */
    struct tls *tls;              /* NULL: without */
    char *tls_host;
    struct tls_stream *stream; /* of tls, once there is a socket */
    struct event *readable, *writable;
    struct evdns_base *resolver; /* while the name is looked up */
    struct evdns_getaddrinfo_request *lookup;
    struct evutil_addrinfo *addresses, *next_address;
    struct timer silent; /* this address is, and there is another */
    struct timer soon;   /* reports a failure outside of link_connect; reads what TLS holds */
    char peer[PEER_SIZE];
    char fault[LINK_ERROR_SIZE];
};

static void address_write(const struct sockaddr *address, socklen_t length, char *out, size_t size)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getnameinfo(address, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        snprintf(out, size, "?");
    else if (address->sa_family == AF_INET6)
        snprintf(out, size, "[%.46s]:%.6s", host, port);
    else
        snprintf(out, size, "%.46s:%.6s", host, port);
}

/* ---- a link's life ---- */

static void drop_socket(struct link *link)
{
    if (link->readable != NULL)
        event_free(link->readable);
    if (link->writable != NULL)
        event_free(link->writable);
    link->readable = link->writable = NULL;
    tls_stream_free(link->stream);
    link->stream = NULL;
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
}

static void link_free(void *dead)
{
    struct link *link = dead;
    if (link->addresses != NULL)
        evutil_freeaddrinfo(link->addresses);
    tls_close(link->tls);
    free(link->tls_host);
    free(link);
}

void link_close(struct link *link)
{
    if (link == NULL || link->is_closed)
        return;
    link->is_closed = true;
    timer_clear(link->loop, &link->soon);
    timer_clear(link->loop, &link->silent);
    drop_socket(link);
    if (link->lookup != NULL)
        evdns_getaddrinfo_cancel(link->lookup); /* its callback comes later, with link->lookup set */
    else
        loop_bury(link->loop, link_free, link);
}

static void want(struct event *event, bool wanted)
{
    if (event == NULL)
        return;
    if (wanted)
        event_add(event, NULL);
    else
        event_del(event);
}

/* Octets that TLS holds are nothing that the socket would tell of. */
static void read_soon(void *owner);

static void watch(struct link *link)
{
    bool may_read = link->stream == NULL || tls_stream_wants_read(link->stream);
    bool must_write = link->stream != NULL && tls_stream_wants_write(link->stream);
    want(link->readable, may_read && (link->wants_read || !link->is_open));
    want(link->writable, must_write || (link->wants_write && link->is_open));
    if (link->is_open && link->wants_read && link->stream != NULL &&
        tls_stream_has_more(link->stream))
        timer_set(link->loop, &link->soon, 0, read_soon, link);
}

static void tell_readable(struct link *link)
{
    if (!link->is_closed && link->wants_read && link->events->readable != NULL)
        link->events->readable(link->owner);
    if (!link->is_closed && link->stream != NULL)
        watch(link);
}

static void read_soon(void *owner)
{
    tell_readable(owner);
}

/* What it fails with, or waits for. */
static void note(struct link *link, const char *what)
{
    snprintf(link->fault, sizeof link->fault, "%s: %s", link->peer, what);
}

static void become_open(struct link *link)
{
    link->is_open = link->wants_read = true;
    link->fault[0] = '\0';
    watch(link);
    link->events->opened(link->owner);
}

static void shake(struct link *link)
{
    enum link_result result = tls_stream_shake(link->stream);
    if (result == LINK_OK) {
        become_open(link);
    } else if (result == LINK_LATER) {
        watch(link);
    } else {
        note(link, tls_stream_fault(link->stream));
        link->events->failed(link->owner, link->fault);
    }
}

static void socket_readable(evutil_socket_t fd, short what, void *owner)
{
    struct link *link = owner;
    (void)fd;
    (void)what;
    if (link->is_closed)
        return;
    if (link->is_open)
        tell_readable(link);
    else
        shake(link);
}

/* TLS may have waited for this to write, and even to read. */
static void flush(struct link *link)
{
    bool has_left = tls_stream_has_left(link->stream);
    tls_stream_flush(link->stream);
    bool is_news = !has_left && tls_stream_has_left(link->stream);
    watch(link);
    if ((is_news || link->wants_write) && link->events->writable != NULL)
        link->events->writable(link->owner);
    tell_readable(link);
}

static void try_next_address(struct link *link);

static void socket_writable(evutil_socket_t fd, short what, void *owner)
{
    struct link *link = owner;
    (void)what;
    if (link->is_closed)
        return;
    if (link->stream != NULL) {
        (link->is_open ? flush : shake)(link);
        return;
    }
    if (link->is_open) {
        if (link->events->writable != NULL)
            link->events->writable(link->owner);
        return;
    }
    int fault = 0;
    socklen_t length = sizeof fault;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &length) != 0)
        fault = errno;
    if (fault != 0) {
        note(link, strerror(fault));
        try_next_address(link);
        return;
    }
    timer_clear(link->loop, &link->silent);
    if (link->tls == NULL) {
        become_open(link);
        return;
    }
    link->stream = tls_stream_new(link->tls, link->fd, link->tls_host);
    note(link, "the TLS handshake did not end");
    shake(link);
}

/* Small PDUs and their answers would else wait for each other (F404). */
static void set_no_delay(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void watch_socket(struct link *link, int fd)
{
    link->fd = fd;
    set_no_delay(fd);
    struct event_base *events = loop_events(link->loop);
    link->readable = event_new(events, fd, EV_READ | EV_PERSIST, socket_readable, link);
    link->writable = event_new(events, fd, EV_WRITE | EV_PERSIST, socket_writable, link);
    must(link->readable != NULL && link->writable != NULL);
}

static struct link *link_new(struct loop *loop, const struct link_events *events, void *owner)
{
    struct link *link = mem_new(sizeof *link);
    link->loop = loop;
    link->events = events;
    link->owner = owner;
    link->fd = -1;
    return link;
}

struct link *link_adopt(struct loop *loop, int fd, const struct link_events *events, void *owner)
{
    struct link *link = link_new(loop, events, owner);
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    evutil_make_socket_nonblocking(fd);
    if (getpeername(fd, (struct sockaddr *)&address, &length) == 0)
        address_write((struct sockaddr *)&address, length, link->peer, sizeof link->peer);
    watch_socket(link, fd);
    link->is_open = link->wants_read = true;
    watch(link);
    return link;
}

/* An adopted socket is there already; the handshake begins with what it brings. */
void link_secure(struct link *link, struct tls *tls, const char *host)
{
    must(link->tls == NULL && link->events->opened != NULL && link->events->failed != NULL);
    link->tls = tls_share(tls);
    link->tls_host = mem_text(host);
    if (!link->is_open)
        return;
    link->is_open = false;
    link->stream = tls_stream_new(tls, link->fd, host);
    watch(link);
}

/* ---- connecting ---- */

static void report_failure(void *owner)
{
    struct link *link = owner;
    link->events->failed(link->owner, link->fault);
}

/* True: connecting, or connected at once; the writable event tells how it ended. */
static bool start_connect(struct link *link, const struct evutil_addrinfo *to)
{
    address_write(to->ai_addr, to->ai_addrlen, link->peer, sizeof link->peer);
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || (connect(fd, to->ai_addr, to->ai_addrlen) != 0 && errno != EINPROGRESS)) {
        note(link, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    watch_socket(link, fd);
    want(link->writable, true);
    note(link, "it does not answer");
    return true;
}

static void address_is_silent(void *owner)
{
    try_next_address(owner);
}

static void try_next_address(struct link *link)
{
    drop_socket(link);
    timer_clear(link->loop, &link->silent);
    while (link->next_address != NULL) {
        const struct evutil_addrinfo *to = link->next_address;
        link->next_address = link->next_address->ai_next;
        if (!start_connect(link, to))
            continue;
        if (link->next_address != NULL)
            timer_set(link->loop, &link->silent, ADDRESS_MS, address_is_silent, link);
        return;
    }
    timer_set(link->loop, &link->soon, 0, report_failure, link);
}

static void resolver_free(void *dead)
{
    evdns_base_free(dead, 0);
}

static void looked_up(int result, struct evutil_addrinfo *addresses, void *owner)
{
    struct link *link = owner;
    link->lookup = NULL;
    loop_bury(link->loop, resolver_free, link->resolver);
    link->resolver = NULL;
    link->addresses = link->next_address = addresses;
    if (link->is_closed) {
        loop_bury(link->loop, link_free, link);
        return;
    }
    if (result != 0)
        note(link, evutil_gai_strerror(result));
    try_next_address(link);
}

struct link *link_connect(struct loop *loop, const char *host, uint16_t port,
                          const struct link_events *events, void *owner)
{
    struct link *link = link_new(loop, events, owner);
    snprintf(link->peer, sizeof link->peer, "%.60s:%u", host, (unsigned)port);
    char service[8];
    snprintf(service, sizeof service, "%u", (unsigned)port);
    struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    hints.ai_flags = AI_NUMERICHOST;
    if (evutil_getaddrinfo(host, service, &hints, &link->addresses) == 0) {
        link->next_address = link->addresses;
        try_next_address(link);
        return link;
    }
    hints.ai_flags = 0;
    note(link, "its name was not resolved");
    link->resolver = evdns_base_new(loop_events(loop), EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    must(link->resolver != NULL);
    evdns_base_resolv_conf_parse(link->resolver, DNS_OPTIONS_ALL, "/etc/resolv.conf");
    /* A name from the hosts file is answered before this returns, and then lookup is NULL. */
    struct evdns_getaddrinfo_request *lookup =
        evdns_getaddrinfo(link->resolver, host, service, &hints, looked_up, link);
    link->lookup = lookup;
    return link;
}

/* ---- octets ---- */

/* What read or write gave for -1. */
static enum link_result judge_errno(struct link *link)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return LINK_LATER;
    note(link, strerror(errno));
    return LINK_FAILED;
}

static enum link_result judge_stream(struct link *link, enum link_result result)
{
    if (result == LINK_FAILED)
        note(link, tls_stream_fault(link->stream));
    if (tls_stream_wants_write(link->stream))
        watch(link);
    return result;
}

enum link_result link_read(struct link *link, void *out, size_t size, size_t *got)
{
    *got = 0;
    if (link->stream != NULL)
        return judge_stream(link, tls_stream_read(link->stream, out, size, got));
    ssize_t count = read(link->fd, out, size);
    if (count > 0) {
        *got = (size_t)count;
        return LINK_OK;
    }
    return count == 0 ? LINK_ENDED : judge_errno(link);
}

enum link_result link_write(struct link *link, struct octets from, size_t *taken)
{
    *taken = 0;
    if (link->stream != NULL)
        return judge_stream(link, tls_stream_write(link->stream, from, taken));
    ssize_t count = write(link->fd, from.at, from.length);
    if (count >= 0) {
        *taken = (size_t)count;
        return LINK_OK;
    }
    return judge_errno(link);
}

bool link_has_left(const struct link *link)
{
    return link->stream == NULL || tls_stream_has_left(link->stream);
}

void link_want_read(struct link *link, bool wanted)
{
    link->wants_read = wanted;
    if (link->is_open)
        watch(link);
}

void link_want_write(struct link *link, bool wanted)
{
    link->wants_write = wanted;
    if (link->is_open)
        watch(link);
}

const char *link_peer(const struct link *link)
{
    return link->peer;
}

const char *link_fault(const struct link *link)
{
    return link->fault;
}

/* ---- listening ---- */

struct listener {
    struct loop *loop;
    int fd;
    bool is_wanted;
    struct timer again; /* set while descriptors are short */
    struct event *incoming;
    void (*accepted)(void *owner, int fd);
    void *owner;
    char address[PEER_SIZE];
};

static void listener_watch(struct listener *listener)
{
    want(listener->incoming, listener->is_wanted && !timer_is_set(&listener->again));
}

static void listener_rests(struct listener *listener);

static void again_rings(void *owner)
{
    if (descriptors_are_short())
        listener_rests(owner);
    else
        listener_watch(owner);
}

/* What can't be taken stays ready: to be told of it for ever would be all that the loop does. */
static void listener_rests(struct listener *listener)
{
    timer_set(listener->loop, &listener->again, DESCRIPTORS_PAUSE_MS, again_rings, listener);
    listener_watch(listener);
}

static void socket_incoming(evutil_socket_t fd, short what, void *owner)
{
    struct listener *listener = owner;
    (void)what;
    int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (peer >= 0)
        listener->accepted(listener->owner, peer);
    if (!descriptors_are_short())
        return;
    log_warn("%s takes no connections for a moment: descriptors are short", listener->address);
    listener_rests(listener);
}

/* Splits "HOST:PORT" or "[V6]:PORT"; false: it is neither. */
static bool split_address(const char *address, char *host, size_t size, const char **port)
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL || colon == address || colon[1] == '\0')
        return false;
    const char *from = address;
    size_t length = (size_t)(colon - address);
    if (address[0] == '[') {
        if (length < 3 || colon[-1] != ']')
            return false;
        from++;
        length -= 2;
    }
    *port = colon + 1;
    /* getaddrinfo takes 99999 and wraps it around. */
    char *end;
    unsigned long number = strtoul(*port, &end, 10);
    if ((*port)[0] < '0' || (*port)[0] > '9' || *end != '\0' || number > 65535)
        return false;
    return octets_copy_text(octets_of(from, length), host, size);
}

static int listen_on(const struct addrinfo *at)
{
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, 1024) == 0)
        return fd;
    int fault = errno;
    close(fd);
    errno = fault;
    return -1;
}

struct listener *listener_open(struct loop *loop, const char *address,
                               void (*accepted)(void *owner, int fd), void *owner, char *error)
{
    char host[64];
    const char *port;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_PASSIVE};
    struct addrinfo *found = NULL;
    if (!split_address(address, host, sizeof host, &port) ||
        getaddrinfo(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, port, &hints, &found) != 0) {
        snprintf(error, LINK_ERROR_SIZE, "%.80s is not an address to listen on: HOST:PORT with a "
                 "numeric host and a port up to 65535, or [V6]:PORT", address);
        return NULL;
    }
    int fd = listen_on(found);
    freeaddrinfo(found);
    if (fd < 0) {
        snprintf(error, LINK_ERROR_SIZE, "can't listen on %.80s: %s", address, strerror(errno));
        return NULL;
    }
    struct listener *listener = mem_new(sizeof *listener);
    listener->loop = loop;
    listener->fd = fd;
    listener->is_wanted = true;
    listener->accepted = accepted;
    listener->owner = owner;
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    if (getsockname(fd, (struct sockaddr *)&bound, &length) == 0)
        address_write((struct sockaddr *)&bound, length, listener->address, sizeof listener->address);
    listener->incoming =
        event_new(loop_events(loop), fd, EV_READ | EV_PERSIST, socket_incoming, listener);
    must(listener->incoming != NULL);
    listener_watch(listener);
    return listener;
}

void listener_want(struct listener *listener, bool wanted)
{
    listener->is_wanted = wanted;
    listener_watch(listener);
}

const char *listener_address(const struct listener *listener)
{
    return listener->address;
}

void listener_close(struct listener *listener)
{
    if (listener == NULL)
        return;
    timer_clear(listener->loop, &listener->again);
    event_free(listener->incoming);
    close(listener->fd);
    free(listener);
}
