/* erasure: personal data goes when its time is over, or when a person asks for it; the chain of the ledger still
 * verifies, and who is out stays out. What is erased of the ledger is told by a record of its own.
 *
 * Of a message or an inbound text: number and text. Of the audit: the number, or by time all of a record. Of a campaign's recipient: number and fields. Of the ledger: number and payload of each record of a
 * number, and the consents that follow from them. Opt-outs stay: they are what keeps the person from being texted. */
#ifndef CONSENT_ERASURE_H
#define CONSENT_ERASURE_H

#include "config/config.h"
#include "consent/consent.h"

/* Records are kept for so long (R100, R103): earlier only if whoever asks says so. */
#define ERASURE_TERM_MS (INT64_C(1826) * 86400000)

enum erasure_fault {
    ERASURE_DONE,
    ERASURE_IN_FORCE,    /* the person is opted in somewhere: to be revoked first */
    ERASURE_ON_ITS_WAY,  /* a message to the person may still leave, or is with a carrier */
    ERASURE_WITHIN_TERM, /* the newest record is younger than the law's term */
    ERASURE_UNREADABLE
};

struct erased {
    enum erasure_fault fault; /* but for DONE nothing was erased */
    int64_t seq;              /* the record that tells of it; 0: the ledger had none of the number */
    int64_t records, messages, inbound;
    int64_t recipients; /* of campaigns: rows that named the number */
    bool stays_out;           /* opt-outs of the number were kept */
};

/* A person's request: everything of the number, at once. */
void erasure_request(struct consents *consents, uint64_t number, bool before_term, int64_t now_ms,
                     struct erased *out);

/* A slice of what is over by these terms: messages and inbound texts by when they came; ledger records by when the
 * last thing was recorded of a number that is opted in nowhere. True: there may be more. */
bool erasure_slice(struct consents *consents, const struct config_retention *terms, int64_t now_ms);

#endif
