/* What a carrier delivered becomes a text: who wrote it to whom, its words, and what they ask for. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/number.h"
#include "inbound_parts.h"
#include "smpp/parts.h"
#include "smpp/session.h"
#include "smpp/text.h"

#define TON_UNKNOWN 0

/* What grows piece by piece, and is moved seldom: a text may have 255 of them. */
struct sum {
    struct region *region;
    uint8_t *at;
    size_t length, room;
};

/* short_message or message_payload: the payload if the other is empty or shorter (F210). */
struct octets heard_octets(const struct pdu *pdu)
{
    struct octets payload;
    if (pdu_tlv(pdu, TLV_message_payload, &payload) && payload.length > pdu->short_message.length)
        return payload;
    return pdu->short_message;
}

/* What SAR says is in no octets of the text. */
static void digest_of(const struct pdu *pdu, struct octets data, const struct piece *piece,
                      uint8_t out[DIGEST_SIZE])
{
    uint8_t digests[3 * DIGEST_SIZE + 2 + sizeof(int64_t)];
    size_t length = 3 * DIGEST_SIZE + 2;
    int64_t mark = part_mark_pack(piece->mark);
    digest_sha256(pdu->source_addr, digests);
    digest_sha256(pdu->destination_addr, digests + DIGEST_SIZE);
    digest_sha256(data, digests + 2 * DIGEST_SIZE);
    digests[3 * DIGEST_SIZE] = pdu->esm_class;
    digests[3 * DIGEST_SIZE + 1] = pdu->data_coding;
    if (piece->kind == GATHER_SAR && piece->mark.total > 0) {
        memcpy(digests + length, &mark, sizeof mark);
        length += sizeof mark;
    }
    digest_sha256(octets_of(digests, length), out);
}

struct reading heard_words(struct inbounds *inbounds, const struct carrier *carrier,
                           const struct pdu *pdu, struct octets data)
{
    struct reading reading;
    reading_make(pdu, data, carrier_zero(carrier), loop_region(inbounds->with.loop), &reading);
    return reading;
}

static void note_oddities(struct session *session, unsigned oddities)
{
    static const struct {
        enum text_oddity oddity;
        enum session_deviation deviation;
    } rows[] = {{TEXT_ODD_OCTET, DEVIATION_text_odd_octet},
                {TEXT_BYTE_ORDER, DEVIATION_text_byte_order},
                {TEXT_LONE_SURROGATE, DEVIATION_text_lone_surrogate},
                {TEXT_HIGH_OCTET, DEVIATION_text_high_octet},
                {TEXT_FINAL_NUL, DEVIATION_text_final_nul}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if ((oddities & rows[i].oddity) != 0)
            session_note(session, rows[i].deviation, NULL);
}

/* Keyword rules are not for data (F276), but what reads as an opt-out word for word is taken for one all the
 * same: a lost STOP is worse than a needless one. */
static struct keyword keyword_of(struct octets words, bool is_for_person)
{
    struct keyword keyword = keyword_classify(words);
    if (is_for_person || keyword.verdict == KEYWORD_OPT_OUT)
        return keyword;
    return keyword_classify(octets_of(NULL, 0));
}

/* A NUL in it would end it. */
static char *text_owned(struct octets from)
{
    char *text = mem_new(from.length + 1);
    for (size_t i = 0; i < from.length; i++)
        text[i] = (char)(from.at[i] == 0 ? ' ' : from.at[i]);
    return text;
}

static void sum_add(struct sum *sum, struct octets more)
{
    if (sum->at == NULL || sum->length + more.length > sum->room) {
        uint8_t *before = sum->at;
        sum->room = 2 * (sum->length + more.length) + 256;
        sum->at = region_get(sum->region, sum->room);
        if (sum->length > 0)
            memcpy(sum->at, before, sum->length);
    }
    if (more.length > 0)
        memcpy(sum->at + sum->length, more.at, more.length);
    sum->length += more.length;
}

static struct octets sum_octets(const struct sum *sum)
{
    return octets_of(sum->at == NULL ? (const uint8_t *)"" : sum->at, sum->length);
}

void heard_keep_data(struct heard *heard, struct octets octets)
{
    free(heard->data);
    heard->data = NULL;
    heard->data_length = octets.length;
    if (octets.length == 0)
        return;
    heard->data = mem_new(octets.length);
    memcpy(heard->data, octets.at, octets.length);
}

/* Of one that is a part: as it is kept. */
static void part_keep(struct heard *heard, const struct pdu *pdu, struct octets data)
{
    heard->octets = mem_new(data.length + 1);
    if (data.length > 0)
        memcpy(heard->octets, data.at, data.length);
    heard->part = (struct inbound_part){.part = heard->piece.mark.number,
                                        .at = heard->at,
                                        .session = heard->link,
                                        .esm_class = pdu->esm_class,
                                        .data_coding = pdu->data_coding,
                                        .octets = octets_of(heard->octets, data.length)};
    memcpy(heard->part.digest, heard->digest, sizeof heard->part.digest);
}

struct heard *heard_new(struct inbounds *inbounds, struct carrier *carrier,
                        struct session *session, int64_t link, const struct pdu *pdu,
                        struct octets data)
{
    struct heard *heard = mem_new(sizeof *heard);
    const char *country = carrier_country(carrier);
    struct reading reading = heard_words(inbounds, carrier, pdu, data);
    note_oddities(session, reading.oddities);
    heard->carrier = mem_text(carrier_name(carrier));
    heard->session = session;
    heard->link = link;
    heard->command_id = pdu->command_id;
    heard->sequence_number = pdu->sequence_number;
    heard->source = text_owned(pdu->source_addr);
    heard->text = text_owned(reading.words);
    heard->data_coding = pdu->data_coding;
    if ((reading.oddities & TEXT_IS_BINARY) != 0)
        heard_keep_data(heard, reading.octets);
    heard->at = clock_wall_ms();
    heard->parts_wait_ms = carrier_parts_wait_ms(carrier);
    piece_read(pdu, data, session, &heard->piece);
    heard->is_for_person = reading.is_for_person && !heard->piece.has_ports;
    heard->keyword = keyword_of(reading.words, heard->is_for_person);
    digest_of(pdu, data, &heard->piece, heard->digest);
    if (heard->piece.mark.total > 0)
        part_keep(heard, pdu, data);
    struct octets source = octets_trimmed(pdu->source_addr),
                  destination = octets_trimmed(pdu->destination_addr);
    /* A TON that can't be is not believed (F172): the digits decide. */
    if (number_of_smpp(pdu->source_addr_ton, source, country, &heard->number) != NUMBER_OK &&
        number_of_smpp(TON_UNKNOWN, source, country, &heard->number) != NUMBER_OK)
        heard->number = 0;
    if (!sender_of_smpp(pdu->dest_addr_ton, destination, country, heard->sender) &&
        !sender_of_smpp(TON_UNKNOWN, destination, country, heard->sender))
        octets_copy_text(destination, heard->sender, sizeof heard->sender);
    return heard;
}

/* What data_coding 0 means to it; it may be gone. */
static enum text_zero zero_of(struct inbounds *inbounds, const char *name)
{
    const struct carrier *carrier = carriers_find(inbounds->with.carriers, name);
    return carrier == NULL ? TEXT_ZERO_GSM7 : carrier_zero(carrier);
}

/* Each run by itself. Gives whether all of them are for a person, and none is a text. */
static void runs_read(const struct gathered *gathered, enum text_zero zero, struct heard *heard, struct sum *words,
                      struct sum *data, bool *is_for_person, bool *is_data)
{
    /* packed septets have an octet each by now */
    enum text_zero meant = zero == TEXT_ZERO_PACKED ? TEXT_ZERO_GSM7 : zero;
    for (size_t i = 0; i < gathered->count; i++) {
        const struct gather_run *run = &gathered->runs[i];
        struct pdu pdu = {.esm_class = run->esm_class, .data_coding = run->data_coding};
        struct reading reading;
        reading_make(&pdu, run->octets, meant, words->region, &reading);
        *is_for_person = *is_for_person && reading.is_for_person;
        *is_data = *is_data && (reading.oddities & TEXT_IS_BINARY) != 0;
        if (run->is_behind_gap)
            sum_add(words, octets_text(INBOUND_GAP));
        sum_add(words, reading.words);
        sum_add(data, reading.octets);
        heard->data_coding = run->data_coding;
    }
    if (gathered->ends_in_gap)
        sum_add(words, octets_text(INBOUND_GAP));
}

/* scratch: what is made on the way is many times the text, and a turn may join many. */
static bool read_set(struct inbounds *inbounds, const struct inbound_set *set, struct region *scratch,
                     struct heard *heard, struct inbound *row)
{
    struct gathered *gathered = region_get(scratch, sizeof *gathered);
    struct sum words = {.region = scratch}, data = {.region = scratch};
    enum text_zero zero = zero_of(inbounds, set->carrier);
    bool is_for_person = !row->has_ports, is_data = true;
    if (!gather_runs(inbounds->with.store, scratch, set, zero, gathered))
        return false;
    runs_read(gathered, zero, heard, &words, &data, &is_for_person, &is_data);
    heard_keep_data(heard, is_data ? sum_octets(&data) : octets_of(NULL, 0));
    free(heard->text);
    heard->text = text_owned(sum_octets(&words));
    heard->keyword = keyword_of(sum_octets(&words), is_for_person);
    heard->is_for_person = is_for_person && gathered->parts_came == set->parts;
    row->text = region_text(loop_region(inbounds->with.loop), octets_text(heard->text));
    row->parts_came = gathered->parts_came;
    return true;
}

/* The words of all parts that came, in order, the gaps marked; and what they ask for, in `heard`. False: they
 * can't be read. */
bool heard_read_set(struct inbounds *inbounds, const struct inbound_set *set, struct heard *heard,
                    struct inbound *row)
{
    struct region *scratch = region_new();
    bool is_read = read_set(inbounds, set, scratch, heard, row);
    region_free(scratch);
    return is_read;
}
