/* flight: a message on the wire: which of its parts were given to a carrier, and what became of each. As many
 * as the windows hold. In memory only: a row left `sending` tells a restart that there was one. */
#ifndef OUTBOUND_FLIGHT_H
#define OUTBOUND_FLIGHT_H

#include "smpp/parts.h"
#include "store/store.h"

enum part_fate { PART_OPEN, PART_ACCEPTED, PART_REFUSED, PART_UNSENT, PART_UNANSWERED };

struct flight {
    struct flight *next;    /* of its bucket */
    struct message message; /* as its row is: SENDING. Of its texts, account, carrier, sender and client_ref alone are kept */
    unsigned attempt;       /* 1 for the first time that it was given to a carrier, … */
    unsigned first, count;  /* the parts of this flight */
    enum part_fate fates[PARTS_LIMIT + 1]; /* by part number */
    uint32_t statuses[PARTS_LIMIT + 1];    /* of those refused */
    uint64_t turn;                         /* that began it */
    bool is_over;                          /* settled: it goes when the turn is committed */
};

struct flights;

/* What a session knows a submit by: the message's 60 bits, and above them the attempt, so that a late answer to
 * an earlier one is not taken for an answer to this. */
static inline uint64_t flight_tag(int64_t id, unsigned attempt)
{
    return (uint64_t)id | (uint64_t)(attempt & 15) << 60;
}
static inline int64_t flight_tag_id(uint64_t tag)
{
    return (int64_t)(tag & (((uint64_t)1 << 60) - 1));
}
static inline unsigned flight_tag_attempt(uint64_t tag)
{
    return (unsigned)(tag >> 60);
}

struct flights *flights_open(void);
void flights_close(struct flights *flights);
/* message: its row as it is from now on. */
struct flight *flights_put(struct flights *flights, const struct message *message, unsigned first,
                           unsigned count, uint64_t turn);
struct flight *flights_find(struct flights *flights, int64_t id); /* NULL: none, or over */
size_t flights_count(const struct flights *flights);
/* Drops those for which `is_meant`. */
void flights_drop(struct flights *flights, bool (*is_meant)(void *who, const struct flight *flight),
                  void *who);
void flights_each(struct flights *flights, void (*each)(void *who, struct flight *flight), void *who);

/* What left and will not be answered, for its connection ended, or the process: the carrier may yet read it, for a
 * while. Known by the person that it is for. */
void flights_lose(struct flights *flights, uint64_t number, int64_t until_ms);
unsigned flights_lost_of(const struct flights *flights, uint64_t number, int64_t now_ms);
void flights_forget_lost(struct flights *flights, int64_t now_ms); /* those whose while is over */

bool flight_is_answered(const struct flight *flight); /* no part is open any more */

#endif
