/* Accounts: those of the config are shown, those of the database are made and revoked. */
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/program.h"
#include "http_parts.h"

#define NAME_LIMIT 64
#define LIST_LIMIT 200

static json_t *roles_json(const struct account *account)
{
    json_t *list = json_array();
    for (unsigned role = CONFIG_ROLE_SENDER; role <= CONFIG_ROLE_ADMIN; role <<= 1)
        if ((account->roles & role) != 0)
            json_array_append_new(list, json_string(account_role_word((enum config_role)role)));
    return list;
}

static json_t *account_json(struct ask *ask, const struct account *account)
{
    json_t *programs = json_array();
    for (size_t i = 0; i < account->programs.count; i++)
        json_array_append_new(programs, json_words(ask, account->programs.at[i]));
    return json_pack("{s:o,s:o,s:o,s:s,s:o,s:o}", "name", json_words(ask, account->name), "roles",
                     roles_json(account), "programs", programs, "source",
                     account->config == NULL ? "database" : "config", "created_at",
                     json_time(account->created_at), "revoked_at", json_time(account->revoked_at));
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

void account_post(struct ask *ask)
{
    const char *name = "";
    const json_t *role_list = NULL, *program_list = NULL;
    const char *programs;
    char key[ACCOUNT_KEY_SIZE];
    unsigned roles;
    const struct member members[] = {
        {"name", MEMBER_TEXT, true, NAME_LIMIT, &name},
        {"roles", MEMBER_LIST, true, 16, &role_list},
        {"programs", MEMBER_LIST, false, LIST_LIMIT, &program_list},
    };
    if (!ask_members(ask, members, sizeof members / sizeof *members) || !name_check(ask, name) ||
        !roles_check(ask, role_list, &roles) || !programs_check(ask, program_list, &programs))
        return;
    char *by = region_text(ask->region, octets_text(ask->account->name));
    bool is_added = accounts_add(ask->gateway->accounts, name, roles, programs, ask->now_ms, key);
    ask->account = accounts_find(ask->gateway->accounts, by); /* adding may have moved it */
    if (!is_added) {
        answer_problem(ask, VERDICT_CONFLICT, "name: an account %s exists, or did before", name);
        return;
    }
    log_info("account added name=%s by=%s", name, by);
    answer_json(ask, 201, json_pack("{s:s,s:s}", "name", name, "key", key));
}

/* ---- POST /v1/accounts/{name}/revoke ---- */

void account_revoke_post(struct ask *ask)
{
    const struct account *account = accounts_find(ask->gateway->accounts, ask->segment);
    if (ask->json != NULL && !ask_members(ask, NULL, 0))
        return;
    if (account == NULL) {
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no account of that name with a valid key");
        return;
    }
    if (account->config != NULL) {
        answer_problem(ask, VERDICT_INVALID_FIELD,
                       "account %s stands in the config: take its section out of the file",
                       account->name);
        return;
    }
    must(accounts_revoke(ask->gateway->accounts, ask->segment, ask->now_ms));
    log_info("account revoked name=%s by=%s", account->name, ask->account->name);
    answer_json(ask, 200, json_pack("{s:s,s:b}", "name", account->name, "revoked", 1));
}
