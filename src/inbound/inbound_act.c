/* What a text asks for is done, and its row says what came of it. */
#include <stdlib.h>

#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/consent.h"
#include "consent/ledger.h"
#include "consent/number.h"
#include "consent/own_keyword.h"
#include "consent/program.h"
#include "consent/review.h"
#include "consent/suppression.h"
#include "inbound/reply.h"
#include "inbound_parts.h"
#include "notify/notify.h"
#include "outbound/pool.h"

#define ANSWERS_AN_HOUR 5 /* to one handset in one program, but for the one confirmation of a STOP */
#define HOUR_MS         3600000
#define NOT_TO_MACHINES "not answered: it comes from a sender of ours, or is the sixth within an hour"
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
    const struct own_keyword *keyword = own_keyword_of(heard, program);
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
    } else if (keyword != NULL) {
        own_keyword(inbounds, keyword, program, row);
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
