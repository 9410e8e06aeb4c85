#include "consent/account.h"

#include <stdlib.h>

#include "account_parts.h"
#include "base/must.h"
#include "base/network.h"
#include "base/region.h"
#include "consent/keyword.h"
#include "consent/spoken.h"
#include "store/store.h"

#define ROWS_FIRST 256 /* the room for a list of the database, until it turns out to be longer */

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
    free(account->keys);
    free(account->quota_timezone);
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
    account->config = config;
    account->throughput = config->throughput;
    account->quota = config->quota;
    account->quota_timezone = mem_text(config->quota_timezone);
    account_keys_from_config(account, config);
    for (size_t i = 0; i < config->programs.count; i++)
        list_put(&account->programs, config->programs.at[i]);
    words_from_config(account, &config->inbound_words);
}

/* All but its name and its keys. */
static void terms_from_row(struct account *account, const struct account_row *row)
{
    char word[256];
    account_roles_read(row->roles, &account->roles, word);
    account->created_at = row->created_at;
    account->revoked_at = row->revoked_at;
    account->throughput = (double)row->throughput;
    account->quota = row->quota;
    account->quota_timezone = mem_text(row->quota_timezone);
    for (const char *list = row->programs; next_word(&list, word, sizeof word);)
        list_put(&account->programs, word);
}

static void from_row(struct account *account, const struct account_row *row)
{
    account->name = mem_text(row->name);
    terms_from_row(account, row);
}

static void list_free(struct account *at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        account_wipe(&at[i]);
    free(at);
}

/* All of them, however many: a list that fills its room is read again with more. NULL: it can't be read. */
static struct account_row *kept_rows(struct store *store, struct region *region, size_t *count)
{
    for (size_t room = ROWS_FIRST;; room *= 4) {
        struct account_row *rows = region_get(region, room * sizeof *rows);
        if (store_account_list(store, region, rows, room, count) == STORE_FAILED)
            return NULL;
        if (*count < room)
            return rows;
    }
}

static struct account_key_row *key_rows(struct store *store, struct region *region, size_t *count)
{
    for (size_t room = ROWS_FIRST;; room *= 4) {
        struct account_key_row *rows = region_get(region, room * sizeof *rows);
        if (store_account_key_list(store, region, rows, room, count) == STORE_FAILED)
            return NULL;
        if (*count < room)
            return rows;
    }
}

/* As the database has them: a name that the config has too is the config's. */
static bool read_kept(struct accounts *accounts, struct region *region)
{
    size_t count;
    const struct account_row *rows = kept_rows(accounts->store, region, &count);
    if (rows == NULL)
        return false;
    accounts->at = mem_grow(accounts->at, (accounts->count + count + 1) * sizeof *accounts->at);
    for (size_t i = 0; i < count; i++) {
        if (config_account_find(accounts->config, rows[i].name) != NULL)
            continue;
        accounts->at[accounts->count] = (struct account){0};
        from_row(&accounts->at[accounts->count++], &rows[i]);
    }
    return true;
}

/* Both lists are by name. */
static bool read_keys(struct accounts *accounts, struct region *region)
{
    size_t count, k = 0;
    const struct account_key_row *rows = key_rows(accounts->store, region, &count);
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < accounts->count; i++) {
        struct account *account = &accounts->at[i];
        if (account->config != NULL)
            continue;
        while (k < count && strcmp(rows[k].account, account->name) < 0)
            k++;
        for (; k < count && strcmp(rows[k].account, account->name) == 0; k++)
            account_keys_from_row(account, &rows[k]);
    }
    return true;
}

static const struct account *account_in(const struct account *at, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(at[i].name, name) == 0)
            return &at[i];
    return NULL;
}

static bool read_all(struct accounts *accounts, const struct account *before, size_t before_count)
{
    const struct config *config = accounts->config;
    accounts->at = mem_new((config->account_count + 1) * sizeof *accounts->at);
    accounts->count = 0;
    for (size_t i = 0; i < config->account_count; i++)
        from_config(&accounts->at[accounts->count++], &config->accounts[i]);
    struct region *region = region_new();
    bool is_read = read_kept(accounts, region) && read_keys(accounts, region) && account_passwords_read(accounts, region);
    region_free(region);
    for (size_t i = 0; is_read && i < accounts->count; i++)
        is_read = account_uses_read(accounts, &accounts->at[i],
                                    account_in(before, before_count, accounts->at[i].name));
    return is_read;
}

bool accounts_reload(struct accounts *accounts)
{
    struct account *before = accounts->at;
    size_t before_count = accounts->count;
    if (!read_all(accounts, before, before_count)) {
        list_free(accounts->at, accounts->count);
        accounts->at = before;
        accounts->count = before_count;
        return false;
    }
    list_free(before, before_count);
    accounts->has_words = false;
    for (size_t i = 0; i < accounts->count; i++)
        accounts->has_words = accounts->has_words || accounts->at[i].words.count > 0;
    return true;
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

struct accounts *accounts_open(struct loop *loop, const struct config *config, struct store *store)
{
    struct accounts *accounts = mem_new(sizeof *accounts);
    accounts->loop = loop;
    accounts->config = config;
    accounts->store = store;
    if (accounts_reload(accounts))
        return accounts;
    accounts_close(accounts);
    return NULL;
}

void accounts_close(struct accounts *accounts)
{
    if (accounts == NULL)
        return;
    timer_clear(accounts->loop, &accounts->use_timer);
    list_free(accounts->at, accounts->count);
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
    const struct config_digest *old = found == NULL ? &nobody : &found->config->password_old;
    bool is_right = config_digest_matches(wanted, password);
    return config_digest_matches(old, password) || is_right ? found : NULL;
}

bool account_login_stands(const struct account *account, const char *system_id,
                          struct config_digest password)
{
    const struct config_account *config = account->config;
    return config != NULL && strcmp(config->system_id, system_id) == 0 &&
           (memcmp(&config->password, &password, sizeof password) == 0 ||
            memcmp(&config->password_old, &password, sizeof password) == 0);
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

bool account_may_come_from(const struct account *account, const char *address)
{
    struct network network;
    if (account->config == NULL)
        return true;
    const struct config_list *list = &account->config->addresses;
    for (size_t i = 0; i < list->count; i++)
        if (network_read(list->at[i], &network) && network_has(&network, address))
            return true;
    return list->count == 0;
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

struct account *accounts_kept(struct accounts *accounts, const char *name)
{
    for (size_t i = 0; i < accounts->count; i++) {
        struct account *account = &accounts->at[i];
        if (strcmp(account->name, name) == 0 && account->config == NULL && account->revoked_at == 0)
            return account;
    }
    return NULL;
}

struct account_terms account_terms_of(const struct account *account, struct region *region)
{
    const char *programs = "";
    for (size_t i = 0; i < account->programs.count; i++)
        programs = region_format(region, "%s%s%s", programs, i == 0 ? "" : ",", account->programs.at[i]);
    return (struct account_terms){.roles = account->roles,
                                  .programs = programs,
                                  .throughput = (int64_t)account->throughput,
                                  .quota = account->quota,
                                  .quota_timezone = account->quota_timezone};
}

#define ROLE_WORDS_SIZE 64

static void roles_write(unsigned roles, char out[ROLE_WORDS_SIZE])
{
    out[0] = '\0';
    for (size_t i = 0; i < ROLES; i++)
        if ((roles & (unsigned)roles_table[i].role) != 0) {
            strcat(out, out[0] == '\0' ? "" : ",");
            strcat(out, roles_table[i].word);
        }
}

static struct account_row row_of(const char *name, const struct account_terms *terms, int64_t created_at,
                                 char roles[ROLE_WORDS_SIZE])
{
    roles_write(terms->roles, roles);
    return (struct account_row){.name = name,
                                .roles = roles,
                                .programs = terms->programs,
                                .created_at = created_at,
                                .throughput = terms->throughput,
                                .quota = terms->quota,
                                .quota_timezone = terms->quota_timezone};
}

bool accounts_add(struct accounts *accounts, const char *name, const struct account_terms *terms,
                  int64_t now_ms, char key[ACCOUNT_KEY_SIZE])
{
    char roles[ROLE_WORDS_SIZE];
    if (account_in(accounts->at, accounts->count, name) != NULL)
        return false;
    struct account_row row = row_of(name, terms, now_ms, roles);
    store_account_put(accounts->store, &row);
    store_password_drop(accounts->store, name); /* of one that the config had */
    accounts->at = mem_grow(accounts->at, (accounts->count + 1) * sizeof *accounts->at);
    struct account *added = &accounts->at[accounts->count++];
    *added = (struct account){0};
    from_row(added, &row);
    account_key_make(accounts, added, now_ms, key);
    return true;
}

bool accounts_set(struct accounts *accounts, const char *name, const struct account_terms *terms)
{
    char roles[ROLE_WORDS_SIZE];
    struct account *account = accounts_kept(accounts, name);
    if (account == NULL)
        return false;
    struct account_row row = row_of(account->name, terms, account->created_at, roles);
    store_account_put(accounts->store, &row);
    struct account old = *account;
    account->programs = (struct config_list){0};
    terms_from_row(account, &row);
    list_wipe(&old.programs); /* the terms may have been made of them */
    free(old.quota_timezone);
    return true;
}

bool accounts_revoke(struct accounts *accounts, const char *name, int64_t now_ms)
{
    struct account *account = accounts_kept(accounts, name);
    if (account == NULL)
        return false;
    accounts_drop_password(accounts, name);
    account->revoked_at = now_ms;
    store_account_revoke(accounts->store, name, now_ms);
    return true;
}
