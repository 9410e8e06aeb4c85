/* http_cors: pages of other origins that may ask (the Fetch standard's CORS protocol). Off unless http.cors_origins names
 * some; and for /v1/ alone. Never with credentials: what a page may do it does with a key that it was given, not with a cookie of
 * whoever looks at it. Private to the door. */
#ifndef DOORS_HTTP_CORS_H
#define DOORS_HTTP_CORS_H

#include <stdbool.h>

#include "http_parts.h"

struct evhttp_request;
struct config;

/* What an answer says to the browser, line by line: "": nothing. origin: the request's, NULL: none. */
const char *cors_lines(const struct config *config, const char *path, const char *origin, struct region *region);
/* Answers a preflight from one of the origins to what is at the path. False: it is none. methods: those that the path has. */
bool cors_preflight(struct ask *ask, const char *path, const char *methods);

#endif
