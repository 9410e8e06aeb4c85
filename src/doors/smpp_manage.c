/* What became of a message, and taking it back: query_sm and cancel_sm. An account sees its own messages alone; of
 * others it hears what it hears of those that never were. */
#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/account.h"
#include "consent/number.h"
#include "consent/sender.h"
#include "outbound/dispatch.h"
#include "outbound/notify.h"
#include "smpp/receipt.h"
#include "smpp/smpp_time.h"
#include "smpp_door_parts.h"

#define OPEN_FIRST      256
#define OPEN_MOST       16384
#define SHORT_ID_DIGITS 8

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

static enum store_result find(const struct client *client, const struct pdu *pdu,
                              struct message *out)
{
    int64_t tail, id = id_read(client, pdu->message_id, &tail);
    if (id == 0)
        return STORE_NONE;
    enum store_result found =
        store_message_get(client->door->gateway->store, id, region_of(client), out);
    if (found != STORE_OK)
        return found;
    bool is_its_own = strcmp(out->account, client->account) == 0 && (tail < 0 || tail == out->tail);
    return is_its_own && source_fits(client, pdu, out) ? STORE_OK : STORE_NONE;
}

/* ---- query_sm ---- */

void query_heard(struct client *client, const struct pdu *pdu)
{
    struct message message;
    char final_date[SMPP_TIME_SIZE] = "";
    enum store_result found = find(client, pdu, &message);
    if (found != STORE_OK) {
        client_refuse(client, pdu, found == STORE_NONE ? ESME_RINVMSGID : ESME_RQUERYFAIL,
                      found == STORE_NONE ? "not_found" : "unavailable"); /* F365 */
        return;
    }
    if (message.done_at != 0)
        smpp_time_write(message.done_at, final_date);
    /* SCHEDULED is 5.0's: before, what waits is on its way (5.0 4.7.15). */
    int state = notify_state(message.state);
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

/* All of the account's from this source to this destination that have not left (3.4 4.9); a service_type is not kept,
 * and so not asked for (F367). Gives how many were taken back; -1: unreadable. */
static int cancel_all(struct client *client, const struct pdu *pdu, uint64_t number, int64_t now_ms)
{
    struct message *open;
    size_t count;
    int cancelled = 0;
    if (!open_of(client, number, &open, &count))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (strcmp(open[i].account, client->account) == 0 && source_fits(client, pdu, &open[i]))
            cancelled += dispatch_cancel(client->door->gateway->dispatch, &open[i], now_ms);
    return cancelled;
}

static int cancel_one(struct client *client, const struct pdu *pdu, int64_t now_ms)
{
    struct message message;
    enum store_result found = find(client, pdu, &message);
    if (found == STORE_FAILED)
        return -1;
    return found == STORE_OK && dispatch_cancel(client->door->gateway->dispatch, &message, now_ms);
}

void cancel_heard(struct client *client, const struct pdu *pdu)
{
    uint64_t number;
    int64_t now_ms = clock_wall_ms();
    int cancelled;
    if (pdu->message_id.length > 0)
        cancelled = cancel_one(client, pdu, now_ms);
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
