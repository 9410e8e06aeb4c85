#include "consent/ledger_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/sign.h"
#include "consent/ledger.h"
#include "store/store.h"

#define SLICE_RECORDS 200
#define IDLE_MS   20 /* between slices where the loop has little else to do … */
#define BUSY_MS   100 /* … and where it has */
#define IDLE_TURNS 5  /* so many turns between two slices are little */
#define FOLLOW_MS 1000 /* from when something came until it is looked at */
#define RETRY_MS  (60 * 1000)
#define AGAIN_MS  ((int64_t)24 * 60 * 60 * 1000)

struct ledger_watch {
    struct loop *loop;
    const struct ledger *ledger;
    char *path;
    uint8_t public_key[SIGN_PUBLIC_SIZE];
    bool has_key, is_unreadable;
    struct store *store;      /* NULL: not open yet, or it can't be */
    struct ledger_pass *pass; /* NULL: the next one has to begin */
    int64_t began_ms;         /* monotonic, that pass */
    bool is_following;        /* it has been at the end */
    uint64_t turn;
    struct timer timer;
    /* What the pass before found, until this one has been at the end; and then this one. */
    struct ledger_check found;
    int64_t found_at;
};

static void slice(void *owner);

static void wait(struct ledger_watch *watch, int64_t wait_ms)
{
    watch->turn = loop_turn(watch->loop);
    timer_set(watch->loop, &watch->timer, wait_ms, slice, watch);
}

/* Once for as long as it lasts. */
static void note_unreadable(struct ledger_watch *watch, const char *why)
{
    if (!watch->is_unreadable)
        log_error("ledger can't be verified why=\"%s\"", why);
    watch->is_unreadable = true;
}

static bool pass_begin(struct ledger_watch *watch)
{
    char error[STORE_ERROR_SIZE];
    if (watch->store == NULL)
        watch->store = store_open_beside(watch->path, error);
    if (watch->store == NULL) {
        note_unreadable(watch, error);
        return false;
    }
    ledger_pass_close(watch->pass);
    watch->pass = ledger_pass_open(watch->store, watch->has_key ? watch->public_key : NULL);
    watch->began_ms = clock_mono_ms();
    watch->is_following = false;
    return true;
}

static void pass_found(struct ledger_watch *watch)
{
    const struct ledger_check *check = ledger_pass_check(watch->pass);
    bool was_whole = watch->found_at == 0 || watch->found.is_whole;
    if (!check->is_whole && (was_whole || watch->found.bad_seq != check->bad_seq))
        log_error("ledger broken record=%lld why=\"%s\"", (long long)check->bad_seq, check->why);
    else if (check->is_whole && !watch->is_following)
        log_info("ledger verified records=%lld", (long long)check->records);
    watch->found = *check;
    watch->found_at = clock_wall_ms();
    watch->is_following = true;
}

/* From the start again after a day; a break is looked at again then, too. */
static int64_t until_again_ms(const struct ledger_watch *watch)
{
    return watch->began_ms + AGAIN_MS - clock_mono_ms();
}

static enum ledger_progress step(struct ledger_watch *watch)
{
    char hash[DIGEST_HEX_SIZE];
    int64_t seq = ledger_kept_head(watch->ledger, hash);
    enum ledger_progress progress = ledger_pass_step(watch->pass, SLICE_RECORDS, seq, hash);
    if (progress == LEDGER_UNREADABLE)
        note_unreadable(watch, ledger_pass_check(watch->pass)->why);
    else
        watch->is_unreadable = false;
    if (progress == LEDGER_AT_END || progress == LEDGER_BROKEN)
        pass_found(watch);
    return progress;
}

static void slice(void *owner)
{
    struct ledger_watch *watch = owner;
    bool is_busy = loop_turn(watch->loop) - watch->turn > IDLE_TURNS;
    bool is_due = watch->pass == NULL || (watch->is_following && until_again_ms(watch) <= 0);
    if (is_due && !pass_begin(watch)) {
        wait(watch, RETRY_MS);
        return;
    }
    switch (step(watch)) {
    case LEDGER_GOES_ON:
        wait(watch, is_busy ? BUSY_MS : IDLE_MS);
        return;
    case LEDGER_UNREADABLE:
        wait(watch, RETRY_MS);
        return;
    case LEDGER_AT_END:
    case LEDGER_BROKEN:
        wait(watch, until_again_ms(watch));
    }
}

void ledger_watch_committed(struct ledger_watch *watch)
{
    char hash[DIGEST_HEX_SIZE];
    bool has_more = watch->is_following && watch->found.is_whole && !watch->is_unreadable &&
                    ledger_kept_head(watch->ledger, hash) > watch->found.records;
    if (has_more && watch->timer.due_ms > clock_mono_ms() + FOLLOW_MS)
        wait(watch, FOLLOW_MS);
}

struct ledger_watch *ledger_watch_open(struct loop *loop, const struct ledger *ledger, const char *path,
                                       const uint8_t *public_key)
{
    struct ledger_watch *watch = mem_new(sizeof *watch);
    watch->loop = loop;
    watch->ledger = ledger;
    watch->path = mem_text(path);
    watch->has_key = public_key != NULL;
    if (public_key != NULL)
        memcpy(watch->public_key, public_key, sizeof watch->public_key);
    wait(watch, IDLE_MS);
    return watch;
}

void ledger_watch_close(struct ledger_watch *watch)
{
    if (watch == NULL)
        return;
    timer_clear(watch->loop, &watch->timer);
    ledger_pass_close(watch->pass);
    store_close(watch->store);
    free(watch->path);
    free(watch);
}

void ledger_watch_look(const struct ledger_watch *watch, struct ledger_watched *out)
{
    const struct ledger_check *found = &watch->found;
    *out = (struct ledger_watched){.verified_at = watch->found_at,
                                   .verified_seq = found->records,
                                   .is_whole = found->is_whole,
                                   .bad_seq = found->bad_seq,
                                   .why = found->why,
                                   .signed_seq = found->signed_seq,
                                   .signed_at = found->signed_at};
    if (watch->pass != NULL && !watch->is_following)
        out->reached_seq = ledger_pass_check(watch->pass)->records;
}
