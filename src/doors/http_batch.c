/* Batches: many rows in one request, each answered as the single call would answer it, in their order and form.
 *
 * They are done in slices over turns, and answered 200 when the last one is on disk. With an Idempotency-Key the
 * answers of each slice are kept in its transaction: so the same batch sent again after a crash, a full disk or an
 * answer that got lost takes up behind the last row that is on disk, and answers for all of them. */
#include "http_batch.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/must.h"
#include "base/region.h"
#include "http_once.h"
#include "http_rows.h"
#include "http_work.h"

#define LOOKED_OCTETS ((size_t)2 << 20) /* in a turn: some 5 ms */
#define ROW_ANSWER    512               /* octets; hardly one has more, and most have a third */

/* How far it is. Each state is a step of its own, done until it moves on. */
enum batch_state {
    BATCH_LOOKING,   /* at its body: how many rows, and whether it is that of its key */
    BATCH_RECALLING, /* what was answered before */
    BATCH_WORKING,
    BATCH_DONE       /* all rows are answered */
};

struct batch {
    enum batch_state state;
    void (*handle)(struct ask *ask);
    char *key; /* NULL: none */
    struct batch_rows rows;
    struct evbuffer *body, *answer;
    struct evbuffer *slice; /* answers that aren't on disk yet */
    size_t kept;            /* rows whose answers are on disk, or would be if there were a key */
    size_t recalled;        /* rows that are to be recalled */
    bool was_finished;
    struct digest *digest; /* NULL: it was taken, or there is no key */
    size_t looked_at;
    uint8_t hash[DIGEST_SIZE];
};

static const char *type_of(const struct batch *batch)
{
    return batch->rows.is_ndjson ? "application/x-ndjson" : "application/json";
}

static void batch_free(void *owner)
{
    struct batch *batch = owner;
    evbuffer_free(batch->body);
    evbuffer_free(batch->answer);
    evbuffer_free(batch->slice);
    digest_drop(batch->digest);
    free(batch->key);
    free(batch);
}

/* ---- answering ---- */

static void put(struct evbuffer *buffer, struct octets octets)
{
    must(evbuffer_add(buffer, octets.at, octets.length) == 0);
}

/* `row` counts from 1. */
static void put_row(struct batch *batch, struct evbuffer *buffer, size_t row, struct octets answer)
{
    if (!batch->rows.is_ndjson)
        put(buffer, octets_text(row == 1 ? "[" : ","));
    put(buffer, answer);
    if (batch->rows.is_ndjson)
        put(buffer, octets_text("\n"));
}

static void answer_all(struct ask *ask, struct batch *batch)
{
    ask->answer = (struct answer){.status = 200, .type = type_of(batch), .stream = batch->answer};
}

static void batch_kept(void *owner)
{
    struct batch *batch = owner;
    must(evbuffer_add_buffer(batch->answer, batch->slice) == 0);
    batch->kept = batch->rows.count;
    if (batch->state == BATCH_DONE && !batch->rows.is_ndjson)
        put(batch->answer, octets_text(batch->kept == 0 ? "[]" : "]"));
}

/* Nobody could ask for the answers of what is on disk again: so they are given, and the other rows were not taken. */
static void answer_for_the_rest(struct ask *ask, struct batch *batch)
{
    struct octets problem = ask->answer.body;
    while (batch_row_skip(&batch->rows))
        continue;
    for (size_t row = batch->kept + 1; row <= batch->rows.count; row++)
        put_row(batch, batch->slice, row, problem);
    batch->state = BATCH_DONE;
    batch_kept(batch);
    answer_all(ask, batch);
}

static void batch_cut(struct ask *ask, void *owner, enum verdict why, const char *words)
{
    struct batch *batch = owner;
    size_t done = batch->kept > batch->recalled ? batch->kept : batch->recalled;
    const char *meaning = done == 0            ? "nothing of it was kept"
                          : batch->key == NULL ? "this row was not taken"
                                               : "what is done is on disk: the same again, with its Idempotency-Key, "
                                                 "goes on behind it";
    log_info("http batch cut rows_done=%zu account=%s why=\"%s\"", done, ask->account == NULL ? "-" : ask->account->name,
             words);
    must(evbuffer_drain(batch->slice, evbuffer_get_length(batch->slice)) == 0);
    json_t *more = json_object();
    if (done > 0 && batch->key != NULL)
        json_object_set_new(more, "rows_done", json_integer((json_int_t)done));
    answer_problem_with(ask, why, region_format(ask->region, "%s; %s", words, meaning), more);
    if (done > 0 && batch->key == NULL)
        answer_for_the_rest(ask, batch);
}

/* ---- the same key ---- */

static struct octets key_of(const struct batch *batch)
{
    return octets_text(batch->key);
}

/* What is known of the key decides how it goes on. */
static void look_up(struct ask *ask, struct batch *batch)
{
    struct kept_answer kept;
    switch (once_find(ask, batch->key, batch->hash, &kept)) {
    case ONCE_ANSWERED:
        return;
    case ONCE_NEW:
        store_answer_begin(ask->gateway->store, ask->account->name, key_of(batch), batch->hash, ask->now_ms);
        return;
    case ONCE_KNOWN:
        break;
    }
    if (kept.body[0] != '\0') { /* it was answered before answers were kept in slices */
        answer_text(ask, kept.http_status, type_of(batch), octets_text(kept.body));
        return;
    }
    batch->state = BATCH_RECALLING;
    batch->recalled = (size_t)kept.rows;
    batch->was_finished = kept.http_status != 0;
}

static size_t lines_count(struct octets piece)
{
    size_t count = 0;
    const uint8_t *at = piece.at, *end = piece.at + piece.length;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        count++;
        at++;
    }
    return count;
}

/* What it will take at most: the body goes as the answer comes. */
static bool takes_room(struct ask *ask, const struct batch *batch)
{
    size_t left = batch->rows.all > batch->rows.count ? batch->rows.all - batch->rows.count : 0;
    return work_takes_room(ask, evbuffer_get_length(batch->body) + evbuffer_get_length(batch->answer) +
                                    evbuffer_get_length(batch->slice) + left * ROW_ANSWER);
}

static void looked_through(struct ask *ask, struct batch *batch)
{
    if (batch->rows.is_ndjson && batch->rows.all > HTTP_LINES_LIMIT) {
        answer_problem(ask, VERDICT_TOO_LARGE, "the batch has more than %d lines: send it in parts", HTTP_LINES_LIMIT);
        return;
    }
    if (!takes_room(ask, batch)) {
        answer_problem(ask, VERDICT_UNAVAILABLE, "too many large answers are on their way at once; nothing of the batch was done");
        return;
    }
    batch->state = BATCH_WORKING;
    if (batch->key == NULL)
        return;
    digest_take(batch->digest, batch->hash);
    batch->digest = NULL;
    batch->hash[0] ^= 1; /* as a batch it is another request than as a single one */
    look_up(ask, batch);
}

static void look_at_some(struct ask *ask, struct batch *batch)
{
    struct evbuffer_ptr from;
    struct evbuffer_iovec found;
    size_t end = batch->looked_at + LOOKED_OCTETS, length = evbuffer_get_length(batch->body);
    if (end > length)
        end = length;
    while (batch->looked_at < end) {
        must(evbuffer_ptr_set(batch->body, &from, batch->looked_at, EVBUFFER_PTR_SET) == 0 &&
             evbuffer_peek(batch->body, -1, &from, &found, 1) > 0);
        struct octets piece = octets_of(found.iov_base, found.iov_len);
        if (batch->digest != NULL)
            digest_add(batch->digest, piece);
        batch->rows.all += batch->rows.is_ndjson ? lines_count(piece) : 0;
        batch->looked_at += piece.length;
    }
    if (batch->looked_at >= length)
        looked_through(ask, batch);
}

/* With one at least it gets on, however slow they are. */
static bool slice_lasts(const struct ask *ask, size_t done)
{
    return done == 0 ||
           (done < ask->slice && ask->slice_read < ask->slice_octets && clock_mono_ms() < ask->slice_until_ms);
}

/* The rows that they are of are passed over. */
static void recall_some(struct ask *ask, struct batch *batch)
{
    for (size_t i = 0; slice_lasts(ask, i) && batch->rows.count < batch->recalled; i++) {
        struct kept_rows rows;
        if (store_answer_rows(ask->gateway->store, ask->account->name, key_of(batch), (int64_t)batch->rows.count,
                              ask->region, &rows) != STORE_OK) {
            answer_unavailable(ask);
            return;
        }
        put(batch->slice, rows.text);
        ask->slice_read += rows.text.length;
        for (int64_t row = 0; row < rows.count; row++)
            must(batch_row_skip(&batch->rows));
    }
    if (batch->rows.count < batch->recalled)
        return;
    batch->state = batch->was_finished ? BATCH_DONE : BATCH_WORKING;
    if (batch->state == BATCH_DONE)
        answer_all(ask, batch);
}

/* ---- its rows ---- */

static void row_handle(struct ask *ask, struct batch *batch, struct row_read *row)
{
    ask->json = row->json;
    ask->answer = (struct answer){0};
    if (row->json != NULL)
        batch->handle(ask);
    else
        answer_problem(ask, row->verdict, "%s", row->why);
    put_row(batch, batch->slice, batch->rows.count, ask->answer.body);
    json_decref(ask->json);
    ask->json = NULL;
}

static void keep_slice(struct ask *ask, struct batch *batch)
{
    size_t length = evbuffer_get_length(batch->slice);
    struct kept_rows rows = {.first = (int64_t)batch->kept,
                             .count = (int64_t)(batch->rows.count - batch->kept),
                             .text = octets_of(evbuffer_pullup(batch->slice, -1), length)};
    store_answer_grow(ask->gateway->store, ask->account->name, key_of(batch), &rows,
                      batch->state == BATCH_DONE ? 200 : 0);
}

static void work_some(struct ask *ask, struct batch *batch)
{
    struct row_read row;
    bool has_more = true;
    for (size_t i = 0; slice_lasts(ask, i) && (has_more = batch_row_next(&batch->rows, &row)); i++) {
        ask->slice_read += row.length;
        row_handle(ask, batch, &row);
    }
    ask->answer = (struct answer){0};
    if (!has_more)
        batch->state = BATCH_DONE;
    takes_room(ask, batch); /* less, as a rule */
    if (batch->key != NULL)
        keep_slice(ask, batch);
    if (batch->state == BATCH_DONE)
        answer_all(ask, batch);
}

static void batch_step(struct ask *ask, void *owner)
{
    struct batch *batch = owner;
    ask->is_ndjson = batch->rows.is_ndjson;
    if (batch->state == BATCH_LOOKING)
        look_at_some(ask, batch);
    else if (batch->state == BATCH_RECALLING)
        recall_some(ask, batch);
    else
        work_some(ask, batch);
}

static const struct work_kind kind = {batch_step, batch_kept, batch_cut, batch_free};

/* ---- beginning ---- */

/* An array is looked through before anything of it is done. */
static bool is_acceptable(struct ask *ask, struct batch_rows *rows)
{
    struct row_read fault;
    size_t length = evbuffer_get_length(ask->buffer);
    if (ask->is_ndjson)
        return true;
    if (length > HTTP_BODY_LIMIT)
        answer_problem(ask, VERDICT_TOO_LARGE, "the array has %zu octets, and %zu are allowed; NDJSON may have more",
                       length, HTTP_BODY_LIMIT);
    else if (!http_takes_json(ask->http, length))
        answer_problem(ask, VERDICT_UNAVAILABLE, "too much is asked for at once");
    else if (batch_rows_check(rows, &fault))
        return true;
    else
        answer_problem(ask, fault.verdict, "%s", fault.why);
    return false;
}

void batch_begin(struct ask *ask, void (*handle)(struct ask *ask), const char *key)
{
    struct batch_rows rows = {.body = ask->buffer, .is_ndjson = ask->is_ndjson};
    if (!is_acceptable(ask, &rows))
        return;
    struct batch *batch = mem_new(sizeof *batch);
    batch->state = BATCH_LOOKING;
    batch->handle = handle;
    batch->key = key == NULL ? NULL : strdup(key);
    batch->body = evbuffer_new();
    batch->answer = evbuffer_new();
    batch->slice = evbuffer_new();
    batch->digest = key == NULL ? NULL : digest_begin();
    must(batch->body != NULL && batch->answer != NULL && batch->slice != NULL && (key == NULL || batch->key != NULL));
    must(evbuffer_add_buffer(batch->body, ask->buffer) == 0);
    batch->rows = rows;
    batch->rows.body = batch->body;
    work_begin(ask, &kind, batch, evbuffer_get_length(batch->body), key);
}
