/* http: the API that INTERFACE.md describes, on evhttp. It reads requests, finds out who asks, calls the room
 * that knows, and writes what comes of it: after the commit where something was written. */
#ifndef DOORS_HTTP_H
#define DOORS_HTTP_H

#include <stdbool.h>

struct gateway;
struct http;
struct tls;

/* Listens on the config's http.listen. NULL: `error` (GATEWAY_ERROR_SIZE) says why. */
struct http *http_open(struct gateway *gateway, struct tls *tls, char *error);
/* From now on the config's limits count, and the connections to come speak TLS by this, of which it takes a share; NULL: plain
 * HTTP. */
void http_configure(struct http *http, struct tls *tls);
void http_close(struct http *http);
const char *http_address(const struct http *http);
void http_stop(struct http *http); /* takes no new connection; what is open is answered */
bool http_is_idle(const struct http *http); /* all that was asked is answered, and the answers are taken */

/* A slice of what takes more turns than one: before the dispatch. */
void http_turn(struct http *http);

/* After the turn's commit: the answers leave. is_committed false: those that stood for a write become 503. */
void http_release(struct http *http, bool is_committed);

#endif
