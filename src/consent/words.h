/* words: a text as the classifier compares it: words in lower case, without accents, width,
 * apostrophes and invisible signs, and where its clauses end. It knows no rows but two small
 * tables: signs that are words (🛑) and characters that are drawn like a letter. */
#ifndef CONSENT_WORDS_H
#define CONSENT_WORDS_H

#include <stdbool.h>

#include "base/octets.h"

#define WORDS_OCTETS_MAX 2000 /* of a text that are read: more than ten parts of a long message */
#define WORDS_MAX        500

struct word {
    const char *at; /* not ended by a NUL */
    size_t length;
    bool ends_clause; /* a full stop, a comma, the end of a line, or of the text, is behind it */
};

struct words {
    char text[4 * WORDS_OCTETS_MAX + 1];
    struct word word[WORDS_MAX];
    size_t count;
    bool is_long; /* there were more */
    bool has_accents;
};

/* Octets that aren't UTF-8 count as blanks. */
void words_read(struct octets text, struct words *words);

/* All words of the text as a single one ("st op"); false if it is longer than `size`. */
bool words_run_together(const struct words *words, char *out, size_t size, struct word *whole);

bool word_is(const struct word *word, const char *text, size_t length);

#endif
