/* Receipts: every form in tests/vectors/receipts.tsv is read as its row says, and what a row can't
 * say. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/region.h"
#include "smpp/receipt.h"

#define VECTORS   "tests/vectors/receipts.tsv"
#define ROWS_MOST 400
#define HEARD_AT  INT64_C(1773480600000) /* 2026-03-14T09:30:00Z */

enum column {
    NAME,
    ESM_CLASS,
    DATA_CODING,
    BY_TEXT,
    TEXT,
    ID_TLV,
    STATE_TLV,
    ERROR_TLV,
    SUBMITTED,
    RULE,
    STATE,
    CLOSES,
    ERR,
    DONE_DATE,
    NOTE,
    COLUMNS
};

static struct {
    char *columns[COLUMNS];
} rows[ROWS_MOST];
static int row_count;

static struct region *region;
static const struct receipt_profile plain = {0};

static void region_begin(void)
{
    region = region_new();
}

static void region_end(void)
{
    region_free(region);
}

static void rows_load(void)
{
    char line[4096];
    FILE *file = fopen(VECTORS, "r");
    must(file != NULL);
    bool has_head = false;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        if (!has_head) {
            has_head = true;
            continue;
        }
        must(row_count < ROWS_MOST);
        char *rest = line;
        for (int i = 0; i < COLUMNS; i++) {
            char *column = strsep(&rest, "\t");
            must(column != NULL);
            rows[row_count].columns[i] = mem_text(column);
        }
        must(rest == NULL);
        row_count++;
    }
    fclose(file);
}

/* \xNN, {abc*N}, and - for nothing. */
static struct octets octets_of_notation(const char *text)
{
    size_t length = 0, size = strlen(text) + 1;
    uint8_t *out = region_get(region, 400000);
    if (strcmp(text, "-") == 0)
        return octets_of(NULL, 0);
    for (size_t i = 0; i + 1 < size;) {
        unsigned octet;
        char piece[16];
        unsigned times;
        int used = 0;
        if (text[i] == '\\' && sscanf(text + i, "\\x%2x%n", &octet, &used) == 1) {
            out[length++] = (uint8_t)octet;
        } else if (text[i] == '{' &&
                   sscanf(text + i, "{%15[^*}]*%u}%n", piece, &times, &used) == 2 && used > 0) {
            for (unsigned k = 0; k < times; k++) {
                memcpy(out + length, piece, strlen(piece));
                length += strlen(piece);
            }
        } else {
            out[length++] = (uint8_t)text[i];
            used = 1;
        }
        i += (size_t)used;
        ck_assert_uint_lt(length, 300000);
    }
    return octets_of(out, length);
}

static struct octets octets_of_hex(const char *hex)
{
    if (strcmp(hex, "-") == 0)
        return octets_of(NULL, 0);
    uint8_t *out = region_get(region, strlen(hex) / 2 + 1);
    ck_assert(octets_from_hex(octets_text(hex), out));
    return octets_of(out, strlen(hex) / 2);
}

static void check_octets(struct octets got, const char *wanted, const char *row)
{
    if (strcmp(wanted, "-") == 0)
        wanted = "";
    ck_assert_msg(octets_equal(got, octets_text(wanted)), "%s: \"%.*s\" instead of \"%s\"", row,
                  (int)got.length, (const char *)got.at, wanted);
}

static void check_date(const struct receipt *receipt, const char *wanted, const char *row)
{
    char text[48];
    int64_t at_ms;
    ck_assert_msg(receipt->has_done_date == (strcmp(wanted, "-") != 0), "%s: a date?", row);
    if (!receipt->has_done_date)
        return;
    bool has_seconds = strlen(wanted) > strlen("2026-03-14T09:27");
    bool has_zone = strpbrk(wanted + strlen("2026-03-14T09:27"), "Z+-") != NULL;
    snprintf(text, sizeof text, "%s%s%s", wanted, has_seconds ? "" : ":00", has_zone ? "" : "Z");
    ck_assert_msg(time_read(octets_text(text), &at_ms), "%s: %s", row, text);
    ck_assert_msg(receipt->done_at == at_ms, "%s: another date", row);
    ck_assert_msg(receipt->zone_is_told == has_zone, "%s: a zone?", row);
}

static enum receipt_match match_of(const struct receipt *receipt, const char *submitted)
{
    enum receipt_match match = RECEIPT_MATCH_NONE;
    struct octets id = octets_text(strcmp(submitted, "-") == 0 ? "" : submitted);
    for (unsigned i = 0; i < receipt->id_count && match == RECEIPT_MATCH_NONE; i++)
        match = receipt_id_match(id, receipt->ids[i]);
    return match;
}

START_TEST(each_known_form_is_read_as_its_row_says)
{
    char **row = rows[_i].columns;
    const char *name = row[NAME];
    struct receipt_source source = {.esm_class = (uint8_t)strtoul(row[ESM_CLASS], NULL, 16),
                                    .data_coding = (uint8_t)strtoul(row[DATA_CODING], NULL, 16),
                                    .text = octets_of_notation(row[TEXT]),
                                    .id = octets_of_hex(row[ID_TLV]),
                                    .state = octets_of_hex(row[STATE_TLV]),
                                    .error = octets_of_hex(row[ERROR_TLV]),
                                    .heard_at = HEARD_AT};
    struct receipt_profile profile = {.by_text = strcmp(row[BY_TEXT], "yes") == 0};
    struct receipt receipt;
    receipt_read(&source, &profile, region, &receipt);
    enum receipt_match match = match_of(&receipt, row[SUBMITTED]);
    bool is_receipt = receipt.kind == RECEIPT_SURE ||
                      (receipt.kind == RECEIPT_PERHAPS && match != RECEIPT_MATCH_NONE);
    ck_assert_msg(is_receipt == (strcmp(row[STATE], "-") != 0), "%s: a receipt?", name);
    ck_assert_msg(strcmp(receipt_match_text(match), row[RULE]) == 0, "%s: matched by %s", name,
                  receipt_match_text(match));
    if (!is_receipt)
        return;
    ck_assert_msg(strcmp(receipt_state_text(receipt.state), row[STATE]) == 0, "%s: state %s", name,
                  receipt_state_text(receipt.state));
    bool closes = receipt.is_final && match != RECEIPT_MATCH_NONE;
    ck_assert_msg(closes == (strcmp(row[CLOSES], "yes") == 0), "%s: closes?", name);
    check_octets(receipt.err, row[ERR], name);
    check_date(&receipt, row[DONE_DATE], name);
}
END_TEST

START_TEST(the_vectors_are_all_there)
{
    ck_assert_int_ge(row_count, 110);
}
END_TEST

static struct receipt read_marked(const char *text, const struct receipt_profile *profile)
{
    struct receipt_source source = {
        .esm_class = 0x04, .text = octets_text(text), .heard_at = HEARD_AT};
    struct receipt receipt;
    receipt_read(&source, profile, region, &receipt);
    return receipt;
}

static enum receipt_state state_of_stat(const char *stat)
{
    char text[200];
    snprintf(text, sizeof text, "id:1 stat:%s err:000", stat);
    return read_marked(text, &plain).state;
}

START_TEST(every_known_word_has_its_state_in_any_case)
{
    static const struct {
        const char *word;
        enum receipt_state state;
    } words[] = {{"DELIVRD", 2},       {"Delivered", 2},
                 {"deliverd", 2},      {"EXPIRED", 3},
                 {"deleted", 4},       {"UNDELIV", 5},
                 {"UNDELIVERABLE", 5}, {"undelivered", 5},
                 {"UNDELIVRD", 5},     {"UNDELVRD", 5},
                 {"failed", 5},        {"REJECTD", 8},
                 {"REJECTED", 8},      {"reject", 8},
                 {"ACCEPTD", 6},       {"ACCEPTED", 6},
                 {"ACKED", 6},         {"ENROUTE", 1},
                 {"BUFFRED", 1},       {"BUFFERD", 1},
                 {"BUFFERED", 1},      {"SKIPPED", 9},
                 {"SCHEDLD", 0},       {"SCHEDULED", 0},
                 {"UNKNOWN", 7},       {"Delivered  to\tcarrier", 6},
                 {"EXPIRED 3 004", 3}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_msg(state_of_stat(words[i].word) == words[i].state, "%s", words[i].word);
}
END_TEST

START_TEST(a_word_is_never_known_by_its_beginning)
{
    static const char *const words[] = {
        "DELIVRDX",    "DELIVER", "DELIVERED TO", "DELIVERED TO CARRIERS",
        "NOT DELIVRD", "2",       "DELIVRD?",     "EXPIRED000"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct receipt receipt =
            read_marked(region_format(region, "id:1 stat:%s", words[i]), &plain);
        ck_assert_msg(receipt.state == RECEIPT_STATE_UNKNOWN && !receipt.is_final, "%s", words[i]);
        check_octets(receipt.stat, words[i], words[i]);
    }
}
END_TEST

START_TEST(accepted_closes_a_message_only_if_the_profile_says_so)
{
    struct receipt_profile final = {.accepted_is_final = true};
    ck_assert(!read_marked("id:1 stat:ACCEPTD", &plain).is_final);
    ck_assert(read_marked("id:1 stat:ACCEPTD", &final).is_final);
}
END_TEST

START_TEST(the_profile_can_believe_the_text_before_the_tlvs)
{
    struct receipt_profile text_first = {.text_first = true};
    struct receipt_source source = {.esm_class = 0x04,
                                    .text = octets_text("id:70 stat:UNDELIV"),
                                    .id = octets_of("71", 3),
                                    .state = octets_of("\x02", 1),
                                    .heard_at = HEARD_AT};
    struct receipt receipt;
    receipt_read(&source, &text_first, region, &receipt);
    ck_assert(receipt.state == RECEIPT_STATE_UNDELIVERABLE && receipt.contradicts);
    ck_assert(!receipt.id_is_tlv && receipt.id_count == 2);
    check_octets(receipt.ids[0], "70", "first");
    check_octets(receipt.ids[1], "71", "second");
    receipt_read(&source, &plain, region, &receipt);
    ck_assert(receipt.state == RECEIPT_STATE_DELIVERED && receipt.contradicts && receipt.id_is_tlv);
    check_octets(receipt.ids[0], "71", "first");
}
END_TEST

START_TEST(a_carrier_that_packs_may_pack_its_receipts_or_not)
{
    uint8_t packed[200];
    const struct octets text = octets_text("id:70 sub:001 dlvrd:001 stat:DELIVRD err:000 text:");
    struct receipt_source source = {.esm_class = 0x04, .zero = TEXT_ZERO_PACKED, .text = text};
    struct receipt receipt;
    receipt_read(&source, &plain, region, &receipt);
    ck_assert(receipt.state == RECEIPT_STATE_DELIVERED && receipt.id_count == 1);
    source.text = octets_of(packed, gsm7_pack(text, 0, packed));
    receipt_read(&source, &plain, region, &receipt);
    ck_assert(receipt.state == RECEIPT_STATE_DELIVERED && receipt.id_count == 1);
    check_octets(receipt.ids[0], "70", "packed");
}
END_TEST

START_TEST(err_of_the_text_and_of_the_tlv_are_both_kept)
{
    struct receipt_source source = {.esm_class = 0x04,
                                    .text = octets_text("id:1 stat:UNDELIV err:027"),
                                    .error = octets_of("\x03\x01\x02", 3)};
    struct receipt receipt;
    receipt_read(&source, &plain, region, &receipt);
    check_octets(receipt.err, "027", "err");
    check_octets(receipt.network_error, "3:258", "network error");
}
END_TEST

START_TEST(a_marked_text_without_any_fact_says_so)
{
    ck_assert(!read_marked("STOP", &plain).has_facts);
    ck_assert(!read_marked("STOP now: please", &plain).has_facts);
    ck_assert(read_marked("id:1 stat:EXPIRED", &plain).has_facts);
}
END_TEST

START_TEST(the_second_value_of_a_key_counts_as_a_contradiction_only_if_it_differs)
{
    ck_assert(!read_marked("id:1 stat:EXPIRED stat:EXPIRED", &plain).contradicts);
    ck_assert(read_marked("id:1 stat:EXPIRED stat:DELIVRD", &plain).contradicts);
}
END_TEST

START_TEST(a_receipt_by_text_needs_id_stat_and_a_date_or_err)
{
    static const struct {
        const char *text;
        enum receipt_kind kind;
    } texts[] = {{"id:1 stat:DELIVRD err:000", RECEIPT_PERHAPS},
                 {"id:1 stat:DELIVRD done date:2603140926", RECEIPT_PERHAPS},
                 {"id:1 stat:DELIVRD", RECEIPT_NOT},
                 {"id:1 err:000", RECEIPT_NOT},
                 {"stat:DELIVRD err:000", RECEIPT_NOT},
                 {"STOP", RECEIPT_NOT}};
    struct receipt_profile by_text = {.by_text = true};
    struct receipt receipt;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct receipt_source source = {.text = octets_text(texts[i].text), .heard_at = HEARD_AT};
        receipt_read(&source, &by_text, region, &receipt);
        ck_assert_msg(receipt.kind == texts[i].kind, "%s", texts[i].text);
        receipt_read(&source, &plain, region, &receipt);
        ck_assert(receipt.kind == RECEIPT_NOT);
    }
}
END_TEST

START_TEST(nothing_behind_text_can_bring_an_id)
{
    struct receipt receipt = read_marked("sub:1 text: id:9 stat:DELIVRD", &plain);
    ck_assert_uint_eq(receipt.id_count, 0);
    ck_assert_int_eq(receipt.state, RECEIPT_STATE_UNKNOWN);
    receipt = read_marked("sub:1 text: stat:DELIVRD id:9", &plain);
    ck_assert_uint_eq(receipt.id_count, 0);
    ck_assert_int_eq(receipt.state, RECEIPT_STATE_DELIVERED);
}
END_TEST

START_TEST(a_broken_header_is_read_as_text)
{
    char text[200] =
        "id:4711 stat:DELIVRD err:000 text:"; /* as a header: 105 octets that don't fit */
    memset(text + strlen(text), 'x', 120);
    struct receipt_source source = {
        .esm_class = 0x44, .text = octets_text(text), .heard_at = HEARD_AT};
    struct receipt receipt;
    receipt_read(&source, &plain, region, &receipt);
    ck_assert_uint_eq(receipt.id_count, 1);
    check_octets(receipt.ids[0], "4711", "id");
}
END_TEST

START_TEST(an_id_too_long_to_look_up_is_shown_cut)
{
    char text[120] = "id:";
    memset(text + 3, '7', 65);
    struct receipt receipt = read_marked(text, &plain);
    ck_assert_uint_eq(receipt.id_count, 0);
    ck_assert_uint_eq(receipt.overlong_id.length, 64);
    text[3 + 64] = '\0';
    ck_assert_uint_eq(read_marked(text, &plain).ids[0].length, 64);
}
END_TEST

START_TEST(a_date_with_several_readings_is_the_one_nearest_to_the_arrival)
{
    /* As YYMMDDhhmm 1801010203 would be eight years ago; as seconds it is 2027-01-28T00:36:43Z. */
    struct receipt receipt = read_marked("id:1 done date:1801010203", &plain);
    ck_assert(receipt.has_done_date && receipt.zone_is_told);
    ck_assert_int_eq(receipt.done_at, INT64_C(1801010203000));
}
END_TEST

START_TEST(a_date_more_than_400_days_off_is_none)
{
    ck_assert(read_marked("id:1 done date:250208093000", &plain).has_done_date); /* 399 days */
    ck_assert(!read_marked("id:1 done date:250206093000", &plain).has_done_date);
    ck_assert(!read_marked("id:1 done date:1603140930", &plain).has_done_date);
    ck_assert(!read_marked("id:1 done date:yesterday", &plain).has_done_date);
}
END_TEST

START_TEST(ids_are_the_same_by_the_first_rule_that_fits)
{
    static const struct {
        const char *submitted, *received;
        enum receipt_match match;
    } pairs[] = {
        {"12", "12", RECEIPT_MATCH_EXACT},
        {"ab-12", "AB-12", RECEIPT_MATCH_CASE},
        {"0012", "12", RECEIPT_MATCH_STRIP_ZEROS},
        {"00aB", "Ab", RECEIPT_MATCH_STRIP_ZEROS},
        {"000", "0", RECEIPT_MATCH_STRIP_ZEROS},
        {"0f0c2b1e-5d3a", "f0c2b1e-5d3a", RECEIPT_MATCH_NONE},
        {"ff", "255", RECEIPT_MATCH_HEX_TO_DEC},
        {"10", "0016", RECEIPT_MATCH_HEX_TO_DEC},
        {"255", "0FF", RECEIPT_MATCH_DEC_TO_HEX},
        /* 2^64 - 1, 2^64 and 2^128 - 1, as every table of powers has them */
        {"ffffffffffffffff", "18446744073709551615", RECEIPT_MATCH_HEX_TO_DEC},
        {"18446744073709551616", "10000000000000000", RECEIPT_MATCH_DEC_TO_HEX},
        {"ffffffffffffffffffffffffffffffff", "340282366920938463463374607431768211455",
         RECEIPT_MATCH_HEX_TO_DEC},
        {"ffffffffffffffff", "18446744073709551614", RECEIPT_MATCH_NONE},
        {"9f3c5a7e10bd", "9f3c5a7e10", RECEIPT_MATCH_PREFIX},
        {"9f3c", "9f3c@host", RECEIPT_MATCH_PREFIX},
        {"9f3c@host", "9f3c", RECEIPT_MATCH_PREFIX},
        {"9f3c5a7e10", "9f3c5a7e10bd", RECEIPT_MATCH_NONE},
        {"9f3c5a7e10bd", "9f3c", RECEIPT_MATCH_NONE},
        {"12", "13", RECEIPT_MATCH_NONE},
        {"", "", RECEIPT_MATCH_NONE},
        {"12", "", RECEIPT_MATCH_NONE},
        {"", "12", RECEIPT_MATCH_NONE},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        enum receipt_match match =
            receipt_id_match(octets_text(pairs[i].submitted), octets_text(pairs[i].received));
        ck_assert_msg(match == pairs[i].match, "%s %s: %s", pairs[i].submitted, pairs[i].received,
                      receipt_match_text(match));
    }
}
END_TEST

START_TEST(the_longest_hexadecimal_id_is_read_whole)
{
    char hex[65];
    memset(hex, 'f', 64);
    hex[64] = '\0';
    /* 2^256 - 1 has 78 digits: no id of 64 octets can be it, least of all its first 64. */
    ck_assert(receipt_id_match(octets_text(hex), octets_text("11579208923731619542357098500868"
                                                             "79078532699846656405640394575840")) ==
              RECEIPT_MATCH_NONE);
    ck_assert(receipt_id_match(octets_of(hex, 64), octets_of(hex, 64)) == RECEIPT_MATCH_EXACT);
}
END_TEST

START_TEST(our_own_receipts_have_the_labels_and_order_of_appendix_b)
{
    struct receipt_draft draft = {.id = "0190a1b2c3d4",
                                  .submitted = 1,
                                  .delivered = 0,
                                  .submitted_at = HEARD_AT,
                                  .done_at = HEARD_AT + 119999,
                                  .state = RECEIPT_STATE_REJECTED,
                                  .err = "403"};
    ck_assert_str_eq(receipt_write(&draft, region),
                     "id:0190a1b2c3d4 sub:001 dlvrd:000 submit date:2603140930 "
                     "done date:2603140931 stat:REJECTD err:403 text:");
}
END_TEST

START_TEST(err_of_our_own_receipts_is_three_letters_or_digits_at_most)
{
    static const struct {
        const char *err, *written;
    } errs[] = {{NULL, "err:000 "},         {"", "err:000 "},    {"1107", "err:107 "},
                {"027 Absent", "err:027 "}, {"4A6", "err:4A6 "}, {"5", "err:5 "},
                {"%n", "err:000 "},         {"3:17", "err:3 "}};
    for (size_t i = 0; i < sizeof errs / sizeof errs[0]; i++) {
        struct receipt_draft draft = {
            .id = "1", .state = RECEIPT_STATE_UNKNOWN, .err = errs[i].err};
        ck_assert_msg(strstr(receipt_write(&draft, region), errs[i].written) != NULL, "%s",
                      errs[i].written);
    }
}
END_TEST

START_TEST(every_state_has_a_word_that_a_reader_knows)
{
    static const enum receipt_state heard_as[] = {1, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    for (enum receipt_state state = 0; state <= RECEIPT_STATE_SKIPPED; state++) {
        struct receipt_draft draft = {.id = "1", .state = state};
        ck_assert_int_eq(read_marked(receipt_write(&draft, region), &plain).state, heard_as[state]);
    }
}
END_TEST

/* Each would take hours if reading were quadratic; the runner's time limit is seconds. */
START_TEST(four_megabytes_of_anything_are_read_in_linear_time)
{
    static const char *const pieces[] = {
        "id:",  "done ",     "done date ", "submit\t", "err: Text", "text: ", "text: stat:",
        " a1:", " aaaaaaaa", "\"",         " ",        "stat:",     " 0",     "id:1 x "};
    const size_t size = 4 << 20;
    uint8_t *text = region_get(region, size);
    struct receipt receipt;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        size_t length = strlen(pieces[i]);
        for (size_t at = 0; at + length <= size; at += length)
            memcpy(text + at, pieces[i], length);
        struct receipt_source source = {.esm_class = 0x04, .text = octets_of(text, size)};
        receipt_read(&source, &plain, region, &receipt);
        ck_assert_uint_le(receipt.id_count, RECEIPT_IDS);
        ck_assert_uint_le(receipt.err.length, RECEIPT_VALUE_MOST);
    }
}
END_TEST

START_TEST(no_octets_whatever_break_the_reader)
{
    static const char *const pieces[] = {
        "id:",   "stat:", "done date:", "err:",         " ",    ":",
        "text:", "Text",  "\"",         "DELIVRD",      "_",    "26031409",
        "\0",    "-",     "\xff",       "\x05\x00\x03", "done", "submit date"};
    uint32_t seed = 20260314;
    for (int round = 0; round < 20000; round++) {
        uint8_t text[200];
        size_t length = 0;
        while (length < 170 && (seed = seed * 1664525 + 1013904223) >> 27 != 0) {
            const char *piece = pieces[(seed >> 16) % (sizeof pieces / sizeof pieces[0])];
            size_t piece_length = piece[0] == '\0' ? 1 : strlen(piece);
            memcpy(text + length, piece, piece_length);
            length += piece_length;
            if ((seed >> 8 & 7) == 0)
                text[length++] = (uint8_t)(seed >> 20);
        }
        uint8_t *exact = malloc(length + 1);
        memcpy(exact + 1, text, length);
        struct receipt_source source = {.esm_class = (uint8_t)(0x04 | (seed >> 9 & 0x40)),
                                        .data_coding = (uint8_t)(seed >> 12 & 8),
                                        .text = octets_of(exact + 1, length),
                                        .heard_at = HEARD_AT};
        struct receipt receipt;
        receipt_read(&source, &plain, region, &receipt);
        ck_assert(receipt.kind == RECEIPT_SURE);
        for (unsigned i = 0; i < receipt.id_count; i++)
            ck_assert(receipt.ids[i].length >= 1 && receipt.ids[i].length <= RECEIPT_ID_MOST);
        free(exact);
    }
}
END_TEST

int main(void)
{
    rows_load();
    Suite *suite = suite_create("receipt");
    TCase *promises = tcase_create("promises");
    tcase_add_checked_fixture(promises, region_begin, region_end);
    tcase_set_timeout(promises, 20);
    tcase_add_test(promises, the_vectors_are_all_there);
    tcase_add_loop_test(promises, each_known_form_is_read_as_its_row_says, 0, row_count);
    tcase_add_test(promises, every_known_word_has_its_state_in_any_case);
    tcase_add_test(promises, a_word_is_never_known_by_its_beginning);
    tcase_add_test(promises, accepted_closes_a_message_only_if_the_profile_says_so);
    tcase_add_test(promises, the_profile_can_believe_the_text_before_the_tlvs);
    tcase_add_test(promises, a_carrier_that_packs_may_pack_its_receipts_or_not);
    tcase_add_test(promises, err_of_the_text_and_of_the_tlv_are_both_kept);
    tcase_add_test(promises, a_marked_text_without_any_fact_says_so);
    tcase_add_test(promises,
                   the_second_value_of_a_key_counts_as_a_contradiction_only_if_it_differs);
    tcase_add_test(promises, a_receipt_by_text_needs_id_stat_and_a_date_or_err);
    tcase_add_test(promises, nothing_behind_text_can_bring_an_id);
    tcase_add_test(promises, a_broken_header_is_read_as_text);
    tcase_add_test(promises, an_id_too_long_to_look_up_is_shown_cut);
    tcase_add_test(promises, a_date_with_several_readings_is_the_one_nearest_to_the_arrival);
    tcase_add_test(promises, a_date_more_than_400_days_off_is_none);
    tcase_add_test(promises, ids_are_the_same_by_the_first_rule_that_fits);
    tcase_add_test(promises, the_longest_hexadecimal_id_is_read_whole);
    tcase_add_test(promises, our_own_receipts_have_the_labels_and_order_of_appendix_b);
    tcase_add_test(promises, err_of_our_own_receipts_is_three_letters_or_digits_at_most);
    tcase_add_test(promises, every_state_has_a_word_that_a_reader_knows);
    tcase_add_test(promises, four_megabytes_of_anything_are_read_in_linear_time);
    tcase_add_test(promises, no_octets_whatever_break_the_reader);
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
