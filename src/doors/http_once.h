/* http_once: the same Idempotency-Key of the same account is answered the same for a day. Private to the door. */
#ifndef DOORS_HTTP_ONCE_H
#define DOORS_HTTP_ONCE_H

#include <stdbool.h>
#include <stdint.h>

struct ask;
struct kept_answer;

/* Handles the request, or answers what it was answered before. */
void once_post(struct ask *ask, void (*post)(struct ask *ask));

/* Whether the request's key may be used: it is well-formed, and no request is being worked on that has it. False:
 * answered. */
bool once_check(struct ask *ask);

enum once { ONCE_NEW, ONCE_KNOWN, ONCE_ANSWERED /* it can't be read, or had another body */ };
enum once once_find(struct ask *ask, const char *key, const uint8_t hash[32], struct kept_answer *kept);

#endif
