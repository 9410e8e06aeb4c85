#include "consent/proof.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "consent/effect.h"
#include "consent/number.h"
#include "consent/seal_format.h"

#define SLICE 200
#define TRIES 32

struct proof {
    struct store *store;
    const struct proof_order *order;
    struct region *region; /* of a slice of rows */
    struct region *inner;  /* of one row */
    json_t *packet, *seals, *left_out;
    struct netstrings scratch;
    bool is_read;
};

/* ---- values; none is NULL, null is JSON's ---- */

/* Octets that are not UTF-8, which a carrier or somebody's change may have put there, as Latin-1. */
static json_t *text_json(const char *text)
{
    json_t *json = text == NULL ? json_null() : json_string(text);
    if (json != NULL)
        return json;
    char *clean = mem_new(2 * strlen(text) + 1), *end = clean;
    for (const uint8_t *at = (const uint8_t *)text; *at != '\0'; at++) {
        if (*at >= 0x80)
            *end++ = (char)(0xc0 | *at >> 6);
        *end++ = (char)(*at >= 0x80 ? 0x80 | (*at & 0x3f) : *at);
    }
    json = json_string(clean);
    free(clean);
    must(json != NULL);
    return json;
}

static json_t *words_json(const char *text)
{
    return text == NULL || text[0] == '\0' ? json_null() : text_json(text);
}

static json_t *time_json(int64_t at)
{
    char text[TIME_TEXT_SIZE];
    if (at == 0)
        return json_null();
    time_write(at, text);
    return json_string(text);
}

static json_t *id_json(int64_t id, int64_t tail)
{
    char text[MESSAGE_ID_SIZE];
    message_id_write(id, tail, text);
    return json_string(text);
}

static json_t *hex_json(const uint8_t digest[DIGEST_SIZE])
{
    char text[DIGEST_HEX_SIZE];
    octets_to_hex(octets_of(digest, DIGEST_SIZE), text);
    return json_string(text);
}

static json_t *record_json(const struct ledger_row *row)
{
    json_t *json = json_pack(
        "{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "seq", (json_int_t)row->seq, "at",
        text_json(row->at), "kind", text_json(row->kind), "program", text_json(row->program), "number",
        text_json(row->number), "number_salt", text_json(row->number_salt), "number_digest",
        text_json(row->number_digest), "payload", text_json(row->payload), "payload_salt",
        text_json(row->payload_salt), "payload_digest", text_json(row->payload_digest), "prev_hash",
        text_json(row->prev_hash), "hash", text_json(row->hash));
    must(json != NULL);
    return json;
}

/* ---- what may be seen ---- */

static bool may_see(const struct proof *proof, const char *program)
{
    return proof->order->may_see == NULL || proof->order->may_see(proof->order->who, program);
}

/* A STOP may have been said to another program, or to none, and end this one too. */
static bool covers_one_seen(const struct proof *proof, const struct ledger_row *row)
{
    size_t i;
    const json_t *scope;
    bool is_seen = false;
    json_t *payload = row->payload == NULL ? NULL : json_loads(row->payload, 0, NULL);
    json_array_foreach(json_object_get(payload, EFFECT_COVERS), i, scope)
    {
        const char *name = json_string_value(json_object_get(scope, "name"));
        is_seen = is_seen || (name != NULL && effect_is_scope(scope, OPTOUT_PROGRAM, name) &&
                              may_see(proof, name));
    }
    json_decref(payload);
    return is_seen;
}

static bool sees_record(const struct proof *proof, const struct ledger_row *row)
{
    return may_see(proof, row->program) || covers_one_seen(proof, row);
}

/* ---- the ledger's records ---- */

static bool failed(struct proof *proof)
{
    proof->is_read = false;
    return false;
}

/* The list is full: the rest is left out, and said to be. */
static bool is_full(struct proof *proof, const json_t *list, const char *name)
{
    if (json_array_size(list) < proof->order->most)
        return false;
    json_array_append_new(proof->left_out, json_string(name));
    return true;
}

/* Newest first, until the list is full; gives the list, oldest first. */
static json_t *turned(json_t *newest_first)
{
    json_t *list = json_array();
    for (size_t i = json_array_size(newest_first); i-- > 0;)
        json_array_append(list, json_array_get(newest_first, i));
    json_decref(newest_first);
    return list;
}

static json_t *records_of(struct proof *proof, const char *number)
{
    size_t count = SLICE;
    json_t *list = json_array();
    struct ledger_row *rows = mem_new(SLICE * sizeof *rows);
    struct ledger_filter filter = {.number = number, .newest_first = true, .limit = SLICE};
    bool has_room = true;
    while (proof->is_read && has_room && count == SLICE) {
        region_clear(proof->region);
        if (store_ledger_list(proof->store, &filter, proof->region, rows, &count) == STORE_FAILED)
            failed(proof);
        for (size_t i = 0; proof->is_read && has_room && i < count; i++) {
            has_room = !is_full(proof, list, "records");
            if (has_room && sees_record(proof, &rows[i]))
                json_array_append_new(list, record_json(&rows[i]));
        }
        filter.after = count > 0 ? rows[count - 1].seq : filter.after;
    }
    free(rows);
    return turned(list);
}

/* The newest of a kind; null where there is none. */
static json_t *newest_record(struct proof *proof, const char *kind)
{
    size_t count = 0;
    struct ledger_row row;
    struct ledger_filter filter = {.kind = kind, .newest_first = true, .limit = 1};
    region_clear(proof->inner);
    if (store_ledger_list(proof->store, &filter, proof->inner, &row, &count) == STORE_FAILED)
        failed(proof);
    return proof->is_read && count == 1 ? record_json(&row) : json_null();
}

static json_t *head_json(struct proof *proof)
{
    const struct proof_order *order = proof->order;
    struct ledger_row row = {.seq = order->head_seq, .hash = order->head_hash};
    region_clear(proof->inner);
    if (order->head_seq == 0 &&
        store_ledger_last(proof->store, proof->inner, &row) == STORE_FAILED)
        failed(proof);
    return json_pack("{s:I,s:o,s:o,s:o}", "seq", (json_int_t)row.seq, "hash", text_json(row.hash), "key",
                     text_json(order->key), "signature", text_json(order->signature));
}

/* ---- where the number stands ---- */

static json_t *consents_of(struct proof *proof)
{
    size_t count = 0;
    json_t *list = json_array();
    struct consent *rows = mem_new(SLICE * sizeof *rows);
    uint64_t number = proof->order->number;
    region_clear(proof->region);
    if (store_consents_of(proof->store, number, proof->region, rows, SLICE, &count) == STORE_FAILED)
        failed(proof);
    for (size_t i = 0; proof->is_read && i < count && rows[i].number == number; i++) {
        const char *program = store_program_name(proof->store, rows[i].program, proof->region);
        if (program == NULL || !may_see(proof, program))
            continue;
        json_array_append_new(
            list, json_pack("{s:o,s:b,s:I,s:o,s:o,s:o,s:I}", "program", text_json(program), "opted_in",
                            (int)rows[i].has_opted_in, "ledger_seq", (json_int_t)rows[i].seq, "since",
                            time_json(rows[i].since), "collected_at", time_json(rows[i].collected_at),
                            "why", text_json(rows[i].why), "lifted_up_to",
                            (json_int_t)rows[i].lifted_seq));
    }
    free(rows);
    return list;
}

static bool optout_is_seen(struct proof *proof, const struct optout *optout)
{
    struct ledger_row row;
    if (proof->order->may_see == NULL)
        return true;
    return store_ledger_get(proof->store, optout->seq, proof->region, &row) == STORE_OK &&
           sees_record(proof, &row);
}

static json_t *optouts_of(struct proof *proof)
{
    size_t count = 0;
    struct optout *rows;
    json_t *list = json_array();
    region_clear(proof->region);
    if (store_optouts_of(proof->store, proof->order->number, proof->region, &rows, &count) ==
        STORE_FAILED)
        failed(proof);
    for (size_t i = 0; proof->is_read && i < count; i++) {
        if (!optout_is_seen(proof, &rows[i]))
            continue;
        json_t *json = effect_scope(rows[i].scope, rows[i].name);
        json_object_set_new(json, "ledger_seq", json_integer(rows[i].seq));
        json_object_set_new(json, "at", time_json(rows[i].at));
        json_object_set_new(json, "how", text_json(rows[i].how));
        json_array_append_new(list, json);
    }
    return list;
}

/* ---- texts ---- */

/* The record of a seal goes into the packet once, however many of its texts do. */
static bool seal_find(struct proof *proof, int64_t place, int64_t *seq)
{
    struct ledger_row row;
    enum store_result result = store_seal_after(proof->store, place, proof->inner, &row);
    if (result == STORE_FAILED)
        return failed(proof);
    if (result == STORE_NONE)
        return false;
    char name[24];
    snprintf(name, sizeof name, "%lld", (long long)row.seq);
    if (json_object_get(proof->seals, name) == NULL)
        json_object_set_new(proof->seals, name, record_json(&row));
    *seq = row.seq;
    return true;
}

static json_t *path_json(uint8_t *leaves, size_t count, size_t at)
{
    struct seal_step steps[SEAL_PATH_MOST];
    json_t *path = json_array();
    size_t length = seal_path(leaves, count, at, steps);
    for (size_t i = 0; i < length; i++)
        json_array_append_new(path, json_pack("{s:s,s:o}", "side", steps[i].is_left ? "left" : "right",
                                              "hash", hex_json(steps[i].hash)));
    return path;
}

/* Where a try stands in its seal; null where it was never sealed, or isn't what was. */
static json_t *seal_json(struct proof *proof, const struct message *message, const char *program)
{
    int64_t seq;
    struct octets leaves;
    uint8_t leaf[DIGEST_SIZE];
    if (message->seal == 0 || !seal_find(proof, message->seal, &seq) ||
        store_seal_get(proof->store, seq, proof->inner, &leaves) != STORE_OK)
        return json_null();
    seal_leaf(&proof->scratch, message, program, leaf);
    size_t count = leaves.length / DIGEST_SIZE, at = 0;
    while (at < count && memcmp(leaves.at + at * DIGEST_SIZE, leaf, DIGEST_SIZE) != 0)
        at++;
    if (at == count)
        return json_null();
    uint8_t *copy = region_get(proof->inner, leaves.length);
    memcpy(copy, leaves.at, leaves.length);
    return json_pack("{s:I,s:o,s:o}", "seq", (json_int_t)seq, "leaf", hex_json(leaf), "path",
                     path_json(copy, count, at));
}

static json_t *try_json(struct proof *proof, const struct message *message, const char *program)
{
    return json_pack("{s:i,s:o,s:I,s:o}", "try", message->tries, "carrier", text_json(message->carrier),
                     "consent_seq", (json_int_t)message->consent_seq, "seal",
                     seal_json(proof, message, program));
}

/* Every time that it was given to a carrier, the first first. */
static json_t *tries_of(struct proof *proof, const struct message *message, const char *program)
{
    size_t count = 0, most = message->tries > TRIES ? TRIES : (size_t)message->tries;
    struct message *rows = region_get(proof->inner, (most + 1) * sizeof *rows);
    json_t *list = json_array();
    bool has_own = false;
    if (message->tries <= 0)
        return list;
    if (store_tries_list(proof->store, message->id, 0, proof->inner, rows, most, &count) == STORE_FAILED)
        failed(proof);
    for (size_t i = 0; proof->is_read && i < count && rows[i].id == message->id; i++) {
        json_array_append_new(list, try_json(proof, &rows[i], program));
        has_own = has_own || rows[i].tries == message->tries;
    }
    if (!has_own)
        json_array_append_new(list, try_json(proof, message, program));
    return list;
}

static json_t *answers_json(struct proof *proof, const struct message *message)
{
    struct inbound inbound;
    if (message->answers == 0 ||
        store_inbound_get(proof->store, message->answers, proof->inner, &inbound) != STORE_OK)
        return json_null();
    return id_json(inbound.id, inbound.tail);
}

static json_t *message_json(struct proof *proof, const struct message *message, const char *program)
{
    char salt[20];
    snprintf(salt, sizeof salt, "%016llx", (unsigned long long)message->salt);
    json_t *json = json_pack(
        "{s:o,s:o,s:o,s:s,s:o,s:s,s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id",
        id_json(message->id, message->tail), "program", text_json(program), "from",
        text_json(message->sender), "purpose", message_purpose_word(message->purpose), "text",
        text_json(message->text), "status", message_state_word(message->state), "reason",
        words_json(message->reason), "salt", salt, "created_at", time_json(message->created_at), "sent_at",
        time_json(message->sent_at), "done_at", time_json(message->done_at), "carrier_id",
        words_json(message->carrier_id), "account", words_json(message->account), "answers",
        answers_json(proof, message), "tries", tries_of(proof, message, program));
    must(json != NULL);
    if (message->cargo[0] != '\0')
        json_object_set_new(json, "cargo", text_json(message->cargo));
    return json;
}

static json_t *messages_of(struct proof *proof)
{
    size_t count = SLICE;
    json_t *list = json_array();
    struct message *rows = mem_new(SLICE * sizeof *rows);
    struct message_filter filter = {.number = proof->order->number};
    bool has_room = true;
    while (proof->is_read && has_room && count == SLICE) {
        region_clear(proof->region);
        if (store_message_search(proof->store, &filter, proof->region, rows, SLICE, &count) ==
            STORE_FAILED)
            failed(proof);
        for (size_t i = 0; proof->is_read && has_room && i < count; i++) {
            region_clear(proof->inner);
            has_room = !is_full(proof, list, "messages");
            const char *program = store_program_name(proof->store, rows[i].program, proof->inner);
            if (has_room && program != NULL && may_see(proof, program))
                json_array_append_new(list, message_json(proof, &rows[i], program));
        }
        filter.after = count > 0 ? rows[count - 1].id : filter.after;
    }
    free(rows);
    return turned(list);
}

static json_t *inbound_json(const struct inbound *inbound, const char *program)
{
    json_t *json = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id",
                             id_json(inbound->id, inbound->tail), "at", time_json(inbound->at), "to",
                             text_json(inbound->sender), "program", text_json(program), "carrier",
                             text_json(inbound->carrier), "text", text_json(inbound->text), "verdict",
                             text_json(inbound->verdict), "rule", text_json(inbound->rule), "effect",
                             text_json(inbound->effect), "ledger_seq", json_integer(inbound->ledger_seq));
    must(json != NULL);
    return json;
}

static json_t *inbound_of(struct proof *proof)
{
    size_t count = SLICE;
    int64_t after = 0;
    json_t *list = json_array();
    struct inbound *rows = mem_new(SLICE * sizeof *rows);
    bool has_room = true;
    while (proof->is_read && has_room && count == SLICE) {
        region_clear(proof->region);
        if (store_inbound_list(proof->store, proof->order->number, 0, after, proof->region, rows, SLICE,
                               &count) == STORE_FAILED)
            failed(proof);
        for (size_t i = 0; proof->is_read && has_room && i < count; i++) {
            const char *program =
                rows[i].program == 0
                    ? NULL
                    : store_program_name(proof->store, rows[i].program, proof->region);
            has_room = !is_full(proof, list, "inbound");
            if (has_room && (program == NULL || may_see(proof, program)))
                json_array_append_new(list, inbound_json(&rows[i], program));
        }
        after = count > 0 ? rows[count - 1].id : after;
    }
    free(rows);
    return turned(list);
}

/* ---- the packet ---- */

static json_t *seals_list(const json_t *seals)
{
    const char *name;
    json_t *record, *list = json_array();
    json_object_foreach((json_t *)(uintptr_t)seals, name, record)
    {
        json_array_append(list, record);
    }
    return list;
}

static void packet_fill(struct proof *proof)
{
    char number[NUMBER_TEXT_SIZE];
    json_t *packet = proof->packet;
    number_write(proof->order->number, number);
    json_object_set_new(packet, "format", json_string(PROOF_FORMAT));
    json_object_set_new(packet, "phone", json_string(number));
    json_object_set_new(packet, "made_at", time_json(proof->order->now_ms));
    json_object_set_new(packet, "left_out", json_incref(proof->left_out));
    json_object_set_new(packet, "head", head_json(proof));
    json_object_set_new(packet, "signature", newest_record(proof, "signature"));
    json_object_set_new(packet, "consents", consents_of(proof));
    json_object_set_new(packet, "optouts", optouts_of(proof));
    json_object_set_new(packet, "records", records_of(proof, number));
    json_object_set_new(packet, "messages", messages_of(proof));
    json_object_set_new(packet, "inbound", inbound_of(proof));
    json_object_set_new(packet, "seals", seals_list(proof->seals));
}

json_t *proof_make(struct store *store, const struct proof_order *order)
{
    struct proof proof = {.store = store,
                          .order = order,
                          .region = region_new(),
                          .inner = region_new(),
                          .packet = json_object(),
                          .seals = json_object(),
                          .left_out = json_array(),
                          .is_read = true};
    packet_fill(&proof);
    region_free(proof.region);
    region_free(proof.inner);
    netstrings_free(&proof.scratch);
    json_decref(proof.seals);
    json_decref(proof.left_out);
    if (proof.is_read)
        return proof.packet;
    json_decref(proof.packet);
    return NULL;
}
