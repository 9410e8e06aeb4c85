#include "outbound/deviations.h"

#include <string.h>

#include "base/must.h"
#include "smpp/session.h"

static void add(void *who, const char *name, uint64_t count)
{
    struct deviations *deviations = who;
    size_t at = 0;
    while (at < deviations->count && strcmp(deviations->at[at].name, name) != 0)
        at++;
    must(at < DEVIATIONS_MOST);
    if (at == deviations->count)
        deviations->at[deviations->count++].name = name;
    deviations->at[at].count += count;
}

void deviations_add(struct deviations *deviations, const struct session *session)
{
    session_deviations(session, add, deviations);
}
