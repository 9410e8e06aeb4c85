/* consent: what people did, and what it makes of them in each program. It records acts (a form, a STOP, a
 * START, a revocation by another way) in the ledger and derives the standing from them. It sends nothing.
 *
 * The default is no: no act, no consent; consent that can't be read is a no as well. */
#ifndef CONSENT_CONSENT_H
#define CONSENT_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

#include "consent/program.h"
#include "consent/verdict.h"
#include "store/store.h"

struct consents;
struct ledger;
struct loop;
struct places;

struct consents *consents_open(struct loop *loop, struct store *store, struct ledger *ledger,
                               const struct programs *programs);
void consents_close(struct consents *consents);

/* Where people may be, by what is known of them; owned by `consents`. */
struct places *consents_places(const struct consents *consents);

/* Whoever must know at once. */
struct consents_events {
    /* The number went out of some program, or what is for it must be held: what waits is withdrawn and judged anew. */
    void (*went_out)(void *owner, uint64_t number);
    /* What was held in the program may go. */
    void (*came_free)(void *owner, uint64_t number, int64_t program);
};
void consents_listen(struct consents *consents, const struct consents_events *events, void *owner);

/* ---- standing ---- */

enum standing_state {
    STANDING_UNKNOWN,
    STANDING_NOT_ELIGIBLE,
    STANDING_AWAITING_CONFIRMATION,
    STANDING_OPTED_IN,
    STANDING_OPTED_OUT,
    STANDING_EXPIRED,
    STANDING_SUPPRESSED
};

struct standing {
    enum standing_state state;
    int64_t since;  /* 0 for unknown */
    int64_t seq;    /* the ledger record behind it: of the opt-in, or of what ended it */
    const char *how; /* for people: "left the box unticked"; lives as long as the turn */
    int64_t when;    /* that was; 0: `how` says it all */
    enum consent_confirmation confirmation; /* only of an opt-in, completed or not */
    int64_t review; /* only of an opt-in: the review that holds its marketing; 0: none */
    int64_t collected_at;                   /* when it was given, 0 for none */
    const char *timezone, *postal_code;     /* that came with one, "" for none */
};

#define STANDING_WHY_SIZE 200
/* One sentence part for people: "left the box unticked on 3 Nov 2026". Gives `out`. */
const char *standing_why(const struct standing *standing, char out[STANDING_WHY_SIZE]);
const char *standing_word(enum standing_state state);
bool standing_word_is_known(const char *word);
/* ALLOWED for opted_in; else the block that the state means. */
enum verdict standing_verdict(enum standing_state state);
/* Whether a keyword of the program's own that they wrote is answered. */
bool standing_is_answered(enum standing_state state, const struct own_keyword *keyword);

/* False: it can't be read. */
bool consent_standing(struct consents *consents, const struct program *program, uint64_t number,
                      int64_t now_ms, struct standing *out);

/* An opt-out that covers the program came after the ledger stood at `seq`. Unreadable counts as yes. */
bool consent_went_out_since(struct consents *consents, const struct program *program,
                            uint64_t number, int64_t seq);

/* ---- acts ---- */

struct registration { /* one POST /v1/consents; texts are UTF-8, "" or NULL for left out */
    const struct program *program;
    uint64_t number;
    bool has_opted_in; /* the tick box */
#define EVIDENCE(name, most, option, sentence) const char *name; /* see proto/evidence.def */
#include "proto/evidence.def"
    const char *account; /* who posted it */
};

struct registered {
    enum verdict fault; /* ALLOWED, or why it was not taken: nothing was recorded then */
    char detail[300];
    bool is_repeat;           /* the same act was posted before */
    bool wants_confirmation;  /* a new opt-in: the confirmation text is due */
    int64_t seq;              /* its ledger record */
    struct standing standing; /* what results */
};

void consent_register(struct consents *consents, const struct registration *registration,
                      int64_t now_ms, struct registered *out);

/* How many forms and other entries of the number were recorded since then, in whatever program: counted up to `most`.
 * -1: that can't be read. */
int consent_forms_since(struct consents *consents, uint64_t number, int64_t since_ms, int most);

/* Years that somebody has who was born on that day, YYYY-MM-DD, by the date where it is earliest: wherever they are, they are no
 * younger. -1: it is no such day, or one that nobody who lives was born on. */
int64_t birth_age(const char *birth_date, int64_t now_ms);

struct revocation {
    uint64_t number;
    const struct program *const *programs; /* each is ended in the scope that it says */
    size_t program_count;
    bool is_all;         /* STOPALL: the owner's whole, whatever the program says */
    const char *written_to; /* the program's name for the ledger, "" for none or several */
    const char *how;     /* for people: "texted STOP" */
    const char *channel; /* sms, call, email, web, letter, other */
    const char *note, *account, *carrier, *rule;
    int64_t inbound;     /* the text that said so, 0: another way; for the ledger: */
    const char *inbound_id, *text; /* NULL for none */
};

/* Aims it: at the program, or, where no program owns the address that was written to, at all of the carrier;
 * whom the person meant can't be known then, nor where no program uses that carrier: then it ends all. The
 * list lives as long as the turn. */
void revocation_aim(struct consents *consents, struct revocation *revocation,
                    const struct program *program);

/* The person is out, by what is on record, of everything that it would end. */
bool consent_is_out_of_all(struct consents *consents, const struct revocation *revocation);

#define STOP_REPLY_TERM_MS (5 * 60 * 1000) /* R47: a confirmation is presumed allowed within five minutes */

struct revoked {
    int64_t seq;
    bool was_out; /* in the whole scope already: it is recorded and not answered */
};

/* Takes effect in memory at once, and for good with the commit: until it can be written, the number is
 * barred all the same. */
void consent_revoke(struct consents *consents, const struct revocation *revocation, int64_t now_ms,
                    struct revoked *out);

struct restart {
    uint64_t number;
    const struct program *program;
    const char *carrier, *rule;
    const char *language; /* of the keyword: ISO 639-1; NULL: not known */
    bool is_answer; /* YES, not START */
    const char *inbound_id, *text; /* what the person wrote, for the ledger */
};

struct restarted {
    int64_t seq;             /* 0: nothing changed, nothing was recorded */
    bool wants_confirmation; /* it opts in again: answered with the confirmation text */
    struct standing standing;
};

/* The question of a double opt-in that the number could answer now. Unreadable: no. */
bool consent_is_asked(struct consents *consents, const struct program *program, uint64_t number,
                      int64_t now_ms);

/* START: lifts the person's own opt-out for the program and restores the opt-in before it, never more; but where
 * the program has keyword_opt_in, it is an opt-in itself. It completes a double opt-in, as YES does while the
 * question is open. What can't be read makes the turn fail: unanswered, the text comes again. */
void consent_restart(struct consents *consents, const struct restart *restart, int64_t now_ms,
                     struct restarted *out);

/* ---- the confirmation of an opt-in ---- */

enum confirmation_fate { CONFIRMED, CONFIRMATION_IN_DOUBT, CONFIRMATION_REFUSED };
enum confirmation_next { CONFIRMATION_RELEASE, CONFIRMATION_RESEND, CONFIRMATION_WAIT, CONFIRMATION_GIVE_UP };

#define CONFIRMATION_TRIES   3                      /* INTERFACE: at most three times in 24 hours */
#define CONFIRMATION_TERM_MS INT64_C(86400000)

/* One is made: counts the tries, and gives its text. NULL: none is due any more. Where a double opt-in is to be
 * completed it is the question. */
const char *consent_confirmation_made(struct consents *consents, const struct program *program,
                                      uint64_t number, int64_t now_ms);
/* What became of one, and so what is next. */
enum confirmation_next consent_confirmation_settled(struct consents *consents,
                                                    const struct program *program, uint64_t number,
                                                    enum confirmation_fate fate, int64_t now_ms);

/* The programs are others now: which opt-outs cover them is found out anew. So are the system's time zones. */
void consents_reloaded(struct consents *consents);

/* ---- after the commit ---- */
void consents_committed(struct consents *consents);
void consents_rolled_back(struct consents *consents);

#endif
