#include "config/template.h"

#include <string.h>
#include <utf8proc.h>

#include "base/must.h"
#include "config/config.h"

const char *const config_not_eligible[CONFIG_LANGUAGES] = {
    [CONFIG_ENGLISH] = "{brand}: We have no sign-up of yours to restore, so you'll get no messages. "
                       "Questions: {support}",
    [CONFIG_SPANISH] = "{brand}: No hay ninguna inscripcion suya que restablecer; no recibira mensajes. "
                       "Preguntas: {support}",
    [CONFIG_FRENCH] = "{brand}: Vous n'avez pas d'inscription a retablir; vous ne recevrez pas de messages. "
                      "Questions: {support}",
};

/* How often, in words. */
struct often {
    const char *varies, *up_to, *one, *many, *day, *week, *month, *year;
};

/* What we say ourselves in a template: within GSM 03.38, so that a text needs no UCS-2, but for what only pages say. */
static const struct saying {
    struct often brief, whole; /* of texts, of pages */
    const char *program;
    const char *marketing, *informational; /* what kind of texts */
} sayings[CONFIG_LANGUAGES] = {
    [CONFIG_ENGLISH] = {{"Msg frequency varies", "Up to ", " msg/", " msgs/", "day", "week", "month", "year"},
                        {"Message frequency varies", "Up to ", " message a ", " messages a ", "day", "week", "month", "year"},
                        "this program",
                        "recurring automated marketing text messages",
                        "recurring automated text messages"},
    [CONFIG_SPANISH] = {{"La frecuencia varia", "Hasta ", " mensaje/", " mensajes/", "dia", "semana", "mes", "año"},
                        {"La frecuencia de los mensajes varía", "Hasta ", " mensaje por ", " mensajes por ", "día", "semana",
                         "mes", "año"},
                        "este programa",
                        "mensajes de texto automatizados y recurrentes de marketing",
                        "mensajes de texto automatizados y recurrentes"},
    [CONFIG_FRENCH] = {{"Fréquence variable", "Jusqu'à ", " message/", " messages/", "jour", "semaine", "mois", "an"},
                       {"La fréquence des messages varie", "Jusqu'à ", " message par ", " messages par ", "jour", "semaine",
                        "mois", "an"},
                       "ce programme",
                       "des SMS automatisés et récurrents à des fins de marketing",
                       "des SMS automatisés et récurrents"},
};

enum config_language config_language_of(const char *tag)
{
    bool is_plain = tag[0] != '\0' && tag[1] != '\0' && (tag[2] == '\0' || tag[2] == '-');
    return is_plain && strncasecmp(tag, "es", 2) == 0   ? CONFIG_SPANISH
           : is_plain && strncasecmp(tag, "fr", 2) == 0 ? CONFIG_FRENCH
                                                        : CONFIG_ENGLISH;
}

/* In the order of draft_add_value. */
const struct template_row template_rows[] = {
    {"{brand}", "the brand"},
    {"{owner}", "the owner"},
    {"{support}", "the support"},
    {"{frequency}", "\"Up to 4 msgs/month\", or \"Msg frequency varies\""},
    {"{terms}", "the address of the terms"},
    {"{privacy}", "the address of the privacy policy"},
    {"{texts}", "what kind of texts, by the purpose: \"recurring automated marketing text messages\"; for the form"},
    {"{how_often}", "as {frequency}, in whole words: \"Up to 4 messages a month\"; for the form"},
    {"{scope}", "whose messages a STOP ends: the owner (and the category), the brand or \"this program\""},
};
const size_t template_row_count = sizeof template_rows / sizeof template_rows[0];

static const struct template_row *placeholder_at(const char *text)
{
    for (size_t i = 0; i < template_row_count; i++)
        if (strncmp(text, template_rows[i].name, strlen(template_rows[i].name)) == 0)
            return &template_rows[i];
    return NULL;
}

bool template_is_sound(const char *template, const char **at)
{
    for (const char *c = template; (c = strchr(c, '{')) != NULL; c++) {
        if (placeholder_at(c) == NULL) {
            *at = c;
            return false;
        }
    }
    return true;
}

/* A text that grows. */
struct draft {
    char *text;
    size_t length;
};

static void draft_add(struct draft *draft, const char *from, size_t length)
{
    draft->text = mem_grow(draft->text, draft->length + length + 1);
    memcpy(draft->text + draft->length, from, length);
    draft->length += length;
    draft->text[draft->length] = '\0';
}

static void draft_add_text(struct draft *draft, const char *from)
{
    draft_add(draft, from, strlen(from));
}

static void draft_add_frequency(struct draft *draft, const char *frequency, const struct often *saying)
{
    const char *slash = strchr(frequency, '/');
    if (slash == NULL) {
        draft_add_text(draft, saying->varies);
        return;
    }
    draft_add_text(draft, saying->up_to);
    draft_add(draft, frequency, (size_t)(slash - frequency));
    draft_add_text(draft, slash - frequency == 1 && frequency[0] == '1' ? saying->one : saying->many);
    draft_add_text(draft, strcmp(slash, "/day") == 0     ? saying->day
                          : strcmp(slash, "/week") == 0  ? saying->week
                          : strcmp(slash, "/month") == 0 ? saying->month
                                                         : saying->year);
}

static void draft_add_scope(struct draft *draft, const struct config_program *program,
                            const struct saying *saying)
{
    if (program->opt_out_scope == CONFIG_SCOPE_PROGRAM) {
        draft_add_text(draft, saying->program);
        return;
    }
    draft_add_text(draft, program->opt_out_scope == CONFIG_SCOPE_BRAND ? program->brand
                                                                       : program->owner);
    if (program->opt_out_scope == CONFIG_SCOPE_CATEGORY) {
        draft_add_text(draft, " (");
        draft_add_text(draft, program->category);
        draft_add_text(draft, ")");
    }
}

/* What a placeholder stands for. */
static void draft_add_value(struct draft *draft, const struct config_program *program,
                            const struct template_row *row, const struct saying *saying)
{
    enum { BRAND, OWNER, SUPPORT, FREQUENCY, TERMS, PRIVACY, TEXTS, HOW_OFTEN, SCOPE, COUNT };
    _Static_assert(COUNT == sizeof template_rows / sizeof template_rows[0],
                   "a value for every placeholder");
    const char *const values[] = {[BRAND] = program->brand,
                                  [OWNER] = program->owner,
                                  [SUPPORT] = program->support,
                                  [TERMS] = program->terms,
                                  [PRIVACY] = program->privacy};
    switch (row - template_rows) {
    case FREQUENCY:
        draft_add_frequency(draft, program->frequency, &saying->brief);
        break;
    case HOW_OFTEN:
        draft_add_frequency(draft, program->frequency, &saying->whole);
        break;
    case TEXTS:
        draft_add_text(draft, program->purpose == CONFIG_MARKETING ? saying->marketing : saying->informational);
        break;
    case SCOPE:
        draft_add_scope(draft, program, saying);
        break;
    default:
        draft_add_text(draft, values[row - template_rows]);
    }
}

char *config_template(const struct config_program *program, const char *template,
                      enum config_language language)
{
    struct draft draft = {0};
    const struct saying *saying = &sayings[language];
    draft_add(&draft, "", 0);
    for (const char *c = template; *c != '\0';) {
        size_t plain = strcspn(c, "{");
        draft_add(&draft, c, plain);
        c += plain;
        if (*c == '\0')
            break;
        const struct template_row *row = placeholder_at(c);
        must(row != NULL);
        draft_add_value(&draft, program, row, saying);
        c += strlen(row->name);
    }
    return draft.text;
}

/* GSM 03.38 (3GPP 23.038, 6.2.1): what of it lies outside of ASCII, what of ASCII lies outside of
 * it, and the extension table, of which each character takes two septets. */
static const char gsm_beyond_ascii[] = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
static const char gsm_extension[] = "^{}\\[~]|\f€";

static size_t gsm_septets(const char *character, size_t length)
{
    char one[5] = {0};
    memcpy(one, character, length);
    if (strstr(gsm_extension, one) != NULL)
        return 2;
    if (length > 1)
        return strstr(gsm_beyond_ascii, one) != NULL ? 1 : 0;
    bool is_basic =
        (one[0] >= ' ' && one[0] <= '~' && one[0] != '`') || one[0] == '\n' || one[0] == '\r';
    return is_basic ? 1 : 0;
}

struct template_measure template_measure(const char *text)
{
    return template_measure_up_to(text, INT32_MAX);
}

struct template_measure template_measure_up_to(const char *text, int32_t last)
{
    size_t septets = 0;
    size_t units = 0;
    bool is_gsm = true;
    for (const char *c = text; *c != '\0';) {
        utf8proc_int32_t code;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)c, -1, &code);
        must(length > 0);
        size_t cost = gsm_septets(c, (size_t)length);
        is_gsm = is_gsm && cost > 0 && code <= last;
        septets += cost;
        units += code > 0xffff ? 2 : 1;
        c += length;
    }
    if (is_gsm)
        return (struct template_measure){.is_gsm = true, .used = septets, .room = 160};
    return (struct template_measure){.is_gsm = false, .used = units, .room = 70};
}
