/* campaigns: one text to many people: the life of each campaign, and the runner that hands its recipients in, a few in
 * each turn, through accept like every other door. What came of a row, and how far the campaign is, are written in the
 * transaction that holds the message: so a crash at any instant hands in nobody twice and forgets nobody.
 *
 * It never runs far ahead: only so many of a campaign's messages wait in the queue that carriers have enough to do. So what
 * else the program sends waits behind no million, nobody's message expires for having been queued early, and the gate is
 * asked near the time of sending. The recipients themselves come by outbound/intake.h. */
#ifndef OUTBOUND_CAMPAIGNS_H
#define OUTBOUND_CAMPAIGNS_H

#include "consent/account.h"
#include "consent/consent.h"
#include "store/store.h"

struct accept;
struct campaigns;
struct dispatch;
struct loop;

/* NULL: those of the store can't be read. */
struct campaigns *campaigns_open(struct loop *loop, struct store *store, struct accept *accept,
                                 struct dispatch *dispatch, struct consents *consents,
                                 const struct programs *programs, const struct accounts *accounts);
void campaigns_close(struct campaigns *campaigns); /* NULL is allowed */

/* A new one, in the open transaction. Gives it its ids. */
void campaigns_make(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms);

/* What its sender asks for; each saves the campaign that was read in this turn. False: its state forbids it, and nothing
 * changed. Asked for again where it has led already: true, and nothing changes. */
bool campaigns_start(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms);
bool campaigns_check(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms);

void campaigns_stop(struct campaigns *campaigns); /* hands in nobody any more: the gateway ends */

bool campaigns_pause(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms);
bool campaigns_resume(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms);
bool campaigns_cancel(struct campaigns *campaigns, struct campaign *campaign, int64_t now_ms);

/* How many of its recipients have not been handed in. */
int64_t campaign_waiting(const struct campaign *campaign);

/* Who enters a sequence, and who is taken out: the owner is the campaigns. */
struct consents_watch;
extern const struct consents_watch sequence_consents;

void campaigns_turn(void *campaigns); /* in the LOOP_DISPATCH stage, before dispatch's */
void campaigns_moved(struct campaigns *campaigns); /* the turn's writes are on disk: there may be room, or an end */
bool campaigns_rolled_back(struct campaigns *campaigns); /* false: they can't be read */

#endif
