/* http_guests: the connections of the HTTP door, and how long and how much each may keep us waiting.
 * evhttp ends those that are silent; whoever sends or takes an octet now and then would stay for ever, and
 * with what it has sent so far. Private to the door.
 *
 * A guest asks a whole request, and has taken the answer to the one before, within GUEST_MS. All of them
 * together have no more than GUESTS_OCTETS waiting here, either way: above it goes who has been at it longest, of
 * those that keep more than an equal share. So whoever asks little is served, whatever the others do. */
#ifndef DOORS_HTTP_GUESTS_H
#define DOORS_HTTP_GUESTS_H

#include <stddef.h>
#include <stdint.h>

#define GUEST_MS      120000
#define GUESTS_OCTETS ((size_t)96 << 20)

struct bufferevent;
struct guests;
struct loop;

/* `shown_out` counts those that had to go. */
struct guests *guests_open(struct loop *loop, uint64_t *shown_out);
void guests_close(struct guests *guests); /* after evhttp has let go of them; NULL is allowed */

/* A connection begins whose stream evhttp will own; we keep a reference until it has let go. */
void guests_come(struct guests *guests, struct bufferevent *stream);
/* It has asked a whole request. */
void guests_asked(struct guests *guests, struct bufferevent *stream);
/* It gets its answer now. */
void guests_answer(struct guests *guests, struct bufferevent *stream);

#endif
