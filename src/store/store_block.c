/* The block log by what blocks say. Each class has its records in order, so a page of some classes is a merge of their heads: it
 * costs what it shows and a look at each class, however many records there are, and whatever is asked for. Where nothing is
 * asked for, they lie in the ledger as they are shown. */
#include "store_parts.h"

#include "base/must.h"

#define CLASSES_AT_ONCE 500
#define HEAD_LEAST      8
#define HOUR_MS         3600000

/* ---- classes ---- */

static void read_class(struct row *row, void *out)
{
    struct block_class *class = out;
    class->id = row_int(row);
    class->program = row_text(row);
    class->account = row_text(row);
    class->code = row_text(row);
}

enum store_result store_block_classes(struct store *store, struct region *region, struct block_class **out, size_t *count)
{
    static const struct shape shape = {sizeof(struct block_class), read_class};
    size_t room = CLASSES_AT_ONCE;
    struct block_class *classes = region_get(region, room * sizeof *classes);
    *count = 0;
    for (;;) {
        size_t before = *count;
        int64_t after = before == 0 ? 0 : classes[before - 1].id;
        if (sql_list_on(store, SQL_BLOCK_CLASSES, BIND(of_int(after), of_limit(room - before)), &shape, region, classes, room,
                        count) == STORE_FAILED)
            return STORE_FAILED;
        *out = classes;
        if (*count < room)
            return STORE_OK;
        struct block_class *larger = region_get(region, 2 * room * sizeof *larger);
        memcpy(larger, classes, room * sizeof *larger);
        classes = larger;
        room *= 2;
    }
}

/* ---- putting ---- */

void store_block_put(struct store *store, const struct block_class *of, int64_t seq, int64_t at)
{
    for (int tries = 0; tries < 2; tries++) {
        if (sql_write(store, SQL_BLOCK_PUT, BIND(of_text(of->program), of_text(of->account), of_text(of->code), of_int(seq),
                                                 of_int(at))) != 0)
            break;
        sql_write(store, SQL_BLOCK_CLASS_PUT, BIND(of_text(of->program), of_text(of->account), of_text(of->code)));
    }
    block_hour_add(store, at / HOUR_MS, seq);
}

/* ---- a page ---- */

struct head { /* of a class: its next records */
    int64_t class, *at;
    size_t next, count;
    bool is_at_end;
};

struct merge {
    struct store *store;
    struct region *region;
    int64_t least, since, until; /* records and times between which they are */
    struct head *heads;
    size_t count, chunk;
};

static void read_seq(struct row *row, void *out)
{
    *(int64_t *)out = row_int(row);
}

/* The next ones below `before`. False: it can't be read. */
static bool head_fill(struct merge *merge, struct head *head, int64_t before)
{
    static const struct shape shape = {sizeof(int64_t), read_seq};
    head->next = 0;
    if (sql_list(merge->store, SQL_BLOCK_OF_CLASS,
                 BIND(of_int(head->class), of_int(before), of_int(merge->least), of_int(merge->since), of_int(merge->until),
                      of_limit(merge->chunk)),
                 &shape, merge->region, head->at, merge->chunk, &head->count) == STORE_FAILED)
        return false;
    head->is_at_end = head->count < merge->chunk;
    return true;
}

static struct head *newest(const struct merge *merge)
{
    struct head *best = NULL;
    for (size_t i = 0; i < merge->count; i++) {
        struct head *head = &merge->heads[i];
        if (head->next < head->count && (best == NULL || head->at[head->next] > best->at[best->next]))
            best = head;
    }
    return best;
}

struct pair {
    int64_t first, last;
};

static void read_pair(struct row *row, void *out)
{
    struct pair *pair = out;
    pair->first = row_int(row);
    pair->last = row_int(row);
}

/* By the records of the hours in question: those of the ledger are in order, but a clock may have been set. */
static bool bounds_read(struct merge *merge, int64_t *before)
{
    struct pair pair;
    static const struct shape shape = {sizeof(struct pair), read_pair};
    if (sql_get(merge->store, SQL_BLOCK_HOURS, BIND(of_int(merge->since / HOUR_MS), of_int(merge->until / HOUR_MS)), &shape,
                merge->region, &pair) == STORE_FAILED)
        return false;
    merge->least = pair.first;
    if (*before > pair.last + 1)
        *before = pair.last + 1;
    return true;
}

static bool merge_begin(struct merge *merge, const struct block_filter *filter, size_t limit)
{
    int64_t before = filter->before == 0 ? INT64_MAX : filter->before;
    merge->count = filter->class_count;
    merge->chunk = limit / (merge->count + 1) + HEAD_LEAST;
    merge->heads = region_get(merge->region, (merge->count + 1) * sizeof *merge->heads);
    merge->since = filter->since;
    merge->until = filter->until == 0 ? INT64_MAX : filter->until;
    if ((filter->since != 0 || filter->until != 0) && !bounds_read(merge, &before))
        return false;
    for (size_t i = 0; i < merge->count; i++) {
        struct head *head = &merge->heads[i];
        *head = (struct head){.class = filter->classes[i].id, .at = region_get(merge->region, merge->chunk * sizeof *head->at)};
        if (!head_fill(merge, head, before))
            return false;
    }
    return true;
}

enum store_result store_block_list(struct store *store, const struct block_filter *filter, struct region *region,
                                   struct ledger_row *out, size_t limit, size_t *count)
{
    struct merge merge = {.store = store, .region = region};
    struct head *head;
    *count = 0;
    if (filter->is_any && filter->since == 0 && filter->until == 0)
        return sql_list(store, SQL_BLOCK_NEWEST, BIND(of_int(filter->before == 0 ? INT64_MAX : filter->before), of_limit(limit)),
                        &ledger_shape, region, out, limit, count);
    if (!merge_begin(&merge, filter, limit))
        return STORE_FAILED;
    while (*count < limit && (head = newest(&merge)) != NULL) {
        int64_t seq = head->at[head->next++];
        enum store_result found = store_ledger_get(store, seq, region, &out[*count]);
        if (found == STORE_FAILED || (head->next == head->count && !head->is_at_end && !head_fill(&merge, head, seq)))
            return STORE_FAILED;
        *count += found == STORE_OK ? 1 : 0;
    }
    return STORE_OK;
}

/* ---- for the verifier ---- */

enum store_result store_block_has(struct store *store, const char *program, const char *account, const char *code,
                                  int64_t seq, int64_t at)
{
    int64_t found;
    return sql_get_int(store, SQL_BLOCK_FIND, BIND(of_text(program), of_text(account), of_text(code), of_int(seq), of_int(at)),
                       &found);
}

int64_t store_block_count(struct store *store, const struct block_class *of, int64_t up_to)
{
    int64_t count;
    return sql_get_int(store, SQL_BLOCK_COUNT, BIND(of_int(of->id), of_int(up_to)), &count) == STORE_OK ? count : -1;
}
