/* slip: words mistyped: a letter missing, too many, another one, or two in the wrong order. */
#ifndef CONSENT_SLIP_H
#define CONSENT_SLIP_H

#include "words.h"

/* Is `word` at most `edits` slips (1 or 2) away from the keyword `meant`, and no word of its own
 * ("shop", "top")? */
bool slip_is(const struct word *word, const char *meant, int edits);

/* Words that requests are made of, mistyped once ("remvoe"), become what was meant. */
void slips_mend(struct words *words);

#endif
