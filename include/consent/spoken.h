/* spoken: a text folded to what was said, for whoever compares words that people write with words of the config: in lower
 * case, without accents, punctuation and invisible signs, as keyword.h reads it. What it means is keyword.h's. */
#ifndef CONSENT_SPOKEN_H
#define CONSENT_SPOKEN_H

#include <stdbool.h>

#include "base/octets.h"
#include "config/config.h"

#define SPOKEN_SIZE 128

/* Both give "" and false where there is no word, or where it doesn't fit. */
bool spoken_first(struct octets text, char out[SPOKEN_SIZE]); /* its first word */
bool spoken_whole(struct octets text, char out[SPOKEN_SIZE]); /* all of them, with one blank between */

/* How config_load judges the words of `keyword` and `inbound_words`. */
extern const struct config_words spoken_config_words;

#endif
