#include "outbound/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

#define BUCKETS 4096

struct lost {
    uint64_t number;
    int64_t until_ms;
};

struct flights {
    struct flight *buckets[BUCKETS];
    size_t count;
    struct lost *lost;
    size_t lost_count, lost_room;
};

struct flights *flights_open(void)
{
    return mem_new(sizeof(struct flights));
}

static bool every(void *who, const struct flight *flight)
{
    (void)who;
    (void)flight;
    return true;
}

void flights_close(struct flights *flights)
{
    if (flights == NULL)
        return;
    flights_drop(flights, every, NULL);
    free(flights->lost);
    free(flights);
}

/* Ids rise by one within a millisecond: their low bits spread well enough, with the milliseconds' mixed in. */
static struct flight **bucket_of(struct flights *flights, int64_t id)
{
    uint64_t mixed = (uint64_t)id ^ (uint64_t)id >> 12;
    return &flights->buckets[mixed % BUCKETS];
}

struct flight *flights_put(struct flights *flights, const struct message *message, unsigned first,
                           unsigned count, uint64_t turn)
{
    must(first >= 1 && first + count - 1 <= PARTS_LIMIT);
    struct flight **bucket = bucket_of(flights, message->id);
    size_t account_size = strlen(message->account) + 1, carrier_size = strlen(message->carrier) + 1;
    size_t sender_size = strlen(message->sender) + 1, ref_size = strlen(message->client_ref) + 1;
    struct flight *flight = mem_new(sizeof *flight + account_size + carrier_size + sender_size + ref_size);
    char *texts = (char *)(flight + 1);
    flight->message = *message;
    flight->message.account = memcpy(texts, message->account, account_size);
    flight->message.carrier = memcpy(texts + account_size, message->carrier, carrier_size);
    flight->message.sender = memcpy(texts + account_size + carrier_size, message->sender, sender_size);
    texts += account_size + carrier_size + sender_size;
    flight->message.client_ref = memcpy(texts, message->client_ref, ref_size);
    flight->message.text = flight->message.cargo = "";
    flight->message.reason = flight->message.carrier_id = flight->message.receipt_err = "";
    flight->attempt = (unsigned)message->tries & 15;
    flight->first = first;
    flight->count = count;
    flight->turn = turn;
    flight->next = *bucket;
    *bucket = flight;
    flights->count++;
    return flight;
}

struct flight *flights_find(struct flights *flights, int64_t id)
{
    struct flight *flight = *bucket_of(flights, id);
    while (flight != NULL && (flight->message.id != id || flight->is_over))
        flight = flight->next;
    return flight;
}

size_t flights_count(const struct flights *flights)
{
    return flights->count;
}

void flights_drop(struct flights *flights, bool (*is_meant)(void *who, const struct flight *flight),
                  void *who)
{
    for (size_t i = 0; i < BUCKETS && flights->count > 0; i++)
        for (struct flight **at = &flights->buckets[i]; *at != NULL;) {
            struct flight *flight = *at;
            if (!is_meant(who, flight)) {
                at = &flight->next;
                continue;
            }
            *at = flight->next;
            free(flight);
            flights->count--;
        }
}

void flights_each(struct flights *flights, void (*each)(void *who, struct flight *flight), void *who)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct flight *flight = flights->buckets[i]; flight != NULL; flight = flight->next)
            each(who, flight);
}

void flights_lose(struct flights *flights, uint64_t number, int64_t until_ms)
{
    if (flights->lost_count == flights->lost_room) {
        flights->lost_room = flights->lost_room * 2 + 64;
        flights->lost = mem_grow(flights->lost, flights->lost_room * sizeof *flights->lost);
    }
    flights->lost[flights->lost_count++] = (struct lost){.number = number, .until_ms = until_ms};
}

unsigned flights_lost_of(const struct flights *flights, uint64_t number, int64_t now_ms)
{
    unsigned count = 0;
    for (size_t i = 0; i < flights->lost_count; i++)
        if (flights->lost[i].number == number && flights->lost[i].until_ms > now_ms)
            count++;
    return count;
}

void flights_forget_lost(struct flights *flights, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < flights->lost_count; i++)
        if (flights->lost[i].until_ms > now_ms)
            flights->lost[kept++] = flights->lost[i];
    flights->lost_count = kept;
}

bool flight_is_answered(const struct flight *flight)
{
    for (unsigned part = flight->first; part < flight->first + flight->count; part++)
        if (flight->fates[part] == PART_OPEN)
            return false;
    return true;
}
