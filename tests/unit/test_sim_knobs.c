/* The simulated carrier's knobs: what words turn them, what they decide, and the odd receipts. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "src/sim/sim_knobs.h"
#include "src/sim/sim_receipt.h"

static struct sim_knobs knobs;
static char why[SIM_KNOBS_WHY_SIZE];

static void assert_shown(const char *words)
{
    char text[SIM_KNOBS_TEXT_SIZE];
    sim_knobs_write(&knobs, text);
    ck_assert_msg(strstr(text, words) != NULL, "%s isn't in: %s", words, text);
}

static void set(const char *name, const char *value)
{
    ck_assert_msg(sim_knobs_set(&knobs, name, value, why), "%s", why);
}

static void setup(void)
{
    knobs = (struct sim_knobs){0};
}

START_TEST(untouched_the_carrier_behaves)
{
    char text[SIM_KNOBS_TEXT_SIZE];
    struct sim_dice dice = {0};
    struct sim_bucket bucket = {0};
    sim_knobs_write(&knobs, text);
    ck_assert_str_eq(text, "latency=0 rate=0 errors=none drop-every=0 drop-after=0 receipts=plain "
                           "digits=off seed=0");
    ck_assert_uint_eq(sim_knobs_error(&knobs, &dice), 0);
    ck_assert(sim_bucket_takes(&bucket, knobs.rate, 0));
}
END_TEST

static const struct {
    const char *name, *value, *shown;
} good[] = {
    {"latency", "50", "latency=50 "},
    {"latency", "20..200", "latency=20..200 "},
    {"rate", "10", " rate=10 "},
    {"errors", "0x58:5,8:20", " errors=0x58:5,0x8:20 "},
    {"drop-every", "7", " drop-every=7 "},
    {"drop-after", "1500", " drop-after=1500 "},
    {"receipts", "late:3000@20,double", " receipts=late:3000@20,double@100 "},
    {"receipts", "mangle:as-data_sm,none@5", " receipts=mangle:as-data_sm@100,none@5 "},
    {"digits", "on", " digits=on "},
    {"seed", "18446744073709551615", " seed=18446744073709551615"},
};

START_TEST(a_knob_is_shown_as_it_was_set)
{
    set(good[_i].name, good[_i].value);
    assert_shown(good[_i].shown);
}
END_TEST

static const char *const bad[][2] = {
    {"latency", ""},          {"latency", "-1"},         {"latency", "200..20"},
    {"latency", "20.."},      {"latency", "86400001"},   {"rate", "ten"},
    {"errors", "0x58"},       {"errors", "0x58:101"},    {"errors", "0:5"},
    {"errors", "8:60,20:41"}, {"errors", "8:5,"},        {"receipts", "late"},
    {"receipts", "late:x"},   {"receipts", "mangle:x"},  {"receipts", "double:2"},
    {"receipts", "none@101"}, {"receipts", "late:5@1@"}, {"digits", "yes"},
    {"seed", "0x"},           {"volume", "11"},          {"receipts", "mangle:plain"},
};

START_TEST(a_word_that_says_nothing_leaves_the_knob_as_it_was)
{
    set("latency", "5");
    set("errors", "8:1");
    set("receipts", "double@3");
    struct sim_knobs before = knobs;
    ck_assert(!sim_knobs_set(&knobs, bad[_i][0], bad[_i][1], why));
    ck_assert(strncmp(why, bad[_i][0], strlen(bad[_i][0])) == 0);
    ck_assert_mem_eq(&knobs, &before, sizeof knobs);
}
END_TEST

START_TEST(the_same_seed_rolls_the_same)
{
    struct sim_dice one, same, other;
    struct sim_range range = {20, 200};
    unsigned differ = 0;
    sim_dice_seed(&one, 7);
    sim_dice_seed(&same, 7);
    sim_dice_seed(&other, 8);
    for (int i = 0; i < 100; i++) {
        int64_t rolled = sim_dice_between(&one, range);
        ck_assert_int_eq(rolled, sim_dice_between(&same, range));
        ck_assert(rolled >= 20 && rolled <= 200);
        differ += rolled != sim_dice_between(&other, range);
    }
    ck_assert_uint_gt(differ, 50);
}
END_TEST

START_TEST(errors_come_as_often_as_their_percent_says)
{
    struct sim_dice dice;
    unsigned throttled = 0, failed = 0, fine = 0;
    sim_dice_seed(&dice, 1);
    set("errors", "0x58:20,0x8:5");
    for (int i = 0; i < 10000; i++) {
        uint32_t status = sim_knobs_error(&knobs, &dice);
        throttled += status == 0x58;
        failed += status == 0x08;
        fine += status == 0;
    }
    ck_assert_uint_eq(throttled + failed + fine, 10000);
    ck_assert(throttled > 1800 && throttled < 2200);
    ck_assert(failed > 400 && failed < 600);
}
END_TEST

START_TEST(the_ends_of_chance_need_no_luck)
{
    struct sim_dice dice;
    sim_dice_seed(&dice, 3);
    for (int i = 0; i < 1000; i++) {
        ck_assert(sim_dice_hit(&dice, 100));
        ck_assert(!sim_dice_hit(&dice, 0));
    }
}
END_TEST

START_TEST(above_the_rate_nothing_is_taken_until_time_has_passed)
{
    struct sim_bucket bucket = {0};
    for (int i = 0; i < 10; i++)
        ck_assert(sim_bucket_takes(&bucket, 10, 5000));
    ck_assert(!sim_bucket_takes(&bucket, 10, 5000));
    ck_assert(!sim_bucket_takes(&bucket, 10, 5099));
    ck_assert(sim_bucket_takes(&bucket, 10, 5100));
    ck_assert(!sim_bucket_takes(&bucket, 10, 5100));
    for (int i = 0; i < 10; i++)
        ck_assert(sim_bucket_takes(&bucket, 10, 9000));
    ck_assert(!sim_bucket_takes(&bucket, 10, 9000));
}
END_TEST

START_TEST(a_number_tells_its_outcome_by_its_last_four_digits)
{
    ck_assert_str_eq(sim_outcome_of("12065550001")->stat, "UNDELIV");
    ck_assert_str_eq(sim_outcome_of("12065550002")->stat, "EXPIRED");
    ck_assert_str_eq(sim_outcome_of("12065550003")->stat, "REJECTD");
    ck_assert_uint_eq(sim_outcome_of("12065550010")->status, 0x58);
    ck_assert(sim_outcome_of("12065550010")->is_once);
    ck_assert_uint_eq(sim_outcome_of("0011")->status, 0x0B);
    ck_assert_int_eq(sim_outcome_of("12065550012")->manner, SIM_MANNER_NEVER);
    ck_assert_int_eq(sim_outcome_of("12065550013")->manner, SIM_MANNER_TWICE);
    ck_assert_int_eq(sim_outcome_of("12065550014")->manner, SIM_MANNER_OVERTAKEN);
    ck_assert_int_eq(sim_outcome_of("12065550015")->manner, SIM_MANNER_WRONG_SEQUENCE);
    ck_assert_ptr_null(sim_outcome_of("12065550100"));
    ck_assert_ptr_null(sim_outcome_of("001"));
    ck_assert_ptr_null(sim_outcome_of(""));
}
END_TEST

START_TEST(a_number_has_its_one_error_once)
{
    static struct sim_once once;
    ck_assert(sim_once_is_new(&once, "12065550010"));
    ck_assert(!sim_once_is_new(&once, "12065550010"));
    ck_assert(sim_once_is_new(&once, "12135550010"));
    ck_assert(!sim_once_is_new(&once, "12065550010"));
}
END_TEST

/* ---- receipts ---- */

static const struct sim_state delivered = {"DELIVRD", 2};

/* Heard at 2026-03-14 09:26:12 UTC and final half a minute later; the id is 51966 in decimal. */
static void write_receipt(enum sim_form form, struct sim_receipt *receipt)
{
    static const char words[] = "Hello";
    struct sim_message message = {.heard_at = 1773480372000,
                                  .final_at = 1773480402000,
                                  .id = "0000cafe",
                                  .submit = {.from = {.ton = 1, .digits = "14155550123"},
                                             .to = {.ton = 1, .digits = "12065550100"},
                                             .text = octets_text(words)}};
    sim_receipt_write(&message, &delivered, form, receipt);
    ck_assert_str_eq(receipt->deliver.from.digits, "12065550100");
    ck_assert_str_eq(receipt->deliver.to.digits, "14155550123");
    ck_assert_uint_eq(receipt->deliver.message_state, 2);
}

static const struct {
    enum sim_form form;
    const char *text, *id; /* id NULL: no TLVs */
    uint8_t esm_class;
    bool is_data_sm;
} receipts[] = {
#define REST " sub:001 dlvrd:001 submit date:2603140926 done date:2603140926 stat:DELIVRD err:000"
    {SIM_FORM_PLAIN, "id:0000cafe" REST " text:Hello", "0000cafe", 4, false},
    {SIM_FORM_ID_DEC, "id:51966" REST " text:Hello", "51966", 4, false},
    {SIM_FORM_ID_UPPER, "id:0000CAFE" REST " text:Hello", "0000CAFE", 4, false},
    {SIM_FORM_ID_ZEROS, "id:00000000cafe" REST " text:Hello", "00000000cafe", 4, false},
    {SIM_FORM_NO_TEXT, "id:0000cafe" REST, "0000cafe", 4, false},
    {SIM_FORM_NO_TLV, "id:0000cafe" REST " text:Hello", NULL, 4, false},
    {SIM_FORM_TLV_ONLY, "", "0000cafe", 4, false},
    {SIM_FORM_AS_MO, "id:0000cafe" REST " text:Hello", "0000cafe", 0, false},
    {SIM_FORM_AS_DATA_SM, "id:0000cafe" REST " text:Hello", "0000cafe", 4, true},
};

START_TEST(a_receipt_has_the_form_that_it_is_mangled_to)
{
    struct sim_receipt receipt;
    write_receipt(receipts[_i].form, &receipt);
    ck_assert(octets_equal(receipt.deliver.text, octets_text(receipts[_i].text)));
    ck_assert_pstr_eq(receipt.deliver.receipted_id, receipts[_i].id);
    ck_assert_uint_eq(receipt.deliver.esm_class, receipts[_i].esm_class);
    ck_assert_int_eq(receipt.deliver.is_data_sm, receipts[_i].is_data_sm);
}
END_TEST

static Suite *knobs_suite(void)
{
    Suite *suite = suite_create("the simulated carrier's knobs");
    TCase *tcase = tcase_create("knobs");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, untouched_the_carrier_behaves);
    tcase_add_loop_test(tcase, a_knob_is_shown_as_it_was_set, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(tcase, a_word_that_says_nothing_leaves_the_knob_as_it_was, 0,
                        sizeof bad / sizeof bad[0]);
    tcase_add_test(tcase, the_same_seed_rolls_the_same);
    tcase_add_test(tcase, errors_come_as_often_as_their_percent_says);
    tcase_add_test(tcase, the_ends_of_chance_need_no_luck);
    tcase_add_test(tcase, above_the_rate_nothing_is_taken_until_time_has_passed);
    tcase_add_test(tcase, a_number_tells_its_outcome_by_its_last_four_digits);
    tcase_add_test(tcase, a_number_has_its_one_error_once);
    tcase_add_loop_test(tcase, a_receipt_has_the_form_that_it_is_mangled_to, 0,
                        sizeof receipts / sizeof receipts[0]);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(knobs_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
