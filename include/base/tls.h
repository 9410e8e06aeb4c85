/* tls: who we are and whom we trust, read from files once (a context), and TLS over one socket (a
 * stream). OpenSSL's SSL_* are called here and nowhere else (tools/symbols.txt).
 *
 * TLS 1.2 at least, from the first octet (F400). A client checks the certificate and the name that
 * it must be for, unless it was told not to (F402). It is no link: it opens and closes no socket,
 * and waits for nothing.
 *
 * A context may be closed while streams that were made of it live on; it is shared by whoever needs
 * it for longer than its opener. */
#ifndef BASE_TLS_H
#define BASE_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/link.h"
#include "base/octets.h"

struct bufferevent;
struct event_base;
struct tls;
struct tls_stream;

/* PEM files; NULL or "" means none. */
struct tls_files {
    const char *certificate; /* ours, with its chain behind it */
    const char *private_key; /* its key, not locked by a passphrase */
    const char *authorities; /* of a client: whom it trusts; none: those of the system. Of a server:
                                whose certificate a client must show; none: no certificate is asked for */
};

/* Which of the files is at fault (borrowed from tls_files; never empty), and what with it. */
struct tls_fault {
    const char *file;
    char why[200];
};

/* NULL: `fault` says why. A server needs certificate and key; a client may have both. */
struct tls *tls_open_server(const struct tls_files *files, struct tls_fault *fault);
struct tls *tls_open_client(const struct tls_files *files, bool verifies, struct tls_fault *fault);
struct tls *tls_share(struct tls *tls); /* gives it back: one more has to close it; NULL is allowed */
void tls_close(struct tls *tls);        /* NULL is allowed */

/* For evhttp: the server's side of a connection whose socket is set later. The caller owns it. */
struct bufferevent *tls_bufferevent_new(struct tls *tls, struct event_base *events);
/* Its handshake failed since plain HTTP was spoken to it: nothing was written to its socket, so it can be told so. */
bool tls_bufferevent_heard_http(struct bufferevent *stream);

/* Over a connected, non-blocking socket, which stays the caller's and outlives the stream. host: of
 * a client, the name or address that the certificate must be for; NULL of a server. */
struct tls_stream *tls_stream_new(struct tls *tls, int fd, const char *host);
/* Says goodbye where that can be done at once. NULL is allowed. */
void tls_stream_free(struct tls_stream *stream);

/* One step of the handshake. LATER: wait for the socket, as tls_stream_wants_ say. */
enum link_result tls_stream_shake(struct tls_stream *stream);

/* After the handshake. FAILED is for ever. */
enum link_result tls_stream_read(struct tls_stream *stream, void *out, size_t size, size_t *got);

/* What is taken is taken for good: it is in a record, of which a part may have left, and the rest
 * is kept here. While it is (tls_stream_has_left is false) nothing more is taken: LATER. */
enum link_result tls_stream_write(struct tls_stream *stream, struct octets from, size_t *taken);
void tls_stream_flush(struct tls_stream *stream); /* to be called when the socket is writable */
bool tls_stream_has_left(const struct tls_stream *stream);

/* What the socket is to be watched for: reading may have to wait for a write of TLS's own. */
bool tls_stream_wants_read(const struct tls_stream *stream);
bool tls_stream_wants_write(const struct tls_stream *stream);
/* It holds octets to read of which the socket will not tell. */
bool tls_stream_has_more(const struct tls_stream *stream);
const char *tls_stream_fault(const struct tls_stream *stream); /* after FAILED */

#endif
