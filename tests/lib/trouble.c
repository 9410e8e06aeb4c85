/* trouble: loaded before a program, it makes each fsync wait while the test says so, and sets the wall's
 * clock by as much as the test says. Both are in a small file (TROUBLE; tests/lib/trouble.py writes it). */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const volatile struct {
    int64_t is_stalled;
    int64_t clock_by_s;
} *trouble;

__attribute__((constructor)) static void trouble_begin(void)
{
    int file = open(getenv("TROUBLE"), O_RDONLY | O_CLOEXEC);
    void *shared = mmap(NULL, sizeof *trouble, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (shared == MAP_FAILED)
        abort();
    trouble = shared;
}

static int sync_later(const char *name, int fd)
{
    union {
        void *symbol;
        int (*call)(int fd);
    } real = {.symbol = dlsym(RTLD_NEXT, name)};
    while (trouble->is_stalled)
        usleep(5000);
    return real.call(fd);
}

int fsync(int fd)
{
    return sync_later("fsync", fd);
}

int fdatasync(int fd)
{
    return sync_later("fdatasync", fd);
}

int clock_gettime(clockid_t id, struct timespec *out)
{
    static union {
        void *symbol;
        int (*call)(clockid_t id, struct timespec *out);
    } real;
    if (real.symbol == NULL)
        real.symbol = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real.call(id, out);
    if (id == CLOCK_REALTIME && trouble != NULL)
        out->tv_sec += trouble->clock_by_s;
    return result;
}
