#include "consent/own_keyword.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "consent/spoken.h"

static void words_put(struct own_keywords *keywords, const struct config_keyword *config,
                      const struct config_program *program, const struct config_list *words,
                      const char *template, enum config_language language)
{
    char folded[SPOKEN_SIZE];
    for (size_t i = 0; i < words->count; i++) {
        if (!spoken_whole(octets_text(words->at[i]), folded))
            continue; /* no text can be it */
        keywords->at = mem_grow(keywords->at, (keywords->count + 1) * sizeof *keywords->at);
        keywords->at[keywords->count++] =
            (struct own_keyword){.name = config->name,
                                 .word = mem_text(folded),
                                 .reply = config_template(program, template, language),
                                 .answers_strangers = config->strangers};
    }
}

void own_keywords_fill(struct own_keywords *keywords, const struct config *config,
                       const struct config_program *program)
{
    for (size_t i = 0; i < config->keyword_count; i++) {
        const struct config_keyword *one = &config->keywords[i];
        if (!config_list_has(&one->programs, program->name))
            continue;
        words_put(keywords, one, program, &one->words, one->reply, CONFIG_ENGLISH);
        words_put(keywords, one, program, &one->words_es, one->reply_es, CONFIG_SPANISH);
        words_put(keywords, one, program, &one->words_fr, one->reply_fr, CONFIG_FRENCH);
    }
}

void own_keywords_wipe(struct own_keywords *keywords)
{
    for (size_t i = 0; i < keywords->count; i++) {
        free(keywords->at[i].word);
        free(keywords->at[i].reply);
    }
    free(keywords->at);
}

const struct own_keyword *own_keyword_find(const struct own_keywords *keywords, struct octets text)
{
    char said[SPOKEN_SIZE];
    if (keywords->count == 0 || !spoken_whole(text, said))
        return NULL;
    for (size_t i = 0; i < keywords->count; i++)
        if (strcmp(keywords->at[i].word, said) == 0)
            return &keywords->at[i];
    return NULL;
}
