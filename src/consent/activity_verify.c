/* What happened when, held against the ledger: in each hour and day as much is counted as there are records of it. A running
 * gateway goes on counting: what is newer than the last record that was met may be counted already. */
#include <search.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "consent/effect.h"
#include "verify_parts.h"

#define SLICE 500

struct cell { /* an hour or a day of a program, and one thing that happened */
    int64_t step, at; /* seconds; when it began */
    const char *program, *what;
    int64_t met, newer, erased; /* records: that say so; that came since; that may have said so */
    int64_t counted;            /* by the table */
};

struct tallies {
    struct store *store;
    struct ledger_check *check;
    struct region *region; /* the cells */
    void *cells;           /* a tree of them */
};

struct tallies *tallies_new(struct store *store, struct ledger_check *check)
{
    struct tallies *tallies = mem_new(sizeof *tallies);
    tallies->store = store;
    tallies->check = check;
    tallies->region = region_new();
    return tallies;
}

static void leave(void *cell)
{
    (void)cell; /* the region's */
}

void tallies_free(struct tallies *tallies)
{
    if (tallies == NULL)
        return;
    tdestroy(tallies->cells, leave);
    region_free(tallies->region);
    free(tallies);
}

static int cell_order(const void *one, const void *other)
{
    const struct cell *a = one, *b = other;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    int order = strcmp(a->program, b->program);
    return order != 0 ? order : strcmp(a->what, b->what);
}

static struct cell *cell_get(struct tallies *tallies, const struct activity_row *key)
{
    struct cell wanted = {.step = key->step, .at = key->at, .program = key->program, .what = key->what};
    struct cell **found = tfind(&wanted, &tallies->cells, cell_order);
    if (found != NULL)
        return *found;
    struct cell *cell = region_get(tallies->region, sizeof *cell);
    *cell = wanted;
    cell->program = region_text(tallies->region, octets_text(key->program));
    cell->what = region_text(tallies->region, octets_text(key->what));
    must(tsearch(cell, &tallies->cells, cell_order) != NULL);
    return cell;
}

/* ---- the records ---- */

/* NULL: nothing that is counted; "": one that was erased, which may have been any block. */
static const char *what_of(const struct verified *record, bool *is_erased)
{
    bool is_block = strcmp(record->kind, "block") == 0;
    bool is_form = strcmp(record->kind, "registration") == 0 || strcmp(record->kind, "opt_in") == 0;
    *is_erased = record->payload == NULL && (is_block || is_form);
    if (*is_erased)
        return is_block ? "" : ACTIVITY_OPT_IN;
    return is_block ? json_string_value(json_object_get(record->payload, "code"))
                    : effect_counts_as(record->kind, record->payload);
}

static void tally(struct tallies *tallies, const struct verified *record, bool is_newer)
{
    static const enum activity_step steps[] = {ACTIVITY_HOUR, ACTIVITY_DAY};
    int64_t at;
    bool is_erased;
    const char *what = what_of(record, &is_erased);
    if (what == NULL || !time_read(octets_text(record->at), &at))
        return;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int64_t step_ms = (int64_t)steps[i] * 1000;
        struct cell *cell = cell_get(tallies, &(struct activity_row){.step = steps[i],
                                                                     .at = at / step_ms * step_ms,
                                                                     .program = record->program == NULL ? "" : record->program,
                                                                     .what = what});
        ++*(is_newer ? &cell->newer : is_erased ? &cell->erased : &cell->met);
    }
}

void tallies_meet(struct tallies *tallies, const struct verified *record)
{
    tally(tallies, record, false);
}

/* Those that came after the last that was met. False: they can't be read. */
static bool tail_meet(struct tallies *tallies, struct region *region)
{
    size_t count = SLICE;
    struct ledger_row *rows = mem_new(SLICE * sizeof *rows);
    struct ledger_filter filter = {.after = tallies->check->records, .limit = SLICE};
    bool is_read = true;
    while (is_read && count == SLICE) {
        region_clear(region);
        is_read = store_ledger_list(tallies->store, &filter, region, rows, &count) != STORE_FAILED;
        for (size_t i = 0; i < count; i++) {
            json_t *payload = rows[i].payload == NULL ? NULL : json_loads(rows[i].payload, 0, NULL);
            tally(tallies, &(struct verified){.at = rows[i].at, .kind = rows[i].kind, .program = rows[i].program, .payload = payload},
                  true);
            json_decref(payload);
            filter.after = rows[i].seq;
        }
    }
    free(rows);
    return is_read;
}

/* ---- the table ---- */

/* False: it can't be read. */
static bool table_read(struct tallies *tallies, struct region *region)
{
    size_t count = SLICE;
    struct activity_row *rows = mem_new(SLICE * sizeof *rows), last = {.program = "", .what = ""};
    struct region *regions[2] = {region, region_new()}; /* the last row's words outlive its slice */
    bool is_read = true;
    for (size_t n = 0; is_read && count == SLICE; n ^= 1) {
        region_clear(regions[n]);
        is_read = store_activity_rows(tallies->store, &last, regions[n], rows, SLICE, &count) != STORE_FAILED;
        for (size_t i = 0; i < count; i++)
            cell_get(tallies, &rows[i])->counted = rows[i].count;
        last = count > 0 ? rows[count - 1] : last;
    }
    region_free(regions[1]);
    free(rows);
    return is_read;
}

static bool is_block(const struct cell *cell)
{
    return strcmp(cell->what, ACTIVITY_OPT_IN) != 0 && strcmp(cell->what, ACTIVITY_OPT_OUT) != 0;
}

static bool cell_check(struct tallies *tallies, const struct cell *cell)
{
    char at[TIME_TEXT_SIZE];
    int64_t most = cell->met + cell->newer + cell->erased;
    struct cell any = *cell, **erased;
    any.what = "";
    if (is_block(cell) && (erased = tfind(&any, &tallies->cells, cell_order)) != NULL)
        most += (*erased)->erased;
    if (cell->what[0] == '\0' || (cell->counted >= cell->met && cell->counted <= most))
        return true;
    time_write(cell->at, at);
    return verify_fault(tallies->check, tallies->check->records, "the table of what happened has %lld %s in the %s from %s, and the ledger %lld",
                        (long long)cell->counted, cell->what, cell->step == ACTIVITY_DAY ? "day" : "hour", at, (long long)cell->met);
}

static void visit(const void *node, VISIT order, void *tallies)
{
    struct tallies *it = tallies;
    if ((order == postorder || order == leaf) && it->check->is_whole)
        cell_check(it, *(struct cell *const *)node);
}

bool tallies_finish(struct tallies *tallies)
{
    struct region *region = region_new();
    bool is_read = table_read(tallies, region) && tail_meet(tallies, region);
    region_free(region);
    if (!is_read)
        return verify_fault(tallies->check, tallies->check->records, "what happened when can't be read: %s", store_fault(tallies->store));
    twalk_r(tallies->cells, visit, tallies);
    return tallies->check->is_whole;
}
