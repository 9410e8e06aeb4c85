/* consent: what a person said, for one number; consent_import.c reads many from a file. */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/consent_import.h"
#include "cli/database.h"
#include "cli/options.h"
#include "cli/table.h"
#include "consent/number.h"

static const struct field {
    const char *option, *name; /* in the API */
} fields[] = {
#define EVIDENCE(name, most, option, sentence) {option, #name},
#include "proto/evidence.def"
};
#define FIELDS (sizeof fields / sizeof fields[0])

struct consent_options {
    const char *program, *phone, *channel, *note, *db, *config, *url, *key;
    const char *state, *since, *expires_before;
    const char *values[FIELDS];
    enum option_answer opted_in;
    bool is_all, before_term, is_json, is_strict, is_verbose;
};

static const struct column program_columns[] = {
    {"PROGRAM", "program"}, {"STATE", "state"}, {"MAY BE TEXTED", "eligible"},
    {"SINCE", "since"},     {"WHY", "why"},     {NULL, NULL},
};
static const struct column history_columns[] = {
    {"RECORD", "ledger_seq"}, {"AT", "at"},     {"WHAT", "kind"},
    {"PROGRAM", "program"},   {"HOW", "words"}, {NULL, NULL},
};

static int say_failed(const struct answer *answer)
{
    char why[CLIENT_ERROR_SIZE];
    answer_explain(answer, why);
    return cli_fail("consent", "%s", why);
}

static int print_json(const json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2));
    putchar('\n');
    return CLI_DONE;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

/* ---- show ---- */

/* One line about a record, from what its payload says. */
static char *words_of(const json_t *payload)
{
    static const char *const telling[] = {"how", "why", "title"};
    char *words;
    const json_t *opted_in = json_object_get(payload, "opted_in");
    if (opted_in != NULL) {
        const char *product = text_at(payload, "product");
        must(asprintf(&words, "box %s, %s%s%s", json_is_true(opted_in) ? "ticked" : "not ticked",
                      text_at(payload, "source"), *product == '\0' ? "" : ", ", product) > 0);
        return words;
    }
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++) {
        if (json_object_get(payload, telling[i]) != NULL)
            return mem_text(text_at(payload, telling[i]));
    }
    return payload == NULL || json_is_null(payload) ? mem_text("erased") : table_cell(payload);
}

static void print_history(json_t *history)
{
    size_t i;
    json_t *record;
    json_array_foreach(history, i, record)
    {
        char *words = words_of(json_object_get(record, "payload"));
        json_object_set_new(record, "words", json_string(words));
        free(words);
    }
    printf("\nHistory\n\n");
    table_print(stdout, history, history_columns, TABLE_TEXT, cli_width(stdout));
}

static int show_online(const char *number, const struct consent_options *options)
{
    struct client *client = client_open_for("consent", options->url, options->key);
    if (client == NULL)
        return CLI_USAGE;
    char *path = client_path_of("/v1/consents/", number, "");
    struct answer answer = client_ask(client, "GET", path, NULL);
    free(path);
    client_close(client);
    json_t *history = json_object_get(answer.body, "history");
    int result = CLI_DONE;
    if (!answer_is_good(&answer)) {
        result = say_failed(&answer);
    } else if (options->is_json) {
        print_json(answer.body);
    } else {
        printf("%s\n\n", text_at(answer.body, "phone"));
        table_print(stdout, json_object_get(answer.body, "programs"), program_columns, TABLE_TEXT,
                    cli_width(stdout));
        if (json_array_size(history) > 0)
            print_history(history);
        else
            puts("\nNothing is on record for this number.");
    }
    answer_wipe(&answer);
    return result;
}

static int print_records(const char *number, json_t *records, bool is_json)
{
    if (is_json) {
        json_t *page = json_pack("{s:s,s:O}", "phone", number, "history", records);
        must(page != NULL);
        print_json(page);
        json_decref(page);
        return CLI_DONE;
    }
    puts(number);
    if (json_array_size(records) == 0) {
        puts("\nNothing is on record for this number.");
        return CLI_DONE;
    }
    print_history(records);
    fputs("\nThis is what the database has recorded. Where the number stands by it, a running\n"
          "gateway says: `assent consent show` without --db.\n",
          stderr);
    return CLI_DONE;
}

static int show_offline(const char *text, const struct consent_options *options)
{
    uint64_t number;
    char canonical[NUMBER_TEXT_SIZE];
    enum number_fault fault = number_read(octets_text(text), "US", &number);
    if (fault != NUMBER_OK)
        return cli_usage("consent", "'%s' is no phone number: %s", text, number_fault_text(fault));
    number_write(number, canonical);
    struct store *store = database_open("consent", options->db, options->config);
    if (store == NULL)
        return CLI_FAILED;
    json_t *records = database_records(store, (struct ledger_filter){.number = canonical});
    int result = records == NULL
                     ? cli_fail("consent", "the database can't be read: %s", store_fault(store))
                     : print_records(canonical, records, options->is_json);
    json_decref(records);
    store_close(store);
    return result;
}

/* ---- grant and revoke ---- */

static int post(const char *path, json_t *body, const struct consent_options *options,
                json_t **answered)
{
    *answered = NULL;
    if (body == NULL)
        return cli_usage("consent", "what was given is not UTF-8");
    struct client *client = client_open_for("consent", options->url, options->key);
    if (client == NULL) {
        json_decref(body);
        return CLI_USAGE;
    }
    struct answer answer = client_ask(client, "POST", path, body);
    json_decref(body);
    int result = answer_is_good(&answer) ? CLI_DONE : say_failed(&answer);
    if (result == CLI_DONE)
        *answered = json_incref(answer.body);
    answer_wipe(&answer);
    client_close(client);
    return result;
}

static int grant(const char *number, const struct consent_options *options)
{
    if (options->program == NULL)
        return cli_usage("consent", "--program says what the person agreed to");
    json_t *body = json_pack("{s:s,s:s}", "program", options->program, "phone", number);
    if (body != NULL && options->opted_in != OPTION_UNSAID)
        json_object_set_new(body, "opted_in", json_boolean(options->opted_in == OPTION_YES));
    for (size_t i = 0; i < FIELDS; i++) {
        json_t *value = options->values[i] == NULL ? NULL : json_string(options->values[i]);
        if (options->values[i] != NULL && value == NULL)
            return json_decref(body), cli_usage("consent", "%s is not UTF-8", fields[i].option);
        if (value != NULL)
            json_object_set_new(body, fields[i].name, value);
    }
    json_t *answer;
    int result = post("/v1/consents", body, options, &answer);
    if (result == CLI_DONE && options->is_json)
        print_json(answer);
    else if (result == CLI_DONE)
        printf("%s in %s: %s, ledger record %" JSON_INTEGER_FORMAT "%s\n", text_at(answer, "phone"),
               text_at(answer, "program"), text_at(answer, "state"),
               json_integer_value(json_object_get(answer, "ledger_seq")),
               json_object_get(answer, "confirmation") != NULL ? "; the confirmation is on its way"
                                                               : "");
    json_decref(answer);
    return result;
}

static int revoke(const char *number, const struct consent_options *options)
{
    if ((options->program == NULL) == !options->is_all)
        return cli_usage("consent", "either --program P or --all says what the person leaves");
    if (options->channel == NULL)
        return cli_usage("consent", "--channel says how it came: call, email, web, letter, other");
    json_t *body = json_pack("{s:s,s:s*,s:s*}", "channel", options->channel, "program",
                             options->program, "note", options->note);
    if (body != NULL && options->is_all)
        json_object_set_new(body, "all", json_true());
    char *path = client_path_of("/v1/consents/", number, "/revoke");
    json_t *answer;
    int result = post(path, body, options, &answer);
    free(path);
    const char *phone = text_at(answer, "phone");
    if (result == CLI_DONE && options->is_json)
        print_json(answer);
    else if (result == CLI_DONE)
        printf("%s is out of %s\n", *phone == '\0' ? number : phone,
               options->is_all ? "all programs" : options->program);
    json_decref(answer);
    return result;
}

/* ---- export ---- */

static const struct column export_columns[] = {
    {"phone", "phone"},           {"program", "program"},
    {"state", "state"},           {"eligible", "eligible"},
    {"why", "why"},               {"since", "since"},
    {"collected_at", "collected_at"}, {"expires_at", "expires_at"},
    {"implied_until", "implied_until"}, {NULL, NULL},
};

/* CSV unless JSON is asked for: it goes to a CRM. */
static int export(const struct consent_options *options)
{
    char error[CLIENT_ERROR_SIZE];
    struct client *client = client_open_for("consent", options->url, options->key);
    if (client == NULL)
        return CLI_USAGE;
    char *path = client_path("/v1/consents", "program", options->program, "state", options->state,
                             "since", options->since, "expires_before", options->expires_before,
                             NULL);
    json_t *items = client_list(client, path, 0, error);
    free(path);
    client_close(client);
    if (items == NULL)
        return cli_fail("consent", "%s", error);
    table_print(stdout, items, export_columns, options->is_json ? TABLE_JSON : TABLE_CSV, 0);
    json_decref(items);
    return CLI_DONE;
}

static int erase(const char *number, const struct consent_options *options)
{
    json_t *answer;
    char *path = client_path_of("/v1/consents/", number, "/erase");
    int result = post(path, json_pack("{s:b}", "before_term", (int)options->before_term), options,
                      &answer);
    free(path);
    if (result == CLI_DONE && options->is_json)
        print_json(answer);
    else if (result == CLI_DONE)
        printf("erased: %" JSON_INTEGER_FORMAT " records, %" JSON_INTEGER_FORMAT
               " messages, %" JSON_INTEGER_FORMAT " replies%s\n",
               json_integer_value(json_object_get(answer, "records")),
               json_integer_value(json_object_get(answer, "messages")),
               json_integer_value(json_object_get(answer, "inbound")),
               json_is_true(json_object_get(answer, "stays_out")) ? "; the number stays out" : "");
    json_decref(answer);
    return result;
}

/* ---- the command ---- */

static int import(const char *file, const struct consent_options *options)
{
    if (options->program == NULL)
        return cli_usage("consent", "--program says what the file's people agreed to");
    struct client *client = client_open_for("consent", options->url, options->key);
    if (client == NULL)
        return CLI_USAGE;
    const struct consent_import order = {.file = file,
                                         .program = options->program,
                                         .is_strict = options->is_strict,
                                         .is_verbose = options->is_verbose,
                                         .is_json = options->is_json};
    int result = consent_import(&order, client);
    client_close(client);
    return result;
}

static int run(int argc, char **argv, const struct consent_options *options)
{
    const char *what = argc > 0 ? argv[0] : "";
    if (strcmp(what, "export") == 0 && argc == 1)
        return export(options);
    const char *object = argc > 1 ? argv[1] : options->phone;
    if (argc > 2 || object == NULL)
        return cli_usage("consent", "show, grant, revoke or erase NUMBER, import FILE, or export?");
    if (strcmp(what, "show") == 0)
        return options->db != NULL || options->config != NULL ? show_offline(object, options)
                                                              : show_online(object, options);
    if (strcmp(what, "grant") == 0)
        return grant(object, options);
    if (strcmp(what, "revoke") == 0)
        return revoke(object, options);
    if (strcmp(what, "erase") == 0)
        return erase(object, options);
    if (strcmp(what, "import") == 0)
        return import(object, options);
    return cli_usage("consent", "show, grant, revoke, erase, import or export?");
}

int cli_consent(int argc, char **argv)
{
    struct consent_options options = {0};
    struct option_row rows[FIELDS + 24] = {
        {"--program", OPTION_TEXT, &options.program},
        {"--phone", OPTION_TEXT, &options.phone},
        {"--opted-in", OPTION_YES_NO, &options.opted_in},
        {"--channel", OPTION_TEXT, &options.channel},
        {"--note", OPTION_TEXT, &options.note},
        {"--state", OPTION_TEXT, &options.state},
        {"--since", OPTION_TEXT, &options.since},
        {"--expires-before", OPTION_TEXT, &options.expires_before},
        {"--all", OPTION_FLAG, &options.is_all},
        {"--before-term", OPTION_FLAG, &options.before_term},
        {"--strict", OPTION_FLAG, &options.is_strict},
        {"--verbose", OPTION_FLAG, &options.is_verbose},
        {"--json", OPTION_FLAG, &options.is_json},
        {"--db", OPTION_TEXT, &options.db},
        {"-c", OPTION_TEXT, &options.config},
        {"--url", OPTION_TEXT, &options.url},
        {"--key", OPTION_TEXT, &options.key},
        {"--ca", OPTION_TEXT, &client_ca},
    };
    size_t count = 0;
    while (rows[count].name != NULL)
        count++;
    for (size_t i = 0; i < FIELDS; i++)
        rows[count++] = (struct option_row){fields[i].option, OPTION_TEXT, &options.values[i]};
    rows[count] = (struct option_row){NULL, OPTION_END, NULL};
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("consent", "%s", error);
    return run(others, argv + 1, &options);
}
