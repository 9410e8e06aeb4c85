#include "consent/effect.h"

#include <string.h>

#define EFFECT "effect"

static const char *scope_word(enum optout_scope scope)
{
    static const char *const words[] = {[OPTOUT_OWNER] = "owner",
                                        [OPTOUT_BRAND] = "brand",
                                        [OPTOUT_PROGRAM] = "program",
                                        [OPTOUT_SENDER] = "sender",
                                        [OPTOUT_NUMBER] = "number",
                                        [OPTOUT_CATEGORY] = "category"};
    return (size_t)scope < sizeof words / sizeof *words && words[scope] != NULL ? words[scope] : "?";
}

void effect_put(json_t *payload, const struct consent *row, int64_t seq)
{
    json_t *words = json_array();
    if (row->seq == seq)
        json_array_append_new(words, json_string(row->has_opted_in ? EFFECT_OPTS_IN : EFFECT_NOTED));
    if (row->seq == seq && row->awaits_yes)
        json_array_append_new(words, json_string(EFFECT_ASKS));
    if (row->lifted_seq == seq)
        json_array_append_new(words, json_string(EFFECT_LIFTS));
    json_object_set_new(payload, EFFECT, words);
}

bool effect_is_told(const json_t *payload)
{
    return json_object_get(payload, EFFECT) != NULL;
}

bool effect_has(const json_t *payload, const char *word)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(payload, EFFECT), i, one)
    {
        if (json_is_string(one) && strcmp(json_string_value(one), word) == 0)
            return true;
    }
    return false;
}

const char *effect_counts_as(const char *kind, const json_t *payload)
{
    if (strcmp(kind, "opt_out") == 0)
        return ACTIVITY_OPT_OUT;
    bool is_in = effect_has(payload, EFFECT_OPTS_IN) || json_is_true(json_object_get(payload, "restores"));
    return is_in && !effect_has(payload, EFFECT_ASKS) ? ACTIVITY_OPT_IN : NULL;
}

json_t *effect_scope(enum optout_scope scope, const char *name)
{
    return json_pack("{s:s,s:s}", "scope", scope_word(scope), "name", name);
}

bool effect_is_scope(const json_t *json, enum optout_scope scope, const char *name)
{
    const char *word = json_string_value(json_object_get(json, "scope"));
    const char *said = json_string_value(json_object_get(json, "name"));
    return word != NULL && said != NULL && strcmp(word, scope_word(scope)) == 0 &&
           strcmp(said, name) == 0;
}
