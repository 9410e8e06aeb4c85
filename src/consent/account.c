#include "consent/account.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/keyword.h"
#include "consent/spoken.h"
#include "store/store.h"

#define KEPT_LIMIT 10000

struct accounts {
    const struct config *config;
    struct store *store;
    struct account *at;
    size_t count;
    bool has_words; /* some account names words */
};

static const struct {
    enum config_role role;
    const char *word;
} roles_table[] = {{CONFIG_ROLE_SENDER, "sender"},
                   {CONFIG_ROLE_CONSENT, "consent"},
                   {CONFIG_ROLE_COMPLIANCE, "compliance"},
                   {CONFIG_ROLE_ADMIN, "admin"}};
#define ROLES (sizeof roles_table / sizeof *roles_table)

const char *account_role_word(enum config_role role)
{
    for (size_t i = 0; i < ROLES; i++)
        if (roles_table[i].role == role)
            return roles_table[i].word;
    return "?";
}

/* Calls for each word of a list parted by commas, blanks around them taken off. */
static bool next_word(const char **list, char *out, size_t size)
{
    *list += strspn(*list, ", ");
    size_t length = strcspn(*list, ", ");
    if (length == 0)
        return false;
    octets_copy_text(octets_of(*list, length < size ? length : size - 1), out, size);
    *list += length;
    return true;
}

bool account_roles_read(const char *words, unsigned *roles, char bad[32])
{
    *roles = 0;
    while (next_word(&words, bad, 32)) {
        size_t i = 0;
        while (i < ROLES && strcmp(roles_table[i].word, bad) != 0)
            i++;
        if (i == ROLES)
            return false;
        *roles |= (unsigned)roles_table[i].role;
    }
    return true;
}

/* ---- reading them ---- */

static void list_put(struct config_list *list, const char *text)
{
    list->at = mem_grow(list->at, (list->count + 1) * sizeof *list->at);
    list->at[list->count++] = mem_text(text);
}

static void list_wipe(struct config_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->at[i]);
    free(list->at);
}

static void account_wipe(struct account *account)
{
    list_wipe(&account->programs);
    list_wipe(&account->words);
    free(account->name);
}

static void words_from_config(struct account *account, const struct config_list *words)
{
    char folded[SPOKEN_SIZE];
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->at[i], "*") == 0)
            account->hears_every_word = true;
        else if (spoken_first(octets_text(words->at[i]), folded))
            list_put(&account->words, folded);
}

static void from_config(struct account *account, const struct config_account *config)
{
    account->name = mem_text(config->name);
    account->roles = config->roles;
    account->key = config->api_key;
    account->config = config;
    for (size_t i = 0; i < config->programs.count; i++)
        list_put(&account->programs, config->programs.at[i]);
    words_from_config(account, &config->inbound_words);
}

static void from_row(struct account *account, const struct account_row *row)
{
    char word[256];
    account->name = mem_text(row->name);
    account_roles_read(row->roles, &account->roles, word);
    account->key.is_set = true;
    memcpy(account->key.octets, row->key_hash, sizeof account->key.octets);
    account->created_at = row->created_at;
    account->revoked_at = row->revoked_at;
    for (const char *list = row->programs; next_word(&list, word, sizeof word);)
        list_put(&account->programs, word);
}

static void accounts_wipe(struct accounts *accounts)
{
    for (size_t i = 0; i < accounts->count; i++)
        account_wipe(&accounts->at[i]);
    free(accounts->at);
    accounts->at = NULL;
    accounts->count = 0;
}

bool accounts_reload(struct accounts *accounts)
{
    size_t kept = 0;
    struct region *region = region_new();
    struct account_row *rows = region_get(region, KEPT_LIMIT * sizeof *rows);
    bool is_read = store_account_list(accounts->store, region, rows, KEPT_LIMIT, &kept) != STORE_FAILED;
    if (is_read) {
        const struct config *config = accounts->config;
        accounts_wipe(accounts);
        accounts->at = mem_new((config->account_count + kept + 1) * sizeof *accounts->at);
        for (size_t i = 0; i < config->account_count; i++)
            from_config(&accounts->at[accounts->count++], &config->accounts[i]);
        accounts->has_words = false;
        for (size_t i = 0; i < accounts->count; i++)
            accounts->has_words = accounts->has_words || accounts->at[i].words.count > 0;
        for (size_t i = 0; i < kept; i++)
            if (config_account_find(config, rows[i].name) == NULL)
                from_row(&accounts->at[accounts->count++], &rows[i]);
    }
    region_free(region);
    return is_read;
}

bool accounts_reconfigure(struct accounts *accounts, const struct config *config)
{
    const struct config *old = accounts->config;
    accounts->config = config;
    if (accounts_reload(accounts))
        return true;
    accounts->config = old;
    return false;
}

struct accounts *accounts_open(const struct config *config, struct store *store)
{
    struct accounts *accounts = mem_new(sizeof *accounts);
    accounts->config = config;
    accounts->store = store;
    if (accounts_reload(accounts))
        return accounts;
    free(accounts);
    return NULL;
}

void accounts_close(struct accounts *accounts)
{
    if (accounts == NULL)
        return;
    accounts_wipe(accounts);
    free(accounts);
}

size_t accounts_count(const struct accounts *accounts)
{
    return accounts->count;
}

const struct account *accounts_at(const struct accounts *accounts, size_t i)
{
    must(i < accounts->count);
    return &accounts->at[i];
}

/* ---- who is it? ---- */

const struct account *accounts_find(const struct accounts *accounts, const char *name)
{
    for (size_t i = 0; i < accounts->count; i++)
        if (strcmp(accounts->at[i].name, name) == 0 && accounts->at[i].revoked_at == 0)
            return &accounts->at[i];
    return NULL;
}

/* All are looked at, whichever it is. */
const struct account *accounts_find_key(const struct accounts *accounts, struct octets key)
{
    uint8_t digest[DIGEST_SIZE];
    const struct account *found = NULL;
    digest_sha256(key, digest);
    for (size_t i = 0; i < accounts->count; i++) {
        const struct account *account = &accounts->at[i];
        if (digest_equal(account->key.octets, digest) && account->key.is_set &&
            account->revoked_at == 0)
            found = account;
    }
    return found;
}

const struct account *accounts_find_login(const struct accounts *accounts, struct octets system_id,
                                          struct octets password)
{
    static const struct config_digest nobody = {.is_set = false};
    const struct account *found = NULL;
    for (size_t i = 0; i < accounts->count; i++) {
        const struct config_account *config = accounts->at[i].config;
        if (config != NULL && config->system_id[0] != '\0' &&
            octets_equal(octets_text(config->system_id), system_id))
            found = &accounts->at[i];
    }
    const struct config_digest *wanted = found == NULL ? &nobody : &found->config->password;
    return config_digest_matches(wanted, password) ? found : NULL;
}

/* ---- what may it do? ---- */

bool account_has_role(const struct account *account, enum config_role role)
{
    return (account->roles & (unsigned)role) != 0;
}

bool account_may_use(const struct account *account, const char *program)
{
    return config_list_has(&account->programs, program);
}

static bool hears_sender(const struct account *account, const char *sender, const char *program)
{
    if (account->config != NULL && account->config->inbound.count > 0)
        return config_list_has(&account->config->inbound, sender);
    return program != NULL && account_may_use(account, program);
}

/* Opt-outs, doubts, HELP and START concern everybody who writes to the person. */
static bool concerns_consent(const struct inbound *inbound)
{
    return strcmp(inbound->verdict, keyword_verdict_name(KEYWORD_NONE)) != 0 &&
           strcmp(inbound->verdict, KEYWORD_OWN_WORD) != 0;
}

static bool is_somebodys(const struct accounts *accounts, const char *word, const char *sender,
                         const char *program)
{
    for (size_t i = 0; i < accounts->count; i++)
        if (config_list_has(&accounts->at[i].words, word) &&
            hears_sender(&accounts->at[i], sender, program))
            return true;
    return false;
}

/* What its first part would say isn't known: it begins with nobody's word. */
static bool lacks_beginning(const struct inbound *inbound)
{
    return inbound->state == INBOUND_LATE_PART ||
           (inbound->state != INBOUND_WHOLE && strncmp(inbound->text, INBOUND_GAP, strlen(INBOUND_GAP)) == 0);
}

bool accounts_hears(const struct accounts *accounts, const struct account *account,
                    const struct inbound *inbound, const char *program)
{
    char word[SPOKEN_SIZE];
    if (!hears_sender(account, inbound->sender, program))
        return false;
    if (account->hears_every_word || concerns_consent(inbound))
        return true;
    if (account->words.count == 0 && !accounts->has_words)
        return true; /* nobody parts them: the text need not be read */
    spoken_first(octets_text(lacks_beginning(inbound) ? "" : inbound->text), word);
    return account->words.count > 0 ? config_list_has(&account->words, word)
                                    : !is_somebodys(accounts, word, inbound->sender, program);
}

/* ---- those of the database ---- */

bool accounts_add(struct accounts *accounts, const char *name, unsigned roles, const char *programs,
                  int64_t now_ms, char key[ACCOUNT_KEY_SIZE])
{
    for (size_t i = 0; i < accounts->count; i++)
        if (strcmp(accounts->at[i].name, name) == 0)
            return false;
    uint8_t secret[32];
    char digits[65], words[64] = "";
    random_octets(secret, sizeof secret);
    octets_to_hex(octets_of(secret, sizeof secret), digits);
    snprintf(key, ACCOUNT_KEY_SIZE, "assent_%s", digits);
    for (size_t i = 0; i < ROLES; i++)
        if ((roles & (unsigned)roles_table[i].role) != 0) {
            strcat(words, words[0] == '\0' ? "" : ",");
            strcat(words, roles_table[i].word);
        }
    struct account_row row = {
        .name = name, .roles = words, .programs = programs, .created_at = now_ms};
    digest_sha256(octets_text(key), row.key_hash);
    store_account_put(accounts->store, &row);
    accounts->at = mem_grow(accounts->at, (accounts->count + 1) * sizeof *accounts->at);
    accounts->at[accounts->count] = (struct account){0};
    from_row(&accounts->at[accounts->count++], &row);
    return true;
}

bool accounts_revoke(struct accounts *accounts, const char *name, int64_t now_ms)
{
    for (size_t i = 0; i < accounts->count; i++) {
        struct account *account = &accounts->at[i];
        if (strcmp(account->name, name) != 0 || account->config != NULL || account->revoked_at != 0)
            continue;
        account->revoked_at = now_ms;
        store_account_revoke(accounts->store, name, now_ms);
        return true;
    }
    return false;
}
