/* One slot of a carrier: a session, and what follows when it ends. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/must.h"
#include "carrier_parts.h"
#include "outbound/fate.h"
#include "store/store.h"

#define LIVED_MS          60000 /* a bind that lived so long starts the delays anew (F156) */

/* How long until the next try; doubled each time. After ESME_RALYBND the MC still holds our old session (F151), after
 * ESME_RSYSERR it can't look us up (F154), and tries in a row with what it refused can lock an account (F153). */
struct patience {
    int64_t least_ms, most_ms;
};
static const struct patience patience_usual = {500, 60000}; /* F156 */
static const struct patience patience_bound = {30000, 300000};
static const struct patience patience_unknown = {30000, 60000};
static const struct patience patience_refused = {300000, 300000};

static void bind_note(struct bind *bind, const char *why)
{
    bind->since = clock_wall_ms();
    snprintf(bind->why, sizeof bind->why, "%s", why);
}

struct bind *bind_new(struct carrier *carrier, unsigned number)
{
    struct bind *bind = mem_new(sizeof *bind);
    bind->carrier = carrier;
    bind->number = number;
    bind_note(bind, "not started");
    return bind;
}

void bind_free(struct bind *bind)
{
    struct loop *loop = bind->carrier->carriers->loop;
    timer_clear(loop, &bind->again);
    timer_clear(loop, &bind->pause);
    if (bind->session != NULL)
        session_close(bind->session, SESSION_STOPPING);
    free(bind->delivered.at);
    free(bind);
}

static bool bind_is_wanted(const struct bind *bind)
{
    return !bind->carrier->carriers->is_leaving && !carrier_is_kept_away(bind->carrier) &&
           bind->number <= carrier_binds_wanted(bind->carrier);
}

static bool bind_is_outdated(const struct bind *bind)
{
    return bind->settings != bind->carrier->settings;
}

/* Of a split carrier's binds the odd ones send and the even ones receive. */
static uint32_t bind_command(const struct bind *bind)
{
    static const uint32_t commands[] = {[CONFIG_TRANSMITTER] = SMPP_bind_transmitter,
                                        [CONFIG_RECEIVER] = SMPP_bind_receiver,
                                        [CONFIG_TRANSCEIVER] = SMPP_bind_transceiver};
    if (bind->carrier->is_split)
        return bind->number % 2 == 1 ? SMPP_bind_transmitter : SMPP_bind_receiver;
    return commands[bind->carrier->config->bind];
}

/* ---- what follows ---- */

static const struct patience *patience_of(enum session_reason reason, uint32_t status)
{
    if (reason != SESSION_BIND_REFUSED)
        return &patience_usual;
    if (status == ESME_RALYBND)
        return &patience_bound;
    if (status == ESME_RSYSERR)
        return &patience_unknown;
    return pdu_status_get(status)->kind == STATUS_BIND ? &patience_refused : &patience_usual;
}

/* Up to a fifth more, so that the binds of one carrier don't come back in step. */
static int64_t retry_wait_ms(struct bind *bind, const struct patience *patience)
{
    bind->retry_ms *= 2;
    if (bind->retry_ms < patience->least_ms)
        bind->retry_ms = patience->least_ms;
    if (bind->retry_ms > patience->most_ms)
        bind->retry_ms = patience->most_ms;
    return bind->retry_ms + random_bits(16) * (bind->retry_ms / 5) / 65536;
}

static void bind_start(void *owner);

/* It ends as a drain does, or at once where there is no session. */
static void bind_went(struct bind *bind)
{
    struct carrier *carrier = bind->carrier;
    bind_note(bind, carrier_is_kept_away(carrier) ? "an operator sent it away"
                                                  : "the config asks for it no longer");
    if (carrier->order == CARRIER_DRAINING && !carrier_has_session(carrier))
        carrier_order_move(carrier, CARRIER_STOPPED, "itself");
    carriers_sweep_later(carrier->carriers);
}

/* By new settings, or by an order: nothing that was before makes it wait. */
static void bind_come(struct bind *bind)
{
    bind->retry_ms = 0;
    timer_set(bind->carrier->carriers->loop, &bind->again, 0, bind_start, bind);
}

static void bind_retry(struct bind *bind, enum session_reason reason, uint32_t status)
{
    int64_t wait_ms = retry_wait_ms(bind, patience_of(reason, status));
    carrier_note_loss(bind->carrier, bind->why);
    log_info("carrier bind lost carrier=%s bind=%u why=\"%s\" again_in_ms=%lld",
             carrier_name(bind->carrier), bind->number, bind->why, (long long)wait_ms);
    timer_set(bind->carrier->carriers->loop, &bind->again, wait_ms, bind_start, bind);
}

/* An answer may take response_timeout: then the session itself calls it lost. */
static int64_t leave_wait_ms(const struct carrier *carrier)
{
    return carrier->order == CARRIER_STOPPED ? STOP_MS
                                             : carrier->config->response_timeout_s * 1000 + STOP_MS;
}

void bind_arrange(struct bind *bind)
{
    const struct carrier *carrier = bind->carrier;
    bool may_stay = bind_is_wanted(bind) && !bind_is_outdated(bind);
    if (bind->session != NULL) {
        session_set_window(bind->session, (unsigned)carrier->config->window);
        if (!may_stay)
            session_leave(bind->session, leave_wait_ms(carrier));
    } else if (!bind_is_wanted(bind) && timer_is_set(&bind->again)) {
        timer_clear(carrier->carriers->loop, &bind->again);
        bind_went(bind);
    } else if (bind_is_wanted(bind) && !(may_stay && timer_is_set(&bind->again))) {
        bind_come(bind);
    }
}

/* ---- what a session tells ---- */

static void session_bound(void *owner, struct session *session)
{
    struct bind *bind = owner;
    struct carriers *carriers = bind->carrier->carriers;
    (void)session;
    bind_note(bind, "");
    bind->bound_at_ms = clock_mono_ms();
    bind->bound_turn = loop_turn(carriers->loop);
    bind->carrier->counts.binds++;
    bind->link = store_link_begin(carriers->store, carrier_name(bind->carrier), bind->since);
    carriers->events->has_room(carriers->owner);
}

/* In a bind_transceiver_resp or a generic_nack (F64). */
static bool is_refused_as_transceiver(const struct bind *bind, enum session_reason reason,
                                      uint32_t status)
{
    return reason == SESSION_BIND_REFUSED && status == ESME_RINVCMDID && !bind_is_outdated(bind) &&
           bind_command(bind) == SMPP_bind_transceiver;
}

/* A link that is on disk ends there; its end tells what may have been lost with it (F412). */
static void bind_unlink(struct bind *bind)
{
    struct carriers *carriers = bind->carrier->carriers;
    if (bind->link == 0)
        return;
    store_link_end(carriers->store, bind->link, clock_wall_ms());
    if (clock_mono_ms() - bind->bound_at_ms >= LIVED_MS)
        bind->retry_ms = 0;
    bind->link = 0;
}

static void session_closed(void *owner, struct session *session, enum session_reason reason,
                           uint32_t status)
{
    struct bind *bind = owner;
    struct carriers *carriers = bind->carrier->carriers;
    bind->session = NULL;
    deviations_add(&bind->carrier->deviations, session);
    timer_clear(carriers->loop, &bind->pause);
    timer_clear(carriers->loop, &bind->again); /* it may have been about to be left */
    bind_unlink(bind);
    char text[FATE_TEXT_SIZE];
    fate_text(bind->carrier->config, status, text);
    const char *detail = status == 0 ? session_fault(session) : text;
    bind_note(bind, session_reason_text(reason));
    if (*detail != '\0')
        snprintf(bind->why, sizeof bind->why, "%s: %s", session_reason_text(reason), detail);
    if (is_refused_as_transceiver(bind, reason, status) && !carriers->is_leaving)
        carrier_split(bind->carrier);
    if (carriers->is_leaving)
        carriers_note_end(carriers);
    else if (!bind_is_wanted(bind))
        bind_went(bind);
    else if (bind_is_outdated(bind))
        bind_come(bind);
    else
        bind_retry(bind, reason, status);
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
}

/* To the carrier the session isn't what it is to us: it is left, and comes back by itself. Not at once, since its owner
 * is in the middle of telling what it heard. */
static void misunderstood(void *owner)
{
    struct bind *bind = owner;
    if (bind->session == NULL || !session_may_submit(bind->session))
        return;
    log_warn("carrier takes the bind for another carrier=%s bind=%u: it leaves and comes back",
             carrier_name(bind->carrier), bind->number);
    session_leave(bind->session, leave_wait_ms(bind->carrier));
}

static void heed_refusal(struct bind *bind, uint32_t status)
{
    const struct config_carrier *config = bind->carrier->config;
    struct loop *loop = bind->carrier->carriers->loop;
    enum status_fate what = fate_of(config, status).what;
    carrier_note_refusal(bind->carrier, status);
    int64_t pause_ms = config->throttle_pause_s * 1000;
    if (what == FATE_SLOW_DOWN) {
        timer_set(loop, &bind->pause, pause_ms, pause_over, bind);
        carrier_slow_down(bind->carrier, pause_ms);
    }
    if (what == FATE_REBIND)
        timer_set(loop, &bind->again, 0, misunderstood, bind);
}

static void session_answered(void *owner, struct session *session, uint64_t tag, unsigned part,
                             enum session_fate fate, const struct pdu *response)
{
    struct bind *bind = owner;
    struct carriers *carriers = bind->carrier->carriers;
    uint32_t status = fate == SESSION_ANSWERED ? response->command_status : 0;
    /* A generic_nack is a no, even with status 0 (F111). */
    if (fate == SESSION_ANSWERED && response->command_id == SMPP_generic_nack && status == ESME_ROK)
        status = ESME_RUNKNOWNERR;
    struct octets id = fate == SESSION_ANSWERED && status == ESME_ROK ? response->message_id
                                                                      : octets_of(NULL, 0);
    count_answer(bind, fate, status);
    if (fate == SESSION_ANSWERED)
        bins_took(bind->carrier->bins, BINS_ANSWER, session_answer_ms(session));
    if (fate == SESSION_ANSWERED && status != ESME_ROK)
        heed_refusal(bind, status);
    pace_answered(&bind->carrier->pace, fate == SESSION_ANSWERED && status == ESME_ROK, clock_mono_ms());
    carriers->events->answered(carriers->owner, bind->carrier, tag, part, fate, status, id);
    carriers->events->has_room(carriers->owner);
}

static void session_heard(void *owner, struct session *session, const struct pdu *pdu)
{
    struct bind *bind = owner;
    struct carriers *carriers = bind->carrier->carriers;
    bind->carrier->counts.heard++;
    if (pdu->command_id == SMPP_deliver_sm || pdu->command_id == SMPP_data_sm) {
        delivered_put(bind, pdu);
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
    delivered_put(bind, header);
    carriers->events->unreadable(carriers->owner, bind->carrier, session, bind->link, header, frame);
}

static const struct session_events session_events = {.bound = session_bound,
                                                     .request = session_heard,
                                                     .unreadable = session_unreadable,
                                                     .answered = session_answered,
                                                     .closed = session_closed};

/* ---- a session ---- */

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
    struct session_bind as = {.command_id = bind_command(bind),
                              .system_id = config->system_id,
                              .password = config->password,
                              .system_type = config->system_type,
                              .interface_version = 0x34}; /* F65 */
    bind->session = session_connect(bind->carrier->carriers->loop, config->host,
                                    (uint16_t)config->port, &as, &settings, &session_events, bind);
    snprintf(name, sizeof name, "%.60s/%u", config->name, bind->number);
    session_set_name(bind->session, name);
    bind->settings = bind->carrier->settings;
}

/* ---- room ---- */

/* What is kept for replies: a tenth of the window, so that no campaign keeps a STOP's answer waiting. */
static unsigned reserve(const struct carrier *carrier)
{
    unsigned window = (unsigned)carrier->config->window;
    return window == 1 ? 0 : (window + 9) / 10;
}

unsigned bind_room(const struct bind *bind, bool is_reply)
{
    if (bind->session == NULL || !session_may_submit(bind->session) || timer_is_set(&bind->pause) ||
        carrier_is_mute(bind->carrier))
        return 0;
    unsigned room = session_room(bind->session);
    unsigned kept = is_reply ? 0 : reserve(bind->carrier);
    return room > kept ? room - kept : 0;
}
