#include "src/sim/sim_store.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/must.h"

#define PARTS_MOST 256
#define RUN_DIGITS 8 /* of an id, before the serial */

/* A long message of which not all parts are there. Parts are serials: what has left the store
 * meanwhile is found to be missing. */
struct long_message {
    uint64_t newest; /* serial of the latest part; 0: this place is free */
    uint8_t have;
    uint64_t parts[PARTS_MOST]; /* by part, 0: not there */
};

struct sim_store {
    uint32_t run;  /* part of each id, so that two runs don't give the same one */
    uint64_t next; /* serial */
    uint64_t oldest;
    size_t octets;
    struct sim_message *kept[SIM_MESSAGES_MOST]; /* serial s is at s % SIM_MESSAGES_MOST */
    json_t *counts;                              /* number to how many */
    struct long_message longs[SIM_LONGS_MOST];
};

struct sim_store *sim_store_open(void)
{
    struct sim_store *store = mem_new(sizeof *store);
    must(getrandom(&store->run, sizeof store->run, 0) == sizeof store->run);
    store->next = store->oldest = 1;
    store->counts = json_object();
    must(store->counts != NULL);
    return store;
}

static struct sim_message **place_of(struct sim_store *store, uint64_t serial)
{
    return &store->kept[serial % SIM_MESSAGES_MOST];
}

static const struct sim_message *find_serial(const struct sim_store *store, uint64_t serial)
{
    if (serial < store->oldest || serial >= store->next)
        return NULL;
    return store->kept[serial % SIM_MESSAGES_MOST];
}

static size_t size_of(const struct sim_submit *submit)
{
    return submit->header.length + submit->text.length + submit->tlvs.length;
}

static void forget_oldest(struct sim_store *store)
{
    struct sim_message **place = place_of(store, store->oldest++);
    store->octets -= size_of(&(*place)->submit);
    free(*place);
    *place = NULL;
}

void sim_store_close(struct sim_store *store)
{
    if (store == NULL)
        return;
    while (store->oldest < store->next)
        forget_oldest(store);
    json_decref(store->counts);
    free(store);
}

/* ---- adding ---- */

static const char *without_plus(const char *number)
{
    return number[0] == '+' ? number + 1 : number;
}

static void count_one(struct sim_store *store, const char *number)
{
    json_t *count = json_object_get(store->counts, without_plus(number));
    if (count != NULL)
        json_integer_set(count, json_integer_value(count) + 1);
    else if (json_object_size(store->counts) < SIM_NUMBERS_MOST)
        json_object_set_new(store->counts, without_plus(number), json_integer(1));
}

static struct octets copy_to(uint8_t **at, struct octets from)
{
    struct octets copy = octets_of(*at, from.length);
    if (from.length > 0)
        memcpy(*at, from.at, from.length);
    *at += from.length;
    return copy;
}

struct sim_message *sim_store_add(struct sim_store *store, const struct sim_submit *submit,
                                  uint8_t version, int64_t heard_at)
{
    while (store->oldest < store->next && (store->next - store->oldest == SIM_MESSAGES_MOST ||
                                           store->octets + size_of(submit) > SIM_OCTETS_MOST))
        forget_oldest(store);
    struct sim_message *message = mem_new(sizeof *message + size_of(submit));
    message->serial = store->next++;
    message->heard_at = heard_at;
    message->submit = *submit;
    uint8_t *at = message->octets;
    message->submit.header = copy_to(&at, submit->header);
    message->submit.text = copy_to(&at, submit->text);
    message->submit.tlvs = copy_to(&at, submit->tlvs);
    if (version < SIM_VERSION_34)
        snprintf(message->id, sizeof message->id, "%08" PRIx32, (uint32_t)message->serial);
    else
        snprintf(message->id, sizeof message->id, "%08" PRIx32 "%04" PRIx64, store->run,
                 message->serial & 0xFFFFFFFFu);
    store->octets += size_of(submit);
    *place_of(store, message->serial) = message;
    count_one(store, submit->to.digits);
    return message;
}

/* ---- asking ---- */

const struct sim_message *sim_store_find(const struct sim_store *store, const char *id)
{
    bool has_run = strlen(id) > RUN_DIGITS;
    uint64_t serial = strtoull(has_run ? id + RUN_DIGITS : id, NULL, 16);
    const struct sim_message *message = find_serial(store, serial);
    return message != NULL && strcmp(message->id, id) == 0 ? message : NULL;
}

const struct sim_message *sim_store_next(const struct sim_store *store, uint64_t serial,
                                         const char *number)
{
    if (serial < store->oldest)
        serial = store->oldest;
    for (; serial < store->next; serial++) {
        const struct sim_message *message = find_serial(store, serial);
        if (number == NULL ||
            strcmp(without_plus(message->submit.to.digits), without_plus(number)) == 0)
            return message;
    }
    return NULL;
}

bool sim_store_count(const struct sim_store *store, const char *number, uint64_t *count)
{
    const json_t *found = json_object_get(store->counts, without_plus(number));
    *count = (uint64_t)json_integer_value(found);
    return found != NULL || json_object_size(store->counts) < SIM_NUMBERS_MOST;
}

uint64_t sim_store_total(const struct sim_store *store)
{
    return store->next - 1;
}

/* ---- long messages ---- */

static bool is_same_address(const struct sim_address *a, const struct sim_address *b)
{
    return strcmp(a->digits, b->digits) == 0;
}

/* F295. */
static bool is_same_long(const struct sim_message *a, const struct sim_message *b)
{
    return a->submit.join == b->submit.join && a->submit.reference == b->submit.reference &&
           a->submit.parts == b->submit.parts && strcmp(a->system_id, b->system_id) == 0 &&
           is_same_address(&a->submit.to, &b->submit.to) &&
           is_same_address(&a->submit.from, &b->submit.from);
}

static void open_long(struct long_message *at)
{
    *at = (struct long_message){0};
}

/* The open one that this part belongs to, else a free place, else that of the one that waits the
 * longest for its next part. */
static struct long_message *find_long(struct sim_store *store, const struct sim_message *part)
{
    struct long_message *stalest = &store->longs[0];
    for (size_t i = 0; i < SIM_LONGS_MOST; i++) {
        struct long_message *at = &store->longs[i];
        const struct sim_message *newest = find_serial(store, at->newest);
        if (newest != NULL && is_same_long(newest, part))
            return at;
        if (at->newest < stalest->newest)
            stalest = at;
    }
    open_long(stalest);
    return stalest;
}

static bool is_same_text(const struct sim_message *a, const struct sim_message *b)
{
    return octets_equal(a->submit.text, b->submit.text);
}

/* The same part again with other words is the first of a new message (F297). */
static void put_part(struct sim_store *store, struct long_message *at,
                     const struct sim_message *part)
{
    const struct sim_message *before = find_serial(store, at->parts[part->submit.part]);
    if (before != NULL && !is_same_text(before, part))
        open_long(at);
    if (at->parts[part->submit.part] == 0)
        at->have++;
    at->parts[part->submit.part] = part->serial;
    at->newest = part->serial;
}

/* Octets of neighbours with one data_coding are joined before they are read (F299). */
static struct octets gather_run(const struct sim_store *store, const struct long_message *at,
                                unsigned *part, unsigned parts, struct sim_buffer *run)
{
    run->length = 0;
    uint8_t coding = find_serial(store, at->parts[*part])->submit.data_coding;
    for (; *part <= parts; ++*part) {
        const struct sim_message *message = find_serial(store, at->parts[*part]);
        if (message->submit.data_coding != coding)
            break;
        sim_buffer_add(run, message->submit.text.at, message->submit.text.length);
    }
    return octets_of(run->at, run->length);
}

static void add_words(struct sim_buffer *text, struct sim_words words, const char **flaw)
{
    sim_buffer_add(text, words.text, words.length);
    if (words.flaw != NULL)
        *flaw = words.flaw;
}

static struct sim_words join_text(const struct sim_store *store, const struct long_message *at,
                                  unsigned parts, struct region *region)
{
    struct sim_buffer run = {0}, text = {0};
    struct sim_words whole = {0};
    for (unsigned part = 1; part <= parts;) {
        uint8_t coding = find_serial(store, at->parts[part])->submit.data_coding;
        struct octets octets = gather_run(store, at, &part, parts, &run);
        add_words(&text, sim_text_decode(region, sim_coding_of(coding), octets), &whole.flaw);
    }
    whole.text = region_text(region, octets_of(text.at, text.length));
    whole.length = text.length;
    sim_buffer_wipe(&run);
    sim_buffer_wipe(&text);
    return whole;
}

static bool are_all_kept(const struct sim_store *store, const struct long_message *at,
                         unsigned parts)
{
    for (unsigned part = 1; part <= parts; part++)
        if (find_serial(store, at->parts[part]) == NULL)
            return false;
    return true;
}

bool sim_store_join(struct sim_store *store, const struct sim_message *part, struct region *region,
                    struct sim_words *whole)
{
    uint8_t parts = part->submit.parts;
    if (parts <= 1)
        return false;
    struct long_message *at = find_long(store, part);
    put_part(store, at, part);
    if (at->have < parts)
        return false;
    bool is_whole = are_all_kept(store, at, parts);
    if (is_whole)
        *whole = join_text(store, at, parts, region);
    open_long(at);
    return is_whole;
}
