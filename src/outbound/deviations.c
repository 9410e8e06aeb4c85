#include "outbound/deviations.h"

#include <string.h>

#include "base/must.h"
#include "smpp/session.h"

static void add(void *who, const struct session_deviated *deviated)
{
    struct deviations *deviations = who;
    size_t at = 0;
    while (at < deviations->count && strcmp(deviations->at[at].name, deviated->name) != 0)
        at++;
    must(at < DEVIATIONS_MOST);
    struct session_deviated *sum = &deviations->at[at];
    if (at == deviations->count) {
        deviations->count++;
        *sum = *deviated;
        return;
    }
    sum->count += deviated->count;
    if (sum->last_at < deviated->last_at)
        sum->last_at = deviated->last_at;
}

void deviations_join(struct deviations *deviations, const struct deviations *others)
{
    for (size_t i = 0; i < others->count; i++)
        add(deviations, &others->at[i]);
}

void deviations_add(struct deviations *deviations, const struct session *session)
{
    session_deviations(session, add, deviations);
}
