/* link: one byte stream to a peer, over TCP, with TLS or without. It buffers nothing that could still
 * be withdrawn: outboxes are their owners'. It knows no protocol.
 *
 * Owner and link: the owner opens it, hears of it through its events, and closes it; after link_close
 * no event comes any more, and the memory goes when the turn ends. */
#ifndef BASE_LINK_H
#define BASE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"

struct link;
struct loop;
struct tls;

struct link_events {
    void (*opened)(void *owner);   /* a link_connect or link_secure that worked */
    void (*readable)(void *owner); /* level triggered, while reading is wanted */
    /* Level triggered, while writing is wanted; also when link_has_left has become true again. */
    void (*writable)(void *owner);
    void (*failed)(void *owner, const char *why); /* one that didn't: close it */
};

/* OK: some octets moved. LATER: not now. ENDED: the peer has closed. FAILED: link_fault says how. */
enum link_result { LINK_OK, LINK_LATER, LINK_ENDED, LINK_FAILED };

/* Resolves the name without blocking, tries its addresses in turn, then opened or failed. A silent address is given
 * two seconds where there is another; how long all of it may take is the owner's to say. */
struct link *link_connect(struct loop *loop, const char *host, uint16_t port,
                          const struct link_events *events, void *owner);
/* Takes a connected socket, made non-blocking, with reading wanted. */
struct link *link_adopt(struct loop *loop, int fd, const struct link_events *events, void *owner);
/* Directly behind one of those: the link speaks TLS, and `opened` or `failed` is told after the
 * handshake. host: whom link_connect must reach, copied; NULL behind link_adopt. It takes a share of
 * the context. See base/tls.h. */
void link_secure(struct link *link, struct tls *tls, const char *host);

enum link_result link_read(struct link *link, void *out, size_t size, size_t *got);
/* What is taken can't be taken back, though with TLS a part of it may still be here. */
enum link_result link_write(struct link *link, struct octets from, size_t *taken);
bool link_has_left(const struct link *link); /* nothing that was taken is still here */
void link_want_read(struct link *link, bool wanted);
void link_want_write(struct link *link, bool wanted);
const char *link_peer(const struct link *link); /* "127.0.0.1:50312", for logs */
const char *link_fault(const struct link *link); /* what failed last or is awaited, with the peer; or "" */
void link_close(struct link *link);             /* NULL is allowed */

struct listener;

/* Listens on "HOST:PORT", "[V6]:PORT"; port 0 takes a free one. NULL: `error` (of size LINK_ERROR_SIZE)
 * says why. `accepted` gets a non-blocking socket that it owns. */
#define LINK_ERROR_SIZE 200
struct listener *listener_open(struct loop *loop, const char *address,
                               void (*accepted)(void *owner, int fd), void *owner, char *error);
void listener_close(struct listener *listener); /* NULL is allowed */
const char *listener_address(const struct listener *listener); /* with the port it has */
void listener_want(struct listener *listener, bool wanted);    /* false: leaves them in the backlog */

#endif
