/* The rows of a campaign's recipients: the file that has them, and how fast the storage alone takes them. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/netstring.h"
#include "base/region.h"
#include "bench.h"
#include "bench_meter.h"
#include "bench_number.h"
#include "store/store.h"

#define HEADER   "phone,first_name,listing\n"
#define ROW_SIZE 128

static int row_write(const struct bench_recipients *settings, int64_t i, char row[ROW_SIZE])
{
    return snprintf(row, ROW_SIZE, "+%" PRIu64 ",Name%" PRId64 ",%" PRId64 " Elm Street Springfield\n",
                    bench_recipient(i, settings->rows), i % 1000, i % 100000);
}

static bool file_write(const struct bench_recipients *settings, char *fault)
{
    FILE *out = settings->csv == NULL ? NULL : fopen(settings->csv, "w");
    if (out == NULL) {
        snprintf(fault, BENCH_FAULT_SIZE, "%.200s: it can't be written", settings->csv);
        return false;
    }
    fputs(HEADER, out);
    for (int64_t i = 0; i < settings->rows; i++) {
        char row[ROW_SIZE];
        row_write(settings, i, row);
        fputs(row, out);
    }
    return fclose(out) == 0;
}

/* As an intake writes it. */
static void row_put(const struct bench_recipients *settings, struct store *store, struct netstrings *fields, int64_t serial,
                    int64_t i)
{
    char name[ROW_SIZE], listing[ROW_SIZE];
    snprintf(name, sizeof name, "Name%" PRId64, i % 1000);
    snprintf(listing, sizeof listing, "%" PRId64 " Elm Street Springfield", i % 100000);
    fields->length = 0;
    netstring_text(fields, name);
    netstring_text(fields, listing);
    netstring_end(fields);
    const struct recipient row = {.row = i + 1,
                                  .number = bench_recipient(i, settings->rows),
                                  .status = RECIPIENT_WAITING,
                                  .fields = (const char *)fields->at,
                                  .code = "",
                                  .detail = ""};
    store_recipient_put(store, serial, &row);
}

static struct campaign campaign_new(struct store *store)
{
    int64_t now_ms = clock_wall_ms();
    return (struct campaign){.id = store_next_id(store, now_ms), .account = "bench", .name = "bench", .sender = "",
                             .text = "Hi {first_name}: {listing}", .hours = "", .client_ref = "", .why = "",
                             .header = HEADER, .created_at = now_ms, .state = CAMPAIGN_LOADING};
}

static bool rows_put(const struct bench_recipients *settings, struct store *store)
{
    struct netstrings fields = {0};
    struct campaign campaign = campaign_new(store);
    bool is_good = true;
    store_campaign_put(store, &campaign);
    for (int64_t i = 0; is_good && i < settings->rows; i++) {
        row_put(settings, store, &fields, campaign.serial, i);
        if ((i + 1) % settings->batch != 0 && i + 1 < settings->rows)
            continue;
        campaign.rows = campaign.recipients = i + 1;
        store_campaign_save(store, &campaign);
        is_good = store_commit(store) == STORE_COMMITTED;
    }
    netstrings_free(&fields);
    return is_good;
}

/* Nobody's: it has neither campaigns nor messages. */
static bool is_new(struct store *store)
{
    size_t campaigns = 0, messages = 0;
    struct campaign campaign;
    struct message message;
    struct region *region = region_new();
    bool is_read = store_campaign_list(store, &(struct campaign_filter){0}, region, &campaign, 1, &campaigns) == STORE_OK &&
                   store_message_search(store, &(struct message_filter){0}, region, &message, 1, &messages) == STORE_OK;
    region_free(region);
    return is_read && campaigns + messages == 0;
}

bool bench_recipients_run(const struct bench_recipients *settings, struct bench_figures *out,
                          char fault[BENCH_FAULT_SIZE])
{
    *out = (struct bench_figures){0};
    if (settings->csv != NULL)
        return file_write(settings, fault);
    int64_t begun_us = bench_now_us();
    struct store *store = store_open(settings->db, fault);
    if (store == NULL)
        return false;
    bool may_fill = is_new(store), is_good = may_fill && rows_put(settings, store);
    if (!may_fill)
        snprintf(fault, BENCH_FAULT_SIZE, "%.200s isn't a new database: it is left alone", settings->db);
    else if (!is_good)
        snprintf(fault, BENCH_FAULT_SIZE, "%s", store_fault(store));
    store_close(store);
    out->taken = is_good ? settings->rows : 0;
    out->took_us = bench_now_us() - begun_us;
    return is_good;
}
