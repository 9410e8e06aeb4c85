/* The recipients of a campaign: how they come, in pieces of a file, and what became of each. */
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/must.h"
#include "base/region.h"
#include "http_parts.h"
#include "http_work.h"
#include "outbound/intake.h"

static json_t *problems_json(struct ask *ask, const struct intake_sum *sum)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sum->problem_count; i++)
        json_array_append_new(list, json_pack("{s:I,s:s,s:o}", "row", (json_int_t)sum->problems[i].row, "code",
                                              sum->problems[i].code, "detail",
                                              json_words(ask, sum->problems[i].detail)));
    return list;
}

static void answer_sum(struct ask *ask, const struct intake_sum *sum)
{
    answer_json(ask, 200,
                json_pack("{s:I,s:I,s:I,s:I,s:I,s:o}", "offset", (json_int_t)sum->offset, "rows",
                          (json_int_t)sum->rows, "recipients", (json_int_t)sum->recipients, "doubles",
                          (json_int_t)sum->doubles, "bad", (json_int_t)sum->bad, "problems",
                          problems_json(ask, sum)));
}

static void answer_fault(struct ask *ask, const struct intake_sum *sum, int64_t serial)
{
    struct campaign campaign;
    json_t *more = NULL;
    if (sum->fault == VERDICT_OFFSET_MISMATCH &&
        store_campaign_get(ask->gateway->store, serial, ask->region, &campaign) == STORE_OK)
        more = json_pack("{s:I}", "offset", (json_int_t)campaign.octets);
    answer_problem_with(ask, sum->fault, sum->detail, more);
}

static bool offset_read(struct ask *ask, int64_t *offset)
{
    const char *text = ask_parameter(ask, "offset");
    *offset = 0;
    if (text != NULL && (strcmp(text, "0") == 0 || cursor_read(text, offset)))
        return true;
    answer_problem(ask, VERDICT_INVALID_FIELD, "offset: it must say at which octet of the file the piece begins");
    return false;
}

static bool piece_read(struct ask *ask, struct intake_piece *piece)
{
    piece->form = ask->is_csv ? CAMPAIGN_CSV : CAMPAIGN_NDJSON;
    return offset_read(ask, &piece->offset) && ask_truth(ask, "last", &piece->is_last);
}

/* ---- over turns ---- */

struct upload {
    struct evbuffer *body; /* what is left of it */
    struct intake *intake;
    char *country; /* the default one, when it began */
    int64_t campaign;
    bool is_begun;
};

static void upload_step(struct ask *ask, void *owner)
{
    struct upload *upload = owner;
    int64_t offset = intake_sum(upload->intake)->offset;
    size_t length = evbuffer_get_length(upload->body);
    size_t room = length > INTAKE_ROOM ? INTAKE_ROOM : length;
    struct octets text = octets_of(evbuffer_pullup(upload->body, (ev_ssize_t)room), room);
    enum intake_step step =
        intake_slice(upload->intake, ask->region, text, room == length, ask->slice);
    const struct intake_sum *sum = intake_sum(upload->intake);
    must(evbuffer_drain(upload->body, (size_t)(sum->offset - offset)) == 0);
    if (step == INTAKE_FAULT)
        answer_fault(ask, sum, upload->campaign);
    else if (step == INTAKE_DONE && room < length && sum->offset == offset)
        answer_problem(ask, VERDICT_INVALID_FIELD, "the header: it doesn't end in the first %zu octets", INTAKE_ROOM);
    else if (step == INTAKE_DONE && room == length)
        answer_sum(ask, sum);
}

static void upload_kept(void *owner)
{
    ((struct upload *)owner)->is_begun = true;
}

static void upload_cut(struct ask *ask, void *owner, enum verdict why, const char *words)
{
    const struct upload *upload = owner;
    answer_problem(ask, why, "%s; %s", words,
                   upload->is_begun ? "what is on disk ends at the campaign's offset: go on there"
                                    : "nothing of it was kept");
}

static void upload_free(void *owner)
{
    struct upload *upload = owner;
    intake_close(upload->intake);
    evbuffer_free(upload->body);
    free(upload->country);
    free(upload);
}

static const struct work_kind upload_kind = {upload_step, upload_kept, upload_cut, upload_free};

void recipients_post(struct ask *ask)
{
    struct campaign campaign;
    struct intake_piece piece = {0};
    if (!piece_read(ask, &piece) || !ask_campaign(ask, true, &campaign))
        return;
    if (campaign.step_count > 0) {
        answer_problem(ask, VERDICT_CAMPAIGN_STATE, "it has steps: people enter it by opting in, and no file is taken");
        return;
    }
    struct upload *upload = mem_new(sizeof *upload);
    upload->country = mem_text(ask->gateway->config->default_country);
    upload->body = evbuffer_new();
    must(upload->body != NULL && evbuffer_add_buffer(upload->body, ask->buffer) == 0);
    upload->campaign = piece.campaign = campaign.serial;
    piece.default_country = upload->country;
    upload->intake = intake_open(ask->gateway->store, &piece);
    work_begin(ask, &upload_kind, upload, evbuffer_get_length(upload->body), NULL);
}

/* ---- GET: what became of each ---- */

static const char *const columns[] = {"row", "phone", "status", "code", "detail", "message"};
#define COLUMNS (sizeof columns / sizeof *columns)

/* Who waited when it ended was never handed in. */
static const char *waiting_word(const struct campaign *campaign)
{
    return campaign->state == CAMPAIGN_CANCELLED ? "cancelled"
           : campaign->state == CAMPAIGN_DONE    ? "expired"
                                                 : recipient_status_word(RECIPIENT_WAITING);
}

/* What it is called, and why. */
static const char *shown_status(struct ask *ask, const struct campaign *campaign,
                                const struct recipient_shown *shown, const char **code)
{
    const struct recipient *it = &shown->recipient;
    *code = it->code;
    if (it->status == RECIPIENT_WAITING || it->status == RECIPIENT_LATER)
        return waiting_word(campaign);
    if (it->status != RECIPIENT_TAKEN || shown->state == 0)
        return recipient_status_word(it->status);
    *code = shown->reason;
    return message_status(ask, campaign->program, shown->state, PURPOSE_CAMPAIGN, shown->due_at, code);
}

static json_t *recipient_json(struct ask *ask, const struct recipient_shown *shown, const char *status,
                              const char *code)
{
    const struct recipient *it = &shown->recipient;
    return json_pack("{s:I,s:o,s:s,s:o,s:o,s:o}", "row", (json_int_t)it->row, "phone", json_phone(it->number),
                     "status", status, "code", json_words_or_null(ask, code), "detail",
                     json_words_or_null(ask, it->detail), "message",
                     it->status == RECIPIENT_TAKEN ? json_id(it->message, shown->tail) : json_null());
}

static void answer_csv(struct ask *ask, struct page *page)
{
    char *text = NULL, cursor[CURSOR_SIZE];
    size_t length = 0, i;
    json_t *item;
    const char *after = page_cursor(page, cursor);
    FILE *out = open_memstream(&text, &length);
    must(out != NULL);
    for (i = 0; i < COLUMNS; i++)
        fprintf(out, "%s%s", columns[i], i + 1 < COLUMNS ? "," : "\r\n");
    json_array_foreach(page->items, i, item)
    {
        fprintf(out, "%lld", (long long)json_integer_value(json_object_get(item, columns[0])));
        for (size_t j = 1; j < COLUMNS; j++) {
            const char *value = json_string_value(json_object_get(item, columns[j]));
            putc(',', out);
            csv_put_field(out, value == NULL ? "" : value);
        }
        fputs("\r\n", out);
    }
    must(fclose(out) == 0);
    answer_text(ask, 200, "text/csv; charset=utf-8", region_copy(ask->region, octets_of(text, length)));
    free(text);
    if (after != NULL) {
        ask->answer.header = "X-After";
        ask->answer.value = region_text(ask->region, octets_text(after));
    }
    json_decref(page->items);
}

static bool status_is_known(struct ask *ask, const char *status)
{
    static const char *const known[] = {
#define RECIPIENT_STATUS(name, number, word) word,
#include "proto/campaign.def"
#define MESSAGE_STATE(name, number, word) word,
#include "proto/message.def"
    };
    for (size_t i = 0; status != NULL && i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], status) == 0)
            return true;
    if (status != NULL)
        answer_problem(ask, VERDICT_INVALID_FIELD, "status: \"%.40s\" is none of a recipient", status);
    return status == NULL;
}

void recipient_list(struct ask *ask)
{
    struct page page;
    struct campaign campaign;
    const char *status = ask_parameter(ask, "status");
    if (!status_is_known(ask, status) || !ask_campaign(ask, false, &campaign) || !page_begin(ask, &page))
        return;
    struct recipient_shown *rows = region_get(ask->region, page.limit * sizeof *rows);
    while (page_wants(&page)) {
        size_t count = 0;
        if (store_recipients_shown(ask->gateway->store, campaign.serial, page.after, ask->region, rows, page.limit,
                                   &count) == STORE_FAILED) {
            page_fail(ask, &page);
            return;
        }
        for (size_t i = 0; i < count && page_takes(&page, rows[i].recipient.row); i++) {
            const char *code, *shown = shown_status(ask, &campaign, &rows[i], &code);
            if (status == NULL || strcmp(shown, status) == 0)
                must(json_array_append_new(page.items, recipient_json(ask, &rows[i], shown, code)) == 0);
        }
        page_fetched(&page, count);
    }
    if (ask->wants_csv)
        answer_csv(ask, &page);
    else
        page_answer(ask, &page);
}
