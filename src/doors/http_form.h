/* http_form: what clients of other gateways say: NAME=VALUE pairs of a query, of a body as forms are posted, of headers. A
 * value is octets: binary messages come so. Pure; all of it lives in the turn's region. Private to the HTTP door. */
#ifndef DOORS_HTTP_FORM_H
#define DOORS_HTTP_FORM_H

#include <stdbool.h>

#include "base/octets.h"

struct region;

#define FORM_MOST 200 /* pairs: what is beyond them is not read */

struct form_field {
    struct octets name, value;
};

struct form {
    struct form_field at[FORM_MOST];
    size_t count;
};

/* Adds those of "a=b&c=d": a plus is a blank, %XX an octet; a % without two digits is itself. */
void form_read(struct form *form, struct octets text, struct region *region);
void form_add(struct form *form, const char *name, struct octets value); /* both borrowed */
/* The first of that name; NULL: left out. */
const struct octets *form_find(const struct form *form, const char *name);
/* The same as a text: "" where it is left out. NULL: it holds a NUL or isn't UTF-8. */
const char *form_text(const struct form *form, const char *name, struct region *region);
/* Printable ASCII, with a dot for each other octet: a stranger's name in an answer. */
const char *form_printable(struct octets value, struct region *region);
/* A whole number within bounds; `fallback` where it is left out or empty. False: it is none. */
bool form_whole(const struct form *form, const char *name, long least, long most, long fallback, long *out);

#endif
