/* By which of a program's senders a person knows it. */
#include "store_parts.h"

static void read_sender(struct row *row, void *out)
{
    *(const char **)out = row_text(row);
}

enum store_result store_known_sender(struct store *store, uint64_t number, int64_t program,
                                     struct region *region, const char **out)
{
    static const struct shape senders = {sizeof(const char *), read_sender};
    return sql_get(store, SQL_KNOWN_SENDER_GET, BIND(of_int(store_consent_place(number, program))),
                   &senders, region, out);
}

void store_known_sender_put(struct store *store, uint64_t number, int64_t program, const char *sender)
{
    sql_write(store, SQL_KNOWN_SENDER_PUT,
              BIND(of_int(store_consent_place(number, program)), of_text(sender)));
}
