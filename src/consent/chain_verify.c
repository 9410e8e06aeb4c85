/* The chain, record by record: whether each follows the one before it and holds what its digests say, whether what is gone
 * was erased by a record, and whether signatures are the key's. */
#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/must.h"
#include "consent/ledger_format.h"
#include "consent/signature.h"
#include "verify_parts.h"

/* The columns in the order of struct ledger_raw. */
const char *const ledger_columns[COLUMNS] = {
    "seq",     "at",           "kind",           "program",   "number", "number_salt", "number_digest",
    "payload", "payload_salt", "payload_digest", "prev_hash", "hash"};

bool verify_fault(struct ledger_check *check, int64_t seq, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(check->why, sizeof check->why, format, values);
    va_end(values);
    check->bad_seq = seq;
    check->is_whole = false;
    return false;
}

#define fault(chain, seq, ...) verify_fault((chain)->check, seq, __VA_ARGS__)

static bool is_hex_digest(struct octets text)
{
    if (text.length != DIGEST_HEX_SIZE - 1)
        return false;
    for (size_t i = 0; i < text.length; i++)
        if (!isdigit(text.at[i]) && (text.at[i] < 'a' || text.at[i] > 'f'))
            return false;
    return true;
}

static bool has(const struct ledger_raw *raw, enum column column)
{
    return raw->column[column].at != NULL;
}

static bool check_types(struct chain *chain, const struct ledger_raw *raw)
{
    for (int i = AT; i < COLUMNS; i++)
        if (has(raw, (enum column)i) && !raw->is_text[i])
            return fault(chain, raw->seq, "its %s is not text", ledger_columns[i]);
    static const enum column always[] = {AT, KIND, PROGRAM, PREV_HASH, HASH};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (!has(raw, always[i]))
            return fault(chain, raw->seq, "it has no %s", ledger_columns[always[i]]);
    for (int i = AT; i < COLUMNS; i++)
        if (has(raw, (enum column)i) && raw->column[i].length > 0 &&
            memchr(raw->column[i].at, 0, raw->column[i].length) != NULL)
            return fault(chain, raw->seq, "its %s holds a NUL", ledger_columns[i]);
    if (!is_hex_digest(raw->column[PREV_HASH]) || !is_hex_digest(raw->column[HASH]))
        return fault(chain, raw->seq, "a hash of it is not 64 hexadecimal digits");
    return true;
}

static void remember_erased(struct chain *chain, int64_t seq)
{
    size_t octet = (size_t)seq / 8;
    if (octet >= chain->erased_room) {
        size_t room = octet * 2 + 1024;
        chain->erased = mem_grow(chain->erased, room);
        memset(chain->erased + chain->erased_room, 0, room - chain->erased_room);
        chain->erased_room = room;
    }
    uint8_t bit = (uint8_t)(1u << seq % 8);
    chain->erased_count += (chain->erased[octet] & bit) == 0;
    chain->erased[octet] |= bit;
}

static void forget_erased(struct chain *chain, int64_t seq)
{
    size_t octet = seq < 0 ? SIZE_MAX : (size_t)seq / 8;
    uint8_t bit = (uint8_t)(1u << seq % 8);
    if (octet >= chain->erased_room || (chain->erased[octet] & bit) == 0)
        return;
    chain->erased[octet] &= (uint8_t)~bit;
    chain->erased_count--;
}

static int64_t first_erased(const struct chain *chain)
{
    int64_t seq = 1;
    while ((chain->erased[seq / 8] & 1u << seq % 8) == 0)
        seq++;
    return seq;
}

/* A value, its salt and its digest: all there and fitting; or only the digest, which is an erasure that a
 * later record must name; or, for a number, none of them. */
static bool check_value(struct chain *chain, const struct ledger_raw *raw, enum column value)
{
    enum column salt = value + 1, digest = value + 2;
    if (!has(raw, digest)) {
        if (value == NUMBER && !has(raw, value) && !has(raw, salt))
            return true;
        return fault(chain, raw->seq, "its %s is missing", ledger_columns[digest]);
    }
    if (!has(raw, value) && !has(raw, salt)) {
        remember_erased(chain, raw->seq);
        return true;
    }
    if (!has(raw, value) || !has(raw, salt))
        return fault(chain, raw->seq, "its %s is missing", ledger_columns[has(raw, value) ? salt : value]);
    char made[DIGEST_HEX_SIZE];
    ledger_format_digest(ledger_columns[value], raw->column[salt], raw->column[value], made);
    if (!octets_equal(octets_text(made), raw->column[digest]))
        return fault(chain, raw->seq, "its %s was changed", ledger_columns[value]);
    return true;
}

/* Columns are not NUL-ended where they come from, but hold none (check_types): copies are. */
static char *column_text(const struct ledger_raw *raw, enum column column)
{
    if (!has(raw, column))
        return NULL;
    char *text = mem_new(raw->column[column].length + 1);
    if (raw->column[column].length > 0)
        memcpy(text, raw->column[column].at, raw->column[column].length);
    return text;
}

static bool check_hash(struct chain *chain, const struct ledger_raw *raw)
{
    char made[DIGEST_HEX_SIZE];
    char *texts[COLUMNS] = {NULL};
    for (int i = AT; i < COLUMNS; i++)
        texts[i] = column_text(raw, (enum column)i);
    struct ledger_row row = {.seq = raw->seq,
                             .at = texts[AT],
                             .kind = texts[KIND],
                             .program = texts[PROGRAM],
                             .number_digest = texts[NUMBER_DIGEST],
                             .payload_digest = texts[PAYLOAD_DIGEST],
                             .prev_hash = texts[PREV_HASH]};
    ledger_format_hash(&row, made);
    for (int i = AT; i < COLUMNS; i++)
        free(texts[i]);
    if (!octets_equal(octets_text(made), raw->column[HASH]))
        return fault(chain, raw->seq, "it was changed: its hash doesn't fit it");
    return true;
}

/* An erasure's payload names the records: {"records":[12,13]}. */
static void read_erasure(struct chain *chain, const struct verified *record)
{
    size_t i;
    json_t *seq;
    if (strcmp(record->kind, "erasure") != 0)
        return;
    json_array_foreach(json_object_get(record->payload, "records"), i, seq)
    {
        if (json_is_integer(seq) && json_integer_value(seq) < record->seq)
            forget_erased(chain, json_integer_value(seq));
    }
}

/* It must sign the record before it; and if it says that the known key did, that key must have. */
static bool check_signature(struct chain *chain, const struct verified *record)
{
    char key[SIGN_PUBLIC_HEX_SIZE];
    if (strcmp(record->kind, "signature") != 0)
        return true;
    const json_t *payload = record->payload;
    const char *hash = json_string_value(json_object_get(payload, "hash"));
    const char *by = json_string_value(json_object_get(payload, "key"));
    if (hash == NULL || by == NULL || strcmp(hash, record->prev_hash) != 0 ||
        json_integer_value(json_object_get(payload, "seq")) != record->seq - 1)
        return fault(chain, record->seq, "it signs another record than the one before it");
    if (chain->public_key == NULL)
        return true;
    octets_to_hex(octets_of(chain->public_key, SIGN_PUBLIC_SIZE), key);
    if (strcmp(by, key) != 0)
        return true; /* an older or newer key's: it says nothing, and proves nothing */
    if (!signature_check(chain->public_key, record->seq - 1, hash,
                         json_string_value(json_object_get(payload, "signature"))))
        return fault(chain, record->seq, "its signature is not that of the key");
    chain->check->signed_seq = record->seq - 1;
    snprintf(chain->check->signed_at, sizeof chain->check->signed_at, "%s", record->at);
    return true;
}

static bool speaks_of_the_chain(const char *kind)
{
    return strcmp(kind, "erasure") == 0 || strcmp(kind, "signature") == 0;
}

/* What the record says, once its octets are known to be its own. */
static bool check_meaning(struct chain *chain, const struct ledger_raw *raw)
{
    char *texts[COLUMNS] = {NULL};
    for (int i = AT; i < COLUMNS; i++)
        texts[i] = i != PAYLOAD ? column_text(raw, (enum column)i) : NULL;
    bool is_read = has(raw, PAYLOAD) && (chain->derived != NULL || speaks_of_the_chain(texts[KIND]));
    json_t *payload = is_read ? json_loadb((const char *)raw->column[PAYLOAD].at, raw->column[PAYLOAD].length, 0, NULL) : NULL;
    struct verified record = {.seq = raw->seq,
                              .at = texts[AT],
                              .kind = texts[KIND],
                              .program = texts[PROGRAM],
                              .number = texts[NUMBER],
                              .prev_hash = texts[PREV_HASH],
                              .payload = payload};
    read_erasure(chain, &record);
    bool is_good = check_signature(chain, &record) &&
                   (chain->seals == NULL || seals_meet(chain->seals, &record)) &&
                   (chain->derived == NULL || derived_meet(chain->derived, &record));
    json_decref(payload);
    for (int i = AT; i < COLUMNS; i++)
        free(texts[i]);
    return is_good;
}

static bool check_head(struct chain *chain, const struct ledger_raw *raw)
{
    if (chain->head_seq != raw->seq)
        return true;
    chain->has_met_head = true;
    if (!octets_equal(octets_text(chain->head_hash), raw->column[HASH]))
        return fault(chain, raw->seq, "its hash is not that of the head that was kept: "
                                     "the chain was written anew");
    return true;
}

bool chain_meet(void *who, const struct ledger_raw *raw)
{
    struct chain *chain = who;
    int64_t expected = chain->check->records + 1;
    if (!raw->is_text[SEQ])
        return fault(chain, expected, "its seq is not an integer");
    if (raw->seq != expected) {
        if (raw->seq < expected)
            return fault(chain, raw->seq, "it is there twice, or before its place");
        return fault(chain, expected, "it is missing (record %" PRId64 " is next)", raw->seq);
    }
    if (!check_types(chain, raw))
        return false;
    if (!octets_equal(raw->column[PREV_HASH], octets_text(chain->prev_hash)))
        return fault(chain, raw->seq, "its prev_hash is not the hash of the record before it");
    if (!check_value(chain, raw, NUMBER) || !check_value(chain, raw, PAYLOAD) || !check_hash(chain, raw))
        return false;
    memcpy(chain->prev_hash, raw->column[HASH].at, DIGEST_HEX_SIZE - 1);
    chain->check->records = raw->seq;
    return check_head(chain, raw) && check_meaning(chain, raw);
}

bool chain_begin(struct chain *chain, const struct ledger_known *known, struct ledger_check *out)
{
    const char *head = known->head;
    *out = (struct ledger_check){.is_whole = true};
    *chain = (struct chain){.check = out, .public_key = known->public_key};
    memcpy(chain->prev_hash, LEDGER_FIRST_PREV, DIGEST_HEX_SIZE);
    if (head == NULL)
        return true;
    char *end = NULL;
    chain->head_seq = strtoll(head, &end, 10);
    if (chain->head_seq > 0 && *end == ':' && is_hex_digest(octets_text(end + 1))) {
        memcpy(chain->head_hash, end + 1, DIGEST_HEX_SIZE);
        return true;
    }
    fault(chain, 0, "the head to compare with is not SEQ:HASH with 64 lower-case hexadecimal digits");
    return false;
}

void chain_end(struct chain *chain)
{
    struct ledger_check *check = chain->check;
    if (check->is_whole && chain->erased_count > 0)
        fault(chain, first_erased(chain), "its values are gone and no record tells of their erasure");
    if (check->is_whole && chain->head_seq != 0 && !chain->has_met_head)
        fault(chain, check->records + 1, "it is missing: the head that was kept is record %" PRId64
                                        ", and the ledger ends before it",
              chain->head_seq);
    if (check->is_whole && chain->public_key != NULL && check->signed_seq == 0)
        fault(chain, check->records, "it is the last, and none is signed by the key");
    if (check->is_whole && chain->derived != NULL)
        (void)(derived_finish(chain->derived) && seals_finish(chain->seals));
    memcpy(check->head_hash, chain->prev_hash, DIGEST_HEX_SIZE);
}

void chain_wipe(struct chain *chain)
{
    seals_free(chain->seals);
    derived_free(chain->derived);
    free(chain->erased);
}

