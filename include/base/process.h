/* process: what the kernel says of this one. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct process {
    int64_t cpu_ms;
    uint64_t resident_octets;
    uint64_t descriptors, descriptors_most;
};

bool process_look(struct process *out); /* false: it can't be read */

#endif
