/* quote: what of a text is the person's own: a reaction's quote (R127) and the lines of an answer
 * that repeat our text behind ">" are taken off. */
#ifndef CONSENT_QUOTE_H
#define CONSENT_QUOTE_H

#include "base/octets.h"

/* `out` has room for `text.length` octets. An answer that is nothing but quoted lines stays as it
 * is: "> stop" may be all that somebody wrote. */
struct octets quote_take_off(struct octets text, uint8_t *out);

#endif
