#include "http_visit.h"

#include <strings.h>

#include "base/clock.h"
#include "base/log.h"

/* ---- the cookie ---- */

/* The next NAME=VALUE of the header, without the blanks around it. */
static bool cookie_next(const char **header, struct octets *name, struct octets *value)
{
    *header += strspn(*header, "; \t");
    size_t length = strcspn(*header, ";");
    const char *equals = memchr(*header, '=', length);
    size_t span = equals == NULL ? length : (size_t)(equals - *header);
    *name = octets_trimmed(octets_of(*header, span));
    *value = equals == NULL ? octets_of(NULL, 0) : octets_trimmed(octets_of(equals + 1, length - span - 1));
    *header += length;
    return length > 0;
}

static bool is_token(struct octets value)
{
    for (size_t i = 0; i < value.length; i++)
        if (strchr("0123456789abcdef", value.at[i]) == NULL || value.at[i] == '\0')
            return false;
    return value.length == VISIT_TOKEN_SIZE - 1;
}

/* One that comes twice was put there by somebody else: a page of a neighbouring name can set cookies for ours. */
bool cookie_read(const char *header, struct octets *value)
{
    struct octets name, each;
    size_t count = 0;
    while (header != NULL && cookie_next(&header, &name, &each))
        if (octets_equal(name, octets_text(VISIT_COOKIE))) {
            *value = each;
            count++;
        }
    return count == 1 && is_token(*value);
}

/* ---- where it comes from ---- */

/* "https://host:8080" against a Host header. The scheme isn't compared: what speaks TLS may be a proxy. */
static bool is_origin_of(const char *origin, const char *host)
{
    const char *authority = strstr(origin, "://");
    return authority != NULL && host != NULL && strcasecmp(authority + 3, host) == 0;
}

bool ask_is_ours(const struct ask *ask)
{
    const struct claims *claims = &ask->claims;
    if (claims->site != NULL)
        return strcmp(claims->site, "same-origin") == 0 || strcmp(claims->site, "none") == 0;
    return claims->origin == NULL || is_origin_of(claims->origin, claims->host);
}

/* ---- who asks ---- */

/* Where it comes from that its account may not, somebody else may have the cookie: it goes on for whom it was given to. */
struct visit *ask_visit(const struct ask *ask)
{
    struct octets cookie;
    struct visits *visits = http_visits(ask->http);
    struct visit *visit =
        cookie_read(ask->claims.cookie, &cookie) ? visits_find(visits, cookie, clock_mono_ms()) : NULL;
    const struct account *account = visit == NULL ? NULL : accounts_find(ask->gateway->accounts, visit->account);
    if (visit == NULL)
        return NULL;
    if (!visit_stands(visit, account)) {
        log_info("console session ended account=%s why=\"its password or role is another\"", visit->account);
        visits_end(visits, visit);
        return NULL;
    }
    if (account_may_come_from(account, ask->peer))
        return visit;
    log_info("console session refused account=%s peer=%s why=\"the account may not come from there\"", account->name, ask->peer);
    return NULL;
}

bool ask_by_visit(struct ask *ask)
{
    struct visit *visit = ask_is_ours(ask) ? ask_visit(ask) : NULL;
    if (visit == NULL)
        return false;
    ask->visit = visit;
    ask->account = accounts_find(ask->gateway->accounts, visit->account);
    return true;
}

void ask_use_visit(const struct ask *ask)
{
    int64_t now_ms = clock_mono_ms();
    bool is_use = ask->visit != NULL && ask->answer.status < 400 && ask->stream == NULL;
    struct visit *visit = is_use ? visits_by_number(http_visits(ask->http), ask->visit->number, now_ms) : NULL;
    if (visit != NULL) /* else the request ended it */
        visit->used_ms = now_ms;
}
