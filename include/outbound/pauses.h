/* pauses: the emergency stop: which programs are paused. It is on disk, and survives a restart;
 * what is in memory is a copy. It stops nothing itself: outbound/hold.h does, which dispatch asks.
 *
 * A pause that can't be read is a pause. */
#ifndef OUTBOUND_PAUSES_H
#define OUTBOUND_PAUSES_H

#include <stdbool.h>
#include <stdint.h>

struct pauses;
struct store;

struct pauses *pauses_open(struct store *store);
void pauses_close(struct pauses *pauses);
void pauses_rolled_back(struct pauses *pauses); /* what this turn changed is read anew */

#define PAUSES_ALL 0 /* in the place of a program: every one, also those that a reload brings */

#define PAUSES_UNREAD 1 /* in the place of since when */

/* Since when the program, or all of them, are paused; 0: they aren't. */
int64_t pauses_since(struct pauses *pauses, int64_t program);
/* In the open transaction. One that is paused stays so since it was. */
void pauses_put(struct pauses *pauses, int64_t program, int64_t now_ms);
void pauses_drop(struct pauses *pauses, int64_t program);

#endif
