/* A submit_multi: one text for up to 254 people, each of whom is judged, kept and counted like a submit of their own
 * (F349). They go by one message_id, that of the first who was taken. */
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/verdict.h"
#include "smpp_door_parts.h"

#define DESTS_MOST    255 /* one octet counts them; before 5.0 one less (F345) */
#define DESTS_MOST_34 254
#define FLAG_LIST     2   /* dest_flag (3.4 5.2.25) */

struct multi {
    struct client *client;
    const struct pdu *pdu;
    struct submit_place place;
    struct offer offer;
    uint64_t numbers[DESTS_MOST]; /* that were met */
    size_t number_count;
    struct acceptance first;   /* who was taken */
    int64_t taken[DESTS_MOST]; /* all of them, the first too */
    size_t taken_count;
    struct pdu_entry refused[DESTS_MOST];
    size_t refused_count;
};

static void note_refused(struct multi *multi, const struct pdu_entry *entry, uint32_t status,
                         const char *why, const char *detail)
{
    struct pdu_entry *refused = &multi->refused[multi->refused_count++];
    *refused = *entry;
    refused->error_status_code = status;
    submit_log_refused(multi->client, multi->offer.number, status, why, detail);
}

static bool is_met(struct multi *multi, uint64_t number)
{
    for (size_t i = 0; i < multi->number_count; i++)
        if (multi->numbers[i] == number)
            return true;
    multi->numbers[multi->number_count++] = number;
    return false;
}

static void note_taken(struct multi *multi, const struct acceptance *acceptance)
{
    if (multi->taken_count == 0)
        multi->first = *acceptance;
    multi->offer.tail = multi->first.tail;
    multi->taken[multi->taken_count++] = acceptance->id;
}

static void take_one(struct multi *multi, const struct pdu_entry *entry)
{
    struct refusal refusal;
    struct acceptance acceptance;
    struct gateway *gateway = multi->client->door->gateway;
    multi->offer.number = 0;
    if (entry->dest_flag == FLAG_LIST) {
        note_refused(multi, entry, ESME_RINVDLNAME, "there are no distribution lists", ""); /* F348 */
        return;
    }
    if (!submit_read_number(entry->ton, entry->text, &multi->place, &multi->offer, &refusal)) {
        note_refused(multi, entry, refusal.status, refusal.text, "");
        return;
    }
    if (is_met(multi, multi->offer.number))
        return;
    accept_message(gateway->accept, &multi->offer, multi->place.now_ms, &acceptance);
    if (acceptance.verdict == VERDICT_ALLOWED) {
        note_taken(multi, &acceptance);
        return;
    }
    const struct verdict_row *row = verdict_row(acceptance.verdict);
    note_refused(multi, entry, row->smpp_status, row->code, acceptance.detail);
}

/* None was taken: what all of them were refused with, where it is one thing (F347). */
static void answer_none(struct multi *multi)
{
    uint32_t status = multi->refused[0].error_status_code;
    for (size_t i = 1; i < multi->refused_count; i++)
        if (multi->refused[i].error_status_code != status)
            status = ESME_RSUBMITFAIL;
    client_refuse(multi->client, multi->pdu, status, "none of the destinations was accepted");
}

static void answer_some(struct multi *multi)
{
    char id[MESSAGE_ID_SIZE];
    struct acceptance member = multi->first;
    for (size_t i = 0; i < multi->taken_count; i++) {
        member.id = multi->taken[i];
        submit_keep(multi->client, multi->pdu, &member, multi->first.id);
    }
    submit_write_id(multi->client, &multi->first, multi->place.now_ms, id);
    client_answer(multi->client, multi->pdu,
                  &(struct pdu){.message_id = octets_text(id),
                                .unsuccess_sme = {.entries = multi->refused,
                                                  .count = multi->refused_count}});
}

static bool may_be_so_many(const struct multi *multi, struct refusal *refusal)
{
    if (multi->place.version >= 0x50 || multi->pdu->dest_address.count <= DESTS_MOST_34)
        return true;
    *refusal = (struct refusal){ESME_RINVNUMDESTS, "254 destinations at most"};
    return false;
}

void multi_heard(struct client *client, const struct pdu *pdu)
{
    size_t at = 0;
    struct pdu_entry entry;
    struct refusal refusal;
    struct multi *multi = region_get(loop_region(client->door->gateway->loop), sizeof *multi);
    multi->client = client;
    multi->pdu = pdu;
    if (!submit_begin(client, &multi->place, &multi->offer, &refusal) ||
        !may_be_so_many(multi, &refusal) ||
        !submit_read_rest(pdu, &multi->place, &multi->offer, &refusal)) {
        submit_log_refused(client, 0, refusal.status, refusal.text, "submit_multi");
        client_refuse(client, pdu, refusal.status, refusal.text);
        return;
    }
    session_want_read(client->session, false); /* one a turn: others are to be heard (smpp_door_committed) */
    while (pdu_entry_next(&pdu->dest_address, &at, &entry))
        take_one(multi, &entry);
    if (multi->taken_count == 0)
        answer_none(multi);
    else
        answer_some(multi);
}
