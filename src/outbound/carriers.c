/* All carriers: which there are, and what is asked of every bind. */
#include <stdlib.h>

#include "base/must.h"
#include "carrier_parts.h"

struct bind *walk_next(struct walk *walk)
{
    const struct carriers *carriers = walk->carriers;
    for (; walk->carrier < carriers->count; walk->carrier++, walk->bind = 0)
        if (walk->bind < carriers->at[walk->carrier]->bind_count)
            return carriers->at[walk->carrier]->binds[walk->bind++];
    return NULL;
}

/* ---- which there are ---- */

struct carriers *carriers_open(struct loop *loop, struct store *store)
{
    struct carriers *carriers = mem_new(sizeof *carriers);
    carriers->loop = loop;
    carriers->store = store;
    return carriers;
}

void carriers_listen(struct carriers *carriers, const struct carrier_events *events, void *owner)
{
    carriers->events = events;
    carriers->owner = owner;
}

static struct carrier *find(struct carrier *const *at, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(carrier_name(at[i]), name) == 0)
            return at[i];
    return NULL;
}

void carriers_configure(struct carriers *carriers, const struct config *config,
                        struct tls *const *tls)
{
    must(!carriers->is_leaving);
    struct carrier **old = carriers->at;
    size_t old_count = carriers->count;
    carriers->count = 0;
    carriers->at = mem_new((config->carrier_count + old_count + 1) * sizeof(struct carrier *));
    for (size_t i = 0; i < config->carrier_count; i++) {
        struct carrier *carrier = find(old, old_count, config->carriers[i].name);
        carriers->at[carriers->count++] = carrier == NULL ? carrier_new(carriers) : carrier;
    }
    for (size_t i = 0; i < old_count; i++)
        if (config_carrier_find(config, carrier_name(old[i])) == NULL)
            carriers->at[carriers->count++] = old[i];
    free(old);
    for (size_t i = 0; i < carriers->count; i++)
        if (i < config->carrier_count)
            carrier_configure(carriers->at[i], &config->carriers[i], tls[i]);
        else
            carrier_remove(carriers->at[i]);
    if (old_count > 0)
        carriers_sweep_later(carriers);
}

/* Binds that are not wanted any more stand behind all that are. */
static void binds_sweep(struct carrier *carrier)
{
    while (carrier->bind_count > carrier_binds_wanted(carrier) &&
           carrier->binds[carrier->bind_count - 1]->session == NULL)
        bind_free(carrier->binds[--carrier->bind_count]);
}

static void sweep(void *owner)
{
    struct carriers *carriers = owner;
    size_t kept = 0;
    for (size_t i = 0; i < carriers->count; i++) {
        struct carrier *carrier = carriers->at[i];
        binds_sweep(carrier);
        if (carrier->order != CARRIER_REMOVED || carrier->bind_count > 0)
            carriers->at[kept++] = carrier;
        else
            carrier_free(carrier);
    }
    carriers->count = kept;
}

void carriers_sweep_later(struct carriers *carriers)
{
    loop_bury(carriers->loop, sweep, carriers);
}

static bool any_session(const struct carriers *carriers)
{
    for (size_t i = 0; i < carriers->count; i++)
        if (carrier_has_session(carriers->at[i]))
            return true;
    return false;
}

void carriers_note_end(struct carriers *carriers)
{
    if (carriers->gone != NULL && !any_session(carriers))
        carriers->gone(carriers->gone_owner);
}

void carriers_leave(struct carriers *carriers, int64_t wait_ms, void (*done)(void *owner),
                    void *owner)
{
    struct bind *bind;
    carriers->is_leaving = true;
    for (struct walk walk = {.carriers = carriers}; (bind = walk_next(&walk)) != NULL;) {
        timer_clear(carriers->loop, &bind->again);
        if (bind->session != NULL)
            session_leave(bind->session, wait_ms);
    }
    carriers->gone = done;
    carriers->gone_owner = owner;
    carriers_note_end(carriers);
}

void carriers_close(struct carriers *carriers)
{
    if (carriers == NULL)
        return;
    carriers->is_leaving = true;
    carriers->gone = NULL;
    for (size_t i = 0; i < carriers->count; i++)
        carrier_free(carriers->at[i]);
    free(carriers->at);
    free(carriers);
}

struct carrier *carriers_find(struct carriers *carriers, const char *name)
{
    struct carrier *carrier = find(carriers->at, carriers->count, name);
    return carrier == NULL || carrier->order == CARRIER_REMOVED ? NULL : carrier;
}

const struct config_carrier *carriers_config(const struct carriers *carriers, const char *name)
{
    const struct carrier *carrier = find(carriers->at, carriers->count, name);
    return carrier == NULL ? NULL : carrier->config;
}

size_t carriers_count(const struct carriers *carriers)
{
    return carriers->count;
}

struct carrier *carriers_at(struct carriers *carriers, size_t i)
{
    must(i < carriers->count);
    return carriers->at[i];
}

/* ---- every bind ---- */

unsigned carriers_withdraw(struct carriers *carriers,
                           bool (*is_meant)(void *who, uint64_t tag, unsigned part), void *who)
{
    unsigned count = 0;
    struct bind *bind;
    for (struct walk walk = {.carriers = carriers}; (bind = walk_next(&walk)) != NULL;)
        if (bind->session != NULL)
            count += session_withdraw(bind->session, is_meant, who);
    return count;
}

unsigned carriers_unanswered(struct carriers *carriers, const struct session *except,
                             bool (*is_meant)(void *who, uint64_t tag, unsigned part), void *who)
{
    unsigned count = 0;
    const struct bind *bind;
    for (struct walk walk = {.carriers = carriers}; (bind = walk_next(&walk)) != NULL;)
        if (bind->session != NULL && bind->session != except)
            count += session_unanswered(bind->session, is_meant, who);
    return count;
}

/* Its link was made in this turn, so that nobody on disk knows of it. */
static bool is_new(const struct bind *bind)
{
    return bind->link != 0 && bind->bound_turn == loop_turn(bind->carrier->carriers->loop);
}

void carriers_rolled_back(struct carriers *carriers)
{
    struct bind *bind;
    for (struct walk walk = {.carriers = carriers}; (bind = walk_next(&walk)) != NULL;) {
        bool had_answer = bind->session != NULL && session_rollback(bind->session);
        bind->is_unwritten = had_answer || is_new(bind) || delivered_is_refused(bind);
    }
}

void carriers_drop_unwritten(struct carriers *carriers)
{
    struct bind *bind;
    for (struct walk walk = {.carriers = carriers}; (bind = walk_next(&walk)) != NULL;) {
        if (bind->is_unwritten && bind->session != NULL && (is_new(bind) || !delivered_refuse(bind)))
            session_close(bind->session, SESSION_NOT_STORED);
        bind->is_unwritten = false;
    }
}

static struct bind *bind_of_link(const struct carriers *carriers, int64_t link)
{
    struct bind *bind;
    for (struct walk walk = {.carriers = carriers}; (bind = walk_next(&walk)) != NULL;)
        if (link != 0 && bind->link == link && bind->session != NULL)
            return bind;
    return NULL;
}

void carrier_answer(struct carriers *carriers, int64_t link, const struct pdu *header,
                    uint32_t status)
{
    struct bind *bind = bind_of_link(carriers, link);
    struct pdu answer = {.command_status = status};
    if (bind == NULL)
        return;
    delivered_answered(bind, header);
    session_answer(bind->session, header, &answer, 0);
}

bool carriers_has_link(const struct carriers *carriers, int64_t link)
{
    return bind_of_link(carriers, link) != NULL;
}
