/* http_pages: what browsers get. Private to the door. */
#ifndef DOORS_HTTP_PAGES_H
#define DOORS_HTTP_PAGES_H

#include "http_parts.h"

void answer_redirect(struct ask *ask, const char *where); /* 303 */
void answer_cookie(struct ask *ask, const char *cookie);  /* adds it to a page or a redirect */
/* The login page, with a sentence above its form; of ours, since it is written as it is. */
void answer_login(struct ask *ask, int status, const char *sentence);
http_refusal login_refuse; /* the same */

#endif
