/* Accounts: those of the config are shown, those of the database are made and revoked. */
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "base/zone.h"
#include "consent/program.h"
#include "http_parts.h"
#include "outbound/accept.h"

json_t *account_roles_json(const struct account *account)
{
    json_t *list = json_array();
    for (unsigned role = CONFIG_ROLE_SENDER; role <= CONFIG_ROLE_ADMIN; role <<= 1)
        if ((account->roles & role) != 0)
            json_array_append_new(list, json_string(account_role_word((enum config_role)role)));
    return list;
}

static json_t *key_json(const struct ask *ask, const struct account *account, const struct account_key *key)
{
    return json_pack("{s:s,s:b,s:o,s:o,s:o}", "id", key->id, "valid",
                     account->revoked_at == 0 && account_key_is_valid(key, ask->now_ms), "created_at", json_time(key->created_at),
                     "ends_at", json_time(key->ends_at), "last_used_at", json_time(key->used_at));
}

static json_t *keys_json(const struct ask *ask, const struct account *account)
{
    json_t *list = json_array();
    for (size_t i = 0; i < account->key_count; i++)
        json_array_append_new(list, key_json(ask, account, &account->keys[i]));
    return list;
}

static int64_t last_use(const struct account *account)
{
    int64_t at = 0;
    for (size_t i = 0; i < account->key_count; i++)
        at = account->keys[i].used_at > at ? account->keys[i].used_at : at;
    return at;
}

static json_t *account_json(struct ask *ask, const struct account *account)
{
    json_t *programs = json_array();
    for (size_t i = 0; i < account->programs.count; i++)
        json_array_append_new(programs, json_words(ask, account->programs.at[i]));
    int64_t used = account->quota == 0
                       ? 0
                       : accept_used_today(ask->gateway->accept, account, ask->now_ms);
    return json_pack("{s:o,s:o,s:o,s:s,s:f,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "name", json_words(ask, account->name), "roles",
                     account_roles_json(account), "programs", programs, "source",
                     account->config == NULL ? "database" : "config", "throughput",
                     account->throughput, "quota", (json_int_t)account->quota, "quota_timezone",
                     json_words(ask, account->quota_timezone), "used_today",
                     account->quota == 0 || used < 0 ? json_null() : json_integer(used), "created_at",
                     json_time(account->created_at), "revoked_at", json_time(account->revoked_at),
                     "last_used_at", json_time(last_use(account)), "keys", keys_json(ask, account),
                     "password_set_at", json_time(account->password.set_at));
}

/* The place of an account in the list is its cursor: none is ever taken out. */
void account_list(struct ask *ask)
{
    struct page page;
    const struct accounts *accounts = ask->gateway->accounts;
    if (!page_begin(ask, &page))
        return;
    size_t count = accounts_count(accounts);
    page.is_at_end = true;
    for (size_t i = (size_t)page.after; i < count && page_takes(&page, (int64_t)i + 1); i++)
        json_array_append_new(page.items, account_json(ask, accounts_at(accounts, i)));
    page_answer(ask, &page);
}

/* ---- POST /v1/accounts ---- */

/* Names are parts of paths and of log lines. */
static bool name_check(struct ask *ask, const char *name)
{
    size_t length = strlen(name);
    size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    if (length > 0 && good == length)
        return true;
    answer_problem(ask, VERDICT_INVALID_FIELD,
                   "name: must be made of letters, digits, '.', '_' and '-'");
    return false;
}

/* The words of a list, parted by commas. A word with a comma or a blank would be two. */
static bool words_join(struct ask *ask, const char *field, const json_t *list, const char **out)
{
    *out = "";
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        if (word[0] == '\0' || strpbrk(word, ", ") != NULL) {
            answer_problem(ask, VERDICT_INVALID_FIELD,
                           "%s: item %zu is empty, or has a comma or a "
                           "blank in it",
                           field, i + 1);
            return false;
        }
        *out = region_format(ask->region, "%s%s%s", *out, i == 0 ? "" : ",", word);
    }
    return true;
}

static bool roles_check(struct ask *ask, const json_t *list, unsigned *roles)
{
    const char *words;
    char bad[32];
    if (!words_join(ask, "roles", list, &words))
        return false;
    if (!account_roles_read(words, roles, bad))
        answer_problem(ask, VERDICT_INVALID_FIELD,
                       "roles: \"%s\" is none; there are sender, consent, compliance and admin",
                       bad);
    else if (*roles == 0)
        answer_problem(ask, VERDICT_INVALID_FIELD,
                       "roles: one at least of sender, consent, compliance and admin");
    else
        return true;
    return false;
}

static bool programs_check(struct ask *ask, const json_t *list, const char **programs)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (programs_find(ask->gateway->programs, name) == NULL) {
            answer_problem(ask, VERDICT_UNKNOWN_PROGRAM, "programs: there is none named \"%.60s\"",
                           name);
            return false;
        }
    }
    return words_join(ask, "programs", list, programs);
}

/* What a body may say of an account; what it leaves out is left as it is. */
struct wish {
    const json_t *roles, *programs;
    struct account_terms terms;
};

static bool zone_check(struct ask *ask, const char *name)
{
    struct zones *zones = zones_open();
    bool is_there = strcmp(name, "UTC") == 0 || zones_find(zones, name) != NULL;
    zones_close(zones);
    if (!is_there)
        answer_problem(ask, VERDICT_INVALID_FIELD,
                       "quota_timezone: there is no time zone \"%.60s\" (UTC, or an IANA name)", name);
    return is_there;
}

static bool wish_check(struct ask *ask, struct wish *wish)
{
    return (wish->roles == NULL || roles_check(ask, wish->roles, &wish->terms.roles)) &&
           (wish->programs == NULL || programs_check(ask, wish->programs, &wish->terms.programs)) &&
           zone_check(ask, wish->terms.quota_timezone);
}

static void log_terms(const struct ask *ask, const char *what, const char *name, const char *by)
{
    const struct account *account = accounts_find(ask->gateway->accounts, name);
    struct account_terms terms = account_terms_of(account, ask->region);
    log_info("account %s name=%s roles=%X programs=%s throughput=%lld quota=%lld by=%s", what, name,
             terms.roles, terms.programs, (long long)terms.throughput, (long long)terms.quota, by);
}

void account_post(struct ask *ask)
{
    const char *name = "";
    char key[ACCOUNT_KEY_SIZE];
    struct wish wish = {.terms = {.programs = "", .quota_timezone = "UTC"}};
    const struct into places[] = {{"name", &name},
                                  {"roles", &wish.roles},
                                  {"programs", &wish.programs},
                                  {"throughput", &wish.terms.throughput},
                                  {"quota", &wish.terms.quota},
                                  {"quota_timezone", &wish.terms.quota_timezone}};
    if (!ask_fields(ask, API_ACCOUNT, places, sizeof places / sizeof *places) || !name_check(ask, name) ||
        !wish_check(ask, &wish))
        return;
    char *by = region_text(ask->region, octets_text(ask->account->name));
    bool is_added = accounts_add(ask->gateway->accounts, name, &wish.terms, ask->now_ms, key);
    ask->account = accounts_find(ask->gateway->accounts, by); /* adding may have moved it */
    if (!is_added) {
        answer_problem(ask, VERDICT_CONFLICT, "name: an account %s exists, or did before", name);
        return;
    }
    log_terms(ask, "added", name, by);
    const struct account *added = accounts_find(ask->gateway->accounts, name);
    answer_json(ask, 201, json_pack("{s:s,s:s,s:s}", "name", name, "key", key, "key_id", added->keys[0].id));
}

/* ---- one of the database ---- */

/* NULL: answered. A revoked one is found as well: it was there. */
static const struct account *kept_find(struct ask *ask)
{
    const struct accounts *accounts = ask->gateway->accounts;
    for (size_t i = 0; i < accounts_count(accounts); i++) {
        const struct account *account = accounts_at(accounts, i);
        if (strcmp(account->name, ask->segment) != 0)
            continue;
        if (account->config == NULL)
            return account;
        answer_problem(ask, VERDICT_INVALID_FIELD,
                       "account %s stands in the config: change its section in the file, and reload it",
                       account->name);
        return NULL;
    }
    answer_problem(ask, VERDICT_NOT_FOUND, "there is no account of that name");
    return NULL;
}

/* The same, and not revoked. */
static const struct account *kept_get(struct ask *ask)
{
    const struct account *account = kept_find(ask);
    if (account == NULL || account->revoked_at == 0)
        return account;
    answer_problem(ask, VERDICT_CONFLICT, "account %s is revoked, for good", account->name);
    return NULL;
}

/* ---- POST /v1/accounts/{name}/set ---- */

void account_set_post(struct ask *ask)
{
    const struct account *account = kept_get(ask);
    if (account == NULL)
        return;
    struct wish wish = {.terms = account_terms_of(account, ask->region)};
    const struct into places[] = {{"roles", &wish.roles},
                                  {"programs", &wish.programs},
                                  {"throughput", &wish.terms.throughput},
                                  {"quota", &wish.terms.quota},
                                  {"quota_timezone", &wish.terms.quota_timezone}};
    if (!ask_fields(ask, API_ACCOUNT_CHANGE, places, sizeof places / sizeof *places) || !wish_check(ask, &wish))
        return;
    must(accounts_set(ask->gateway->accounts, account->name, &wish.terms));
    log_terms(ask, "set", account->name, ask->account->name);
    answer_json(ask, 200, account_json(ask, account));
}

/* ---- POST /v1/accounts/{name}/rotate ---- */

#define OVERLAP_DEFAULT_S 86400

static json_t *ended_keys(const struct ask *ask, const struct account *account)
{
    json_t *list = json_array();
    for (size_t i = 0; i < account->key_count; i++)
        if (account->keys[i].ends_at != 0)
            json_array_append_new(list, key_json(ask, account, &account->keys[i]));
    return list;
}

void account_rotate_post(struct ask *ask)
{
    char key[ACCOUNT_KEY_SIZE];
    int64_t overlap_s = OVERLAP_DEFAULT_S;
    const struct into places[] = {{"overlap_seconds", &overlap_s}};
    if (ask->json != NULL && !ask_fields(ask, API_ROTATION, places, 1))
        return;
    const struct account *account = kept_get(ask);
    if (account == NULL)
        return;
    if (!accounts_rotate(ask->gateway->accounts, account->name, overlap_s * 1000, ask->now_ms, key)) {
        answer_problem(ask, VERDICT_CONFLICT,
                       "account %s has %d valid keys: revoke one first, or rotate with an overlap of 0",
                       account->name, ACCOUNT_KEYS_MOST);
        return;
    }
    const char *id = account->keys[account->key_count - 1].id;
    log_info("account key rotated name=%s key=%s overlap_s=%lld by=%s", account->name, id,
             (long long)overlap_s, ask->account->name);
    answer_json(ask, 201, json_pack("{s:s,s:s,s:s,s:o}", "name", account->name, "key", key, "key_id", id,
                                    "ending", ended_keys(ask, account)));
}

/* ---- POST /v1/accounts/{name}/revoke ---- */

static void revoke_key(struct ask *ask, const struct account *account, const char *id)
{
    if (!accounts_revoke_key(ask->gateway->accounts, account->name, id, ask->now_ms)) {
        answer_problem(ask, VERDICT_NOT_FOUND, "account %s has no key \"%.20s\"", account->name, id);
        return;
    }
    log_info("account key revoked name=%s key=%s by=%s", account->name, id, ask->account->name);
    answer_json(ask, 200, json_pack("{s:s,s:s,s:b}", "name", account->name, "key_id", id, "revoked", 1));
}

/* Again, it changes nothing and is answered alike. */
void account_revoke_post(struct ask *ask)
{
    const char *id = NULL; /* "" is none that it has, and must not mean all of them */
    const struct into places[] = {{"key_id", &id}};
    if (ask->json != NULL && !ask_fields(ask, API_REVOKING, places, 1))
        return;
    const struct account *account = id == NULL ? kept_find(ask) : kept_get(ask);
    if (account == NULL)
        return;
    if (id != NULL) {
        revoke_key(ask, account, id);
        return;
    }
    if (accounts_revoke(ask->gateway->accounts, ask->segment, ask->now_ms))
        log_info("account revoked name=%s by=%s", account->name, ask->account->name);
    answer_json(ask, 200, json_pack("{s:s,s:b}", "name", account->name, "revoked", 1));
}
