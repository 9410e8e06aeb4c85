/* What passed since the start: over time, by what receipts said, and what peers did against the protocol. */
#include <stdlib.h>

#include "doors/smpp_door.h"
#include "http_parts.h"
#include "outbound/carrier.h"
#include "outbound/dispatch.h"
#include "outbound/history.h"
#include "outbound/receipts.h"
#include "smpp/receipt.h"

/* ---- GET /v1/status/history ---- */

#define MINUTES_DEFAULT 60

struct span {
    bool is_coarse;
    size_t count;
};

/* False: answered. */
static bool span_read(struct ask *ask, struct span *span)
{
    const char *text = ask_parameter(ask, "minutes");
    const int most = BINS_COARSE * BINS_COARSE_MS / 60000;
    char none = 0, *end = &none;
    long minutes = text == NULL ? MINUTES_DEFAULT : strtol(text, &end, 10);
    if (*end != '\0' || minutes < 1 || minutes > most) {
        answer_problem(ask, VERDICT_MALFORMED, "minutes: a whole number from 1 to %d", most);
        return false;
    }
    span->is_coarse = minutes > BINS_FINE;
    span->count = span->is_coarse ? (size_t)(minutes * 60000 + BINS_COARSE_MS - 1) / BINS_COARSE_MS : (size_t)minutes;
    return true;
}

static json_t *figure_json(const struct bin *bin, enum bins_figure figure)
{
    return bin == NULL ? json_null() : json_integer(bin->figures[figure]);
}

static json_t *ms_json(uint32_t ms)
{
    return ms == SPREAD_NONE ? json_null() : json_integer(ms);
}

/* Lists as long as the span, the oldest first; null: not there yet, or nothing to take the time of. */
static json_t *line_json(const struct bins *bins, const struct span *span, bool is_of_gateway)
{
    static const char *const names[BINS_FIGURES] = {
        [BINS_SUBMITTED] = "submitted", [BINS_ACCEPTED] = "accepted",   [BINS_REFUSED] = "refused",
        [BINS_HEARD] = "heard",         [BINS_HANDED_IN] = "handed_in", [BINS_BLOCKED] = "blocked"};
    static const char *const times[BINS_TIMES][2] = {[BINS_ANSWER] = {"answer_p50_ms", "answer_p95_ms"},
                                                     [BINS_WAIT] = {"wait_p50_ms", "wait_p95_ms"}};
    json_t *line = json_object();
    enum bins_figure figures = is_of_gateway ? BINS_FIGURES : BINS_HANDED_IN;
    for (enum bins_figure i = 0; i < figures; i++)
        json_object_set_new(line, names[i], json_array());
    for (enum bins_time i = 0; i < BINS_TIMES; i++)
        for (size_t j = 0; j < 2; j++)
            json_object_set_new(line, times[i][j], json_array());
    for (size_t n = span->count; n-- > 0;) {
        const struct bin *bin = bins_at(bins, span->is_coarse, n);
        for (enum bins_figure i = 0; i < figures; i++)
            json_array_append_new(json_object_get(line, names[i]), figure_json(bin, i));
        for (enum bins_time i = 0; i < BINS_TIMES; i++) {
            json_array_append_new(json_object_get(line, times[i][0]), ms_json(bin == NULL ? SPREAD_NONE : bin->p50_ms[i]));
            json_array_append_new(json_object_get(line, times[i][1]), ms_json(bin == NULL ? SPREAD_NONE : bin->p95_ms[i]));
        }
    }
    return line;
}

void history_get(struct ask *ask)
{
    struct span span;
    const struct gateway *gateway = ask->gateway;
    if (!span_read(ask, &span))
        return;
    int64_t step_ms = span.is_coarse ? BINS_COARSE_MS : BINS_FINE_MS;
    int64_t end_at = history_end(gateway->history, span.is_coarse, ask->now_ms);
    json_t *carriers = json_array();
    for (size_t i = 0; i < carriers_count(gateway->carriers); i++) {
        const struct carrier *carrier = carriers_at(gateway->carriers, i);
        json_t *line = line_json(carrier_bins(carrier), &span, false);
        json_object_set_new(line, "name", json_words(ask, carrier_name(carrier)));
        json_array_append_new(carriers, line);
    }
    answer_json(ask, 200,
                json_pack("{s:o,s:I,s:I,s:o,s:o}", "from", json_time(end_at - (int64_t)span.count * step_ms), "step_s",
                          (json_int_t)(step_ms / 1000), "bins", (json_int_t)span.count, "gateway",
                          line_json(history_bins(gateway->history), &span, true), "carriers", carriers));
}

/* ---- GET /v1/status/outcomes ---- */

static json_t *outcomes_json(struct ask *ask, const struct carrier *carrier)
{
    json_t *outcomes = json_object();
    for (enum receipt_state state = 0; state <= RECEIPT_STATE_SKIPPED; state++)
        if (receipt_state_is_final(state) || carrier_outcomes(carrier, state) > 0)
            json_object_set_new(outcomes, receipt_state_text(state),
                                json_integer((json_int_t)carrier_outcomes(carrier, state)));
    return json_pack("{s:o,s:I,s:o}", "name", json_words(ask, carrier_name(carrier)), "accepted",
                     (json_int_t)carrier_counts(carrier)->accepted, "receipts", outcomes);
}

void outcomes_get(struct ask *ask)
{
    json_t *carriers = json_array();
    const struct gateway *gateway = ask->gateway;
    const struct receipts_counts *counts = receipts_counts(gateway->receipts);
    for (size_t i = 0; i < carriers_count(gateway->carriers); i++)
        json_array_append_new(carriers, outcomes_json(ask, carriers_at(gateway->carriers, i)));
    answer_json(ask, 200,
                json_pack("{s:o,s:o,s:I,s:I,s:I}", "since", json_time(gateway->started_at), "carriers", carriers, "missing",
                          (json_int_t)counts->missing, "unmatched", (json_int_t)counts->unmatched, "contradicting",
                          (json_int_t)counts->contradicting));
}

/* ---- GET /v1/status/deviations ---- */

struct deviants { /* being listed */
    struct ask *ask;
    json_t *items;
};

static void list_deviations(struct deviants *list, const char *peer, const char *name, const struct deviations *deviations)
{
    for (size_t i = 0; i < deviations->count; i++) {
        const struct session_deviated *one = &deviations->at[i];
        json_array_append_new(
            list->items, json_pack("{s:s,s:o,s:s,s:s,s:I,s:o}", "peer", peer, "name",
                                   name == NULL ? json_null() : json_words(list->ask, name), "deviation", one->name, "what",
                                   one->text, "count", (json_int_t)one->count, "last_at", json_time(one->last_at)));
    }
}

static void list_sender(void *who, const char *account, const struct deviations *deviations)
{
    list_deviations(who, "sender", account, deviations);
}

void deviations_get(struct ask *ask)
{
    struct deviations deviations;
    const struct gateway *gateway = ask->gateway;
    struct deviants list = {ask, json_array()};
    for (size_t i = 0; i < carriers_count(gateway->carriers); i++) {
        const struct carrier *carrier = carriers_at(gateway->carriers, i);
        carrier_deviations(carrier, &deviations);
        list_deviations(&list, "carrier", carrier_name(carrier), &deviations);
    }
    smpp_door_deviations(gateway->smpp_door, list_sender, &list);
    answer_json(ask, 200, json_pack("{s:o,s:o}", "since", json_time(gateway->started_at), "items", list.items));
}
