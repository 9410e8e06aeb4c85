/* base64: RFC 4648 section 4, with its padding. Strict: one text for the same octets. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/octets.h"

#define BASE64_SIZE(length) (((length) + 2) / 3 * 4 + 1) /* of the text, with its NUL */

void base64_write(struct octets from, char *out); /* room for BASE64_SIZE(from.length) */

/* `out` has room for text.length / 4 * 3. False: it is no base64, has blanks or lacks its padding, or bits of its last
 * character say nothing and aren't 0. */
bool base64_read(struct octets text, uint8_t *out, size_t *length);

#endif
