#include "src/sim/sim.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "src/sim/sim_bind.h"
#include "src/sim/sim_control.h"
#include "src/sim/sim_post.h"
#include "src/sim/sim_say.h"
#include "src/sim/sim_world.h"

/* ---- the end ---- */

void sim_has_closed(struct sim *sim)
{
    if (sim->is_leaving && sim->bind_count == 0)
        loop_stop(sim->loop);
}

void sim_leave(struct sim *sim, const char *why)
{
    if (sim->is_leaving) {
        loop_stop(sim->loop);
        return;
    }
    sim->is_leaving = true;
    if (!sim->settings.is_quiet)
        fprintf(stderr, "assent sim: leaves (%s)\n", why);
    struct sim_bind *next;
    for (struct sim_bind *bind = sim_bind_next(sim, NULL); bind != NULL; bind = next) {
        next = sim_bind_next(sim, bind);
        sim_bind_leave(bind);
    }
    sim_has_closed(sim);
}

static void signal_came(evutil_socket_t number, short what, void *sim)
{
    (void)what;
    sim_leave(sim, number == SIGINT ? "interrupted" : "terminated");
}

static struct event *watch_signal(struct sim *sim, int number)
{
    struct event *event = evsignal_new(loop_events(sim->loop), number, signal_came, sim);
    must(event != NULL);
    event_add(event, NULL);
    return event;
}

/* ---- life ---- */

/* What the turn said reaches its reader before the turn's answers reach the client's. */
static void release(void *owner)
{
    fflush(stdout);
    sim_bind_release_all(owner);
    fflush(stdout);
}

static void sim_init(struct sim *sim, const struct sim_settings *settings)
{
    *sim = (struct sim){.settings = *settings,
                        .sends_receipts = true,
                        .state = sim_state_find("DELIVRD"),
                        .knobs = settings->knobs};
    sim_dice_seed(&sim->dice, sim->knobs.seed);
    TAILQ_INIT(&sim->binds);
    sim->loop = loop_open();
    sim->store = sim_store_open();
    sim->post = sim_post_open(sim);
}

static bool start(struct sim *sim)
{
    char error[LINK_ERROR_SIZE];
    sim->listener = listener_open(sim->loop, sim->settings.listen, sim_bind_accept, sim, error);
    if (sim->listener != NULL)
        sim->control = sim_control_open(sim, sim->settings.control, error);
    if (sim->control == NULL)
        fprintf(stderr, "assent sim: %s\n", error);
    return sim->control != NULL;
}

static void sim_wipe(struct sim *sim)
{
    sim->is_leaving = true;
    while (!TAILQ_EMPTY(&sim->binds))
        sim_bind_close(TAILQ_FIRST(&sim->binds), "the carrier ends");
    sim_control_close(sim->control);
    listener_close(sim->listener);
    sim_post_close(sim->post);
    sim_store_close(sim->store);
    loop_close(sim->loop);
    fflush(stdout);
}

int sim_run(const struct sim_settings *settings)
{
    struct sim sim;
    sim_init(&sim, settings);
    bool has_started = start(&sim);
    if (has_started) {
        struct event *interrupt = watch_signal(&sim, SIGINT), *term = watch_signal(&sim, SIGTERM);
        loop_at(sim.loop, LOOP_RELEASE, release, &sim);
        sim_say_ready(&sim, sim_control_address(sim.control));
        loop_run(sim.loop);
        event_free(interrupt);
        event_free(term);
    }
    sim_wipe(&sim);
    return has_started ? 0 : 1;
}
