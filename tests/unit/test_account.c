/* Accounts: who a client is and what it may do. On a real database. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/loop.h"
#include "consent/account.h"
#include "store/store.h"
#include "tests/unit/place.h"

#define NOW INT64_C(1795426200000)

static const char config_text[] =
    "carrier \"sim\" { host = \"127.0.0.1\" system_id = \"a\" password = \"b\" }\n"
    "program \"nurture\" { brand = \"Market Leader\" support = \"support.example.com\"\n"
    "  carriers = { \"sim\" } senders = { \"+12065550100\", \"+12065550101\" } }\n"
    "program \"news\" { brand = \"Market Leader\" support = \"support.example.com\"\n"
    "  carriers = { \"sim\" } senders = { \"+12065550102\" } }\n"
    "account \"campaigns\" { api_key = \"key-of-campaigns-0123456789\" roles = { \"sender\", "
    "\"consent\" }\n"
    "  programs = { \"nurture\" } system_id = \"campaigns\" password = \"secret\"\n"
    "  inbound = { \"+12065550100\" } }\n"
    "account \"crm\" { api_key = \"key-of-crm-0123456789\" roles = { \"consent\" }\n"
    "  programs = { \"nurture\" } }\n"
    "account \"silent\" { roles = { \"sender\" } programs = { \"news\" }\n"
    "  system_id = \"silent\" password = \"other\" }\n";

static struct config *config;
static struct loop *loop;
static struct store *store;
static struct accounts *accounts;

static void open_all(void)
{
    char error[STORE_ERROR_SIZE];
    store = store_open(place_path, error);
    ck_assert_msg(store != NULL, "%s", error);
    accounts = accounts_open(loop, config, store);
    ck_assert_ptr_nonnull(accounts);
}

static void close_all(void)
{
    accounts_close(accounts);
    store_close(store);
}

static void setup(void)
{
    place_open();
    config = place_config(config_text);
    loop = loop_open();
    open_all();
}

static void teardown(void)
{
    close_all();
    loop_close(loop);
    config_free(config);
    place_remove();
}

static const struct account *by_key_at(const char *key, int64_t now_ms)
{
    struct account_key *which;
    return accounts_find_key(accounts, octets_text(key), now_ms, &which);
}

static const struct account *by_key(const char *key)
{
    return by_key_at(key, NOW);
}

static const struct account *by_login(const char *system_id, const char *password)
{
    return accounts_find_login(accounts, octets_text(system_id), octets_text(password));
}

START_TEST(an_account_of_the_config_is_found_by_its_name_its_key_and_its_login)
{
    const struct account *account = accounts_find(accounts, "campaigns");
    ck_assert_ptr_nonnull(account);
    ck_assert_ptr_eq(by_key("key-of-campaigns-0123456789"), account);
    ck_assert_ptr_eq(by_login("campaigns", "secret"), account);
    ck_assert_ptr_null(accounts_find(accounts, "Campaigns"));
    ck_assert_ptr_null(accounts_find(accounts, ""));
}
END_TEST

START_TEST(a_key_or_a_login_that_is_not_exactly_right_is_nobodys)
{
    static const char *const keys[] = {"",
                                       "key-of-campaigns-012345678",
                                       "key-of-campaigns-01234567890",
                                       "Key-of-campaigns-0123456789",
                                       "campaigns",
                                       "secret"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        ck_assert_ptr_null(by_key(keys[i]));
    struct account_key *which;
    ck_assert_ptr_null(accounts_find_key(accounts, octets_of("key-of-campaigns-0123456789\0", 28), NOW, &which));
    ck_assert_ptr_null(by_login("campaigns", ""));
    ck_assert_ptr_null(by_login("campaigns", "Secret"));
    ck_assert_ptr_null(by_login("campaigns", "other"));
    ck_assert_ptr_null(by_login("Campaigns", "secret"));
    ck_assert_ptr_null(by_login("", ""));
    ck_assert_ptr_null(by_login("crm", "")); /* has no login */
    ck_assert_ptr_null(by_login("nobody", "secret"));
}
END_TEST

START_TEST(an_account_without_a_key_is_not_found_by_what_an_unset_key_looks_like)
{
    static const uint8_t zeros[32];
    ck_assert_ptr_nonnull(accounts_find(accounts, "silent"));
    struct account_key *which;
    ck_assert_ptr_null(accounts_find_key(accounts, octets_of(zeros, sizeof zeros), NOW, &which));
    ck_assert_ptr_null(accounts_find_key(accounts, octets_of(NULL, 0), NOW, &which));
    ck_assert_ptr_null(which);
}
END_TEST

START_TEST(a_role_or_a_program_that_was_not_given_is_not_there)
{
    const struct account *account = accounts_find(accounts, "campaigns");
    ck_assert(account_has_role(account, CONFIG_ROLE_SENDER));
    ck_assert(account_has_role(account, CONFIG_ROLE_CONSENT));
    ck_assert(!account_has_role(account, CONFIG_ROLE_COMPLIANCE));
    ck_assert(!account_has_role(account, CONFIG_ROLE_ADMIN));
    ck_assert(account_may_use(account, "nurture"));
    ck_assert(!account_may_use(account, "news"));
    ck_assert(!account_may_use(account, "nurtur"));
    ck_assert(!account_may_use(account, ""));
}
END_TEST

static bool hears(const char *account, const char *sender, const char *text, const char *verdict,
                  const char *program)
{
    struct inbound inbound = {.sender = sender, .text = text, .verdict = verdict};
    return accounts_hears(accounts, accounts_find(accounts, account), &inbound, program);
}

START_TEST(inbound_texts_go_to_the_senders_that_an_account_names_or_to_all_of_its_programs)
{
    ck_assert(hears("campaigns", "+12065550100", "Hi", "none", "nurture"));
    ck_assert(!hears("campaigns", "+12065550101", "Hi", "none", "nurture"));
    ck_assert(hears("crm", "+12065550101", "Hi", "none", "nurture"));
    ck_assert(!hears("crm", "+12065550102", "Hi", "none", "news"));
    ck_assert(!hears("crm", "+12065550199", "Hi", "none", NULL)); /* nobody's */
}
END_TEST

static void with_words(const char *silent, const char *star)
{
    char text[4096];
    accounts_close(accounts);
    config_free(config);
    snprintf(text, sizeof text,
             "%s"
             "account \"words\" { roles = { \"sender\" } programs = { \"news\" } system_id = \"words\"\n"
             "  password = \"other\" inbound_words = { %s } }\n"
             "account \"star\" { roles = { \"sender\" } programs = { \"news\" } system_id = \"star\"\n"
             "  password = \"other\" inbound_words = { %s } }\n",
             config_text, silent, star);
    config = place_config(text);
    accounts = accounts_open(loop, config, store);
    ck_assert_ptr_nonnull(accounts);
}

START_TEST(a_first_word_is_for_whom_it_belongs_to_and_the_rest_for_whoever_names_none)
{
    with_words("\"PRÉCIO\", \"ja\"", "\"*\"");
    static const char *const its[] = {"precio", "Precio!", "  PRECIO, por favor", "précio?", "JA-wohl", "ja ja"};
    static const char *const rest[] = {"Hi", "el precio", "precios", "", "!!", "j a"};
    for (size_t i = 0; i < sizeof its / sizeof *its; i++) {
        ck_assert_msg(hears("words", "+12065550102", its[i], "none", "news"), "%s", its[i]);
        ck_assert_msg(!hears("silent", "+12065550102", its[i], "none", "news"), "%s", its[i]);
        ck_assert_msg(hears("star", "+12065550102", its[i], "none", "news"), "%s", its[i]);
    }
    for (size_t i = 0; i < 5; i++) {
        ck_assert_msg(!hears("words", "+12065550102", rest[i], "none", "news"), "%s", rest[i]);
        ck_assert_msg(hears("silent", "+12065550102", rest[i], "none", "news"), "%s", rest[i]);
        ck_assert_msg(hears("star", "+12065550102", rest[i], "none", "news"), "%s", rest[i]);
    }
    ck_assert(hears("crm", "+12065550100", "precio", "none", "nurture")); /* it is a word of another program */
}
END_TEST

START_TEST(what_concerns_consent_is_for_all_whatever_its_first_word)
{
    static const char *const verdicts[] = {"opt_out", "opt_in", "help", "review"};
    with_words("\"INFO\"", "\"STOP\", \"*\"");
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        ck_assert(hears("words", "+12065550102", "stop", verdicts[i], "news"));
        ck_assert(hears("silent", "+12065550102", "info", verdicts[i], "news"));
        ck_assert(hears("star", "+12065550102", "info", verdicts[i], "news"));
    }
    ck_assert(!hears("silent", "+12065550102", "info please", "keyword", "news"));
}
END_TEST

START_TEST(roles_are_read_as_words_and_a_wrong_one_is_named)
{
    unsigned roles;
    char bad[32];
    ck_assert(account_roles_read("sender,consent", &roles, bad));
    ck_assert_uint_eq(roles, CONFIG_ROLE_SENDER | CONFIG_ROLE_CONSENT);
    ck_assert(account_roles_read(" admin , compliance,", &roles, bad));
    ck_assert_uint_eq(roles, CONFIG_ROLE_ADMIN | CONFIG_ROLE_COMPLIANCE);
    ck_assert(account_roles_read("", &roles, bad));
    ck_assert_uint_eq(roles, 0);
    ck_assert(!account_roles_read("sender,root,admin", &roles, bad));
    ck_assert_str_eq(bad, "root");
    ck_assert(!account_roles_read("Sender", &roles, bad));
    ck_assert(!account_roles_read("senders", &roles, bad));
    ck_assert(!account_roles_read("sender-and-much-more-than-fits-into-thirty-two", &roles, bad));
    static const enum config_role all[] = {CONFIG_ROLE_SENDER, CONFIG_ROLE_CONSENT,
                                           CONFIG_ROLE_COMPLIANCE, CONFIG_ROLE_ADMIN};
    for (size_t i = 0; i < 4; i++) {
        ck_assert(account_roles_read(account_role_word(all[i]), &roles, bad));
        ck_assert_uint_eq(roles, all[i]);
    }
}
END_TEST

static const struct account_terms terms = {.roles = CONFIG_ROLE_SENDER | CONFIG_ROLE_ADMIN,
                                           .programs = "nurture, news",
                                           .throughput = 5,
                                           .quota = 1000,
                                           .quota_timezone = "America/New_York"};

static void add(const char *name, char key[ACCOUNT_KEY_SIZE])
{
    ck_assert(accounts_add(accounts, name, &terms, NOW, key));
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
}

START_TEST(an_account_that_was_added_works_at_once_and_after_a_restart)
{
    char key[ACCOUNT_KEY_SIZE];
    add("partner", key);
    for (int i = 0; i < 2; i++) {
        const struct account *account = by_key(key);
        ck_assert_ptr_nonnull(account);
        ck_assert_str_eq(account->name, "partner");
        ck_assert_int_eq(account->created_at, NOW);
        ck_assert_uint_eq(account->roles, CONFIG_ROLE_SENDER | CONFIG_ROLE_ADMIN);
        ck_assert(account_may_use(account, "nurture") && account_may_use(account, "news"));
        ck_assert_ptr_null(account->config);
        close_all();
        open_all();
    }
}
END_TEST

START_TEST(a_key_is_256_random_bits_and_only_its_hash_is_kept)
{
    char one[ACCOUNT_KEY_SIZE], two[ACCOUNT_KEY_SIZE], hash[DIGEST_HEX_SIZE], sql[200];
    add("one", one);
    add("two", two);
    ck_assert_int_eq(strncmp(one, "assent_", 7), 0);
    ck_assert_uint_eq(strlen(one), 7 + 64);
    ck_assert_str_ne(one, two);
    digest_sha256_hex(octets_text(one), hash);
    close_all();
    sqlite3 *db;
    sqlite3_stmt *row;
    ck_assert_int_eq(sqlite3_open(place_path, &db), SQLITE_OK);
    snprintf(sql, sizeof sql, "SELECT lower(hex(hash)), * FROM account_key JOIN account ON name = account WHERE name = 'one'");
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
    ck_assert_str_eq((const char *)sqlite3_column_text(row, 0), hash);
    for (int i = 1; i < sqlite3_column_count(row); i++)
        ck_assert(memmem(sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i), one + 7,
                         64) == NULL);
    sqlite3_finalize(row);
    sqlite3_close(db);
    open_all();
}
END_TEST

START_TEST(a_name_exists_once_whoever_has_it_and_even_after_it_was_revoked)
{
    char key[ACCOUNT_KEY_SIZE], other[ACCOUNT_KEY_SIZE];
    ck_assert(!accounts_add(accounts, "campaigns", &terms, NOW, other));
    add("partner", key);
    ck_assert(!accounts_add(accounts, "partner", &terms, NOW, other));
    ck_assert(accounts_revoke(accounts, "partner", NOW + 1));
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    ck_assert(!accounts_add(accounts, "partner", &terms, NOW, other));
    close_all();
    open_all();
    ck_assert(!accounts_add(accounts, "partner", &terms, NOW, other));
}
END_TEST

START_TEST(a_revoked_account_is_nobody_now_and_after_a_restart)
{
    char key[ACCOUNT_KEY_SIZE];
    add("partner", key);
    ck_assert(accounts_revoke(accounts, "partner", NOW + 1));
    ck_assert(!accounts_revoke(accounts, "partner", NOW + 2));
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    for (int i = 0; i < 2; i++) {
        ck_assert_ptr_null(by_key(key));
        ck_assert_ptr_null(accounts_find(accounts, "partner"));
        close_all();
        open_all();
    }
    bool is_listed = false;
    for (size_t i = 0; i < accounts_count(accounts); i++)
        if (strcmp(accounts_at(accounts, i)->name, "partner") == 0)
            is_listed = accounts_at(accounts, i)->revoked_at == NOW + 1;
    ck_assert(is_listed);
}
END_TEST

START_TEST(accounts_of_the_config_are_changed_only_in_the_file)
{
    ck_assert(!accounts_revoke(accounts, "campaigns", NOW));
    ck_assert(!accounts_revoke(accounts, "nobody", NOW));
    ck_assert_ptr_nonnull(accounts_find(accounts, "campaigns"));
    ck_assert(!store_is_writing(store));
}
END_TEST

START_TEST(what_a_failed_commit_took_back_is_taken_back_here_too)
{
    char kept[ACCOUNT_KEY_SIZE], lost[ACCOUNT_KEY_SIZE];
    struct inbound text = {.id = 1, .verdict = "none"};
    add("kept", kept);
    ck_assert(accounts_add(accounts, "lost", &terms, NOW, lost));
    ck_assert(accounts_revoke(accounts, "kept", NOW));
    store_inbound_put(store, &text);
    store_inbound_put(store, &text); /* the same id twice */
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    ck_assert(accounts_reload(accounts));
    ck_assert_ptr_null(by_key(lost));
    ck_assert_ptr_nonnull(by_key(kept));
    ck_assert_ptr_nonnull(by_key("key-of-campaigns-0123456789"));
}
END_TEST

START_TEST(an_account_of_the_database_gives_way_to_one_of_the_config_with_its_name)
{
    char key[ACCOUNT_KEY_SIZE];
    struct account_row row = {
        .name = "crm", .roles = "admin", .programs = "news", .created_at = NOW, .quota_timezone = "UTC"};
    snprintf(key, sizeof key, "assent_%064d", 7);
    struct account_key_row key_row = {.account = row.name, .created_at = NOW};
    digest_sha256(octets_text(key), key_row.hash);
    store_account_put(store, &row);
    store_account_key_put(store, &key_row);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    ck_assert(accounts_reload(accounts));
    ck_assert_ptr_null(by_key(key));
    ck_assert(!account_has_role(accounts_find(accounts, "crm"), CONFIG_ROLE_ADMIN));
}
END_TEST

START_TEST(roles_that_nobody_knows_give_no_rights)
{
    char key[ACCOUNT_KEY_SIZE];
    struct account_row row = {
        .name = "odd", .roles = "root,admin", .programs = "", .created_at = NOW, .quota_timezone = "UTC"};
    snprintf(key, sizeof key, "assent_%064d", 8);
    struct account_key_row key_row = {.account = row.name, .created_at = NOW};
    digest_sha256(octets_text(key), key_row.hash);
    store_account_put(store, &row);
    store_account_key_put(store, &key_row);
    ck_assert(accounts_reload(accounts));
    ck_assert_uint_eq(by_key(key)->roles, 0);
    store_commit(store);
}
END_TEST

static const struct account_key *key_of(const char *name, size_t i)
{
    const struct account *account = accounts_find(accounts, name);
    return i < account->key_count ? &account->keys[i] : NULL;
}

START_TEST(what_is_set_counts_at_once_and_after_a_restart_and_the_keys_stay)
{
    char key[ACCOUNT_KEY_SIZE];
    add("partner", key);
    struct account_terms changed = terms;
    changed.roles = CONFIG_ROLE_CONSENT;
    changed.programs = "news";
    changed.quota = 7;
    ck_assert(accounts_set(accounts, "partner", &changed));
    ck_assert(!accounts_set(accounts, "campaigns", &changed)); /* it is the file's */
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    for (int i = 0; i < 2; i++) {
        const struct account *account = by_key(key);
        ck_assert_ptr_nonnull(account);
        ck_assert_uint_eq(account->roles, CONFIG_ROLE_CONSENT);
        ck_assert(!account_may_use(account, "nurture") && account_may_use(account, "news"));
        ck_assert_int_eq(account->quota, 7);
        ck_assert(account->throughput == 5);
        ck_assert_str_eq(account->quota_timezone, "America/New_York");
        ck_assert_int_eq(account->created_at, NOW);
        close_all();
        open_all();
    }
}
END_TEST

START_TEST(a_rotated_key_is_good_for_the_overlap_and_not_a_moment_longer)
{
    char old[ACCOUNT_KEY_SIZE], new[ACCOUNT_KEY_SIZE];
    add("partner", old);
    ck_assert(accounts_rotate(accounts, "partner", 1000, NOW, new));
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    ck_assert_str_ne(old, new);
    for (int i = 0; i < 2; i++) {
        ck_assert_ptr_nonnull(by_key_at(old, NOW + 999));
        ck_assert_ptr_null(by_key_at(old, NOW + 1000));
        ck_assert_ptr_nonnull(by_key_at(new, NOW + 1000));
        close_all();
        open_all();
    }
}
END_TEST

START_TEST(without_an_overlap_the_old_key_ends_at_once)
{
    char old[ACCOUNT_KEY_SIZE], new[ACCOUNT_KEY_SIZE];
    add("partner", old);
    ck_assert(accounts_rotate(accounts, "partner", 0, NOW, new));
    ck_assert_ptr_null(by_key(old));
    ck_assert_ptr_nonnull(by_key(new));
    store_commit(store);
}
END_TEST

START_TEST(another_rotation_lengthens_no_key_and_ends_the_one_that_nobody_saw)
{
    char key[4][ACCOUNT_KEY_SIZE];
    add("partner", key[0]);
    ck_assert(accounts_rotate(accounts, "partner", 1000, NOW, key[1]));
    ck_assert(accounts_rotate(accounts, "partner", 5000, NOW, key[2]));
    ck_assert_ptr_null(by_key_at(key[0], NOW + 1000));
    ck_assert_ptr_nonnull(by_key_at(key[1], NOW + 4999));
    ck_assert_ptr_null(by_key_at(key[1], NOW + 5000));
    ck_assert(accounts_rotate(accounts, "partner", 0, NOW + 1, key[3]));
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_null(by_key_at(key[i], NOW + 1));
    ck_assert_ptr_nonnull(by_key_at(key[3], NOW + 1));
    store_commit(store);
}
END_TEST

START_TEST(an_account_has_so_many_valid_keys_and_no_more)
{
    char key[ACCOUNT_KEY_SIZE];
    add("partner", key);
    for (int i = 1; i < ACCOUNT_KEYS_MOST; i++)
        ck_assert(accounts_rotate(accounts, "partner", 1000, NOW, key));
    ck_assert(!accounts_rotate(accounts, "partner", 1000, NOW, key));
    ck_assert(accounts_rotate(accounts, "partner", 1000, NOW + 1000, key)); /* the others have ended */
    ck_assert(accounts_rotate(accounts, "partner", 0, NOW, key));
    store_commit(store);
}
END_TEST

START_TEST(what_ended_is_shown_for_a_month_and_forgotten_by_a_rotation)
{
    char key[ACCOUNT_KEY_SIZE];
    int64_t day = 86400000;
    add("partner", key);
    ck_assert(accounts_rotate(accounts, "partner", 0, NOW, key));
    ck_assert(accounts_rotate(accounts, "partner", 0, NOW + 29 * day, key));
    ck_assert_uint_eq(accounts_find(accounts, "partner")->key_count, 3);
    ck_assert(accounts_rotate(accounts, "partner", 0, NOW + 31 * day, key));
    ck_assert_uint_eq(accounts_find(accounts, "partner")->key_count, 3);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    close_all();
    open_all();
    ck_assert_uint_eq(accounts_find(accounts, "partner")->key_count, 3);
    ck_assert_ptr_nonnull(by_key_at(key, NOW + 31 * day));
}
END_TEST

START_TEST(one_key_is_revoked_by_its_id_and_the_others_stay)
{
    char old[ACCOUNT_KEY_SIZE], new[ACCOUNT_KEY_SIZE], id[ACCOUNT_KEY_ID_SIZE], hash[DIGEST_HEX_SIZE];
    add("partner", old);
    ck_assert(accounts_rotate(accounts, "partner", 1000, NOW, new));
    strcpy(id, key_of("partner", 0)->id);
    digest_sha256_hex(octets_text(old), hash);
    ck_assert_int_eq(strncmp(hash, id, 8), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert(accounts_revoke_key(accounts, "partner", id, NOW + i));
        ck_assert_int_eq(key_of("partner", 0)->ends_at, NOW); /* the second time changes nothing */
    }
    ck_assert(!accounts_revoke_key(accounts, "partner", "00000000", NOW));
    ck_assert(!accounts_revoke_key(accounts, "campaigns", key_of("campaigns", 0)->id, NOW));
    ck_assert_ptr_null(by_key(old));
    ck_assert_ptr_nonnull(by_key(new));
    store_commit(store);
}
END_TEST

START_TEST(a_rotation_that_is_not_on_disk_was_none)
{
    char old[ACCOUNT_KEY_SIZE], new[ACCOUNT_KEY_SIZE];
    struct inbound text = {.id = 1, .verdict = "none"};
    add("partner", old);
    ck_assert(accounts_rotate(accounts, "partner", 0, NOW, new));
    store_inbound_put(store, &text);
    store_inbound_put(store, &text); /* the same id twice */
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    ck_assert(accounts_reload(accounts));
    ck_assert_ptr_nonnull(by_key(old));
    ck_assert_ptr_null(by_key(new));
}
END_TEST

START_TEST(the_last_use_of_a_key_survives_and_costs_no_write_of_its_own)
{
    struct account_key *which;
    struct inbound text = {.id = 1, .verdict = "none"};
    ck_assert_ptr_nonnull(accounts_find_key(accounts, octets_text("key-of-crm-0123456789"), NOW, &which));
    ck_assert_int_eq(which->used_at, 0);
    accounts_key_used(accounts, which, NOW + 5);
    ck_assert(!store_is_writing(store));
    ck_assert_int_eq(key_of("crm", 0)->used_at, NOW + 5);
    accounts_write_uses(accounts);
    store_inbound_put(store, &text);
    store_inbound_put(store, &text);
    ck_assert_int_eq(store_commit(store), STORE_ROLLED_BACK);
    ck_assert(accounts_reload(accounts));
    ck_assert_int_eq(key_of("crm", 0)->used_at, NOW + 5); /* it is not forgotten, and written later */
    accounts_write_uses(accounts);
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    close_all();
    open_all();
    ck_assert_int_eq(key_of("crm", 0)->used_at, NOW + 5);
    ck_assert_int_eq(key_of("campaigns", 0)->used_at, 0);
}
END_TEST

START_TEST(a_key_of_the_config_and_the_one_before_it_are_both_good)
{
    char text[4096];
    close_all();
    config_free(config);
    snprintf(text, sizeof text, "%saccount \"turned\" { api_key = \"the-new-key-0123456789\"\n"
             "  api_key_old = \"the-old-key-0123456789\" roles = { \"sender\" } }\n", config_text);
    config = place_config(text);
    open_all();
    ck_assert_str_eq(by_key("the-new-key-0123456789")->name, "turned");
    ck_assert_str_eq(by_key("the-old-key-0123456789")->name, "turned");
}
END_TEST

/* Far more than anybody has: neither list may be cut on the way back from disk. */
START_TEST(of_many_accounts_and_keys_none_is_lost_by_a_restart)
{
    char name[20], key[ACCOUNT_KEY_SIZE];
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "made-%05d", i);
        store_account_put(store, &(struct account_row){.name = name, .roles = "sender", .programs = "news",
                                                       .created_at = NOW, .quota_timezone = "UTC"});
    }
    for (int i = 0; i < 50000; i++) {
        struct account_key_row ended = {.account = "made-00000", .created_at = NOW, .ends_at = NOW};
        memcpy(ended.hash, &i, sizeof i);
        store_account_key_put(store, &ended);
    }
    ck_assert(accounts_add(accounts, "the-last", &terms, NOW, key));
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    size_t of_config = accounts_count(accounts) - 1;
    close_all();
    open_all();
    ck_assert_uint_eq(accounts_count(accounts), of_config + 20001);
    ck_assert_ptr_nonnull(by_key(key));
    ck_assert_str_eq(by_key(key)->name, "the-last");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("account");
    TCase *all = tcase_create("account");
    tcase_set_timeout(all, 60); /* twenty thousand accounts take some seconds under the sanitizers */
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, an_account_of_the_config_is_found_by_its_name_its_key_and_its_login);
    tcase_add_test(all, a_key_or_a_login_that_is_not_exactly_right_is_nobodys);
    tcase_add_test(all, an_account_without_a_key_is_not_found_by_what_an_unset_key_looks_like);
    tcase_add_test(all, a_role_or_a_program_that_was_not_given_is_not_there);
    tcase_add_test(all,
                   inbound_texts_go_to_the_senders_that_an_account_names_or_to_all_of_its_programs);
    tcase_add_test(all, roles_are_read_as_words_and_a_wrong_one_is_named);
    tcase_add_test(all, an_account_that_was_added_works_at_once_and_after_a_restart);
    tcase_add_test(all, a_key_is_256_random_bits_and_only_its_hash_is_kept);
    tcase_add_test(all, a_name_exists_once_whoever_has_it_and_even_after_it_was_revoked);
    tcase_add_test(all, a_revoked_account_is_nobody_now_and_after_a_restart);
    tcase_add_test(all, accounts_of_the_config_are_changed_only_in_the_file);
    tcase_add_test(all, what_a_failed_commit_took_back_is_taken_back_here_too);
    tcase_add_test(all, an_account_of_the_database_gives_way_to_one_of_the_config_with_its_name);
    tcase_add_test(all, roles_that_nobody_knows_give_no_rights);
    tcase_add_test(all, a_first_word_is_for_whom_it_belongs_to_and_the_rest_for_whoever_names_none);
    tcase_add_test(all, what_concerns_consent_is_for_all_whatever_its_first_word);
    tcase_add_test(all, what_is_set_counts_at_once_and_after_a_restart_and_the_keys_stay);
    tcase_add_test(all, a_rotated_key_is_good_for_the_overlap_and_not_a_moment_longer);
    tcase_add_test(all, without_an_overlap_the_old_key_ends_at_once);
    tcase_add_test(all, another_rotation_lengthens_no_key_and_ends_the_one_that_nobody_saw);
    tcase_add_test(all, an_account_has_so_many_valid_keys_and_no_more);
    tcase_add_test(all, what_ended_is_shown_for_a_month_and_forgotten_by_a_rotation);
    tcase_add_test(all, one_key_is_revoked_by_its_id_and_the_others_stay);
    tcase_add_test(all, a_rotation_that_is_not_on_disk_was_none);
    tcase_add_test(all, the_last_use_of_a_key_survives_and_costs_no_write_of_its_own);
    tcase_add_test(all, a_key_of_the_config_and_the_one_before_it_are_both_good);
    tcase_add_test(all, of_many_accounts_and_keys_none_is_lost_by_a_restart);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
