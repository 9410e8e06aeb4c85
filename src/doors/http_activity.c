/* What happened when: opt-ins, opt-outs and blocks by the hour or by the day. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/program.h"
#include "http_parts.h"

#define HOURS_MOST    744 /* a month */
#define DAYS_MOST     800 /* two years and some */
#define HOURS_DEFAULT 48
#define DAYS_DEFAULT  30
#define WHATS_MOST    (VERDICTS + 2) /* that may be counted of one hour */

struct period { /* times in ms */
    enum activity_step step;
    int64_t step_ms, from, until;
    size_t count;
};

/* False: answered. */
static bool step_read(struct ask *ask, struct period *period)
{
    const char *step = ask_parameter(ask, "step");
    bool is_hour = step != NULL && strcmp(step, "hour") == 0;
    period->step = is_hour ? ACTIVITY_HOUR : ACTIVITY_DAY;
    period->step_ms = (int64_t)period->step * 1000;
    if (step == NULL || is_hour || strcmp(step, "day") == 0)
        return true;
    answer_problem(ask, VERDICT_INVALID_FIELD, "step: hour or day");
    return false;
}

/* `from` is at a whole step. False: answered. */
static bool period_read(struct ask *ask, struct period *period)
{
    const char *since, *until;
    if (!step_read(ask, period) || !ask_time(ask, "since", &since) || !ask_time(ask, "until", &until))
        return false;
    bool is_hour = period->step == ACTIVITY_HOUR;
    period->until = ask->now_ms + 1;
    must(until == NULL || time_read(octets_text(until), &period->until));
    period->from = period->until - period->step_ms * (is_hour ? HOURS_DEFAULT : DAYS_DEFAULT);
    must(since == NULL || time_read(octets_text(since), &period->from));
    period->from = period->from < 0 ? 0 : period->from - period->from % period->step_ms;
    int64_t most = is_hour ? HOURS_MOST : DAYS_MOST;
    int64_t count = (period->until - period->from + period->step_ms - 1) / period->step_ms;
    period->count = count > 0 ? (size_t)count : 0;
    if (count > 0 && count <= most)
        return true;
    if (count > 0)
        answer_problem(ask, VERDICT_INVALID_TIME, "since, until: at most %lld %ss may lie between", (long long)most,
                       is_hour ? "hour" : "day");
    else
        answer_problem(ask, VERDICT_INVALID_TIME, "since must be before until");
    return false;
}

/* As a JSON list; NULL: all that there ever were. */
static const char *programs_asked_for(struct ask *ask, const struct program *program)
{
    if (program == NULL && ask_uses_every_program(ask))
        return NULL;
    json_t *names = json_array();
    for (size_t i = 0; i < programs_count(ask->gateway->programs); i++) {
        const struct program *one = programs_at(ask->gateway->programs, i);
        if (one == program || (program == NULL && account_may_use(ask->account, one->config->name)))
            json_array_append_new(names, json_words(ask, one->config->name));
    }
    char *text = json_dumps(names, JSON_COMPACT);
    must(text != NULL);
    const char *copy = region_text(ask->region, octets_text(text));
    free(text);
    json_decref(names);
    return copy;
}

static json_t *item_json(struct ask *ask, int64_t at)
{
    char *text = region_get(ask->region, TIME_TEXT_SIZE);
    time_write(at, text);
    return json_pack("{s:s,s:i,s:i,s:{}}", "at", text, "opt_ins", 0, "opt_outs", 0, "blocks");
}

static void item_add(json_t *item, const struct activity *one)
{
    json_t *count = json_integer((json_int_t)one->count);
    if (strcmp(one->what, ACTIVITY_OPT_IN) == 0)
        json_object_set_new(item, "opt_ins", count);
    else if (strcmp(one->what, ACTIVITY_OPT_OUT) == 0)
        json_object_set_new(item, "opt_outs", count);
    else
        json_object_set_new(json_object_get(item, "blocks"), one->what, count);
}

void activity_get(struct ask *ask)
{
    struct period period;
    const struct program *program;
    size_t count = 0;
    if (!ask_program(ask, ask_parameter(ask, "program"), &program) || !period_read(ask, &period))
        return;
    size_t most = period.count * WHATS_MOST;
    struct activity *rows = region_get(ask->region, most * sizeof *rows);
    if (store_activity_list(ask->gateway->store, period.step, period.from, period.until, programs_asked_for(ask, program),
                            ask->region, rows, most, &count) == STORE_FAILED) {
        answer_unavailable(ask);
        return;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < period.count; i++)
        json_array_append_new(items, item_json(ask, period.from + (int64_t)i * period.step_ms));
    for (size_t i = 0; i < count; i++)
        item_add(json_array_get(items, (size_t)((rows[i].at - period.from) / period.step_ms)), &rows[i]);
    answer_json(ask, 200, json_pack("{s:s,s:o}", "step", period.step == ACTIVITY_HOUR ? "hour" : "day", "items", items));
}
