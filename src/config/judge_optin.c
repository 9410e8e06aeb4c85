/* The form of a program: where it stands, what its wording says, and who may frame it. */
#include <stdlib.h>
#include <string.h>

#include "base/web_address.h"
#include "judge_parts.h"

/* What the wording beside the box must say: one of the words, parted by strokes. */
struct demand {
    const char *key, *words, *what, *rule;
};

static const struct demand demands[] = {
    {"disclosure", "{brand}", "whose texts they are", "R2, R7"},
    {"disclosure", "text message|SMS", "that it is about text messages", "R9"},
    {"disclosure", "condition", "that consent is no condition of a purchase", "R2, R3"},
    {"disclosure", "rates", "that rates may apply", "R8"},
    {"disclosure", "STOP", "how they end", "R8"},
    {"disclosure", "HELP", "who helps", "R8"},
    {"disclosure", "{terms}", "where the terms are", "R8"},
    {"disclosure", "{privacy}", "where the privacy policy is", "R8"},
    {"disclosure_es", "{brand}", "whose texts they are", "R2, R7"},
    {"disclosure_es", "mensajes de texto|SMS", "that it is about text messages", "R9"},
    {"disclosure_es", "condición", "that consent is no condition of a purchase", "R2, R3"},
    {"disclosure_es", "tarifas", "that rates may apply", "R8"},
    {"disclosure_es", "STOP", "how they end", "R8"},
    {"disclosure_es", "AYUDA", "who helps", "R8"},
    {"disclosure_es", "{terms}", "where the terms are", "R8"},
    {"disclosure_es", "{privacy}", "where the privacy policy is", "R8"},
    {"disclosure_fr", "{brand}", "whose texts they are", "R2, R7"},
    {"disclosure_fr", "SMS", "that it is about text messages", "R9"},
    {"disclosure_fr", "condition", "that consent is no condition of a purchase", "R2, R3"},
    {"disclosure_fr", "frais", "that rates may apply", "R8"},
    {"disclosure_fr", "STOP", "how they end", "R8"},
    {"disclosure_fr", "AIDE", "who helps", "R8"},
    {"disclosure_fr", "{terms}", "where the terms are", "R8"},
    {"disclosure_fr", "{privacy}", "where the privacy policy is", "R8"},
};

static bool says_one(const char *text, const char *words)
{
    bool is_said = false;
    char *copy = strdup(words), *rest = copy;
    for (char *word; (word = strsep(&rest, "|")) != NULL;)
        is_said = is_said || strcasestr(text, word) != NULL;
    free(copy);
    return is_said;
}

/* Without names and addresses, which may hold any of the words by chance. */
static char *words_of_its_own(const struct config_program *program, const char *template, enum config_language language)
{
    static char nothing[] = "";
    struct config_program nameless = *program;
    nameless.brand = nameless.owner = nameless.support = nameless.terms = nameless.privacy = nothing;
    return config_template(&nameless, template, language);
}

static void judge_wording(const struct judgement *j, const struct config_program *program, const char *key,
                          const char *template, enum config_language language)
{
    char *whole = config_template(program, template, language), *own = words_of_its_own(program, template, language);
    for (size_t i = 0; i < sizeof demands / sizeof demands[0]; i++) {
        if (strcmp(demands[i].key, key) != 0)
            continue;
        char *words = config_template(program, demands[i].words, language);
        if (!says_one(demands[i].words[0] == '{' ? whole : own, words))
            complain_of(j, key, false, "%s doesn't say %s: \"%s\" (%s)", key, demands[i].what, words, demands[i].rule);
        free(words);
    }
    free(whole);
    free(own);
}

static void judge_address(const struct judgement *j, const char *key, const char *text)
{
    struct web_address address;
    char *page = strndup(text, strcspn(text, "#")); /* where on it is the reader's */
    const char *fault = web_address_read(page, &address);
    if (text[0] == '\0')
        complain_of(j, key, false, "optin needs %s, the address of a page (R8)", key);
    else if (fault != NULL)
        complain_of(j, key, false, "optin needs %s to be the address of a page, and it %s", key, fault);
    free(page);
}

/* The machine itself is no network to listen on. */
static bool is_loopback(const char *origin)
{
    static const char *const hosts[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        size_t length = strlen(hosts[i]);
        if (strncmp(origin, hosts[i], length) == 0 && (origin[length] == '\0' || origin[length] == ':'))
            return true;
    }
    return false;
}

void judge_optin(const struct judgement *j, const struct config_program *program)
{
    const char *url = j->config->http.public_url;
    if (!program->optin)
        return;
    if (url[0] == '\0')
        complain_of(j, "optin", false, "%s", "optin needs public_url of http: how browsers reach the form");
    else if (strncmp(url, "http://", 7) == 0 && !is_loopback(url))
        complain_of(j, "optin", true, "%s", "public_url is http://: what people type into the form can be read on its way");
    if (!program->double_opt_in)
        complain_of(j, "optin", true, "%s", "the form is open to the world without double_opt_in: anybody can opt in a number that "
                                            "isn't theirs, or lift its STOP");
    judge_address(j, "terms", program->terms);
    judge_address(j, "privacy", program->privacy);
    if (program->terms[0] == '\0' || program->privacy[0] == '\0')
        return; /* told already, and the wording would suffer */
    judge_wording(j, program, "disclosure", program->disclosure, CONFIG_ENGLISH);
    judge_wording(j, program, "disclosure_es", program->disclosure_es, CONFIG_SPANISH);
    judge_wording(j, program, "disclosure_fr", program->disclosure_fr, CONFIG_FRENCH);
}
