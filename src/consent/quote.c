#include "quote.h"

#include <string.h>

#include "pattern.h"

#define HEAD_MAX 100 /* octets before a reaction's quote */

static const char *const reactions[] = {
#define REACTION(words) words,
#include "proto/keyword.def"
};

static size_t mark_at(struct octets text, size_t at)
{
    static const char *const marks[] = {"\"", "“", "”", "„", "‟", "«", "»"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t length = strlen(marks[i]);
        if (text.length - at >= length && memcmp(text.at + at, marks[i], length) == 0)
            return length;
    }
    return 0;
}

static bool is_reaction_head(struct octets head)
{
    struct words words;
    words_read(head, &words);
    for (size_t i = 0; words.count > 0 && i < sizeof reactions / sizeof *reactions; i++)
        if (words.count < PATTERN_MAX &&
            pattern_covers(reactions[i], words.word, words.count) >> words.count & 1)
            return true;
    return false;
}

/* Liked "...", 👍 to "...": what stands behind the last quotation mark. What is cut short before
 * its closing one is all quote. */
static struct octets without_reaction(struct octets text)
{
    size_t open = 0;
    while (open < text.length && open <= HEAD_MAX && mark_at(text, open) == 0)
        open++;
    if (open >= text.length || open > HEAD_MAX || !is_reaction_head(octets_of(text.at, open)))
        return text;
    for (size_t at = text.length - 1; at > open; at--)
        if (mark_at(text, at) > 0)
            return octets_of(text.at + at + mark_at(text, at),
                             text.length - at - mark_at(text, at));
    return octets_text(NULL);
}

static bool is_quoted(struct octets line)
{
    size_t at = 0;
    while (at < line.length && line.at[at] == ' ')
        at++;
    return at < line.length && line.at[at] == '>';
}

static bool is_blank(struct octets line)
{
    for (size_t i = 0; i < line.length; i++)
        if (strchr(" \t\r\n", line.at[i]) == NULL)
            return false;
    return true;
}

static struct octets without_quoted_lines(struct octets text, uint8_t *out)
{
    size_t kept = 0;
    bool has_own = false;
    for (size_t from = 0; from < text.length;) {
        const uint8_t *end = memchr(text.at + from, '\n', text.length - from);
        size_t length = end == NULL ? text.length - from : (size_t)(end - text.at) + 1 - from;
        struct octets line = octets_of(text.at + from, length);
        from += length;
        if (is_quoted(line))
            continue;
        memcpy(out + kept, line.at, length);
        kept += length;
        has_own = has_own || !is_blank(line);
    }
    return has_own ? octets_of(out, kept) : text;
}

struct octets quote_take_off(struct octets text, uint8_t *out)
{
    return without_reaction(without_quoted_lines(text, out));
}
