/* The inside of outbound/campaigns.h: what its files share. */
#ifndef SRC_OUTBOUND_CAMPAIGNS_PARTS_H
#define SRC_OUTBOUND_CAMPAIGNS_PARTS_H

#include "base/loop.h"
#include "outbound/bucket.h"
#include "outbound/campaigns.h"

#define RUN_ROWS 256 /* handed in, or looked at, in one turn: a STOP must not wait for more */

/* One that isn't over: what is known of it without the disk. */
struct run {
    int64_t serial;
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

/* Does of it what is to be done in this turn, up to *budget rows. True: there may be more at once. */
bool run_step(struct campaigns *campaigns, struct run *run, size_t *budget);

#endif
