/* flight: a message on the wire: which of its parts were given to a carrier, and what became of each. As many
 * as the windows hold. In memory only: a row left `sending` tells a restart that there was one. */
#ifndef OUTBOUND_FLIGHT_H
#define OUTBOUND_FLIGHT_H

#include "smpp/parts.h"
#include "store/store.h"

enum part_fate { PART_OPEN, PART_ACCEPTED, PART_REFUSED, PART_UNSENT, PART_UNANSWERED };

struct flight {
    struct flight *next; /* of its bucket */
    int64_t id, program;
    uint64_t number;
    enum message_purpose purpose;
    unsigned total;        /* parts of the message */
    unsigned first, count; /* the parts of this flight */
    enum part_fate fates[PARTS_LIMIT + 1]; /* by part number */
    uint32_t statuses[PARTS_LIMIT + 1];    /* of those refused */
    uint64_t turn;                         /* that began it */
    bool is_over;                          /* settled: it goes when the turn is committed */
};

struct flights;

struct flights *flights_open(void);
void flights_close(struct flights *flights);
struct flight *flights_put(struct flights *flights, const struct message *message, unsigned first,
                           unsigned count, uint64_t turn);
struct flight *flights_find(struct flights *flights, int64_t id); /* NULL: none, or over */
size_t flights_count(const struct flights *flights);
/* Drops those for which `is_meant`. */
void flights_drop(struct flights *flights, bool (*is_meant)(void *who, const struct flight *flight),
                  void *who);
void flights_each(struct flights *flights, void (*each)(void *who, struct flight *flight), void *who);

bool flight_is_answered(const struct flight *flight); /* no part is open any more */

#endif
