#include "outbound/watch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "consent/program.h"
#include "outbound/dispatch.h"
#include "outbound/lanes.h"

#define LOOK_MS  5000
#define STUCK_MS 60000

struct watch {
    struct loop *loop;
    struct store *store;
    struct dispatch *dispatch;
    int64_t looked_ms;
    struct timer timer;
};

/* ---- what is an alarm ---- */

static bool may_go(enum hold_kind hold)
{
    return hold == HOLD_NONE || hold == HOLD_WINDOW;
}

static bool has_moved(const struct watched *watched, const struct sight *sight)
{
    if (watched->head == 0)
        return true; /* it was not there before */
    return sight->hold == HOLD_WINDOW ? watched->answers != sight->answers
                                      : watched->head != sight->head || watched->tries != sight->tries;
}

void watched_look(struct watched *watched, const struct sight *sight)
{
    if (sight->is_due && sight->hold == HOLD_OUTAGE)
        return;
    if (!sight->is_due || !may_go(sight->hold)) {
        *watched = (struct watched){.hold = sight->hold};
        return;
    }
    bool is_still = !has_moved(watched, sight);
    watched->still_ms = is_still ? watched->still_ms + sight->passed_ms : 0;
    watched->is_stuck = is_still && (watched->is_stuck || watched->still_ms >= sight->limit_ms);
    watched->head = sight->head;
    watched->tries = sight->tries;
    watched->answers = sight->answers;
    watched->hold = sight->hold;
}

/* ---- looking ---- */

/* All that it may take count: which one that is, is another for each number. */
static void see_carriers(struct watch *watch, const struct config_tiers *tiers, struct sight *out)
{
    for (size_t i = 0; tiers != NULL && i < tiers->count; i++) {
        const struct carrier *carrier =
            carriers_find(dispatch_carriers(watch->dispatch), tiers->at[i].carrier);
        if (carrier == NULL)
            continue;
        out->answers += carrier_counts(carrier)->accepted + carrier_counts(carrier)->refused;
        if (out->hold == HOLD_WINDOW && carrier_response_ms(carrier) > out->limit_ms)
            out->limit_ms = carrier_response_ms(carrier);
    }
}

/* False: it can't be read now. */
static bool see(struct watch *watch, const struct lane *lane, struct sight *out)
{
    struct message head;
    struct hold hold;
    size_t count = 0;
    int64_t now_ms = clock_wall_ms();
    *out = (struct sight){.passed_ms = clock_mono_ms() - watch->looked_ms, .limit_ms = STUCK_MS};
    if (out->passed_ms > 2 * LOOK_MS)
        out->passed_ms = 2 * LOOK_MS; /* we stood still ourselves */
    if (lane->id == 0)
        return true;
    if (store_lane_due(watch->store, lane->id, now_ms, loop_region(watch->loop), &head, 1, &count) ==
            STORE_FAILED ||
        !dispatch_hold(watch->dispatch, lane, now_ms, &hold))
        return false;
    out->is_due = count > 0;
    out->head = count > 0 ? head.id : 0;
    out->tries = count > 0 ? head.tries : 0;
    out->hold = hold.kind;
    see_carriers(watch, lane->tiers, out);
    return true;
}

/* A lane that nobody woke for what is due in it is woken here: a mistake of ours, which must not hold anybody for long. */
static void wake_forgotten(struct watch *watch, struct lane *lane, const struct sight *sight)
{
    if (!sight->is_due || lane->may_wait || lane->watched.still_ms == 0)
        return;
    log_error("queue was not woken program=%s sender=%s route=%s", lane->program->config->name,
              lane->sender, lane->route);
    lane->may_wait = true;
    loop_again(watch->loop);
}

static void look(struct watch *watch, struct lane *lane)
{
    struct sight sight;
    struct watched *watched = &lane->watched;
    const char *program = lane->program->config->name, *kind = lane->is_reply ? "replies" : "messages";
    bool was_stuck = watched->is_stuck;
    if (!see(watch, lane, &sight))
        return;
    watched_look(watched, &sight);
    wake_forgotten(watch, lane, &sight);
    if (watched->is_stuck && !was_stuck)
        log_error("queue stuck program=%s lane=%s sender=%s route=%s hold=%s still_s=%lld: nothing moves that could",
                  program, kind, lane->sender, lane->route, hold_word(watched->hold),
                  (long long)(watched->still_ms / 1000));
    else if (was_stuck && !watched->is_stuck)
        log_info("queue no longer stuck program=%s lane=%s sender=%s route=%s", program, kind, lane->sender,
                 lane->route);
}

static void timer_rings(void *owner)
{
    struct watch *watch = owner;
    struct lane_walk walk = {0};
    struct lane *lane;
    timer_set(watch->loop, &watch->timer, LOOK_MS, timer_rings, watch);
    while ((lane = dispatch_next_lane(watch->dispatch, &walk)) != NULL)
        look(watch, lane);
    watch->looked_ms = clock_mono_ms();
}

struct watch *watch_open(struct loop *loop, struct store *store, struct dispatch *dispatch)
{
    struct watch *watch = mem_new(sizeof *watch);
    watch->loop = loop;
    watch->store = store;
    watch->dispatch = dispatch;
    watch->looked_ms = clock_mono_ms();
    timer_set(loop, &watch->timer, LOOK_MS, timer_rings, watch);
    return watch;
}

void watch_close(struct watch *watch)
{
    if (watch == NULL)
        return;
    timer_clear(watch->loop, &watch->timer);
    free(watch);
}
