/* Answers to submits, which may have to wait: for their time (latency), for `resume`, or for a
 * later one that is to overtake them. But for those they keep the order of their requests. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "src/sim/sim_bind_parts.h"
#include "src/sim/sim_say.h"

#define OVERTAKEN_MOST_MS 1000        /* if no later one comes */
#define WRONG_SEQUENCE    0x40000000u /* is added: far from all that a client has open */

struct held {
    TAILQ_ENTRY(held) queue;
    int64_t due_ms;
    uint32_t command, sequence;
    enum sim_manner manner;
    char id[24]; /* empty: the answer to an unbind */
};

static void write_answer(struct sim_bind *bind, const struct held *held, uint32_t sequence)
{
    sim_write_id(&bind->outbox, SIM_RESPONSE | held->command, sequence, held->id);
    bind->sim->counters.answered++;
    sim_say_answered(bind->sim, held->id, bind->number);
}

static void give(struct sim_bind *bind, const struct held *held)
{
    switch (held->manner) {
    case SIM_MANNER_NEVER:
        return;
    case SIM_MANNER_WRONG_SEQUENCE:
        write_answer(bind, held, (held->sequence + WRONG_SEQUENCE) & 0x7FFFFFFFu);
        return;
    case SIM_MANNER_TWICE:
        write_answer(bind, held, held->sequence);
        break;
    case SIM_MANNER_PLAIN:
    case SIM_MANNER_OVERTAKEN:
        break;
    }
    write_answer(bind, held, held->sequence);
}

/* ---- those that are to be overtaken ---- */

static void give_overtaken(struct sim_bind *bind)
{
    struct held *held;
    timer_clear(bind->sim->loop, &bind->overtaking);
    while ((held = TAILQ_FIRST(&bind->overtaken)) != NULL) {
        TAILQ_REMOVE(&bind->overtaken, held, queue);
        bind->held_count--;
        give(bind, held);
        free(held);
    }
}

static void overtaking_rings(void *owner)
{
    struct sim_bind *bind = owner;
    give_overtaken(bind);
    sim_bind_watch_reading(bind);
}

static void let_overtake(struct sim_bind *bind, struct held *held)
{
    TAILQ_INSERT_TAIL(&bind->overtaken, held, queue);
    bind->held_count++;
    if (!timer_is_set(&bind->overtaking))
        timer_set(bind->sim->loop, &bind->overtaking, OVERTAKEN_MOST_MS, overtaking_rings, bind);
}

/* ---- those whose time comes ---- */

static void answer_unbind(struct sim_bind *bind, uint32_t sequence)
{
    give_overtaken(bind);
    sim_write_plain(&bind->outbox, SIM_RESPONSE | SIM_UNBIND, SIM_OK, sequence);
    sim_bind_part(bind, "the client unbound");
}

static void release_one(struct sim_bind *bind, struct held *held)
{
    TAILQ_REMOVE(&bind->held, held, queue);
    bind->held_count--;
    if (held->manner == SIM_MANNER_OVERTAKEN) {
        let_overtake(bind, held);
        return;
    }
    if (held->command == SIM_UNBIND) {
        answer_unbind(bind, held->sequence);
    } else {
        give(bind, held);
        give_overtaken(bind);
    }
    free(held);
}

static void answers_ring(void *owner)
{
    sim_answer_release(owner);
}

void sim_answer_release(struct sim_bind *bind)
{
    if (bind->link == NULL || bind->sim->holds_answers)
        return;
    int64_t now_ms = clock_mono_ms();
    struct held *held;
    while ((held = TAILQ_FIRST(&bind->held)) != NULL && held->due_ms <= now_ms)
        release_one(bind, held);
    if (held != NULL)
        timer_set(bind->sim->loop, &bind->answers, held->due_ms - now_ms, answers_ring, bind);
    sim_bind_watch_reading(bind);
}

static void hold(struct sim_bind *bind, struct held *held, int64_t wait_ms)
{
    held->due_ms = clock_mono_ms() + wait_ms;
    TAILQ_INSERT_TAIL(&bind->held, held, queue);
    bind->held_count++;
    if (!timer_is_set(&bind->answers))
        sim_answer_release(bind);
}

void sim_answer_submit(struct sim_bind *bind, const struct sim_header *header, const char *id,
                       enum sim_manner manner)
{
    struct sim *sim = bind->sim;
    struct held *held = mem_new(sizeof *held);
    held->command = header->command;
    held->sequence = header->sequence;
    held->manner = manner;
    snprintf(held->id, sizeof held->id, "%s", id);
    hold(bind, held, sim_dice_between(&sim->dice, sim->knobs.latency_ms));
}

void sim_answer_unbind(struct sim_bind *bind, uint32_t sequence)
{
    /* Both sides may say it at once (F51); then nothing is left to wait for. */
    if (bind->phase == LEAVING) {
        answer_unbind(bind, sequence);
        return;
    }
    struct held *held = mem_new(sizeof *held);
    held->command = SIM_UNBIND;
    held->sequence = sequence;
    hold(bind, held, 0);
}

static void drop_queue(struct held_answers *queue)
{
    struct held *held;
    while ((held = TAILQ_FIRST(queue)) != NULL) {
        TAILQ_REMOVE(queue, held, queue);
        free(held);
    }
}

void sim_answer_drop_all(struct sim_bind *bind)
{
    drop_queue(&bind->held);
    drop_queue(&bind->overtaken);
    bind->held_count = 0;
}
