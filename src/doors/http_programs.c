/* Programs as operations see them: the emergency stop. */
#include "base/log.h"
#include "base/region.h"
#include "consent/program.h"
#include "http_parts.h"
#include "outbound/dispatch.h"
#include "outbound/lanes.h"

/* Its messages, not its replies. */
static json_t *queued_json(struct ask *ask, const struct program *program)
{
    const struct lane *lane;
    int64_t queued = 0, count = 0;
    for (size_t n = 0; count >= 0 && (lane = dispatch_lane(ask->gateway->dispatch, program, n)) != NULL; n++) {
        count = lane->is_reply || lane->id == 0 ? 0 : store_lane_queued(ask->gateway->store, lane->id);
        queued += count;
    }
    return count < 0 ? json_null() : json_integer(queued);
}

/* As the config writes them: an item is a tier. */
static json_t *tiers_json(struct ask *ask, const struct config_tiers *tiers)
{
    json_t *list = json_array();
    const char *item = "";
    for (size_t i = 0; i < tiers->count; i++) {
        const struct config_choice *choice = &tiers->at[i];
        bool is_last = i + 1 == tiers->count || tiers->at[i + 1].tier != choice->tier;
        bool is_alone = item[0] == '\0' && is_last;
        item = is_alone ? choice->carrier
                        : region_format(ask->region, "%s%s%s=%g", item, item[0] == '\0' ? "" : ", ",
                                        choice->carrier, choice->weight);
        if (is_last) {
            json_array_append_new(list, json_words(ask, item));
            item = "";
        }
    }
    return list;
}

static json_t *program_json(struct ask *ask, const struct program *program)
{
    int64_t since = dispatch_paused_since(ask->gateway->dispatch, program->id);
    json_t *senders = json_array();
    for (size_t i = 0; i < program->config->senders.count; i++)
        json_array_append_new(senders, json_words(ask, program->config->senders.at[i]));
    return json_pack("{s:o,s:s,s:o,s:o,s:o,s:o,s:o}", "name", json_words(ask, program->config->name),
                     "state", since == 0 ? "running" : "paused", "paused_at", json_time(since),
                     "queued", queued_json(ask, program), "senders", senders,
                     "carriers", tiers_json(ask, &program->config->carriers), "optin_url",
                     json_words_or_null(ask, optin_url(ask, program)));
}

/* The place of a program in the config is its cursor. */
void program_list(struct ask *ask)
{
    struct page page;
    const struct programs *programs = ask->gateway->programs;
    if (!page_begin(ask, &page))
        return;
    page.is_at_end = true;
    for (size_t i = (size_t)page.after;
         i < programs_count(programs) && page_takes(&page, (int64_t)i + 1); i++)
        json_array_append_new(page.items, program_json(ask, programs_at(programs, i)));
    page_answer(ask, &page);
}

static void turn_tap(struct ask *ask, const struct program *program, bool is_pause)
{
    struct dispatch *dispatch = ask->gateway->dispatch;
    /* What all are held for goes by: a pause that is given meanwhile is to last beyond it. */
    bool is_paused = dispatch_paused_since(dispatch, program->id) != 0 && dispatch_all_held_since(dispatch) == 0;
    if (is_paused == is_pause)
        return;
    if (is_pause)
        dispatch_pause(dispatch, program->id, ask->now_ms);
    else
        dispatch_resume(dispatch, program->id);
    log_info("program %s program=%s by=%s", is_pause ? "paused" : "resumed", program->config->name,
             ask->account->name);
}

/* Without a name in the path: all of them. */
static void turn_taps(struct ask *ask, bool is_pause)
{
    const struct programs *programs = ask->gateway->programs;
    const struct program *one = programs_find(programs, ask->segment);
    if (ask->json != NULL && !ask_fields(ask, API_NOTHING, NULL, 0))
        return;
    if (one == NULL && ask->segment[0] != '\0') {
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no program of that name");
        return;
    }
    if (!is_pause && dispatch_all_held_since(ask->gateway->dispatch) != 0) {
        answer_problem(ask, VERDICT_CONFLICT,
                       "the database was restored from a copy: every program is held until somebody vouches for the "
                       "opt-outs since (POST /v1/restoration/confirm, assent restore)");
        return;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < programs_count(programs); i++) {
        const struct program *program = programs_at(programs, i);
        if (one != NULL && program != one)
            continue;
        turn_tap(ask, program, is_pause);
        json_array_append_new(items, program_json(ask, program));
    }
    answer_json(ask, 200, json_pack("{s:o}", "items", items));
}

void program_pause_post(struct ask *ask)
{
    turn_taps(ask, true);
}

void program_resume_post(struct ask *ask)
{
    turn_taps(ask, false);
}
