/* status: what a running gateway does, once or again each second. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/inquiry.h"

#define CLEAR_SCREEN "\033[H\033[2J"

static const struct column bind_columns[] = {
    {"CARRIER", "carrier"}, {"BIND", "n"},        {"STATE", "state"},
    {"SINCE", "since"},     {"WINDOW", "window"}, {"RATE", "rate"}, {"SENT", "sent"},
    {"REFUSED", "refused"}, {"WHY", "why"},       {NULL, NULL},
};

static json_int_t number_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static json_t *bind_row(const json_t *carrier, const json_t *bind)
{
    char window[48];
    snprintf(window, sizeof window, "%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
             number_at(bind, "window_used"), number_at(bind, "window"));
    return json_pack("{s:O*,s:O*,s:O*,s:O*,s:O*,s:s}", "carrier", json_object_get(carrier, "name"),
                     "n", json_object_get(bind, "n"), "state", json_object_get(bind, "state"),
                     "since", json_object_get(bind, "since"), "why", json_object_get(bind, "why"),
                     "window", window);
}

/* "12.5", or "-" where there is no limit. */
static json_t *rate_words(const json_t *carrier)
{
    char words[40];
    const json_t *rate = json_object_get(carrier, "rate");
    if (!json_is_real(rate))
        return json_string("-");
    snprintf(words, sizeof words, "%.4g%s", json_real_value(rate),
             json_is_true(json_object_get(carrier, "slowed")) ? " (slowed)" : "");
    return json_string(words);
}

/* A row a bind; what counts for the carrier as a whole stands with its first. */
static json_t *bind_rows(const json_t *carriers)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < json_array_size(carriers); i++) {
        json_t *carrier = json_array_get(carriers, i);
        json_t *binds = json_object_get(carrier, "binds");
        for (size_t j = 0; j < json_array_size(binds); j++) {
            json_t *row = bind_row(carrier, json_array_get(binds, j));
            if (j == 0) {
                json_object_set_new(row, "rate", rate_words(carrier));
                json_object_set(row, "sent", json_object_get(carrier, "accepted"));
                json_object_set(row, "refused", json_object_get(carrier, "refused"));
            }
            json_array_append_new(rows, row);
        }
    }
    return rows;
}

static void print_uptime(json_int_t seconds)
{
    if (seconds >= 86400)
        printf("%" JSON_INTEGER_FORMAT " d ", seconds / 86400);
    printf("%02d:%02d:%02d", (int)(seconds / 3600 % 24), (int)(seconds / 60 % 60),
           (int)(seconds % 60));
}

#define RED   "\033[31m"
#define PLAIN "\033[0m"

/* What somebody should look at now. */
static void print_stuck(const json_t *stuck)
{
    size_t i;
    const json_t *queue;
    bool has_colours = cli_has_colours(stdout);
    json_array_foreach(stuck, i, queue)
    {
        printf("%sSTUCK    %s of %s from %s%s%s: nothing has moved for %" JSON_INTEGER_FORMAT
               " s that could (%s)%s\n",
               has_colours ? RED : "", inquiry_text(queue, "lane"), inquiry_text(queue, "program"),
               inquiry_text(queue, "sender"), json_is_null(json_object_get(queue, "route")) ? "" : " by route ",
               inquiry_text(queue, "route"), number_at(queue, "still_s"), inquiry_text(queue, "hold"),
               has_colours ? PLAIN : "");
    }
}

static void print_restoration(const json_t *restoration)
{
    bool has_colours = cli_has_colours(stdout);
    if (json_is_true(json_object_get(restoration, "holds")))
        printf("%sRESTORED from a copy of %s: nothing but mandated replies leaves (assent restore)%s\n",
               has_colours ? RED : "", inquiry_text(restoration, "lost_from"), has_colours ? PLAIN : "");
}

/* Only where something waits or was given up. */
static void print_webhooks(const json_t *webhooks)
{
    size_t i;
    const json_t *one;
    json_array_foreach(webhooks, i, one)
    {
        if (number_at(one, "waiting") + number_at(one, "dead") == 0)
            continue;
        printf("events   %" JSON_INTEGER_FORMAT " wait for %s", number_at(one, "waiting"), inquiry_text(one, "account"));
        if (number_at(one, "waiting") > 0)
            printf(" since %s", inquiry_text(one, "since"));
        printf(", %" JSON_INTEGER_FORMAT " given up\n", number_at(one, "dead"));
    }
}

static void print_carrier(const json_t *carrier)
{
    const json_t *error = json_object_get(carrier, "last_error");
    const char *state = inquiry_text(carrier, "state"), *why = inquiry_text(carrier, "why");
    char *text = table_safe(inquiry_text(error, "text"));
    if (strcmp(state, "running") != 0 || *why != '\0')
        printf("carrier  %s is %s%s%s\n", inquiry_text(carrier, "name"), state, *why == '\0' ? "" : ": ", why);
    if (json_is_object(error))
        printf("carrier  %s failed last at %s: %s\n", inquiry_text(carrier, "name"), inquiry_text(error, "at"), text);
    free(text);
}

static void print_ledger(const json_t *ledger)
{
    const json_t *whole = json_object_get(ledger, "whole");
    bool is_broken = json_is_false(whole), is_red = is_broken && cli_has_colours(stdout);
    printf("%sledger   head %" JSON_INTEGER_FORMAT ":%s, %s%s\n", is_red ? RED : "", number_at(ledger, "seq"),
           inquiry_text(ledger, "hash"),
           is_broken              ? "BROKEN: assent ledger verify says where"
           : json_is_null(whole) ? "not verified yet"
                                  : "whole when it was last verified",
           is_red ? PLAIN : "");
}

static void print_status(const json_t *status, const char *url)
{
    size_t i;
    const json_t *queue = json_object_get(status, "queue"), *carriers = json_object_get(status, "carriers"), *carrier;
    printf("assent %s at %s, up ", inquiry_text(status, "version"), url);
    print_uptime(number_at(status, "uptime_s"));
    printf("\nqueue    %" JSON_INTEGER_FORMAT " queued, %" JSON_INTEGER_FORMAT
           " held, %" JSON_INTEGER_FORMAT " scheduled, %" JSON_INTEGER_FORMAT " sending\n",
           number_at(queue, "queued"), number_at(queue, "held"), number_at(queue, "scheduled"),
           number_at(queue, "sending"));
    print_restoration(json_object_get(status, "restoration"));
    print_stuck(json_object_get(status, "stuck"));
    print_webhooks(json_object_get(status, "webhooks"));
    json_array_foreach(carriers, i, carrier)
    {
        print_carrier(carrier);
    }
    print_ledger(json_object_get(status, "ledger"));
    putchar('\n');
    json_t *rows = bind_rows(carriers);
    table_print(stdout, rows, bind_columns, TABLE_TEXT, cli_width(stdout));
    json_decref(rows);
}

static int show(const struct inquiry *inquiry, bool is_fresh)
{
    struct answer answer = client_ask(inquiry->client, "GET", "/v1/status", NULL);
    int result = CLI_DONE;
    if (is_fresh && answer_is_good(&answer))
        fputs(CLEAR_SCREEN, stdout);
    if (!answer_is_good(&answer)) {
        result = inquiry_fail(inquiry, &answer);
    } else if (inquiry->is_json) {
        json_dumpf(answer.body, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        print_status(answer.body, client_url(inquiry->client));
    }
    answer_wipe(&answer);
    fflush(stdout);
    return result;
}

/* A gateway that is away for a moment is asked again: that is when people watch. */
static int watch(const struct inquiry *inquiry)
{
    const struct timespec second = {.tv_sec = 1};
    cli_catch_interrupts();
    while (!cli_is_interrupted()) {
        show(inquiry, true);
        nanosleep(&second, NULL);
    }
    return CLI_DONE;
}

int cli_status(int argc, char **argv)
{
    struct inquiry it = {.command = "status"};
    bool watches = false;
    const struct option_row rows[] = {
        {"--watch", OPTION_FLAG, &watches},
        {"--json", OPTION_FLAG, &it.is_json},
        INQUIRY_GATEWAY(it),
        INQUIRY_END,
    };
    int result = CLI_USAGE, others = inquiry_begin(&it, argc, argv, rows);
    if (others > 0)
        result = cli_usage("status", "it takes options only, not %s", argv[1]);
    else if (others == 0 && watches && (it.is_json || !cli_is_terminal(stdout)))
        result = cli_usage("status", "--watch is for a terminal, without --json");
    else if (others == 0)
        result = watches ? watch(&it) : show(&it, false);
    inquiry_end(&it);
    return result;
}
