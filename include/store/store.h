/* store: what must survive. It speaks of messages, consents and the ledger, not of SQL; SQLite is
 * behind it (src/store), another database may be one day. It decides nothing.
 *
 * Writing: rows gather in one transaction a turn, which the first write opens and store_commit closes.
 * A write gives no result of its own: if any failed, the commit fails, and nothing of the turn is kept.
 * Reading: sees the turn's own rows. A read that fails says so, and is never taken for "nothing there".
 *
 * Text that comes out of a read lives in the region that was given. Times are wall-clock milliseconds;
 * 0 stands for "none". Numbers are E.164 digits, 0 for none.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"

struct region;
struct store;

enum store_result { STORE_OK, STORE_NONE, STORE_FAILED };
enum store_commit { STORE_COMMITTED, STORE_ROLLED_BACK, STORE_LOST };

/* ---- life ---- */

#define STORE_ERROR_SIZE 300

/* Opens (and creates, and migrates) for the one `serve`; another process holding it is an error. NULL:
 * `error` says why. */
struct store *store_open(const char *path, char error[STORE_ERROR_SIZE]);
/* Opens for reading only, whether a gateway runs on it or not, on read-only media too. */
struct store *store_open_reader(const char *path, char error[STORE_ERROR_SIZE]);
/* Beside the one that writes, in its process: it takes little memory, and a read that would have to wait fails. */
struct store *store_open_beside(const char *path, char error[STORE_ERROR_SIZE]);
void store_close(struct store *store);

/* Ends the turn's transaction. ROLLED_BACK: nothing of the turn is on disk (full, I/O). LOST: what is on
 * disk is not known (a failed fsync): the process must end and start anew from disk. */
enum store_commit store_commit(struct store *store);
bool store_is_writing(const struct store *store); /* this turn has written something */
bool store_is_broken(const struct store *store);  /* a write of this turn failed: no more are tried */
/* What this turn has written can't be finished rightly: the commit will fail, and nothing of it is kept. */
void store_abandon(struct store *store);
const char *store_fault(const struct store *store); /* of the last failure, for the log */
bool store_is_damaged(const struct store *store);   /* it lay in the file itself: to try again mends nothing */
int64_t store_wal_octets(struct store *store);

/* ---- a copy of the whole, while a gateway writes ---- */

struct store_copy;
/* Of what a reader sees now, into the file `path`, which is there and empty. The reader reads nothing else until the copy
 * is closed. It is not synced: that is the caller's. NULL: `error` says why. */
struct store_copy *store_copy_open(struct store *reader, const char *path, char error[STORE_ERROR_SIZE]);
int64_t store_copy_octets(const struct store_copy *copy); /* that it will have */
/* Some megabytes more; *octets: so many are copied. STORE_OK: there is more; STORE_NONE: it is whole, without a WAL beside it,
 * and marked as a copy made at now_ms; STORE_FAILED: store_copy_fault says why. */
enum store_result store_copy_step(struct store_copy *copy, int64_t now_ms, int64_t *octets);
const char *store_copy_fault(const struct store_copy *copy);
void store_copy_close(struct store_copy *copy);

/* What reads for long asks goes_on now and then, and fails once it says no. */
void store_heed(struct store *reader, bool (*goes_on)(void *who), void *who);
/* Whether every page and index is right, which takes a while. STORE_NONE: it isn't, and `error` says where. STORE_FAILED: it
 * can't be read. */
enum store_result store_check(struct store *store, char error[STORE_ERROR_SIZE]);
const char *store_file(const struct store *store); /* its path, as SQLite resolved it */

/* What is known of a database that went on from a copy (outbound/restoration.h). All 0: it never did, or that is settled. */
struct restoration {
    int64_t copy_of;    /* it is a copy made then, and no gateway has run on it */
    int64_t lost_from;  /* what was done between these two is not in it: the copy … */
    int64_t lost_until; /* … and the first start on it; both 0 once somebody has vouched for the opt-outs of that time */
    int64_t set_aside;  /* messages that had not left when it was made, and will not be sent */
};
bool store_restoration(struct store *store, struct restoration *out); /* false: it can't be read */
void store_restoration_put(struct store *store, const struct restoration *restoration);

/* An id for a row that this gateway makes: 60 bits, rising (48 bits of milliseconds, 12 of a counter, as
 * UUIDv7 has them in front). Never twice, whatever the clock does. */
int64_t store_next_id(struct store *store, int64_t now_ms);

/* ---- programs: names to the small numbers that rows carry; for good ---- */
int64_t store_program_id(struct store *store, const char *name); /* makes one; 0: failed */
/* NULL: there is none, or it can't be read. */
const char *store_program_name(struct store *store, int64_t id, struct region *region);

/* ---- messages ---- */

enum message_state {
#define MESSAGE_STATE(name, number, word) MESSAGE_##name = number,
#include "proto/message.def"
};
#define MESSAGE_OPEN_BELOW MESSAGE_SENDING /* states below have not left */
#define MESSAGE_NO_RECEIPT "no_receipt"
/* The reason of a queued message that waits, until due_at, for the recipient's hours. */
#define MESSAGE_QUIET "quiet_hours"
/* Of a confirmation that waits for who vouches for the opt-outs of the time that a restored copy lost: until it is looked at again. */
#define MESSAGE_RESTORED "restored"
/* And of one whose campaign is paused, which waits until it is resumed. */
#define MESSAGE_CAMPAIGN_PAUSED "campaign_paused"
#define MESSAGE_UNANSWERED "unanswered" /* it may have arrived */

enum message_purpose {
#define MESSAGE_PURPOSE(name, number, word, is_reply) PURPOSE_##name = number,
#include "proto/message.def"
};

/* The bits of registered_delivery that are kept (5.0 4.7.21). */
enum receipt_wish {
    RECEIPT_NEVER = 0,
    RECEIPT_ALWAYS = 1,
    RECEIPT_OF_FAILURE = 2,
    RECEIPT_OF_SUCCESS = 3,
    RECEIPT_FINAL = 3,        /* those bits */
    RECEIPT_INTERMEDIATE = 16, /* and one when a carrier has taken it */
    RECEIPT_CALLBACK = 64 /* no bit of SMPP's: somebody of its own is told, see struct callback */
};

struct message {
    int64_t id;          /* see store_next_id */
    int64_t tail;        /* the random rest of its UUIDv7, 62 bits */
    int64_t program;     /* store_program_id */
    const char *account; /* who sent it; "" is the gateway itself (replies) */
    const char *sender;  /* canonical, see consent/sender.h */
    uint64_t number;
    enum message_purpose purpose;
    enum message_state state;
    const char *reason;  /* why it is in this state: a code of verdict.def, or words; "" for none */
    const char *text;    /* UTF-8 */
    const char *cargo;   /* what goes in its place or beside it, as in smpp/cargo.h; "" for a text and nothing more */
    int alphabet;        /* enum text_alphabet */
    uint8_t locking, single; /* the national tables of its text; 0: the default ones (smpp/gsm7.h) */
    int style;           /* what holds its parts together: enum parts_style */
    unsigned first_try;  /* the try, of four bits, from which on it is written so; 0: the first */
    int parts;           /* as they are billed; submits: message_submits */
    int64_t reference;   /* of concatenation: 16 bits, or a part_mark of smpp/parts.h */
    int64_t created_at, due_at, expires_at; /* due: not before */
    int64_t sent_at, done_at;
    int64_t consent_seq; /* the ledger record that allowed it */
    int64_t answers;     /* the inbound text that a reply answers; 0: none */
    const char *carrier; /* "" until it was given to one */
    int tries;           /* how often it was given to a carrier */
    const char *client_ref;
    unsigned wants_receipt; /* enum receipt_wish, of its sender on SMPP */
    /* What the carrier said of its part, if it has only one; see struct message_part. */
    const char *carrier_id, *receipt_err;
    int receipt;
    int64_t lane; /* where it waits, see below */
    int64_t campaign; /* its serial; 0: it is of none */
    /* What proves it, see consent/seal_format.h. */
    int64_t salt;          /* 62 random bits; 0 once it was erased */
    int64_t seal;          /* the first seal from this ledger record on covers its newest try; 0: none does */
    struct octets content; /* once its text and number were erased: their digest, 32 octets; else empty */
};

const char *message_state_word(enum message_state state);
const char *message_purpose_word(enum message_purpose purpose);
bool message_is_reply(enum message_purpose purpose);
bool message_may_move(enum message_state from, enum message_state to);
bool message_is_final(enum message_state state); /* it moves no more */

#define MESSAGE_STYLE_PAYLOAD 3 /* one submit_sm carries all parts */
static inline int message_submits(const struct message *message)
{
    return message->style == MESSAGE_STYLE_PAYLOAD ? 1 : message->parts;
}

#define MESSAGE_ID_SIZE 37
void message_id_write(int64_t id, int64_t tail, char out[MESSAGE_ID_SIZE]);       /* with hyphens */
void message_id_write_plain(int64_t id, int64_t tail, char out[MESSAGE_ID_SIZE]); /* 32 digits */
bool message_id_read(struct octets text, int64_t *id, int64_t *tail);             /* either form */

void store_message_put(struct store *store, const struct message *message);
enum store_result store_message_get(struct store *store, int64_t id, struct region *region,
                                    struct message *out);
/* The move must be one of proto/message.def. done_at is set for final states, sent_at for SENT. `news` is
 * what the carrier said of the message's part, where that is what moves it: kept with it, by the same
 * write if it has no others. NULL: something else moves it. */
struct message_part;
void store_message_move(struct store *store, int64_t id, enum message_state from,
                        enum message_state to, const char *reason, const struct message_part *news,
                        int64_t now_ms);
/* QUEUED to SENDING, with what the clearance named, and `seal` as in struct message. */
void store_message_sending(struct store *store, int64_t id, const char *carrier,
                           int64_t consent_seq, int64_t seal);
/* What was sealed of a message's newest try stays for the verifier, whatever its row says next. Once is
 * enough. */
void store_try_keep(struct store *store, int64_t message);
/* Its alphabet, tables, style, first_try and parts are others from now on; what carriers said of parts in the old form is
 * dropped. */
void store_message_written(struct store *store, const struct message *message);
/* QUEUED, and not before due_at from now on. */
void store_message_wait(struct store *store, int64_t id, int64_t due_at, const char *reason);
/* One that no carrier was given has another text, times and state from now on: those of `message`, with the consent
 * that allowed it. */
void store_message_replace(struct store *store, const struct message *message,
                           enum message_state from);
/* SENDING or UNKNOWN back to QUEUED, not before due_at. */
void store_message_again(struct store *store, int64_t id, enum message_state from, int64_t due_at,
                         const char *reason, int64_t now_ms);

/* How often it was refused in a way that passes, which is how its tries are counted. */
enum store_result store_message_refusals(struct store *store, int64_t id, unsigned *refusals);
void store_message_refused(struct store *store, int64_t id); /* once more */

/* Queued ones that were, by id, behind `after`. */
enum store_result store_message_refused_list(struct store *store, int64_t after, struct region *region,
                                             struct message *out, size_t limit, size_t *count);

/* The oldest queued one of the program to that person, but for the message itself and replies, that was refused or waits for
 * such a reason. */
enum store_result store_message_kept(struct store *store, const struct message *message, const char *reason,
                                     struct region *region, struct message *out);

/* The scheduled ones whose time has come, by it, behind the place given. */
enum store_result store_message_scheduled(struct store *store, int64_t now_ms, int64_t due_at, int64_t id,
                                          struct region *region, struct message *out, size_t limit,
                                          size_t *count);
/* They become queued; gives how many. */
int64_t store_message_wake(struct store *store, int64_t now_ms);
/* The wall's clock was set: how long queued ones wait, and the term of replies, were spans of time
 * and stay what they were. An expires_at of a sender's, and a send_at, are times of day. */
void store_message_clock_set(struct store *store, int64_t by_ms);
/* Open messages of a number (all programs; the caller picks). */
enum store_result store_message_open_of(struct store *store, uint64_t number, struct region *region,
                                        struct message *out, size_t limit, size_t *count);
/* Held messages of a number in a program: to queued, or to failed with a reason. Gives how many. */
int64_t store_message_release(struct store *store, uint64_t number, int64_t program,
                              enum message_state to, const char *reason, int64_t now_ms);
/* Open messages whose expires_at has passed, up to limit. */
enum store_result store_message_overdue(struct store *store, int64_t now_ms, struct region *region,
                                        struct message *out, size_t limit, size_t *count);
/* It is SENT, and until then its receipt is waited for. */
void store_message_await(struct store *store, int64_t id, int64_t receipt_by_ms);
/* Those whose receipt didn't come in time, up to limit; those that are still SENT get that reason by
 * store_message_missed. */
enum store_result store_message_awaited(struct store *store, int64_t now_ms, struct region *region,
                                        struct message *out, size_t limit, size_t *count);
void store_message_missed(struct store *store, int64_t id, const char *reason);
/* Those that had not left, or are in doubt on the wire: SCHEDULED to SENDING; replies, or the others. */
enum store_result store_message_open(struct store *store, bool is_reply, struct region *region,
                                     struct message *out, size_t limit, size_t *count);
/* Those that a crash left SENDING, up to limit. */
enum store_result store_message_stranded(struct store *store, struct region *region,
                                         struct message *out, size_t limit, size_t *count);

/* Lanes: in one of them messages wait behind one another, oldest first. Those of a program, replies or the rest, from one
 * sender, by one route: so what holds the first holds all. */
struct lane_row {
    int64_t id, program;
    bool is_reply;
    const char *sender, *route; /* route: its name in the config; "": the program's own carriers */
};
/* Makes one where there is none. 0: failed. */
int64_t store_lane_id(struct store *store, const struct lane_row *lane);
enum store_result store_lanes(struct store *store, int64_t after, struct region *region,
                              struct lane_row *out, size_t limit, size_t *count);
/* Up to `limit` of its queued messages that are due, oldest first. */
enum store_result store_lane_due(struct store *store, int64_t lane, int64_t now_ms,
                                 struct region *region, struct message *out, size_t limit,
                                 size_t *count);
int64_t store_lane_next_due(struct store *store, int64_t lane); /* the earliest due_at; 0: nothing is queued */
/* Its queued messages behind that place, due or not. */
enum store_result store_lane_after(struct store *store, int64_t lane, int64_t due_at, int64_t id,
                                   struct region *region, struct message *out, size_t limit,
                                   size_t *count);
#define STORE_QUEUED_MOST 100000
/* How many are queued in it, due or not, counted up to STORE_QUEUED_MOST. -1: failed. */
int64_t store_lane_queued(struct store *store, int64_t lane);
/* SCHEDULED or QUEUED, and waits there from now on. */
void store_message_lane(struct store *store, int64_t id, int64_t lane);

/* Message parts of a registered brand on a day (since 1970, in its own zone): 0 where there were none. */
enum store_result store_brand_day(struct store *store, const char *brand, int64_t day, int64_t *parts);
void store_brand_day_put(struct store *store, const char *brand, int64_t day, int64_t parts);
void store_brand_days_forget(struct store *store, const char *brand, int64_t before);

struct message_filter { /* 0 or NULL: any */
    uint64_t number;
    const char *account;
    int64_t program, after; /* ids below `after`, newest first */
    enum message_state state;
    int64_t now_ms; /* for state: what waits until later for its recipient's hours counts as HELD */
    const char *client_ref;
    int64_t campaign; /* its serial */
};
enum store_result store_message_search(struct store *store, const struct message_filter *filter,
                                       struct region *region, struct message *out, size_t limit,
                                       size_t *count);
int64_t store_message_count(struct store *store, enum message_state state); /* -1: failed */

/* Parts: what the carrier said of each that it took, with its id verbatim. Most messages have one, which
 * stands in the message's own row; those of several have rows of their own. */
struct message_part {
    int64_t message;
    int part;         /* from 1 … */
    int of;           /* … to so many */
    int state;        /* SMPP message_state, 5.0 4.7.15; 0 until a receipt says one */
    const char *carrier, *carrier_id;
    const char *err;  /* of the receipt, as received */
    int64_t at;
};
void store_part_put(struct store *store, const struct message_part *part); /* in the place of an older one */
/* The newest with that id, and its message. */
enum store_result store_part_find(struct store *store, const char *carrier, struct octets carrier_id,
                                  struct region *region, struct message_part *out,
                                  struct message *message);
enum store_result store_parts_of(struct store *store, const struct message *message,
                                 struct region *region, struct message_part *out, size_t limit,
                                 size_t *count);

/* A receipt whose message isn't known (yet): kept, and tried again when the id comes (F312). */
struct stray_receipt {
    int64_t id; /* of the row */
    int state;
    bool is_final;
    struct octets err, carrier_id;
};
/* number: of the person that it is about; 0: unknown. */
void store_stray_put(struct store *store, const char *carrier, uint64_t number,
                     const struct stray_receipt *receipt, int64_t now_ms);
/* The oldest with that id that is about the number, or about nobody known. */
enum store_result store_stray_take(struct store *store, const char *carrier, struct octets carrier_id,
                                   uint64_t number, struct region *region,
                                   struct stray_receipt *out);
/* The oldest of a carrier and a number; they stay. */
enum store_result store_strays_of(struct store *store, const char *carrier, uint64_t number,
                                  struct region *region, struct stray_receipt *out, size_t limit,
                                  size_t *count);
bool store_stray_drop(struct store *store, int64_t id); /* false: it could not be written */

/* What happened to a message beside its plain way (sent again, withdrawn): shown in its events. */
void store_event_put(struct store *store, int64_t message, int64_t at, const char *what);
struct message_event {
    int64_t at;
    const char *what;
};
enum store_result store_events_of(struct store *store, int64_t message, struct region *region,
                                  struct message_event *out, size_t limit, size_t *count);

/* Messages that were given to a carrier, where somebody counts them: by number, for caps. */
void store_send_put(struct store *store, const struct message *message, int64_t now_ms,
                    int64_t forget_before_ms); /* of that number */
struct send_count {
    int64_t program, count;
};
/* How many messages of each program were given to a carrier for the number after that time, and have not failed there: but
 * for the message `except`. In the region. */
enum store_result store_sends_since(struct store *store, uint64_t number, int64_t after_ms, int64_t except,
                                    struct region *region, struct send_count **out, size_t *count);

/* The sender by which the number knows the program. Put: only where it has a consent there, with which it is erased. */
enum store_result store_known_sender(struct store *store, uint64_t number, int64_t program,
                                     struct region *region, const char **out);
void store_known_sender_put(struct store *store, uint64_t number, int64_t program, const char *sender);

/* The answer that was given for an Idempotency-Key. */
struct kept_answer {
    uint8_t body_hash[32];
    int64_t at;
    int http_status; /* 0: of a batch that isn't answered whole */
    const char *body;
    int64_t rows; /* of a batch: how many are answered, each slice of them by itself; its body is "" */
};
void store_answer_put(struct store *store, const char *account, struct octets key,
                      const struct kept_answer *answer);
enum store_result store_answer_find(struct store *store, const char *account, struct octets key,
                                    struct region *region, struct kept_answer *out);
/* Of a batch: it begins anew, and grows by what is answered. */
struct kept_rows {
    int64_t first, count; /* from 0 */
    struct octets text;
};
void store_answer_begin(struct store *store, const char *account, struct octets key, const uint8_t body_hash[32],
                        int64_t now_ms);
void store_answer_grow(struct store *store, const char *account, struct octets key, const struct kept_rows *rows,
                       int http_status);
/* Those that begin with `first`. */
enum store_result store_answer_rows(struct store *store, const char *account, struct octets key, int64_t first,
                                    struct region *region, struct kept_rows *out);
/* Those of before; of long ones some at a time. */
void store_answers_forget(struct store *store, int64_t before_ms);

/* ---- consent: the standing of a number in a program, and who is out ---- */

enum consent_confirmation {
    CONFIRMATION_NONE = 0,    /* none due: not opted in */
    CONFIRMATION_PENDING = 1, /* messages are held until the carrier has taken it */
    CONFIRMATION_TAKEN = 2,
    CONFIRMATION_FAILED = 3
};

struct consent {
    uint64_t number;
    int64_t program;
    bool has_opted_in;    /* an act with its evidence is on record */
    int64_t seq;          /* the ledger record of that act, or of the newest one that was none */
    int64_t since;        /* when that act was recorded */
    int64_t collected_at; /* when the person did it */
    int64_t lifted_seq;   /* opt-outs up to this record of the ledger are lifted; 0: none */
    const char *why;      /* how it came, for people: "ticked the box", "was imported" */
    enum consent_confirmation confirmation;
    int64_t confirmation_since; /* when the first one was made */
    int confirmation_tries;
    bool awaits_yes;      /* double opt-in: the confirmation asked, and the person has not answered YES */
    int64_t implied_until; /* what Canadian law calls implied consent ends then; 0: there is none */
    int64_t review;       /* the open review that holds its marketing: a text's id; 0: none */
    const char *timezone, *postal_code; /* that came with an opt-in, "" for none */
    const char *language; /* of the form or of the keyword, as "es" or "fr-CA"; "" for none */
};
void store_consent_put(struct store *store, const struct consent *consent);
enum store_result store_consent_get(struct store *store, uint64_t number, int64_t program,
                                    struct region *region, struct consent *out);
/* All there are, by number and program: those beyond a place, 0 for the first. */
int64_t store_consent_place(uint64_t number, int64_t program);
enum store_result store_consent_list(struct store *store, int64_t after, struct region *region,
                                     struct consent *out, size_t limit, size_t *count);
/* All of a number, up to limit. */
enum store_result store_consents_of(struct store *store, uint64_t number, struct region *region,
                                    struct consent *out, size_t limit, size_t *count);
/* Those whose confirmation was made before `before_ms` and not taken yet. */
enum store_result store_consent_unconfirmed(struct store *store, int64_t before_ms,
                                            struct region *region, struct consent *out, size_t limit,
                                            size_t *count);

enum optout_scope {
    OPTOUT_OWNER = 1,
    OPTOUT_BRAND = 2,
    OPTOUT_PROGRAM = 3,
    OPTOUT_SENDER = 4,
    OPTOUT_NUMBER = 5, /* a suppression: in every program, and no opt-out (consent/suppression.h) */
    OPTOUT_CATEGORY = 6
};
struct optout {
    uint64_t number;
    enum optout_scope scope;
    const char *name; /* of the owner, brand, program or sender that it ends; OWNER/CATEGORY; of a suppression, its kind */
    int64_t seq;      /* its ledger record */
    int64_t at;
    int64_t inbound;  /* the text that said so; 0: it came another way */
    const char *how;  /* for people: "texted STOP", "revoked by e-mail" */
    int64_t voids;    /* of a suppression: consents given up to then are void; 0: an opt-out */
};
void store_optout_put(struct store *store, const struct optout *optout); /* newest of its scope stays */
/* All of a number, in the region. */
enum store_result store_optouts_of(struct store *store, uint64_t number, struct region *region,
                                   struct optout **out, size_t *count);

/* A suppression with the record that made it. */
struct suppression_row {
    struct optout optout;
    const char *recorded_at, *payload; /* as the ledger has them; "" where it doesn't */
};
struct suppression_filter { /* 0 or NULL: any */
    uint64_t number;
    const char *kind;
    int64_t after; /* records below `after`, newest first */
};
enum store_result store_suppression_list(struct store *store, const struct suppression_filter *filter,
                                         struct region *region, struct suppression_row *out,
                                         size_t limit, size_t *count);
void store_suppression_drop(struct store *store, uint64_t number, const char *kind);

/* A text that may have meant STOP. */
enum review_state {
    REVIEW_OPEN = 1,
    REVIEW_OPT_OUT = 2, /* somebody read it as one, or the person said STOP after it */
    REVIEW_NONE = 3,    /* somebody read it as none, or the person opted in after it */
    REVIEW_OVERDUE = 4  /* nobody read it in time: it counts as one */
};
struct review {
    int64_t id; /* of the text (struct inbound) */
    uint64_t number;
    int64_t program; /* that it was written to; 0: no program owns that address */
    int64_t opened_at, due_at;
    int64_t seq;     /* the ledger record of its opening */
    enum review_state state;
    int64_t closed_at;
    const char *closed_by, *note;
};
void store_review_put(struct store *store, const struct review *review); /* in the place of an older */
enum store_result store_review_get(struct store *store, int64_t id, struct region *region,
                                   struct review *out);
enum store_result store_review_open_of(struct store *store, uint64_t number, struct region *region,
                                       struct review *out, size_t limit, size_t *count);
/* Those that nobody read in time. */
enum store_result store_review_overdue(struct store *store, int64_t now_ms, struct region *region,
                                       struct review *out, size_t limit, size_t *count);
struct review_filter { /* 0: any */
    uint64_t number;
    int64_t program, after; /* ids below `after`, newest first */
    enum review_state state;
    bool is_due_first; /* of those that are open, those behind `after` in the order in which they are due */
};
enum store_result store_review_list(struct store *store, const struct review_filter *filter,
                                    struct region *region, struct review *out, size_t limit,
                                    size_t *count);

/* All, beyond the one of that number, scope and name. */
enum store_result store_optout_list(struct store *store, const struct optout *after,
                                    struct region *region, struct optout *out, size_t limit,
                                    size_t *count);

/* An act that was posted: the same again changes nothing. */
enum store_result store_act_find(struct store *store, const uint8_t digest[32], int64_t *seq);
void store_act_put(struct store *store, const uint8_t digest[32], int64_t seq);

/* ---- seals: what was given to carriers, turn by turn ---- */

/* The leaves of the seal that is record `seq`. */
enum store_result store_seal_get(struct store *store, int64_t seq, struct region *region,
                                 struct octets *leaves);
/* The first seal that is record `seq` or a later one. */
struct ledger_row;
enum store_result store_seal_after(struct store *store, int64_t seq, struct region *region,
                                   struct ledger_row *out);
/* False: the file was made before there were seals (or can't be read). */
bool store_has_seals(struct store *store);

/* Messages that were given to a carrier, with ids beyond `after`: as their newest try was sealed. */
enum store_result store_given_list(struct store *store, int64_t after, struct region *region,
                                   struct message *out, size_t limit, size_t *count);
/* And those of which an older try was kept, beyond that one of that message: as it was sealed. */
enum store_result store_tries_list(struct store *store, int64_t after, int after_try,
                                   struct region *region, struct message *out, size_t limit,
                                   size_t *count);

/* ---- ledger: rows as docs/ledger.md specifies them; consent/ledger.h makes them ---- */

struct ledger_row {
    int64_t seq;
    const char *at, *kind, *program;
    const char *number, *number_salt, *number_digest; /* NULL together, or erased */
    const char *payload, *payload_salt, *payload_digest;
    const char *prev_hash, *hash;
    struct octets leaves; /* of a seal; only written here, store_seal_get reads them */
};
void store_ledger_put(struct store *store, const struct ledger_row *row);
enum store_result store_ledger_last(struct store *store, struct region *region,
                                    struct ledger_row *out);
enum store_result store_ledger_get(struct store *store, int64_t seq, struct region *region,
                                   struct ledger_row *out);

struct ledger_filter { /* 0 or NULL: any */
    int64_t after;     /* records beyond this one, in the direction that is asked */
    bool newest_first;
    const char *number, *kind, *program; /* number with its plus; seals are not found by their kind */
    const char *account, *reason;        /* of blocks: in the payload */
    const char *since, *until;           /* RFC 3339, UTC */
    size_t limit;
};
enum store_result store_ledger_list(struct store *store, const struct ledger_filter *filter,
                                    struct region *region, struct ledger_row *out, size_t *count);
/* Calls `each` for every record in order; it gives false to end. For the verifier and the export. The
 * types that SQLite really found are told, since a broken ledger may hold anything. */
/* ---- the block log, found by what blocks say; and what happened when ---- */

struct block_class { /* blocks that say the same beside the number */
    int64_t id;
    const char *program, *account, *code; /* account, code: "" where the record doesn't say it any more */
};
/* All there are, in the region: few. */
enum store_result store_block_classes(struct store *store, struct region *region, struct block_class **out, size_t *count);
/* Of a record that was put: its class, id or none. */
void store_block_put(struct store *store, const struct block_class *of, int64_t seq, int64_t at);
struct block_filter {
    const struct block_class *classes;
    size_t class_count;
    bool is_any; /* those are all that there are */
    int64_t before;       /* records below it, newest first; 0: all */
    int64_t since, until; /* wall clock, from and before; 0: any */
};
/* Records of these classes, the newest first. */
enum store_result store_block_list(struct store *store, const struct block_filter *filter, struct region *region,
                                   struct ledger_row *out, size_t limit, size_t *count);

/* Whether the log would show a record. NULL for account and code: they aren't known. */
enum store_result store_block_has(struct store *store, const char *program, const char *account, const char *code,
                                  int64_t seq, int64_t at);
int64_t store_block_count(struct store *store, const struct block_class *of, int64_t up_to); /* -1: failed */

enum activity_step { ACTIVITY_HOUR = 3600, ACTIVITY_DAY = 86400 };
#define ACTIVITY_OPT_IN  "opt_in" /* what happened: one of these, or the code of a block */
#define ACTIVITY_OPT_OUT "opt_out"
/* Once more; it is written when the turn is. program: its name, "": none. what: lives forever. */
void store_activity_add(struct store *store, int64_t at, const char *program, const char *what);
struct activity {
    int64_t at; /* when the hour or the day (UTC) began */
    const char *what;
    int64_t count;
};
/* In the order of their times. programs: their names as a JSON list; NULL: all that there ever were. */
enum store_result store_activity_list(struct store *store, enum activity_step step, int64_t since, int64_t until,
                                      const char *programs, struct region *region, struct activity *out, size_t limit,
                                      size_t *count);

struct activity_row {
    int64_t step, at; /* an enum activity_step, and when it began */
    const char *program, *what;
    int64_t count;
};
/* All that there is, behind `after`, whose program and what are "" for the first; for the verifier. */
enum store_result store_activity_rows(struct store *store, const struct activity_row *after, struct region *region,
                                      struct activity_row *out, size_t limit, size_t *count);

/* STORE_OK: its table is as it was made, so a walk can begin anywhere. STORE_NONE: it isn't. */
enum store_result store_ledger_is_keyed(struct store *store);
struct ledger_raw {
    struct octets column[12]; /* in the order of ledger_row; at == NULL: SQL NULL */
    bool is_text[12];         /* (seq: is an integer) */
    int64_t seq;
};
enum store_result store_ledger_walk(struct store *store, int64_t after,
                                    bool (*each)(void *who, const struct ledger_raw *raw), void *who);

/* ---- erasing: see consent/erasure.h ---- */

/* How far something has come, by a name; 0 until it is put. */
int64_t store_mark_get(struct store *store, const char *name);
void store_mark_put(struct store *store, const char *name, int64_t value);

/* Messages that have left or are final, with ids between both, which are not erased; oldest first. */
enum store_result store_message_old(struct store *store, int64_t after, int64_t before,
                                    struct region *region, struct message *out, size_t limit,
                                    size_t *count);
/* Number and text go, the content's digest (empty: none is needed) stays. The listing keeps the number until one of the
 * two below. */
void store_message_erase(struct store *store, int64_t id, struct octets content);
void store_listing_erase(struct store *store, uint64_t number);
void store_listing_erase_old(struct store *store, int64_t up_to); /* of erased messages, the oldest */
/* The last of up to `limit` ids between both, and how many they are. 0: there are none. */
int64_t store_inbound_old(struct store *store, int64_t after, int64_t before, size_t limit,
                          size_t *count);
void store_inbound_erase_old(struct store *store, int64_t after, int64_t up_to);
int64_t store_inbound_erase(struct store *store, uint64_t number); /* gives how many */
/* Of recipients of campaigns: number and fields go, what became of them stays. */
int64_t store_recipient_erase(struct store *store, uint64_t number); /* gives how many */
/* As of inbound texts; of campaigns that were made before. */
int64_t store_recipients_old(struct store *store, int64_t after, int64_t before, size_t limit, size_t *count);
void store_recipients_erase_old(struct store *store, int64_t after, int64_t up_to);
/* Number, payload and salts of a record; that the same act was posted is forgotten with them. */
void store_ledger_erase(struct store *store, int64_t seq);
void store_consent_erase(struct store *store, uint64_t number); /* in all programs; opt-outs stay */

/* ---- inbound ---- */

enum inbound_state {       /* of its parts; the numbers stand in the table */
    INBOUND_WHOLE = 0,     /* as the person wrote it */
    INBOUND_WAITING = 1,   /* parts are missing; not handed on yet */
    INBOUND_INCOMPLETE = 2, /* they didn't come in time: handed on without them */
    INBOUND_LATE_PART = 3  /* a part that came after the others had been handed on */
};

#define INBOUND_GAP "[...]" /* in the text, where parts are missing; GSM has it */

struct inbound {
    int64_t id, tail;
    int64_t at; /* when it came; its last part, until it is a STOP */
    const char *carrier;
    const char *source;  /* as it came */
    uint64_t number;     /* 0: it can't be made E.164 */
    const char *sender;  /* canonical, the address that was written to */
    int64_t program;     /* 0: no program owns it */
    const char *text;
    const char *verdict, *rule;
    const char *effect;  /* what was made of it, for people */
    int64_t ledger_seq;  /* of the consent change that it made; 0: none */
    int64_t heard_seq;   /* the ledger's head when it came */
    int64_t session;     /* the connection that brought it */
    uint8_t digest[32];  /* of the PDU's addresses, header and octets (F412); of one in parts: zeros */
    enum inbound_state state;
    int parts, parts_came; /* 0: it came as one */
    bool has_ports;        /* of an application (F276) */
    uint16_t destination_port, source_port;
};
void store_inbound_put(struct store *store, const struct inbound *inbound);
/* Of one that waits for its parts: all that follows from a part's coming. */
void store_inbound_change(struct store *store, const struct inbound *inbound);
enum store_result store_inbound_get(struct store *store, int64_t id, struct region *region,
                                    struct inbound *out);
/* The newest with this digest since `since_ms`. */
enum store_result store_inbound_twin(struct store *store, const uint8_t digest[32], int64_t since_ms,
                                     struct region *region, struct inbound *out);
enum store_result store_inbound_list(struct store *store, uint64_t number, int64_t program,
                                     int64_t after, struct region *region, struct inbound *out,
                                     size_t limit, size_t *count);
/* The parts of a text that came in several: inbound/gather.h. */
struct inbound_set {
    int64_t id; /* of its text (struct inbound) */
    const char *carrier;
    uint64_t number;
    const char *source; /* where there is no number; else "" */
    const char *sender;
    int kind; /* of the reference */
    int64_t reference;
    int parts;
    bool is_open;   /* its text waits for parts */
    int64_t due_at; /* open: until when; else until when its parts are known again */
};
struct inbound_part {
    int64_t inbound; /* the set */
    int part;        /* from 1 */
    int64_t at, session;
    uint8_t esm_class, data_coding;
    struct octets octets; /* user data with its header; empty once the set is not open */
    uint8_t digest[32];
};
void store_set_put(struct store *store, const struct inbound_set *set);
/* The newest with all that is in `like` but id, is_open and due_at. */
enum store_result store_set_find(struct store *store, const struct inbound_set *like,
                                 struct region *region, struct inbound_set *out);
enum store_result store_sets_due(struct store *store, bool is_open, int64_t now_ms,
                                 struct region *region, struct inbound_set *out, size_t limit,
                                 size_t *count);
/* Open ones of its number and source, the oldest first. */
enum store_result store_sets_of(struct store *store, const struct inbound_set *like,
                                struct region *region, struct inbound_set *out, size_t limit, size_t *count);
enum store_result store_sets_open(struct store *store, int64_t *count);
void store_sets_wait(struct store *store, int64_t until_ms); /* all that are open, at least so long */
void store_sets_clock_set(struct store *store, int64_t by_ms);
void store_set_drop(struct store *store, int64_t id); /* with its parts */
void store_in_part_put(struct store *store, const struct inbound_part *part);
enum store_result store_in_parts_of(struct store *store, int64_t set, struct region *region,
                                    struct inbound_part *out, size_t limit, size_t *count);
void store_in_parts_empty(struct store *store, int64_t set); /* only their octets */
/* Of those that are no text, their octets behind the header, as they came; the row's text is what people are shown. */
struct inbound_data {
    uint8_t data_coding;
    struct octets octets;
};
void store_inbound_data_put(struct store *store, int64_t inbound, const struct inbound_data *data);
enum store_result store_inbound_data(struct store *store, int64_t inbound, struct region *region,
                                     struct inbound_data *out); /* NONE: it is a text */
/* Carrier connections, so that a redelivered text is known for one: F412. */
int64_t store_link_begin(struct store *store, const char *carrier, int64_t now_ms);
void store_link_end(struct store *store, int64_t link, int64_t now_ms);
enum store_result store_link_ended(struct store *store, int64_t link, int64_t *ended_at); /* NONE: not yet */
/* At the start: connections that a crash left open ended with the last text that they brought. */
void store_links_end_all(struct store *store);

/* ---- what waits for an account's receiver ---- */

struct handover {
    int64_t id;
    const char *account;
    int64_t message; /* a receipt for this message … */
    int64_t inbound; /* … or this text */
    int state;       /* SMPP message_state of a receipt */
    const char *err;
};
void store_handover_put(struct store *store, const struct handover *handover);
enum store_result store_handover_next(struct store *store, const char *account, int64_t after,
                                      struct region *region, struct handover *out, size_t limit,
                                      size_t *count);
void store_handover_done(struct store *store, int64_t id);

/* ---- what is posted to whoever is told by HTTP ---- */

enum callback_form { /* of what is posted; the numbers stand in the tables */
    CALLBACK_STANDARD = 1, /* an event as JSON, signed: docs/webhooks.md */
    CALLBACK_KANNEL = 2,   /* a dlr-url, its escapes filled */
    CALLBACK_JASMIN = 3    /* Jasmin's dlr-url */
};

/* Who is told of a message in the place of its account's receiver; RECEIPT_CALLBACK says that there is one. */
struct callback {
    int64_t message;
    enum callback_form form;
    unsigned mask;      /* of which of its events, in the form's own bits */
    const char *method; /* GET or POST; "": the form's own */
    const char *url;    /* with what the form fills in */
    const char *extra;  /* whatever more the form needs */
};
void store_callback_put(struct store *store, const struct callback *callback);
enum store_result store_callback_get(struct store *store, int64_t message, struct region *region,
                                     struct callback *out);
void store_callback_drop(struct store *store, int64_t message);

enum webhook_state {       /* the numbers stand in the table */
    WEBHOOK_BEHIND = 1,    /* another of its line must be done first */
    WEBHOOK_READY = 2,     /* goes when it is due */
    WEBHOOK_DELIVERED = 3, /* kept for a while, for people */
    WEBHOOK_DEAD = 4       /* given up; goes again only when somebody says so */
};

struct webhook { /* one request, as it was made when the event happened */
    int64_t id, tail;
    const char *account;
    const char *origin; /* where it goes, as in base/web_address.h; "": to the account's own receiver, wherever that is then */
    int64_t line;       /* one after the other: a message's id, or a person's number with a minus */
    uint64_t number;    /* whom it is about; 0: nobody */
    const char *type;
    enum callback_form form;
    enum webhook_state state;
    int64_t at, due_at, until; /* when it happened, not before, and given up after */
    int64_t done_at;
    int tries;
    int status;             /* of the newest answer; 0: there was none */
    const char *why;        /* and why the newest try failed; "" */
    const char *method;
    const char *url;        /* "" with the origin */
    const char *headers;    /* a line each */
    const char *body;
};
/* Its state, done_at, tries, status and why are set here. */
void store_webhook_put(struct store *store, const struct webhook *webhook);
enum store_result store_webhook_get(struct store *store, int64_t id, struct region *region,
                                    struct webhook *out);
struct webhook_filter {
    const char *account;
    const char *type;         /* NULL: any */
    enum webhook_state state; /* READY stands for BEHIND as well; 0: any */
    int64_t below;            /* ids below it, newest first; 0: all */
};
enum store_result store_webhook_list(struct store *store, const struct webhook_filter *filter,
                                     struct region *region, struct webhook *out, size_t limit, size_t *count);
/* Dead ones, the oldest first. type NULL: any. */
enum store_result store_webhook_dead_list(struct store *store, const char *account, const char *type,
                                          struct region *region, struct webhook *out, size_t limit,
                                          size_t *count);
/* Those that are due at a receiver, the one that waits longest first. */
enum store_result store_webhook_ready(struct store *store, const char *account, const char *origin,
                                      int64_t now_ms, struct region *region, struct webhook *out,
                                      size_t limit, size_t *count);
/* When the first is after now. */
enum store_result store_webhook_next_due(struct store *store, const char *account, const char *origin, int64_t now_ms,
                                         int64_t *due_at);
struct webhook_receiver {
    const char *account, *origin;
};
/* The first behind that one with something to go. */
enum store_result store_webhook_receiver(struct store *store, const struct webhook_receiver *after,
                                         struct region *region, struct webhook_receiver *out);
/* It failed, and goes again then. */
void store_webhook_again(struct store *store, int64_t id, int64_t due_at, int status, const char *why);
/* DELIVERED or DEAD: what waits behind it in its line is ready. tried: 1 where this was one more try. */
void store_webhook_end(struct store *store, const struct webhook *webhook, enum webhook_state state, int tried,
                       int status, const char *why, int64_t now_ms);
/* Ready ones whose time is over. */
enum store_result store_webhook_overdue(struct store *store, const char *account, const char *origin,
                                        int64_t now_ms, struct region *region, struct webhook *out,
                                        size_t limit, size_t *count);
/* One that was done goes once more, one that waits sooner: not before due_at. */
void store_webhook_replay(struct store *store, const struct webhook *webhook, int64_t due_at, int64_t until);
void store_webhook_clock_set(struct store *store, int64_t by_ms);
/* Gives how many. */
int64_t store_webhook_forget(struct store *store, enum webhook_state state, int64_t before, size_t limit);
void store_webhook_erase(struct store *store, uint64_t number);
#define STORE_WEBHOOKS_MOST 10001
/* Counted up to that many, which is all that a turn has time for: 10,001 are more than 10,000. -1: failed. */
int64_t store_webhook_waiting(struct store *store, const char *account, int64_t *oldest_at);
int64_t store_webhook_dead(struct store *store, const char *account);

/* ---- short ids, for SMPP 3.3 whose message_id holds 8 digits: unique for 30 days ---- */

/* Gives the next one, 1 to 0xFFFFFFFF, for the message. 0: failed. */
uint32_t store_short_id(struct store *store, int64_t message, int64_t now_ms);
/* Goes past those that were given in so much time, which the database doesn't know of: it is a copy. */
void store_short_ids_skip(struct store *store, int64_t lost_ms);
/* The message that was given it last; 0: none. */
int64_t store_short_id_message(struct store *store, uint32_t short_id);
/* The short id that a message was given; 0: none. */
uint32_t store_short_id_of(struct store *store, int64_t message);

/* ---- what a sender on SMPP names a message by, where there is anything to keep ---- */

struct submit {
    int64_t message;
    int64_t multi;           /* the first message of its submit_multi, whose id all of them go by; 0: a submit of its own */
    int data_coding;         /* that it came in, and that a replacement comes in */
    const char *service_type;
    int64_t replaced_at;     /* when its text became another; 0: never */
};
void store_submit_put(struct store *store, const struct submit *submit); /* in the place of an older one */
enum store_result store_submit_get(struct store *store, int64_t message, struct region *region,
                                   struct submit *out);
/* All of a submit_multi. */
enum store_result store_submit_messages(struct store *store, int64_t multi, struct region *region,
                                        struct message *out, size_t limit, size_t *count);

/* ---- accounts beside those of the config ---- */

struct account_row {
    const char *name, *roles, *programs; /* lists parted by commas */
    int64_t created_at, revoked_at;
    int64_t throughput, quota; /* parts a second, parts a day; 0: no limit */
    const char *quota_timezone;
};
void store_account_put(struct store *store, const struct account_row *account); /* in the place of an older one */
void store_account_revoke(struct store *store, const char *name, int64_t now_ms);
enum store_result store_account_list(struct store *store, struct region *region,
                                     struct account_row *out, size_t limit, size_t *count);

struct account_key_row {
    const char *account;
    uint8_t hash[32];
    int64_t created_at, ends_at;
};
void store_account_key_put(struct store *store, const struct account_key_row *key); /* in the place of an older one */
void store_account_key_drop(struct store *store, const char *account, const uint8_t hash[32]);
/* By their accounts, each one's in the order in which they were made. */
enum store_result store_account_key_list(struct store *store, struct region *region,
                                         struct account_key_row *out, size_t limit, size_t *count);

/* Parts that an account has handed in on a day of its calendar; 0 where there is no row. */
enum store_result store_account_day(struct store *store, const char *account, int64_t day, int64_t *parts);
void store_account_day_put(struct store *store, const char *account, int64_t day, int64_t parts);
void store_account_days_forget(struct store *store, const char *account, int64_t before);

/* When a key, by its id, was used last: those of the config too. */
void store_key_use_put(struct store *store, const char *account, const char *key, int64_t at);
void store_key_use_drop(struct store *store, const char *account, const char *key);
enum store_result store_key_use(struct store *store, const char *account, const char *key, int64_t *at);

/* What an account logs in to the console with, as scrypt made it: of those of the config too. */
struct password_row {
    const char *account;
    uint8_t salt[16], hash[32];
    int log_n, r, p;
    int64_t set_at;
};
void store_password_put(struct store *store, const struct password_row *row); /* in the place of an older one */
void store_password_drop(struct store *store, const char *account);
enum store_result store_password_list(struct store *store, struct region *region, struct password_row *out, size_t limit,
                                      size_t *count);

/* ---- who looked at which person, and who changed what ---- */

struct audit_row {
    int64_t id, at;
    const char *account;
    bool is_session;     /* else by a key */
    const char *address; /* where from */
    const char *action;  /* method and path, as they are declared */
    const char *subject; /* what the path names; "": a number, or nothing */
    uint64_t number;     /* of the person; 0: none, or it is erased */
    int status;          /* of HTTP; 0: it was still worked on */
};
void store_audit_put(struct store *store, const struct audit_row *row);
/* Whether the same is on record from that id on, and not from a time that is yet to come. */
bool store_audit_has(struct store *store, const struct audit_row *row, int64_t from);
struct audit_filter {
    uint64_t number;      /* 0: of all */
    const char *account;  /* NULL: likewise */
    int64_t from, below;  /* ids; 0: none is set */
};
/* The newest first. */
enum store_result store_audit_list(struct store *store, const struct audit_filter *filter, struct region *region,
                                   struct audit_row *out, size_t limit, size_t *count);
void store_audit_erase(struct store *store, uint64_t number); /* the number, not the rows */
bool store_audit_is_old(struct store *store, int64_t below);  /* there are some */
int64_t store_audit_forget(struct store *store, int64_t below, size_t limit); /* gives how many, -1: none */

/* ---- campaigns: one text to many ---- */

enum campaign_state {
#define CAMPAIGN_STATE(name, number, word) CAMPAIGN_##name = number,
#include "proto/campaign.def"
};
const char *campaign_state_word(enum campaign_state state);
bool campaign_may_move(enum campaign_state from, enum campaign_state to);

enum campaign_form { CAMPAIGN_FORM_NONE, CAMPAIGN_CSV, CAMPAIGN_NDJSON }; /* of its recipients' file */

struct campaign {
    /* What its sender asked for, and stays. */
    int64_t serial;      /* 1, 2, …: what rows carry */
    int64_t id, tail;    /* as a message's */
    const char *account; /* whose it is */
    int64_t program;
    const char *name;
    const char *sender;  /* canonical; "": the program's choice */
    const char *text;    /* with its fields, see base/merge.h */
    int encoding;        /* enum offer_encoding */
    int64_t rate_milli;  /* thousandths of a part a second; 0: no limit of its own */
    int64_t start_at, ends_at;
    const char *hours;   /* "09:00-18:00", on the recipient's clock; "": at any time */
    int64_t start_local; /* not before it on the recipient's clock: milliseconds as if that were UTC; 0: none */
    bool is_dry_run;     /* it can only be checked */
    const char *client_ref;
    int64_t created_at;
    int step_count;      /* of a sequence: then text and recipients are none; 0: it is none */
    bool restarts;       /* a sequence begins anew with a later opt-in */
    /* And what moves: store_campaign_save writes all of it. */
    enum campaign_state state, paused_from;
    const char *why; /* it is paused, if its sender didn't; else "" */
    int64_t started_at, done_at;
    enum campaign_form form;
    const char *header; /* of CSV, as it came */
    int64_t octets;     /* of the file, that are on disk */
    int64_t rows, recipients, doubles, bad;
    int64_t place;      /* the last row that the sending, or the dry run, has looked at */
    int64_t handed_in, accepted, parts;
    int64_t checked_at; /* when the newest dry run ended; 0: there was none */
    bool is_withdrawing; /* it is cancelled, and some of it may still be in the queue */
};

/* Gives it its serial. */
void store_campaign_put(struct store *store, struct campaign *campaign);
void store_campaign_save(struct store *store, const struct campaign *campaign);
enum store_result store_campaign_get(struct store *store, int64_t serial, struct region *region,
                                     struct campaign *out);
enum store_result store_campaign_find(struct store *store, int64_t id, struct region *region,
                                      struct campaign *out);
/* Those that are neither done nor cancelled and withdrawn, behind that serial. */
enum store_result store_campaigns_active(struct store *store, int64_t after, struct region *region,
                                         struct campaign *out, size_t limit, size_t *count);
struct campaign_filter { /* 0 or NULL: any */
    const char *account;
    int64_t program, after; /* serials below `after`, newest first */
    enum campaign_state state;
};
enum store_result store_campaign_list(struct store *store, const struct campaign_filter *filter,
                                      struct region *region, struct campaign *out, size_t limit,
                                      size_t *count);

enum campaign_counted {
    COUNT_MESSAGES = 1, /* by their state's number: counted by the database itself */
    COUNT_BLOCKED = 2,  /* by the code */
    COUNT_REFUSED = 3,
    COUNT_CHECKED = 4,  /* of the newest dry run: "allowed", "held", "parts", and encodings */
    COUNT_CHECK_BLOCKED = 5,
    COUNT_CHECK_REFUSED = 6,
    COUNT_STANDS = 7,  /* of a sequence, counted by the database itself: "waiting 0" at the first step, "held 0", "finished",
                          "ended opted_out" */
    COUNT_STEPS = 8,   /* handed in, by the step's number from 0 */
    COUNT_LATER = 9    /* recipients whose hour hasn't come: "later" */
};
struct campaign_count {
    enum campaign_counted kind;
    const char *code;
    int64_t count;
};
void store_campaign_count_add(struct store *store, int64_t serial, enum campaign_counted kind,
                              const char *code, int64_t count);
void store_campaign_counts_drop(struct store *store, int64_t serial, enum campaign_counted kind);
enum store_result store_campaign_counts(struct store *store, int64_t serial, struct region *region,
                                        struct campaign_count *out, size_t limit, size_t *count);

enum recipient_status {
#define RECIPIENT_STATUS(name, number, word) RECIPIENT_##name = number,
#include "proto/campaign.def"
};
const char *recipient_status_word(enum recipient_status status);

#define CAMPAIGN_ROWS_MOST UINT32_MAX

struct recipient {
    int64_t row;     /* of its file, from 1; the header is none */
    uint64_t number; /* 0: it has none, or it was erased */
    enum recipient_status status;
    const char *fields;        /* what it gives for the fields of the text, as netstrings */
    int64_t message;           /* TAKEN: its message */
    int64_t due_at;            /* LATER: not before */
    const char *code, *detail; /* of what was refused, blocked or bad */
};
void store_recipient_put(struct store *store, int64_t serial, const struct recipient *recipient);
/* NONE: the campaign has no such number yet. */
enum store_result store_recipient_has(struct store *store, int64_t serial, uint64_t number);
void store_recipient_settle(struct store *store, int64_t serial, const struct recipient *recipient);
/* In the order of rows, behind one. */
enum store_result store_recipients_after(struct store *store, int64_t serial, int64_t row,
                                         struct region *region, struct recipient *out, size_t limit,
                                         size_t *count);
struct recipient_shown { /* with what became of its message, if it has one */
    struct recipient recipient;
    int64_t tail; /* of its message's id */
    enum message_state state; /* 0: it has none */
    const char *reason;
    int64_t due_at;
};
enum store_result store_recipients_shown(struct store *store, int64_t serial, int64_t row,
                                         struct region *region, struct recipient_shown *out, size_t limit,
                                         size_t *count);
/* LATER ones whose time has come, by it. */
enum store_result store_recipients_due(struct store *store, int64_t serial, int64_t now_ms,
                                       struct region *region, struct recipient *out, size_t limit,
                                       size_t *count);
int64_t store_recipient_next_due(struct store *store, int64_t serial); /* 0: there is none */

/* How many of its messages are queued and due by then, counted up to `limit`. -1: failed. */
int64_t store_campaign_queued(struct store *store, int64_t serial, int64_t due_by_ms, size_t limit);
/* A queued message waits as long as its campaign is paused, … */
void store_campaign_aside(struct store *store, int64_t message, int64_t now_ms);
/* … and all of those no longer. Gives how many. */
int64_t store_campaign_release(struct store *store, int64_t serial, int64_t due_at, int64_t expires_at);
/* Its messages that have not left. */
enum store_result store_campaign_open(struct store *store, int64_t serial, struct region *region,
                                      struct message *out, size_t limit, size_t *count);

/* ---- sequences: campaigns of steps, and who stands where ---- */

#define CAMPAIGN_STEPS_MOST 30
struct campaign_step {
    int64_t after_ms;  /* since the opt-in was confirmed, or since the step before */
    const char *hours; /* as the campaign's; "": those */
    const char *text;
};
void store_campaign_step_put(struct store *store, int64_t serial, int step, const struct campaign_step *it);
enum store_result store_campaign_steps(struct store *store, int64_t serial, struct region *region,
                                       struct campaign_step *out, size_t limit, size_t *count);

enum enrolment_status {
#define ENROLMENT_STATUS(name, number, word) ENROLMENT_##name = number,
#include "proto/campaign.def"
};
const char *enrolment_status_word(enum enrolment_status status);

struct enrolment { /* one a person and sequence */
    int64_t id, campaign;
    uint64_t number; /* 0: erased */
    enum enrolment_status status;
    int step;           /* the next one, from 0 */
    const char *reason; /* of an ended one: the code of what took the person out */
    int64_t seq;        /* how far the ledger was when they entered: an opt-out behind it ends it */
    int64_t entered_at;
    int64_t due_at;     /* of the step */
    int64_t message;    /* of the step before; 0: there is none */
};
void store_enrolment_put(struct store *store, const struct enrolment *enrolment);
void store_enrolment_save(struct store *store, const struct enrolment *enrolment);
enum store_result store_enrolment_get(struct store *store, int64_t serial, uint64_t number,
                                      struct region *region, struct enrolment *out);
/* WAITING ones whose step is due, by when. */
enum store_result store_enrolments_due(struct store *store, int64_t serial, int64_t now_ms, struct region *region,
                                       struct enrolment *out, size_t limit, size_t *count);
/* In the order in which they first entered, behind an id. */
enum store_result store_enrolments_after(struct store *store, int64_t serial, int64_t id, struct region *region,
                                         struct enrolment *out, size_t limit, size_t *count);
void store_enrolments_release(struct store *store, int64_t serial); /* HELD ones are looked at again */
void store_enrolment_clock_set(struct store *store, int64_t by_ms); /* spans of time stay as long */
void store_enrolment_erase(struct store *store, uint64_t number);

/* ---- programs that are paused ---- */

struct pause {
    int64_t program, at;
};
void store_pause_put(struct store *store, const struct pause *pause); /* keeps an older one */
void store_pause_drop(struct store *store, int64_t program);
enum store_result store_pause_list(struct store *store, struct pause *out, size_t limit,
                                   size_t *count);

#endif
