#include "base/network.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define V4_BITS 96 /* before the four octets of a mapped address */

static bool address_read(const char *text, uint8_t out[16], bool *is_v4)
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    *is_v4 = inet_pton(AF_INET, text, out + sizeof mapped) == 1;
    if (*is_v4) {
        memcpy(out, mapped, sizeof mapped);
        return true;
    }
    return inet_pton(AF_INET6, text, out) == 1;
}

/* Digits alone, 0 to `most`. */
static bool bits_read(const char *text, unsigned most, unsigned *out)
{
    size_t length = strspn(text, "0123456789");
    if (length == 0 || length > 3 || text[length] != '\0')
        return false;
    *out = (unsigned)atoi(text);
    return *out <= most;
}

static bool bit(const uint8_t octets[16], unsigned at)
{
    return (octets[at / 8] >> (7 - at % 8) & 1) != 0;
}

bool network_read(const char *text, struct network *out)
{
    char address[INET6_ADDRSTRLEN];
    bool is_v4;
    const char *stroke = strchr(text, '/');
    size_t length = stroke == NULL ? strlen(text) : (size_t)(stroke - text);
    *out = (struct network){.bits = 128};
    if (length >= sizeof address)
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    if (!address_read(address, out->octets, &is_v4))
        return false;
    if (stroke != NULL) {
        if (!bits_read(stroke + 1, is_v4 ? 32 : 128, &out->bits))
            return false;
        out->bits += is_v4 ? V4_BITS : 0;
    }
    for (unsigned i = out->bits; i < 128; i++)
        if (bit(out->octets, i))
            return false;
    return true;
}

bool network_has(const struct network *network, const char *address)
{
    uint8_t octets[16];
    bool is_v4;
    if (!address_read(address, octets, &is_v4))
        return false;
    for (unsigned i = 0; i < network->bits; i++)
        if (bit(octets, i) != bit(network->octets, i))
            return false;
    return true;
}
