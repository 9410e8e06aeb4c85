#include "outbound/hold.h"

#include "consent/program.h"
#include "outbound/pauses.h"
#include "outbound/route.h"

const char *hold_word(enum hold_kind kind)
{
    static const char *const words[] = {
        [HOLD_NONE] = "none",
        [HOLD_PROGRAM_PAUSED] = "program_paused",
        [HOLD_CARRIER_KEPT] = "carrier_kept",
        [HOLD_OUTAGE] = "outage",
        [HOLD_THROTTLED] = "throttled",
        [HOLD_WINDOW] = "window",
        [HOLD_THROUGHPUT] = "throughput",
        [HOLD_QUIET_HOURS] = "quiet_hours",
        [HOLD_NOT_DUE] = "not_due",
    };
    return words[kind];
}

/* No carrier is up. The first that an operator doesn't keep is the one that is missed. */
static struct hold nowhere(struct carriers *carriers, const struct program *program)
{
    const struct config_list *names = &program->config->carriers;
    struct hold hold = {.kind = HOLD_OUTAGE};
    for (size_t i = 0; i < names->count; i++) {
        struct carrier *carrier = carriers_find(carriers, names->at[i]);
        if (carrier == NULL)
            continue;
        if (carrier_order(carrier) == CARRIER_RUNS)
            return (struct hold){.kind = HOLD_OUTAGE, .carrier = carrier};
        if (hold.carrier == NULL)
            hold = (struct hold){.kind = HOLD_CARRIER_KEPT, .carrier = carrier};
    }
    return hold;
}

struct hold hold_find(struct carriers *carriers, struct pauses *pauses,
                      const struct program *program, bool is_reply, unsigned parts)
{
    if (!is_reply && pauses_since(pauses, program->id) != 0)
        return (struct hold){.kind = HOLD_PROGRAM_PAUSED};
    struct carrier *carrier = route_find(carriers, program);
    if (carrier == NULL)
        return nowhere(carriers, program);
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
