/* The codec and its table. tests/vectors/ holds octets that the codec did not make. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "smpp/pdu.h"

#define WHOLE  "tests/vectors/whole.txt"
#define BROKEN "tests/vectors/broken.txt"
#define ODD    "tests/vectors/odd.txt"

/* ---- vectors */

struct vector {
    char name[160];
    uint8_t octets[512];
    size_t length;
    char expected[2048];
};

static size_t keep_digits(char *line)
{
    size_t used = 0;
    char *remark = strstr(line, "  ");
    if (remark != NULL)
        *remark = '\0';
    for (char *from = line; *from != '\0' && *from != '\n'; from++) {
        if (*from != ' ')
            line[used++] = *from;
    }
    return used;
}

/* A block: its name, lines of octets, "= " and what is expected. */
static bool vector_read(FILE *file, struct vector *vector)
{
    static char line[4096];
    *vector = (struct vector){0};
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        if (line[0] == '=') {
            snprintf(vector->expected, sizeof vector->expected, "%.2000s", line + 2);
            return true;
        }
        if (vector->name[0] == '\0') {
            snprintf(vector->name, sizeof vector->name, "%.150s", line);
            continue;
        }
        size_t digits = keep_digits(line);
        ck_assert_msg(octets_from_hex(octets_of(line, digits), vector->octets + vector->length),
                      "%s: no hex", vector->name);
        vector->length += digits / 2;
    }
    return false;
}

static void each_vector(const char *path, void (*each)(const struct vector *vector))
{
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s: run from the root of the project", path);
    struct vector vector;
    unsigned count = 0;
    while (vector_read(file, &vector)) {
        each(&vector);
        count++;
    }
    fclose(file);
    ck_assert_uint_gt(count, 0);
}

/* A copy that ends where its memory ends, so that a sanitizer sees each octet read beyond. */
static struct octets exact_copy(const void *from, size_t length)
{
    uint8_t *copy = malloc(length == 0 ? 1 : length);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, from, length);
    return octets_of(copy, length);
}

static void exact_free(struct octets copy)
{
    union {
        const uint8_t *borrowed;
        void *owned;
    } memory = {.borrowed = copy.at};
    free(memory.owned);
}

/* ---- whole PDUs */

static void expect_values(const struct vector *vector, const struct pdu *pdu)
{
    json_t *expected = json_loads(vector->expected, 0, NULL);
    ck_assert_msg(json_is_object(expected), "%s: no JSON", vector->name);
    char *text = pdu_to_json(pdu, PDU_FOR_OPERATOR);
    json_t *got = json_loads(text, 0, NULL);
    ck_assert_msg(json_is_object(got), "%s: gave no JSON: %s", vector->name, text);
    const char *key;
    json_t *value;
    json_object_foreach(expected, key, value)
    {
        json_t *found = json_object_get(got, key);
        bool is_same = json_is_null(value) ? found == NULL : json_equal(found, value);
        ck_assert_msg(is_same, "%s: %s differs in %s", vector->name, key, text);
    }
    free(text);
    json_decref(got);
    json_decref(expected);
}

static void reads_as_expected(const struct vector *vector)
{
    struct octets frame = exact_copy(vector->octets, vector->length);
    struct pdu pdu;
    enum pdu_result result = pdu_decode(frame, &pdu);
    ck_assert_msg(result == PDU_OK, "%s: %d", vector->name, result);
    expect_values(vector, &pdu);
    exact_free(frame);
}

static size_t collect_list(struct pdu_list *list, struct pdu_entry *entries)
{
    size_t count = 0;
    for (size_t at = 0; pdu_entry_next(list, &at, &entries[count]);)
        count++;
    ck_assert_uint_eq(count, list->count);
    list->entries = entries;
    return count;
}

static void collect_tlvs(struct pdu *pdu, struct tlv *tlvs)
{
    for (size_t at = 0; pdu_tlv_next(pdu, &at, &tlvs[pdu->tlv_count]); pdu->tlv_count++) {
        const struct tlv_row *row = pdu_tag_find(tlvs[pdu->tlv_count].tag);
        if (row != NULL && row->kind == TLV_KIND_TEXT)
            ck_assert(pdu_tlv_text(pdu, row->tag, &tlvs[pdu->tlv_count].value));
    }
    pdu->tlvs = tlvs;
}

static void writes_the_same_octets(const struct vector *vector)
{
    struct pdu pdu;
    ck_assert_int_eq(pdu_decode(octets_of(vector->octets, vector->length), &pdu), PDU_OK);
    struct pdu_entry dests[8], failures[8];
    struct tlv tlvs[8];
    collect_list(&pdu.dest_address, dests);
    collect_list(&pdu.unsuccess_sme, failures);
    collect_tlvs(&pdu, tlvs);
    uint8_t out[512];
    size_t length;
    ck_assert_msg(pdu_encode(&pdu, out, sizeof out, &length), "%s", vector->name);
    ck_assert_msg(octets_equal(octets_of(out, length), octets_of(vector->octets, vector->length)),
                  "%s: other octets", vector->name);
    ck_assert_uint_eq(pdu_size(&pdu), length);
    for (size_t size = 0; size < length; size++)
        ck_assert_msg(!pdu_encode(&pdu, out, size, &length), "%s: fits %zu", vector->name, size);
}

START_TEST(a_whole_pdu_reads_as_its_author_meant_it)
{
    each_vector(WHOLE, reads_as_expected);
}
END_TEST

START_TEST(a_whole_pdu_is_written_with_the_octets_it_was_read_from)
{
    each_vector(WHOLE, writes_the_same_octets);
}
END_TEST

START_TEST(what_peers_do_against_the_text_is_read_and_named)
{
    each_vector(ODD, reads_as_expected);
}
END_TEST

/* ---- broken PDUs */

static const char *result_name(enum pdu_result result)
{
    static const char *const names[] = {
        [PDU_OK] = "ok",
        [PDU_BAD_LENGTH] = "bad_length",
        [PDU_UNKNOWN_COMMAND] = "unknown_command",
        [PDU_CUT_SHORT] = "cut_short",
        [PDU_FIELD_TOO_LONG] = "field_too_long",
        [PDU_BAD_LIST] = "bad_list",
        [PDU_BAD_TLVS] = "bad_tlvs",
    };
    return names[result];
}

static void is_refused_as_expected(const struct vector *vector)
{
    struct octets frame = exact_copy(vector->octets, vector->length);
    struct pdu pdu;
    enum pdu_result result = pdu_decode(frame, &pdu);
    char got[160];
    snprintf(got, sizeof got, "%s %02X %s", result_name(result), (unsigned)pdu.fault.status,
             pdu.fault.field);
    ck_assert_msg(strcmp(got, vector->expected) == 0, "%s: %s", vector->name, got);
    ck_assert_msg(pdu.source_addr.length == 0 && !pdu.has_body, "%s: left fields", vector->name);
    exact_free(frame);
}

START_TEST(a_broken_pdu_is_answered_by_the_status_of_what_is_wrong)
{
    each_vector(BROKEN, is_refused_as_expected);
}
END_TEST

START_TEST(a_fault_says_what_and_where)
{
    static const uint8_t frame[] = {0, 0, 0, 0x14, 0, 0, 0, 4, 0, 0,
                                    0, 0, 0, 0,    0, 1, 0, 1, 1, 0x31};
    struct pdu pdu;
    char text[160];
    pdu_explain(&pdu, pdu_decode(octets_of(frame, sizeof frame), &pdu), text, sizeof text);
    ck_assert_str_eq(text, "submit_sm (0x00000004) ends inside source_addr at octet 19");
}
END_TEST

/* Reads everything that a decoded PDU offers. */
static void read_all(const struct pdu *pdu)
{
    free(pdu_to_json(pdu, PDU_FOR_OPERATOR));
    free(pdu_to_json(pdu, PDU_FOR_LOG));
    uint32_t number;
    struct octets text;
    pdu_tlv_number(pdu, TLV_message_state, &number);
    pdu_tlv_number(pdu, TLV_user_message_reference, &number);
    pdu_tlv_text(pdu, TLV_receipted_message_id, &text);
}

static void put_length(uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < 4; i++)
        octets[i] = (uint8_t)(length >> (24 - 8 * i));
}

static void cut_everywhere(const struct vector *vector)
{
    for (size_t length = 0; length < vector->length; length++) {
        uint8_t octets[512];
        memcpy(octets, vector->octets, vector->length);
        if (length >= 4)
            put_length(octets, length);
        struct octets frame = exact_copy(octets, length);
        struct pdu pdu;
        if (pdu_decode(frame, &pdu) == PDU_OK)
            read_all(&pdu);
        else
            ck_assert_uint_ne(pdu.fault.status, ESME_ROK);
        exact_free(frame);
    }
}

START_TEST(a_pdu_cut_anywhere_is_refused_or_read_within_its_octets)
{
    each_vector(WHOLE, cut_everywhere);
    each_vector(BROKEN, cut_everywhere);
    each_vector(ODD, cut_everywhere);
}
END_TEST

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* A known command and a body of octets that are mostly small, as lengths and NULs are. */
static size_t random_frame(uint32_t *seed, uint8_t *octets, size_t size)
{
    size_t rows;
    const struct pdu_row *row = pdu_rows(&rows);
    row += next_random(seed) % rows;
    size_t length = 16 + next_random(seed) % (size - 16);
    for (size_t i = 0; i < length; i++) {
        uint32_t random = next_random(seed);
        octets[i] = (uint8_t)(random % 3 == 0 ? random >> 8 : (random >> 8) % 5);
    }
    put_length(octets, length);
    put_length(octets + 4, row->id);
    if (next_random(seed) % 4 != 0)
        put_length(octets + 8, 0);
    return length;
}

START_TEST(random_octets_are_read_within_their_bounds)
{
    uint32_t seed = 20261123;
    unsigned good = 0;
    for (unsigned i = 0; i < 200000; i++) {
        uint8_t octets[96];
        struct octets frame = exact_copy(octets, random_frame(&seed, octets, sizeof octets));
        struct pdu pdu;
        if (pdu_decode(frame, &pdu) == PDU_OK) {
            good++;
            if (i % 8 == 0)
                read_all(&pdu);
        }
        exact_free(frame);
    }
    ck_assert_uint_gt(good, 1000); /* or the frames were too wild to test anything */
}
END_TEST

static void change_octets(const struct vector *vector)
{
    uint32_t seed = (uint32_t)vector->length + 7;
    for (unsigned i = 0; i < 500; i++) {
        uint8_t octets[512];
        memcpy(octets, vector->octets, vector->length);
        for (unsigned change = next_random(&seed) % 3 + 1; change > 0; change--)
            octets[next_random(&seed) % vector->length] = (uint8_t)next_random(&seed);
        put_length(octets, vector->length);
        struct octets frame = exact_copy(octets, vector->length);
        struct pdu pdu;
        if (pdu_decode(frame, &pdu) == PDU_OK)
            read_all(&pdu);
        exact_free(frame);
    }
}

START_TEST(a_pdu_with_octets_changed_is_read_within_its_bounds)
{
    each_vector(WHOLE, change_octets);
    each_vector(ODD, change_octets);
}
END_TEST

/* ---- the table */

static size_t most_octets(const struct pdu_row *row, bool is_read)
{
    size_t most = 16;
    for (const struct pdu_field *field = row->body; field->kind != FIELD_END; field++) {
        size_t each = field->kind == FIELD_DESTS      ? 24
                      : field->kind == FIELD_FAILURES ? 27
                      : field->kind == FIELD_IDS      ? 9
                                                      : 1;
        most += each * (is_read ? field->read : field->write);
    }
    return most;
}

START_TEST(the_longest_pdus_have_the_lengths_that_the_text_gives)
{
    size_t for_long_passwords = 65 - 9;
    ck_assert_uint_eq(most_octets(pdu_command_find(SMPP_bind_transceiver), false),
                      98 + for_long_passwords);
    ck_assert_uint_eq(most_octets(pdu_command_find(SMPP_submit_sm), false), 364);
    ck_assert_uint_eq(most_octets(pdu_command_find(SMPP_submit_sm), true), 365);
    ck_assert_uint_eq(most_octets(pdu_command_find(SMPP_submit_multi), false), 6438);
    ck_assert_uint_eq(most_octets(pdu_command_find(SMPP_submit_multi_resp), false), 6940);
    ck_assert_uint_eq(most_octets(pdu_command_find(SMPP_deliver_sm_resp), false), 17);
}
END_TEST

START_TEST(every_request_has_its_response_and_every_notice_has_none)
{
    size_t count;
    const struct pdu_row *rows = pdu_rows(&count);
    for (size_t i = 0; i < count; i++) {
        const struct pdu_row *row = &rows[i];
        const struct pdu_row *answer = pdu_command_find(row->id | SMPP_RESPONSE);
        ck_assert_msg((row->kind == PDU_RESPONSE) == pdu_is_response(row->id), "%s", row->name);
        if (row->kind == PDU_NOTICE)
            ck_assert_msg(answer == NULL, "%s", row->name);
        if (row->kind != PDU_REQUEST)
            continue;
        char name[64];
        snprintf(name, sizeof name, "%s_resp", row->name);
        ck_assert_msg(answer != NULL && strcmp(answer->name, name) == 0, "%s", row->name);
        ck_assert_msg(answer->esme == row->mc && answer->mc == row->esme, "%s: sides", row->name);
        ck_assert_msg(answer->versions == row->versions, "%s: versions", row->name);
    }
}
END_TEST

START_TEST(commands_are_there_once)
{
    size_t count;
    const struct pdu_row *rows = pdu_rows(&count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(pdu_command_find(rows[i].id) == &rows[i], "%s", rows[i].name);
        ck_assert_msg((rows[i].esme | rows[i].mc) != PDU_NEVER, "%s: nobody", rows[i].name);
    }
    ck_assert_ptr_null(pdu_command_find(0x999));
    ck_assert_ptr_null(pdu_command_find(0x80000102)); /* reserved: never send it */
    ck_assert_ptr_null(pdu_command_find(0x8000000B));
}
END_TEST

START_TEST(tags_rise_and_are_found)
{
    size_t count;
    const struct tlv_row *rows = pdu_tags(&count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(i == 0 || rows[i - 1].tag < rows[i].tag, "%s", rows[i].name);
        ck_assert_msg(pdu_tag_find(rows[i].tag) == &rows[i], "%s", rows[i].name);
        ck_assert_msg(rows[i].least <= rows[i].most, "%s", rows[i].name);
        ck_assert_msg(rows[i].kind > TLV_KIND_U32 || rows[i].most <= 4, "%s", rows[i].name);
    }
    ck_assert_ptr_null(pdu_tag_find(0));
    ck_assert_ptr_null(pdu_tag_find(0x1400)); /* a vendor's, with no global meaning */
    ck_assert_ptr_null(pdu_tag_find(0xFFFF));
}
END_TEST

START_TEST(statuses_rise_and_only_rok_is_done)
{
    size_t count;
    const struct status_row *rows = pdu_statuses(&count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(i == 0 || rows[i - 1].code < rows[i].code, "%s", rows[i].name);
        ck_assert_msg(pdu_status_get(rows[i].code) == &rows[i], "%s", rows[i].name);
        bool is_ok = rows[i].code == 0;
        ck_assert_msg((rows[i].kind == STATUS_OK) == is_ok, "%s", rows[i].name);
        ck_assert_msg((rows[i].fate == FATE_DONE) == is_ok, "%s", rows[i].name);
    }
}
END_TEST

START_TEST(a_status_has_the_fate_that_gateways_give_it)
{
    ck_assert_int_eq(pdu_status_get(0x58)->fate, FATE_SLOW_DOWN);
    ck_assert_int_eq(pdu_status_get(0x14)->fate, FATE_RETRY);
    ck_assert_int_eq(pdu_status_get(0x08)->fate, FATE_RETRY);
    ck_assert_int_eq(pdu_status_get(0x64)->fate, FATE_RETRY);
    ck_assert_int_eq(pdu_status_get(0x04)->fate, FATE_REBIND);
    ck_assert_int_eq(pdu_status_get(0x0B)->fate, FATE_GIVE_UP);
    ck_assert_str_eq(pdu_status_get(0x50)->name, "ESME_RINVDSTTON");
    ck_assert_int_eq(pdu_status_get(0x403)->fate, FATE_GIVE_UP);
    ck_assert_str_eq(pdu_status_get(0x403)->name, "(vendor)");
    ck_assert_int_eq(pdu_status_get(0x4A)->fate, FATE_RETRY_ONCE);
    ck_assert_int_eq(pdu_status_get(0x500)->fate, FATE_RETRY_ONCE);
    ck_assert_str_eq(pdu_status_get(0xFFFFFFFF)->name, "(reserved)");
}
END_TEST

START_TEST(only_some_commands_reach_a_handset)
{
    size_t count, found = 0;
    const struct pdu_row *rows = pdu_rows(&count);
    for (size_t i = 0; i < count; i++)
        found += pdu_reaches_handset(rows[i].id) ? 1 : 0;
    ck_assert_uint_eq(found, 5);
    ck_assert(pdu_reaches_handset(SMPP_submit_sm) && pdu_reaches_handset(SMPP_submit_multi));
    ck_assert(pdu_reaches_handset(SMPP_data_sm) && pdu_reaches_handset(SMPP_replace_sm));
    ck_assert(pdu_reaches_handset(SMPP_broadcast_sm));
    ck_assert(pdu_reaches_handset(0x00010200)); /* a vendor's: nobody knows */
}
END_TEST

START_TEST(sides_states_and_versions_decide_who_may_send)
{
    const struct pdu_row *submit = pdu_command_find(SMPP_submit_sm);
    const struct pdu_row *deliver = pdu_command_find(SMPP_deliver_sm);
    const struct pdu_row *data = pdu_command_find(SMPP_data_sm);
    ck_assert(pdu_may_send(submit, PDU_ESME, PDU_BOUND_TX));
    ck_assert(pdu_may_send(submit, PDU_ESME, PDU_BOUND_TRX));
    ck_assert(!pdu_may_send(submit, PDU_ESME, PDU_BOUND_RX));
    ck_assert(!pdu_may_send(submit, PDU_ESME, PDU_OPEN));
    ck_assert(!pdu_may_send(submit, PDU_MC, PDU_BOUND_TRX));
    ck_assert(pdu_may_send(deliver, PDU_MC, PDU_BOUND_RX));
    ck_assert(!pdu_may_send(deliver, PDU_MC, PDU_BOUND_TX));
    ck_assert(pdu_may_send(data, PDU_MC, PDU_BOUND_TX)); /* 3.4 table 2-1 */
    ck_assert(pdu_is_known_to(submit, 0x33) && pdu_is_known_to(submit, 0x50));
    ck_assert(!pdu_is_known_to(data, 0x33) && pdu_is_known_to(data, 0x34));
    ck_assert(!pdu_is_known_to(pdu_command_find(SMPP_broadcast_sm), 0x34));
    ck_assert(!pdu_is_known_to(pdu_command_find(SMPP_param_retrieve), 0x34));
}
END_TEST

START_TEST(passwords_and_texts_and_numbers_have_their_marks)
{
    size_t count;
    const struct pdu_row *rows = pdu_rows(&count);
    for (size_t i = 0; i < count; i++) {
        for (const struct pdu_field *field = rows[i].body; field->kind != FIELD_END; field++) {
            bool is_password = strcmp(field->name, "password") == 0;
            bool is_text = strcmp(field->name, "short_message") == 0;
            ck_assert_msg((field->show == SHOW_SECRET) == is_password, "%s", rows[i].name);
            ck_assert_msg((field->show == SHOW_TEXT) == is_text, "%s", rows[i].name);
            if (strstr(field->name, "addr") != NULL && field->kind != FIELD_U8 &&
                strcmp(field->name, "address_range") != 0)
                ck_assert_msg(field->show == SHOW_ADDRESS, "%s %s", rows[i].name, field->name);
            ck_assert_msg(field->write <= field->read, "%s %s", rows[i].name, field->name);
        }
    }
}
END_TEST

/* ---- every PDU, filled to the brim */

static uint8_t full_text[256];
static struct pdu_entry full_entries[256];

static void fill_lists(enum pdu_field_kind kind)
{
    for (size_t i = 0; i < 256; i++) {
        bool is_id = kind == FIELD_IDS;
        full_entries[i] = (struct pdu_entry){
            .dest_flag = kind == FIELD_DESTS ? 1 : 0,
            .ton = is_id ? 0 : (uint8_t)i,
            .npi = is_id ? 0 : 1,
            .text = octets_of(full_text, is_id ? 8 : 20),
            .error_status_code = kind == FIELD_FAILURES ? 0xFF000000 | (uint32_t)i : 0,
        };
    }
}

static void fill_field(const struct pdu_field *field, struct pdu *pdu)
{
    void *member = (uint8_t *)pdu + field->offset;
    switch (field->kind) {
    case FIELD_U8:
        *(uint8_t *)member = (uint8_t)(field->offset | 1);
        break;
    case FIELD_TEXT:
    case FIELD_TIME:
        *(struct octets *)member = octets_of(full_text, field->write - 1);
        break;
    case FIELD_OCTETS:
        *(struct octets *)member = octets_of(full_text, field->write);
        break;
    case FIELD_DESTS:
    case FIELD_FAILURES:
    case FIELD_IDS:
        fill_lists(field->kind);
        *(struct pdu_list *)member =
            (struct pdu_list){.entries = full_entries, .count = field->write};
        break;
    case FIELD_COUNT:
    case FIELD_END:
        break;
    }
}

static bool is_same_list(const struct pdu_list *written, const struct pdu_list *read)
{
    struct pdu_entry entry;
    size_t count = 0;
    for (size_t at = 0; pdu_entry_next(read, &at, &entry); count++) {
        const struct pdu_entry *other = &written->entries[count];
        if (entry.dest_flag != other->dest_flag || entry.ton != other->ton ||
            entry.npi != other->npi || !octets_equal(entry.text, other->text) ||
            entry.error_status_code != other->error_status_code)
            return false;
    }
    return count == written->count && count == read->count;
}

static bool is_same_field(const struct pdu_field *field, const struct pdu *a, const struct pdu *b)
{
    const void *left = (const uint8_t *)a + field->offset;
    const void *right = (const uint8_t *)b + field->offset;
    if (field->kind == FIELD_U8)
        return *(const uint8_t *)left == *(const uint8_t *)right;
    if (field->kind == FIELD_COUNT)
        return *(const uint8_t *)right == field[1].write;
    if (field->kind >= FIELD_DESTS)
        return is_same_list(left, right);
    return octets_equal(*(const struct octets *)left, *(const struct octets *)right);
}

static void goes_there_and_back(const struct pdu_row *row)
{
    static uint8_t out[8192];
    struct pdu written = {.command_id = row->id, .sequence_number = 0x7FFFFFFF}, read;
    for (const struct pdu_field *field = row->body; field->kind != FIELD_END; field++)
        fill_field(field, &written);
    uint8_t room[4];
    struct tlv tlvs[] = {
        tlv_number(TLV_user_message_reference, 0xABCD, room),
        tlv_text(TLV_receipted_message_id, "id-1"),
        {.tag = 0x1400, .value = octets_text("vendor")},
    };
    written.tlvs = tlvs;
    written.tlv_count = 3;
    size_t length, with_tlvs = 6 + 4 + 5 + 4 + 6;
    ck_assert_msg(pdu_encode(&written, out, sizeof out, &length), "%s", row->name);
    ck_assert_uint_eq(length, most_octets(row, false) + with_tlvs);
    struct octets frame = exact_copy(out, length);
    ck_assert_msg(pdu_decode(frame, &read) == PDU_OK, "%s", row->name);
    ck_assert_msg(read.deviations == 0, "%s deviates: %x", row->name, (unsigned)read.deviations);
    ck_assert(read.command_id == row->id && read.sequence_number == 0x7FFFFFFF);
    for (const struct pdu_field *field = row->body; field->kind != FIELD_END; field++)
        ck_assert_msg(is_same_field(field, &written, &read), "%s: %s", row->name, field->name);
    uint32_t number;
    struct octets text;
    ck_assert(pdu_tlv_number(&read, TLV_user_message_reference, &number) && number == 0xABCD);
    ck_assert(pdu_tlv_text(&read, TLV_receipted_message_id, &text));
    ck_assert(octets_equal(text, octets_text("id-1")));
    ck_assert(pdu_tlv(&read, 0x1400, &text) && octets_equal(text, octets_text("vendor")));
    exact_free(frame);
}

START_TEST(every_pdu_filled_to_the_brim_goes_there_and_back)
{
    memset(full_text, 'x', sizeof full_text);
    size_t count;
    const struct pdu_row *rows = pdu_rows(&count);
    for (size_t i = 0; i < count; i++)
        goes_there_and_back(&rows[i]);
}
END_TEST

/* ---- what is never written */

static bool is_refused(const struct pdu *pdu)
{
    uint8_t out[8192];
    size_t length;
    return !pdu_encode(pdu, out, sizeof out, &length) && pdu_size(pdu) == 0;
}

START_TEST(a_field_that_is_too_long_is_not_written)
{
    static const char long_text[256] =
        "0123456789012345678901234567890123456789012345678901234567890123456789";
    struct pdu pdu = {.command_id = SMPP_submit_sm};
    ck_assert(!is_refused(&pdu));
    pdu.source_addr = octets_of(long_text, 20);
    ck_assert(!is_refused(&pdu));
    pdu.source_addr = octets_of(long_text, 21);
    ck_assert(is_refused(&pdu));
    pdu.source_addr.length = 0;
    pdu.short_message = octets_of(long_text, 254);
    ck_assert(!is_refused(&pdu));
    pdu.short_message = octets_of(long_text, 255);
    ck_assert(is_refused(&pdu));
}
END_TEST

START_TEST(a_string_with_a_nul_inside_is_not_written)
{
    struct pdu pdu = {.command_id = SMPP_submit_sm, .destination_addr = octets_of("1\0002", 3)};
    ck_assert(is_refused(&pdu));
    pdu.destination_addr = octets_text("12");
    pdu.short_message = octets_of("1\0002", 3); /* @ in GSM 7-bit */
    ck_assert(!is_refused(&pdu));
}
END_TEST

START_TEST(a_time_has_sixteen_characters_or_none)
{
    struct pdu pdu = {.command_id = SMPP_submit_sm, .validity_period = octets_text("2611231000")};
    ck_assert(is_refused(&pdu));
    pdu.validity_period = octets_text("261123100000000+");
    ck_assert(!is_refused(&pdu));
}
END_TEST

START_TEST(lists_are_neither_empty_nor_too_long)
{
    struct pdu_entry entries[255];
    for (size_t i = 0; i < 255; i++)
        entries[i] = (struct pdu_entry){.dest_flag = 1, .text = octets_text("1")};
    struct pdu pdu = {.command_id = SMPP_submit_multi};
    ck_assert(is_refused(&pdu));
    pdu.dest_address = (struct pdu_list){.entries = entries, .count = 254};
    ck_assert(!is_refused(&pdu));
    pdu.dest_address.count = 255;
    ck_assert(is_refused(&pdu));
    pdu.dest_address.count = 1;
    entries[0].dest_flag = 3;
    ck_assert(is_refused(&pdu));
}
END_TEST

START_TEST(a_tlv_of_a_length_it_cannot_have_is_not_written)
{
    struct tlv tlv = {.tag = TLV_network_error_code, .value = octets_text("123")};
    struct pdu pdu = {.command_id = SMPP_deliver_sm, .tlvs = &tlv, .tlv_count = 1};
    ck_assert(!is_refused(&pdu));
    tlv.value.length = 2;
    ck_assert(is_refused(&pdu));
    tlv = (struct tlv){.tag = TLV_message_state, .value = octets_text("12")};
    ck_assert(is_refused(&pdu)); /* read in two octets, written in one */
    tlv = (struct tlv){.tag = TLV_receipted_message_id, .value = octets_of("a\0b", 3)};
    ck_assert(is_refused(&pdu));
}
END_TEST

START_TEST(an_unknown_command_is_not_written)
{
    ck_assert(is_refused(&(struct pdu){.command_id = 0x999}));
}
END_TEST

START_TEST(an_error_response_is_a_header_unless_it_carries_a_tlv)
{
    struct pdu pdu = {
        .command_id = SMPP_submit_sm_resp,
        .command_status = ESME_RINVDSTADR,
        .message_id = octets_text("7f3a"),
    };
    ck_assert_uint_eq(pdu_size(&pdu), 16);
    struct tlv tlv = tlv_text(TLV_additional_status_info_text, "no_consent");
    pdu.message_id.length = 0;
    pdu.tlvs = &tlv;
    pdu.tlv_count = 1;
    ck_assert_uint_eq(pdu_size(&pdu), 32); /* P7 */
}
END_TEST

START_TEST(a_request_goes_without_a_status)
{
    uint8_t out[16];
    size_t length;
    struct pdu pdu = {.command_id = SMPP_enquire_link, .command_status = ESME_RSYSERR};
    ck_assert(pdu_encode(&pdu, out, sizeof out, &length));
    ck_assert_uint_eq(out[8] | out[9] | out[10] | out[11], 0);
}
END_TEST

START_TEST(a_known_tlv_of_a_wrong_length_is_absent)
{
    static const uint8_t frame[] = {0, 0, 0, 0x18, 0x80, 0, 0,  9, 0, 0, 0, 0,
                                    0, 0, 0, 1,    0,    2, 16, 0, 3, 1, 2, 3};
    struct pdu pdu;
    struct octets value;
    uint32_t number;
    ck_assert_int_eq(pdu_decode(octets_of(frame, sizeof frame), &pdu), PDU_OK);
    ck_assert(pdu_deviates(&pdu, PDU_DEVIATION_tlv_wrong_length));
    ck_assert(!pdu_tlv_number(&pdu, TLV_sc_interface_version, &number));
    ck_assert(pdu_tlv(&pdu, TLV_sc_interface_version, &value) && value.length == 3);
}
END_TEST

START_TEST(a_log_shows_no_text_no_password_and_no_whole_number)
{
    FILE *file = fopen(WHOLE, "r");
    ck_assert_ptr_nonnull(file);
    struct vector vector;
    unsigned count = 0;
    for (; vector_read(file, &vector); count++) {
        struct pdu pdu;
        ck_assert_int_eq(pdu_decode(octets_of(vector.octets, vector.length), &pdu), PDU_OK);
        char *text = pdu_to_json(&pdu, PDU_FOR_LOG);
        ck_assert_msg(strstr(text, "secret") == NULL, "%s", text);
        ck_assert_msg(strstr(text, "53544f50") == NULL, "%s", text);   /* STOP */
        ck_assert_msg(strstr(text, "48656c6c6f") == NULL, "%s", text); /* Hello */
        ck_assert_msg(strstr(text, "14155550") == NULL, "%s", text);
        ck_assert_msg(strstr(text, "12065550100") == NULL, "%s", text);
        free(text);
    }
    fclose(file);
    ck_assert_uint_eq(count, 16);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pdu");
    TCase *codec = tcase_create("codec"), *table = tcase_create("table");
    tcase_set_timeout(codec, 60);
    tcase_add_test(codec, a_whole_pdu_reads_as_its_author_meant_it);
    tcase_add_test(codec, a_whole_pdu_is_written_with_the_octets_it_was_read_from);
    tcase_add_test(codec, what_peers_do_against_the_text_is_read_and_named);
    tcase_add_test(codec, a_broken_pdu_is_answered_by_the_status_of_what_is_wrong);
    tcase_add_test(codec, a_fault_says_what_and_where);
    tcase_add_test(codec, a_pdu_cut_anywhere_is_refused_or_read_within_its_octets);
    tcase_add_test(codec, random_octets_are_read_within_their_bounds);
    tcase_add_test(codec, a_pdu_with_octets_changed_is_read_within_its_bounds);
    tcase_add_test(codec, every_pdu_filled_to_the_brim_goes_there_and_back);
    tcase_add_test(codec, a_field_that_is_too_long_is_not_written);
    tcase_add_test(codec, a_string_with_a_nul_inside_is_not_written);
    tcase_add_test(codec, a_time_has_sixteen_characters_or_none);
    tcase_add_test(codec, lists_are_neither_empty_nor_too_long);
    tcase_add_test(codec, a_tlv_of_a_length_it_cannot_have_is_not_written);
    tcase_add_test(codec, an_unknown_command_is_not_written);
    tcase_add_test(codec, an_error_response_is_a_header_unless_it_carries_a_tlv);
    tcase_add_test(codec, a_request_goes_without_a_status);
    tcase_add_test(codec, a_known_tlv_of_a_wrong_length_is_absent);
    tcase_add_test(codec, a_log_shows_no_text_no_password_and_no_whole_number);
    tcase_add_test(table, the_longest_pdus_have_the_lengths_that_the_text_gives);
    tcase_add_test(table, every_request_has_its_response_and_every_notice_has_none);
    tcase_add_test(table, commands_are_there_once);
    tcase_add_test(table, tags_rise_and_are_found);
    tcase_add_test(table, statuses_rise_and_only_rok_is_done);
    tcase_add_test(table, a_status_has_the_fate_that_gateways_give_it);
    tcase_add_test(table, only_some_commands_reach_a_handset);
    tcase_add_test(table, sides_states_and_versions_decide_who_may_send);
    tcase_add_test(table, passwords_and_texts_and_numbers_have_their_marks);
    suite_add_tcase(suite, codec);
    suite_add_tcase(suite, table);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
