/* Campaigns: one text to many. Their recipients come by http_recipients.c. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/merge.h"
#include "base/must.h"
#include "base/region.h"
#include "config/setting.h"
#include "consent/program.h"
#include "consent/sender.h"
#include "http_once.h"
#include "http_parts.h"
#include "http_stream.h"
#include "outbound/accept.h"
#include "outbound/campaigns.h"

#define COUNTS_MOST 200
#define AHEAD_MOST_MS (INT64_C(366) * 86400000) /* a start beyond that is a mistake */

static const char *const encodings[] = {
    [OFFER_AUTO] = "auto", [OFFER_GSM7] = "gsm7", [OFFER_UCS2] = "ucs2"};
#define ENCODINGS (sizeof encodings / sizeof *encodings)

/* ---- which one ---- */

static bool is_own(const struct ask *ask, const struct campaign *campaign)
{
    return account_has_role(ask->account, CONFIG_ROLE_SENDER) && strcmp(campaign->account, ask->account->name) == 0;
}

static bool may_see(const struct ask *ask, const struct campaign *campaign)
{
    return is_own(ask, campaign) || (account_has_role(ask->account, CONFIG_ROLE_COMPLIANCE) &&
                                     account_may_use(ask->account, ask_program_name(ask, campaign->program)));
}

/* An operator sees how far each is, and may stop it; not whom it is for, nor what it says. */
static bool may_watch(const struct ask *ask, const struct campaign *campaign)
{
    return account_has_role(ask->account, CONFIG_ROLE_ADMIN) || may_see(ask, campaign);
}

static bool may_order(const struct ask *ask, const struct campaign *campaign)
{
    return account_has_role(ask->account, CONFIG_ROLE_ADMIN) || is_own(ask, campaign);
}

static bool find(struct ask *ask, bool (*may)(const struct ask *, const struct campaign *), struct campaign *out)
{
    int64_t id, tail;
    enum store_result found = STORE_NONE;
    if (message_id_read(octets_text(ask->segment), &id, &tail))
        found = store_campaign_find(ask->gateway->store, id, ask->region, out);
    if (found == STORE_FAILED)
        answer_unavailable(ask);
    else if (found == STORE_NONE || out->tail != tail || !may(ask, out))
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no such campaign");
    else
        return true;
    return false;
}

bool ask_campaign(struct ask *ask, bool must_be_own, struct campaign *out)
{
    return find(ask, must_be_own ? is_own : may_see, out);
}

json_t *json_campaign_id(struct ask *ask, int64_t serial)
{
    struct campaign campaign;
    if (serial == 0 ||
        store_campaign_get(ask->gateway->store, serial, ask->region, &campaign) != STORE_OK)
        return json_null();
    return json_id(campaign.id, campaign.tail);
}

/* ---- what it shows ---- */

struct counts {
    struct campaign_count *at;
    size_t count;
};

/* Of a kind, as an object by their codes. */
static json_t *counts_json(const struct counts *counts, enum campaign_counted kind)
{
    json_t *json = json_object();
    for (size_t i = 0; i < counts->count; i++) {
        const char *code = counts->at[i].code;
        if (counts->at[i].kind != kind)
            continue;
        if (kind == COUNT_MESSAGES)
            code = message_state_word((enum message_state)atoi(code));
        json_object_set_new(json, code, json_integer(counts->at[i].count));
    }
    return json;
}

static int64_t count_of(const struct counts *counts, enum campaign_counted kind, const char *code)
{
    for (size_t i = 0; i < counts->count; i++)
        if (counts->at[i].kind == kind && strcmp(counts->at[i].code, code) == 0)
            return counts->at[i].count;
    return 0;
}

static json_t *report_json(const struct campaign *campaign, const struct counts *counts)
{
    if (campaign->checked_at == 0)
        return json_null();
    return json_pack("{s:o,s:I,s:I,s:o,s:o,s:I,s:{s:I,s:I}}", "checked_at", json_time(campaign->checked_at),
                     "allowed", (json_int_t)count_of(counts, COUNT_CHECKED, "allowed"), "held",
                     (json_int_t)count_of(counts, COUNT_CHECKED, "held"), "blocked",
                     counts_json(counts, COUNT_CHECK_BLOCKED), "refused",
                     counts_json(counts, COUNT_CHECK_REFUSED), "parts",
                     (json_int_t)count_of(counts, COUNT_CHECKED, "parts"), "encodings", "gsm7",
                     (json_int_t)count_of(counts, COUNT_CHECKED, "gsm7"), "ucs2",
                     (json_int_t)count_of(counts, COUNT_CHECKED, "ucs2"));
}

static json_t *local_json(int64_t local_ms)
{
    char text[TIME_TEXT_SIZE];
    if (local_ms == 0)
        return json_null();
    time_write(local_ms, text);
    return json_stringn(text, 19);
}

static json_t *rate_json(int64_t rate_milli)
{
    return rate_milli % 1000 == 0 ? json_integer(rate_milli / 1000) : json_real((double)rate_milli / 1000);
}

/* What was asked for. */
static json_t *order_json(struct ask *ask, const struct campaign *it)
{
    return json_pack("{s:o,s:o,s:o,s:s,s:o,s:o,s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:b,s:o,s:o}", "id", json_id(it->id, it->tail),
                     "name", json_words(ask, it->name), "account", json_words(ask, it->account), "state", campaign_state_word(it->state), "program",
                     json_words_or_null(ask, ask_program_name(ask, it->program)), "from",
                     json_words_or_null(ask, it->sender), "text", json_words_or_null(ask, it->text), "encoding",
                     (size_t)it->encoding < ENCODINGS ? encodings[it->encoding] : "auto", "rate",
                     rate_json(it->rate_milli), "start_at", json_time(it->start_at), "ends_at",
                     json_time(it->ends_at), "window", json_words_or_null(ask, it->hours), "start_at_local",
                     local_json(it->start_local), "dry_run", it->is_dry_run, "client_ref",
                     json_words_or_null(ask, it->client_ref), "created_at", json_time(it->created_at));
}

/* And what came of it. */
static json_t *progress_json(struct ask *ask, const struct campaign *it, const struct counts *counts)
{
    int64_t left = it->is_dry_run ? 0 : campaign_waiting(it);
    bool is_done = it->state == CAMPAIGN_DONE, is_cancelled = it->state == CAMPAIGN_CANCELLED;
    return json_pack("{s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:I,s:o,s:o}", "why",
                     json_words_or_null(ask, it->why), "started_at", json_time(it->started_at), "done_at",
                     json_time(it->done_at), "offset", (json_int_t)it->octets, "rows", (json_int_t)it->rows,
                     "recipients", (json_int_t)it->recipients, "doubles", (json_int_t)it->doubles, "bad",
                     (json_int_t)it->bad, "handed_in", (json_int_t)it->handed_in, "waiting",
                     (json_int_t)(is_done || is_cancelled ? 0 : campaign_waiting(it)), "later",
                     (json_int_t)(is_done || is_cancelled ? 0 : count_of(counts, COUNT_LATER, "later")), "expired",
                     (json_int_t)(is_done ? left : 0), "cancelled", (json_int_t)(is_cancelled ? left : 0), "accepted", (json_int_t)it->accepted, "blocked",
                     counts_json(counts, COUNT_BLOCKED), "refused", counts_json(counts, COUNT_REFUSED), "parts",
                     (json_int_t)it->parts, "messages", counts_json(counts, COUNT_MESSAGES), "report",
                     report_json(it, counts));
}

/* NULL: its counts can't be read. */
static void hide_texts(json_t *json)
{
    size_t i;
    json_t *step;
    json_object_set_new(json, "text", json_null());
    json_array_foreach(json_object_get(json, "steps"), i, step)
        json_object_set_new(step, "text", json_null());
}

static json_t *campaign_json(struct ask *ask, const struct campaign *campaign)
{
    struct counts counts = {.at = region_get(ask->region, COUNTS_MOST * sizeof *counts.at)};
    if (store_campaign_counts(ask->gateway->store, campaign->serial, ask->region, counts.at, COUNTS_MOST,
                              &counts.count) != STORE_OK)
        return NULL;
    json_t *json = order_json(ask, campaign), *progress = progress_json(ask, campaign, &counts);
    must(json != NULL && progress != NULL);
    json_object_update(json, progress);
    json_decref(progress);
    json_t *more = sequence_json(ask, campaign, counts.at, counts.count);
    if (more == NULL) {
        json_decref(json);
        return NULL;
    }
    json_object_update(json, more);
    json_decref(more);
    if (!may_see(ask, campaign))
        hide_texts(json);
    return json;
}

static void answer_campaign(struct ask *ask, int status, const struct campaign *campaign)
{
    json_t *json = campaign_json(ask, campaign);
    if (json == NULL)
        answer_unavailable(ask);
    else
        answer_json(ask, status, json);
}

/* ---- POST /v1/campaigns ---- */

bool ask_template(struct ask *ask, const char *name, const char *text)
{
    char error[MERGE_ERROR_SIZE];
    struct merge *merge = merge_read(text, error);
    bool is_good = merge != NULL && text[0] != '\0';
    if (merge == NULL)
        answer_problem(ask, VERDICT_INVALID_TEXT, "%s: %s", name, error);
    else if (text[0] == '\0')
        answer_problem(ask, VERDICT_INVALID_TEXT, "%s: it is empty", name);
    merge_free(merge);
    return is_good;
}

/* One text, or steps. */
static bool check_body(struct ask *ask, const struct campaign *it, const json_t *steps)
{
    if (it->text != NULL && steps != NULL)
        answer_problem(ask, VERDICT_INVALID_FIELD, "steps: there is a text as well, and it is one or the other");
    else if (it->text == NULL && steps == NULL)
        answer_problem(ask, VERDICT_INVALID_FIELD, "text: it is missing");
    else if (steps == NULL && it->restarts)
        answer_problem(ask, VERDICT_INVALID_FIELD, "restart: is for steps");
    else if (steps != NULL && it->is_dry_run)
        answer_problem(ask, VERDICT_INVALID_FIELD, "dry_run: a campaign of steps is checked with /start");
    else
        return steps != NULL || ask_template(ask, "text", it->text);
    return false;
}

static bool check_name(struct ask *ask, const char *name)
{
    if (name[0] == '\0')
        answer_problem(ask, VERDICT_INVALID_FIELD, "name: it is empty");
    return name[0] != '\0';
}

static bool check_encoding(struct ask *ask, const char *word, int *encoding)
{
    for (size_t i = 0; i < ENCODINGS; i++) {
        if (strcmp(encodings[i], word) != 0)
            continue;
        *encoding = (int)i;
        return true;
    }
    answer_problem(ask, VERDICT_INVALID_FIELD, "encoding: must be auto, gsm7 or ucs2");
    return false;
}

static bool check_sender(struct ask *ask, const struct program *program, const char *from, const char **sender)
{
    char canonical[SENDER_TEXT_SIZE];
    *sender = "";
    if (from[0] == '\0')
        return true;
    if (!sender_read(octets_text(from), ask->gateway->config->default_country, canonical))
        answer_problem(ask, VERDICT_INVALID_SENDER,
                       "from: neither a number, a short code nor an alphanumeric id");
    else if (!program_has_sender(program, canonical))
        answer_problem(ask, VERDICT_SENDER_NOT_ALLOWED, "from: %s is not a sender of program %s", canonical,
                       program->config->name);
    else
        *sender = region_text(ask->region, octets_text(canonical));
    return (*sender)[0] != '\0';
}

static bool check_times(struct ask *ask, const struct campaign *campaign)
{
    int64_t first = campaign->start_at > ask->now_ms ? campaign->start_at : ask->now_ms;
    if (campaign->start_at > ask->now_ms + AHEAD_MOST_MS)
        answer_problem(ask, VERDICT_INVALID_TIME, "start_at: it is more than a year ahead");
    else if (campaign->ends_at != 0 && campaign->ends_at <= first)
        answer_problem(ask, VERDICT_INVALID_TIME, "ends_at: it is over before the campaign may begin");
    else
        return true;
    return false;
}

bool ask_window(struct ask *ask, const char *name, const char *window)
{
    struct config_hours hours;
    char why[SETTING_WHY_SIZE];
    if (window[0] == '\0' || (setting_hours_read(window, &hours, why) && hours.kind == CONFIG_HOURS_OWN))
        return true;
    answer_problem(ask, VERDICT_INVALID_FIELD, "%s: must be hours of a day as in 09:00-18:00", name);
    return false;
}

/* A time on a clock that is not yet known which. */
static bool read_local(struct ask *ask, const char *text, int64_t *local_ms)
{
    int64_t local_s = 0;
    if (text[0] == '\0')
        return true;
    bool is_good = time_read_local(octets_text(text), &local_s);
    *local_ms = local_s * 1000;
    if (!is_good)
        answer_problem(ask, VERDICT_INVALID_TIME,
                       "start_at_local: must be a day and a time without a zone, as in 2026-11-29T10:00");
    else if (*local_ms > ask->now_ms + AHEAD_MOST_MS)
        answer_problem(ask, VERDICT_INVALID_TIME, "start_at_local: it is more than a year ahead");
    else
        return true;
    return false;
}

static void order_post(struct ask *ask)
{
    const struct program *program;
    const char *name = NULL, *from = "", *encoding = "auto", *window = "", *start_local = "";
    double rate = 0;
    struct campaign it = {.account = ask->account->name, .name = "", .hours = "", .client_ref = ""};
    const json_t *list = NULL;
    struct campaign_step *steps = region_get(ask->region, CAMPAIGN_STEPS_MOST * sizeof *steps);
    const struct into places[] = {
        {"name", &it.name},
        {"program", &name},
        {"from", &from},
        {"text", &it.text},
        {"encoding", &encoding},
        {"rate", &rate},
        {"start_at", &it.start_at},
        {"ends_at", &it.ends_at},
        {"window", &window},
        {"start_at_local", &start_local},
        {"dry_run", &it.is_dry_run},
        {"client_ref", &it.client_ref},
        {"steps", &list},
        {"restart", &it.restarts},
    };
    if (!ask_fields(ask, API_CAMPAIGN, places, sizeof places / sizeof *places) ||
        !check_name(ask, it.name) || !ask_program(ask, name, &program) || !check_body(ask, &it, list) ||
        !check_encoding(ask, encoding, &it.encoding) || !check_sender(ask, program, from, &it.sender) ||
        !check_times(ask, &it) || !ask_window(ask, "window", window) ||
        !read_local(ask, start_local, &it.start_local) || !steps_read(ask, list, steps, &it.step_count))
        return;
    if (it.step_count > 0)
        it.text = "";
    it.program = program->id;
    it.hours = window;
    it.rate_milli = (int64_t)(rate * 1000 + 0.5);
    if (rate > 0 && it.rate_milli == 0)
        it.rate_milli = 1; /* 0 would be no limit */
    campaigns_make(ask->gateway->campaigns, &it, ask->now_ms);
    for (int i = 0; i < it.step_count; i++)
        store_campaign_step_put(ask->gateway->store, it.serial, i, &steps[i]);
    answer_campaign(ask, 201, &it);
    ask->answer.is_lasting = ask->answer.status == 201;
}

void campaign_post(struct ask *ask)
{
    once_post(ask, order_post);
}

/* ---- GET ---- */

void campaign_get(struct ask *ask)
{
    struct campaign campaign;
    if (find(ask, may_watch, &campaign))
        answer_campaign(ask, 200, &campaign);
}

static bool state_read(struct ask *ask, enum campaign_state *state)
{
    static const enum campaign_state states[] = {
#define CAMPAIGN_STATE(name, number, word) CAMPAIGN_##name,
#include "proto/campaign.def"
    };
    const char *word = ask_parameter(ask, "state");
    *state = 0;
    for (size_t i = 0; word != NULL && i < sizeof states / sizeof *states; i++)
        if (strcmp(campaign_state_word(states[i]), word) == 0)
            *state = states[i];
    if (word != NULL && *state == 0)
        answer_problem(ask, VERDICT_INVALID_FIELD, "state: \"%.40s\" is none of a campaign", word);
    return word == NULL || *state != 0;
}

static bool filter_read(struct ask *ask, struct campaign_filter *filter)
{
    const struct program *program;
    *filter = (struct campaign_filter){0};
    if (!account_has_role(ask->account, CONFIG_ROLE_COMPLIANCE) && !account_has_role(ask->account, CONFIG_ROLE_ADMIN))
        filter->account = ask->account->name;
    if (!state_read(ask, &filter->state) || !ask_program(ask, ask_parameter(ask, "program"), &program))
        return false;
    filter->program = program == NULL ? 0 : program->id;
    return true;
}

void campaign_list(struct ask *ask)
{
    struct page page;
    struct campaign_filter filter;
    if (!filter_read(ask, &filter) || !page_begin(ask, &page))
        return;
    struct campaign *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        filter.after = page.after;
        if (store_campaign_list(ask->gateway->store, &filter, ask->region, rows, page.limit, &count) ==
            STORE_FAILED) {
            page_fail(ask, &page);
            return;
        }
        for (size_t i = 0; i < count && page_takes(&page, rows[i].serial); i++) {
            json_t *json = may_watch(ask, &rows[i]) ? campaign_json(ask, &rows[i]) : NULL;
            if (json != NULL)
                json_array_append_new(page.items, json);
        }
        page_fetched(&page, count);
    }
    page_answer(ask, &page);
}

/* ---- GET /v1/campaigns/{id}/events ---- */

static json_t *progress_look(struct ask *ask, int64_t serial, bool *is_over)
{
    struct campaign campaign;
    if (store_campaign_get(ask->gateway->store, serial, ask->region, &campaign) != STORE_OK ||
        !may_watch(ask, &campaign))
        return NULL;
    *is_over = campaign.state == CAMPAIGN_DONE || (campaign.state == CAMPAIGN_CANCELLED && !campaign.is_withdrawing);
    return campaign_json(ask, &campaign);
}

void campaign_events(struct ask *ask)
{
    static const struct stream_kind kind = {progress_look, "progress", NULL};
    struct campaign campaign;
    if (find(ask, may_watch, &campaign))
        stream_begin(ask, &kind, campaign.serial);
}

/* ---- what is done to it ---- */

static void answer_state(struct ask *ask, const struct campaign *campaign, const char *what)
{
    answer_problem(ask, VERDICT_CAMPAIGN_STATE, "it is %s, and so can't be %s",
                   campaign_state_word(campaign->state), what);
}

void campaign_start_post(struct ask *ask)
{
    struct campaign campaign;
    struct campaigns *campaigns = ask->gateway->campaigns;
    bool is_dry_run = false;
    const struct into places[] = {{"dry_run", &is_dry_run}};
    if ((ask->json != NULL && !ask_fields(ask, API_CAMPAIGN_START, places, 1)) ||
        !ask_campaign(ask, true, &campaign))
        return;
    is_dry_run = is_dry_run || campaign.is_dry_run;
    if (campaign.state == CAMPAIGN_LOADING && campaign.recipients == 0 && campaign.step_count == 0)
        answer_problem(ask, VERDICT_CAMPAIGN_STATE, "it has no recipients yet: POST them first");
    else if (is_dry_run ? campaigns_check(campaigns, &campaign, ask->now_ms)
                        : campaigns_start(campaigns, &campaign, ask->now_ms))
        answer_campaign(ask, 200, &campaign);
    else
        answer_state(ask, &campaign, is_dry_run ? "checked" : "started");
}

static void order_campaign(struct ask *ask, bool (*order)(struct campaigns *, struct campaign *, int64_t),
                           const char *what)
{
    struct campaign campaign;
    if ((ask->json != NULL && !ask_fields(ask, API_NOTHING, NULL, 0)) || !find(ask, may_order, &campaign))
        return;
    if (order(ask->gateway->campaigns, &campaign, ask->now_ms))
        answer_campaign(ask, 200, &campaign);
    else
        answer_state(ask, &campaign, what);
}

void campaign_pause_post(struct ask *ask)
{
    order_campaign(ask, campaigns_pause, "paused");
}

void campaign_resume_post(struct ask *ask)
{
    order_campaign(ask, campaigns_resume, "resumed");
}

void campaign_cancel_post(struct ask *ask)
{
    order_campaign(ask, campaigns_cancel, "cancelled");
}
