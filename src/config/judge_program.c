/* Programs: what they name, what their texts say, when and how they may be sent. */
#include <stdlib.h>
#include <string.h>

#include "base/zone.h"
#include "config/habit.h"
#include "config/template.h"
#include "config/tlv.h"
#include "judge_parts.h"

#define PARTS_MOST 10 /* what phones and carriers take of one message (F245) */

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

static void judge_senders(const struct judgement *j, const struct config_program *program)
{
    const struct entry *entry = NULL;
    while ((entry = judge_next(j->section, "senders", entry)) != NULL) {
        const struct config_program *first = config_program_of_sender(j->config, entry->text);
        if (first != NULL && first != program)
            complain_at(j, entry, false, "the sender %s belongs to program %s already", entry->text,
                        first->name);
    }
}

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

void judge_text(const struct judgement *j, const struct config_program *program,
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

static void judge_hours(const struct judgement *j, const struct config_program *program)
{
    const struct config_hours *hours = &program->quiet_hours;
    if (hours->kind == CONFIG_HOURS_OFF)
        return;
    if (!judge_has_zone("America/New_York"))
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
    while ((entry = judge_next(j->section, "tlvs", entry)) != NULL)
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
    while ((entry = judge_next(j->section, "national_tables", entry)) != NULL)
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

void judge_program(const struct judgement *j, const struct config_program *program)
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
    judge_optin(j, program);
}
