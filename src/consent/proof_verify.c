/* A packet held against itself: its records by their digests, its texts by their seals, its head by a signature. That
 * its records stand in the ledger is seen by their hashes there. */
#include <stdlib.h>

#include "base/must.h"
#include "consent/ledger_format.h"
#include "consent/number.h"
#include "consent/proof.h"
#include "consent/seal_format.h"
#include "consent/signature.h"
#include "verify_parts.h"

struct packet {
    const json_t *json;
    const struct ledger_known *known;
    struct ledger_check *check;
    struct netstrings scratch;
};

static const char *text_at(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int64_t number_at(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* ---- records ---- */

/* A value, its salt and its digest; gone together, or fitting. */
static bool value_fits(const json_t *record, const char *field)
{
    char name[24], made[DIGEST_HEX_SIZE];
    const char *value = text_at(record, field);
    snprintf(name, sizeof name, "%s_salt", field);
    const char *salt = text_at(record, name);
    snprintf(name, sizeof name, "%s_digest", field);
    const char *digest = text_at(record, name);
    if (value == NULL || salt == NULL || digest == NULL)
        return value == NULL && salt == NULL;
    ledger_format_digest(field, octets_text(salt), octets_text(value), made);
    return strcmp(made, digest) == 0;
}

static bool hash_fits(const json_t *record)
{
    char made[DIGEST_HEX_SIZE];
    struct ledger_row row = {.seq = number_at(record, "seq"),
                             .at = text_at(record, "at"),
                             .kind = text_at(record, "kind"),
                             .program = text_at(record, "program"),
                             .number_digest = text_at(record, "number_digest"),
                             .payload_digest = text_at(record, "payload_digest"),
                             .prev_hash = text_at(record, "prev_hash"),
                             .hash = text_at(record, "hash")};
    if (row.at == NULL || row.kind == NULL || row.program == NULL || row.prev_hash == NULL ||
        row.hash == NULL)
        return false;
    ledger_format_hash(&row, made);
    return strcmp(made, row.hash) == 0;
}

static bool check_record(struct packet *packet, const json_t *record)
{
    int64_t seq = number_at(record, "seq");
    if (!value_fits(record, "number") || !value_fits(record, "payload"))
        return verify_fault(packet->check, seq, "its number or its payload was changed");
    if (!hash_fits(record))
        return verify_fault(packet->check, seq, "it was changed: its hash doesn't fit it");
    return true;
}

/* All of them are the number's own, and those that follow each other are a chain. */
static bool check_records(struct packet *packet)
{
    size_t i;
    const json_t *record, *before = NULL;
    const char *phone = text_at(packet->json, "phone");
    json_array_foreach(json_object_get(packet->json, "records"), i, record)
    {
        int64_t seq = number_at(record, "seq");
        const char *number = text_at(record, "number");
        if (!check_record(packet, record))
            return false;
        if (phone == NULL || number == NULL || strcmp(number, phone) != 0)
            return verify_fault(packet->check, seq, "it is not of the packet's number");
        if (before != NULL && number_at(before, "seq") >= seq)
            return verify_fault(packet->check, seq, "it is out of order");
        if (before != NULL && number_at(before, "seq") == seq - 1 &&
            strcmp(text_at(before, "hash"), text_at(record, "prev_hash")) != 0)
            return verify_fault(packet->check, seq, "it doesn't follow the record before it");
        before = record;
        packet->check->records++;
    }
    return true;
}

/* ---- texts and their seals ---- */

static bool digest_read(const char *hex, uint8_t out[DIGEST_SIZE])
{
    struct octets text = octets_text(hex);
    return text.length == DIGEST_HEX_SIZE - 1 && octets_from_hex(text, out);
}

/* The message of a packet as it was sealed in one try. */
static bool message_read(const struct packet *packet, const json_t *json, const json_t *try,
                         struct message *out)
{
    static const enum message_purpose purposes[] = {
#define MESSAGE_PURPOSE(name, number, word, is_reply) PURPOSE_##name,
#include "proto/message.def"
    };
    int64_t tail;
    const char *texts[] = {text_at(json, "id"),   text_at(json, "from"), text_at(json, "purpose"),
                           text_at(json, "text"), text_at(json, "salt"), text_at(try, "carrier"),
                           text_at(json, "program"), text_at(packet->json, "phone")};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] == NULL)
            return false;
    const char *answers = text_at(json, "answers");
    *out = (struct message){.sender = texts[1],
                            .text = texts[3],
                            .cargo = text_at(json, "cargo"),
                            .salt = (int64_t)strtoull(texts[4], NULL, 16),
                            .carrier = texts[5],
                            .tries = (int)number_at(try, "try"),
                            .consent_seq = number_at(try, "consent_seq")};
    for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++)
        if (strcmp(message_purpose_word(purposes[i]), texts[2]) == 0)
            out->purpose = purposes[i];
    return message_id_read(octets_text(texts[0]), &out->id, &out->tail) &&
           (answers == NULL || message_id_read(octets_text(answers), &out->answers, &tail)) &&
           number_read(octets_text(texts[7]), "", &out->number) == NUMBER_OK;
}

static bool path_read(const json_t *path, struct seal_step steps[SEAL_PATH_MOST])
{
    size_t i;
    const json_t *step;
    if (json_array_size(path) > SEAL_PATH_MOST)
        return false;
    json_array_foreach(path, i, step)
    {
        const char *side = text_at(step, "side");
        if (side == NULL || !digest_read(text_at(step, "hash"), steps[i].hash))
            return false;
        steps[i].is_left = strcmp(side, "left") == 0;
    }
    return true;
}

/* NULL: the packet doesn't have it. */
static const json_t *seal_record(const struct packet *packet, int64_t seq)
{
    size_t i;
    const json_t *record;
    json_array_foreach(json_object_get(packet->json, "seals"), i, record)
    {
        if (number_at(record, "seq") == seq)
            return record;
    }
    return NULL;
}

static bool root_is(const json_t *record, const uint8_t root[DIGEST_SIZE])
{
    uint8_t said[DIGEST_SIZE];
    const char *text = text_at(record, "payload");
    json_t *payload = text == NULL ? NULL : json_loads(text, 0, NULL);
    bool is_it = digest_read(text_at(payload, "root"), said) && memcmp(said, root, DIGEST_SIZE) == 0;
    json_decref(payload);
    return is_it;
}

static bool check_try(struct packet *packet, const json_t *json, const json_t *try)
{
    struct message message;
    struct seal_step steps[SEAL_PATH_MOST];
    uint8_t leaf[DIGEST_SIZE], root[DIGEST_SIZE];
    const json_t *seal = json_object_get(try, "seal"), *path = json_object_get(seal, "path");
    int64_t seq = number_at(seal, "seq");
    if (json_is_null(seal))
        return true; /* of a time before seals; the reader is told */
    if (!message_read(packet, json, try, &message) || !path_read(path, steps))
        return verify_fault(packet->check, seq, "a text of the packet can't be read");
    seal_leaf(&packet->scratch, &message, text_at(json, "program"), leaf);
    seal_climb(leaf, steps, json_array_size(path), root);
    const json_t *record = seal_record(packet, seq);
    if (record == NULL || !root_is(record, root))
        return verify_fault(packet->check, seq, "message %s is not what it sealed", text_at(json, "id"));
    packet->check->sealed++;
    return true;
}

static bool check_texts(struct packet *packet)
{
    size_t i, k;
    const json_t *json, *try;
    json_array_foreach(json_object_get(packet->json, "seals"), i, json)
    {
        const char *kind = text_at(json, "kind");
        if (!check_record(packet, json))
            return false;
        if (kind == NULL || strcmp(kind, "seal") != 0)
            return verify_fault(packet->check, number_at(json, "seq"), "it is no seal");
    }
    json_array_foreach(json_object_get(packet->json, "messages"), i, json)
    {
        json_array_foreach(json_object_get(json, "tries"), k, try)
        {
            if (!check_try(packet, json, try))
                return false;
        }
    }
    return true;
}

/* ---- the head ---- */

/* Signed itself, when the packet came from a gateway; else by the newest signature of the ledger. */
static bool check_head(struct packet *packet)
{
    struct ledger_check *check = packet->check;
    const uint8_t *key = packet->known->public_key;
    const json_t *head = json_object_get(packet->json, "head");
    const json_t *record = json_object_get(packet->json, "signature");
    const char *hash = text_at(head, "hash"), *text = text_at(record, "payload");
    char kept[DIGEST_HEX_SIZE + 24];
    snprintf(kept, sizeof kept, "%lld:%s", (long long)number_at(head, "seq"), hash == NULL ? "" : hash);
    if (packet->known->head != NULL && strcmp(kept, packet->known->head) != 0)
        return verify_fault(check, number_at(head, "seq"), "the packet's head is another than the one that was kept");
    if (key == NULL)
        return true;
    if (hash != NULL && signature_check(key, number_at(head, "seq"), hash, text_at(head, "signature"))) {
        check->signed_seq = number_at(head, "seq");
        const char *made_at = text_at(packet->json, "made_at");
        snprintf(check->signed_at, sizeof check->signed_at, "%.24s", made_at == NULL ? "?" : made_at);
        return true;
    }
    json_t *payload = text == NULL ? NULL : json_loads(text, 0, NULL);
    bool is_good = check_record(packet, record) && text_at(payload, "hash") != NULL &&
                   signature_check(key, number_at(payload, "seq"), text_at(payload, "hash"),
                                   text_at(payload, "signature"));
    if (is_good) {
        check->signed_seq = number_at(payload, "seq");
        snprintf(check->signed_at, sizeof check->signed_at, "%.24s", text_at(record, "at"));
    }
    json_decref(payload);
    return is_good ||
           verify_fault(check, number_at(head, "seq"), "nothing in the packet is signed by the key");
}

bool proof_verify(const json_t *packet, const struct ledger_known *known, struct ledger_check *out)
{
    const char *format = text_at(packet, "format"), *hash = text_at(json_object_get(packet, "head"), "hash");
    struct packet it = {.json = packet, .known = known, .check = out};
    *out = (struct ledger_check){.is_whole = true};
    if (format == NULL || strcmp(format, PROOF_FORMAT) != 0) {
        verify_fault(out, 0, "it is no packet of the format " PROOF_FORMAT);
        return false;
    }
    (void)(check_records(&it) && check_texts(&it) && check_head(&it));
    netstrings_free(&it.scratch);
    snprintf(out->head_hash, sizeof out->head_hash, "%.64s", hash == NULL ? "" : hash);
    return true;
}
