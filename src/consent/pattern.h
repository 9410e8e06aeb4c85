/* pattern: words as a row writes them: a|b is a choice, a word that ends in ? may be missing, * is
 * any word. */
#ifndef CONSENT_PATTERN_H
#define CONSENT_PATTERN_H

#include "words.h"

/* How many words from `word` on the pattern can cover: bit n is set for n words. No pattern has as
 * many as PATTERN_MAX. */
#define PATTERN_MAX 64
uint64_t pattern_covers(const char *pattern, const struct word *word, size_t count);

/* Which words a pattern may begin with, by their hash: a word that isn't among them can be passed
 * over, and most are. */
struct pattern_starts {
    uint64_t bits[4];
};

void pattern_starts_read(const char *pattern, struct pattern_starts *starts);
bool pattern_may_start(const struct pattern_starts *starts, const struct word *word);

/* Does the word stand anywhere in the pattern? */
bool pattern_names(const char *pattern, const struct word *word);

#endif
