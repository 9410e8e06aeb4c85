/* network: a range of addresses, as 192.0.2.0/24, 2001:db8::/32, or one address alone. Pure. */
#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

struct network {
    uint8_t octets[16]; /* of IPv6; IPv4 stands in it mapped (RFC 4291 2.5.5.2) */
    unsigned bits;      /* of them that count, 0 to 128 */
};

/* False: it is neither an address nor a range, or has bits behind those that count. */
bool network_read(const char *text, struct network *out);

/* address: without a port, IPv6 without brackets. What is no address is in none. */
bool network_has(const struct network *network, const char *address);

#endif
