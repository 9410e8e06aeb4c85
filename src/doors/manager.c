#include "doors/manager.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/loop.h"
#include "base/must.h"
#include "base/notify_socket.h"
#include "base/pulse.h"
#include "doors/gateway.h"
#include "outbound/carrier.h"
#include "outbound/dispatch.h"
#include "outbound/lanes.h"
#include "store/store.h"

#define LOOK_MS 5000 /* between two lines of how it is */

struct manager {
    struct gateway *gateway;
    struct pulse *pulse;
    struct timer look_timer;
    int64_t look_ms;
    bool is_stopping;
    char said[200];
};

static size_t stuck_lanes(const struct gateway *gateway)
{
    struct lane_walk walk = {0};
    const struct lane *lane;
    size_t count = 0;
    while ((lane = dispatch_next_lane(gateway->dispatch, &walk)) != NULL)
        count += lane->watched.is_stuck;
    return count;
}

static void write_status(const struct gateway *gateway, char *out, size_t size)
{
    size_t up = 0, all = carriers_count(gateway->carriers), stuck = stuck_lanes(gateway);
    for (size_t i = 0; i < all; i++)
        up += carrier_is_up(carriers_at(gateway->carriers, i));
    int used = snprintf(out, size, "STATUS=%zu of %zu carriers bound, %" PRId64 " queued", up, all,
                        store_message_count(gateway->store, MESSAGE_QUEUED));
    if (stuck > 0)
        used += snprintf(out + used, size - (size_t)used, ", %zu queues stuck", stuck);
    if (dispatch_all_held_since(gateway->dispatch) != 0)
        snprintf(out + used, size - (size_t)used, "; restored from a copy: nothing but replies leaves (assent restore)");
}

static void say_status(struct manager *manager)
{
    char line[sizeof manager->said];
    write_status(manager->gateway, line, sizeof line);
    if (strcmp(line, manager->said) == 0)
        return;
    strcpy(manager->said, line);
    notify_socket_say(line);
}

/* The timer also makes the turns that the pulse counts, where nothing else does. */
static void look(void *owner)
{
    struct manager *manager = owner;
    if (!manager->is_stopping)
        say_status(manager);
    timer_set(manager->gateway->loop, &manager->look_timer, manager->look_ms, look, manager);
}

void manager_say_starting(const char *how_far)
{
    char line[200];
    snprintf(line, sizeof line, "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=%s", how_far);
    notify_socket_say(line);
}

struct manager *manager_open(struct gateway *gateway)
{
    struct manager *manager = mem_new(sizeof *manager);
    int64_t patience_ms = pulse_patience_ms();
    manager->gateway = gateway;
    manager->look_ms = patience_ms > 0 && patience_ms / 4 < LOOK_MS ? patience_ms / 4 : LOOK_MS;
    if (!notify_socket_say("READY=1"))
        return manager;
    manager->pulse = pulse_open(gateway->loop);
    look(manager);
    return manager;
}

/* The manager sees by the time that it is this reload, not an earlier one (sd_notify(3)). */
void manager_say_reloading(struct manager *manager)
{
    char line[80];
    struct timespec now;
    (void)manager;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(line, sizeof line, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    notify_socket_say(line);
}

void manager_say_reloaded(struct manager *manager)
{
    (void)manager;
    notify_socket_say("READY=1");
}

void manager_say_stopping(struct manager *manager)
{
    manager->is_stopping = true;
    notify_socket_say("STOPPING=1\nSTATUS=ending: open submits are awaited");
}

void manager_close(struct manager *manager)
{
    pulse_close(manager->pulse);
    timer_clear(manager->gateway->loop, &manager->look_timer);
    free(manager);
}
