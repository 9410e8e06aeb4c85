/* http_head: where a request ends, and what its head says, found out octet by octet as they come: before evhttp sees
 * them. It takes less than evhttp does, and nothing that the two could read differently: so of what passes here evhttp
 * refuses nothing (it would say so in HTML), not even half of it, and makes no other requests than were looked at. It owns no socket and
 * decides nothing: what is well-formed is not yet welcome. Private to the door. */
#ifndef DOORS_HTTP_HEAD_H
#define DOORS_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"
#include "consent/verdict.h"

#define HEAD_LIMIT    (16 * 1024) /* octets of the request line and the fields */
#define HEAD_FIELDS   100
#define HEAD_WHY_SIZE 120

enum head_state {
    HEAD_LINES,       /* in its head */
    HEAD_READ,        /* the head is whole: `head` may be looked at */
    HEAD_BODY,        /* in a body of known length */
    HEAD_CHUNK_SIZE,  /* in the line in front of a chunk */
    HEAD_CHUNK,
    HEAD_CHUNK_END,   /* in the line end behind it */
    HEAD_TRAILER,     /* behind the last chunk */
    HEAD_WHOLE,       /* the request is: what follows is the next one's */
    HEAD_BROKEN       /* `fault` and `why` say how; nothing more is read */
};

struct head_field { /* where they stand in the text */
    uint16_t name, value;
};

struct head {
    enum head_state state;
    char *text; /* of the head: method, target, names and values, each with a NUL behind it */
    size_t length, room;
    size_t line_at; /* where the line begins that is being read */
    size_t target_at;
    struct head_field fields[HEAD_FIELDS];
    size_t field_count;
    bool is_1_0, is_chunked;
    uint64_t body; /* octets: as it is told, or of chunks so far, counting the one that comes */
    uint64_t left; /* of the body or the chunk */
    char line[20]; /* in front of a chunk; a longer one is broken */
    size_t line_length;
    bool has_return; /* the last octet of a line was one */
    enum verdict fault;
    char why[HEAD_WHY_SIZE];
};

void head_begin(struct head *head); /* the next request; zeroed memory will do for the first */
void head_wipe(struct head *head);
bool head_is_begun(const struct head *head); /* an octet of it has come */

/* Reads on; gives how many octets it took. It stops where the state becomes READ (call again to go on), WHOLE or
 * BROKEN. */
size_t head_add(struct head *head, struct octets octets);

const char *head_method(const struct head *head); /* "" until its line is whole */
const char *head_target(const struct head *head);
/* A field's value; NULL: it isn't there. Of one that comes twice the first. */
const char *head_find(const struct head *head, const char *name);
/* The values of all, in their order; gives how many. */
size_t head_find_all(const struct head *head, const char *name, const char *out[HEAD_FIELDS]);
bool head_is_last(const struct head *head); /* its client asks nothing behind it on this connection (RFC 9112 9.3) */

#endif
