/* campaign: named bulk sends, step by step; `assent send --csv` takes all the steps at once. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/campaign_order.h"
#include "cli/cli.h"
#include "cli/facts.h"
#include "cli/follow.h"
#include "cli/inquiry.h"
#include "cli/upload.h"

struct campaign_options {
    struct inquiry inquiry;
    struct campaign_order order;
    const char *state, *status;
    const char *steps; /* a file */
    bool restarts;
};

static const struct column columns[] = {
    {"ID", "id"},
    {"NAME", "name"},
    {"STATE", "state"},
    {"PROGRAM", "program"},
    {"RECIPIENTS", "recipients"},
    {"HANDED IN", "handed_in"},
    {"ACCEPTED", "accepted"},
    {"CREATED", "created_at"},
    {NULL, NULL},
};
static const struct column recipient_columns[] = {
    {"ROW", "row"},       {"NUMBER", "phone"},   {"STATUS", "status"}, {"CODE", "code"},
    {"DETAIL", "detail"}, {"MESSAGE", "message"}, {NULL, NULL},
};

static const struct column enrolment_columns[] = {
    {"NUMBER", "phone"},   {"STATUS", "status"}, {"STEP", "step"},       {"DUE", "due_at"},
    {"ENTERED", "entered_at"}, {"REASON", "reason"}, {"MESSAGE", "message"}, {NULL, NULL},
};

static char *path_of(const char *id, const char *behind)
{
    return client_path_of("/v1/campaigns/", id, behind);
}

static int list(const struct campaign_options *options)
{
    return inquiry_list(&options->inquiry,
                        client_path("/v1/campaigns", "program", options->order.program, "state", options->state, NULL),
                        columns, "there is no such campaign");
}

/* ---- one campaign ---- */

static void print_campaign(const json_t *campaign)
{
    static const char *const apart[] = {"report", NULL}, *const none[] = {NULL};
    const json_t *report = json_object_get(campaign, "report");
    facts_print(stdout, campaign, apart);
    if (!json_is_object(report))
        return;
    puts("\nThe newest dry run\n");
    facts_print(stdout, report, none);
}

static int show_answer(const struct inquiry *inquiry, const json_t *campaign)
{
    if (inquiry->is_json)
        inquiry_print_json(campaign);
    else if (inquiry->is_csv)
        return inquiry_print(inquiry, json_pack("[O]", campaign), columns, NULL);
    else
        print_campaign(campaign);
    return CLI_DONE;
}

static int tell(const struct inquiry *inquiry, const char *method, char *path, json_t *body)
{
    struct answer answer;
    bool is_good = inquiry_ask(inquiry, method, path, body, &answer);
    int result = is_good ? show_answer(inquiry, answer.body) : CLI_FAILED;
    answer_wipe(&answer);
    return result;
}

/* Given twice it counts once, but for a resume: somebody may have paused it in between. */
static int give_order(const struct inquiry *inquiry, char *path, json_t *body)
{
    struct call call = {.method = "POST", .path = path, .is_repeatable = strstr(path, "/resume") == NULL};
    if (body != NULL)
        call.body = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    struct answer answer = client_ask_call(inquiry->client, call);
    bool is_good = answer_is_good(&answer);
    int result = is_good ? show_answer(inquiry, answer.body) : inquiry_fail(inquiry, &answer);
    if (!is_good && answer.is_in_doubt)
        cli_fail("campaign", "it isn't known whether it was done: the same command again finds out");
    answer_wipe(&answer);
    return result;
}

/* Those of a sequence are a list of objects in a file. False: has said on stderr what is wrong. */
static bool add_steps(const struct campaign_options *options, json_t *body)
{
    json_error_t error;
    if (options->restarts)
        json_object_set_new(body, "restart", json_true());
    if (options->steps == NULL)
        return true;
    json_t *steps = json_load_file(options->steps, JSON_REJECT_DUPLICATES, &error);
    if (steps != NULL) {
        json_object_set_new(body, "steps", steps);
        return true;
    }
    if (error.line > 0)
        fprintf(stderr, "assent campaign: %s, line %d: %s\n", options->steps, error.line, error.text);
    else
        fprintf(stderr, "assent campaign: %s: %s\n", options->steps, error.text);
    return false;
}

/* The id alone goes to stdout: ID=$(assent campaign create …). */
static int create(const struct campaign_options *options)
{
    struct answer answer;
    bool has_steps = options->steps != NULL, has_text = options->order.text != NULL;
    if (options->order.program == NULL || has_steps == has_text || options->order.name == NULL)
        return cli_usage("campaign", "--name, --program, and either --text or --steps say what it is");
    json_t *body = campaign_order_json(&options->order, "campaign");
    if (body == NULL)
        return CLI_USAGE;
    if (!add_steps(options, body)) {
        json_decref(body);
        return CLI_FAILED;
    }
    struct call call = {.method = "POST", .is_repeatable = true, .idempotency_key = client_new_key()};
    call.path = mem_text("/v1/campaigns");
    call.body = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    answer = client_ask_call(options->inquiry.client, call);
    bool is_good = answer_is_good(&answer);
    if (!is_good)
        inquiry_fail(&options->inquiry, &answer);
    if (!is_good && answer.is_in_doubt)
        cli_fail("campaign", "it may have been made all the same: assent campaign list --state loading");
    if (is_good && (options->inquiry.is_json || options->inquiry.is_csv))
        show_answer(&options->inquiry, answer.body);
    else if (is_good)
        puts(inquiry_text(answer.body, "id"));
    answer_wipe(&answer);
    return is_good ? CLI_DONE : CLI_FAILED;
}

static int upload(const struct campaign_options *options, const char *id, const char *file)
{
    char why[CLIENT_ERROR_SIZE];
    struct answer answer;
    bool is_good = inquiry_ask(&options->inquiry, "GET", path_of(id, ""), NULL, &answer);
    int64_t offset = campaign_count(answer.body, "offset");
    answer_wipe(&answer);
    if (!is_good)
        return CLI_FAILED;
    cli_catch_interrupts();
    enum upload_end end = upload_run(options->inquiry.client, id, file, offset, why);
    if (end == UPLOAD_DONE)
        return tell(&options->inquiry, "GET", path_of(id, ""), NULL);
    cli_fail("campaign", "%s", end == UPLOAD_INTERRUPTED ? "interrupted" : why);
    if (end != UPLOAD_REFUSED)
        fputs("assent campaign: what was sent is kept; the same command goes on where it ended\n", stderr);
    return CLI_FAILED;
}

static int watch(const struct campaign_options *options, const char *id)
{
    char why[CLIENT_ERROR_SIZE];
    json_t *campaign = NULL;
    bool has_bar = cli_is_terminal(stderr) && !options->inquiry.is_json;
    const struct follow order = {.client = options->inquiry.client,
                                 .id = id,
                                 .until = FOLLOW_FINAL,
                                 .lines = has_bar ? NULL : stdout,
                                 .is_json = options->inquiry.is_json};
    enum follow_end end = follow_run(&order, &campaign, why);
    if (campaign != NULL && has_bar)
        print_campaign(campaign);
    bool is_cancelled = campaign_is(campaign, "cancelled");
    json_decref(campaign);
    if (end == FOLLOW_BROKEN)
        return cli_fail("campaign", "%s", why);
    if (end == FOLLOW_INTERRUPTED)
        return cli_fail("campaign", "interrupted; the gateway goes on with it");
    return is_cancelled ? cli_fail("campaign", "it was cancelled") : CLI_DONE;
}

static int recipients(const struct campaign_options *options, const char *id)
{
    char *path = path_of(id, "/recipients");
    char *filtered = client_path(path, "status", options->status, NULL);
    free(path);
    return inquiry_list(&options->inquiry, filtered, recipient_columns, "there is no such recipient");
}

static int enrolments(const struct campaign_options *options, const char *id)
{
    char *path = path_of(id, "/enrolments");
    char *filtered = client_path(path, "status", options->status, NULL);
    free(path);
    return inquiry_list(&options->inquiry, filtered, enrolment_columns, "nobody stands there");
}

/* ---- the command ---- */

static int act(const struct campaign_options *options, const char *what, const char *id)
{
    static const char *const orders[] = {"pause", "resume", "cancel"};
    const struct inquiry *inquiry = &options->inquiry;
    char behind[16];
    if (strcmp(what, "show") == 0)
        return tell(inquiry, "GET", path_of(id, ""), NULL);
    if (strcmp(what, "watch") == 0)
        return watch(options, id);
    if (strcmp(what, "recipients") == 0)
        return recipients(options, id);
    if (strcmp(what, "enrolments") == 0)
        return enrolments(options, id);
    if (strcmp(what, "start") == 0)
        return give_order(inquiry, path_of(id, "/start"),
                          options->order.is_dry_run ? json_pack("{s:b}", "dry_run", 1) : NULL);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (strcmp(what, orders[i]) != 0)
            continue;
        snprintf(behind, sizeof behind, "/%s", what);
        return give_order(inquiry, path_of(id, behind), NULL);
    }
    return cli_usage("campaign", "list, create, upload, show, start, pause, resume, cancel, watch, "
                                 "recipients or enrolments?");
}

/* An option that the order would pass over: who gives it believes that it counts. */
static bool is_misplaced(const struct campaign_options *options, const char *what)
{
    const struct campaign_order *order = &options->order;
    const char *given = campaign_order_given(order);
    const struct {
        const char *name;
        bool is_given;
        const char *orders;
    } rows[] = {
        {given, given != NULL, "create"},
        {"--steps", options->steps != NULL, "create"},
        {"--restart", options->restarts, "create"},
        {"--program", order->program != NULL, "create and list"},
        {"--dry-run", order->is_dry_run, "create and start"},
        {"--state", options->state != NULL, "list"},
        {"--status", options->status != NULL, "recipients and enrolments"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!rows[i].is_given || strstr(rows[i].orders, what) != NULL)
            continue;
        cli_usage("campaign", "%s is for %s", rows[i].name, rows[i].orders);
        return true;
    }
    return false;
}

static int run(int argc, char **argv, const struct campaign_options *options)
{
    const char *what = argc > 0 ? argv[0] : "";
    if (is_misplaced(options, what))
        return CLI_USAGE;
    if (argc == 1 && strcmp(what, "list") == 0)
        return list(options);
    if (argc == 1 && strcmp(what, "create") == 0)
        return create(options);
    if (argc == 3 && strcmp(what, "upload") == 0)
        return upload(options, argv[1], argv[2]);
    if (argc == 2)
        return act(options, what, argv[1]);
    return cli_usage("campaign", "list, create, upload ID FILE, or show, start, pause, resume, cancel, watch, "
                                 "recipients, enrolments and an ID?");
}

int cli_campaign(int argc, char **argv)
{
    struct campaign_options it = {.inquiry = {.command = "campaign", .limit = 50}};
    const struct option_row rows[] = {
        CAMPAIGN_ORDER(it.order),
        {"--steps", OPTION_TEXT, &it.steps},
        {"--restart", OPTION_FLAG, &it.restarts},
        {"--state", OPTION_TEXT, &it.state},
        {"--status", OPTION_TEXT, &it.status},
        INQUIRY_LIMIT(it.inquiry),
        INQUIRY_FORMS(it.inquiry),
        INQUIRY_GATEWAY(it.inquiry),
        INQUIRY_END,
    };
    int others = inquiry_begin(&it.inquiry, argc, argv, rows);
    int result = others < 0 ? CLI_USAGE : run(others, argv + 1, &it);
    inquiry_end(&it.inquiry);
    return result;
}
