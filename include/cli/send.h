/* send: what `assent send` was told, for its two ways: one message (send.c), and a campaign of a file (send_file.c). */
#ifndef CLI_SEND_H
#define CLI_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/campaign_order.h"
#include "cli/inquiry.h"

struct send {
    struct inquiry inquiry;
    struct campaign_order order;
    const char *to, *csv, *resume, *key, *unsent;
    bool waits, is_strict, is_verbose;
    int64_t wait_for_s;
};

/* Makes a campaign of the file, or goes on with one, and tells what became of each row. Gives an exit code. */
int send_file(const struct send *send);

#endif
