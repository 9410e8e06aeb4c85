#include "html.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "base/region.h"

#define MARK "<!-- part "
#define MARK_END " -->\n"
#define NAME_MOST 40

/* ---- growing ---- */

static void add(struct html *html, const void *octets, size_t length)
{
    if (html->length + length + 1 > html->room) {
        size_t room = 2 * (html->length + length + 1);
        char *text = region_get(html->region, room);
        if (html->length > 0)
            memcpy(text, html->text, html->length);
        html->text = text;
        html->room = room;
    }
    if (length > 0)
        memcpy(html->text + html->length, octets, length);
    html->length += length;
    html->text[html->length] = '\0';
}

static void add_text(struct html *html, const char *text)
{
    add(html, text, strlen(text));
}

void html_begin(struct html *html, struct region *region, struct octets parts)
{
    *html = (struct html){.region = region, .parts = parts};
    add(html, "", 0);
}

/* NULs, which nothing that came as a text has, would end it for some. */
void html_put_text(struct html *html, struct octets text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t octet = text.at[i];
        const char *escaped = octet == '&'    ? "&amp;"
                              : octet == '<'  ? "&lt;"
                              : octet == '>'  ? "&gt;"
                              : octet == '"'  ? "&quot;"
                              : octet == '\'' ? "&#39;"
                              : octet == '\0' ? "\xEF\xBF\xBD"
                                              : NULL;
        if (escaped == NULL)
            add(html, &octet, 1);
        else
            add_text(html, escaped);
    }
}

/* ---- filling in ---- */

static const struct html_value *value_of(const struct html_value *values, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(values[i].name) == length && strncmp(values[i].name, name, length) == 0)
            return &values[i];
    return NULL;
}

/* Of "{name}…": the length of the name. 0: the brace is a brace. */
static size_t name_length(const char *at, size_t left)
{
    size_t length = 1;
    while (length < left && (islower((unsigned char)at[length]) || at[length] == '_'))
        length++;
    return length > 1 && length < left && at[length] == '}' ? length - 1 : 0;
}

static void fill(struct html *html, struct octets template, const struct html_value *values, size_t count, bool is_escaped)
{
    const char *text = (const char *)template.at;
    for (size_t i = 0; i < template.length; i++) {
        size_t name = text[i] == '{' ? name_length(text + i, template.length - i) : 0;
        if (name == 0) {
            add(html, text + i, 1);
            continue;
        }
        const struct html_value *value = value_of(values, count, text + i + 1, name);
        must(value != NULL);
        if (is_escaped && !value->is_html)
            html_put_text(html, octets_text(value->text));
        else
            add_text(html, value->text);
        i += name + 1;
    }
}

static struct octets part_find(struct octets parts, const char *name)
{
    char mark[sizeof MARK + NAME_MOST + sizeof MARK_END];
    int length = snprintf(mark, sizeof mark, MARK "%s" MARK_END, name);
    const uint8_t *at = memmem(parts.at, parts.length, mark, (size_t)length);
    must(at != NULL);
    at += length;
    size_t left = parts.length - (size_t)(at - parts.at);
    const uint8_t *end = memmem(at, left, MARK, sizeof MARK - 1);
    return octets_of(at, end == NULL ? left : (size_t)(end - at));
}

void html_put(struct html *html, const char *part, const struct html_value *values, size_t count)
{
    fill(html, part_find(html->parts, part), values, count, true);
}

char *html_words(struct region *region, const char *words, const struct html_value *values, size_t count)
{
    struct html text;
    html_begin(&text, region, octets_of(NULL, 0));
    fill(&text, octets_text(words), values, count, false);
    return text.text;
}

char *html_address(struct region *region, const char *text)
{
    char *escaped = region_get(region, 3 * strlen(text) + 1), *out = escaped;
    for (; *text != '\0'; text++) {
        unsigned char octet = (unsigned char)*text;
        if (isalnum(octet) || strchr("-._~", octet) != NULL)
            *out++ = *text;
        else
            out += sprintf(out, "%%%02X", octet);
    }
    return escaped;
}
