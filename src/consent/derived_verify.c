/* The tables of consents and opt-outs held against the ledger that they are derived from. First each record: the
 * tables must know of it or of something newer. Then each row: it must name a record that says so. Both together
 * leave nothing but what the ledger says. A record of an older version doesn't tell its effect; of those only the
 * person, the program and the kind are compared. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "consent/effect.h"
#include "consent/number.h"
#include "consent/suppression.h"
#include "verify_parts.h"

#define SLICE 500
#define REMOVALS_MOST 100
#define AHEAD_MOST_MS (10 * 60 * 1000) /* twice what a form may be ahead of our clock */

struct derived {
    struct store *store;
    struct ledger_check *check;
    struct region *region;
    struct tallies *tallies;
    int64_t blocks; /* records of them */
};

struct derived *derived_new(struct store *store, struct ledger_check *check)
{
    struct derived *derived = mem_new(sizeof *derived);
    derived->store = store;
    derived->check = check;
    derived->region = region_new();
    derived->tallies = tallies_new(store, check);
    return derived;
}

void derived_free(struct derived *derived)
{
    if (derived == NULL)
        return;
    region_free(derived->region);
    tallies_free(derived->tallies);
    free(derived);
}

static bool unreadable(struct derived *derived)
{
    return verify_fault(derived->check, derived->check->records, "what follows from it can't be read: %s",
                        store_fault(derived->store));
}

/* ---- each record must have had its effect ---- */

/* A running gateway may have erased the person between two reads: then the record is without a number by now. */
static bool was_erased(struct derived *derived, int64_t seq)
{
    struct ledger_row row;
    return store_ledger_get(derived->store, seq, derived->region, &row) == STORE_OK && row.number == NULL;
}

static bool meet_opt_in(struct derived *derived, const struct verified *record, uint64_t number)
{
    struct consent row = {0};
    bool is_act = effect_has(record->payload, EFFECT_OPTS_IN) ||
                  effect_has(record->payload, EFFECT_NOTED);
    bool is_lift = effect_has(record->payload, EFFECT_LIFTS);
    if (!is_act && !is_lift)
        return true;
    int64_t program = store_program_id(derived->store, record->program);
    if (program != 0 &&
        store_consent_get(derived->store, number, program, derived->region, &row) == STORE_FAILED)
        return unreadable(derived);
    if ((row.seq >= record->seq || !is_act) && (row.lifted_seq >= record->seq || !is_lift))
        return true;
    return was_erased(derived, record->seq) ||
           verify_fault(derived->check, record->seq, "the table of consents doesn't know of it");
}

static bool is_covered(const struct optout *list, size_t count, const json_t *scope, int64_t seq)
{
    for (size_t i = 0; i < count; i++)
        if (effect_is_scope(scope, list[i].scope, list[i].name) && list[i].seq >= seq)
            return true;
    return false;
}

static bool meet_opt_out(struct derived *derived, const struct verified *record, uint64_t number)
{
    size_t count = 0, i;
    struct optout *list;
    const json_t *scope;
    if (store_optouts_of(derived->store, number, derived->region, &list, &count) == STORE_FAILED)
        return unreadable(derived);
    json_array_foreach(json_object_get(record->payload, EFFECT_COVERS), i, scope)
    {
        if (!is_covered(list, count, scope, record->seq))
            return verify_fault(derived->check, record->seq,
                                "the table of opt-outs doesn't know of it: the person may be texted");
    }
    return true;
}

static bool is_suppression_of(const json_t *payload, const char *kind, const char *state)
{
    const char *said = json_string_value(json_object_get(payload, "kind"));
    const char *is = json_string_value(json_object_get(payload, "state"));
    return said != NULL && is != NULL && strcmp(said, kind) == 0 && strcmp(is, state) == 0;
}

/* Somebody took it off the list later. */
static bool was_removed(struct derived *derived, const struct verified *record, const char *kind)
{
    size_t count = 0;
    bool is_removed = false;
    struct ledger_row rows[REMOVALS_MOST];
    struct ledger_filter filter = {.after = record->seq,
                                   .number = record->number,
                                   .kind = "suppression",
                                   .limit = REMOVALS_MOST};
    if (store_ledger_list(derived->store, &filter, derived->region, rows, &count) !=
        STORE_OK)
        return false;
    for (size_t i = 0; !is_removed && i < count; i++) {
        json_t *payload = rows[i].payload == NULL ? NULL : json_loads(rows[i].payload, 0, NULL);
        is_removed = is_suppression_of(payload, kind, "removed");
        json_decref(payload);
    }
    return is_removed;
}

static bool meet_suppression(struct derived *derived, const struct verified *record, uint64_t number)
{
    size_t count = 0;
    struct optout *list;
    const char *kind = json_string_value(json_object_get(record->payload, "kind"));
    if (kind == NULL || !is_suppression_of(record->payload, kind, "suppressed"))
        return true;
    if (store_optouts_of(derived->store, number, derived->region, &list, &count) == STORE_FAILED)
        return unreadable(derived);
    for (size_t i = 0; i < count; i++)
        if (list[i].scope == OPTOUT_NUMBER && strcmp(list[i].name, kind) == 0 &&
            list[i].seq >= record->seq)
            return true;
    return was_removed(derived, record, kind) || was_erased(derived, record->seq) ||
           verify_fault(derived->check, record->seq,
                        "the table of opt-outs doesn't know of it: the person may be texted");
}

bool derived_meet(struct derived *derived, const struct verified *record)
{
    uint64_t number;
    tallies_meet(derived->tallies, record);
    if (strcmp(record->kind, "block") == 0) {
        derived->blocks++;
        return blocks_meet(derived->store, derived->check, record);
    }
    if (record->number == NULL ||
        number_read(octets_text(record->number), "", &number) != NUMBER_OK)
        return true;
    region_clear(derived->region);
    if (strcmp(record->kind, "registration") == 0 || strcmp(record->kind, "opt_in") == 0)
        return meet_opt_in(derived, record, number);
    if (strcmp(record->kind, "opt_out") == 0)
        return meet_opt_out(derived, record, number);
    if (strcmp(record->kind, "suppression") == 0)
        return meet_suppression(derived, record, number);
    return true;
}

/* ---- each row must have its record ---- */

/* The record that a row names, if it is of that number; its payload is the caller's. */
static bool record_of(struct derived *derived, int64_t seq, uint64_t number, struct ledger_row *out,
                      json_t **payload)
{
    char text[NUMBER_TEXT_SIZE];
    number_write(number, text);
    *payload = NULL;
    if (store_ledger_get(derived->store, seq, derived->region, out) != STORE_OK ||
        out->number == NULL || strcmp(out->number, text) != 0 || out->payload == NULL)
        return false;
    *payload = json_loads(out->payload, 0, NULL);
    return true;
}

static bool collected_fits(const json_t *payload, const struct consent *row)
{
    int64_t collected_at = 0;
    const char *text = json_string_value(json_object_get(payload, "collected_at"));
    if (text != NULL && !time_read(octets_text(text), &collected_at))
        return false;
    /* Where a number had been suppressed, a form whose clock ran ahead counts as that much older. */
    return row->collected_at <= collected_at && collected_at - row->collected_at <= AHEAD_MOST_MS;
}

static bool act_fits(const struct consent *row, const struct ledger_row *record, const char *program,
                     const json_t *payload)
{
    const char *source = json_string_value(json_object_get(payload, "source"));
    bool is_form = strcmp(record->kind, "registration") == 0;
    bool is_keyword = !is_form && source != NULL && strcmp(source, "keyword") == 0;
    bool opts_in = is_keyword || (is_form && json_is_true(json_object_get(payload, "opted_in")));
    if (strcmp(record->program, program) != 0 || (!is_form && strcmp(record->kind, "opt_in") != 0))
        return false;
    if (row->has_opted_in && !opts_in)
        return false;
    if (!effect_is_told(payload))
        return true;
    /* A YES is a later record, which lifts. */
    bool is_asked = effect_has(payload, EFFECT_ASKS);
    if (row->awaits_yes ? !is_asked : is_asked && row->lifted_seq <= row->seq)
        return false;
    return effect_has(payload, row->has_opted_in ? EFFECT_OPTS_IN : EFFECT_NOTED) &&
           ((!is_form && !is_keyword) || collected_fits(payload, row));
}

static bool lift_fits(const struct ledger_row *record, const char *program, const json_t *payload)
{
    bool is_act = strcmp(record->kind, "registration") == 0 || strcmp(record->kind, "opt_in") == 0;
    return is_act && strcmp(record->program, program) == 0 &&
           (!effect_is_told(payload) || effect_has(payload, EFFECT_LIFTS));
}

/* Or it has changed the row: what it says now is met the next time. */
static bool is_still(struct derived *derived, const struct consent *row)
{
    struct consent now;
    return !number_is_sound(row->number) ||
           (store_consent_get(derived->store, row->number, row->program, derived->region, &now) ==
                STORE_OK &&
            now.seq == row->seq && now.lifted_seq == row->lifted_seq);
}

static bool consent_fault(struct derived *derived, const struct consent *row, int64_t seq, const char *why)
{
    return !is_still(derived, row) ||
           verify_fault(derived->check, seq, "the table of consents says %s", why);
}

static bool check_consent(struct derived *derived, const struct consent *row)
{
    json_t *payload;
    struct ledger_row record;
    const char *program = store_program_name(derived->store, row->program, derived->region);
    bool is_good = program != NULL && number_is_sound(row->number) && record_of(derived, row->seq, row->number, &record, &payload);
    if (is_good) {
        is_good = act_fits(row, &record, program, payload);
        json_decref(payload);
    }
    if (!is_good)
        return consent_fault(derived, row, row->seq, "of it what it doesn't say");
    if (row->lifted_seq == 0)
        return true;
    is_good = record_of(derived, row->lifted_seq, row->number, &record, &payload);
    if (is_good) {
        is_good = lift_fits(&record, program, payload);
        json_decref(payload);
    }
    return is_good || consent_fault(derived, row, row->lifted_seq, "that it lifts opt-outs");
}

static bool covers_fit(const json_t *payload, const struct optout *row)
{
    size_t i;
    const json_t *scope, *covers = json_object_get(payload, EFFECT_COVERS);
    json_array_foreach(covers, i, scope)
    {
        if (effect_is_scope(scope, row->scope, row->name))
            return true;
    }
    return covers == NULL;
}

/* Records of before 28 November 2026 don't say up to when. */
static bool voids_fit(const json_t *payload, const struct optout *row)
{
    char voids[TIME_TEXT_SIZE];
    const char *said = json_string_value(json_object_get(payload, "voids"));
    suppression_voids_write(row->voids, voids);
    return said == NULL || strcmp(said, voids) == 0;
}

/* One whose record was erased stays: who is out stays out. */
static bool check_optout(struct derived *derived, const struct optout *row)
{
    json_t *payload = NULL;
    struct ledger_row record;
    char at[TIME_TEXT_SIZE];
    time_write(row->at, at);
    bool is_suppression = row->scope == OPTOUT_NUMBER;
    bool is_good = store_ledger_get(derived->store, row->seq, derived->region, &record) == STORE_OK &&
                   strcmp(record.kind, is_suppression ? "suppression" : "opt_out") == 0 &&
                   (is_suppression ? row->voids != 0 : row->voids == 0 && strcmp(record.at, at) == 0);
    if (is_good && (record.number != NULL || record.payload != NULL)) {
        is_good = number_is_sound(row->number) &&
                  record_of(derived, row->seq, row->number, &record, &payload) &&
                  (is_suppression ? is_suppression_of(payload, row->name, "suppressed") && voids_fit(payload, row)
                                  : covers_fit(payload, row));
        json_decref(payload);
    }
    return is_good || verify_fault(derived->check, row->seq,
                                   "the table of opt-outs says of it what it doesn't say");
}

static bool check_consents(struct derived *derived)
{
    size_t count = SLICE;
    struct consent *rows = mem_new(SLICE * sizeof *rows), last = {0};
    bool is_good = true;
    while (is_good && count == SLICE) {
        region_clear(derived->region);
        if (store_consent_list(derived->store, store_consent_place(last.number, last.program),
                               derived->region, rows, SLICE,
                               &count) == STORE_FAILED)
            is_good = unreadable(derived);
        for (size_t i = 0; is_good && i < count; i++)
            is_good = check_consent(derived, &rows[i]);
        last = count > 0 ? rows[count - 1] : last;
    }
    free(rows);
    return is_good;
}

static bool check_optouts(struct derived *derived)
{
    size_t count = SLICE;
    struct optout *rows = mem_new(SLICE * sizeof *rows), last = {.name = ""};
    struct region *regions[2] = {region_new(), region_new()}; /* the last row's name outlives its slice */
    bool is_good = true;
    for (size_t n = 0; is_good && count == SLICE; n ^= 1) {
        region_clear(regions[n]);
        region_clear(derived->region);
        if (store_optout_list(derived->store, &last, regions[n], rows, SLICE, &count) == STORE_FAILED)
            is_good = unreadable(derived);
        for (size_t i = 0; is_good && i < count; i++)
            is_good = check_optout(derived, &rows[i]);
        last = count > 0 ? rows[count - 1] : last;
    }
    region_free(regions[0]);
    region_free(regions[1]);
    free(rows);
    return is_good;
}

bool derived_finish(struct derived *derived)
{
    return check_consents(derived) && check_optouts(derived) &&
           blocks_finish(derived->store, derived->check, derived->blocks) && tallies_finish(derived->tallies);
}
