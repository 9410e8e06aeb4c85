/* What a client asks of the carrier, request by request. */
#include <stdio.h>

#include "base/clock.h"
#include "src/sim/sim_bind_parts.h"
#include "src/sim/sim_say.h"

#define EARLY_MOST 3  /* F43 */
#define BAD_MOST   10 /* F119 */

enum {
    IN_TX = 1 << BOUND_TX | 1 << BOUND_TRX,
    IN_ANY = 1 << OPEN | 1 << BOUND_TX | 1 << BOUND_RX | 1 << BOUND_TRX | 1 << LEAVING,
    IN_NONE = 0,
};

static void answer(struct sim_bind *bind, const struct sim_header *header, uint32_t status)
{
    sim_write_plain(&bind->outbox, SIM_RESPONSE | header->command, status, header->sequence);
}

static const char *name_of(uint32_t command)
{
    switch (command) {
    case SIM_BIND_RECEIVER:
        return "receiver";
    case SIM_BIND_TRANSMITTER:
        return "transmitter";
    case SIM_BIND_TRANSCEIVER:
        return "transceiver";
    case SIM_SUBMIT_SM:
        return "submit_sm";
    default:
        return "data_sm";
    }
}

static void refuse(struct sim_bind *bind, const struct sim_header *header, uint32_t status)
{
    answer(bind, header, status);
    sim_say_refused(bind->sim, name_of(header->command), bind->number, status);
}

/* The framing is intact, so the session stays (F8), unless there is no end of it. */
static void refuse_malformed(struct sim_bind *bind, const struct sim_header *header,
                             enum sim_status status)
{
    refuse(bind, header, status);
    if (status == SIM_BAD_COMMAND_LENGTH || status == SIM_BAD_TLV_STREAM)
        bind->bad++;
    if (bind->bad >= BAD_MOST)
        sim_bind_part(bind, "ten malformed requests in a row");
}

static enum sim_status judge_login(const struct sim *sim, const struct sim_login *login)
{
    const struct sim_settings *settings = &sim->settings;
    if (login->system_id[0] == '\0')
        return SIM_BAD_SYSTEM_ID;
    if (settings->system_id != NULL && strcmp(settings->system_id, login->system_id) != 0)
        return SIM_BAD_SYSTEM_ID;
    if (settings->password != NULL && strcmp(settings->password, login->password) != 0)
        return SIM_BAD_PASSWORD;
    return SIM_OK;
}

static enum phase phase_of(uint32_t command)
{
    return command == SIM_BIND_TRANSMITTER ? BOUND_TX
           : command == SIM_BIND_RECEIVER  ? BOUND_RX
                                           : BOUND_TRX;
}

static void hear_bind(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    if (bind->phase != OPEN) {
        refuse(bind, header, SIM_ALREADY_BOUND);
        return;
    }
    struct sim_login login;
    enum sim_status status = sim_login_read(body, &login);
    if (status == SIM_OK)
        status = judge_login(bind->sim, &login);
    if (status != SIM_OK) {
        refuse(bind, header, status);
        return;
    }
    memcpy(bind->system_id, login.system_id, sizeof bind->system_id);
    bind->version = login.version;
    bind->phase = phase_of(header->command);
    timer_clear(bind->sim->loop, &bind->session);
    sim_bind_adapt(bind);
    sim_write_bound(&bind->outbox, SIM_RESPONSE | header->command, header->sequence, login.version);
    bind->welcome = bind->outbox.length;
    sim_say_bound(bind->sim, bind->system_id, name_of(header->command), bind->number,
                  sim_version_name(login.version), link_peer(bind->link));
    sim_post_pump(bind->sim->post, bind->system_id);
}

static bool takes_refusal(struct sim *sim)
{
    if (sim->refuse_left == 0)
        return false;
    if (sim->refuse_left != SIM_REFUSE_FOR_EVER)
        sim->refuse_left--;
    return true;
}

/* The status that the knobs have for this submit; 0: it is taken. */
static uint32_t judge_by_knobs(struct sim *sim, const struct sim_outcome *outcome,
                               const char *number)
{
    if (takes_refusal(sim))
        return sim->refuse_status;
    if (!sim_bucket_takes(&sim->bucket, sim->knobs.rate, clock_mono_ms()))
        return SIM_THROTTLED;
    bool is_due = outcome != NULL && outcome->status != SIM_OK;
    if (is_due && (!outcome->is_once || sim_once_is_new(&sim->once, number)))
        return outcome->status;
    return sim_knobs_error(&sim->knobs, &sim->dice);
}

static const struct sim_state *state_of(const struct sim *sim, const struct sim_outcome *outcome)
{
    return outcome == NULL || outcome->stat == NULL ? sim->state : sim_state_find(outcome->stat);
}

static struct sim_message *keep(struct sim_bind *bind, const struct sim_submit *submit,
                                const struct sim_state *state)
{
    struct sim *sim = bind->sim;
    int64_t now_ms = clock_wall_ms();
    struct sim_message *message = sim_store_add(sim->store, submit, bind->version, now_ms);
    message->bind = bind->number;
    memcpy(message->system_id, bind->system_id, sizeof message->system_id);
    message->final_at = now_ms + sim->settings.receipt_after_ms;
    message->final_state = state->message_state;
    return message;
}

/* The submit that drops its connection is heard, and never answered: the client is left in doubt.
 */
static bool is_dropping(struct sim_bind *bind)
{
    uint64_t every = bind->sim->knobs.drop_every;
    bind->submits++;
    return every > 0 && bind->submits % every == 0;
}

static void take_submit(struct sim_bind *bind, const struct sim_header *header,
                        const struct sim_submit *submit, const struct sim_outcome *outcome)
{
    struct sim *sim = bind->sim;
    struct sim_words whole;
    const struct sim_state *state = state_of(sim, outcome);
    struct sim_message *message = keep(bind, submit, state);
    sim_say_heard(sim, message);
    if (sim_store_join(sim->store, message, loop_region(sim->loop), &whole))
        sim_say_whole(sim, message, whole);
    sim_post_promise(sim->post, message, state);
    if (is_dropping(bind))
        bind->is_to_drop = true;
    else
        sim_answer_submit(bind, header, message->id,
                          outcome == NULL ? SIM_MANNER_PLAIN : outcome->manner);
}

static void hear_submit(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    struct sim *sim = bind->sim;
    struct sim_submit submit;
    enum sim_status status = sim_submit_read(body, header->command, bind->version, &submit);
    if (status != SIM_OK) {
        sim->counters.refused++;
        refuse_malformed(bind, header, status);
        return;
    }
    bind->bad = 0;
    const char *number = submit.to.digits;
    const struct sim_outcome *outcome = sim->knobs.minds_digits ? sim_outcome_of(number) : NULL;
    uint32_t refusal = judge_by_knobs(sim, outcome, number);
    if (refusal == SIM_OK) {
        take_submit(bind, header, &submit, outcome);
        return;
    }
    sim->counters.refused++;
    refuse(bind, header, refusal);
}

static void hear_query(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    struct sim_query query;
    enum sim_status status = sim_query_read(body, &query);
    if (status != SIM_OK) {
        answer(bind, header, status);
        return;
    }
    const struct sim_message *message = sim_store_find(bind->sim->store, query.message_id);
    if (message == NULL || strcmp(message->system_id, bind->system_id) != 0 ||
        strcmp(message->submit.from.digits, query.from.digits) != 0) {
        answer(bind, header, SIM_BAD_MESSAGE_ID);
        return;
    }
    const uint8_t enroute = 1;
    bool is_final = clock_wall_ms() >= message->final_at;
    char date[SIM_DATE_SIZE], final_date[SIM_DATE_SIZE + 4] = "";
    sim_write_date(message->final_at, date);
    if (is_final)
        snprintf(final_date, sizeof final_date, "%s000+", date); /* 3.4 7.1.1 */
    sim_write_queried(&bind->outbox, header->sequence, message->id, final_date,
                      is_final ? message->final_state : enroute);
}

static void hear_unbind(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    (void)body;
    sim_answer_unbind(bind, header->sequence);
}

static void hear_enquiry(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    (void)body;
    answer(bind, header, SIM_OK);
}

/* By the time that it could be cancelled or replaced it has been delivered. */
static void hear_cancel(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    (void)body;
    answer(bind, header, SIM_CANCEL_FAILED);
}

static void hear_replace(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    (void)body;
    answer(bind, header, SIM_REPLACE_FAILED);
}

/* Known, and not offered here (F121). */
static void hear_foreign(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    (void)body;
    answer(bind, header, SIM_BAD_COMMAND);
}

static void hear_silently(struct sim_bind *bind, const struct sim_header *header,
                          struct octets body)
{
    (void)bind;
    (void)header;
    (void)body;
}

static const struct request {
    uint32_t command;
    unsigned phases; /* in which a client may say it */
    void (*hear)(struct sim_bind *bind, const struct sim_header *header, struct octets body);
} requests[] = {
    {SIM_BIND_RECEIVER, IN_ANY, hear_bind},
    {SIM_BIND_TRANSMITTER, IN_ANY, hear_bind},
    {SIM_BIND_TRANSCEIVER, IN_ANY, hear_bind},
    {SIM_SUBMIT_SM, IN_TX, hear_submit},
    {SIM_DATA_SM, IN_TX, hear_submit},
    {SIM_QUERY_SM, IN_TX, hear_query},
    {SIM_CANCEL_SM, IN_TX, hear_cancel},
    {SIM_REPLACE_SM, IN_TX, hear_replace},
    {SIM_SUBMIT_MULTI, IN_TX, hear_foreign},
    {SIM_BROADCAST_SM, IN_TX, hear_foreign},
    {SIM_QUERY_BROADCAST_SM, IN_TX, hear_foreign},
    {SIM_CANCEL_BROADCAST_SM, IN_TX, hear_foreign},
    {SIM_ENQUIRE_LINK, IN_ANY, hear_enquiry},
    {SIM_UNBIND, IN_ANY, hear_unbind},
    {SIM_OUTBIND, IN_ANY, hear_silently}, /* has no answer, in whatever state (F42) */
    {SIM_ALERT_NOTIFICATION, IN_ANY, hear_silently},
    {SIM_DELIVER_SM, IN_NONE, hear_foreign}, /* is the carrier's to say */
};

void sim_request_hear(struct sim_bind *bind, const struct sim_header *header, struct octets body)
{
    const struct request *request = requests, *end = request + sizeof requests / sizeof *requests;
    while (request < end && request->command != header->command)
        request++;
    bool is_allowed = request < end && (request->phases & 1u << bind->phase) != 0;
    if (bind->phase == OPEN && !is_allowed)
        bind->early++;
    if (is_allowed)
        request->hear(bind, header, body);
    else if (request < end)
        answer(bind, header, SIM_BAD_STATE);
    else
        sim_write_plain(&bind->outbox, SIM_GENERIC_NACK, SIM_BAD_COMMAND, header->sequence);
    if (bind->phase == OPEN && bind->early >= EARLY_MOST)
        sim_bind_part(bind, "three requests before a bind");
}
