/* What holds a lane, and which way a message would go: for people who ask. */
#include "consent/program.h"
#include "dispatch_parts.h"

struct lane *dispatch_lane(const struct dispatch *dispatch, const struct program *program, size_t n)
{
    return lanes_of(dispatch->lanes, program->id, n);
}

struct lane *dispatch_next_lane(const struct dispatch *dispatch, struct lane_walk *walk)
{
    return lanes_next(dispatch->lanes, walk);
}

bool dispatch_hold(struct dispatch *dispatch, const struct lane *lane, int64_t now_ms, struct hold *hold)
{
    struct message head = {0}, next;
    size_t count = 0;
    unsigned parts = 1;
    if (lane->tiers == NULL) {
        *hold = (struct hold){.kind = HOLD_NONE}; /* it is about to be looked through */
        return true;
    }
    if (store_lane_due(dispatch->store, lane->id, now_ms, loop_region(dispatch->loop), &head, 1,
                       &count) != STORE_OK)
        return false;
    if (count > 0) {
        unsigned last, first = dispatch_first_part(dispatch, &head, false, &last);
        parts = first > last ? 1 : dispatch_billed(&head, last - first + 1);
    }
    *hold = dispatch_hold_of(dispatch, lane, head.number, parts);
    if (hold->kind != HOLD_NONE || count > 0)
        return true;
    enum store_result found = store_lane_after(dispatch->store, lane->id, 0, 0,
                                               loop_region(dispatch->loop), &next, 1, &count);
    if (count > 0 && next.due_at > now_ms) {
        hold->kind = strcmp(next.reason, MESSAGE_QUIET) == 0      ? HOLD_QUIET_HOURS
                     : strcmp(next.reason, MESSAGE_RESTORED) == 0 ? HOLD_RESTORED
                                                                  : HOLD_NOT_DUE;
        hold->wait_ms = next.due_at - now_ms;
    }
    return found != STORE_FAILED;
}

static const struct config_tiers *tiers_of(const struct dispatch *dispatch, const struct program *program,
                                           const struct message *message, int64_t now_ms,
                                           const struct config_route **route)
{
    *route = routes_find(dispatch->routes, program->config->name, message, now_ms);
    return *route == NULL ? &program->config->carriers : &(*route)->carriers;
}

bool dispatch_may_take(const struct dispatch *dispatch, const struct program *program,
                       const struct message *message, const char *carrier)
{
    return routes_may_take(dispatch->routes, program->config, message, carrier);
}

const char *dispatch_route(struct dispatch *dispatch, const struct program *program,
                           const struct message *message, int64_t now_ms)
{
    struct carrier *order[ROUTE_CARRIERS_MOST];
    const struct config_route *route;
    const struct config_tiers *tiers = tiers_of(dispatch, program, message, now_ms, &route);
    return route_order(tiers, dispatch->carriers, message->number, order) == 0 ? ""
                                                                               : carrier_name(order[0]);
}

void dispatch_way(struct dispatch *dispatch, const struct program *program,
                  const struct message *message, int64_t now_ms, struct way *out)
{
    out->tiers = tiers_of(dispatch, program, message, now_ms, &out->route);
    out->count = route_order(out->tiers, dispatch->carriers, message->number, out->order);
    const struct lane lane = {.program_id = program->id,
                              .sender = message->sender,
                              .tiers = out->tiers};
    out->hold = dispatch_hold_of(dispatch, &lane, message->number, (unsigned)message->parts);
}

const char *dispatch_brand(struct dispatch *dispatch, size_t n, int64_t *used, int64_t *most)
{
    return limits_brand(dispatch->limits, n, used, most);
}

/* ---- what was counted ---- */

const struct dispatch_counts *dispatch_counts(const struct dispatch *dispatch)
{
    return &dispatch->counts;
}

uint64_t dispatch_blocked(const struct dispatch *dispatch)
{
    uint64_t blocked = 0;
    for (size_t i = 0; i < VERDICTS; i++)
        blocked += dispatch->counts.blocked[i];
    return blocked;
}

void dispatch_count_taken(struct dispatch *dispatch)
{
    dispatch->counts.taken++;
}

void dispatch_count_block(struct dispatch *dispatch, enum verdict verdict)
{
    dispatch->counts.blocked[verdict]++;
}
