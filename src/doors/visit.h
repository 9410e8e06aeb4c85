/* visit: somebody who logged in to the console, until they log out or time is up. (People say session; that word is SMPP's
 * here.) In memory alone: a restart ends them all. What stands in the cookie is 256 random bits, of which only a digest is
 * kept. Times are of the monotonic clock. Private to the doors. */
#ifndef DOORS_VISIT_H
#define DOORS_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/octets.h"

#define VISIT_TOKEN_SIZE  65 /* 64 hexadecimal digits, and the NUL */
#define VISITS_MOST       256
#define VISITS_OF_ACCOUNT 16
#define VISIT_IDLE_MS     (INT64_C(30) * 60000)
#define VISIT_MOST_MS     (INT64_C(12) * 3600000)

struct account;
struct visits;

struct visit {
    uint64_t number;              /* counts from 1; 0: the place is free */
    uint8_t digest[DIGEST_SIZE];  /* of the cookie */
    char token[VISIT_TOKEN_SIZE]; /* what a request that changes something has to know beside it (CSRF) */
    char *account;
    uint8_t stamp[DIGEST_SIZE];   /* of the password that opened it: another one ends it */
    int64_t began_ms, used_ms;
};

struct visits *visits_open(void);
void visits_close(struct visits *visits); /* NULL is allowed */

/* Where an account has as many as it may, or all places are taken, the one that was used longest ago ends. */
const struct visit *visits_begin(struct visits *visits, const struct account *account, int64_t now_ms,
                                 char cookie[VISIT_TOKEN_SIZE]);
/* NULL: there is none, or its time is up. It lives until it ends: see visits_by_number. */
struct visit *visits_find(struct visits *visits, struct octets cookie, int64_t now_ms);
struct visit *visits_by_number(struct visits *visits, uint64_t number, int64_t now_ms);
void visits_end(struct visits *visits, struct visit *visit);
void visits_end_of(struct visits *visits, const char *account);

/* Whether the account is still as it was: it has the password, and may come to the console. */
bool visit_stands(const struct visit *visit, const struct account *account);
bool visit_knows(const struct visit *visit, const char *token);
int64_t visit_idle_left_ms(const struct visit *visit, int64_t now_ms);
int64_t visit_left_ms(const struct visit *visit, int64_t now_ms); /* at most, however much it is used */

/* An account that may come to the console, where it has a password. */
bool visit_is_for(const struct account *account);

#endif
