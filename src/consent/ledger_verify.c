#include "consent/ledger_verify.h"

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
enum column {
    SEQ, AT, KIND, PROGRAM, NUMBER, NUMBER_SALT, NUMBER_DIGEST, PAYLOAD, PAYLOAD_SALT, PAYLOAD_DIGEST,
    PREV_HASH, HASH, COLUMNS
};
static const char *const column_names[COLUMNS] = {
    "seq",     "at",           "kind",           "program",   "number", "number_salt", "number_digest",
    "payload", "payload_salt", "payload_digest", "prev_hash", "hash"};

struct walk {
    struct ledger_check *check;
    char prev_hash[DIGEST_HEX_SIZE];
    int64_t head_seq; /* 0: none was given */
    char head_hash[DIGEST_HEX_SIZE];
    bool has_met_head;
    const uint8_t *public_key; /* NULL: none was given */
    int64_t *erased; /* records without their values, whose erasure has not been met yet; rising */
    size_t erased_count, erased_room;
    struct seals *seals;     /* what a database is held against beside; NULL: an export */
    struct derived *derived;
};

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

#define fault(walk, seq, ...) verify_fault((walk)->check, seq, __VA_ARGS__)

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

static bool check_types(struct walk *walk, const struct ledger_raw *raw)
{
    for (int i = AT; i < COLUMNS; i++)
        if (has(raw, (enum column)i) && !raw->is_text[i])
            return fault(walk, raw->seq, "its %s is not text", column_names[i]);
    static const enum column always[] = {AT, KIND, PROGRAM, PREV_HASH, HASH};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (!has(raw, always[i]))
            return fault(walk, raw->seq, "it has no %s", column_names[always[i]]);
    for (int i = AT; i < COLUMNS; i++)
        if (has(raw, (enum column)i) && raw->column[i].length > 0 &&
            memchr(raw->column[i].at, 0, raw->column[i].length) != NULL)
            return fault(walk, raw->seq, "its %s holds a NUL", column_names[i]);
    if (!is_hex_digest(raw->column[PREV_HASH]) || !is_hex_digest(raw->column[HASH]))
        return fault(walk, raw->seq, "a hash of it is not 64 hexadecimal digits");
    return true;
}

static void remember_erased(struct walk *walk, int64_t seq)
{
    if (walk->erased_count > 0 && walk->erased[walk->erased_count - 1] == seq)
        return;
    if (walk->erased_count == walk->erased_room) {
        walk->erased_room = walk->erased_room * 2 + 64;
        walk->erased = mem_grow(walk->erased, walk->erased_room * sizeof *walk->erased);
    }
    walk->erased[walk->erased_count++] = seq;
}

/* A value, its salt and its digest: all there and fitting; or only the digest, which is an erasure that a
 * later record must name; or, for a number, none of them. */
static bool check_value(struct walk *walk, const struct ledger_raw *raw, enum column value)
{
    enum column salt = value + 1, digest = value + 2;
    if (!has(raw, digest)) {
        if (value == NUMBER && !has(raw, value) && !has(raw, salt))
            return true;
        return fault(walk, raw->seq, "its %s is missing", column_names[digest]);
    }
    if (!has(raw, value) && !has(raw, salt)) {
        remember_erased(walk, raw->seq);
        return true;
    }
    if (!has(raw, value) || !has(raw, salt))
        return fault(walk, raw->seq, "its %s is missing", column_names[has(raw, value) ? salt : value]);
    char made[DIGEST_HEX_SIZE];
    ledger_format_digest(column_names[value], raw->column[salt], raw->column[value], made);
    if (!octets_equal(octets_text(made), raw->column[digest]))
        return fault(walk, raw->seq, "its %s was changed", column_names[value]);
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

static bool check_hash(struct walk *walk, const struct ledger_raw *raw)
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
        return fault(walk, raw->seq, "it was changed: its hash doesn't fit it");
    return true;
}

static void forget_erased(struct walk *walk, int64_t seq)
{
    size_t low = 0, high = walk->erased_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (walk->erased[middle] < seq)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == walk->erased_count || walk->erased[low] != seq)
        return;
    memmove(walk->erased + low, walk->erased + low + 1,
            (walk->erased_count - low - 1) * sizeof *walk->erased);
    walk->erased_count--;
}

/* An erasure's payload names the records: {"records":[12,13]}. */
static void read_erasure(struct walk *walk, const struct verified *record)
{
    size_t i;
    json_t *seq;
    if (strcmp(record->kind, "erasure") != 0)
        return;
    json_array_foreach(json_object_get(record->payload, "records"), i, seq)
    {
        if (json_is_integer(seq) && json_integer_value(seq) < record->seq)
            forget_erased(walk, json_integer_value(seq));
    }
}

/* It must sign the record before it; and if it says that the known key did, that key must have. */
static bool check_signature(struct walk *walk, const struct verified *record)
{
    char key[SIGN_PUBLIC_HEX_SIZE];
    if (strcmp(record->kind, "signature") != 0)
        return true;
    const json_t *payload = record->payload;
    const char *hash = json_string_value(json_object_get(payload, "hash"));
    const char *by = json_string_value(json_object_get(payload, "key"));
    if (hash == NULL || by == NULL || strcmp(hash, record->prev_hash) != 0 ||
        json_integer_value(json_object_get(payload, "seq")) != record->seq - 1)
        return fault(walk, record->seq, "it signs another record than the one before it");
    if (walk->public_key == NULL)
        return true;
    octets_to_hex(octets_of(walk->public_key, SIGN_PUBLIC_SIZE), key);
    if (strcmp(by, key) != 0)
        return true; /* an older or newer key's: it says nothing, and proves nothing */
    if (!signature_check(walk->public_key, record->seq - 1, hash,
                         json_string_value(json_object_get(payload, "signature"))))
        return fault(walk, record->seq, "its signature is not that of the key");
    walk->check->signed_seq = record->seq - 1;
    snprintf(walk->check->signed_at, sizeof walk->check->signed_at, "%s", record->at);
    return true;
}

/* What the record says, once its octets are known to be its own. */
static bool check_meaning(struct walk *walk, const struct ledger_raw *raw)
{
    char *texts[COLUMNS] = {NULL};
    for (int i = AT; i < COLUMNS; i++)
        texts[i] = i != PAYLOAD ? column_text(raw, (enum column)i) : NULL;
    json_t *payload = has(raw, PAYLOAD) ? json_loadb((const char *)raw->column[PAYLOAD].at,
                                                     raw->column[PAYLOAD].length, 0, NULL)
                                        : NULL;
    struct verified record = {.seq = raw->seq,
                              .at = texts[AT],
                              .kind = texts[KIND],
                              .program = texts[PROGRAM],
                              .number = texts[NUMBER],
                              .prev_hash = texts[PREV_HASH],
                              .payload = payload};
    read_erasure(walk, &record);
    bool is_good = check_signature(walk, &record) &&
                   (walk->seals == NULL || seals_meet(walk->seals, &record)) &&
                   (walk->derived == NULL || derived_meet(walk->derived, &record));
    json_decref(payload);
    for (int i = AT; i < COLUMNS; i++)
        free(texts[i]);
    return is_good;
}

static bool check_head(struct walk *walk, const struct ledger_raw *raw)
{
    if (walk->head_seq != raw->seq)
        return true;
    walk->has_met_head = true;
    if (!octets_equal(octets_text(walk->head_hash), raw->column[HASH]))
        return fault(walk, raw->seq, "its hash is not that of the head that was kept: "
                                     "the chain was written anew");
    return true;
}

static bool check_record(void *who, const struct ledger_raw *raw)
{
    struct walk *walk = who;
    int64_t expected = walk->check->records + 1;
    if (!raw->is_text[SEQ])
        return fault(walk, expected, "its seq is not an integer");
    if (raw->seq != expected) {
        if (raw->seq < expected)
            return fault(walk, raw->seq, "it is there twice, or before its place");
        return fault(walk, expected, "it is missing (record %" PRId64 " is next)", raw->seq);
    }
    if (!check_types(walk, raw))
        return false;
    if (!octets_equal(raw->column[PREV_HASH], octets_text(walk->prev_hash)))
        return fault(walk, raw->seq, "its prev_hash is not the hash of the record before it");
    if (!check_value(walk, raw, NUMBER) || !check_value(walk, raw, PAYLOAD) || !check_hash(walk, raw))
        return false;
    memcpy(walk->prev_hash, raw->column[HASH].at, DIGEST_HEX_SIZE - 1);
    walk->check->records = raw->seq;
    return check_head(walk, raw) && check_meaning(walk, raw);
}

static bool walk_begin(struct walk *walk, const struct ledger_known *known, struct ledger_check *out)
{
    const char *head = known->head;
    *out = (struct ledger_check){.is_whole = true};
    *walk = (struct walk){.check = out, .public_key = known->public_key};
    memcpy(walk->prev_hash, LEDGER_FIRST_PREV, DIGEST_HEX_SIZE);
    if (head == NULL)
        return true;
    char *end = NULL;
    walk->head_seq = strtoll(head, &end, 10);
    if (walk->head_seq > 0 && *end == ':' && is_hex_digest(octets_text(end + 1))) {
        memcpy(walk->head_hash, end + 1, DIGEST_HEX_SIZE);
        return true;
    }
    fault(walk, 0, "the head to compare with is not SEQ:HASH with 64 lower-case hexadecimal digits");
    return false;
}

static void walk_end(struct walk *walk)
{
    struct ledger_check *check = walk->check;
    if (check->is_whole && walk->erased_count > 0)
        fault(walk, walk->erased[0], "its values are gone and no record tells of their erasure");
    if (check->is_whole && walk->head_seq != 0 && !walk->has_met_head)
        fault(walk, check->records + 1, "it is missing: the head that was kept is record %" PRId64
                                        ", and the ledger ends before it",
              walk->head_seq);
    if (check->is_whole && walk->public_key != NULL && check->signed_seq == 0)
        fault(walk, check->records, "it is the last, and none is signed by the key");
    if (check->is_whole && walk->derived != NULL)
        (void)(derived_finish(walk->derived) && seals_finish(walk->seals));
    memcpy(check->head_hash, walk->prev_hash, DIGEST_HEX_SIZE);
}

static void walk_wipe(struct walk *walk)
{
    seals_free(walk->seals);
    derived_free(walk->derived);
    free(walk->erased);
}

bool ledger_verify_store(struct store *store, const struct ledger_known *known,
                         struct ledger_check *out)
{
    struct walk walk;
    if (!walk_begin(&walk, known, out))
        return false;
    if (store_has_seals(store)) { /* else it is of an older version, which knew neither */
        walk.seals = seals_new(store, out);
        walk.derived = derived_new(store, out);
    }
    bool is_read = store_ledger_walk(store, 0, check_record, &walk) != STORE_FAILED || !out->is_whole;
    if (is_read)
        walk_end(&walk);
    else
        fault(&walk, out->records + 1, "it can't be read: %s", store_fault(store));
    walk_wipe(&walk);
    return is_read;
}

/* ---- exports ---- */

static bool check_line(struct walk *walk, const char *line, size_t length)
{
    json_error_t error;
    int64_t expected = walk->check->records + 1;
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(object) || !json_is_integer(json_object_get(object, "seq"))) {
        json_decref(object);
        return fault(walk, expected, "its line is not a JSON object with a seq");
    }
    struct ledger_raw raw = {.seq = json_integer_value(json_object_get(object, "seq")),
                             .is_text[SEQ] = true};
    for (int i = AT; i < COLUMNS; i++) {
        const json_t *value = json_object_get(object, column_names[i]);
        if (value == NULL || json_is_null(value))
            continue;
        raw.is_text[i] = json_is_string(value);
        raw.column[i] = octets_of(raw.is_text[i] ? json_string_value(value) : "",
                                  raw.is_text[i] ? json_string_length(value) : 0);
    }
    bool is_good = check_record(walk, &raw);
    json_decref(object);
    return is_good;
}

bool ledger_verify_export(FILE *ndjson, const struct ledger_known *known, struct ledger_check *out)
{
    struct walk walk;
    if (!walk_begin(&walk, known, out))
        return false;
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while (out->is_whole && (length = getline(&line, &room, ndjson)) > 0)
        if (line[0] != '\n')
            check_line(&walk, line, (size_t)length);
    bool can_be_read = ferror(ndjson) == 0;
    free(line);
    walk_end(&walk);
    walk_wipe(&walk);
    return can_be_read;
}

static bool export_record(void *who, const struct ledger_raw *raw)
{
    json_t *object = json_object();
    json_object_set_new(object, "seq", json_integer(raw->seq));
    for (int i = AT; i < COLUMNS; i++) {
        bool is_there = has(raw, (enum column)i) && raw->is_text[i];
        json_object_set_new(object, column_names[i],
                            is_there ? json_stringn((const char *)raw->column[i].at,
                                                    raw->column[i].length)
                                     : json_null());
    }
    bool is_written = json_dumpf(object, who, JSON_COMPACT) == 0 && fputc('\n', who) != EOF;
    json_decref(object);
    return is_written;
}

bool ledger_export(struct store *store, FILE *out)
{
    return store_ledger_walk(store, 0, export_record, out) == STORE_OK && fflush(out) == 0 &&
           ferror(out) == 0;
}
