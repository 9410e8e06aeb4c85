/* http_language: which of the languages that we have texts in somebody is shown a page in: by Accept-Language (RFC 9110 12.5.4).
 * Pure. Private to the HTTP door. */
#ifndef DOORS_HTTP_LANGUAGE_H
#define DOORS_HTTP_LANGUAGE_H

#include <stdbool.h>

#include "config/config.h"

const char *language_tag(enum config_language language); /* "en", "es", "fr" */
/* Of exactly that tag. False: it is none of ours. */
bool language_find(const char *tag, enum config_language *out);
/* The one that is wanted most, of equals the first; none of ours, or no header (""): English. */
enum config_language language_wanted(const char *accept);

#endif
