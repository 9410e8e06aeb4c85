#include "http_wait.h"

#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "base/worker.h"
#include "guard.h"
#include "http_audit.h"
#include "visit.h"

struct wait {
    TAILQ_ENTRY(wait) line;
    struct waits *waits;
    const struct wait_kind *kind;
    void *owner;
    const struct route *route;
    uint64_t visit;         /* by which session it was asked; 0: by none */
    char *account;          /* NULL: nobody's */
    char *peer, *segment;
    char network[GUARD_NETWORK_SIZE]; /* of the peer */
    http_refusal *refuse;
    struct evhttp_request *request; /* NULL: its client has gone */
};
TAILQ_HEAD(wait_list, wait);

struct waits {
    struct http *http;
    void (*send)(struct http *http, struct evhttp_request *request, const struct ask *ask, bool is_of_store);
    struct worker *worker;
    struct wait_list all;
};

static void wait_free(struct wait *wait)
{
    wait->kind->free_it(wait->owner);
    free(wait->account);
    free(wait->peer);
    free(wait->segment);
    free(wait);
}

/* ---- its end ---- */

static void wait_run(void *owner)
{
    struct wait *wait = owner;
    wait->kind->run(wait->owner);
}

static void wait_done(void *owner)
{
    struct wait *wait = owner;
    struct gateway *gateway = http_gateway(wait->waits->http);
    struct ask ask = {.gateway = gateway,
                      .http = wait->waits->http,
                      .region = loop_region(gateway->loop),
                      .segment = wait->segment,
                      .route = wait->route,
                      .visit = visits_by_number(http_visits(wait->waits->http), wait->visit, clock_mono_ms()),
                      .refuse = wait->refuse,
                      .now_ms = clock_wall_ms()};
    ask.peer = region_text(ask.region, octets_text(wait->peer));
    ask.account = wait->account == NULL ? NULL : accounts_find(gateway->accounts, wait->account);
    wait->kind->done(&ask, wait->owner);
    must(ask.answer.status != 0);
    audit_note(&ask, wait->route);
    if (wait->request != NULL)
        wait->waits->send(wait->waits->http, wait->request, &ask, wait->kind->is_of_store);
    TAILQ_REMOVE(&wait->waits->all, wait, line);
    wait_free(wait);
}

/* ---- its beginning ---- */

static size_t strangers_from(const struct waits *waits, const char *network)
{
    size_t count = 0;
    const struct wait *wait;
    TAILQ_FOREACH(wait, &waits->all, line)
    {
        count += wait->account == NULL && strcmp(wait->network, network) == 0 ? 1 : 0;
    }
    return count;
}

/* Nobody takes all places alone, who has shown no key. */
static bool has_place(struct waits *waits, struct wait *wait)
{
    bool is_one_too_many = wait->account == NULL && strangers_from(waits, wait->network) >= WAITS_OF_NETWORK;
    return !is_one_too_many && worker_take(waits->worker, wait_run, wait_done, wait);
}

bool wait_begin(struct ask *ask, const struct wait_kind *kind, void *owner)
{
    struct waits *waits = http_waits(ask->http);
    struct wait *wait = mem_new(sizeof *wait);
    *wait = (struct wait){.waits = waits, .kind = kind, .owner = owner, .refuse = ask->refuse};
    wait->account = mem_text(ask->account == NULL ? NULL : ask->account->name);
    wait->peer = mem_text(ask->peer);
    wait->segment = mem_text(ask->segment);
    wait->route = ask->route;
    wait->visit = ask->visit == NULL ? 0 : ask->visit->number;
    guard_network(wait->peer, wait->network);
    if (has_place(waits, wait)) {
        TAILQ_INSERT_TAIL(&waits->all, wait, line);
        ask->wait = wait;
        return true;
    }
    wait_free(wait);
    answer_problem(ask, VERDICT_UNAVAILABLE, "too many passwords are being looked at: try again in a moment");
    return false;
}

/* A request that evhttp has already parted from its connection is still ours: sending its answer frees it. One that it
 * hasn't dies now. */
static void client_left(struct evhttp_connection *connection, void *owner)
{
    struct wait *wait = owner;
    http_left(wait->waits->http, connection);
    if (evhttp_request_get_connection(wait->request) != NULL)
        wait->request = NULL;
}

void waits_take(struct wait *wait, struct evhttp_request *request)
{
    wait->request = request;
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), client_left, wait);
}

/* ---- life ---- */

struct waits *waits_open(struct http *http, void (*send)(struct http *http, struct evhttp_request *request,
                                                         const struct ask *ask, bool is_of_store))
{
    struct waits *waits = mem_new(sizeof *waits);
    waits->http = http;
    waits->send = send;
    waits->worker = worker_open(http_gateway(http)->loop, WAITS_MOST);
    TAILQ_INIT(&waits->all);
    return waits;
}

void waits_close(struct waits *waits)
{
    struct wait *wait;
    if (waits == NULL)
        return;
    worker_close(waits->worker);
    while ((wait = TAILQ_FIRST(&waits->all)) != NULL) {
        if (wait->request != NULL)
            http_request_leave(waits->http, wait->request);
        TAILQ_REMOVE(&waits->all, wait, line);
        wait_free(wait);
    }
    free(waits);
}
