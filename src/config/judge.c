#include "config/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/network.h"
#include "base/sign.h"
#include "base/web_address.h"
#include "base/zone.h"
#include "config/habit.h"
#include "config/problem.h"
#include "config/secure.h"
#include "config/tlv.h"
#include "judge_parts.h"

const char *judge_file(const struct judgement *j, const struct entry *entry)
{
    return entry == NULL ? j->section->file : entry->file;
}

int judge_line(const struct judgement *j, const struct entry *entry)
{
    return entry == NULL ? j->section->line : entry->line;
}

/* The next entry of a key behind `last` (NULL: the first), for a walk over a list. */
const struct entry *judge_next(const struct entry_section *section, const char *key,
                               const struct entry *last)
{
    size_t i = last == NULL ? 0 : (size_t)(last - section->at) + 1;
    for (; i < section->count; i++)
        if (strcmp(section->at[i].setting->key, key) == 0 && section->at[i].text != NULL)
            return &section->at[i];
    return NULL;
}

/* SMPP has room for eight characters of a password (3.4, 4.1.1); some take more (F157). */
static void judge_password(const struct judgement *j)
{
    const struct entry *password = entry_find(j->section, "password");
    if (password == NULL || strncmp(password->text, "sha256:", 7) == 0)
        return;
    if (strlen(password->text) > 8)
        complain_at(j, password, true, "%s",
                    "password has more than the 8 octets of SMPP; some systems refuse that");
}

/* ---- TLS */

/* Whether certificate and private_key are both there, or both not. */
static bool judge_pair(const struct judgement *j, const char *certificate, const char *private_key)
{
    bool has_certificate = certificate[0] != '\0', has_key = private_key[0] != '\0';
    if (has_certificate && !has_key)
        complain_of(j, "certificate", false, "%s", "it has a certificate and no private_key");
    if (has_key && !has_certificate)
        complain_of(j, "private_key", false, "%s", "it has a private_key and no certificate");
    return has_certificate == has_key;
}

static void complain_of_file(const struct judgement *j, const char *certificate,
                             const char *private_key, const struct tls_fault *fault)
{
    const char *key = fault->file == certificate   ? "certificate"
                      : fault->file == private_key ? "private_key"
                                                   : "ca_file";
    complain_of(j, key, false, "%s: %s %s", key, fault->file, fault->why);
}

static void judge_networks(const struct judgement *j, const char *key, const struct config_list *list)
{
    struct network network;
    for (size_t i = 0; i < list->count; i++)
        if (!network_read(list->at[i], &network))
            complain_of(j, key, false,
                        "%s: \"%.60s\" is neither an address nor a range such as 192.0.2.0/24", key,
                        list->at[i]);
}

static void judge_listener(const struct judgement *j, const struct config_listener *listener)
{
    struct tls *tls = NULL;
    struct tls_fault fault;
    if (!judge_pair(j, listener->certificate, listener->private_key))
        return;
    if (listener->ca_file != NULL && listener->ca_file[0] != '\0' && listener->certificate[0] == '\0')
        complain_of(j, "ca_file", false, "%s", "ca_file means nothing without a certificate");
    if (!secure_listener(listener, &tls, &fault))
        complain_of_file(j, listener->certificate, listener->private_key, &fault);
    tls_close(tls);
}

static void judge_http(const struct judgement *j, const struct config_listener *http)
{
    judge_networks(j, "trusted_proxies", &http->trusted_proxies);
    judge_listener(j, http);
}

/* Nobody writes these and means plain TCP, over which the password would go (F401). */
static void judge_plain(const struct judgement *j)
{
    static const char *const keys[] = {"ca_file", "certificate", "private_key"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct entry *entry = entry_find(j->section, keys[i]);
        if (entry != NULL && entry->text != NULL && entry->text[0] != '\0')
            complain_at(j, entry, false, "%s means nothing without tls = true", keys[i]);
    }
}

/* What opts out is never tried again (F436). */
static void judge_retries(const struct judgement *j, const struct config_carrier *carrier)
{
    struct habit_retry retry;
    uint32_t status = 0;
    for (size_t i = 0; i < carrier->opt_out_statuses.count; i++)
        if (habit_status_read(carrier->opt_out_statuses.at[i], &status) != NULL &&
            habit_retry_find(&carrier->retry, status, &retry))
            complain_of(j, "retry", false,
                        "retry says what is done with %s, which is one of opt_out_statuses: that is never tried "
                        "again (F436)", carrier->opt_out_statuses.at[i]);
}

/* Each name and each tag once: what comes with a value is meant by one of them. */
static void judge_tlvs(const struct judgement *j, const struct config_carrier *carrier)
{
    char why[SETTING_WHY_SIZE];
    struct tlv_rule rule, other;
    for (size_t i = 0; i < carrier->tlvs.count; i++)
        for (size_t k = 0; k < i; k++)
            if (tlv_rule_read(carrier->tlvs.at[i], &rule, why) &&
                tlv_rule_read(carrier->tlvs.at[k], &other, why) &&
                (strcmp(rule.name, other.name) == 0 || rule.tag == other.tag))
                complain_of(j, "tlvs", false, "tlvs: %s and %s are one name or one tag", other.name, rule.name);
}

/* Nobody could say where in a row of packed septets a carrier begins the next part. */
static void judge_texts(const struct judgement *j, const struct config_carrier *carrier)
{
    if (carrier->data_coding_0 == ZERO_PACKED && carrier->long_messages == STYLE_PAYLOAD)
        complain_of(j, "long_messages", false, "%s",
                    "a carrier that splits a payload can't be given packed septets: data_coding_0 and "
                    "long_messages exclude each other");
}

static void judge_carrier(const struct judgement *j, const struct config_carrier *carrier)
{
    struct tls *tls = NULL;
    struct tls_fault fault;
    judge_retries(j, carrier);
    judge_tlvs(j, carrier);
    judge_texts(j, carrier);
    if (!carrier->tls) {
        judge_plain(j);
        return;
    }
    if (!carrier->verify)
        complain_of(j, "verify", true, "%s",
                    "its certificate is not verified: whoever answers gets the password (F402)");
    if (!judge_pair(j, carrier->certificate, carrier->private_key))
        return;
    if (!secure_carrier(carrier, &tls, &fault))
        complain_of_file(j, carrier->certificate, carrier->private_key, &fault);
    tls_close(tls);
}

static void judge_ledger(const struct judgement *j, const struct config_ledger *ledger)
{
    char why[SIGN_WHY_SIZE];
    if (ledger->signing_key[0] == '\0')
        return;
    struct sign_key *key = sign_open(ledger->signing_key, why);
    if (key == NULL)
        complain_of(j, "signing_key", false, "signing_key: %s %s", ledger->signing_key, why);
    sign_close(key);
}

/* ---- names */

void judge_names(const struct judgement *j, const char *key, const char *what,
                 bool (*exists)(const struct config *, const char *))
{
    const struct entry *entry = NULL;
    while ((entry = judge_next(j->section, key, entry)) != NULL)
        if (!exists(j->config, entry->text))
            complain_at(j, entry, false, "there is no %s \"%s\"", what, entry->text);
}

/* A name that is empty is none: the carrier stands for itself. */
static bool profile_exists(const struct config *config, const char *name)
{
    return name[0] == '\0' || config_profile_find(config, name) != NULL;
}

bool judge_has_program(const struct config *config, const char *name)
{
    return config_program_find(config, name) != NULL;
}

/* An entry is a tier, and may name several. */
void judge_tiers(const struct judgement *j, const struct config_tiers *tiers)
{
    const struct entry *entry = judge_next(j->section, "carriers", NULL);
    for (size_t i = 0; i < tiers->count; i++) {
        if (i > 0 && tiers->at[i].tier != tiers->at[i - 1].tier)
            entry = judge_next(j->section, "carriers", entry);
        if (config_carrier_find(j->config, tiers->at[i].carrier) == NULL)
            complain_at(j, entry, false, "there is no carrier \"%s\"", tiers->at[i].carrier);
    }
}

bool judge_has_zone(const char *name)
{
    struct zones *zones = zones_open();
    bool is_there = zones_find(zones, name) != NULL;
    zones_close(zones);
    return is_there;
}

static void judge_sender(const struct judgement *j, const struct config_sender *sender)
{
    if (config_program_of_sender(j->config, sender->name) == NULL)
        problem_add(j->problems, j->section->file, j->section->line, false,
                    "sender %s belongs to no program", sender->name);
    if (sender->campaign[0] != '\0' && config_campaign_find(j->config, sender->campaign) == NULL)
        complain_of(j, "campaign", false, "there is no campaign \"%s\"", sender->campaign);
}

static void judge_timezone(const struct judgement *j, const char *timezone)
{
    if (!judge_has_zone(timezone))
        complain_of(j, "timezone", false,
                    "there is no time zone \"%s\" (an IANA name, as America/New_York; Debian's package tzdata has them)",
                    timezone);
}

static bool sender_exists(const struct config *config, const char *name)
{
    return config_program_of_sender(config, name) != NULL;
}

static void judge_route(const struct judgement *j, const struct config_route *route)
{
    judge_names(j, "programs", "program", judge_has_program);
    judge_names(j, "senders", "program's sender", sender_exists);
    judge_tiers(j, &route->carriers);
    if (route->hours.kind == CONFIG_HOURS_US)
        complain_of(j, "hours", false, "%s", "hours: us are hours of recipients; a route has its own, as 08:00-18:00");
    if (route->hours.kind != CONFIG_HOURS_OFF)
        judge_timezone(j, route->timezone);
}

static void judge_campaign(const struct judgement *j, const struct config_campaign *campaign)
{
    if (campaign->brand[0] != '\0' && config_brand_find(j->config, campaign->brand) == NULL)
        complain_of(j, "brand", false, "there is no brand \"%s\"", campaign->brand);
}

static void judge_inbound(const struct judgement *j, const struct config_account *account)
{
    const struct entry *entry = NULL;
    while ((entry = judge_next(j->section, "inbound", entry)) != NULL) {
        const struct config_program *owner = config_program_of_sender(j->config, entry->text);
        if (owner == NULL || !config_list_has(&account->programs, owner->name))
            complain_at(j, entry, false, "inbound names %s, which is no sender of its programs",
                        entry->text);
    }
}

/* Each is one word, so that it can be the first of a text; or the star. */
static void judge_inbound_words(const struct judgement *j)
{
    char folded[CONFIG_WORD_SIZE];
    const struct entry *entry = NULL;
    while (j->words != NULL && (entry = judge_next(j->section, "inbound_words", entry)) != NULL)
        if (strcmp(entry->text, "*") != 0 &&
            (!j->words->fold(entry->text, folded) || strchr(folded, ' ') != NULL))
            complain_at(j, entry, false, "inbound_words: \"%s\" is not one word", entry->text);
}

static bool digests_equal(const struct config_digest *a, const struct config_digest *b)
{
    return a->is_set && b->is_set && memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

static bool is_key_of(const struct config_digest *key, const struct config_account *account)
{
    return digests_equal(key, &account->api_key) || digests_equal(key, &account->api_key_old);
}

/* Against the accounts in front of it. */
static void judge_uniqueness(const struct judgement *j, const struct config_account *account)
{
    for (const struct config_account *other = j->config->accounts; other < account; other++) {
        if (is_key_of(&account->api_key, other))
            complain_of(j, "api_key", false, "its api_key is also that of account %s", other->name);
        if (is_key_of(&account->api_key_old, other))
            complain_of(j, "api_key_old", false, "its api_key_old is also a key of account %s", other->name);
        if (account->system_id[0] != '\0' && strcmp(account->system_id, other->system_id) == 0)
            complain_of(j, "system_id", false, "its system_id is also that of account %s",
                        other->name);
    }
}

static void judge_callbacks(const struct judgement *j, const struct config_callbacks *callbacks)
{
    struct tls_fault fault;
    judge_networks(j, "allow", &callbacks->allow);
    if (!secure_callbacks(callbacks, &fault))
        complain_of(j, "ca_file", false, "ca_file: %s %s", fault.file, fault.why);
}

/* A secret of Standard Webhooks that was cut, or typed wrongly, would be taken for its own octets. */
static void judge_callback_secret(const struct judgement *j, const char *key, const char *secret)
{
    uint8_t room[256];
    size_t length;
    if (strncmp(secret, "whsec_", 6) == 0 && (!base64_read(octets_text(secret + 6), room, &length) || length == 0))
        complain_of(j, key, false, "%s begins with whsec_, and what follows is no base64", key);
}

static void judge_callback(const struct judgement *j, const struct config_account *account)
{
    struct web_address address;
    bool has_url = account->callback_url[0] != '\0';
    const char *fault = has_url ? web_address_read(account->callback_url, &address) : NULL;
    if (fault != NULL)
        complain_of(j, "callback_url", false, "callback_url %s", fault);
    else if (has_url && !address.is_encrypted && !j->config->callbacks.plain_http)
        complain_of(j, "callback_url", false, "%s",
                    "callback_url is http://: use https://, or set plain_http in the section callbacks");
    judge_callback_secret(j, "callback_secret", account->callback_secret);
    judge_callback_secret(j, "callback_secret_old", account->callback_secret_old);
    if (has_url && account->callback_secret[0] == '\0')
        complain_of(j, "callback_url", true, "%s",
                    "it has a callback_url and no callback_secret: its receiver can't tell who posts");
    if (account->callback_secret_old[0] != '\0' && account->callback_secret[0] == '\0')
        complain_of(j, "callback_secret_old", false, "%s", "it has a callback_secret_old and no callback_secret");
}

static void judge_quota(const struct judgement *j, const struct config_account *account)
{
    if (strcmp(account->quota_timezone, "UTC") != 0 && !judge_has_zone(account->quota_timezone))
        complain_of(j, "quota_timezone", false, "there is no time zone \"%s\" (UTC, or an IANA name as America/New_York)",
                    account->quota_timezone);
}

static void judge_account(const struct judgement *j, const struct config_account *account)
{
    judge_quota(j, account);
    judge_networks(j, "addresses", &account->addresses);
    judge_callback(j, account);
    bool has_key = entry_find(j->section, "api_key") != NULL;
    bool has_id = entry_find(j->section, "system_id") != NULL;
    bool has_password = entry_find(j->section, "password") != NULL;
    if (digests_equal(&account->api_key, &account->api_key_old))
        complain_of(j, "api_key_old", false, "%s", "api_key_old is the same as api_key");
    if (account->api_key_old.is_set && !has_key)
        complain_of(j, "api_key_old", false, "%s", "it has an api_key_old and no api_key");
    if (!has_key && !has_id)
        complain_at(j, NULL, false, "%s", "it has neither api_key nor system_id");
    if (has_id && account->system_id[0] != '\0' && !has_password)
        complain_of(j, "system_id", false, "%s", "it has a system_id and no password");
    if (account->outbind_host[0] != '\0' && account->system_id[0] == '\0')
        complain_of(j, "outbind_host", false, "%s", "nobody can bind whom it calls: it has no system_id");
    if (has_password && !has_id)
        complain_of(j, "password", false, "%s", "it has a password and no system_id");
    if (account->roles != CONFIG_ROLE_ADMIN && account->programs.count == 0)
        complain_of(j, "programs", true, "%s", "it may use no program");
    judge_password(j);
    judge_names(j, "programs", "program", judge_has_program);
    judge_inbound(j, account);
    judge_inbound_words(j);
    judge_uniqueness(j, account);
}

void config_judge(const struct config *config, const struct entries *entries,
                  const struct config_words *words, struct config_problems *problems)
{
    size_t seen[SECTION_KINDS] = {0};
    struct judgement j = {.config = config, .problems = problems, .words = words};
    for (size_t i = 0; i < entries->section_count; i++) {
        j.section = &entries->sections[i];
        if (j.section->is_repeated)
            continue;
        size_t n = seen[j.section->kind]++;
        if (j.section->kind == SECTION_carrier) {
            judge_password(&j);
            judge_names(&j, "profile", "profile", profile_exists);
            judge_carrier(&j, &config->carriers[n]);
        } else if (j.section->kind == SECTION_http)
            judge_http(&j, &config->http);
        else if (j.section->kind == SECTION_smpp)
            judge_listener(&j, &config->smpp);
        else if (j.section->kind == SECTION_program)
            judge_program(&j, &config->programs[n]);
        else if (j.section->kind == SECTION_sender)
            judge_sender(&j, &config->senders[n]);
        else if (j.section->kind == SECTION_route)
            judge_route(&j, &config->routes[n]);
        else if (j.section->kind == SECTION_campaign)
            judge_campaign(&j, &config->campaigns[n]);
        else if (j.section->kind == SECTION_brand)
            judge_timezone(&j, config->brands[n].timezone);
        else if (j.section->kind == SECTION_account)
            judge_account(&j, &config->accounts[n]);
        else if (j.section->kind == SECTION_keyword)
            judge_keyword(&j, &config->keywords[n]);
        else if (j.section->kind == SECTION_callbacks)
            judge_callbacks(&j, &config->callbacks);
        else if (j.section->kind == SECTION_ledger)
            judge_ledger(&j, &config->ledger);
    }
}
