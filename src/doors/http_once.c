#include "http_once.h"

#include <string.h>

#include "base/digest.h"
#include "base/region.h"
#include "http_parts.h"
#include "http_work.h"

#define KEY_LIMIT   255
#define KEY_TERM_MS INT64_C(86400000) /* INTERFACE: 24 hours */

static bool key_is_good(const char *key)
{
    size_t length = 0;
    for (; key[length] != '\0'; length++)
        if (length == KEY_LIMIT || key[length] < 0x20 || key[length] > 0x7e)
            return false;
    return length > 0;
}

/* What is past its day is forgotten now and then, by whoever uses a key. */
static void clean_up(struct ask *ask)
{
    if (http_is_cleaning_time(ask->http))
        store_answers_forget(ask->gateway->store, ask->now_ms - KEY_TERM_MS);
}

bool once_check(struct ask *ask)
{
    if (!key_is_good(ask->idempotency_key))
        answer_problem(ask, VERDICT_MALFORMED,
                       "Idempotency-Key: must be 1 to %d printable ASCII characters", KEY_LIMIT);
    else if (work_has_key(ask, ask->idempotency_key))
        answer_problem(ask, VERDICT_IN_PROGRESS, "Idempotency-Key: the request that has it is being worked on");
    else {
        clean_up(ask);
        return true;
    }
    return false;
}

enum once once_find(struct ask *ask, const char *key, const uint8_t hash[DIGEST_SIZE], struct kept_answer *kept)
{
    enum store_result found = store_answer_find(ask->gateway->store, ask->account->name, octets_text(key),
                                                ask->region, kept);
    if (found == STORE_FAILED) {
        answer_unavailable(ask);
        return ONCE_ANSWERED;
    }
    if (found == STORE_NONE || kept->at + KEY_TERM_MS <= ask->now_ms)
        return ONCE_NEW;
    if (digest_equal(kept->body_hash, hash))
        return ONCE_KNOWN;
    answer_problem(ask, VERDICT_IDEMPOTENCY_REUSED, "Idempotency-Key: it was used with another body within 24 hours");
    return ONCE_ANSWERED;
}

static void answer_keep(struct ask *ask, const uint8_t hash[DIGEST_SIZE])
{
    struct kept_answer kept = {.at = ask->now_ms,
                               .http_status = ask->answer.status,
                               .body = region_text(ask->region, ask->answer.body)};
    if (!ask->answer.is_lasting)
        return;
    memcpy(kept.body_hash, hash, DIGEST_SIZE);
    store_answer_put(ask->gateway->store, ask->account->name, octets_text(ask->idempotency_key),
                     &kept);
}

void once_post(struct ask *ask, void (*post)(struct ask *ask))
{
    uint8_t hash[DIGEST_SIZE];
    struct kept_answer kept;
    if (ask->idempotency_key == NULL) {
        post(ask);
        return;
    }
    if (!once_check(ask))
        return;
    digest_sha256(ask->body, hash);
    switch (once_find(ask, ask->idempotency_key, hash, &kept)) {
    case ONCE_NEW:
        post(ask);
        answer_keep(ask, hash);
        return;
    case ONCE_KNOWN:
        answer_text(ask, kept.http_status,
                    kept.http_status == 403 ? "application/problem+json" : "application/json",
                    octets_text(kept.body));
        return;
    case ONCE_ANSWERED:
        return;
    }
}
