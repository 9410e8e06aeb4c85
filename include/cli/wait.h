/* wait: messages that were handed in, asked after until each is final. */
#ifndef CLI_WAIT_H
#define CLI_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct progress;
struct tally;
struct waiting;

struct waiting *waiting_new(void);
void waiting_free(struct waiting *waiting); /* NULL is allowed */
void waiting_add(struct waiting *waiting, const char *id);

/* Returns when all are final, and counts their statuses in `ends`. What the carrier took (sent), or
 * never answered (unknown), is final when nothing more was heard of it for `receipt_ms`. False:
 * `error` says why they can't be asked after, and `ends` counts those that were final. `progress`
 * may be NULL. */
bool waiting_run(struct waiting *waiting, struct client *client, int64_t receipt_ms,
                 struct progress *progress, struct tally *ends, char *error);

#endif
