#include "outbound/carrier.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "config/secure.h"
#include "consent/gate.h"
#include "consent/number.h"
#include "consent/sender.h"
#include "outbound/bucket.h"
#include "outbound/flight.h"
#include "smpp/parts.h"
#include "store/store.h"

#define RETRY_FIRST_MS    500    /* then doubled, with jitter (F156) */
#define RETRY_MOST_MS     60000  /* F156 */
#define RETRY_BOUND_MS    30000  /* the MC still holds our old session (F151) */
#define RETRY_REFUSED_MS  300000 /* credentials: tries in a row can lock an account (F153) */
#define LIVED_MS          60000  /* a bind that lived so long starts the delays anew (F156) */
#define THROTTLE_PAUSE_MS 1000   /* after ESME_RTHROTTLED (F131) */
#define STOP_MS           5000   /* a stop awaits open submits, as the gateway's end does */

struct bind {
    struct carrier *carrier;
    unsigned number; /* from 1 */
    struct session *session;
    int64_t link; /* of the store; 0: not bound */
    int64_t since, bound_at_ms, retry_ms;
    uint64_t bound_turn;
    bool is_unwritten; /* what it delivered in this turn, or its link, is not on disk */
    char why[240];
    struct timer again, pause;
};

struct carrier {
    struct carriers *carriers;
    const struct config_carrier *config;
    struct tls *tls; /* NULL: plain TCP */
    struct bind *binds;
    size_t bind_count;
    enum carrier_order order;
    struct bucket tokens; /* of its throughput; spent ones don't come back when a turn fails */
    struct timer tokens_due;
    struct carrier_counts counts;
};

struct carriers {
    struct loop *loop;
    struct store *store;
    const struct carrier_events *events;
    void *owner;
    struct carrier *at;
    size_t count;
    bool is_leaving;
    void (*gone)(void *owner);
    void *gone_owner;
};

static void bind_start(void *owner);

/* ---- binds ---- */

static uint32_t bind_command(const struct config_carrier *config)
{
    switch (config->bind) {
    case CONFIG_TRANSMITTER:
        return SMPP_bind_transmitter;
    case CONFIG_RECEIVER:
        return SMPP_bind_receiver;
    case CONFIG_TRANSCEIVER:
        break;
    }
    return SMPP_bind_transceiver;
}

static int64_t retry_wait_ms(struct bind *bind, enum session_reason reason, uint32_t status)
{
    if (reason == SESSION_BIND_REFUSED && status == ESME_RALYBND)
        bind->retry_ms = bind->retry_ms < RETRY_BOUND_MS      ? RETRY_BOUND_MS
                         : bind->retry_ms * 2 > RETRY_REFUSED_MS ? RETRY_REFUSED_MS
                                                                 : bind->retry_ms * 2;
    else if (reason == SESSION_BIND_REFUSED && pdu_status_get(status)->kind == STATUS_BIND)
        bind->retry_ms = RETRY_REFUSED_MS;
    else if (bind->retry_ms == 0)
        bind->retry_ms = RETRY_FIRST_MS;
    else
        bind->retry_ms = bind->retry_ms * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : bind->retry_ms * 2;
    /* Up to a fifth more, so that the binds of one carrier don't come back in step. */
    return bind->retry_ms + random_bits(16) * (bind->retry_ms / 5) / 65536;
}

static bool any_session(const struct carriers *carriers)
{
    for (size_t i = 0; i < carriers->count; i++)
        for (size_t k = 0; k < carriers->at[i].bind_count; k++)
            if (carriers->at[i].binds[k].session != NULL)
                return true;
    return false;
}

static void bind_note(struct bind *bind, const char *why)
{
    bind->since = clock_wall_ms();
    snprintf(bind->why, sizeof bind->why, "%s", why);
}

static bool is_kept_away(const struct carrier *carrier)
{
    return carrier->order == CARRIER_DRAINING || carrier->order == CARRIER_STOPPED;
}

static void order_move(struct carrier *carrier, enum carrier_order to, const char *by)
{
    log_info("carrier order carrier=%s %s -> %s by=%s", carrier->config->name,
             carrier_order_word(carrier->order), carrier_order_word(to), by);
    carrier->order = to;
}

static bool carrier_has_session(const struct carrier *carrier)
{
    for (size_t k = 0; k < carrier->bind_count; k++)
        if (carrier->binds[k].session != NULL)
            return true;
    return false;
}

/* A bind of a carrier that an operator sent away is gone. */
static void bind_went(struct bind *bind)
{
    struct carrier *carrier = bind->carrier;
    bind_note(bind, "an operator sent it away");
    if (carrier->order == CARRIER_DRAINING && !carrier_has_session(carrier))
        order_move(carrier, CARRIER_STOPPED, "itself");
}

static void session_bound(void *owner, struct session *session)
{
    struct bind *bind = owner;
    struct carriers *carriers = bind->carrier->carriers;
    (void)session;
    bind_note(bind, "");
    bind->bound_at_ms = clock_mono_ms();
    bind->bound_turn = loop_turn(carriers->loop);
    bind->carrier->counts.binds++;
    bind->link = store_link_begin(carriers->store, bind->carrier->config->name, bind->since);
    carriers->events->has_room(carriers->owner);
}

static void session_closed(void *owner, struct session *session, enum session_reason reason,
                           uint32_t status)
{
    struct bind *bind = owner;
    struct carriers *carriers = bind->carrier->carriers;
    bind->session = NULL;
    timer_clear(carriers->loop, &bind->pause);
    if (bind->link != 0) {
        store_link_end(carriers->store, bind->link, clock_wall_ms());
        if (clock_mono_ms() - bind->bound_at_ms >= LIVED_MS)
            bind->retry_ms = 0;
    }
    bind->link = 0;
    const char *detail = status == 0 ? session_fault(session) : pdu_status_get(status)->name;
    bind_note(bind, session_reason_text(reason));
    if (*detail != '\0')
        snprintf(bind->why, sizeof bind->why, "%s: %s", session_reason_text(reason), detail);
    if (!carriers->is_leaving && is_kept_away(bind->carrier)) {
        bind_went(bind);
    } else if (!carriers->is_leaving) {
        int64_t wait_ms = retry_wait_ms(bind, reason, status);
        log_info("carrier bind lost carrier=%s bind=%u why=\"%s\" again_in_ms=%lld",
                 bind->carrier->config->name, bind->number, bind->why, (long long)wait_ms);
        timer_set(carriers->loop, &bind->again, wait_ms, bind_start, bind);
    } else if (!any_session(carriers) && carriers->gone != NULL) {
        carriers->gone(carriers->gone_owner);
    }
}

static void pause_over(void *owner)
{
    struct bind *bind = owner;
    struct carriers *carriers = bind->carrier->carriers;
    carriers->events->has_room(carriers->owner);
}

static void count_answer(struct bind *bind, enum session_fate fate, uint32_t status)
{
    struct carrier_counts *counts = &bind->carrier->counts;
    if (fate == SESSION_UNANSWERED)
        counts->unanswered++;
    else if (fate == SESSION_ANSWERED && status == ESME_ROK)
        counts->accepted++;
    else if (fate == SESSION_ANSWERED)
        counts->refused++;
    if (fate == SESSION_ANSWERED && pdu_status_get(status)->fate == FATE_SLOW_DOWN)
        timer_set(bind->carrier->carriers->loop, &bind->pause, THROTTLE_PAUSE_MS, pause_over, bind);
}

static void session_answered(void *owner, struct session *session, uint64_t tag, unsigned part,
                             enum session_fate fate, const struct pdu *response)
{
    struct bind *bind = owner;
    struct carriers *carriers = bind->carrier->carriers;
    (void)session;
    uint32_t status = fate == SESSION_ANSWERED ? response->command_status : 0;
    /* A generic_nack is a no, even with status 0 (F111). */
    if (fate == SESSION_ANSWERED && response->command_id == SMPP_generic_nack && status == ESME_ROK)
        status = ESME_RUNKNOWNERR;
    struct octets id = fate == SESSION_ANSWERED && status == ESME_ROK ? response->message_id
                                                                      : octets_of(NULL, 0);
    count_answer(bind, fate, status);
    carriers->events->answered(carriers->owner, bind->carrier, tag, part, fate, status, id);
    carriers->events->has_room(carriers->owner);
}

static void session_heard(void *owner, struct session *session, const struct pdu *pdu)
{
    struct bind *bind = owner;
    struct carriers *carriers = bind->carrier->carriers;
    bind->carrier->counts.heard++;
    if (pdu->command_id == SMPP_deliver_sm || pdu->command_id == SMPP_data_sm) {
        carriers->events->heard(carriers->owner, bind->carrier, session, bind->link, pdu);
        return;
    }
    struct pdu answer = {.command_status = ESME_RINVCMDID};
    session_answer(session, pdu, &answer, 0);
}

static void session_unreadable(void *owner, struct session *session, const struct pdu *header,
                               struct octets frame)
{
    struct bind *bind = owner;
    struct carriers *carriers = bind->carrier->carriers;
    carriers->events->unreadable(carriers->owner, bind->carrier, session, bind->link, header, frame);
}

static const struct session_events session_events = {.bound = session_bound,
                                                     .request = session_heard,
                                                     .unreadable = session_unreadable,
                                                     .answered = session_answered,
                                                     .closed = session_closed};

static void bind_start(void *owner)
{
    struct bind *bind = owner;
    const struct config_carrier *config = bind->carrier->config;
    char name[80];
    struct session_settings settings = session_settings_default;
    settings.window = (unsigned)config->window;
    settings.enquire_link_ms = config->enquire_link_s * 1000;
    settings.response_ms = config->response_timeout_s * 1000;
    settings.tls = bind->carrier->tls;
    struct session_bind as = {.command_id = bind_command(config),
                              .system_id = config->system_id,
                              .password = config->password,
                              .system_type = config->system_type,
                              .interface_version = 0x34}; /* F65 */
    bind->session = session_connect(bind->carrier->carriers->loop, config->host,
                                    (uint16_t)config->port, &as, &settings, &session_events, bind);
    snprintf(name, sizeof name, "%.60s/%u", config->name, bind->number);
    session_set_name(bind->session, name);
}

/* ---- carriers ---- */

struct carriers *carriers_open(struct loop *loop, const struct config *config, struct store *store)
{
    struct carriers *carriers = mem_new(sizeof *carriers);
    carriers->loop = loop;
    carriers->store = store;
    carriers->count = config->carrier_count;
    carriers->at = mem_new((carriers->count + 1) * sizeof *carriers->at);
    for (size_t i = 0; i < carriers->count; i++) {
        struct carrier *carrier = &carriers->at[i];
        carrier->carriers = carriers;
        carrier->config = &config->carriers[i];
        carrier->bind_count = (size_t)carrier->config->binds;
        bucket_init(&carrier->tokens, carrier->config->throughput, clock_mono_ms());
        carrier->binds = mem_new((carrier->bind_count + 1) * sizeof *carrier->binds);
        for (size_t k = 0; k < carrier->bind_count; k++) {
            carrier->binds[k].carrier = carrier;
            carrier->binds[k].number = (unsigned)k + 1;
            bind_note(&carrier->binds[k], "not started");
        }
    }
    return carriers;
}

bool carriers_secure(struct carriers *carriers, char *error, size_t size)
{
    struct tls_fault fault;
    for (size_t i = 0; i < carriers->count; i++) {
        struct carrier *carrier = &carriers->at[i];
        if (!secure_carrier(carrier->config, &carrier->tls, &fault)) {
            snprintf(error, size, "carrier %.40s: %.200s %s", carrier->config->name, fault.file,
                     fault.why);
            return false;
        }
    }
    return true;
}

void carriers_rehome(struct carriers *carriers, const struct config *config)
{
    must(config->carrier_count == carriers->count);
    for (size_t i = 0; i < carriers->count; i++)
        carriers->at[i].config = &config->carriers[i];
}

void carriers_listen(struct carriers *carriers, const struct carrier_events *events, void *owner)
{
    carriers->events = events;
    carriers->owner = owner;
}

void carriers_start(struct carriers *carriers)
{
    for (size_t i = 0; i < carriers->count; i++)
        for (size_t k = 0; k < carriers->at[i].bind_count; k++)
            bind_start(&carriers->at[i].binds[k]);
}

void carriers_leave(struct carriers *carriers, int64_t wait_ms, void (*done)(void *owner),
                    void *owner)
{
    carriers->is_leaving = true;
    carriers->gone = done;
    carriers->gone_owner = owner;
    for (size_t i = 0; i < carriers->count; i++)
        for (size_t k = 0; k < carriers->at[i].bind_count; k++) {
            struct bind *bind = &carriers->at[i].binds[k];
            timer_clear(carriers->loop, &bind->again);
            if (bind->session != NULL)
                session_leave(bind->session, wait_ms);
        }
    if (!any_session(carriers))
        done(owner);
}

void carriers_close(struct carriers *carriers)
{
    if (carriers == NULL)
        return;
    carriers->is_leaving = true;
    carriers->gone = NULL;
    for (size_t i = 0; i < carriers->count; i++) {
        for (size_t k = 0; k < carriers->at[i].bind_count; k++) {
            struct bind *bind = &carriers->at[i].binds[k];
            timer_clear(carriers->loop, &bind->again);
            timer_clear(carriers->loop, &bind->pause);
            if (bind->session != NULL)
                session_close(bind->session, SESSION_STOPPING);
        }
        timer_clear(carriers->loop, &carriers->at[i].tokens_due);
        free(carriers->at[i].binds);
        tls_close(carriers->at[i].tls);
    }
    free(carriers->at);
    free(carriers);
}

struct carrier *carriers_find(struct carriers *carriers, const char *name)
{
    for (size_t i = 0; i < carriers->count; i++)
        if (strcmp(carriers->at[i].config->name, name) == 0)
            return &carriers->at[i];
    return NULL;
}

size_t carriers_count(const struct carriers *carriers)
{
    return carriers->count;
}

struct carrier *carriers_at(struct carriers *carriers, size_t i)
{
    must(i < carriers->count);
    return &carriers->at[i];
}

const char *carrier_name(const struct carrier *carrier)
{
    return carrier->config->name;
}

const char *carrier_country(const struct carrier *carrier)
{
    return carrier->config->country;
}

/* No submit may leave: the gateway ends, or an operator said so. */
static bool is_mute(const struct carrier *carrier)
{
    return carrier->carriers->is_leaving || carrier->order != CARRIER_RUNS;
}

bool carrier_is_up(const struct carrier *carrier)
{
    for (size_t k = 0; k < carrier->bind_count && !is_mute(carrier); k++)
        if (carrier->binds[k].session != NULL && session_may_submit(carrier->binds[k].session))
            return true;
    return false;
}

/* What is kept for replies: a tenth of the window, so that no campaign keeps a STOP's answer waiting. */
static unsigned reserve(const struct carrier *carrier)
{
    unsigned window = (unsigned)carrier->config->window;
    return window == 1 ? 0 : (window + 9) / 10;
}

static unsigned bind_room(const struct bind *bind, bool is_reply)
{
    if (bind->session == NULL || !session_may_submit(bind->session) || timer_is_set(&bind->pause) ||
        is_mute(bind->carrier))
        return 0;
    unsigned room = session_room(bind->session);
    unsigned kept = is_reply ? 0 : reserve(bind->carrier);
    return room > kept ? room - kept : 0;
}

static struct bind *roomiest(const struct carrier *carrier, bool is_reply)
{
    struct bind *best = NULL;
    for (size_t k = 0; k < carrier->bind_count; k++) {
        struct bind *bind = &carrier->binds[k];
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
        const struct bind *bind = &carrier->binds[k];
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
                                        [CARRIER_STOPPED] = "stopped"};
    return words[order];
}

/* A session that is still leaving is followed by the next when it is gone. */
void carrier_start(struct carrier *carrier, const char *by)
{
    if (carrier->order == CARRIER_RUNS)
        return;
    order_move(carrier, CARRIER_RUNS, by);
    for (size_t k = 0; k < carrier->bind_count && !carrier->carriers->is_leaving; k++)
        if (carrier->binds[k].session == NULL && !timer_is_set(&carrier->binds[k].again))
            bind_start(&carrier->binds[k]);
    carrier->carriers->events->has_room(carrier->carriers->owner);
}

static void binds_leave(struct carrier *carrier, int64_t wait_ms)
{
    for (size_t k = 0; k < carrier->bind_count; k++) {
        struct bind *bind = &carrier->binds[k];
        timer_clear(carrier->carriers->loop, &bind->again);
        if (bind->session != NULL)
            session_leave(bind->session, wait_ms);
        else
            bind_went(bind);
    }
}

bool carrier_keep(struct carrier *carrier, enum carrier_order order, const char *by)
{
    must(order != CARRIER_RUNS);
    if (order == carrier->order)
        return true;
    if (order != CARRIER_STOPPED && is_kept_away(carrier))
        return false;
    order_move(carrier, order, by);
    /* An answer may take response_timeout: then the session itself calls it lost. */
    if (order == CARRIER_DRAINING)
        binds_leave(carrier, carrier->config->response_timeout_s * 1000 + STOP_MS);
    if (order == CARRIER_STOPPED)
        binds_leave(carrier, STOP_MS);
    return true;
}

/* ---- submitting ---- */

static void submit_fields(const struct message *message, char source[SENDER_TEXT_SIZE],
                          char destination[NUMBER_TEXT_SIZE], struct pdu *pdu)
{
    sender_to_smpp(message->sender, &pdu->source_addr_ton, &pdu->source_addr_npi, source);
    number_write(message->number, destination);
    pdu->command_id = SMPP_submit_sm;
    pdu->source_addr = octets_text(source);
    pdu->dest_addr_ton = 1; /* E.164: F170 */
    pdu->dest_addr_npi = 1;
    pdu->destination_addr = octets_text(destination + 1); /* without its plus */
    pdu->registered_delivery = 1;
    pdu->data_coding = text_data_coding((enum text_alphabet)message->alphabet);
}

unsigned carrier_submit(struct carrier *carrier, struct cleared **cleared, unsigned first)
{
    const struct message *message = cleared_message(*cleared);
    bool is_reply = message_is_reply(message->purpose);
    struct bind *bind = roomiest(carrier, is_reply);
    char source[SENDER_TEXT_SIZE], destination[NUMBER_TEXT_SIZE];
    struct octets encoded;
    struct part_plan plan;
    struct part part;
    struct pdu pdu = {0};
    *cleared = NULL;
    if (bind == NULL)
        return 0;
    /* accept measured this text: what it found can't have changed. */
    must(text_encode(octets_text(message->text), (enum text_alphabet)message->alphabet,
                     loop_region(carrier->carriers->loop), &encoded));
    must(parts_plan(&plan, encoded, (enum text_alphabet)message->alphabet, octets_of(NULL, 0),
                    PARTS_MOST, (uint8_t)message->reference));
    submit_fields(message, source, destination, &pdu);
    unsigned room = bind_room(bind, is_reply), taken = 0;
    while (taken < room && parts_next(&plan, &part)) {
        if (part.number < first)
            continue;
        pdu.esm_class = part.has_header ? 0x40 : 0; /* F270 */
        pdu.short_message = octets_of(part.octets, part.length);
        if (!session_submit(bind->session, &pdu,
                            flight_tag(message->id, (unsigned)message->tries + 1), part.number))
            break;
        taken++;
    }
    carrier->counts.submitted += taken;
    bucket_spend(&carrier->tokens, taken, clock_mono_ms());
    return taken;
}

/* ---- all binds ---- */

unsigned carriers_withdraw(struct carriers *carriers,
                           bool (*is_meant)(void *who, uint64_t tag, unsigned part), void *who)
{
    unsigned count = 0;
    for (size_t i = 0; i < carriers->count; i++)
        for (size_t k = 0; k < carriers->at[i].bind_count; k++)
            if (carriers->at[i].binds[k].session != NULL)
                count += session_withdraw(carriers->at[i].binds[k].session, is_meant, who);
    return count;
}

unsigned carriers_unanswered(struct carriers *carriers, const struct session *except,
                             bool (*is_meant)(void *who, uint64_t tag, unsigned part),
                             void *who)
{
    unsigned count = 0;
    for (size_t i = 0; i < carriers->count; i++)
        for (size_t k = 0; k < carriers->at[i].bind_count; k++) {
            const struct session *session = carriers->at[i].binds[k].session;
            if (session != NULL && session != except)
                count += session_unanswered(session, is_meant, who);
        }
    return count;
}

void carriers_rolled_back(struct carriers *carriers)
{
    for (size_t i = 0; i < carriers->count; i++)
        for (size_t k = 0; k < carriers->at[i].bind_count; k++) {
            struct bind *bind = &carriers->at[i].binds[k];
            bool is_new = bind->link != 0 && bind->bound_turn == loop_turn(carriers->loop);
            bind->is_unwritten =
                bind->session != NULL && (session_rollback(bind->session) || is_new);
        }
}

void carriers_drop_unwritten(struct carriers *carriers)
{
    for (size_t i = 0; i < carriers->count; i++)
        for (size_t k = 0; k < carriers->at[i].bind_count; k++) {
            struct bind *bind = &carriers->at[i].binds[k];
            if (bind->is_unwritten && bind->session != NULL)
                session_close(bind->session, SESSION_NOT_STORED);
            bind->is_unwritten = false;
        }
}

static struct session *session_of_link(const struct carriers *carriers, int64_t link)
{
    for (size_t i = 0; link != 0 && i < carriers->count; i++)
        for (size_t k = 0; k < carriers->at[i].bind_count; k++)
            if (carriers->at[i].binds[k].link == link)
                return carriers->at[i].binds[k].session;
    return NULL;
}

void carrier_answer(struct carriers *carriers, int64_t link, const struct pdu *header,
                    uint32_t status)
{
    struct session *session = session_of_link(carriers, link);
    struct pdu answer = {.command_status = status};
    if (session != NULL)
        session_answer(session, header, &answer, 0);
}

bool carriers_has_link(const struct carriers *carriers, int64_t link)
{
    return session_of_link(carriers, link) != NULL;
}

/* ---- views ---- */

size_t carrier_binds(const struct carrier *carrier)
{
    return carrier->bind_count;
}

void carrier_bind_view(const struct carrier *carrier, size_t i, struct carrier_view *out)
{
    must(i < carrier->bind_count);
    const struct bind *bind = &carrier->binds[i];
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
