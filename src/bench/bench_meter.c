#include "bench_meter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/must.h"

#define LOOK_US  20000  /* how often the processes are looked at while they settle */
#define QUIET_US 300000 /* that long without work is settled */
#define MOST_US  60000000

struct usage {
    int64_t cpu_us, memory_kb, peak_kb;
};

int64_t bench_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- /proc ---- */

static bool read_file(int64_t pid, const char *name, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%" PRId64 "/%s", pid, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    size_t length = fread(out, 1, size - 1, file);
    out[length] = '\0';
    fclose(file);
    return length > 0;
}

static int64_t line_kb(const char *status, const char *name)
{
    const char *at = strstr(status, name);
    return at == NULL ? 0 : strtoll(at + strlen(name), NULL, 10);
}

/* The name of a process, in brackets, may hold anything: the numbers follow the last one. */
static bool add_usage(int64_t pid, struct usage *usage)
{
    char stat[1024], status[4096];
    unsigned long long user = 0, system = 0;
    if (!read_file(pid, "stat", stat, sizeof stat) ||
        !read_file(pid, "status", status, sizeof status))
        return false;
    const char *at = strrchr(stat, ')');
    if (at == NULL || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
                             &user, &system) != 2)
        return false;
    usage->cpu_us += (int64_t)(user + system) * (1000000 / sysconf(_SC_CLK_TCK));
    usage->memory_kb += line_kb(status, "VmRSS:");
    usage->peak_kb += line_kb(status, "VmHWM:");
    return true;
}

/* What all of them have used so far. Gives the pid that can't be looked at, or 0. */
static int64_t usage_of(const int64_t *processes, struct usage *out)
{
    *out = (struct usage){0};
    for (size_t i = 0; i < BENCH_PROCESSES && processes[i] != 0; i++)
        if (!add_usage(processes[i], out))
            return processes[i];
    return 0;
}

/* ---- a run ---- */

bool meter_begin(struct bench_meter *meter, const int64_t processes[BENCH_PROCESSES],
                 int64_t messages, int64_t rate, char fault[BENCH_FAULT_SIZE])
{
    struct usage usage;
    int64_t missing = usage_of(processes, &usage);
    if (missing != 0) {
        snprintf(fault, BENCH_FAULT_SIZE, "process %" PRId64 " can't be looked at", missing);
        return false;
    }
    *meter = (struct bench_meter){.rate = rate,
                                  .begun_us = bench_now_us(),
                                  .begun_cpu_us = usage.cpu_us,
                                  .processes = processes,
                                  .room = (size_t)messages};
    meter->latency_us = mem_new(meter->room * sizeof *meter->latency_us);
    meter->answered_us = meter->begun_us;
    return true;
}

int64_t meter_due_us(const struct bench_meter *meter, int64_t i)
{
    return meter->rate == 0 ? meter->begun_us : meter->begun_us + i * 1000000 / meter->rate;
}

void meter_answer(struct bench_meter *meter, int64_t asked_us)
{
    must(meter->count < meter->room);
    meter->answered_us = bench_now_us();
    int64_t latency_us = meter->answered_us - asked_us;
    meter->latency_us[meter->count++] = latency_us < UINT32_MAX ? (uint32_t)latency_us : UINT32_MAX;
}

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static int64_t percentile(const struct bench_meter *meter, size_t percent)
{
    return meter->count == 0 ? 0 : meter->latency_us[(meter->count - 1) * percent / 100];
}

/* Gives when they were seen working last. */
static int64_t settle(const struct bench_meter *meter, struct usage *usage)
{
    int64_t worked_us = meter->answered_us, cpu_us = -1;
    while (meter->processes[0] != 0) {
        int64_t now_us = bench_now_us();
        bool is_gone = usage_of(meter->processes, usage) != 0;
        if (usage->cpu_us != cpu_us && cpu_us >= 0)
            worked_us = now_us;
        cpu_us = usage->cpu_us;
        bool is_quiet = now_us - worked_us > QUIET_US && now_us - meter->answered_us > QUIET_US;
        if (is_gone || is_quiet || now_us - meter->answered_us > MOST_US)
            break;
        usleep(LOOK_US);
    }
    return worked_us;
}

void meter_end(struct bench_meter *meter, struct bench_figures *out)
{
    struct usage usage = {0};
    qsort(meter->latency_us, meter->count, sizeof *meter->latency_us, by_size);
    out->took_us = meter->answered_us - meter->begun_us;
    out->p50_us = percentile(meter, 50);
    out->p99_us = percentile(meter, 99);
    out->most_us = percentile(meter, 100);
    if (meter->processes[0] != 0) {
        out->settled_us = settle(meter, &usage) - meter->begun_us;
        out->cpu_us = usage.cpu_us - meter->begun_cpu_us;
        out->memory_kb = usage.memory_kb;
        out->peak_kb = usage.peak_kb;
    }
    free(meter->latency_us);
}
