/* One configuration file: it is taken, or refused with a reason, and nothing of it is left over. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"
#include "tests/fuzz/fuzz.h"

static int open_file(struct octets text)
{
    int fd = memfd_create("assent.conf", MFD_CLOEXEC);
    must(fd >= 0);
    must(write(fd, text.at, text.length) == (ssize_t)text.length);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct octets text = octets_of(at, length);
    if (length == 0 || memmem(at, length, "include", 7) != NULL)
        return 0; /* other files of this machine are no input */
    int fd = open_file(text);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct config_problems problems = {0};
    struct config *config = config_load(path, &problems);
    must((config == NULL) == (problems.error_count > 0));
    for (size_t i = 0; i < problems.count; i++)
        must(problems.at[i].text != NULL && problems.at[i].text[0] != '\0');
    config_free(config);
    config_problems_wipe(&problems);
    close(fd);
    return 0;
}
