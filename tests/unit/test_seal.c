/* Seals: the octets of a leaf, the tree over a turn's leaves, and each leaf's way through it. The digests in here
 * were made by another program, from what docs/ledger.md says. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "consent/seal_format.h"

#define MOST 70

#define LEAF          "8c4d26311384e90a1f6e91a5320f9b27dfb08952c4e5ed6f3141ea84eff9d747"
#define LEAF_OF_REPLY "ffb47a1b092910c840a827edf2fdcf20ce2f0d0ff7a6ca4452081b481a72284a"
#define LEAF_OF_CARGO "0d165bab86f9af197227c5b130c6f1c45368105c881c9235c10ebcb951d8d70f"
#define ROOT_1        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define ROOT_2        "c71a16f21f917ed84ea2caa90b0904c9179a4c9c2369a9b4ec57e11a3f25a7a2"
#define ROOT_3        "d78663a8f1a2d99ee97fe38a605be2f54e2872c3a63a13077d617e4a940725bd"
#define ROOT_7        "cc73b298e8e4f30a03faa5269796029c17e3fe4b1519250482ddc00a7d2e20da"

static struct netstrings scratch;

static struct message message_get(void)
{
    return (struct message){.id = INT64_C(0x19a123456789abc),
                            .tail = INT64_C(0x1122334455667788),
                            .sender = "+12065550100",
                            .number = UINT64_C(14155550123),
                            .purpose = PURPOSE_CAMPAIGN,
                            .text = "Hi Zo\u00eb",
                            .consent_seq = 4711,
                            .carrier = "sim",
                            .tries = 1,
                            .salt = INT64_C(0x0123456789abcdef)};
}

static const char *leaf_hex(const struct message *message)
{
    static char hex[DIGEST_HEX_SIZE];
    uint8_t leaf[DIGEST_SIZE];
    seal_leaf(&scratch, message, "nurture", leaf);
    octets_to_hex(octets_of(leaf, sizeof leaf), hex);
    return hex;
}

static void leaves_make(uint8_t out[MOST * DIGEST_SIZE])
{
    for (uint8_t i = 0; i < MOST; i++)
        digest_sha256(octets_of(&i, 1), out + i * DIGEST_SIZE);
}

static const char *root_hex(size_t count)
{
    static char hex[DIGEST_HEX_SIZE];
    uint8_t leaves[MOST * DIGEST_SIZE], root[DIGEST_SIZE];
    leaves_make(leaves);
    seal_root(leaves, count, root);
    octets_to_hex(octets_of(root, sizeof root), hex);
    return hex;
}

START_TEST(a_leaf_is_the_digest_of_ten_netstrings)
{
    struct message message = message_get();
    ck_assert_str_eq(leaf_hex(&message), LEAF);
    message.answers = INT64_C(0x19a123456789abc);
    ck_assert_str_eq(leaf_hex(&message), LEAF_OF_REPLY);
}
END_TEST

START_TEST(what_goes_beside_a_text_is_digested_with_it)
{
    struct message message = message_get();
    message.cargo = "";
    ck_assert_str_eq(leaf_hex(&message), LEAF);
    message.cargo = "{\"data\":\"3q2+7w==\",\"data_coding\":4}";
    ck_assert_str_eq(leaf_hex(&message), LEAF_OF_CARGO);
}
END_TEST

START_TEST(a_leaf_is_the_same_when_text_number_and_salt_are_gone_and_their_digest_is_there)
{
    uint8_t content[DIGEST_SIZE];
    char before[DIGEST_HEX_SIZE];
    struct message message = message_get();
    strcpy(before, leaf_hex(&message));
    seal_content(&scratch, &message, content);
    message.text = "";
    message.number = 0; /* a number that none can be is no reason to die */
    message.salt = 0;
    ck_assert_str_ne(leaf_hex(&message), before);
    message.content = octets_of(content, sizeof content);
    ck_assert_str_eq(leaf_hex(&message), before);
}
END_TEST

START_TEST(the_root_of_a_tree_is_known_for_one_two_three_and_seven_leaves)
{
    ck_assert_str_eq(root_hex(1), ROOT_1);
    ck_assert_str_eq(root_hex(2), ROOT_2);
    ck_assert_str_eq(root_hex(3), ROOT_3);
    ck_assert_str_eq(root_hex(7), ROOT_7);
}
END_TEST

START_TEST(every_leaf_of_every_tree_finds_its_way_to_the_root_and_no_other_does)
{
    struct seal_step steps[SEAL_PATH_MOST];
    uint8_t leaves[MOST * DIGEST_SIZE], copy[sizeof leaves], root[DIGEST_SIZE], climbed[DIGEST_SIZE];
    leaves_make(leaves);
    for (size_t count = 1; count <= MOST; count++) {
        memcpy(copy, leaves, sizeof copy);
        seal_root(copy, count, root);
        for (size_t i = 0; i < count; i++) {
            memcpy(copy, leaves, sizeof copy);
            size_t length = seal_path(copy, count, i, steps);
            seal_climb(leaves + i * DIGEST_SIZE, steps, length, climbed);
            ck_assert_mem_eq(climbed, root, DIGEST_SIZE);
            seal_climb(leaves + (i + 1) % MOST * DIGEST_SIZE, steps, length, climbed);
            ck_assert(memcmp(climbed, root, DIGEST_SIZE) != 0);
        }
    }
}
END_TEST

START_TEST(netstrings_of_numbers_are_those_of_their_decimals)
{
    static const struct {
        int64_t value;
        const char *text;
    } rows[] = {{0, "0"},
                {7, "7"},
                {-1, "-1"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t as_number[DIGEST_SIZE], as_text[DIGEST_SIZE];
        netstring_int(&scratch, rows[i].value);
        netstrings_digest(&scratch, as_number);
        netstring_text(&scratch, rows[i].text);
        netstrings_digest(&scratch, as_text);
        ck_assert_mem_eq(as_number, as_text, DIGEST_SIZE);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("seal");
    TCase *all = tcase_create("seal");
    tcase_add_test(all, a_leaf_is_the_digest_of_ten_netstrings);
    tcase_add_test(all, what_goes_beside_a_text_is_digested_with_it);
    tcase_add_test(all, a_leaf_is_the_same_when_text_number_and_salt_are_gone_and_their_digest_is_there);
    tcase_add_test(all, the_root_of_a_tree_is_known_for_one_two_three_and_seven_leaves);
    tcase_add_test(all, every_leaf_of_every_tree_finds_its_way_to_the_root_and_no_other_does);
    tcase_add_test(all, netstrings_of_numbers_are_those_of_their_decimals);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
