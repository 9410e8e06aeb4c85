/* http_ask: who asks, whether that may be asked, and the way to the handler that answers. Private to the door. */
#ifndef DOORS_HTTP_ASK_H
#define DOORS_HTTP_ASK_H

#include "http_parts.h"

struct evhttp_request;
struct head;

/* Answers a request that is whole, or has a handler begin a work. Gives whether the answer is of what is stored. */
bool ask_answer(struct ask *ask, struct evhttp_request *request);

/* How many octets the body of a request may have of which the head has come; ask->peer is set. Who may not send that much is
 * told before it has: 0, and the answer. */
size_t ask_admit(struct ask *ask, const struct head *head);

#endif
