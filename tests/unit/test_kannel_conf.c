/* import-kannel: what a kannel.conf says arrives in sections that check-config takes, what has no counterpart is told with
 * its line, and no password is written where nobody asked for it. */
#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"
#include "src/cli/kannel_writer.h"

static char directory[] = "/tmp/kannel-XXXXXX";
static char *written; /* by the last import */
static size_t written_length;
static struct config_problems problems;

static const char *file_put(const char *name, const char *octets, size_t length)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(octets, 1, length, file), length);
    fclose(file);
    return path;
}

static void begin(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void end(void)
{
    char command[200];
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
    strcpy(directory + strlen(directory) - 6, "XXXXXX");
    free(written);
    written = NULL;
    config_problems_wipe(&problems);
}

static bool import_file(const char *path, bool shows_secrets)
{
    struct kannel_writer writer = {.shows_secrets = shows_secrets};
    config_problems_wipe(&problems);
    struct kannel_conf *conf = kannel_conf_read(path, &problems);
    if (conf == NULL)
        return false;
    free(written);
    writer.out = open_memstream(&written, &written_length);
    kannel_import_write(&writer, conf);
    fclose(writer.out);
    for (size_t i = 0; i < writer.variables.count; i++)
        setenv(writer.variables.at[i], "s3cret", 1);
    kannel_writer_wipe(&writer);
    kannel_conf_free(conf);
    return true;
}

static bool import(const char *text)
{
    return import_file(file_put("kannel.conf", text, strlen(text)), false);
}

static void has(const char *part)
{
    ck_assert_msg(strstr(written, part) != NULL, "no \"%s\" in:\n%s", part, written);
}

static void lacks(const char *part)
{
    ck_assert_msg(strstr(written, part) == NULL, "\"%s\" in:\n%s", part, written);
}

/* What was written, with that behind it, is a configuration. */
static struct config *load(const char *behind)
{
    char *all;
    config_problems_wipe(&problems);
    must(asprintf(&all, "%s\n%s", written, behind) > 0);
    struct config *config = config_load(file_put("assent.conf", all, strlen(all)), &problems);
    for (size_t i = 0; config == NULL && i < problems.count; i++)
        printf("%d: %s\n", problems.at[i].line, problems.at[i].text);
    ck_assert_msg(config != NULL, "%s", written);
    free(all);
    return config;
}

static void is_refused(const char *text, int line, const char *part)
{
    ck_assert_msg(!import(text), "it was taken:\n%s", written);
    ck_assert_uint_ge(problems.count, 1);
    ck_assert_msg(problems.at[0].line == line && strstr(problems.at[0].text, part) != NULL, "%d: %s",
                  problems.at[0].line, problems.at[0].text);
    config_problems_wipe(&problems);
}

#define SMSC "group = smsc\nsmsc = smpp\nsmsc-id = main\nhost = smsc.example.net\nport = 2775\n" \
             "transceiver-mode = true\nsmsc-username = us\nsmsc-password = \"p@ss\\\"w\"\n"
#define USER "\ngroup = sendsms-user\nusername = tester\npassword = foobar\n"
#define PROGRAM "program \"p\" { brand = \"B\" support = \"s\" senders = { \"+12065550100\" } carriers = { \"main\" } }"

START_TEST(a_carrier_and_an_account_arrive_as_sections_that_are_taken)
{
    ck_assert(import(SMSC USER));
    struct config *config = load(PROGRAM);
    const struct config_carrier *carrier = config_carrier_find(config, "main");
    ck_assert_ptr_nonnull(carrier);
    ck_assert_str_eq(carrier->host, "smsc.example.net");
    ck_assert_int_eq(carrier->port, 2775);
    ck_assert_int_eq(carrier->bind, CONFIG_TRANSCEIVER);
    ck_assert_str_eq(carrier->system_id, "us");
    ck_assert_str_eq(carrier->password, "s3cret");
    ck_assert_int_eq(carrier->window, 10);
    const struct config_account *account = config_account_find(config, "tester");
    ck_assert_ptr_nonnull(account);
    ck_assert_str_eq(account->system_id, "tester");
    ck_assert(config_digest_matches(&account->password, octets_text("s3cret")));
    ck_assert(!account->api_key.is_set);
    ck_assert_uint_eq(account->programs.count, 0);
    config_free(config);
}
END_TEST

START_TEST(a_password_is_written_only_where_somebody_asks_for_it)
{
    ck_assert(import(SMSC "http-password = hidden1\ndlr = http://u:hidden2@h/\n" USER "my-secret = hidden3\ntoken = hidden4\n"
                  "auth = \"Basic hidden5\"\n"));
    lacks("p@ss");
    lacks("foobar");
    lacks("hidden");
    has("password = \"${MAIN_PASSWORD}\"");
    has("password = \"${TESTER_PASSWORD}\"");
    char path[200];
    snprintf(path, sizeof path, "%s/kannel.conf", directory);
    ck_assert(import_file(path, true));
    has("password = \"p@ss\\\"w\"");
    has("password = \"foobar\"");
    lacks("hidden");
    struct config *config = load("");
    ck_assert_str_eq(config_carrier_find(config, "main")->password, "p@ss\"w");
    config_free(config);
}
END_TEST

START_TEST(the_habits_of_a_carrier_become_its_keys)
{
    ck_assert(import(SMSC "system-type = VMA\nenquire-link-interval = 45\nmax-pending-submits = 25\nthroughput = 7.5\n"
                          "wait-ack = 20\nsource-addr-ton = 0\nsource-addr-npi = 1\ndest-addr-ton = 2\ndest-addr-npi = 8\n"
                          "msg-id-type = 0x01\nalt-charset = ISO-8859-1\nvalidityperiod = 90\nuse-ssl = yes\n"
                          "instances = 3\nservice-type = CMT\npriority = 2\n"));
    struct config *config = load("");
    const struct config_carrier *carrier = config_carrier_find(config, "main");
    ck_assert_str_eq(carrier->system_type, "VMA");
    ck_assert_int_eq(carrier->enquire_link_s, 45);
    ck_assert_int_eq(carrier->window, 25);
    ck_assert(carrier->throughput == 7.5);
    ck_assert_int_eq(carrier->response_timeout_s, 20);
    ck_assert_uint_eq(carrier->source_ton.count, 3);
    ck_assert_str_eq(carrier->source_ton.at[2], "short_code 0");
    ck_assert_int_eq(carrier->dest_ton, 2);
    ck_assert_int_eq(carrier->dest_npi, 8);
    ck_assert_int_ne((int)carrier->message_id, 0);
    ck_assert_int_ne((int)carrier->data_coding_0, 0);
    ck_assert_int_eq(carrier->validity, CONFIG_VALIDITY_ABSOLUTE);
    ck_assert_int_eq(carrier->validity_limit_ms, 90 * 60000);
    ck_assert(carrier->tls);
    ck_assert_int_eq(carrier->binds, 3);
    ck_assert_str_eq(carrier->service_type, "CMT");
    ck_assert_int_eq(carrier->priority_flag, 2);
    config_free(config);
}
END_TEST

START_TEST(what_has_no_counterpart_is_told_with_its_line_and_why)
{
    ck_assert(import(SMSC "address-range = \"^4\"\nmystery = 5\nreconnect-delay = 10\n"));
    has("# address-range = ^4 (line 9): binds ask for every address");
    has("# mystery (line 10): it is not known here");
    has("# reconnect-delay = 10 (line 11): ");
    ck_assert(import("group = smsc\nsmsc = at\n\ngroup = core\nadmin-port = 1\n\ngroup = sms-service\nkeyword = a\ntext = b\n"));
    has("# group smsc of kind at (line 1): only SMPP");
    has("# group core (line 4): ");
    has("# sms-service \"a\" (line 7): a `keyword` section");
}
END_TEST

START_TEST(a_value_that_does_not_fit_is_a_comment_and_the_rest_is_taken)
{
    ck_assert(import(SMSC "throughput = lots\nmax-pending-submits = 0\nvalidityperiod = soon\nsource-addr-ton = 9\n"));
    has("# throughput: ");
    has("(line 9)");
    has("# window: ");
    has("# validity_limit: ");
    has("# source_ton: ");
    config_free(load(""));
}
END_TEST

START_TEST(a_transmitter_and_a_receiver_are_said_as_far_as_they_can_be)
{
#define BOTH "group = smsc\nsmsc = smpp\nhost = h\nsmsc-username = us\nsmsc-password = x\n"
    ck_assert(import(BOTH "port = 2775\nreceive-port = 2776\n"));
    has("bind = \"transceiver\"");
    has("# receive-port = 2776 (line 7): both ways go to one port");
    ck_assert(import(BOTH "port = 2775\n"));
    has("bind = \"transmitter\"");
    has("hears no STOP");
    ck_assert(import(BOTH "port = 0\nreceive-port = 2776\n"));
    has("port = 2776\n    bind = \"receiver\"");
}
END_TEST

START_TEST(carriers_of_one_id_get_names_of_their_own)
{
    ck_assert(import(SMSC "\n" SMSC "\n" SMSC));
    has("carrier \"main-2\"");
    has("carrier \"main-3\"");
    has("${MAIN_2_PASSWORD}");
    config_free(load(""));
    ck_assert(import("group = smsc\nsmsc = smpp\nsmsc-id = \"a,b=c d\"\nhost = h\nsmsc-username = u\nsmsc-password = p\n"));
    has("carrier \"a-b-c-d\"");
}
END_TEST

START_TEST(a_second_user_of_a_name_is_a_comment)
{
    ck_assert(import(USER USER));
    has("# sendsms-user of line 6: the username tester is taken");
    config_free(load(""));
    ck_assert(import("group = sendsms-user\nusername = averylongusername\npassword = x\n"));
    has("api_key = \"${AVERYLONGUSERNAME_API_KEY}\"");
    config_free(load(""));
}
END_TEST

START_TEST(tlvs_of_a_carrier_become_lines_of_its)
{
    ck_assert(import("group = smpp-tlv\nname = entity-id\ntag = 0x1400\ntype = nulterminated\nlength = 30\nsmsc-id = x;main\n\n"
                     "group = smpp-tlv\nname = flags\ntag = 0x1402\ntype = integer\nlength = 2\n\n"
                     "group = smpp-tlv\nname = other\ntag = 0x1403\ntype = integer\nlength = 2\nsmsc-id = x\n\n" SMSC));
    struct config *config = load("");
    const struct config_carrier *carrier = config_carrier_find(config, "main");
    ck_assert_uint_eq(carrier->tlvs.count, 2);
    ck_assert_str_eq(carrier->tlvs.at[0], "entity_id 0x1400 c_octet_string 30");
    ck_assert_str_eq(carrier->tlvs.at[1], "flags 0x1402 int2");
    config_free(config);
}
END_TEST

START_TEST(files_are_included_from_where_the_first_one_lies)
{
    char folder[200];
    snprintf(folder, sizeof folder, "%s/more", directory);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    file_put("smsc.conf", SMSC, strlen(SMSC));
    file_put("more/users.conf", USER "mystery = 1\n", strlen(USER "mystery = 1\n"));
    ck_assert(import("# first\ninclude = \"smsc.conf\"\ninclude = more\n"));
    has("carrier \"main\"");
    has("account \"tester\"");
    has("more/users.conf line 5): it is not known here");
    is_refused("include = \"kannel.conf\"\n", 1, "included twice");
    is_refused("\ninclude = gone.conf\n", 2, "can't be read");
    is_refused("include = /dev/zero\n", 1, "is no file");
}
END_TEST

START_TEST(quotes_comments_and_line_ends_are_read_as_kannel_reads_them)
{
    ck_assert(import("\r\n  # c\r\ngroup = sendsms-user\r\n username =  \"a b\" \r\npassword = \"x\\\\y\"\r\n\r\n"));
    has("account \"a b\"");
    char path[200];
    snprintf(path, sizeof path, "%s/kannel.conf", directory);
    ck_assert(import_file(path, true));
    struct config *config = load("");
    ck_assert(config_digest_matches(&config_account_find(config, "a b")->password, octets_text("x\\y")));
    config_free(config);
    ck_assert(import("group = sendsms-user\nusername = a\nusername = b\npassword = ${HOME}\n"));
    has("account \"b\"");
    ck_assert(import_file(path, true));
    config = load("");
    ck_assert(config_digest_matches(&config_account_find(config, "b")->password, octets_text("${HOME}")));
    config_free(config);
}
END_TEST

START_TEST(a_file_that_is_none_is_refused_with_its_line)
{
    is_refused("group = core\nadmin-port\n", 2, "no equals sign");
    is_refused("group = core\n= 5\n", 2, "no name");
    is_refused("\nsmsc = smpp\nhost = h\n\n", 2, "which `group`");
    is_refused("group = core\ngroup = smsc\n", 2, "parted by an empty line");
    is_refused("", 0, "no group");
    is_refused("# nothing\n", 0, "no group");
    char octets[] = "group = core\na\0b = c\n";
    ck_assert(!import_file(file_put("kannel.conf", octets, sizeof octets - 1), false));
    ck_assert_int_eq(problems.at[0].line, 2);
    config_problems_wipe(&problems);
    ck_assert(!import_file("/nowhere/kannel.conf", false));
    ck_assert_ptr_nonnull(strstr(problems.at[0].text, "can't be read"));
}
END_TEST

START_TEST(what_would_steer_a_terminal_does_not_get_through)
{
    ck_assert(import(SMSC "mystery = \x1b[2J\xff\n" "host = \x1b]0;x\x07\n"));
    lacks("\x1b");
    lacks("\xff");
    has("# host: ");
}
END_TEST

/* Debian's package of Kannel has one. */
START_TEST(the_example_that_kannel_ships_is_understood)
{
    static const char example[] = "/usr/share/doc/kannel/examples/kannel.conf";
    if (access(example, R_OK) != 0)
        return;
    ck_assert(import_file(example, false));
    has("account \"tester\"");
    has("account \"kannel\"");
    config_free(load(""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kannel_conf");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, a_carrier_and_an_account_arrive_as_sections_that_are_taken);
    tcase_add_test(tcase, a_password_is_written_only_where_somebody_asks_for_it);
    tcase_add_test(tcase, the_habits_of_a_carrier_become_its_keys);
    tcase_add_test(tcase, what_has_no_counterpart_is_told_with_its_line_and_why);
    tcase_add_test(tcase, a_value_that_does_not_fit_is_a_comment_and_the_rest_is_taken);
    tcase_add_test(tcase, a_transmitter_and_a_receiver_are_said_as_far_as_they_can_be);
    tcase_add_test(tcase, carriers_of_one_id_get_names_of_their_own);
    tcase_add_test(tcase, a_second_user_of_a_name_is_a_comment);
    tcase_add_test(tcase, tlvs_of_a_carrier_become_lines_of_its);
    tcase_add_test(tcase, files_are_included_from_where_the_first_one_lies);
    tcase_add_test(tcase, quotes_comments_and_line_ends_are_read_as_kannel_reads_them);
    tcase_add_test(tcase, a_file_that_is_none_is_refused_with_its_line);
    tcase_add_test(tcase, what_would_steer_a_terminal_does_not_get_through);
    tcase_add_test(tcase, the_example_that_kannel_ships_is_understood);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
