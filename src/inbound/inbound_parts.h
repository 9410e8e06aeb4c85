/* inbound_parts: the inside of inbound/inbound.h, shared by its files:
 *
 *   heard.c        what a PDU is: who wrote what to whom
 *   inbound_act.c  what is done about it
 *   inbound_set.c  texts in parts: what each part does, and when the whole is handed on
 *   inbound.c      when it is answered, what is sent again, and what a failed turn leaves to do
 */
#ifndef INBOUND_PARTS_H
#define INBOUND_PARTS_H

#include "base/digest.h"
#include "base/loop.h"
#include "consent/consent.h"
#include "consent/keyword.h"
#include "consent/sender.h"
#include "inbound/gather.h"
#include "inbound/inbound.h"
#include "inbound/reading.h"

/* A text from a handset, as long as its response is open or its effects are not on disk. */
struct heard {
    struct heard *next;
    char *carrier; /* its name: it may be gone before an opt-out could be written */
    struct session *session;
    int64_t link;
    uint32_t command_id, sequence_number;
    uint64_t number; /* 0: not E.164 */
    char *source, *text;
    uint8_t *data; /* the octets of what is no text; NULL: it is one */
    size_t data_length;
    uint8_t data_coding;
    char sender[SENDER_TEXT_SIZE];
    struct keyword keyword;
    bool is_for_person; /* its words are: a whole text, and not data for a port */
    bool is_answer;     /* a yes to an open question */
    uint8_t digest[DIGEST_SIZE];
    int64_t at;
    int64_t answer_by_ms; /* monotonic; of one whose response waits for other binds */
    struct piece piece;
    struct inbound_part part; /* of one that is a part: what is kept of it … */
    uint8_t *octets;          /* … and where its octets stand; else NULL */
    int64_t parts_wait_ms;
    bool is_again; /* what its text did before was an opt-out */
};

struct inbounds {
    struct inbounds_parts with;
    struct heard *turn;      /* opt-outs of this turn: should it fail they are not forgotten */
    struct heard *unwritten; /* those of failed turns */
    size_t unwritten_count;
    struct heard *waiting; /* on disk or about to be; the response waits for other binds */
    struct timer retry, other_binds, overdue;
    int64_t distance_ms; /* of the wall's clock from the monotonic one, at the last look */
    struct inbounds_counts counts;
};

/* ---- heard.c */

/* short_message or message_payload: the payload if the other is empty or shorter (F210). */
struct octets heard_octets(const struct pdu *pdu);
struct reading heard_words(struct inbounds *inbounds, const struct carrier *carrier,
                           const struct pdu *pdu, struct octets data);
struct heard *heard_new(struct inbounds *inbounds, struct carrier *carrier, struct session *session,
                        int64_t link, const struct pdu *pdu, struct octets data);
void heard_keep_data(struct heard *heard, struct octets octets); /* in the place of what it kept before */

/* ---- inbound.c */

void heard_free(struct heard *heard);
/* Who writes that isn't who consented (R113). */
bool heard_is_wrong_number(const struct heard *heard);
/* The words of all parts that came, in order, the gaps marked, and what they ask for. False: they
 * can't be read. */
bool heard_read_set(struct inbounds *inbounds, const struct inbound_set *set, struct heard *heard,
                    struct inbound *row);
/* Remembers an opt-out until its turn is on disk. */
void heard_remember(struct inbounds *inbounds, const struct heard *heard);
/* The row of the text, as if nothing were done about it. */
struct inbound inbound_row(struct inbounds *inbounds, const struct heard *heard,
                           const struct program *program);
/* A yes counts while its question is open. */
void inbound_answer_read(struct inbounds *inbounds, struct heard *heard,
                         const struct program *program);
/* Does what the keyword asks for; the row says what came of it. */
void inbound_act(struct inbounds *inbounds, struct heard *heard, const struct program *program,
                 struct inbound *row);
/* What the text ends if it is a STOP. */
struct revocation inbound_revocation(struct inbounds *inbounds, const struct heard *heard,
                                     const struct program *program, const struct inbound *row);
/* To the accounts that it is for. */
void inbound_hand_on(struct inbounds *inbounds, const struct heard *heard, const struct inbound *row,
                     const struct program *program);
/* Whether the answer to what that connection brought then may not have reached the carrier (F412).
 */
bool inbound_may_be_unanswered(struct inbounds *inbounds, int64_t link, int64_t at);

/* ---- inbound_set.c */

/* Keeps a part, and does what it makes due. */
void part_heard(struct inbounds *inbounds, struct heard *heard);
/* Hands on what has waited long enough, a slice of it. True: there is more. */
bool sets_overdue(struct inbounds *inbounds, int64_t now_ms);

#endif
