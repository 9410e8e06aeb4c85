#include "http_proxy.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/network.h"
#include "base/octets.h"
#include "base/region.h"
#include "config/config.h"

const char *proxy_header(const struct config_listener *config)
{
    return config->proxy_header == CONFIG_PROXY_FORWARDED ? "Forwarded" : "X-Forwarded-For";
}

static bool is_trusted(const struct config_listener *config, const char *address)
{
    struct network network;
    for (size_t i = 0; i < config->trusted_proxies.count; i++)
        if (network_read(config->trusted_proxies.at[i], &network) && network_has(&network, address))
            return true;
    return false;
}

static struct octets trimmed(struct octets text)
{
    while (text.length > 0 && strchr(" \t", text.at[0]) != NULL)
        text = octets_of(text.at + 1, text.length - 1);
    while (text.length > 0 && strchr(" \t", text.at[text.length - 1]) != NULL)
        text.length--;
    return text;
}

/* Takes the last item of a list off it. Commas in quotes part as well: nothing that we look for has one, and a quote that
 * a client left open must not swallow what the proxy has put behind it. */
static struct octets last_take(struct octets *list)
{
    size_t length = list->length;
    while (length > 0 && list->at[length - 1] != ',')
        length--;
    struct octets item = octets_of(list->at + length, list->length - length);
    list->length = length == 0 ? 0 : length - 1;
    return trimmed(item);
}

/* The value of `for` in an element of Forwarded (RFC 7239 4), without its quotes. Nothing: it has none. */
static struct octets for_of(struct octets element)
{
    while (element.length > 0) {
        const uint8_t *end = memchr(element.at, ';', element.length);
        size_t length = end == NULL ? element.length : (size_t)(end - element.at);
        struct octets pair = trimmed(octets_of(element.at, length));
        size_t step = length + (end == NULL ? 0 : 1);
        element = octets_of(element.at + step, element.length - step);
        if (pair.length < 4 || strncasecmp((const char *)pair.at, "for=", 4) != 0)
            continue;
        pair = octets_of(pair.at + 4, pair.length - 4);
        bool is_quoted = pair.length >= 2 && pair.at[0] == '"' && pair.at[pair.length - 1] == '"';
        return is_quoted ? octets_of(pair.at + 1, pair.length - 2) : pair;
    }
    return octets_of(NULL, 0);
}

/* "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711". NULL: no address. */
static const char *address_of(struct octets text, struct region *region)
{
    struct in6_addr scratch;
    char *address = region_text(region, text);
    size_t colons = 0;
    for (const char *c = address; *c != '\0'; c++)
        colons += *c == ':';
    if (address[0] == '[') {
        address++;
        address[strcspn(address, "]")] = '\0';
    } else if (colons == 1) {
        address[strcspn(address, ":")] = '\0';
    }
    bool is_address = inet_pton(AF_INET, address, &scratch) == 1 || inet_pton(AF_INET6, address, &scratch) == 1;
    return is_address ? address : NULL;
}

const char *proxy_client(const struct config_listener *config, const char *peer, const char *const *lines, size_t count,
                         struct region *region)
{
    bool is_forwarded = config->proxy_header == CONFIG_PROXY_FORWARDED;
    const char *client = peer;
    while (count > 0) {
        struct octets list = octets_text(lines[--count]);
        while (list.length > 0) {
            if (!is_trusted(config, client))
                return client;
            struct octets item = last_take(&list);
            const char *address = address_of(is_forwarded ? for_of(item) : item, region);
            if (address == NULL)
                return client;
            client = address;
        }
    }
    return client;
}
