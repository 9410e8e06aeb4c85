#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "config/entry.h"
#include "config/judge.h"
#include "config/problem.h"
#include "config/profile.h"
#include "config/setting.h"

/* The struct of the n-th section of a kind. Of the titled ones the first member is the name. */
static void *home_of(struct config *config, enum section_kind kind, size_t n)
{
    switch (kind) {
    case SECTION_top:
        return config;
    case SECTION_http:
        return &config->http;
    case SECTION_smpp:
        return &config->smpp;
    case SECTION_carrier:
        return &config->carriers[n];
    case SECTION_profile:
        return &config->profiles[n];
    case SECTION_program:
        return &config->programs[n];
    case SECTION_sender:
        return &config->senders[n];
    case SECTION_route:
        return &config->routes[n];
    case SECTION_campaign:
        return &config->campaigns[n];
    case SECTION_brand:
        return &config->brands[n];
    case SECTION_account:
        return &config->accounts[n];
    case SECTION_keyword:
        return &config->keywords[n];
    case SECTION_ledger:
        return &config->ledger;
    case SECTION_callbacks:
        return &config->callbacks;
    case SECTION_retention:
        return &config->retention;
    case SECTION_KINDS:
        break;
    }
    must(kind < SECTION_KINDS);
    return NULL;
}

static size_t home_count(const struct config *config, enum section_kind kind)
{
    switch (kind) {
    case SECTION_carrier:
        return config->carrier_count;
    case SECTION_profile:
        return config->profile_count;
    case SECTION_program:
        return config->program_count;
    case SECTION_sender:
        return config->sender_count;
    case SECTION_route:
        return config->route_count;
    case SECTION_campaign:
        return config->campaign_count;
    case SECTION_brand:
        return config->brand_count;
    case SECTION_account:
        return config->account_count;
    case SECTION_keyword:
        return config->keyword_count;
    default:
        return 1;
    }
}

static struct config *config_new(const struct entries *entries)
{
    size_t counts[SECTION_KINDS] = {0};
    for (size_t i = 0; i < entries->section_count; i++)
        counts[entries->sections[i].kind] += !entries->sections[i].is_repeated;
    struct config *config = mem_new(sizeof *config);
    config->carrier_count = counts[SECTION_carrier];
    config->profile_count = counts[SECTION_profile];
    config->program_count = counts[SECTION_program];
    config->sender_count = counts[SECTION_sender];
    config->route_count = counts[SECTION_route];
    config->campaign_count = counts[SECTION_campaign];
    config->brand_count = counts[SECTION_brand];
    config->account_count = counts[SECTION_account];
    config->keyword_count = counts[SECTION_keyword];
    config->carriers = mem_new((config->carrier_count + 1) * sizeof config->carriers[0]);
    config->profiles = mem_new((config->profile_count + 1) * sizeof config->profiles[0]);
    config->programs = mem_new((config->program_count + 1) * sizeof config->programs[0]);
    config->senders = mem_new((config->sender_count + 1) * sizeof config->senders[0]);
    config->routes = mem_new((config->route_count + 1) * sizeof config->routes[0]);
    config->campaigns = mem_new((config->campaign_count + 1) * sizeof config->campaigns[0]);
    config->brands = mem_new((config->brand_count + 1) * sizeof config->brands[0]);
    config->accounts = mem_new((config->account_count + 1) * sizeof config->accounts[0]);
    config->keywords = mem_new((config->keyword_count + 1) * sizeof config->keywords[0]);
    return config;
}

static void home_wipe(enum section_kind kind, void *home)
{
    for (size_t i = 0; i < setting_count; i++)
        if (setting_is_of(&settings[i], kind))
            setting_wipe(&settings[i], home);
    if (section_rows[kind].title[0] != '\0')
        free(*(char **)home);
}

struct config_carrier *config_carrier_copy(const struct config_carrier *carrier)
{
    struct config_carrier *copy = mem_new(sizeof *copy);
    *copy = *carrier;
    copy->name = mem_text(carrier->name);
    for (size_t i = 0; i < setting_count; i++)
        if (settings[i].section == SECTION_carrier)
            setting_own(&settings[i], copy);
    return copy;
}

void config_carrier_free(struct config_carrier *carrier)
{
    if (carrier == NULL)
        return;
    home_wipe(SECTION_carrier, carrier);
    free(carrier);
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    for (enum section_kind kind = SECTION_http; kind < SECTION_KINDS; kind++)
        for (size_t n = home_count(config, kind); n-- > 0;)
            home_wipe(kind, home_of(config, kind, n));
    home_wipe(SECTION_top, config);
    free(config->carriers);
    free(config->profiles);
    free(config->programs);
    free(config->senders);
    free(config->routes);
    free(config->campaigns);
    free(config->brands);
    free(config->accounts);
    free(config->keywords);
    free(config);
}

/* "carrier sim: port", for a message. */
static void entry_complain(struct config_problems *problems, const struct entry_section *section,
                           const struct setting *setting, const char *file, int line,
                           const char *why)
{
    const char *kind = section->kind == SECTION_top ? "" : section_rows[section->kind].name;
    problem_add(problems, file, line, false, "%s%s%s%s%s %s", kind, section->title[0] ? " " : "",
                section->title, kind[0] == '\0' ? "" : ": ", setting->key, why);
}

static bool line_is_known_bad(const struct config_problems *problems, size_t known,
                              const struct entry *entry)
{
    for (size_t i = 0; i < known; i++)
        if (problems->at[i].line == entry->line && strcmp(problems->at[i].file, entry->file) == 0)
            return true;
    return false;
}

static bool entry_fits(const struct entry *entry, void *home, char why[SETTING_WHY_SIZE])
{
    const struct setting *setting = entry->setting;
    if (!setting->is_built && !setting_is_fallback(setting, entry->text)) {
        snprintf(why, SETTING_WHY_SIZE, "isn't built yet in this version: leave it %s%s",
                 setting->fallback[0] == '\0' ? "empty" : "at ", setting->fallback);
        return false;
    }
    return setting_put(setting, entry->text, home, why);
}

/* Where a value is wrong the fallback stands in, so that judge can go on. */
static void setting_stand_in(const struct setting *setting, void *home)
{
    bool is_text = setting->type <= SETTING_COUNTRY;
    if (setting->fallback != NULL)
        setting_put_fallback(setting, home);
    else if (is_text)
        *(char **)((char *)home + setting->offset) = mem_text("");
}

/* Puts all entries of one key; how many there were. */
static size_t setting_fill(const struct setting *setting, const struct entry_section *section,
                           void *home, struct config_problems *problems, size_t known)
{
    char why[SETTING_WHY_SIZE];
    size_t count = 0;
    bool has_failed = false;
    for (size_t i = 0; i < section->count; i++) {
        const struct entry *entry = &section->at[i];
        if (entry->setting != setting)
            continue;
        count++;
        if (entry->text == NULL || entry_fits(entry, home, why))
            continue;
        has_failed = true;
        if (!line_is_known_bad(problems, known, entry))
            entry_complain(problems, section, setting, entry->file, entry->line, why);
    }
    if (has_failed && !setting_is_list(setting))
        setting_stand_in(setting, home);
    return count;
}

static void count_check(const struct setting *setting, const struct entry_section *section,
                        size_t count, struct config_problems *problems)
{
    const struct entry *first = entry_find(section, setting->key);
    if (!setting_is_list(setting) || first == NULL)
        return;
    double items = first->text == NULL ? 0 : (double)count;
    if (items < setting->least)
        entry_complain(problems, section, setting, first->file, first->line, "must not be empty");
    if (items > setting->most)
        entry_complain(problems, section, setting, first->file, first->line, "has too many items");
}

/* `known`: how many problems there were before the values were looked at. On a line that has one,
 * a second would only repeat it (a ${VAR} that is not set is an empty value as well). */
static void section_fill(const struct entry_section *section, void *home, bool is_whole,
                         struct config_problems *problems, size_t known)
{
    for (size_t i = 0; i < setting_count; i++) {
        const struct setting *setting = &settings[i];
        if (!setting_is_of(setting, section->kind))
            continue;
        size_t count = setting_fill(setting, section, home, problems, known);
        count_check(setting, section, count, problems);
        if (count > 0)
            continue;
        setting_stand_in(setting, home);
        if (setting->fallback == NULL && is_whole)
            entry_complain(problems, section, setting, section->file, section->line, "is missing");
    }
}

/* A section without a title that the file doesn't name has its fallbacks. */
static void rest_fill(struct config *config, const struct entries *entries)
{
    bool is_given[SECTION_KINDS] = {false};
    for (size_t i = 0; i < entries->section_count; i++)
        is_given[entries->sections[i].kind] = true;
    for (size_t i = 0; i < setting_count; i++) {
        enum section_kind kind = settings[i].section;
        if (section_rows[kind].title[0] == '\0' && kind != SECTION_top && !is_given[kind])
            setting_put_fallback(&settings[i], home_of(config, kind, 0));
    }
}

static void text_default(char **text, const char *other)
{
    if ((*text)[0] != '\0')
        return;
    free(*text);
    *text = mem_text(other);
}

/* R90 to R97 are about marketing: what informs may come at any hour, unless the file says otherwise. */
static void hours_default(struct config_program *program, const struct entry_section *section)
{
    if (program->purpose == CONFIG_INFORMATIONAL && entry_find(section, "quiet_hours") == NULL)
        program->quiet_hours = (struct config_hours){.kind = CONFIG_HOURS_OFF};
}

/* The sections of one kind, or all but those. */
static void sections_build(struct config *config, const struct entries *entries,
                           enum section_kind kind, bool is_others, struct config_problems *problems)
{
    size_t seen[SECTION_KINDS] = {0};
    size_t known = problems->count;
    for (size_t i = 0; i < entries->section_count; i++) {
        const struct entry_section *section = &entries->sections[i];
        if (section->is_repeated || (section->kind == kind) == is_others)
            continue;
        void *home = home_of(config, section->kind, seen[section->kind]++);
        if (section_rows[section->kind].title[0] != '\0')
            *(char **)home = mem_text(section->title);
        section_fill(section, home, entries->is_whole, problems, known);
        if (section->kind == SECTION_program)
            hours_default(home, section);
    }
}

static struct config *config_build(const struct entries *entries, struct config_problems *problems)
{
    struct config *config = config_new(entries);
    /* First: what is wrong in a profile is not told again of each carrier that takes it over. */
    sections_build(config, entries, SECTION_profile, false, problems);
    sections_build(config, entries, SECTION_profile, true, problems);
    rest_fill(config, entries);
    for (size_t i = 0; i < config->program_count; i++) {
        struct config_program *program = &config->programs[i];
        bool is_marketing = program->purpose == CONFIG_MARKETING;
        text_default(&program->owner, program->brand);
        text_default(&program->category, is_marketing ? "marketing" : "informational");
    }
    for (size_t i = 0; i < config->carrier_count; i++)
        text_default(&config->carriers[i].country, config->default_country);
    return config;
}

struct config *config_load_with(const char *file, const struct config_words *words,
                                struct config_problems *problems)
{
    must(problems->count == 0);
    struct entries *entries = entries_read(file, problems);
    profiles_apply(entries);
    struct config *config = config_build(entries, problems);
    if (entries->is_whole)
        config_judge(config, entries, words, problems);
    entries_free(entries);
    problems_sort(problems);
    if (problems->error_count == 0)
        return config;
    config_free(config);
    return NULL;
}

struct config *config_load(const char *file, struct config_problems *problems)
{
    return config_load_with(file, NULL, problems);
}

bool config_list_has(const struct config_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->at[i], text) == 0)
            return true;
    return false;
}

const struct config_carrier *config_carrier_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->carrier_count; i++)
        if (strcmp(config->carriers[i].name, name) == 0)
            return &config->carriers[i];
    return NULL;
}

const struct config_carrier *config_profile_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->profile_count; i++)
        if (strcmp(config->profiles[i].name, name) == 0)
            return &config->profiles[i];
    return NULL;
}

const struct config_program *config_program_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->program_count; i++)
        if (strcmp(config->programs[i].name, name) == 0)
            return &config->programs[i];
    return NULL;
}

const struct config_account *config_account_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->account_count; i++)
        if (strcmp(config->accounts[i].name, name) == 0)
            return &config->accounts[i];
    return NULL;
}

const struct config_campaign *config_campaign_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->campaign_count; i++)
        if (strcmp(config->campaigns[i].name, name) == 0)
            return &config->campaigns[i];
    return NULL;
}

const struct config_brand *config_brand_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->brand_count; i++)
        if (strcmp(config->brands[i].name, name) == 0)
            return &config->brands[i];
    return NULL;
}

const struct config_program *config_program_of_sender(const struct config *config,
                                                      const char *sender)
{
    for (size_t i = 0; i < config->program_count; i++)
        if (config_list_has(&config->programs[i].senders, sender))
            return &config->programs[i];
    return NULL;
}

bool config_program_uses(const struct config *config, const struct config_program *program,
                         const char *carrier)
{
    bool uses = config_tiers_have(&program->carriers, carrier);
    for (size_t i = 0; !uses && i < config->route_count; i++) {
        const struct config_list *names = &config->routes[i].programs;
        uses = config_tiers_have(&config->routes[i].carriers, carrier) &&
               (names->count == 0 || config_list_has(names, program->name));
    }
    return uses;
}

/* NANP service codes of toll-free numbers. */
static bool is_toll_free(const char *sender)
{
    static const char *const codes[] = {"+1800", "+1833", "+1844", "+1855",
                                        "+1866", "+1877", "+1888"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strncmp(sender, codes[i], strlen(codes[i])) == 0)
            return strlen(sender) == strlen("+18005550100");
    return false;
}

enum config_kind config_sender_kind(const struct config *config, const char *sender)
{
    for (size_t i = 0; i < config->sender_count; i++) {
        const struct config_sender *one = &config->senders[i];
        if (one->kind != CONFIG_KIND_GUESSED && strcmp(one->name, sender) == 0)
            return one->kind;
    }
    size_t digits = strspn(sender, "0123456789");
    if (is_toll_free(sender))
        return CONFIG_KIND_TOLL_FREE;
    if (sender[0] == '+')
        return CONFIG_KIND_10DLC;
    return sender[digits] == '\0' ? CONFIG_KIND_SHORT_CODE : CONFIG_KIND_ALPHANUMERIC;
}
