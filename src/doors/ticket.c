#include "ticket.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/octets.h"

#define SEALED_SIZE (TICKET_NONCE_SIZE + 8 + TICKET_SHOWN_SIZE)
#define WHOLE_SIZE  (SEALED_SIZE + DIGEST_SIZE)

_Static_assert(2 * WHOLE_SIZE + 1 == TICKET_TEXT_SIZE, "a ticket has room in its text");

struct spent {
    uint8_t nonce[TICKET_NONCE_SIZE], content[TICKET_CONTENT_SIZE];
    int64_t made_at; /* 0: the place is free */
    uint64_t turn;
    uint8_t outcome;
};

struct tickets {
    uint8_t key[DIGEST_SIZE];
    uint64_t turn, spent_turn; /* the newest in which one was spent */
    struct {
        struct spent at[TICKET_WAYS];
        int64_t floor; /* made no later than that: not good any more */
    } sets[TICKET_SETS];
};

struct tickets *tickets_open(void)
{
    struct tickets *tickets = mem_new(sizeof *tickets);
    random_octets(tickets->key, sizeof tickets->key);
    tickets->turn = 1;
    return tickets;
}

void tickets_close(struct tickets *tickets)
{
    free(tickets);
}

/* ---- the seal ---- */

static void time_put(int64_t at, uint8_t out[8])
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)((uint64_t)at >> (56 - 8 * i));
}

static int64_t time_take(const uint8_t from[8])
{
    uint64_t at = 0;
    for (size_t i = 0; i < 8; i++)
        at = at << 8 | from[i];
    return (int64_t)at;
}

/* The place is of any length, so it is sealed by its digest. */
static void seal_make(const struct tickets *tickets, const char *place, const uint8_t sealed[SEALED_SIZE],
                      uint8_t out[DIGEST_SIZE])
{
    uint8_t whole[SEALED_SIZE + DIGEST_SIZE];
    memcpy(whole, sealed, SEALED_SIZE);
    digest_sha256(octets_text(place), whole + SEALED_SIZE);
    digest_hmac_sha256(octets_of(tickets->key, sizeof tickets->key), octets_of(whole, sizeof whole), out);
}

void ticket_make(const struct tickets *tickets, const char *place, const uint8_t shown[DIGEST_SIZE], int64_t now_ms,
                 char out[TICKET_TEXT_SIZE])
{
    uint8_t whole[WHOLE_SIZE];
    random_octets(whole, TICKET_NONCE_SIZE);
    time_put(now_ms, whole + TICKET_NONCE_SIZE);
    memcpy(whole + TICKET_NONCE_SIZE + 8, shown, TICKET_SHOWN_SIZE);
    seal_make(tickets, place, whole, whole + SEALED_SIZE);
    octets_to_hex(octets_of(whole, sizeof whole), out);
}

/* ---- those that were spent ---- */

static size_t set_of(const struct ticket *ticket)
{
    return ((size_t)ticket->nonce[0] << 8 | ticket->nonce[1]) % TICKET_SETS;
}

static const struct spent *spent_find(const struct tickets *tickets, const struct ticket *ticket)
{
    const struct spent *at = tickets->sets[set_of(ticket)].at;
    for (size_t i = 0; i < TICKET_WAYS; i++)
        if (at[i].made_at != 0 && memcmp(at[i].nonce, ticket->nonce, TICKET_NONCE_SIZE) == 0)
            return &at[i];
    return NULL;
}

void ticket_spend(struct tickets *tickets, const struct ticket *ticket, const uint8_t content[DIGEST_SIZE],
                  unsigned outcome, int64_t now_ms)
{
    size_t set = set_of(ticket);
    struct spent *oldest = &tickets->sets[set].at[0];
    must(outcome <= UINT8_MAX && spent_find(tickets, ticket) == NULL);
    for (size_t i = 1; i < TICKET_WAYS; i++)
        if (tickets->sets[set].at[i].made_at < oldest->made_at)
            oldest = &tickets->sets[set].at[i];
    if (now_ms - oldest->made_at < TICKET_TERM_MS && oldest->made_at > tickets->sets[set].floor)
        tickets->sets[set].floor = oldest->made_at;
    *oldest = (struct spent){.made_at = ticket->made_at, .turn = tickets->turn, .outcome = (uint8_t)outcome};
    memcpy(oldest->nonce, ticket->nonce, sizeof oldest->nonce);
    memcpy(oldest->content, content, sizeof oldest->content);
    tickets->spent_turn = tickets->turn;
}

static void take_back(struct tickets *tickets)
{
    for (size_t set = 0; set < TICKET_SETS; set++)
        for (size_t i = 0; i < TICKET_WAYS; i++)
            if (tickets->sets[set].at[i].turn == tickets->turn)
                tickets->sets[set].at[i] = (struct spent){0};
}

void tickets_release(struct tickets *tickets, bool is_committed)
{
    if (!is_committed && tickets->spent_turn == tickets->turn)
        take_back(tickets);
    tickets->turn++;
}

/* ---- reading ---- */

/* False: it is none of ours. */
static bool seal_holds(const struct tickets *tickets, struct octets text, const char *place, uint8_t whole[WHOLE_SIZE])
{
    uint8_t seal[DIGEST_SIZE];
    if (text.length != 2 * WHOLE_SIZE || !octets_from_hex(text, whole))
        return false;
    seal_make(tickets, place, whole, seal);
    return digest_equal(seal, whole + SEALED_SIZE);
}

enum ticket_state ticket_read(const struct tickets *tickets, struct octets text, const char *place,
                              const uint8_t shown[DIGEST_SIZE], const uint8_t content[DIGEST_SIZE], int64_t now_ms,
                              struct ticket *out, unsigned *outcome)
{
    uint8_t whole[WHOLE_SIZE];
    *outcome = 0;
    if (!seal_holds(tickets, text, place, whole))
        return TICKET_NONE;
    memcpy(out->nonce, whole, sizeof out->nonce);
    out->made_at = time_take(whole + TICKET_NONCE_SIZE);
    const struct spent *spent = spent_find(tickets, out);
    if (spent != NULL) {
        *outcome = spent->outcome;
        return memcmp(spent->content, content, sizeof spent->content) == 0 ? TICKET_SPENT : TICKET_REUSED;
    }
    if (now_ms - out->made_at >= TICKET_TERM_MS || out->made_at <= tickets->sets[set_of(out)].floor)
        return TICKET_STALE;
    bool is_shown = memcmp(whole + TICKET_NONCE_SIZE + 8, shown, TICKET_SHOWN_SIZE) == 0;
    return is_shown ? TICKET_GOOD : TICKET_REWORDED;
}
