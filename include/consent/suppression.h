/* suppression: numbers that changed hands, and one's own list (R110-R113). It is about a number, so it counts in
 * every program, those of tomorrow too.
 *
 * The one idea: a suppression makes void each consent that was given up to its date. So the order of the
 * records doesn't matter: a form that is older than a deactivation is void though it comes later, and one that
 * is newer counts though the deactivation comes later. It never lifts an opt-out, and none lifts it: START
 * restores the consent of somebody who may be gone. One's own list has no date that is newer. */
#ifndef CONSENT_SUPPRESSION_H
#define CONSENT_SUPPRESSION_H

#include "base/clock.h"
#include "consent/consent.h"

enum suppression_kind {
#define SUPPRESSION(name, number, word, reach, opts_out, dated, undated) SUPPRESSION_##name = number,
#include "proto/suppression.def"
    SUPPRESSION_KINDS
};

const char *suppression_word(enum suppression_kind kind);

/* How its record says up to when (Unix milliseconds) consents are void; INT64_MAX: "everything". */
void suppression_voids_write(int64_t voids, char out[TIME_TEXT_SIZE]);
enum suppression_kind suppression_find(const char *word); /* 0: there is none */
bool suppression_opts_out(enum suppression_kind kind);

struct suppression { /* texts: "" for left out */
    uint64_t number;
    enum suppression_kind kind;
    const char *date;       /* when it happened: a day, which counts until it is over everywhere, or a time; "": now */
    const char *answer;     /* of the Reassigned Numbers Database: yes (and ""), no, no_data */
    const char *queried_at; /* when that was asked: its safe harbour needs it */
    const char *note, *account, *carrier, *rule;
    bool only_known; /* of a number without any consent on record nothing is kept */
    /* Whom the opt-outs among them leave; may be none where the opt-out is recorded elsewhere. */
    const struct program *const *programs;
    size_t program_count;
};

enum suppression_outcome {
    SUPPRESSION_MADE,
    SUPPRESSION_OPTED_OUT, /* it is an opt-out and nothing else */
    SUPPRESSION_CHECKED,   /* the database said no, or that it has no data: recorded, for the proof */
    SUPPRESSION_ON_RECORD, /* nothing is new in it: nothing was recorded */
    SUPPRESSION_NOT_KNOWN  /* nor was it of a stranger, where only_known */
};
const char *suppression_outcome_word(enum suppression_outcome outcome);

struct suppressed {
    enum verdict fault; /* ALLOWED, or why it was not taken: nothing was recorded then */
    char detail[200];
    enum suppression_outcome outcome;
    int64_t seq; /* its ledger record; the older one's of ON_RECORD, 0 where that isn't known */
};
void consent_suppress(struct consents *consents, const struct suppression *suppression, int64_t now_ms,
                      struct suppressed *out);

/* Takes a number off one's own list; the only suppression that staff may lift. NONE: it isn't on it. */
enum store_result consent_unlist(struct consents *consents, uint64_t number, const char *account,
                                 const char *note, int64_t now_ms, int64_t *seq);
/* After that: an opt-in of the program that was never confirmed is to be confirmed now. */
bool consent_is_to_confirm(struct consents *consents, const struct program *program, uint64_t number,
                           int64_t now_ms);

uint64_t suppressions_made(const struct consents *consents, enum suppression_kind kind);

#endif
