/* An event under way to its receiver: picked, posted, answered, written down. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "config/config.h"
#include "courier_parts.h"
#include "notify/backoff.h"
#include "notify/webhook_signature.h"

struct parcel *parcel_find(const struct courier *courier, int64_t id)
{
    struct parcel *parcel;
    TAILQ_FOREACH(parcel, &courier->parcels, line)
    {
        if (parcel->row.id == id)
            return parcel;
    }
    return NULL;
}

void parcel_new(struct receiver *receiver, const struct webhook *row)
{
    struct courier *courier = receiver->courier;
    struct parcel *parcel = mem_new(sizeof *parcel);
    *parcel = (struct parcel){.receiver = receiver, .state = PARCEL_PICKED, .row = *row};
    parcel->row.account = receiver->account;
    parcel->row.origin = receiver->origin;
    parcel->row.type = mem_text(row->type);
    parcel->row.method = mem_text(row->method);
    parcel->row.url = mem_text(row->url);
    parcel->row.headers = mem_text(row->headers);
    parcel->row.body = mem_text(row->body);
    parcel->row.why = "";
    receiver->parcels++;
    receiver->share->parcels++;
    parcel->is_doubtful = receiver->failures > 0;
    receiver->share->doubtful += parcel->is_doubtful ? 1 : 0;
    courier->counts.under_way++;
    TAILQ_INSERT_TAIL(&courier->parcels, parcel, line);
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

void parcel_drop(struct parcel *parcel)
{
    struct courier *courier = parcel->receiver->courier;
    parcel->receiver->parcels--;
    parcel->receiver->share->parcels--;
    parcel->receiver->share->doubtful -= parcel->is_doubtful ? 1 : 0;
    courier->counts.under_way--;
    receiver_wake(parcel->receiver);
    TAILQ_REMOVE(&courier->parcels, parcel, line);
    free_text(parcel->row.type);
    free_text(parcel->row.method);
    free_text(parcel->row.url);
    free_text(parcel->row.headers);
    free_text(parcel->row.body);
    free(parcel);
}

/* "": nowhere now. */
static const char *url_of(const struct courier *courier, const struct webhook *row)
{
    const struct config_account *config = courier_config_of(courier, row->account);
    if (row->origin[0] != '\0')
        return row->url;
    return config == NULL ? "" : config->callback_url;
}

/* What it is signed with is asked for now: the row may be a day old. */
static const char *headers_of(const struct courier *courier, const struct webhook *row, struct region *region)
{
    char id[MESSAGE_ID_SIZE], signatures[WEBHOOK_SIGNATURES_SIZE];
    const struct config_account *config = courier_config_of(courier, row->account);
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

void parcel_begin(struct parcel *parcel)
{
    struct courier *courier = parcel->receiver->courier;
    struct region *region = loop_region(courier->loop);
    struct post_request request = {.method = parcel->row.method,
                                   .url = url_of(courier, &parcel->row),
                                   .headers = headers_of(courier, &parcel->row, region),
                                   .body = parcel->row.body};
    parcel->state = PARCEL_UNDER_WAY;
    post_start(courier->posts, &request, parcel);
}

/* ---- what became of it ---- */

bool parcel_is_taken(const struct post_answer *answer)
{
    return answer->status >= 200 && answer->status < 300;
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
static void parcel_count(struct parcel *parcel, bool is_dead)
{
    struct courier_counts *counts = &parcel->receiver->courier->counts;
    if (parcel->is_counted)
        return;
    parcel->is_counted = true;
    if (parcel_is_taken(&parcel->answer))
        counts->delivered++;
    else
        counts->failed++;
    counts->dead += is_dead;
}

void parcel_give_up(struct courier *courier, const struct webhook *row, int tried,
                    const struct post_answer *answer, int64_t now_ms)
{
    char why[POST_WHY_SIZE];
    store_webhook_end(courier->store, row, WEBHOOK_DEAD, tried, answer->status, why_of(answer, why), now_ms);
    log_end(row, "given up", answer);
}

void parcel_write(struct parcel *parcel)
{
    char why[POST_WHY_SIZE];
    struct courier *courier = parcel->receiver->courier;
    const struct webhook *row = &parcel->row;
    const struct post_answer *answer = &parcel->answer;
    int64_t now_ms = clock_wall_ms();
    bool is_over = answer->status == 410 || now_ms >= row->until;
    parcel->state = PARCEL_WRITTEN;
    parcel_count(parcel, !parcel_is_taken(answer) && is_over);
    if (parcel_is_taken(answer)) {
        store_webhook_end(courier->store, row, WEBHOOK_DELIVERED, 1, answer->status, "", now_ms);
        log_end(row, "delivered", answer);
        return;
    }
    if (is_over) {
        parcel_give_up(courier, row, 1, answer, now_ms);
        return;
    }
    int64_t due_at = now_ms + backoff_ms(row->tries + 1, answer->retry_after_s, (unsigned)random_bits(20) % BACKOFF_PERMILLE);
    store_webhook_again(courier->store, row->id, due_at < row->until ? due_at : row->until, answer->status,
                        why_of(answer, why));
    log_end(row, "failed", answer);
}
