/* webhook: events on their way to an account's receiver: what waits, what was given up, sending again, and a try. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/inquiry.h"

#define TEST_WAIT_S 65 /* callbacks: timeout is a minute at most */

struct webhook_options {
    struct inquiry inquiry;
    const char *status, *type, *account;
    bool is_all;
};

static const struct column columns[] = {
    {"ID", "id"},     {"STATUS", "status"}, {"TYPE", "type"}, {"AT", "at"},
    {"TRIES", "tries"}, {"NEXT", "next_at"}, {"ANSWER", "answer"}, {"WHY", "why"}, {NULL, NULL},
};

static int list(const struct webhook_options *options)
{
    return inquiry_list(&options->inquiry,
                        client_path("/v1/webhooks", "status", options->status, "type", options->type, "account",
                                    options->account, NULL),
                        columns, "there is no such event");
}

/* ---- replay ---- */

static json_t *which(const struct webhook_options *options)
{
    json_t *body = json_object();
    if (options->type != NULL)
        json_object_set_new(body, "type", json_string(options->type));
    if (options->account != NULL)
        json_object_set_new(body, "account", json_string(options->account));
    return body;
}

/* The gateway takes so many at once, and says whether there are more. */
static int replay_all(const struct webhook_options *options)
{
    json_int_t replayed = 0;
    bool is_good = true, has_more = true;
    while (is_good && has_more) {
        struct answer answer;
        is_good = inquiry_ask(&options->inquiry, "POST", client_path("/v1/webhooks/replay", NULL), which(options), &answer);
        if (is_good) {
            replayed += json_integer_value(json_object_get(answer.body, "replayed"));
            has_more = json_is_true(json_object_get(answer.body, "more"));
        }
        answer_wipe(&answer);
    }
    if (options->inquiry.is_json)
        printf("{\"replayed\":%" JSON_INTEGER_FORMAT "}\n", replayed);
    else
        printf("%" JSON_INTEGER_FORMAT " events go again\n", replayed);
    return is_good ? CLI_DONE : CLI_FAILED;
}

static int replay(const struct webhook_options *options, int count, char **ids)
{
    int result = CLI_DONE;
    json_t *rows = json_array();
    for (int i = 0; i < count; i++) {
        struct answer answer;
        if (inquiry_ask(&options->inquiry, "POST", client_path_of("/v1/webhooks/", ids[i], "/replay"), NULL, &answer))
            json_array_append(rows, answer.body);
        else
            result = CLI_FAILED;
        answer_wipe(&answer);
    }
    if (json_array_size(rows) > 0)
        inquiry_print(&options->inquiry, rows, columns, NULL);
    else
        json_decref(rows);
    return result;
}

/* ---- test ---- */

/* The event as it is now, until it was tried once; NULL: has said why. */
static json_t *tried(const struct inquiry *inquiry, const char *id)
{
    const struct timespec moment = {.tv_nsec = 100000000};
    for (int left = TEST_WAIT_S * 10; left >= 0; left--) {
        struct answer answer;
        bool is_good = inquiry_ask(inquiry, "GET", client_path_of("/v1/webhooks/", id, ""), NULL, &answer);
        json_t *event = is_good ? json_incref(answer.body) : NULL;
        answer_wipe(&answer);
        if (event == NULL || left == 0 || json_integer_value(json_object_get(event, "tries")) > 0)
            return event;
        json_decref(event);
        nanosleep(&moment, NULL);
    }
    return NULL;
}

static int try(const struct webhook_options *options)
{
    struct answer answer;
    const struct inquiry *inquiry = &options->inquiry;
    if (!inquiry_ask(inquiry, "POST", client_path("/v1/webhooks/test", NULL), NULL, &answer)) {
        answer_wipe(&answer);
        return CLI_FAILED;
    }
    json_t *event = tried(inquiry, inquiry_text(answer.body, "id"));
    answer_wipe(&answer);
    if (event == NULL)
        return CLI_FAILED;
    bool is_delivered = strcmp(inquiry_text(event, "status"), "delivered") == 0;
    json_t *rows = json_array();
    json_array_append_new(rows, event);
    inquiry_print(inquiry, rows, columns, NULL);
    if (!is_delivered)
        fputs("assent webhook: the receiver has not taken it\n", stderr);
    return is_delivered ? CLI_DONE : CLI_FAILED;
}

/* ---- the command ---- */

static int run(const struct webhook_options *options, int argc, char **argv)
{
    const char *what = argc > 0 ? argv[0] : "";
    if (argc == 1 && strcmp(what, "list") == 0)
        return list(options);
    if (argc == 1 && strcmp(what, "test") == 0 && options->account != NULL)
        return cli_usage("webhook", "test is for the account of the key: --account is for list and replay");
    if (argc == 1 && strcmp(what, "test") == 0)
        return try(options);
    if (argc == 1 && strcmp(what, "replay") == 0 && options->is_all)
        return replay_all(options);
    if (argc > 1 && strcmp(what, "replay") == 0 && !options->is_all)
        return replay(options, argc - 1, argv + 1);
    return cli_usage("webhook", "list, replay ID…, replay --all, or test?");
}

int cli_webhook(int argc, char **argv)
{
    struct webhook_options it = {.inquiry = {.command = "webhook"}};
    const struct option_row rows[] = {
        {"--status", OPTION_TEXT, &it.status},
        {"--type", OPTION_TEXT, &it.type},
        {"--account", OPTION_TEXT, &it.account},
        {"--all", OPTION_FLAG, &it.is_all},
        INQUIRY_LIMIT(it.inquiry),
        INQUIRY_FORMS(it.inquiry),
        INQUIRY_GATEWAY(it.inquiry),
        INQUIRY_END,
    };
    int others = inquiry_begin(&it.inquiry, argc, argv, rows);
    int result = others < 0 ? CLI_USAGE : run(&it, others, argv + 1);
    inquiry_end(&it.inquiry);
    return result;
}
