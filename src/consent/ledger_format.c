#include "consent/ledger_format.h"

#include "base/netstring.h"

static void digest_hex(struct netstrings *list, char out[DIGEST_HEX_SIZE])
{
    uint8_t digest[DIGEST_SIZE];
    netstrings_digest(list, digest);
    netstrings_free(list);
    octets_to_hex(octets_of(digest, sizeof digest), out);
}

void ledger_format_digest(const char *field, struct octets salt, struct octets value,
                          char out[DIGEST_HEX_SIZE])
{
    struct netstrings list = {0};
    netstring_text(&list, field);
    netstring_put(&list, salt);
    netstring_put(&list, value);
    digest_hex(&list, out);
}

void ledger_format_hash(const struct ledger_row *row, char out[DIGEST_HEX_SIZE])
{
    struct netstrings list = {0};
    netstring_text(&list, "assent-ledger-1");
    netstring_text(&list, row->prev_hash);
    netstring_int(&list, row->seq);
    netstring_text(&list, row->at);
    netstring_text(&list, row->kind);
    netstring_text(&list, row->program);
    netstring_text(&list, row->number_digest);
    netstring_text(&list, row->payload_digest);
    digest_hex(&list, out);
}
