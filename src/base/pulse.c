#include "base/pulse.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/notify_socket.h"

struct pulse {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ends;
    bool is_ending;
    const struct loop *loop;
    int64_t every_ms;
};

/* The manager's own numbers, or none. */
static int64_t number_of(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;
    errno = 0;
    long long number = text == NULL ? 0 : strtoll(text, &end, 10);
    return text == NULL || end == text || *end != '\0' || errno != 0 || number <= 0 ? 0 : (int64_t)number;
}

int64_t pulse_patience_ms(void)
{
    bool is_for_another = getenv("WATCHDOG_PID") != NULL && number_of("WATCHDOG_PID") != getpid();
    return is_for_another ? 0 : number_of("WATCHDOG_USEC") / 1000;
}

/* The main thread can't be woken: it reads, and the disk doesn't answer. */
static bool waits_for_disk(void)
{
    char text[512];
    FILE *file = fopen("/proc/self/stat", "re"); /* of the process's first thread */
    size_t length = file == NULL ? 0 : fread(text, 1, sizeof text - 1, file);
    if (file != NULL)
        fclose(file);
    text[length] = '\0';
    const char *name_ends = strrchr(text, ')');
    return name_ends != NULL && strncmp(name_ends, ") D", 3) == 0;
}

/* False: it is to end. */
static bool rest(struct pulse *pulse)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + pulse->every_ms % 1000 * 1000000;
    until.tv_sec += (time_t)(pulse->every_ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&pulse->lock);
    while (!pulse->is_ending && pthread_cond_timedwait(&pulse->ends, &pulse->lock, &until) == 0) {}
    bool goes_on = !pulse->is_ending;
    pthread_mutex_unlock(&pulse->lock);
    return goes_on;
}

static void *beat(void *owner)
{
    struct pulse *pulse = owner;
    uint64_t seen = 0;
    do {
        bool is_at_disk;
        uint64_t turn = loop_beat(pulse->loop, &is_at_disk);
        if (turn != seen || is_at_disk || waits_for_disk())
            notify_socket_say("WATCHDOG=1");
        seen = turn;
    } while (rest(pulse));
    return NULL;
}

/* Signals are the loop's to hear. */
static bool begin(struct pulse *pulse)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_running = pthread_create(&pulse->thread, NULL, beat, pulse) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_running;
}

struct pulse *pulse_open(const struct loop *loop)
{
    int64_t patience_ms = pulse_patience_ms();
    if (patience_ms < 3)
        return NULL;
    struct pulse *pulse = mem_new(sizeof *pulse);
    pthread_condattr_t monotonic;
    *pulse = (struct pulse){.loop = loop, .every_ms = patience_ms / 3};
    pthread_mutex_init(&pulse->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pulse->ends, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (begin(pulse))
        return pulse;
    log_error("the service manager's watchdog can't be told that the loop goes on: no thread can be had");
    free(pulse);
    return NULL;
}

void pulse_close(struct pulse *pulse)
{
    if (pulse == NULL)
        return;
    pthread_mutex_lock(&pulse->lock);
    pulse->is_ending = true;
    pthread_cond_signal(&pulse->ends);
    pthread_mutex_unlock(&pulse->lock);
    pthread_join(pulse->thread, NULL);
    free(pulse);
}
