#include "http_work.h"

#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "http_parts.h"

#define TURN_ROWS  3500 /* of all works in a turn: the more, the less of a commit and of the dispatch beside it falls on each … */
#define TURN_MS    40   /* … but others wait for the turn: then it is over, however many were done */
#define TURN_WORKS 10   /* that share them; the others wait their turn */
#define TURN_TEXT  ((size_t)640 << 10) /* octets of their rows */

struct work {
    TAILQ_ENTRY(work) line;
    const struct work_kind *kind;
    void *owner;
    struct http *http;
    char *account, *key; /* key NULL: none */
    struct evhttp_request *request; /* NULL: its client has gone */
    struct answer answer; /* of the step, in its turn's region */
    bool has_stepped; /* in this turn; one that was cut instead has written nothing that could be lost */
    size_t room; /* that it has of that for large bodies and answers */
};

TAILQ_HEAD(work_list, work);

struct works {
    struct http *http;
    void (*send)(struct http *http, struct evhttp_request *request, const struct answer *answer);
    struct work_list all; /* whose turn it is stands first */
    size_t count;
};

/* ---- beginning and end ---- */

static size_t count_of(const struct works *works, const char *account)
{
    size_t count = 0;
    struct work *work;
    TAILQ_FOREACH(work, &works->all, line)
    {
        count += strcmp(work->account, account) == 0 ? 1 : 0;
    }
    return count;
}

/* `room` is what it has not got yet. */
static bool has_place(struct ask *ask, size_t room)
{
    const struct works *works = http_works(ask->http);
    if (works->count >= WORKS_MOST || count_of(works, ask->account->name) >= WORKS_OF_ACCOUNT)
        answer_problem(ask, VERDICT_UNAVAILABLE, "as many batches and files are being worked on as may be: %d of an account, %d of all",
                       WORKS_OF_ACCOUNT, WORKS_MOST);
    else if (!http_change_room(ask->http, 0, room))
        answer_problem(ask, VERDICT_UNAVAILABLE, "too many batches and files are being worked on at once");
    else
        return true;
    return false;
}

void work_begin(struct ask *ask, const struct work_kind *kind, void *owner, size_t body, const char *key)
{
    size_t room = body > HTTP_BODY_LIMIT ? 0 : body; /* a large one has had it since it began to come */
    if (!has_place(ask, room)) {
        kind->free_it(owner);
        return;
    }
    struct work *work = mem_new(sizeof *work);
    work->room = room;
    work->kind = kind;
    work->http = ask->http;
    work->owner = owner;
    work->account = strdup(ask->account->name);
    work->key = key == NULL ? NULL : strdup(key);
    must(work->account != NULL && (key == NULL || work->key != NULL));
    ask->work = work;
}

bool work_takes_room(struct ask *ask, size_t octets)
{
    struct work *work = ask->work;
    bool has_room = http_change_room(ask->http, work->room, octets);
    work->room = has_room ? octets : work->room;
    return has_room;
}

bool work_has_key(const struct ask *ask, const char *key)
{
    struct work *work;
    TAILQ_FOREACH(work, &http_works(ask->http)->all, line)
    {
        if (work->key != NULL && strcmp(work->key, key) == 0 && strcmp(work->account, ask->account->name) == 0)
            return true;
    }
    return false;
}

/* A request that evhttp has already parted from its connection is still ours: sending its answer frees it. One that it
 * hasn't dies now. */
static void client_left(struct evhttp_connection *connection, void *owner)
{
    struct work *work = owner;
    log_info("http client left before its answer account=%s", work->account);
    http_left(work->http, connection);
    if (evhttp_request_get_connection(work->request) != NULL)
        work->request = NULL;
}

void works_take(struct works *works, struct work *work, struct evhttp_request *request, size_t room)
{
    work->room += room;
    work->request = request;
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), client_left, work);
    TAILQ_INSERT_TAIL(&works->all, work, line);
    works->count++;
}

static void work_free(struct works *works, struct work *work)
{
    TAILQ_REMOVE(&works->all, work, line);
    works->count--;
    work->kind->free_it(work->owner);
    http_change_room(works->http, work->room, 0);
    free(work->account);
    free(work->key);
    free(work);
}

/* ---- turns ---- */

static struct ask ask_make(const struct works *works, const struct work *work)
{
    struct gateway *gateway = http_gateway(works->http);
    return (struct ask){.gateway = gateway,
                        .http = works->http,
                        .region = loop_region(gateway->loop),
                        .account = accounts_find(gateway->accounts, work->account),
                        .segment = "",
                        .now_ms = clock_wall_ms()};
}

static void work_cut(const struct works *works, struct work *work, enum verdict why, const char *words)
{
    struct ask ask = ask_make(works, work);
    work->kind->cut(&ask, work->owner, why, words);
    must(ask.answer.status != 0);
    work->answer = ask.answer;
}

/* One of so many. Gives the octets of rows that it read. */
static size_t work_step(const struct works *works, struct work *work, size_t count)
{
    struct ask ask = ask_make(works, work);
    ask.slice = TURN_ROWS / count;
    ask.slice_octets = TURN_TEXT / count;
    ask.slice_until_ms = clock_mono_ms() + TURN_MS / (int64_t)count;
    ask.work = work;
    work->answer = (struct answer){0};
    if (ask.account == NULL) {
        work_cut(works, work, VERDICT_UNAUTHORIZED, "the account was revoked meanwhile");
    } else if (ask.gateway->is_leaving) {
        work_cut(works, work, VERDICT_UNAVAILABLE, "the gateway is ending; it takes no new work");
    } else {
        work->has_stepped = true;
        work->kind->step(&ask, work->owner);
        work->answer = ask.answer;
    }
    return ask.slice_read;
}

void works_turn(struct works *works)
{
    struct work *work;
    size_t count = works->count < TURN_WORKS ? works->count : TURN_WORKS, octets = 0;
    for (size_t i = 0; i < count && octets < TURN_TEXT; i++) {
        work = TAILQ_FIRST(&works->all);
        TAILQ_REMOVE(&works->all, work, line);
        TAILQ_INSERT_TAIL(&works->all, work, line);
        octets += work_step(works, work, count);
    }
    if (count > 0)
        loop_again(http_gateway(works->http)->loop);
}

static void work_end(struct works *works, struct work *work)
{
    log_debug("http work status=%d account=%s", work->answer.status, work->account);
    if (work->request != NULL)
        works->send(works->http, work->request, &work->answer);
    work_free(works, work);
}

void works_release(struct works *works, bool is_committed)
{
    struct work *next;
    for (struct work *work = TAILQ_FIRST(&works->all); work != NULL; work = next) {
        next = TAILQ_NEXT(work, line);
        if (work->has_stepped && is_committed)
            work->kind->kept(work->owner);
        else if (work->has_stepped)
            work_cut(works, work, VERDICT_UNAVAILABLE, "it can't be written to disk now");
        work->has_stepped = false;
        if (work->answer.status != 0)
            work_end(works, work);
    }
}

bool works_are_done(const struct works *works)
{
    return TAILQ_EMPTY(&works->all);
}

/* ---- life ---- */

struct works *works_open(struct http *http, void (*send)(struct http *http, struct evhttp_request *request,
                                                         const struct answer *answer))
{
    struct works *works = mem_new(sizeof *works);
    works->http = http;
    works->send = send;
    TAILQ_INIT(&works->all);
    return works;
}

void works_close(struct works *works)
{
    struct work *work;
    if (works == NULL)
        return;
    while ((work = TAILQ_FIRST(&works->all)) != NULL) {
        if (work->request != NULL)
            http_request_leave(works->http, work->request);
        work_free(works, work);
    }
    free(works);
}
