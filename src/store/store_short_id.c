/* Short ids: a counter that goes round, and who was given which number in this round. */
#include "store_parts.h"

#include <stdio.h>

#define LARGEST   UINT32_MAX
#define UNIQUE_MS (INT64_C(30) * 24 * 3600 * 1000)

/* So many a second, and so many at once, are given at most in the time that a copy doesn't know. */
#define LOST_A_SECOND 50000
#define LOST_MOST     (INT64_C(1) << 31) /* half of the round */
#define LOST_AT_ONCE  (1 << 20)

static const char counter[] = "short_id";

/* Is it somebody's still? A number that can't be looked up is. */
static bool short_id_is_taken(struct store *store, int64_t id, int64_t now_ms)
{
    int64_t given_at = 0;
    enum store_result result = sql_get_int(store, SQL_SHORT_ID_AT, BIND(of_int(id)), &given_at);
    if (result != STORE_OK)
        return result == STORE_FAILED;
    if (given_at < now_ms - UNIQUE_MS)
        return false;
    snprintf(store->fault, sizeof store->fault, "all short ids were given within 30 days");
    return true;
}

uint32_t store_short_id(struct store *store, int64_t message, int64_t now_ms)
{
    int64_t last = 0;
    if (sql_get_int(store, SQL_META_GET, BIND(of_text(counter)), &last) == STORE_FAILED)
        return 0;
    int64_t id = last < 0 || last >= LARGEST ? 1 : last + 1;
    if (short_id_is_taken(store, id, now_ms))
        return 0;
    sql_write(store, SQL_SHORT_ID_PUT, BIND(of_int(id), of_int(message), of_int(now_ms)));
    sql_write(store, SQL_SHORT_IDS_FORGET, BIND(of_int(now_ms - UNIQUE_MS)));
    return sql_write(store, SQL_META_PUT, BIND(of_text(counter), of_int(id))) == 1 ? (uint32_t)id
                                                                                   : 0;
}

uint32_t store_short_id_of(struct store *store, int64_t message)
{
    int64_t id = 0;
    enum store_result result = sql_get_int(store, SQL_SHORT_ID_OF, BIND(of_int(message)), &id);
    return result == STORE_OK && id > 0 && id <= LARGEST ? (uint32_t)id : 0;
}

int64_t store_short_id_message(struct store *store, uint32_t short_id)
{
    int64_t message = 0;
    enum store_result result =
        sql_get_int(store, SQL_SHORT_ID_MESSAGE, BIND(of_int(short_id)), &message);
    return result == STORE_OK ? message : 0;
}

void store_short_ids_skip(struct store *store, int64_t lost_ms)
{
    int64_t last = 0;
    if (sql_get_int(store, SQL_META_GET, BIND(of_text(counter)), &last) == STORE_FAILED) {
        store_abandon(store);
        return;
    }
    int64_t known_ms = lost_ms < 0 ? 0 : lost_ms > UNIQUE_MS ? UNIQUE_MS : lost_ms;
    int64_t given = LOST_AT_ONCE + known_ms / 1000 * LOST_A_SECOND;
    int64_t next = last + (given < LOST_MOST ? given : LOST_MOST);
    sql_write(store, SQL_META_PUT, BIND(of_text(counter), of_int(next % LARGEST)));
}
