/* What a person did at a form: POST /v1/consents and every import come here. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/must.h"
#include "consent/ledger.h"
#include "consent_parts.h"

/* No form on the web is older than 1995: an earlier date is what software writes for none, and a consent
 * without a date never opens the gate (R114). */
#define EARLIEST_MS INT64_C(788918400000)

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

/* False: out says what is wrong. collected_at is 0 where it was left out. */
static bool registration_check(const struct registration *it, const struct source *source,
                               int64_t now_ms, int64_t *collected_at, struct registered *out)
{
    *collected_at = 0;
    if (strcmp(it->source, "keyword") == 0)
        refuse(out, VERDICT_INVALID_FIELD, "%s", "source keyword is made by a person's own text and "
                                                 "can't be posted");
    else if (source == NULL)
        refuse(out, VERDICT_INVALID_FIELD, "source is one of web_form, paper, voice, import, manual, "
                                           "not \"%.60s\"", it->source);
    else if (it->collected_at[0] != '\0' && !time_read(octets_text(it->collected_at), collected_at))
        refuse(out, VERDICT_INVALID_TIME, "collected_at is not an RFC 3339 time: \"%.60s\"",
               it->collected_at);
    else if (it->collected_at[0] != '\0' && *collected_at < EARLIEST_MS)
        refuse(out, VERDICT_INVALID_TIME, "collected_at is before 1995, so it is no date: %.60s",
               it->collected_at);
    else if (*collected_at > now_ms + AHEAD_LIMIT_MS)
        refuse(out, VERDICT_INVALID_TIME, "collected_at is more than five minutes ahead: %.60s",
               it->collected_at);
    if (out->fault != VERDICT_ALLOWED)
        return false;
    if (!it->has_opted_in || !source->opens)
        return true;
    const char *missing = it->collected_at[0] == '\0'                        ? "collected_at"
                          : is_blank(it->disclosure)                         ? "disclosure"
                          : source->needs_form_url && is_blank(it->form_url)   ? "form_url"
                          : source->needs_document && is_blank(it->document)   ? "document"
                          : source->needs_recording && is_blank(it->recording) ? "recording"
                                                                               : NULL;
    if (missing == NULL)
        return true;
    refuse(out, VERDICT_MISSING_EVIDENCE, "an opt-in needs its evidence: %s is missing", missing);
    return false;
}

/* The payload of the ledger record; what was left out is left out of it too. Sorted, so that the same act
 * is the same text. The caller frees it. */
static char *registration_payload(const struct registration *it)
{
    const struct {
        const char *name, *value;
    } fields[] = {{"source", it->source},         {"product", it->product},
                  {"form_url", it->form_url},     {"disclosure", it->disclosure},
                  {"ip", it->ip},                 {"user_agent", it->user_agent},
                  {"contact_ref", it->contact_ref}, {"document", it->document},
                  {"recording", it->recording},   {"timezone", it->timezone},
                  {"postal_code", it->postal_code}, {"collected_at", it->collected_at},
                  {"account", it->account}};
    json_t *payload = json_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].value[0] != '\0')
            json_object_set_new(payload, fields[i].name, json_string(fields[i].value));
    json_object_set_new(payload, "opted_in", json_boolean(it->has_opted_in));
    char *text = json_dumps(payload, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(payload);
    must(text != NULL);
    return text;
}

static void act_digest(const struct registration *it, const char *payload, uint8_t out[DIGEST_SIZE])
{
    char *act = NULL;
    int length = asprintf(&act, "%s\n%llu\n%s", it->program->config->name,
                          (unsigned long long)it->number, payload);
    must(length > 0);
    digest_sha256(octets_of(act, (size_t)length), out);
    free(act);
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

/* An opt-in with all of its evidence. */
static void opt_in(const struct program *program, const struct optout *optout,
                   const struct optout *suppression, struct consent *row, const char *why,
                   int64_t collected_at, int64_t now_ms, struct registered *out)
{
    bool is_out = optout->seq > row->lifted_seq, was_void = consent_is_void(suppression, row);
    bool is_lifting = lifts(optout, row, collected_at, now_ms);
    bool was_in = row->has_opted_in && !row->awaits_yes && !is_out && !was_void &&
                  !has_expired(program, row, now_ms) && row->confirmation != CONFIRMATION_FAILED;
    if (was_void && collected_at > now_ms)
        collected_at = now_ms - AHEAD_LIMIT_MS; /* its clock runs ahead: it may be so much older */
    if (!row->has_opted_in || collected_at > row->collected_at) {
        row->has_opted_in = true;
        row->seq = out->seq;
        row->collected_at = collected_at;
        row->why = why;
        row->since = was_in ? row->since : now_ms;
    }
    if (!is_lifting || was_in)
        return;
    row->lifted_seq = out->seq;
    row->awaits_yes = program->config->double_opt_in;
    bool is_void = consent_is_void(suppression, row);
    row->confirmation = is_void ? CONFIRMATION_NONE : CONFIRMATION_PENDING;
    row->confirmation_since = now_ms;
    row->confirmation_tries = 0;
    out->wants_confirmation = !is_void && !has_expired(program, row, now_ms);
}

void consent_register(struct consents *consents, const struct registration *it, int64_t now_ms,
                      struct registered *out)
{
    int64_t collected_at;
    struct consent row;
    struct optout optout, suppression;
    uint8_t digest[DIGEST_SIZE];
    *out = (struct registered){.fault = VERDICT_ALLOWED};
    const struct source *source = source_find(it->source);
    if (!registration_check(it, source, now_ms, &collected_at, out))
        return;
    char *payload = registration_payload(it);
    act_digest(it, payload, digest);
    enum store_result known = store_act_find(consents->store, digest, &out->seq);
    if (known == STORE_FAILED ||
        !consent_read(consents, it->program, it->number, &row, &optout, &suppression)) {
        refuse(out, VERDICT_UNAVAILABLE, "%s", "the consent on record can't be read now");
        free(payload);
        return;
    }
    out->is_repeat = known == STORE_OK;
    if (!out->is_repeat) {
        out->seq = ledger_append(consents->ledger, now_ms, "registration", it->program->config->name,
                                 it->number, payload);
        store_act_put(consents->store, digest, out->seq);
        if (it->has_opted_in && source->opens) {
            opt_in(it->program, &optout, &suppression, &row, source->act, collected_at, now_ms, out);
        } else if (!row.has_opted_in) {
            row.seq = out->seq;
            row.since = now_ms;
            row.collected_at = collected_at;
            row.why = source->none;
        }
        consent_row_put(consents, &row);
        reviews_after_opt_in(consents, it->program, &row, now_ms);
    }
    free(payload);
    if (consent_standing(consents, it->program, it->number, now_ms, &out->standing))
        return;
    store_abandon(consents->store);
    refuse(out, VERDICT_UNAVAILABLE, "%s", "the consent on record can't be read now");
}
