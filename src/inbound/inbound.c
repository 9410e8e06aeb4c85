#include "inbound_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/consent.h"
#include "consent/keyword.h"
#include "consent/ledger.h"
#include "consent/number.h"
#include "consent/review.h"
#include "consent/sender.h"
#include "consent/suppression.h"
#include "inbound/gather.h"
#include "inbound/reading.h"
#include "inbound/reply.h"
#include "outbound/dispatch.h"
#include "notify/notify.h"
#include "outbound/pool.h"
#include "outbound/receipts.h"
#include "smpp/parts.h"
#include "smpp/session.h"
#include "smpp/text.h"

#define KNOWN_MS       (INT64_C(72) * 3600000) /* an answered MO stays known for so long (F416) */
#define DOUBT_MS       60000 /* an answer so close to the end of its connection may be lost (F412) */
#define OTHER_BINDS_MS 2000  /* DESIGN, promise 3: how long a STOP's response waits for other binds */
#define RETRY_MS       1000  /* between tries to write a STOP */
#define UNWRITTEN_MOST 10000
#define OVERDUE_MS     10000 /* between looks for reviews, and waits for parts, whose time is over */
#define CLOCK_STEP_MS  2000  /* smaller steps of a clock are followed at once, and no setting */
#define NEXT_MS        20    /* to the next slice of those */

/* What waits is put off by as much then, within a second (store_sets_clock_set): the next look is soon enough. */
static bool was_clock_set(struct inbounds *inbounds, int64_t now_ms)
{
    int64_t before_ms = inbounds->distance_ms;
    inbounds->distance_ms = now_ms - clock_mono_ms();
    return llabs(inbounds->distance_ms - before_ms) > CLOCK_STEP_MS;
}

static void overdue_rings(void *owner)
{
    struct inbounds *inbounds = owner;
    int64_t now_ms = clock_wall_ms();
    reviews_overdue(inbounds->with.consents, now_ms);
    bool has_more = !was_clock_set(inbounds, now_ms) && sets_overdue(inbounds, now_ms);
    timer_set(inbounds->with.loop, &inbounds->overdue, has_more ? NEXT_MS : OVERDUE_MS, overdue_rings,
              inbounds);
}

struct inbounds *inbounds_open(const struct inbounds_parts *parts)
{
    struct inbounds *inbounds = mem_new(sizeof *inbounds);
    inbounds->with = *parts;
    inbounds->distance_ms = clock_wall_ms() - clock_mono_ms();
    timer_set(parts->loop, &inbounds->overdue, 0, overdue_rings, inbounds);
    return inbounds;
}

void heard_free(struct heard *heard)
{
    free(heard->carrier);
    free(heard->source);
    free(heard->text);
    free(heard->octets);
    free(heard->data);
    free(heard);
}

static void heards_free(struct heard **list)
{
    while (*list != NULL) {
        struct heard *heard = *list;
        *list = heard->next;
        heard_free(heard);
    }
}

void inbounds_close(struct inbounds *inbounds)
{
    if (inbounds == NULL)
        return;
    timer_clear(inbounds->with.loop, &inbounds->retry);
    timer_clear(inbounds->with.loop, &inbounds->other_binds);
    timer_clear(inbounds->with.loop, &inbounds->overdue);
    heards_free(&inbounds->turn);
    heards_free(&inbounds->unwritten);
    heards_free(&inbounds->waiting);
    free(inbounds);
}

const struct inbounds_counts *inbounds_counts(const struct inbounds *inbounds)
{
    return &inbounds->counts;
}

static void act(struct inbounds *inbounds, struct heard *heard)
{
    const struct program *program = programs_find_sender(inbounds->with.programs, heard->sender);
    inbound_answer_read(inbounds, heard, program);
    struct inbound row = inbound_row(inbounds, heard, program);
    inbound_act(inbounds, heard, program, &row);
    store_inbound_put(inbounds->with.store, &row);
    inbound_hand_on(inbounds, heard, &row, program);
}

/* ---- answering ---- */

static void answer(struct inbounds *inbounds, const struct heard *heard)
{
    struct pdu header = {.command_id = heard->command_id, .sequence_number = heard->sequence_number};
    carrier_answer(inbounds->with.carriers, heard->link, &header, ESME_ROK);
}

static void other_binds_ring(void *owner)
{
    struct inbounds *inbounds = owner;
    (void)inbounds; /* the turn itself looks */
}

/* Whether submits to the person are still open on other connections than the one that brought the text. */
static bool must_wait(struct inbounds *inbounds, const struct heard *heard)
{
    if (heard->keyword.verdict != KEYWORD_OPT_OUT || heard->number == 0)
        return false;
    const struct session *own =
        carriers_has_link(inbounds->with.carriers, heard->link) ? heard->session : NULL;
    return dispatch_unanswered(inbounds->with.dispatch, heard->number, own) > 0;
}

/* Takes the heard. */
static void answer_in_time(struct inbounds *inbounds, struct heard *heard)
{
    if (!must_wait(inbounds, heard)) {
        answer(inbounds, heard);
        heard_free(heard);
        return;
    }
    heard->answer_by_ms = clock_mono_ms() + OTHER_BINDS_MS;
    heard->next = inbounds->waiting;
    inbounds->waiting = heard;
    timer_set(inbounds->with.loop, &inbounds->other_binds, OTHER_BINDS_MS, other_binds_ring,
              inbounds);
}

static void answer_waiting(struct inbounds *inbounds)
{
    for (struct heard **at = &inbounds->waiting; *at != NULL;) {
        struct heard *heard = *at;
        bool is_late = clock_mono_ms() >= heard->answer_by_ms;
        if (!is_late && must_wait(inbounds, heard)) {
            at = &heard->next;
            continue;
        }
        if (is_late && must_wait(inbounds, heard)) {
            inbounds->counts.late_stops++;
            log_warn("stop answered while a submit on another bind is unanswered for two seconds "
                     "carrier=%s", heard->carrier);
        }
        *at = heard->next;
        answer(inbounds, heard);
        heard_free(heard);
    }
    if (inbounds->waiting != NULL && !timer_is_set(&inbounds->other_binds))
        timer_set(inbounds->with.loop, &inbounds->other_binds, OTHER_BINDS_MS / 4, other_binds_ring,
                  inbounds);
}

/* ---- sent again? ---- */

static bool same_digest(const struct heard *a, const struct heard *b)
{
    return memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

/* Whether the person left after the earlier text: it was written before, so nothing in it undoes that. */
static bool left_since(struct inbounds *inbounds, const struct heard *heard,
                       const struct inbound *twin)
{
    const struct program *program = programs_find_sender(inbounds->with.programs, heard->sender);
    return program != NULL && consent_went_out_since(inbounds->with.consents, program,
                                                     heard->number, twin->heard_seq);
}

/* Whether the answer to what that connection brought then may not have reached the carrier (F412). */
bool inbound_may_be_unanswered(struct inbounds *inbounds, int64_t link, int64_t at)
{
    int64_t ended_at = 0;
    return !carriers_has_link(inbounds->with.carriers, link) &&
           store_link_ended(inbounds->with.store, link, &ended_at) == STORE_OK &&
           at >= ended_at - DOUBT_MS;
}

/* The same text as an earlier one whose answer may not have reached the carrier (F412), and nothing newer from
 * that person in between, or a STOP. Two equal texts, both answered in a quiet session, are two texts. A STOP is
 * always acted upon: said twice it changes nothing and earns no second confirmation (F413). */
static bool is_redelivered(struct inbounds *inbounds, const struct heard *heard)
{
    struct inbound twin, newest;
    size_t count = 0;
    struct store *store = inbounds->with.store;
    struct region *region = loop_region(inbounds->with.loop);
    if (heard->keyword.verdict == KEYWORD_OPT_OUT ||
        store_inbound_twin(store, heard->digest, heard->at - KNOWN_MS, region, &twin) != STORE_OK ||
        !inbound_may_be_unanswered(inbounds, twin.session, twin.at))
        return false;
    return heard->number == 0 || left_since(inbounds, heard, &twin) ||
           (store_inbound_list(store, heard->number, 0, 0, region, &newest, 1, &count) == STORE_OK &&
            count == 1 && newest.id == twin.id);
}

/* One that failed to be written and now comes again is the same one, unless it is still to be answered where it
 * came: then the person has written twice. */
static void forget_unwritten(struct inbounds *inbounds, const struct heard *heard)
{
    for (struct heard **at = &inbounds->unwritten; *at != NULL;) {
        struct heard *old = *at;
        if (!same_digest(old, heard) || carriers_has_link(inbounds->with.carriers, old->link)) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        inbounds->unwritten_count--;
        heard_free(old);
    }
}

/* Remembers an opt-out until its turn is on disk. */
void heard_remember(struct inbounds *inbounds, const struct heard *heard)
{
    if (heard->keyword.verdict != KEYWORD_OPT_OUT || heard->number == 0)
        return;
    struct heard *copy = mem_new(sizeof *copy);
    *copy = *heard;
    copy->carrier = mem_text(heard->carrier);
    copy->source = mem_text(heard->source);
    copy->text = mem_text(heard->text);
    copy->octets = NULL;
    if (heard->octets != NULL) {
        copy->octets = mem_new(heard->part.octets.length + 1);
        memcpy(copy->octets, heard->octets, heard->part.octets.length);
        copy->part.octets.at = copy->octets;
    }
    copy->data = NULL;
    heard_keep_data(copy, octets_of(heard->data, heard->data_length));
    copy->next = inbounds->turn;
    inbounds->turn = copy;
}

static void text_heard(struct inbounds *inbounds, struct heard *heard)
{
    if (heard->piece.mark.total > 0) {
        forget_unwritten(inbounds, heard);
        part_heard(inbounds, heard);
    } else if (is_redelivered(inbounds, heard)) {
        inbounds->counts.redelivered++;
        log_info("inbound redelivered carrier=%s: answered, no effect", heard->carrier);
    } else {
        forget_unwritten(inbounds, heard);
        heard_remember(inbounds, heard);
        act(inbounds, heard);
    }
    answer_in_time(inbounds, heard);
}

/* True: it was a receipt and nothing else. */
static bool receipt_heard(struct inbounds *inbounds, struct carrier *carrier, int64_t link,
                          const struct pdu *pdu, struct octets data)
{
    const struct config_carrier *config = carriers_config(inbounds->with.carriers, carrier_name(carrier));
    struct receipt_profile profile = {.by_text = config->receipt_by_text,
                                      .text_first = config->receipt_text_first};
    struct receipt receipt;
    struct receipt_source source = {.esm_class = pdu->esm_class,
                                    .data_coding = pdu->data_coding,
                                    .zero = carrier_zero(carrier),
                                    .text = data,
                                    .heard_at = clock_wall_ms()};
    pdu_tlv(pdu, TLV_receipted_message_id, &source.id);
    pdu_tlv(pdu, TLV_message_state, &source.state);
    pdu_tlv(pdu, TLV_network_error_code, &source.error);
    receipt_read(&source, &profile, loop_region(inbounds->with.loop), &receipt);
    if (receipt.kind == RECEIPT_NOT)
        return false;
    struct receipt_people people = {0};
    const char *country = carrier_country(carrier);
    number_of_smpp(pdu->source_addr_ton, pdu->source_addr, country, &people.source);
    number_of_smpp(pdu->dest_addr_ton, pdu->destination_addr, country, &people.destination);
    if (receipt.kind == RECEIPT_PERHAPS &&
        !receipts_heard_perhaps(inbounds->with.receipts, carrier_name(carrier), &receipt, &people,
                                source.heard_at))
        return false;
    if (receipt.kind == RECEIPT_SURE)
        receipts_heard(inbounds->with.receipts, carrier_name(carrier), &receipt, &people, data,
                       source.heard_at);
    /* Marked as a receipt, but nothing in it is one: a lost STOP is worse than a needless look. */
    if (!receipt.has_facts &&
        keyword_classify(heard_words(inbounds, carrier, pdu, data).words).verdict == KEYWORD_OPT_OUT)
        return false;
    struct pdu header = {.command_id = pdu->command_id, .sequence_number = pdu->sequence_number};
    carrier_answer(inbounds->with.carriers, link, &header, ESME_ROK);
    return true;
}

void inbounds_heard(void *owner, struct carrier *carrier, struct session *session, int64_t link,
                    const struct pdu *pdu)
{
    struct inbounds *inbounds = owner;
    struct octets data = heard_octets(pdu);
    if (!receipt_heard(inbounds, carrier, link, pdu, data))
        text_heard(inbounds, heard_new(inbounds, carrier, session, link, pdu, data));
}

/* Its octets are kept as they came, in hexadecimal, for somebody to look at (F120). */
static void keep_octets(struct inbounds *inbounds, struct carrier *carrier, int64_t link,
                        struct octets frame)
{
    int64_t now_ms = clock_wall_ms();
    char *hex = region_get(loop_region(inbounds->with.loop), 2 * frame.length + 1);
    octets_to_hex(frame, hex);
    struct inbound row = {.id = store_next_id(inbounds->with.store, now_ms),
                          .tail = random_bits(62),
                          .at = now_ms,
                          .carrier = carrier_name(carrier),
                          .source = "",
                          .sender = "",
                          .text = hex,
                          .verdict = keyword_verdict_name(KEYWORD_NONE),
                          .rule = "-",
                          .effect = "kept: the PDU can't be decoded, its octets are the text",
                          .session = link};
    digest_sha256(frame, row.digest);
    store_inbound_put(inbounds->with.store, &row);
    inbounds->counts.unreadable++;
    log_error("inbound that can't be decoded carrier=%s: look at it in GET /v1/inbound",
              row.carrier);
}

/* The STOP that is in it, if there is one: the text as it is counted, all that is behind the fields, or a payload
 * that ends too early. */
static bool find_stop(struct inbounds *inbounds, const struct carrier *carrier,
                      struct octets frame, struct pdu *pdu, struct octets *data)
{
    if (!pdu_salvage(frame, pdu))
        return false;
    struct octets rest = pdu->tlv_octets;
    size_t head = pdu->command_id == SMPP_deliver_sm ? pdu->short_message.length : 0;
    struct octets all = octets_of(rest.at - head, rest.length + head);
    struct octets payload = octets_of(rest.at, 0);
    if (rest.length > 4 && rest.at[0] == TLV_message_payload >> 8 &&
        rest.at[1] == (TLV_message_payload & 0xFF)) {
        size_t length = (size_t)(rest.at[2] << 8 | rest.at[3]);
        payload = octets_of(rest.at + 4, length < rest.length - 4 ? length : rest.length - 4);
    }
    const struct octets tries[] = {pdu->short_message, payload, all};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        *data = tries[i];
        struct octets words = heard_words(inbounds, carrier, pdu, *data).words;
        if (keyword_classify(words).verdict == KEYWORD_OPT_OUT)
            return true;
    }
    return false;
}

void inbounds_unreadable(void *owner, struct carrier *carrier, struct session *session,
                         int64_t link, const struct pdu *header, struct octets frame)
{
    struct inbounds *inbounds = owner;
    struct pdu pdu;
    struct octets data;
    keep_octets(inbounds, carrier, link, frame);
    if (!find_stop(inbounds, carrier, frame, &pdu, &data)) {
        carrier_answer(inbounds->with.carriers, link, header, ESME_ROK);
        return;
    }
    struct heard *heard = heard_new(inbounds, carrier, session, link, &pdu, data);
    heard->piece.mark.total = 0; /* what can't be decoded is joined to nothing */
    text_heard(inbounds, heard);
}

/* ---- turns ---- */

static void retry_rings(void *owner)
{
    struct inbounds *inbounds = owner;
    struct heard *list = inbounds->unwritten;
    inbounds->unwritten = NULL;
    inbounds->unwritten_count = 0;
    while (list != NULL) {
        struct heard *heard = list;
        list = heard->next;
        if (heard->piece.mark.total > 0) {
            part_heard(inbounds, heard);
        } else {
            heard_remember(inbounds, heard);
            act(inbounds, heard);
        }
        answer_in_time(inbounds, heard);
    }
}

void inbounds_turn(void *owner)
{
    struct inbounds *inbounds = owner;
    if (inbounds->waiting != NULL)
        answer_waiting(inbounds);
}

void inbounds_committed(struct inbounds *inbounds)
{
    heards_free(&inbounds->turn);
}

/* Its response is open, and it will be tried again: one of the two is enough. */
static void forget_waiting(struct inbounds *inbounds, const struct heard *heard)
{
    for (struct heard **at = &inbounds->waiting; *at != NULL; at = &(*at)->next) {
        struct heard *open = *at;
        if (open->link != heard->link || open->sequence_number != heard->sequence_number)
            continue;
        *at = open->next;
        heard_free(open);
        return;
    }
}

/* It is answered with the status that makes it come again: so it isn't answered any more, and is forgotten
 * when it does. */
static void let_go(struct inbounds *inbounds, struct heard *heard)
{
    const struct config_carrier *config = carriers_config(inbounds->with.carriers, heard->carrier);
    if (config != NULL && config->later_status[0] != '\0')
        heard->link = 0;
}

void inbounds_rolled_back(struct inbounds *inbounds)
{
    while (inbounds->turn != NULL) {
        struct heard *heard = inbounds->turn;
        inbounds->turn = heard->next;
        forget_waiting(inbounds, heard);
        let_go(inbounds, heard);
        if (inbounds->unwritten_count >= UNWRITTEN_MOST) {
            heard_free(heard); /* the number stays barred; its carrier was not answered */
            continue;
        }
        heard->next = inbounds->unwritten;
        inbounds->unwritten = heard;
        inbounds->unwritten_count++;
    }
    if (inbounds->unwritten != NULL)
        timer_set(inbounds->with.loop, &inbounds->retry, RETRY_MS, retry_rings, inbounds);
}
