#include "cli/suppress_import.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/rows.h"

#define BATCH      200 /* rows of one call, which is one turn of the gateway: others are heard in between */
#define CALLS      2   /* under way at a time */
#define PHONE_SIZE 40

struct batch { /* hangs on a call */
    size_t count;
    struct {
        size_t line;
        char phone[PHONE_SIZE];
    } rows[BATCH];
};

struct import {
    const struct suppress_import *order;
    struct rows rows;
    int calls; /* under way */
    struct tally outcomes;
};

/* As carriers, providers and the Reassigned Numbers Database may call them. */
static const char *const phone_names[] = {"phone", "number", "phone_number", "tn", "msisdn", NULL};
static const char *const date_names[] = {"date", "consent_date", "deactivated_at", NULL};
static const char *const answer_names[] = {"answer", "result", "response", NULL};
static const char *const note_names[] = {"note", NULL};

static const char *const plain_names[] = {"phone", "date", "answer"};

static bool is_number_like(struct octets value)
{
    size_t digits = 0;
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] == 0 || strchr("+0123456789 ()-.", value.at[i]) == NULL)
            return false;
        digits += isdigit(value.at[i]) != 0;
    }
    return digits >= 7;
}

static const struct csv_plain plain = {plain_names, 3, is_number_like};

/* The first of the names that the file has. NULL: none. */
static const char *column_of(const struct import *import, const char *const *names)
{
    for (; *names != NULL; names++)
        if (csv_has_column(import->rows.reader, *names))
            return *names;
    return NULL;
}

static const char *value_of(struct import *import, const struct csv_row *row,
                            const char *const *names)
{
    const char *column = column_of(import, names);
    return column == NULL ? "" : rows_text(&import->rows, row, column);
}

/* "No Data" is no_data. */
static const char *answer_of(struct import *import, const struct csv_row *row)
{
    struct octets text = octets_text(value_of(import, row, answer_names));
    char *answer = region_get(import->rows.region, text.length + 1);
    for (size_t i = 0; i < text.length; i++)
        answer[i] = text.at[i] == ' ' ? '_' : (char)tolower(text.at[i]);
    return answer;
}

static void set_text(json_t *body, const char *name, const char *value, const char *otherwise)
{
    const char *text = *value != '\0' ? value : otherwise;
    if (text != NULL && *text != '\0')
        json_object_set_new(body, name, json_string(text));
}

static json_t *body_of(struct import *import, const struct csv_row *row, const char *phone)
{
    const struct suppress_import *order = import->order;
    json_t *body = json_pack("{s:s,s:s}", "phone", phone, "kind", order->kind);
    must(body != NULL);
    set_text(body, "date", value_of(import, row, date_names), order->date);
    set_text(body, "answer", answer_of(import, row), NULL);
    set_text(body, "queried_at", "", order->queried_at);
    set_text(body, "note", value_of(import, row, note_names), order->note);
    set_text(body, "program", "", order->program);
    if (order->only_known)
        json_object_set_new(body, "only_known", json_true());
    return body;
}

/* An answer that is missing isn't yes. */
static bool is_answered(struct import *import, const struct csv_row *row, const char *phone)
{
    if (column_of(import, answer_names) == NULL || *value_of(import, row, answer_names) != '\0')
        return true;
    rows_refuse(&import->rows, row->line, phone, "invalid_field", "it has no answer");
    rows_handled(&import->rows);
    return false;
}

static enum client_next next_batch(void *owner, struct call *call)
{
    struct import *import = owner;
    struct csv_row row;
    if (import->calls == CALLS)
        return CLIENT_LATER;
    struct batch *batch = mem_new(sizeof *batch);
    json_t *bodies = json_array();
    while (batch->count < BATCH && rows_next(&import->rows, &row)) {
        const char *phone = value_of(import, &row, phone_names);
        if (!is_answered(import, &row, phone))
            continue;
        batch->rows[batch->count].line = row.line;
        snprintf(batch->rows[batch->count++].phone, PHONE_SIZE, "%s", phone);
        json_array_append_new(bodies, body_of(import, &row, phone));
    }
    bool is_end = batch->count == 0;
    if (!is_end)
        *call = (struct call){.method = "POST",
                              .path = mem_text("/v1/suppressions/batch"),
                              .body = json_dumps(bodies, JSON_COMPACT),
                              .is_repeatable = true,
                              .row = batch};
    else
        free(batch);
    json_decref(bodies);
    import->calls += !is_end;
    return is_end ? CLIENT_END : CLIENT_CALL;
}

/* What would be said of every row. */
static bool is_fatal(const char *code)
{
    return strcmp(code, "unknown_program") == 0 || strcmp(code, "role_required") == 0;
}

static bool row_done(struct import *import, const struct batch *batch, size_t i, json_t *body)
{
    char why[CLIENT_ERROR_SIZE], room[16];
    struct answer answer = {.status = 422, .body = body};
    const char *outcome = json_string_value(json_object_get(body, "status"));
    if (outcome != NULL) {
        tally_add(&import->outcomes, outcome);
        rows_handled(&import->rows);
        return true;
    }
    answer_explain(&answer, why);
    const char *code = answer_code(&answer, room);
    if (is_fatal(code)) {
        snprintf(import->rows.fatal, sizeof import->rows.fatal, "%s", why);
        return false;
    }
    rows_refuse(&import->rows, batch->rows[i].line, batch->rows[i].phone, code, why);
    rows_handled(&import->rows);
    return true;
}

static bool batch_done(void *owner, struct call *call, const struct answer *answer)
{
    struct import *import = owner;
    const struct batch *batch = call->row;
    import->calls--;
    if (answer->status != 200 || json_array_size(answer->body) != batch->count) {
        answer_explain(answer, import->rows.fatal);
        return false;
    }
    bool goes_on = true;
    for (size_t i = 0; i < batch->count && goes_on; i++)
        goes_on = row_done(import, batch, i, json_array_get(answer->body, i));
    return goes_on;
}

static void print_summary(const struct import *import)
{
    rows_print(&import->rows, &import->outcomes);
    putchar('\n');
}

static void print_json(const struct import *import)
{
    json_t *summary = json_pack("{s:I,s:o,s:o,s:O}", "rows", (json_int_t)import->rows.handled,
                                "outcomes", tally_json(&import->outcomes), "refused",
                                tally_json(&import->rows.refused), "refusals", import->rows.list);
    must(summary != NULL);
    json_dumpf(summary, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(summary);
}

static int import_rows(struct import *import, struct client *client)
{
    struct client_work work = {next_batch, batch_done, import};
    const char *why = rows_run(&import->rows, client, &work);
    if (import->order->is_json)
        print_json(import);
    else
        print_summary(import);
    return rows_import_ends(&import->rows, why, import->order->is_strict);
}

/* A file of answers whose answers can't be found would make void whatever it names. */
static bool has_columns(const struct import *import)
{
    bool has_header = csv_columns(import->rows.reader) > 1;
    if (column_of(import, phone_names) == NULL)
        cli_fail("suppress", "the file has no column `phone` or `number`, and doesn't begin with one");
    else if (strcmp(import->order->kind, "reassigned") == 0 && has_header &&
             column_of(import, answer_names) == NULL)
        cli_fail("suppress", "the file has no column `answer` (yes, no, no_data)");
    else
        return true;
    return false;
}

int suppress_import(const struct suppress_import *order, struct client *client)
{
    struct import import = {.order = order,
                            .rows = {.command = "suppress",
                                     .is_verbose = order->is_verbose,
                                     .is_json = order->is_json,
                                     .plain = &plain}};
    int result = CLI_FAILED;
    if (rows_open(&import.rows, order->file, client) && has_columns(&import))
        result = import_rows(&import, client);
    rows_close(&import.rows);
    tally_wipe(&import.outcomes);
    return result;
}
