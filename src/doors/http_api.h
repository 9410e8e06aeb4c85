/* http_api: the HTTP API as it is declared in proto/api.def and proto/api_request.def: its routes, and the objects that it
 * takes. Private to src/doors/http*.c. */
#ifndef DOORS_HTTP_API_H
#define DOORS_HTTP_API_H

#include <event2/http.h>

#include "http_parts.h"

#define NO_KEY  (1u << 16) /* anybody may */
#define ANY_KEY 0u

enum route_trait {
    READS = 1,
    WRITES = 2, /* refused while the gateway leaves */
    TAKES_JSON = 4,
    MAY_TAKE_JSON = 8,
    TAKES_ROWS = 16,   /* a batch: a JSON array, or NDJSON */
    TAKES_TABLE = 32,  /* CSV or NDJSON, which the handler takes from ask->buffer */
    TAKES_FORM = 128,  /* query, headers and body are the handler's to read, as octets */
    AS_KANNEL = 256,   /* problems are told as there */
    AS_JASMIN = 512,
    IS_PAGE = 1024,    /* people's, not of the API: its document has it not, and what goes wrong is told in words */
    LOOKS = 2048,      /* shows a person, if what it names has one: docs/console.md, audit */
    LISTS = 4096,      /* shows people; one person, if the request names one */
    LARGE_BODY = 64    /* up to http.large_body_mb: what is not is up to HTTP_BODY_LIMIT */
};

struct route {
    enum evhttp_cmd_type method;
    const char *pattern;
    unsigned roles; /* one of them is needed */
    unsigned traits;
    const char *parameters;          /* of the query */
    void (*handle)(struct ask *ask); /* NULL: not built yet */
};
extern const struct route api_routes[];
extern const size_t api_route_count;
const char *route_method(const struct route *route); /* "POST" */

struct field { /* of an object that is taken */
    const char *name;
    enum member_kind kind;
    bool is_needed;
    size_t most;
    const char *form, *sentence; /* for readers */
};
/* Those of the object, beside each other. */
const struct field *api_fields(enum api_object object, size_t *count);

#endif
