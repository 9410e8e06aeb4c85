#include "cli/wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "cli/client.h"
#include "cli/progress.h"
#include "cli/tally.h"

#define AGAIN_MS 500
#define ID_SIZE  40

struct awaited {
    char id[ID_SIZE];
    int64_t due_ms;   /* when it is asked after again */
    int64_t taken_ms; /* since when the carrier has it; 0: it doesn't, as far as we know */
    bool is_out, is_final;
};

struct waiting {
    struct awaited *at;
    size_t count, size;
    size_t cursor; /* where the search for the next one goes on */
    int64_t receipt_ms;
    struct progress *progress;
    struct tally *ends;
    char *error;
};

struct waiting *waiting_new(void)
{
    return mem_new(sizeof(struct waiting));
}

void waiting_free(struct waiting *waiting)
{
    if (waiting == NULL)
        return;
    free(waiting->at);
    free(waiting);
}

void waiting_add(struct waiting *waiting, const char *id)
{
    if (waiting->count == waiting->size) {
        waiting->size = waiting->size == 0 ? 64 : waiting->size * 2;
        waiting->at = mem_grow(waiting->at, waiting->size * sizeof *waiting->at);
    }
    struct awaited *awaited = &waiting->at[waiting->count++];
    *awaited = (struct awaited){0};
    snprintf(awaited->id, sizeof awaited->id, "%s", id);
}

static struct awaited *find_due(struct waiting *waiting)
{
    int64_t now_ms = clock_mono_ms();
    for (size_t i = 0; i < waiting->count; i++) {
        size_t place = (waiting->cursor + i) % waiting->count;
        struct awaited *awaited = &waiting->at[place];
        if (awaited->is_final || awaited->is_out || awaited->due_ms > now_ms)
            continue;
        waiting->cursor = (place + 1) % waiting->count;
        return awaited;
    }
    return NULL;
}

static enum client_next next_question(void *owner, struct call *call)
{
    struct waiting *waiting = owner;
    if ((size_t)waiting->ends->total == waiting->count)
        return CLIENT_END;
    struct awaited *awaited = find_due(waiting);
    if (awaited == NULL)
        return CLIENT_LATER;
    size_t *place = mem_new(sizeof *place);
    *place = (size_t)(awaited - waiting->at);
    awaited->is_out = true;
    *call = (struct call){.method = "GET", .is_repeatable = true, .row = place};
    call->path = client_path_of("/v1/messages/", awaited->id, "");
    return CLIENT_CALL;
}

static bool is_open(const char *status)
{
    static const char *const open[] = {"scheduled", "queued", "held", "sending"};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        if (strcmp(status, open[i]) == 0)
            return true;
    }
    return false;
}

static bool is_final_now(struct waiting *waiting, struct awaited *awaited, const char *status)
{
    int64_t now_ms = clock_mono_ms();
    if (is_open(status))
        return false;
    if (strcmp(status, "sent") != 0 && strcmp(status, "unknown") != 0)
        return true;
    if (awaited->taken_ms == 0)
        awaited->taken_ms = now_ms;
    return now_ms - awaited->taken_ms >= waiting->receipt_ms;
}

static bool take_status(void *owner, struct call *call, const struct answer *answer)
{
    struct waiting *waiting = owner;
    struct awaited *awaited = &waiting->at[*(const size_t *)call->row];
    const char *status = json_string_value(json_object_get(answer->body, "status"));
    if (!answer_is_good(answer) || status == NULL) {
        answer_explain(answer, waiting->error);
        return false;
    }
    awaited->is_out = false;
    awaited->due_ms = clock_mono_ms() + AGAIN_MS;
    if (is_final_now(waiting, awaited, status)) {
        awaited->is_final = true;
        tally_add(waiting->ends, status);
    }
    if (waiting->progress != NULL)
        progress_show(waiting->progress, waiting->ends->total, "final");
    return true;
}

bool waiting_run(struct waiting *waiting, struct client *client, int64_t receipt_ms,
                 struct progress *progress, struct tally *ends, char *error)
{
    struct client_work work = {next_question, take_status, waiting};
    char broken[CLIENT_ERROR_SIZE];
    waiting->receipt_ms = receipt_ms;
    waiting->progress = progress;
    waiting->ends = ends;
    waiting->error = error;
    enum client_end end = client_run(client, &work, broken);
    if (end == CLIENT_BROKEN)
        snprintf(error, CLIENT_ERROR_SIZE, "%s", broken);
    if (end == CLIENT_INTERRUPTED)
        snprintf(error, CLIENT_ERROR_SIZE, "interrupted");
    return end == CLIENT_ALL_DONE;
}
