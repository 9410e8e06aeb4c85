/* Seals held against the messages: first every seal against the digests that lie beside it, then every message
 * against the digests of its seal. What a running gateway adds meanwhile is newer than the last record that was
 * read, and is left to the next time. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "consent/seal_format.h"
#include "verify_parts.h"

#define SLICE 500

struct sealed { /* a seal that was met */
    int64_t seq;
    size_t first, count; /* its digests among all of them */
};

struct seals {
    struct store *store;
    struct ledger_check *check;
    struct sealed *at;
    size_t count, room;
    int64_t first_at;      /* when the first was made */
    uint8_t *is_found;     /* a bit for each digest: its message was found */
    size_t digests, found_room;
    uint8_t *leaves;       /* of one seal: */
    const struct sealed *leaves_of;
    struct netstrings scratch;
    struct region *region;
};

struct seals *seals_new(struct store *store, struct ledger_check *check)
{
    struct seals *seals = mem_new(sizeof *seals);
    seals->store = store;
    seals->check = check;
    seals->region = region_new();
    return seals;
}

void seals_free(struct seals *seals)
{
    if (seals == NULL)
        return;
    netstrings_free(&seals->scratch);
    region_free(seals->region);
    free(seals->is_found);
    free(seals->leaves);
    free(seals->at);
    free(seals);
}

/* ---- a seal and its digests ---- */

static void remember(struct seals *seals, int64_t seq, size_t count)
{
    if (seals->count == seals->room) {
        seals->room = seals->room * 2 + 64;
        seals->at = mem_grow(seals->at, seals->room * sizeof *seals->at);
        seals->leaves_of = NULL;
    }
    seals->at[seals->count++] = (struct sealed){seq, seals->digests, count};
    seals->digests += count;
    size_t needed = seals->digests / 8 + 1;
    if (needed > seals->found_room) {
        size_t room = needed * 2 + 1024;
        seals->is_found = mem_grow(seals->is_found, room);
        memset(seals->is_found + seals->found_room, 0, room - seals->found_room);
        seals->found_room = room;
    }
}

/* False: it can't be read, or is none. */
static bool leaves_read(struct seals *seals, int64_t seq, struct octets *leaves)
{
    region_clear(seals->region);
    return store_seal_get(seals->store, seq, seals->region, leaves) == STORE_OK && leaves->length > 0 &&
           leaves->length % DIGEST_SIZE == 0;
}

static bool root_fits(const struct verified *record, struct octets leaves)
{
    uint8_t root[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE];
    const char *said = json_string_value(json_object_get(record->payload, "root"));
    size_t count = leaves.length / DIGEST_SIZE;
    uint8_t *copy = mem_new(leaves.length);
    memcpy(copy, leaves.at, leaves.length);
    seal_root(copy, count, root);
    free(copy);
    octets_to_hex(octets_of(root, sizeof root), hex);
    return said != NULL && strcmp(said, hex) == 0 &&
           json_integer_value(json_object_get(record->payload, "count")) == (json_int_t)count;
}

bool seals_meet(struct seals *seals, const struct verified *record)
{
    struct octets leaves;
    if (strcmp(record->kind, "seal") != 0)
        return true;
    if (!leaves_read(seals, record->seq, &leaves))
        return verify_fault(seals->check, record->seq, "the digests that it seals are missing");
    if (!root_fits(record, leaves))
        return verify_fault(seals->check, record->seq, "the digests that it seals were changed");
    if (seals->count == 0)
        time_read(octets_text(record->at), &seals->first_at);
    remember(seals, record->seq, leaves.length / DIGEST_SIZE);
    return true;
}

/* ---- messages and their seals ---- */

/* The first seal from that record on. NULL: none that was met. */
static const struct sealed *seal_of(const struct seals *seals, int64_t place)
{
    size_t low = 0, high = seals->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (seals->at[middle].seq < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low == seals->count ? NULL : &seals->at[low];
}

/* Messages come in the order in which they were made, which is nearly that of the seals: one is kept. */
static bool leaves_load(struct seals *seals, const struct sealed *sealed)
{
    struct octets leaves;
    if (seals->leaves_of == sealed)
        return true;
    struct region *region = region_new();
    bool is_read = store_seal_get(seals->store, sealed->seq, region, &leaves) == STORE_OK &&
                   leaves.length == sealed->count * DIGEST_SIZE;
    if (is_read) {
        seals->leaves = mem_grow(seals->leaves, leaves.length);
        memcpy(seals->leaves, leaves.at, leaves.length);
        seals->leaves_of = sealed;
    }
    region_free(region);
    return is_read;
}

static bool message_fault(struct seals *seals, const struct message *message, int64_t seq,
                          const char *why)
{
    char id[MESSAGE_ID_SIZE];
    message_id_write(message->id, message->tail, id);
    return verify_fault(seals->check, seq, "message %s %s", id, why);
}

/* One that was given away before there were seals has none. */
static bool check_unsealed(struct seals *seals, const struct message *message)
{
    if (seals->count == 0 || message->id >> 12 <= seals->first_at)
        return true;
    return message_fault(seals, message, message->consent_seq,
                         "that names it was sent and never sealed");
}

/* Its seal was made while we read; or there is none. */
static bool check_unmet(struct seals *seals, const struct message *message)
{
    struct ledger_row row;
    struct region *region = region_new();
    enum store_result result = store_seal_after(seals->store, message->seal, region, &row);
    region_free(region);
    return result == STORE_OK ||
           message_fault(seals, message, message->seal,
                         "says that a seal follows, and none is there");
}

static bool check_message(struct seals *seals, const struct message *message)
{
    uint8_t leaf[DIGEST_SIZE];
    if (message->seal == 0)
        return check_unsealed(seals, message);
    const struct sealed *sealed = seal_of(seals, message->seal);
    if (sealed == NULL)
        return check_unmet(seals, message);
    if (!leaves_load(seals, sealed))
        return verify_fault(seals->check, sealed->seq, "the digests that it seals are missing");
    seal_leaf(&seals->scratch, message,
              store_program_name(seals->store, message->program, seals->region), leaf);
    for (size_t i = 0; i < sealed->count; i++) {
        if (memcmp(seals->leaves + i * DIGEST_SIZE, leaf, DIGEST_SIZE) != 0)
            continue;
        size_t bit = sealed->first + i;
        seals->is_found[bit / 8] |= (uint8_t)(1u << bit % 8);
        return true;
    }
    return message_fault(seals, message, sealed->seq, "is not what it sealed");
}

static bool is_all_found(const struct seals *seals, const struct sealed *sealed)
{
    for (size_t bit = sealed->first; bit < sealed->first + sealed->count; bit++)
        if ((seals->is_found[bit / 8] & 1u << bit % 8) == 0)
            return false;
    return true;
}

static bool unreadable(struct seals *seals)
{
    return verify_fault(seals->check, seals->check->records, "the messages can't be read: %s",
                        store_fault(seals->store));
}

static bool check_given(struct seals *seals)
{
    size_t count = SLICE;
    int64_t after = 0;
    struct message *rows = mem_new(SLICE * sizeof *rows);
    bool is_good = true;
    while (is_good && count == SLICE) {
        region_clear(seals->region);
        if (store_given_list(seals->store, after, seals->region, rows, SLICE, &count) == STORE_FAILED)
            is_good = unreadable(seals);
        for (size_t i = 0; is_good && i < count; i++)
            is_good = check_message(seals, &rows[i]);
        after = count > 0 ? rows[count - 1].id : after;
    }
    free(rows);
    return is_good;
}

/* After the rows: a try that was kept meanwhile is met at least once. */
static bool check_tries(struct seals *seals)
{
    size_t count = SLICE;
    int64_t after = 0;
    int after_try = 0;
    struct message *rows = mem_new(SLICE * sizeof *rows);
    bool is_good = true;
    while (is_good && count == SLICE) {
        region_clear(seals->region);
        if (store_tries_list(seals->store, after, after_try, seals->region, rows, SLICE, &count) ==
            STORE_FAILED)
            is_good = unreadable(seals);
        for (size_t i = 0; is_good && i < count; i++)
            is_good = check_message(seals, &rows[i]);
        after = count > 0 ? rows[count - 1].id : after;
        after_try = count > 0 ? rows[count - 1].tries : after_try;
    }
    free(rows);
    return is_good;
}

bool seals_finish(struct seals *seals)
{
    if (!check_given(seals) || !check_tries(seals))
        return false;
    for (size_t i = 0; i < seals->count; i++)
        if (!is_all_found(seals, &seals->at[i]))
            return verify_fault(seals->check, seals->at[i].seq,
                                "a message that it sealed is not in the database any more");
    seals->check->sealed = (int64_t)seals->digests;
    return true;
}
