/* Events on their way to receivers: what waits, what was given up, what was delivered lately; and sending again. */
#include <string.h>

#include "base/must.h"
#include "base/region.h"
#include "http_parts.h"
#include "notify/courier.h"
#include "notify/notify.h"

#define REPLAY_MOST 2000 /* in one call: a fifth of a second or so */

static const char *state_word(enum webhook_state state)
{
    return state == WEBHOOK_DELIVERED ? "delivered" : state == WEBHOOK_DEAD ? "dead" : "waiting";
}

/* What was posted is shown to whose it is: an administrator sees that of others only from outside. */
static json_t *event_json(const struct ask *ask, const struct webhook *webhook)
{
    bool is_own = strcmp(webhook->account, ask->account->name) == 0;
    json_t *event = is_own && webhook->body[0] == '{' ? json_loads(webhook->body, 0, NULL) : NULL;
    return event == NULL ? json_null() : event;
}

/* 0: it doesn't go, or waits for another. */
static int64_t next_at(const struct webhook *webhook)
{
    if (webhook->state != WEBHOOK_READY)
        return 0;
    return webhook->due_at > webhook->at ? webhook->due_at : webhook->at;
}

static json_t *webhook_json(struct ask *ask, const struct webhook *it)
{
    json_t *json = json_pack(
        "{s:o,s:s,s:o,s:s,s:o,s:o,s:o,s:i,s:o,s:o,s:o,s:o}", "id", json_id(it->id, it->tail), "status",
        state_word(it->state), "type", json_words(ask, it->type), "account", it->account, "receiver",
        json_words_or_null(ask, it->origin), "at", json_time(it->at), "next_at",
        json_time(next_at(it)), "tries", it->tries, "done_at",
        json_time(it->done_at), "answer", it->status == 0 ? json_null() : json_integer(it->status), "why",
        json_words_or_null(ask, it->why), "event", event_json(ask, it));
    must(json != NULL);
    return json;
}

/* ---- whose ---- */

/* False: answered. name NULL: the asking one. */
static bool account_read(struct ask *ask, const char *name, const char **account)
{
    *account = ask->account->name;
    if (name == NULL || strcmp(name, ask->account->name) == 0)
        return true;
    *account = name;
    if (!account_has_role(ask->account, CONFIG_ROLE_ADMIN))
        answer_problem(ask, VERDICT_ROLE_REQUIRED, "account: the events of another account need the role admin");
    else if (accounts_find(ask->gateway->accounts, name) == NULL)
        answer_problem(ask, VERDICT_NOT_FOUND, "account: there is no such account");
    else
        return true;
    return false;
}

static bool find(struct ask *ask, struct webhook *webhook)
{
    int64_t id, tail;
    enum store_result found = STORE_NONE;
    if (message_id_read(octets_text(ask->segment), &id, &tail))
        found = store_webhook_get(ask->gateway->store, id, ask->region, webhook);
    if (found == STORE_FAILED)
        answer_unavailable(ask);
    else if (found == STORE_NONE || webhook->tail != tail ||
             (strcmp(webhook->account, ask->account->name) != 0 &&
              !account_has_role(ask->account, CONFIG_ROLE_ADMIN)))
        answer_problem(ask, VERDICT_NOT_FOUND, "there is no such event: delivered ones are kept for a day");
    else
        return true;
    return false;
}

/* ---- GET /v1/webhooks and /v1/webhooks/{id} ---- */

static bool state_read(struct ask *ask, const char *word, enum webhook_state *state)
{
    *state = 0;
    if (word == NULL)
        return true;
    *state = strcmp(word, "waiting") == 0     ? WEBHOOK_READY
             : strcmp(word, "delivered") == 0 ? WEBHOOK_DELIVERED
             : strcmp(word, "dead") == 0      ? WEBHOOK_DEAD
                                              : 0;
    if (*state == 0)
        answer_problem(ask, VERDICT_INVALID_FIELD, "status: must be waiting, delivered or dead");
    return *state != 0;
}

void webhook_list(struct ask *ask)
{
    struct page page;
    struct webhook_filter filter = {.type = ask_parameter(ask, "type")};
    if (!account_read(ask, ask_parameter(ask, "account"), &filter.account) ||
        !state_read(ask, ask_parameter(ask, "status"), &filter.state) || !page_begin(ask, &page))
        return;
    struct webhook *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        filter.below = page.after;
        if (store_webhook_list(ask->gateway->store, &filter, ask->region, rows, page.limit, &count) ==
            STORE_FAILED) {
            page_fail(ask, &page);
            return;
        }
        for (size_t i = 0; i < count && page_takes(&page, rows[i].id); i++)
            json_array_append_new(page.items, webhook_json(ask, &rows[i]));
        page_fetched(&page, count);
    }
    page_answer(ask, &page);
}

void webhook_get(struct ask *ask)
{
    struct webhook webhook;
    if (!find(ask, &webhook))
        return;
    if (strcmp(webhook.account, ask->account->name) == 0) /* of another's nothing is shown that was in it */
        ask->person = webhook.number;
    answer_json(ask, 200, webhook_json(ask, &webhook));
}

/* ---- POST /v1/webhooks/{id}/replay and /v1/webhooks/replay ---- */

static void replay(struct ask *ask, const struct webhook *webhook, int64_t due_at)
{
    store_webhook_replay(ask->gateway->store, webhook, due_at, ask->now_ms + COURIER_TERM_MS);
    courier_hurry(ask->gateway->courier, webhook->account, webhook->origin);
}

void webhook_replay_post(struct ask *ask)
{
    struct webhook webhook;
    if ((ask->json != NULL && !ask_fields(ask, API_NOTHING, NULL, 0)) || !find(ask, &webhook))
        return;
    replay(ask, &webhook, COURIER_FIRST);
    if (store_webhook_get(ask->gateway->store, webhook.id, ask->region, &webhook) == STORE_OK)
        answer_json(ask, 202, webhook_json(ask, &webhook));
    else
        answer_unavailable(ask);
}

/* Oldest first, so that those of one message go in their order again. */
void webhook_replay_all_post(struct ask *ask)
{
    size_t count = 0;
    const char *account = NULL, *type = NULL;
    const struct into places[] = {{"account", &account}, {"type", &type}};
    if ((ask->json != NULL && !ask_fields(ask, API_REPLAY, places, sizeof places / sizeof *places)) ||
        !account_read(ask, account, &account))
        return;
    struct webhook *rows = region_get(ask->region, (REPLAY_MOST + 1) * sizeof *rows);
    if (store_webhook_dead_list(ask->gateway->store, account, type, ask->region, rows, REPLAY_MOST + 1, &count) ==
        STORE_FAILED) {
        answer_unavailable(ask);
        return;
    }
    bool has_more = count > REPLAY_MOST;
    size_t replayed = has_more ? REPLAY_MOST : count;
    for (size_t i = 0; i < replayed; i++)
        replay(ask, &rows[i], ask->now_ms);
    answer_json(ask, 202, json_pack("{s:i,s:b}", "replayed", (int)replayed, "more", (int)has_more));
}

/* ---- POST /v1/webhooks/test ---- */

void webhook_test_post(struct ask *ask)
{
    struct webhook webhook;
    const struct config_account *config = ask->account->config;
    if (ask->json != NULL && !ask_fields(ask, API_NOTHING, NULL, 0))
        return;
    if (config == NULL || config->callback_url[0] == '\0') {
        answer_problem(ask, VERDICT_NO_RECEIVER, "account %s has no callback_url in the config", ask->account->name);
        return;
    }
    int64_t id = notify_test(ask->gateway->notify, ask->account->name, ask->now_ms);
    if (store_webhook_get(ask->gateway->store, id, ask->region, &webhook) == STORE_OK)
        answer_json(ask, 202, webhook_json(ask, &webhook));
    else
        answer_unavailable(ask);
}

/* ---- for GET /v1/status ---- */

static bool is_shown(const struct ask *ask, const struct account *account)
{
    bool is_own = strcmp(account->name, ask->account->name) == 0;
    return (is_own || account_has_role(ask->account, CONFIG_ROLE_ADMIN)) && account->config != NULL &&
           account->config->callback_url[0] != '\0';
}

/* The accounts with a receiver, and how many events wait for it since when, are being posted and were given up. */
json_t *webhooks_json(struct ask *ask)
{
    json_t *list = json_array();
    struct store *store = ask->gateway->store;
    for (size_t i = 0; i < accounts_count(ask->gateway->accounts); i++) {
        int64_t oldest_at = 0;
        const struct account *account = accounts_at(ask->gateway->accounts, i);
        if (!is_shown(ask, account))
            continue;
        int64_t waiting = store_webhook_waiting(store, account->name, &oldest_at);
        int64_t dead = store_webhook_dead(store, account->name);
        if (waiting >= 0 && dead >= 0)
            json_array_append_new(list, json_pack("{s:s,s:I,s:o,s:I}", "account", account->name, "waiting",
                                                  (json_int_t)waiting, "since", json_time(oldest_at), "dead",
                                                  (json_int_t)dead));
    }
    return list;
}
