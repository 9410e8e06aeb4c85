/* accept: what a door offers becomes a message, or is refused with a reason. The gate is asked, so that a
 * sender hears a no at once; whether it still may leave is asked again at dispatch. */
#ifndef OUTBOUND_ACCEPT_H
#define OUTBOUND_ACCEPT_H

#include "consent/account.h"
#include "consent/consent.h"
#include "outbound/tlv_map.h"
#include "smpp/cargo.h"
#include "smpp/parts.h"
#include "smpp/writing.h"

struct accept;
struct dispatch;
struct ledger;
struct pool;

struct accept *accept_open(struct loop *loop, struct store *store, struct ledger *ledger,
                           struct consents *consents, const struct programs *programs,
                           struct dispatch *dispatch, const char *default_country);
void accept_close(struct accept *accept); /* NULL is allowed */
struct pool *accept_pool(const struct accept *accept); /* for inbound: people write to an address */
void accept_set_country(struct accept *accept, const char *default_country); /* borrowed */

enum offer_encoding { OFFER_AUTO, OFFER_GSM7, OFFER_UCS2, OFFER_BINARY };

struct offer { /* texts are borrowed; "" is left out */
    const struct account *account;
    const char *program; /* or its sender, or both */
    const char *from;
    struct octets to;    /* as people type it */
    uint64_t number;     /* or, where the door has read it already */
    struct octets text;  /* UTF-8; beside octets of the cargo's what they say, for people, where that is known */
    enum offer_encoding encoding; /* of a cargo with octets: what they are, and so how many go into a part; not AUTO */
    struct cargo cargo;  /* its TLVs are those of `tlvs`, once they are read */
    struct tlv_offer tlvs;
    bool has_class;      /* then the phone is told what to do with it: 0 shows it at once and keeps nothing */
    uint8_t message_class;
    struct part_mark part; /* of a text that its sender cut; total 0: it is whole */
    int64_t send_at, expires_at; /* 0: now, and 24 hours after */
    bool has_local;              /* then in the place of send_at: */
    int64_t send_at_local_s;     /* by the recipient's clock, as time_read_local gives it */
    const char *client_ref;
    unsigned wants_receipt;        /* enum receipt_wish */
    const struct callback *callback; /* who is told of it in the place of the account's receiver; NULL: nobody. Its
                                        message is set here */
    int64_t tail;                  /* of its id, where it must be another message's; 0: any */
    const struct message *replaced; /* its text and times become these; NULL: it is a message of its own */
    int64_t campaign; /* its serial; 0: it is of none */
    bool is_rated;   /* the account's rate has let in the request that this is a part of */
    bool is_dry_run; /* judged all the same; nothing is written */
};

struct acceptance {
    enum verdict verdict;
    char detail[300];   /* what was wrong, and where; or whose clock gave it its time */
    int64_t wait_ms;    /* over a rate or a quota: before then it is refused again; 0 otherwise */
    int64_t ledger_seq; /* of the block; 0: none */
    int64_t id, tail;
    enum message_state state;
    const char *reason; /* of `held`, `failed`, and what waits for its hours; "" */
    int64_t due_at;     /* not before */
    const struct program *program;
    uint64_t number;    /* 0: it was not readable */
    struct writing writing; /* how it will be written, by the carrier that it would take */
    int parts;              /* 0: it was not measured */
    const char *carrier;    /* of a dry run: that it would take now; "": none is up */
};

/* One that replaces another is judged like a new one; it keeps id and number, and a refusal leaves the other as it was. */
void accept_message(struct accept *accept, const struct offer *offer, int64_t now_ms,
                    struct acceptance *out);

/* How near the account is to its rate, as SMPP says it: 0 to 100; -1: it has none (5.0 4.8.4.18). */
int accept_congestion(struct accept *accept, const struct account *account);

/* What it has handed in of its quota today; -1: that can't be read. */
int64_t accept_used_today(struct accept *accept, const struct account *account, int64_t now_ms);

void accept_put(struct accept *accept); /* before the commit: what the turn used of quotas */
void accept_rolled_back(struct accept *accept);

struct reply { /* what the gateway says itself */
    const struct program *program;
    const char *sender; /* the address that was written to; NULL: one is chosen */
    uint64_t number;
    enum message_purpose purpose;
    const char *text;
    int64_t answers;     /* the inbound text; 0 for the confirmation of a form */
    int64_t consent_seq; /* the registration that a confirmation answers */
    int64_t wait_ms, term_ms; /* not before, and not after, counted from now; wait_ms below 0: in the queue it goes
                               * before what is due since less than that */
};

/* Gives the id of the message; `tail` may be NULL. */
int64_t accept_reply(struct accept *accept, const struct reply *reply, int64_t now_ms,
                     int64_t *tail);

#endif
