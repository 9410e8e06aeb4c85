/* PUT and DELETE /v1/accounts/{account}/password: what an account logs in to the console with. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "http_visit.h"
#include "http_wait.h"

/* A password that becomes an account's once scrypt has made what is kept of it. */
struct setting {
    char *name;
    uint8_t *secret; /* folded; wiped */
    size_t secret_length;
    struct password password;
    bool is_made;
};

static void setting_free(void *owner)
{
    struct setting *setting = owner;
    explicit_bzero(setting->secret, setting->secret_length);
    free(setting->secret);
    free(setting->name);
    free(setting);
}

static void answer_password(struct ask *ask, const char *name, int64_t set_at)
{
    answer_json(ask, 200, json_pack("{s:o,s:o}", "name", json_words(ask, name), "password_set_at", json_time(set_at)));
}

/* NULL: answered. */
static const struct account *account_of_path(struct ask *ask)
{
    const struct account *account = accounts_find(ask->gateway->accounts, ask->segment);
    if (account == NULL)
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no account of that name, or it is revoked");
    return account;
}

/* ---- PUT ---- */

static void setting_run(void *owner)
{
    struct setting *setting = owner;
    setting->is_made =
        password_make(&setting->password, octets_of(setting->secret, setting->secret_length), setting->password.hash);
}

static void setting_done(struct ask *ask, void *owner)
{
    const struct setting *setting = owner;
    if (ask->account == NULL || !account_has_role(ask->account, CONFIG_ROLE_ADMIN)) {
        answer_problem(ask, VERDICT_ROLE_REQUIRED, "the account that asked has been revoked, or lost the role admin");
    } else if (!setting->is_made) {
        answer_problem(ask, VERDICT_UNAVAILABLE, "there is no memory for scrypt now: try again in a moment");
    } else if (!accounts_set_password(ask->gateway->accounts, setting->name, &setting->password)) {
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no account of that name, or it is revoked");
    } else {
        visits_end_of(http_visits(ask->http), setting->name);
        log_info("account password set name=%s by=%s", setting->name, ask->account->name);
        answer_password(ask, setting->name, setting->password.set_at);
    }
}

static const struct wait_kind setting_kind = {setting_run, setting_done, setting_free, true};

static struct setting *setting_make(const struct ask *ask, const char *name, struct octets secret)
{
    struct setting *setting = mem_new(sizeof *setting);
    secret = password_fold(secret, ask->region);
    setting->name = mem_text(name);
    setting->secret = mem_new(secret.length + 1);
    memcpy(setting->secret, secret.at, secret.length);
    setting->secret_length = secret.length;
    password_begin(&setting->password, ask->now_ms);
    return setting;
}

void account_password_put(struct ask *ask)
{
    const char *secret = "";
    const struct into places[] = {{"password", &secret}};
    const struct account *account = account_of_path(ask);
    if (account == NULL || !ask_fields(ask, API_PASSWORD, places, 1))
        return;
    const char *fault = password_fault(octets_text(secret));
    if (fault != NULL)
        answer_problem(ask, VERDICT_INVALID_FIELD, "password: %s", fault);
    else if (!visit_is_for(account))
        answer_problem(ask, VERDICT_CONFLICT,
                       "account %s has neither the role compliance nor admin: it can't come to the console", account->name);
    else
        wait_begin(ask, &setting_kind, setting_make(ask, account->name, octets_text(secret)));
}

/* ---- DELETE ---- */

/* Again, it changes nothing and is answered alike. */
void account_password_delete(struct ask *ask)
{
    const struct account *account = account_of_path(ask);
    if (account == NULL)
        return;
    if (account->password.set_at != 0) {
        must(accounts_drop_password(ask->gateway->accounts, account->name));
        log_info("account password removed name=%s by=%s", account->name, ask->account->name);
    }
    visits_end_of(http_visits(ask->http), account->name);
    answer_password(ask, account->name, 0);
}
