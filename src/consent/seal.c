#include "consent/seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "consent/ledger.h"
#include "consent/seal_format.h"

struct seal {
    struct ledger *ledger;
    struct netstrings scratch;
    uint8_t *leaves; /* of this turn, in the order in which they were given away */
    uint8_t *tree;   /* a copy, which becomes the root */
    size_t count, room;
};

struct seal *seal_open(struct ledger *ledger)
{
    struct seal *seal = mem_new(sizeof *seal);
    seal->ledger = ledger;
    return seal;
}

void seal_close(struct seal *seal)
{
    if (seal == NULL)
        return;
    netstrings_free(&seal->scratch);
    free(seal->leaves);
    free(seal->tree);
    free(seal);
}

int64_t seal_place(const struct seal *seal)
{
    return ledger_next(seal->ledger);
}

void seal_add(struct seal *seal, const struct message *row, const char *program)
{
    if (seal->count == seal->room) {
        seal->room = seal->room * 2 + 128;
        seal->leaves = mem_grow(seal->leaves, seal->room * DIGEST_SIZE);
    }
    seal_leaf(&seal->scratch, row, program, seal->leaves + seal->count++ * DIGEST_SIZE);
}

/* The leaves are kept beside the record: with them anybody's place in the tree can be shown without the
 * messages of others, and erased messages are counted still. */
void seal_put(struct seal *seal, int64_t now_ms)
{
    uint8_t root[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE], payload[DIGEST_HEX_SIZE + 60];
    size_t count = seal->count, size = count * DIGEST_SIZE;
    if (count == 0)
        return;
    seal->count = 0;
    seal->tree = mem_grow(seal->tree, size);
    memcpy(seal->tree, seal->leaves, size);
    seal_root(seal->tree, count, root);
    octets_to_hex(octets_of(root, sizeof root), hex);
    snprintf(payload, sizeof payload, "{\"count\":%zu,\"root\":\"%s\"}", count, hex);
    ledger_append_seal(seal->ledger, now_ms, payload, octets_of(seal->leaves, size));
}
