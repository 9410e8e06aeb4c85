/* A replace_sm: another text, and other times, for what no carrier was given yet. The new text is judged like a new
 * message's; what is refused leaves the old one as it was (F370, F371). */
#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/program.h"
#include "consent/verdict.h"
#include "outbound/dispatch.h"
#include "smpp/parts.h"
#include "smpp_door_parts.h"

struct replacement {
    struct client *client;
    const struct pdu *pdu;
    struct submit_place place;
    struct offer offer;
};

static bool refuse(struct refusal *refusal, uint32_t status, const char *text)
{
    *refusal = (struct refusal){status, text};
    return false;
}

static struct gateway *gateway_of(const struct replacement *it)
{
    return it->client->door->gateway;
}

/* ---- which ---- */

/* It ended, and nothing of it ever left: the others of its submit_multi may go on without it. */
static bool is_out_of_it(const struct message *message)
{
    return message_is_final(message->state) && message->tries == 0;
}

/* Keeps what is to be replaced: all that waits, if nothing of it has left. */
static bool pick(struct named *named, struct refusal *refusal)
{
    size_t kept = 0;
    for (size_t i = 0; i < named->count; i++) {
        const struct message *message = &named->at[i];
        if (is_out_of_it(message))
            continue;
        if (!dispatch_is_untouched(message))
            return refuse(refusal, ESME_RREPLACEFAIL, "it has left");
        if (part_mark_unpack(message->reference).total > 0)
            return refuse(refusal, ESME_RREPLACEFAIL, "a part of a text can't be replaced");
        named->at[kept++] = *message;
    }
    named->count = kept;
    return kept > 0 || refuse(refusal, ESME_RREPLACEFAIL, "it is over");
}

static bool find(struct replacement *it, struct named *named, struct refusal *refusal)
{
    enum store_result found = manage_find(it->client, it->pdu, named);
    if (found == STORE_FAILED)
        return refuse(refusal, ESME_RSYSERR, "unavailable");
    if (found == STORE_NONE)
        return refuse(refusal, ESME_RREPLACEFAIL, "not_found");
    return pick(named, refusal);
}

/* ---- by what ---- */

static bool find_submit(const struct replacement *it, const struct message *message,
                        struct submit *out, struct refusal *refusal)
{
    enum store_result found =
        store_submit_get(gateway_of(it)->store, message->id, it->place.region, out);
    if (found == STORE_FAILED)
        return refuse(refusal, ESME_RSYSERR, "unavailable");
    if (found == STORE_NONE)
        *out = (struct submit){
            .message = message->id,
            .data_coding = text_data_coding((enum text_alphabet)message->alphabet),
            .service_type = ""};
    return true;
}

/* It has no data_coding of its own: it comes in the old one's. TLVs are 5.0's (F372). */
static bool read_text(struct replacement *it, int data_coding, struct refusal *refusal)
{
    struct octets payload;
    struct pdu pdu = *it->pdu;
    pdu.data_coding = (uint8_t)data_coding;
    if (it->place.version < 0x50 && pdu_tlv(&pdu, TLV_message_payload, &payload))
        return refuse(refusal, ESME_RTLVNOTALLWD, "message_payload in a replace_sm is of SMPP 5.0");
    if (text_alphabet_of(pdu.data_coding) == TEXT_BINARY)
        return refuse(refusal, ESME_RREPLACEFAIL, "only a text can be replaced");
    return submit_read_text(&pdu, &it->place, &it->offer, refusal);
}

/* What is left out stays. What is due already keeps its place; what waits for its recipient's hours is judged anew. */
static void keep_times(const struct replacement *it, const struct message *old, struct offer *offer)
{
    bool is_placed = old->state == MESSAGE_SCHEDULED || old->due_at <= it->place.now_ms;
    if (it->pdu->schedule_delivery_time.length == 0)
        offer->send_at = is_placed ? old->due_at : 0;
    if (it->pdu->validity_period.length == 0)
        offer->expires_at = old->expires_at;
}

static bool read(struct replacement *it, const struct named *named, struct submit *submit,
                 struct refusal *refusal)
{
    const struct message *old = &named->at[0];
    const struct program *program = programs_find_id(gateway_of(it)->programs, old->program);
    if (program == NULL)
        return refuse(refusal, ESME_RREPLACEFAIL, "its program is gone");
    it->offer.program = program->config->name;
    it->offer.from = old->sender;
    it->offer.client_ref = old->client_ref;
    it->offer.wants_receipt = submit_receipts(it->pdu, it->place.version);
    return find_submit(it, old, submit, refusal) &&
           read_text(it, submit->data_coding, refusal) &&
           submit_read_times(it->pdu, &it->place, &it->offer, refusal);
}

/* ---- doing it ---- */

static bool replace_one(struct replacement *it, const struct message *old, bool is_dry_run,
                        struct refusal *refusal)
{
    struct acceptance acceptance;
    struct offer offer = it->offer;
    offer.number = old->number;
    offer.replaced = old;
    offer.is_dry_run = is_dry_run;
    keep_times(it, old, &offer);
    accept_message(gateway_of(it)->accept, &offer, it->place.now_ms, &acceptance);
    it->offer.is_rated = it->offer.is_rated || !is_dry_run;
    if (acceptance.verdict == VERDICT_ALLOWED)
        return true;
    const struct verdict_row *row = verdict_row(acceptance.verdict);
    submit_log_refused(it->client, old->number, row->smpp_status, row->code, acceptance.detail);
    return refuse(refusal, row->smpp_status, row->code);
}

/* All of a submit_multi, or none: one that the gate refuses is refused once more, for the record. */
static bool replace_all(struct replacement *it, const struct named *named, struct refusal *refusal)
{
    for (size_t i = 0; named->count > 1 && i < named->count; i++)
        if (!replace_one(it, &named->at[i], true, refusal))
            return replace_one(it, &named->at[i], false, refusal);
    for (size_t i = 0; i < named->count; i++) {
        if (replace_one(it, &named->at[i], false, refusal))
            continue;
        if (i > 0)
            store_abandon(gateway_of(it)->store); /* half of them is not what was asked for */
        return false;
    }
    return true;
}

static bool note_replaced(struct replacement *it, const struct named *named, struct refusal *refusal)
{
    struct submit submit;
    for (size_t i = 0; i < named->count; i++) {
        if (!find_submit(it, &named->at[i], &submit, refusal)) {
            store_abandon(gateway_of(it)->store);
            return false;
        }
        submit.replaced_at = it->place.now_ms;
        store_submit_put(gateway_of(it)->store, &submit);
    }
    return true;
}

void replace_heard(struct client *client, const struct pdu *pdu)
{
    struct named named;
    struct submit submit;
    struct refusal refusal;
    struct replacement it = {.client = client, .pdu = pdu};
    bool is_done = submit_begin(client, &it.place, &it.offer, &refusal) &&
                   find(&it, &named, &refusal) && read(&it, &named, &submit, &refusal) &&
                   replace_all(&it, &named, &refusal) && note_replaced(&it, &named, &refusal);
    if (is_done)
        client_answer(client, pdu, &(struct pdu){0});
    else
        client_refuse(client, pdu, refusal.status, refusal.text);
}
