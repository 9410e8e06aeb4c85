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
#include "outbound/notify.h"
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
#define ANSWERS_AN_HOUR 5 /* to one handset in one program, but for the one confirmation of a STOP */
#define HOUR_MS         3600000
#define NOT_TO_MACHINES "not answered: it comes from a sender of ours, or is the sixth within an hour"
#define OVERDUE_MS     10000 /* between looks for reviews, and waits for parts, whose time is over */
#define CLOCK_STEP_MS  2000  /* smaller steps of a clock are followed at once, and no setting */
#define NEXT_MS        20    /* to the next slice of those */
#define TON_UNKNOWN    0

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

/* ---- reading the PDU ---- */

/* short_message or message_payload: the payload if the other is empty or shorter (F210). */
static struct octets user_data(const struct pdu *pdu)
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

static struct reading read_words(struct inbounds *inbounds, const struct carrier *carrier,
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

/* What grows piece by piece, and is moved seldom: a text may have 255 of them. */
struct sum {
    struct region *region;
    uint8_t *at;
    size_t length, room;
};

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

static void data_keep(struct heard *heard, struct octets octets)
{
    free(heard->data);
    heard->data = NULL;
    heard->data_length = octets.length;
    if (octets.length == 0)
        return;
    heard->data = mem_new(octets.length);
    memcpy(heard->data, octets.at, octets.length);
}

/* Without the blanks around it. */
static struct octets trimmed(struct octets text)
{
    while (text.length > 0 && text.at[0] == ' ')
        text = octets_of(text.at + 1, text.length - 1);
    while (text.length > 0 && text.at[text.length - 1] == ' ')
        text.length--;
    return text;
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

static struct heard *heard_new(struct inbounds *inbounds, struct carrier *carrier,
                               struct session *session, int64_t link, const struct pdu *pdu,
                               struct octets data)
{
    struct heard *heard = mem_new(sizeof *heard);
    const char *country = carrier_country(carrier);
    struct reading reading = read_words(inbounds, carrier, pdu, data);
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
        data_keep(heard, reading.octets);
    heard->at = clock_wall_ms();
    heard->parts_wait_ms = carrier_parts_wait_ms(carrier);
    piece_read(pdu, data, session, &heard->piece);
    heard->is_for_person = reading.is_for_person && !heard->piece.has_ports;
    heard->keyword = keyword_of(reading.words, heard->is_for_person);
    digest_of(pdu, data, &heard->piece, heard->digest);
    if (heard->piece.mark.total > 0)
        part_keep(heard, pdu, data);
    struct octets source = trimmed(pdu->source_addr), destination = trimmed(pdu->destination_addr);
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
    data_keep(heard, is_data ? sum_octets(&data) : octets_of(NULL, 0));
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

/* ---- acting on it ---- */

static const char *row_id(struct inbounds *inbounds, const struct inbound *row)
{
    char id[MESSAGE_ID_SIZE];
    message_id_write(row->id, row->tail, id);
    return region_text(loop_region(inbounds->with.loop), octets_text(id));
}

/* Who writes that isn't who consented (R113). */
bool heard_is_wrong_number(const struct heard *heard)
{
    return strstr(heard->keyword.rule, "wrong-number") != NULL;
}

/* What the text ends if it is a STOP. */
struct revocation inbound_revocation(struct inbounds *inbounds, const struct heard *heard,
                                     const struct program *program, const struct inbound *row)
{
    struct revocation revocation = {.number = heard->number,
                                    .is_all = heard->keyword.is_stop_all,
                                    .written_to = program == NULL ? "" : program->config->name,
                                    .how = heard_is_wrong_number(heard)
                                               ? "said that it is a wrong number"
                                               : "texted STOP",
                                    .channel = "sms",
                                    .carrier = row->carrier,
                                    .rule = heard->keyword.rule,
                                    .inbound = row->id,
                                    .inbound_id = row_id(inbounds, row),
                                    .text = heard->text};
    revocation_aim(inbounds->with.consents, &revocation, program);
    return revocation;
}

/* Two programs of ours must not talk to each other. A number that somebody registered is a person's all the same. */
static bool is_our_own(struct inbounds *inbounds, uint64_t number)
{
    struct consent row;
    size_t count = 0;
    char sender[NUMBER_TEXT_SIZE];
    number_write(number, sender);
    return programs_find_sender(inbounds->with.programs, sender) != NULL &&
           store_consents_of(inbounds->with.store, number, loop_region(inbounds->with.loop), &row, 1,
                             &count) == STORE_OK &&
           count == 0;
}

/* So START won't bring back a consent that somebody else gave. */
static void make_void(struct inbounds *inbounds, const struct heard *heard,
                      const struct inbound *row)
{
    struct suppressed suppressed;
    struct suppression suppression = {.number = heard->number,
                                      .kind = SUPPRESSION_WRONG_NUMBER,
                                      .date = "",
                                      .answer = "",
                                      .queried_at = "",
                                      .note = "",
                                      .account = "",
                                      .carrier = row->carrier,
                                      .rule = heard->keyword.rule};
    consent_suppress(inbounds->with.consents, &suppression, heard->at, &suppressed);
}

static void opt_out(struct inbounds *inbounds, const struct heard *heard,
                    const struct program *program, struct inbound *row)
{
    struct revocation revocation = inbound_revocation(inbounds, heard, program, row);
    struct revoked revoked;
    consent_revoke(inbounds->with.consents, &revocation, heard->at, &revoked);
    if (heard_is_wrong_number(heard))
        make_void(inbounds, heard, row);
    inbounds->counts.opt_outs++;
    row->ledger_seq = revoked.seq;
    bool network_confirms = heard->keyword.is_bare_stop &&
                            programs_network_confirms(inbounds->with.programs, heard->sender);
    bool is_own = is_our_own(inbounds, heard->number);
    if (heard->is_again)
        return; /* a part of it has said so, and was answered */
    bool is_late = heard->at - row->at > STOP_REPLY_TERM_MS;
    row->effect = revoked.was_out    ? "opted out before: recorded, not answered"
                  : is_own           ? "opted out; a sender of ours is not answered"
                  : network_confirms ? "opted out; the network confirms it"
                  : program == NULL  ? "opted out of every program on this carrier; no program owns "
                                       "the address, so nothing answers"
                  : is_late          ? "opted out; not confirmed, more than five minutes later"
                                     : "opted out, confirmed";
    if (!revoked.was_out && !is_own && !network_confirms && program != NULL && !is_late)
        reply_stop(inbounds->with.replies, program, row, heard->keyword.language, heard->at);
}

/* An answering machine at the other end must not keep us talking. What can't be read isn't answered. A text in
 * parts stands in the table already: what counts are those before it. */
static bool is_machine(struct inbounds *inbounds, const struct inbound *row)
{
    struct inbound earlier[ANSWERS_AN_HOUR];
    size_t count = 0;
    return is_our_own(inbounds, row->number) ||
           store_inbound_list(inbounds->with.store, row->number, row->program, row->id,
                              loop_region(inbounds->with.loop), earlier, ANSWERS_AN_HOUR,
                              &count) != STORE_OK ||
           (count == ANSWERS_AN_HOUR && earlier[count - 1].at > row->at - HOUR_MS);
}

static void opt_in(struct inbounds *inbounds, const struct heard *heard,
                   const struct program *program, struct inbound *row)
{
    struct restarted restarted;
    struct restart restart = {.number = heard->number,
                              .program = program,
                              .carrier = row->carrier,
                              .rule = heard->keyword.rule,
                              .language = heard->keyword.language,
                              .inbound_id = row_id(inbounds, row),
                              .text = heard->text,
                              .is_answer = heard->is_answer};
    consent_restart(inbounds->with.consents, &restart, heard->at, &restarted);
    inbounds->counts.opt_ins++;
    row->ledger_seq = restarted.seq;
    if (restarted.wants_confirmation) {
        row->effect = restarted.standing.state == STANDING_OPTED_IN
                          ? "opted in"
                          : "opted in, and is asked for a YES";
        reply_confirmation(inbounds->with.replies, program, heard->number, heard->sender,
                           restarted.seq, 0, heard->at, NULL);
        return;
    }
    bool is_in = restarted.standing.state == STANDING_OPTED_IN;
    row->effect = is_in ? "was opted in already"
                        : "not opted in: there is no opt-in on record that it could restore";
    if (is_machine(inbounds, row))
        row->effect = NOT_TO_MACHINES;
    else
        reply_start(inbounds->with.replies, program, row, is_in, heard->keyword.language, heard->at);
}

static void review(struct inbounds *inbounds, const struct heard *heard,
                   const struct program *program, struct inbound *row)
{
    int64_t due_at = 0;
    char due[TIME_TEXT_SIZE];
    struct revocation revocation = inbound_revocation(inbounds, heard, program, row);
    switch (review_open(inbounds->with.consents, &revocation, program, heard->at, &row->ledger_seq,
                        &due_at)) {
    case REVIEW_OPENED:
        inbounds->counts.reviews++;
        time_write(due_at, due);
        row->effect = region_format(loop_region(inbounds->with.loop),
                                    "may have meant STOP: marketing is held until somebody has read "
                                    "it; without that it counts as one on %s", due);
        return;
    case REVIEW_JOINED:
        row->effect = "may have meant STOP, like one before it: marketing is held for that";
        return;
    case REVIEW_NEEDLESS:
        row->effect = "may have meant STOP, and the person is out already";
        return;
    }
}

static void help(struct inbounds *inbounds, const struct heard *heard,
                 const struct program *program, struct inbound *row)
{
    struct standing standing;
    inbounds->counts.helps++;
    if (is_machine(inbounds, row)) {
        row->effect = NOT_TO_MACHINES;
        return;
    }
    if (programs_network_confirms(inbounds->with.programs, row->sender) &&
        (!consent_standing(inbounds->with.consents, program, row->number, heard->at, &standing) ||
         standing.state == STANDING_OPTED_OUT)) {
        row->effect = "not answered: where the network blocks, somebody who is out gets no HELP";
        return;
    }
    row->effect = "answered with the help text";
    reply_help(inbounds->with.replies, program, row, heard->keyword.language, heard->at);
}

/* A yes counts while its question is open. */
void inbound_answer_read(struct inbounds *inbounds, struct heard *heard,
                         const struct program *program)
{
    heard->is_answer = heard->keyword.verdict == KEYWORD_NONE && heard->number != 0 &&
                       program != NULL && keyword_is_yes(octets_text(heard->text)) &&
                       consent_is_asked(inbounds->with.consents, program, heard->number, heard->at);
    if (!heard->is_answer)
        return;
    heard->keyword.verdict = KEYWORD_OPT_IN;
    heard->keyword.rule = "answer:YES";
}

/* What the classifier makes anything of is none, nor is the answer to a question. */
static const struct own_keyword *own_keyword_of(const struct heard *heard, const struct program *program)
{
    if (program == NULL || heard->number == 0 || !heard->is_for_person ||
        heard->keyword.verdict != KEYWORD_NONE)
        return NULL;
    return own_keyword_find(&program->own_keywords, octets_text(heard->text));
}

/* The gate says whether the answer may leave. What it would refuse for good is not offered, since a person's question is
 * no attempt of ours to send. */
static void own_keyword(struct inbounds *inbounds, const struct own_keyword *keyword,
                        const struct program *program, struct inbound *row)
{
    struct standing standing;
    struct region *region = loop_region(inbounds->with.loop);
    inbounds->counts.keywords++;
    row->verdict = KEYWORD_OWN_WORD;
    row->rule = region_format(region, "own:%s", keyword->name);
    if (is_machine(inbounds, row))
        row->effect = NOT_TO_MACHINES;
    else if (!config_list_has(&program->config->countries, number_country(row->number)))
        row->effect = "not answered: the program doesn't send to that country";
    else if (!consent_standing(inbounds->with.consents, program, row->number, row->at, &standing))
        row->effect = "not answered: the consent can't be read";
    else if (!standing_is_answered(standing.state, keyword))
        row->effect = region_format(region, "not answered: the person is %s", standing_word(standing.state));
    else {
        row->effect = "answered as the keyword says";
        reply_keyword(inbounds->with.replies, program, row, keyword, row->at);
    }
}

struct inbound inbound_row(struct inbounds *inbounds, const struct heard *heard,
                           const struct program *program)
{
    char head[DIGEST_HEX_SIZE];
    struct inbound row = {.id = store_next_id(inbounds->with.store, heard->at),
                          .tail = random_bits(62),
                          .at = heard->at,
                          .carrier = heard->carrier,
                          .source = heard->source,
                          .number = heard->number,
                          .sender = heard->sender,
                          .program = program == NULL ? 0 : program->id,
                          .text = heard->text,
                          .verdict = keyword_verdict_name(heard->keyword.verdict),
                          .rule = heard->keyword.rule,
                          .effect = "handed on",
                          .heard_seq = ledger_head(inbounds->with.ledger, head),
                          .session = heard->link,
                          .has_ports = heard->piece.has_ports,
                          .destination_port = heard->piece.destination_port,
                          .source_port = heard->piece.source_port};
    memcpy(row.digest, heard->digest, sizeof row.digest);
    return row;
}

void inbound_act(struct inbounds *inbounds, struct heard *heard, const struct program *program,
                 struct inbound *row)
{
    if (heard->number == 0) {
        row->effect = "kept: its source is no number that can be made E.164";
        inbounds->counts.unreadable++;
        log_error("inbound from a source that can't be made E.164 carrier=%s verdict=%s: "
                  "look at it in GET /v1/inbound", row->carrier, row->verdict);
    } else if (heard->keyword.verdict == KEYWORD_OPT_OUT) {
        opt_out(inbounds, heard, program, row);
    } else if (heard->keyword.verdict == KEYWORD_REVIEW) {
        review(inbounds, heard, program, row);
    } else if (program == NULL) {
        row->effect = "kept: no program owns the address that it was sent to";
    } else if (heard->keyword.verdict == KEYWORD_OPT_IN) {
        opt_in(inbounds, heard, program, row);
    } else if (heard->keyword.verdict == KEYWORD_HELP) {
        help(inbounds, heard, program, row);
    } else if (own_keyword_of(heard, program) != NULL) {
        own_keyword(inbounds, own_keyword_of(heard, program), program, row);
    }
}

void inbound_hand_on(struct inbounds *inbounds, const struct heard *heard, const struct inbound *row,
                     const struct program *program)
{
    const struct inbound_data data = {heard->data_coding, octets_of(heard->data, heard->data_length)};
    if (heard->data != NULL)
        store_inbound_data_put(inbounds->with.store, row->id, &data);
    if (program != NULL && row->number != 0)
        pool_keep(inbounds->with.pool, program, row->number, row->sender);
    notify_inbound(inbounds->with.notify, row, program == NULL ? NULL : program->config->name);
    inbounds->counts.texts++;
    char id[MESSAGE_ID_SIZE], number[LOG_NUMBER_SIZE];
    message_id_write(row->id, row->tail, id);
    log_info("inbound msg=%s from=%s to=%s carrier=%s verdict=%s rule=%s lists=%s effect=\"%s\"",
             id, log_number(row->number, number), row->sender, row->carrier, row->verdict, row->rule,
             KEYWORD_LISTS_VERSION, row->effect);
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
    data_keep(copy, octets_of(heard->data, heard->data_length));
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
    struct octets words = read_words(inbounds, carrier, pdu, data).words;
    if (!receipt.has_facts && keyword_classify(words).verdict == KEYWORD_OPT_OUT)
        return false;
    struct pdu header = {.command_id = pdu->command_id, .sequence_number = pdu->sequence_number};
    carrier_answer(inbounds->with.carriers, link, &header, ESME_ROK);
    return true;
}

void inbounds_heard(void *owner, struct carrier *carrier, struct session *session, int64_t link,
                    const struct pdu *pdu)
{
    struct inbounds *inbounds = owner;
    struct octets data = user_data(pdu);
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
        struct octets words = read_words(inbounds, carrier, pdu, *data).words;
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
