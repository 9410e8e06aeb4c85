/* Carriers as operations see them: what an operator tells them. */
#include "http_parts.h"
#include "outbound/carrier.h"
#include "outbound/receipts.h"
#include "outbound/sample.h"

static json_t *carrier_json(struct ask *ask, const struct carrier *carrier)
{
    struct carrier_view view;
    int bound = 0;
    int64_t used = 0;
    const char *why = "";
    size_t binds = carrier_binds(carrier);
    for (size_t i = 0; i < binds; i++) {
        carrier_bind_view(carrier, i, &view);
        bound += view.is_bound;
        used += view.window_used;
        if (!view.is_bound)
            why = view.why;
    }
    return json_pack("{s:o,s:s,s:b,s:i,s:i,s:I,s:o}", "name",
                     json_words(ask, carrier_name(carrier)), "state",
                     carrier_order_word(carrier_order(carrier)), "up", (int)carrier_is_up(carrier),
                     "binds", (int)binds, "bound", bound, "unanswered", (json_int_t)used, "why",
                     json_words_or_null(ask, why));
}

void carrier_list(struct ask *ask)
{
    struct page page;
    struct carriers *carriers = ask->gateway->carriers;
    if (!page_begin(ask, &page))
        return;
    page.is_at_end = true;
    for (size_t i = (size_t)page.after;
         i < carriers_count(carriers) && page_takes(&page, (int64_t)i + 1); i++)
        json_array_append_new(page.items, carrier_json(ask, carriers_at(carriers, i)));
    page_answer(ask, &page);
}

static json_t *sample_json(struct ask *ask, const struct sample *sample)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:s,s:o}", "at", json_time(sample->at), "id",
                     json_words_or_null(ask, sample->id), "source",
                     json_words_or_null(ask, sample->source), "destination",
                     json_words_or_null(ask, sample->destination), "state", sample->state, "text",
                     json_words_or_null(ask, sample->text));
}

/* Those that found no message: docs/receipts.md. */
void carrier_receipts(struct ask *ask)
{
    struct page page;
    const struct samples *samples = receipts_samples(ask->gateway->receipts);
    if (carriers_find(ask->gateway->carriers, ask->segment) == NULL) {
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no carrier of that name");
        return;
    }
    if (!page_begin(ask, &page))
        return;
    page.is_at_end = true;
    for (size_t i = (size_t)page.after; i < samples_count(samples); i++) {
        const struct sample *sample = samples_at(samples, i);
        if (strcmp(sample->carrier, ask->segment) != 0)
            continue;
        if (!page_takes(&page, (int64_t)i + 1))
            break;
        json_array_append_new(page.items, sample_json(ask, sample));
    }
    page_answer(ask, &page);
}

static void carrier_order_post(struct ask *ask, enum carrier_order order)
{
    struct carrier *carrier = carriers_find(ask->gateway->carriers, ask->segment);
    if (ask->json != NULL && !ask_fields(ask, API_NOTHING, NULL, 0))
        return;
    if (carrier == NULL) {
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no carrier of that name");
        return;
    }
    bool is_done = true;
    if (order == CARRIER_RUNS)
        carrier_start(carrier, ask->account->name);
    else
        is_done = carrier_keep(carrier, order, ask->account->name);
    if (!is_done) {
        answer_problem(ask, VERDICT_INVALID_FIELD, "carrier %s is %s: start it first",
                       carrier_name(carrier), carrier_order_word(carrier_order(carrier)));
        return;
    }
    answer_json(ask, 200, carrier_json(ask, carrier));
}

void carrier_start_post(struct ask *ask)
{
    carrier_order_post(ask, CARRIER_RUNS);
}

void carrier_stop_post(struct ask *ask)
{
    carrier_order_post(ask, CARRIER_STOPPED);
}

void carrier_pause_post(struct ask *ask)
{
    carrier_order_post(ask, CARRIER_PAUSED);
}

void carrier_drain_post(struct ask *ask)
{
    carrier_order_post(ask, CARRIER_DRAINING);
}
