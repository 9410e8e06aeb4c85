#include "outbound/route.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/zone.h"
#include "store/store.h"

#define DAY_S 86400

struct routes {
    const struct config *config;
    struct zones *zones;
    uint64_t open; /* which routes were within their hours, the first 64 of those that have any */
};

struct routes *routes_open(const struct config *config)
{
    struct routes *routes = mem_new(sizeof *routes);
    routes->zones = zones_open();
    routes->config = config;
    return routes;
}

void routes_close(struct routes *routes)
{
    zones_close(routes->zones);
    free(routes);
}

void routes_configure(struct routes *routes, const struct config *config)
{
    routes->config = config;
}

bool routes_are_any(const struct routes *routes)
{
    return routes->config->route_count > 0;
}

/* ---- which route ---- */

/* A zone that can't be read any more: its hours are not known, so it is closed. */
bool route_is_open(const struct routes *routes, const struct config_route *route, int64_t now_ms)
{
    if (route->hours.kind == CONFIG_HOURS_OFF)
        return true;
    const struct zone *zone = zones_find(routes->zones, route->timezone);
    if (zone == NULL)
        return false;
    int64_t local_s = now_ms / 1000 + zone_offset_s(zone, now_ms / 1000);
    int64_t minute = (local_s % DAY_S + DAY_S) % DAY_S / 60;
    return minute >= route->hours.from && minute < route->hours.to;
}

bool routes_have_turned(struct routes *routes, int64_t now_ms)
{
    uint64_t open = 0;
    for (size_t i = 0, bit = 0; i < routes->config->route_count; i++)
        if (routes->config->routes[i].hours.kind != CONFIG_HOURS_OFF)
            open ^= (uint64_t)route_is_open(routes, &routes->config->routes[i], now_ms) << bit++ % 64;
    bool has_turned = open != routes->open;
    routes->open = open;
    return has_turned;
}

static bool fits(const struct config_list *list, const char *text)
{
    return list->count == 0 || config_list_has(list, text);
}

const char *route_prefix(const struct config_route *route, const char *number)
{
    const char *longest = route->prefixes.count == 0 ? "" : NULL;
    for (size_t i = 0; i < route->prefixes.count; i++) {
        const char *prefix = route->prefixes.at[i];
        size_t length = strlen(prefix);
        if (strncmp(prefix, number, length) == 0 && (longest == NULL || length > strlen(longest)))
            longest = prefix;
    }
    return longest;
}

#define NUMBER_SIZE 24

static void number_text(const struct message *message, char out[NUMBER_SIZE])
{
    snprintf(out, NUMBER_SIZE, "+%llu", (unsigned long long)message->number);
}

/* The length of the prefix by which the route is for such a message, 0 if it names none; -1: it isn't. */
static int route_fit(const struct config_route *route, const char *program,
                     const struct message *message, const char *number)
{
    if (!fits(&route->programs, program) || !fits(&route->senders, message->sender) ||
        !fits(&route->accounts, message->account))
        return -1;
    const char *prefix = route_prefix(route, number);
    return prefix == NULL ? -1 : (int)strlen(prefix);
}

const struct config_route *routes_find(const struct routes *routes, const char *program,
                                       const struct message *message, int64_t now_ms)
{
    char number[NUMBER_SIZE];
    int best = -1;
    const struct config_route *found = NULL;
    if (!routes_are_any(routes))
        return NULL;
    number_text(message, number);
    for (size_t i = 0; i < routes->config->route_count; i++) {
        const struct config_route *route = &routes->config->routes[i];
        int length = route_fit(route, program, message, number);
        if (length <= best || !route_is_open(routes, route, now_ms))
            continue;
        best = length;
        found = route;
    }
    return found;
}

/* The one that takes it when none with hours is open, and its fit; NULL: then it goes by its program's own carriers. */
static const struct config_route *route_at_all_hours(const struct routes *routes, const char *program,
                                                     const struct message *message,
                                                     const char *number, int *best)
{
    const struct config_route *found = NULL;
    *best = -1;
    for (size_t i = 0; i < routes->config->route_count; i++) {
        const struct config_route *route = &routes->config->routes[i];
        int length = route->hours.kind == CONFIG_HOURS_OFF ? route_fit(route, program, message, number) : -1;
        found = length > *best ? route : found;
        *best = length > *best ? length : *best;
    }
    return found;
}

bool routes_may_take(const struct routes *routes, const struct config_program *program,
                     const struct message *message, const char *carrier)
{
    char number[NUMBER_SIZE];
    int best;
    number_text(message, number);
    const struct config_route *always =
        route_at_all_hours(routes, program->name, message, number, &best);
    bool may = config_tiers_have(always == NULL ? &program->carriers : &always->carriers, carrier);
    for (size_t i = 0; !may && i < routes->config->route_count; i++) {
        const struct config_route *route = &routes->config->routes[i];
        may = route->hours.kind != CONFIG_HOURS_OFF &&
              route_fit(route, program->name, message, number) >= (best < 0 ? 0 : best) &&
              config_tiers_have(&route->carriers, carrier);
    }
    return may;
}

const struct config_route *routes_named(const struct routes *routes, const char *name)
{
    for (size_t i = 0; i < routes->config->route_count; i++)
        if (strcmp(routes->config->routes[i].name, name) == 0)
            return &routes->config->routes[i];
    return NULL;
}

/* ---- which carrier ---- */

/* The finalizer of splitmix64: every bit of the input moves every bit of the output. */
static uint64_t mixed(uint64_t bits)
{
    bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
    return bits ^ bits >> 31;
}

/* With u even between 0 and 1, the largest of -weight / ln u is each one's
 * as often as its weight says. */
double route_draw(const struct config_choice *choice, uint64_t number)
{
    uint64_t bits = number + UINT64_C(0x9e3779b97f4a7c15);
    for (const char *c = choice->carrier; *c != '\0'; c++)
        bits = mixed(bits ^ (uint8_t)*c);
    double even = ((double)(mixed(bits) >> 11) + 0.5) / 9007199254740992.0; /* 2^53 */
    return -choice->weight / log(even);
}

/* Those of one tier that are up, each put before all that score less. */
static size_t tier_order(const struct config_tiers *tiers, size_t *at, struct carriers *carriers,
                         uint64_t number, struct carrier *out[ROUTE_CARRIERS_MOST])
{
    double scores[ROUTE_CARRIERS_MOST];
    size_t count = 0;
    unsigned tier = tiers->at[*at].tier;
    for (; *at < tiers->count && tiers->at[*at].tier == tier; (*at)++) {
        struct carrier *carrier = carriers_find(carriers, tiers->at[*at].carrier);
        if (carrier == NULL || !carrier_is_up(carrier) || count == ROUTE_CARRIERS_MOST)
            continue;
        double score = route_draw(&tiers->at[*at], number);
        size_t place = count++;
        for (; place > 0 && scores[place - 1] < score; place--) {
            scores[place] = scores[place - 1];
            out[place] = out[place - 1];
        }
        scores[place] = score;
        out[place] = carrier;
    }
    return count;
}

size_t route_order(const struct config_tiers *tiers, struct carriers *carriers, uint64_t number,
                   struct carrier *out[ROUTE_CARRIERS_MOST])
{
    size_t count = 0;
    for (size_t at = 0; count == 0 && at < tiers->count;)
        count = tier_order(tiers, &at, carriers, number, out);
    return count;
}
