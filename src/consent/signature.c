#include "consent/signature.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/netstring.h"

static void statement_write(struct netstrings *out, int64_t seq, const char *hash)
{
    netstring_text(out, "assent-head-1");
    netstring_int(out, seq);
    netstring_text(out, hash);
}

void signature_make(const struct sign_key *key, int64_t seq, const char *hash,
                    char out[SIGNATURE_HEX_SIZE])
{
    uint8_t signature[SIGNATURE_SIZE];
    struct netstrings statement = {0};
    statement_write(&statement, seq, hash);
    sign_make(key, octets_of(statement.at, statement.length), signature);
    netstrings_free(&statement);
    octets_to_hex(octets_of(signature, sizeof signature), out);
}

bool signature_check(const uint8_t key[SIGN_PUBLIC_SIZE], int64_t seq, const char *hash, const char *hex)
{
    uint8_t signature[SIGNATURE_SIZE];
    struct netstrings statement = {0};
    struct octets text = octets_text(hex);
    if (text.length != SIGNATURE_HEX_SIZE - 1 || !octets_from_hex(text, signature))
        return false;
    statement_write(&statement, seq, hash);
    bool is_good = sign_check(key, octets_of(statement.at, statement.length), signature);
    netstrings_free(&statement);
    return is_good;
}

void signature_key_hex(const struct sign_key *key, char out[SIGN_PUBLIC_HEX_SIZE])
{
    uint8_t public[SIGN_PUBLIC_SIZE];
    sign_public(key, public);
    octets_to_hex(octets_of(public, sizeof public), out);
}

void signature_append(struct ledger *ledger, const struct sign_key *key, int64_t now_ms)
{
    char hash[DIGEST_HEX_SIZE], signature[SIGNATURE_HEX_SIZE], public[SIGN_PUBLIC_HEX_SIZE];
    char payload[sizeof hash + sizeof signature + sizeof public + 100];
    int64_t seq = ledger_head(ledger, hash);
    if (seq == 0 || ledger_is_signed(ledger))
        return;
    signature_make(key, seq, hash, signature);
    signature_key_hex(key, public);
    snprintf(payload, sizeof payload,
             "{\"hash\":\"%s\",\"key\":\"%s\",\"seq\":%" PRId64 ",\"signature\":\"%s\"}", hash, public, seq,
             signature);
    ledger_append(ledger, now_ms, "signature", "", 0, payload);
}
