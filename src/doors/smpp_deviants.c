/* What senders did against the protocol, by account: of sessions that are over, and of those that live. */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "smpp_door_parts.h"

struct deviant {
    char *account; /* NULL: whoever logged in as nobody */
    struct deviations deviations;
};

struct deviants {
    struct deviant *at;
    size_t count;
};

static bool is_same(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static struct deviations *deviations_of(struct deviants *deviants, const char *account)
{
    for (size_t i = 0; i < deviants->count; i++)
        if (is_same(deviants->at[i].account, account))
            return &deviants->at[i].deviations;
    deviants->at = mem_grow(deviants->at, (deviants->count + 1) * sizeof *deviants->at);
    struct deviant *new = &deviants->at[deviants->count++];
    *new = (struct deviant){.account = account == NULL ? NULL : mem_text(account)};
    return &new->deviations;
}

/* Most sessions don't deviate, and cost nothing here. */
static void add_client(struct deviants *deviants, const struct client *client)
{
    struct deviations own = {.count = 0};
    if (client->session != NULL)
        deviations_add(&own, client->session);
    if (own.count > 0)
        deviations_join(deviations_of(deviants, client->account), &own);
}

static void wipe(struct deviants *deviants)
{
    for (size_t i = 0; i < deviants->count; i++)
        free(deviants->at[i].account);
    free(deviants->at);
}

void deviants_keep(struct client *client)
{
    struct smpp_door *door = client->door;
    struct deviants kept = {door->deviants, door->deviant_count};
    add_client(&kept, client);
    door->deviants = kept.at;
    door->deviant_count = kept.count;
}

void deviants_wipe(struct smpp_door *door)
{
    struct deviants kept = {door->deviants, door->deviant_count};
    wipe(&kept);
}

void smpp_door_deviations(const struct smpp_door *door,
                          void (*each)(void *who, const char *account, const struct deviations *deviations), void *who)
{
    struct deviants all = {NULL, 0};
    const struct client *client;
    for (size_t i = 0; i < door->deviant_count; i++)
        *deviations_of(&all, door->deviants[i].account) = door->deviants[i].deviations;
    TAILQ_FOREACH(client, &door->clients, line)
    {
        add_client(&all, client);
    }
    for (size_t i = 0; i < all.count; i++)
        each(who, all.at[i].account, &all.at[i].deviations);
    wipe(&all);
}
