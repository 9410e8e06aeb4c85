/* What a person did at a form: POST /v1/consents and every import come here. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/must.h"
#include "consent/effect.h"
#include "consent/ledger.h"
#include "consent/number.h"
#include "consent/place.h"
#include "consent_parts.h"

/* No form on the web is older than 1995: an earlier date is what software writes for none, and a consent
 * without a date never opens the gate (R114). */
#define EARLIEST_MS INT64_C(788918400000)
#define DAY_MS      INT64_C(86400000)

/* Where an opt-in can come from. What opens the gate needs all of its evidence; the rest never opens it,
 * whatever the box says, since those people never saw one (R4, R5). */
struct source {
    const char *name;
    bool opens;
    bool needs_form_url, needs_document, needs_recording;
    const char *act;  /* what an opt-in by it is called */
    const char *none; /* and an entry that is none */
};
static const struct source sources[] = {
    {"web_form", true, true, false, false, "ticked the box", "left the box unticked"},
    {"paper", true, false, true, false, "agreed on paper", "did not agree on paper"},
    {"voice", true, false, false, true, "agreed by voice", "did not agree by voice"},
    {"import", false, false, false, false, NULL, "was imported, and never saw the box"},
    {"manual", false, false, false, false, NULL, "was typed in by hand, and never saw the box"},
};

static const struct source *source_find(const char *name)
{
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (strcmp(sources[i].name, name) == 0)
            return &sources[i];
    return NULL;
}

static void refuse(struct registered *out, enum verdict fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct registered *out, enum verdict fault, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(out->detail, sizeof out->detail, format, values);
    va_end(values);
    out->fault = fault;
}

/* Blanks are no evidence. */
static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* What a registration comes to. */
struct judged {
    bool opens;            /* it is an opt-in, with all of its evidence */
    int64_t collected_at;  /* 0: left out */
    int64_t implied_until; /* consent that Canadian law calls implied lasts so long; 0: none */
    const char *why;       /* for people */
};

/* What the law of Canada calls implied consent (R12): kept and reported, and opening nothing. */
static const struct basis {
    const char *name;
    int months; /* that it lasts; 0: express */
    const char *why;
} bases[] = {
    {"", 0, NULL},
    {"express", 0, NULL},
    {"purchase", 24, "bought something, which implies no consent here"},
    {"inquiry", 6, "asked something, which implies no consent here"},
};

static const struct basis *basis_find(const char *name)
{
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        if (strcmp(bases[i].name, name) == 0)
            return &bases[i];
    return NULL;
}

/* The end of what is implied: the day of so many months later, or the last of a shorter month. */
static int64_t months_after(int64_t at_ms, int months)
{
    char text[TIME_TEXT_SIZE];
    time_write(at_ms, text);
    int64_t year = strtoll(text, NULL, 10);
    int month = atoi(text + 5) - 1 + months, day = atoi(text + 8);
    year += month / 12;
    month = month % 12 + 1;
    while (!time_is_date(year, month, day))
        day--;
    return time_days(year, month, day) * DAY_MS + at_ms % DAY_MS;
}

static bool is_box_known(const char *word)
{
    return word[0] == '\0' || strcmp(word, "unticked") == 0 || strcmp(word, "ticked") == 0;
}

/* Of the shape of BCP 47: letters, then letters and digits behind hyphens. */
static bool is_language_tag(const char *tag)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t first = strspn(tag, letters);
    return tag[0] == '\0' ||
           (first >= 2 && (tag[first] == '\0' || tag[first] == '-') &&
            tag[first + strspn(tag + first, "-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] ==
                '\0');
}

/* False: out says what is wrong. */
static bool check_fields(const struct registration *it, const struct source *source,
                         int64_t now_ms, int64_t *collected_at, struct registered *out)
{
    *collected_at = 0;
    if (strcmp(it->source, "keyword") == 0)
        refuse(out, VERDICT_INVALID_FIELD, "%s", "source keyword is made by a person's own text and "
                                                 "can't be posted");
    else if (it->source[0] == '\0')
        refuse(out, VERDICT_INVALID_FIELD, "%s", "source is missing");
    else if (source == NULL)
        refuse(out, VERDICT_INVALID_FIELD, "source is one of web_form, paper, voice, import, manual, "
                                           "not \"%.60s\"", it->source);
    else if (basis_find(it->basis) == NULL)
        refuse(out, VERDICT_INVALID_FIELD, "basis is one of express, purchase, inquiry, not \"%.60s\"",
               it->basis);
    else if (!is_box_known(it->box_default))
        refuse(out, VERDICT_INVALID_FIELD, "box_default is unticked or ticked, not \"%.60s\"",
               it->box_default);
    else if (it->birth_date[0] != '\0' && birth_age(it->birth_date, now_ms) < 0)
        refuse(out, VERDICT_INVALID_FIELD, "birth_date is no day YYYY-MM-DD: \"%.60s\"",
               it->birth_date);
    else if (!is_language_tag(it->language))
        refuse(out, VERDICT_INVALID_FIELD, "language is a tag such as en, es or fr-CA, not \"%.40s\"",
               it->language);
    else if (it->collected_at[0] != '\0' && !time_read(octets_text(it->collected_at), collected_at))
        refuse(out, VERDICT_INVALID_TIME, "collected_at is not an RFC 3339 time: \"%.60s\"",
               it->collected_at);
    else if (it->collected_at[0] != '\0' && *collected_at < EARLIEST_MS)
        refuse(out, VERDICT_INVALID_TIME, "collected_at is before 1995, so it is no date: %.60s",
               it->collected_at);
    else if (*collected_at > now_ms + AHEAD_LIMIT_MS)
        refuse(out, VERDICT_INVALID_TIME, "collected_at is more than five minutes ahead: %.60s",
               it->collected_at);
    return out->fault == VERDICT_ALLOWED;
}

/* What decides on somebody's hours must be something that we know. Other countries' postal codes are evidence, no more. */
static bool place_check(struct places *places, const struct registration *it, struct registered *out)
{
    bool is_posted = it->postal_code[0] != '\0' && number_area(it->number) != 0;
    if (it->timezone[0] != '\0' && !places_know_timezone(places, it->timezone))
        refuse(out, VERDICT_INVALID_FIELD,
               "timezone: there is none named \"%.60s\"; it is one of IANA's, as America/New_York",
               it->timezone);
    else if (is_posted && !places_know_postal_code(places, it->postal_code))
        refuse(out, VERDICT_INVALID_FIELD,
               "postal_code: \"%.20s\" is neither a ZIP code nor a Canadian postal code",
               it->postal_code);
    return out->fault == VERDICT_ALLOWED;
}

/* NULL: nothing is. */
static const char *missing_of(const struct registration *it, const struct source *source)
{
    return it->collected_at[0] == '\0'                        ? "collected_at"
           : is_blank(it->disclosure)                         ? "disclosure"
           : source->needs_form_url && is_blank(it->form_url)   ? "form_url"
           : source->needs_document && is_blank(it->document)   ? "document"
           : source->needs_recording && is_blank(it->recording) ? "recording"
           : it->program->config->minimum_age > 0 && it->birth_date[0] == '\0' ? "birth_date"
                                                                               : NULL;
}

/* Why a ticked box with its evidence opens nothing all the same. NULL: it opens. */
static const char *spoilt_by(const struct registration *it, int64_t now_ms)
{
    if (strcmp(it->box_default, "ticked") == 0)
        return "left a box ticked that came ticked"; /* R3, R11 */
    if (it->program->config->minimum_age > 0 &&
        birth_age(it->birth_date, now_ms) < it->program->config->minimum_age)
        return "is younger than the program allows"; /* R14 */
    return NULL;
}

static bool registration_judge(const struct registration *it, int64_t now_ms, struct judged *judged,
                               struct registered *out)
{
    *judged = (struct judged){0};
    const struct source *source = source_find(it->source);
    if (!check_fields(it, source, now_ms, &judged->collected_at, out))
        return false;
    const struct basis *basis = basis_find(it->basis);
    judged->why = basis->months > 0 ? basis->why : source->none;
    if (basis->months > 0 && judged->collected_at == 0) {
        refuse(out, VERDICT_MISSING_EVIDENCE, "basis %s needs its day: collected_at is missing",
               it->basis);
        return false;
    }
    if (basis->months > 0)
        judged->implied_until = months_after(judged->collected_at, basis->months);
    if (!it->has_opted_in || !source->opens || basis->months > 0)
        return true;
    const char *missing = missing_of(it, source), *spoilt = spoilt_by(it, now_ms);
    if (missing != NULL) {
        refuse(out, VERDICT_MISSING_EVIDENCE, "an opt-in needs its evidence: %s is missing", missing);
        return false;
    }
    judged->opens = spoilt == NULL;
    judged->why = spoilt == NULL ? source->act : spoilt;
    return true;
}

/* What was left out is left out of it too. The caller drops it. */
static json_t *registration_payload(const struct registration *it)
{
    const struct {
        const char *name, *value;
    } fields[] = {
#define EVIDENCE(name, most, option, sentence) {#name, it->name},
#include "proto/evidence.def"
        {"account", it->account}};
    json_t *payload = json_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].value[0] != '\0')
            json_object_set_new(payload, fields[i].name, json_string(fields[i].value));
    json_object_set_new(payload, "opted_in", json_boolean(it->has_opted_in));
    return payload;
}

/* Sorted, so that the same act is the same text. The caller frees it. */
static char *payload_text(const json_t *payload)
{
    char *text = json_dumps(payload, JSON_COMPACT | JSON_SORT_KEYS);
    must(text != NULL);
    return text;
}

static void act_digest(const struct registration *it, const json_t *payload,
                       uint8_t out[DIGEST_SIZE])
{
    char *act = NULL, *text = payload_text(payload);
    int length = asprintf(&act, "%s\n%llu\n%s", it->program->config->name,
                          (unsigned long long)it->number, text);
    must(length > 0);
    digest_sha256(octets_of(act, (size_t)length), out);
    free(act);
    free(text);
}

/* What we add to what was posted: so that which wording was shown to whom can be told at a glance, until when the law
 * would call it consent, and what the act did, which is no part of the act itself. */
static int64_t append(struct consents *consents, const struct registration *it, json_t *payload,
                      const struct consent *row, int64_t implied_until, int64_t seq, int64_t now_ms)
{
    char hash[DIGEST_HEX_SIZE], until[TIME_TEXT_SIZE];
    if (it->disclosure[0] != '\0') {
        digest_sha256_hex(octets_text(it->disclosure), hash);
        json_object_set_new(payload, "disclosure_sha256", json_string(hash));
    }
    if (implied_until != 0) {
        time_write(implied_until, until);
        json_object_set_new(payload, "implied_until", json_string(until));
    }
    effect_put(payload, row, seq);
    return consent_append(consents, now_ms, "registration", it->program->config->name, it->number,
                          json_incref(payload));
}

/* The person is out: does this form lift that? Only if it was filled in after the STOP; at the same instant
 * the person stays out. Nor does one that is no newer than what was known before the STOP, or whose clock runs
 * ahead of ours: it may have been filled in before. An older one still counts as the opt-in before it. */
static bool lifts(const struct optout *optout, const struct consent *row, int64_t collected_at,
                  int64_t now_ms)
{
    bool is_news = !row->has_opted_in || collected_at > row->collected_at;
    return optout->seq <= row->lifted_seq ||
           (collected_at > optout->at && collected_at <= now_ms && is_news);
}

static bool has_expired(const struct program *program, const struct consent *row, int64_t now_ms)
{
    int64_t term_ms = program->config->consent_expires_ms;
    return term_ms > 0 && now_ms - row->collected_at >= term_ms;
}

/* An opt-in with all of its evidence. With a double opt-in a form is anybody's until the YES, and who is in is asked for none:
 * so it takes the place of no evidence then, and settles no doubt. */
static void opt_in(const struct registration *it, const struct optout *optout,
                   const struct optout *suppression, struct consent *row, const char *why,
                   int64_t collected_at, int64_t now_ms, struct registered *out)
{
    const struct program *program = it->program;
    bool is_out = optout->seq > row->lifted_seq, was_void = consent_is_void(suppression, row);
    bool is_lifting = lifts(optout, row, collected_at, now_ms);
    bool was_in = row->has_opted_in && !row->awaits_yes && !is_out && !was_void &&
                  !has_expired(program, row, now_ms) && row->confirmation != CONFIRMATION_FAILED;
    if (was_in && program->config->double_opt_in)
        return;
    if (was_void && collected_at > now_ms)
        collected_at = now_ms - AHEAD_LIMIT_MS; /* its clock runs ahead: it may be so much older */
    if (!row->has_opted_in || collected_at > row->collected_at) {
        row->has_opted_in = true;
        row->seq = out->seq;
        row->collected_at = collected_at;
        row->why = why;
        row->since = was_in ? row->since : now_ms;
        if (it->timezone[0] != '\0' || it->postal_code[0] != '\0') { /* else what was known stays */
            row->timezone = it->timezone;
            row->postal_code = it->postal_code;
        }
        if (it->language[0] != '\0')
            row->language = it->language;
    }
    if (!is_lifting || was_in)
        return;
    row->lifted_seq = out->seq;
    if (row->seq == out->seq)
        row->awaits_yes = program->config->double_opt_in;
    bool is_void = consent_is_void(suppression, row);
    row->confirmation = is_void ? CONFIRMATION_NONE : CONFIRMATION_PENDING;
    row->confirmation_since = now_ms;
    row->confirmation_tries = 0;
    out->wants_confirmation = !is_void && !has_expired(program, row, now_ms);
}

/* Fills in what was left out: nothing below asks for NULL. */
static struct registration without_null(const struct registration *from)
{
    struct registration it = *from;
#define EVIDENCE(name, most, option, sentence) it.name = from->name == NULL ? "" : from->name;
#include "proto/evidence.def"
    it.account = from->account == NULL ? "" : from->account;
    return it;
}

/* An entry that opens nothing. */
static void no_opt_in(struct consent *row, const struct judged *judged, int64_t seq, int64_t now_ms)
{
    if (judged->implied_until > row->implied_until)
        row->implied_until = judged->implied_until;
    if (row->has_opted_in)
        return;
    row->seq = seq;
    row->since = now_ms;
    row->collected_at = judged->collected_at;
    row->why = judged->why;
}

static void take(struct consents *consents, const struct registration *it, int64_t now_ms,
                 struct registered *out)
{
    struct judged judged;
    struct consent row;
    struct optout optout, suppression;
    uint8_t digest[DIGEST_SIZE];
    *out = (struct registered){.fault = VERDICT_ALLOWED};
    if (!registration_judge(it, now_ms, &judged, out) || !place_check(consents->places, it, out))
        return;
    json_t *payload = registration_payload(it);
    act_digest(it, payload, digest);
    enum store_result known = store_act_find(consents->store, digest, &out->seq);
    if (known == STORE_FAILED ||
        !consent_read(consents, it->program, it->number, &row, &optout, &suppression)) {
        refuse(out, VERDICT_UNAVAILABLE, "%s", "the consent on record can't be read now");
        json_decref(payload);
        return;
    }
    out->is_repeat = known == STORE_OK;
    if (!out->is_repeat) {
        out->seq = ledger_next(consents->ledger);
        if (judged.opens)
            opt_in(it, &optout, &suppression, &row, judged.why, judged.collected_at, now_ms, out);
        else
            no_opt_in(&row, &judged, out->seq, now_ms);
        must(append(consents, it, payload, &row, judged.implied_until, out->seq, now_ms) == out->seq);
        store_act_put(consents->store, digest, out->seq);
        consent_row_put(consents, &row);
        reviews_after_opt_in(consents, it->program, &row, now_ms);
    }
    json_decref(payload);
    if (consent_standing(consents, it->program, it->number, now_ms, &out->standing))
        return;
    store_abandon(consents->store);
    refuse(out, VERDICT_UNAVAILABLE, "%s", "the consent on record can't be read now");
}

void consent_register(struct consents *consents, const struct registration *from, int64_t now_ms,
                      struct registered *out)
{
    struct change change;
    struct registration it = without_null(from);
    change_begin(consents, it.number, it.program, now_ms, &change);
    take(consents, &it, now_ms, out);
    change_end(consents, &change, it.source);
}
