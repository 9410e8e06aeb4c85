/* keyword: what an inbound text asks for: out, in, help, or none of these. The same text always
 * gets the same answer, and the answer names the rule that gave it.
 *
 * It reads the text alone. What the answer does (whose consent ends, who is replied to, what a YES
 * means while a question is open) is decided elsewhere. Its words are proto/keyword.def.
 *
 * Rows are laid over the words of each clause, so that the fewest stay loose. A keyword counts if
 * all of its clause is accounted for: in a sentence about something else it is no keyword ("stop by
 * at five", R128), nor is what a phone's reaction or an answer quotes (R127). A plain request
 * ("take me off your list") counts wherever it stands, unless something turns it ("don't"). What is
 * said and where it stands decides between out and review; how good that is: docs/classifier.md. */
#ifndef CONSENT_KEYWORD_H
#define CONSENT_KEYWORD_H

#include <stdbool.h>

#include "base/digest.h"
#include "base/octets.h"

/* Changes with every change of a row or of a verdict; tests/unit/test_keyword.c and
 * tests/classifier/measure.py see that it does. */
#define KEYWORD_LISTS_VERSION "2026-11-28.3"

enum keyword_verdict {
    KEYWORD_NONE,
    KEYWORD_OPT_OUT,
    KEYWORD_OPT_IN,
    KEYWORD_HELP,
    KEYWORD_REVIEW
};

struct keyword {
    enum keyword_verdict verdict;
    const char *rule;     /* "keyword:STOP", "padding:STOP", "slip:STOP",
                             "phrase:leave-me-alone";
                             "mixed": out and something else; "-": none */
    const char *language; /* ISO 639-1 of the words that decided, "" where none did */
    bool is_bare_stop;    /* STOP and nothing else: what a toll-free network acts on (R80, R81) */
    bool is_stop_all;     /* everything of this owner, whatever the programme */
};

/* `text` is UTF-8; octets that aren't count as blanks. The work is bounded: the first 2000 octets
 * are read; what is said in a longer text counts only where the rest can't change it. */
struct keyword keyword_classify(struct octets text);

/* Yes, and nothing else: an answer, for whoever knows of an open question. */
bool keyword_is_yes(struct octets text);
/* SHA-256 over all rows, in their order: what KEYWORD_LISTS_VERSION stands for. */
void keyword_lists_digest(char out[DIGEST_HEX_SIZE]);

/* The verdict of a text that is a keyword of a program's own (consent/own_keyword.h). */
#define KEYWORD_OWN_WORD "keyword"

const char *keyword_verdict_name(enum keyword_verdict verdict); /* "opt_out", "none" ... */

#endif
