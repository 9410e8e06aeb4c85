/* What became of a message, and taking it back: query_sm and cancel_sm. An account sees its own messages alone; of
 * others it hears what it hears of those that never were. */
#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/account.h"
#include "consent/number.h"
#include "consent/sender.h"
#include "outbound/dispatch.h"
#include "notify/notify.h"
#include "smpp/receipt.h"
#include "smpp/smpp_time.h"
#include "smpp_door_parts.h"

#define OPEN_FIRST      256
#define OPEN_MOST       16384
#define SHORT_ID_DIGITS 8
#define MULTI_MOST      255

static struct region *region_of(const struct client *client)
{
    return loop_region(client->door->gateway->loop);
}

/* Either form of an id, or the short one that a 3.3 session was given (F322). 0: it is none. */
static int64_t id_read(const struct client *client, struct octets text, int64_t *tail)
{
    int64_t id;
    uint8_t octets[SHORT_ID_DIGITS / 2];
    *tail = -1;
    if (message_id_read(text, &id, tail))
        return id;
    if (text.length != SHORT_ID_DIGITS || !octets_from_hex(text, octets))
        return 0;
    return store_short_id_message(client->door->gateway->store, pdu_u32(octets));
}

/* The source that it was submitted from, which a request has to name as well; left out, it fits (F176). */
static bool source_fits(const struct client *client, const struct pdu *pdu,
                        const struct message *message)
{
    char sender[SENDER_TEXT_SIZE];
    const char *country = client->door->gateway->config->default_country;
    return pdu->source_addr.length == 0 ||
           (sender_of_smpp(pdu->source_addr_ton, pdu->source_addr, country, sender) &&
            strcmp(sender, message->sender) == 0);
}

/* The others that go by its id, if it is the first of a submit_multi. */
static enum store_result find_all(const struct client *client, int64_t id, struct named *out)
{
    struct submit submit;
    struct store *store = client->door->gateway->store;
    enum store_result found = store_submit_get(store, id, region_of(client), &submit);
    if (found == STORE_FAILED)
        return found;
    if (found == STORE_NONE || submit.multi != id)
        return STORE_OK;
    struct message *all = region_get(region_of(client), MULTI_MOST * sizeof *all);
    found = store_submit_messages(store, id, region_of(client), all, MULTI_MOST, &out->count);
    out->at = all;
    return found == STORE_OK && out->count == 0 ? STORE_NONE : found;
}

enum store_result manage_find(const struct client *client, const struct pdu *pdu,
                              struct named *out)
{
    int64_t tail, id = id_read(client, pdu->message_id, &tail);
    if (id == 0)
        return STORE_NONE;
    struct message *message = region_get(region_of(client), sizeof *message);
    *out = (struct named){message, 1};
    enum store_result found =
        store_message_get(client->door->gateway->store, id, region_of(client), message);
    if (found != STORE_OK)
        return found;
    bool is_its_own =
        strcmp(message->account, client->account) == 0 && (tail < 0 || tail == message->tail);
    return is_its_own && source_fits(client, pdu, message) ? find_all(client, id, out) : STORE_NONE;
}

/* ---- query_sm ---- */

/* The one that tells for all: who is not settled, else whom it did not reach, else any (F314, of parts). */
static const struct message *telling(const struct named *named)
{
    const struct message *it = &named->at[0];
    for (size_t i = 0; i < named->count && message_is_final(it->state); i++) {
        const struct message *other = &named->at[i];
        if (!message_is_final(other->state) || it->state == MESSAGE_DELIVERED)
            it = other;
    }
    return it;
}

static int64_t done_at(const struct named *named)
{
    int64_t last = 0;
    for (size_t i = 0; i < named->count; i++) {
        if (!message_is_final(named->at[i].state))
            return 0;
        last = named->at[i].done_at > last ? named->at[i].done_at : last;
    }
    return last;
}

void query_heard(struct client *client, const struct pdu *pdu)
{
    struct named named;
    char final_date[SMPP_TIME_SIZE] = "";
    enum store_result found = manage_find(client, pdu, &named);
    if (found != STORE_OK) {
        client_refuse(client, pdu, found == STORE_NONE ? ESME_RINVMSGID : ESME_RQUERYFAIL,
                      found == STORE_NONE ? "not_found" : "unavailable"); /* F365 */
        return;
    }
    if (done_at(&named) != 0)
        smpp_time_write(done_at(&named), final_date);
    /* SCHEDULED is 5.0's: before, what waits is on its way (5.0 4.7.15). */
    int state = notify_state(telling(&named)->state);
    if (state == RECEIPT_STATE_SCHEDULED && session_version(client->session) < 0x50)
        state = RECEIPT_STATE_ENROUTE;
    client_answer(client, pdu,
                  &(struct pdu){.message_id = pdu->message_id,
                                .final_date = octets_text(final_date),
                                .message_state = (uint8_t)state});
}

/* ---- cancel_sm ---- */

/* Everything that is open for the number, whosever it is. False: unreadable, or more than anybody waits for. */
static bool open_of(const struct client *client, uint64_t number, struct message **open,
                    size_t *count)
{
    for (size_t limit = OPEN_FIRST; limit <= OPEN_MOST; limit *= 4) {
        *open = region_get(region_of(client), limit * sizeof **open);
        if (store_message_open_of(client->door->gateway->store, number, region_of(client), *open,
                                  limit, count) != STORE_OK)
            return false;
        if (*count < limit)
            return true;
    }
    return false;
}

/* One that is named has to be the submit's (F367). */
static bool service_fits(const struct client *client, const struct pdu *pdu,
                         const struct message *message)
{
    struct submit submit;
    if (pdu->service_type.length == 0)
        return true;
    return store_submit_get(client->door->gateway->store, message->id, region_of(client), &submit) ==
               STORE_OK &&
           octets_equal(pdu->service_type, octets_text(submit.service_type));
}

/* All of the account's from this source to this destination that have not left (3.4 4.9). Gives how many were taken
 * back; -1: unreadable. */
static int cancel_all(struct client *client, const struct pdu *pdu, uint64_t number, int64_t now_ms)
{
    struct message *open;
    size_t count;
    int cancelled = 0;
    dispatch_put_offers(client->door->gateway->dispatch); /* what came in the same read */
    if (!open_of(client, number, &open, &count))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (strcmp(open[i].account, client->account) == 0 && source_fits(client, pdu, &open[i]) &&
            service_fits(client, pdu, &open[i]))
            cancelled += dispatch_cancel(client->door->gateway->dispatch, &open[i], now_ms);
    return cancelled;
}

/* A destination may be left out beside an id; one that is given picks one of a submit_multi (F346, F367). */
static int cancel_named(struct client *client, const struct pdu *pdu, int64_t now_ms)
{
    struct named named;
    uint64_t number = 0;
    int cancelled = 0;
    bool has_number = pdu->destination_addr.length > 0;
    enum store_result found = manage_find(client, pdu, &named);
    if (found != STORE_OK)
        return found == STORE_FAILED ? -1 : 0;
    if (has_number && number_of_smpp(pdu->dest_addr_ton, pdu->destination_addr,
                                     client->door->gateway->config->default_country,
                                     &number) != NUMBER_OK)
        return 0;
    for (size_t i = 0; i < named.count; i++)
        if (!has_number || named.at[i].number == number)
            cancelled += dispatch_cancel(client->door->gateway->dispatch, &named.at[i], now_ms);
    return cancelled;
}

void cancel_heard(struct client *client, const struct pdu *pdu)
{
    uint64_t number;
    int64_t now_ms = clock_wall_ms();
    int cancelled;
    if (pdu->message_id.length > 0)
        cancelled = cancel_named(client, pdu, now_ms);
    else if (pdu->source_addr.length == 0) {
        client_refuse(client, pdu, ESME_RINVDSTADR, "neither message_id nor source_addr"); /* F367 */
        return;
    } else if (number_of_smpp(pdu->dest_addr_ton, pdu->destination_addr,
                            client->door->gateway->config->default_country, &number) != NUMBER_OK) {
        client_refuse(client, pdu, ESME_RINVDSTADR, "invalid_number");
        return;
    } else
        cancelled = cancel_all(client, pdu, number, now_ms);
    if (cancelled > 0)
        client_answer(client, pdu, &(struct pdu){0});
    else
        client_refuse(client, pdu, cancelled < 0 ? ESME_RSYSERR : ESME_RCANCELFAIL,
                      cancelled < 0 ? "unavailable" : "nothing of it could be taken back");
}
