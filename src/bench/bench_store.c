/* The storage without a gateway: a database of consents to look up, and how fast the rows of
 * messages can be committed to it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/must.h"
#include "base/region.h"
#include "bench.h"
#include "bench_meter.h"
#include "bench_number.h"
#include "consent/ledger.h"
#include "store/store.h"

#define LEDGER_KIND "bench" /* no gateway writes such a record: what was made here can be told */
#define LOAD_BATCH  20000   /* consents a commit */
#define RECEIPT_DELIVERED 2 /* message_state (SMPP 5.0 4.7.15) */
#define AHEAD       2       /* batches between a message and its last update */

static bool fail(const struct store *store, char *fault)
{
    snprintf(fault, BENCH_FAULT_SIZE, "%s", store_fault(store));
    return false;
}

static bool has_messages(struct store *store, struct region *region)
{
    size_t count = 0;
    struct message message;
    return store_message_search(store, &(struct message_filter){0}, region, &message, 1, &count) !=
               STORE_OK ||
           count > 0;
}

/* How many records there are if all of them were made here; -1 if one wasn't. */
static int64_t count_own_records(struct store *store, struct region *region)
{
    for (int64_t seq = 1;; seq++) {
        struct ledger_row row;
        enum store_result result = store_ledger_get(store, seq, region, &row);
        if (result == STORE_NONE)
            return seq - 1;
        if (result == STORE_FAILED || strcmp(row.kind, LEDGER_KIND) != 0)
            return -1;
    }
}

/* A database that may be filled: new, or loaded here and used by nobody since. */
static bool may_load(struct store *store, struct region *region)
{
    return !has_messages(store, region) && count_own_records(store, region) >= 0;
}

/* Opens a database that `may` be written to. NULL: `fault` says why. */
static struct store *open_bench(const char *db, struct region *region,
                                bool (*may)(struct store *store, struct region *region),
                                char *fault)
{
    struct store *store = store_open(db, fault);
    if (store == NULL || may(store, region))
        return store;
    store_close(store);
    snprintf(fault, BENCH_FAULT_SIZE, "%.200s isn't a database of a bench only: it is left alone",
             db);
    return NULL;
}

/* ---- consents ---- */

/* One record stands for all of them. */
static int64_t record_load(struct store *store, const struct bench_load *settings, int64_t now_ms)
{
    char payload[80];
    struct ledger *ledger = ledger_open(store);
    if (ledger == NULL)
        return 0;
    snprintf(payload, sizeof payload, "{\"consents\":%" PRId64 ",\"source\":\"bench\"}",
             settings->consents);
    int64_t seq = ledger_append(ledger, now_ms, LEDGER_KIND, settings->program, 0, payload);
    ledger_close(ledger);
    return seq;
}

static bool put_consents(struct store *store, const struct bench_load *settings, char *fault)
{
    int64_t now_ms = clock_wall_ms();
    struct consent consent = {.program = store_program_id(store, settings->program),
                              .has_opted_in = true,
                              .seq = record_load(store, settings, now_ms),
                              .since = now_ms,
                              .collected_at = now_ms,
                              .why = "was loaded by assent bench",
                              .confirmation = CONFIRMATION_TAKEN,
                              .confirmation_since = now_ms,
                              .confirmation_tries = 1};
    if (consent.program == 0 || consent.seq == 0)
        return fail(store, fault);
    for (int64_t i = 0; i < settings->consents; i++) {
        consent.number = bench_number(i);
        store_consent_put(store, &consent);
        if (i % LOAD_BATCH == LOAD_BATCH - 1 && store_commit(store) != STORE_COMMITTED)
            return fail(store, fault);
    }
    return store_commit(store) == STORE_COMMITTED || fail(store, fault);
}

bool bench_load_run(const struct bench_load *settings, struct bench_figures *out,
                    char fault[BENCH_FAULT_SIZE])
{
    int64_t begun_us = bench_now_us();
    *out = (struct bench_figures){0};
    struct region *region = region_new();
    struct store *store = open_bench(settings->db, region, may_load, fault);
    region_free(region);
    if (store == NULL)
        return false;
    bool is_good = put_consents(store, settings, fault);
    store_close(store);
    out->taken = is_good ? settings->consents : 0;
    out->took_us = bench_now_us() - begun_us;
    return is_good;
}

/* ---- messages ---- */

/* Messages go where consents were loaded. */
static bool may_fill(struct store *store, struct region *region)
{
    return count_own_records(store, region) > 0;
}

static struct message make_message(struct store *store, int64_t program, uint64_t number,
                                   int64_t now_ms)
{
    return (struct message){.id = store_next_id(store, now_ms),
                            .tail = random_bits(62),
                            .program = program,
                            .account = "bench",
                            .sender = "+12065550100",
                            .number = number,
                            .purpose = PURPOSE_CAMPAIGN,
                            .text = "Hello, this is a text of a hundred characters or so, as "
                                    "campaigns send them every day of the week.",
                            .parts = 1,
                            .created_at = now_ms,
                            .due_at = now_ms,
                            .expires_at = now_ms + 86400000};
}

static bool put_queue(struct store *store, const struct bench_queue *settings, char *fault)
{
    int64_t now_ms = clock_wall_ms(), program = store_program_id(store, settings->program);
    if (program == 0)
        return fail(store, fault);
    for (int64_t i = 0; i < settings->messages; i++) {
        struct message message =
            make_message(store, program, bench_recipient(i, settings->consents), now_ms);
        message.state = MESSAGE_QUEUED;
        store_message_put(store, &message);
        if (i % LOAD_BATCH == LOAD_BATCH - 1 && store_commit(store) != STORE_COMMITTED)
            return fail(store, fault);
    }
    return store_commit(store) == STORE_COMMITTED || fail(store, fault);
}

bool bench_queue_run(const struct bench_queue *settings, struct bench_figures *out,
                     char fault[BENCH_FAULT_SIZE])
{
    int64_t begun_us = bench_now_us();
    *out = (struct bench_figures){0};
    struct region *region = region_new();
    struct store *store = open_bench(settings->db, region, may_fill, fault);
    region_free(region);
    if (store == NULL)
        return false;
    bool is_good = put_queue(store, settings, fault);
    store_close(store);
    out->taken = is_good ? settings->messages : 0;
    out->took_us = bench_now_us() - begun_us;
    return is_good;
}

struct rows {
    const struct bench_store *settings;
    struct store *store;
    struct region *region;
    struct bench_meter meter;
    int64_t program;
    int64_t *ids; /* of the messages, in their order */
};

/* As a turn does with one that finds room in a window: looked up, and put as sending. */
static bool put_message(struct rows *rows, int64_t i, int64_t now_ms)
{
    struct consent consent;
    uint64_t number = bench_recipient(i, rows->settings->consents);
    if (store_consent_get(rows->store, number, rows->program, rows->region, &consent) != STORE_OK)
        return false;
    struct message message = make_message(rows->store, rows->program, number, now_ms);
    rows->ids[i] = message.id;
    message.state = MESSAGE_SENDING;
    message.consent_seq = consent.seq;
    message.carrier = "sink";
    message.tries = 1;
    store_message_put(rows->store, &message);
    return true;
}

/* The carrier's answer, or its receipt. */
static void put_answer(struct rows *rows, int64_t i, int receipt, int64_t now_ms)
{
    char carrier_id[24];
    snprintf(carrier_id, sizeof carrier_id, "%016" PRIx64, (uint64_t)i);
    struct message_part part = {.message = rows->ids[i],
                                .part = 1,
                                .of = 1,
                                .state = receipt,
                                .carrier = "sink",
                                .carrier_id = carrier_id,
                                .err = "000",
                                .at = now_ms};
    if (receipt == 0)
        store_message_move(rows->store, rows->ids[i], MESSAGE_SENDING, MESSAGE_SENT, "", &part, now_ms);
    else
        store_message_move(rows->store, rows->ids[i], MESSAGE_SENT, MESSAGE_DELIVERED, "receipt",
                           &part, now_ms);
}

/* A commit holds the new messages, the carrier's answers to those of the batch before, and the
 * receipts of those before that. */
static bool put_batch(struct rows *rows, int64_t batch, int64_t now_ms)
{
    const struct bench_store *settings = rows->settings;
    int64_t first = batch * settings->batch, end = first + settings->batch;
    for (int64_t i = first; i < end && i < settings->messages; i++)
        if (!put_message(rows, i, now_ms))
            return false;
    for (int64_t i = first - settings->batch; i < first && i < settings->messages; i++)
        if (i >= 0)
            put_answer(rows, i, 0, now_ms);
    for (int64_t i = first - 2 * settings->batch; i < first - settings->batch; i++)
        if (i >= 0 && i < settings->messages)
            put_answer(rows, i, RECEIPT_DELIVERED, now_ms);
    region_clear(rows->region);
    return store_commit(rows->store) == STORE_COMMITTED;
}

static bool put_messages(struct rows *rows, struct bench_figures *out, char *fault)
{
    static const int64_t none[BENCH_PROCESSES];
    const struct bench_store *settings = rows->settings;
    int64_t batches = (settings->messages + settings->batch - 1) / settings->batch + AHEAD;
    bool is_good = meter_begin(&rows->meter, none, batches, 0, fault);
    for (int64_t batch = 0; is_good && batch < batches; batch++) {
        int64_t begun_us = bench_now_us();
        is_good = put_batch(rows, batch, clock_wall_ms());
        meter_answer(&rows->meter, begun_us);
    }
    meter_end(&rows->meter, out);
    out->taken = is_good ? settings->messages : 0;
    if (!is_good)
        snprintf(fault, BENCH_FAULT_SIZE, "%s (are the consents loaded?)",
                 store_fault(rows->store));
    return is_good;
}

bool bench_store_run(const struct bench_store *settings, struct bench_figures *out,
                     char fault[BENCH_FAULT_SIZE])
{
    struct rows rows = {.settings = settings, .region = region_new()};
    *out = (struct bench_figures){0};
    rows.store = open_bench(settings->db, rows.region, may_fill, fault);
    bool is_good = rows.store != NULL;
    if (is_good) {
        rows.program = store_program_id(rows.store, settings->program);
        rows.ids = mem_new((size_t)settings->messages * sizeof *rows.ids);
        is_good = put_messages(&rows, out, fault);
        free(rows.ids);
    }
    store_close(rows.store);
    region_free(rows.region);
    return is_good;
}
