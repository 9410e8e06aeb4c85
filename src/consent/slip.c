#include "slip.h"

#include <string.h>

#include "pattern.h"

#define LENGTH_MAX 16 /* no keyword that is compared so is longer */
#define MENDED_MIN 4

static const char *const own_words[] = {
#define OWN(words) words,
#include "proto/keyword.def"
};

static const char *const mended[] = {
#define MEND(words) words,
#include "proto/keyword.def"
};

/* What rows themselves say: not mended. */
static const char *const patterns[] = {
#define KEYWORD(kind, name, language, words) words,
#define PHRASE(kind, name, language, words)  words,
#define PAD(kind, words)                     words,
#include "proto/keyword.def"
};

static bool is_in_rows(const struct word *word)
{
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (pattern_names(patterns[i], word))
            return true;
    return false;
}

static bool is_own(const struct word *word)
{
    for (size_t i = 0; i < sizeof own_words / sizeof *own_words; i++)
        if (pattern_names(own_words[i], word))
            return true;
    return false;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Damerau's distance, in its simple form: a letter is part of one slip at most. */
static int distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int row[LENGTH_MAX + 2][LENGTH_MAX + 2];
    for (size_t i = 0; i <= a_length; i++)
        for (size_t k = 0; k <= b_length; k++) {
            if (i == 0 || k == 0) {
                row[i][k] = (int)(i + k);
                continue;
            }
            int other = a[i - 1] != b[k - 1];
            row[i][k] = least(row[i - 1][k - 1] + other, 1 + least(row[i - 1][k], row[i][k - 1]));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                row[i][k] = least(row[i][k], row[i - 2][k - 2] + 1);
        }
    return row[a_length][b_length];
}

/* "sstopp": letters doubled count as one. */
static size_t doubles_squeeze(const char *from, size_t length, char *to)
{
    size_t kept = 0;
    for (size_t i = 0; i < length; i++)
        if (i == 0 || from[i] != from[i - 1])
            to[kept++] = from[i];
    return kept;
}

static bool is_close(const struct word *word, const char *meant, size_t length, int edits)
{
    char a[LENGTH_MAX + 1], b[LENGTH_MAX + 1];
    if (word->length > LENGTH_MAX || length > LENGTH_MAX || word->length + (size_t)edits < length)
        return false;
    size_t a_length = doubles_squeeze(word->at, word->length, a);
    size_t b_length = doubles_squeeze(meant, length, b);
    return distance(a, a_length, b, b_length) <= edits;
}

static bool is_letters(const struct word *word)
{
    for (size_t i = 0; i < word->length; i++)
        if (word->at[i] < 'a' || word->at[i] > 'z')
            return false;
    return true;
}

bool slip_is(const struct word *word, const char *meant, int edits)
{
    return is_letters(word) && is_close(word, meant, strlen(meant), edits) && !is_own(word);
}

/* "removed" and "removes" are no slips of "remove". */
static bool is_inflected(const struct word *word, const char *meant, size_t length)
{
    return word->length > length && memcmp(word->at, meant, length) == 0;
}

/* The first word of `list` that `word` may be meant for; its length is 0: none. */
static struct word mend_find(const struct word *word, const char *list)
{
    for (const char *at = list; *at != '\0';) {
        size_t length = strcspn(at, "|");
        if (!is_inflected(word, at, length) && is_close(word, at, length, 1))
            return (struct word){at, length, word->ends_clause};
        at += length + (at[length] == '|');
    }
    return (struct word){.length = 0};
}

static void word_mend(struct word *word)
{
    for (size_t i = 0; i < sizeof mended / sizeof *mended; i++) {
        struct word meant = mend_find(word, mended[i]);
        if (meant.length == 0)
            continue;
        if (!is_own(word) && !is_in_rows(word))
            *word = meant;
        return;
    }
}

void slips_mend(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (words->word[i].length >= MENDED_MIN)
            word_mend(&words->word[i]);
}
