/* A message's words, its moves, and its id as a UUIDv7. */
#include <check.h>
#include <stdlib.h>

#include "store/store.h"

START_TEST(an_id_is_written_as_the_uuid_of_the_standards_example)
{
    /* RFC 9562 A.6: 2022-02-22T19:22:22.000Z, 017F22E2-79B0-7CC3-98C4-DC0C0C07398F */
    int64_t id = INT64_C(0x017F22E279B0) << 12 | 0xCC3, tail = INT64_C(0x18C4DC0C0C07398F);
    char out[MESSAGE_ID_SIZE];
    message_id_write(id, tail, out);
    ck_assert_str_eq(out, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    message_id_write_plain(id, tail, out);
    ck_assert_str_eq(out, "017f22e279b07cc398c4dc0c0c07398f");
}
END_TEST

START_TEST(both_forms_of_an_id_are_read_in_either_case)
{
    static const char *const forms[] = {"017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
                                        "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
                                        "017f22e279b07cc398c4dc0c0c07398f"};
    for (size_t i = 0; i < 3; i++) {
        int64_t id = 0, tail = 0;
        ck_assert(message_id_read(octets_text(forms[i]), &id, &tail));
        ck_assert_int_eq(id, INT64_C(0x017F22E279B0) << 12 | 0xCC3);
        ck_assert_int_eq(tail, INT64_C(0x18C4DC0C0C07398F));
    }
}
END_TEST

START_TEST(what_is_no_id_of_ours_is_refused)
{
    static const char *const forms[] = {
        "",
        "017f22e2",
        "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",  /* another version */
        "017f22e2-79b0-7cc3-18c4-dc0c0c07398f",  /* another variant */
        "017f22e2-79b0-7cc3-d8c4-dc0c0c07398f",  /* a third one */
        "017f22e2079b0-7cc3-98c4-dc0c0c07398f",  /* a digit for a hyphen */
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",  /* no digit */
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",   /* too short */
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", /* too long */
        "017f22e-279b0-7cc3-98c4-dc0c0c07398f",  /* a hyphen elsewhere */
        "{17f22e279b07cc398c4dc0c0c07398f"};
    int64_t id, tail;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        ck_assert_msg(!message_id_read(octets_text(forms[i]), &id, &tail), "%s", forms[i]);
}
END_TEST

START_TEST(every_bit_of_an_id_comes_back)
{
    for (int bit = 0; bit < 62; bit++) {
        int64_t id = bit < 60 ? INT64_C(1) << bit : 0, tail = INT64_C(1) << bit, got_id, got_tail;
        char out[MESSAGE_ID_SIZE];
        message_id_write(id, tail, out);
        ck_assert(message_id_read(octets_text(out), &got_id, &got_tail));
        ck_assert_int_eq(got_id, id);
        ck_assert_int_eq(got_tail, tail);
    }
}
END_TEST

START_TEST(ids_sort_as_their_texts_do)
{
    char before[MESSAGE_ID_SIZE], after[MESSAGE_ID_SIZE];
    message_id_write(INT64_C(5) << 12 | 0xfff, -1, before);
    message_id_write(INT64_C(6) << 12, 0, after);
    ck_assert_str_lt(before, after);
}
END_TEST

START_TEST(states_and_purposes_have_the_words_of_the_interface)
{
    ck_assert_str_eq(message_state_word(MESSAGE_SCHEDULED), "scheduled");
    ck_assert_str_eq(message_state_word(MESSAGE_UNKNOWN), "unknown");
    ck_assert_str_eq(message_state_word(MESSAGE_BLOCKED), "blocked");
    ck_assert_str_eq(message_purpose_word(PURPOSE_CAMPAIGN), "campaign");
    ck_assert_str_eq(message_purpose_word(PURPOSE_STOP_REPLY), "stop_reply");
}
END_TEST

START_TEST(a_number_that_no_state_has_is_called_invalid)
{
    ck_assert_str_eq(message_state_word((enum message_state)0), "invalid");
    ck_assert_str_eq(message_state_word((enum message_state)99), "invalid");
    ck_assert_str_eq(message_state_word((enum message_state) - 1), "invalid");
    ck_assert_str_eq(message_purpose_word((enum message_purpose)99), "invalid");
    ck_assert(!message_is_reply((enum message_purpose)99));
}
END_TEST

START_TEST(only_what_answers_a_person_is_a_reply)
{
    ck_assert(!message_is_reply(PURPOSE_CAMPAIGN));
    ck_assert(message_is_reply(PURPOSE_CONFIRMATION));
    ck_assert(message_is_reply(PURPOSE_STOP_REPLY));
    ck_assert(message_is_reply(PURPOSE_HELP_REPLY));
    ck_assert(message_is_reply(PURPOSE_START_REPLY));
}
END_TEST

START_TEST(a_message_is_sent_only_by_way_of_sending_or_a_late_answer)
{
    for (int from = 1; from <= MESSAGE_BLOCKED; from++)
        ck_assert_int_eq(message_may_move((enum message_state)from, MESSAGE_SENT),
                         from == MESSAGE_SENDING || from == MESSAGE_UNKNOWN ||
                             from == MESSAGE_QUEUED /* in doubt, about to be sent again */);
    for (int from = 1; from <= MESSAGE_BLOCKED; from++)
        ck_assert_int_eq(message_may_move((enum message_state)from, MESSAGE_SENDING),
                         from == MESSAGE_QUEUED);
}
END_TEST

START_TEST(what_is_over_stays_so)
{
    for (int to = 0; to <= MESSAGE_BLOCKED; to++)
        for (int from = MESSAGE_DELIVERED; from <= MESSAGE_BLOCKED; from++)
            ck_assert(!message_may_move((enum message_state)from, (enum message_state)to));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("message");
    TCase *promises = tcase_create("promises");
    tcase_add_test(promises, an_id_is_written_as_the_uuid_of_the_standards_example);
    tcase_add_test(promises, both_forms_of_an_id_are_read_in_either_case);
    tcase_add_test(promises, what_is_no_id_of_ours_is_refused);
    tcase_add_test(promises, every_bit_of_an_id_comes_back);
    tcase_add_test(promises, ids_sort_as_their_texts_do);
    tcase_add_test(promises, states_and_purposes_have_the_words_of_the_interface);
    tcase_add_test(promises, a_number_that_no_state_has_is_called_invalid);
    tcase_add_test(promises, only_what_answers_a_person_is_a_reply);
    tcase_add_test(promises, a_message_is_sent_only_by_way_of_sending_or_a_late_answer);
    tcase_add_test(promises, what_is_over_stays_so);
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
