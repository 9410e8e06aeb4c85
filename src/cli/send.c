/* send: one message, or one to every row of a file. What may be sent is the gateway's decision;
 * here is what becomes of each row, told so that every row is accounted for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/must.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "base/merge.h"
#include "cli/number_set.h"
#include "cli/options.h"
#include "cli/rows.h"
#include "cli/table.h"
#include "cli/wait.h"
#include "consent/verdict.h"

#define SHORTEST_KEY 33 /* 16 random octets as hexadecimal */

struct send {
    const char *program, *to, *csv, *text, *from, *key, *url, *api_key, *unsent, *at, *at_local;
    bool is_dry, waits, is_strict, is_json, is_verbose;
    int64_t wait_for_s;

    struct client *client;
    char run[SHORTEST_KEY]; /* what the Idempotency-Keys of this run begin with */
    struct rows rows;
    struct merge *merge;
    struct number_set *seen;
    int64_t accepted, doubles;
    struct tally blocked;
    struct waiting *waiting;
};

struct sent_row { /* hangs on a call */
    size_t line;
    char phone[]; /* as it stands in the file */
};

enum sent { SENT_ACCEPTED, SENT_BLOCKED, SENT_REFUSED, SENT_FATAL };

/* ---- one message ---- */

static char *body_of(const struct send *send, const char *to, const char *text)
{
    json_t *body = json_pack("{s:s,s:s,s:s*,s:s*,s:s*,s:s*}", "to", to, "text", text, "program",
                             send->program, "from", send->from, "send_at", send->at, "send_at_local",
                             send->at_local);
    if (body != NULL && send->is_dry)
        json_object_set_new(body, "dry_run", json_true());
    char *octets = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return octets;
}

static bool is_block(const char *code)
{
    enum verdict verdict = verdict_find(octets_text(code));
    return verdict != VERDICT_ALLOWED && verdict_row(verdict)->is_block;
}

/* A dry run's verdict, or a problem's code. */
static const char *code_of(const struct answer *answer, char room[16])
{
    const char *verdict = json_string_value(json_object_get(answer->body, "verdict"));
    if (answer_is_good(answer) && verdict != NULL)
        return verdict;
    return answer_code(answer, room);
}

static enum sent sent_of(const struct answer *answer, const char *code)
{
    static const char *const fatal[] = {"unauthorized", "role_required", "unknown_program",
                                        "not_found"};
    const char *verdict = json_string_value(json_object_get(answer->body, "verdict"));
    bool is_no = answer_is_good(answer) && verdict != NULL && strcmp(verdict, "allowed") != 0;
    if (is_block(code) || is_no)
        return SENT_BLOCKED;
    if (answer_is_good(answer))
        return SENT_ACCEPTED;
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        if (strcmp(code, fatal[i]) == 0)
            return SENT_FATAL;
    }
    bool has_code = json_object_get(answer->body, "code") != NULL;
    return has_code && answer->status < 500 ? SENT_REFUSED : SENT_FATAL;
}

static void print_json(const json_t *json)
{
    json_dumpf(json, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
    fputc('\n', stdout);
}

static const char *text_at(const struct answer *answer, const char *name)
{
    const char *text = json_string_value(json_object_get(answer->body, name));
    return text == NULL ? "" : text;
}

static int say_refused(const struct send *send, const struct answer *answer)
{
    char why[CLIENT_ERROR_SIZE];
    answer_explain(answer, why);
    json_int_t seq = json_integer_value(json_object_get(answer->body, "ledger_seq"));
    if (send->is_json && answer->body != NULL)
        print_json(answer->body);
    if (seq > 0)
        return cli_fail("send", "not sent to %s: %s; ledger record %" JSON_INTEGER_FORMAT, send->to,
                        why, seq);
    return cli_fail("send", "not sent to %s: %s", send->to, why);
}

static int say_verdict(const struct send *send, const struct answer *answer, const char *code)
{
    const char *to = text_at(answer, "to");
    if (send->is_json)
        print_json(answer->body);
    else
        printf("%s: %s\n", *to == '\0' ? send->to : to, code);
    if (!send->is_json && send->at_local != NULL && *text_at(answer, "send_at") != '\0')
        printf("at %s: %s\n", text_at(answer, "send_at"), text_at(answer, "detail"));
    return send->is_strict && strcmp(code, "allowed") != 0 ? CLI_FAILED : CLI_DONE;
}

static void say_accepted(const struct answer *answer)
{
    json_int_t segments = json_integer_value(json_object_get(answer->body, "segments"));
    printf("%s: accepted, %s, %s, %" JSON_INTEGER_FORMAT " segment%s, id %s\n",
           text_at(answer, "to"), text_at(answer, "status"), text_at(answer, "encoding"), segments,
           segments == 1 ? "" : "s", text_at(answer, "id"));
}

static int wait_for_one(struct send *send, const struct answer *answer)
{
    struct tally ends = {0};
    char error[CLIENT_ERROR_SIZE];
    waiting_add(send->waiting, text_at(answer, "id"));
    bool is_good =
        waiting_run(send->waiting, send->client, send->wait_for_s * 1000, NULL, &ends, error);
    if (!is_good) {
        tally_wipe(&ends);
        return cli_fail("send", "it was handed in, but isn't final: %s", error);
    }
    bool is_sent = tally_count(&ends, "delivered") + tally_count(&ends, "sent") == 1;
    FILE *out = send->is_json ? stderr : stdout;
    fputs("in the end: ", out);
    fputs(json_object_iter_key(json_object_iter(ends.counts)), out);
    fputc('\n', out);
    tally_wipe(&ends);
    return is_sent ? CLI_DONE : CLI_FAILED;
}

static int send_one(struct send *send)
{
    struct call call = {.method = "POST", .is_repeatable = true};
    call.path = mem_text("/v1/messages");
    call.body = body_of(send, send->to, send->text);
    call.idempotency_key = mem_text(send->key != NULL ? send->key : send->run);
    if (call.body == NULL) {
        free(call.path);
        free(call.idempotency_key);
        return cli_usage("send", "the text, the number or the sender is not UTF-8");
    }
    struct answer answer = client_ask_call(send->client, call);
    char room[16];
    const char *code = code_of(&answer, room);
    int result;
    if (!answer_is_good(&answer)) {
        result = say_refused(send, &answer);
    } else if (send->is_dry) {
        result = say_verdict(send, &answer, code);
    } else {
        if (send->is_json)
            print_json(answer.body);
        else
            say_accepted(&answer);
        result = send->waits ? wait_for_one(send, &answer) : CLI_DONE;
    }
    answer_wipe(&answer);
    return result;
}

/* ---- a file ---- */

/* The text of this row; NULL where it can't be a message of JSON. */
static char *row_body(struct send *send, const struct csv_row *row, const char *phone)
{
    size_t columns = csv_columns(send->rows.reader);
    const char **values = region_get(send->rows.region, columns * sizeof *values);
    for (size_t i = 0; i < columns; i++)
        values[i] = region_text(send->rows.region, csv_value(row, i));
    char *text = merge_fill(send->merge, values);
    char *body = body_of(send, phone, text);
    free(text);
    return body;
}

static enum client_next next_row(void *owner, struct call *call)
{
    struct send *send = owner;
    struct csv_row row;
    while (rows_next(&send->rows, &row)) {
        const char *phone = rows_text(&send->rows, &row, "phone");
        uint64_t number = rows_number(&send->rows, phone);
        if (number != 0 && !number_set_add(send->seen, number)) {
            send->doubles++;
            rows_handled(&send->rows);
            continue;
        }
        struct sent_row *sent = mem_new(sizeof *sent + strlen(phone) + 1);
        sent->line = row.line;
        strcpy(sent->phone, phone);
        *call = (struct call){.method = "POST", .is_repeatable = true, .row = sent};
        call->path = mem_text("/v1/messages");
        call->body = row_body(send, &row, phone);
        must(call->body != NULL); /* rows_next has seen that all of it is UTF-8 */
        must(asprintf(&call->idempotency_key, "%s-%zu", send->key != NULL ? send->key : send->run,
                      row.line) > 0);
        return CLIENT_CALL;
    }
    return CLIENT_END;
}

/* The sentence of a block: a problem has it, a dry run only its code. */
static const char *title_of(const char *code)
{
    return verdict_row(verdict_find(octets_text(code)))->title;
}

static void list_blocked(struct send *send, const struct sent_row *row, const char *code)
{
    rows_unsent(&send->rows, row->line, row->phone, code, title_of(code));
    if (!send->is_verbose || send->is_json)
        return;
    char *phone = table_safe(row->phone);
    progress_clear(&send->rows.progress);
    fprintf(stderr, "line %zu: %s blocked: %s\n", row->line, phone, code);
    free(phone);
}

static bool row_done(void *owner, struct call *call, const struct answer *answer)
{
    struct send *send = owner;
    const struct sent_row *row = call->row;
    char room[16], why[CLIENT_ERROR_SIZE];
    const char *code = code_of(answer, room);
    switch (sent_of(answer, code)) {
    case SENT_ACCEPTED:
        send->accepted++;
        if (send->waits)
            waiting_add(send->waiting, text_at(answer, "id"));
        break;
    case SENT_BLOCKED:
        tally_add(&send->blocked, code);
        list_blocked(send, row, code);
        break;
    case SENT_REFUSED:
        answer_explain(answer, why);
        rows_refuse(&send->rows, row->line, row->phone, code, why);
        break;
    case SENT_FATAL:
        answer_explain(answer, send->rows.fatal);
        return false;
    }
    rows_handled(&send->rows);
    return true;
}

static void print_part(const char *what, const struct tally *tally)
{
    if (tally->total == 0)
        return;
    printf(", %" PRId64 " %s (", tally->total, what);
    tally_print(tally, stdout);
    putchar(')');
}

static void print_summary(const struct send *send)
{
    printf("%" PRId64 " row%s: %" PRId64 " %s", send->rows.handled,
           send->rows.handled == 1 ? "" : "s", send->accepted,
           send->is_dry ? "would be accepted" : "accepted");
    print_part("blocked", &send->blocked);
    print_part("refused", &send->rows.refused);
    if (send->doubles > 0)
        printf(", %" PRId64 " double%s", send->doubles, send->doubles == 1 ? "" : "s");
    putchar('\n');
    fflush(stdout);
}

static void print_summary_json(const struct send *send, const struct tally *ends)
{
    json_t *summary =
        json_pack("{s:I,s:I,s:o,s:o,s:I,s:O,s:b,s:s}", "rows", (json_int_t)send->rows.handled,
                  "accepted", (json_int_t)send->accepted, "blocked", tally_json(&send->blocked),
                  "refused", tally_json(&send->rows.refused), "doubles", (json_int_t)send->doubles,
                  "refusals", send->rows.list, "dry_run", send->is_dry, "idempotency_key",
                  send->key != NULL ? send->key : send->run);
    must(summary != NULL);
    if (send->waits)
        json_object_set_new(summary, "ends", tally_json(ends));
    print_json(summary);
    json_decref(summary);
}

/* What ended it before its end, and how to go on without texting anybody twice. */
static int say_broken(const struct send *send, const char *why)
{
    if (send->rows.fatal[0] != '\0' && send->rows.handled == 0)
        return cli_fail("send", "%s", why);
    const char *run = send->key != NULL ? send->key : send->run;
    return cli_fail("send",
                    "%s\nassent send: %" PRId64 " rows were done. To go on, run the same command "
                    "with --idempotency-key %s within 24 hours: nobody is texted twice",
                    why, send->rows.handled, run);
}

static bool wait_for_all(struct send *send, struct tally *ends)
{
    struct progress progress;
    char error[CLIENT_ERROR_SIZE];
    progress_begin(&progress, send->accepted);
    bool is_good =
        waiting_run(send->waiting, send->client, send->wait_for_s * 1000, &progress, ends, error);
    progress_clear(&progress);
    if (!is_good)
        cli_fail("send", "all were handed in, but not all are final: %s", error);
    if (send->is_json)
        return is_good;
    printf("%" PRId64 " final: ", ends->total);
    tally_print(ends, stdout);
    putchar('\n');
    return is_good;
}

static int send_rows(struct send *send)
{
    struct client_work work = {next_row, row_done, send};
    struct tally ends = {0};
    const char *why = rows_run(&send->rows, send->client, &work);
    if (!send->is_json)
        print_summary(send);
    int result = why == NULL ? CLI_DONE : say_broken(send, why);
    if (why == NULL && send->waits && !wait_for_all(send, &ends))
        result = CLI_FAILED;
    if (send->is_json)
        print_summary_json(send, &ends);
    int64_t unsent = send->blocked.total + send->rows.refused.total;
    int64_t arrived = tally_count(&ends, "delivered") + tally_count(&ends, "sent");
    if (send->is_strict && (unsent > 0 || (send->waits && arrived < send->accepted)))
        result = CLI_FAILED;
    tally_wipe(&ends);
    return result;
}

static int send_file(struct send *send)
{
    static const char *const needed[] = {"phone"};
    char why[MERGE_ERROR_SIZE];
    send->rows =
        (struct rows){.command = "send", .is_verbose = send->is_verbose, .is_json = send->is_json};
    if (!rows_open(&send->rows, send->csv, send->client) ||
        !rows_has_columns(&send->rows, needed, 1) ||
        (send->unsent != NULL && !rows_keep_unsent(&send->rows, send->unsent)))
        return CLI_FAILED;
    size_t count = csv_columns(send->rows.reader);
    const char **names = region_get(send->rows.region, count * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = csv_name(send->rows.reader, i);
    send->merge = merge_new(send->text, names, count, why);
    if (send->merge == NULL)
        return cli_fail("send", "nothing was sent: %s", why);
    char *probe = body_of(send, "", send->text);
    free(probe);
    if (probe == NULL)
        return cli_usage("send", "the text or the sender is not UTF-8");
    send->seen = number_set_new();
    return send_rows(send);
}

/* ---- the command ---- */

static int send_begin(struct send *send)
{
    if (send->program == NULL && send->from == NULL)
        return cli_usage("send", "--program says whose message it is");
    if ((send->to == NULL) == (send->csv == NULL))
        return cli_usage("send", "either --to NUMBER or --csv FILE says who gets it");
    if (send->text == NULL)
        return cli_usage("send", "--text says what to send");
    if (send->unsent != NULL && send->csv == NULL)
        return cli_usage("send", "--unsent is for the rows of --csv");
    if (send->at != NULL && send->at_local != NULL)
        return cli_usage("send", "either --at, one moment for all, or --at-local, the same time of day for each");
    if (send->waits && send->is_dry)
        return cli_usage("send", "--dry-run sends nothing that --wait could wait for");
    send->client = client_open_for("send", send->url, send->api_key);
    if (send->client == NULL)
        return CLI_USAGE;
    uint8_t random[16];
    random_octets(random, sizeof random);
    octets_to_hex(octets_of(random, sizeof random), send->run);
    send->waiting = waiting_new();
    return send->to != NULL ? send_one(send) : send_file(send);
}

int cli_send(int argc, char **argv)
{
    struct send send = {.wait_for_s = 30};
    const struct option_row rows[] = {
        {"--program", OPTION_TEXT, &send.program},
        {"--to", OPTION_TEXT, &send.to},
        {"--csv", OPTION_TEXT, &send.csv},
        {"--text", OPTION_TEXT, &send.text},
        {"--from", OPTION_TEXT, &send.from},
        {"--at", OPTION_TEXT, &send.at},
        {"--at-local", OPTION_TEXT, &send.at_local},
        {"--idempotency-key", OPTION_TEXT, &send.key},
        {"--unsent", OPTION_TEXT, &send.unsent},
        {"--dry-run", OPTION_FLAG, &send.is_dry},
        {"--wait", OPTION_FLAG, &send.waits},
        {"--wait-for", OPTION_COUNT, &send.wait_for_s},
        {"--strict", OPTION_FLAG, &send.is_strict},
        {"--verbose", OPTION_FLAG, &send.is_verbose},
        {"--json", OPTION_FLAG, &send.is_json},
        {"--url", OPTION_TEXT, &send.url},
        {"--key", OPTION_TEXT, &send.api_key},
        {"--ca", OPTION_TEXT, &client_ca},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("send", "%s", error);
    if (others > 0)
        return cli_usage("send", "what is '%s'? The recipient is --to, the text is --text",
                         argv[1]);
    int result = send_begin(&send);
    rows_close(&send.rows);
    merge_free(send.merge);
    number_set_free(send.seen);
    tally_wipe(&send.blocked);
    waiting_free(send.waiting);
    client_close(send.client);
    return result;
}
