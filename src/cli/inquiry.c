#include "cli/inquiry.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

int inquiry_read(const struct inquiry *inquiry, int argc, char **argv,
                 const struct option_row *rows)
{
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        cli_usage(inquiry->command, "%s", error);
    else if (inquiry->is_json && inquiry->is_csv)
        cli_usage(inquiry->command, "either --json or --csv");
    else
        return others;
    return -1;
}

bool inquiry_open(struct inquiry *inquiry)
{
    inquiry->client = client_open_for(inquiry->command, inquiry->url, inquiry->key);
    return inquiry->client != NULL;
}

int inquiry_begin(struct inquiry *inquiry, int argc, char **argv, const struct option_row *rows)
{
    int others = inquiry_read(inquiry, argc, argv, rows);
    return others >= 0 && inquiry_open(inquiry) ? others : -1;
}

void inquiry_end(struct inquiry *inquiry)
{
    client_close(inquiry->client);
}

enum table_form inquiry_form(const struct inquiry *inquiry)
{
    return inquiry->is_json ? TABLE_JSON : inquiry->is_csv ? TABLE_CSV : TABLE_TEXT;
}

int inquiry_print(const struct inquiry *inquiry, json_t *items, const struct column *columns,
                  const char *none)
{
    enum table_form form = inquiry_form(inquiry);
    if (form == TABLE_TEXT && none != NULL && json_array_size(items) == 0)
        fprintf(stderr, "%s\n", none);
    else
        table_print(stdout, items, columns, form, cli_width(stdout));
    json_decref(items);
    return CLI_DONE;
}

json_t *inquiry_items(const struct inquiry *inquiry, char *path)
{
    char error[CLIENT_ERROR_SIZE];
    json_t *items = client_list(inquiry->client, path, (size_t)inquiry->limit, error);
    free(path);
    if (items == NULL)
        cli_fail(inquiry->command, "%s", error);
    return items;
}

int inquiry_list(const struct inquiry *inquiry, char *path, const struct column *columns,
                 const char *none)
{
    json_t *items = inquiry_items(inquiry, path);
    return items == NULL ? CLI_FAILED : inquiry_print(inquiry, items, columns, none);
}

int inquiry_fail(const struct inquiry *inquiry, const struct answer *answer)
{
    char why[CLIENT_ERROR_SIZE];
    answer_explain(answer, why);
    return cli_fail(inquiry->command, "%s", why);
}

bool inquiry_ask(const struct inquiry *inquiry, const char *method, char *path, json_t *body,
                 struct answer *answer)
{
    *answer = client_ask(inquiry->client, method, path, body);
    free(path);
    json_decref(body);
    if (!answer_is_good(answer))
        inquiry_fail(inquiry, answer);
    return answer_is_good(answer);
}

int inquiry_tell(const struct inquiry *inquiry, const char *method, char *path, json_t *body,
                 const struct column *columns)
{
    struct answer answer;
    int result = CLI_FAILED;
    if (inquiry_ask(inquiry, method, path, body, &answer)) {
        json_t *list = json_object_get(answer.body, "items");
        json_t *items = json_is_array(list) ? json_incref(list) : json_pack("[O]", answer.body);
        result = inquiry_print(inquiry, items, columns, NULL);
    }
    answer_wipe(&answer);
    return result;
}

void inquiry_print_json(const json_t *json)
{
    json_dumpf(json, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
    putchar('\n');
}

const char *inquiry_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

bool inquiry_time(const struct inquiry *inquiry, const char **text, char out[TIME_TEXT_SIZE])
{
    int64_t at_ms, ago_ms;
    if (*text == NULL)
        return true;
    if (time_read_duration(octets_text(*text), &ago_ms)) {
        at_ms = clock_wall_ms() - ago_ms;
    } else if (!time_read(octets_text(*text), &at_ms)) {
        cli_usage(inquiry->command, "'%s' is no time: 2026-11-23T00:00:00Z, or how long ago: 24h", *text);
        return false;
    }
    time_write(at_ms, out);
    *text = out;
    return true;
}
