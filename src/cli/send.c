/* send: one message. What may be sent is the gateway's decision; here is what became of it, told. */
#include "cli/send.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/must.h"
#include "cli/cli.h"
#include "consent/verdict.h"

#define AGAIN_MS  100
#define KEY_LIMIT ((size_t)255)

static json_t *body_of(const struct send *send)
{
    const struct campaign_order *order = &send->order;
    json_t *body = json_pack("{s:s,s:s,s:s*,s:s*,s:s*,s:s*,s:s*}", "to", send->to, "text", order->text,
                             "program", order->program, "from", order->from, "encoding", order->encoding,
                             "send_at", order->start_at, "client_ref", order->client_ref);
    if (body != NULL && order->is_dry_run)
        json_object_set_new(body, "dry_run", json_true());
    return body;
}

static int say_refused(const struct send *send, const struct answer *answer)
{
    char why[CLIENT_ERROR_SIZE];
    answer_explain(answer, why);
    json_int_t seq = json_integer_value(json_object_get(answer->body, "ledger_seq"));
    if (send->inquiry.is_json && answer->body != NULL)
        inquiry_print_json(answer->body);
    if (seq > 0)
        return cli_fail("send", "not sent to %s: %s; ledger record %" JSON_INTEGER_FORMAT, send->to,
                        why, seq);
    return cli_fail("send", "not sent to %s: %s", send->to, why);
}

/* The message may be on its way: "not sent" would make somebody send it twice. */
static int say_unknown(const struct send *send, const char *key, const struct answer *answer)
{
    char why[CLIENT_ERROR_SIZE];
    answer_explain(answer, why);
    if (send->inquiry.is_json) {
        json_t *body = json_pack("{s:s,s:s,s:s,s:s}", "code", "unanswered", "detail", why, "to", send->to,
                                 "idempotency_key", key);
        inquiry_print_json(body);
        json_decref(body);
    }
    return cli_fail("send",
                    "it isn't known whether the text to %s was accepted: %s\nassent send: the same command with "
                    "--idempotency-key %s asks again; within 24 hours that texts nobody twice",
                    send->to, why, key);
}

static int say_verdict(const struct send *send, const json_t *answer)
{
    const char *to = inquiry_text(answer, "to"), *verdict = inquiry_text(answer, "verdict");
    if (send->inquiry.is_json)
        inquiry_print_json(answer);
    else
        printf("%s: %s\n", *to == '\0' ? send->to : to, verdict);
    return send->is_strict && strcmp(verdict, "allowed") != 0 ? CLI_FAILED : CLI_DONE;
}

static void say_accepted(const json_t *answer)
{
    json_int_t segments = json_integer_value(json_object_get(answer, "segments"));
    printf("%s: accepted, %s, %s, %" JSON_INTEGER_FORMAT " segment%s, id %s\n",
           inquiry_text(answer, "to"), inquiry_text(answer, "status"), inquiry_text(answer, "encoding"),
           segments, segments == 1 ? "" : "s", inquiry_text(answer, "id"));
    fflush(stdout);
}

/* ---- what became of it ---- */

static bool is_among(const char *status, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(status, *words) == 0)
            return true;
    return false;
}

/* What the carrier took, or never answered, is final when nothing more was heard of it for so long. */
static bool is_final(const char *status, int64_t receipt_ms, int64_t *taken_ms)
{
    static const char *const open[] = {"scheduled", "queued", "held", "sending", NULL};
    static const char *const awaited[] = {"sent", "unknown", NULL};
    if (is_among(status, open))
        return false;
    if (!is_among(status, awaited))
        return true;
    if (*taken_ms == 0)
        *taken_ms = clock_mono_ms();
    return clock_mono_ms() - *taken_ms >= receipt_ms;
}

static int wait_until_final(const struct send *send, const char *id)
{
    static const char *const arrived[] = {"delivered", "sent", NULL};
    const struct timespec again = {.tv_nsec = AGAIN_MS * 1000000L};
    char status[20] = "", why[CLIENT_ERROR_SIZE];
    int64_t taken_ms = 0;
    do {
        if (*status != '\0')
            nanosleep(&again, NULL);
        char *path = client_path_of("/v1/messages/", id, "");
        struct answer answer = client_ask(send->inquiry.client, "GET", path, NULL);
        bool is_good = answer_is_good(&answer) && !cli_is_interrupted();
        free(path);
        answer_explain(&answer, why);
        snprintf(status, sizeof status, "%s", inquiry_text(answer.body, "status"));
        answer_wipe(&answer);
        if (!is_good)
            return cli_fail("send", "it was handed in, but isn't final: %s",
                            cli_is_interrupted() ? "interrupted" : why);
    } while (!is_final(status, send->wait_for_s * 1000, &taken_ms));
    fprintf(send->inquiry.is_json ? stderr : stdout, "in the end: %s\n", status);
    return is_among(status, arrived) ? CLI_DONE : CLI_FAILED;
}

/* ---- one message ---- */

static int tell(const struct send *send, const json_t *answer)
{
    if (send->order.is_dry_run)
        return say_verdict(send, answer);
    if (send->inquiry.is_json)
        inquiry_print_json(answer);
    else
        say_accepted(answer);
    return send->waits ? wait_until_final(send, inquiry_text(answer, "id")) : CLI_DONE;
}

static int send_one(const struct send *send)
{
    json_t *body = body_of(send);
    if (body == NULL)
        return cli_usage("send", "the text, the number or the sender is not UTF-8");
    char *key = send->key != NULL ? mem_text(send->key) : client_new_key();
    struct call call = {.method = "POST", .is_repeatable = true};
    call.path = mem_text("/v1/messages");
    call.body = json_dumps(body, JSON_COMPACT);
    call.idempotency_key = mem_text(key);
    json_decref(body);
    cli_catch_interrupts();
    struct answer answer = client_ask_call(send->inquiry.client, call);
    int result;
    if (answer_is_good(&answer))
        result = tell(send, answer.body);
    else if (answer.is_in_doubt && !send->order.is_dry_run)
        result = say_unknown(send, key, &answer);
    else
        result = say_refused(send, &answer);
    answer_wipe(&answer);
    free(key);
    return result;
}

/* ---- the command ---- */

/* The first option that is given and only means something for a file; NULL: none. */
static const char *only_for_files(const struct send *send)
{
    const struct {
        const char *name;
        bool is_given;
    } options[] = {
        {"--unsent", send->unsent != NULL},
        {"--resume", send->resume != NULL},
        {"--name", send->order.name != NULL},
        {"--rate", send->order.rate != NULL},
        {"--ends-at", send->order.ends_at != NULL},
        {"--window", send->order.window != NULL},
        {"--start-at-local", send->order.start_at_local != NULL},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].is_given)
            return options[i].name;
    return NULL;
}

/* What can't be a header would be left out of the request, or be another one: asking again would send again. */
static bool is_idempotency_key(const char *key)
{
    size_t length = strlen(key);
    if (length == 0 || length > KEY_LIMIT || key[0] == ' ' || key[length - 1] == ' ')
        return false;
    while (*key >= ' ' && *key <= '~')
        key++;
    return *key == '\0';
}

static int run(struct send *send)
{
    bool goes_on = send->resume != NULL;
    if ((send->to == NULL) == (send->csv == NULL))
        return cli_usage("send", "either --to NUMBER or --csv FILE says who gets it");
    if (!goes_on && send->order.program == NULL && (send->order.from == NULL || send->csv != NULL))
        return cli_usage("send", "--program says whose message it is");
    if (!goes_on && send->order.text == NULL)
        return cli_usage("send", "--text says what to send");
    if (send->to != NULL && only_for_files(send) != NULL)
        return cli_usage("send", "%s is for --csv", only_for_files(send));
    if (goes_on && (campaign_order_given(&send->order) != NULL || send->order.program != NULL || send->key != NULL ||
                    send->order.is_dry_run))
        return cli_usage("send", "--resume goes on with a campaign that has its text, program and times already");
    if (send->key != NULL && !is_idempotency_key(send->key))
        return cli_usage("send", "--idempotency-key is 1 to %zu printable ASCII characters, without blanks at its ends",
                         KEY_LIMIT);
    if (send->waits && send->order.is_dry_run)
        return cli_usage("send", "--dry-run sends nothing that --wait could wait for");
    return send->to != NULL ? send_one(send) : send_file(send);
}

int cli_send(int argc, char **argv)
{
    struct send send = {.inquiry = {.command = "send"}, .wait_for_s = 30};
    const struct option_row rows[] = {
        {"--to", OPTION_ONCE, &send.to},
        {"--csv", OPTION_ONCE, &send.csv},
        CAMPAIGN_ORDER(send.order),
        {"--resume", OPTION_TEXT, &send.resume},
        {"--idempotency-key", OPTION_TEXT, &send.key},
        {"--unsent", OPTION_TEXT, &send.unsent},
        {"--wait", OPTION_FLAG, &send.waits},
        {"--wait-for", OPTION_COUNT, &send.wait_for_s},
        {"--strict", OPTION_FLAG, &send.is_strict},
        {"--verbose", OPTION_FLAG, &send.is_verbose},
        {"--json", OPTION_FLAG, &send.inquiry.is_json},
        INQUIRY_GATEWAY(send.inquiry),
        INQUIRY_END,
    };
    int result = CLI_USAGE, others = inquiry_begin(&send.inquiry, argc, argv, rows);
    if (others > 0)
        result = cli_usage("send", "what is '%s'? The recipient is --to, the text is --text", argv[1]);
    else if (others == 0)
        result = run(&send);
    inquiry_end(&send.inquiry);
    return result;
}
