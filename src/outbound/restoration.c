#include "outbound/restoration.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "campaigns_parts.h"
#include "consent/ledger.h"
#include "outbound/dispatch.h"
#include "outbound/settle.h"
#include "store/store.h"

#define SLICE  500
#define KIND   "restoration"
#define REASON "restored"
#define WHY    "the database was restored from a copy: whom it has texted since is not known"

/* ---- messages ---- */

/* One that was set aside with another isn't open any more. */
static bool is_open(const struct restorer *restorer, const struct message *listed)
{
    struct message now;
    return store_message_get(restorer->store, listed->id, loop_region(restorer->loop), &now) == STORE_OK &&
           now.state == listed->state;
}

/* Replies come last: a confirmation that fails takes with it what waits for it. */
static bool set_aside(const struct restorer *restorer, bool is_reply, int64_t now_ms, int64_t *moved)
{
    size_t count = 0;
    struct message *open = region_get(loop_region(restorer->loop), SLICE * sizeof *open);
    if (store_message_open(restorer->store, is_reply, loop_region(restorer->loop), open, SLICE, &count) != STORE_OK)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_open(restorer, &open[i]))
            continue;
        settle_move(restorer->settle, &open[i], MESSAGE_FAILED, REASON, false, NULL, now_ms);
        ++*moved;
    }
    return true;
}

/* ---- campaigns ---- */

static bool pause_campaigns(const struct restorer *restorer, int64_t now_ms, size_t *paused)
{
    size_t count = SLICE;
    int64_t after = 0;
    struct campaign *rows = region_get(loop_region(restorer->loop), SLICE * sizeof *rows);
    while (count == SLICE) {
        if (store_campaigns_active(restorer->store, after, loop_region(restorer->loop), rows, SLICE, &count) !=
            STORE_OK)
            return false;
        for (size_t i = 0; i < count; i++) {
            after = rows[i].serial;
            if (rows[i].state != CAMPAIGN_SCHEDULED && rows[i].state != CAMPAIGN_RUNNING)
                continue;
            campaign_pause(restorer->campaigns, &rows[i], WHY, now_ms);
            ++*paused;
        }
    }
    return true;
}

/* ---- the records ---- */

static void append(const struct restorer *restorer, json_t *payload, const struct restoration *restoration, int64_t now_ms)
{
    char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];
    time_write(restoration->lost_from, from);
    time_write(restoration->lost_until, until);
    must(payload != NULL);
    json_object_set_new(payload, "lost_from", json_string(from));
    json_object_set_new(payload, "lost_until", json_string(until));
    char *text = json_dumps(payload, JSON_COMPACT | JSON_SORT_KEYS);
    must(text != NULL);
    ledger_append(restorer->ledger, now_ms, KIND, "", 0, text);
    free(text);
    json_decref(payload);
}

static bool begin(const struct restorer *restorer, struct restoration *restoration, int64_t now_ms)
{
    size_t paused = 0;
    if (!pause_campaigns(restorer, now_ms, &paused))
        return false;
    if (restoration->lost_from == 0) /* else the time of an earlier copy, for which nobody has vouched, goes on */
        restoration->lost_from = restoration->copy_of;
    store_short_ids_skip(restorer->store, now_ms - restoration->copy_of);
    restoration->lost_until = now_ms;
    restoration->copy_of = 0;
    append(restorer,
           json_pack("{s:s,s:I,s:I}", "what", "began", "set_aside", (json_int_t)restoration->set_aside,
                     "campaigns_paused", (json_int_t)paused),
           restoration, now_ms);
    store_restoration_put(restorer->store, restoration);
    dispatch_hold_all(restorer->dispatch, now_ms);
    log_warn("the database is a copy: messages set aside=%lld campaigns paused=%zu; nothing but mandated replies leaves "
             "until `assent restore confirm`",
             (long long)restoration->set_aside, paused);
    return true;
}

enum restored restoration_slice(const struct restorer *restorer, int64_t now_ms)
{
    struct restoration restoration;
    int64_t moved = 0;
    if (!store_restoration(restorer->store, &restoration))
        return RESTORED_FAILED;
    if (restoration.copy_of == 0)
        return RESTORED_DONE;
    if (!set_aside(restorer, false, now_ms, &moved) ||
        (moved == 0 && !set_aside(restorer, true, now_ms, &moved)))
        return RESTORED_FAILED;
    restoration.set_aside += moved;
    if (moved == 0)
        return begin(restorer, &restoration, now_ms) ? RESTORED_DONE : RESTORED_FAILED;
    store_restoration_put(restorer->store, &restoration);
    return RESTORED_MORE;
}

bool restoration_confirm(const struct restorer *restorer, const char *by, const char *note, int64_t now_ms)
{
    struct restoration restoration;
    if (!store_restoration(restorer->store, &restoration) || restoration.lost_from == 0)
        return false;
    append(restorer, json_pack("{s:s,s:s,s:s}", "what", "opt-outs vouched for", "by", by, "note", note),
           &restoration, now_ms);
    restoration = (struct restoration){.copy_of = 0};
    store_restoration_put(restorer->store, &restoration);
    dispatch_release_all(restorer->dispatch);
    log_warn("the opt-outs between the copy and its restoration are vouched for by=%s", by);
    return true;
}
