/* keyword: what an inbound text asks for: out, in, help, or none of these. The same text always
 * gets the same answer, and the answer names the rule that gave it.
 *
 * It reads the text alone. What the answer does (whose consent ends, who is replied to, what a YES
 * means while a question is open) is decided elsewhere. Its words are proto/keyword.def.
 *
 * A text counts when all of it is accounted for: keywords, plain requests, and words of courtesy
 * around them. A keyword inside a sentence about something else is no keyword ("stop by at five",
 * R128), nor is what a phone's reaction quotes (R127). */
#ifndef CONSENT_KEYWORD_H
#define CONSENT_KEYWORD_H

#include <stdbool.h>

#include "base/octets.h"

#define KEYWORD_LISTS_VERSION "2026-11-23.1" /* changes with every change of proto/keyword.def */

enum keyword_verdict {
    KEYWORD_NONE,
    KEYWORD_OPT_OUT,
    KEYWORD_OPT_IN,
    KEYWORD_HELP,
    KEYWORD_REVIEW
};

struct keyword {
    enum keyword_verdict verdict;
    const char *rule;     /* "keyword:STOP", "padding:STOP", "phrase:leave-me-alone";
                             "mixed": out and something else; "-": none */
    const char *language; /* ISO 639-1 of the words that decided, "" where none did */
    bool is_bare_stop;    /* STOP and nothing else: what a toll-free network acts on (R80, R81) */
    bool is_stop_all;     /* everything of this owner, whatever the programme */
};

/* `text` is UTF-8; octets that aren't count as blanks. The work is bounded: the first 2000 octets
 * are read. */
struct keyword keyword_classify(struct octets text);

/* Yes, and nothing else: an answer, for whoever knows of an open question. */
bool keyword_is_yes(struct octets text);

const char *keyword_verdict_name(enum keyword_verdict verdict); /* "opt_out", "none" ... */

#endif
