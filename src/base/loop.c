#include "base/loop.h"

#include <event2/event.h>
#include <event2/thread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"

#define STAGE_LIMIT 32
#define STALL_MS    500 /* a stage that took so long stood still */
#define LOOKS       16  /* at the sockets in a turn, at most … */
#define LOOKS_MS    5   /* … and none after so long */

struct stage_step {
    void (*run)(void *owner);
    void *owner;
};

struct corpse {
    void (*free_it)(void *dead);
    void *dead;
};

struct loop {
    struct event_base *events;
    struct event *alarm; /* libevent's timer for the first of ours */
    struct region *region;
    uint64_t turn;
    _Atomic uint64_t beat; /* twice the turn, and 1 while it waits for the disk */
    bool is_stopping;
    bool is_again, looks_again;
    struct stage_step steps[LOOP_STAGES][STAGE_LIMIT];
    size_t step_counts[LOOP_STAGES];
    struct timer **heap; /* 1-based binary heap by due_ms; a timer's place is its index */
    size_t timer_count, timer_room;
    struct corpse *corpses;
    size_t corpse_count, corpse_room;
};

/* Waking up is all that the alarm is for: due timers are rung by the turn. */
static void alarm_rings(evutil_socket_t fd, short what, void *loop)
{
    (void)fd;
    (void)what;
    (void)loop;
}

struct loop *loop_open(void)
{
    struct loop *loop = mem_new(sizeof *loop);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a full disk: the write says so */
    /* Interest in a socket that changes to and fro within a turn costs one call, or none. */
    struct event_config *config = event_config_new();
    must(config != NULL && event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) == 0);
    loop->events = event_base_new_with_config(config);
    event_config_free(config);
    must(loop->events != NULL);
    loop->alarm = event_new(loop->events, -1, 0, alarm_rings, loop);
    must(loop->alarm != NULL);
    loop->region = region_new();
    loop->turn = 1;
    return loop;
}

static void bury_all(struct loop *loop)
{
    /* What is freed may hand in more to bury. */
    for (size_t i = 0; i < loop->corpse_count; i++) {
        struct corpse corpse = loop->corpses[i];
        corpse.free_it(corpse.dead);
    }
    loop->corpse_count = 0;
}

void loop_close(struct loop *loop)
{
    if (loop == NULL)
        return;
    bury_all(loop);
    event_free(loop->alarm);
    event_base_free(loop->events);
    region_free(loop->region);
    free(loop->heap);
    free(loop->corpses);
    free(loop);
}

/* ---- timers ---- */

static void heap_put(struct loop *loop, struct timer *timer, size_t place)
{
    loop->heap[place] = timer;
    timer->place = place;
}

static void heap_rise(struct loop *loop, struct timer *timer, size_t place)
{
    for (; place > 1 && loop->heap[place / 2]->due_ms > timer->due_ms; place /= 2)
        heap_put(loop, loop->heap[place / 2], place);
    heap_put(loop, timer, place);
}

static void heap_sink(struct loop *loop, struct timer *timer, size_t place)
{
    for (;;) {
        size_t child = 2 * place;
        if (child > loop->timer_count)
            break;
        if (child < loop->timer_count && loop->heap[child + 1]->due_ms < loop->heap[child]->due_ms)
            child++;
        if (loop->heap[child]->due_ms >= timer->due_ms)
            break;
        heap_put(loop, loop->heap[child], place);
        place = child;
    }
    heap_put(loop, timer, place);
}

void timer_clear(struct loop *loop, struct timer *timer)
{
    if (timer->place == 0)
        return;
    size_t place = timer->place;
    must(loop->heap[place] == timer);
    timer->place = 0;
    struct timer *last = loop->heap[loop->timer_count--];
    if (last == timer)
        return;
    if (place > 1 && loop->heap[place / 2]->due_ms > last->due_ms)
        heap_rise(loop, last, place);
    else
        heap_sink(loop, last, place);
}

void timer_set(struct loop *loop, struct timer *timer, int64_t wait_ms, void (*ring)(void *owner),
               void *owner)
{
    timer_clear(loop, timer);
    timer->due_ms = clock_mono_ms() + (wait_ms > 0 ? wait_ms : 0);
    timer->ring = ring;
    timer->owner = owner;
    if (loop->timer_count + 2 > loop->timer_room) {
        loop->timer_room = loop->timer_room * 2 + 64;
        loop->heap = mem_grow(loop->heap, loop->timer_room * sizeof(struct timer *));
    }
    loop->timer_count++;
    heap_rise(loop, timer, loop->timer_count);
}

static void ring_due(struct loop *loop)
{
    int64_t now_ms = clock_mono_ms();
    /* A timer that sets itself anew with no wait rings in the next turn, not for ever in this one. */
    for (size_t left = loop->timer_count; left > 0 && loop->timer_count > 0; left--) {
        struct timer *timer = loop->heap[1];
        if (timer->due_ms > now_ms)
            return;
        timer_clear(loop, timer);
        timer->ring(timer->owner);
    }
}

/* Who stands still hears nobody, and what it had to say has not left: that time counts against no one. */
static void forgive(struct loop *loop, int64_t lost_ms)
{
    for (size_t i = 1; i <= loop->timer_count && lost_ms >= STALL_MS; i++)
        loop->heap[i]->due_ms += lost_ms;
}

static void arm_alarm(struct loop *loop)
{
    event_del(loop->alarm);
    if (loop->timer_count == 0)
        return;
    int64_t wait_ms = loop->heap[1]->due_ms - clock_mono_ms();
    if (wait_ms < 0)
        wait_ms = 0;
    struct timeval wait = {.tv_sec = (time_t)(wait_ms / 1000),
                           .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000)};
    event_add(loop->alarm, &wait);
}

/* ---- turns ---- */

void loop_at(struct loop *loop, enum loop_stage stage, void (*run)(void *owner), void *owner)
{
    must(loop->step_counts[stage] < STAGE_LIMIT);
    loop->steps[stage][loop->step_counts[stage]++] = (struct stage_step){.run = run, .owner = owner};
}

void loop_again(struct loop *loop)
{
    loop->is_again = true;
}

void loop_look_again(struct loop *loop)
{
    loop->looks_again = true;
}

void loop_bury(struct loop *loop, void (*free_it)(void *dead), void *dead)
{
    if (loop->corpse_count == loop->corpse_room) {
        loop->corpse_room = loop->corpse_room * 2 + 16;
        loop->corpses = mem_grow(loop->corpses, loop->corpse_room * sizeof *loop->corpses);
    }
    loop->corpses[loop->corpse_count++] = (struct corpse){.free_it = free_it, .dead = dead};
}

static void run_stage(struct loop *loop, enum loop_stage stage)
{
    for (size_t i = 0; i < loop->step_counts[stage]; i++)
        loop->steps[stage][i].run(loop->steps[stage][i].owner);
}

/* A turn ends in a commit: who sends much would wait for one at every piece that is read. */
static void hear(struct loop *loop, bool waits)
{
    int64_t until_ms = INT64_MAX;
    for (int looks = 0; looks == 0 || (looks < LOOKS && loop->looks_again && clock_mono_ms() < until_ms); looks++) {
        loop->looks_again = false;
        event_base_loop(loop->events, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY |
                                          (waits && looks == 0 ? 0 : EVLOOP_NONBLOCK));
        if (looks == 0)
            until_ms = clock_mono_ms() + LOOKS_MS;
        ring_due(loop); /* who comes is received before what they say is heard */
    }
}

static void run_turn(struct loop *loop)
{
    bool waits = !loop->is_again && !loop->is_stopping;
    loop->is_again = false;
    arm_alarm(loop);
    hear(loop, waits);
    run_stage(loop, LOOP_DISPATCH);
    int64_t began_ms = clock_mono_ms();
    loop->beat = 2 * loop->turn;
    run_stage(loop, LOOP_COMMIT); /* the one that may block */
    forgive(loop, clock_mono_ms() - began_ms);
    run_stage(loop, LOOP_RELEASE);
    bury_all(loop);
    region_clear(loop->region);
    loop->turn++;
}

void loop_run(struct loop *loop)
{
    loop->is_stopping = false;
    while (!loop->is_stopping)
        run_turn(loop);
}

void loop_stop(struct loop *loop)
{
    loop->is_stopping = true;
}

void loop_disk_begins(struct loop *loop)
{
    loop->beat = 2 * loop->turn + 1;
}

void loop_disk_ends(struct loop *loop)
{
    loop->beat = 2 * loop->turn;
}

uint64_t loop_beat(const struct loop *loop, bool *is_at_disk)
{
    uint64_t beat = loop->beat;
    *is_at_disk = beat % 2 == 1;
    return beat / 2;
}

uint64_t loop_turn(const struct loop *loop)
{
    return loop->turn;
}

struct region *loop_region(struct loop *loop)
{
    return loop->region;
}

struct event_base *loop_events(struct loop *loop)
{
    return loop->events;
}
