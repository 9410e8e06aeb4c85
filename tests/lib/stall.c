/* stall: loaded before a program, it makes each fsync wait while the file STALL_FILE is there. */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_while_stalled(void)
{
    const char *file = getenv("STALL_FILE");
    while (file != NULL && access(file, F_OK) == 0)
        usleep(5000);
}

static int sync_later(const char *name, int fd)
{
    union {
        void *symbol;
        int (*call)(int fd);
    } real = {.symbol = dlsym(RTLD_NEXT, name)};
    wait_while_stalled();
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
