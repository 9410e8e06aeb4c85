/* change: what an act made of a number in each program, for whoever must be told: a CRM that keeps in step. An act is one
 * form, one STOP, one decision; a change is told once, in the turn of the act, and only for programs that somebody watches. */
#ifndef CONSENT_CHANGE_H
#define CONSENT_CHANGE_H

#include "consent/consent.h"

/* How a person may be written to in the program, by what is on record.
 * text: opted in, the confirmation has been taken, and no doubt holds what is marketing.
 * email: the record is of texts, and no consent to e-mail. It is true where nothing on record speaks against e-mail that
 * needs no consent before it: the person came to us by an act of their own (a form, ticked or not, a paper, a call, a
 * keyword), the number is one of the United States, whose law asks for none (15 U.S.C. 7704), and no revocation stands that
 * came another way than by text. A STOP ends texts; "leave me alone", said on the telephone, ends both. */
struct reachable {
    bool text, email;
};

struct consent_change {
    uint64_t number;
    const struct program *program;
    struct standing before, after;
    struct reachable reachable;
    bool is_news;            /* state or reachable changed: else it is only how far the confirmation or a review is */
    const char *source;      /* what did it: the source of a form, the channel of a revocation, keyword, review, … */
    const char *contact_ref; /* of the registration that counts; "" */
    int64_t seq;             /* the act's ledger record; that of the consent where it made none (a confirmation was taken) */
    int64_t ledger_at;       /* the newest record of all */
    int64_t now_ms;
};

struct consents_watch {
    bool (*is_watched)(void *owner, const struct program *program);
    void (*changed)(void *owner, const struct consent_change *change);
};
/* Each that watches is told; there are at most CONSENTS_WATCHES. */
#define CONSENTS_WATCHES 2
void consents_watch(struct consents *consents, const struct consents_watch *watch, void *owner);

#endif
