#include "config/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/network.h"
#include "base/sign.h"
#include "base/zone.h"
#include "config/habit.h"
#include "config/problem.h"
#include "config/secure.h"
#include "config/template.h"
#include "config/tlv.h"

/* One section under judgement. */
struct judgement {
    const struct config *config;
    struct config_problems *problems;
    const struct entry_section *section;
    const struct config_words *words; /* NULL: not judged */
};

/* At the line of a key, or of the section where the key is left out. */
#define complain_of(j, key, is_warning, ...)                                                       \
    complain_at(j, entry_find((j)->section, key), is_warning, __VA_ARGS__)

#define complain_at(j, entry, is_warning, format, ...)                                             \
    problem_add((j)->problems, file_of(j, entry), line_of(j, entry), is_warning,                   \
                "%s%s%s: " format, section_rows[(j)->section->kind].name,                          \
                (j)->section->title[0] == '\0' ? "" : " ", (j)->section->title, __VA_ARGS__)

static const char *file_of(const struct judgement *j, const struct entry *entry)
{
    return entry == NULL ? j->section->file : entry->file;
}

static int line_of(const struct judgement *j, const struct entry *entry)
{
    return entry == NULL ? j->section->line : entry->line;
}

/* The next entry of a key behind `last` (NULL: the first), for a walk over a list. */
static const struct entry *entry_next(const struct entry_section *section, const char *key,
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

/* In the order of the choices. */
enum zero { ZERO_GSM7, ZERO_PACKED, ZERO_LATIN1, ZERO_ASCII };
enum style { STYLE_UDH, STYLE_UDH16, STYLE_SAR, STYLE_PAYLOAD };

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

static void judge_names(const struct judgement *j, const char *key, const char *what,
                        bool (*exists)(const struct config *, const char *))
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(j->section, key, entry)) != NULL)
        if (!exists(j->config, entry->text))
            complain_at(j, entry, false, "there is no %s \"%s\"", what, entry->text);
}

/* A name that is empty is none: the carrier stands for itself. */
static bool profile_exists(const struct config *config, const char *name)
{
    return name[0] == '\0' || config_profile_find(config, name) != NULL;
}

static bool program_exists(const struct config *config, const char *name)
{
    return config_program_find(config, name) != NULL;
}

/* An entry is a tier, and may name several. */
static void judge_tiers(const struct judgement *j, const struct config_tiers *tiers)
{
    const struct entry *entry = entry_next(j->section, "carriers", NULL);
    for (size_t i = 0; i < tiers->count; i++) {
        if (i > 0 && tiers->at[i].tier != tiers->at[i - 1].tier)
            entry = entry_next(j->section, "carriers", entry);
        if (config_carrier_find(j->config, tiers->at[i].carrier) == NULL)
            complain_at(j, entry, false, "there is no carrier \"%s\"", tiers->at[i].carrier);
    }
}

static void judge_senders(const struct judgement *j, const struct config_program *program)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(j->section, "senders", entry)) != NULL) {
        const struct config_program *first = config_program_of_sender(j->config, entry->text);
        if (first != NULL && first != program)
            complain_at(j, entry, false, "the sender %s belongs to program %s already", entry->text,
                        first->name);
    }
}

/* What carriers demand of a program's replies: of each key, a word that its text must have. */
struct demand {
    const char *key;
    const char *word; /* a placeholder stands for its value */
    bool is_warning;
    const char *rule;
};

static const struct demand demands[] = {
    {"confirmation", "{brand}", false, "R31, R32"},
    {"confirmation", "HELP", false, "R31, R32"},
    {"confirmation", "STOP", false, "R31, R32"},
    {"confirmation", "rates", true, "R31, R32"},
    {"question", "{brand}", false, "R31, R32"},
    {"question", "YES", false, "it is what answers it"},
    {"question", "HELP", false, "R31, R32"},
    {"question", "STOP", false, "R31, R32"},
    {"confirmation_es", "{brand}", false, "R31, R32"},
    {"confirmation_es", "AYUDA", false, "R31, R32"},
    {"confirmation_es", "STOP", false, "R31, R32"},
    {"confirmation_fr", "{brand}", false, "R31, R32"},
    {"confirmation_fr", "AIDE", false, "R31, R32"},
    {"confirmation_fr", "STOP", false, "R31, R32"},
    {"question_es", "{brand}", false, "R31, R32"},
    {"question_es", "SI", false, "it is what answers it"},
    {"question_es", "AYUDA", false, "R31, R32"},
    {"question_es", "STOP", false, "R31, R32"},
    {"question_fr", "{brand}", false, "R31, R32"},
    {"question_fr", "OUI", false, "it is what answers it"},
    {"question_fr", "AIDE", false, "R31, R32"},
    {"question_fr", "STOP", false, "R31, R32"},
    {"help", "{brand}", false, "R60"},
    {"help", "STOP", false, "R60"},
    {"help", "{support}", true, "R60"},
    {"help", "rates", true, "R60"},
    {"stop", "{brand}", false, "R54"},
    {"stop", "{support}", true, "R54"},
    {"help_es", "{brand}", false, "R60"},
    {"help_es", "STOP", false, "R60"},
    {"help_fr", "{brand}", false, "R60"},
    {"help_fr", "STOP", false, "R60"},
    {"stop_es", "{brand}", false, "R54"},
    {"stop_fr", "{brand}", false, "R54"},
    {"reply", "{brand}", false, "R54, R60: who writes must show"},
    {"reply", "STOP", true, "R51"},
    {"reply_es", "{brand}", false, "R54, R60: who writes must show"},
    {"reply_es", "STOP", true, "R51"},
    {"reply_fr", "{brand}", false, "R54, R60: who writes must show"},
    {"reply_fr", "STOP", true, "R51"},
};

static void judge_demands(const struct judgement *j, const struct config_program *program,
                          const char *key, const char *text)
{
    for (size_t i = 0; i < sizeof demands / sizeof demands[0]; i++) {
        const struct demand *demand = &demands[i];
        if (strcmp(demand->key, key) != 0)
            continue;
        char *word = config_template(program, demand->word, CONFIG_ENGLISH);
        if (strcasestr(text, word) == NULL)
            complain_of(j, key, demand->is_warning, "%s doesn't say \"%s\" (%s)", key, word,
                        demand->rule);
        free(word);
    }
}

#define PARTS_MOST 10 /* what phones and carriers take of one message (F245) */

/* By the end of the key: help_es, help_fr. */
static enum config_language language_of_key(const char *key)
{
    const char *end = strrchr(key, '_');
    return config_language_of(end == NULL ? "" : end + 1);
}

/* By its own carriers, or by some route. */
static bool may_take(const struct config *config, const struct config_program *program,
                     const char *carrier)
{
    if (config_tiers_have(&program->carriers, carrier))
        return true;
    for (size_t i = 0; i < config->route_count; i++) {
        const struct config_route *route = &config->routes[i];
        bool fits = route->programs.count == 0 || config_list_has(&route->programs, program->name);
        if (fits && config_tiers_have(&route->carriers, carrier))
            return true;
    }
    return false;
}

/* Whichever of its carriers takes it: the last character that each of them can be told as GSM 03.38. */
static int32_t last_character(const struct config *config, const struct config_program *program)
{
    int32_t last = INT32_MAX;
    for (size_t i = 0; i < config->carrier_count; i++) {
        const struct config_carrier *carrier = &config->carriers[i];
        unsigned zero = carrier->data_coding_0;
        int32_t its = zero == ZERO_ASCII ? 0x7F : zero == ZERO_LATIN1 ? 0xFF : INT32_MAX;
        if (its < last && may_take(config, program, carrier->name))
            last = its;
    }
    return last;
}

static void judge_text(const struct judgement *j, const struct config_program *program,
                       const char *key, const char *template)
{
    char *text = config_template(program, template, language_of_key(key));
    struct template_measure measure =
        template_measure_up_to(text, last_character(j->config, program));
    judge_demands(j, program, key, text);
    if (!measure.is_gsm)
        complain_of(j, key, true,
                    "%s has characters outside of GSM 03.38 or of what its carriers mean by data_coding 0, so "
                    "a part of it holds 70, not 160",
                    key);
    if (strncmp(key, "stop", 4) == 0 && measure.used > measure.room)
        complain_of(j, key, false, "%s takes %zu characters, and one part holds %zu (R55)", key,
                    measure.used, measure.room);
    /* A part of several holds 153 septets or 67 units, and one fewer where a character of two would be cut. */
    if (measure.used > PARTS_MOST * (measure.is_gsm ? 152u : 66u))
        complain_of(j, key, false, "%s takes %zu characters, more than %d parts hold (F245)", key, measure.used,
                    PARTS_MOST);
    /* Canada's carriers ask it of every reply to a mandatory keyword. */
    if (strncmp(key, "help", 4) == 0 && measure.used > measure.room &&
        config_list_has(&program->countries, "CA"))
        complain_of(j, key, true, "%s takes %zu characters, and one part holds %zu (R62)", key,
                    measure.used, measure.room);
    free(text);
}

/* ---- hours and frequency */

static bool is_of_plan(const char *country)
{
    static const char *const countries[] = {
#define AREA(area, iso, kind, states, zones) iso,
#include "proto/area.def"
    };
    for (size_t i = 0; i < sizeof countries / sizeof *countries; i++)
        if (strcmp(countries[i], country) == 0)
            return true;
    return false;
}

static bool has_zone(const char *name)
{
    struct zones *zones = zones_open();
    bool is_there = zones_find(zones, name) != NULL;
    zones_close(zones);
    return is_there;
}

static void judge_hours(const struct judgement *j, const struct config_program *program)
{
    const struct config_hours *hours = &program->quiet_hours;
    if (hours->kind == CONFIG_HOURS_OFF)
        return;
    if (!has_zone("America/New_York"))
        complain_of(j, "quiet_hours", false, "%s",
                    "quiet_hours needs the system's time zones, and there are none: install tzdata");
    if (hours->kind == CONFIG_HOURS_OWN && program->purpose == CONFIG_MARKETING &&
        (hours->from < 8 * 60 || hours->to > 21 * 60))
        complain_of(j, "quiet_hours", true, "%s", "quiet_hours is wider than 08:00-21:00 (R90)");
    for (size_t i = 0; i < program->countries.count; i++)
        if (!is_of_plan(program->countries.at[i]))
            complain_of(j, "countries", true,
                        "nothing goes to %s but where the consent came with a timezone, since "
                        "quiet_hours knows the hours of no other numbers than those of +1",
                        program->countries.at[i]);
}

static void judge_frequency(const struct judgement *j, const struct config_program *program)
{
    if (program->frequency_cap && program->frequency[0] == '\0')
        complain_of(j, "frequency_cap", false, "%s", "frequency_cap = true needs a frequency");
}

/* A STOP to marketing ends all marketing of the owner, whatever it is about (R50). */
static void judge_category(const struct judgement *j, const struct config_program *program)
{
    bool is_marketing = program->purpose == CONFIG_MARKETING;
    bool says_marketing = strcmp(program->category, "marketing") == 0;
    if (is_marketing && !says_marketing)
        complain_of(j, "category", false, "%s",
                    "a marketing program has no category of its own: a STOP to it ends all marketing of "
                    "the owner (R50)");
    if (!is_marketing && says_marketing)
        complain_of(j, "category", false, "%s", "only a marketing program is of the category marketing");
    /* Else two programs could mean the same one and not be ended together. */
    if (program->category[strspn(program->category, "abcdefghijklmnopqrstuvwxyz0123456789 _-")] != '\0')
        complain_of(j, "category", false, "%s",
                    "category: it may hold small letters, digits, blanks, - and _");
}

/* ---- TLVs of its carriers */

/* At each carrier that knows the name; false: none does. */
static bool judge_tlv_value(const struct judgement *j, const struct config_program *program,
                            const struct entry *entry, const char *name, const char *value)
{
    char why[SETTING_WHY_SIZE];
    uint8_t octets[TLV_VALUE_MOST + 1];
    size_t length;
    struct tlv_rule rule;
    bool is_known = false;
    for (size_t i = 0; i < j->config->carrier_count; i++) {
        const struct config_carrier *carrier = &j->config->carriers[i];
        if (!config_program_uses(j->config, program, carrier->name) ||
            !tlv_rule_find(&carrier->tlvs, name, &rule))
            continue;
        is_known = true;
        if (!tlv_value_write(&rule, value, octets, &length, why))
            complain_at(j, entry, false, "tlvs: at carrier %s, %s", carrier->name, why);
    }
    return is_known;
}

static bool program_gives(const struct config_program *program, const char *name, const char *purpose)
{
    struct tlv_setting setting;
    for (size_t i = 0; i < program->tlvs.count; i++)
        if (tlv_setting_read(program->tlvs.at[i], &setting) && strcmp(setting.name, name) == 0 &&
            tlv_setting_is_for(&setting, purpose))
            return true;
    return false;
}

static bool is_language(const char *word)
{
    static const char *const words[] = {
#define GSM7_LANGUAGE(id, word) word,
#include "proto/gsm7_national.def"
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* A message may bring what is required; what the gateway itself says has nobody to bring it. */
static const char *reply_without(const struct config_program *program, const char *name)
{
    static const struct {
        const char *word;
        bool is_reply;
    } purposes[] = {
#define MESSAGE_PURPOSE(name, number, word, is_reply) {word, is_reply},
#include "proto/message.def"
    };
    for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++)
        if (purposes[i].is_reply && !program_gives(program, name, purposes[i].word))
            return purposes[i].word;
    return NULL;
}

static void judge_required(const struct judgement *j, const struct config_program *program,
                           const struct config_carrier *carrier)
{
    char why[SETTING_WHY_SIZE];
    struct tlv_rule rule;
    for (size_t i = 0; i < carrier->tlvs.count; i++) {
        if (!tlv_rule_read(carrier->tlvs.at[i], &rule, why) || !rule.is_required)
            continue;
        const char *reply = reply_without(program, rule.name);
        if (reply != NULL)
            complain_of(j, "tlvs", true,
                        "carrier %s requires the TLV %s, and the program gives none to its %s, which goes "
                        "without it",
                        carrier->name, rule.name, reply);
    }
}

static void judge_program_tlvs(const struct judgement *j, const struct config_program *program)
{
    struct tlv_setting setting;
    const struct entry *entry = NULL;
    while ((entry = entry_next(j->section, "tlvs", entry)) != NULL)
        if (tlv_setting_read(entry->text, &setting) &&
            !judge_tlv_value(j, program, entry, setting.name, setting.value))
            complain_at(j, entry, false, "tlvs: none of its carriers has a TLV named %s", setting.name);
    for (size_t i = 0; i < j->config->carrier_count; i++)
        if (config_program_uses(j->config, program, j->config->carriers[i].name))
            judge_required(j, program, &j->config->carriers[i]);
}

/* Tables are named in a user data header that is in every part, and belong to the alphabet of seven bits (F278, F286). */
static void judge_tables(const struct judgement *j, const struct config_program *program)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(j->section, "national_tables", entry)) != NULL)
        if (!is_language(entry->text))
            complain_at(j, entry, false, "there is no national table \"%.40s\"", entry->text);
    for (size_t i = 0; i < j->config->carrier_count && program->national_tables.count > 0; i++) {
        const struct config_carrier *carrier = &j->config->carriers[i];
        if (!may_take(j->config, program, carrier->name))
            continue;
        if (carrier->data_coding_0 == ZERO_LATIN1 || carrier->data_coding_0 == ZERO_ASCII)
            complain_of(j, "national_tables", false,
                        "national_tables can't be told to carrier %s, whose data_coding_0 is not GSM 03.38",
                        carrier->name);
        if (carrier->long_messages == STYLE_SAR || carrier->long_messages == STYLE_PAYLOAD)
            complain_of(j, "national_tables", false,
                        "national_tables need a header in every part, and carrier %s has none by its "
                        "long_messages",
                        carrier->name);
    }
}

static void judge_program(const struct judgement *j, const struct config_program *program)
{
    judge_tables(j, program);
    judge_category(j, program);
    judge_tiers(j, &program->carriers);
    judge_program_tlvs(j, program);
    judge_senders(j, program);
    if (program->keyword_opt_in && program->call_to_action[strspn(program->call_to_action, " ")] == '\0')
        complain_of(j, "keyword_opt_in", false,
                    "keyword_opt_in needs call_to_action, the published wording (%s): it is the evidence of "
                    "such an opt-in", "R7");
    if (program->keyword_opt_in && program->minimum_age > 0)
        complain_of(j, "keyword_opt_in", false,
                    "keyword_opt_in can't ask the date of birth that minimum_age needs (%s)", "R14");
    judge_hours(j, program);
    judge_frequency(j, program);
    if (program->brand[0] == '\0' || program->support[0] == '\0')
        return; /* told already, and every text would suffer */
    judge_text(j, program, "confirmation", program->confirmation);
    judge_text(j, program, "confirmation_es", program->confirmation_es);
    judge_text(j, program, "confirmation_fr", program->confirmation_fr);
    judge_text(j, program, "question", program->question);
    judge_text(j, program, "question_es", program->question_es);
    judge_text(j, program, "question_fr", program->question_fr);
    judge_text(j, program, "help", program->help);
    judge_text(j, program, "help_es", program->help_es);
    judge_text(j, program, "help_fr", program->help_fr);
    judge_text(j, program, "stop", program->stop);
    judge_text(j, program, "stop_es", program->stop_es);
    judge_text(j, program, "stop_fr", program->stop_fr);
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
    if (!has_zone(timezone))
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
    judge_names(j, "programs", "program", program_exists);
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
    while ((entry = entry_next(j->section, "inbound", entry)) != NULL) {
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
    while (j->words != NULL && (entry = entry_next(j->section, "inbound_words", entry)) != NULL)
        if (strcmp(entry->text, "*") != 0 &&
            (!j->words->fold(entry->text, folded) || strchr(folded, ' ') != NULL))
            complain_at(j, entry, false, "inbound_words: \"%s\" is not one word", entry->text);
}

static bool digests_equal(const struct config_digest *a, const struct config_digest *b)
{
    return a->is_set && b->is_set && memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

/* Against the accounts in front of it. */
static void judge_uniqueness(const struct judgement *j, const struct config_account *account)
{
    for (const struct config_account *other = j->config->accounts; other < account; other++) {
        if (digests_equal(&account->api_key, &other->api_key))
            complain_of(j, "api_key", false, "its api_key is also that of account %s", other->name);
        if (account->system_id[0] != '\0' && strcmp(account->system_id, other->system_id) == 0)
            complain_of(j, "system_id", false, "its system_id is also that of account %s",
                        other->name);
    }
}

static void judge_addresses(const struct judgement *j, const struct config_account *account)
{
    struct network network;
    for (size_t i = 0; i < account->addresses.count; i++)
        if (!network_read(account->addresses.at[i], &network))
            complain_of(j, "addresses", false,
                        "addresses: \"%.60s\" is neither an address nor a range such as 192.0.2.0/24",
                        account->addresses.at[i]);
}

static void judge_account(const struct judgement *j, const struct config_account *account)
{
    judge_addresses(j, account);
    bool has_key = entry_find(j->section, "api_key") != NULL;
    bool has_id = entry_find(j->section, "system_id") != NULL;
    bool has_password = entry_find(j->section, "password") != NULL;
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
    judge_names(j, "programs", "program", program_exists);
    judge_inbound(j, account);
    judge_inbound_words(j);
    judge_uniqueness(j, account);
}

/* ---- keywords */

static const char *const word_keys[CONFIG_LANGUAGES] = {"words", "words_es", "words_fr"};
static const char *const reply_keys[CONFIG_LANGUAGES] = {"reply", "reply_es", "reply_fr"};

static bool shares_program(const struct config_keyword *a, const struct config_keyword *b)
{
    for (size_t i = 0; i < a->programs.count; i++)
        if (config_list_has(&b->programs, a->programs.at[i]))
            return true;
    return false;
}

static bool has_word(const struct judgement *j, const struct config_keyword *keyword, const char *folded)
{
    const struct config_list *lists[] = {&keyword->words, &keyword->words_es, &keyword->words_fr};
    char other[CONFIG_WORD_SIZE];
    for (size_t k = 0; k < CONFIG_LANGUAGES; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            if (j->words->fold(lists[k]->at[i], other) && strcmp(other, folded) == 0)
                return true;
    return false;
}

static bool is_said_before(const struct judgement *j, const struct entry *entry, const char *folded)
{
    char other[CONFIG_WORD_SIZE];
    for (const struct entry *each = j->section->at; each < entry; each++)
        if (strncmp(each->setting->key, "words", 5) == 0 && each->text != NULL &&
            j->words->fold(each->text, other) && strcmp(other, folded) == 0)
            return true;
    return false;
}

/* Against itself, and the keywords in front of it. */
static void judge_clash(const struct judgement *j, const struct config_keyword *keyword,
                        const struct entry *entry, const char *folded)
{
    if (is_said_before(j, entry, folded))
        complain_at(j, entry, false, "\"%s\" is among its words twice", entry->text);
    for (const struct config_keyword *other = j->config->keywords; other < keyword; other++)
        if (shares_program(keyword, other) && has_word(j, other, folded))
            complain_at(j, entry, false, "\"%s\" is a word of keyword %s already, in the same program",
                        entry->text, other->name);
}

/* What people say to end or to begin something is never taken away from them (R23). */
static void judge_words(const struct judgement *j, const struct config_keyword *keyword, const char *key)
{
    char folded[CONFIG_WORD_SIZE];
    const struct entry *entry = NULL;
    while (j->words != NULL && (entry = entry_next(j->section, key, entry)) != NULL) {
        const char *meaning = j->words->meaning_of(entry->text);
        if (meaning != NULL)
            complain_at(j, entry, false, "\"%s\" can't be a keyword: it means something already (%s)",
                        entry->text, meaning);
        else if (!j->words->fold(entry->text, folded))
            complain_at(j, entry, false, "\"%s\" has no word in it, or too many", entry->text);
        else
            judge_clash(j, keyword, entry, folded);
    }
}

static void judge_replies(const struct judgement *j, const struct config_keyword *keyword)
{
    const char *const replies[CONFIG_LANGUAGES] = {keyword->reply, keyword->reply_es, keyword->reply_fr};
    for (size_t i = 0; i < keyword->programs.count; i++) {
        const struct config_program *program = config_program_find(j->config, keyword->programs.at[i]);
        for (size_t k = 0; program != NULL && program->brand[0] != '\0' && k < CONFIG_LANGUAGES; k++)
            if (replies[k][0] != '\0')
                judge_text(j, program, reply_keys[k], replies[k]);
    }
}

static void judge_keyword(const struct judgement *j, const struct config_keyword *keyword)
{
    judge_names(j, "programs", "program", program_exists);
    judge_replies(j, keyword);
    for (size_t k = 0; k < CONFIG_LANGUAGES; k++) {
        const struct entry *reply = entry_find(j->section, reply_keys[k]);
        bool has_words = entry_next(j->section, word_keys[k], NULL) != NULL;
        bool has_reply = reply != NULL && reply->text[0] != '\0';
        judge_words(j, keyword, word_keys[k]);
        if (k > 0 && has_words != has_reply)
            complain_of(j, has_words ? word_keys[k] : reply_keys[k], false, "it has %s and no %s",
                        has_words ? word_keys[k] : reply_keys[k], has_words ? reply_keys[k] : word_keys[k]);
    }
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
            judge_listener(&j, &config->http);
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
        else if (j.section->kind == SECTION_ledger)
            judge_ledger(&j, &config->ledger);
    }
}
