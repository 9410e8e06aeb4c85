#include "consent/seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "consent/ledger.h"
#include "consent/seal_format.h"

struct seal {
    struct store *store;
    struct ledger *ledger;
    struct netstrings scratch;
    uint8_t *leaves; /* of this turn, in the order in which they were given away */
    size_t count, room;
};

struct seal *seal_open(struct store *store, struct ledger *ledger)
{
    struct seal *seal = mem_new(sizeof *seal);
    seal->store = store;
    seal->ledger = ledger;
    return seal;
}

void seal_close(struct seal *seal)
{
    if (seal == NULL)
        return;
    netstrings_free(&seal->scratch);
    free(seal->leaves);
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
    if (seal->count == 0)
        return;
    store_seal_put(seal->store, ledger_next(seal->ledger),
                   octets_of(seal->leaves, seal->count * DIGEST_SIZE));
    size_t count = seal->count;
    seal->count = 0;
    seal_root(seal->leaves, count, root);
    octets_to_hex(octets_of(root, sizeof root), hex);
    snprintf(payload, sizeof payload, "{\"count\":%zu,\"root\":\"%s\"}", count, hex);
    ledger_append(seal->ledger, now_ms, "seal", "", 0, payload);
}
