/* One carrier: orders, room, throughput, and the way out for a message. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "base/tls.h"
#include "carrier_parts.h"
#include "consent/gate.h"
#include "outbound/fate.h"
#include "outbound/flight.h"
#include "outbound/tlv_map.h"
#include "outbound/wire.h"
#include "smpp/cargo.h"

#define PACE_MS 1000 /* between steps back to the full rate */

/* ---- its life ---- */

struct carrier *carrier_new(struct carriers *carriers)
{
    struct carrier *carrier = mem_new(sizeof *carrier);
    carrier->carriers = carriers;
    carrier->bins = bins_new();
    bucket_init(&carrier->tokens, 0, clock_mono_ms());
    return carrier;
}

void carrier_free(struct carrier *carrier)
{
    timer_clear(carrier->carriers->loop, &carrier->tokens_due);
    timer_clear(carrier->carriers->loop, &carrier->pace_due);
    while (carrier->bind_count > 0)
        bind_free(carrier->binds[--carrier->bind_count]);
    free(carrier->binds);
    bins_free(carrier->bins);
    tls_close(carrier->tls);
    config_carrier_free(carrier->config);
    free(carrier);
}

size_t carrier_binds_wanted(const struct carrier *carrier)
{
    size_t sessions = carrier->is_split ? 2 : 1;
    return carrier->order == CARRIER_REMOVED ? 0 : sessions * (size_t)carrier->config->binds;
}

/* Those that are missing are made; each then comes, stays or leaves. */
static void carrier_arrange(struct carrier *carrier)
{
    size_t wanted = carrier_binds_wanted(carrier);
    if (wanted > carrier->bind_count)
        carrier->binds = mem_grow(carrier->binds, wanted * sizeof(struct bind *));
    while (carrier->bind_count < wanted) {
        carrier->binds[carrier->bind_count] = bind_new(carrier, (unsigned)carrier->bind_count + 1);
        carrier->bind_count++;
    }
    for (size_t k = 0; k < carrier->bind_count; k++)
        bind_arrange(carrier->binds[k]);
}

/* Certificates may be others under the same name: the handshakes to come are made by what was read now. */
static void carrier_take(struct carrier *carrier, const struct config_carrier *config,
                         struct tls *tls)
{
    bool is_paced_alike = carrier->config != NULL && carrier->config->throttle == config->throttle &&
                          carrier->pace.agreed >= config->throughput &&
                          carrier->pace.agreed <= config->throughput;
    config_carrier_free(carrier->config);
    carrier->config = config_carrier_copy(config);
    tls_close(carrier->tls);
    carrier->tls = tls_share(tls);
    if (is_paced_alike)
        return;
    pace_init(&carrier->pace, config->throughput);
    timer_clear(carrier->carriers->loop, &carrier->pace_due);
    bucket_set_rate(&carrier->tokens, config->throughput, clock_mono_ms());
}

void carrier_configure(struct carrier *carrier, const struct config_carrier *config,
                       struct tls *tls)
{
    bool is_new = carrier->config == NULL;
    bool goes_on = !is_new && config_carrier_binds_alike(carrier->config, config);
    carrier_take(carrier, config, tls);
    if (!is_new && !goes_on)
        log_info("carrier has other settings carrier=%s: its binds leave and come back",
                 config->name);
    if (!goes_on) {
        carrier->settings++;
        carrier->is_split = false;
    }
    if (carrier->order == CARRIER_REMOVED)
        carrier_order_move(carrier, CARRIER_RUNS, "the config");
    carrier_arrange(carrier);
}

void carrier_split(struct carrier *carrier)
{
    log_warn("carrier refuses transceivers carrier=%s: each bind becomes a transmitter and a receiver",
             carrier_name(carrier));
    carrier->is_split = true;
    carrier->settings++;
    carrier_arrange(carrier);
}

void carrier_remove(struct carrier *carrier)
{
    if (carrier->order == CARRIER_REMOVED)
        return;
    carrier_order_move(carrier, CARRIER_REMOVED, "the config");
    carrier_arrange(carrier);
}

bool carrier_has_session(const struct carrier *carrier)
{
    for (size_t k = 0; k < carrier->bind_count; k++)
        if (carrier->binds[k]->session != NULL)
            return true;
    return false;
}

const char *carrier_name(const struct carrier *carrier)
{
    return carrier->config->name;
}

int64_t carrier_parts_wait_ms(const struct carrier *carrier)
{
    return carrier->config->parts_wait_ms;
}

const char *carrier_country(const struct carrier *carrier)
{
    return carrier->config->country;
}

enum text_zero carrier_zero(const struct carrier *carrier)
{
    return (enum text_zero)carrier->config->data_coding_0;
}

/* A peer of 3.3 is sent no TLVs (F62). */
enum parts_style carrier_style(const struct carrier *carrier)
{
    enum parts_style style = (enum parts_style)carrier->config->long_messages;
    bool needs_tlvs = style == PARTS_SAR || style == PARTS_PAYLOAD;
    for (size_t i = 0; i < carrier->bind_count && needs_tlvs; i++) {
        const struct session *session = carrier->binds[i]->session;
        if (session != NULL && session_is_bound(session) && session_version(session) < 0x34)
            return PARTS_UDH;
    }
    return style;
}

const struct config_list *carrier_tlvs(const struct carrier *carrier)
{
    return &carrier->config->tlvs;
}

enum receipt_match carrier_id_rule(const struct carrier *carrier)
{
    return carrier->config->message_id != 0 ? (enum receipt_match)carrier->config->message_id
                                            : carrier->id_rule;
}

void carrier_id_fits(struct carrier *carrier, enum receipt_match match)
{
    if (carrier_id_rule(carrier) != RECEIPT_MATCH_NONE || ++carrier->id_fits[match] < ID_LESSONS)
        return;
    carrier->id_rule = match;
    log_warn("carrier writes the ids of receipts another way carrier=%s: set message_id = \"%s\"",
             carrier_name(carrier), receipt_match_text(match));
}

/* ---- room ---- */

/* No submit may leave: the gateway ends, or an operator said so. */
bool carrier_is_mute(const struct carrier *carrier)
{
    return carrier->carriers->is_leaving || carrier->order != CARRIER_RUNS;
}

bool carrier_is_up(const struct carrier *carrier)
{
    for (size_t k = 0; k < carrier->bind_count && !carrier_is_mute(carrier); k++)
        if (carrier->binds[k]->session != NULL &&
            session_may_submit(carrier->binds[k]->session))
            return true;
    return false;
}

static struct bind *roomiest(const struct carrier *carrier, bool is_reply)
{
    struct bind *best = NULL;
    for (size_t k = 0; k < carrier->bind_count; k++) {
        struct bind *bind = carrier->binds[k];
        unsigned room = bind_room(bind, is_reply);
        if (room > 0 && (best == NULL || room > bind_room(best, is_reply)))
            best = bind;
    }
    return best;
}

unsigned carrier_room(const struct carrier *carrier, bool is_reply)
{
    const struct bind *bind = roomiest(carrier, is_reply);
    return bind == NULL ? 0 : bind_room(bind, is_reply);
}

/* The binds that could submit but for their pause decide: the first of them to go on ends it. */
int64_t carrier_pause_ms(const struct carrier *carrier)
{
    int64_t first_ms = INT64_MAX, now_ms = clock_mono_ms();
    for (size_t k = 0; k < carrier->bind_count; k++) {
        const struct bind *bind = carrier->binds[k];
        if (bind->session == NULL || !session_may_submit(bind->session))
            continue;
        if (!timer_is_set(&bind->pause))
            return 0;
        if (bind->pause.due_ms < first_ms)
            first_ms = bind->pause.due_ms;
    }
    if (first_ms == INT64_MAX)
        return 0;
    return first_ms > now_ms ? first_ms - now_ms : 1;
}

int64_t carrier_response_ms(const struct carrier *carrier)
{
    return (int64_t)carrier->config->response_timeout_s * 1000;
}

/* ---- throughput ---- */

int64_t carrier_wait_ms(const struct carrier *carrier, unsigned parts, bool is_reply)
{
    int64_t now_ms = clock_mono_ms();
    return is_reply ? bucket_wait_ahead_ms(&carrier->tokens, now_ms)
                    : bucket_wait_ms(&carrier->tokens, parts, now_ms);
}

static void tokens_are_due(void *owner)
{
    struct carrier *carrier = owner;
    carrier->carriers->events->has_room(carrier->carriers->owner);
}

bool carrier_admits(struct carrier *carrier, unsigned parts, bool is_reply)
{
    struct loop *loop = carrier->carriers->loop;
    struct timer *due = &carrier->tokens_due;
    int64_t wait_ms = carrier_wait_ms(carrier, parts, is_reply);
    if (wait_ms == 0)
        return true;
    if (!is_reply)
        bucket_ask(&carrier->tokens, parts, clock_mono_ms());
    if (!timer_is_set(due) || clock_mono_ms() + wait_ms < due->due_ms)
        timer_set(loop, due, wait_ms, tokens_are_due, carrier);
    return false;
}

static void log_pace(const struct carrier *carrier, const char *what)
{
    log_info("carrier %s carrier=%s rate=%.1f", what, carrier_name(carrier), carrier->pace.rate);
}

static void pace_grows(void *owner)
{
    struct carrier *carrier = owner;
    if (!pace_grow(&carrier->pace))
        return;
    bucket_set_rate(&carrier->tokens, carrier->pace.rate, clock_mono_ms());
    if (pace_is_slowed(&carrier->pace))
        timer_set(carrier->carriers->loop, &carrier->pace_due, PACE_MS, pace_grows, carrier);
    else
        log_pace(carrier, "has its full rate again");
    tokens_are_due(carrier);
}

static unsigned unanswered(const struct carrier *carrier)
{
    unsigned count = 0;
    for (size_t k = 0; k < carrier->bind_count; k++) {
        const struct session *session = carrier->binds[k]->session;
        if (session == NULL || !session_may_submit(session))
            continue;
        unsigned room = session_room(session);
        if (room < (unsigned)carrier->config->window)
            count += (unsigned)carrier->config->window - room;
    }
    return count;
}

void carrier_slow_down(struct carrier *carrier, int64_t pause_ms)
{
    int64_t now_ms = clock_mono_ms();
    carrier->counts.throttled++;
    if (carrier->config->throttle != CONFIG_THROTTLE_ADAPTIVE)
        return;
    timer_set(carrier->carriers->loop, &carrier->pace_due, pause_ms + PACE_MS, pace_grows, carrier);
    if (!pace_throttled(&carrier->pace, unanswered(carrier), now_ms))
        return;
    bucket_set_rate(&carrier->tokens, carrier->pace.rate, now_ms);
    log_pace(carrier, "is slowed down for");
}

double carrier_rate(const struct carrier *carrier)
{
    return carrier->pace.rate;
}

bool carrier_is_slowed(const struct carrier *carrier)
{
    return pace_is_slowed(&carrier->pace);
}

/* ---- what went wrong ---- */

void carrier_note_loss(struct carrier *carrier, const char *why)
{
    carrier->error.at = clock_wall_ms();
    carrier->error.status = 0;
    snprintf(carrier->error.why, sizeof carrier->error.why, "%s", why);
}

void carrier_note_refusal(struct carrier *carrier, uint32_t status)
{
    carrier->error.at = clock_wall_ms();
    carrier->error.status = status;
}

int64_t carrier_last_error(const struct carrier *carrier, char out[CARRIER_ERROR_SIZE])
{
    char text[FATE_TEXT_SIZE];
    fate_text(carrier->config, carrier->error.status, text);
    if (carrier->error.status != 0)
        snprintf(out, CARRIER_ERROR_SIZE, "a submit was refused: %s", text);
    else
        snprintf(out, CARRIER_ERROR_SIZE, "%s", carrier->error.why);
    return carrier->error.at;
}

/* ---- what an operator says ---- */

enum carrier_order carrier_order(const struct carrier *carrier)
{
    return carrier->order;
}

const char *carrier_order_word(enum carrier_order order)
{
    static const char *const words[] = {[CARRIER_RUNS] = "running",
                                        [CARRIER_PAUSED] = "paused",
                                        [CARRIER_DRAINING] = "draining",
                                        [CARRIER_STOPPED] = "stopped",
                                        [CARRIER_REMOVED] = "removed"};
    return words[order];
}

bool carrier_is_kept_away(const struct carrier *carrier)
{
    return carrier->order == CARRIER_DRAINING || carrier->order == CARRIER_STOPPED;
}

void carrier_order_move(struct carrier *carrier, enum carrier_order to, const char *by)
{
    log_info("carrier order carrier=%s %s -> %s by=%s", carrier_name(carrier),
             carrier_order_word(carrier->order), carrier_order_word(to), by);
    carrier->order = to;
}

/* A session that is still leaving is followed by the next when it is gone. */
void carrier_start(struct carrier *carrier, const char *by)
{
    if (carrier->order == CARRIER_RUNS)
        return;
    carrier_order_move(carrier, CARRIER_RUNS, by);
    carrier_arrange(carrier);
    carrier->carriers->events->has_room(carrier->carriers->owner);
}

bool carrier_keep(struct carrier *carrier, enum carrier_order order, const char *by)
{
    must(order != CARRIER_RUNS && order != CARRIER_REMOVED);
    if (order == carrier->order)
        return true;
    if (order != CARRIER_STOPPED && carrier_is_kept_away(carrier))
        return false;
    carrier_order_move(carrier, order, by);
    carrier_arrange(carrier);
    return true;
}

/* ---- submitting ---- */

static void submit_fields(const struct carrier *carrier, const struct message *message,
                          struct submit_texts *texts, struct pdu *pdu)
{
    submit_habits(carrier->config, message, clock_wall_ms(), texts, pdu);
    pdu->command_id = SMPP_submit_sm;
    pdu->data_coding = text_data_coding((enum text_alphabet)message->alphabet);
}

/* What it carries beside its octets. Its TLVs have room behind them for those of the text. */
static struct tlv *cargo_fields(const struct carrier *carrier, const struct bind *bind,
                                const struct cargo *cargo, struct pdu *pdu)
{
    struct region *region = loop_region(carrier->carriers->loop);
    const struct tlv *own = NULL;
    if (cargo->has_coding)
        pdu->data_coding = cargo->data_coding;
    if (session_version(bind->session) >= 0x34) /* F62 */
        pdu->tlv_count = tlv_map_fill(&carrier->config->tlvs, cargo, region, &own);
    struct tlv *tlvs = region_get(region, (pdu->tlv_count + WIRE_TLVS_MOST) * sizeof *tlvs);
    if (pdu->tlv_count > 0)
        memcpy(tlvs, own, pdu->tlv_count * sizeof *tlvs);
    pdu->tlvs = tlvs;
    return tlvs;
}

unsigned carrier_submit(struct carrier *carrier, struct cleared **cleared, unsigned first,
                        unsigned last)
{
    const struct message *message = cleared_message(*cleared);
    bool is_reply = message_is_reply(message->purpose);
    struct bind *bind = roomiest(carrier, is_reply);
    struct submit_texts texts = {.validity = ""};
    struct cargo cargo;
    struct region *region = loop_region(carrier->carriers->loop);
    struct wire wire;
    struct pdu pdu = {0};
    *cleared = NULL;
    if (bind == NULL)
        return 0;
    must(cargo_read(message->cargo, region, &cargo));
    wire_open(&wire, message, &cargo, carrier_zero(carrier), region);
    submit_fields(carrier, message, &texts, &pdu);
    struct tlv *tlvs = cargo_fields(carrier, bind, &cargo, &pdu);
    size_t tlv_count = pdu.tlv_count;
    unsigned room = bind_room(bind, is_reply), taken = 0, number;
    while (taken < room && wire_next(&wire, &pdu, tlvs, &number) && number <= last) {
        if (number >= first &&
            !session_submit(bind->session, &pdu, flight_tag(message->id, (unsigned)message->tries + 1),
                            number))
            break;
        taken += number >= first ? 1 : 0;
        pdu.tlv_count = tlv_count;
    }
    carrier->counts.submitted += taken;
    bucket_spend(&carrier->tokens, wire.is_payload ? taken * (unsigned)message->parts : taken,
                 clock_mono_ms());
    return taken;
}

/* ---- views ---- */

size_t carrier_binds(const struct carrier *carrier)
{
    return carrier->bind_count;
}

void carrier_bind_view(const struct carrier *carrier, size_t i, struct carrier_view *out)
{
    must(i < carrier->bind_count);
    const struct bind *bind = carrier->binds[i];
    bool is_bound = bind->session != NULL && session_is_bound(bind->session);
    unsigned window = (unsigned)carrier->config->window;
    *out = (struct carrier_view){
        .state = bind->session == NULL ? "closed" : session_state_name(session_state(bind->session)),
        .why = bind->why,
        .since = bind->since,
        .window = window,
        .window_used = is_bound ? window - session_room(bind->session) : 0,
        .is_bound = is_bound};
}

const struct carrier_counts *carrier_counts(const struct carrier *carrier)
{
    return &carrier->counts;
}

void carrier_deviations(const struct carrier *carrier, struct deviations *out)
{
    *out = carrier->deviations;
    for (size_t i = 0; i < carrier->bind_count; i++)
        if (carrier->binds[i]->session != NULL)
            deviations_add(out, carrier->binds[i]->session);
}

void carrier_note_outcome(struct carrier *carrier, enum receipt_state state)
{
    must(state <= RECEIPT_STATE_SKIPPED);
    carrier->outcomes[state]++;
}

uint64_t carrier_outcomes(const struct carrier *carrier, enum receipt_state state)
{
    must(state <= RECEIPT_STATE_SKIPPED);
    return carrier->outcomes[state];
}

/* ---- what passed */

void carrier_note_wait(struct carrier *carrier, int64_t wait_ms)
{
    bins_took(carrier->bins, BINS_WAIT, wait_ms);
}

const struct bins *carrier_bins(const struct carrier *carrier)
{
    return carrier->bins;
}

void carrier_close_bin(struct carrier *carrier, struct bins *all, uint64_t figures[BINS_FIGURES], bool ends_coarse)
{
    const struct carrier_counts *now = &carrier->counts, *then = &carrier->binned;
    const uint64_t own[BINS_FIGURES] = {[BINS_SUBMITTED] = now->submitted - then->submitted,
                                        [BINS_ACCEPTED] = now->accepted - then->accepted,
                                        [BINS_REFUSED] = now->refused - then->refused,
                                        [BINS_HEARD] = now->heard - then->heard};
    for (size_t i = 0; i < BINS_FIGURES; i++)
        figures[i] += own[i];
    carrier->binned = carrier->counts;
    bins_gather(all, carrier->bins);
    bins_close(carrier->bins, own, ends_coarse);
}
