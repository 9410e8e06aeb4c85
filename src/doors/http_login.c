/* Logging in to the console, and out; and what a page may know of its session. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "guard.h"
#include "http_audit.h"
#include "http_form.h"
#include "http_pages.h"
#include "http_visit.h"
#include "http_wait.h"

#define NAME_MOST  255
#define OUR_COOKIE VISIT_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s"

/* Somebody who wants in. Whether the name is one of ours shows neither in the answer nor in the time that it takes: the same is
 * worked out, and the same is written. */
struct login {
    char *name;
    uint8_t *secret; /* folded; wiped */
    size_t secret_length;
    struct password password; /* as it was when they asked; of a stranger one of nobody's */
    uint8_t made[SCRYPT_SIZE];
    bool is_made;
    uint64_t before; /* the session that they had */
    struct guest_mark from, to; /* by the address, and by the name */
};

static void login_free(void *owner)
{
    struct login *login = owner;
    explicit_bzero(login->secret, login->secret_length);
    free(login->secret);
    free(login->name);
    free(login);
}

/* ---- who guesses ---- */

/* The name has the place of an address: so many are remembered, whether they are ours or not. */
static struct guest_mark mark_of_name(const char *name, const char *network, struct octets secret)
{
    char digest[DIGEST_HEX_SIZE];
    digest_sha256_hex(octets_text(name), digest);
    return guard_mark(digest, octets_text(network), secret);
}

static int64_t shut_ms(const struct ask *ask, const struct login *login)
{
    int64_t now_ms = clock_mono_ms();
    int64_t from_ms = guard_wait_ms(http_guard(ask->http), &login->from, now_ms);
    int64_t to_ms = guard_wait_ms(http_name_guard(ask->http), &login->to, now_ms);
    return from_ms > to_ms ? from_ms : to_ms;
}

static bool is_shut_out(struct ask *ask, const struct login *login)
{
    int64_t wait_ms = shut_ms(ask, login);
    if (wait_ms <= 0)
        return false;
    log_info("console login refused why=shut_out peer=%s", ask->peer);
    answer_login(ask, 429, "Too many wrong passwords were given. Wait some minutes, then try again.");
    answer_retry_after(ask, wait_ms);
    return true;
}

/* NULL: there is no account of that name. People type passwords in the wrong field. */
static const char *name_if_ours(const struct ask *ask, const struct login *login)
{
    return accounts_find(ask->gateway->accounts, login->name) == NULL ? NULL : login->name;
}

static void note_failed(struct ask *ask, const struct login *login)
{
    int64_t now_ms = clock_mono_ms();
    const char *name = name_if_ours(ask, login);
    name = name == NULL ? "-" : name;
    log_info("console login refused why=wrong account=%s peer=%s", name, ask->peer);
    if (guard_mistyped(http_guard(ask->http), &login->from, now_ms))
        log_warn("address shut out for a while address=%s why=\"too many wrong passwords\"", login->from.network);
    if (guard_mistyped(http_name_guard(ask->http), &login->to, now_ms))
        log_warn("console login shut for a while account=%s why=\"too many wrong passwords\"", name);
}

/* ---- POST /login ---- */

static void answer_wrong(struct ask *ask)
{
    answer_login(ask, 401, "That name and password open nothing here. Look at both and try again.");
}

static void login_run(void *owner)
{
    struct login *login = owner;
    login->is_made = password_make(&login->password, octets_of(login->secret, login->secret_length), login->made);
}

static const struct account *login_judge(const struct ask *ask, const struct login *login)
{
    const struct account *account = accounts_find(ask->gateway->accounts, login->name);
    bool is_right = account != NULL && account->password.set_at != 0 &&
                    digest_equal(account->password.hash, login->password.hash) &&
                    digest_equal(login->made, login->password.hash);
    return is_right && visit_is_for(account) && account_may_come_from(account, ask->peer) ? account : NULL;
}

static void let_in(struct ask *ask, const struct login *login)
{
    char cookie[VISIT_TOKEN_SIZE];
    struct visits *visits = http_visits(ask->http);
    struct visit *before = visits_by_number(visits, login->before, clock_mono_ms());
    guard_passed(http_guard(ask->http), &login->from);
    guard_passed(http_name_guard(ask->http), &login->to);
    if (before != NULL)
        visits_end(visits, before);
    visits_begin(visits, ask->account, clock_mono_ms(), cookie);
    log_info("console login account=%s peer=%s", login->name, ask->peer);
    answer_redirect(ask, "/");
    answer_cookie(ask, region_format(ask->region, OUR_COOKIE, cookie, http_is_secure(ask->http) ? "; Secure" : ""));
    audit_note_visit(ask, login->name, "POST /login");
}

static void login_done(struct ask *ask, void *owner)
{
    const struct login *login = owner;
    if (is_shut_out(ask, login)) /* others of the same guesser were judged since it asked */
        return;
    if (!login->is_made) {
        log_error("console login: there is no memory for scrypt");
        answer_problem(ask, VERDICT_UNAVAILABLE, "there is no memory for that now: try again in a moment");
        return;
    }
    ask->account = login_judge(ask, login);
    if (ask->account != NULL) {
        let_in(ask, login);
        return;
    }
    note_failed(ask, login);
    answer_wrong(ask);
    audit_note_visit(ask, name_if_ours(ask, login), "POST /login");
}

/* On a full disk somebody has to look: to come in is not of the store, though the record of it is. What shows a person is. */
static const struct wait_kind login_kind = {login_run, login_done, login_free, false};

static struct login *login_make(const struct ask *ask, const char *name, struct octets secret)
{
    struct login *login = mem_new(sizeof *login);
    const struct account *account = accounts_find(ask->gateway->accounts, name);
    const struct visit *before = ask_visit(ask);
    secret = password_fold(secret, ask->region);
    login->name = mem_text(name);
    login->secret = mem_new(secret.length + 1);
    memcpy(login->secret, secret.at, secret.length);
    login->secret_length = secret.length;
    login->password.cost = scrypt_cost_usual;
    if (account != NULL && account->password.set_at != 0)
        login->password = account->password;
    login->before = before == NULL ? 0 : before->number;
    login->from = guard_mark(ask->peer, octets_text(name), secret);
    login->to = mark_of_name(name, login->from.network, secret);
    return login;
}

/* A form of a page of ours: others' pages can have a browser post one as well, and so log somebody in as somebody else. */
static bool is_welcome(struct ask *ask)
{
    if (!media_is(ask_header(ask, "Content-Type"), "application/x-www-form-urlencoded"))
        answer_login(ask, 415, "This page takes what its form sends, and nothing else.");
    else if (!ask_is_ours(ask))
        answer_login(ask, 403, "This came from a page of another site. Log in here.");
    else
        return true;
    log_info("console login refused why=%s peer=%s", ask->answer.status == 415 ? "no_form" : "other_origin", ask->peer);
    return false;
}

void login_post(struct ask *ask)
{
    struct form form = {.count = 0};
    ask->refuse = login_refuse;
    if (!is_welcome(ask))
        return;
    form_read(&form, ask->body, ask->region);
    const char *name = form_text(&form, "name", ask->region), *secret = form_text(&form, "password", ask->region);
    if (name == NULL || secret == NULL || *name == '\0' || *secret == '\0' || strlen(name) > NAME_MOST ||
        strlen(secret) > PASSWORD_MOST) {
        answer_wrong(ask); /* as nobody's can be */
        return;
    }
    struct login *login = login_make(ask, name, octets_text(secret));
    if (is_shut_out(ask, login))
        login_free(login);
    else
        wait_begin(ask, &login_kind, login);
}

/* ---- POST /logout ---- */

/* The token stands in a header where a script asks, in a field where a form does. */
void logout_post(struct ask *ask)
{
    struct form form = {.count = 0};
    struct visit *visit = ask_visit(ask);
    form_read(&form, ask->body, ask->region);
    const char *field = form_text(&form, "csrf", ask->region);
    const char *token = ask->claims.csrf != NULL ? ask->claims.csrf : field == NULL ? "" : field;
    if (visit != NULL && !visit_knows(visit, token)) {
        answer_problem(ask, VERDICT_CSRF, "X-CSRF-Token is missing, or is another session's");
        return;
    }
    answer_redirect(ask, "/login");
    if (visit == NULL)
        return; /* the page of another site, maybe: its visitor's cookie stays */
    log_info("console logout account=%s peer=%s", visit->account, ask->peer);
    audit_note_visit(ask, visit->account, "POST /logout");
    visits_end(http_visits(ask->http), visit);
    answer_cookie(ask, region_format(ask->region, OUR_COOKIE "; Max-Age=0", "", http_is_secure(ask->http) ? "; Secure" : ""));
}

/* ---- GET /v1/session ---- */

static json_t *session_json(struct ask *ask, const struct visit *visit, const struct account *account)
{
    int64_t now_ms = clock_mono_ms();
    json_t *programs = json_array();
    for (size_t i = 0; i < account->programs.count; i++)
        json_array_append_new(programs, json_words(ask, account->programs.at[i]));
    return json_pack("{s:o,s:o,s:o,s:s,s:o,s:o}", "account", json_words(ask, account->name), "roles",
                     account_roles_json(account), "programs", programs, "csrf", visit->token, "ends_at",
                     json_time(ask->now_ms + visit_left_ms(visit, now_ms)), "idle_ends_at",
                     json_time(ask->now_ms + visit_idle_left_ms(visit, now_ms)));
}

/* To be looked at lengthens it not: a page that is left open asks for ever. */
void session_get(struct ask *ask)
{
    const struct visit *visit = ask_is_ours(ask) ? ask_visit(ask) : NULL;
    if (visit != NULL) {
        answer_json(ask, 200, session_json(ask, visit, accounts_find(ask->gateway->accounts, visit->account)));
        return;
    }
    answer_problem(ask, VERDICT_UNAUTHORIZED, "there is no session, or its time is up: log in at /login");
    ask->answer.header = "WWW-Authenticate";
    ask->answer.value = "Bearer";
}
