/* Sequences: campaigns of steps, and who stands where in them. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/merge.h"
#include "base/must.h"
#include "base/region.h"
#include "http_parts.h"

#define DAY_MS        INT64_C(86400000)
#define AFTER_MOST_MS (366 * DAY_MS)

/* ---- the steps of a body ---- */

/* What a text may say of the person is what registrations give. */
static bool fields_check(struct ask *ask, const char *name, const char *text)
{
    const char *stranger = NULL;
    char error[MERGE_ERROR_SIZE];
    struct merge *merge = merge_read(text, error);
    must(merge != NULL);
    for (size_t i = 0; i < merge_field_count(merge); i++)
        if (strcmp(merge_field(merge, i), "contact_ref") != 0 && strcmp(merge_field(merge, i), "product") != 0)
            stranger = merge_field(merge, i);
    if (stranger != NULL)
        answer_problem(ask, VERDICT_INVALID_TEXT, "%s: {%.60s} is nothing that a registration gives: contact_ref and product are",
                       name, stranger);
    merge_free(merge);
    return stranger == NULL;
}

static bool after_read(struct ask *ask, const char *name, const char *text, int64_t *after_ms)
{
    if (time_read_duration(octets_text(text), after_ms) && *after_ms <= AFTER_MOST_MS)
        return true;
    answer_problem(ask, VERDICT_INVALID_FIELD, "%s: must be a time as in 0m, 30m, 12h or 2d, of a year at most", name);
    return false;
}

static bool step_read(struct ask *ask, const json_t *json, int number, struct campaign_step *out)
{
    char why[HTTP_WHY_SIZE];
    const char *after = "";
    const struct member members[] = {{"after", MEMBER_TEXT, true, 20, &after},
                                     {"text", MEMBER_TEXT, true, 200000, &out->text},
                                     {"window", MEMBER_TEXT, false, 11, &out->hours}};
    const char *name = region_format(ask->region, "steps: step %d", number);
    out->hours = "";
    enum verdict verdict = members_check(json, members, sizeof members / sizeof *members, why);
    if (verdict != VERDICT_ALLOWED) {
        answer_problem(ask, verdict, "%s: %s", name, why);
        return false;
    }
    return after_read(ask, region_format(ask->region, "%s: after", name), after, &out->after_ms) &&
           ask_template(ask, region_format(ask->region, "%s: text", name), out->text) &&
           fields_check(ask, region_format(ask->region, "%s: text", name), out->text) &&
           ask_window(ask, region_format(ask->region, "%s: window", name), out->hours);
}

bool steps_read(struct ask *ask, const json_t *list, struct campaign_step *out, int *count)
{
    *count = (int)json_array_size(list);
    if (list != NULL && *count == 0) {
        answer_problem(ask, VERDICT_INVALID_FIELD, "steps: there is none");
        return false;
    }
    for (int i = 0; i < *count; i++)
        if (!step_read(ask, json_array_get(list, (size_t)i), i + 1, &out[i]))
            return false;
    return true;
}

/* ---- what a sequence shows ---- */

static json_t *after_json(int64_t after_ms)
{
    static const struct {
        int64_t span_ms;
        char unit;
    } units[] = {{DAY_MS, 'd'}, {3600000, 'h'}, {60000, 'm'}, {1000, 's'}};
    size_t i = 0;
    while (after_ms % units[i].span_ms != 0 || (after_ms == 0 && units[i].unit != 'm'))
        i++;
    return json_sprintf("%lld%c", (long long)(after_ms / units[i].span_ms), units[i].unit);
}

struct counts {
    const struct campaign_count *at;
    size_t count;
};

static json_int_t count_of(const struct counts *counts, enum campaign_counted kind, const char *code)
{
    for (size_t i = 0; i < counts->count; i++)
        if (counts->at[i].kind == kind && strcmp(counts->at[i].code, code) == 0)
            return counts->at[i].count;
    return 0;
}

static json_t *step_json(struct ask *ask, const struct campaign_step *step, int i, const struct counts *counts)
{
    const char *number = region_format(ask->region, "%d", i);
    return json_pack("{s:o,s:o,s:o,s:I,s:I,s:I}", "after", after_json(step->after_ms), "text",
                     json_words(ask, step->text), "window", json_words_or_null(ask, step->hours), "waiting",
                     count_of(counts, COUNT_STANDS, region_format(ask->region, "waiting %s", number)), "held",
                     count_of(counts, COUNT_STANDS, region_format(ask->region, "held %s", number)), "handed_in",
                     count_of(counts, COUNT_STEPS, number));
}

/* Those who were taken out, by why. */
static json_t *ended_json(const struct counts *counts)
{
    json_t *json = json_object();
    for (size_t i = 0; i < counts->count; i++)
        if (counts->at[i].kind == COUNT_STANDS && strncmp(counts->at[i].code, "ended ", 6) == 0)
            json_object_set_new(json, counts->at[i].code + 6, json_integer(counts->at[i].count));
    return json;
}

static json_int_t enrolled(const struct counts *counts)
{
    json_int_t sum = 0;
    for (size_t i = 0; i < counts->count; i++)
        sum += counts->at[i].kind == COUNT_STANDS ? counts->at[i].count : 0;
    return sum;
}

json_t *sequence_json(struct ask *ask, const struct campaign *campaign, const struct campaign_count *at,
                      size_t at_count)
{
    size_t count = 0;
    const struct counts counts = {at, at_count};
    struct campaign_step *steps = region_get(ask->region, CAMPAIGN_STEPS_MOST * sizeof *steps);
    if (campaign->step_count == 0)
        return json_object();
    if (store_campaign_steps(ask->gateway->store, campaign->serial, ask->region, steps, CAMPAIGN_STEPS_MOST,
                             &count) != STORE_OK)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, step_json(ask, &steps[i], (int)i, &counts));
    return json_pack("{s:o,s:b,s:I,s:I,s:o}", "steps", list, "restart", campaign->restarts, "enrolled",
                     enrolled(&counts), "finished", count_of(&counts, COUNT_STANDS, "finished"), "ended",
                     ended_json(&counts));
}

/* ---- GET: who stands where ---- */

/* Its message may have been made by a program that is no more; its id is complete in its own row. */
static json_t *last_message(struct ask *ask, const struct enrolment *it)
{
    struct message message;
    if (it->message == 0 ||
        store_message_get(ask->gateway->store, it->message, ask->region, &message) != STORE_OK)
        return json_null();
    return json_id(message.id, message.tail);
}

static json_t *enrolment_json(struct ask *ask, const struct enrolment *it)
{
    bool is_going = it->status < ENROLMENT_FINISHED;
    return json_pack("{s:o,s:s,s:o,s:o,s:o,s:o,s:o}", "phone", json_phone(it->number), "status",
                     enrolment_status_word(it->status), "step",
                     is_going ? json_integer(it->step + 1) : json_null(), "due_at",
                     is_going ? json_time(it->due_at) : json_null(), "entered_at", json_time(it->entered_at),
                     "reason", json_words_or_null(ask, it->reason), "message", last_message(ask, it));
}

static bool status_read(struct ask *ask, enum enrolment_status *status)
{
    static const enum enrolment_status known[] = {
#define ENROLMENT_STATUS(name, number, word) ENROLMENT_##name,
#include "proto/campaign.def"
    };
    const char *word = ask_parameter(ask, "status");
    *status = 0;
    for (size_t i = 0; word != NULL && i < sizeof known / sizeof *known; i++)
        if (strcmp(enrolment_status_word(known[i]), word) == 0)
            *status = known[i];
    if (word != NULL && *status == 0)
        answer_problem(ask, VERDICT_INVALID_FIELD, "status: \"%.40s\" is none of a person in a sequence", word);
    return word == NULL || *status != 0;
}

void enrolment_list(struct ask *ask)
{
    struct page page;
    struct campaign campaign;
    enum enrolment_status status;
    if (!status_read(ask, &status) || !ask_campaign(ask, false, &campaign) || !page_begin(ask, &page))
        return;
    struct enrolment *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        if (store_enrolments_after(ask->gateway->store, campaign.serial, page.after, ask->region, rows, page.limit,
                                   &count) == STORE_FAILED) {
            page_fail(ask, &page);
            return;
        }
        for (size_t i = 0; i < count && page_takes(&page, rows[i].id); i++)
            if (status == 0 || rows[i].status == status)
                json_array_append_new(page.items, enrolment_json(ask, &rows[i]));
        page_fetched(&page, count);
    }
    page_answer(ask, &page);
}
