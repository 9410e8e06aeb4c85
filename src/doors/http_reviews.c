/* Reviews: texts that may have meant STOP, and what somebody who has read one says of it. */
#include "consent/review.h"

#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "http_parts.h"

/* What was written to nobody's address holds programs of everybody: compliance sees it. */
static bool may_see(const struct ask *ask, const struct review *review)
{
    return review->program == 0 ||
           account_may_use(ask->account, ask_program_name(ask, review->program));
}

/* NULL: it can't be read. */
static json_t *review_json(struct ask *ask, const struct review *review)
{
    struct inbound text = {.text = "", .sender = "", .rule = ""};
    if (store_inbound_get(ask->gateway->store, review->id, ask->region, &text) == STORE_FAILED)
        return NULL;
    json_t *json = json_pack(
        "{s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id", json_id(review->id, text.tail),
        "status", review_state_word(review->state), "from", json_phone(review->number), "to",
        json_words(ask, text.sender), "program",
        json_words_or_null(ask, ask_program_name(ask, review->program)), "text",
        json_words(ask, text.text), "rule", json_words(ask, text.rule), "opened_at",
        json_time(review->opened_at), "due_at", json_time(review->due_at), "ledger_seq",
        json_seq(review->seq), "closed_at", json_time(review->closed_at), "closed_by",
        json_words_or_null(ask, review->closed_by), "note", json_words_or_null(ask, review->note));
    must(json != NULL);
    return json;
}

static bool filter_read(struct ask *ask, struct review_filter *filter)
{
    const struct program *program;
    const char *status = ask_parameter(ask, "status");
    *filter = (struct review_filter){0};
    if (!ask_number(ask, "number", ask_parameter(ask, "number"), &filter->number) ||
        !ask_program(ask, ask_parameter(ask, "program"), &program) || !ask_truth(ask, "due_first", &filter->is_due_first))
        return false;
    filter->program = program == NULL ? 0 : program->id;
    filter->state = status == NULL ? 0 : review_state_find(status);
    if (status != NULL && filter->state == 0)
        answer_problem(ask, VERDICT_INVALID_FIELD, "status: must be open, opt_out, none or overdue");
    else if (filter->is_due_first && status != NULL && filter->state != REVIEW_OPEN)
        answer_problem(ask, VERDICT_INVALID_FIELD, "due_first: only what is open is due, and not what is %s", status);
    else
        return true;
    return false;
}

/* False: it can't be read. */
static bool fill(struct ask *ask, struct page *page, const struct review *rows, size_t count)
{
    for (size_t i = 0; i < count && page_takes(page, rows[i].id); i++) {
        json_t *json = may_see(ask, &rows[i]) ? review_json(ask, &rows[i]) : NULL;
        if (json == NULL && may_see(ask, &rows[i]))
            return false;
        if (json != NULL)
            json_array_append_new(page->items, json);
    }
    return true;
}

void review_list(struct ask *ask)
{
    struct page page;
    struct review_filter filter;
    if (!filter_read(ask, &filter) || !page_begin(ask, &page))
        return;
    struct review *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        filter.after = page.after;
        if (store_review_list(ask->gateway->store, &filter, ask->region, rows, page.limit, &count) !=
                STORE_OK ||
            !fill(ask, &page, rows, count)) {
            page_fail(ask, &page);
            return;
        }
        page_fetched(&page, count);
    }
    page_answer(ask, &page);
}

/* ---- POST /v1/reviews/{id}/resolve ---- */

/* False: answered. */
static bool find(struct ask *ask, struct review *review)
{
    int64_t id, tail;
    struct inbound text;
    enum store_result found = STORE_NONE;
    if (message_id_read(octets_text(ask->segment), &id, &tail))
        found = store_inbound_get(ask->gateway->store, id, ask->region, &text);
    if (found == STORE_OK && text.tail != tail)
        found = STORE_NONE;
    if (found == STORE_OK)
        found = store_review_get(ask->gateway->store, id, ask->region, review);
    if (found == STORE_FAILED)
        answer_unavailable(ask);
    else if (found == STORE_NONE || !may_see(ask, review))
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no such review");
    else
        return true;
    return false;
}

static void answer_review(struct ask *ask, const struct review *review)
{
    json_t *json = review_json(ask, review);
    if (json == NULL)
        answer_unavailable(ask);
    else
        answer_json(ask, 200, json);
}

/* What is decided stays decided: somebody has been texted, or not, because of it. */
static void answer_resolved(struct ask *ask, const struct review *review)
{
    char at[TIME_TEXT_SIZE];
    time_write(review->closed_at, at);
    answer_problem(ask, VERDICT_CONFLICT, "it was resolved already: %s, by %.60s, on %s%s",
                   review_state_word(review->state), review->closed_by, at,
                   review->state == REVIEW_NONE ? "; to end consent now, revoke it"
                                                : "; only the person can come back in");
}

void review_resolve_post(struct ask *ask)
{
    struct review review;
    const char *decision = "", *note = "";
    const struct into places[] = {
        {"decision", &decision},
        {"note", &note},
    };
    if (!find(ask, &review) || !ask_fields(ask, API_DECISION, places, sizeof places / sizeof *places))
        return;
    ask->person = review.number;
    enum review_state to = review_state_find(decision);
    if (to != REVIEW_OPT_OUT && to != REVIEW_NONE) {
        answer_problem(ask, VERDICT_INVALID_FIELD, "decision: must be opt_out or none");
        return;
    }
    if (review.state != REVIEW_OPEN && review.state != to) {
        answer_resolved(ask, &review);
        return;
    }
    if (review.state == REVIEW_OPEN) {
        review_decide(ask->gateway->consents, &review, to, ask->account->name, note, ask->now_ms);
        if (store_review_get(ask->gateway->store, review.id, ask->region, &review) != STORE_OK) {
            answer_unavailable(ask);
            return;
        }
    }
    answer_review(ask, &review);
}
