#include "config/setting.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <math.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/must.h"
#include "base/octets.h"
#include "config/config.h"
#include "config/habit.h"
#include "config/template.h"
#include "config/tlv.h"

/* The struct whose members the rows of a section name. */
#define HOME_top     struct config
#define HOME_http    struct config_listener
#define HOME_smpp    struct config_listener
#define HOME_carrier struct config_carrier
#define HOME_program struct config_program
#define HOME_sender  struct config_sender
#define HOME_route   struct config_route
#define HOME_campaign struct config_campaign
#define HOME_brand   struct config_brand
#define HOME_account struct config_account
#define HOME_keyword   struct config_keyword
#define HOME_ledger  struct config_ledger
#define HOME_callbacks struct config_callbacks
#define HOME_retention struct config_retention

#define DURATION_SIZE 24

#define REQUIRED  NULL
#define BUILT     true
#define NOT_BUILT false

const struct section_row section_rows[SECTION_KINDS] = {
#define SECTION(name, title, sentence) [SECTION_##name] = {#name, title, sentence},
#define SETTING(...)
#include "proto/settings.def"
#undef SECTION
#undef SETTING
};

const struct setting settings[] = {
#define SECTION(...)
#define SETTING(section, key, member, type, least, most, choices, fallback, built, sentence)       \
    {SECTION_##section,                                                                            \
     #key,                                                                                         \
     SETTING_##type,                                                                               \
     offsetof(HOME_##section, member),                                                             \
     (double)(least),                                                                              \
     (double)(most),                                                                               \
     choices,                                                                                      \
     fallback,                                                                                     \
     built,                                                                                        \
     sentence},
#include "proto/settings.def"
#undef SECTION
#undef SETTING
};
const size_t setting_count = sizeof settings / sizeof settings[0];

_Static_assert(sizeof(enum config_bind) == sizeof(unsigned), "a choice is stored as unsigned");

/* Where it is, who we are there, and whom we trust: no habit, so in no profile. */
static bool is_own_of_carrier(const char *key)
{
    static const char *const keys[] = {"host",    "port",    "system_id",   "password",   "profile",
                                       "verify",  "ca_file", "certificate", "private_key"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

bool setting_is_of(const struct setting *setting, enum section_kind section)
{
    if (section == SECTION_profile)
        return setting->section == SECTION_carrier && !is_own_of_carrier(setting->key);
    return setting->section == section;
}

const struct setting *setting_find(enum section_kind section, const char *key)
{
    for (size_t i = 0; i < setting_count; i++)
        if (setting_is_of(&settings[i], section) && strcmp(settings[i].key, key) == 0)
            return &settings[i];
    return NULL;
}

bool setting_is_list(const struct setting *setting)
{
    return setting->type >= SETTING_ROLES;
}

bool setting_is_secret(const struct setting *setting)
{
    return setting->type == SETTING_SECRET || setting->type == SETTING_DIGEST;
}

/* Says why not, and is false: so that a reader can end with `return refuse(...)`. */
static bool refuse(char why[SETTING_WHY_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse(char why[SETTING_WHY_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, SETTING_WHY_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

bool setting_text_is_clean(const char *text, bool may_break)
{
    for (const char *c = text; *c != '\0';) {
        utf8proc_int32_t code;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)c, -1, &code);
        if (length <= 0)
            return false;
        bool is_control = code < 0x20 || (code >= 0x7f && code < 0xa0);
        if (is_control && !(may_break && code == '\n'))
            return false;
        c += length;
    }
    return true;
}

static bool text_fits(const struct setting *setting, const char *text, char why[SETTING_WHY_SIZE])
{
    double length = (double)strlen(text);
    if (length < setting->least && length == 0)
        return refuse(why, "must not be empty");
    if (length < setting->least || length > setting->most)
        return refuse(why, "has %.0f octets, and %.0f are allowed", length, setting->most);
    if (!setting_text_is_clean(text, setting->type == SETTING_TEMPLATE))
        return refuse(why, "holds control characters, or isn't UTF-8");
    return true;
}

static bool template_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    const char *at = NULL;
    if (template_is_sound(text, &at))
        return true;
    int width = (int)strcspn(at, "} \n");
    width += at[width] == '}';
    return refuse(why, "knows no placeholder %.*s", width, at);
}

/* "N/unit". */
static bool frequency_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    static const char *const units[] = {"/day", "/week", "/month", "/year"};
    if (text[0] == '\0')
        return true;
    size_t digits = strspn(text, "0123456789");
    if (digits >= 1 && digits <= 4 && text[0] != '0')
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
            if (strcmp(text + digits, units[i]) == 0)
                return true;
    return refuse(why, "\"%s\" isn't a number by day, week, month or year, as in 4/month", text);
}

static bool country_fits(const char *text, bool may_be_empty, char why[SETTING_WHY_SIZE])
{
    if (text[0] == '\0' && may_be_empty)
        return true;
    if (strlen(text) == 2 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2)
        return true;
    return refuse(why, "\"%s\" isn't a country of ISO 3166, two capital letters", text);
}

/* E.164 with its plus, a short code, or an alphanumeric id (at most 11 octets, at least one
 * letter). */
static bool sender_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    size_t length = strlen(text);
    size_t digits = strspn(text + (text[0] == '+'), "0123456789");
    if (text[0] == '+' && text[1] != '0' && digits + 1 == length && digits >= 7 && digits <= 15)
        return true;
    if (digits == length && digits >= 3 && digits <= 8)
        return true;
    bool has_letter = strpbrk(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
    if (has_letter && length <= 11 && setting_text_is_clean(text, false))
        return true;
    return refuse(why,
                  "\"%s\" isn't a sender: a number with its +, a short code, or a name of at "
                  "most 11 characters",
                  text);
}

static bool number_read(const struct setting *setting, const char *text, double *number,
                        char why[SETTING_WHY_SIZE])
{
    bool is_whole = setting->type == SETTING_WHOLE;
    size_t plain = strspn(text, is_whole ? "0123456789" : "0123456789.");
    char *end = NULL;
    *number = strtod(text, &end);
    if (text[0] == '\0' || text[plain] != '\0' || *end != '\0')
        return refuse(why, "\"%s\" isn't a %snumber", text, is_whole ? "whole " : "");
    if (*number < setting->least || *number > setting->most)
        return refuse(why, "%s isn't between %.0f and %.0f", text, setting->least, setting->most);
    return true;
}

static bool boolean_read(const char *text, bool *value, char why[SETTING_WHY_SIZE])
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *value = i % 2 == 1;
            return true;
        }
    }
    return refuse(why, "\"%s\" is neither true nor false", text);
}

/* As people would write it: 60 as 1m. */
static const char *duration_words(double seconds, char words[DURATION_SIZE])
{
    static const struct {
        double seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t i = 0;
    while (i < 3 && fmod(seconds, units[i].seconds) != 0)
        i++;
    snprintf(words, DURATION_SIZE, "%.0f%c", seconds / units[i].seconds, units[i].unit);
    return words;
}

static bool duration_read(const struct setting *setting, const char *text, int64_t *value_ms,
                          char why[SETTING_WHY_SIZE])
{
    char limit[DURATION_SIZE];
    *value_ms = 0;
    bool may_be_never = setting->least == 0 || strcmp(setting->fallback, "never") == 0;
    if (strcmp(text, "never") == 0)
        return may_be_never || refuse(why, "never is too long: at most %s", duration_words(setting->most, limit));
    static const char units[] = "smhd";
    static const int64_t seconds[] = {1, 60, 3600, 86400};
    size_t digits = strspn(text, "0123456789");
    const char *unit = text[digits] == '\0' ? NULL : strchr(units, text[digits]);
    if (digits < 1 || digits > 10 || unit == NULL || text[digits + 1] != '\0')
        return refuse(why, "\"%s\" isn't a duration: never, or as in 90s, 30m, 12h, 730d", text);
    int64_t value_s = strtoll(text, NULL, 10) * seconds[unit - units];
    if (value_s == 0)
        return refuse(why, "%s is no time at all; %sleave it out", text, may_be_never ? "say never, or " : "");
    if ((double)value_s > setting->most)
        return refuse(why, "%s is too long: at most %s", text, duration_words(setting->most, limit));
    if ((double)value_s < setting->least)
        return refuse(why, "%s is too short: at least %s", text, duration_words(setting->least, limit));
    *value_ms = value_s * 1000;
    return true;
}

/* "09:00" to "24:00" as minutes; -1: it is no such time. */
static int minute_read(const char *text)
{
    for (size_t i = 0; i < 5; i++)
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return -1;
    int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
    return minute > 59 || hour * 60 + minute > 1440 ? -1 : hour * 60 + minute;
}

bool setting_hours_read(const char *text, struct config_hours *hours, char why[SETTING_WHY_SIZE])
{
    bool is_off = strcmp(text, "off") == 0;
    *hours = (struct config_hours){.kind = is_off ? CONFIG_HOURS_OFF : CONFIG_HOURS_US};
    if (is_off || strcmp(text, "us") == 0)
        return true;
    hours->kind = CONFIG_HOURS_OWN;
    if (strlen(text) == 11 && text[5] == '-') {
        hours->from = minute_read(text);
        hours->to = minute_read(text + 6);
    }
    if (hours->to == 0 || hours->from < 0 || hours->to < 0)
        return refuse(why, "\"%s\" is neither off, us, nor hours as in 09:00-20:00", text);
    return hours->from < hours->to || refuse(why, "%s ends before it begins", text);
}

static bool choice_read(const struct setting *setting, const char *text, unsigned *value,
                        char why[SETTING_WHY_SIZE])
{
    *value = 0;
    for (const char *word = setting->choices;; (*value)++) {
        size_t length = strcspn(word, "|");
        if (strlen(text) == length && strncmp(text, word, length) == 0)
            return true;
        if (word[length] == '\0')
            return refuse(why, "\"%s\" is none of %s", text, setting->choices);
        word += length + 1;
    }
}

static bool host_is_sound(const char *host, bool in_brackets)
{
    uint8_t scratch[sizeof(struct in6_addr)];
    if (in_brackets)
        return inet_pton(AF_INET6, host, scratch) == 1;
    if (host[strspn(host, "0123456789.")] == '\0')
        return inet_pton(AF_INET, host, scratch) == 1;
    for (const char *c = host; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.')
            return false;
    return host[0] != '\0' && strlen(host) <= 255;
}

static bool address_read(const char *text, struct config_address *address,
                         char why[SETTING_WHY_SIZE])
{
    const char *colon = strrchr(text, ':');
    size_t digits = colon == NULL ? 0 : strspn(colon + 1, "0123456789");
    unsigned long port = digits < 1 || digits > 5 ? 65536 : strtoul(colon + 1, NULL, 10);
    if (colon == NULL || colon[1 + digits] != '\0' || port > 65535)
        return refuse(why, "\"%s\" isn't HOST:PORT", text);
    bool in_brackets = text[0] == '[' && colon > text + 1 && colon[-1] == ']';
    char *host = mem_text(text + in_brackets);
    host[colon - text - (in_brackets ? 2 : 0)] = '\0';
    if (!host_is_sound(host, in_brackets)) {
        free(host);
        return refuse(why, "\"%s\" isn't HOST:PORT (an IPv6 host stands in brackets)", text);
    }
    *address = (struct config_address){.host = host, .port = (uint16_t)port};
    return true;
}

static void digest_make(struct octets secret, uint8_t out[CONFIG_DIGEST_SIZE])
{
    must(EVP_Digest(secret.at, secret.length, out, NULL, EVP_sha256(), NULL) == 1);
}

static bool digest_read(const struct setting *setting, const char *text,
                        struct config_digest *digest, char why[SETTING_WHY_SIZE])
{
    static const char prefix[] = "sha256:";
    if (!text_fits(setting, text, why))
        return false;
    if (text[0] == '\0') /* where the table lets it be: none */
        return true;
    if (strncmp(text, prefix, sizeof prefix - 1) == 0) {
        struct octets hex = octets_text(text + sizeof prefix - 1);
        if (hex.length != (size_t)2 * CONFIG_DIGEST_SIZE || !octets_from_hex(hex, digest->octets))
            return refuse(why, "must have 64 hexadecimal digits behind sha256:");
    } else {
        digest_make(octets_text(text), digest->octets);
    }
    digest->is_set = true;
    return true;
}

struct config_digest config_digest_of(struct octets secret)
{
    struct config_digest digest;
    memset(&digest, 0, sizeof digest); /* what is between its members too, for memcmp */
    digest.is_set = true;
    digest_make(secret, digest.octets);
    return digest;
}

bool config_digest_matches(const struct config_digest *digest, struct octets secret)
{
    uint8_t other[CONFIG_DIGEST_SIZE];
    digest_make(secret, other);
    bool is_same = CRYPTO_memcmp(digest->octets, other, sizeof other) == 0;
    return digest->is_set && is_same;
}

static bool text_put(char **member, const char *text)
{
    *member = mem_text(text);
    return true;
}

static bool item_put(struct config_list *list, const char *text, char why[SETTING_WHY_SIZE])
{
    if (config_list_has(list, text))
        return refuse(why, "\"%s\" is named twice", text);
    list->at = mem_grow(list->at, (list->count + 1) * sizeof list->at[0]);
    list->at[list->count++] = mem_text(text);
    return true;
}

/* "0x0000000B"; ESME_ROK is no refusal. */
static bool status_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    uint32_t status;
    const char *rest = habit_status_read(text, &status);
    if (rest != NULL && *rest == '\0')
        return true;
    return refuse(why, "\"%s\" isn't the status of a refusal in hexadecimal, as in 0x0000000B", text);
}

/* "+1604" */
static bool prefix_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    size_t digits = text[0] == '+' && text[1] != '0' ? strspn(text + 1, "0123456789") : 0;
    if (digits >= 1 && digits <= 15 && text[1 + digits] == '\0')
        return true;
    return refuse(why, "\"%s\" isn't how a number begins: a plus and digits, as in +1604", text);
}

/* As browsers send it (RFC 6454 6.2): anything else would never be found again. */
static bool origin_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    size_t scheme = strncmp(text, "https://", 8) == 0 ? 8 : strncmp(text, "http://", 7) == 0 ? 7 : 0;
    size_t host = strspn(text + scheme, "abcdefghijklmnopqrstuvwxyz0123456789.-[:]");
    if (scheme > 0 && host > 0 && text[scheme + host] == '\0' && text[scheme] != ':')
        return true;
    return refuse(why, "\"%s\" is no origin: https://HOST or http://HOST in small letters, with :PORT or without, and "
                       "nothing behind it", text);
}

bool config_tiers_have(const struct config_tiers *tiers, const char *carrier)
{
    for (size_t i = 0; i < tiers->count; i++)
        if (strcmp(tiers->at[i].carrier, carrier) == 0)
            return true;
    return false;
}

/* "east" or "east=70" */
static bool choice_put(struct config_tiers *tiers, unsigned tier, const char *text, char why[SETTING_WHY_SIZE])
{
    char *end = NULL;
    const char *sign = strrchr(text, '=');
    size_t length = sign == NULL ? strlen(text) : (size_t)(sign - text);
    double weight = sign == NULL ? 1 : strtod(sign + 1, &end);
    bool is_plain = sign == NULL || (sign[1] != '\0' && sign[1 + strspn(sign + 1, "0123456789.")] == '\0');
    if (length == 0)
        return refuse(why, "holds an empty name");
    if (!is_plain || (end != NULL && *end != '\0') || weight <= 0 || weight > 1e6)
        return refuse(why, "\"%s\" isn't a carrier and its weight, as in east=70", text);
    char *carrier = mem_text(text);
    carrier[length] = '\0';
    if (config_tiers_have(tiers, carrier)) {
        refuse(why, "\"%s\" is named twice", carrier);
        free(carrier);
        return false;
    }
    tiers->at = mem_grow(tiers->at, (tiers->count + 1) * sizeof tiers->at[0]);
    tiers->at[tiers->count++] = (struct config_choice){carrier, weight, tier};
    return true;
}

/* "east=70, west=30" */
static bool tier_put(struct config_tiers *tiers, const char *text, char why[SETTING_WHY_SIZE])
{
    bool is_good = true;
    unsigned tier = tiers->count == 0 ? 0 : tiers->at[tiers->count - 1].tier + 1;
    char *items = mem_text(text), *rest = items;
    for (char *item; is_good && (item = strsep(&rest, ",")) != NULL;) {
        item += strspn(item, " ");
        for (size_t length = strlen(item); length > 0 && item[length - 1] == ' ';)
            item[--length] = '\0';
        is_good = choice_put(tiers, tier, item, why);
    }
    free(items);
    return is_good;
}

/* 0x65 would make some end all that is queued for the person (F331). */
static bool later_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    if (text[0] == '\0')
        return true;
    return status_fits(text, why) &&
           (strtoul(text, NULL, 16) != 0x65 ||
            refuse(why, "0x65 ends more than the message that it is said of (F331)"));
}

static bool retry_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    struct habit_retry retry;
    return habit_retry_read(text, &retry) ||
           refuse(why, "\"%s\" isn't a status and what is done: slow_down, rebind, give_up, retry once, or "
                       "retry N and a wait (100 times and 1d at most), as in 0x00000014 retry 5 180s", text);
}

static bool label_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    uint32_t status;
    if (habit_name_read(text, &status) != NULL && setting_text_is_clean(text, false))
        return true;
    return refuse(why, "\"%s\" isn't a status and its name of at most 40 octets, as in 0x00000401 bad_carrier",
                  text);
}

/* Of a status it says one thing, however it is written. */
static bool status_put(struct config_list *list, const char *text, char why[SETTING_WHY_SIZE])
{
    uint32_t status = 0, other = 0;
    habit_status_read(text, &status);
    for (size_t i = 0; i < list->count; i++)
        if (habit_status_read(list->at[i], &other) != NULL && other == status)
            return refuse(why, "names 0x%08X twice", (unsigned)status);
    return item_put(list, text, why);
}

static bool kind_put(const struct setting *setting, struct config_list *list, const char *text,
                     char why[SETTING_WHY_SIZE])
{
    unsigned place;
    const char *rest = habit_kind_read(text);
    if (rest == NULL)
        return refuse(why, "\"%s\" isn't a kind of sender (10dlc, toll_free, short_code, alphanumeric) and a "
                           "number, as in short_code 0", text);
    for (size_t i = 0; i < list->count; i++)
        if (strncmp(list->at[i], text, (size_t)(rest - text)) == 0)
            return refuse(why, "names %.*s twice", (int)(rest - 1 - text), text);
    return choice_read(setting, rest, &place, why) && item_put(list, text, why);
}

static bool name_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    return text[0] != '\0' || refuse(why, "holds an empty name");
}

static bool tlv_fits(const char *text, char why[SETTING_WHY_SIZE])
{
    struct tlv_setting setting;
    return tlv_setting_read(text, &setting) ||
           refuse(why, "\"%s\" isn't a name and its value, as in entity_id=1201 or stop_reply.template_id=7", text);
}

static bool role_put(const struct setting *setting, const char *text, unsigned *roles,
                     char why[SETTING_WHY_SIZE])
{
    unsigned role;
    if (!choice_read(setting, text, &role, why))
        return false;
    *roles |= 1U << role;
    return true;
}

bool setting_put(const struct setting *setting, const char *text, void *section,
                 char why[SETTING_WHY_SIZE])
{
    void *member = (char *)section + setting->offset;
    double number;
    struct tlv_rule rule;
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_SECRET:
        return text_fits(setting, text, why) && text_put(member, text);
    case SETTING_TEMPLATE:
        return text_fits(setting, text, why) && template_fits(text, why) && text_put(member, text);
    case SETTING_FREQUENCY:
        return frequency_fits(text, why) && text_put(member, text);
    case SETTING_COUNTRY:
        return country_fits(text, setting->least == 0, why) && text_put(member, text);
    case SETTING_ORIGIN:
        return (text[0] == '\0' || origin_fits(text, why)) && text_put(member, text);
    case SETTING_STATUS:
        return later_fits(text, why) && text_put(member, text);
    case SETTING_DIGEST:
        return digest_read(setting, text, member, why);
    case SETTING_WHOLE:
        if (!number_read(setting, text, &number, why))
            return false;
        *(long *)member = (long)number;
        return true;
    case SETTING_DECIMAL:
        return number_read(setting, text, member, why);
    case SETTING_BOOLEAN:
        return boolean_read(text, member, why);
    case SETTING_DURATION:
        return duration_read(setting, text, member, why);
    case SETTING_HOURS:
        return setting_hours_read(text, member, why);
    case SETTING_CHOICE:
        return choice_read(setting, text, member, why);
    case SETTING_ADDRESS:
        return address_read(text, member, why);
    case SETTING_ROLES:
        return role_put(setting, text, member, why);
    case SETTING_NAMES:
        return name_fits(text, why) && item_put(member, text, why);
    case SETTING_SENDERS:
        return sender_fits(text, why) && item_put(member, text, why);
    case SETTING_COUNTRIES:
        return country_fits(text, false, why) && item_put(member, text, why);
    case SETTING_STATUSES:
        return status_fits(text, why) && status_put(member, text, why);
    case SETTING_RETRIES:
        return retry_fits(text, why) && status_put(member, text, why);
    case SETTING_KINDS:
        return kind_put(setting, member, text, why);
    case SETTING_LABELS:
        return label_fits(text, why) && status_put(member, text, why);
    case SETTING_PREFIXES:
        return prefix_fits(text, why) && item_put(member, text, why);
    case SETTING_ORIGINS:
        return origin_fits(text, why) && item_put(member, text, why);
    case SETTING_TIERS:
        return tier_put(member, text, why);
    case SETTING_TLVS:
        return tlv_rule_read(text, &rule, why) && item_put(member, text, why);
    case SETTING_TLV_VALUES:
        return tlv_fits(text, why) && item_put(member, text, why);
    }
    return false;
}

static void put_items(const struct setting *setting, void *section)
{
    char why[SETTING_WHY_SIZE];
    char *items = mem_text(setting->fallback);
    char *rest = items;
    for (char *item; (item = strsep(&rest, " ")) != NULL;)
        if (item[0] != '\0')
            must(setting_put(setting, item, section, why));
    free(items);
}

void setting_put_fallback(const struct setting *setting, void *section)
{
    char why[SETTING_WHY_SIZE];
    bool is_unset_digest = setting->type == SETTING_DIGEST; /* whose only fallback is none */
    if (setting->fallback == NULL || is_unset_digest)
        return;
    if (setting_is_list(setting))
        put_items(setting, section);
    else
        must(setting_put(setting, setting->fallback, section, why));
}

static void wipe_text(char **member, bool is_secret)
{
    if (*member != NULL && is_secret)
        OPENSSL_cleanse(*member, strlen(*member));
    free(*member);
    *member = NULL;
}

static void wipe_list(struct config_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->at[i]);
    free(list->at);
    *list = (struct config_list){0};
}

static void wipe_tiers(struct config_tiers *tiers)
{
    for (size_t i = 0; i < tiers->count; i++)
        free(tiers->at[i].carrier);
    free(tiers->at);
    *tiers = (struct config_tiers){0};
}

static void own_list(struct config_list *list)
{
    struct config_list from = *list;
    list->at = from.count == 0 ? NULL : mem_new(from.count * sizeof *list->at);
    for (size_t i = 0; i < from.count; i++)
        list->at[i] = mem_text(from.at[i]);
}

void setting_own(const struct setting *setting, void *section)
{
    void *member = (char *)section + setting->offset;
    must(setting->type != SETTING_ADDRESS && setting->type != SETTING_TIERS);
    if (setting->type <= SETTING_COUNTRY)
        *(char **)member = mem_text(*(char **)member);
    else if (setting->type > SETTING_ROLES)
        own_list(member);
}

void setting_wipe(const struct setting *setting, void *section)
{
    void *member = (char *)section + setting->offset;
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_SECRET:
    case SETTING_TEMPLATE:
    case SETTING_FREQUENCY:
    case SETTING_STATUS:
    case SETTING_ORIGIN:
    case SETTING_COUNTRY:
        wipe_text(member, setting_is_secret(setting));
        return;
    case SETTING_DIGEST:
        OPENSSL_cleanse(member, sizeof(struct config_digest));
        return;
    case SETTING_ADDRESS:
        wipe_text(&((struct config_address *)member)->host, false);
        return;
    case SETTING_NAMES:
    case SETTING_SENDERS:
    case SETTING_COUNTRIES:
    case SETTING_STATUSES:
    case SETTING_PREFIXES:
    case SETTING_RETRIES:
    case SETTING_LABELS:
    case SETTING_KINDS:
    case SETTING_ORIGINS:
    case SETTING_TLVS:
    case SETTING_TLV_VALUES:
        wipe_list(member);
        return;
    case SETTING_TIERS:
        wipe_tiers(member);
        return;
    case SETTING_WHOLE:
    case SETTING_DECIMAL:
    case SETTING_BOOLEAN:
    case SETTING_DURATION:
    case SETTING_HOURS:
    case SETTING_CHOICE:
    case SETTING_ROLES:
        return;
    }
}

bool setting_is_fallback(const struct setting *setting, const char *text)
{
    char why[SETTING_WHY_SIZE];
    bool said = false;
    bool meant = false;
    switch (setting->type) {
    case SETTING_BOOLEAN:
        must(boolean_read(setting->fallback, &meant, why));
        return boolean_read(text, &said, why) && said == meant;
    case SETTING_WHOLE:
    case SETTING_DECIMAL:
        return strtod(text, NULL) == strtod(setting->fallback, NULL);
    default:
        return strcmp(text, setting->fallback) == 0;
    }
}
