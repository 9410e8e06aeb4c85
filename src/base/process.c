#include "base/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static bool resident(uint64_t *out)
{
    unsigned long long whole, held;
    FILE *file = fopen("/proc/self/statm", "re"); /* in pages */
    bool is_read = file != NULL && fscanf(file, "%llu %llu", &whole, &held) == 2;
    if (file != NULL)
        fclose(file);
    *out = is_read ? held * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
    return is_read;
}

/* But for the one that it takes to count them. */
static bool count_descriptors(uint64_t *out)
{
    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL)
        return false;
    *out = 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        *out += entry->d_name[0] != '.';
    --*out;
    closedir(directory);
    return true;
}

static int64_t ms_of(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000 + time.tv_usec / 1000;
}

bool process_look(struct process *out)
{
    struct rusage usage;
    struct rlimit limit;
    if (getrusage(RUSAGE_SELF, &usage) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    out->cpu_ms = ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
    out->descriptors_most = limit.rlim_cur;
    return resident(&out->resident_octets) && count_descriptors(&out->descriptors);
}
