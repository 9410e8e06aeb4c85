/* own_keyword: the keywords of a program's own, each with the answer that the config gives it. A text is one if it says
 * nothing else; what asks for out, in or help, or may have, is never one: that is looked at before (consent/keyword.h).
 *
 * The answer is no mandated reply. It is the one text that a person asked for a moment ago (the gate says to whom). */
#ifndef CONSENT_OWN_KEYWORD_H
#define CONSENT_OWN_KEYWORD_H

#include "base/octets.h"
#include "config/config.h"

struct own_keyword { /* one word of it */
    const char *name; /* of the section; borrowed from the config */
    char *word;       /* folded */
    char *reply;      /* with the program's values, in the word's language */
    bool answers_strangers;
};

struct own_keywords {
    struct own_keyword *at;
    size_t count;
};

void own_keywords_fill(struct own_keywords *keywords, const struct config *config,
                       const struct config_program *program);
void own_keywords_wipe(struct own_keywords *keywords);

const struct own_keyword *own_keyword_find(const struct own_keywords *keywords, struct octets text); /* or NULL */

#endif
