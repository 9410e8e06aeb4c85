#include "consent/spoken.h"

#include <string.h>

#include "consent/keyword.h"
#include "words.h"

#define WHOLE_OCTETS_MAX (4 * SPOKEN_SIZE) /* what is longer has more to say than a keyword */

static bool word_put(const struct word *word, char out[SPOKEN_SIZE], size_t *length)
{
    bool has_more = *length > 0;
    if (*length + has_more + word->length >= SPOKEN_SIZE)
        return false;
    if (has_more)
        out[(*length)++] = ' ';
    memcpy(out + *length, word->at, word->length);
    *length += word->length;
    out[*length] = '\0';
    return true;
}

static bool words_put(const struct words *words, size_t count, char out[SPOKEN_SIZE])
{
    size_t length = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (!word_put(&words->word[i], out, &length)) {
            out[0] = '\0';
            return false;
        }
    return length > 0;
}

bool spoken_first(struct octets text, char out[SPOKEN_SIZE])
{
    struct words words;
    words_read(text, &words);
    return words_put(&words, words.count > 0, out);
}

bool spoken_whole(struct octets text, char out[SPOKEN_SIZE])
{
    struct words words;
    out[0] = '\0';
    if (text.length > WHOLE_OCTETS_MAX)
        return false;
    words_read(text, &words);
    return words_put(&words, words.count, out);
}

/* ---- for the config ---- */

static bool fold(const char *text, char out[CONFIG_WORD_SIZE])
{
    return spoken_whole(octets_text(text), out);
}

static const char *meaning_of(const char *text)
{
    struct keyword keyword = keyword_classify(octets_text(text));
    if (keyword.verdict != KEYWORD_NONE)
        return keyword_verdict_name(keyword.verdict);
    return keyword_is_yes(octets_text(text)) ? "the answer to a question" : NULL;
}

_Static_assert(CONFIG_WORD_SIZE == SPOKEN_SIZE, "what is folded fits");

const struct config_words spoken_config_words = {.fold = fold, .meaning_of = meaning_of};
