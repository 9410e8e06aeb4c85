#include "outbound/hold.h"

#include "outbound/route.h"

const char *hold_word(enum hold_kind kind)
{
    static const char *const words[] = {
        [HOLD_NONE] = "none",
        [HOLD_PROGRAM_PAUSED] = "program_paused",
        [HOLD_RESTORED] = "restored",
        [HOLD_CARRIER_KEPT] = "carrier_kept",
        [HOLD_OUTAGE] = "outage",
        [HOLD_THROTTLED] = "throttled",
        [HOLD_WINDOW] = "window",
        [HOLD_THROUGHPUT] = "throughput",
        [HOLD_SENDER] = "sender",
        [HOLD_CAMPAIGN] = "campaign",
        [HOLD_BRAND] = "brand",
        [HOLD_QUIET_HOURS] = "quiet_hours",
        [HOLD_NOT_DUE] = "not_due",
    };
    return words[kind];
}

/* No carrier is up. The first that an operator doesn't keep is the one that is missed. */
static struct hold nowhere(struct carriers *carriers, const struct config_tiers *tiers)
{
    struct hold hold = {.kind = HOLD_OUTAGE};
    for (size_t i = 0; i < tiers->count; i++) {
        struct carrier *carrier = carriers_find(carriers, tiers->at[i].carrier);
        if (carrier == NULL)
            continue;
        if (carrier_order(carrier) == CARRIER_RUNS)
            return (struct hold){.kind = HOLD_OUTAGE, .carrier = carrier};
        if (hold.carrier == NULL)
            hold = (struct hold){.kind = HOLD_CARRIER_KEPT, .carrier = carrier};
    }
    return hold;
}

static struct hold hold_of(struct carrier *carrier, bool is_reply, unsigned parts)
{
    struct hold hold = {.carrier = carrier, .room = carrier_room(carrier, is_reply)};
    if (hold.room == 0) {
        hold.wait_ms = carrier_pause_ms(carrier);
        hold.kind = hold.wait_ms > 0 ? HOLD_THROTTLED : HOLD_WINDOW;
        return hold;
    }
    hold.wait_ms = carrier_wait_ms(carrier, parts, is_reply);
    hold.kind = hold.wait_ms > 0 ? HOLD_THROUGHPUT : HOLD_NONE;
    return hold;
}

/* An end that is known comes before one that isn't. */
static bool ends_sooner(const struct hold *a, const struct hold *b)
{
    return a->wait_ms != 0 && (b->wait_ms == 0 || a->wait_ms < b->wait_ms);
}

struct hold hold_find(struct carriers *carriers, const struct config_tiers *tiers, uint64_t number,
                      bool is_reply, unsigned parts)
{
    struct carrier *order[ROUTE_CARRIERS_MOST];
    size_t count = route_order(tiers, carriers, number, order);
    if (count == 0)
        return nowhere(carriers, tiers);
    struct hold soonest = hold_of(order[0], is_reply, parts);
    for (size_t i = 1; i < count && soonest.kind != HOLD_NONE; i++) {
        struct hold hold = hold_of(order[i], is_reply, parts);
        if (hold.kind == HOLD_NONE || ends_sooner(&hold, &soonest))
            soonest = hold;
    }
    return soonest;
}
