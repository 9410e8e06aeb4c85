/* sim_store: what the carrier has heard. The last messages in full, how many each number got, and
 * the long messages whose parts are still coming. It owns all that it gives out.
 *
 * Bounded in all three: SIM_MESSAGES_MOST messages or SIM_OCTETS_MOST octets of text, the oldest go
 * first; SIM_NUMBERS_MOST numbers are counted; SIM_LONGS_MOST long messages are open at a time. */
#ifndef SIM_STORE_H
#define SIM_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/region.h"
#include "src/sim/sim_pdu.h"
#include "src/sim/sim_text.h"

#define SIM_MESSAGES_MOST 200000
#define SIM_OCTETS_MOST   (64u << 20)
#define SIM_NUMBERS_MOST  500000
#define SIM_LONGS_MOST    256

/* One submit_sm or data_sm that was answered with 0: a short message or a part of a long one. */
struct sim_message {
    uint64_t serial;  /* counts from 1 */
    int64_t heard_at; /* wall */
    int64_t final_at; /* wall: when query_sm begins to tell final_state */
    uint8_t final_state;
    char id[24];
    uint64_t bind;
    char system_id[SIM_NAME_SIZE];
    struct sim_submit submit; /* its views point into octets */
    uint8_t octets[];
};

struct sim_store;

struct sim_store *sim_store_open(void);
void sim_store_close(struct sim_store *store);

/* Keeps a copy. The caller fills bind, system_id and the state; the id is hexadecimal, unique among
 * all runs, and of 8 characters for clients older than 3.4 (F61), unique within this run. It lives
 * until enough others have come: at least until the next call. */
struct sim_message *sim_store_add(struct sim_store *store, const struct sim_submit *submit,
                                  uint8_t version, int64_t heard_at);

/* By its id; NULL: never given, or no longer kept. */
const struct sim_message *sim_store_find(const struct sim_store *store, const char *id);

/* The first message from `serial` on that is kept and, where `number` isn't NULL, went to it; NULL:
 * there is none. `number` may have a "+". */
const struct sim_message *sim_store_next(const struct sim_store *store, uint64_t serial,
                                         const char *number);

/* How many messages a number got, those that are no longer kept too. False: not known, since more
 * than SIM_NUMBERS_MOST numbers got one before it did. */
bool sim_store_count(const struct sim_store *store, const char *number, uint64_t *count);
uint64_t sim_store_total(const struct sim_store *store);

/* Tells of a part. True: its long message is complete, and `whole` is its text in the region. */
bool sim_store_join(struct sim_store *store, const struct sim_message *part, struct region *region,
                    struct sim_words *whole);

#endif
