/* The form of a program: who sends what, whether it counts, and what is recorded of it. The evidence is what we know ourselves:
 * the wording that this very sheet showed, when it came and from where. Only the person's own words are taken from what is sent. */
#include "http_optin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/consent.h"
#include "html.h"
#include "http_form.h"
#include "http_language.h"
#include "letterbox.h"
#include "smpp/text.h"
#include "ticket.h"
#include "turnstile.h"

#define BODY_MOST       8192
#define TYPED_MOST      100 /* octets of a field: nobody types more */
#define AGENT_MOST      1000
#define FORMS_A_DAY     4 /* of a number, by whatever form: a stranger can't have it texted more often */
#define DAY_MS          INT64_C(86400000)
#define WHOLE_BIRTH     10

/* What came of a form; with its ticket it is kept, for the same form sent twice. */
enum outcome { OUTCOME_IN, OUTCOME_ASKED, OUTCOME_NONE, OUTCOME_YOUNG };

struct optin {
    struct sheet sheet;
    struct form *form;
    struct ticket ticket;
    uint8_t content[DIGEST_SIZE];
    uint64_t number;
    char birth_date[WHOLE_BIRTH + 1]; /* "": none */
    bool is_ticked;
};

/* ---- whose form, in which language ---- */

static const char *typed(struct optin *it, const struct form *form, const char *name)
{
    const char *text = form_text(form, name, it->sheet.ask->region);
    return text == NULL || strlen(text) > TYPED_MOST ? "" : text;
}

static enum config_language language_of(struct optin *it, const struct form *query)
{
    enum config_language language;
    if (language_find(typed(it, query, "lang"), &language))
        return language;
    return language_wanted(ask_header(it->sheet.ask, "Accept-Language"));
}

/* False: it is answered, there is none. */
static bool optin_begin(struct optin *it, struct ask *ask)
{
    struct form *query = region_get(ask->region, sizeof *query);
    const struct program *program = programs_find(ask->gateway->programs, ask->segment);
    it->sheet = (struct sheet){.ask = ask, .phone = "", .product = "", .month = "", .day = "", .year = ""};
    it->form = region_get(ask->region, sizeof *it->form);
    form_read(query, ask_query(ask), ask->region);
    it->sheet.language = language_of(it, query);
    it->sheet.product = typed(it, query, "product");
    it->sheet.program = program;
    if (program == NULL || !program->config->optin)
        closed_show(ask, it->sheet.language);
    return program != NULL && program->config->optin;
}

void optin_get(struct ask *ask)
{
    struct optin it = {0};
    if (optin_begin(&it, ask))
        sheet_show(&it.sheet, 200, OPTIN_NOTHING);
}

static void count(const struct optin *it, enum form_fate fate)
{
    letterbox_count(http_letterbox(it->sheet.ask->http), it->sheet.program->id, fate);
}

/* ---- where it comes from ---- */

/* A browser says by Sec-Fetch-Site whether our own page sends it; an older one says the page's origin. What says neither is no
 * browser, which could say what it likes. */
static bool is_from_own_page(const struct ask *ask)
{
    const struct claims *claims = &ask->claims;
    if (claims->site != NULL)
        return strcmp(claims->site, "same-origin") == 0 || strcmp(claims->site, "none") == 0;
    return claims->origin == NULL || strcmp(claims->origin, ask->gateway->config->http.public_url) == 0;
}

/* False: answered. */
static bool form_take(struct optin *it)
{
    struct ask *ask = it->sheet.ask;
    if (!is_from_own_page(ask)) {
        log_info("optin refused program=%s why=\"another site sent it\" peer=%s", it->sheet.program->config->name, ask->peer);
        sheet_show(&it->sheet, 403, OPTIN_STRANGE);
        count(it, FORM_STRANGE);
        return false;
    }
    bool is_form = media_is(ask_header(ask, "Content-Type"), "application/x-www-form-urlencoded");
    if (!is_form || ask->body.length > BODY_MOST) {
        sheet_show(&it->sheet, is_form ? 413 : 415, OPTIN_UNREAD);
        count(it, FORM_STRANGE);
        return false;
    }
    form_read(it->form, ask->body, ask->region);
    digest_sha256(ask->body, it->content);
    it->sheet.phone = typed(it, it->form, "phone");
    it->sheet.month = typed(it, it->form, "month");
    it->sheet.day = typed(it, it->form, "day");
    it->sheet.year = typed(it, it->form, "year");
    if (form_find(it->form, "product") != NULL)
        it->sheet.product = typed(it, it->form, "product");
    it->is_ticked = it->sheet.was_ticked = strcmp(typed(it, it->form, "agree"), "yes") == 0;
    return true;
}

/* ---- whether it counts ---- */

static void outcome_answer(const struct optin *it, enum outcome outcome)
{
    static const struct {
        enum optin_word title, text;
    } pages[] = {[OUTCOME_IN] = {OPTIN_DONE_TITLE, OPTIN_DONE},
                 [OUTCOME_ASKED] = {OPTIN_ASKED_TITLE, OPTIN_ASKED},
                 [OUTCOME_NONE] = {OPTIN_NONE_TITLE, OPTIN_NONE},
                 [OUTCOME_YOUNG] = {OPTIN_NONE_TITLE, OPTIN_YOUNG}};
    outcome_show(&it->sheet, pages[outcome].title, pages[outcome].text);
}

/* False: answered. One sent twice is answered as it was the first time. */
static bool ticket_take(struct optin *it)
{
    uint8_t shown[DIGEST_SIZE];
    unsigned outcome;
    const char *text = form_text(it->form, "ticket", it->sheet.ask->region);
    sheet_digest(&it->sheet, shown);
    switch (ticket_read(http_tickets(it->sheet.ask->http), octets_text(text), it->sheet.program->config->name, shown,
                        it->content, clock_mono_ms(), &it->ticket, &outcome)) {
    case TICKET_GOOD:
        return true;
    case TICKET_SPENT:
        outcome_answer(it, (enum outcome)outcome);
        count(it, FORM_REPEATED);
        return false;
    case TICKET_REUSED:
        sheet_show(&it->sheet, 409, OPTIN_REUSED);
        break;
    case TICKET_REWORDED:
        sheet_show(&it->sheet, 409, OPTIN_REWORDED);
        break;
    case TICKET_NONE:
    case TICKET_STALE:
        sheet_show(&it->sheet, 409, OPTIN_STALE);
        break;
    }
    count(it, FORM_STALE);
    return false;
}

/* Programs fill in every field; people see it not, and leave it empty. */
static bool is_trapped(struct optin *it)
{
    const struct octets *trap = form_find(it->form, "trap");
    if (trap == NULL || trap->length == 0)
        return false;
    sheet_show(&it->sheet, 422, OPTIN_TRAPPED);
    count(it, FORM_STRANGE);
    return true;
}

/* ---- its fields ---- */

static enum optin_word phone_read(struct optin *it)
{
    struct ask *ask = it->sheet.ask;
    if (it->sheet.phone[strspn(it->sheet.phone, " ")] == '\0')
        return OPTIN_PHONE_MISSING;
    if (number_read(octets_text(it->sheet.phone), ask->gateway->config->default_country, &it->number) != NUMBER_OK)
        return OPTIN_PHONE_WRONG;
    return program_serves(it->sheet.program, it->number) ? OPTIN_NOTHING : OPTIN_PHONE_ABROAD;
}

static enum optin_word product_read(struct optin *it)
{
    const struct config_list *products = &it->sheet.program->config->optin_products;
    if (products->count == 1)
        it->sheet.product = products->at[0];
    else if (products->count == 0)
        it->sheet.product = "";
    return products->count <= 1 || config_list_has(products, it->sheet.product) ? OPTIN_NOTHING : OPTIN_PRODUCT_MISSING;
}

/* Without the blanks around it; at most so many digits. -1: that it is not. */
static int digits_read(const char *text, size_t most)
{
    struct octets trimmed = octets_trimmed(octets_text(text));
    size_t digits = strspn((const char *)trimmed.at, "0123456789");
    return trimmed.length > 0 && digits == trimmed.length && digits <= most ? atoi((const char *)trimmed.at) : -1;
}

/* Asked for in front of the box (R14); whoever doesn't tick it need not tell. */
static enum optin_word birth_read(struct optin *it)
{
    const struct sheet *sheet = &it->sheet;
    bool is_empty = *sheet->month == '\0' && *sheet->day == '\0' && *sheet->year == '\0';
    if (!sheet_asks_age(sheet) || (is_empty && !it->is_ticked))
        return OPTIN_NOTHING;
    if (is_empty)
        return OPTIN_BIRTH_MISSING;
    int year = digits_read(sheet->year, 4), month = digits_read(sheet->month, 2), day = digits_read(sheet->day, 2);
    if (year < 0 || month < 0 || day < 0)
        return OPTIN_BIRTH_WRONG;
    must(snprintf(it->birth_date, sizeof it->birth_date, "%04d-%02d-%02d", year % 10000, month % 100, day % 100) ==
         WHOLE_BIRTH);
    return birth_age(it->birth_date, sheet->ask->now_ms) < 0 ? OPTIN_BIRTH_WRONG : OPTIN_NOTHING;
}

/* False: answered. */
static bool fields_read(struct optin *it)
{
    struct sheet *sheet = &it->sheet;
    sheet->product_wrong = product_read(it);
    sheet->birth_wrong = birth_read(it);
    sheet->phone_wrong = phone_read(it);
    if (sheet->product_wrong == OPTIN_NOTHING && sheet->birth_wrong == OPTIN_NOTHING && sheet->phone_wrong == OPTIN_NOTHING)
        return true;
    sheet_show(sheet, 422, OPTIN_NOTHING);
    count(it, FORM_INVALID);
    return false;
}

/* ---- a disk that can't be written ---- */

static void show_lost(struct optin *it)
{
    sheet_show(&it->sheet, 503, OPTIN_LOST);
    answer_retry_after(it->sheet.ask, 1000);
}

/* In the place of whatever it is answered, if this turn can't be written. */
static void lost_prepare(struct optin *it)
{
    struct ask *ask = it->sheet.ask;
    show_lost(it);
    ask->lost = region_get(ask->region, sizeof *ask->lost);
    *ask->lost = ask->answer;
}

/* ---- how many ---- */

static void show_many(struct optin *it, const char *why, enum optin_word word, enum form_fate fate, int64_t wait_ms)
{
    struct ask *ask = it->sheet.ask;
    log_info("optin refused program=%s why=\"%s\" peer=%s", it->sheet.program->config->name, why, ask->peer);
    sheet_show(&it->sheet, 429, word);
    answer_retry_after(ask, wait_ms);
    count(it, fate);
}

/* False: answered. */
static bool address_may(struct optin *it)
{
    struct ask *ask = it->sheet.ask;
    int64_t wait_ms = turnstile_pass(http_turnstile(ask->http), ask->peer, clock_mono_ms());
    if (wait_ms > 0)
        show_many(it, "many forms of one address", OPTIN_CROWDED, FORM_OF_ADDRESS, wait_ms);
    return wait_ms == 0;
}

/* Whoever types in a number need not have it: so its owner is not texted without end. False: answered. */
static bool number_may(struct optin *it)
{
    struct ask *ask = it->sheet.ask;
    int forms = consent_forms_since(ask->gateway->consents, it->number, ask->now_ms - DAY_MS, FORMS_A_DAY);
    if (forms < 0) {
        show_lost(it);
        count(it, FORM_UNSTORED);
    } else if (forms >= FORMS_A_DAY) {
        show_many(it, "many forms of one number", OPTIN_OFTEN, FORM_OF_NUMBER, DAY_MS);
    }
    return forms >= 0 && forms < FORMS_A_DAY;
}

/* Addresses are cheap, and each form is a text that we send. False: answered. */
static bool program_may(struct optin *it)
{
    const struct program *program = it->sheet.program;
    int64_t wait_ms = letterbox_pass(http_letterbox(it->sheet.ask->http), program->id, program->config->optin_a_minute, clock_mono_ms());
    if (wait_ms > 0)
        show_many(it, "many forms of all addresses", OPTIN_BUSY, FORM_OF_PROGRAM, wait_ms);
    return wait_ms == 0;
}

/* ---- what is recorded ---- */

/* Of any octets, as much as is kept of it; what isn't UTF-8 is taken for Latin-1. */
static const char *agent_of(const struct ask *ask)
{
    struct octets agent = octets_text(ask_header(ask, "User-Agent"));
    if (!text_is_utf8(agent))
        agent = text_decode_as(agent, TEXT_LATIN1, ask->region, NULL);
    if (agent.length > AGENT_MOST)
        agent.length = AGENT_MOST;
    while (agent.length > 0 && !text_is_utf8(agent))
        agent.length--; /* cut within a character */
    return region_text(ask->region, agent);
}

const char *optin_url(struct ask *ask, const struct program *program)
{
    if (!program->config->optin)
        return "";
    return region_format(ask->region, "%s/optin/%s", ask->gateway->config->http.public_url,
                         html_address(ask->region, program->config->name));
}

static struct registration evidence_of(const struct optin *it)
{
    struct ask *ask = it->sheet.ask;
    struct region *region = ask->region;
    const struct program *program = it->sheet.program;
    const char *language = language_tag(it->sheet.language);
    uint8_t shown[DIGEST_SIZE];
    char *session = region_get(region, 2 * TICKET_NONCE_SIZE + 1), *version = region_get(region, TICKET_SHOWN_SIZE + 1);
    char *now = region_get(region, TIME_TEXT_SIZE);
    octets_to_hex(octets_of(it->ticket.nonce, sizeof it->ticket.nonce), session);
    sheet_digest(&it->sheet, shown);
    octets_to_hex(octets_of(shown, TICKET_SHOWN_SIZE / 2), version);
    time_write(ask->now_ms, now);
    return (struct registration){
        .program = program,
        .number = it->number,
        .has_opted_in = it->is_ticked,
        .source = "web_form",
        .product = it->sheet.product,
        .form_url = region_format(region, "%s?lang=%s", optin_url(ask, program), language),
        .language = language,
        .form_version = version,
        .disclosure = program->disclosure[it->sheet.language],
        .box_default = "unticked",
        .ip = ask->peer,
        .user_agent = agent_of(ask),
        .session = session,
        .birth_date = it->birth_date,
        .collected_at = now};
}

static enum outcome outcome_of(const struct optin *it)
{
    const struct config_program *config = it->sheet.program->config;
    if (!it->is_ticked)
        return OUTCOME_NONE;
    if (config->minimum_age > 0 && birth_age(it->birth_date, it->sheet.ask->now_ms) < config->minimum_age)
        return OUTCOME_YOUNG;
    return config->double_opt_in ? OUTCOME_ASKED : OUTCOME_IN;
}

static void record(struct optin *it)
{
    static const enum form_fate fates[] = {[OUTCOME_IN] = FORM_OPT_IN,
                                           [OUTCOME_ASKED] = FORM_OPT_IN,
                                           [OUTCOME_NONE] = FORM_NO_OPT_IN,
                                           [OUTCOME_YOUNG] = FORM_TOO_YOUNG};
    int64_t tail;
    struct registered result;
    struct ask *ask = it->sheet.ask;
    enum outcome outcome = outcome_of(it);
    struct registration evidence = evidence_of(it);
    registration_take(ask, &evidence, &result, &tail);
    if (result.fault != VERDICT_ALLOWED) {
        if (result.fault != VERDICT_UNAVAILABLE)
            log_error("optin not recorded program=%s why=\"%s\"", it->sheet.program->config->name, result.detail);
        show_lost(it);
        count(it, FORM_UNSTORED);
        return;
    }
    count(it, fates[outcome]);
    ticket_spend(http_tickets(ask->http), &it->ticket, it->content, outcome, clock_mono_ms());
    outcome_answer(it, outcome);
}

void optin_post(struct ask *ask)
{
    struct optin it = {0};
    if (!optin_begin(&it, ask) || !form_take(&it))
        return;
    lost_prepare(&it);
    if (!is_trapped(&it) && ticket_take(&it) && fields_read(&it) && address_may(&it) && number_may(&it) &&
        program_may(&it))
        record(&it);
}
