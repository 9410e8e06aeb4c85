/* The ledger: its octets, its chain, and that no change of either goes unseen. The digests in here
 * were made by another program, from what consent/ledger_format.h says. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/region.h"
#include "consent/ledger.h"
#include "consent/ledger_format.h"
#include "consent/ledger_verify.h"
#include "store/store.h"
#include "tests/unit/place.h"

#define NOW    INT64_C(1795426200000) /* 2026-11-23T09:30:00Z */
#define NUMBER UINT64_C(14155550123)

#define NUMBER_DIGEST  "8b56e18f4d386043f60073a8dfe73665dfd7c99c6b3990cac357422873cf1a63"
#define PAYLOAD_DIGEST "68790fcdfac26f6a15fba673a5d9f6258f2e9aa8ceef4b5229147d23cbe6ae58"
#define FIRST_HASH     "69cbb079e038b28bef7b23d34effe73b4f09e43bf910fa39e194d8fd1f242739"
#define SECOND_HASH    "89afb77f70c25d4fe6dddfed8630067292c3b2270e361aaf681d6a8ce1585c79"
#define LATER_HASH     "38b536c8d4f0ca3a6eac5315c203e1977da449897e075f970b9f79fd6ede2190"

static const char *const columns[] = {
    "at",      "kind",         "program",        "number",    "number_salt", "number_digest",
    "payload", "payload_salt", "payload_digest", "prev_hash", "hash"};
#define COLUMNS (sizeof columns / sizeof *columns)
#define RECORDS 5

static char head[90];

/* ---- a ledger of five records, and what is done to it behind the gateway's back ---- */

static struct store *store_get(void)
{
    char error[STORE_ERROR_SIZE];
    struct store *store = store_open(place_path, error);
    ck_assert_msg(store != NULL, "%s", error);
    return store;
}

static void fill(const char *word)
{
    char payload[80], hash[DIGEST_HEX_SIZE];
    struct store *store = store_get();
    struct ledger *ledger = ledger_open(store);
    snprintf(payload, sizeof payload, "{\"source\":\"%s\"}", word);
    ledger_append(ledger, NOW, "registration", "nurture", NUMBER, payload);
    ledger_append_block(ledger, NOW + 1, "nurture", NUMBER + 1, "{\"account\":\"crm\",\"code\":\"no_consent\"}", "crm", "no_consent");
    ledger_append(ledger, NOW + 2, "opt_out", "nurture", NUMBER, "{\"how\":\"texted STOP\"}");
    ledger_note_activity(ledger, NOW + 2, "nurture", ACTIVITY_OPT_OUT);
    ledger_append(ledger, NOW + 2, "note", "", 0, "{\"count\":2}");
    ledger_append(ledger, NOW + 3, "opt_in", "other", NUMBER, "{\"how\":\"texted START\"}");
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    ck_assert_int_eq(ledger_head(ledger, hash), RECORDS);
    snprintf(head, sizeof head, "%d:%s", RECORDS, hash);
    ledger_close(ledger);
    store_close(store);
}

static void restore(void)
{
    place_run_sql("BEGIN; DELETE FROM ledger; INSERT INTO ledger SELECT * FROM pristine; COMMIT");
}

static void setup(void)
{
    place_open();
    fill("web_form");
    place_run_sql("CREATE TABLE pristine AS SELECT * FROM ledger");
}

static void teardown(void)
{
    place_remove();
}

static struct ledger_check checked(const char *kept_head)
{
    char error[STORE_ERROR_SIZE];
    struct ledger_check check;
    struct store *store = store_open_reader(place_path, error);
    ck_assert_msg(store != NULL, "%s", error);
    ledger_verify_store(store, &(struct ledger_known){.head = kept_head}, &check);
    store_close(store);
    return check;
}

/* The record that the verifier names after `sql`; -1: it finds nothing. The ledger is restored. */
static int64_t named_after(const char *sql)
{
    place_run_sql(sql);
    struct ledger_check check = checked(NULL);
    restore();
    return check.is_whole ? -1 : check.bad_seq;
}

static char *exported(size_t *size)
{
    char error[STORE_ERROR_SIZE], *text = NULL;
    struct store *store = store_open_reader(place_path, error);
    ck_assert_msg(store != NULL, "%s", error);
    FILE *file = open_memstream(&text, size);
    ck_assert(ledger_export(store, file));
    fclose(file);
    store_close(store);
    return text;
}

static struct ledger_check checked_text(const char *text, size_t size, const char *kept_head)
{
    struct ledger_check check;
    FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)text, size, "r") : fopen("/dev/null", "r");
    ck_assert_ptr_nonnull(file);
    ledger_verify_export(file, &(struct ledger_known){.head = kept_head}, &check);
    fclose(file);
    return check;
}

/* ---- the octets ---- */

START_TEST(the_digest_of_a_value_is_that_of_three_netstrings)
{
    char digest[DIGEST_HEX_SIZE];
    ledger_format_digest("number", octets_text("00112233445566778899aabbccddeeff"),
                         octets_text("+14155550123"), digest);
    ck_assert_str_eq(digest, NUMBER_DIGEST);
    ledger_format_digest("payload", octets_text("ffeeddccbbaa99887766554433221100"),
                         octets_text("{\"source\":\"web_form\",\"who\":\"Zo\u00eb\"}"), digest);
    ck_assert_str_eq(digest, PAYLOAD_DIGEST);
    ledger_format_digest("payload", octets_text(""), octets_text(""), digest);
    ck_assert_str_eq(digest, "4c40170ec715bf36cb5665c590d16ed5cb6fcb4856a81b4cee7235fc15887e97");
}
END_TEST

START_TEST(the_hash_of_a_record_covers_eight_netstrings_and_a_missing_digest_is_a_hyphen)
{
    char hash[DIGEST_HEX_SIZE];
    struct ledger_row row = {.seq = 1,
                             .at = "2026-11-23T09:30:00.000Z",
                             .kind = "registration",
                             .program = "new-lead-nurture",
                             .number_digest = NUMBER_DIGEST,
                             .payload_digest = PAYLOAD_DIGEST,
                             .prev_hash = LEDGER_FIRST_PREV};
    ledger_format_hash(&row, hash);
    ck_assert_str_eq(hash, FIRST_HASH);
    row = (struct ledger_row){.seq = 2,
                              .at = "2026-11-23T09:30:00.001Z",
                              .kind = "seal",
                              .program = "",
                              .payload_digest = PAYLOAD_DIGEST,
                              .prev_hash = FIRST_HASH};
    ledger_format_hash(&row, hash);
    ck_assert_str_eq(hash, SECOND_HASH);
    row.seq = 4711;
    row.kind = "opt_out";
    row.number_digest = NUMBER_DIGEST;
    row.prev_hash = SECOND_HASH;
    ledger_format_hash(&row, hash);
    ck_assert_str_eq(hash, LATER_HASH);
}
END_TEST

START_TEST(the_hash_does_not_cover_what_may_have_to_be_erased)
{
    char hash[DIGEST_HEX_SIZE];
    struct ledger_row row = {.seq = 1,
                             .at = "2026-11-23T09:30:00.000Z",
                             .kind = "registration",
                             .program = "new-lead-nurture",
                             .number = "+19995550100",
                             .number_salt = "00",
                             .number_digest = NUMBER_DIGEST,
                             .payload = "{}",
                             .payload_salt = "11",
                             .payload_digest = PAYLOAD_DIGEST,
                             .prev_hash = LEDGER_FIRST_PREV};
    ledger_format_hash(&row, hash);
    ck_assert_str_eq(hash, FIRST_HASH);
}
END_TEST

/* A verifier of its own: netstrings by printf, SHA-256 by OpenSSL. */
static void expect_digest(const char *field, const char *salt, const char *value,
                          const char *digest)
{
    char text[400], made[DIGEST_HEX_SIZE];
    int length = snprintf(text, sizeof text, "%zu:%s,%zu:%s,%zu:%s,", strlen(field), field,
                          strlen(salt), salt, strlen(value), value);
    digest_sha256_hex(octets_of(text, (size_t)length), made);
    ck_assert_str_eq(made, digest);
}

START_TEST(what_is_appended_is_on_disk_as_the_format_says)
{
    char text[800], made[DIGEST_HEX_SIZE];
    struct ledger_row first, row;
    struct region *region = region_new();
    struct store *store = store_get();
    ck_assert_int_eq(store_ledger_get(store, 1, region, &first), STORE_OK);
    ck_assert_str_eq(first.prev_hash, LEDGER_FIRST_PREV);
    ck_assert_str_eq(first.at, "2026-11-23T09:30:00.000Z");
    ck_assert_str_eq(first.number, "+14155550123");
    ck_assert_uint_eq(strlen(first.number_salt), 32);
    ck_assert_str_ne(first.number_salt, first.payload_salt);
    expect_digest("number", first.number_salt, first.number, first.number_digest);
    expect_digest("payload", first.payload_salt, first.payload, first.payload_digest);
    ck_assert_int_eq(store_ledger_get(store, 2, region, &row), STORE_OK);
    ck_assert_str_eq(row.prev_hash, first.hash);
    int length =
        snprintf(text, sizeof text,
                 "15:assent-ledger-1,64:%s,1:2,24:2026-11-23T09:30:00.001Z,5:block,7:nurture,"
                 "64:%s,64:%s,",
                 first.hash, row.number_digest, row.payload_digest);
    digest_sha256_hex(octets_of(text, (size_t)length), made);
    ck_assert_str_eq(made, row.hash);
    ck_assert_int_eq(store_ledger_get(store, 4, region, &row), STORE_OK);
    ck_assert(row.number == NULL && row.number_salt == NULL && row.number_digest == NULL);
    region_free(region);
    store_close(store);
}
END_TEST

START_TEST(the_same_record_twice_has_two_salts_so_that_no_number_can_be_guessed_from_its_digest)
{
    struct ledger_row one, other;
    struct region *region = region_new();
    struct store *store = store_get();
    struct ledger *ledger = ledger_open(store);
    ledger_append_block(ledger, NOW, "nurture", NUMBER, "{}", "crm", "no_consent");
    ledger_append_block(ledger, NOW, "nurture", NUMBER, "{}", "crm", "no_consent");
    ck_assert_int_eq(store_ledger_get(store, 6, region, &one), STORE_OK);
    ck_assert_int_eq(store_ledger_get(store, 7, region, &other), STORE_OK);
    ck_assert_str_ne(one.number_digest, other.number_digest);
    ck_assert_str_ne(one.payload_digest, other.payload_digest);
    ledger_close(ledger);
    region_free(region);
    store_close(store);
}
END_TEST

/* ---- appending ---- */

START_TEST(after_a_restart_the_chain_goes_on_where_it_ended)
{
    char before[DIGEST_HEX_SIZE], after[DIGEST_HEX_SIZE];
    struct store *store = store_get();
    struct ledger *ledger = ledger_open(store);
    ck_assert_int_eq(ledger_head(ledger, before), RECORDS);
    ck_assert_str_eq(before, head + 2);
    ck_assert_int_eq(ledger_append(ledger, NOW + 9, "note", "", NUMBER, "{}"), RECORDS + 1);
    ck_assert_int_eq(ledger_head(ledger, after), RECORDS + 1);
    ck_assert_str_ne(before, after);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    ledger_close(ledger);
    store_close(store);
    struct ledger_check check = checked(head);
    ck_assert_msg(check.is_whole, "%s", check.why);
    ck_assert_int_eq(check.records, RECORDS + 1);
    ck_assert_str_eq(check.head_hash, after);
}
END_TEST

START_TEST(a_record_whose_commit_failed_leaves_no_gap)
{
    char hash[DIGEST_HEX_SIZE];
    struct store *store = store_get();
    struct ledger *ledger = ledger_open(store);
    struct inbound text = {.id = 1, .verdict = "none"};
    ledger_append(ledger, NOW, "opt_out", "", NUMBER, "{}");
    store_inbound_put(store, &text);
    store_inbound_put(store, &text); /* the same id twice: this turn can't be kept */
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    ck_assert(ledger_reload(ledger));
    ck_assert_int_eq(ledger_head(ledger, hash), RECORDS);
    ck_assert_str_eq(hash, head + 2);
    ck_assert_int_eq(ledger_append(ledger, NOW, "opt_in", "", NUMBER, "{}"), RECORDS + 1);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    ledger_close(ledger);
    store_close(store);
    ck_assert(checked(head).is_whole);
}
END_TEST

/* ---- what was changed ---- */

START_TEST(a_chain_that_nobody_touched_verifies)
{
    struct ledger_check check = checked(NULL);
    ck_assert_msg(check.is_whole, "%s", check.why);
    ck_assert_int_eq(check.records, RECORDS);
    ck_assert_str_eq(check.head_hash, head + 2);
    ck_assert(checked(head).is_whole);
    place_run_sql("DELETE FROM ledger");
    ck_assert(!checked(NULL).is_whole); /* more is counted than there is */
    place_run_sql("DELETE FROM activity");
    ck_assert(checked(NULL).is_whole);
    ck_assert_int_eq(checked(NULL).records, 0);
}
END_TEST

/* Puts `value` in the place of a column; NULLs become '1'. The record that is named is `named`. */
static void change(const char *column, int seq, const char *value, int64_t named)
{
    char sql[400];
    snprintf(sql, sizeof sql, "UPDATE ledger SET %s = coalesce(%s, '1') WHERE seq = %d", column,
             value, seq);
    int64_t found = named_after(sql);
    ck_assert_msg(found == named, "%s: record %lld", sql, (long long)found);
}

START_TEST(a_change_of_any_column_of_any_record_is_found_and_the_record_is_named)
{
    for (int seq = 1; seq <= RECORDS; seq++) {
        for (size_t i = 0; i < COLUMNS; i++) {
            const char *column = columns[i];
            char value[200];
            snprintf(
                value, sizeof value,
                "substr(%s, 1, length(%s) - 1) || CASE substr(%s, -1) WHEN '0' THEN '1' ELSE '0' "
                "END",
                column, column, column);
            change(column, seq, value, seq);
            snprintf(value, sizeof value, "%s || '0'", column);
            change(column, seq, value, seq);
            change(column, seq, "17", seq);
            change(column, seq, "X'00'", seq);
            bool is_empty_already = strcmp(column, "program") == 0 && seq == 4;
            change(column, seq, "''", is_empty_already ? -1 : seq);
        }
        change("seq", seq, "99", seq);
    }
}
END_TEST

START_TEST(a_record_that_was_taken_out_swapped_added_or_doubled_is_found)
{
    static const struct {
        const char *sql;
        int64_t named;
    } changes[] = {
        {"DELETE FROM ledger WHERE seq = 1", 1},
        {"DELETE FROM ledger WHERE seq = 3", 3},
        {"DELETE FROM ledger WHERE seq = 3; UPDATE ledger SET seq = 3 WHERE seq = 4;"
         "UPDATE ledger SET seq = 4 WHERE seq = 5",
         3},
        {"UPDATE ledger SET seq = -2 WHERE seq = 2; UPDATE ledger SET seq = 2 WHERE seq = 3;"
         "UPDATE ledger SET seq = 3 WHERE seq = -2",
         2},
        {"INSERT INTO ledger SELECT 6, at, kind, program, number, payload, prev_hash, hash,"
         "number_salt, number_digest, payload_salt, payload_digest, leaves FROM pristine WHERE seq = 5",
         6},
        {"INSERT INTO ledger SELECT 0, at, kind, program, number, payload, prev_hash, hash,"
         "number_salt, number_digest, payload_salt, payload_digest, leaves FROM pristine WHERE seq = 1",
         0},
        {"INSERT INTO ledger SELECT -7, at, kind, program, number, payload, prev_hash, hash,"
         "number_salt, number_digest, payload_salt, payload_digest, leaves FROM pristine WHERE seq = 1",
         -7},
        {"UPDATE ledger SET seq = seq + 1000000", 1},
        {"UPDATE ledger SET number = p.number, number_salt = p.number_salt,"
         "number_digest = p.number_digest FROM pristine p WHERE p.seq = 2 AND ledger.seq = 3",
         3},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        int64_t named = named_after(changes[i].sql);
        ck_assert_msg(named == changes[i].named, "%s: record %lld", changes[i].sql,
                      (long long)named);
    }
}
END_TEST

/* Without its key the table takes any seq. */
static void unkey(void)
{
    place_run_sql("CREATE TABLE loose AS SELECT * FROM ledger; DROP TABLE ledger;"
           "ALTER TABLE loose RENAME TO ledger");
}

START_TEST(a_record_that_is_there_twice_in_a_table_without_its_key_is_found)
{
    unkey();
    ck_assert(checked(head).is_whole);
    ck_assert_int_eq(named_after("INSERT INTO ledger SELECT * FROM pristine WHERE seq = 3"), 3);
    ck_assert_int_eq(named_after("INSERT INTO ledger (seq) VALUES (NULL)"),
                     1); /* where 1 belongs */
}
END_TEST

START_TEST(a_seq_that_is_no_integer_is_found)
{
    place_run_sql(
        "CREATE TABLE loose (seq, at, kind, program, number, payload, prev_hash, hash, number_salt,"
        "number_digest, payload_salt, payload_digest, leaves); INSERT INTO loose SELECT * FROM ledger;"
        "DROP TABLE ledger; ALTER TABLE loose RENAME TO ledger");
    ck_assert_int_eq(named_after("UPDATE ledger SET seq = 3.5 WHERE seq = 3"), 3);
    ck_assert_int_eq(named_after("UPDATE ledger SET seq = seq || 'abc'"), 1);
}
END_TEST

START_TEST(a_head_kept_elsewhere_finds_a_tail_that_was_cut_off)
{
    place_run_sql("DELETE FROM ledger WHERE seq = 5");
    ck_assert(checked(NULL).is_whole); /* from within, nobody can know */
    struct ledger_check check = checked(head);
    ck_assert(!check.is_whole);
    ck_assert_int_eq(check.bad_seq, 5);
    place_run_sql("DELETE FROM ledger");
    ck_assert_int_eq(checked(head).bad_seq, 1);
    ck_assert(!checked(head).is_whole);
}
END_TEST

#define ERASE_2                                                                                    \
    "UPDATE ledger SET number = NULL, number_salt = NULL, payload = NULL, payload_salt = NULL "    \
    "WHERE seq = 2;"

static void append(const char *kind, const char *payload)
{
    struct store *store = store_get();
    struct ledger *ledger = ledger_open(store);
    ledger_append(ledger, NOW + 10, kind, "", 0, payload);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    ledger_close(ledger);
    store_close(store);
    place_run_sql("DROP TABLE pristine; CREATE TABLE pristine AS SELECT * FROM ledger");
}

/* ---- in pieces, while it is written ---- */

static struct store *reader;
static struct ledger_pass *pass;

static void pass_begin(void)
{
    char error[STORE_ERROR_SIZE];
    reader = store_open_beside(place_path, error);
    ck_assert_msg(reader != NULL, "%s", error);
    pass = ledger_pass_open(reader, NULL);
}

static void pass_finish(void)
{
    ledger_pass_close(pass);
    store_close(reader);
}

/* The record that two more at a time find broken; -1: none. */
static int64_t pass_bad_seq(int64_t head_seq, const char *head_hash)
{
    enum ledger_progress progress;
    do
        progress = ledger_pass_step(pass, 2, head_seq, head_hash);
    while (progress == LEDGER_GOES_ON);
    ck_assert(progress != LEDGER_UNREADABLE);
    return progress == LEDGER_BROKEN ? ledger_pass_check(pass)->bad_seq : -1;
}

START_TEST(a_ledger_verified_in_pieces_goes_on_with_what_has_come_since)
{
    pass_begin();
    ck_assert_int_eq(ledger_pass_step(pass, 2, 0, NULL), LEDGER_GOES_ON);
    ck_assert_int_eq(ledger_pass_check(pass)->records, 2);
    ck_assert_int_eq(pass_bad_seq(5, head + 2), -1);
    ck_assert_int_eq(ledger_pass_check(pass)->records, 5);
    append("note", "{}");
    ck_assert_int_eq(pass_bad_seq(0, NULL), -1);
    ck_assert_int_eq(ledger_pass_check(pass)->records, 6);
    place_run_sql("UPDATE ledger SET kind = 'nota' WHERE seq = 6"); /* behind it: the next pass finds it */
    append("note", "{}");
    ck_assert_int_eq(pass_bad_seq(0, NULL), -1);
    pass_finish();
    pass_begin();
    ck_assert_int_eq(pass_bad_seq(0, NULL), 6);
    pass_finish();
}
END_TEST

START_TEST(a_ledger_verified_in_pieces_finds_what_was_changed_cut_off_or_emptied)
{
    static const struct {
        const char *sql;
        int64_t bad_seq;
    } changes[] = {{"UPDATE ledger SET payload = '{}' WHERE seq = 3", 3},
                   {"DELETE FROM ledger WHERE seq = 2", 2},
                   {"DELETE FROM ledger WHERE seq = 5", 5},
                   {"UPDATE ledger SET payload = NULL, payload_salt = NULL WHERE seq = 4", 4},
                   {"DELETE FROM ledger", 1}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        place_run_sql(changes[i].sql);
        pass_begin();
        ck_assert_int_eq(pass_bad_seq(5, head + 2), changes[i].bad_seq);
        ck_assert_int_eq(pass_bad_seq(5, head + 2), changes[i].bad_seq); /* and stays with it */
        pass_finish();
        restore();
    }
}
END_TEST

START_TEST(a_ledger_verified_in_pieces_knows_the_hash_of_its_head)
{
    pass_begin();
    ck_assert_int_eq(pass_bad_seq(5, FIRST_HASH), 5);
    pass_finish();
}
END_TEST

/* The page that holds all five records, as it lies in the file. */
static void ledger_page(void (*spoils)(uint8_t *page))
{
    sqlite3 *db;
    sqlite3_stmt *root;
    uint8_t page[4096];
    ck_assert_int_eq(sqlite3_open(place_path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_schema WHERE name = 'ledger'", -1, &root, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(root), SQLITE_ROW);
    long place = (sqlite3_column_int(root, 0) - 1) * (long)sizeof page;
    sqlite3_finalize(root);
    sqlite3_close(db);
    FILE *file = fopen(place_path, "r+b");
    ck_assert(fseek(file, place, SEEK_SET) == 0 && fread(page, sizeof page, 1, file) == 1);
    spoils(page);
    ck_assert(fseek(file, place, SEEK_SET) == 0 && fwrite(page, sizeof page, 1, file) == 1);
    fclose(file);
}

static void spoil(uint8_t *page)
{
    memset(page, 0xff, 4096);
}

/* The cells' places stand behind the header of 8 octets, two octets each: the first record comes again in the third's place. */
static void disorder(uint8_t *page)
{
    memcpy(page + 8 + 4, page + 8, 2);
}

START_TEST(a_ledger_that_is_damaged_is_broken_not_unread)
{
    static const struct {
        void (*spoils)(uint8_t *page);
        int64_t bad_seq;
    } faults[] = {{disorder, 3}, {spoil, 1}};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        ledger_page(faults[i].spoils);
        struct ledger_check check = checked(NULL);
        ck_assert_int_eq(check.bad_seq, faults[i].bad_seq);
        ck_assert_msg(strncmp(check.why, "it can't be read: ", 18) == 0, "%s", check.why);
        pass_begin();
        ck_assert_int_eq(pass_bad_seq(5, head + 2), faults[i].bad_seq);
        pass_finish();
    }
}
END_TEST

START_TEST(a_ledger_that_is_locked_is_read_later)
{
    sqlite3 *db;
    place_run_sql("PRAGMA journal_mode = DELETE"); /* in which who writes keeps readers out */
    pass_begin();
    ck_assert_int_eq(ledger_pass_step(pass, 2, 0, NULL), LEDGER_GOES_ON);
    ck_assert_int_eq(sqlite3_open(place_path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(ledger_pass_step(pass, 2, 0, NULL), LEDGER_UNREADABLE);
    ck_assert(ledger_pass_check(pass)->is_whole);
    sqlite3_close(db);
    ck_assert_int_eq(pass_bad_seq(5, head + 2), -1);
    pass_finish();
}
END_TEST

static bool never(void *looks)
{
    ++*(int *)looks;
    return false;
}

START_TEST(a_verification_that_takes_long_ends_when_it_is_told_to)
{
    char error[STORE_ERROR_SIZE];
    int looks = 0;
    struct ledger_check check;
    struct store *store = store_get();
    struct ledger *ledger = ledger_open(store);
    for (int i = 0; i < 3000; i++)
        ledger_append(ledger, NOW + 4, "note", "", 0, "{}");
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    ledger_close(ledger);
    store_close(store);
    store = store_open_reader(place_path, error);
    store_heed(store, never, &looks);
    ck_assert(!ledger_verify_store(store, &(struct ledger_known){0}, &check));
    ck_assert_int_eq(looks, 1);
    ck_assert_ptr_nonnull(strstr(check.why, "interrupted"));
    store_close(store);
}
END_TEST

START_TEST(an_erasure_between_two_pieces_is_no_fault)
{
    pass_begin();
    ck_assert_int_eq(ledger_pass_step(pass, 1, 0, NULL), LEDGER_GOES_ON);
    append("erasure", "{\"records\":[1,2]}");
    place_run_sql("UPDATE ledger SET payload = NULL, payload_salt = NULL WHERE seq = 1");
    place_run_sql(ERASE_2);
    ck_assert_int_eq(pass_bad_seq(0, NULL), -1);
    pass_finish();
}
END_TEST

START_TEST(a_table_that_is_another_than_ours_is_not_read_at_length)
{
    place_run_sql("ALTER TABLE ledger RENAME TO old; CREATE VIEW ledger AS SELECT * FROM old");
    pass_begin();
    ck_assert_int_eq(pass_bad_seq(0, NULL), 1);
    pass_finish();
}
END_TEST

START_TEST(a_head_kept_elsewhere_finds_a_chain_that_was_written_anew)
{
    char kept[sizeof head], early[sizeof head];
    struct ledger_row row;
    struct region *region = region_new();
    struct store *store = store_get();
    ck_assert_int_eq(store_ledger_get(store, 2, region, &row), STORE_OK);
    snprintf(early, sizeof early, "2:%s", row.hash);
    region_free(region);
    store_close(store);
    memcpy(kept, head, sizeof kept);
    place_run_sql("DELETE FROM ledger; DELETE FROM block; DELETE FROM activity");
    fill("voice");
    ck_assert(checked(NULL).is_whole);
    ck_assert(checked(head).is_whole);
    ck_assert(!checked(kept).is_whole);
    ck_assert_int_eq(checked(kept).bad_seq, 5);
    ck_assert_int_eq(checked(early).bad_seq, 2);
}
END_TEST

START_TEST(a_head_of_another_form_is_refused)
{
    static const char *const heads[] = {
        "",
        ":",
        "5",
        "5:",
        "5:abc",
        "0:" FIRST_HASH,
        "-5:" FIRST_HASH,
        "5:" FIRST_HASH "0",
        "5 " FIRST_HASH,
        "5:69CBB079e038b28bef7b23d34effe73b4f09e43bf910fa39e194d8fd1f242739"};
    char error[STORE_ERROR_SIZE];
    struct store *store = store_open_reader(place_path, error);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct ledger_check check;
        ck_assert_msg(!ledger_verify_store(store, &(struct ledger_known){.head = heads[i]}, &check) && !check.is_whole, "%s",
                      heads[i]);
    }
    store_close(store);
}
END_TEST

START_TEST(upper_case_hashes_and_a_payload_as_a_blob_are_faults)
{
    ck_assert_int_eq(named_after("UPDATE ledger SET hash = upper(hash) WHERE seq = 2"), 2);
    ck_assert_int_eq(named_after("UPDATE ledger SET prev_hash = upper(prev_hash) WHERE seq = 2"),
                     2);
    ck_assert_int_eq(
        named_after("UPDATE ledger SET number_digest = upper(number_digest) WHERE seq = 2"), 2);
    ck_assert_int_eq(named_after("UPDATE ledger SET payload = CAST(payload AS BLOB) WHERE seq = 3"),
                     3);
    ck_assert_int_eq(named_after("UPDATE ledger SET kind = CAST(kind AS BLOB) WHERE seq = 4"), 4);
    ck_assert_int_eq(named_after("UPDATE ledger SET kind = kind || char(0) WHERE seq = 4"), 4);
}
END_TEST

/* ---- erasure ---- */

START_TEST(values_that_are_gone_without_a_record_of_their_erasure_are_a_fault)
{
    ck_assert_int_eq(named_after(ERASE_2), 2);
    for (size_t i = 0; i < COLUMNS; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "UPDATE ledger SET %s = NULL WHERE seq = 3", columns[i]);
        ck_assert_msg(named_after(sql) == 3, "%s", sql);
    }
    ck_assert_int_eq(named_after("UPDATE ledger SET number = NULL, number_salt = NULL,"
                                 "number_digest = NULL WHERE seq = 3"),
                     3);
    ck_assert_int_eq(
        named_after("UPDATE ledger SET payload = NULL, payload_salt = NULL WHERE seq = 4"), 4);
    ck_assert_int_eq(named_after("UPDATE ledger SET payload = NULL, payload_salt = NULL,"
                                 "payload_digest = NULL WHERE seq = 4"),
                     4);
}
END_TEST

START_TEST(a_chain_with_erased_values_verifies_when_a_later_record_tells_of_it)
{
    append("erasure", "{\"records\":[2]}");
    place_run_sql(ERASE_2);
    struct ledger_check check = checked(head);
    ck_assert_msg(check.is_whole, "record %lld: %s", (long long)check.bad_seq, check.why);
    ck_assert_int_eq(check.records, RECORDS + 1);
    /* The rest of an erased record is still sealed. */
    place_run_sql("UPDATE ledger SET program = 'other' WHERE seq = 2");
    ck_assert_int_eq(checked(NULL).bad_seq, 2);
}
END_TEST

START_TEST(an_erasure_allows_the_records_that_it_names_and_no_others)
{
    append("erasure", "{\"records\":[1,3]}");
    ck_assert_int_eq(named_after(ERASE_2), 2);
    ck_assert_int_eq(named_after("UPDATE ledger SET number = NULL WHERE seq = 3"), 3);
    append("note", "{\"records\":[2]}"); /* of another kind */
    ck_assert_int_eq(named_after(ERASE_2), 2);
    append("erasure", "{\"records\":[\"2\", 2.0, 8, 9]}");
    ck_assert_int_eq(named_after(ERASE_2), 2);
    append("erasure", "[2]");
    ck_assert_int_eq(named_after(ERASE_2), 2);
    append("erasure", "{\"records\":[2]}");
    ck_assert_int_eq(named_after(ERASE_2), -1);
}
END_TEST

START_TEST(an_erasure_of_an_erasure_takes_its_leave_with_it)
{
    append("erasure", "{\"records\":[2]}");
    append("erasure", "{\"records\":[6]}");
    ck_assert_int_eq(named_after(ERASE_2 "UPDATE ledger SET payload = NULL, payload_salt = NULL "
                                         "WHERE seq = 6"),
                     2);
}
END_TEST

/* ---- exports ---- */

START_TEST(an_export_verifies_like_the_database_that_it_came_from)
{
    static const char *const changes[] = {
        "UPDATE ledger SET kind = 'opt_in' WHERE seq = 3",
        "UPDATE ledger SET number = '+14155550199' WHERE seq = 2",
        "UPDATE ledger SET payload = '{}' WHERE seq = 4",
        "UPDATE ledger SET payload = CAST(payload AS BLOB) WHERE seq = 3",
        "UPDATE ledger SET payload = CAST(X'FF' AS TEXT) WHERE seq = 3",
        "UPDATE ledger SET payload = payload || char(0) WHERE seq = 3",
        "UPDATE ledger SET hash = upper(hash) WHERE seq = 5",
        "UPDATE ledger SET program = 17 WHERE seq = 5",
        "DELETE FROM ledger WHERE seq = 2",
        "DELETE FROM ledger WHERE seq = 5",
        "INSERT INTO ledger SELECT 0, at, kind, program, number, payload, prev_hash, hash,"
        "number_salt, number_digest, payload_salt, payload_digest, leaves FROM pristine WHERE seq = 1",
        ERASE_2};
    for (size_t i = 0; i <= sizeof changes / sizeof *changes; i++) {
        size_t size;
        if (i > 0)
            place_run_sql(changes[i - 1]);
        char *text = exported(&size);
        struct ledger_check of_store = checked(head), of_text = checked_text(text, size, head);
        ck_assert_int_eq(of_store.is_whole, i == 0);
        ck_assert_msg(
            of_store.is_whole == of_text.is_whole && of_store.bad_seq == of_text.bad_seq &&
                of_store.records == of_text.records,
            "%s: %lld %s, %lld %s", i == 0 ? "-" : changes[i - 1], (long long)of_store.bad_seq,
            of_store.why, (long long)of_text.bad_seq, of_text.why);
        if (i == 0)
            ck_assert_str_eq(of_store.head_hash, of_text.head_hash);
        free(text);
        restore();
    }
}
END_TEST

START_TEST(an_export_with_a_mangled_line_names_the_record_of_that_line)
{
    static const char *const lines[] = {
        "{\"seq\":2",
        "[]",
        "2",
        "null",
        "{}",
        "{\"seq\":\"2\"}",
        "{\"seq\":2.0}",
        "{\"seq\":2}",
        "{\"seq\":2,\"seq\":2}",
        "{\"seq\":99999999999999999999}",
        " ",
        "\xff\xfe",
        "{\"seq\":2,\"at\":7,\"kind\":[],\"program\":{},\"prev_hash\":true,\"hash\":false}"};
    size_t size;
    char *text = exported(&size);
    char *second = strchr(text, '\n') + 1, *third = strchr(second, '\n') + 1;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char *mangled = NULL;
        size_t mangled_size;
        FILE *file = open_memstream(&mangled, &mangled_size);
        fwrite(text, 1, (size_t)(second - text), file);
        fprintf(file, "%s\n%s", lines[i], third);
        fclose(file);
        struct ledger_check check = checked_text(mangled, mangled_size, NULL);
        ck_assert_msg(!check.is_whole && check.bad_seq == 2, "%s: record %lld", lines[i],
                      (long long)check.bad_seq);
        free(mangled);
    }
    second[-1] = ' '; /* two objects in one line */
    ck_assert_int_eq(checked_text(text, size, NULL).bad_seq, 1);
    second[-1] = '\0';
    ck_assert_int_eq(checked_text(text, size, NULL).bad_seq, 1);
    free(text);
}
END_TEST

START_TEST(an_export_that_ends_early_is_found_with_a_head)
{
    size_t size;
    char *text = exported(&size);
    char *second = strchr(text, '\n') + 1;
    ck_assert(checked_text(text, (size_t)(second - text), NULL).is_whole);
    ck_assert_int_eq(checked_text(text, (size_t)(second - text), head).bad_seq, 2);
    ck_assert_int_eq(checked_text(text, size - 2, NULL).bad_seq, 5); /* cut within its last line */
    ck_assert(checked_text(text, size - 1, head).is_whole);          /* without its last line end */
    ck_assert(checked_text(NULL, 0, NULL).is_whole);
    ck_assert(!checked_text(NULL, 0, head).is_whole);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ledger");
    TCase *all = tcase_create("ledger");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, the_digest_of_a_value_is_that_of_three_netstrings);
    tcase_add_test(all,
                   the_hash_of_a_record_covers_eight_netstrings_and_a_missing_digest_is_a_hyphen);
    tcase_add_test(all, the_hash_does_not_cover_what_may_have_to_be_erased);
    tcase_add_test(all, what_is_appended_is_on_disk_as_the_format_says);
    tcase_add_test(
        all, the_same_record_twice_has_two_salts_so_that_no_number_can_be_guessed_from_its_digest);
    tcase_add_test(all, after_a_restart_the_chain_goes_on_where_it_ended);
    tcase_add_test(all, a_record_whose_commit_failed_leaves_no_gap);
    tcase_add_test(all, a_chain_that_nobody_touched_verifies);
    tcase_add_test(all, a_change_of_any_column_of_any_record_is_found_and_the_record_is_named);
    tcase_add_test(all, a_record_that_was_taken_out_swapped_added_or_doubled_is_found);
    tcase_add_test(all, a_record_that_is_there_twice_in_a_table_without_its_key_is_found);
    tcase_add_test(all, a_seq_that_is_no_integer_is_found);
    tcase_add_test(all, a_head_kept_elsewhere_finds_a_tail_that_was_cut_off);
    tcase_add_test(all, a_ledger_verified_in_pieces_goes_on_with_what_has_come_since);
    tcase_add_test(all, a_ledger_verified_in_pieces_finds_what_was_changed_cut_off_or_emptied);
    tcase_add_test(all, a_ledger_verified_in_pieces_knows_the_hash_of_its_head);
    tcase_add_test(all, a_ledger_that_is_damaged_is_broken_not_unread);
    tcase_add_test(all, a_ledger_that_is_locked_is_read_later);
    tcase_add_test(all, a_verification_that_takes_long_ends_when_it_is_told_to);
    tcase_add_test(all, an_erasure_between_two_pieces_is_no_fault);
    tcase_add_test(all, a_table_that_is_another_than_ours_is_not_read_at_length);
    tcase_add_test(all, a_head_kept_elsewhere_finds_a_chain_that_was_written_anew);
    tcase_add_test(all, a_head_of_another_form_is_refused);
    tcase_add_test(all, upper_case_hashes_and_a_payload_as_a_blob_are_faults);
    tcase_add_test(all, values_that_are_gone_without_a_record_of_their_erasure_are_a_fault);
    tcase_add_test(all, a_chain_with_erased_values_verifies_when_a_later_record_tells_of_it);
    tcase_add_test(all, an_erasure_allows_the_records_that_it_names_and_no_others);
    tcase_add_test(all, an_erasure_of_an_erasure_takes_its_leave_with_it);
    tcase_add_test(all, an_export_verifies_like_the_database_that_it_came_from);
    tcase_add_test(all, an_export_with_a_mangled_line_names_the_record_of_that_line);
    tcase_add_test(all, an_export_that_ends_early_is_found_with_a_head);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
