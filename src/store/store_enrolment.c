/* The steps of sequences, and who stands at which. */
#include "store_parts.h"

static void read_step(struct row *row, void *out)
{
    struct campaign_step *it = out;
    it->after_ms = row_int(row);
    it->hours = row_text(row);
    it->text = row_text(row);
}

void store_campaign_step_put(struct store *store, int64_t serial, int step, const struct campaign_step *it)
{
    sql_write(store, SQL_STEP_PUT,
              BIND(of_int(serial), of_int(step), of_int(it->after_ms), of_text(it->hours), of_text(it->text)));
}

enum store_result store_campaign_steps(struct store *store, int64_t serial, struct region *region,
                                       struct campaign_step *out, size_t limit, size_t *count)
{
    static const struct shape steps = {sizeof(struct campaign_step), read_step};
    return sql_list(store, SQL_STEPS_OF, BIND(of_int(serial), of_limit(limit)), &steps, region, out, limit,
                    count);
}

static void read_enrolment(struct row *row, void *out)
{
    struct enrolment *it = out;
    it->id = row_int(row);
    it->campaign = row_int(row);
    it->number = (uint64_t)row_int(row);
    it->status = (enum enrolment_status)row_small(row);
    it->step = row_small(row);
    it->reason = row_text(row);
    it->seq = row_int(row);
    it->entered_at = row_int(row);
    it->due_at = row_int(row);
    it->message = row_int(row);
}

static const struct shape enrolments = {sizeof(struct enrolment), read_enrolment};

void store_enrolment_put(struct store *store, const struct enrolment *it)
{
    sql_write(store, SQL_ENROLMENT_PUT,
              BIND(of_int(it->campaign), of_number(it->number), of_int(it->status), of_int(it->step),
                   of_text(it->reason), of_int(it->seq), of_int(it->entered_at), of_int(it->due_at),
                   of_int(it->message)));
}

void store_enrolment_save(struct store *store, const struct enrolment *it)
{
    sql_write(store, SQL_ENROLMENT_SAVE,
              BIND(of_int(it->id), of_int(it->status), of_int(it->step), of_text(it->reason), of_int(it->seq),
                   of_int(it->entered_at), of_int(it->due_at), of_int(it->message)));
}

enum store_result store_enrolment_get(struct store *store, int64_t serial, uint64_t number,
                                      struct region *region, struct enrolment *out)
{
    return sql_get(store, SQL_ENROLMENT_GET, BIND(of_int(serial), of_number(number)), &enrolments, region, out);
}

enum store_result store_enrolments_due(struct store *store, int64_t serial, int64_t now_ms, struct region *region,
                                       struct enrolment *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_ENROLMENTS_DUE, BIND(of_int(serial), of_int(now_ms), of_limit(limit)),
                    &enrolments, region, out, limit, count);
}

enum store_result store_enrolments_after(struct store *store, int64_t serial, int64_t id, struct region *region,
                                         struct enrolment *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_ENROLMENTS_AFTER, BIND(of_int(serial), of_int(id), of_limit(limit)), &enrolments,
                    region, out, limit, count);
}

void store_enrolments_release(struct store *store, int64_t serial)
{
    sql_write(store, SQL_ENROLMENTS_RELEASE, BIND(of_int(serial)));
}

void store_enrolment_clock_set(struct store *store, int64_t by_ms)
{
    sql_write(store, SQL_ENROLMENT_CLOCK_SET, BIND(of_int(by_ms)));
}

void store_enrolment_erase(struct store *store, uint64_t number)
{
    sql_write(store, SQL_ENROLMENT_ERASE, BIND(of_number(number)));
}
