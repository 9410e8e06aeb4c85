#include "pattern.h"

#include <string.h>

/* Is `word` one of the choices a|b|c between `at` and `end`? */
static bool choice_has(const char *at, const char *end, const struct word *word)
{
    while (at < end) {
        const char *bar = memchr(at, '|', (size_t)(end - at));
        const char *stop = bar != NULL ? bar : end;
        bool is_any = stop - at == 1 && *at == '*';
        if (is_any || word_is(word, at, (size_t)(stop - at)))
            return true;
        at = stop + 1;
    }
    return false;
}

uint64_t pattern_covers(const char *pattern, const struct word *word, size_t count)
{
    if (*pattern == '\0')
        return 1;
    const char *end = strchrnul(pattern, ' ');
    const char *next = *end == ' ' ? end + 1 : end;
    bool may_be_missing = end[-1] == '?';
    uint64_t covers = may_be_missing ? pattern_covers(next, word, count) : 0;
    if (count > 0 && choice_has(pattern, may_be_missing ? end - 1 : end, word))
        covers |= pattern_covers(next, word + 1, count - 1) << 1;
    return covers;
}

/* FNV-1a, folded to one of 256. */
static unsigned word_hash(const char *at, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)at[i]) * 16777619u;
    return (hash >> 24 ^ hash) & 255;
}

static void start_add(struct pattern_starts *starts, const char *at, size_t length)
{
    if (length == 1 && *at == '*')
        memset(starts, 0xff, sizeof *starts);
    unsigned hash = word_hash(at, length);
    starts->bits[hash / 64] |= (uint64_t)1 << hash % 64;
}

/* The words up to the first that may not be missing. */
void pattern_starts_read(const char *pattern, struct pattern_starts *starts)
{
    memset(starts, 0, sizeof *starts);
    for (const char *at = pattern; *at != '\0' && *at != ' ';) {
        size_t length = strcspn(at, " |?");
        start_add(starts, at, length);
        at += length;
        if (*at == '|')
            at++;
        else if (*at == '?')
            at += at[1] == ' ' ? 2 : 1;
    }
}

bool pattern_may_start(const struct pattern_starts *starts, const struct word *word)
{
    unsigned hash = word_hash(word->at, word->length);
    return (starts->bits[hash / 64] >> hash % 64 & 1) != 0;
}

bool pattern_names(const char *pattern, const struct word *word)
{
    for (const char *at = pattern; *at != '\0';) {
        size_t length = strcspn(at, " |?");
        if (word_is(word, at, length))
            return true;
        at += length;
        at += strspn(at, " |?");
    }
    return false;
}
