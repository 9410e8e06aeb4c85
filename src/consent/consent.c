/* The life of consent/consent.h; the acts are in registration.c, revocation.c and confirmation.c, what
 * follows from them in standing.c. */
#include "consent/consent.h"

#include <stdlib.h>

#include "base/loop.h"
#include "base/must.h"
#include "consent/effect.h"
#include "consent/ledger.h"
#include "consent/place.h"
#include "consent_parts.h"

struct consents *consents_open(struct loop *loop, struct store *store, struct ledger *ledger,
                               const struct programs *programs)
{
    struct consents *consents = mem_new(sizeof *consents);
    consents->loop = loop;
    consents->store = store;
    consents->ledger = ledger;
    consents->programs = programs;
    consents->places = places_open();
    return consents;
}

static void bars_drop(struct consents *consents, uint64_t turn, bool drops_all)
{
    struct bar **at = &consents->bars;
    while (*at != NULL) {
        struct bar *bar = *at;
        if (!drops_all && bar->turn != turn) {
            at = &bar->next;
            continue;
        }
        *at = bar->next;
        free(bar->name);
        free(bar);
    }
}

void consents_close(struct consents *consents)
{
    if (consents == NULL)
        return;
    bars_drop(consents, 0, true);
    places_close(consents->places);
    free(consents);
}

struct places *consents_places(const struct consents *consents)
{
    return consents->places;
}

void consents_listen(struct consents *consents, const struct consents_events *events, void *owner)
{
    consents->events = events;
    consents->owner = owner;
}

int64_t consent_append(struct consents *consents, int64_t now_ms, const char *kind,
                       const char *program, uint64_t number, json_t *payload)
{
    char *text = json_dumps(payload, JSON_COMPACT | JSON_SORT_KEYS);
    must(text != NULL);
    int64_t seq = ledger_append(consents->ledger, now_ms, kind, program, number, text);
    const char *what = effect_counts_as(kind, payload);
    if (what != NULL)
        ledger_note_activity(consents->ledger, now_ms, program, what);
    free(text);
    json_decref(payload);
    return seq;
}

void consents_reloaded(struct consents *consents)
{
    consents->writes++;
    places_refresh(consents->places);
}

void consents_committed(struct consents *consents)
{
    bars_drop(consents, loop_turn(consents->loop), false);
}

/* The bars stay: a STOP that can't be written still stops dispatch until it can. Their records never were, so
 * nothing is newer than they are. */
void consents_rolled_back(struct consents *consents)
{
    consents->writes++; /* what was read of the turn's own rows isn't true any more */
    for (struct bar *bar = consents->bars; bar != NULL; bar = bar->next)
        bar->seq = INT64_MAX;
}
