#include "turnstile.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "guard.h"

struct passer {
    char network[GUARD_NETWORK_SIZE];
    int64_t even_at; /* when all that it has passed will have been earned; before now: it has the full number */
};

struct turnstile {
    struct passer at[TURNSTILE_ADDRESSES];
    size_t count;
};

struct turnstile *turnstile_open(void)
{
    return mem_new(sizeof(struct turnstile));
}

void turnstile_close(struct turnstile *turnstile)
{
    free(turnstile);
}

/* Where there is none, in the place of the one that is even first. */
static struct passer *get(struct turnstile *turnstile, const char *network)
{
    struct passer *first = &turnstile->at[0];
    for (size_t i = 0; i < turnstile->count; i++) {
        struct passer *it = &turnstile->at[i];
        if (strcmp(it->network, network) == 0)
            return it;
        if (it->even_at < first->even_at)
            first = it;
    }
    if (turnstile->count < TURNSTILE_ADDRESSES)
        first = &turnstile->at[turnstile->count++];
    memcpy(first->network, network, sizeof first->network);
    first->even_at = 0;
    return first;
}

int64_t turnstile_pass(struct turnstile *turnstile, const char *address, int64_t now_ms)
{
    char network[GUARD_NETWORK_SIZE] = "";
    guard_network(address, network);
    struct passer *it = get(turnstile, network);
    int64_t even_at = (it->even_at < now_ms ? now_ms : it->even_at) + TURNSTILE_EACH_MS;
    int64_t wait_ms = even_at - now_ms - (int64_t)TURNSTILE_AT_ONCE * TURNSTILE_EACH_MS;
    if (wait_ms > 0)
        return wait_ms;
    it->even_at = even_at;
    return 0;
}
