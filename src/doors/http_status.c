/* How the gateway is: for people, and for supervisors. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/ledger.h"
#include "consent/ledger_watch.h"
#include "consent/program.h"
#include "http_parts.h"
#include "http_stream.h"
#include "outbound/carrier.h"
#include "outbound/dispatch.h"
#include "outbound/lanes.h"

/* ---- GET /v1/status ---- */

/* NULL: it can't be read. */
static json_t *queue_json(struct ask *ask)
{
    static const enum message_state shown[] = {MESSAGE_QUEUED, MESSAGE_HELD, MESSAGE_SCHEDULED,
                                               MESSAGE_SENDING};
    json_t *json = json_object();
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        int64_t count = store_message_count(ask->gateway->store, shown[i]);
        if (count < 0) {
            json_decref(json);
            return NULL;
        }
        json_object_set_new(json, message_state_word(shown[i]), json_integer(count));
    }
    return json;
}

static json_t *bind_json(struct ask *ask, const struct carrier *carrier, size_t n)
{
    struct carrier_view view;
    carrier_bind_view(carrier, n, &view);
    return json_pack("{s:i,s:s,s:o,s:o,s:i,s:i}", "n", (int)n + 1, "state", view.state, "why",
                     json_words_or_null(ask, view.why), "since", json_time(view.since), "window",
                     (int)view.window, "window_used", (int)view.window_used);
}

/* Why nothing, or less than it could, goes to it now. "": all goes. */
static const char *slow_words(struct ask *ask, struct carrier *carrier)
{
    struct hold hold = {.carrier = carrier};
    if (carrier_order(carrier) != CARRIER_RUNS)
        hold.kind = HOLD_CARRIER_KEPT;
    else if (!carrier_is_up(carrier))
        hold.kind = HOLD_OUTAGE;
    else if (carrier_pause_ms(carrier) > 0)
        hold.kind = HOLD_THROTTLED;
    else if (carrier_room(carrier, false) == 0)
        hold.kind = HOLD_WINDOW;
    else if (carrier_is_slowed(carrier) || carrier_wait_ms(carrier, 1, false) > 0)
        hold.kind = HOLD_THROUGHPUT;
    return hold_words(ask, &hold);
}

static json_t *last_error_json(struct ask *ask, const struct carrier *carrier)
{
    char text[CARRIER_ERROR_SIZE];
    int64_t at = carrier_last_error(carrier, text);
    return at == 0 ? json_null()
                   : json_pack("{s:o,s:o}", "at", json_time(at), "text", json_words(ask, text));
}

static json_t *carrier_json(struct ask *ask, struct carrier *carrier)
{
    const struct carrier_counts *counts = carrier_counts(carrier);
    json_t *binds = json_array();
    for (size_t i = 0; i < carrier_binds(carrier); i++)
        json_array_append_new(binds, bind_json(ask, carrier, i));
    double rate = carrier_rate(carrier);
    int64_t pause_ms = carrier_pause_ms(carrier);
    return json_pack(
        "{s:o,s:s,s:o,s:o,s:b,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:b,s:o}", "name", json_words(ask, carrier_name(carrier)),
        "state", carrier_order_word(carrier_order(carrier)), "why", json_words_or_null(ask, slow_words(ask, carrier)),
        "last_error", last_error_json(ask, carrier), "up", (int)carrier_is_up(carrier), "binds", binds, "submitted", (json_int_t)counts->submitted,
        "accepted", (json_int_t)counts->accepted, "refused", (json_int_t)counts->refused,
        "unanswered", (json_int_t)counts->unanswered, "heard", (json_int_t)counts->heard,
        "throttled", (json_int_t)counts->throttled, "rate", rate > 0 ? json_real(rate) : json_null(),
        "slowed", (int)carrier_is_slowed(carrier), "throttled_until",
        json_time(pause_ms > 0 ? ask->now_ms + pause_ms : 0));
}

static bool may_know(const struct ask *ask, const char *program)
{
    return account_has_role(ask->account, CONFIG_ROLE_ADMIN) || account_may_use(ask->account, program);
}

static json_t *programs_json(struct ask *ask)
{
    json_t *list = json_array();
    for (size_t i = 0; i < programs_count(ask->gateway->programs); i++) {
        const char *name = programs_at(ask->gateway->programs, i)->config->name;
        if (may_know(ask, name))
            json_array_append_new(list, json_words(ask, name));
    }
    return list;
}

/* The lanes that could go and don't move. */
static json_t *stuck_json(struct ask *ask)
{
    json_t *list = json_array();
    struct lane_walk walk = {0};
    const struct lane *lane;
    while ((lane = dispatch_next_lane(ask->gateway->dispatch, &walk)) != NULL) {
        const char *program = lane->program->config->name;
        if (!lane->watched.is_stuck || !may_know(ask, program))
            continue;
        json_array_append_new(
            list, json_pack("{s:o,s:s,s:o,s:o,s:s,s:I}", "program", json_words(ask, program), "lane",
                            lane->is_reply ? "replies" : "messages", "sender",
                            json_words(ask, lane->sender), "route", json_words_or_null(ask, lane->route),
                            "hold", hold_word(lane->watched.hold), "still_s",
                            (json_int_t)(lane->watched.still_ms / 1000)));
    }
    return list;
}

/* Null: the first look at all of it isn't over. */
static json_t *whole_json(const struct gateway *gateway)
{
    struct ledger_watched watched;
    ledger_watch_look(gateway->ledger_watch, &watched);
    return watched.verified_at == 0 ? json_null() : json_boolean(watched.is_whole);
}

/* NULL: it can't be read. */
static json_t *status_json(struct ask *ask)
{
    const struct gateway *gateway = ask->gateway;
    char hash[DIGEST_HEX_SIZE];
    int64_t seq = ledger_head(gateway->ledger, hash);
    json_t *queue = queue_json(ask);
    json_t *restoration = queue == NULL ? NULL : restoration_json(ask);
    if (restoration == NULL) {
        json_decref(queue);
        return NULL;
    }
    json_t *carriers = json_array();
    for (size_t i = 0; i < carriers_count(gateway->carriers); i++)
        json_array_append_new(carriers, carrier_json(ask, carriers_at(gateway->carriers, i)));
    int64_t uptime_s = (clock_mono_ms() - gateway->started_mono_ms) / 1000;
    return json_pack("{s:s,s:I,s:s,s:o,s:o,s:o,s:o,s:{s:I,s:s,s:o},s:o,s:I,s:o}", "version", ASSENT_VERSION,
                     "uptime_s", (json_int_t)uptime_s, "default_country",
                     gateway->config->default_country, "queue", queue, "stuck",
                     stuck_json(ask), "restoration", restoration, "carriers", carriers,
                     "ledger", "seq", (json_int_t)seq, "hash", hash, "whole",
                     whole_json(gateway), "programs",
                     programs_json(ask), "wal_octets",
                     (json_int_t)store_wal_octets(gateway->store), "webhooks", webhooks_json(ask));
}

void status_get(struct ask *ask)
{
    json_t *json = status_json(ask);
    if (json == NULL)
        answer_unavailable(ask);
    else
        answer_json(ask, 200, json);
}

static json_t *status_look(struct ask *ask, int64_t subject, bool *is_over)
{
    (void)subject, (void)is_over;
    return status_json(ask);
}

void status_events(struct ask *ask)
{
    static const struct stream_kind kind = {status_look, "status", "uptime_s"};
    stream_begin(ask, &kind, 0);
}

/* ---- for supervisors ---- */

void health_get(struct ask *ask)
{
    answer_text(ask, 200, "text/plain", octets_text("ok\n"));
}

void ready_get(struct ask *ask)
{
    if (ask->gateway->is_leaving || ask->gateway->is_lost)
        answer_problem(ask, VERDICT_UNAVAILABLE, "the gateway is ending; it takes no new work");
    else
        answer_text(ask, 200, "text/plain", octets_text("ready\n"));
}
