#include "smpp_guard.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

struct suspect {
    char address[INET6_ADDRSTRLEN];
    unsigned failures;
    int64_t since_ms, heard_ms, until_ms; /* of the first, of the last; shut until */
};

struct guard {
    struct suspect at[GUARD_ADDRESSES];
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

/* Whoever has an IPv6 address mostly has all of its /64. */
static void network_of(const char *address, char out[INET6_ADDRSTRLEN])
{
    uint8_t octets[16];
    snprintf(out, INET6_ADDRSTRLEN, "%s", address);
    if (inet_pton(AF_INET6, address, octets) != 1)
        return;
    memset(octets + 8, 0, 8);
    inet_ntop(AF_INET6, octets, out, INET6_ADDRSTRLEN);
}

static const struct suspect *find(const struct guard *guard, const char *address)
{
    for (size_t i = 0; i < GUARD_ADDRESSES; i++)
        if (guard->at[i].failures > 0 && strcmp(guard->at[i].address, address) == 0)
            return &guard->at[i];
    return NULL;
}

/* Where there is none, in the place of whom nobody has heard of for longest. */
static struct suspect *get(struct guard *guard, const char *address, int64_t now_ms)
{
    struct suspect *oldest = &guard->at[0];
    for (size_t i = 0; i < GUARD_ADDRESSES; i++) {
        struct suspect *it = &guard->at[i];
        if (it->failures > 0 && strcmp(it->address, address) == 0)
            return it;
        if (it->failures == 0 || (oldest->failures > 0 && it->heard_ms < oldest->heard_ms))
            oldest = it;
    }
    *oldest = (struct suspect){.since_ms = now_ms};
    snprintf(oldest->address, sizeof oldest->address, "%s", address);
    return oldest;
}

bool guard_is_shut(const struct guard *guard, const char *address, int64_t now_ms)
{
    char network[INET6_ADDRSTRLEN];
    network_of(address, network);
    const struct suspect *it = find(guard, network);
    return it != NULL && now_ms < it->until_ms;
}

bool guard_failed(struct guard *guard, const char *address, int64_t now_ms)
{
    char network[INET6_ADDRSTRLEN];
    network_of(address, network);
    struct suspect *it = get(guard, network, now_ms);
    bool is_forgotten = it->failures <= GUARD_TRIES && now_ms - it->since_ms >= GUARD_TERM_MS;
    bool has_rested = it->failures > GUARD_TRIES && now_ms - it->heard_ms >= 2 * GUARD_MOST_MS;
    if (is_forgotten || has_rested) {
        it->failures = 0;
        it->since_ms = now_ms;
    }
    it->heard_ms = now_ms;
    if (++it->failures <= GUARD_TRIES)
        return false;
    int64_t wait_ms = GUARD_LEAST_MS;
    for (unsigned i = GUARD_TRIES + 1; i < it->failures && wait_ms < GUARD_MOST_MS; i++)
        wait_ms *= 2;
    it->until_ms = now_ms + (wait_ms < GUARD_MOST_MS ? wait_ms : GUARD_MOST_MS);
    guard->shut_count++;
    return true;
}

uint64_t guard_shut_count(const struct guard *guard)
{
    return guard->shut_count;
}
