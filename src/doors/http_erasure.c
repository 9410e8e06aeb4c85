/* A person's request to be erased: POST /v1/consents/{phone}/erase. */
#include "consent/erasure.h"
#include "http_parts.h"

static const char *fault_text(enum erasure_fault fault)
{
    switch (fault) {
    case ERASURE_IN_FORCE:
        return "phone: the person is opted in; a revocation must come first";
    case ERASURE_ON_ITS_WAY:
        return "phone: a message to the person is still on its way";
    case ERASURE_WITHIN_TERM:
        return "before_term: its records are younger than the five years that they must be kept (R100, "
               "R103); true erases them all the same";
    case ERASURE_DONE:
    case ERASURE_UNREADABLE:
        break;
    }
    return "";
}

void consent_erase_post(struct ask *ask)
{
    uint64_t number;
    bool before_term = false;
    struct erased erased;
    const struct into places[] = {{"before_term", &before_term}};
    if (!ask_number(ask, "phone", ask->segment, &number) ||
        (ask->json != NULL && !ask_fields(ask, API_ERASURE, places, 1)))
        return;
    if (!ask_uses_every_program(ask)) { /* it takes from all of them */
        answer_problem(ask, VERDICT_ROLE_REQUIRED, "an erasure reaches every program, and account %s doesn't",
                       ask->account->name);
        return;
    }
    erasure_request(ask->gateway->consents, number, before_term, ask->now_ms, &erased);
    if (erased.fault == ERASURE_UNREADABLE) {
        answer_unavailable(ask);
    } else if (erased.fault != ERASURE_DONE) {
        answer_problem(ask, VERDICT_INVALID_FIELD, "%s", fault_text(erased.fault));
    } else {
        ask->person = 0; /* nor is it on record whom it was about */
        answer_json(ask, 200,
                    json_pack("{s:o,s:o,s:I,s:I,s:I,s:I,s:b}", "phone", json_phone(number), "ledger_seq",
                              json_seq(erased.seq), "records", (json_int_t)erased.records, "messages",
                              (json_int_t)erased.messages, "inbound", (json_int_t)erased.inbound,
                              "recipients", (json_int_t)erased.recipients,
                              "stays_out", (int)erased.stays_out));
    }
}
