/* The listing: which messages went to a number.
 *
 * An index over all messages by their numbers would cost more than the rest of a message together: the
 * numbers of a campaign come in no order, so each would change a leaf of its own, and, once the history
 * is larger than the memory, read one from the disk first. So they are listed later and in company:
 * BATCH messages at a time, by their numbers, into an era of the listing that is small enough for its
 * leaves to take many of them. A search asks every era, which is a few hundred for ten million
 * messages, and reads the newest messages, not listed yet, themselves.
 *
 * Two rows of the table `meta` say how far it has come. Ids rise and are written in the turn that made
 * them, so what is listed when a turn ends is all up to its last one. */
#include "store_parts.h"

#define BATCH 2048

struct end {
    int64_t id, count;
};

static void read_end(struct row *row, void *out)
{
    struct end *end = out;
    end->id = row_int(row);
    end->count = row_int(row);
}

static const struct shape ends = {sizeof(struct end), read_end};

void listing_begin(struct store *store)
{
    store->unlisted = BATCH;
}

/* Fewer than BATCH wait for the next ones. What a failed turn put is counted too: then it is asked early. */
void listing_keep(struct store *store)
{
    while (store->unlisted >= BATCH && store->turn == TURN_WRITING) {
        struct end end;
        if (sql_get(store, SQL_LISTING_END, BIND(of_limit(BATCH)), &ends, NULL, &end) != STORE_OK) {
            turn_break(store);
            return;
        }
        store->unlisted = (int)end.count;
        if (end.count < BATCH)
            return;
        sql_write(store, SQL_LISTING_PUT, BIND(of_int(end.id)));
        sql_write(store, SQL_META_PUT, BIND(of_text("listed up to"), of_int(end.id)));
        sql_write(store, SQL_META_ADD, BIND(of_text("listed"), of_int(end.count)));
    }
}
