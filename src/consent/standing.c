/* Where a number stands in a program, from its newest opt-in and the opt-outs that cover the program.
 * Among the gateway's own acts the ledger's order decides, never the clock. */
#include <stdio.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/region.h"
#include "consent_parts.h"

static const char *const words[] = {"unknown",   "not_eligible", "awaiting_confirmation", "opted_in",
                                    "opted_out", "expired",      "suppressed"};

const char *standing_word(enum standing_state state)
{
    return words[state];
}

bool standing_word_is_known(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

enum verdict standing_verdict(enum standing_state state)
{
    switch (state) {
    case STANDING_OPTED_IN:
        return VERDICT_ALLOWED;
    case STANDING_OPTED_OUT:
        return VERDICT_OPTED_OUT;
    case STANDING_EXPIRED:
        return VERDICT_CONSENT_EXPIRED;
    case STANDING_SUPPRESSED:
        return VERDICT_SUPPRESSED;
    case STANDING_AWAITING_CONFIRMATION:
        return VERDICT_AWAITING_CONFIRMATION;
    case STANDING_UNKNOWN:
    case STANDING_NOT_ELIGIBLE:
        break;
    }
    return VERDICT_NO_CONSENT;
}

bool standing_is_answered(enum standing_state state, const struct own_keyword *keyword)
{
    switch (state) {
    case STANDING_OPTED_IN:
        return true;
    case STANDING_UNKNOWN:
    case STANDING_NOT_ELIGIBLE:
    case STANDING_AWAITING_CONFIRMATION:
    case STANDING_EXPIRED:
        return keyword->answers_strangers;
    case STANDING_OPTED_OUT:
    case STANDING_SUPPRESSED:
        break;
    }
    return false; /* R70: after an opt-out nothing is sent until the person opts in anew */
}

/* The newest opt-out that covers the program, and the suppression that reaches furthest. */
static bool find_against(struct consents *consents, const struct program *program, uint64_t number,
                         struct optout *out, struct optout *suppression)
{
    size_t count = 0;
    struct optout *found;
    int64_t at = 0;
    *out = *suppression = (struct optout){.number = number, .how = ""};
    if (store_optouts_of(consents->store, number, loop_region(consents->loop), &found, &count) ==
        STORE_FAILED)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (found[i].voids > suppression->voids)
            *suppression = found[i];
        if (found[i].voids != 0 ||
            !program_is_in_scope(program, found[i].scope, found[i].name))
            continue;
        at = found[i].at > at ? found[i].at : at; /* a clock may have jumped in between */
        if (found[i].seq > out->seq)
            *out = found[i];
    }
    out->at = at;
    return true;
}

bool consent_optout_of(struct consents *consents, const struct program *program, uint64_t number,
                       struct optout *out)
{
    struct optout suppression;
    return find_against(consents, program, number, out, &suppression);
}

bool consent_is_void(const struct optout *suppression, const struct consent *row)
{
    bool is_newer = row->has_opted_in && row->collected_at > suppression->voids;
    return suppression->voids != 0 && !is_newer;
}

bool consent_row_of(struct consents *consents, const struct program *program, uint64_t number,
                    struct consent *out)
{
    enum store_result result = store_consent_get(consents->store, number, program->id,
                                                 loop_region(consents->loop), out);
    if (result == STORE_NONE)
        *out = (struct consent){.number = number,
                                .program = program->id,
                                .why = "",
                                .timezone = "",
                                .postal_code = "",
                                .language = ""};
    return result != STORE_FAILED;
}

void consent_row_put(struct consents *consents, const struct consent *row)
{
    consents->writes++;
    store_consent_put(consents->store, row);
}

void consent_optout_put(struct consents *consents, const struct optout *optout)
{
    consents->writes++;
    store_optout_put(consents->store, optout);
}

bool consent_read(struct consents *consents, const struct program *program, uint64_t number,
                  struct consent *row, struct optout *optout, struct optout *suppression)
{
    uint64_t turn = loop_turn(consents->loop);
    struct remembered *it =
        &consents->memory[(number ^ number >> 8 ^ (uint64_t)program->id) % MEMORY_SIZE];
    if (it->turn != turn || it->writes != consents->writes || it->number != number ||
        it->program != program->id) {
        it->turn = 0; /* no turn: nothing is remembered of a read that fails half-way */
        if (!consent_row_of(consents, program, number, &it->row) ||
            !find_against(consents, program, number, &it->optout, &it->suppression))
            return false;
        it->turn = turn;
        it->writes = consents->writes;
        it->number = number;
        it->program = program->id;
    }
    *row = it->row;
    *optout = it->optout;
    *suppression = it->suppression;
    return true;
}

/* By an opt-out that is not on disk yet, and is newer than record `seq`. */
static bool is_barred(const struct consents *consents, const struct program *program,
                      uint64_t number, int64_t seq)
{
    for (const struct bar *bar = consents->bars; bar != NULL && !consents->sees_no_bars; bar = bar->next)
        if (bar->number == number && bar->seq > seq &&
            program_is_in_scope(program, bar->scope, bar->name))
            return true;
    return false;
}

/* "3 Nov 2026" */
static void date_write(int64_t at, char out[16])
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[TIME_TEXT_SIZE];
    time_write(at, text);
    int month = (text[5] - '0') * 10 + (text[6] - '0');
    int day = (text[8] - '0') * 10 + (text[9] - '0');
    snprintf(out, 16, "%d %s %.4s", day % 100, months[(month + 11) % 12], text);
}

const char *standing_why(const struct standing *standing, char out[STANDING_WHY_SIZE])
{
    char date[16] = "";
    if (standing->when != 0)
        date_write(standing->when, date);
    snprintf(out, STANDING_WHY_SIZE, "%.160s%s%s", standing->how, date[0] == '\0' ? "" : " on ", date);
    return out;
}

static void standing_set(struct standing *out, enum standing_state state, int64_t since, int64_t seq,
                         const char *how, int64_t when)
{
    out->state = state;
    out->since = since;
    out->seq = seq;
    out->how = how;
    out->when = when;
}

bool consent_standing(struct consents *consents, const struct program *program, uint64_t number,
                      int64_t now_ms, struct standing *out)
{
    struct consent row;
    struct optout optout, suppression;
    *out = (struct standing){
        .how = "no opt-in was ever recorded", .timezone = "", .postal_code = ""};
    if (!consent_read(consents, program, number, &row, &optout, &suppression))
        return false;
    if (optout.seq > row.lifted_seq) {
        standing_set(out, STANDING_OPTED_OUT, optout.at, optout.seq, optout.how, optout.at);
        return true;
    }
    if (is_barred(consents, program, number, row.lifted_seq)) {
        standing_set(out, STANDING_OPTED_OUT, now_ms, 0, "opted out (not yet on disk)", now_ms);
        return true;
    }
    if (consent_is_void(&suppression, &row)) {
        standing_set(out, STANDING_SUPPRESSED, suppression.at, suppression.seq, suppression.how,
                     suppression.at);
        return true;
    }
    if (row.seq == 0)
        return true;
    int64_t acted_at = row.collected_at != 0 ? row.collected_at : row.since;
    if (!row.has_opted_in) {
        standing_set(out, STANDING_NOT_ELIGIBLE, row.since, row.seq, row.why, acted_at);
        return true;
    }
    int64_t term_ms = program->config->consent_expires_ms;
    if (term_ms > 0 && now_ms - row.collected_at >= term_ms) {
        standing_set(out, STANDING_EXPIRED, row.collected_at + term_ms, row.seq,
                     "the opt-in is older than the program allows: it was given", acted_at);
        return true;
    }
    standing_set(out, STANDING_OPTED_IN, row.since, row.seq, row.why, acted_at);
    if (row.awaits_yes)
        standing_set(out, STANDING_AWAITING_CONFIRMATION, row.since, row.seq,
                     "opted in, and has not answered YES yet", 0);
    out->confirmation = row.confirmation;
    out->review = row.review;
    out->collected_at = row.collected_at;
    out->timezone = row.timezone;
    out->postal_code = row.postal_code;
    return true;
}

bool consent_went_out_since(struct consents *consents, const struct program *program,
                            uint64_t number, int64_t seq)
{
    struct optout optout;
    return !consent_optout_of(consents, program, number, &optout) || optout.seq > seq ||
           is_barred(consents, program, number, seq);
}
