/* What came in a turn that is not on disk: the carrier is asked to send it again (F332), if it knows how to be asked. */
#include <stdlib.h>

#include "base/log.h"
#include "base/must.h"
#include "carrier_parts.h"

static uint64_t turn_of(const struct bind *bind)
{
    return loop_turn(bind->carrier->carriers->loop);
}

void delivered_put(struct bind *bind, const struct pdu *pdu)
{
    struct delivered *delivered = &bind->delivered;
    if (delivered->turn != turn_of(bind))
        delivered->count = 0;
    delivered->turn = turn_of(bind);
    if (delivered->count == delivered->room) {
        delivered->room = delivered->room * 2 + 16;
        delivered->at = mem_grow(delivered->at, delivered->room * sizeof *delivered->at);
    }
    delivered->at[delivered->count++] =
        (struct asked){.command_id = pdu->command_id, .sequence_number = pdu->sequence_number};
}

void delivered_answered(struct bind *bind, const struct pdu *header)
{
    struct delivered *delivered = &bind->delivered;
    bool is_of_turn = delivered->turn == turn_of(bind);
    for (size_t i = 0; is_of_turn && i < delivered->count; i++)
        if (delivered->at[i].sequence_number == header->sequence_number)
            return;
    delivered->older_turn = turn_of(bind);
}

bool delivered_is_refused(const struct bind *bind)
{
    return bind->carrier->config->later_status[0] != '\0' && bind->delivered.turn == turn_of(bind) &&
           bind->delivered.count > 0;
}

bool delivered_refuse(struct bind *bind)
{
    struct delivered *delivered = &bind->delivered;
    const char *later = bind->carrier->config->later_status;
    if (*later == '\0' || delivered->older_turn == turn_of(bind))
        return false;
    if (delivered->turn != turn_of(bind))
        return true;
    struct pdu answer = {.command_status = (uint32_t)strtoul(later, NULL, 16)};
    for (size_t i = 0; i < delivered->count; i++) {
        struct pdu header = {.command_id = delivered->at[i].command_id,
                             .sequence_number = delivered->at[i].sequence_number};
        session_answer(bind->session, &header, &answer, 0);
    }
    log_warn("not stored, and asked for again later carrier=%s bind=%u count=%zu",
             carrier_name(bind->carrier), bind->number, delivered->count);
    delivered->count = 0;
    return true;
}
