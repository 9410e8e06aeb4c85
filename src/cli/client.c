#include "cli/client.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/must.h"
#include "cli/cli.h"

#define TRIES          7
#define FIRST_DELAY_MS 200 /* doubled at each try: 12.6 s in all */
#define LONGEST_MS     60000
#define LATER_MS       100
#define CONNECT_MS     5000L
#define ANSWER_MS      60000L
#define ANSWER_LIMIT   (64u << 20)
#define PATIENCE_MS    120000 /* since the first try: no other is begun later */
#define TAKEN_MAYBE    "; a try that got no such answer may have been taken"

const char *client_ca;

/* A place for one call: free, on the wire (is_out), or waiting for its next try. */
struct slot {
    CURL *easy;
    struct curl_slist *headers;
    struct call call;
    bool is_used, is_out;
    bool is_in_doubt; /* one of its tries may have been heard, and no answer settled that */
    int tries;
    int64_t due_ms, first_ms; /* first_ms: when it was tried first */
    char *octets; /* of the answer, NUL-ended */
    size_t length;
    char why[CURL_ERROR_SIZE];
};

struct client {
    char *url;           /* without a slash at its end */
    char *authorization; /* the header; NULL: none */
    const char *ca;      /* borrowed; NULL: the system's authorities */
    CURLM *multi;
    struct slot slots[CLIENT_FLIGHT];
    bool was_answered; /* there is a gateway: one that is gone may be back in a moment */
    bool left_doubt;   /* what the newest run gave up may have been heard */
};

/* ---- life ---- */

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7F)
            return false;
    }
    return true;
}

static const char *or_environment(const char *given, const char *variable)
{
    if (given == NULL)
        given = getenv(variable);
    return given == NULL || *given == '\0' ? NULL : given;
}

struct client *client_open(const char *url, const char *key, char error[CLIENT_ERROR_SIZE])
{
    url = or_environment(url, "ASSENT_URL");
    key = or_environment(key, "ASSENT_API_KEY");
    if (url == NULL)
        url = CLIENT_URL;
    if (!is_printable(url) ||
        (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)) {
        snprintf(error, CLIENT_ERROR_SIZE, "'%.200s' is no address of a gateway: one looks like %s",
                 url, CLIENT_URL);
        return NULL;
    }
    if (key != NULL && !is_printable(key)) {
        snprintf(error, CLIENT_ERROR_SIZE,
                 "the API key has blanks or control characters in it: was it copied whole?");
        return NULL;
    }
    must(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    struct client *client = mem_new(sizeof *client);
    client->url = mem_text(url);
    client->ca = or_environment(client_ca, "ASSENT_CA");
    size_t length = strlen(client->url);
    while (length > 0 && client->url[length - 1] == '/')
        client->url[--length] = '\0';
    if (key != NULL)
        must(asprintf(&client->authorization, "Authorization: Bearer %s", key) > 0);
    client->multi = curl_multi_init();
    must(client->multi != NULL);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)CLIENT_FLIGHT);
    return client;
}

struct client *client_open_for(const char *command, const char *url, const char *key)
{
    char error[CLIENT_ERROR_SIZE];
    struct client *client = client_open(url, key, error);
    if (client == NULL)
        cli_usage(command, "%s", error);
    return client;
}

static void call_wipe(struct call *call)
{
    free(call->path);
    free(call->body);
    free(call->idempotency_key);
    free(call->row);
    *call = (struct call){0};
}

void client_close(struct client *client)
{
    if (client == NULL)
        return;
    for (size_t i = 0; i < CLIENT_FLIGHT; i++) {
        if (client->slots[i].easy != NULL)
            curl_easy_cleanup(client->slots[i].easy);
    }
    curl_multi_cleanup(client->multi);
    free(client->url);
    free(client->authorization);
    free(client);
    curl_global_cleanup();
}

const char *client_url(const struct client *client)
{
    return client->url;
}

/* ---- answers ---- */

void answer_wipe(struct answer *answer)
{
    json_decref(answer->body);
    answer->body = NULL;
}

bool answer_is_good(const struct answer *answer)
{
    return answer->status >= 200 && answer->status < 300 && answer->body != NULL;
}

static const char *member(const json_t *body, const char *name)
{
    const char *text = json_string_value(json_object_get(body, name));
    return text == NULL ? "" : text;
}

const char *answer_code(const struct answer *answer, char room[16])
{
    const char *code = member(answer->body, "code");
    if (*code != '\0')
        return code;
    if (answer->status == 0)
        return "unanswered";
    snprintf(room, 16, "http_%d", answer->status);
    return room;
}

void answer_explain(const struct answer *answer, char out[CLIENT_ERROR_SIZE])
{
    const char *code = member(answer->body, "code");
    const char *detail = member(answer->body, "detail");
    if (answer->status == 0) {
        snprintf(out, CLIENT_ERROR_SIZE, "%s", answer->error);
        return;
    }
    if (*code == '\0') {
        snprintf(out, CLIENT_ERROR_SIZE,
                 "what answers there is no gateway, or one in trouble: HTTP status %d%s%.200s%s",
                 answer->status, *detail == '\0' ? "" : ": ", detail, answer->is_in_doubt ? TAKEN_MAYBE : "");
        return;
    }
    snprintf(out, CLIENT_ERROR_SIZE, "%s (%s)%s%s%s%s", member(answer->body, "title"), code,
             *detail == '\0' ? "" : ": ", detail,
             strcmp(code, "unauthorized") == 0 ? "; give a key with --key or ASSENT_API_KEY" : "",
             answer->is_in_doubt ? TAKEN_MAYBE : "");
}

/* ---- one call on the wire ---- */

static size_t take_octets(char *from, size_t size, size_t count, void *into)
{
    struct slot *slot = into;
    size_t length = size * count;
    if (slot->length + length > ANSWER_LIMIT)
        return 0;
    slot->octets = mem_grow(slot->octets, slot->length + length + 1);
    memcpy(slot->octets + slot->length, from, length);
    slot->length += length;
    slot->octets[slot->length] = '\0';
    return length;
}

static void add_header(struct slot *slot, const char *header)
{
    slot->headers = curl_slist_append(slot->headers, header);
    must(slot->headers != NULL);
}

static void set_headers(const struct client *client, struct slot *slot)
{
    add_header(slot, "Accept: application/json");
    add_header(slot, "Expect:");
    if (client->authorization != NULL)
        add_header(slot, client->authorization);
    if (slot->call.content_type != NULL) {
        char type[60];
        snprintf(type, sizeof type, "Content-Type: %s", slot->call.content_type);
        add_header(slot, type);
    } else if (slot->call.body != NULL) {
        add_header(slot, "Content-Type: application/json");
    }
    if (slot->call.idempotency_key == NULL)
        return;
    char *header;
    must(asprintf(&header, "Idempotency-Key: %s", slot->call.idempotency_key) > 0);
    add_header(slot, header);
    free(header);
}

/* The key goes to the gateway and nowhere else: no proxy, no redirect. */
static void slot_start(struct client *client, struct slot *slot)
{
    if (slot->easy == NULL)
        slot->easy = curl_easy_init();
    must(slot->easy != NULL);
    curl_easy_reset(slot->easy);
    set_headers(client, slot);
    char *url;
    must(asprintf(&url, "%s%s", client->url, slot->call.path) > 0);
    curl_easy_setopt(slot->easy, CURLOPT_URL, url);
    free(url);
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
    curl_easy_setopt(slot->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(slot->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(slot->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (client->ca != NULL) {
        curl_easy_setopt(slot->easy, CURLOPT_CAINFO, client->ca);
        curl_easy_setopt(slot->easy, CURLOPT_CAPATH, NULL); /* and nobody else */
    }
    curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(slot->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(slot->easy, CURLOPT_TIMEOUT_MS, ANSWER_MS);
    curl_easy_setopt(slot->easy, CURLOPT_ERRORBUFFER, slot->why);
    curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, take_octets);
    curl_easy_setopt(slot->easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
    if (slot->call.body != NULL) {
        size_t length =
            slot->call.content_type == NULL ? strlen(slot->call.body) : slot->call.length;
        curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, slot->call.body);
    }
    curl_easy_setopt(slot->easy, CURLOPT_CUSTOMREQUEST, slot->call.method);
    slot->why[0] = '\0';
    slot->is_out = true;
    if (slot->tries++ == 0)
        slot->first_ms = clock_mono_ms();
    must(curl_multi_add_handle(client->multi, slot->easy) == CURLM_OK);
}

/* Off the wire: what is left is the call, for another try. */
static void slot_halt(struct client *client, struct slot *slot)
{
    if (slot->is_out)
        curl_multi_remove_handle(client->multi, slot->easy);
    curl_slist_free_all(slot->headers);
    free(slot->octets);
    slot->headers = NULL;
    slot->octets = NULL;
    slot->length = 0;
    slot->is_out = false;
}

static void slot_free(struct client *client, struct slot *slot)
{
    slot_halt(client, slot);
    call_wipe(&slot->call);
    slot->is_used = false;
}

static void explain_failure(const struct client *client, const struct slot *slot, CURLcode result,
                            char *out)
{
    if (result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST)
        snprintf(out, CLIENT_ERROR_SIZE,
                 "no gateway answers at %.200s: start one with `assent serve -c conf/assent.conf`",
                 client->url);
    else if (result == CURLE_PEER_FAILED_VERIFICATION)
        snprintf(out, CLIENT_ERROR_SIZE,
                 "the gateway at %.100s is not believed: %.160s; --ca FILE or ASSENT_CA says whom "
                 "to trust",
                 client->url, slot->why[0] != '\0' ? slot->why : curl_easy_strerror(result));
    else
        snprintf(out, CLIENT_ERROR_SIZE, "the gateway at %.100s broke off: %.200s%s", client->url,
                 slot->why[0] != '\0' ? slot->why : curl_easy_strerror(result),
                 slot->is_in_doubt && !slot->call.is_repeatable ? "; it isn't known whether it was done" : "");
}

/* Some of the request is on the wire, or was. */
static bool has_left(const struct slot *slot)
{
    long octets = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_REQUEST_SIZE, &octets);
    return octets > 0;
}

/* What only a gateway in trouble says, or something between it and us. 503 and 429 took nothing. */
static bool is_strange(const struct answer *answer)
{
    bool is_good = answer->status >= 200 && answer->status < 300;
    return (is_good && answer->body == NULL) || (answer->status >= 500 && answer->status != 503);
}

/* What is said by who hasn't looked at the request itself: of the load, of who asks, or by something between the gateway and us.
 * An earlier try may have been taken, or be worked on. */
static bool settles_nothing(const struct answer *answer)
{
    static const int statuses[] = {400, 401, 407, 408, 411, 413, 414, 429, 431, 503};
    const char *code = member(answer->body, "code");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (answer->status == statuses[i])
            return true;
    return strcmp(code, "role_required") == 0 || strcmp(code, "in_progress") == 0;
}

static void note_doubt(struct slot *slot, CURLcode result, const struct answer *answer)
{
    if (result != CURLE_OK ? has_left(slot) : is_strange(answer))
        slot->is_in_doubt = true;
    else if (result == CURLE_OK && !settles_nothing(answer))
        slot->is_in_doubt = false;
}

/* Of what is only asked for nothing can come. */
static bool leaves_doubt(const struct slot *slot)
{
    return slot->is_in_doubt && strcmp(slot->call.method, "GET") != 0;
}

static struct answer answer_read(const struct client *client, struct slot *slot, CURLcode result)
{
    struct answer answer = {0};
    long status = 0;
    if (result != CURLE_OK) {
        note_doubt(slot, result, &answer);
        explain_failure(client, slot, result, answer.error);
        answer.is_in_doubt = leaves_doubt(slot);
        return answer;
    }
    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
    answer.status = (int)status;
    if (slot->length > 0)
        answer.body = json_loadb(slot->octets, slot->length, JSON_ALLOW_NUL, NULL);
    note_doubt(slot, result, &answer);
    answer.is_in_doubt = leaves_doubt(slot);
    return answer;
}

/* How long to wait before the next try; -1: there is none. */
static int64_t retry_after(const struct client *client, const struct slot *slot, CURLcode result,
                           int status)
{
    bool is_broken = result != CURLE_OK && result != CURLE_WRITE_ERROR &&
                     (client->was_answered || slot->is_in_doubt) && slot->call.is_repeatable;
    bool is_busy = result == CURLE_OK && (status == 429 || status == 503);
    bool is_late = clock_mono_ms() - slot->first_ms >= PATIENCE_MS;
    if ((!is_broken && !is_busy) || slot->tries >= TRIES || (is_broken && is_late))
        return -1;
    curl_off_t wished_s = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_RETRY_AFTER, &wished_s);
    int64_t wait_ms = (int64_t)FIRST_DELAY_MS << (slot->tries - 1);
    if (is_busy && wished_s * 1000 > LONGEST_MS)
        return -1; /* no use to ask before: a quota's next day */
    if (is_busy && wished_s > 0 && wished_s * 1000 > wait_ms)
        wait_ms = wished_s * 1000;
    return wait_ms > LONGEST_MS ? LONGEST_MS : wait_ms;
}

/* ---- many calls ---- */

struct run {
    struct client *client;
    const struct client_work *work;
    char *error;
    enum client_end end; /* CLIENT_ALL_DONE while nothing speaks against it */
    bool is_over;        /* nothing new is begun */
    size_t used;
};

static void give_answer(struct run *run, struct slot *slot, const struct answer *answer)
{
    bool goes_on = run->work->done(run->work->owner, &slot->call, answer);
    if (goes_on)
        return;
    run->is_over = true;
    if (run->end == CLIENT_ALL_DONE) /* also when the rows are at their end, and only answers come */
        run->end = CLIENT_STOPPED;
}

/* The others that are under way go on: their answers count. */
static void give_up(struct run *run, const struct answer *answer)
{
    if (run->end != CLIENT_BROKEN)
        answer_explain(answer, run->error);
    run->client->left_doubt = run->client->left_doubt || answer->is_in_doubt;
    run->end = CLIENT_BROKEN;
    run->is_over = true;
}

static void settle(struct run *run, struct slot *slot, CURLcode result)
{
    struct answer answer = answer_read(run->client, slot, result);
    int64_t wait_ms = retry_after(run->client, slot, result, answer.status);
    if (answer.status != 0)
        run->client->was_answered = true;
    bool is_unanswered = answer.status == 0 || answer.status == 429 || answer.status == 503;
    if (wait_ms >= 0 && run->end != CLIENT_BROKEN) {
        slot_halt(run->client, slot);
        slot->due_ms = clock_mono_ms() + wait_ms;
        answer_wipe(&answer);
        return;
    }
    if (is_unanswered)
        give_up(run, &answer);
    else
        give_answer(run, slot, &answer);
    slot_free(run->client, slot);
    run->used--;
    answer_wipe(&answer);
}

static void begin_calls(struct run *run, bool *is_later)
{
    *is_later = false;
    for (size_t i = 0; i < CLIENT_FLIGHT && !run->is_over && !*is_later; i++) {
        struct slot *slot = &run->client->slots[i];
        if (slot->is_used)
            continue;
        struct call call = {0};
        switch (run->work->next(run->work->owner, &call)) {
        case CLIENT_CALL:
            slot->call = call;
            slot->is_used = true;
            slot->tries = 0;
            slot->due_ms = 0;
            slot->is_in_doubt = false;
            run->used++;
            break;
        case CLIENT_LATER:
            *is_later = true;
            break;
        case CLIENT_END:
            run->is_over = true;
            break;
        }
    }
}

/* Puts on the wire what is due; gives how long until the next one is. */
static int start_due(struct run *run)
{
    int64_t now_ms = clock_mono_ms(), wait_ms = 1000;
    for (size_t i = 0; i < CLIENT_FLIGHT; i++) {
        struct slot *slot = &run->client->slots[i];
        if (!slot->is_used || slot->is_out)
            continue;
        if (slot->due_ms <= now_ms)
            slot_start(run->client, slot);
        else if (slot->due_ms - now_ms < wait_ms)
            wait_ms = slot->due_ms - now_ms;
    }
    return (int)wait_ms;
}

static void take_answers(struct run *run)
{
    int running, left;
    must(curl_multi_perform(run->client->multi, &running) == CURLM_OK);
    CURLMsg *message;
    while ((message = curl_multi_info_read(run->client->multi, &left)) != NULL) {
        char *place = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &place);
        for (size_t i = 0; i < CLIENT_FLIGHT; i++) {
            struct slot *slot = &run->client->slots[i];
            if ((char *)slot == place)
                settle(run, slot, message->data.result);
        }
    }
}

enum client_end client_run(struct client *client, const struct client_work *work,
                           char error[CLIENT_ERROR_SIZE])
{
    struct run run = {.client = client, .work = work, .error = error};
    bool is_later;
    error[0] = '\0';
    client->left_doubt = false;
    for (;;) {
        begin_calls(&run, &is_later);
        if (run.is_over && run.used == 0)
            break;
        int wait_ms = start_due(&run);
        if (is_later && wait_ms > LATER_MS)
            wait_ms = LATER_MS;
        take_answers(&run);
        if (cli_is_interrupted()) {
            run.end = CLIENT_INTERRUPTED;
            break;
        }
        if (run.used > 0 || is_later)
            curl_multi_poll(client->multi, NULL, 0, wait_ms, NULL);
    }
    for (size_t i = 0; i < CLIENT_FLIGHT; i++) {
        struct slot *slot = &client->slots[i];
        if (!slot->is_used)
            continue;
        client->left_doubt = client->left_doubt || leaves_doubt(slot) || (slot->is_out && has_left(slot));
        slot_free(client, slot);
    }
    return run.end;
}

/* ---- one question ---- */

char *client_new_key(void)
{
    uint8_t random[16];
    char digits[2 * sizeof random + 1];
    random_octets(random, sizeof random);
    octets_to_hex(octets_of(random, sizeof random), digits);
    return mem_text(digits);
}

struct question {
    struct call call;
    bool is_asked;
    struct answer answer;
};

static enum client_next question_next(void *owner, struct call *call)
{
    struct question *question = owner;
    if (question->is_asked)
        return CLIENT_END;
    question->is_asked = true;
    *call = question->call;
    return CLIENT_CALL;
}

static bool question_done(void *owner, struct call *call, const struct answer *answer)
{
    struct question *question = owner;
    (void)call;
    question->answer.status = answer->status;
    question->answer.body = json_incref(answer->body);
    question->answer.is_in_doubt = answer->is_in_doubt;
    return true;
}

struct answer client_ask_call(struct client *client, struct call call)
{
    struct question question = {.call = call};
    struct client_work work = {question_next, question_done, &question};
    char error[CLIENT_ERROR_SIZE];
    enum client_end end = client_run(client, &work, error);
    if (end == CLIENT_INTERRUPTED)
        snprintf(error, sizeof error, "interrupted");
    if (end != CLIENT_INTERRUPTED && end != CLIENT_BROKEN)
        return question.answer;
    snprintf(question.answer.error, CLIENT_ERROR_SIZE, "%s", error);
    question.answer.is_in_doubt = client->left_doubt;
    return question.answer;
}

struct answer client_ask(struct client *client, const char *method, const char *path,
                         const json_t *body)
{
    struct call call = {.method = method, .path = mem_text(path)};
    call.is_repeatable = strcmp(method, "GET") == 0 || strcmp(method, "DELETE") == 0;
    if (body != NULL)
        call.body = json_dumps(body, JSON_COMPACT);
    must(body == NULL || call.body != NULL);
    return client_ask_call(client, call);
}
