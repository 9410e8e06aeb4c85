#include "cli/follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/must.h"
#include "cli/cli.h"
#include "cli/progress.h"

#define FIRST_MS 20 /* doubled at each asking */
#define MOST_MS  1000
#define LINE_MS  5000

struct watch {
    const struct follow *follow;
    struct progress progress;
    json_t *campaign;
    int64_t lined_ms, changed_ms; /* when a line was written, and when a count of messages changed */
};

int64_t campaign_count(const json_t *campaign, const char *name)
{
    return json_integer_value(json_object_get(campaign, name));
}

bool campaign_is(const json_t *campaign, const char *state)
{
    const char *text = json_string_value(json_object_get(campaign, "state"));
    return text != NULL && strcmp(text, state) == 0;
}

int64_t campaign_sum(const json_t *campaign, const char *name)
{
    json_t *counts = json_object_get(campaign, name);
    int64_t sum = 0;
    for (void *at = json_object_iter(counts); at != NULL; at = json_object_iter_next(counts, at))
        sum += json_integer_value(json_object_iter_value(at));
    return sum;
}

/* ---- how far it is ---- */

static int64_t messages_in(const json_t *campaign, const char *const *states)
{
    const json_t *messages = json_object_get(campaign, "messages");
    int64_t sum = 0;
    for (; *states != NULL; states++)
        sum += campaign_count(messages, *states);
    return sum;
}

static int64_t count_open(const json_t *campaign)
{
    static const char *const open[] = {"scheduled", "queued", "held", "sending", NULL};
    return messages_in(campaign, open);
}

/* Taken by the carrier, or perhaps: a receipt may still come. */
static int64_t count_awaited(const json_t *campaign)
{
    static const char *const awaited[] = {"sent", "unknown", NULL};
    return messages_in(campaign, awaited);
}

static bool is_over(const struct watch *watch)
{
    const json_t *campaign = watch->campaign;
    if (campaign_is(campaign, "cancelled") || campaign_is(campaign, "loading"))
        return true;
    if (watch->follow->until == FOLLOW_HANDED_IN)
        return campaign_is(campaign, "scheduled") || campaign_is(campaign, "done") ||
               (campaign_count(campaign, "waiting") == campaign_count(campaign, "later") &&
                !campaign_is(campaign, "checking"));
    if (!campaign_is(campaign, "done") || count_open(campaign) > 0)
        return false;
    return count_awaited(campaign) == 0 ||
           clock_mono_ms() - watch->changed_ms >= watch->follow->receipt_ms;
}

/* ---- what is shown of it ---- */

static int64_t count_done(const struct watch *watch)
{
    int64_t handed_in = campaign_count(watch->campaign, "handed_in");
    if (watch->follow->until == FOLLOW_HANDED_IN)
        return handed_in;
    return handed_in - count_open(watch->campaign);
}

static void write_note(const struct watch *watch, char *out, size_t size)
{
    const char *state = json_string_value(json_object_get(watch->campaign, "state"));
    int64_t unsent = campaign_sum(watch->campaign, "blocked") + campaign_sum(watch->campaign, "refused");
    bool is_usual = campaign_is(watch->campaign, "running") || campaign_is(watch->campaign, "done");
    snprintf(out, size, "%s", is_usual || state == NULL ? "" : state);
    if (unsent > 0)
        snprintf(out + strlen(out), size - strlen(out), "%s%" PRId64 " not sent",
                 out[0] == '\0' ? "" : ", ", unsent);
}

static void write_line(const struct watch *watch, const char *note)
{
    FILE *out = watch->follow->lines;
    if (watch->follow->is_json)
        json_dumpf(watch->campaign, out, JSON_COMPACT);
    else
        fprintf(out, "%" PRId64 "/%" PRId64 " handed in, %" PRId64 " accepted%s%s",
                campaign_count(watch->campaign, "handed_in"), campaign_count(watch->campaign, "recipients"),
                campaign_count(watch->campaign, "accepted"), *note == '\0' ? "" : ", ", note);
    fputc('\n', out);
    fflush(out);
}

static void show(struct watch *watch, bool is_changed, bool is_last)
{
    char note[80];
    int64_t now_ms = clock_mono_ms();
    write_note(watch, note, sizeof note);
    if (!is_last)
        progress_show(&watch->progress, count_done(watch), note);
    bool is_due = is_last || watch->lined_ms == 0 || now_ms - watch->lined_ms >= LINE_MS;
    if (watch->follow->lines == NULL || !is_changed || !is_due)
        return;
    write_line(watch, note);
    watch->lined_ms = now_ms;
}

/* ---- asking ---- */

static void take(struct watch *watch, json_t *campaign)
{
    bool is_changed = watch->campaign == NULL || !json_equal(watch->campaign, campaign);
    const json_t *before = json_object_get(watch->campaign, "messages");
    if (before == NULL || !json_equal(before, json_object_get(campaign, "messages")))
        watch->changed_ms = clock_mono_ms();
    if (watch->campaign == NULL)
        progress_begin(&watch->progress, campaign_count(campaign, "handed_in"),
                       campaign_count(campaign, "recipients"));
    json_decref(watch->campaign);
    watch->campaign = json_incref(campaign);
    show(watch, is_changed, is_over(watch));
}

static bool ask(struct watch *watch, char *why)
{
    char *path = client_path_of("/v1/campaigns/", watch->follow->id, "");
    struct answer answer = client_ask(watch->follow->client, "GET", path, NULL);
    bool is_good = answer_is_good(&answer);
    free(path);
    if (is_good)
        take(watch, answer.body);
    else
        answer_explain(&answer, why);
    answer_wipe(&answer);
    return is_good;
}

static void rest(int64_t wait_ms)
{
    const struct timespec wait = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};
    nanosleep(&wait, NULL); /* ^C ends it early */
}

enum follow_end follow_run(const struct follow *follow, json_t **campaign, char why[CLIENT_ERROR_SIZE])
{
    struct watch watch = {.follow = follow};
    enum follow_end end = FOLLOW_DONE;
    cli_catch_interrupts();
    for (int64_t wait_ms = FIRST_MS;; wait_ms = wait_ms * 2 < MOST_MS ? wait_ms * 2 : MOST_MS) {
        bool is_told = ask(&watch, why);
        if (cli_is_interrupted())
            end = FOLLOW_INTERRUPTED;
        else if (!is_told)
            end = FOLLOW_BROKEN;
        if (end != FOLLOW_DONE || is_over(&watch))
            break;
        rest(wait_ms);
    }
    progress_clear(&watch.progress);
    *campaign = watch.campaign;
    return end;
}
