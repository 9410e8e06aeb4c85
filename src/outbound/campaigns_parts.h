/* The inside of outbound/campaigns.h: what its files share. */
#ifndef SRC_OUTBOUND_CAMPAIGNS_PARTS_H
#define SRC_OUTBOUND_CAMPAIGNS_PARTS_H

#include "base/loop.h"
#include "outbound/bucket.h"
#include "outbound/accept.h"
#include "outbound/campaigns.h"

#define RUN_ROWS  256 /* looked at in one turn: a STOP must not wait for more */
#define STEP_ROWS 8   /* as many rows' time it takes to look at a campaign at all */
#define READ_ROWS 32  /* at a time: those behind one that has to wait are read in vain */

/* One that isn't over: what is known of it without the disk. */
struct run {
    int64_t serial;
    int64_t program, ends_at;
    bool is_sequence, restarts;
    enum campaign_state state; /* as the store has it, with this turn's changes */
    struct bucket bucket, kept; /* its own rate; and as it was when the last turn was on disk */
    bool is_awake;             /* there may be something to do */
};

struct campaigns {
    struct loop *loop;
    struct store *store;
    struct accept *accept;
    struct dispatch *dispatch;
    struct consents *consents;
    const struct programs *programs;
    const struct accounts *accounts;
    struct run *runs;
    size_t run_count, run_room;
    size_t next;  /* whose turn it is */
    bool has_moved; /* something was written in the last turn */
    bool is_kept; /* a commit failed: nothing until the timer rings, since the next one would fail as well */
    bool is_stopped;
    struct timer timer;
};

/* ---- campaigns.c ---- */

struct run *run_find(struct campaigns *campaigns, int64_t serial); /* NULL: it is over, or there is none */
/* A move of proto/campaign.def; saves the campaign. */
void campaign_move(struct campaigns *campaigns, struct campaign *campaign, enum campaign_state to,
                   const char *why, int64_t now_ms);
/* With what is known of it beside the disk. */
void campaigns_save(struct campaigns *campaigns, const struct campaign *campaign);
void campaigns_wake_in(struct campaigns *campaigns, int64_t wait_ms);

/* Who may do nothing more is paused with a reason. */
void campaign_pause(struct campaigns *campaigns, struct campaign *campaign, const char *why, int64_t now_ms);

/* ---- campaigns_hours.c ---- */

/* When it may text the number: now, later, or HOURS_NEVER. False: that can't be read. */
bool campaign_open_at(struct campaigns *campaigns, const struct campaign *campaign,
                      const struct program *program, uint64_t number, int64_t now_ms, int64_t *open_at);

/* ---- campaigns_run.c ---- */

#define SLICE_COUNTS    40
#define SLICE_CODE_SIZE 32

struct merge;

/* What a campaign does in a turn, and what was counted in it, to be written once. */
struct slice {
    struct campaigns *campaigns;
    struct run *run;
    struct campaign *campaign;
    struct merge *merge;
    const struct account *account;
    const struct program *program;
    int64_t now_ms;
    struct {
        enum campaign_counted kind;
        char code[SLICE_CODE_SIZE];
        int64_t count;
    } counts[SLICE_COUNTS];
    size_t count;
};
void slice_count(struct slice *slice, enum campaign_counted kind, const char *code, int64_t more);
void slice_flush(struct slice *slice);
/* Asks accept. */
void slice_offer(const struct slice *slice, uint64_t number, const char *text, bool is_dry_run,
                 struct acceptance *out);
void slice_took(struct slice *slice, const struct acceptance *result);
void slice_checked(struct slice *slice, const struct acceptance *result); /* counts a dry run's verdict */
void slice_finish_check(struct slice *slice);
/* The account's day is used up: another will have room, and the campaign is woken then. */
bool slice_waits_for_quota(const struct slice *slice, const struct acceptance *result);
size_t slice_room(const struct slice *slice);
bool slice_is_within_rate(const struct slice *slice);

/* So many rows may be read next; they are off the budget. */
size_t budget_take(size_t *budget);

/* Does of it what is to be done in this turn, up to *budget rows. True: there may be more at once. */
bool run_step(struct campaigns *campaigns, struct run *run, size_t *budget);

/* ---- sequence.c ---- */

/* The steps that are due. True: there may be more at once. */
bool sequence_step(struct slice *slice, size_t *budget);
/* A dry run: each step, as of now, for everybody who is opted in. */
bool sequence_check(struct slice *slice, size_t *budget);

#endif
