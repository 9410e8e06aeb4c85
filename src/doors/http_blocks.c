/* The block log. What is asked for beside a number is found by the classes of blocks (store_block_list), which cost what is shown;
 * a number has few records, which are looked through. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/csv.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/number.h"
#include "consent/program.h"
#include "http_parts.h"

/* ---- as JSON and as CSV ---- */

static const char *const block_columns[] = {
    "ledger_seq", "at",    "number", "program", "account",    "sender",
    "code",       "title", "why",    "stage",   "message_id",
};
#define BLOCK_COLUMNS (sizeof block_columns / sizeof *block_columns)

static json_t *block_json(struct ask *ask, const struct ledger_row *row)
{
    json_t *payload = row->payload == NULL ? NULL : json_loads(row->payload, 0, NULL); /* NULL: erased, or changed by somebody */
    json_t *json =
        json_pack("{s:I,s:o,s:o,s:o}", "ledger_seq", (json_int_t)row->seq, "at",
                  json_words(ask, row->at), "number", json_words_or_null(ask, row->number),
                  "program", json_words_or_null(ask, row->program));
    must(json != NULL);
    for (size_t i = 4; i < BLOCK_COLUMNS; i++) {
        json_t *value = json_object_get(payload, block_columns[i]);
        json_object_set_new(json, block_columns[i],
                            json_is_string(value) ? json_incref(value) : json_null());
    }
    json_decref(payload);
    return json;
}

static struct octets blocks_csv(struct ask *ask, const json_t *items)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    must(out != NULL);
    for (size_t i = 0; i < BLOCK_COLUMNS; i++)
        fprintf(out, "%s%s", block_columns[i], i + 1 < BLOCK_COLUMNS ? "," : "\r\n");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        fprintf(out, "%lld", (long long)json_integer_value(json_object_get(item, "ledger_seq")));
        for (size_t j = 1; j < BLOCK_COLUMNS; j++) {
            const char *value = json_string_value(json_object_get(item, block_columns[j]));
            putc(',', out);
            csv_put_field(out, value == NULL ? "" : value);
        }
        fputs("\r\n", out);
    }
    must(fclose(out) == 0);
    struct octets copy = region_copy(ask->region, octets_of(text, length));
    free(text);
    return copy;
}

/* What JSON says behind the items, CSV says in a header. */
static void blocks_answer_csv(struct ask *ask, struct page *page)
{
    char cursor[CURSOR_SIZE];
    const char *after = page_cursor(page, cursor);
    answer_text(ask, 200, "text/csv; charset=utf-8", blocks_csv(ask, page->items));
    if (after != NULL) {
        ask->answer.header = "X-After";
        ask->answer.value = region_text(ask->region, octets_text(after));
    }
    json_decref(page->items);
}

/* ---- what is asked for ---- */

struct wanted { /* NULL, 0: any */
    const char *program, *account, *reason, *number;
    int64_t since, until;
};

static bool time_wanted(struct ask *ask, const char *name, int64_t *out)
{
    const char *text;
    if (!ask_time(ask, name, &text))
        return false;
    return text == NULL || time_read(octets_text(text), out);
}

/* False: answered. */
static bool wanted_read(struct ask *ask, struct wanted *wanted)
{
    const struct program *program;
    uint64_t number;
    char *text = region_get(ask->region, NUMBER_TEXT_SIZE);
    *wanted = (struct wanted){.account = ask_parameter(ask, "account"), .reason = ask_parameter(ask, "reason")};
    if (!ask_program(ask, ask_parameter(ask, "program"), &program) ||
        !ask_number(ask, "number", ask_parameter(ask, "number"), &number) || !time_wanted(ask, "since", &wanted->since) ||
        !time_wanted(ask, "until", &wanted->until))
        return false;
    if (number != 0) {
        number_write(number, text);
        wanted->number = text;
    }
    wanted->program = program == NULL ? NULL : program->config->name;
    enum verdict reason = wanted->reason == NULL ? VERDICT_NO_CONSENT : verdict_find(octets_text(wanted->reason));
    if (reason != VERDICT_ALLOWED && verdict_row(reason)->is_block)
        return true;
    answer_problem(ask, VERDICT_INVALID_FIELD, "reason: \"%.40s\" is no code of a block", wanted->reason);
    return false;
}

static bool is_text(const char *wanted, const char *text)
{
    return wanted == NULL || (text != NULL && strcmp(wanted, text) == 0);
}

/* ---- by class ---- */

/* A block in no program is whose message it was. */
static bool sees_class(struct ask *ask, const struct block_class *class)
{
    if (class->program[0] != '\0')
        return account_may_use(ask->account, class->program);
    return ask_uses_every_program(ask) || strcmp(class->account, ask->account->name) == 0;
}

static bool is_wanted_class(struct ask *ask, const struct wanted *wanted, const struct block_class *class)
{
    return is_text(wanted->program, class->program) && is_text(wanted->account, class->account) &&
           is_text(wanted->reason, class->code) && sees_class(ask, class);
}

/* False: it can't be read. One more than the page holds is fetched, to know whether there is one. */
static bool fill_by_class(struct ask *ask, struct page *page, const struct wanted *wanted)
{
    struct block_class *classes;
    size_t class_count, kept = 0, count = 0;
    struct ledger_row *rows = region_get(ask->region, (page->limit + 1) * sizeof *rows);
    if (store_block_classes(ask->gateway->store, ask->region, &classes, &class_count) == STORE_FAILED)
        return false;
    for (size_t i = 0; i < class_count; i++)
        if (is_wanted_class(ask, wanted, &classes[i]))
            classes[kept++] = classes[i];
    struct block_filter filter = {.classes = classes,
                                  .class_count = kept,
                                  .is_any = kept == class_count,
                                  .before = page->after,
                                  .since = wanted->since,
                                  .until = wanted->until};
    if (store_block_list(ask->gateway->store, &filter, ask->region, rows, page->limit + 1, &count) == STORE_FAILED)
        return false;
    for (size_t i = 0; i < count && page_takes(page, rows[i].seq); i++)
        json_array_append_new(page->items, block_json(ask, &rows[i]));
    page->is_at_end = count <= page->limit;
    return true;
}

/* ---- of a number ---- */

static bool is_wanted_row(struct ask *ask, const struct wanted *wanted, const struct ledger_row *row, const json_t *block)
{
    int64_t at = 0;
    if (strcmp(row->kind, "block") != 0 || !is_text(wanted->program, row->program) ||
        !is_text(wanted->account, json_string_value(json_object_get(block, "account"))) ||
        !is_text(wanted->reason, json_string_value(json_object_get(block, "code"))) || !ask_sees_record(ask, row))
        return false;
    bool has_time = time_read(octets_text(row->at), &at) || (wanted->since == 0 && wanted->until == 0);
    return has_time && at >= wanted->since && (wanted->until == 0 || at < wanted->until);
}

static void take_rows(struct ask *ask, struct page *page, const struct wanted *wanted, const struct ledger_row *rows,
                      size_t count)
{
    for (size_t i = 0; i < count && page_takes(page, rows[i].seq); i++) {
        json_t *block = block_json(ask, &rows[i]);
        if (is_wanted_row(ask, wanted, &rows[i], block))
            json_array_append(page->items, block);
        json_decref(block);
    }
}

/* False: it can't be read. */
static bool fill_by_number(struct ask *ask, struct page *page, const struct wanted *wanted)
{
    struct ledger_filter filter = {.newest_first = true, .number = wanted->number, .limit = page->limit};
    struct ledger_row *rows = region_get(ask->region, page->limit * sizeof *rows);
    while (page_wants(page)) {
        size_t count = 0;
        filter.after = page->after;
        if (store_ledger_list(ask->gateway->store, &filter, ask->region, rows, &count) == STORE_FAILED)
            return false;
        take_rows(ask, page, wanted, rows, count);
        page_fetched(page, count);
    }
    return true;
}

/* ---- GET /v1/blocks ---- */

void block_list(struct ask *ask)
{
    struct page page;
    struct wanted wanted;
    if (!wanted_read(ask, &wanted) || !page_begin(ask, &page))
        return;
    bool is_read = wanted.number == NULL ? fill_by_class(ask, &page, &wanted) : fill_by_number(ask, &page, &wanted);
    if (!is_read)
        page_fail(ask, &page);
    else if (ask->wants_csv)
        blocks_answer_csv(ask, &page);
    else
        page_answer(ask, &page);
}
