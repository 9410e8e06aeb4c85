/* seal_format: the octets behind a seal: what is digested of a message that was given to a carrier, and how
 * the digests of a turn become one. docs/ledger.md writes them down; they can't change any more. Pure. */
#ifndef CONSENT_SEAL_FORMAT_H
#define CONSENT_SEAL_FORMAT_H

#include "base/netstring.h"
#include "store/store.h"

/* What a message says and to whom, salted by the message's own salt: stays when both have been erased. */
void seal_content(struct netstrings *scratch, const struct message *message, uint8_t out[DIGEST_SIZE]);

/* A message as it was given to a carrier (its row from then on), in the program of that name. Of one that was
 * erased, message->content stands for what it said. */
void seal_leaf(struct netstrings *scratch, const struct message *message, const char *program,
               uint8_t out[DIGEST_SIZE]);

/* The root of the tree over `count` (1 and up) leaves that lie behind each other, which it overwrites. */
void seal_root(uint8_t *leaves, size_t count, uint8_t out[DIGEST_SIZE]);

/* The way of leaf `at` up to the root: its neighbours, each with the side on which it stands. `out` has room
 * for SEAL_PATH_MOST. Gives how many; the leaves are overwritten. */
#define SEAL_PATH_MOST 64
struct seal_step {
    bool is_left;
    uint8_t hash[DIGEST_SIZE];
};
size_t seal_path(uint8_t *leaves, size_t count, size_t at, struct seal_step *out);
/* And the root that it leads to. */
void seal_climb(const uint8_t leaf[DIGEST_SIZE], const struct seal_step *steps, size_t count,
                uint8_t out[DIGEST_SIZE]);

#endif
