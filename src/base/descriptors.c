#include "base/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define MOST  2000 /* for connections, whatever the system allows */
#define APART 128  /* of what the system allows, kept for the rest of the house */

static int limit(void)
{
    struct rlimit allowed;
    if (getrlimit(RLIMIT_NOFILE, &allowed) != 0 || allowed.rlim_cur > MOST + APART)
        return MOST;
    int rest = (int)allowed.rlim_cur - APART;
    return rest > APART ? rest : APART;
}

bool descriptors_are_short(void)
{
    int lowest_free = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (lowest_free >= 0)
        close(lowest_free);
    return lowest_free < 0 || lowest_free >= limit();
}
