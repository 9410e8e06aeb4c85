/* http_visit: a session of the console as one more way of saying who asks. Private to the door.
 *
 * A browser sends the cookie with whatever it is told to ask, by whichever page. So it counts only for what comes from our own
 * pages, and where something is to be changed only beside the session's token, which no other page can read. A key in
 * Authorization counts before it: no browser sends one by itself. */
#ifndef DOORS_HTTP_VISIT_H
#define DOORS_HTTP_VISIT_H

#include "http_parts.h"
#include "visit.h"

#define VISIT_COOKIE "assent_session"

/* The value of our cookie in a Cookie header (NULL: none came). False: it isn't there, or twice, or not of our making. */
bool cookie_read(const char *header, struct octets *value);

/* Whether a request comes from a page of ours, from the address bar, or from no browser at all. */
bool ask_is_ours(const struct ask *ask);
/* Whose session the request's cookie is; NULL: of none that stands, or comes from where it may. It is looked at, and lasts no longer for it. */
struct visit *ask_visit(const struct ask *ask);
/* Has the session say who asks. False: none does. */
bool ask_by_visit(struct ask *ask);
/* What was answered, or begun, is a use of the session. What was refused isn't, nor is a stream: a page that nobody looks at asks
 * for it again and again. */
void ask_use_visit(const struct ask *ask);

#endif
