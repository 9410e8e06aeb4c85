/* The confirmation of an opt-in comes before anything else (R30, R31). Until the carrier has taken it, the
 * person's messages wait. */
#include "consent_parts.h"

/* An answer that comes later is no answer to that. */
#define QUESTION_TERM_MS INT64_C(604800000)

const char *consent_confirmation_made(struct consents *consents, const struct program *program,
                                      uint64_t number, int64_t now_ms)
{
    struct consent row;
    if (!consent_row_of(consents, program, number, &row) ||
        row.confirmation != CONFIRMATION_PENDING || row.confirmation_tries >= CONFIRMATION_TRIES ||
        now_ms - row.confirmation_since >= CONFIRMATION_TERM_MS)
        return NULL;
    row.confirmation_tries++;
    consent_row_put(consents, &row);
    enum config_language language = config_language_of(row.language);
    return row.awaits_yes ? program->question[language] : program->confirmation[language];
}

bool consent_is_asked(struct consents *consents, const struct program *program, uint64_t number,
                      int64_t now_ms)
{
    struct standing standing;
    struct consent row;
    return consent_standing(consents, program, number, now_ms, &standing) &&
           standing.state == STANDING_AWAITING_CONFIRMATION &&
           consent_row_of(consents, program, number, &row) && row.confirmation_tries > 0 &&
           now_ms - row.confirmation_since < QUESTION_TERM_MS;
}

static enum confirmation_next settle(struct consents *consents, struct consent *row,
                                     enum consent_confirmation to, enum confirmation_next next)
{
    row->confirmation = to;
    consent_row_put(consents, row);
    return next;
}

static enum confirmation_next settled(struct consents *consents, const struct program *program,
                                      uint64_t number, enum confirmation_fate fate, int64_t now_ms)
{
    struct consent row;
    if (!consent_row_of(consents, program, number, &row))
        return CONFIRMATION_WAIT;
    /* A receipt or a late answer may still show, after the term, that it was taken. */
    if (fate == CONFIRMED && row.confirmation != CONFIRMATION_NONE)
        return settle(consents, &row, CONFIRMATION_TAKEN, CONFIRMATION_RELEASE);
    if (row.confirmation != CONFIRMATION_PENDING)
        return CONFIRMATION_WAIT;
    if (fate == CONFIRMATION_REFUSED || now_ms - row.confirmation_since >= CONFIRMATION_TERM_MS)
        return settle(consents, &row, CONFIRMATION_FAILED, CONFIRMATION_GIVE_UP);
    return row.confirmation_tries < CONFIRMATION_TRIES ? CONFIRMATION_RESEND : CONFIRMATION_WAIT;
}

enum confirmation_next consent_confirmation_settled(struct consents *consents,
                                                    const struct program *program, uint64_t number,
                                                    enum confirmation_fate fate, int64_t now_ms)
{
    struct change change;
    change_begin(consents, number, program, now_ms, &change);
    enum confirmation_next next = settled(consents, program, number, fate, now_ms);
    change_end(consents, &change, "confirmation");
    return next;
}
