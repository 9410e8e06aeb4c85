/* web_address: where something is posted to: http:// or https://, a host, perhaps a port, a path and a query. Pure. */
#ifndef BASE_WEB_ADDRESS_H
#define BASE_WEB_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define WEB_ADDRESS_MOST 2048 /* octets */
#define WEB_ORIGIN_SIZE  280  /* "https://crm.example.com:8443", the port always said */

struct web_address {
    bool is_encrypted; /* https */
    char origin[WEB_ORIGIN_SIZE]; /* scheme, host in lower case, port: no path, and no user or password */
};

/* NULL: it is one. Else what is wrong, after "it ". */
const char *web_address_read(const char *text, struct web_address *out);

#endif
