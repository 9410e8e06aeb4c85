/* http_proxy: whose request it is that a reverse proxy hands on. Only what proxies say that http.trusted_proxies names is
 * believed, in the one header that http.proxy_header names: a client can write any header, and a proxy overwrites or
 * lengthens only the one that it knows. Pure. Private to the HTTP door. */
#ifndef DOORS_HTTP_PROXY_H
#define DOORS_HTTP_PROXY_H

#include <stdbool.h>
#include <stddef.h>

struct config_listener;
struct region;

const char *proxy_header(const struct config_listener *config); /* its name */

/* The address of the client: `peer` itself, or, where that is a trusted proxy, the last address in the lines of the header that
 * is none. What is no address ends the search: then it is the proxy that named it. In the region, or `peer`. */
const char *proxy_client(const struct config_listener *config, const char *peer, const char *const *lines, size_t count,
                         struct region *region);

#endif
