#include "guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/must.h"

_Static_assert(sizeof(((struct guest_mark *)0)->network) >= INET6_ADDRSTRLEN, "any address has room");

struct suspect {
    char network[INET6_ADDRSTRLEN];
    unsigned failures;
    int64_t since_ms, heard_ms, until_ms; /* of the first, of the last; shut until */
    uint64_t wrong[GUARD_WRONG];          /* the newest, in a ring */
};

struct guard {
    struct suspect at[GUARD_ADDRESSES], crowds[GUARD_CROWDS];
    uint64_t right[GUARD_RIGHT]; /* each in the place that its own number gives it */
    uint64_t shut_count;
};

struct guard *guard_open(void)
{
    return mem_new(sizeof(struct guard));
}

void guard_close(struct guard *guard)
{
    free(guard);
}

/* ---- who comes ---- */

/* Whoever has an IPv6 address mostly has all of its /64. One of IPv4 is one, also as a socket of both kinds names it. */
void guard_network(const char *address, char out[GUARD_NETWORK_SIZE])
{
    struct in6_addr octets;
    snprintf(out, INET6_ADDRSTRLEN, "%s", address);
    if (inet_pton(AF_INET6, address, &octets) != 1)
        return;
    if (IN6_IS_ADDR_V4MAPPED(&octets)) {
        inet_ntop(AF_INET, octets.s6_addr + 12, out, INET6_ADDRSTRLEN);
        return;
    }
    memset(octets.s6_addr + 8, 0, 8);
    inet_ntop(AF_INET6, &octets, out, INET6_ADDRSTRLEN);
}

/* Of a network the first two numbers: about what somebody may have all of. FNV-1a. */
static unsigned crowd_of(const char *network)
{
    size_t length = strcspn(network, ".:");
    uint32_t hash = 2166136261u;
    length += network[length] == '\0' ? 0 : 1 + strcspn(network + length + 1, ".:");
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)network[i]) * 16777619u;
    return hash % GUARD_CROWDS;
}

struct guest_mark guard_mark(const char *address, struct octets name, struct octets secret)
{
    struct guest_mark mark = {.what = 0};
    uint8_t whole[sizeof mark.network + 2 * DIGEST_SIZE], digest[DIGEST_SIZE];
    guard_network(address, mark.network);
    memcpy(whole, mark.network, sizeof mark.network);
    digest_sha256(name, whole + sizeof mark.network);
    digest_sha256(secret, whole + sizeof mark.network + DIGEST_SIZE);
    digest_sha256(octets_of(whole, sizeof whole), digest);
    memcpy(&mark.what, digest, sizeof mark.what);
    mark.crowd = crowd_of(mark.network);
    return mark;
}

/* Mistakes of long ago are forgotten, and so is one who guessed and has left it be. */
static bool is_forgiven(const struct suspect *it, int64_t now_ms)
{
    bool is_forgotten = it->failures <= GUARD_TRIES && now_ms - it->since_ms >= GUARD_TERM_MS;
    bool has_rested = it->failures > GUARD_TRIES && now_ms - it->heard_ms >= 2 * GUARD_MOST_MS;
    return it->failures == 0 || is_forgotten || has_rested;
}

/* Whoever has no place is one of a crowd. */
static const struct suspect *find(const struct guard *guard, const struct guest_mark *mark)
{
    for (size_t i = 0; i < GUARD_ADDRESSES; i++)
        if (guard->at[i].failures > 0 && strcmp(guard->at[i].network, mark->network) == 0)
            return &guard->at[i];
    return &guard->crowds[mark->crowd];
}

/* Where there is none, in the place of one that is forgiven. */
static struct suspect *get(struct guard *guard, const struct guest_mark *mark, int64_t now_ms)
{
    struct suspect *place = NULL;
    for (size_t i = 0; i < GUARD_ADDRESSES; i++) {
        struct suspect *it = &guard->at[i];
        if (it->failures > 0 && strcmp(it->network, mark->network) == 0)
            return it;
        if (is_forgiven(it, now_ms))
            place = it;
    }
    if (place == NULL)
        return &guard->crowds[mark->crowd];
    *place = (struct suspect){.since_ms = now_ms};
    snprintf(place->network, sizeof place->network, "%s", mark->network);
    return place;
}

/* ---- whether it is looked at, and what came of it ---- */

static bool was_right(const struct guard *guard, uint64_t what)
{
    return guard->right[what % GUARD_RIGHT] == what;
}

int64_t guard_wait_ms(const struct guard *guard, const struct guest_mark *mark, int64_t now_ms)
{
    const struct suspect *it = find(guard, mark);
    return now_ms < it->until_ms && !was_right(guard, mark->what) ? it->until_ms - now_ms : 0;
}

void guard_passed(struct guard *guard, const struct guest_mark *mark)
{
    guard->right[mark->what % GUARD_RIGHT] = mark->what;
}

static bool was_wrong(const struct suspect *it, uint64_t what)
{
    unsigned known = it->failures < GUARD_WRONG ? it->failures : GUARD_WRONG;
    for (unsigned i = 0; i < known; i++)
        if (it->wrong[i] == what)
            return true;
    return false;
}

/* A crowd has its innocents. */
static int64_t shut_ms(const struct guard *guard, const struct suspect *it)
{
    bool is_crowd = it >= guard->crowds && it < guard->crowds + GUARD_CROWDS;
    int64_t wait_ms = GUARD_LEAST_MS, most_ms = is_crowd ? GUARD_LEAST_MS : GUARD_MOST_MS;
    for (unsigned i = GUARD_TRIES + 1; i < it->failures && wait_ms < most_ms; i++)
        wait_ms *= 2;
    return wait_ms < most_ms ? wait_ms : most_ms;
}

static bool count(struct guard *guard, struct suspect *it, uint64_t what, int64_t now_ms)
{
    it->heard_ms = now_ms;
    it->wrong[it->failures % GUARD_WRONG] = what;
    if (++it->failures <= GUARD_TRIES)
        return false;
    it->until_ms = now_ms + shut_ms(guard, it);
    guard->shut_count++;
    return true;
}

static struct suspect *suspect_of(struct guard *guard, const struct guest_mark *mark, int64_t now_ms)
{
    struct suspect *it = get(guard, mark, now_ms);
    if (is_forgiven(it, now_ms)) {
        it->failures = 0;
        it->since_ms = now_ms;
    }
    return it;
}

bool guard_failed(struct guard *guard, const struct guest_mark *mark, int64_t now_ms)
{
    struct suspect *it = suspect_of(guard, mark, now_ms);
    return !was_wrong(it, mark->what) && count(guard, it, mark->what, now_ms);
}

bool guard_mistyped(struct guard *guard, const struct guest_mark *mark, int64_t now_ms)
{
    return count(guard, suspect_of(guard, mark, now_ms), mark->what, now_ms);
}

uint64_t guard_shut_count(const struct guard *guard)
{
    return guard->shut_count;
}
