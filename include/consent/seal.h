/* seal: what was given to carriers in a turn becomes one record of the ledger: how many messages, and the
 * root of a tree over their digests. It decides nothing; whoever clears tells it. */
#ifndef CONSENT_SEAL_H
#define CONSENT_SEAL_H

#include <stdint.h>

struct ledger;
struct message;
struct seal;

struct seal *seal_open(struct ledger *ledger);
void seal_close(struct seal *seal);

/* A message was given to a carrier: its row as it is from now on, its program's name. What must stand in the
 * row is seal_place. */
void seal_add(struct seal *seal, const struct message *row, const char *program);
/* For message.seal: the record that seals it is the first seal with this sequence or a higher one. */
int64_t seal_place(const struct seal *seal);
/* Appends the record, if anything was added; in the same turn. */
void seal_put(struct seal *seal, int64_t now_ms);

#endif
