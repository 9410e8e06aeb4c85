#include "outbound/order.h"

#include <stdlib.h>

#include "base/must.h"

#define PLACES 4096 /* a power of two */

struct place {
    uint64_t number;
    int64_t program, id; /* the oldest; 0: the place is free */
};

struct order {
    size_t count;
    struct place places[PLACES];
};

struct order *order_open(void)
{
    return mem_new(sizeof(struct order));
}

void order_close(struct order *order)
{
    free(order);
}

static size_t place_of(const struct message *message)
{
    uint64_t mixed = (message->number ^ (uint64_t)message->program << 48) * 0x9E3779B97F4A7C15u;
    return (size_t)(mixed >> 32) % PLACES;
}

static bool is_of(const struct place *place, const struct message *message)
{
    return place->id != 0 && place->number == message->number && place->program == message->program;
}

void order_put(struct order *order, const struct message *refused)
{
    struct place *place = &order->places[place_of(refused)];
    if (is_of(place, refused) && place->id <= refused->id)
        return;
    order->count += place->id == 0;
    *place = (struct place){.number = refused->number, .program = refused->program, .id = refused->id};
}

int64_t order_ahead(const struct order *order, const struct message *message)
{
    if (order->count == 0)
        return 0;
    const struct place *place = &order->places[place_of(message)];
    return is_of(place, message) && place->id < message->id ? place->id : 0;
}

void order_drop(struct order *order, const struct message *message)
{
    struct place *place = &order->places[place_of(message)];
    if (!is_of(place, message))
        return;
    place->id = 0;
    order->count--;
}
