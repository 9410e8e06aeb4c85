#include "consent/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "consent/sender.h"

struct programs {
    const struct config *config;
    struct program *at;
    size_t count;
};

/* "4/month". The longest of months and years, so that none of the calendar's has more than was promised. */
static void cap_read(const char *frequency, int64_t *count, int64_t *term_ms)
{
    static const struct {
        const char *unit;
        int64_t days;
    } rows[] = {{"/day", 1}, {"/week", 7}, {"/month", 31}, {"/year", 366}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(frequency + strspn(frequency, "0123456789"), rows[i].unit) == 0) {
            *count = strtoll(frequency, NULL, 10);
            *term_ms = rows[i].days * 86400000;
        }
}

static void texts_fill(char *out[CONFIG_LANGUAGES], const struct config_program *config,
                       const char *english, const char *spanish, const char *french)
{
    out[CONFIG_ENGLISH] = config_template(config, english, CONFIG_ENGLISH);
    out[CONFIG_SPANISH] = config_template(config, spanish, CONFIG_SPANISH);
    out[CONFIG_FRENCH] = config_template(config, french, CONFIG_FRENCH);
}

/* A category holds no stroke, so two names are the same only if both halves are. */
static char *category_name(const struct config_program *config)
{
    char *name = NULL;
    must(asprintf(&name, "%s/%s", config->owner, config->category) > 0);
    return name;
}

static bool program_open(struct program *program, const struct config *whole,
                         const struct config_program *config, struct store *store)
{
    program->config = config;
    own_keywords_fill(&program->own_keywords, whole, config);
    if (config->frequency_cap)
        cap_read(config->frequency, &program->cap_count, &program->cap_term_ms);
    program->id = store_program_id(store, config->name);
    program->category = category_name(config);
    texts_fill(program->confirmation, config, config->confirmation, config->confirmation_es,
               config->confirmation_fr);
    texts_fill(program->question, config, config->question, config->question_es,
               config->question_fr);
    texts_fill(program->help, config, config->help, config->help_es, config->help_fr);
    texts_fill(program->stop, config, config->stop, config->stop_es, config->stop_fr);
    texts_fill(program->disclosure, config, config->disclosure, config->disclosure_es, config->disclosure_fr);
    texts_fill(program->not_eligible, config, config_not_eligible[CONFIG_ENGLISH],
               config_not_eligible[CONFIG_SPANISH], config_not_eligible[CONFIG_FRENCH]);
    return program->id != 0;
}

struct programs *programs_open(const struct config *config, struct store *store)
{
    struct programs *programs = mem_new(sizeof *programs);
    programs->config = config;
    programs->count = config->program_count;
    programs->at = mem_new((programs->count + 1) * sizeof *programs->at);
    bool is_good = true;
    for (size_t i = 0; i < programs->count; i++)
        is_good = program_open(&programs->at[i], config, &config->programs[i], store) && is_good;
    if (is_good)
        return programs;
    programs_close(programs);
    return NULL;
}

void programs_close(struct programs *programs)
{
    if (programs == NULL)
        return;
    for (size_t i = 0; i < programs->count; i++) {
        free(programs->at[i].category);
        own_keywords_wipe(&programs->at[i].own_keywords);
        for (size_t k = 0; k < CONFIG_LANGUAGES; k++) {
            free(programs->at[i].confirmation[k]);
            free(programs->at[i].question[k]);
            free(programs->at[i].not_eligible[k]);
            free(programs->at[i].help[k]);
            free(programs->at[i].stop[k]);
            free(programs->at[i].disclosure[k]);
        }
    }
    free(programs->at);
    free(programs);
}

bool programs_reload(struct programs *programs, const struct config *config, struct store *store)
{
    struct programs *anew = programs_open(config, store);
    if (anew == NULL)
        return false;
    struct programs old = *programs;
    *programs = *anew;
    *anew = old;
    programs_close(anew);
    return true;
}

size_t programs_count(const struct programs *programs)
{
    return programs->count;
}

const struct program *programs_at(const struct programs *programs, size_t i)
{
    must(i < programs->count);
    return &programs->at[i];
}

const struct program *programs_find(const struct programs *programs, const char *name)
{
    for (size_t i = 0; i < programs->count; i++)
        if (strcmp(programs->at[i].config->name, name) == 0)
            return &programs->at[i];
    return NULL;
}

const struct program *programs_find_id(const struct programs *programs, int64_t id)
{
    for (size_t i = 0; i < programs->count; i++)
        if (programs->at[i].id == id)
            return &programs->at[i];
    return NULL;
}

const struct program *programs_find_sender(const struct programs *programs, const char *sender)
{
    for (size_t i = 0; i < programs->count; i++)
        if (program_has_sender(&programs->at[i], sender))
            return &programs->at[i];
    return NULL;
}

bool programs_network_confirms(const struct programs *programs, const char *sender)
{
    const struct config *config = programs->config;
    for (size_t i = 0; i < config->sender_count; i++)
        if (strcmp(config->senders[i].name, sender) == 0 &&
            config->senders[i].stop_confirmed_by != CONFIG_CONFIRMS_GUESSED)
            return config->senders[i].stop_confirmed_by == CONFIG_CONFIRMS_NETWORK;
    return sender_kind_of(sender) == SENDER_TOLL_FREE;
}

bool program_has_sender(const struct program *program, const char *sender)
{
    return config_list_has(&program->config->senders, sender);
}

/* Whatever of it a route fits. */
bool programs_use_carrier(const struct programs *programs, const struct program *program,
                          const char *carrier)
{
    return config_program_uses(programs->config, program->config, carrier);
}

bool program_is_informational(const struct program *program)
{
    return program->config->purpose == CONFIG_INFORMATIONAL;
}

enum optout_scope program_scope(const struct program *program, const char **name)
{
    switch (program->config->opt_out_scope) {
    case CONFIG_SCOPE_PROGRAM:
        *name = program->config->name;
        return OPTOUT_PROGRAM;
    case CONFIG_SCOPE_BRAND:
        *name = program->config->brand;
        return OPTOUT_BRAND;
    case CONFIG_SCOPE_CATEGORY:
        *name = program->category;
        return OPTOUT_CATEGORY;
    case CONFIG_SCOPE_OWNER:
        break;
    }
    *name = program->config->owner;
    return OPTOUT_OWNER;
}

bool program_is_in_scope(const struct program *program, enum optout_scope scope, const char *name)
{
    if (scope == OPTOUT_SENDER)
        return program_has_sender(program, name);
    const char *own = scope == OPTOUT_OWNER      ? program->config->owner
                      : scope == OPTOUT_BRAND    ? program->config->brand
                      : scope == OPTOUT_CATEGORY ? program->category
                                                 : program->config->name;
    return strcmp(own, name) == 0;
}
