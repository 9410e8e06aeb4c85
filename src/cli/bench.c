/* assent bench: the load driver. What it measures, and how, is in docs/performance.md. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "src/bench/bench.h"
#include "src/bench/bench_number.h"

#define CONNECTIONS_MOST 1000
#define BINDS_MOST       32
#define WINDOW_MOST      10000
#define MESSAGES_MOST    10000000
#define BATCH_MOST       100000
#define TEXT_MOST        160 /* one part, whatever the letters */

#define DEFAULT_TEXT                                                                               \
    "Hello, this is a text of a hundred characters or so, as campaigns send them every day of "    \
    "the week."

struct bench_options {
    const char *url, *host, *port, *key, *program, *get, *text, *db, *csv;
    const char *system_id, *password, *source, *pid;
    int64_t connections, binds, window, messages, rate, batch, consents;
    bool wants_receipts, is_keyed, is_json;
};

struct bench_kind {
    const char *name;
    bool (*run)(const struct bench_options *options, struct bench_figures *out, char *fault);
};

/* ---- what was said ---- */

static bool in_bounds(const char *name, int64_t value, int64_t most, char *fault)
{
    if (value >= 1 && value <= most)
        return true;
    snprintf(fault, BENCH_FAULT_SIZE, "%s is from 1 to %" PRId64, name, most);
    return false;
}

static bool check(const struct bench_options *it, char *fault)
{
    if (strlen(it->text) > TEXT_MOST || strpbrk(it->text, "\"\\\r\n") != NULL) {
        snprintf(fault, BENCH_FAULT_SIZE, "--text is one line of at most %d octets without quotes",
                 TEXT_MOST);
        return false;
    }
    return in_bounds("--connections", it->connections, CONNECTIONS_MOST, fault) &&
           in_bounds("--binds", it->binds, BINDS_MOST, fault) &&
           in_bounds("--window", it->window, WINDOW_MOST, fault) &&
           in_bounds("--messages", it->messages, MESSAGES_MOST, fault) &&
           in_bounds("--batch", it->batch, BATCH_MOST, fault) &&
           in_bounds("--consents", it->consents, BENCH_NUMBERS_MOST, fault);
}

static bool is_said(const char *name, const char *value, char *fault)
{
    if (value != NULL)
        return true;
    snprintf(fault, BENCH_FAULT_SIZE, "%s is needed", name);
    return false;
}

static bool read_processes(const char *list, int64_t out[BENCH_PROCESSES], char *fault)
{
    size_t count = 0;
    while (list != NULL && *list != '\0') {
        char *end;
        long long pid = strtoll(list, &end, 10);
        if (pid <= 0 || (*end != ',' && *end != '\0') || count == BENCH_PROCESSES) {
            snprintf(fault, BENCH_FAULT_SIZE, "--pid takes process ids, %d at most, by commas",
                     BENCH_PROCESSES);
            return false;
        }
        out[count++] = pid;
        list = *end == ',' ? end + 1 : end;
    }
    return true;
}

/* "http://HOST:PORT", parted; both are the caller's. */
static bool read_url(const char *url, char **host, char **port, char *fault)
{
    *host = *port = NULL;
    if (sscanf(url, "http://%m[^:/]:%m[0-9]", host, port) == 2)
        return true;
    free(*host);
    *host = NULL;
    snprintf(fault, BENCH_FAULT_SIZE, "--url is http://HOST:PORT, not '%.100s'", url);
    return false;
}

/* ---- the kinds ---- */

static bool run_http(const struct bench_options *it, struct bench_figures *out, char *fault)
{
    char *host, *port;
    struct bench_http settings = {.key = it->key,
                                  .program = it->program,
                                  .get = it->get,
                                  .text = it->text,
                                  .consents = it->consents,
                                  .connections = it->connections,
                                  .messages = it->messages,
                                  .rate = it->rate};
    if (it->get == NULL && !is_said("--key", it->key, fault))
        return false;
    if (!read_processes(it->pid, settings.processes, fault) ||
        !read_url(it->url, &host, &port, fault))
        return false;
    settings.host = host;
    settings.port = port;
    bool is_done = bench_http_run(&settings, out, fault);
    free(host);
    free(port);
    return is_done;
}

static bool run_batch(const struct bench_options *it, struct bench_figures *out, char *fault)
{
    char *host, *port;
    struct bench_batch settings = {.key = it->key,
                                   .program = it->program,
                                   .text = it->text,
                                   .consents = it->consents,
                                   .messages = it->messages,
                                   .batch = it->batch,
                                   .is_keyed = it->is_keyed};
    if (!is_said("--key", it->key, fault) || !read_processes(it->pid, settings.processes, fault) ||
        !read_url(it->url, &host, &port, fault))
        return false;
    settings.host = host;
    settings.port = port;
    bool is_done = bench_batch_run(&settings, out, fault);
    free(host);
    free(port);
    return is_done;
}

static bool run_smpp(const struct bench_options *it, struct bench_figures *out, char *fault)
{
    struct bench_smpp settings = {.host = it->host,
                                  .port = it->port,
                                  .system_id = it->system_id,
                                  .password = it->password,
                                  .source = it->source,
                                  .text = it->text,
                                  .consents = it->consents,
                                  .binds = it->binds,
                                  .window = it->window,
                                  .messages = it->messages,
                                  .rate = it->rate,
                                  .wants_receipts = it->wants_receipts};
    return is_said("--system-id", it->system_id, fault) &&
           is_said("--password", it->password, fault) && is_said("--source", it->source, fault) &&
           read_processes(it->pid, settings.processes, fault) &&
           bench_smpp_run(&settings, out, fault);
}

static bool run_store(const struct bench_options *it, struct bench_figures *out, char *fault)
{
    struct bench_store settings = {.db = it->db,
                                   .program = it->program,
                                   .consents = it->consents,
                                   .messages = it->messages,
                                   .batch = it->batch};
    return is_said("--db", it->db, fault) && bench_store_run(&settings, out, fault);
}

static bool run_load(const struct bench_options *it, struct bench_figures *out, char *fault)
{
    struct bench_load settings = {.db = it->db, .program = it->program, .consents = it->consents};
    return is_said("--db", it->db, fault) && bench_load_run(&settings, out, fault);
}

static bool run_queue(const struct bench_options *it, struct bench_figures *out, char *fault)
{
    struct bench_queue settings = {.db = it->db,
                                   .program = it->program,
                                   .consents = it->consents,
                                   .messages = it->messages};
    return is_said("--db", it->db, fault) && bench_queue_run(&settings, out, fault);
}

static bool run_recipients(const struct bench_options *it, struct bench_figures *out, char *fault)
{
    struct bench_recipients settings = {
        .db = it->db, .csv = it->csv, .rows = it->messages, .batch = it->batch};
    return (it->csv != NULL || is_said("--db", it->db, fault)) && bench_recipients_run(&settings, out, fault);
}

static const struct bench_kind kinds[] = {{"http", run_http},
                                          {"batch", run_batch},
                                          {"smpp", run_smpp},
                                          {"store", run_store},
                                          {"recipients", run_recipients},
                                          {"load", run_load},
                                          {"queue", run_queue}};

static const struct bench_kind *kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* ---- what came of it ---- */

static int64_t per_second(int64_t count, int64_t took_us)
{
    return took_us > 0 ? count * 1000000 / took_us : 0;
}

static void print_json(const struct bench_figures *it)
{
    json_t *json = json_pack(
        "{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:s}", "taken",
        (json_int_t)it->taken, "refused", (json_int_t)it->refused, "lost", (json_int_t)it->lost,
        "receipts", (json_int_t)it->receipts, "took_us", (json_int_t)it->took_us, "settled_us",
        (json_int_t)it->settled_us, "per_second", (json_int_t)per_second(it->taken, it->took_us),
        "settled_per_second", (json_int_t)per_second(it->taken, it->settled_us), "p50_us",
        (json_int_t)it->p50_us, "p99_us", (json_int_t)it->p99_us, "most_us",
        (json_int_t)it->most_us, "cpu_us", (json_int_t)it->cpu_us, "memory_kb",
        (json_int_t)it->memory_kb, "peak_kb", (json_int_t)it->peak_kb, "refusal", it->refusal);
    must(json != NULL);
    json_dumpf(json, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(json);
}

static void print_text(const struct bench_figures *it)
{
    printf("taken %" PRId64 ", refused %" PRId64 ", lost %" PRId64 " in %.2f s: %" PRId64
           " a second\n",
           it->taken, it->refused, it->lost, (double)it->took_us / 1e6,
           per_second(it->taken, it->took_us));
    printf("answers: half within %.2f ms, 99 %% within %.2f ms, all within %.2f ms\n",
           (double)it->p50_us / 1e3, (double)it->p99_us / 1e3, (double)it->most_us / 1e3);
    if (it->receipts > 0)
        printf("receipts: %" PRId64 "\n", it->receipts);
    if (it->settled_us > 0)
        printf("until nothing more was to do: %.2f s, %" PRId64
               " a second, %.1f us of CPU a message, "
               "%.1f MB at most\n",
               (double)it->settled_us / 1e6, per_second(it->taken, it->settled_us),
               it->taken > 0 ? (double)it->cpu_us / (double)it->taken : 0.0,
               (double)it->peak_kb / 1024);
    if (it->refused > 0)
        printf("the first refusal: %s\n", it->refusal);
}

int cli_bench(int argc, char **argv)
{
    struct bench_options it = {.url = "http://127.0.0.1:8080",
                               .host = "127.0.0.1",
                               .port = "2776",
                               .program = "bench",
                               .text = DEFAULT_TEXT,
                               .connections = 64,
                               .binds = 1,
                               .window = 100,
                               .messages = 10000,
                               .batch = 64,
                               .consents = 1000000};
    const struct option_row rows[] = {
        {"--url", OPTION_TEXT, &it.url},
        {"--host", OPTION_TEXT, &it.host},
        {"--port", OPTION_TEXT, &it.port},
        {"--key", OPTION_TEXT, &it.key},
        {"--program", OPTION_TEXT, &it.program},
        {"--get", OPTION_TEXT, &it.get},
        {"--text", OPTION_TEXT, &it.text},
        {"--db", OPTION_TEXT, &it.db},
        {"--csv", OPTION_TEXT, &it.csv},
        {"--system-id", OPTION_TEXT, &it.system_id},
        {"--password", OPTION_TEXT, &it.password},
        {"--source", OPTION_TEXT, &it.source},
        {"--pid", OPTION_TEXT, &it.pid},
        {"--connections", OPTION_COUNT, &it.connections},
        {"--binds", OPTION_COUNT, &it.binds},
        {"--window", OPTION_COUNT, &it.window},
        {"--messages", OPTION_COUNT, &it.messages},
        {"--rate", OPTION_COUNT, &it.rate},
        {"--batch", OPTION_COUNT, &it.batch},
        {"--consents", OPTION_COUNT, &it.consents},
        {"--receipts", OPTION_FLAG, &it.wants_receipts},
        {"--keyed", OPTION_FLAG, &it.is_keyed},
        {"--json", OPTION_FLAG, &it.is_json},
        {NULL, OPTION_END, NULL},
    };
    struct bench_figures figures;
    char error[OPTIONS_ERROR_SIZE], fault[BENCH_FAULT_SIZE];
    int count = options_read(argc, argv, rows, error);
    if (count < 0)
        return cli_usage("bench", "%s", error);
    const struct bench_kind *kind = count == 1 ? kind_find(argv[1]) : NULL;
    if (kind == NULL)
        return cli_usage("bench", "it takes one of http, batch, smpp, load, queue, store and recipients");
    if (!check(&it, fault))
        return cli_usage("bench", "%s", fault);
    bool is_done = kind->run(&it, &figures, fault);
    if (!is_done)
        return cli_fail("bench", "%s", fault);
    if (it.is_json)
        print_json(&figures);
    else
        print_text(&figures);
    return figures.refused + figures.lost == 0 ? CLI_DONE : CLI_FAILED;
}
