/* The pages of a program's form. Their words are proto/optin.def, their parts web/optin.html. */
#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/program.h"
#include "html.h"
#include "http_language.h"
#include "http_optin.h"
#include "ticket.h"
#include "web.h"

static const char *const words[OPTIN_WORDS_COUNT][CONFIG_LANGUAGES] = {
#define OPTIN_WORDS(name, english, spanish, french) \
    [OPTIN_##name] = {[CONFIG_ENGLISH] = english, [CONFIG_SPANISH] = spanish, [CONFIG_FRENCH] = french},
#include "proto/optin.def"
};

#define PUT(html, part, ...)                                            \
    html_put(html, part, (const struct html_value[]){__VA_ARGS__},      \
             sizeof((const struct html_value[]){__VA_ARGS__}) / sizeof(struct html_value))
#define TEXT(name, text) {name, text, false}
#define HTML(name, text) {name, text, true}

static void page_begin_parts(struct html *html, struct region *region)
{
    const struct web_file *file = web_find("optin.html");
    must(file != NULL);
    html_begin(html, region, file->content);
}

/* ---- words ---- */

static const char *say(const struct sheet *sheet, enum optin_word word)
{
    const struct config_program *config = sheet->program->config;
    const struct html_value values[] = {
        TEXT("brand", config->brand), TEXT("support", config->support),
        TEXT("age", region_format(sheet->ask->region, "%ld", config->minimum_age))};
    return html_words(sheet->ask->region, words[word][sheet->language], values, sizeof values / sizeof *values);
}

/* What anybody's page has, and nothing of a program's. */
static const char *plain_words(enum optin_word word, enum config_language language)
{
    return words[word][language];
}

bool sheet_asks_age(const struct sheet *sheet)
{
    return sheet->program->config->minimum_age > 0;
}

bool sheet_asks_product(const struct sheet *sheet)
{
    return sheet->program->config->optin_products.count > 1;
}

static const char *disclosure_of(const struct sheet *sheet)
{
    return sheet->program->disclosure[sheet->language];
}

void sheet_digest(const struct sheet *sheet, uint8_t out[DIGEST_SIZE])
{
    digest_sha256(octets_text(region_format(sheet->ask->region, "%s\n%s", language_tag(sheet->language),
                                            disclosure_of(sheet))),
                  out);
}

/* ---- answering ---- */

/* Nothing but our own style, no script at all, into no frame but those that the config names. The form's own origin goes with
 * what is sent from it, by which we know it. */
static const char *lines_of(struct region *region, const struct sheet *sheet)
{
    const char *origins = "";
    for (size_t i = 0; sheet != NULL && i < sheet->program->config->optin_frames.count; i++)
        origins = region_format(region, "%s %s", origins, sheet->program->config->optin_frames.at[i]);
    return region_format(region,
                         "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
                         "base-uri 'none'; frame-ancestors%s\r\n%sReferrer-Policy: same-origin\r\n",
                         *origins == '\0' ? " 'none'" : origins, *origins == '\0' ? "X-Frame-Options: DENY\r\n" : "");
}

static void answer_html(struct ask *ask, int status, const struct html *html, const char *lines)
{
    answer_text(ask, status, "text/html; charset=utf-8", octets_of(html->text, html->length));
    ask->answer.lines = lines;
}

/* ---- the form ---- */

/* The same page in each language. */
static void languages_put(struct html *html, const struct sheet *sheet)
{
    struct region *region = sheet->ask->region;
    const char *more = *sheet->product == '\0'
                           ? ""
                           : region_format(region, "&product=%s", html_address(region, sheet->product));
    PUT(html, "languages", TEXT("label", say(sheet, OPTIN_LANGUAGES)));
    for (int i = 0; i < CONFIG_LANGUAGES; i++) {
        enum config_language language = (enum config_language)i;
        const char *tag = language_tag(language), *name = plain_words(OPTIN_LANGUAGE, language);
        if (language == sheet->language)
            PUT(html, "language-here", TEXT("name", name));
        else
            PUT(html, "language", TEXT("lang", tag), TEXT("name", name),
                TEXT("address", region_format(region, "?lang=%s%s", tag, more)));
    }
    html_put(html, "languages-end", NULL, 0);
}

static bool is_wrong(const struct sheet *sheet)
{
    return sheet->phone_wrong != OPTIN_NOTHING || sheet->product_wrong != OPTIN_NOTHING ||
           sheet->birth_wrong != OPTIN_NOTHING;
}

static void problem_put(struct html *html, const struct sheet *sheet, const char *field, enum optin_word word)
{
    if (word != OPTIN_NOTHING)
        PUT(html, "problem-of", TEXT("field", field), TEXT("text", say(sheet, word)));
}

/* All that is wrong, each with a link to where. */
static void problems_put(struct html *html, const struct sheet *sheet, enum optin_word problem)
{
    PUT(html, "problems", TEXT("label", say(sheet, OPTIN_PROBLEM)));
    if (problem != OPTIN_NOTHING)
        PUT(html, "problem", TEXT("text", say(sheet, problem)));
    problem_put(html, sheet, "product", sheet->product_wrong);
    problem_put(html, sheet, "birth", sheet->birth_wrong);
    problem_put(html, sheet, "phone", sheet->phone_wrong);
    problem_put(html, sheet, "agree", sheet->was_ticked ? OPTIN_TICK_AGAIN : OPTIN_NOTHING);
    html_put(html, "problems-end", NULL, 0);
}

/* What is wrong with a field, as it stands in front of it. */
static const char *wrong_of(const struct sheet *sheet, const char *field, enum optin_word word)
{
    struct html html;
    page_begin_parts(&html, sheet->ask->region);
    if (word != OPTIN_NOTHING)
        PUT(&html, "wrong", TEXT("field", field), TEXT("text", say(sheet, word)));
    return html.text;
}

/* The attribute that names what tells about a field: its hint, and what is wrong. */
static const char *described_by(const struct sheet *sheet, const char *field, bool has_hint, enum optin_word wrong)
{
    const char *hint = has_hint ? region_format(sheet->ask->region, "%s-hint ", field) : "";
    if (wrong != OPTIN_NOTHING)
        return region_format(sheet->ask->region, " aria-describedby=\"%s%s-wrong\"", hint, field);
    return has_hint ? region_format(sheet->ask->region, " aria-describedby=\"%s-hint\"", field) : "";
}

static const char *truth(bool is_so)
{
    return is_so ? "true" : "false";
}

static void product_put(struct html *html, const struct sheet *sheet)
{
    const struct config_list *products = &sheet->program->config->optin_products;
    PUT(html, "product", TEXT("label", say(sheet, OPTIN_PRODUCT)), TEXT("none", say(sheet, OPTIN_PRODUCT_NONE)),
        TEXT("is_wrong", truth(sheet->product_wrong != OPTIN_NOTHING)),
        HTML("wrong", wrong_of(sheet, "product", sheet->product_wrong)),
        HTML("described", described_by(sheet, "product", false, sheet->product_wrong)));
    for (size_t i = 0; i < products->count; i++)
        PUT(html, strcmp(products->at[i], sheet->product) == 0 ? "product-chosen" : "product-option",
            TEXT("name", products->at[i]));
    html_put(html, "product-end", NULL, 0);
}

static void birth_put(struct html *html, const struct sheet *sheet)
{
    PUT(html, "birth", TEXT("label", say(sheet, OPTIN_BIRTH)), TEXT("hint", say(sheet, OPTIN_BIRTH_HINT)),
        HTML("wrong", wrong_of(sheet, "birth", sheet->birth_wrong)),
        TEXT("is_wrong", truth(sheet->birth_wrong != OPTIN_NOTHING)),
        HTML("described", described_by(sheet, "birth", true, sheet->birth_wrong)),
        TEXT("month_label", say(sheet, OPTIN_MONTH)), TEXT("day_label", say(sheet, OPTIN_DAY)),
        TEXT("year_label", say(sheet, OPTIN_YEAR)), TEXT("month", sheet->month), TEXT("day", sheet->day),
        TEXT("year", sheet->year));
}

static void phone_put(struct html *html, const struct sheet *sheet)
{
    const char *country = sheet->ask->gateway->config->default_country;
    bool is_near = strcmp(country, "US") == 0 || strcmp(country, "CA") == 0;
    PUT(html, "phone", TEXT("label", say(sheet, OPTIN_PHONE)),
        TEXT("hint", say(sheet, is_near ? OPTIN_PHONE_HINT : OPTIN_PHONE_HINT_ABROAD)),
        HTML("wrong", wrong_of(sheet, "phone", sheet->phone_wrong)),
        TEXT("is_wrong", truth(sheet->phone_wrong != OPTIN_NOTHING)),
        HTML("described", described_by(sheet, "phone", true, sheet->phone_wrong)), TEXT("phone", sheet->phone));
}

/* "", or the address that the text begins with: the longer one, where one begins the other. */
static const char *address_at(const struct config_program *config, const char *text)
{
    const char *terms = strncmp(text, config->terms, strlen(config->terms)) == 0 ? config->terms : "";
    const char *privacy = strncmp(text, config->privacy, strlen(config->privacy)) == 0 ? config->privacy : "";
    return strlen(terms) > strlen(privacy) ? terms : privacy;
}

/* Word for word what is kept of it; the addresses of terms and privacy lead there. */
static const char *disclosure_html(const struct sheet *sheet)
{
    struct html html;
    page_begin_parts(&html, sheet->ask->region);
    for (const char *text = disclosure_of(sheet); *text != '\0';) {
        const char *address = address_at(sheet->program->config, text);
        if (*address != '\0')
            PUT(&html, "link", TEXT("address", address));
        else
            html_put_text(&html, octets_of(text, 1));
        text += *address == '\0' ? 1 : strlen(address);
    }
    return html.text;
}

static void form_put(struct html *html, const struct sheet *sheet)
{
    char ticket[TICKET_TEXT_SIZE];
    uint8_t shown[DIGEST_SIZE];
    struct region *region = sheet->ask->region;
    const char *program = sheet->program->config->name;
    sheet_digest(sheet, shown);
    ticket_make(http_tickets(sheet->ask->http), program, shown, clock_mono_ms(), ticket);
    PUT(html, "form", TEXT("ticket", ticket),
        TEXT("address", region_format(region, "/optin/%s?lang=%s", html_address(region, program),
                                      language_tag(sheet->language))));
    if (sheet_asks_product(sheet))
        product_put(html, sheet);
    if (sheet_asks_age(sheet))
        birth_put(html, sheet); /* in front of the box (R14) */
    phone_put(html, sheet);
    PUT(html, "box", HTML("disclosure", disclosure_html(sheet)));
    if (sheet->program->config->double_opt_in)
        PUT(html, "note", TEXT("text", say(sheet, OPTIN_ASKS_YES)));
    PUT(html, "form-end", TEXT("trap", say(sheet, OPTIN_TRAP)), TEXT("send", say(sheet, OPTIN_SEND)));
}

void sheet_show(const struct sheet *sheet, int status, enum optin_word problem)
{
    struct html html;
    bool has_problem = problem != OPTIN_NOTHING || is_wrong(sheet);
    const char *title = say(sheet, OPTIN_TITLE);
    const struct html_value said = TEXT("title", title);
    const char *window = has_problem ? html_words(sheet->ask->region, plain_words(OPTIN_WRONG_TITLE, sheet->language), &said, 1)
                                     : title;
    page_begin_parts(&html, sheet->ask->region);
    PUT(&html, "begin", TEXT("lang", language_tag(sheet->language)), TEXT("title", window));
    languages_put(&html, sheet);
    PUT(&html, "main", TEXT("title", title));
    if (has_problem)
        problems_put(&html, sheet, problem);
    form_put(&html, sheet);
    html_put(&html, "end", NULL, 0);
    answer_html(sheet->ask, status, &html, lines_of(sheet->ask->region, sheet));
}

/* ---- the other pages ---- */

static void short_page_put(struct html *html, enum config_language language, const char *title, const char *text)
{
    PUT(html, "begin", TEXT("lang", language_tag(language)), TEXT("title", title));
    PUT(html, "main", TEXT("title", title));
    PUT(html, "text", TEXT("text", text));
}

void outcome_show(const struct sheet *sheet, enum optin_word title, enum optin_word text)
{
    struct html html;
    page_begin_parts(&html, sheet->ask->region);
    short_page_put(&html, sheet->language, say(sheet, title), say(sheet, text));
    if (title == OPTIN_NONE_TITLE && text == OPTIN_NONE)
        PUT(&html, "back", TEXT("text", say(sheet, OPTIN_BACK)),
            TEXT("address", region_format(sheet->ask->region, "?lang=%s", language_tag(sheet->language))));
    html_put(&html, "end", NULL, 0);
    answer_html(sheet->ask, 200, &html, lines_of(sheet->ask->region, sheet));
}

void closed_show(struct ask *ask, enum config_language language)
{
    struct html html;
    page_begin_parts(&html, ask->region);
    short_page_put(&html, language, plain_words(OPTIN_CLOSED_TITLE, language), plain_words(OPTIN_CLOSED, language));
    html_put(&html, "end", NULL, 0);
    answer_html(ask, 404, &html, lines_of(ask->region, NULL));
}
