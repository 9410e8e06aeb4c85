#include "smpp/wap_push.h"

#include "base/must.h"
#include "base/region.h"
#include "smpp/text.h"

/* WBXML's own tokens (WAP-192 7.1), and those of a Service Indication (WAP-167 9.3). */
enum {
    WBXML_END = 0x01,
    WBXML_STRING = 0x03, /* text up to a NUL */
    SI_OPEN = 0x45,      /* <si>, with content */
    SI_INDICATION = 0xC6 /* <indication>, with attributes and content */
};

/* Values of href: the longest beginning that fits, and the end of the host. */
static const struct {
    const char *text;
    uint8_t token;
} begins[] = {{"http://www.", 0x0D}, {"https://www.", 0x0F}, {"http://", 0x0C}, {"https://", 0x0E}},
  ends[] = {{".com/", 0x85}, {".edu/", 0x86}, {".net/", 0x87}, {".org/", 0x88}};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The transaction (a push is not answered, so any will do), push, one octet of headers: the media type
 * application/vnd.wap.sic as a short integer. Then WBXML 1.2, the public identifier of SI 1.0, UTF-8, and no table of
 * strings. */
static const uint8_t head[] = {0x01, 0x06, 0x01, 0xAE, 0x02, 0x05, 0x6A, 0x00};

struct octets wap_push_header(void)
{
    static const uint8_t header[] = {0x06, 0x05, 0x04, 0x0B, 0x84, 0x23, 0xF0};
    return octets_of(header, sizeof header);
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return true;
    return false;
}

/* Behind its scheme, and whether it is one. */
static const char *host_of(const char *url)
{
    const char *host = strncasecmp(url, "https://", 8) == 0 ? url + 8 : url + 7;
    bool is_web = host == url + 8 || strncasecmp(url, "http://", 7) == 0;
    return is_web && *host != '\0' && *host != '/' ? host : NULL;
}

const char *wap_push_fault(const char *url, const char *title)
{
    if (strlen(url) > WAP_URL_MOST || strlen(title) > WAP_TITLE_MOST)
        return "it is longer than ten parts have room for";
    if (!is_printable(url) || host_of(url) == NULL)
        return "url must begin with http:// or https:// and be printable ASCII without blanks";
    if (*title == '\0' || !text_is_utf8(octets_text(title)) || has_control(title))
        return "title must be one line of UTF-8, and not empty";
    return NULL;
}

struct writer {
    uint8_t *at;
};

static void put(struct writer *to, const void *from, size_t length)
{
    to->at = mempcpy(to->at, from, length);
}

static void put_octet(struct writer *to, uint8_t octet)
{
    put(to, &octet, 1);
}

static void put_string(struct writer *to, const char *text, size_t length)
{
    if (length == 0)
        return;
    put_octet(to, WBXML_STRING);
    put(to, text, length);
    put_octet(to, 0);
}

/* href, whose beginning is part of its token, and the first end of a host that has one. */
static void put_href(struct writer *to, const char *url)
{
    size_t i = 0, k = 0;
    const char *end = NULL;
    while (strncmp(url, begins[i].text, strlen(begins[i].text)) != 0)
        i++;
    put_octet(to, begins[i].token);
    url += strlen(begins[i].text);
    for (k = 0; k < COUNT(ends) && end == NULL; k++)
        end = strstr(url, ends[k].text);
    put_string(to, url, end == NULL ? strlen(url) : (size_t)(end - url));
    if (end == NULL)
        return;
    put_octet(to, ends[k - 1].token);
    put_string(to, end + strlen(ends[k - 1].text), strlen(end + strlen(ends[k - 1].text)));
}

/* A scheme may be written in capitals; the tokens stand for small letters. */
static char *with_small_scheme(const char *url, struct region *region)
{
    char *copy = region_text(region, octets_text(url));
    for (char *at = copy; *at != ':'; at++)
        *at |= 0x20;
    return copy;
}

struct octets wap_push_body(const char *url, const char *title, struct region *region)
{
    must(wap_push_fault(url, title) == NULL);
    size_t most = sizeof head + strlen(url) + strlen(title) + 16;
    uint8_t *start = region_get(region, most);
    struct writer to = {start};
    put(&to, head, sizeof head);
    put_octet(&to, SI_OPEN);
    put_octet(&to, SI_INDICATION);
    put_href(&to, with_small_scheme(url, region));
    put_octet(&to, WBXML_END); /* of the attributes */
    put_string(&to, title, strlen(title));
    put_octet(&to, WBXML_END); /* of <indication> */
    put_octet(&to, WBXML_END); /* of <si> */
    must((size_t)(to.at - start) <= most);
    return octets_of(start, (size_t)(to.at - start));
}
