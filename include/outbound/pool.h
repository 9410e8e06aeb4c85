/* pool: which of a program's senders a person hears from, where the program has several and says how to choose
 * (sender_choice). The address that a person knows the program by is the one that last wrote to them or that they wrote to;
 * it is kept with the consent, and erased with it.
 *
 * It chooses and remembers; who is allowed to send from what is accept's and the gate's. */
#ifndef OUTBOUND_POOL_H
#define OUTBOUND_POOL_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct pool;
struct program;
struct store;

struct pool *pool_open(struct loop *loop, struct store *store);
void pool_close(struct pool *pool); /* NULL is allowed */

/* The sender of a message that names none. is_first: it is the confirmation, what a new person hears first: the others
 * were there before, and know the program's first sender. Lives as long as the turn. One lookup where there is a choice. */
const char *pool_choose(struct pool *pool, const struct program *program, uint64_t number, bool is_first);

/* From now on the person knows the program by that sender; in the open transaction. Nothing where there is no choice, or
 * where the person has no consent on record. */
void pool_keep(struct pool *pool, const struct program *program, uint64_t number, const char *sender);

#endif
