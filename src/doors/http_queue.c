/* What waits, and what holds it: in the words of dispatch, which holds it. */
#include "base/region.h"
#include "consent/program.h"
#include "http_parts.h"
#include "outbound/dispatch.h"
#include "outbound/lanes.h"

/* Why a carrier's bind that should be bound isn't. */
static const char *outage_words(struct ask *ask, const struct carrier *carrier)
{
    struct carrier_view view;
    for (size_t i = 0; i < carrier_binds(carrier); i++) {
        carrier_bind_view(carrier, i, &view);
        if (!view.is_bound)
            return region_format(ask->region, "carrier %s is not bound: %s", carrier_name(carrier),
                                 view.why);
    }
    return region_format(ask->region, "carrier %s is bound, but takes no submits",
                         carrier_name(carrier));
}

const char *hold_words(struct ask *ask, const struct hold *hold)
{
    const char *name = hold->carrier == NULL ? "" : carrier_name(hold->carrier);
    switch (hold->kind) {
    case HOLD_NONE:
        return "";
    case HOLD_PROGRAM_PAUSED:
        return "the program is paused";
    case HOLD_RESTORED:
        return "the database was restored from a copy, and nobody has vouched for the opt-outs since: assent restore";
    case HOLD_CARRIER_KEPT:
        return region_format(ask->region, "carrier %s is %s", name,
                             carrier_order_word(carrier_order(hold->carrier)));
    case HOLD_OUTAGE:
        return hold->carrier == NULL ? "no carrier is up" : outage_words(ask, hold->carrier);
    case HOLD_THROTTLED:
        return region_format(ask->region, "carrier %s said ESME_RTHROTTLED", name);
    case HOLD_WINDOW:
        return region_format(ask->region, "the window of carrier %s is full", name);
    case HOLD_THROUGHPUT:
        if (carrier_is_slowed(hold->carrier))
            return region_format(ask->region,
                                 "carrier %s said ESME_RTHROTTLED: for now it is given %.1f parts a second",
                                 name, carrier_rate(hold->carrier));
        return region_format(ask->region, "the throughput of carrier %s is used up", name);
    case HOLD_SENDER:
        return region_format(ask->region, "sender %s is at its throughput", hold->limit);
    case HOLD_CAMPAIGN:
        return region_format(ask->region, "10DLC campaign %s is at its rate: its minute is spread evenly",
                             hold->limit);
    case HOLD_BRAND:
        return region_format(ask->region, "brand %s has used up its parts of this day", hold->limit);
    case HOLD_QUIET_HOURS:
        return "it is not within the hours of those it is for";
    case HOLD_NOT_DUE:
        return "the next try is later";
    }
    return "";
}

/* NULL: it can't be read. is_any: nothing is queued in any lane of its kind, so it stands for all of them. */
static json_t *lane_json(struct ask *ask, const struct lane *lane, bool is_any, int64_t queued)
{
    struct hold hold;
    if (!dispatch_hold(ask->gateway->dispatch, lane, ask->now_ms, &hold))
        return NULL;
    const char *carrier = hold.carrier == NULL ? "" : carrier_name(hold.carrier);
    return json_pack("{s:o,s:s,s:o,s:o,s:I,s:o,s:s,s:o,s:o}", "program",
                     json_words(ask, lane->program->config->name), "lane",
                     lane->is_reply ? "replies" : "messages", "sender",
                     json_words_or_null(ask, is_any ? "" : lane->sender), "route",
                     json_words_or_null(ask, is_any ? "" : lane->route), "queued",
                     (json_int_t)queued, "carrier", json_words_or_null(ask, carrier), "hold",
                     hold_word(hold.kind), "until",
                     json_time(hold.wait_ms == 0 ? 0 : ask->now_ms + hold.wait_ms), "why",
                     json_words_or_null(ask, hold_words(ask, &hold)));
}

/* The lanes of one kind of a program that have something queued. False: it can't be read. */
static bool lanes_json(struct ask *ask, const struct program *program, bool is_reply, json_t *items)
{
    const struct lane *lane, nobodys = {.program_id = program->id,
                                        .is_reply = is_reply,
                                        .sender = program->config->senders.at[0],
                                        .route = "",
                                        .program = program,
                                        .tiers = &program->config->carriers};
    size_t before = json_array_size(items);
    for (size_t n = 0; (lane = dispatch_lane(ask->gateway->dispatch, program, n)) != NULL; n++) {
        if (lane->is_reply != is_reply || lane->id == 0)
            continue;
        int64_t queued = store_lane_queued(ask->gateway->store, lane->id);
        if (queued < 0 ||
            (queued > 0 && json_array_append_new(items, lane_json(ask, lane, false, queued)) != 0))
            return false;
    }
    return json_array_size(items) > before ||
           json_array_append_new(items, lane_json(ask, &nobodys, true, 0)) == 0;
}

/* The place of a program and a kind is the cursor: its lanes stay together. */
void queue_list(struct ask *ask)
{
    struct page page;
    const struct programs *programs = ask->gateway->programs;
    bool is_admin = account_has_role(ask->account, CONFIG_ROLE_ADMIN);
    if (!page_begin(ask, &page))
        return;
    page.is_at_end = true;
    for (size_t i = (size_t)page.after;
         i < 2 * programs_count(programs) && page_takes(&page, (int64_t)i + 1); i++) {
        const struct program *program = programs_at(programs, i / 2);
        if (!is_admin && !account_may_use(ask->account, program->config->name))
            continue;
        if (!lanes_json(ask, program, i % 2 == 0, page.items)) {
            page_fail(ask, &page);
            return;
        }
    }
    page_answer(ask, &page);
}
