#include "notify/courier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "base/web_address.h"
#include "consent/account.h"
#include "notify/backoff.h"
#include "notify/post.h"
#include "notify/webhook_signature.h"
#include "store/store.h"

#define MOST          128 /* under way in all … */
#define MOST_ACCOUNT  64  /* … and of one account, whomever its messages name */
#define MOST_OTHER    8   /* at a receiver that no account's settings are about */
#define DISK_REST_MS  1000
#define NOWHERE_MS    600000 /* an account has no receiver now: until what waits is looked through again */
#define DEAD_MS       INT64_C(3600000) /* a receiver that failed so long takes what is over with it */
#define OVERDUE_SLICE 100
#define TIDY_MS       600000
#define TIDY_NEXT_MS  500
#define TIDY_SLICE    500
#define KEPT_MS       INT64_C(86400000) /* what was delivered, for people … */
#define KEPT_DEAD_MS  (30 * INT64_C(86400000)) /* … and what was not */

enum flight_state {
    FLIGHT_PICKED,   /* in this turn: begins with its commit */
    FLIGHT_FLYING,
    FLIGHT_ANSWERED, /* not written yet */
    FLIGHT_WRITTEN   /* in this turn: over with its commit */
};

struct flight {
    TAILQ_ENTRY(flight) line;
    struct receiver *receiver;
    enum flight_state state;
    struct webhook row; /* with texts of its own, but for those of the receiver */
    struct post_answer answer;
    bool is_counted;
    int64_t rest_until_ms; /* monotonic: it is not written before */
};

struct receiver {
    TAILQ_ENTRY(receiver) line;
    struct courier *courier;
    char *account, *origin;
    unsigned flights;
    unsigned failures;      /* in a row */
    int64_t failing_since;  /* wall */
    int64_t rest_until_ms;  /* monotonic */
    bool is_awake;
    bool is_crowded_out; /* by others: there would be more to take */
    struct timer timer;
};

struct courier {
    struct loop *loop;
    struct store *store;
    const struct accounts *accounts;
    const struct config *config;
    struct posts *posts;
    TAILQ_HEAD(receiver_list, receiver) receivers; /* who was served last stands last */
    TAILQ_HEAD(, flight) flights;
    struct courier_counts counts;
    bool has_work, is_stopping;
    struct timer disk_timer, tidy_timer;
};

/* ---- receivers ---- */

static void courier_wake(struct courier *courier)
{
    if (!courier->has_work)
        loop_again(courier->loop);
    courier->has_work = true;
}

static void receiver_wake(struct receiver *receiver)
{
    receiver->is_awake = true;
    courier_wake(receiver->courier);
}

static void receiver_rings(void *owner)
{
    receiver_wake(owner);
}

static void receiver_sleep(struct receiver *receiver, int64_t wait_ms)
{
    timer_set(receiver->courier->loop, &receiver->timer, wait_ms, receiver_rings, receiver);
}

static struct receiver *receiver_find(struct courier *courier, const char *account, const char *origin)
{
    struct receiver *receiver;
    TAILQ_FOREACH(receiver, &courier->receivers, line)
    {
        if (strcmp(receiver->account, account) == 0 && strcmp(receiver->origin, origin) == 0)
            return receiver;
    }
    receiver = mem_new(sizeof *receiver);
    *receiver = (struct receiver){
        .courier = courier, .account = mem_text(account), .origin = mem_text(origin)};
    TAILQ_INSERT_TAIL(&courier->receivers, receiver, line);
    return receiver;
}

static void receiver_drop(struct receiver *receiver)
{
    must(receiver->flights == 0);
    TAILQ_REMOVE(&receiver->courier->receivers, receiver, line);
    timer_clear(receiver->courier->loop, &receiver->timer);
    free(receiver->account);
    free(receiver->origin);
    free(receiver);
}

void courier_waits(struct courier *courier, const char *account, const char *origin)
{
    receiver_wake(receiver_find(courier, account, origin));
}

/* NULL: the account is one of the database, or gone. */
static const struct config_account *config_of(const struct courier *courier, const char *account)
{
    const struct account *found = accounts_find(courier->accounts, account);
    return found == NULL ? NULL : found->config;
}

/* "": nowhere now. */
static const char *url_of(const struct courier *courier, const struct webhook *row)
{
    const struct config_account *config = config_of(courier, row->account);
    if (row->origin[0] != '\0')
        return row->url;
    return config == NULL ? "" : config->callback_url;
}

static bool is_nowhere(const struct receiver *receiver)
{
    const struct config_account *config = config_of(receiver->courier, receiver->account);
    return receiver->origin[0] == '\0' && (config == NULL || config->callback_url[0] == '\0');
}

static unsigned flights_of_account(const struct courier *courier, const char *account)
{
    unsigned count = 0;
    const struct receiver *receiver;
    TAILQ_FOREACH(receiver, &courier->receivers, line)
    {
        if (strcmp(receiver->account, account) == 0)
            count += receiver->flights;
    }
    return count;
}

/* How many more may be under way to it. */
static unsigned receiver_room(struct receiver *receiver)
{
    const struct courier *courier = receiver->courier;
    const struct config_account *config = config_of(courier, receiver->account);
    unsigned most = receiver->origin[0] == '\0' && config != NULL ? (unsigned)config->callback_parallel : MOST_OTHER;
    if (receiver->failures >= BACKOFF_DOUBTED)
        most = 1;
    unsigned own = most > receiver->flights ? most - receiver->flights : 0;
    unsigned of_account = flights_of_account(courier, receiver->account), all = (unsigned)courier->counts.under_way;
    unsigned rest = MOST_ACCOUNT > of_account ? MOST_ACCOUNT - of_account : 0;
    rest = MOST - all < rest ? MOST - all : rest;
    receiver->is_crowded_out = rest < own;
    return own < rest ? own : rest;
}

/* ---- flights ---- */

static struct flight *flight_find(const struct courier *courier, int64_t id)
{
    struct flight *flight;
    TAILQ_FOREACH(flight, &courier->flights, line)
    {
        if (flight->row.id == id)
            return flight;
    }
    return NULL;
}

static void flight_new(struct receiver *receiver, const struct webhook *row)
{
    struct courier *courier = receiver->courier;
    struct flight *flight = mem_new(sizeof *flight);
    *flight = (struct flight){.receiver = receiver, .state = FLIGHT_PICKED, .row = *row};
    flight->row.account = receiver->account;
    flight->row.origin = receiver->origin;
    flight->row.type = mem_text(row->type);
    flight->row.method = mem_text(row->method);
    flight->row.url = mem_text(row->url);
    flight->row.headers = mem_text(row->headers);
    flight->row.body = mem_text(row->body);
    flight->row.why = "";
    receiver->flights++;
    courier->counts.under_way++;
    TAILQ_INSERT_TAIL(&courier->flights, flight, line);
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void flight_drop(struct flight *flight)
{
    struct courier *courier = flight->receiver->courier;
    struct receiver *other;
    flight->receiver->flights--;
    courier->counts.under_way--;
    receiver_wake(flight->receiver);
    TAILQ_FOREACH(other, &courier->receivers, line)
    {
        if (other->is_crowded_out)
            receiver_wake(other);
    }
    TAILQ_REMOVE(&courier->flights, flight, line);
    free_text(flight->row.type);
    free_text(flight->row.method);
    free_text(flight->row.url);
    free_text(flight->row.headers);
    free_text(flight->row.body);
    free(flight);
}

/* What it is signed with is asked for now: the row may be a day old. */
static const char *headers_of(const struct courier *courier, const struct webhook *row, struct region *region)
{
    char id[MESSAGE_ID_SIZE], signatures[WEBHOOK_SIGNATURES_SIZE];
    const struct config_account *config = config_of(courier, row->account);
    if (row->form != CALLBACK_STANDARD)
        return row->headers;
    message_id_write(row->id, row->tail, id);
    int64_t at_s = clock_wall_ms() / 1000;
    const char *const secrets[2] = {config == NULL ? "" : config->callback_secret,
                                    config == NULL ? "" : config->callback_secret_old};
    webhook_sign(secrets, id, at_s, octets_text(row->body), signatures);
    return region_format(region, "%s\nwebhook-id: %s\nwebhook-timestamp: %lld%s%s", row->headers, id,
                         (long long)at_s, signatures[0] == '\0' ? "" : "\nwebhook-signature: ", signatures);
}

static void flight_begin(struct flight *flight)
{
    struct courier *courier = flight->receiver->courier;
    struct region *region = loop_region(courier->loop);
    struct post_request request = {.method = flight->row.method,
                                   .url = url_of(courier, &flight->row),
                                   .headers = headers_of(courier, &flight->row, region),
                                   .body = flight->row.body};
    flight->state = FLIGHT_FLYING;
    post_start(courier->posts, &request, flight);
}

/* ---- what became of one ---- */

static bool is_taken(const struct post_answer *answer)
{
    return answer->status >= 200 && answer->status < 300;
}

static unsigned chance(void)
{
    return (unsigned)random_bits(20) % BACKOFF_PERMILLE;
}

/* A receiver that says Retry-After means all that it gets. */
static void receiver_judge(struct receiver *receiver, const struct post_answer *answer)
{
    if (is_taken(answer) || answer->status == 410) {
        if (receiver->failures >= BACKOFF_DOUBTED)
            log_info("webhooks account=%s: the receiver answers again", receiver->account);
        receiver->failures = 0;
        return;
    }
    if (receiver->failures++ == 0)
        receiver->failing_since = clock_wall_ms();
    if (receiver->failures == BACKOFF_DOUBTED)
        log_warn("webhooks account=%s: %u in a row failed, one at a time is tried from now on status=%d why=\"%s\"",
                 receiver->account, receiver->failures, answer->status, answer->why);
    int64_t wait_ms = backoff_receiver_ms(receiver->failures, chance());
    if (answer->retry_after_s > 0 && (answer->status == 429 || answer->status == 503))
        wait_ms = backoff_ms(0, answer->retry_after_s, 0);
    receiver->rest_until_ms = clock_mono_ms() + wait_ms;
}

static void flight_answered(void *owner, void *whose, const struct post_answer *answer)
{
    struct flight *flight = whose;
    flight->state = FLIGHT_ANSWERED;
    flight->answer = *answer;
    receiver_judge(flight->receiver, answer);
    courier_wake(owner);
}

static void log_end(const struct webhook *row, const char *what, const struct post_answer *answer)
{
    char id[MESSAGE_ID_SIZE];
    if (!log_is_on(LOG_LEVEL_INFO))
        return;
    message_id_write(row->id, row->tail, id);
    log_info("webhook id=%s account=%s type=%s %s tries=%d status=%d why=\"%s\"", id, row->account, row->type,
             what, row->tries + 1, answer->status, answer->why);
}

static const char *why_of(const struct post_answer *answer, char why[POST_WHY_SIZE])
{
    if (answer->status == 0)
        return answer->why;
    bool is_redirect = answer->status >= 300 && answer->status < 400;
    snprintf(why, POST_WHY_SIZE, "answered %d%s", answer->status,
             is_redirect ? ": redirects are not followed" : "");
    return why;
}

/* Once, however often a disk that is full makes it be written. */
static void flight_count(struct flight *flight, bool is_dead)
{
    struct courier_counts *counts = &flight->receiver->courier->counts;
    if (flight->is_counted)
        return;
    flight->is_counted = true;
    if (is_taken(&flight->answer))
        counts->delivered++;
    else
        counts->failed++;
    counts->dead += is_dead;
}

static void give_up(struct courier *courier, const struct webhook *row, int tried,
                    const struct post_answer *answer, int64_t now_ms)
{
    char why[POST_WHY_SIZE];
    store_webhook_end(courier->store, row, WEBHOOK_DEAD, tried, answer->status, why_of(answer, why), now_ms);
    log_end(row, "given up", answer);
}

static void flight_write(struct flight *flight)
{
    char why[POST_WHY_SIZE];
    struct courier *courier = flight->receiver->courier;
    const struct webhook *row = &flight->row;
    const struct post_answer *answer = &flight->answer;
    int64_t now_ms = clock_wall_ms();
    bool is_over = answer->status == 410 || now_ms >= row->until;
    flight->state = FLIGHT_WRITTEN;
    flight_count(flight, !is_taken(answer) && is_over);
    if (is_taken(answer)) {
        store_webhook_end(courier->store, row, WEBHOOK_DELIVERED, 1, answer->status, "", now_ms);
        log_end(row, "delivered", answer);
        return;
    }
    if (is_over) {
        give_up(courier, row, 1, answer, now_ms);
        return;
    }
    int64_t due_at = now_ms + backoff_ms(row->tries + 1, answer->retry_after_s, chance());
    store_webhook_again(courier->store, row->id, due_at < row->until ? due_at : row->until, answer->status,
                        why_of(answer, why));
    log_end(row, "failed", answer);
}

/* ---- a receiver's turn ---- */

/* Of a receiver that is dead, or nowhere, not each is tried a last time. */
static void drop_overdue(struct receiver *receiver, const char *why)
{
    size_t count = 0;
    struct courier *courier = receiver->courier;
    struct region *region = loop_region(courier->loop);
    struct post_answer answer = {0};
    int64_t now_ms = clock_wall_ms();
    struct webhook *rows = region_get(region, OVERDUE_SLICE * sizeof *rows);
    snprintf(answer.why, sizeof answer.why, "%s", why);
    if (store_webhook_overdue(courier->store, receiver->account, receiver->origin, now_ms, region, rows,
                              OVERDUE_SLICE, &count) == STORE_FAILED)
        return;
    for (size_t i = 0; i < count; i++)
        if (flight_find(courier, rows[i].id) == NULL) {
            give_up(courier, &rows[i], 0, &answer, now_ms);
            courier->counts.dead++;
        }
    if (count == OVERDUE_SLICE)
        receiver_sleep(receiver, TIDY_NEXT_MS);
}

static bool is_dead(const struct receiver *receiver)
{
    return receiver->failures >= BACKOFF_DOUBTED && clock_wall_ms() - receiver->failing_since >= DEAD_MS;
}

/* When more is due; nothing is: it is forgotten. */
static void receiver_rest(struct receiver *receiver)
{
    struct courier *courier = receiver->courier;
    int64_t now_ms = clock_wall_ms();
    int64_t due_at = store_webhook_next_due(courier->store, receiver->account, receiver->origin, now_ms);
    if (due_at > 0)
        receiver_sleep(receiver, due_at - now_ms);
    else if (receiver->flights == 0)
        receiver_drop(receiver);
}

static void receiver_pick(struct receiver *receiver, unsigned room)
{
    size_t count = 0;
    struct courier *courier = receiver->courier;
    size_t limit = room + receiver->flights; /* what is under way is ready as well, to the store */
    struct region *region = loop_region(courier->loop);
    struct webhook *rows = region_get(region, limit * sizeof *rows);
    if (store_webhook_ready(courier->store, receiver->account, receiver->origin, clock_wall_ms(), region, rows,
                            limit, &count) == STORE_FAILED) {
        receiver_sleep(receiver, DISK_REST_MS);
        return;
    }
    for (size_t i = 0; i < count && room > 0; i++)
        if (flight_find(courier, rows[i].id) == NULL) {
            flight_new(receiver, &rows[i]);
            room--;
        }
    if (count < limit)
        receiver_rest(receiver);
}

static void receiver_turn(struct receiver *receiver)
{
    struct courier *courier = receiver->courier;
    int64_t wait_ms = receiver->rest_until_ms - clock_mono_ms();
    unsigned room = receiver_room(receiver);
    receiver->is_awake = false;
    timer_clear(courier->loop, &receiver->timer);
    if (is_nowhere(receiver)) {
        receiver_sleep(receiver, NOWHERE_MS);
        drop_overdue(receiver, "the account has no callback_url");
        return;
    }
    if (is_dead(receiver))
        drop_overdue(receiver, "the receiver has not answered for hours");
    if (room == 0 || courier->is_stopping)
        return; /* whoever lands wakes it */
    if (wait_ms > 0)
        receiver_sleep(receiver, wait_ms);
    else if (descriptors_are_short())
        receiver_sleep(receiver, DESCRIPTORS_PAUSE_MS);
    else
        receiver_pick(receiver, room);
}

/* ---- the turn ---- */

static void write_answers(struct courier *courier)
{
    struct flight *flight;
    int64_t now_ms = clock_mono_ms();
    TAILQ_FOREACH(flight, &courier->flights, line)
    {
        if (flight->state == FLIGHT_ANSWERED && flight->rest_until_ms <= now_ms)
            flight_write(flight);
    }
}

/* Whoever is served goes to the end, so that all take turns at what is left. */
void courier_turn(struct courier *courier)
{
    if (!courier->has_work)
        return;
    courier->has_work = false;
    write_answers(courier);
    struct receiver *receiver = TAILQ_FIRST(&courier->receivers), *last = TAILQ_LAST(&courier->receivers, receiver_list);
    while (receiver != NULL) {
        struct receiver *next = receiver == last ? NULL : TAILQ_NEXT(receiver, line);
        if (receiver->is_awake) {
            TAILQ_REMOVE(&courier->receivers, receiver, line);
            TAILQ_INSERT_TAIL(&courier->receivers, receiver, line);
            receiver_turn(receiver);
        }
        receiver = next;
    }
}

void courier_committed(struct courier *courier)
{
    struct flight *flight = TAILQ_FIRST(&courier->flights);
    while (flight != NULL) {
        struct flight *next = TAILQ_NEXT(flight, line);
        if (flight->state == FLIGHT_PICKED)
            flight_begin(flight);
        else if (flight->state == FLIGHT_WRITTEN)
            flight_drop(flight);
        flight = next;
    }
}

static void written_again(void *owner)
{
    courier_wake(owner);
}

/* What was answered is not posted again, but written once more; what was picked may never have been. */
void courier_rolled_back(struct courier *courier)
{
    struct flight *flight = TAILQ_FIRST(&courier->flights);
    int64_t again_ms = clock_mono_ms() + DISK_REST_MS;
    while (flight != NULL) {
        struct flight *next = TAILQ_NEXT(flight, line);
        if (flight->state == FLIGHT_WRITTEN) {
            flight->state = FLIGHT_ANSWERED;
            flight->rest_until_ms = again_ms;
        } else if (flight->state == FLIGHT_PICKED) {
            flight->receiver->rest_until_ms = again_ms;
            flight_drop(flight);
        }
        flight = next;
    }
    timer_set(courier->loop, &courier->disk_timer, DISK_REST_MS, written_again, courier);
}

const struct courier_counts *courier_counts(const struct courier *courier)
{
    return &courier->counts;
}

/* ---- life ---- */

static void tidy(void *owner)
{
    struct courier *courier = owner;
    int64_t now_ms = clock_wall_ms(), texts_ms = courier->config->retention.texts_ms;
    int64_t dead_ms = texts_ms > 0 && texts_ms < KEPT_DEAD_MS ? texts_ms : KEPT_DEAD_MS;
    int64_t gone = store_webhook_forget(courier->store, WEBHOOK_DELIVERED, now_ms - KEPT_MS, TIDY_SLICE);
    gone += store_webhook_forget(courier->store, WEBHOOK_DEAD, now_ms - dead_ms, TIDY_SLICE);
    timer_set(courier->loop, &courier->tidy_timer, gone >= TIDY_SLICE ? TIDY_NEXT_MS : TIDY_MS, tidy, courier);
}

static bool find_receivers(struct courier *courier)
{
    enum store_result found;
    struct region *region = loop_region(courier->loop);
    struct webhook_receiver at = {.account = "", .origin = ""};
    while ((found = store_webhook_receiver(courier->store, &at, region, &at)) == STORE_OK)
        courier_waits(courier, at.account, at.origin);
    return found == STORE_NONE;
}

struct courier *courier_open(struct loop *loop, struct store *store, const struct accounts *accounts,
                             const struct config *config)
{
    struct courier *courier = mem_new(sizeof *courier);
    *courier = (struct courier){.loop = loop, .store = store, .accounts = accounts, .config = config};
    TAILQ_INIT(&courier->receivers);
    TAILQ_INIT(&courier->flights);
    courier->posts = posts_open(loop, &config->callbacks, flight_answered, courier);
    if (!find_receivers(courier)) {
        courier_close(courier);
        return NULL;
    }
    timer_set(loop, &courier->tidy_timer, TIDY_NEXT_MS, tidy, courier);
    return courier;
}

void courier_stop(struct courier *courier)
{
    courier->is_stopping = true;
}

void courier_configure(struct courier *courier, const struct config *config)
{
    struct receiver *receiver;
    courier->config = config;
    posts_configure(courier->posts, &config->callbacks);
    TAILQ_FOREACH(receiver, &courier->receivers, line)
    {
        receiver->failures = 0;
        receiver->rest_until_ms = 0;
        receiver_wake(receiver);
    }
}

void courier_close(struct courier *courier)
{
    if (courier == NULL)
        return;
    posts_close(courier->posts);
    while (!TAILQ_EMPTY(&courier->flights))
        flight_drop(TAILQ_FIRST(&courier->flights));
    while (!TAILQ_EMPTY(&courier->receivers))
        receiver_drop(TAILQ_FIRST(&courier->receivers));
    timer_clear(courier->loop, &courier->disk_timer);
    timer_clear(courier->loop, &courier->tidy_timer);
    free(courier);
}
