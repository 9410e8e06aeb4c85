#include "base/charset.h"

#include <ctype.h>
#include <iconv.h>
#include <stdbool.h>

#include "base/must.h"
#include "base/region.h"

#define NAME_MOST  20
#define GROWS_MOST 4 /* octets of UTF-8 that one octet may become */

/* What clients call them, without - and _, and what iconv does. */
static const struct {
    const char *name, *iconv;
} charsets[] = {
    {"utf8", "UTF-8"},          {"usascii", "US-ASCII"},    {"ascii", "US-ASCII"},      {"iso88591", "ISO-8859-1"},
    {"latin1", "ISO-8859-1"},   {"iso88592", "ISO-8859-2"}, {"latin2", "ISO-8859-2"},   {"iso88593", "ISO-8859-3"},
    {"iso88594", "ISO-8859-4"}, {"iso88595", "ISO-8859-5"}, {"iso88596", "ISO-8859-6"}, {"iso88597", "ISO-8859-7"},
    {"iso88598", "ISO-8859-8"}, {"iso88599", "ISO-8859-9"}, {"latin5", "ISO-8859-9"},   {"iso885913", "ISO-8859-13"},
    {"iso885915", "ISO-8859-15"}, {"latin9", "ISO-8859-15"}, {"iso885916", "ISO-8859-16"}, {"windows1250", "CP1250"},
    {"windows1251", "CP1251"},  {"windows1252", "CP1252"},  {"windows1253", "CP1253"},  {"windows1254", "CP1254"},
    {"windows1255", "CP1255"},  {"windows1256", "CP1256"},  {"windows1257", "CP1257"},  {"windows1258", "CP1258"},
    {"cp1250", "CP1250"},       {"cp1251", "CP1251"},       {"cp1252", "CP1252"},       {"cp1253", "CP1253"},
    {"cp1254", "CP1254"},       {"cp1255", "CP1255"},       {"cp1256", "CP1256"},       {"cp1257", "CP1257"},
    {"koi8r", "KOI8-R"},        {"koi8u", "KOI8-U"},        {"utf16be", "UTF-16BE"},    {"utf16le", "UTF-16LE"},
    {"utf16", "UTF-16BE"},      {"ucs2", "UTF-16BE"},       {"ucs2be", "UTF-16BE"},     {"iso10646ucs2", "UTF-16BE"},
};

static const char *iconv_name(struct octets name)
{
    char plain[NAME_MOST + 1];
    size_t length = 0;
    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] == '-' || name.at[i] == '_')
            continue;
        if (length == NAME_MOST)
            return NULL;
        plain[length++] = (char)tolower(name.at[i]);
    }
    plain[length] = '\0';
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++)
        if (octets_equal(octets_text(charsets[i].name), octets_of(plain, length)))
            return charsets[i].iconv;
    return NULL;
}

/* A byte order mark says nothing to a reader. */
static struct octets without_mark(struct octets utf8)
{
    bool has_mark = utf8.length >= 3 && memcmp(utf8.at, "\xef\xbb\xbf", 3) == 0;
    return has_mark ? octets_of(utf8.at + 3, utf8.length - 3) : utf8;
}

enum charset_result charset_read(struct octets name, struct octets from, struct region *region, struct octets *utf8)
{
    const char *known = iconv_name(name);
    *utf8 = octets_of(NULL, 0);
    if (known == NULL)
        return CHARSET_UNKNOWN;
    iconv_t converter = iconv_open("UTF-8", known);
    if (converter == (iconv_t)-1)
        return CHARSET_UNKNOWN; /* the system has it not */
    size_t room = from.length * GROWS_MOST + 1, left = room, in_left = from.length;
    char *out = region_get(region, room), *at = out;
    char *in = (char *)(uintptr_t)from.at; /* iconv changes nothing there */
    bool is_read = in_left == 0 || iconv(converter, &in, &in_left, &at, &left) != (size_t)-1;
    is_read = is_read && iconv(converter, NULL, NULL, &at, &left) != (size_t)-1;
    iconv_close(converter);
    *utf8 = without_mark(octets_of(out, room - left));
    return is_read && in_left == 0 ? CHARSET_OK : CHARSET_BROKEN;
}
