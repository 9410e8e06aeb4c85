#include "visit.h"

#include <stdlib.h>

#include "base/must.h"
#include "consent/account.h"

struct visits {
    struct visit at[VISITS_MOST];
    uint64_t newest;
};

struct visits *visits_open(void)
{
    return mem_new(sizeof(struct visits));
}

void visits_end(struct visits *visits, struct visit *visit)
{
    must(visit >= visits->at && visit < visits->at + VISITS_MOST);
    free(visit->account);
    *visit = (struct visit){0};
}

void visits_close(struct visits *visits)
{
    if (visits == NULL)
        return;
    for (size_t i = 0; i < VISITS_MOST; i++)
        visits_end(visits, &visits->at[i]);
    free(visits);
}

/* ---- how long ---- */

int64_t visit_left_ms(const struct visit *visit, int64_t now_ms)
{
    return visit->began_ms + VISIT_MOST_MS - now_ms;
}

int64_t visit_idle_left_ms(const struct visit *visit, int64_t now_ms)
{
    int64_t idle_ms = visit->used_ms + VISIT_IDLE_MS - now_ms, left_ms = visit_left_ms(visit, now_ms);
    return idle_ms < left_ms ? idle_ms : left_ms;
}

static bool is_over(const struct visit *visit, int64_t now_ms)
{
    return visit_idle_left_ms(visit, now_ms) <= 0;
}

/* ---- beginning ---- */

static void make_token(char out[VISIT_TOKEN_SIZE])
{
    uint8_t secret[32];
    random_octets(secret, sizeof secret);
    octets_to_hex(octets_of(secret, sizeof secret), out);
}

/* That was used longest ago, of the account (NULL: of all); `count` gets how many there are. */
static struct visit *oldest_of(struct visits *visits, const char *account, size_t *count)
{
    struct visit *oldest = NULL;
    *count = 0;
    for (size_t i = 0; i < VISITS_MOST; i++) {
        struct visit *it = &visits->at[i];
        if (it->number == 0 || (account != NULL && strcmp(it->account, account) != 0))
            continue;
        ++*count;
        if (oldest == NULL || it->used_ms < oldest->used_ms)
            oldest = it;
    }
    return oldest;
}

static struct visit *place_make(struct visits *visits, const char *account, int64_t now_ms)
{
    size_t count;
    for (size_t i = 0; i < VISITS_MOST; i++)
        if (visits->at[i].number != 0 && is_over(&visits->at[i], now_ms))
            visits_end(visits, &visits->at[i]);
    struct visit *oldest = oldest_of(visits, account, &count);
    if (count >= VISITS_OF_ACCOUNT)
        visits_end(visits, oldest);
    oldest = oldest_of(visits, NULL, &count);
    if (count >= VISITS_MOST)
        visits_end(visits, oldest);
    for (size_t i = 0; i < VISITS_MOST; i++)
        if (visits->at[i].number == 0)
            return &visits->at[i];
    must(false);
    return NULL;
}

const struct visit *visits_begin(struct visits *visits, const struct account *account, int64_t now_ms,
                                 char cookie[VISIT_TOKEN_SIZE])
{
    struct visit *visit = place_make(visits, account->name, now_ms);
    make_token(cookie);
    make_token(visit->token);
    digest_sha256(octets_text(cookie), visit->digest);
    memcpy(visit->stamp, account->password.hash, sizeof visit->stamp);
    visit->account = mem_text(account->name);
    visit->began_ms = visit->used_ms = now_ms;
    visit->number = ++visits->newest;
    return visit;
}

/* ---- finding ---- */

static struct visit *unless_over(struct visits *visits, struct visit *visit, int64_t now_ms)
{
    if (visit == NULL || !is_over(visit, now_ms))
        return visit;
    visits_end(visits, visit);
    return NULL;
}

/* All are looked at, whichever it is. */
struct visit *visits_find(struct visits *visits, struct octets cookie, int64_t now_ms)
{
    uint8_t digest[DIGEST_SIZE];
    struct visit *found = NULL;
    digest_sha256(cookie, digest);
    for (size_t i = 0; i < VISITS_MOST; i++)
        if (digest_equal(visits->at[i].digest, digest) && visits->at[i].number != 0)
            found = &visits->at[i];
    return unless_over(visits, found, now_ms);
}

struct visit *visits_by_number(struct visits *visits, uint64_t number, int64_t now_ms)
{
    struct visit *found = NULL;
    for (size_t i = 0; i < VISITS_MOST; i++)
        if (number != 0 && visits->at[i].number == number)
            found = &visits->at[i];
    return unless_over(visits, found, now_ms);
}

void visits_end_of(struct visits *visits, const char *account)
{
    for (size_t i = 0; i < VISITS_MOST; i++)
        if (visits->at[i].number != 0 && strcmp(visits->at[i].account, account) == 0)
            visits_end(visits, &visits->at[i]);
}

/* ---- what it may ---- */

bool visit_is_for(const struct account *account)
{
    return account_has_role(account, CONFIG_ROLE_COMPLIANCE) || account_has_role(account, CONFIG_ROLE_ADMIN);
}

bool visit_stands(const struct visit *visit, const struct account *account)
{
    return account != NULL && strcmp(account->name, visit->account) == 0 && visit_is_for(account) &&
           account->password.set_at != 0 && digest_equal(account->password.hash, visit->stamp);
}

bool visit_knows(const struct visit *visit, const char *token)
{
    uint8_t known[DIGEST_SIZE], said[DIGEST_SIZE];
    digest_sha256(octets_text(visit->token), known);
    digest_sha256(octets_text(token), said);
    return digest_equal(known, said);
}
