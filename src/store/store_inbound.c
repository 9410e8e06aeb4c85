/* What people wrote, and the carrier connections that brought it. */
#include "store_parts.h"

/* Only the newest matter, to know a redelivered text (F412); a carrier that flaps makes many. */
#define LINK_LIMIT 100000

#define HAS_PORTS (INT64_C(1) << 32)

static int64_t ports_pack(const struct inbound *inbound)
{
    return inbound->has_ports ? HAS_PORTS | (int64_t)inbound->destination_port << 16 | inbound->source_port
                              : 0;
}

static void ports_unpack(int64_t packed, struct inbound *inbound)
{
    inbound->has_ports = (packed & HAS_PORTS) != 0;
    inbound->destination_port = (uint16_t)(packed >> 16);
    inbound->source_port = (uint16_t)packed;
}

static void read_inbound(struct row *row, void *out)
{
    struct inbound *inbound = out;
    inbound->id = row_int(row);
    inbound->tail = row_int(row);
    inbound->at = row_int(row);
    inbound->carrier = row_text(row);
    inbound->source = row_text(row);
    inbound->number = (uint64_t)row_int(row);
    inbound->sender = row_text(row);
    inbound->program = row_int(row);
    inbound->text = row_text(row);
    inbound->verdict = row_text(row);
    inbound->rule = row_text(row);
    inbound->effect = row_text(row);
    inbound->ledger_seq = row_int(row);
    inbound->heard_seq = row_int(row);
    inbound->session = row_int(row);
    row_digest(row, inbound->digest);
    inbound->state = (enum inbound_state)row_small(row);
    inbound->parts = row_small(row);
    inbound->parts_came = row_small(row);
    ports_unpack(row_int(row), inbound);
}

static const struct shape texts = {sizeof(struct inbound), read_inbound};

static struct value text_of(const char *text)
{
    return of_octets(octets_text(text)); /* never SQL's NULL */
}

void store_inbound_put(struct store *store, const struct inbound *inbound)
{
    sql_write(store, SQL_INBOUND_PUT,
              BIND(of_int(inbound->id), of_int(inbound->tail), of_int(inbound->at),
                   text_of(inbound->carrier), text_of(inbound->source), of_number(inbound->number),
                   text_of(inbound->sender), of_int(inbound->program), text_of(inbound->text),
                   text_of(inbound->verdict), text_of(inbound->rule), text_of(inbound->effect),
                   of_int(inbound->ledger_seq), of_int(inbound->heard_seq),
                   of_int(inbound->session), of_blob(inbound->digest, sizeof inbound->digest),
                   of_int(inbound->state), of_int(inbound->parts), of_int(inbound->parts_came),
                   of_int(ports_pack(inbound))));
}

void store_inbound_change(struct store *store, const struct inbound *inbound)
{
    sql_write(store, SQL_INBOUND_CHANGE,
              BIND(of_int(inbound->id), of_int(inbound->at), text_of(inbound->text),
                   text_of(inbound->verdict), text_of(inbound->rule), text_of(inbound->effect),
                   of_int(inbound->ledger_seq), of_int(inbound->heard_seq), of_int(inbound->state),
                   of_int(inbound->parts_came), of_int(ports_pack(inbound))));
}

enum store_result store_inbound_get(struct store *store, int64_t id, struct region *region,
                                    struct inbound *out)
{
    return sql_get(store, SQL_INBOUND_GET, BIND(of_int(id)), &texts, region, out);
}

enum store_result store_inbound_twin(struct store *store, const uint8_t digest[32],
                                     int64_t since_ms, struct region *region, struct inbound *out)
{
    return sql_get(store, SQL_INBOUND_TWIN, BIND(of_blob(digest, 32), of_int(since_ms)), &texts,
                   region, out);
}

static enum statement list_way(uint64_t number, int64_t program)
{
    if (number != 0)
        return SQL_INBOUND_LIST_NUMBER;
    return program != 0 ? SQL_INBOUND_LIST_PROGRAM : SQL_INBOUND_LIST;
}

enum store_result store_inbound_list(struct store *store, uint64_t number, int64_t program,
                                     int64_t after, struct region *region, struct inbound *out,
                                     size_t limit, size_t *count)
{
    return sql_list(store, list_way(number, program),
                    BIND(of_number(number), of_int(program), of_int(after == 0 ? INT64_MAX : after),
                         of_limit(limit)),
                    &texts, region, out, limit, count);
}

/* ---- octets that are no text ---- */

static void read_data(struct row *row, void *out)
{
    struct inbound_data *data = out;
    data->data_coding = (uint8_t)row_small(row);
    data->octets = row_octets(row);
}

static const struct shape datas = {sizeof(struct inbound_data), read_data};

void store_inbound_data_put(struct store *store, int64_t inbound, const struct inbound_data *data)
{
    sql_write(store, SQL_INBOUND_DATA_PUT,
              BIND(of_int(inbound), of_int(data->data_coding),
                   of_blob(data->octets.at, data->octets.length)));
}

enum store_result store_inbound_data(struct store *store, int64_t inbound, struct region *region,
                                     struct inbound_data *out)
{
    return sql_get(store, SQL_INBOUND_DATA_GET, BIND(of_int(inbound)), &datas, region, out);
}

/* ---- connections ---- */

int64_t store_link_begin(struct store *store, const char *carrier, int64_t now_ms)
{
    if (sql_write(store, SQL_LINK_BEGIN, BIND(of_text(carrier), of_int(now_ms))) != 1)
        return 0;
    int64_t link = sqlite3_last_insert_rowid(store->db);
    sql_write(store, SQL_LINK_BOUND, BIND(of_int(LINK_LIMIT)));
    return link;
}

void store_link_end(struct store *store, int64_t link, int64_t now_ms)
{
    sql_write(store, SQL_LINK_END, BIND(of_int(link), of_int(now_ms)));
}

enum store_result store_link_ended(struct store *store, int64_t link, int64_t *ended_at)
{
    return sql_get_int(store, SQL_LINK_ENDED, BIND(of_int(link)), ended_at);
}

void store_links_end_all(struct store *store)
{
    sql_write(store, SQL_LINKS_END_ALL, NULL, 0);
}
