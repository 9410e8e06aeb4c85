/* message: what became of a message, or of many; and taking back what hasn't left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/facts.h"
#include "cli/inquiry.h"

struct message_options {
    struct inquiry inquiry;
    const char *to, *status, *client_ref, *campaign;
};

static const struct column columns[] = {
    {"ID", "id"}, {"STATUS", "status"},  {"TO", "to"},
    {"FROM", "from"},               {"PROGRAM", "program"}, {"CREATED", "created_at"},
    {"PARTS", "segments"},          {"REASON", "reason"},   {"TEXT", "text"},
    {NULL, NULL},
};
static const struct column part_columns[] = {
    {"PART", "part"}, {"STATE", "state"},           {"ERR", "err"},
    {"AT", "at"},     {"CARRIER'S ID", "carrier_id"}, {NULL, NULL},
};
static const struct column event_columns[] = {{"AT", "at"}, {"WHAT", "what"}, {NULL, NULL}};
static const struct column consent_columns[] = {
    {"RECORD", "ledger_seq"},       {"AT", "at"},
    {"WHAT", "kind"},               {"SOURCE", "payload.source"},
    {"COLLECTED", "payload.collected_at"}, {"FORM", "payload.form_url"},
    {NULL, NULL},
};
static const struct column cancel_columns[] = {
    {"ID", "id"}, {"STATUS", "status"}, {"TO", "to"}, {"WHY", "why"}, {NULL, NULL},
};

static int list(const struct message_options *options)
{
    return inquiry_list(&options->inquiry,
                        client_path("/v1/messages", "to", options->to, "status", options->status,
                                    "client_ref", options->client_ref, "campaign",
                                    options->campaign, NULL),
                        columns, "there is no such message");
}

/* ---- show ---- */

static void print_section(const char *heading, json_t *items, const struct column *of)
{
    if (json_array_size(items) == 0)
        return;
    printf("\n%s\n\n", heading);
    table_print(stdout, items, of, TABLE_TEXT, cli_width(stdout));
}

static void print_message(const json_t *message)
{
    static const char *const apart[] = {"parts", "events", "consent", NULL};
    json_t *consent = json_object_get(message, "consent");
    facts_print(stdout, message, apart);
    print_section("Parts", json_object_get(message, "parts"), part_columns);
    print_section("Events", json_object_get(message, "events"), event_columns);
    if (!json_is_object(consent))
        return;
    json_t *records = json_pack("[O]", consent);
    print_section("Allowed by this record of the ledger", records, consent_columns);
    json_decref(records);
}

static int show(const struct message_options *options, const char *id)
{
    struct answer answer;
    char *path = client_path_of("/v1/messages/", id, "");
    if (options->inquiry.is_csv)
        return inquiry_tell(&options->inquiry, "GET", path, NULL, columns);
    bool is_good = inquiry_ask(&options->inquiry, "GET", path, NULL, &answer);
    if (is_good && options->inquiry.is_json)
        inquiry_print_json(answer.body);
    else if (is_good)
        print_message(answer.body);
    answer_wipe(&answer);
    return is_good ? CLI_DONE : CLI_FAILED;
}

/* ---- cancel ---- */

static json_t *cancel_one(const struct inquiry *inquiry, const char *id)
{
    char why[CLIENT_ERROR_SIZE], room[16];
    char *path = client_path_of("/v1/messages/", id, "");
    struct answer answer = client_ask(inquiry->client, "DELETE", path, NULL);
    free(path);
    json_t *row = answer_is_good(&answer) ? json_incref(answer.body) : NULL;
    if (row == NULL) {
        answer_explain(&answer, why);
        row = json_pack("{s:s,s:s,s:s,s:s}", "id", id, "status",
                        answer.is_in_doubt ? "not known" : "not cancelled", "code", answer_code(&answer, room), "why", why);
    }
    answer_wipe(&answer);
    return row;
}

/* Each stands alone: what has left hinders no other. */
static int cancel(const struct message_options *options, int count, char **ids)
{
    json_t *rows = json_array();
    int result = CLI_DONE;
    for (int i = 0; i < count; i++) {
        json_t *row = cancel_one(&options->inquiry, ids[i]);
        if (row == NULL)
            cli_usage("message", "an id that is not UTF-8");
        if (row == NULL || json_object_get(row, "why") != NULL)
            result = CLI_FAILED;
        if (row != NULL)
            json_array_append_new(rows, row);
    }
    inquiry_print(&options->inquiry, rows, cancel_columns, NULL);
    return result;
}

/* ---- the command ---- */

static int run(int argc, char **argv, const struct message_options *options)
{
    const char *what = argc > 0 ? argv[0] : "";
    if (argc == 1 && strcmp(what, "list") == 0)
        return list(options);
    if (argc == 2 && strcmp(what, "show") == 0)
        return show(options, argv[1]);
    if (argc > 1 && strcmp(what, "cancel") == 0)
        return cancel(options, argc - 1, argv + 1);
    return cli_usage("message", "show ID, list, or cancel ID...?");
}

int cli_message(int argc, char **argv)
{
    struct message_options it = {.inquiry = {.command = "message", .limit = 50}};
    const struct option_row rows[] = {
        {"--to", OPTION_TEXT, &it.to},
        {"--status", OPTION_TEXT, &it.status},
        {"--client-ref", OPTION_TEXT, &it.client_ref},
        {"--campaign", OPTION_TEXT, &it.campaign},
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
