#include "cli/consent_import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/options.h"
#include "cli/rows.h"

struct registration { /* hangs on a call */
    size_t line;
    uint64_t number; /* 0: the gateway will refuse it */
    char phone[];
};

struct import {
    const struct consent_import *order;
    struct rows rows;
    struct csv_row row;          /* read, and not posted yet: */
    bool has_row;                /* an earlier one of its number is under way */
    uint64_t out[CLIENT_FLIGHT]; /* the numbers that are under way; 0: a free place */
    struct tally states;
    int64_t repeats;               /* were on record already */
};

static const char *const columns[] = {
#define EVIDENCE(name, most, option, sentence) #name,
#include "proto/evidence.def"
};
#define COLUMNS (sizeof columns / sizeof columns[0])

static uint64_t *place_of(struct import *import, uint64_t number)
{
    for (size_t i = 0; i < CLIENT_FLIGHT; i++) {
        if (import->out[i] == number)
            return &import->out[i];
    }
    return NULL;
}

static char *body_of(struct import *import, const char *phone, bool opted_in)
{
    json_t *body = json_pack("{s:s,s:s,s:b}", "program", import->order->program, "phone", phone,
                             "opted_in", opted_in);
    must(body != NULL);
    for (size_t i = 0; i < COLUMNS; i++) {
        const char *value = rows_text(&import->rows, &import->row, columns[i]);
        if (*value != '\0')
            json_object_set_new(body, columns[i], json_string(value));
    }
    char *octets = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    must(octets != NULL);
    return octets;
}

/* False: the box is neither ticked nor not, so the row is refused. */
static bool read_box(struct import *import, const char *phone, bool *opted_in)
{
    const char *box = rows_text(&import->rows, &import->row, "sms_opt_in");
    enum option_answer answer = option_answer_read(box);
    *opted_in = answer == OPTION_YES;
    if (answer != OPTION_UNSAID)
        return true;
    char why[120];
    snprintf(why, sizeof why, "sms_opt_in is '%.60s': neither yes nor no", box);
    rows_refuse(&import->rows, import->row.line, phone, "invalid_field", why);
    rows_handled(&import->rows);
    return false;
}

static void fill_call(struct import *import, struct call *call, const char *phone, bool opted_in)
{
    struct registration *registration = mem_new(sizeof *registration + strlen(phone) + 1);
    registration->line = import->row.line;
    registration->number = rows_number(&import->rows, phone);
    strcpy(registration->phone, phone);
    if (registration->number != 0) {
        uint64_t *place = place_of(import, 0);
        must(place != NULL);
        *place = registration->number;
    }
    *call = (struct call){.method = "POST", .is_repeatable = true, .row = registration};
    call->path = mem_text("/v1/consents");
    call->body = body_of(import, phone, opted_in);
}

static enum client_next next_row(void *owner, struct call *call)
{
    struct import *import = owner;
    while (import->has_row || rows_next(&import->rows, &import->row)) {
        bool opted_in;
        const char *phone = rows_text(&import->rows, &import->row, "phone");
        uint64_t number = rows_number(&import->rows, phone);
        import->has_row = number != 0 && place_of(import, number) != NULL;
        if (import->has_row)
            return CLIENT_LATER;
        if (!read_box(import, phone, &opted_in))
            continue;
        fill_call(import, call, phone, opted_in);
        return CLIENT_CALL;
    }
    return CLIENT_END;
}

static bool is_fatal(const struct answer *answer, const char *code)
{
    static const char *const fatal[] = {"unauthorized", "role_required", "unknown_program",
                                        "sender_not_allowed", "not_found"};
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        if (strcmp(code, fatal[i]) == 0)
            return true;
    }
    return answer->status >= 500 || json_object_get(answer->body, "code") == NULL;
}

static bool row_done(void *owner, struct call *call, const struct answer *answer)
{
    struct import *import = owner;
    const struct registration *registration = call->row;
    const char *state = json_string_value(json_object_get(answer->body, "state"));
    char room[16], why[CLIENT_ERROR_SIZE];
    if (registration->number != 0)
        *place_of(import, registration->number) = 0;
    if (answer_is_good(answer) && state != NULL) {
        tally_add(&import->states, state);
        import->repeats += answer->status == 200 ? 1 : 0;
        rows_handled(&import->rows);
        return true;
    }
    answer_explain(answer, why);
    if (is_fatal(answer, answer_code(answer, room))) {
        snprintf(import->rows.fatal, sizeof import->rows.fatal, "%s", why);
        return false;
    }
    rows_refuse(&import->rows, registration->line, registration->phone, answer_code(answer, room),
                why);
    rows_handled(&import->rows);
    return true;
}

static void print_summary(const struct import *import)
{
    rows_print(&import->rows, &import->states);
    if (import->repeats > 0)
        printf("; %" PRId64 " of them changed nothing: on record already", import->repeats);
    putchar('\n');
}

static void print_json(const struct import *import)
{
    json_t *summary =
        json_pack("{s:I,s:o,s:o,s:I,s:O}", "rows", (json_int_t)import->rows.handled, "states",
                  tally_json(&import->states), "refused", tally_json(&import->rows.refused),
                  "on_record_already", (json_int_t)import->repeats, "refusals", import->rows.list);
    must(summary != NULL);
    json_dumpf(summary, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(summary);
}

static int import_rows(struct import *import, struct client *client)
{
    struct client_work work = {next_row, row_done, import};
    const char *why = rows_run(&import->rows, client, &work);
    if (import->order->is_json)
        print_json(import);
    else
        print_summary(import);
    return rows_import_ends(&import->rows, why, import->order->is_strict);
}

int consent_import(const struct consent_import *order, struct client *client)
{
    static const char *const needed[] = {"phone", "sms_opt_in"};
    struct import import = {
        .order = order,
        .rows = {.command = "consent", .is_verbose = order->is_verbose, .is_json = order->is_json}};
    int result = CLI_FAILED;
    if (rows_open(&import.rows, order->file, client) && rows_has_columns(&import.rows, needed, 2))
        result = import_rows(&import, client);
    rows_close(&import.rows);
    tally_wipe(&import.states);
    return result;
}
