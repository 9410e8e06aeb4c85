#include "base/web_address.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOST_MOST 255

/* Printable ASCII alone: what is more must be written as %XX, a host's name as its xn-- form. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= 0x20 || *text >= 0x7f || strchr("\"<>\\^`{|}", *text) != NULL)
            return false;
    return true;
}

static bool is_host(const char *host, size_t length)
{
    if (length == 0 || length > HOST_MOST)
        return false;
    if (host[0] == '[')
        return length > 3 && host[length - 1] == ']' &&
               strspn(host + 1, "0123456789abcdefABCDEF:.") == length - 2;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)host[i]) && strchr("-._", host[i]) == NULL)
            return false;
    return host[0] != '.' && host[0] != '-';
}

/* 0: it is none. */
static unsigned port_read(const char *digits, size_t length)
{
    unsigned long port = 0;
    if (length == 0 || length > 5 || strspn(digits, "0123456789") < length)
        return 0;
    for (size_t i = 0; i < length; i++)
        port = port * 10 + (unsigned long)(digits[i] - '0');
    return port <= 65535 ? (unsigned)port : 0;
}

static void origin_write(struct web_address *out, const char *host, size_t length, unsigned port)
{
    char *end = out->origin + snprintf(out->origin, sizeof out->origin, "http%s://", out->is_encrypted ? "s" : "");
    for (size_t i = 0; i < length; i++)
        *end++ = (char)tolower((unsigned char)host[i]);
    snprintf(end, sizeof out->origin - (size_t)(end - out->origin), ":%u", port);
}

const char *web_address_read(const char *text, struct web_address *out)
{
    *out = (struct web_address){.is_encrypted = strncasecmp(text, "https://", 8) == 0};
    if (!out->is_encrypted && strncasecmp(text, "http://", 7) != 0)
        return "begins with neither https:// nor http://";
    if (strlen(text) > WEB_ADDRESS_MOST)
        return "has more than 2048 octets";
    if (!is_plain(text))
        return "has a blank or another character that must be written as %XX";
    const char *authority = text + (out->is_encrypted ? 8 : 7);
    size_t length = strcspn(authority, "/?#");
    if (strchr(authority, '#') != NULL)
        return "has a # part, which is never sent";
    if (memchr(authority, '@', length) != NULL)
        return "has a user name before an @: use a token in its path or query";
    size_t host = authority[0] == '[' ? strcspn(authority, "]") + 1 : strcspn(authority, ":/?");
    if (host > length || !is_host(authority, host))
        return "has no host, or one that is none";
    unsigned port = out->is_encrypted ? 443 : 80;
    if (host < length)
        port = authority[host] == ':' ? port_read(authority + host + 1, length - host - 1) : 0;
    if (port == 0)
        return "has a port that is none";
    origin_write(out, authority, host, port);
    return NULL;
}
