#include "consent/suppression.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent_parts.h"

#define HOUR_MS       INT64_C(3600000)
#define DAY_AHEAD_MS  (14 * HOUR_MS) /* a day begins so much earlier than ours, where it begins first */
#define DAY_REACH_MS  (36 * HOUR_MS) /* and is over everywhere so long after it began with us */
#define EARLIEST_MS   INT64_C(788918400000) /* 1995: an earlier date is none, as in registration.c */
#define PROGRAMS_MOST 256                   /* consents of one number */

enum reach { REACH_NONE, REACH_UNTIL, REACH_EVER };

static const struct row {
    const char *word;
    enum reach reach;
    bool opts_out;
    const char *dated, *undated;
} rows[SUPPRESSION_KINDS] = {
#define SUPPRESSION(name, number, word, reach, opts_out, dated, undated)                           \
    [SUPPRESSION_##name] = {word, REACH_##reach, opts_out, dated, undated},
#include "proto/suppression.def"
};

const char *suppression_word(enum suppression_kind kind)
{
    return rows[kind].word;
}

enum suppression_kind suppression_find(const char *word)
{
    for (int kind = 1; kind < SUPPRESSION_KINDS; kind++)
        if (strcmp(rows[kind].word, word) == 0)
            return (enum suppression_kind)kind;
    return 0;
}

bool suppression_opts_out(enum suppression_kind kind)
{
    return rows[kind].opts_out;
}

const char *suppression_outcome_word(enum suppression_outcome outcome)
{
    static const char *const words[] = {"suppressed", "opted_out", "checked", "on_record",
                                        "not_known"};
    return words[outcome];
}

uint64_t suppressions_made(const struct consents *consents, enum suppression_kind kind)
{
    return consents->suppressed[kind];
}

static void refuse(struct suppressed *out, enum verdict fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct suppressed *out, enum verdict fault, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(out->detail, sizeof out->detail, format, values);
    va_end(values);
    out->fault = fault;
}

/* What can't be read is not taken for none: nothing of the turn is kept. */
static void refuse_unread(struct consents *consents, struct suppressed *out)
{
    store_abandon(consents->store);
    refuse(out, VERDICT_UNAVAILABLE, "%s", "what is on record can't be read now");
}

/* ---- its date ---- */

struct moment {
    bool is_said;
    int64_t at;    /* when it happened, or began */
    int64_t until; /* and when it was over */
};

/* "2026-11-03", or "20261103" as some write it. */
static bool day_read(const char *text, int64_t *at)
{
    char time[32];
    size_t length = strlen(text);
    bool is_plain = length == 8 && strspn(text, "0123456789") == 8;
    if (is_plain)
        snprintf(time, sizeof time, "%.4s-%.2s-%.2sT00:00:00Z", text, text + 4, text + 6);
    else
        snprintf(time, sizeof time, "%.10sT00:00:00Z", text);
    return (is_plain || length == 10) && time_read(octets_text(time), at);
}

/* What happened on a day may have happened in its last minute, wherever that was; but not after we heard of it. */
static bool moment_read(const char *name, const char *text, int64_t now_ms, struct moment *out,
                        struct suppressed *result)
{
    *out = (struct moment){.is_said = text[0] != '\0', .at = now_ms, .until = now_ms};
    if (!out->is_said)
        return true;
    bool is_day = day_read(text, &out->at);
    if (!is_day && !time_read(octets_text(text), &out->at))
        refuse(result, VERDICT_INVALID_TIME, "%s is neither a day such as 2026-11-03 nor an RFC 3339 time: \"%.40s\"",
               name, text);
    else if (out->at < EARLIEST_MS)
        refuse(result, VERDICT_INVALID_TIME, "%s is before 1995, so it is no date: %.40s", name, text);
    else if (out->at > now_ms + DAY_AHEAD_MS)
        refuse(result, VERDICT_INVALID_TIME, "%s is still to come: %.40s", name, text);
    out->until = is_day ? out->at + DAY_REACH_MS : out->at;
    if (out->until > now_ms)
        out->until = now_ms;
    return result->fault == VERDICT_ALLOWED;
}

/* ---- its record ---- */

void suppression_voids_write(int64_t voids, char out[TIME_TEXT_SIZE])
{
    if (voids == INT64_MAX)
        snprintf(out, TIME_TEXT_SIZE, "everything");
    else
        time_write(voids, out);
}

/* `voids` 0: none are. */
static int64_t record(struct consents *consents, const struct suppression *it, const char *state,
                      const char *how, int64_t voids, int64_t now_ms)
{
    char until[TIME_TEXT_SIZE] = "";
    if (voids != 0)
        suppression_voids_write(voids, until);
    const struct {
        const char *name, *value;
    } fields[] = {{"kind", suppression_word(it->kind)},
                  {"state", state},
                  {"how", how},
                  {"date", it->date},
                  {"voids", until},
                  {"answer", it->answer},
                  {"queried_at", it->queried_at},
                  {"note", it->note},
                  {"account", it->account},
                  {"carrier", it->carrier},
                  {"rule", it->rule}};
    json_t *payload = json_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].value[0] != '\0')
            json_object_set_new(payload, fields[i].name, json_string(fields[i].value));
    return consent_append(consents, now_ms, "suppression", "", it->number, payload);
}

/* An answer or an old opt-out leaves no row that would show that it was here before. */
static void act_digest(const struct suppression *it, uint8_t out[DIGEST_SIZE])
{
    char act[400];
    int length = snprintf(act, sizeof act, "suppression\n%llu\n%s\n%.60s\n%.20s\n%.60s\n%.100s",
                          (unsigned long long)it->number, suppression_word(it->kind), it->date,
                          it->answer, it->queried_at,
                          it->program_count == 1 ? it->programs[0]->config->name : "");
    must(length > 0 && (size_t)length < sizeof act);
    digest_sha256(octets_of(act, (size_t)length), out);
}

/* True: it is news; its digest is kept with the record by act_put. */
static bool act_is_news(struct consents *consents, const uint8_t digest[DIGEST_SIZE],
                        struct suppressed *out)
{
    enum store_result known = store_act_find(consents->store, digest, &out->seq);
    if (known == STORE_FAILED)
        refuse_unread(consents, out);
    out->outcome = known == STORE_OK ? SUPPRESSION_ON_RECORD : out->outcome;
    return known == STORE_NONE;
}

/* The database says that the number stayed with its subscriber, or can't say: what the safe harbour rests on
 * (R110). */
static void check(struct consents *consents, const struct suppression *it, int64_t now_ms,
                  struct suppressed *out)
{
    uint8_t digest[DIGEST_SIZE];
    act_digest(it, digest);
    out->outcome = SUPPRESSION_CHECKED;
    if (!act_is_news(consents, digest, out))
        return;
    out->seq = record(consents, it, "checked",
                      strcmp(it->answer, "no") == 0
                          ? "the Reassigned Numbers Database said no"
                          : "the Reassigned Numbers Database has no data",
                      0, now_ms);
    store_act_put(consents->store, digest, out->seq);
}

/* ---- the opt-outs among them ---- */

static void opt_out(struct consents *consents, const struct suppression *it, int64_t now_ms,
                    struct suppressed *out)
{
    struct revoked revoked;
    uint8_t digest[DIGEST_SIZE];
    const char *note = it->date[0] == '\0'
                           ? it->note
                           : region_format(loop_region(consents->loop), "dated %s%s%s", it->date,
                                           it->note[0] == '\0' ? "" : "; ", it->note);
    struct revocation revocation = {.number = it->number,
                                    .programs = it->programs,
                                    .program_count = it->program_count,
                                    .written_to = it->program_count == 1
                                                      ? it->programs[0]->config->name
                                                      : "",
                                    .how = rows[it->kind].dated,
                                    .channel = "other",
                                    .note = note,
                                    .account = it->account,
                                    .carrier = it->carrier,
                                    .rule = it->rule};
    out->outcome = SUPPRESSION_OPTED_OUT;
    act_digest(it, digest);
    if (it->date[0] != '\0' && !act_is_news(consents, digest, out))
        return; /* the person may have come back in since */
    if (consent_is_out_of_all(consents, &revocation)) {
        out->outcome = SUPPRESSION_ON_RECORD;
    } else {
        consent_revoke(consents, &revocation, now_ms, &revoked);
        out->seq = revoked.seq;
    }
    if (it->date[0] != '\0')
        store_act_put(consents->store, digest, out->seq);
}

/* ---- what is void ---- */

static bool find_older(struct consents *consents, const struct suppression *it, struct optout *out)
{
    size_t count = 0;
    struct optout *found;
    *out = (struct optout){.number = it->number};
    if (store_optouts_of(consents->store, it->number, loop_region(consents->loop), &found, &count) ==
        STORE_FAILED)
        return false;
    for (size_t i = 0; i < count; i++)
        if (found[i].voids != 0 && strcmp(found[i].name, suppression_word(it->kind)) == 0)
            *out = found[i];
    return true;
}

/* What is on record when we are told was given before that, whatever its clock says. */
static int64_t reach_of(const struct moment *when, const struct consent *consents, size_t count,
                        int64_t now_ms)
{
    int64_t until = when->until;
    for (size_t i = 0; i < count; i++) {
        bool may_be_older = consents[i].collected_at > now_ms && until >= now_ms - AHEAD_LIMIT_MS;
        if ((!when->is_said || may_be_older) && consents[i].collected_at > until)
            until = consents[i].collected_at;
    }
    return until;
}

static bool is_any_newer(const struct consent *consents, size_t count, int64_t than)
{
    for (size_t i = 0; i < count; i++)
        if (consents[i].has_opted_in && consents[i].collected_at > than)
            return true;
    return false;
}

/* Without a date it may be the same news again: it is, unless somebody has opted in since. */
static bool is_news(const struct optout *older, const struct moment *when, int64_t until,
                    const struct consent *consents, size_t count)
{
    if (older->voids == 0)
        return true;
    if (when->is_said)
        return when->at != older->at && until > older->voids;
    return is_any_newer(consents, count, older->voids);
}

static void make_void(struct consents *consents, const struct suppression *it,
                      const struct moment *when, int64_t now_ms, struct suppressed *out)
{
    size_t count = 0;
    struct optout older;
    const struct row *row = &rows[it->kind];
    struct region *region = loop_region(consents->loop);
    struct consent *found = region_get(region, PROGRAMS_MOST * sizeof *found);
    if (!find_older(consents, it, &older) ||
        store_consents_of(consents->store, it->number, region, found, PROGRAMS_MOST, &count) !=
            STORE_OK) {
        refuse_unread(consents, out);
        return;
    }
    if (count == 0 && it->only_known) {
        out->outcome = SUPPRESSION_NOT_KNOWN;
        return;
    }
    int64_t until = row->reach == REACH_EVER ? INT64_MAX : reach_of(when, found, count, now_ms);
    out->outcome = SUPPRESSION_ON_RECORD;
    out->seq = older.seq;
    if (!is_news(&older, when, until, found, count))
        return;
    const char *how = when->is_said ? row->dated : row->undated;
    out->outcome = SUPPRESSION_MADE;
    out->seq = record(consents, it, "suppressed", how, until, now_ms);
    struct optout optout = {.number = it->number,
                            .scope = OPTOUT_NUMBER,
                            .name = row->word,
                            .seq = out->seq,
                            .at = when->at,
                            .how = how,
                            .voids = until};
    consent_optout_put(consents, &optout);
    if (count > 0 && consents->events != NULL)
        consents->events->went_out(consents->owner, it->number);
}

/* ---- the door ---- */

static bool is_checked(const struct suppression *it, struct suppressed *out)
{
    static const char *const answers[] = {"", "yes", "no", "no_data"};
    size_t answer = 0;
    while (answer < 4 && strcmp(answers[answer], it->answer) != 0)
        answer++;
    if (answer == 4 || (answer > 0 && it->kind != SUPPRESSION_REASSIGNED))
        refuse(out, VERDICT_INVALID_FIELD, "%s",
               answer == 4 ? "answer must be yes, no or no_data"
                           : "answer is of kind reassigned only");
    return answer >= 2;
}

/* When the database was asked counts for the safe harbour: left out, it is today. */
static const char *query_day(struct consents *consents, const struct suppression *it, int64_t now_ms)
{
    char now[TIME_TEXT_SIZE];
    time_write(now_ms, now);
    if (it->kind != SUPPRESSION_REASSIGNED || it->queried_at[0] != '\0')
        return it->queried_at;
    return region_format(loop_region(consents->loop), "%.10s", now);
}

static void suppress(struct consents *consents, const struct suppression *suppression, int64_t now_ms,
                     struct suppressed *out)
{
    struct moment when, queried;
    struct suppression it = *suppression;
    must(it.kind > 0 && it.kind < SUPPRESSION_KINDS && it.number != 0);
    *out = (struct suppressed){.fault = VERDICT_ALLOWED};
    it.queried_at = query_day(consents, &it, now_ms);
    bool has_stayed = is_checked(&it, out);
    if (out->fault != VERDICT_ALLOWED || !moment_read("date", it.date, now_ms, &when, out) ||
        !moment_read("queried_at", it.queried_at, now_ms, &queried, out))
        return;
    if (has_stayed) {
        check(consents, &it, now_ms, out);
        return;
    }
    if (rows[it.kind].opts_out && it.program_count > 0)
        opt_out(consents, &it, now_ms, out);
    if (rows[it.kind].reach != REACH_NONE && out->fault == VERDICT_ALLOWED)
        make_void(consents, &it, &when, now_ms, out);
    if (out->outcome < SUPPRESSION_ON_RECORD && out->fault == VERDICT_ALLOWED)
        consents->suppressed[it.kind]++;
}

void consent_suppress(struct consents *consents, const struct suppression *suppression, int64_t now_ms,
                      struct suppressed *out)
{
    struct change change;
    change_begin(consents, suppression->number, NULL, now_ms, &change);
    suppress(consents, suppression, now_ms, out);
    change_end(consents, &change, "suppression");
}

enum store_result consent_unlist(struct consents *consents, uint64_t number, const char *account,
                                 const char *note, int64_t now_ms, int64_t *seq)
{
    struct optout older;
    struct suppression it = {.number = number,
                             .kind = SUPPRESSION_LISTED,
                             .date = "",
                             .answer = "",
                             .queried_at = "",
                             .note = note,
                             .account = account,
                             .carrier = "",
                             .rule = ""};
    if (!find_older(consents, &it, &older))
        return STORE_FAILED;
    if (older.voids == 0)
        return STORE_NONE;
    struct change change;
    change_begin(consents, number, NULL, now_ms, &change);
    *seq = record(consents, &it, "removed", "was taken off the suppression list", 0, now_ms);
    store_suppression_drop(consents->store, number, suppression_word(it.kind));
    consents->writes++;
    change_end(consents, &change, "suppression");
    return STORE_OK;
}

bool consent_is_to_confirm(struct consents *consents, const struct program *program, uint64_t number,
                           int64_t now_ms)
{
    struct consent row;
    struct standing standing;
    if (!consent_standing(consents, program, number, now_ms, &standing) ||
        (standing.state != STANDING_OPTED_IN && standing.state != STANDING_AWAITING_CONFIRMATION) ||
        !consent_row_of(consents, program, number, &row) || row.confirmation == CONFIRMATION_TAKEN)
        return false;
    struct change change;
    change_begin(consents, number, program, now_ms, &change);
    row.confirmation = CONFIRMATION_PENDING;
    row.confirmation_since = now_ms;
    row.confirmation_tries = 0;
    consent_row_put(consents, &row);
    change_end(consents, &change, "confirmation");
    return true;
}
