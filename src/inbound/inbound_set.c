/* Texts that come in parts: see docs/long-texts.md. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/ledger.h"
#include "consent/program.h"
#include "inbound_parts.h"

#define SETS_GRACE_MS 60000 /* after a start, for what the carriers kept meanwhile */
#define SETS_SLICE    64    /* of those in one turn */
#define SETS_OF_ONE   16    /* texts of one number that wait (F303) */
#define SETS_MOST     10000 /* and of all */

void inbounds_recover(struct inbounds *inbounds)
{
    store_sets_wait(inbounds->with.store, clock_wall_ms() + SETS_GRACE_MS);
}

/* What a text, or a part of it, asks for beyond what its row says was done: a STOP counts whenever
 * it is found, all else but a doubt only in a text that is whole. */
static bool says_more(const struct inbound *row, const struct heard *heard, bool is_whole)
{
    const struct keyword *keyword = &heard->keyword;
    bool was_out = strcmp(row->verdict, keyword_verdict_name(KEYWORD_OPT_OUT)) == 0;
    bool was_none = strcmp(row->verdict, keyword_verdict_name(KEYWORD_NONE)) == 0;
    switch (keyword->verdict) {
    case KEYWORD_OPT_OUT:
        return !was_out || (strcmp(row->rule, keyword->rule) != 0 &&
                            (keyword->is_stop_all || heard_is_wrong_number(heard)));
    case KEYWORD_REVIEW:
        return was_none;
    case KEYWORD_OPT_IN:
    case KEYWORD_HELP:
        return was_none && is_whole;
    case KEYWORD_NONE:
        break;
    }
    return false;
}

static void act_more(struct inbounds *inbounds, struct heard *heard, const struct program *program,
                     struct inbound *row, bool is_whole)
{
    if (heard->number == 0 || !says_more(row, heard, is_whole))
        return;
    heard->is_again = strcmp(row->verdict, keyword_verdict_name(KEYWORD_OPT_OUT)) == 0;
    row->verdict = keyword_verdict_name(heard->keyword.verdict);
    row->rule = heard->keyword.rule;
    inbound_act(inbounds, heard, program, row);
}

/* Its text leaves as it is now. */
static void set_end(struct inbounds *inbounds, const struct heard *heard, struct inbound_set *set,
                    struct inbound *row, const struct program *program, int64_t now_ms)
{
    bool is_whole = row->parts_came == row->parts;
    row->state = is_whole ? INBOUND_WHOLE : INBOUND_INCOMPLETE;
    inbounds->counts.waiting--;
    inbounds->counts.joined += is_whole;
    inbounds->counts.incomplete += !is_whole;
    if (!is_whole)
        row->effect = region_format(loop_region(inbounds->with.loop),
                                    "%s; incomplete: %d of its %d parts came", row->effect,
                                    row->parts_came, row->parts);
    store_inbound_change(inbounds->with.store, row);
    gather_close(inbounds->with.store, set, now_ms);
    inbound_hand_on(inbounds, heard, row, program);
}

/* What nobody asks anything with is handed on, or says why not. */
static void settle_effect(struct inbounds *inbounds, struct heard *heard,
                          const struct program *program, struct inbound *row)
{
    if (heard->number != 0 && strcmp(row->verdict, keyword_verdict_name(KEYWORD_NONE)) != 0)
        return;
    struct keyword found = heard->keyword;
    row->effect = "handed on";
    if (heard->number == 0) {
        row->verdict = keyword_verdict_name(found.verdict);
        row->rule = found.rule;
    }
    heard->keyword.verdict = KEYWORD_NONE;
    inbound_act(inbounds, heard, program, row);
    heard->keyword = found;
}

/* A set whose time is over, or that has to make room: what came of it is searched and handed on. */
static void set_hand_on(struct inbounds *inbounds, struct inbound_set *set, int64_t now_ms)
{
    struct inbound row;
    struct store *store = inbounds->with.store;
    enum store_result found =
        store_inbound_get(store, set->id, loop_region(inbounds->with.loop), &row);
    if (found == STORE_NONE)
        store_set_drop(store, set->id); /* somebody took its text out of the table */
    if (found != STORE_OK)
        return;
    const struct program *program = programs_find_sender(inbounds->with.programs, row.sender);
    struct heard *heard = mem_new(sizeof *heard);
    heard->carrier = mem_text(row.carrier);
    heard->source = mem_text(row.source);
    heard->number = row.number;
    heard->at = now_ms;
    octets_copy_text(octets_text(row.sender), heard->sender, sizeof heard->sender);
    if (heard_read_set(inbounds, set, heard, &row)) {
        act_more(inbounds, heard, program, &row, false);
        settle_effect(inbounds, heard, program, &row);
        set_end(inbounds, heard, set, &row, program, now_ms);
    }
    heard_free(heard);
}

/* True: there are more of them. */
bool sets_overdue(struct inbounds *inbounds, int64_t now_ms)
{
    struct store *store = inbounds->with.store;
    struct region *region = loop_region(inbounds->with.loop);
    struct inbound_set *sets = region_get(region, SETS_SLICE * sizeof *sets);
    size_t due = 0, known = 0;
    store_sets_due(store, true, now_ms, region, sets, SETS_SLICE, &due);
    for (size_t i = 0; i < due; i++)
        set_hand_on(inbounds, &sets[i], now_ms);
    store_sets_due(store, false, now_ms, region, sets, SETS_SLICE, &known);
    for (size_t i = 0; i < known; i++)
        store_set_drop(store, sets[i].id);
    store_sets_open(store, &inbounds->counts.waiting);
    return (due == SETS_SLICE || known == SETS_SLICE) && !store_is_broken(store);
}

static struct inbound_set set_of(const struct heard *heard)
{
    return (struct inbound_set){.carrier = heard->carrier,
                                .number = heard->number,
                                .source = heard->number == 0 ? heard->source : "",
                                .sender = heard->sender,
                                .kind = (int)heard->piece.kind,
                                .reference = heard->piece.mark.reference,
                                .parts = heard->piece.mark.total,
                                .is_open = true};
}

/* The oldest go first, and none is lost (F303). */
static void sets_make_room(struct inbounds *inbounds, const struct heard *heard)
{
    size_t count = 0;
    struct store *store = inbounds->with.store;
    struct region *region = loop_region(inbounds->with.loop);
    struct inbound_set like = set_of(heard), sets[SETS_OF_ONE];
    if (store_sets_of(store, &like, region, sets, SETS_OF_ONE, &count) == STORE_OK &&
        count == SETS_OF_ONE)
        set_hand_on(inbounds, &sets[0], heard->at);
    if (inbounds->counts.waiting++ >= SETS_MOST &&
        store_sets_due(store, true, INT64_MAX, region, sets, 1, &count) == STORE_OK && count == 1)
        set_hand_on(inbounds, &sets[0], heard->at);
}

/* Its row is there at once: what a part says may change a consent, and that names the text. */
static void set_begin(struct inbounds *inbounds, const struct heard *heard,
                      const struct program *program, struct inbound_set *set, struct inbound *row)
{
    sets_make_room(inbounds, heard);
    *row = inbound_row(inbounds, heard, program);
    memset(row->digest, 0, sizeof row->digest);
    row->verdict = keyword_verdict_name(KEYWORD_NONE);
    row->rule = "-";
    row->effect = "waits for its other parts";
    row->state = INBOUND_WAITING;
    row->parts = heard->piece.mark.total;
    *set = set_of(heard);
    set->id = row->id;
    store_inbound_put(inbounds->with.store, row);
}

static void log_waiting(const struct heard *heard, const struct inbound *row)
{
    char id[MESSAGE_ID_SIZE];
    message_id_write(row->id, row->tail, id);
    log_info("inbound msg=%s part=%d of=%d carrier=%s verdict=%s effect=\"%s\"", id,
             heard->part.part, row->parts, row->carrier, row->verdict, row->effect);
}

/* What the part says, and then what it makes of the text. The time of a text is that of its last
 * part, but for a STOP's, from which the time of its confirmation counts. */
static void set_join(struct inbounds *inbounds, struct heard *heard, struct inbound_set *set,
                     struct inbound *row, const struct program *program)
{
    char head[DIGEST_HEX_SIZE];
    struct keyword of_part = heard->keyword;
    heard->part.inbound = set->id;
    store_in_part_put(inbounds->with.store, &heard->part);
    set->due_at = heard->at + heard->parts_wait_ms;
    store_set_put(inbounds->with.store, set);
    if (strcmp(row->verdict, keyword_verdict_name(KEYWORD_OPT_OUT)) != 0) {
        row->at = heard->at;
        row->heard_seq = ledger_head(inbounds->with.ledger, head);
    }
    if (heard->piece.has_ports) {
        row->has_ports = true;
        row->destination_port = heard->piece.destination_port;
        row->source_port = heard->piece.source_port;
    }
    act_more(inbounds, heard, program, row, false);
    if (!heard_read_set(inbounds, set, heard, row)) {
        store_abandon(inbounds->with.store);
        return;
    }
    if (row->parts_came == row->parts) {
        inbound_answer_read(inbounds, heard, program);
        act_more(inbounds, heard, program, row, true);
        settle_effect(inbounds, heard, program, row);
        set_end(inbounds, heard, set, row, program, heard->at);
    } else {
        if (heard->keyword.verdict == KEYWORD_OPT_OUT) /* so far: it needn't wait for the rest */
            act_more(inbounds, heard, program, row, false);
        store_inbound_change(inbounds->with.store, row);
        log_waiting(heard, row);
    }
    if (of_part.verdict == KEYWORD_OPT_OUT)
        heard->keyword = of_part;
}

/* It is handed on by itself, and known if it comes again. */
static void late_heard(struct inbounds *inbounds, struct heard *heard,
                       const struct program *program, const struct inbound_set *set)
{
    struct inbound row = inbound_row(inbounds, heard, program);
    heard->is_for_person = false;
    row.verdict = keyword_verdict_name(KEYWORD_NONE);
    row.rule = "-";
    row.state = INBOUND_LATE_PART;
    row.parts = set->parts;
    row.parts_came = 1;
    act_more(inbounds, heard, program, &row, false);
    settle_effect(inbounds, heard, program, &row);
    row.effect = region_format(loop_region(inbounds->with.loop),
                               "%s; part %d of %d, after the others were handed on", row.effect,
                               heard->part.part, set->parts);
    struct inbound_part mark = heard->part;
    mark.inbound = set->id;
    mark.octets = octets_of("", 0);
    store_in_part_put(inbounds->with.store, &mark);
    store_inbound_put(inbounds->with.store, &row);
    inbound_hand_on(inbounds, heard, &row, program);
}

/* Whether the same part as `place` has is that one again. One with a STOP counts once more if the
 * person has come back meanwhile: a lost STOP is worse than a needless one. */
static bool is_seen(struct inbounds *inbounds, const struct heard *heard,
                    const struct program *program, const struct gather_place *place)
{
    struct inbound row;
    const char *out = keyword_verdict_name(KEYWORD_OPT_OUT);
    if (store_inbound_get(inbounds->with.store, place->set.id, loop_region(inbounds->with.loop),
                          &row) != STORE_OK ||
        (place->is_late &&
         !inbound_may_be_unanswered(inbounds, place->twin.session, place->twin.at)))
        return false;
    if (heard->number == 0 ||
        (heard->keyword.verdict != KEYWORD_OPT_OUT && strcmp(row.verdict, out) != 0))
        return true;
    struct revocation revocation = inbound_revocation(inbounds, heard, program, &row);
    return consent_is_out_of_all(inbounds->with.consents, &revocation);
}

static void part_join(struct inbounds *inbounds, struct heard *heard, struct gather_place *place)
{
    const struct program *program = programs_find_sender(inbounds->with.programs, heard->sender);
    struct inbound row;
    struct store *store = inbounds->with.store;
    enum gather_fate fate = place->fate;
    if (fate == GATHER_SEEN && is_seen(inbounds, heard, program, place)) {
        inbounds->counts.redelivered++;
        log_info("inbound part=%d/%d redelivered carrier=%s: answered, no effect", heard->part.part,
                 place->set.parts, heard->carrier);
        return;
    }
    if (fate == GATHER_LATE) {
        late_heard(inbounds, heard, program, &place->set);
        return;
    }
    bool joins =
        fate == GATHER_JOINS &&
        store_inbound_get(store, place->set.id, loop_region(inbounds->with.loop), &row) == STORE_OK;
    if (!joins && place->set.is_open)
        set_hand_on(inbounds, &place->set, heard->at);
    if (!joins)
        set_begin(inbounds, heard, program, &place->set, &row);
    set_join(inbounds, heard, &place->set, &row, program);
}

void part_heard(struct inbounds *inbounds, struct heard *heard)
{
    struct gather_place place;
    struct inbound_set like = set_of(heard);
    gather_find(inbounds->with.store, loop_region(inbounds->with.loop), &like, &heard->part,
                heard->parts_wait_ms, heard->at, &place);
    if (place.fate == GATHER_UNREADABLE)
        store_abandon(inbounds->with.store); /* not answered: it comes again */
    else
        part_join(inbounds, heard, &place);
    heard_remember(inbounds, heard);
}
