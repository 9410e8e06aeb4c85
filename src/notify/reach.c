#include "notify/reach.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/network.h"
#include "config/config.h"

/* What is given out at all (RFC 4291 2.4, IANA): IPv4, which stands in IPv6 mapped, and global unicast. */
static const char *const open[] = {"::ffff:0:0/96", "2000::/3"};

/* Of that, what the registries of special-purpose addresses (RFC 6890, IANA) don't call global, and what carries an IPv4 address
 * inside (6to4, Teredo), where a gateway on the way would turn it into a private one. */
static const char *const closed[] = {
    "0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",   "192.0.2.0/24",  "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",   "240.0.0.0/4",    "2001::/23",      "2001:db8::/32",  "2002::/16",
    "3fff::/20"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool is_in(const char *network, const char *address)
{
    struct network range;
    return network_read(network, &range) && network_has(&range, address);
}

static bool is_in_any(const char *const *networks, size_t count, const char *address)
{
    for (size_t i = 0; i < count; i++)
        if (is_in(networks[i], address))
            return true;
    return false;
}

static bool address_write(const struct sockaddr *address, char text[REACH_TEXT_SIZE])
{
    const void *at = NULL;
    if (address->sa_family == AF_INET)
        at = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    else if (address->sa_family == AF_INET6)
        at = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    text[0] = '\0';
    return at != NULL && inet_ntop(address->sa_family, at, text, REACH_TEXT_SIZE) != NULL;
}

bool reach_may(const struct config_list *allow, const struct sockaddr *address, char text[REACH_TEXT_SIZE])
{
    if (!address_write(address, text))
        return false; /* a family of its own: no receiver is there */
    return is_in_any((const char *const *)allow->at, allow->count, text) ||
           (is_in_any(open, COUNT(open), text) && !is_in_any(closed, COUNT(closed), text));
}
