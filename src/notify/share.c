/* What may be under way to all receivers of an account, and whose turn it is. */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "courier_parts.h"

#define MOST_ALL      128 /* under way in all … */
#define MOST_ACCOUNT  64  /* … of one account, whomever its messages name … */
#define DOUBT_ACCOUNT 16 /* … so many of these to receivers whose last try failed … */
#define SURE_ACCOUNT  4   /* … and that many of it always: others may be slow with all that there is */

struct share *share_find(struct courier *courier, const char *account)
{
    struct share *share;
    TAILQ_FOREACH(share, &courier->shares, line)
    {
        if (strcmp(share->account, account) == 0)
            return share;
    }
    share = mem_new(sizeof *share);
    *share = (struct share){.courier = courier, .account = mem_text(account)};
    TAILQ_INIT(&share->in_line);
    TAILQ_INIT(&share->behind);
    TAILQ_INSERT_TAIL(&courier->shares, share, line);
    return share;
}

void share_leave(struct share *share)
{
    if (--share->receivers > 0)
        return;
    TAILQ_REMOVE(&share->courier->shares, share, line);
    free(share->account);
    free(share);
}

unsigned share_room(const struct share *share, bool is_doubtful)
{
    int own = (int)share->parcels, all = (int)share->courier->counts.under_way;
    int room = MOST_ACCOUNT - own < MOST_ALL - all ? MOST_ACCOUNT - own : MOST_ALL - all;
    room = room < SURE_ACCOUNT - own ? SURE_ACCOUNT - own : room;
    if (is_doubtful && room > DOUBT_ACCOUNT - (int)share->doubtful)
        room = DOUBT_ACCOUNT - (int)share->doubtful;
    return room > 0 ? (unsigned)room : 0;
}

/* Who has least goes first, so that one who is quick stands behind no others' slowness; of equals who came first. One that is
 * hurried stands in front. */
static struct receiver *first_of(const struct receiver_list *line)
{
    struct receiver *receiver, *first = NULL;
    TAILQ_FOREACH(receiver, line, line)
    {
        if (first == NULL || receiver->parcels < first->parcels)
            first = receiver;
        if (first->parcels == 0 || first->is_hurried) /* of thousands most have none */
            break;
    }
    return first;
}

/* NULL: nobody has room. An account may name hundreds that never answer: they have to leave some. */
static struct receiver *next_of(const struct share *share)
{
    if (!TAILQ_EMPTY(&share->in_line) && share_room(share, false) > 0)
        return first_of(&share->in_line);
    return share_room(share, true) > 0 ? first_of(&share->behind) : NULL;
}

struct receiver *share_next(const struct courier *courier)
{
    struct receiver *next = NULL;
    const struct share *share;
    TAILQ_FOREACH(share, &courier->shares, line)
    {
        struct receiver *receiver = next_of(share);
        if (receiver != NULL && (next == NULL || share->parcels < next->share->parcels))
            next = receiver;
    }
    return next;
}
