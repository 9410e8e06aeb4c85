/* The race between STOP and what is to be sent, for spin. One person, one program, two binds of a carrier.
 *
 * docs/model.md says which function of src/ each step stands for, what is left out and what the bounds are.
 * tools/run-model checks it. As it is, it must hold. With -DMUTANT_x a wall is taken out, and it must not. With
 * -DREACH a step is said never to happen: that must not hold either, or the proof would be of nothing.
 */

/* ---- the bounds ---- */

#ifndef CAMPAIGNS
#define CAMPAIGNS 1 /* texts that senders offer for the person */
#endif
#ifndef TEXTS
#define TEXTS 1 /* what the person writes, in this order */
#endif
#ifndef STARTS
#define STARTS 0 /* which of those are a START, a bit each; the others are a STOP */
#endif
#ifndef FAILS
#define FAILS 1 /* commits that fail */
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef CUTS
#define CUTS 1 /* connections that end, beside those that the gateway closes after a failed commit */
#endif
#ifndef REFUSALS
#define REFUSALS 1 /* submits that the carrier throttles */
#endif
#ifndef WINDOW
#define WINDOW 2 /* submits open on a bind, the replies' share included */
#endif

/* ---- what must be reachable ---- */

/* Compiled with -DREACH, the named step stops the search: the environment says which. */
#ifdef REACH
c_decl {
\#include <stdlib.h>
\#include <string.h>
};
#define reach(what) assert(!c_expr { (getenv("REACH") != 0 && strcmp(getenv("REACH"), #what) == 0) })
#else
#define reach(what) skip
#endif

/* ---- words ---- */

/* A message is known by its number: campaigns first, then the reply to each text. A set is a byte of bits. */
#define MESSAGES   (CAMPAIGNS + TEXTS)
#define reply_to(k) (CAMPAIGNS + (k))
#define is_reply(m) ((m) >= CAMPAIGNS)
#define bit(n)     (1 << (n))
#define has(set, n) (((set) >> (n)) & 1)
#define is_start(k) has(STARTS, k)

/* The row of a message, and of those the ones of proto/message.def that matter here. NONE: there is no row. */
#define NONE    0
#define QUEUED  1
#define SENDING 2
#define FINAL   3 /* sent, unknown or blocked: none of them ever leaves again, so they aren't told apart */
#define SENT    FINAL
#define UNKNOWN FINAL
#define BLOCKED FINAL
#define OFFERED 4 /* accepted in this turn: it becomes a row when it is dispatched, and nobody finds it before */

/* What became of a submit. */
#define OPEN       0
#define TAKEN      1
#define REFUSED    2
#define UNSENT     3
#define UNANSWERED 4

/* A bar in memory: of an opt-out of this turn; lifted by a START later in the same turn; of a turn that failed. */
#define NO_BAR    0
#define BAR       1
#define LIFTED    2
#define UNWRITTEN 3

/* Frames to the carrier: a submit is its message; the response to text k; NEW while its turn isn't released. */
#define ANSWER 8
#define NEW    16
#define frame_id(f)  ((f) & 15)
#define is_submit(f) (frame_id(f) < ANSWER)
/* Frames from the carrier: a text, or the answer to a submit, which may be a refusal. */
#define TEXT   8
#define NO     16

#define ROOM (MESSAGES + TEXTS)
#define DEAD_ROOM (ROOM + 2 + TEXTS * (FAILS + CRASHES + CUTS))
#define NO_LINK 2

/* ---- the disk, and what the open transaction sees ---- */

byte disk_row[MESSAGES], row[MESSAGES];
bit disk_out, row_out;     /* the standing: an opt-out that nothing lifted */
byte disk_heard, row_heard; /* the STARTs that are on record: of a STOP, the standing tells as much */

/* ---- the gateway's memory ---- */

byte fate[MESSAGES];  /* outcomes that are not on disk yet */
byte open[2];         /* submits on the wire of a bind, unanswered */
byte lost;            /* those whose connection ended, for two seconds */
bit begun[2];         /* of the first frame in the outbox, some octets have left */
byte bar;
byte stops_of_turn;   /* STOPs heard in this turn */
byte unwritten;       /* those of turns that failed */
byte waiting;         /* their responses wait for other binds */
byte link[TEXTS];     /* where the text's response is owed */
chan outbox[2] = [ROOM] of { byte };

/* ---- the wires: a connection that ended may still hold what the carrier has not read ---- */

chan down[2] = [ROOM] of { byte };
chan up[2] = [ROOM] of { byte };
chan dead[2] = [DEAD_ROOM] of { byte };

/* ---- the carrier and the handset ---- */

byte written;       /* texts that the person has written */
byte answered;      /* texts whose response the carrier has read */
byte again;         /* texts to be delivered anew, for their connection ended */
byte came_by[TEXTS];
byte refusals;

/* ---- what the claims speak of: nothing below is read by the gateway ---- */

byte later;         /* STOPs after which a START is on disk */
byte turn_later, turn_stops;
byte excused;       /* submits that stayed unanswered for two seconds while a STOP waited for them */
byte taken;         /* replies that the carrier has taken */
bit is_told, turn_back; /* a STOP has been heard in this life, and no START after it */
byte fails, crashes, cuts;

#define HEARD_NOTHING  0
#define HEARD_CAMPAIGN 1
#define HEARD_EXCUSED  2
#define HEARD_REPLY    3
#define HEARD_ANSWER   4
#ifdef CLAIM
byte hears; /* what the carrier has read last */
#define carrier_hears(what) hears = what
#else
#define carrier_hears(what) skip
#endif

#define STOPS (bit(TEXTS) - 1 - (STARTS))
/* The carrier has read the response to a STOP, and the person has not come back since. */
#define is_shut ((answered & STOPS & ~later) != 0)

/* ---- the parts of which turns are made ---- */

byte i, n, f, b; /* of d_steps alone, and zero outside of them */

/* The standing, as the gate reads it. */
#ifdef MUTANT_GATE_READS_DISK
#define is_out (disk_out)
#else
#ifdef MUTANT_BAR_FORGOTTEN
#define is_out (row_out)
#else
#define is_out (row_out || bar == BAR || bar == UNWRITTEN)
#endif
#endif

/* session_withdraw: submits of which no octet has left return to the queue. */
inline withdraw(bind)
{
    n = len(outbox[bind]);
    i = 0;
    do
    :: i < n ->
        outbox[bind]?f;
        if
        :: is_submit(f) && !(i == 0 && begun[bind]) ->
            fate[frame_id(f)] = UNSENT;
            reach(A_FRAME_IS_WITHDRAWN)
        :: else -> outbox[bind]!f
        fi;
        i++
    :: else -> break
    od
}

/* dispatch_went_out */
inline went_out(bind)
{
#ifndef MUTANT_WITHDRAWS_NOTHING
#ifndef SPARE_OWN_OUTBOX_KEPT
    withdraw(bind);
#endif
#ifndef MUTANT_WITHDRAWS_OWN_BIND_ONLY
    withdraw(1 - bind);
#endif
#endif
#ifndef SPARE_ROW_NOT_BLOCKED
    i = 0;
    do
    :: i < CAMPAIGNS ->
        if
        :: row[i] == QUEUED -> row[i] = BLOCKED
        :: else
        fi;
        i++
    :: else -> break
    od
#endif
}

/* dispatch_unanswered: on other connections than that of the text. */
#ifdef MUTANT_ENDED_CONNECTION_FORGOTTEN
#define unanswered(bind) (open[1 - (bind)])
#else
#define unanswered(bind) (open[1 - (bind)] | lost)
#endif

inline answer(k)
{
    if
#ifdef MUTANT_ANSWERED_BEFORE_COMMIT
    :: link[k] != NO_LINK -> down[link[k]]!(ANSWER + k); link[k] = NO_LINK
#else
    :: link[k] != NO_LINK -> outbox[link[k]]!(ANSWER + k + NEW); link[k] = NO_LINK
#endif
    :: else
    fi;
    waiting = waiting & ~bit(k)
}

/* answer_in_time */
inline answer_in_time(k)
{
    if
#ifndef MUTANT_NO_WAIT
    :: !is_start(k) && link[k] != NO_LINK && unanswered(link[k]) != 0 ->
        waiting = waiting | bit(k);
        if
        :: begun[1 - link[k]] -> reach(A_STOP_WAITS_FOR_HALF_A_FRAME)
        :: !begun[1 - link[k]] && lost != 0 -> reach(A_STOP_WAITS_FOR_A_LOST_CONNECTION)
        :: else
        fi
#endif
    :: else -> answer(k)
    fi
}

/* opt_out: consent_revoke and reply_stop */
inline opt_out(k)
{
#ifdef MUTANT_START_AGAIN
    row_heard = row_heard | bit(k);
#endif
    if
#ifdef MUTANT_EACH_STOP_CONFIRMED
    :: row[reply_to(k)] == NONE -> row[reply_to(k)] = QUEUED
#else
    :: !row_out && row[reply_to(k)] == NONE -> row[reply_to(k)] = QUEUED
#endif
    :: else
    fi;
    row_out = 1;
    bar = BAR;
    is_told = 1;
    turn_back = 0;
    turn_stops = turn_stops | bit(k);
    turn_later = turn_later & ~bit(k);
    stops_of_turn = stops_of_turn | bit(k);
    went_out((link[k] == NO_LINK -> 0 : link[k]))
}

/* opt_in: consent_restart. A bar whose STOP is not on disk is newer than anything. */
inline opt_in(k)
{
    if
#ifdef MUTANT_START_AGAIN
    :: has(row_heard, k) && (row_heard >> (k + 1)) == 0 -> skip
#else
    :: has(row_heard, k) -> reach(A_START_COMES_AGAIN) /* is_redelivered */
#endif
    :: else ->
        if
        :: bar != UNWRITTEN && !has(row_heard, k) -> turn_later = bit(TEXTS) - 1; turn_back = 1
        :: else
        fi;
        row_heard = row_heard | bit(k);
        row_out = 0;
#ifdef MUTANT_START_LIFTS_AN_UNWRITTEN_STOP
        bar = (bar != NO_BAR -> LIFTED : bar)
#else
        bar = (bar == BAR -> LIFTED : bar)
#endif
    fi
}

/* One that failed to be written and now comes again is the same one; they read alike, so that its connection tells. */
inline forget_unwritten()
{
    i = 0;
    do
    :: i < TEXTS ->
#ifdef MUTANT_OPEN_STOP_FORGOTTEN
        unwritten = unwritten & ~bit(i);
#else
        unwritten = (link[i] == NO_LINK -> unwritten & ~bit(i) : unwritten);
#endif
        i++
    :: else -> break
    od
}

/* text_heard */
inline text_heard(k, bind)
{
    if
    :: is_start(k) -> link[k] = bind; opt_in(k)
    :: else ->
        forget_unwritten();
        link[k] = bind;
        opt_out(k)
    fi;
    answer_in_time(k)
}

/* session_close: what is in the outbox has not left, what is on the wire is in doubt. */
inline close(bind)
{
    n = len(outbox[bind]);
    i = 0;
    do
    :: i < n ->
        outbox[bind]?f;
        if
        :: is_submit(f) && !(i == 0 && begun[bind]) -> fate[frame_id(f)] = UNSENT
        :: else
        fi;
        i++
    :: else -> break
    od;
    begun[bind] = 0;
    i = 0;
    do
    :: i < MESSAGES ->
        if
        :: has(open[bind], i) -> fate[i] = UNANSWERED
        :: else
        fi;
        i++
    :: else -> break
    od;
    lost = lost | open[bind];
    open[bind] = 0;
    wire_ends(bind);
    i = 0;
    do
    :: i < TEXTS ->
        if
        :: link[i] == bind -> link[i] = NO_LINK; waiting = waiting & ~bit(i)
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0; n = 0; f = 0
}

/* What the gateway has not read is gone; the carrier may yet read what was under way to it, and delivers anew what it
 * has no answer to. */
inline wire_ends(bind)
{
    do
    :: up[bind]?f
    :: empty(up[bind]) -> break
    od;
    do
    :: down[bind]?f -> dead[bind]!f
    :: empty(down[bind]) -> break
    od;
    i = 0;
    do
    :: i < TEXTS ->
        if
        :: i < written && came_by[i] == bind && !has(answered, i) -> again = again | bit(i)
        :: else
        fi;
        i++
    :: else -> break
    od
}

/* A clearance dies with its turn: there is nothing to remember of it. */
#if defined(MUTANT_RETRY_KEEPS_ITS_CLEARANCE) || defined(MUTANT_CLEARANCE_OUTLIVES_ITS_TURN)
byte clearances;
#define is_cleared(m) has(clearances, m)
#else
#define is_cleared(m) false
#endif
#ifdef MUTANT_RETRY_KEEPS_ITS_CLEARANCE
#define goes_back(m) clearances = clearances | bit(m)
#else
#define goes_back(m) skip
#endif
#ifdef MUTANT_CLEARANCE_OUTLIVES_ITS_TURN
#define is_allowed(m) clearances = clearances | bit(m)
#else
#define is_allowed(m) skip
#endif

/* dispatch_turn begins with what became of what was sent: dispatch_apply. */
inline apply_outcomes()
{
    i = 0;
    do
    :: i < MESSAGES ->
        if
        :: fate[i] == TAKEN -> row[i] = SENT
        :: fate[i] == REFUSED || fate[i] == UNSENT ->
            row[i] = QUEUED;
            goes_back(i);
            if
            :: fate[i] == REFUSED && !is_reply(i) && is_out -> reach(A_THROTTLED_TEXT_IS_BLOCKED)
            :: else
            fi
        :: row[i] == OFFERED -> row[i] = QUEUED
#ifdef MUTANT_DOUBT_SENT_AGAIN
        :: fate[i] == UNANSWERED -> row[i] = QUEUED
#else
        :: fate[i] == UNANSWERED -> row[i] = UNKNOWN
#endif
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0
}

inline submit(m, bind)
{
#ifndef UNTOLD
    assert(is_reply(m) || !is_told || turn_back); /* CLAIM: nothing is cleared once a STOP has been heard */
#endif
    row[m] = SENDING;
    excused = excused & ~bit(m);
    outbox[bind]!(m + NEW)
}

/* How many of the window are taken: on the wire, or in the outbox. */
inline count_open(bind, count)
{
    count = 0;
    i = 0;
    do
    :: i < MESSAGES -> count = count + has(open[bind], i); i++
    :: else -> break
    od;
    n = len(outbox[bind]);
    i = 0;
    do
    :: i < n ->
        outbox[bind]?f;
        count = count + ((is_submit(f) && !(i == 0 && begun[bind])) -> 1 : 0);
        outbox[bind]!f;
        i++
    :: else -> break
    od;
    i = 0; n = 0; f = 0
}

/* The frames of this turn are an outbox's last. */
inline drop_new(bind)
{
    n = len(outbox[bind]);
    i = 0;
    do
    :: i < n ->
        outbox[bind]?f;
        if
        :: f < NEW -> outbox[bind]!f
#ifdef MUTANT_ANSWERS_OF_FAILED_TURN_KEPT
        :: f >= NEW && !is_submit(f) -> outbox[bind]!f
#endif
        :: else -> b = b | ((!is_submit(f)) -> bit(bind) : 0)
        fi;
        i++
    :: else -> break
    od
}

inline rows_kept()
{
    i = 0;
    do
    :: i < MESSAGES -> disk_row[i] = row[i]; i++
    :: else -> break
    od;
    disk_out = row_out;
    disk_heard = row_heard;
    i = 0
}

inline rows_read_anew()
{
    i = 0;
    do
    :: i < MESSAGES -> row[i] = disk_row[i]; i++
    :: else -> break
    od;
    row_out = disk_out;
    row_heard = disk_heard;
    i = 0
}

/* turn_commit, where it holds: dispatch_committed, consents_committed, inbounds_committed */
inline committed()
{
    rows_kept();
    i = 0;
    do
    :: i < MESSAGES -> fate[i] = OPEN; i++
    :: else -> break
    od;
    i = 0;
    bar = (bar == UNWRITTEN -> UNWRITTEN : NO_BAR);
    stops_of_turn = 0;
    later = (later & ~turn_stops) | turn_later;
    is_told = is_told && !turn_back;
    turn_back = 0;
    turn_later = 0;
    turn_stops = 0
}

/* turn_commit, where it fails: rolled_back */
inline rolled_back()
{
    rows_read_anew();
    b = 0;
#ifndef MUTANT_FRAMES_OF_FAILED_TURN_KEPT
    drop_new(0);
    drop_new(1);
#endif
#ifdef MUTANT_BAR_FORGOTTEN
    bar = NO_BAR;
#else
    bar = (bar == NO_BAR -> NO_BAR : UNWRITTEN);
#endif
#ifndef MUTANT_WAITING_ANSWERED_ALL_THE_SAME
    waiting = waiting & ~stops_of_turn; /* forget_waiting */
#endif
    unwritten = unwritten | stops_of_turn;
    stops_of_turn = 0;
    turn_later = 0;
    turn_stops = 0;
    turn_back = 0;
    /* carriers_drop_unwritten */
    if
    :: has(b, 0) -> close(0)
    :: else
    fi;
    if
    :: has(b, 1) -> close(1)
    :: else
    fi;
    b = 0; i = 0; n = 0; f = 0
}

/* The end of the process at any instant, and its next start: dispatch_recover. */
inline crash()
{
    n = 0;
    do
    :: n < 2 ->
        do
        :: outbox[n]?f
        :: empty(outbox[n]) -> break
        od;
        begun[n] = 0;
        open[n] = 0;
        wire_ends(n);
        n++
    :: else -> break
    od;
    excused = excused | lost; /* a limit: see docs/model.md */
    lost = 0;
    rows_read_anew();
    i = 0;
    do
    :: i < MESSAGES ->
        if
        :: row[i] == SENDING ->
#ifndef MUTANT_RESTART_FORGETS_THE_WIRE
            lost = lost | bit(i);
#endif
#ifdef MUTANT_RESTART_SENDS_AGAIN
            row[i] = QUEUED
#else
            row[i] = UNKNOWN
#endif
        :: else
        fi;
        fate[i] = OPEN;
        i++
    :: else -> break
    od;
    rows_kept();
    bar = NO_BAR;
    stops_of_turn = 0;
    unwritten = 0;
    waiting = 0;
    turn_later = 0;
    turn_stops = 0;
    turn_back = 0;
    is_told = disk_out;
    i = 0;
    do
    :: i < TEXTS -> link[i] = NO_LINK; i++
    :: else -> break
    od;
    i = 0; n = 0; f = 0
}

/* ---- the gateway: a turn is hear, dispatch, commit, release ---- */

/* What one bind brings. */
inline hear(bind)
{
    up[bind]?f;
    if
    :: f >= TEXT && f < NO -> b = f - TEXT; text_heard(b, bind); b = 0
    :: else ->
        open[bind] = open[bind] & ~bit(f & 7);
        fate[f & 7] = ((f & NO) != 0 -> REFUSED : TAKEN)
    fi;
    i = 0; n = 0; f = 0
}

/* A retry of what could not be written: retry_rings. */
inline retry(k)
{
    unwritten = unwritten & ~bit(k);
    opt_out(k);
    answer_in_time(k);
    reach(A_STOP_IS_WRITTEN_LATER);
    i = 0; n = 0; f = 0
}

/* Two seconds are over for a STOP that waits: answer_waiting, late. */
inline two_seconds_over(k)
{
    excused = excused | unanswered(link[k]);
    answer(k)
}

/* release: the first frame of an outbox leaves whole, */
inline frame_leaves(bind)
{
    outbox[bind]?f;
    down[bind]!frame_id(f);
    open[bind] = open[bind] | (is_submit(f) -> bit(frame_id(f)) : 0);
    begun[bind] = 0;
    f = 0
}

/* or begins to. */
inline frame_begins(bind)
{
    outbox[bind]?<f>;
    begun[bind] = is_submit(f);
#ifndef MUTANT_BEGUN_FRAME_NOT_COUNTED
    open[bind] = open[bind] | (is_submit(f) -> bit(frame_id(f)) : 0);
#endif
    f = 0
}

/* What is left in it is of an earlier turn from now on. */
inline turn_is_over(bind)
{
    n = len(outbox[bind]);
    i = 0;
    do
    :: i < n -> outbox[bind]?f; outbox[bind]!frame_id(f); i++
    :: else -> break
    od;
    i = 0; n = 0; f = 0
}

inline no_text_is_forgotten()
{
    i = 0;
    do
    :: i < TEXTS ->
        assert(link[i] == NO_LINK || has(waiting | unwritten, i)); /* CLAIM: no text is forgotten */
        i++
    :: else -> i = 0; break
    od
}

/* Between two steps the carrier goes on reading and writing. */
proctype gateway()
{
    byte m, used[2];
    do
    :: atomic { /* hear: as much of what is there as one turn takes */
        do
        :: nempty(up[0]) -> d_step { hear(0) }
        :: nempty(up[1]) -> d_step { hear(1) }
        :: !is_out && row[0] == NONE -> row[0] = OFFERED /* accept_message: gate_ask says yes */
#if CAMPAIGNS > 1
        :: !is_out && row[0] != NONE && row[1] == NONE -> row[1] = OFFERED
#endif
        :: has(unwritten, 0) -> d_step { retry(0) }
#if TEXTS > 1
        :: has(unwritten, 1) -> d_step { retry(1) }
#endif
#if TEXTS > 2
        :: has(unwritten, 2) -> d_step { retry(2) }
#endif
        :: cuts < CUTS -> d_step { cuts++; close(0) }
        :: cuts < CUTS -> d_step { cuts++; close(1) }
        :: lost != 0 && waiting != 0 -> d_step { excused = excused | lost; lost = 0 }
        :: break
        od
       };
       atomic { /* dispatch: first the responses that waited (inbounds_turn), then dispatch_turn */
        do
        :: m < TEXTS ->
            if
            :: !has(waiting, m) -> skip
            :: has(waiting, m) && unanswered(link[m]) == 0 ->
                d_step { answer(m); reach(A_RESPONSE_WAITED_FOR_ANOTHER_BIND) }
            :: has(waiting, m) && unanswered(link[m]) != 0 -> skip
            :: has(waiting, m) && unanswered(link[m]) != 0 -> d_step { two_seconds_over(m) }
            fi;
            m++
        :: else ->
            d_step {
                apply_outcomes();
                count_open(0, used[0]);
                count_open(1, used[1]);
                m = MESSAGES
            };
            break
        od;
        do /* replies first, then the rest, as far as there is room; and a carrier may be given less than that */
        :: m > 0 ->
            m--;
            if
            :: row[m] != QUEUED -> skip
#ifndef MUTANT_GATE_ASKED_AT_ACCEPT_ONLY
            :: row[m] == QUEUED && !is_reply(m) && is_out && !is_cleared(m) -> row[m] = BLOCKED
#endif
            :: else ->
                is_allowed(m);
                if
                :: used[0] < WINDOW -> d_step { submit(m, 0); used[0]++ }
                :: used[1] < WINDOW -> d_step { submit(m, 1); used[1]++ }
                :: skip
                fi
            fi
        :: else -> d_step { used[0] = 0; used[1] = 0 }; break
        od
       };
       atomic { /* commit */
        if
        :: d_step { committed() }
        :: fails < FAILS -> d_step { fails++; rolled_back() }
        :: crashes < CRASHES -> d_step { crashes++; crash() }
        fi
       };
       atomic {
        if
        :: skip
        :: crashes < CRASHES -> d_step { crashes++; crash() }
        fi
       };
       atomic { /* release: of each outbox as much as its socket takes, which may end within a frame */
        do
        :: m < 2 ->
            do
            :: nempty(outbox[m]) -> d_step { frame_leaves(m) }
            :: nempty(outbox[m]) && !begun[m] -> d_step { frame_begins(m) }; break
            :: break
            od;
            m++
        :: else -> d_step { turn_is_over(0); turn_is_over(1); no_text_is_forgotten(); m = 0 }; break
        od
       };
       atomic {
        if
        :: skip
        :: crashes < CRASHES -> d_step { crashes++; crash() }
        fi
       }
    od
}

/* ---- the carrier: reads its wires in any order, answers in its own time, delivers what the person writes ---- */

inline submit_read()
{
    if
    :: is_reply(f) -> carrier_hears(HEARD_REPLY)
    :: !is_reply(f) && has(excused, f) ->
        carrier_hears(HEARD_EXCUSED);
        if
        :: is_shut -> reach(AN_EXCUSED_TEXT_IS_READ_AFTER_THE_RESPONSE)
        :: else
        fi
    :: else ->
        carrier_hears(HEARD_CAMPAIGN);
#ifndef CLAIM
        assert(!is_shut); /* CLAIM: nothing after the response */
#endif
        reach(A_CAMPAIGN_IS_READ);
        if
        :: later != 0 -> reach(A_CAMPAIGN_IS_READ_AFTER_A_START)
        :: else
        fi
    fi;
    excused = excused & ~bit(f)
}

/* The one confirmation. */
inline submit_taken()
{
    if
    :: is_reply(f) ->
        assert(!has(taken, f)); /* CLAIM: one confirmation */
#if STARTS == 0
        assert(taken == 0); /* CLAIM: one confirmation */
#endif
        taken = taken | bit(f);
        reach(A_STOP_IS_CONFIRMED)
    :: else
    fi
}

inline answer_read()
{
    carrier_hears(HEARD_ANSWER);
    assert(is_start(f - ANSWER) || disk_out || has(later, f - ANSWER)); /* CLAIM: on disk before the response */
    if
    :: !is_start(f - ANSWER) && fails > 0 -> reach(A_STOP_IS_ANSWERED_AFTER_A_FAILED_COMMIT)
    :: else
    fi;
    if
    :: !is_start(f - ANSWER) && crashes > 0 -> reach(A_STOP_IS_ANSWERED_AFTER_A_CRASH)
    :: else
    fi;
    answered = answered | bit(f - ANSWER);
    came_by[f - ANSWER] = 0;
    again = again & ~bit(f - ANSWER)
}

inline carrier_reads(bind, verdict)
{
    down[bind]?f;
    if
    :: f >= ANSWER -> answer_read()
    :: else ->
        submit_read();
        if
        :: verdict == 0 -> submit_taken()
        :: else -> refusals++
        fi;
        up[bind]!(f + verdict)
    fi;
    f = 0
}

/* Of a connection that has ended: there is no answering. */
inline carrier_reads_dead(bind)
{
    dead[bind]?f;
    if
    :: f >= ANSWER -> answer_read()
    :: else ->
        submit_read();
        submit_taken();
        reach(A_SUBMIT_IS_READ_OFF_A_DEAD_CONNECTION)
    fi;
    f = 0
}

/* Who delivers anew has given up the response to the delivery before. */
inline give_up(k, bind)
{
    n = len(dead[bind]);
    i = 0;
    do
    :: i < n ->
        dead[bind]?f;
        if
        :: f != ANSWER + k -> dead[bind]!f
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0; n = 0; f = 0
}

inline deliver(k, bind)
{
    give_up(k, 0);
    give_up(k, 1);
    came_by[k] = bind;
    again = again & ~bit(k);
    up[bind]!(TEXT + k)
}

proctype carrier()
{
    do
    :: d_step { nempty(down[0]) -> carrier_reads(0, 0) }
    :: d_step { nempty(down[1]) -> carrier_reads(1, 0) }
    :: d_step { refusals < REFUSALS && nempty(down[0]) -> carrier_reads(0, NO) }
    :: d_step { refusals < REFUSALS && nempty(down[1]) -> carrier_reads(1, NO) }
    :: d_step { nempty(dead[0]) -> carrier_reads_dead(0) }
    :: d_step { nempty(dead[1]) -> carrier_reads_dead(1) }
    :: d_step { written < TEXTS -> deliver(written, 0); written++ }
    :: d_step { written < TEXTS && written > 0 -> deliver(written, 1); written++ } /* the first comes on either: they are alike */
    :: d_step { has(again, 0) -> deliver(0, 0) }
    :: d_step { has(again, 0) -> deliver(0, 1) }
#if TEXTS > 1
    :: d_step { has(again, 1) -> deliver(1, 0) }
    :: d_step { has(again, 1) -> deliver(1, 1) }
#endif
#if TEXTS > 2
    :: d_step { has(again, 2) -> deliver(2, 0) }
    :: d_step { has(again, 2) -> deliver(2, 1) }
#endif
    od
}

init {
    d_step {
        i = 0;
        do
        :: i < TEXTS -> link[i] = NO_LINK; i++
        :: else -> break
        od;
        i = 0
    }
    atomic { run gateway(); run carrier() }
}

#ifdef CLAIM
/* Nothing after the response, once more: this never happens. It speaks in the assertion's place. */
never {
    do
    :: is_shut && hears == HEARD_CAMPAIGN -> break
    :: else
    od
}
#endif
