/* Keywords of programs' own: words that are free, and answers that say who writes. */
#include <string.h>

#include "judge_parts.h"

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
    while (j->words != NULL && (entry = judge_next(j->section, key, entry)) != NULL) {
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

void judge_keyword(const struct judgement *j, const struct config_keyword *keyword)
{
    judge_names(j, "programs", "program", judge_has_program);
    judge_replies(j, keyword);
    for (size_t k = 0; k < CONFIG_LANGUAGES; k++) {
        const struct entry *reply = entry_find(j->section, reply_keys[k]);
        bool has_words = judge_next(j->section, word_keys[k], NULL) != NULL;
        bool has_reply = reply != NULL && reply->text[0] != '\0';
        judge_words(j, keyword, word_keys[k]);
        if (k > 0 && has_words != has_reply)
            complain_of(j, has_words ? word_keys[k] : reply_keys[k], false, "it has %s and no %s",
                        has_words ? word_keys[k] : reply_keys[k], has_words ? reply_keys[k] : word_keys[k]);
    }
}
