#include "outbound/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/program.h"
#include "consent/sender.h"
#include "store/store.h"

/* Whose turn it is among the senders of a program. In memory only: a restart begins with the first. */
struct rotation {
    int64_t program;
    size_t next;
};

/* What was read, so that keeping what was chosen needs no second lookup. */
struct acquaintance {
    uint64_t turn; /* good for that one */
    uint64_t number;
    int64_t program;
    char sender[SENDER_TEXT_SIZE]; /* "": none */
};

struct pool {
    struct loop *loop;
    struct store *store;
    struct rotation *rotations;
    size_t rotation_count;
    struct acquaintance last;
};

struct pool *pool_open(struct loop *loop, struct store *store)
{
    struct pool *pool = mem_new(sizeof *pool);
    pool->loop = loop;
    pool->store = store;
    return pool;
}

void pool_close(struct pool *pool)
{
    if (pool == NULL)
        return;
    free(pool->rotations);
    free(pool);
}

static struct rotation *rotation_of(struct pool *pool, int64_t program)
{
    for (size_t i = 0; i < pool->rotation_count; i++)
        if (pool->rotations[i].program == program)
            return &pool->rotations[i];
    pool->rotations =
        mem_grow(pool->rotations, (pool->rotation_count + 1) * sizeof *pool->rotations);
    struct rotation *rotation = &pool->rotations[pool->rotation_count++];
    *rotation = (struct rotation){.program = program};
    return rotation;
}

static const char *whose_turn(struct pool *pool, const struct program *program)
{
    const struct config_list *senders = &program->config->senders;
    return senders->at[rotation_of(pool, program->id)->next % senders->count];
}

static bool has_choice(const struct program *program)
{
    return program->config->sender_choice != CONFIG_SENDER_FIRST && program->config->senders.count > 1;
}

/* "": by none, or it can't be read. */
static const char *known_by(struct pool *pool, const struct program *program, uint64_t number)
{
    struct acquaintance *last = &pool->last;
    uint64_t turn = loop_turn(pool->loop);
    if (last->turn == turn && last->number == number && last->program == program->id)
        return last->sender;
    *last = (struct acquaintance){.turn = turn, .number = number, .program = program->id};
    const char *sender = "";
    if (store_known_sender(pool->store, number, program->id, loop_region(pool->loop), &sender) ==
        STORE_OK)
        snprintf(last->sender, sizeof last->sender, "%s", sender);
    return last->sender;
}

const char *pool_choose(struct pool *pool, const struct program *program, uint64_t number, bool is_first)
{
    const char *first = program->config->senders.at[0];
    if (!has_choice(program))
        return first;
    const char *known = known_by(pool, program, number);
    if (program_has_sender(program, known))
        return region_text(loop_region(pool->loop), octets_text(known));
    return is_first && program->config->sender_choice == CONFIG_SENDER_ROTATE ? whose_turn(pool, program)
                                                                              : first;
}

void pool_keep(struct pool *pool, const struct program *program, uint64_t number, const char *sender)
{
    if (!has_choice(program) || strcmp(known_by(pool, program, number), sender) == 0)
        return;
    if (strcmp(sender, whose_turn(pool, program)) == 0)
        rotation_of(pool, program->id)->next++;
    store_known_sender_put(pool->store, number, program->id, sender);
    snprintf(pool->last.sender, sizeof pool->last.sender, "%s", sender);
}
