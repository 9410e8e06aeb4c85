/* account: accounts beside those of the configuration, kept by the gateway. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/options.h"
#include "cli/secret.h"
#include "cli/table.h"

struct account_options {
    const char *roles, *programs, *throughput, *quota, *timezone, *overlap, *key_id, *url, *key;
    bool is_json, is_csv, is_removal;
};

#define NOT_WHOLE "--throughput and --quota are whole numbers; 0 is no limit"

static const struct column columns[] = {
    {"NAME", "name"},     {"ROLES", "roles"},        {"PROGRAMS", "programs"},
    {"SOURCE", "source"}, {"RATE", "throughput"},    {"QUOTA", "quota"},
    {"TODAY", "used_today"}, {"KEYS", "valid_keys"}, {"LAST USED", "last_used_at"},
    {"PASSWORD", "password_set_at"}, {"CREATED", "created_at"}, {"REVOKED", "revoked_at"}, {NULL, NULL},
};

/* "sender,consent" as an array; empty words are left out. */
static json_t *words_of(const char *text)
{
    json_t *words = json_array();
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ", ");
        if (length > 0)
            json_array_append_new(words, json_stringn(text, length));
        text += length + (text[length] == '\0' ? 0 : 1);
    }
    return words;
}

static int say_failed(const struct answer *answer)
{
    char why[CLIENT_ERROR_SIZE];
    answer_explain(answer, why);
    return cli_fail("account", "%s", why);
}

static void print_json(const json_t *json)
{
    json_dumpf(json, stdout, JSON_COMPACT);
    putchar('\n');
}

/* The key alone goes to stdout: KEY=$(assent account add …). */
static int print_key(struct answer *answer, const struct account_options *options)
{
    const char *key = json_string_value(json_object_get(answer->body, "key"));
    if (!answer_is_good(answer) || key == NULL)
        return say_failed(answer);
    if (options->is_json)
        print_json(answer->body);
    else
        puts(key);
    return CLI_DONE;
}

static bool add_number(json_t *body, const char *name, const char *text)
{
    char *end;
    if (text == NULL)
        return true;
    long long number = strtoll(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0')
        return false;
    json_object_set_new(body, name, json_integer(number));
    return true;
}

/* What the options say of an account. NULL: one of them can't be. */
static json_t *terms_body(const struct account_options *options)
{
    json_t *body = json_object();
    if (options->roles != NULL)
        json_object_set_new(body, "roles", words_of(options->roles));
    if (options->programs != NULL)
        json_object_set_new(body, "programs", words_of(options->programs));
    if (options->timezone != NULL)
        json_object_set_new(body, "quota_timezone", json_string(options->timezone));
    if (add_number(body, "throughput", options->throughput) && add_number(body, "quota", options->quota))
        return body;
    json_decref(body);
    return NULL;
}

static int add(struct client *client, const char *name, const struct account_options *options)
{
    json_t *body = terms_body(options);
    if (body == NULL)
        return cli_usage("account", NOT_WHOLE);
    if (json_object_set_new(body, "name", json_string(name)) != 0) {
        json_decref(body);
        return cli_usage("account", "the name is not UTF-8");
    }
    struct answer answer = client_ask(client, "POST", "/v1/accounts", body);
    json_decref(body);
    int result = print_key(&answer, options);
    if (result == CLI_DONE)
        fprintf(stderr, "account %s was added; its key is shown this once\n", name);
    answer_wipe(&answer);
    return result;
}

static struct answer ask_of(struct client *client, const char *name, const char *what, json_t *body)
{
    char *path = client_path_of("/v1/accounts/", name, what);
    struct answer answer = client_ask(client, "POST", path, body);
    json_decref(body);
    free(path);
    return answer;
}

static int set(struct client *client, const char *name, const struct account_options *options)
{
    json_t *body = terms_body(options);
    if (body == NULL)
        return cli_usage("account", NOT_WHOLE);
    if (json_object_size(body) == 0) {
        json_decref(body);
        return cli_usage("account", "set what? --roles, --programs, --throughput, --quota or --quota-timezone");
    }
    struct answer answer = ask_of(client, name, "/set", body);
    int result = answer_is_good(&answer) ? CLI_DONE : say_failed(&answer);
    if (result == CLI_DONE && options->is_json)
        print_json(answer.body);
    else if (result == CLI_DONE)
        printf("account %s is set; it counts from the next request on\n", name);
    answer_wipe(&answer);
    return result;
}

static void say_ending(const char *name, const json_t *ending)
{
    size_t i;
    const json_t *key;
    fprintf(stderr, "account %s has a new key; it is shown this once\n", name);
    json_array_foreach(ending, i, key)
    {
        const char *id = json_string_value(json_object_get(key, "id"));
        const char *at = json_string_value(json_object_get(key, "ends_at"));
        bool is_valid = json_is_true(json_object_get(key, "valid"));
        if (is_valid && id != NULL && at != NULL)
            fprintf(stderr, "key %s is good until %s\n", id, at);
    }
}

static int rotate(struct client *client, const char *name, const struct account_options *options)
{
    int64_t overlap_ms = 0;
    json_t *body = json_object();
    bool is_zero = options->overlap != NULL && strcmp(options->overlap, "0") == 0;
    if (options->overlap != NULL && !is_zero &&
        !time_read_duration(octets_text(options->overlap), &overlap_ms)) {
        json_decref(body);
        return cli_usage("account", "--overlap %s is no span of time: 24h, 30m, 7d, or 0", options->overlap);
    }
    if (options->overlap != NULL)
        json_object_set_new(body, "overlap_seconds", json_integer((overlap_ms + 999) / 1000));
    struct answer answer = ask_of(client, name, "/rotate", body);
    int result = print_key(&answer, options);
    if (result == CLI_DONE)
        say_ending(name, json_object_get(answer.body, "ending"));
    answer_wipe(&answer);
    return result;
}

static json_t *key_words(const json_t *key)
{
    const char *id = json_string_value(json_object_get(key, "id"));
    const char *ends_at = json_string_value(json_object_get(key, "ends_at"));
    if (id == NULL)
        return json_null();
    return ends_at == NULL ? json_string(id) : json_sprintf("%s until %s", id, ends_at);
}

/* The keys that are good, as one word each, beside all that the API says. */
static void add_valid_keys(json_t *items)
{
    size_t i, k;
    json_t *item, *key;
    json_array_foreach(items, i, item)
    {
        json_t *ids = json_array();
        json_array_foreach(json_object_get(item, "keys"), k, key)
        {
            if (json_is_true(json_object_get(key, "valid")))
                json_array_append_new(ids, key_words(key));
        }
        json_object_set_new(item, "valid_keys", ids);
    }
}

static int list(struct client *client, const struct account_options *options)
{
    char error[CLIENT_ERROR_SIZE];
    json_t *items = client_list(client, "/v1/accounts", 0, error);
    if (items == NULL)
        return cli_fail("account", "%s", error);
    if (!options->is_json)
        add_valid_keys(items);
    table_print(stdout, items, columns,
                options->is_json  ? TABLE_JSON
                : options->is_csv ? TABLE_CSV
                                  : TABLE_TEXT,
                cli_width(stdout));
    json_decref(items);
    return CLI_DONE;
}

static int revoke(struct client *client, const char *name, const struct account_options *options)
{
    json_t *body = json_object();
    if (options->key_id != NULL)
        json_object_set_new(body, "key_id", json_string(options->key_id));
    struct answer answer = ask_of(client, name, "/revoke", body);
    bool is_good = answer.status >= 200 && answer.status < 300;
    int result = is_good ? CLI_DONE : say_failed(&answer);
    if (is_good && options->is_json && answer.body != NULL)
        print_json(answer.body);
    else if (is_good && options->key_id != NULL)
        printf("key %s of account %s opens nothing any more\n", options->key_id, name);
    else if (is_good)
        printf("account %s is revoked: its keys open nothing any more\n", name);
    answer_wipe(&answer);
    return result;
}

/* ---- what it logs in to the console with ---- */

static json_t *password_body(void)
{
    char *secret = secret_ask("account", "The new password");
    json_t *body = secret == NULL ? NULL : json_pack("{s:s}", "password", secret);
    if (secret != NULL && body == NULL)
        cli_fail("account", "the password is not UTF-8");
    secret_free(secret);
    return body;
}

static int password(struct client *client, const char *name, const struct account_options *options)
{
    json_t *body = options->is_removal ? NULL : password_body();
    if (body == NULL && !options->is_removal)
        return CLI_FAILED;
    char *path = client_path_of("/v1/accounts/", name, "/password");
    struct answer answer = client_ask(client, options->is_removal ? "DELETE" : "PUT", path, body);
    int result = answer_is_good(&answer) ? CLI_DONE : say_failed(&answer);
    if (result == CLI_DONE && options->is_json)
        print_json(answer.body);
    else if (result == CLI_DONE)
        printf("account %s %s\n", name, options->is_removal ? "has no password any more" : "logs in with that from now on");
    answer_wipe(&answer);
    json_decref(body);
    free(path);
    return result;
}

static int run(struct client *client, int argc, char **argv, const struct account_options *options)
{
    if (argc == 1 && strcmp(argv[0], "list") == 0)
        return list(client, options);
    if (argc == 2 && strcmp(argv[0], "revoke") == 0)
        return revoke(client, argv[1], options);
    if (argc == 2 && strcmp(argv[0], "set") == 0)
        return set(client, argv[1], options);
    if (argc == 2 && strcmp(argv[0], "rotate") == 0)
        return rotate(client, argv[1], options);
    if (argc == 2 && strcmp(argv[0], "password") == 0)
        return password(client, argv[1], options);
    if (argc != 2 || strcmp(argv[0], "add") != 0)
        return cli_usage("account", "add NAME, list, set NAME, rotate NAME, revoke NAME, or password NAME?");
    if (options->roles == NULL)
        return cli_usage("account",
                         "--roles says what it may do: sender, consent, compliance, admin");
    return add(client, argv[1], options);
}

int cli_account(int argc, char **argv)
{
    struct account_options options = {0};
    const struct option_row rows[] = {
        {"--roles", OPTION_TEXT, &options.roles},
        {"--programs", OPTION_TEXT, &options.programs},
        {"--throughput", OPTION_TEXT, &options.throughput},
        {"--quota", OPTION_TEXT, &options.quota},
        {"--quota-timezone", OPTION_TEXT, &options.timezone},
        {"--overlap", OPTION_TEXT, &options.overlap},
        {"--key-id", OPTION_TEXT, &options.key_id},
        {"--remove", OPTION_FLAG, &options.is_removal},
        {"--json", OPTION_FLAG, &options.is_json},
        {"--csv", OPTION_FLAG, &options.is_csv},
        {"--url", OPTION_TEXT, &options.url},
        {"--key", OPTION_TEXT, &options.key},
        {"--ca", OPTION_TEXT, &client_ca},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("account", "%s", error);
    struct client *client = client_open_for("account", options.url, options.key);
    if (client == NULL)
        return CLI_USAGE;
    int result = run(client, others, argv + 1, &options);
    client_close(client);
    return result;
}
