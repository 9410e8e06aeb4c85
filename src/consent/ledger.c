#include "consent/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/ledger_format.h"
#include "consent/number.h"
#include "store/store.h"

struct ledger {
    struct store *store;
    int64_t seq;
    char hash[DIGEST_HEX_SIZE];
    bool is_signed; /* that record is a signature */
    int64_t kept_seq; /* and the newest that is on disk */
    char kept_hash[DIGEST_HEX_SIZE];
    uint64_t blocks[VERDICTS];
};

static bool is_signature(const char *kind)
{
    return strcmp(kind, "signature") == 0;
}

void ledger_committed(struct ledger *ledger)
{
    ledger->kept_seq = ledger->seq;
    memcpy(ledger->kept_hash, ledger->hash, sizeof ledger->kept_hash);
}

bool ledger_reload(struct ledger *ledger)
{
    struct ledger_row last;
    struct region *region = region_new();
    enum store_result result = store_ledger_last(ledger->store, region, &last);
    if (result == STORE_NONE) {
        ledger->seq = 0;
        ledger->is_signed = false;
        memcpy(ledger->hash, LEDGER_FIRST_PREV, DIGEST_HEX_SIZE);
    } else if (result == STORE_OK) {
        ledger->seq = last.seq;
        ledger->is_signed = is_signature(last.kind);
        snprintf(ledger->hash, sizeof ledger->hash, "%s", last.hash);
    }
    region_free(region);
    ledger_committed(ledger);
    return result != STORE_FAILED;
}

struct ledger *ledger_open(struct store *store)
{
    struct ledger *ledger = mem_new(sizeof *ledger);
    ledger->store = store;
    if (ledger_reload(ledger))
        return ledger;
    free(ledger);
    return NULL;
}

void ledger_close(struct ledger *ledger)
{
    free(ledger);
}

static void salt_make(char out[LEDGER_SALT_SIZE])
{
    uint8_t salt[(LEDGER_SALT_SIZE - 1) / 2];
    random_octets(salt, sizeof salt);
    octets_to_hex(octets_of(salt, sizeof salt), out);
}

static int64_t append(struct ledger *ledger, int64_t now_ms, const char *kind, const char *program,
                      uint64_t number, const char *payload, struct octets leaves)
{
    char at[TIME_TEXT_SIZE], number_text[NUMBER_TEXT_SIZE], hash[DIGEST_HEX_SIZE];
    char number_salt[LEDGER_SALT_SIZE], number_digest[DIGEST_HEX_SIZE];
    char payload_salt[LEDGER_SALT_SIZE], payload_digest[DIGEST_HEX_SIZE];
    struct ledger_row row = {.seq = ledger->seq + 1, .at = at, .kind = kind, .program = program, .leaves = leaves};
    time_write(now_ms, at);
    if (number != 0) {
        number_write(number, number_text);
        salt_make(number_salt);
        ledger_format_digest("number", octets_text(number_salt), octets_text(number_text),
                             number_digest);
        row.number = number_text;
        row.number_salt = number_salt;
        row.number_digest = number_digest;
    }
    salt_make(payload_salt);
    ledger_format_digest("payload", octets_text(payload_salt), octets_text(payload), payload_digest);
    row.payload = payload;
    row.payload_salt = payload_salt;
    row.payload_digest = payload_digest;
    row.prev_hash = ledger->hash;
    ledger_format_hash(&row, hash);
    row.hash = hash;
    store_ledger_put(ledger->store, &row);
    ledger->seq = row.seq;
    ledger->is_signed = is_signature(kind);
    memcpy(ledger->hash, hash, sizeof hash);
    return row.seq;
}

int64_t ledger_append(struct ledger *ledger, int64_t now_ms, const char *kind, const char *program,
                      uint64_t number, const char *payload)
{
    return append(ledger, now_ms, kind, program, number, payload, octets_of(NULL, 0));
}

void ledger_note_activity(struct ledger *ledger, int64_t now_ms, const char *program, const char *what)
{
    store_activity_add(ledger->store, now_ms, program, what);
}

int64_t ledger_append_block(struct ledger *ledger, int64_t now_ms, const char *program, uint64_t number, const char *payload,
                            const char *account, const char *code)
{
    int64_t seq = ledger_append(ledger, now_ms, "block", program, number, payload);
    store_block_put(ledger->store, &(struct block_class){.program = program, .account = account, .code = code}, seq, now_ms);
    store_activity_add(ledger->store, now_ms, program, code);
    ledger->blocks[verdict_find(octets_text(code))]++;
    return seq;
}

uint64_t ledger_blocks(const struct ledger *ledger, enum verdict verdict)
{
    return ledger->blocks[verdict];
}

int64_t ledger_append_seal(struct ledger *ledger, int64_t now_ms, const char *payload,
                           struct octets leaves)
{
    return append(ledger, now_ms, "seal", "", 0, payload, leaves);
}

int64_t ledger_next(const struct ledger *ledger)
{
    return ledger->seq + 1;
}

bool ledger_is_signed(const struct ledger *ledger)
{
    return ledger->is_signed;
}

int64_t ledger_head(const struct ledger *ledger, char hash[DIGEST_HEX_SIZE])
{
    memcpy(hash, ledger->hash, DIGEST_HEX_SIZE);
    return ledger->seq;
}

int64_t ledger_kept_head(const struct ledger *ledger, char hash[DIGEST_HEX_SIZE])
{
    memcpy(hash, ledger->kept_hash, DIGEST_HEX_SIZE);
    return ledger->kept_seq;
}
