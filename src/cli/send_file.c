/* send_file: a campaign made of a file: its recipients are loaded, it is started (or checked), and followed until each is
 * accepted or refused. Whatever ends it before that, it says how to go on: nobody is texted twice. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/follow.h"
#include "cli/send.h"
#include "cli/unsent.h"
#include "cli/upload.h"

#define ID_SIZE 40

struct file_send {
    const struct send *send;
    char *key; /* of the call that makes it; NULL: none was made */
    char id[ID_SIZE];
    json_t *campaign; /* as it was told last */
    struct unsent unsent;
    struct tally blocked, refused;
    int64_t accepted;
};

/* ---- making it ---- */

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(path, "-") == 0 ? "stdin" : slash == NULL ? path : slash + 1;
}

static char *path_of(const struct file_send *it, const char *behind)
{
    return client_path_of("/v1/campaigns/", it->id, behind);
}

static bool take(struct file_send *it, bool is_good, const struct answer *answer)
{
    if (!is_good)
        return false;
    json_decref(it->campaign);
    it->campaign = json_incref(answer->body);
    snprintf(it->id, sizeof it->id, "%s", inquiry_text(it->campaign, "id"));
    return true;
}

static bool ask(struct file_send *it, const char *method, char *path, json_t *body)
{
    struct answer answer;
    bool is_good = take(it, inquiry_ask(&it->send->inquiry, method, path, body, &answer), &answer);
    answer_wipe(&answer);
    return is_good;
}

static json_t *order_of(const struct file_send *it)
{
    struct campaign_order order = it->send->order;
    if (order.name == NULL)
        order.name = file_name(it->send->csv);
    return campaign_order_json(&order, "send");
}

static bool make(struct file_send *it, const json_t *body)
{
    it->key = it->send->key != NULL ? mem_text(it->send->key) : client_new_key();
    struct call call = {.method = "POST", .is_repeatable = true};
    call.path = mem_text("/v1/campaigns");
    call.body = json_dumps(body, JSON_COMPACT);
    call.idempotency_key = mem_text(it->key);
    struct answer answer = client_ask_call(it->send->inquiry.client, call);
    bool is_good = take(it, answer_is_good(&answer), &answer);
    if (!is_good)
        inquiry_fail(&it->send->inquiry, &answer);
    if (!is_good && answer.is_in_doubt)
        cli_fail("send", "nothing is sent, but an empty campaign may have been made. To go on: the same command with "
                         "--idempotency-key %s", it->key);
    answer_wipe(&answer);
    return is_good;
}

/* An earlier run's key gives what that was answered first: how it stands now is another question. */
static bool begin(struct file_send *it, const json_t *body)
{
    if (it->send->resume != NULL)
        snprintf(it->id, sizeof it->id, "%s", it->send->resume);
    else if (!make(it, body))
        return false;
    bool is_new = it->send->resume == NULL && it->send->key == NULL;
    return is_new || ask(it, "GET", path_of(it, ""), NULL);
}

/* ---- what ends it before its end ---- */

/* A path as a shell takes it. The caller frees it. */
static char *shell_word(const char *path)
{
    char *word = NULL;
    size_t size = 0;
    if (path[strcspn(path, " \t\n\"'\\$`&;|<>()*?[]{}~#!")] == '\0')
        return mem_text(path);
    FILE *out = open_memstream(&word, &size);
    must(out != NULL);
    fputc('\'', out);
    for (; *path != '\0'; path++)
        fputs(*path == '\'' ? "'\\''" : (char[]){*path, '\0'}, out);
    fputc('\'', out);
    must(fclose(out) == 0);
    return word;
}

static int say_stopped(const struct file_send *it, const char *why)
{
    char *path = shell_word(it->send->csv);
    bool is_stdin = strcmp(path, "-") == 0;
    int result = cli_fail("send",
                          "%s\nassent send: nothing is sent yet. To go on: assent send --csv %s --resume %s%s; to drop it: "
                          "assent campaign cancel %s",
                          why, path, it->id, is_stdin ? " (with the same input, from its beginning)" : "", it->id);
    free(path);
    return result;
}

static int say_unknown(const struct file_send *it, const char *why)
{
    return cli_fail("send",
                    "%s\nassent send: it isn't known whether the campaign was started. To ask: assent campaign show %s; "
                    "to stop it: assent campaign cancel %s",
                    why, it->id, it->id);
}

static int say_left_alone(const struct file_send *it, const char *why)
{
    return cli_fail("send",
                    "%s\nassent send: the gateway goes on with it. To look on: assent campaign watch %s; to stop it: "
                    "assent campaign pause %s, or cancel %s",
                    why, it->id, it->id, it->id);
}

/* It would stand about. */
static void drop(const struct file_send *it)
{
    char *path = path_of(it, "/cancel");
    struct answer answer = client_ask(it->send->inquiry.client, "POST", path, NULL);
    free(path);
    answer_wipe(&answer);
}

static int say_unfit(const struct file_send *it, const char *why)
{
    if (campaign_count(it->campaign, "offset") == 0 && it->send->resume == NULL)
        drop(it);
    return cli_fail("send", "nothing was sent: %s", why);
}

/* ---- the file ---- */

/* It isn't opened for that: what was written into a named pipe is there once. */
static bool is_readable(const char *path)
{
    bool is_good = strcmp(path, "-") == 0 || access(path, R_OK) == 0;
    if (!is_good)
        cli_fail("send", "can't open %s: %m", path);
    return is_good;
}

static int load(struct file_send *it)
{
    char why[CLIENT_ERROR_SIZE];
    switch (upload_run(it->send->inquiry.client, it->id, it->send->csv, campaign_count(it->campaign, "offset"), why)) {
    case UPLOAD_DONE:
        return CLI_DONE;
    case UPLOAD_REFUSED:
        return say_unfit(it, why);
    case UPLOAD_BROKEN:
        return say_stopped(it, why);
    case UPLOAD_INTERRUPTED:
        break;
    }
    return say_stopped(it, "interrupted");
}

/* No answer, or a refusal after one that was lost: only the campaign itself says whether it was started. */
static int look_whether_started(struct file_send *it, const char *why, bool is_in_doubt)
{
    bool was_interrupted = cli_is_interrupted();
    cli_forget_interrupt();
    char *path = path_of(it, "");
    struct answer answer = client_ask(it->send->inquiry.client, "GET", path, NULL);
    bool is_told = take(it, answer_is_good(&answer), &answer);
    free(path);
    answer_wipe(&answer);
    if (!is_told && is_in_doubt)
        return say_unknown(it, why);
    if (!is_told || campaign_is(it->campaign, "loading"))
        return say_stopped(it, why);
    return was_interrupted ? say_left_alone(it, why) : CLI_DONE;
}

static int start(struct file_send *it)
{
    struct call call = {.method = "POST", .is_repeatable = true}; /* what is started already stays as it is */
    json_t *body = json_pack("{s:b}", "dry_run", it->send->order.is_dry_run);
    call.path = path_of(it, "/start");
    call.body = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    struct answer answer = client_ask_call(it->send->inquiry.client, call);
    char why[CLIENT_ERROR_SIZE];
    answer_explain(&answer, why);
    bool is_good = take(it, answer_is_good(&answer), &answer), is_in_doubt = answer.is_in_doubt;
    answer_wipe(&answer);
    return is_good ? CLI_DONE : look_whether_started(it, why, is_in_doubt);
}

static int follow(struct file_send *it, enum follow_until until)
{
    char why[CLIENT_ERROR_SIZE];
    json_t *campaign = NULL;
    const struct follow order = {.client = it->send->inquiry.client,
                                 .id = it->id,
                                 .until = until,
                                 .receipt_ms = it->send->wait_for_s * 1000};
    enum follow_end end = follow_run(&order, &campaign, why);
    if (campaign != NULL) {
        json_decref(it->campaign);
        it->campaign = campaign;
    }
    return end == FOLLOW_DONE ? CLI_DONE : say_left_alone(it, end == FOLLOW_BROKEN ? why : "interrupted");
}

/* ---- what it came to ---- */

static void count(struct file_send *it)
{
    bool is_dry_run = json_is_true(json_object_get(it->campaign, "dry_run"));
    const json_t *of = is_dry_run ? json_object_get(it->campaign, "report") : it->campaign;
    it->accepted = campaign_count(of, is_dry_run ? "allowed" : "accepted");
    tally_add_all(&it->blocked, json_object_get(of, "blocked"));
    tally_add_all(&it->refused, json_object_get(of, "refused"));
    it->unsent.has_blocked = it->blocked.total > 0;
    it->unsent.has_refused = it->refused.total > 0;
    it->unsent.has_bad = campaign_count(it->campaign, "bad") > 0;
}

static void print_part(const char *what, const struct tally *tally)
{
    if (tally->total == 0)
        return;
    printf(", %" PRId64 " %s (", tally->total, what);
    tally_print(tally, stdout);
    putchar(')');
}

static void print_more(const struct file_send *it, const char *name, const char *one, const char *many)
{
    int64_t more = campaign_count(it->campaign, name);
    if (more > 0)
        printf(", %" PRId64 " %s", more, more == 1 ? one : many);
}

static void print_summary(const struct file_send *it)
{
    int64_t rows = campaign_count(it->campaign, "rows");
    bool is_dry_run = json_is_true(json_object_get(it->campaign, "dry_run"));
    printf("%" PRId64 " row%s: %" PRId64 " %s", rows, rows == 1 ? "" : "s", it->accepted,
           is_dry_run ? "would be accepted" : "accepted");
    print_part("blocked", &it->blocked);
    print_part("refused", &it->refused);
    print_more(it, "doubles", "double", "doubles");
    if (!is_dry_run)
        print_more(it, "waiting", "waits", "wait");
    print_more(it, "expired", "expired", "expired");
    print_more(it, "cancelled", "cancelled", "cancelled");
    putchar('\n');
    if (campaign_is(it->campaign, "scheduled"))
        printf("it is scheduled for %s: assent campaign watch %s\n", inquiry_text(it->campaign, "start_at"), it->id);
    if (campaign_count(it->campaign, "later") > 0)
        printf("who waits is texted when the hour has come where they are: assent campaign watch %s\n", it->id);
    fflush(stdout);
}

static void print_summary_json(const struct file_send *it)
{
    json_t *summary = json_pack(
        "{s:s,s:O,s:I,s:I,s:o,s:o,s:I,s:O,s:O,s:O,s:s*}", "campaign", it->id, "state",
        json_object_get(it->campaign, "state"), "rows", (json_int_t)campaign_count(it->campaign, "rows"), "accepted",
        (json_int_t)it->accepted, "blocked", tally_json(&it->blocked), "refused", tally_json(&it->refused), "doubles",
        (json_int_t)campaign_count(it->campaign, "doubles"), "refusals", it->unsent.list, "waiting",
        json_object_get(it->campaign, "waiting"), "dry_run", json_object_get(it->campaign, "dry_run"),
        "idempotency_key", it->key);
    must(summary != NULL);
    if (it->send->waits)
        json_object_set(summary, "ends", json_object_get(it->campaign, "messages"));
    inquiry_print_json(summary);
    json_decref(summary);
}

static void print_ends(const struct file_send *it)
{
    struct tally ends = {0};
    tally_add_all(&ends, json_object_get(it->campaign, "messages"));
    printf("%" PRId64 " final: ", ends.total);
    tally_print(&ends, stdout);
    putchar('\n');
    tally_wipe(&ends);
}

static bool all_arrived(const struct file_send *it)
{
    const json_t *messages = json_object_get(it->campaign, "messages");
    int64_t arrived = campaign_count(messages, "delivered") + campaign_count(messages, "sent");
    return it->blocked.total + it->refused.total == 0 && (!it->send->waits || arrived >= it->accepted);
}

static int tell(struct file_send *it)
{
    bool is_json = it->send->inquiry.is_json;
    count(it);
    bool is_told = unsent_tell(&it->unsent);
    tally_add_all(&it->refused, it->unsent.bad.counts);
    if (!is_json)
        print_summary(it);
    bool waits = it->send->waits && it->accepted > 0;
    int result = waits ? follow(it, FOLLOW_FINAL) : CLI_DONE;
    if (is_json)
        print_summary_json(it);
    else if (waits && result == CLI_DONE)
        print_ends(it);
    if (campaign_is(it->campaign, "cancelled"))
        return cli_fail("send", "the campaign was cancelled");
    return result != CLI_DONE || !is_told || (it->send->is_strict && !all_arrived(it)) ? CLI_FAILED : CLI_DONE;
}

/* A file of which no row is a recipient has nothing to start: what is wrong with its rows is all there is to tell. */
static int go(struct file_send *it)
{
    if (!ask(it, "GET", path_of(it, ""), NULL))
        return say_stopped(it, "how many rows came can't be asked");
    if (campaign_count(it->campaign, "recipients") > 0)
        return start(it);
    drop(it);
    return CLI_DONE;
}

/* By whatever name, or on stdin: writing the list would empty the file. */
static bool is_same_file(const char *csv, const char *list)
{
    struct stat a, b;
    bool is_there = strcmp(csv, "-") == 0 ? fstat(STDIN_FILENO, &a) == 0 : stat(csv, &a) == 0;
    return is_there && stat(list, &b) == 0 && S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int run(struct file_send *it)
{
    int result = CLI_DONE;
    if (it->send->unsent != NULL && is_same_file(it->send->csv, it->send->unsent))
        return cli_usage("send", "--unsent names the file of recipients itself: it would be lost");
    json_t *body = it->send->resume == NULL ? order_of(it) : NULL;
    if (body == NULL && it->send->resume == NULL)
        return CLI_USAGE;
    bool is_begun = is_readable(it->send->csv) &&
                    (it->send->unsent == NULL || unsent_open(&it->unsent, it->send->unsent)) && begin(it, body);
    json_decref(body);
    if (!is_begun)
        return CLI_FAILED;
    it->unsent.id = it->id;
    if (campaign_is(it->campaign, "loading"))
        result = load(it);
    if (result == CLI_DONE && campaign_is(it->campaign, "loading"))
        result = go(it);
    if (result == CLI_DONE && campaign_count(it->campaign, "recipients") > 0)
        result = follow(it, FOLLOW_HANDED_IN);
    return result == CLI_DONE ? tell(it) : result;
}

int send_file(const struct send *send)
{
    struct file_send it = {.send = send,
                           .unsent = {.command = "send",
                                      .client = send->inquiry.client,
                                      .path = send->csv,
                                      .is_verbose = send->is_verbose,
                                      .list = send->inquiry.is_json ? json_array() : NULL}};
    cli_catch_interrupts();
    int result = run(&it);
    if (!unsent_close(&it.unsent) && result == CLI_DONE)
        result = CLI_FAILED;
    json_decref(it.unsent.list);
    json_decref(it.campaign);
    free(it.key);
    tally_wipe(&it.blocked);
    tally_wipe(&it.refused);
    return result;
}
