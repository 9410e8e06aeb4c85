/* What waits, and what holds it: in the words of dispatch, which holds it. */
#include "base/region.h"
#include "consent/program.h"
#include "http_parts.h"
#include "outbound/dispatch.h"

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

/* One sentence for people; "" where nothing holds it. */
static const char *hold_words(struct ask *ask, const struct hold *hold)
{
    const char *name = hold->carrier == NULL ? "" : carrier_name(hold->carrier);
    switch (hold->kind) {
    case HOLD_NONE:
        return "";
    case HOLD_PROGRAM_PAUSED:
        return "the program is paused";
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
        return region_format(ask->region, "the throughput of carrier %s is used up", name);
    case HOLD_QUIET_HOURS:
        return "it is not within the hours of those it is for";
    case HOLD_NOT_DUE:
        return "the next try is later";
    }
    return "";
}

/* NULL: it can't be read. */
static json_t *lane_json(struct ask *ask, const struct program *program, bool is_reply)
{
    struct hold hold;
    int64_t queued = store_message_queued(ask->gateway->store, program->id, is_reply);
    if (queued < 0 || !dispatch_hold(ask->gateway->dispatch, program, is_reply, ask->now_ms, &hold))
        return NULL;
    return json_pack(
        "{s:o,s:s,s:I,s:o,s:s,s:o,s:o}", "program", json_words(ask, program->config->name), "lane",
        is_reply ? "replies" : "messages", "queued", (json_int_t)queued, "carrier",
        json_words_or_null(ask, hold.carrier == NULL ? "" : carrier_name(hold.carrier)), "hold",
        hold_word(hold.kind), "until",
        json_time(hold.wait_ms == 0 ? 0 : ask->now_ms + hold.wait_ms), "why",
        json_words_or_null(ask, hold_words(ask, &hold)));
}

/* The place of a lane is its cursor: two a program, in the order of the config. */
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
        json_t *lane = lane_json(ask, program, i % 2 == 0);
        if (lane == NULL) {
            page_fail(ask, &page);
            return;
        }
        json_array_append_new(page.items, lane);
    }
    page_answer(ask, &page);
}
