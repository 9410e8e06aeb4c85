/* What happened when: counted in memory while the turn lasts, and written with it, a row an hour and a row a day. */
#include "store_parts.h"

#include <stdlib.h>

#include "base/must.h"

static void counts_write(struct store *store, int64_t hour, const struct activity_count *one)
{
    static const enum activity_step steps[] = {ACTIVITY_HOUR, ACTIVITY_DAY};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int64_t step_ms = (int64_t)steps[i] * 1000, at = hour * ACTIVITY_HOUR * 1000 / step_ms * step_ms;
        sql_write(store, SQL_ACTIVITY_ADD,
                  BIND(of_int(steps[i]), of_int(at), of_text(one->program), of_text(one->what), of_int(one->count)));
    }
}

void activity_drop(struct store *store)
{
    struct activity_tally *tally = &store->activity;
    for (size_t i = 0; i < tally->count; i++)
        free(tally->at[i].program);
    tally->count = 0;
    tally->first_block = tally->last_block = 0;
}

void activity_keep(struct store *store)
{
    struct activity_tally *tally = &store->activity;
    for (size_t i = 0; i < tally->count; i++)
        counts_write(store, tally->hour, &tally->at[i]);
    if (tally->first_block != 0)
        sql_write(store, SQL_BLOCK_HOUR_PUT, BIND(of_int(tally->hour), of_int(tally->first_block), of_int(tally->last_block)));
    activity_drop(store);
}

/* What is of another hour is written before. */
static void tally_be_of(struct store *store, int64_t hour)
{
    if (store->activity.hour != hour)
        activity_keep(store);
    store->activity.hour = hour;
}

void store_activity_add(struct store *store, int64_t at, const char *program, const char *what)
{
    struct activity_tally *tally = &store->activity;
    tally_be_of(store, at / (ACTIVITY_HOUR * 1000));
    for (size_t i = 0; i < tally->count; i++)
        if (strcmp(tally->at[i].what, what) == 0 && strcmp(tally->at[i].program, program) == 0) {
            tally->at[i].count++;
            return;
        }
    if (tally->count == ACTIVITY_MOST)
        activity_keep(store);
    tally->at[tally->count++] = (struct activity_count){mem_text(program), what, 1};
}

void block_hour_add(struct store *store, int64_t hour, int64_t seq)
{
    struct activity_tally *tally = &store->activity;
    tally_be_of(store, hour);
    if (tally->first_block == 0)
        tally->first_block = seq;
    tally->last_block = seq;
}

static void read_activity(struct row *row, void *out)
{
    struct activity *activity = out;
    activity->at = row_int(row);
    activity->what = row_text(row);
    activity->count = row_int(row);
}

enum store_result store_activity_list(struct store *store, enum activity_step step, int64_t since, int64_t until,
                                      const char *programs, struct region *region, struct activity *out, size_t limit,
                                      size_t *count)
{
    static const struct shape shape = {sizeof(struct activity), read_activity};
    return sql_list(store, SQL_ACTIVITY_LIST,
                    BIND(of_int(step), of_int(since), of_int(until), of_text(programs), of_limit(limit)), &shape, region, out,
                    limit, count);
}

static void read_activity_row(struct row *row, void *out)
{
    struct activity_row *activity = out;
    activity->step = row_int(row);
    activity->at = row_int(row);
    activity->program = row_text(row);
    activity->what = row_text(row);
    activity->count = row_int(row);
}

enum store_result store_activity_rows(struct store *store, const struct activity_row *after, struct region *region,
                                      struct activity_row *out, size_t limit, size_t *count)
{
    static const struct shape shape = {sizeof(struct activity_row), read_activity_row};
    return sql_list(store, SQL_ACTIVITY_ROWS,
                    BIND(of_int(after->step), of_int(after->at), of_text(after->program), of_text(after->what), of_limit(limit)),
                    &shape, region, out, limit, count);
}
